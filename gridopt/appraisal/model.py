"""How likely members are to pass, and what makes them pass or fail together."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from statistics import NormalDist

from gridopt.errors import InputError

NORMAL = NormalDist()


@dataclass(frozen=True)
class PassModel:
    """Chance of a member to pass, with the leniency of units and of the year.

    A member passes where b + C + U + e >= 0: C is drawn once for the city, U once
    for each unit, e once for each member, all normal with mean 0 and standard
    deviations `city_sd`, `unit_sd` and 1. b = sqrt(1 + unit_sd^2 + city_sd^2) times
    the probit of `pass_share`, so that every member passes with chance `pass_share`
    whatever the two deviations are.

    Attributes
    ----------
    pass_share
        Chance of one member to pass, 0 to 1.
    unit_sd, city_sd
        Leniency, in standard deviations of a single member's luck, 0 or more.

    Raises
    ------
    InputError
        Where a number lies outside its range; all of them at once.

    Examples
    --------
    >>> model = PassModel(0.9, unit_sd=0.5, city_sd=0.3)
    >>> round(model.base, 6)
    1.483503
    """

    pass_share: float = 0.9
    unit_sd: float = 0.0
    city_sd: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no share or no deviation."""
        wrong = [
            (f"{name}={value!r}", f"{least:g}", f"{most:g}")
            for name, value, least, most in (
                ("pass_share", self.pass_share, 0, 1),
                ("unit_sd", self.unit_sd, 0, 10),
                ("city_sd", self.city_sd, 0, 10),
            )
            if not _lies_between(value, least, most)
        ]
        if wrong:
            zh = "、".join(f"{told}（{least}至{most}）" for told, least, most in wrong)
            en = ", ".join(f"{told} ({least} to {most})" for told, least, most in wrong)
            raise InputError(
                f"通过概率模型的参数超出范围：{zh}。通过概率须写成0至1的小数，"
                "如90%写作0.9。",
                f"Numbers of the pass model out of range: {en}. A chance is a share "
                "from 0 to 1: write 90 % as 0.9.",
            )

    @property
    def base(self) -> float:
        """The constant b; infinite where nobody or everybody passes."""
        return self.base_of(self.pass_share)

    def base_of(self, pass_share: float) -> float:
        """Return b for another marginal chance under the same deviations.

        Examples
        --------
        >>> PassModel(0.9).base_of(0.5)
        0.0
        """
        if pass_share in (0, 1):
            return inf if pass_share else -inf
        spread = sqrt(1 + self.unit_sd**2 + self.city_sd**2)
        return spread * NORMAL.inv_cdf(pass_share)


def _lies_between(value: object, least: float, most: float) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and least <= value <= most  # type: ignore[operator]
