"""The planner's desk: change settings, run, look, compare, keep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridopt.comparison import Comparison, compare_outcomes
from gridopt.desk.controls import GROUPS, choose_scenario, make_controls
from gridopt.desk.errand import Errand
from gridopt.desk.kit import load_kit
from gridopt.desk.panels import (
    comparison_panel,
    exceptions_panel,
    money_panel,
    panel,
    sentence,
)
from gridopt.desk.saving import SaveForm
from gridopt.errors import InputError
from gridopt.grids import make_grids
from gridopt.outcome import Outcome, conclude_scenario
from gridopt.register import Register, read_register
from gridopt.scenario import Scenario, read_scenario
from gridopt.views.html import element
from gridopt.views.pictures import render_map

if TYPE_CHECKING:
    from gridopt.partition import Partition
    from gridopt.solvers import Watch

MOST_RUNS = 3
"""So many latest runs stand beside the base scenario; earlier ones make room."""

_EVERYWHERE = "全市"
_READY = "改动设置后按“测算”。"
_STOPPED = "已停止，没有采用未算完的方案；下面仍是上一次的结果。"


class Desk:
    """Controls of a scenario, its runs and their comparison, as one widget.

    It is the one place of the package that holds a state: what is typed, and the
    runs so far. Everything it runs and shows are the package's plain values.

    Attributes
    ----------
    controls
        Control by dotted key; their `widget.value` may be set by a program too.
    run_button, stop_button, reset_button
        What is pressed.
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
    ) -> None:
        kit = load_kit()
        self._scenario, self._given = scenario, register
        self._read: dict[str, Register] = {}
        self._cuts: dict[str, Partition] = {}
        self._errand: Errand | None = None
        self._n_runs = 0
        self.baseline = baseline
        self.outcomes: list[Outcome] = []
        self.controls = make_controls(scenario)
        self.form = SaveForm(file, scenario, self.choose)
        self.run_button = kit.Button(
            description="测算", button_style="primary", icon="play"
        )
        self.stop_button = kit.Button(description="停止", icon="stop", disabled=True)
        self.reset_button = kit.Button(description="恢复基准", icon="undo")
        self.progress = kit.IntProgress(value=0, max=1, layout={"width": "38%"})
        self.status = kit.HTML(sentence(_READY))
        self.place = kit.Dropdown(options=[_EVERYWHERE], description="地图范围")
        # what is not drawn yet would show as a broken picture
        hidden = {"width": "98%", "display": "none"}
        self.map = kit.Image(format="png", layout=hidden)
        self.exceptions, self.money, self.comparison = (kit.HTML() for _ in range(3))
        self.run_button.on_click(lambda _: self.run())
        self.stop_button.on_click(lambda _: self.stop())
        self.reset_button.on_click(lambda _: self.reset())
        self.place.observe(lambda _: self._draw_map(), "value")
        self.view = self._lay_out(kit)

    def __repr__(self) -> str:
        n_changed = sum(control.is_changed for control in self.controls.values())
        return (
            f"情景台：基准“{self._scenario.title}”，改动 {n_changed} 项，"
            f"已测算 {len(self.outcomes)} 次"
        )

    def _repr_mimebundle_(self, **how: Any) -> Any:
        return self.view._repr_mimebundle_(**how)  # noqa: SLF001

    def _lay_out(self, kit: Any) -> Any:
        tabs = [
            kit.VBox([self.controls[key].widget for key in keys])
            for keys in GROUPS.values()
        ]
        tab = kit.Tab(
            children=[*tabs, self.form.view], titles=[*GROUPS, "保存为情景文件"]
        )
        buttons = [self.run_button, self.stop_button, self.reset_button, self.progress]
        sides = [
            kit.VBox([self.place, self.map], layout={"width": "44%"}),
            kit.Box([self.exceptions], layout=_pane("30%")),
            kit.Box([self.money], layout=_pane("25%")),
        ]
        results = kit.HBox(sides, layout={"align_items": "flex-start"})
        title = element("h4", f"基准情景：{self._scenario.title}")
        heading = kit.HTML(panel(title))
        parts = [heading, tab, kit.HBox(buttons), self.status, results]
        return kit.VBox([*parts, kit.Box([self.comparison], layout=_pane("100%"))])

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
            self._say("正在测算，请等它完成，或先按“停止”。")
            return
        try:
            chosen = self.choose()
        except InputError as error:
            self._say(f"{error.message_zh}\n{error.message_en}", is_bad=True)
            return
        self._set_running(is_running=True)
        self._say("正在读名录…")
        self._errand = Errand(
            lambda watch: self._work(chosen, watch), self._follow, self._end
        )
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

    # --- the run --------------------------------------------------------------------

    def _work(self, chosen: Scenario, watch: Watch) -> None:
        self._n_runs += 1
        outcome = self._outcome_of(replace(chosen, name=f"第{self._n_runs}次"), watch)
        self.baseline = self.baseline or self._outcome_of(self._scenario, watch)
        self.outcomes = [*self.outcomes, outcome][-MOST_RUNS:]
        self._show(outcome)

    def _outcome_of(self, scenario: Scenario, watch: Watch) -> Outcome:
        """Cut, staff and budget; scenarios that cut alike share the cut."""
        key = f"{scenario.register!r} {scenario.grids!r} {scenario.seed}"
        if key not in self._cuts:
            cut = make_grids(
                self._register_of(scenario),
                scenario.grids,
                seed=scenario.seed,
                watch=watch,
            )
            self._refuse_stopped(watch)
            self._cuts[key] = cut
        outcome = conclude_scenario(self._cuts[key], scenario)
        self._refuse_stopped(watch)
        return outcome

    def _refuse_stopped(self, watch: Watch) -> None:
        if watch.stop_file.exists():
            raise InputError(_STOPPED, "Stopped; the results below are the last run's.")

    def _register_of(self, scenario: Scenario) -> Register:
        """Read the register by the scenario's rules, once for the same rules."""
        if self._given is not None and scenario.register == self._scenario.register:
            return self._given
        file = scenario.register.file
        if file is None:
            raise InputError(
                "基准情景没有写名录文件（register.file），不能按新的口径重读名录；"
                "请在情景文件中写明。",
                "The base scenario names no register (register.file), so none can be "
                "read by the new settings; name it in the scenario.",
            )
        key = scenario.register.model_dump_json()
        if key not in self._read:
            self._read[key] = read_register(file, scenario.register)
        return self._read[key]

    def _follow(self, n_done: int, n_all: int, words: str) -> None:
        self.progress.max, self.progress.value = max(n_all, 1), n_done
        self._say(words)

    def _end(self, fault: str) -> None:
        self._set_running(is_running=False)
        if fault:
            self._say(fault, is_bad=not fault.startswith(_STOPPED))

    # --- what is shown --------------------------------------------------------------

    def _show(self, outcome: Outcome) -> None:
        self.exceptions.value = exceptions_panel(outcome)
        self.money.value = money_panel(outcome)
        self.comparison.value = comparison_panel(self.compare())
        units, grids = outcome.register.units, outcome.partition.grids
        names = [unit.name for unit in units.members if unit.code in set(grids["unit"])]
        kept = self.place.value
        self.place.options = [_EVERYWHERE, *names]
        self.place.value = kept if kept in names else _EVERYWHERE
        self._draw_map()
        told = outcome.summary
        self._say(
            f"{outcome.scenario.name}：{told['n_eligible']}家企业，{told['n_grids']}个网格，"
            f"例外{told['n_exceptions']}项，合计{told['total_yuan']:,}元。"
        )

    def _draw_map(self) -> None:
        if self.outcomes:
            unit = None if self.place.value in (None, _EVERYWHERE) else self.place.value
            self.map.value = render_map(self.outcomes[-1].partition, unit=unit)
            self.map.layout.display = None

    def _say(self, text: str, *, is_bad: bool = False) -> None:
        self.status.value = sentence(text, is_bad=is_bad)

    def _set_running(self, *, is_running: bool) -> None:
        self.run_button.disabled = is_running
        self.stop_button.disabled = not is_running
        if not is_running:
            self.progress.value = 0


def _pane(width: str) -> dict[str, str]:
    return {"width": width, "max_height": "640px", "overflow": "auto"}


def open_desk(
    file: str | Path,
    register: Register | None = None,
    baseline: Outcome | None = None,
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

    Raises
    ------
    InputError
        Where the scenario cannot be read, or ipywidgets is not installed.

    Examples
    --------
    >>> desk = open_desk("scenarios/yuhuan-2022.yaml")  # doctest: +SKIP
    >>> desk.controls["grids.target"].widget.value = "15"  # doctest: +SKIP
    >>> desk.run()  # doctest: +SKIP
    """
    path = Path(file)
    return Desk(path, read_scenario(path), register, baseline)
