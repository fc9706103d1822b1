"""How many stars each pool has: counted alone, by lot, or all pools together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.awards.rounding import IntArray, Stars, count_draws, count_stars
from gridopt.chance import draw_whole
from gridopt.quotas import find_flaws
from gridopt.solvers import round_controlled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridopt.awards.rules import AwardRules


NOT_ALONE = ("controlled", "random")
"""Rules whose stars hang on more than the people of the pool."""


def allot_stars(
    qualified: IntArray, rules: AwardRules, pools: Iterable[str], unit: IntArray
) -> Stars:
    """Count the stars of all pools of one settlement (F6, F7).

    Most rules count every pool by itself. `random` draws one j per pool, from
    `draw_seed` and the id of the pool; `controlled` rounds all pools together, those
    of a unit within the unit's own shares.

    Parameters
    ----------
    qualified
        Qualified people of each pool, in the order in which equal costs are settled,
        shape (n,).
    pools
        Id of each pool.
    unit
        Number of the unit of each pool, rising from 0, shape (n,).

    Returns
    -------
    tuple of IntArray
        One-, two- and three-star people of each pool, shape (n,) each.

    Examples
    --------
    >>> import numpy as np
    >>> from gridopt.awards import AwardRules
    >>> rules = AwardRules(rounding="controlled")
    >>> allot_stars(np.array([5, 5]), rules, ["a", "b"], np.array([0, 1]))[2].tolist()
    [1, 0]
    """
    shares = rules.star_percents
    if rules.rounding == "random":
        draws = draw_whole(rules.draw_seed, "stars", pools, count_draws(shares))
        return count_stars(qualified, "random", shares, draws)
    if rules.rounding != "controlled":
        return count_stars(qualified, rules.rounding, shares)
    # pools that are units or the city itself have no unit above them
    parents = unit if rules.pool == "grid" else None
    found = round_controlled(qualified, shares, parents)
    flaws = find_flaws(found, qualified, shares, parents)
    if flaws:
        raise AssertionError(f"A rounding that cannot be: {'; '.join(flaws)}.")
    one, two, three = found.stars.T
    return one, two, three


def bounding_rules(rules: AwardRules) -> tuple[str, str]:
    """Name the rules that give a pool its cheapest and its dearest stars (F7).

    Any lot rounds both counts, three stars and two or more, down or up; so does
    `controlled`, where every star is the floor or the ceiling of its share.

    Examples
    --------
    >>> from gridopt.awards import AwardRules
    >>> bounding_rules(AwardRules(rounding="random"))
    ('cum_floor', 'cum_ceil')
    """
    if rules.rounding == "random":
        return "cum_floor", "cum_ceil"
    if rules.rounding == "controlled":
        # one pool for the city has the city's counts
        is_city = rules.pool == "city"
        return ("cum_half_up",) * 2 if is_city else ("cum_floor", "cum_ceil")
    return rules.rounding, rules.rounding
