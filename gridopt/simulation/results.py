"""What a simulation found: bills, units, persons, and how sharp each figure is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from gridopt.appraisal.distribution import (
    CONTINGENCY_LABEL,
    SHARES,
    TAIL_LABEL,
    TAIL_SHARE,
    check_appropriation,
    label_sufficiency,
    name_quantile,
)
from gridopt.awards.settlement import settle_awards
from gridopt.cards import Card, Shown
from gridopt.errors import InputError
from gridopt.rules import list_choices
from gridopt.simulation.case import COMPARISON_WORDS, TIE_WORDS
from gridopt.simulation.draws import NET_SIZE
from gridopt.simulation.estimates import (
    Estimate,
    estimate_difference,
    estimate_figure,
    estimate_mean,
    estimate_quantile,
    estimate_sd,
    estimate_share,
    estimate_tail,
    find_quantile,
    find_tail,
)
from gridopt.simulation.luck import SAMPLING_WORDS
from gridopt.simulation.ranges import Range, check_ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gridopt.awards.rounding import IntArray
    from gridopt.simulation.case import Case
    from gridopt.simulation.estimates import Values
    from gridopt.simulation.normals import FloatArray
    from gridopt.simulation.years import Years

SUMMARY_COLUMNS = ("measure", "label_zh", "value", "se", "unit_zh")
COMPARISON_COLUMNS = (
    *("measure", "label_zh", "value", "other", "difference", "difference_se"),
    "unit_zh",
)
_MODEL_LABELS = {
    "pass_share": "未单列成员的通过概率",
    "unit_sd": "单位宽严标准差",
    "city_sd": "年度宽严标准差",
    "grid_sd": "企业网格宽严标准差",
}
_DRAWN = (
    *("pool", "rounding", "floor", "floor_percent", "floor_level"),
    *("star_percents", "prizes_yuan"),
)
"""What of the award rules a drawn bill follows; the others need results or people."""

_YEARS_LABELS = {
    "n": "年数",
    "persistence": "宽严的年际相关",
    "quality_share": "个人运气中长期不变的份额",
    "growth_share": "成员年增长率",
    "growth_sd": "成员年增长率的标准差",
}


class _Figure(NamedTuple):
    """A figure of bills: its name, its label and how to find it."""

    measure: str
    label_zh: str
    find: Callable[[Values], float]


@dataclass(frozen=True, eq=False, repr=False)
class Simulation(Shown):
    """Bills of many replications, and what they say, each figure with its error.

    Standard errors are those of drawing; how far the suppositions are from life is
    not in them. Plain draws: mean and tail by their variance, the standard deviation
    by the fourth moment, quantiles by order statistics, the rest by batches. Nets: by
    the differences between nets. Exact figures have the error 0.

    Attributes
    ----------
    case, years
        What was supposed.
    seed, sampling
        Which draws.
    years_yuan
        Whole yuan by year and replication, shape (n_years, n).
    expected_yuan
        Expected bill of all years given leniency, shape (n,); None where not wanted.
    n_ties
        Tied boundaries of all years, shape (n,); None where no persons were ranked.
    units
        One row per unit (`city` where that is one pool): `unit, mean_yuan,
        mean_se_yuan`, all years together.
    persons
        One row per row of the user's table, index kept: `person_id, unit`, chances
        `star0_share` to `star3_share` and `qualified_share` in a year, each with its
        error (`star0_se` ...); None where only numbers were drawn.
    members
        Members by unit, and by grid where known.
    is_interrupted
        Whether fewer replications were drawn than wanted.
    """

    case: Case
    years: Years
    seed: int
    sampling: str
    years_yuan: IntArray
    expected_yuan: FloatArray | None
    n_ties: IntArray | None
    units: pd.DataFrame
    persons: pd.DataFrame | None
    members: pd.DataFrame
    is_interrupted: bool = False

    def __post_init__(self) -> None:
        """Close the arrays."""
        for array in (self.years_yuan, self.expected_yuan, self.n_ties):
            if array is not None:
                array.flags.writeable = False

    @property
    def replications(self) -> int:
        """How many replications were drawn."""
        return self.years_yuan.shape[1]

    @property
    def bills_yuan(self) -> IntArray:
        """Whole yuan of all years together, shape (n,)."""
        return self.years_yuan[0] if self.years.n == 1 else self.years_yuan.sum(axis=0)

    @property
    def net_size(self) -> int | None:
        """Replications that were spread evenly together; None where independent."""
        return NET_SIZE if self.sampling == "net" else None

    def bounds_yuan(self) -> tuple[int, int] | None:
        """Return the hard bounds of the bill of all years together.

        None where growth leaves none, or where equal scores all go up or down.
        """
        if self.years.has_growth or self.case.scoring.ties in ("lift", "drop"):
            return None
        settled = settle_awards(self.members, self.case.rules)
        return self.years.n * settled.least_yuan, self.years.n * settled.most_yuan

    def mean(self) -> Estimate:
        """Estimate the mean bill, yuan, from expected bills where there are any."""
        bills = self.bills_yuan if self.expected_yuan is None else self.expected_yuan
        return estimate_mean(bills, self.net_size)

    def sd(self) -> Estimate:
        """Estimate the standard deviation of the bill, yuan."""
        return estimate_sd(self.bills_yuan, self.net_size)

    def quantile(self, share: float) -> Estimate:
        """Estimate the smallest bill that is not exceeded with this chance, yuan.

        Parameters
        ----------
        share
            0 to 1: 0.95 for P95.
        """
        check_ranges("分位数", "a quantile", Range("share", share, 0, 1))
        return estimate_quantile(self.bills_yuan, share, self.net_size)

    def tail_expectation(self, share: float = TAIL_SHARE) -> Estimate:
        """Estimate the expected shortfall: the mean of the dearest 1 - share, yuan."""
        check_ranges("尾部", "a tail", Range("share", share, 0, 0.999999))
        return estimate_tail(self.bills_yuan, share, self.net_size)

    def sufficiency(self, appropriation_yuan: int) -> Estimate:
        """Estimate the chance that an appropriation suffices, 0 to 1.

        Raises
        ------
        InputError
            Where it is no whole number of yuan, 1 or more.
        """
        check_appropriation(appropriation_yuan)
        return estimate_share(self.bills_yuan <= appropriation_yuan, self.net_size)

    def summary(self, appropriation_yuan: int | None = None) -> pd.DataFrame:
        """Tell the figures of a budget sheet: hard bounds first, then what was drawn.

        Parameters
        ----------
        appropriation_yuan
            Adds the chance that it suffices.

        Returns
        -------
        pandas.DataFrame
            Columns `SUMMARY_COLUMNS`: every value with its standard error `se`.
        """
        rows: list[tuple[object, ...]] = []
        for name, label, yuan in zip(
            ("least", "most"), ("下限", "上限"), self.bounds_yuan() or (), strict=False
        ):
            rows.append((name, label, float(yuan), 0.0, "元"))
        told = {"mean": self.mean(), "sd": self.sd()}
        told |= {name_quantile(share): self.quantile(share) for share in SHARES}
        told["es95"] = self.tail_expectation()
        for figure in _list_figures():
            found = told.get(figure.measure) or estimate_figure(
                self.bills_yuan, figure.find, self.net_size
            )
            rows.append((figure.measure, figure.label_zh, *found, "元"))
        if appropriation_yuan is not None:
            label = label_sufficiency(appropriation_yuan)
            enough = self.sufficiency(appropriation_yuan)
            rows.append(("sufficiency", label, *enough, "概率"))
        if self.n_ties is not None:
            ties = estimate_mean(self.n_ties, self.net_size)
            rows.append(("ties", "得分并列的名次界线", *ties, "条"))
        return pd.DataFrame(rows, columns=SUMMARY_COLUMNS)

    def compare(
        self, other: Simulation, appropriation_yuan: int | None = None
    ) -> pd.DataFrame:
        """Set another scenario beside this one, on the same draws.

        Parameters
        ----------
        other
            Drawn with the same seed, sampling and replications.
        appropriation_yuan
            Adds the chance that it suffices.

        Returns
        -------
        pandas.DataFrame
            Columns `COMPARISON_COLUMNS`: `value` here, there (`other`), and the other
            less this one with the standard error of the difference itself.

        Raises
        ------
        InputError
            Where the draws are not the same.
        """
        self._check_draws(other)
        both = self.bills_yuan, other.bills_yuan
        rows = [self._compare_means(other)]
        for name, label, find in list(_list_figures())[1:]:
            gap = estimate_difference(*both, find, self.net_size)
            values = (float(find(bills)) for bills in both)
            rows.append((name, label, *values, *gap, "元"))
        if appropriation_yuan is not None:
            is_enough = [(bills <= appropriation_yuan).astype(float) for bills in both]
            gap = estimate_mean(is_enough[1] - is_enough[0], self.net_size)
            label = label_sufficiency(appropriation_yuan)
            values = (float(each.mean()) for each in is_enough)
            rows.append(("sufficiency", label, *values, *gap, "概率"))
        return pd.DataFrame(rows, columns=COMPARISON_COLUMNS)

    def card(self) -> Card:
        """Tell what was drawn, and each figure with its standard error."""
        rows = tuple(
            (label, _plain(value, unit), _plain(error, unit), unit)
            for _, label, value, error, unit in self.summary().itertuples(index=False)
        )
        n, mean = self.replications, self.mean().value
        facts = [("模拟次数", f"{n:,}次"), ("年数", f"{self.years.n}年")]
        facts += [("抽样方式", SAMPLING_WORDS[self.sampling]), ("种子", str(self.seed))]
        if self.is_interrupted:
            facts.append(("中途停止", "次数不足"))
        return Card(
            title="星级奖励模拟（抽样）",
            brief=f"模拟{n:,}次：期望{mean:,.0f}元，"
            f"95%的把握不超过{self.quantile(0.95).value:,.0f}元",
            facts=tuple(facts),
            headings=("项目", "数值", "标准误", "单位"),
            rows=rows,
        )

    def choices(self) -> pd.DataFrame:
        """List everything that was supposed, as people read it.

        Returns
        -------
        pandas.DataFrame
            Columns `setting, label_zh, value_zh`.
        """
        rows = [
            (choice["setting"], choice["label"], choice["value_zh"])
            for choice in list_choices(self.case.rules)
            if choice["setting"] in _DRAWN
        ]
        model = asdict(self.case.model) | {"grid_sd": self.case.grid_sd}
        rows += [(key, _MODEL_LABELS[key], f"{model[key]:g}") for key in _MODEL_LABELS]
        if self.persons is not None:
            scoring = self.case.scoring
            step = "不取整" if scoring.step is None else f"{scoring.step:g}"
            rows += [
                ("step", "得分的最小单位（个人运气的标准差）", step),
                ("ties", "得分并列", TIE_WORDS[scoring.ties]),
                ("comparison", "跨单元比较", COMPARISON_WORDS[scoring.comparison]),
            ]
        years = asdict(self.years)
        rows += [(key, _YEARS_LABELS[key], f"{years[key]:g}") for key in _YEARS_LABELS]
        rows += [
            ("sampling", "抽样方式", SAMPLING_WORDS[self.sampling]),
            ("replications", "模拟次数", str(self.replications)),
            ("seed", "随机种子", str(self.seed)),
        ]
        return pd.DataFrame(rows, columns=["setting", "label_zh", "value_zh"])

    def _compare_means(self, other: Simulation) -> tuple[object, ...]:
        mine: Values = self.bills_yuan
        its: Values = other.bills_yuan
        if self.expected_yuan is not None and other.expected_yuan is not None:
            mine, its = self.expected_yuan, other.expected_yuan
        gap = estimate_mean(its - mine, self.net_size)
        return "mean", "期望", float(mine.mean()), float(its.mean()), *gap, "元"

    def _check_draws(self, other: Simulation) -> None:
        named = [
            (zh, f"{mine} ≠ {its}")
            for zh, mine, its in (
                ("种子 seed", self.seed, other.seed),
                ("抽样方式 sampling", self.sampling, other.sampling),
                ("次数 replications", self.replications, other.replications),
            )
            if mine != its
        ]
        if named:
            shown = "、".join(f"{zh}（{values}）" for zh, values in named)
            raise InputError(
                f"两个情景用的随机数不同，不能比较：{shown}。请用相同的种子、抽样方式和"
                "次数重新模拟。",
                f"The two were not drawn alike: {shown}. Draw both with the same seed, "
                "sampling and number of replications.",
            )


def _plain(value: float, unit: str) -> str:
    return f"{value:,.0f}" if unit == "元" else f"{value:,.4g}"


def _list_figures() -> Iterator[_Figure]:
    yield _Figure("mean", "期望", np.mean)
    yield _Figure("sd", "标准差", np.std)
    for share in SHARES:
        name = name_quantile(share)
        yield _Figure(name, name.upper(), _quantile_at(share))
    yield _Figure("es95", TAIL_LABEL, lambda bills: find_tail(bills, TAIL_SHARE))
    yield _Figure("contingency", CONTINGENCY_LABEL, _find_contingency)


def _quantile_at(share: float) -> Callable[[Values], float]:
    return lambda bills: find_quantile(bills, share)


def _find_contingency(bills: Values) -> float:
    return find_quantile(bills, 0.9) - find_quantile(bills, 0.5)
