"""What an outcome comes to in single figures: plan, departures, ways, people, money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gridopt.appraisal.distribution import bill_distribution
from gridopt.appraisal.outlook import model_of
from gridopt.errors import InputError
from gridopt.names import name_unit
from gridopt.words import CLAUSE_WORDS, ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gridopt.outcome import Outcome

SAFE_SHARE = 0.95
"""The bill is told that is not exceeded with this chance."""

UNIT_WORDS = {
    "enterprises": "家",
    "blocks": "个",
    "grids": "个",
    "exceptions": "项",
    "clauses": "条",
    "people": "人",
    "posts": "个",
    "km": "公里",
    "m": "米",
    "%": "%",
    "yuan": "元",
}
"""Units of measure as people read them."""


class Measure(NamedTuple):
    """One figure of an outcome.

    Attributes
    ----------
    key
        Its name in ``results.csv``; figures of one clause or payer are called
        ``NAME:KEY``.
    unit, label
        Unit of measure (a key of `UNIT_WORDS`) and what it is called in Chinese.
    value
        The figure, None where it is unknown.
    """

    key: str
    unit: str
    label: str
    value: float | None


def measure_outcomes(
    outcomes: Sequence[Outcome],
) -> list[tuple[Measure, list[float | None]]]:
    """Measure outcomes alike: each figure with its value in every outcome.

    What one outcome has no line for (a clause that it does not depart from, a payer
    who pays nothing) is 0 there. Who changed grid is counted where a plan was in force.

    Examples
    --------
    >>> import gridopt as go
    >>> outcome = go.run_scenario(go.read_sample())
    >>> known = {one.key: values for one, values in measure_outcomes([outcome])}
    >>> known["n_grids"] == [len(outcome.partition.grids)]
    True
    """
    rows = []
    for stage in _STAGES:
        found = [{one.key: one for one in stage(outcome)} for outcome in outcomes]
        every = {key: one for told in found for key, one in told.items()}
        keys = sorted(every) if stage in _OPEN else every
        for key in keys:
            values = [told[key].value if key in told else 0 for told in found]
            if stage is _movers and set(values) == {None}:
                continue  # nobody starts from a plan in force
            rows.append((every[key], values))
    return rows


def _plan(outcome: Outcome) -> list[Measure]:
    told, sizes = outcome.summary, outcome.partition.grids["size"]
    n, n_grids = told["n_eligible"], max(len(sizes), 1)
    return [
        Measure("n_eligible", "enterprises", "划入网格的企业", n),
        Measure("n_blocks", "blocks", "划分单元", told["n_blocks"]),
        Measure("n_grids", "grids", "企业网格", told["n_grids"]),
        Measure("size_mean", "enterprises", "每网格平均家数", round(n / n_grids, 2)),
        Measure("size_least", "enterprises", "最小网格家数", int(sizes.min())),
        Measure("size_most", "enterprises", "最大网格家数", int(sizes.max())),
        Measure("n_exceptions", "exceptions", "例外", told["n_exceptions"]),
    ]


def _movers(outcome: Outcome) -> list[Measure]:
    """Count who changed grid since the plan in force; unknown where there is none."""
    told = outcome.summary
    return [
        Measure("n_movers", "enterprises", "调整企业", told["n_movers"]),
        Measure("n_forced", "enterprises", "变更转格企业", told["n_forced"]),
    ]


def _exceptions(outcome: Outcome) -> list[Measure]:
    """Count the exceptions clause by clause."""
    counts = outcome.partition.exceptions["clause"].value_counts()
    return [
        Measure(f"exceptions:{key}", "exceptions", _departure(str(key)), int(n))
        for key, n in counts.items()
    ]


def _departure(clause: str) -> str:
    return f"其中：{CLAUSE_WORDS.get(clause, '其他')}（{clause}）"


def _ways(outcome: Outcome) -> list[Measure]:
    told = outcome.summary
    n, gap = max(told["n_eligible"], 1), told["gap_share"]
    km, mean_m = round(told["travel_m"] / 1000, 2), round(told["travel_m"] / n, 1)
    gap_percent = None if gap is None else round(100 * gap, 4)
    n_departed = int((outcome.clauses["status"] == "departed").sum())
    return [
        Measure("n_departed", "clauses", "有例外的条款", n_departed),
        Measure("travel_km", "km", "到中心企业距离合计", km),
        Measure("travel_mean_m", "m", "平均每家到中心企业距离", mean_m),
        Measure("gap_percent", "%", "与理论下界的差距", gap_percent),
    ]


def _people(outcome: Outcome) -> list[Measure]:
    needed = outcome.roster.needed
    n_members = int(outcome.roster.members.sum())
    told = (
        ("heads_needed", "people", "需配网格长"),
        ("n_vacant_heads", "posts", "网格长空缺"),
        ("n_vacant_deputies", "posts", "副网格长空缺"),
        ("n_vacant_instructors", "posts", "网格指导员空缺"),
    )
    return [
        Measure("n_members", "people", "网格成员", n_members),
        *(Measure(key, unit, zh, int(needed[key].sum())) for key, unit, zh in told),
    ]


def _money(outcome: Outcome) -> list[Measure]:
    told = outcome.summary
    return [
        Measure("activity_yuan", "yuan", ITEMS["activity"], told["activity_yuan"]),
        Measure("award_yuan", "yuan", "星级奖励", told["award_yuan"]),
    ]


def _arrears(outcome: Outcome) -> list[Measure]:
    """Tell what is paid of earlier years, where anything is: the total holds it."""
    owed = outcome.summary["arrears_paid_yuan"]
    return [Measure("arrears_yuan", "yuan", ITEMS["arrears"], owed)] if owed else []


def _total(outcome: Outcome) -> list[Measure]:
    return [Measure("total_yuan", "yuan", "合计", outcome.summary["total_yuan"])]


def _payers(outcome: Outcome) -> list[Measure]:
    """Add up what each payer bears; nobody is a payer who is not decided yet."""
    sums = outcome.budget.lines.groupby("payer")["amount_yuan"].sum()
    units = outcome.register.units
    return [
        Measure(
            f"payer_yuan:{code}",
            "yuan",
            f"其中：{name_unit(code, units) if code else '承担单位未定'}",
            int(amount),
        )
        for code, amount in sums.items()
    ]


def _risk(outcome: Outcome) -> list[Measure]:
    told = outcome.summary
    return [
        Measure("least_yuan", "yuan", "合计下限", told["least_yuan"]),
        Measure("most_yuan", "yuan", "合计上限", told["most_yuan"]),
        Measure(
            "award_p95_yuan", "yuan", "星级奖励（95%的把握不超过）", _safe_bill(outcome)
        ),
    ]


def _safe_bill(outcome: Outcome) -> int | None:
    """Reckon the bill that is not exceeded with 95 %, where it can be exactly."""
    budget = outcome.budget
    if budget.counts is None:
        # settled: there is nothing left to chance
        return None if budget.settlement is None else budget.award_yuan
    try:
        bill = bill_distribution(budget.counts, budget.rules, model_of(budget.rules))
    except InputError:  # the floor over several pools at once, and the like
        return None
    return int(bill.quantile(SAFE_SHARE))


_STAGES: tuple[Callable[[Any], list[Measure]], ...] = (
    *(_plan, _exceptions, _movers, _ways, _people),
    *(_money, _arrears, _total, _payers, _risk),
)
_OPEN = (_exceptions, _payers)
"""Stages whose figures differ from outcome to outcome: they stand sorted."""
