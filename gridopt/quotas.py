"""What a controlled rounding of stars is, and why to believe it: limits and prices.

Nothing here is shared with the flow that finds one: shares, limits, costs and the bound
are computed anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

_FAR = 1 << 40


@dataclass(frozen=True)
class Controlled:
    """Stars of many pools rounded together, and the prices that prove them cheapest.

    Attributes
    ----------
    stars
        One-, two- and three-star people of each pool, shape (n, 3).
    cost
        Sum of 10 - 2r over the cells that were rounded up, r the tenths of a person
        that the floor of the cell cuts off; where a share is no multiple of ten per
        cent, of 100 - 2r, r in hundredths.
    city_prices
        What one star more costs in the city, in the unit of `cost`, shape (3,).
    unit_prices
        What it costs in each unit, shape (p, 3); one row where units play no part.
    """

    stars: IntArray
    cost: int
    city_prices: IntArray
    unit_prices: IntArray


def find_flaws(
    controlled: Controlled,
    qualified: npt.ArrayLike,
    shares: tuple[int, int, int] = (60, 30, 10),
    parents: npt.ArrayLike | None = None,
) -> list[str]:
    """Say what is wrong with a controlled rounding; nothing where it is sound (F7).

    Parameters
    ----------
    controlled
        The rounding that is claimed.
    qualified, shares, parents
        What it rounds, as `gridopt.solvers.round_controlled` takes them.

    Returns
    -------
    list of str
        One sentence for each rule that does not hold: whole people, every star of a
        pool and of a unit a floor or a ceiling of its share, pools that add up, the
        city's counts, the cost, and a bound from the prices that reaches the cost, so
        that no other rounding is cheaper. Which of several cheapest ones was taken is
        not looked at.

    References
    ----------
    Causey, Cox, Ernst (1985), Applications of transportation theory to statistical
    problems, Journal of the American Statistical Association 80.

    Examples
    --------
    >>> none = np.zeros((1, 3), dtype=np.int64)
    >>> find_flaws(Controlled(np.array([[4, 1, 1]]), 0, none[0], none), [6])
    ['the cost is -4, not 0', 'at these prices the cost might be as low as -8']
    """
    people = np.asarray(qualified)
    unit = np.zeros(people.size, np.int64) if parents is None else np.asarray(parents)
    n_units = int(unit.max(initial=-1)) + 1
    parts = controlled.stars, controlled.unit_prices, controlled.city_prices
    shapes = [part.shape for part in parts]
    is_whole = all(part.dtype == np.int64 for part in parts)
    if not is_whole or shapes != [(people.size, 3), (n_units, 3), (3,)]:
        found = ", ".join(f"{part.dtype} {part.shape}" for part in parts)
        return [
            f"stars and prices of {found} do not fit {people.size} pools in {n_units} "
            "units"
        ]
    count = _Count(people, shares, unit, n_units)
    return count.find_breaks(controlled.stars) or count.find_dearness(controlled)


@dataclass(frozen=True)
class _Count:
    """Whose stars are counted: people and unit of each pool, and the shares."""

    people: IntArray
    shares: tuple[int, int, int]
    unit: IntArray
    n_units: int

    @property
    def scale(self) -> int:
        """Parts of a person in which costs are counted."""
        return 10 if all(share % 10 == 0 for share in self.shares) else 100

    @property
    def parts(self) -> IntArray:
        """Shares of the stars in these parts."""
        return np.array([share * self.scale // 100 for share in self.shares])

    @property
    def city(self) -> list[int]:
        """Stars that the city must have: half up, from the top."""
        total = int(self.people.sum())
        three = (2 * self.shares[2] * total + 100) // 200
        above = (2 * (self.shares[1] + self.shares[2]) * total + 100) // 200
        return [total - above, above - three, three]

    def by_unit(self, rows: IntArray) -> IntArray:
        """Add up the rows of each unit."""
        sums = np.zeros((self.n_units, *rows.shape[1:]), dtype=np.int64)
        np.add.at(sums, self.unit, rows)
        return sums

    def find_breaks(self, stars: IntArray) -> list[str]:
        """Say which limits the stars do not keep."""
        units = self.by_unit(stars), self.by_unit(self.people)
        checks = {
            "the stars of a pool do not add up to its people": (
                (stars.sum(axis=1) == self.people).all()
            ),
            "a star of a pool is no floor or ceiling of its share": (
                self._is_near(stars, self.people)
            ),
            "a star of a unit is no floor or ceiling of its share": (
                self._is_near(*units)
            ),
            f"the city has not {self.city} people with one, two and three stars": (
                stars.sum(axis=0).tolist() == self.city
            ),
        }
        return [message for message, is_kept in checks.items() if not is_kept]

    def _is_near(self, stars: IntArray, people: IntArray) -> bool:
        # two and three stars together are near as well: they are what star 1 leaves
        off = 100 * stars - np.multiply.outer(people, np.array(self.shares))
        return bool((np.abs(off) < 100).all())

    def find_dearness(self, controlled: Controlled) -> list[str]:
        """Hold the cost against the claim, and against the bound of the prices."""
        floors, rest = np.divmod(np.multiply.outer(self.people, self.parts), self.scale)
        costs = self.scale - 2 * rest
        cost = int((costs * (controlled.stars - floors)).sum())
        bound = self._bound(controlled, floors, rest)
        checks = {
            f"the cost is {cost}, not {controlled.cost}": cost == controlled.cost,
            f"at these prices the cost might be as low as {bound}": bound >= cost,
        }
        return [message for message, is_kept in checks.items() if not is_kept]

    def _bound(self, controlled: Controlled, floors: IntArray, rest: IntArray) -> int:
        """Bound the cost of every rounding: at fixed prices each part does its best.

        A pool earns its unit's price for a person more in a star, a unit pays it and
        earns the city's price, the city pays for what it must have. The parts do not
        touch each other, so that their least costs add up to a bound of the whole.
        """
        units, city = controlled.unit_prices, controlled.city_prices
        worth = np.where(rest > 0, self.scale - 2 * rest - units[self.unit], _FAR)
        is_taken = np.arange(3) < rest.sum(axis=1, keepdims=True) // self.scale
        pools = np.where(is_taken, np.sort(worth, axis=1), 0).sum()
        wanted = np.multiply.outer(self.by_unit(self.people), self.parts)
        least = wanted // self.scale - self.by_unit(floors)
        most = least + (wanted % self.scale > 0)
        gain = units - city
        passed_on = np.minimum(gain * least, gain * most).sum()
        return int(pools + passed_on + city @ (self.city - floors.sum(axis=0)))
