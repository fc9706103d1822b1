"""How likely each possible award bill is, exactly, and what follows for a budget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from gridopt.appraisal.bills import find_bill
from gridopt.appraisal.groups import check_counts, cut_city
from gridopt.appraisal.leniency import check_nodes
from gridopt.appraisal.model import PassModel
from gridopt.appraisal.tariff import read_tariff
from gridopt.awards.rules import AwardRules
from gridopt.cards import Card, Shown
from gridopt.errors import InputError
from gridopt.rules import list_choices

if TYPE_CHECKING:
    from gridopt.appraisal.chances import FloatArray
    from gridopt.appraisal.groups import City
    from gridopt.appraisal.tariff import Tariff
    from gridopt.awards.rounding import IntArray

SEEN = 1e-15
"""Smaller chances cannot be told from rounding; their bills are left out."""
TOLERANCE = 1e-12
"""Cumulated chances are right to some 1e-13: where one misses the share asked for by
less than this, it is taken to reach it, so that rounding moves no quantile."""
SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)
TAIL_SHARE = 0.95
TAIL_LABEL = f"最贵{1 - TAIL_SHARE:.0%}结果的平均（尾部期望）"
CONTINGENCY_LABEL = "预备金（P90与P50之差）"
_SHOWN = {
    *("pool", "rounding", "floor", "floor_percent", "floor_level"),
    *("star_percents", "prizes_yuan"),
}


@dataclass(frozen=True, repr=False)
class BillDistribution(Shown):
    """The award bill of a year whose results are not known yet, exactly.

    Attributes
    ----------
    yuan
        The bills that can come about, rising int64, shape (n,); those with a chance
        below `SEEN` are left out.
    chance
        Their chances, shape (n,), summing to 1.
    least_yuan, most_yuan
        Hard bounds: no result whatever leads outside. They are those of
        `settle_awards`; under `controlled` the tighter ones of the city as a whole.
    rules, model
        The choices it was made with, where known.
    """

    tail_definition: ClassVar[str] = (
        "尾部期望（一致性定义）：最贵的 1-a 份额结果的平均，恰在分位数上的概率按需要的"
        "部分计入。 / Coherent expected shortfall: the mean of the dearest share 1 - a "
        "of outcomes, of the chance at the quantile only the part that belongs to it."
    )

    yuan: IntArray
    chance: FloatArray
    least_yuan: int
    most_yuan: int
    rules: AwardRules | None = None
    model: PassModel | None = None

    def __post_init__(self) -> None:
        """Refuse what is no distribution within its bounds; close the arrays."""
        is_rising = self.yuan.size > 0 and (np.diff(self.yuan) > 0).all()
        if not is_rising or self.yuan.shape != self.chance.shape:
            raise ValueError("A distribution needs rising bills, each with a chance.")
        if self.chance.min() < 0 or abs(self.chance.sum() - 1) > TOLERANCE:
            raise ValueError("The chances of the bills do not sum to 1.")
        if self.yuan[0] < self.least_yuan or self.yuan[-1] > self.most_yuan:
            raise ValueError("A bill lies outside the hard bounds.")
        for array in (self.yuan, self.chance):
            array.flags.writeable = False

    @property
    def mean_yuan(self) -> float:
        """Expected bill, in yuan."""
        return float(self.yuan[0] + self.chance @ (self.yuan - self.yuan[0]))

    @property
    def sd_yuan(self) -> float:
        """Standard deviation of the bill, in yuan."""
        return float(np.sqrt(self.chance @ (self.yuan - self.mean_yuan) ** 2))

    @property
    def contingency_yuan(self) -> int:
        """What lies between an even chance and 90 %: P90 - P50, whole yuan."""
        return self.quantile(0.9) - self.quantile(0.5)

    @cached_property
    def _above(self) -> FloatArray:
        # P(bill > x), the tail summed from its own end
        return np.append(np.cumsum(self.chance[:0:-1])[::-1], 0.0)

    @cached_property
    def _up_to(self) -> FloatArray:
        # P(bill <= x), from whichever end is nearer
        below = np.cumsum(self.chance)
        return np.where(below < 0.5, below, 1 - self._above)

    def quantile(self, share: float) -> int:
        """Return the smallest bill that is not exceeded with a chance of `share`.

        Parameters
        ----------
        share
            Above 0 and below 1; for certainty take `most_yuan`. Told apart to
            `TOLERANCE`.

        Returns
        -------
        int
            Smallest x of `yuan` with P(bill <= x) >= share, the value at risk.

        Raises
        ------
        InputError
            Where the share is none.

        Examples
        --------
        >>> counts = pd.DataFrame({"unit": ["a"], "members": [20]})
        >>> bill_distribution(counts).quantile(0.95)
        30000
        """
        _check_share(share)
        return int(self.yuan[np.argmax(self._up_to >= share - TOLERANCE)])

    def tail_expectation(self, share: float) -> float:
        """Return the coherent expected shortfall beyond a quantile, in yuan.

        The mean of the dearest share 1 - a of outcomes: with v = quantile(a), the sum
        of x P(x) over x > v, and v times what is still missing of 1 - a, over 1 - a
        (Acerbi and Tasche 2002). It is not the mean of the bills above v, nor from v
        on; `tail_definition` says so in words.

        Parameters
        ----------
        share
            Above 0 and below 1.

        Examples
        --------
        >>> even = BillDistribution(np.array([0, 8]), np.array([0.5, 0.5]), 0, 8)
        >>> even.tail_expectation(0.75), even.tail_expectation(0.25)
        (8.0, 5.333333333333333)
        """
        bound = self.quantile(share)
        over = np.maximum(self.yuan - bound, 0)
        return bound + float(self.chance @ over) / (1 - share)

    def sufficiency(self, appropriation_yuan: int) -> float:
        """Return the chance that an appropriation pays the bill, 0 to 1.

        Parameters
        ----------
        appropriation_yuan
            Whole yuan, 1 or more.

        Raises
        ------
        InputError
            Where it is no whole number of yuan.

        Examples
        --------
        >>> even = BillDistribution(np.array([0, 8]), np.array([0.5, 0.5]), 0, 8)
        >>> even.sufficiency(7), even.sufficiency(8)
        (0.5, 1.0)
        """
        check_appropriation(appropriation_yuan)
        place = int(np.searchsorted(self.yuan, appropriation_yuan, side="right"))
        return float(self._up_to[place - 1]) if place else 0.0

    def appropriation_for(self, confidence: float) -> int:
        """Return the smallest appropriation that suffices with a confidence.

        Parameters
        ----------
        confidence
            Above 0 and below 1.

        Examples
        --------
        >>> even = BillDistribution(np.array([0, 8]), np.array([0.5, 0.5]), 0, 8)
        >>> even.appropriation_for(0.95)
        8
        """
        return self.quantile(confidence)

    def exceedance(self) -> pd.DataFrame:
        """Return how likely each bill is to be exceeded.

        Returns
        -------
        DataFrame
            `yuan, chance, sufficiency_share, exceedance_share`, one row per bill;
            the last two are P(bill <= yuan) and P(bill > yuan).

        Examples
        --------
        >>> even = BillDistribution(np.array([0, 8]), np.array([0.5, 0.5]), 0, 8)
        >>> even.exceedance()["exceedance_share"].tolist()
        [0.5, 0.0]
        """
        columns = {
            "yuan": self.yuan,
            "chance": self.chance,
            "sufficiency_share": self._up_to,
            "exceedance_share": self._above,
        }
        return pd.DataFrame(columns)

    def summary(self, appropriation_yuan: int | None = None) -> pd.DataFrame:
        """Return the figures of a budget sheet, hard bounds first.

        Parameters
        ----------
        appropriation_yuan
            Adds the chance that it suffices.

        Returns
        -------
        DataFrame
            `measure, label_zh, yuan, share`: whole yuan (expectations rounded half
            up), or a chance from 0 to 1 in the last row.

        Examples
        --------
        >>> even = BillDistribution(np.array([0, 8]), np.array([0.5, 0.5]), 0, 8)
        >>> even.summary(7)[["measure", "yuan"]].iloc[[0, 1, 2]].to_numpy().tolist()
        [['least', 0], ['most', 8], ['mean', 4]]
        """
        rows: list[tuple[str, str, int | None, float | None]] = [
            ("least", "下限", self.least_yuan, None),
            ("most", "上限", self.most_yuan, None),
            ("mean", "期望", to_yuan(self.mean_yuan), None),
            ("sd", "标准差", to_yuan(self.sd_yuan), None),
        ]
        for share in SHARES:
            name = name_quantile(share)
            rows.append((name, name.upper(), self.quantile(share), None))
        tail = to_yuan(self.tail_expectation(TAIL_SHARE))
        rows += [
            ("es95", TAIL_LABEL, tail, None),
            ("contingency", CONTINGENCY_LABEL, self.contingency_yuan, None),
        ]
        if appropriation_yuan is not None:
            chance = self.sufficiency(appropriation_yuan)
            label = label_sufficiency(appropriation_yuan)
            rows.append(("sufficiency", label, None, chance))
        frame = pd.DataFrame(rows, columns=["measure", "label_zh", "yuan", "share"])
        return frame.astype({"yuan": "Int64", "share": "float64"})

    def card(self) -> Card:
        """Tell the bounds, the mean and the quantiles, and what they rest on."""
        rows = tuple(
            (label, f"{yuan:,}")
            for _, label, yuan, _ in self.summary().itertuples(index=False)
        )
        told = self._describe()
        return Card(
            title="星级奖励金额的分布（精确计算）",
            brief=f"星级奖励：期望{self.mean_yuan:,.0f}元，"
            f"95%的把握不超过{self.quantile(0.95):,}元",
            facts=(("口径和假定", told),) if told else (),
            headings=("项目", "元"),
            rows=rows,
        )

    def _describe(self) -> str:
        told = []
        if self.model is not None:
            told.append(
                f"未单列成员的通过概率{self.model.pass_share:.4g}；单位宽严标准差"
                f"{self.model.unit_sd:g}；年度宽严标准差{self.model.city_sd:g}"
            )
        if self.rules is not None:
            told += [
                f"{choice['label']}：{choice['value_zh']}"
                for choice in list_choices(self.rules)
                if choice["setting"] in _SHOWN
            ]
        return "；".join(told) + "。" if told else ""


def bill_distribution(
    counts: pd.DataFrame,
    rules: AwardRules | None = None,
    model: PassModel | None = None,
    *,
    nodes: int | None = None,
) -> BillDistribution:
    """Return the exact distribution of the award bill (F5, F6, F7).

    Given the leniency of the year and of the units, members pass independently. The
    passes of each group under one floor are then a sum of binomials; floor and price
    map them to yuan, and the yuan of independent pools are convolved. Averages over
    the leniencies are sums over nodes. Every bill is a whole number of yuan.

    Parameters
    ----------
    counts
        `unit, members`, with `grid_id` where pool or floor level is the grid. A column
        `pass_share` gives the members of a row a chance of their own; several rows
        may belong to one unit or grid.
    rules
        The choices in force; the defaults where None.
    model
        Chance to pass, and what makes members pass together; `PassModel()` where None.
    nodes
        None looks at as many leniencies as the members ask for: right to some 1e-12.
        A number asks for so many Gauss-Hermite nodes for the year and for each unit,
        as in the literature; too few for units of some hundred members and more.

    Raises
    ------
    InputError
        Where the table is wrong, where the floor lies above the pool, or where the
        prizes make too many different bills.

    Examples
    --------
    >>> counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    >>> bill = bill_distribution(counts, model=PassModel(0.9, unit_sd=0.5))
    >>> bill.least_yuan, bill.quantile(0.5), bill.quantile(0.95), bill.most_yuan
    (53000, 59000, 64000, 64000)
    """
    rules, model = rules or AwardRules(), model or PassModel()
    check_nodes(nodes)
    tariff = read_tariff(rules)
    check_counts(counts, tariff.is_by_grid)
    city = cut_city(counts, model.pass_share, tariff.is_by_grid)
    bill = distribute(city, tariff, model, nodes)
    return replace(bill, rules=rules, model=model)


def distribute(
    city: City, tariff: Tariff, model: PassModel, nodes: int | None = None
) -> BillDistribution:
    """Return the distribution of the bill under any floor, pool and price.

    Parameters
    ----------
    city, tariff, model, nodes
        See `find_bill`.

    Examples
    --------
    >>> from gridopt.appraisal.tariff import Tariff
    >>> exact = Tariff("unit", "unit", "none", 80, lambda q: 1500 * q)
    >>> unit = ((((0.5, 2),), 1),)
    >>> distribute(((unit, 1),), exact, PassModel(0.5)).yuan.tolist()
    [0, 1500, 3000]
    """
    law, (least, most) = find_bill(city, tariff, model, nodes)
    is_seen = law.chance[0] > SEEN
    chance = law.chance[0, is_seen]
    return BillDistribution(law.values[is_seen], chance / chance.sum(), least, most)


def name_quantile(share: float) -> str:
    """Name a quantile in tables: `p95`."""
    return f"p{100 * share:g}"


def label_sufficiency(appropriation_yuan: int) -> str:
    """Say in Chinese what the chance is of that an appropriation suffices."""
    return f"拨款{appropriation_yuan:,}元足额的概率"


def check_appropriation(appropriation_yuan: int) -> None:
    """Refuse an appropriation that is no whole number of yuan, or none at all.

    Raises
    ------
    InputError
        Naming the value.

    Examples
    --------
    >>> check_appropriation(2_100_000)
    """
    is_number = isinstance(appropriation_yuan, (int, np.integer))
    is_whole = is_number and not isinstance(appropriation_yuan, bool)
    if is_whole and appropriation_yuan >= 1:
        return
    raise InputError(
        f"拨款 appropriation_yuan={appropriation_yuan!r} 须为不小于1的整数元；没有拨款"
        "的，请不要给出。",
        f"appropriation_yuan={appropriation_yuan!r} must be whole yuan, 1 or more; "
        "leave it out where there is none.",
    )


def _check_share(share: float) -> None:
    is_number = isinstance(share, (int, float, np.number))
    if not (is_number and not isinstance(share, bool) and 0 < share < 1):
        raise InputError(
            f"概率 {share!r} 须大于0、小于1，如95%写作0.95；十足的把握请看上限 "
            "most_yuan。",
            f"The share {share!r} must lie above 0 and below 1: write 95 % as 0.95; "
            "for certainty see most_yuan.",
        )


def to_yuan(expected: float) -> int:
    """Round an expectation to whole yuan, half up.

    Examples
    --------
    >>> to_yuan(0.5), to_yuan(-0.5)
    (1, 0)
    """
    return int(np.floor(expected + 0.5))
