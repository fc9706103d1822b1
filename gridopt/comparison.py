"""What differs between outcomes: first what was chosen, then what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.cards import Card, Shown
from gridopt.differences import list_inputs, list_results, tell_differences
from gridopt.errors import InputError, refuse_kind
from gridopt.findings import some, some_ids
from gridopt.listing import name_nearest
from gridopt.measures import measure_outcomes
from gridopt.words import SYNTHETIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.outcome import Outcome
    from gridopt.register import Register
    from gridopt.scenario import Scenario

_TAKEN = (
    *("inputs.csv", "results.csv", "companions.csv"),
    *("comparison.html", "comparison.xlsx"),
)
"""What lies beside the run folders of a comparison; no scenario is called so."""

_MOST_ROWS = 100
"""The bill comes last, below every payer: a county's results are told whole."""


@dataclass(frozen=True, repr=False)
class Comparison(Shown):
    """What differs between several outcomes, one of them the baseline 基准情景.

    Attributes
    ----------
    outcomes
        What was compared, in the order given.
    names
        Name of each, as the columns are called.
    inputs
        Settings that differ: `setting, clause, label` and a column per scenario.
    results
        What came of it: `measure, unit_of_measure, label`, a column per scenario, and
        one ``difference:NAME`` for each but the baseline.
    companions
        Enterprises that sit with others than in the baseline: `enterprise_id, name`,
        ``grid_id:NAME`` per scenario, and per scenario but the baseline how many
        companions it keeps, loses and gains.
    baseline
        Position of the outcome that the others are set against.
    """

    outcomes: tuple[Outcome, ...]
    names: tuple[str, ...]
    inputs: pd.DataFrame
    results: pd.DataFrame
    companions: pd.DataFrame
    baseline: int = 0

    @property
    def base_name(self) -> str:
        """Name of the baseline."""
        return self.names[self.baseline]

    @property
    def others(self) -> tuple[str, ...]:
        """Names of all but the baseline, in their order."""
        return tuple(name for name in self.names if name != self.base_name)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What each scenario comes to and changes, a sentence each, in their order."""
        return tell_differences(self)

    def card(self) -> Card:
        """Tell how many settings differ, and what came of each scenario."""
        n, m = len(self.inputs), len(self.companions)
        brief = f"{'、'.join(self.names)}：{n}项设置不同，{m:,}家企业的同格企业有变化"
        is_made_up = any(one.register.is_synthetic for one in self.outcomes)
        return Card(
            title="情景比较",
            brief=brief,
            facts=(
                ("基准情景", self.base_name),
                ("设置不同之处", f"{n}项" if n else "无"),
                *_input_facts(self),
                ("同格企业有变化的", f"{m:,}家"),
            ),
            headings=("指标", "单位", *self.names),
            rows=tuple(map(tuple, list_results(self))),
            mark=SYNTHETIC if is_made_up else "",
            most_rows=_MOST_ROWS,
            ends=self.sentences,
        )


def _input_facts(comparison: Comparison) -> list[tuple[str, str]]:
    """Tell each setting that differs with its clause, and its value by scenario."""
    facts = []
    settings = comparison.inputs["setting"]
    for setting, row in zip(settings, list_inputs(comparison), strict=True):
        label, clause, *values = row
        base = values[comparison.baseline]
        shown = [
            f"{name} {value}"
            for name, value in zip(comparison.names, values, strict=True)
            if name == comparison.base_name or value != base
        ]
        rest = ["其余同基准情景"] if len(shown) < len(values) else []
        facts.append((f"　{clause} {label}（{setting}）", "；".join(shown + rest)))
    return facts


def compare_outcomes(
    outcomes: Sequence[Outcome], baseline: int | str = 0
) -> Comparison:
    """Set outcomes of one register side by side, against one of them.

    Parameters
    ----------
    outcomes
        Two or more, of the same register.
    baseline
        The outcome that the others are set against: its position, or its name as
        the columns are called.

    Raises
    ------
    InputError
        Where fewer than two are given, they are of different registers, or none of
        them is the baseline asked for.

    Examples
    --------
    >>> import gridopt as go
    >>> register = go.read_sample()
    >>> band = go.GridRules(least=10, most=30)
    >>> wide = go.Scenario("宽", "P5", grids=band, name="wide")
    >>> two = [go.run_scenario(register), go.run_scenario(register, wide)]
    >>> compare_outcomes(two).inputs["setting"].tolist()
    ['grids.least', 'grids.most']
    >>> compare_outcomes(two, baseline="wide").others
    ('scenario',)
    """
    # an outcome by itself is no list of them
    given = outcomes if isinstance(outcomes, (list, tuple)) else (outcomes,)
    for each in given:
        refuse_kind("测算结果", "Outcome", each, "scenario")
    if len(given) < 2:
        raise InputError(
            f"比较至少需要两个情景，现有 {len(given)} 个。",
            f"A comparison takes at least two outcomes; {len(given)} was given.",
        )
    names = name_scenarios([outcome.scenario for outcome in outcomes])
    refuse_registers(names, [outcome.register for outcome in outcomes])
    return _compare(outcomes, names, find_baseline(names, baseline))


def keep_one(comparison: Comparison, name: str) -> Comparison:
    """Keep the baseline and one other scenario, each under the name that it has.

    Examples
    --------
    >>> import gridopt as go
    >>> outcome = go.run_scenario(go.read_sample())
    >>> three = go.compare_outcomes([outcome] * 3, baseline=1)
    >>> keep_one(three, "scenario-3").names
    ('scenario-2', 'scenario-3')
    """
    names = (comparison.base_name, name)
    by_name = dict(zip(comparison.names, comparison.outcomes, strict=True))
    return _compare([by_name[each] for each in names], names, 0)


def _compare(
    outcomes: Sequence[Outcome], names: tuple[str, ...], base: int
) -> Comparison:
    return Comparison(
        outcomes=tuple(outcomes),
        names=names,
        inputs=_inputs(outcomes, names),
        results=_results(outcomes, names, base),
        companions=_companions(outcomes, names, base),
        baseline=base,
    )


def name_scenarios(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Name scenarios by their files; a name that is taken gets a number.

    Names become folders, and some systems do not tell capitals apart.
    """
    names: list[str] = []
    taken = set(_TAKEN)
    for scenario in scenarios:
        name, number = scenario.name, 2
        while name.casefold() in taken:
            name = f"{scenario.name}-{number}"
            number += 1
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def refuse_registers(names: Sequence[str], registers: Sequence[Register]) -> None:
    """Refuse scenarios of different registers: their figures differ for that alone.

    Raises
    ------
    InputError
        With the scenarios by register.
    """
    by_register: dict[str, list[str]] = {}
    for name, register in zip(names, registers, strict=True):
        by_register.setdefault(register.sha256, []).append(name)
    if len(by_register) < 2:
        return
    groups = list(by_register.values())
    n = len(groups)
    shown = [(some(of_one), some_ids(of_one)) for of_one in groups[:3]]
    raise InputError(
        f"{len(names)} 个情景用了 {n} 份不同的名录，结果不可比："
        + "；".join(f"名录{i}：{zh}" for i, (zh, _) in enumerate(shown, start=1))
        + "。请用同一份名录（gridopt compare 可用 --register 统一指定）；"
        "两期名录之间的变化请用 gridopt run --previous。",
        f"{len(names)} scenarios are of {n} different registers and cannot be "
        "compared: "
        + "; ".join(f"register {i}: {en}" for i, (_, en) in enumerate(shown, start=1))
        + ". Use one register for all (gridopt compare takes --register); for changes "
        "from one snapshot to the next there is gridopt run --previous.",
    )


