"""What differs between outcomes: first what was chosen, then what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.outcome import Outcome

BASELINE = 0
"""Position of the outcome that the others are set against."""


@dataclass(frozen=True)
class Comparison:
    """What differs between several outcomes; the first is the baseline 基准情景.

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
    """

    outcomes: tuple[Outcome, ...]
    names: tuple[str, ...]
    inputs: pd.DataFrame
    results: pd.DataFrame
    companions: pd.DataFrame

    def __str__(self) -> str:
        inputs = _readable_inputs(self).to_string(index=False)
        results = _readable_results(self).to_string(index=False)
        return (
            f"设置不同之处（{len(self.inputs)} 项）：\n{inputs}\n\n"
            f"测算结果（差额以 {self.names[BASELINE]} 为基准情景）：\n{results}\n\n"
            f"同格企业有变化的：{len(self.companions)} 家"
        )


_MEASURES: tuple[tuple[str, str, str], ...] = (
    ("n_eligible", "enterprises", "划入网格的企业"),
    ("n_blocks", "blocks", "划分单元"),
    ("n_grids", "grids", "企业网格"),
    ("size_mean", "enterprises", "每网格平均家数"),
    ("size_least", "enterprises", "最小网格家数"),
    ("size_most", "enterprises", "最大网格家数"),
    ("n_exceptions", "exceptions", "例外"),
    ("travel_km", "km", "到中心企业距离合计"),
    ("travel_mean_m", "m", "平均每家到中心企业距离"),
    ("gap_percent", "%", "与理论下界的差距"),
    ("n_members", "people", "网格成员"),
    ("heads_needed", "people", "需配网格长"),
    ("activity_yuan", "yuan", "网格工作活动经费"),
    ("award_yuan", "yuan", "星级奖励"),
    ("total_yuan", "yuan", "合计"),
    ("least_yuan", "yuan", "合计下限"),
    ("most_yuan", "yuan", "合计上限"),
)


UNIT_WORDS = {
    "enterprises": "家",
    "blocks": "个",
    "grids": "个",
    "exceptions": "项",
    "people": "人",
    "km": "公里",
    "m": "米",
    "%": "%",
    "yuan": "元",
}
"""Units of measure as people read them."""


def _readable_inputs(comparison: Comparison) -> pd.DataFrame:
    inputs = comparison.inputs
    frame = pd.DataFrame({"设置": inputs["label"] + "（" + inputs["setting"] + "）"})
    for name, outcome in zip(comparison.names, comparison.outcomes, strict=True):
        words = {
            row["setting"]: row.get("value_zh", row["value"]) for row in outcome.choices
        }
        frame[name] = comparison.inputs["setting"].map(words).fillna("")
    return frame


def _readable_results(comparison: Comparison) -> pd.DataFrame:
    frame = comparison.results.drop(columns=["measure", "unit_of_measure"])
    frame.insert(1, "单位", comparison.results["unit_of_measure"].map(UNIT_WORDS))
    names = {f"difference:{name}": f"{name} 增减" for name in comparison.names}
    return frame.rename(columns={"label": "指标", **names})


def compare_outcomes(outcomes: Sequence[Outcome]) -> Comparison:
    """Set outcomes side by side; the first is the baseline.

    Raises
    ------
    InputError
        Where fewer than two are given.

    Examples
    --------
    >>> import gridopt as go
    >>> register = go.read_sample()
    >>> band = go.GridRules(least=10, most=30)
    >>> wide = go.Scenario("宽", "P5", grids=band, name="wide")
    >>> two = [go.run_scenario(register), go.run_scenario(register, wide)]
    >>> compare_outcomes(two).inputs["setting"].tolist()
    ['grids.least', 'grids.most']
    """
    if len(outcomes) < 2:
        raise InputError(
            f"比较至少需要两个情景，现有 {len(outcomes)} 个。",
            f"A comparison takes at least two outcomes; {len(outcomes)} was given.",
        )
    names = _names(outcomes)
    return Comparison(
        outcomes=tuple(outcomes),
        names=names,
        inputs=_inputs(outcomes, names),
        results=_results(outcomes, names),
        companions=_companions(outcomes, names),
    )


def _names(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Name the scenarios by their files; the same name twice gets a number."""
    names: list[str] = []
    for outcome in outcomes:
        name, number = outcome.scenario.name, 2
        while name in names:
            name = f"{outcome.scenario.name}-{number}"
            number += 1
        names.append(name)
    return tuple(names)


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


def _results(outcomes: Sequence[Outcome], names: Sequence[str]) -> pd.DataFrame:
    found = [_measures(outcome) for outcome in outcomes]
    rows = []
    for measure, unit, label in _MEASURES:
        values = [one[measure] for one in found]
        cells: dict[str, Any] = dict(zip(names, values, strict=True))
        base = values[BASELINE]
        for name, value in zip(names[1:], values[1:], strict=True):
            is_known = value is not None and base is not None
            cells[f"difference:{name}"] = _difference(value, base) if is_known else None
        rows.append(
            {"measure": measure, "unit_of_measure": unit, "label": label, **cells}
        )
    # mixed columns: whole numbers stay whole, what is unknown stays empty
    return pd.DataFrame(rows, dtype=object)


def _difference(value: float, base: float) -> float:
    difference = value - base
    return difference if isinstance(difference, int) else round(difference, 6)


def _measures(outcome: Outcome) -> dict[str, Any]:
    told, sizes = outcome.summary, outcome.partition.grids["size"]
    n, gap = told["n_eligible"], told["gap_share"]
    return {
        **{name: told[name] for name, _, _ in _MEASURES if name in told},
        "size_mean": round(n / len(sizes), 2),
        "size_least": int(sizes.min()),
        "size_most": int(sizes.max()),
        "travel_km": round(told["travel_m"] / 1000, 2),
        "travel_mean_m": round(told["travel_m"] / n, 1),
        "gap_percent": None if gap is None else round(100 * gap, 4),
        "n_members": int(outcome.roster.members.sum()),
        "heads_needed": int(outcome.roster.needed["heads_needed"].sum()),
    }


def _companions(outcomes: Sequence[Outcome], names: Sequence[str]) -> pd.DataFrame:
    grids = {
        name: outcome.partition.enterprises["grid_id"]
        for name, outcome in zip(names, outcomes, strict=True)
    }
    base_name = names[BASELINE]
    frame = pd.DataFrame({f"grid_id:{name}": of for name, of in grids.items()})
    for name in names[1:]:
        frame = frame.join(_changes(grids[base_name], grids[name], name))
    kinds = ("n_lost", "n_gained")
    changed = [f"{kind}:{name}" for name in names[1:] for kind in kinds]
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
