"""How natural passes become yuan, level by level, once every choice is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridopt.awards.extremes import bound_bills
from gridopt.awards.floors import apply_floor, reach_floor
from gridopt.awards.rounding import IntArray, count_draws, count_stars
from gridopt.awards.settlement import price_stars
from gridopt.errors import InputError

if TYPE_CHECKING:
    from gridopt.appraisal.law import Law, Mapping
    from gridopt.awards.rules import AwardRules

LEVELS = ("grid", "unit", "city")
"""Where a floor or a pool can lie, the finest first."""
Range = tuple[int, int]


@dataclass(frozen=True)
class Tariff:
    """Floor, pool and price of every number of passes (F5, F6, F7).

    Attributes
    ----------
    floor_level, pool
        Of `LEVELS`; the pool is the same or the coarser.
    floor, floor_percent
        See `apply_floor`.
    price
        Yuan of q qualified people of one pool, shape (n,) to (n,), or to (k, n)
        where k bills are equally likely.
    """

    floor_level: str
    pool: str
    floor: str
    floor_percent: int
    price: Mapping

    @property
    def is_by_grid(self) -> bool:
        """Whether members must be known by grid."""
        return "grid" in (self.floor_level, self.pool)

    def convert(self, law: Law, level: str, n_members: int) -> Law:
        """Return a law after what happens at a level: floor, price, both, nothing.

        Examples
        --------
        >>> from gridopt.appraisal.law import Law
        >>> from gridopt.awards import AwardRules
        >>> passes = Law(np.arange(3), np.array([[0.25, 0.5, 0.25]]))
        >>> read_tariff(AwardRules()).convert(passes, "unit", 2).values.tolist()
        [3000]
        """
        if level == self.floor_level:
            law = law.map(lambda passed: self._qualify(passed, n_members))
        return law.map(self.price) if level == self.pool else law

    def _qualify(self, passed: IntArray, n_members: int) -> IntArray:
        members = np.full_like(passed, n_members)
        return apply_floor(members, passed, self.floor, self.floor_percent)

    def bound(self, reach: Range, level: str, n_members: int) -> Range:
        """Return the least and the most after what happens at a level.

        Examples
        --------
        >>> from gridopt.awards import AwardRules
        >>> read_tariff(AwardRules()).bound((0, 20), "unit", 20)
        (24000, 30000)
        """
        low, high = np.atleast_1d(*reach)
        if level == self.floor_level:
            members = np.array([n_members])
            low, high = reach_floor(members, self.floor, self.floor_percent)
        if level == self.pool:
            bills = np.atleast_2d(self.price(np.arange(high[0] + 1)))
            tables = [bills.min(axis=0), bills.max(axis=0)] if len(bills) > 1 else bills
            both = [bound_bills(table.__getitem__, low, high) for table in tables]
            low, high = both[0][0], both[-1][1]
        return int(low[0]), int(high[0])

    def tabulate(self, largest_pool: int) -> Tariff:
        """Return the same tariff with every price looked up, none computed twice."""
        bills = self.price(np.arange(largest_pool + 1))
        return replace(self, price=lambda qualified: bills[..., qualified])

    def adds_people(self, level: str) -> bool:
        """Tell whether people are added within a level, not yet yuan.

        Examples
        --------
        >>> from gridopt.awards import AwardRules
        >>> tariff = read_tariff(AwardRules())
        >>> tariff.adds_people("unit"), tariff.adds_people("city")
        (True, False)
        """
        return LEVELS.index(level) <= LEVELS.index(self.pool)

    def find_step(self, level: str, largest_pool: int) -> int:
        """Return a number that all sums within a level are multiples of.

        That is 1 where people are added.

        Parameters
        ----------
        level
            Where the sum is taken: over grids (`unit`) or over units (`city`).
        largest_pool
            Members of the largest pool.

        Examples
        --------
        >>> from gridopt.awards import AwardRules
        >>> tariff = read_tariff(AwardRules())
        >>> tariff.find_step("unit", 20), tariff.find_step("city", 20)
        (1, 1000)
        """
        if self.adds_people(level):
            return 1
        bills = self.price(np.arange(largest_pool + 1))
        return int(np.gcd.reduce(bills, axis=None)) or 1


def read_tariff(rules: AwardRules) -> Tariff:
    """Return the tariff of the award rules.

    `controlled` rounding fixes the counts of the city to those of `cum_half_up`, so
    its bill is that of one city pool. Without a floor its level is that of the pool.

    Raises
    ------
    InputError
        Where the floor lies above the pool: who is topped up, and so the bill of each
        pool, then depends on who just fails.

    Examples
    --------
    >>> from gridopt.awards import AwardRules
    >>> read_tariff(AwardRules(pool="city")).is_by_grid
    False
    """
    if rules.rounding == "controlled":
        rules = rules.model_copy(update={"pool": "city", "rounding": "cum_half_up"})
    level = rules.pool if rules.floor == "none" else rules.floor_level
    if LEVELS.index(level) > LEVELS.index(rules.pool):
        raise InputError(
            f"最低合格率考核范围 floor_level={level} 大于评定范围 pool={rules.pool}："
            "补足或削减落到哪个评定范围，取决于是谁接近合格，只凭人数得不出精确的概率"
            "分布。请改用抽样模拟；或将两项设为相同，或将 pool 设得更大；"
            "上下限仍可由 settle_awards 得出。",
            f"floor_level={level} lies above pool={rules.pool}: which pool is topped "
            "up or cut depends on who just fails, so numbers alone give no exact "
            "distribution. Use the simulation, or set both to one level or pool to a "
            "coarser one; hard bounds still come from settle_awards.",
        )
    return Tariff(
        level, rules.pool, rules.floor, rules.floor_percent, make_price(rules)
    )


def make_price(rules: AwardRules) -> Mapping:
    """Return what q qualified people of one pool cost under the rules.

    Examples
    --------
    >>> from gridopt.awards import AwardRules
    >>> make_price(AwardRules())(np.array([6, 16])).tolist()
    [9000, 24000]
    """
    if rules.rounding != "random":
        return lambda qualified: price_stars(qualified, rules)[-1]

    def price(qualified: IntArray) -> IntArray:
        draws = np.arange(count_draws(rules.star_percents))
        each = draws.reshape(-1, *(1,) * qualified.ndim)
        stars = count_stars(qualified, "random", rules.star_percents, draw=each)
        yuan = np.zeros_like(stars[0])
        for prize, count in zip(rules.prizes_yuan, stars, strict=True):
            yuan += prize * count
        return yuan

    return price
