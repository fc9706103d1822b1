"""Who gets which star where persons are drawn: ranks, floors, stars, yuan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gridopt.awards.floors import apply_floor
from gridopt.awards.rounding import count_stars
from gridopt.simulation.choosing import (
    BoolArray,
    Ranked,
    Ties,
    centre_scores,
    choose_best,
    count_places,
    rank,
    spread_percentiles,
)
from gridopt.simulation.counting import Drawn, price
from gridopt.simulation.scores import LINE, Draws, ScoreModel, ask_scores, draw_scores

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy.typing as npt
    import pandas as pd

    from gridopt.awards.rounding import IntArray
    from gridopt.awards.rules import AwardRules
    from gridopt.simulation.case import Case
    from gridopt.simulation.luck import Luck
    from gridopt.simulation.members import Members
    from gridopt.simulation.normals import FloatArray
    from gridopt.simulation.years import Years

_FIRST = 10_000.0
"""More than any two compared scores differ by, so that who passed comes first."""


class Boundaries(NamedTuple):
    """Qualified people per pool, and how many get two stars or more, and three."""

    qualified: IntArray
    rewarded: IntArray
    two: IntArray
    three: IntArray


class Scored(NamedTuple):
    """Scores of a stretch, under the name by which what follows from them is kept."""

    name: tuple[Hashable, ...]
    scores: npt.NDArray[Any]
    passed: BoolArray


@dataclass(frozen=True)
class RankingEngine:
    """Draws scores of persons and settles them under one case.

    Attributes
    ----------
    members
        Persons.
    case
        Rules, model and scoring.
    years
        How many years, and what they have in common.
    table
        The user's own table, for a score model of the user's own.
    score
        That model; None for the one of the case.
    """

    members: Members
    case: Case
    years: Years
    table: pd.DataFrame
    score: ScoreModel | None = None

    def draw(self, luck: Luck) -> Drawn:
        """Draw and settle all years of a stretch of replications."""
        settled = [self._settle_year(luck, year) for year in range(self.years.n)]
        yuan, n_ties, stars = zip(*settled, strict=True)
        return Drawn(np.stack(yuan), None, sum(n_ties), sum(stars))

    def _settle_year(self, luck: Luck, year: int) -> tuple[IntArray, ...]:
        scored, ties = self._score(luck, year), self._break_ties(luck, year)
        qualified, n_ties = self._qualify(luck, scored, ties)
        bounds, stars, n_more = self._give_stars(luck, scored, qualified, ties)
        if ties.rule in ("lift", "drop"):
            yuan = self._add_prizes(stars)
        else:
            yuan = price(bounds.qualified, self.case.rules)
        if self.case.rules.pool == "grid":
            levels = self.members.levels
            of_unit = levels["unit"].codes[levels["grid"].starts]
            starts = np.unique(of_unit, return_index=True)[1]
            yuan = np.add.reduceat(yuan, starts, axis=1)
        times = [chosen.sum(axis=0, dtype=np.int64) for chosen in (*stars, qualified)]
        return yuan.T, n_ties + n_more, np.stack(times)

    def _score(self, luck: Luck, year: int) -> Scored:
        case, years = self.case, self.years
        step = case.scoring.step
        own = id(self.score)
        name = self.members, own, case.model, case.grid_sd, step, year, years

        def make() -> Scored:
            scores = self._draw_scores(luck, year)
            if step is not None:
                scores = np.floor(scores / scores.dtype.type(step))
            return Scored(name, scores, scores >= LINE)

        return luck.keep(("scored", *name), make)

    def _draw_scores(self, luck: Luck, year: int) -> npt.NDArray[Any]:
        if self.score is None:
            return draw_scores(luck, self.members, self.case, self.years, year)
        lasts = self.years.persistence
        draws = Draws(luck.replications, year, luck, self.members, lasts)
        return ask_scores(self.score, self.table, draws, self.members)

    def _break_ties(self, luck: Luck, year: int) -> Ties:
        rule = self.case.scoring.ties

        def favour(rows: IntArray) -> FloatArray:
            if rule != "lottery":
                return self._by_key[np.newaxis]
            return luck.levels(self.members, f"lots/{year}")[rows]

        return Ties(rule, favour)

    @cached_property
    def _by_key(self) -> FloatArray:
        order = self.members.table["person_id"].argsort(kind="stable").to_numpy()
        favour = np.empty(order.size)
        favour[order] = np.arange(order.size, 0, -1)
        return favour

    def _compare(self, luck: Luck, scored: Scored, level: str) -> npt.NDArray[Any]:
        """Make scores that can be compared at a level, once for all who ask."""
        comparison = self.case.scoring.comparison
        if level != "city" or comparison == "raw":
            return scored.scores
        function = {"centred": centre_scores, "percentile": spread_percentiles}
        unit = self.members.levels["unit"]
        return luck.keep(
            ("compared", *scored.name, comparison),
            lambda: function[comparison](scored.scores, unit),
        )

    def _rank(self, luck: Luck, scored: Scored, level: str) -> Ranked:
        """Sort people of a level, those who passed first, once for all who ask."""
        compared = self._compare(luck, scored, level)
        is_raw = compared is scored.scores

        def make() -> Ranked:
            # raw scores put who passed first by themselves
            first = compared if is_raw else compared + _FIRST * scored.passed
            return rank(first, self.members.levels[level])

        comparison = "raw" if is_raw else self.case.scoring.comparison
        return luck.keep(("ranked", *scored.name, level, comparison), make)

    def _qualify(
        self, luck: Luck, scored: Scored, ties: Ties
    ) -> tuple[BoolArray, IntArray]:
        """Say who is qualified once the floor is applied, and how often that tied."""
        rules = self.case.rules
        level = self.members.levels[rules.floor_level]
        passed = count_places(scored.passed, level)
        wanted = apply_floor(level.sizes, passed, rules.floor, rules.floor_percent)
        wanted = np.broadcast_to(wanted, passed.shape)
        if (wanted == passed).all():
            return scored.passed, np.zeros(len(luck), dtype=np.int64)
        ranked = self._rank(luck, scored, rules.floor_level)
        # to drop those who tie would undercut the floor
        kept = Ties("key", ties.favour) if ties.rule == "drop" else ties
        return choose_best(ranked, wanted, level.sizes, kept)

    def _give_stars(
        self, luck: Luck, scored: Scored, qualified: BoolArray, ties: Ties
    ) -> tuple[Boundaries, tuple[BoolArray, BoolArray, BoolArray], IntArray]:
        """Say who is rewarded, who has two stars or more, and who has three."""
        rules = self.case.rules
        level = self.members.levels[rules.pool]
        bounds = _find_boundaries(count_places(qualified, level), rules)
        compared = self._compare(luck, scored, rules.pool)
        if rules.floor_level == rules.pool and compared is scored.scores:
            ranked = self._rank(luck, scored, rules.pool)
        else:
            # somebody unqualified may be ahead of somebody qualified
            none = compared.dtype.type(-np.inf)
            ranked = rank(np.where(qualified, compared, none), level)
        limits = bounds.qualified
        three, n_three = choose_best(ranked, bounds.three, limits, ties)
        two, n_two = choose_best(ranked, bounds.two, limits, ties)
        rewarded = qualified
        if rules.rounding == "floor_unfilled":
            by_key = Ties("key", ties.favour)
            rewarded = (
                qualified & choose_best(ranked, bounds.rewarded, limits, by_key)[0]
            )
        return bounds, (rewarded, two & rewarded, three & rewarded), n_two + n_three

    def _add_prizes(self, stars: tuple[BoolArray, BoolArray, BoolArray]) -> IntArray:
        one, two, three = self.case.rules.prizes_yuan
        level = self.members.levels[self.case.rules.pool]
        steps = (one, two - one, three - two)
        parts = (
            step * count_places(chosen, level)
            for step, chosen in zip(steps, stars, strict=True)
        )
        return sum(parts, start=np.zeros((), dtype=np.int64))


def _find_boundaries(qualified: IntArray, rules: AwardRules) -> Boundaries:
    most = int(qualified.max(initial=0))
    award = rules.rounding, rules.star_percents
    two, three, rewarded = _list_boundaries(award, most.bit_length())
    return Boundaries(qualified, rewarded[qualified], two[qualified], three[qualified])


@lru_cache(maxsize=64)
def _list_boundaries(
    award: tuple[str, tuple[int, int, int]], n_bits: int
) -> tuple[IntArray, IntArray, IntArray]:
    one, two, three = count_stars(np.arange(1 << n_bits), *award)
    return two + three, three, one + two + three
