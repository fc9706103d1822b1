"""What a city pays where only numbers of passes are drawn: floors, pools, yuan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridopt.awards.floors import apply_floor
from gridopt.awards.rules import AwardRules
from gridopt.awards.settlement import price_stars
from gridopt.simulation.binomials import expect_value, invert_binomial
from gridopt.simulation.case import Case, find_bases, find_leniency
from gridopt.simulation.members import LEVELS, Members

if TYPE_CHECKING:
    from gridopt.awards.rounding import IntArray
    from gridopt.simulation.luck import Luck
    from gridopt.simulation.normals import FloatArray
    from gridopt.simulation.years import Years

_MOST_LISTED = 1 << 17
"""Up to so many people the bill of a pool is looked up rather than computed."""


class Drawn(NamedTuple):
    """What a stretch of replications gives.

    Attributes
    ----------
    yuan
        Bills by year, unit (or the one pool of the city) and replication.
    expected_yuan
        Expected bill of all years given all leniency, shape (n_replications,).
    n_ties
        Boundaries at which scores were equal, all years, shape (n_replications,).
    stars
        How often each row had one, two and three stars or more, and was qualified,
        over replications and years, shape (4, n).
    """

    yuan: IntArray
    expected_yuan: FloatArray | None = None
    n_ties: IntArray | None = None
    stars: IntArray | None = None


def price(qualified: IntArray, rules: AwardRules) -> IntArray:
    """Return whole yuan of qualified people per pool, looked up where they are few.

    Examples
    --------
    >>> from gridopt.awards import AwardRules
    >>> price(np.array([[150, 16]]), AwardRules()).tolist()
    [[225000, 24000]]
    """
    most = int(qualified.max(initial=0))
    if most >= max(_MOST_LISTED, qualified.size):
        return price_stars(qualified, rules)[-1]
    award = rules.rounding, rules.star_percents, rules.prizes_yuan
    return _list_prices(award, most.bit_length())[qualified]


@lru_cache(maxsize=64)
def _list_prices(
    award: tuple[str, tuple[int, int, int], tuple[int, int, int]], n_bits: int
) -> IntArray:
    rounding, shares, prizes = award
    rules = AwardRules(rounding=rounding, star_percents=shares, prizes_yuan=prizes)
    return price_stars(np.arange(1 << n_bits), rules)[-1]


@dataclass(frozen=True)
class CountingEngine:
    """Draws numbers of passes and settles them under one case.

    Attributes
    ----------
    members
        Groups.
    case
        Rules and model.
    years
        How many years, and what they have in common.
    is_expected
        Whether the expected bill given leniency is wanted too.
    """

    members: Members
    case: Case
    years: Years
    is_expected: bool = False

    def draw(self, luck: Luck) -> Drawn:
        """Draw and settle all years of a stretch of replications."""
        yuan = np.stack([self._draw_year(luck, t) for t in range(self.years.n)])
        return Drawn(yuan, self._expect(luck) if self.is_expected else None)

    def _draw_year(self, luck: Luck, year: int) -> IntArray:
        years, case = self.years, self.case
        name = self.members, case.model, case.grid_sd, year, years

        def count() -> tuple[IntArray, IntArray]:
            sizes = self.members.sizes[:, np.newaxis]
            if year and years.has_growth:
                grown = sizes * luck.growth(year, years)
                sizes = np.floor(grown + 0.5).astype(np.int64)
            latent = self._find_latent(luck, year)
            chances = luck.chances(self.members, year)
            return sizes, invert_binomial(sizes, latent, chances)

        sizes, passed = luck.keep(("passes", *name), count)
        return settle_passes(self.members, sizes, passed, case.rules)

    def _find_latent(self, luck: Luck, year: int) -> FloatArray:
        shared = find_leniency(
            luck, self.members, self.case, year, self.years.persistence
        )
        level = self.members.levels["grid" if self.case.grid_sd else "unit"]
        if level.starts.size < len(self.members):
            shared = shared[level.codes]
        return shared + find_bases(self.members, self.case)[:, np.newaxis]

    def _expect(self, luck: Luck) -> FloatArray:
        """Sum the expected bills of rows that are settled each by itself."""
        rules = self.case.rules
        total = np.zeros(len(luck))
        for year in range(self.years.n):
            latent = self._find_latent(luck, year)
            for size, row in zip(self.members.sizes.tolist(), latent, strict=True):
                passed = np.arange(size + 1)
                held = np.array([size])
                settled = apply_floor(held, passed, rules.floor, rules.floor_percent)
                bills = price(np.broadcast_to(settled, passed.shape), rules)
                total += expect_value(bills, row)
        return total


def is_row_alone(members: Members, rules: AwardRules) -> bool:
    """Tell whether each row is a floor and a pool of its own.

    Examples
    --------
    >>> import pandas as pd
    >>> from gridopt.simulation.members import read_members
    >>> from gridopt.awards import AwardRules
    >>> members = read_members(pd.DataFrame({"unit": ["a", "b"], "members": [5, 20]}))
    >>> is_row_alone(members, AwardRules())
    True
    """
    levels = (members.levels[name] for name in (rules.pool, rules.floor_level))
    return all(level.starts.size == len(members) for level in levels)


def settle_passes(
    members: Members, sizes: IntArray, passed: IntArray, rules: AwardRules
) -> IntArray:
    """Settle numbers of passes, as `settle_awards` does, in many replications at once.

    Parameters
    ----------
    members
        Which rows lie together.
    sizes, passed
        Members and passes of each row, shapes (n, 1) or (n, n_replications), and
        (n, n_replications).
    rules
        The choices in force.

    Returns
    -------
    IntArray
        Whole yuan of each unit, or of the city where it is one pool, shape
        (n_units, n_replications) or (1, n_replications).
    """
    floor, pool = rules.floor_level, rules.pool
    places, held, reached = _gather(members, floor, sizes, passed)
    qualified = apply_floor(held, reached, rules.floor, rules.floor_percent)
    qualified = np.broadcast_to(qualified, reached.shape)
    if LEVELS.index(floor) <= LEVELS.index(pool):
        qualified = _sum_places(qualified, members.levels[pool].codes[places])
    else:
        finer = LEVELS[LEVELS.index(pool) : LEVELS.index(floor)]
        for level in reversed(finer):
            inner, held, reached = _gather(members, level, sizes, passed)
            parents = members.levels[floor].codes[inner]
            qualified = _spread(qualified, held, reached, parents)
            floor = level
    yuan = price(qualified, rules)
    if pool != "grid":
        return yuan
    return _sum_places(
        yuan, members.levels["unit"].codes[members.levels["grid"].starts]
    )


def _gather(
    members: Members, name: str, sizes: IntArray, passed: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Give the first rows of the places of a level, their members and passes."""
    level = members.levels[name]
    return (
        level.starts,
        _sum_places(sizes, level.codes),
        _sum_places(passed, level.codes),
    )


