"""What is supposed of an appraisal: rules, the model of who passes, how stars go."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from gridopt.appraisal.model import PassModel
from gridopt.awards.rules import AwardRules
from gridopt.errors import InputError
from gridopt.simulation.normals import normal_quantile
from gridopt.simulation.ranges import Range, check_ranges

if TYPE_CHECKING:
    from gridopt.simulation.luck import Luck
    from gridopt.simulation.members import Members
    from gridopt.simulation.normals import FloatArray

TIE_WORDS = {
    "key": "人员编号在前者优先",
    "lift": "并列者均按较高星级",
    "drop": "并列者均按较低星级",
    "lottery": "抽签",
}
COMPARISON_WORDS = {
    "raw": "原始得分",
    "centred": "本单元内标准化得分",
    "percentile": "本单元内百分位",
}
_LEAST = 2.0**-53
"""Chances nearer to 0 or 1 are taken for this one, so that b stays finite."""


@dataclass(frozen=True)
class Scoring:
    """How scores rank members (choices G and H).

    Attributes
    ----------
    step
        Scores are rounded down to whole multiples of this (in standard deviations of
        a member's luck), so that ties occur and nobody's pass changes; None leaves
        them as they are.
    ties
        Who comes first among equal scores at a boundary: `key` the smaller id,
        `lift` all go up, `drop` all go down, `lottery` whom a seeded draw favours.
        Where the floor tops up or cuts, `drop` acts as `key`.
    comparison
        What a pool or floor of the whole city compares across units: `raw` scores,
        scores less the unit's mean over its standard deviation (`centred`), or
        (2 x people below + people equal) / 2m within the unit (`percentile`).

    Raises
    ------
    InputError
        Where a value is not one of these, or the step is not positive.

    Examples
    --------
    >>> Scoring(step=0.125, ties="lift").comparison
    'percentile'
    """

    step: float | None = None
    ties: str = "key"
    comparison: str = "percentile"

    def __post_init__(self) -> None:
        """Refuse what is not known."""
        check_words(
            ("ties", self.ties, TIE_WORDS),
            ("comparison", self.comparison, COMPARISON_WORDS),
        )
        if self.step is not None:
            check_ranges("得分", "scores", Range("step", self.step, 1e-6, 100))


@dataclass(frozen=True)
class Case:
    """One set of suppositions whose bill is drawn.

    Attributes
    ----------
    rules
        The award rule.
    model
        Who passes, and what makes members pass together.
    grid_sd
        Leniency of each grid, as the model's `unit_sd` for units; b then allows for
        it too, so that everybody's chance stays what it is.
    scoring
        How scores rank members, where persons are drawn.

    Examples
    --------
    >>> Case(AwardRules(floor="none"), PassModel(0.85)).grid_sd
    0.0
    """

    rules: AwardRules = field(default_factory=AwardRules)
    model: PassModel = field(default_factory=PassModel)
    grid_sd: float = 0.0
    scoring: Scoring = field(default_factory=Scoring)

    def __post_init__(self) -> None:
        """Refuse a deviation out of range, and stars that no pool has by itself."""
        check_ranges("情景", "a case", Range("grid_sd", self.grid_sd, 0, 10))
        if self.rules.rounding in ("controlled", "random"):
            raise InputError(
                f"抽样模拟不能用取整规则 {self.rules.rounding}：各评定范围的星级人数不"
                "只取决于本范围的合格人数。请改用其他取整规则，或用 bill_distribution "
                "精确计算。",
                f"The rounding {self.rules.rounding} cannot be drawn: the stars of a "
                "pool hang on more than its own qualified people. Choose another, or "
                "reckon the bill exactly with bill_distribution.",
            )

    @property
    def needs_grids(self) -> bool:
        """Whether rows must say their grid."""
        levels = self.rules.pool, self.rules.floor_level
        return "grid" in levels or bool(self.grid_sd)

    @property
    def deviations(self) -> dict[str, float]:
        """Leniency by level, where there is any."""
        model = self.model
        known = {"city": model.city_sd, "unit": model.unit_sd, "grid": self.grid_sd}
        return {level: sd for level, sd in known.items() if sd}


def find_bases(members: Members, case: Case) -> FloatArray:
    """Return b of each row, finite, shape (n,), or (1,) where all are alike."""
    spread = sqrt(1 + sum(sd * sd for sd in case.deviations.values()))
    shares = members.pass_shares
    if shares is None:
        shares = np.array([case.model.pass_share])
    return spread * normal_quantile(np.clip(shares, _LEAST, 1 - _LEAST))


def find_leniency(
    luck: Luck, members: Members, case: Case, year: int, lasts: float
) -> FloatArray:
    """Return the leniency of each unit, or of each grid where grids differ.

    Returns
    -------
    FloatArray
        Sum of all levels, shape (n_places, n_replications), places as of the finest
        level in `case.deviations`, at least of units.
    """
    finest = "grid" if case.grid_sd else "unit"
    places = members.levels[finest].starts
    total = np.zeros((places.size, len(luck)))
    for level, sd in case.deviations.items():
        codes = members.levels[level].codes[places]
        drawn = luck.lenience(members, level, year, lasts)
        total += sd * (drawn if level in ("city", finest) else drawn[codes])
    return total


def check_words(*told: tuple[str, str, dict[str, str]]) -> None:
    """Refuse words that a setting does not know, all at once.

    Examples
    --------
    >>> check_words(("ties", "key", TIE_WORDS))
    """
    wrong = [
        (f"{name} 不接受 {value!r}", f"{name} does not take {value!r}", words)
        for name, value, words in told
        if value not in words
    ]
    if wrong:
        raise InputError(
            "；".join(
                f"{zh}，可用的值：{'、'.join(f'{k}（{v}）' for k, v in words.items())}"
                for zh, _, words in wrong
            )
            + "。",
            "; ".join(f"{en}; use one of: {', '.join(words)}" for _, en, words in wrong)
            + ".",
        )