def find_baseline(names: Sequence[str], baseline: int | str) -> int:
    """Find the position of the baseline among the scenarios.

    Raises
    ------
    InputError
        Where there is none of that name or at that position.
    """
    if isinstance(baseline, str) and baseline in names:
        return list(names).index(baseline)
    if isinstance(baseline, int) and 0 <= baseline < len(names):
        return baseline
    hint_zh, hint_en = name_nearest(str(baseline), names)
    raise InputError(
        f"{len(names)} 个情景中没有基准情景“{baseline}”{hint_zh}。"
        f"可选：{'、'.join(names)}。",
        f"None of the {len(names)} scenarios is the baseline {baseline!r}{hint_en}. "
        f"There are: {', '.join(names)}.",
    )


def _inputs(outcomes: Sequence[Outcome], names: Sequence[str]) -> pd.DataFrame:
    told = [{row["setting"]: row for row in o.choices} for o in outcomes]
    settings = list(dict.fromkeys(setting for one in told for setting in one))
    rows = []
    for setting in settings:
        values = [_cell(one.get(setting)) for one in told]
        if len(set(values)) > 1:
            row = next(one[setting] for one in told if setting in one)
            cells = dict(zip(names, values, strict=True))
            rows.append(
                {
                    "setting": setting,
                    "clause": row["clause"],
                    "label": row["label"],
                    **cells,
                }
            )
    return pd.DataFrame(rows, columns=["setting", "clause", "label", *names])