def _sum_places(numbers: IntArray, codes: IntArray) -> IntArray:
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    if starts.size == len(numbers):
        return numbers
    return np.add.reduceat(numbers, starts, axis=0)


def _spread(
    wanted: IntArray, held: IntArray, passed: IntArray, parents: IntArray
) -> IntArray:
    """Spread the qualified of larger places onto their parts, by largest remainder.

    A top-up falls on the parts in proportion to members who did not pass, a cut in
    proportion to those who did, tie to the earlier part.
    """
    result = np.empty_like(passed)
    starts = np.flatnonzero(np.diff(parents, prepend=-1))
    stops = [*starts[1:].tolist(), parents.size]
    for start, stop, total in zip(starts.tolist(), stops, wanted, strict=True):
        mine = passed[start:stop]
        gap = total - mine.sum(axis=0)
        weights = np.where(gap > 0, held[start:stop] - mine, mine)
        shares = _share_out(np.abs(gap), weights)
        result[start:stop] = mine + np.sign(gap) * shares
    return result


def _share_out(totals: IntArray, weights: IntArray) -> IntArray:
    """Share totals, shape (r,), in proportion to weights, (parts, r)."""
    # people times people: within int64 for MOST people
    exact = totals * weights
    shares, rests = np.divmod(exact, np.maximum(weights.sum(axis=0), 1))
    missing = totals - shares.sum(axis=0)
    order = np.argsort(-rests, axis=0, kind="stable")
    is_more = np.arange(len(weights))[:, np.newaxis] < missing
    more = np.zeros_like(shares)
    np.put_along_axis(more, order, is_more, axis=0)
    return shares + more
