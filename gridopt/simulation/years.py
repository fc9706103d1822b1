"""How years hang together: leniency that lasts, members that stay good, growth."""

from __future__ import annotations

from dataclasses import dataclass

from gridopt.simulation.ranges import Range, check_ranges

MOST_YEARS = 50


@dataclass(frozen=True)
class Years:
    """How many years are drawn, and what they have in common.

    Leniency follows C_t = a C_(t-1) + sqrt(1 - a^2) x a new draw, so too that of
    each unit and grid: each single year is as the model says, only sums over years
    differ. Passes are drawn afresh each year.

    Attributes
    ----------
    n
        Number of years, 1 or more.
    persistence
        a, the correlation of leniency from one year to the next, 0 to 1.
    quality_share
        Share of a member's luck, in variance, that is the member's own and stays
        over the years, 0 to 1; needs persons.
    growth_share, growth_sd
        Members of year t are hu(m G_t) of the first year's m, G_1 = 1, G_t =
        G_(t-1) (1 + g), one g for the city, normal with this mean and standard
        deviation; needs groups.

    Raises
    ------
    InputError
        Where a number lies outside its range; all of them at once.

    Examples
    --------
    >>> Years(3, persistence=0.5).n
    3
    """

    n: int = 1
    persistence: float = 0.0
    quality_share: float = 0.0
    growth_share: float = 0.0
    growth_sd: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what lies out of range."""
        check_ranges(
            "年度",
            "years",
            Range("n", self.n, 1, MOST_YEARS, is_whole=True),
            Range("persistence", self.persistence, 0, 1),
            Range("quality_share", self.quality_share, 0, 1),
            Range("growth_share", self.growth_share, -1, 10),
            Range("growth_sd", self.growth_sd, 0, 10),
        )

    @property
    def has_growth(self) -> bool:
        """Whether later years have other numbers of members."""
        return self.n > 1 and bool(self.growth_share or self.growth_sd)