def _cell(row: dict[str, Any] | None) -> str:
    if row is None or row["value"] is None:
        return ""
    return str(row["value"])


def _results(
    outcomes: Sequence[Outcome], names: Sequence[str], baseline: int
) -> pd.DataFrame:
    rows = []
    for measure, values in measure_outcomes(outcomes):
        cells: dict[str, Any] = dict(zip(names, values, strict=True))
        base = values[baseline]
        for name, value in zip(names, values, strict=True):
            if name != names[baseline]:
                cells[f"difference:{name}"] = _difference(value, base)
        head = {
            "measure": measure.key,
            "unit_of_measure": measure.unit,
            "label": measure.label,
        }
        rows.append(head | cells)
    # mixed columns: whole numbers stay whole, what is unknown stays empty
    return pd.DataFrame(rows, dtype=object)


def _difference(value: float | None, base: float | None) -> float | None:
    if value is None or base is None:
        return None
    difference = value - base
    return difference if isinstance(difference, int) else round(difference, 6)


def _companions(
    outcomes: Sequence[Outcome], names: Sequence[str], baseline: int
) -> pd.DataFrame:
    grids = {
        name: outcome.partition.enterprises["grid_id"]
        for name, outcome in zip(names, outcomes, strict=True)
    }
    base_name = names[baseline]
    others = [name for name in names if name != base_name]
    frame = pd.DataFrame({f"grid_id:{name}": of for name, of in grids.items()})
    for name in others:
        frame = frame.join(_changes(grids[base_name], grids[name], name))
    kinds = ("n_lost", "n_gained")
    changed = [f"{kind}:{name}" for name in others for kind in kinds]
    differs = (frame[changed].fillna(1) != 0).any(axis=1)
    known = pd.concat([o.partition.enterprises["name"] for o in outcomes])
    frame.insert(0, "name", known[~known.index.duplicated()].reindex(frame.index))
    frame = frame[differs].rename_axis("enterprise_id").reset_index()
    return frame.sort_values("enterprise_id", ignore_index=True)


def _changes(base: pd.Series, other: pd.Series, name: str) -> pd.DataFrame:
    """Count the companions each enterprise keeps, loses and gains."""
    both = pd.DataFrame({"base": base, "other": other}).dropna()
    kept = both.groupby(["base", "other"])["base"].transform("size") - 1
    before = base.map(base.value_counts()).reindex(both.index) - 1
    after = other.map(other.value_counts()).reindex(both.index) - 1
    counts = {"n_kept": kept, "n_lost": before - kept, "n_gained": after - kept}
    return pd.DataFrame({f"{kind}:{name}": n for kind, n in counts.items()}).astype(
        "Int64"
    )
