"""Who gets which star once the results are known (F5 to F8, F10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from gridopt.awards.allotment import allot_stars
from gridopt.awards.choosing import Boundary, take_best
from gridopt.awards.comparability import compare_scores
from gridopt.awards.eligibility import (
    are_scored,
    decide_passes,
    list_appraised,
    refuse_strangers,
)
from gridopt.awards.floors import apply_floor
from gridopt.awards.rounding import IntArray, Stars, sum_by
from gridopt.awards.settlement import (
    CITY,
    POOL_COLUMNS,
    Awards,
    settle_awards,
)
from gridopt.awards.ties import (
    TIE_COLUMNS,
    Tie,
    list_ties,
    order_equals,
    refuse_unseparated,
)
from gridopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from gridopt.awards.rules import AwardRules
    from gridopt.results import Results

    BoolArray = npt.NDArray[np.bool_]

STAR_COLUMNS = (
    *("person_id", "enterprise_id", "unit", "grid_id", "pool", "months"),
    *("score", "passed", "qualified", "star", "amount_yuan"),
)


@dataclass(frozen=True)
class Settlement:
    """What a year's results lead to.

    Attributes
    ----------
    stars
        One row per appraised member, sorted by person and enterprise, columns
        `STAR_COLUMNS`: `passed` by the appraisal, `qualified` once the floor is
        applied, `star` 0 to 3 and `amount_yuan` what it is worth (both missing where
        no scores tell who gets it).
    left_out
        Who served in the year and is not appraised, and why, columns
        `eligibility.LEFT_OUT_COLUMNS`.
    ties
        Every boundary where the last one taken and the first one not are equal,
        columns `TIE_COLUMNS`; `taken` differs from `wanted` under `lift` and `drop`.
    awards
        The same by pool. Nothing is open any more: both bounds are the bill.
    rank
        Place of each member among all, best first, from 0, shape (n,): by pass, by
        score made comparable across units, then as the rules order equals.
    """

    stars: pd.DataFrame
    left_out: pd.DataFrame
    ties: pd.DataFrame
    awards: Awards
    rank: IntArray


def settle_results(
    results: Results,
    rules: AwardRules,
    year: int,
    grids: Mapping[str, str] | None = None,
) -> Settlement:
    """Settle the awards of a year from its results, person by person (F5 to F8).

    Members are ranked by pass, then score, then, among equals, as the rules say.
    The floor makes the best below the line qualified, or the lowest above it not;
    stars go to the best of each pool's qualified.

    Parameters
    ----------
    results
        Scores, passes and days in post.
    rules
        The choices in force.
    year
        Year of the appraisal.
    grids
        Grid of each enterprise, needed where pool or floor level is the grid.

    Raises
    ------
    InputError
        Where somebody to be appraised has no result, results contradict each other,
        grids are missing, or the key does not separate a tie; all cases listed.

    Examples
    --------
    >>> from gridopt.awards import AwardRules
    >>> from gridopt.results import Results
    >>> posts = pd.DataFrame({"person_id": list("abcde"), "unit": "u", "score":
    ...     [90, 80, 70, 60, 50], "enterprise_id": list("vwxyz"), "row": range(2, 7),
    ...     "passed": [True] * 4 + [False], "since": pd.NaT, "until": pd.NaT})
    >>> posts = posts.astype({"score": "Int64", "passed": "boolean"})
    >>> results = Results(posts, "results.csv", False)
    >>> settled = settle_results(results, AwardRules(), 2022)
    >>> settled.stars["star"].tolist(), settled.awards.amount_yuan
    ([2, 2, 1, 1, 0], 6000)
    """
    members, left_out = list_appraised(results, rules, year)
    members["passed"] = decide_passes(members, rules)
    members["grid_id"] = _find_grids(members, rules, grids)
    if not are_scored(members):
        return _settle_counts(members, left_out, rules)
    ranks = _Ranks.of(members, rules)
    ties: list[Tie] = []
    qualified = _qualify(members, ranks, rules, ties)
    star = _give_stars(members, qualified, ranks, rules, ties)
    refuse_unseparated(ties, members, results.units)
    prizes = np.array([0, *rules.prizes_yuan], dtype=np.int64)
    stars = members.assign(
        pool=_ids(members, rules.pool),
        qualified=qualified,
        star=star,
        amount_yuan=prizes[star],
    )
    return Settlement(
        stars=stars[list(STAR_COLUMNS)],
        left_out=left_out,
        ties=list_ties(ties, members),
        awards=sum_pools(stars),
        rank=ranks.overall(),
    )


class _Ranks(NamedTuple):
    """Merit of each member, in the unit and across units, and the order of equals."""

    own: IntArray
    across: IntArray
    key: IntArray

    @classmethod
    def of(cls, members: pd.DataFrame, rules: AwardRules) -> _Ranks:
        score = members["score"].to_numpy(dtype=np.int64)
        unit = _codes(members, "unit")
        comparable = compare_scores(score, unit, rules.comparability)
        passed = members["passed"].to_numpy(dtype=np.int64)
        # who failed never stands before who passed, whatever the score
        own, across = (
            merit + passed * (int(merit.max(initial=0)) + 1)
            for merit in (score, comparable)
        )
        return cls(own, across, order_equals(members, rules))

    def overall(self) -> IntArray:
        """Place of each member among all, best first; last, equals keep their order."""
        place = np.empty(self.key.size, dtype=np.int64)
        place[np.lexsort((self.key, -self.across))] = np.arange(self.key.size)
        return place

    def at(self, level: str) -> IntArray:
        """Merit to compare by within groups of one level."""
        return self.across if level == "city" else self.own


def _qualify(
    members: pd.DataFrame, ranks: _Ranks, rules: AwardRules, ties: list[Tie]
) -> BoolArray:
    level = rules.floor_level
    group = _codes(members, level)
    passed = members["passed"].to_numpy(dtype=bool)
    if not passed.size:
        return passed
    sizes = sum_by(group, np.ones_like(group))
    passes = sum_by(group, passed.astype(np.int64))
    wanted = apply_floor(sizes, passes, rules.floor, rules.floor_percent)
    # the floor has to hold: here `drop` follows the key
    rule = "key" if rules.ties == "drop" else rules.ties
    taken, found = take_best(group, ranks.at(level), ranks.key, wanted, rule)
    ids = _ids(members, level)
    for tie in found:
        ties.append(Tie("qualified", str(ids[tie.tied[0]]), rule, tie))
    return taken


def _give_stars(
    members: pd.DataFrame,
    qualified: BoolArray,
    ranks: _Ranks,
    rules: AwardRules,
    ties: list[Tie],
) -> IntArray:
    star = np.zeros(len(members), dtype=np.int64)
    at = np.flatnonzero(qualified)
    if not at.size:
        return star
    group, ids = _codes(members, rules.pool)[at], _ids(members, rules.pool)[at]
    merit, key = ranks.at(rules.pool)[at], ranks.key[at]
    one, two, three = _count_pools(members, qualified, rules)
    for level, wanted in ((1, one + two + three), (2, two + three), (3, three)):
        taken, found = take_best(
            group, merit, key, wanted[: group.max() + 1], rules.ties
        )
        star[at[taken]] = level
        for tie in found:
            moved = Boundary(
                tie.group, tie.wanted, tie.taken, at[tie.tied], tie.is_separated
            )
            pool = str(ids[tie.tied[0]])
            ties.append(Tie(f"star{level}", pool, rules.ties, moved))
    return star


def _count_pools(
    members: pd.DataFrame, qualified: BoolArray, rules: AwardRules
) -> Stars:
    """Count the stars of every pool, those where nobody is qualified among them."""
    pool, ids = _codes(members, rules.pool), _ids(members, rules.pool)
    first = np.unique(pool, return_index=True)[1]
    people = sum_by(pool, qualified.astype(np.int64))
    return allot_stars(people, rules, ids[first], _codes(members, "unit")[first])


def _settle_counts(
    members: pd.DataFrame, left_out: pd.DataFrame, rules: AwardRules
) -> Settlement:
    """Count stars where no scores tell who gets them."""
    cells = members.assign(members=1, passed=members["passed"].astype(np.int64))
    keys = ["unit"] if members["grid_id"].isna().any() else ["unit", "grid_id"]
    counts = cells.groupby(keys, as_index=False)[["members", "passed"]].sum()
    unknown = pd.array([pd.NA] * len(members), dtype="Int64")
    stars = members.assign(
        pool=_ids(members, rules.pool),
        qualified=members["passed"],
        star=unknown,
        amount_yuan=unknown,
    )
    return Settlement(
        stars[list(STAR_COLUMNS)],
        left_out,
        pd.DataFrame(columns=list(TIE_COLUMNS)),
        Awards.of_known(settle_awards(counts, rules).pools),
        np.arange(len(members)),
    )


def sum_pools(stars: pd.DataFrame) -> Awards:
    """Sum people, stars and yuan of each pool, from the columns of `stars`."""
    flags = {f"star{level}": stars["star"] == level for level in (1, 2, 3)}
    is_city = (stars["pool"] == CITY).all()
    rows = stars.assign(
        unit=CITY if is_city else stars["unit"],
        members=1,
        passed=stars["passed"].astype(np.int64),
        qualified=stars["qualified"].astype(np.int64),
        **{name: flag.astype(np.int64) for name, flag in flags.items()},
    )
    numbers = list(POOL_COLUMNS[2:9])
    pools = rows.groupby(["pool", "unit"], as_index=False)[numbers].sum()
    return Awards.of_known(pools)


def _find_grids(
    members: pd.DataFrame, rules: AwardRules, grids: Mapping[str, str] | None
) -> pd.Series:
    if grids is None and "grid" not in (rules.pool, rules.floor_level):
        return pd.Series(pd.NA, index=members.index, dtype=object)
    if grids is None:
        raise InputError(
            f"评定范围 pool 为 {rules.pool}、最低合格率考核范围 floor_level 为 "
            f"{rules.floor_level}，须知道各企业所在的企业网格；请用 --partition 给出"
            "网格划分方案，或将两项改为 unit 或 city。",
            f"pool is {rules.pool} and floor_level {rules.floor_level}: this needs the "
            "grid of each enterprise; give a partition, or set both to unit or city.",
        )
    refuse_strangers(members, grids.keys())
    return members["enterprise_id"].map(dict(grids))


def _codes(members: pd.DataFrame, level: str) -> IntArray:
    if level == "city":
        return np.zeros(len(members), dtype=np.int64)
    keys = ["unit"] if level == "unit" else ["unit", "grid_id"]
    codes: IntArray = members.groupby(keys, sort=True).ngroup().to_numpy(np.int64)
    return codes


def _ids(members: pd.DataFrame, level: str) -> npt.NDArray[np.object_]:
    if level == "city":
        return np.full(len(members), CITY, dtype=object)
    return members["grid_id" if level == "grid" else "unit"].to_numpy(dtype=object)
