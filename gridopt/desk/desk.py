"""The planner's desk: change settings, move firms by hand, run, look, compare, keep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridopt.comparison import Comparison, compare_outcomes
from gridopt.desk.bench import STOPPED, Bench
from gridopt.desk.controls import choose_scenario, make_controls
from gridopt.desk.errand import Errand, word_fault
from gridopt.desk.finder import Finder
from gridopt.desk.kit import load_kit
from gridopt.desk.layout import lay_out
from gridopt.desk.panels import (
    changes_panel,
    comparison_panel,
    exceptions_panel,
    money_panel,
    sentence,
)
from gridopt.desk.past import PlanInForce, open_plan
from gridopt.desk.saving import SaveForm
from gridopt.errors import InputError, refuse_kind
from gridopt.moves import price_lines
from gridopt.scenario import Scenario, read_scenario
from gridopt.views.pictures import render_map

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from gridopt.outcome import Outcome
    from gridopt.partition import Partition
    from gridopt.register import Register
    from gridopt.solvers import Watch

MOST_RUNS = 3
"""So many latest runs stand beside the base scenario; earlier ones make room."""

_EVERYWHERE = "全市"
_READY = "改动设置后按“测算”。"
_BUSY = (
    "正在测算，请等它完成，或先按“停止”。\n"
    "It is running: wait for its end, or press 停止 (stop)."
)


class Desk:
    """Controls of a scenario, its runs and their comparison, as one widget.

    It is the one place of the package that holds a state: what is typed, and the
    runs so far. Everything it runs and shows are the package's plain values.

    Attributes
    ----------
    controls
        Control by dotted key; their `widget.value` may be set by a program too. That
        of `grids.moved` is the box of moves by hand.
    run_button, stop_button, reset_button
        What is pressed.
    finder
        Where ids of firms and grids are looked up.
    form
        The form that saves the scenario.
    baseline
        Outcome of the base scenario; None until it is needed.
    outcomes
        The latest runs, oldest first.
    view
        The widget to show.
    """

    def __init__(
        self,
        file: Path,
        scenario: Scenario,
        register: Register | None,
        baseline: Outcome | None,
        past: PlanInForce | None = None,
    ) -> None:
        kit = load_kit()
        self._scenario, self._past = scenario, past
        self._bench = Bench(scenario, register, past)
        self._errand: Errand | None = None
        self._n_runs = 0
        self.baseline = baseline
        self.outcomes: list[Outcome] = []
        self.controls = make_controls(scenario)
        self.form = SaveForm(
            file, scenario, self.choose, has_past=past is not None,
            is_shown=self._is_shown,
        )  # fmt: skip
        self.finder = Finder(self._plan_shown)
        self.run_button = kit.Button(
            description="测算", button_style="primary", icon="play"
        )
        self.stop_button = kit.Button(description="停止", icon="stop", disabled=True)
        self.reset_button = kit.Button(description="恢复基准", icon="undo")
        self.progress = kit.IntProgress(value=0, max=1, layout={"width": "38%"})
        self.status = kit.HTML(sentence(_READY))
        self.place = kit.Dropdown(options=[_EVERYWHERE], description="地图范围")
        self.map = kit.Image(format="png", layout={"width": "98%"})
        self.changes, self.exceptions, self.money, self.comparison = (
            kit.HTML() for _ in range(4)
        )
        self.run_button.on_click(lambda _: self.run())
        self.stop_button.on_click(lambda _: self.stop())
        self.reset_button.on_click(lambda _: self.reset())
        self.place.observe(lambda _: self._guard(self._draw_map), "value")
        self.view, self.results = lay_out(self, scenario.title, past)

    def __repr__(self) -> str:
        n_changed = sum(control.is_changed for control in self.controls.values())
        return (
            f"情景台：基准“{self._scenario.title}”，改动 {n_changed} 项，"
            f"已测算 {len(self.outcomes)} 次"
        )

    def _repr_mimebundle_(self, **how: Any) -> Any:
        return self.view._repr_mimebundle_(**how)  # noqa: SLF001

    # --- what can be done -----------------------------------------------------------

    def choose(self) -> Scenario:
        """Give the scenario that the controls show.

        Raises
        ------
        InputError
            With everything that is nonsense, at once.
        """
        return choose_scenario(self.controls, self._scenario)

    def run(self) -> None:
        """Run what the controls show, beside the page; nonsense gets a sentence."""
        if self._errand is not None and self._errand.is_running:
            self._say(_BUSY)
        else:
            self._guard(self._start)

    def _start(self) -> None:
        chosen = self.choose()
        self._errand = Errand(
            lambda watch: self._work(chosen, watch), self._follow, self._end
        )
        self._set_running(is_running=True)
        self._say("正在读名录…")
        self._errand.start()

    def stop(self) -> None:
        """Stop the run; what was shown before stays."""
        if self._errand is not None:
            self._errand.stop()
            self.stop_button.disabled = True

    def reset(self) -> None:
        """Show the base scenario's settings again."""
        for control in self.controls.values():
            control.reset()
        self._say(_READY)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the run, where there is one; tell whether it has ended."""
        return self._errand is None or self._errand.wait(timeout_s)

    def compare(self) -> Comparison:
        """Compare the base scenario with the latest runs.

        Raises
        ------
        InputError
            Where nothing has been run yet.
        """
        told = [] if self.baseline is None else [self.baseline]
        return compare_outcomes([*told, *self.outcomes])

    def _is_shown(self, chosen: Scenario) -> bool:
        """Whether the latest run is one of these settings."""
        latest = self.outcomes[-1].scenario if self.outcomes else self._scenario
        return replace(latest, name=chosen.name) == chosen

    def _guard(self, do: Callable[[], None]) -> None:
        """Do what a click asks for; whatever fails becomes a sentence."""
        try:
            do()
        except (Exception, KeyboardInterrupt) as error:
            if self._errand is None or not self._errand.is_running:
                self._set_running(is_running=False)
            self._say(word_fault(error), is_bad=True)

    # --- the run --------------------------------------------------------------------

    def _work(self, chosen: Scenario, watch: Watch) -> None:
        """Run what was chosen, then the base scenario where that was never run."""
        name = f"第{self._n_runs + 1}次"
        outcome = self._bench.outcome_of(replace(chosen, name=name), watch)
        self._n_runs += 1
        self.outcomes = [*self.outcomes, outcome][-MOST_RUNS:]
        self._show(outcome)
        remark = self._run_baseline(watch)
        if self.baseline is not None or len(self.outcomes) > 1:
            self.comparison.value = comparison_panel(self.compare())
        self._say(_summary(outcome) + remark)

    def _run_baseline(self, watch: Watch) -> str:
        """Run the base scenario, once; say why where it comes to nothing."""
        if self.baseline is None:
            self._say("正在测算基准情景，供比较…")
            try:
                self.baseline = self._bench.outcome_of(self._scenario, watch)
            except InputError as error:
                return f"\n没有与基准情景比较：{word_fault(error)}"
        return ""

    def _follow(self, n_done: int, n_all: int, words: str) -> None:
        self.progress.max, self.progress.value = max(n_all, 1), n_done
        self._say(words)

    def _end(self, fault: str) -> None:
        self._set_running(is_running=False)
        if fault:
            self._say(fault, is_bad=not fault.startswith(STOPPED))

    # --- what is shown --------------------------------------------------------------

    def _show(self, outcome: Outcome) -> None:
        self.changes.value = changes_panel(outcome)
        self.exceptions.value = exceptions_panel(outcome)
        self.money.value = money_panel(outcome)
        units, grids = outcome.register.units, outcome.partition.grids
        names = [unit.name for unit in units.members if unit.code in set(grids["unit"])]
        kept = self.place.value
        self.place.options = [_EVERYWHERE, *names]
        self.place.value = kept if kept in names else _EVERYWHERE
        self._draw_map()
        self.results.layout.display = "flex"

    def _plan_shown(self) -> Partition | None:
        latest = self.outcomes[-1] if self.outcomes else self.baseline
        return None if latest is None else latest.partition

    def _draw_map(self) -> None:
        if self.outcomes:
            unit = None if self.place.value in (None, _EVERYWHERE) else self.place.value
            self.map.value = render_map(self.outcomes[-1].partition, unit=unit)

    def _say(self, text: str, *, is_bad: bool = False) -> None:
        self.status.value = sentence(text, is_bad=is_bad)

    def _set_running(self, *, is_running: bool) -> None:
        self.run_button.disabled = is_running
        self.stop_button.disabled = not is_running
        if not is_running:
            self.progress.value = 0


def _summary(outcome: Outcome) -> str:
    """Say in a few lines what a run came to: the plan, who moved, what wishes cost."""
    told = outcome.summary
    lines = [
        f"{outcome.scenario.name}：{told['n_eligible']:,}家企业，{told['n_grids']:,}个网格，"
        f"例外{told['n_exceptions']}项，合计{told['total_yuan']:,}元。"
    ]
    if told["n_movers"] is not None:
        lines.append(
            f"与上期方案相比：调整{told['n_movers']}家，变更转格{told['n_forced']}家。"
        )
    lines += [f"{line}。" for line in price_lines(outcome.partition.moves)]
    released = [who for who, grid in outcome.partition.rules.moved if not grid]
    if released:
        lines.append(f"人工调整：解除{len(released)}家。")
    return "\n".join(lines)


def _refuse_kinds(file: object, register: object, baseline: object) -> None:
    """Refuse at once what would fail in words of Python at the first run."""
    if not isinstance(file, str):
        refuse_kind("情景文件", "Path", file, "read_text")
    if register is not None:
        refuse_kind("名录", "Register", register, "sha256")
    if baseline is not None:
        refuse_kind("测算结果", "Outcome", baseline, "scenario")


def open_desk(
    file: str | Path,
    register: Register | None = None,
    baseline: Outcome | None = None,
    *,
    previous: Outcome | Partition | pd.DataFrame | str | Path | None = None,
    register_before: Register | None = None,
) -> Desk:
    """Open the planner's desk on a scenario file; show it as a cell's last line.

    Parameters
    ----------
    file
        The base scenario; what is saved extends it and lies beside it.
    register
        The register, read by that scenario; read from its file where None.
    baseline
        Outcome of that scenario, where it is known; run when needed where None.
    previous
        The plan in force, where the register has changed since: an earlier run folder
        (or the `partition.csv` in it), an outcome or a partition. Every run then
        starts from it, and tells who would change grid and why.
    register_before
        The register of that plan, where `previous` is a file: then also who has moved
        house is told.

    Raises
    ------
    InputError
        Where the scenario or the previous plan cannot be read or is none, `baseline`
        was not run from a previous plan as the desk is, or ipywidgets is not installed.

    Examples
    --------
    >>> desk = open_desk("scenarios/yuhuan-2022.yaml")  # doctest: +SKIP
    >>> desk.controls["grids.target"].widget.value = "15"  # doctest: +SKIP
    >>> desk.run()  # doctest: +SKIP
    """
    _refuse_kinds(file, register, baseline)
    path = Path(file)
    past = None if previous is None else open_plan(previous, register_before)
    if baseline is not None and (baseline.adjustment is None) != (past is None):
        raise InputError(
            "基准情景的结果（baseline）与情景台应同样由上期方案得出，或者都不由上期方案"
            "得出；请不给 baseline，由情景台测算。",
            "The outcome of the base scenario (baseline) and the desk must both start "
            "from a previous plan, or neither: leave baseline out, and the desk runs "
            "it.",
        )
    return Desk(path, read_scenario(path), register, baseline, past)
