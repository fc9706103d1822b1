"""What has been drawn so far: bills of every replication, sums of units and persons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.awards.settlement import CITY
from gridopt.simulation.draws import NET_SIZE
from gridopt.simulation.estimates import share_error

if TYPE_CHECKING:
    from gridopt.awards.rounding import IntArray
    from gridopt.simulation.counting import Drawn
    from gridopt.simulation.members import Members
    from gridopt.simulation.normals import FloatArray


@dataclass(frozen=True)
class Tally:
    """Results of the first replications, whatever the stretches they came in.

    Sums of squares are taken over whole nets of `NET_SIZE` replications, so that not
    even their last digit hangs on how many replications are drawn at a time.

    Attributes
    ----------
    n
        Replications so far.
    years_yuan
        Bills by year and replication; from n on not yet filled.
    expected_yuan, n_ties
        As of `Drawn`, or None.
    unit_yuan, unit_squares
        Sums over whole nets, shape (n_nets, n_units): yuan of all years, and squares
        of them.
    open_yuan
        Yuan of units in the net that is not yet whole, shape (n_units, k).
    stars
        As of `Drawn`, or None.
    """

    n: int
    years_yuan: IntArray
    expected_yuan: FloatArray | None
    n_ties: IntArray | None
    unit_yuan: tuple[IntArray, ...]
    unit_squares: tuple[FloatArray, ...]
    open_yuan: IntArray
    stars: IntArray | None

    @classmethod
    def start(cls, replications: int, drawn: Drawn) -> Tally:
        """Make an empty tally for results of a kind."""
        n_years, n_units, _ = drawn.yuan.shape
        return cls(
            0,
            np.empty((n_years, replications), dtype=np.int64),
            None if drawn.expected_yuan is None else np.empty(replications),
            None if drawn.n_ties is None else np.empty(replications, dtype=np.int64),
            (),
            (),
            np.empty((n_units, 0), dtype=np.int64),
            None if drawn.stars is None else np.zeros_like(drawn.stars),
        )

    def add(self, drawn: Drawn) -> Tally:
        """Return the tally with the next stretch in it; this one stays as it is."""
        stop = self.n + drawn.yuan.shape[2]
        place = slice(self.n, stop)
        self.years_yuan[:, place] = drawn.yuan.sum(axis=1)
        if self.expected_yuan is not None and drawn.expected_yuan is not None:
            self.expected_yuan[place] = drawn.expected_yuan
        if self.n_ties is not None and drawn.n_ties is not None:
            self.n_ties[place] = drawn.n_ties
        stars = self.stars
        if stars is not None and drawn.stars is not None:
            stars = stars + drawn.stars
        open_yuan = np.concatenate([self.open_yuan, drawn.yuan.sum(axis=0)], axis=1)
        n_whole = open_yuan.shape[1] // NET_SIZE
        nets = [open_yuan[:, i * NET_SIZE : (i + 1) * NET_SIZE] for i in range(n_whole)]
        return replace(
            self,
            n=stop,
            unit_yuan=(*self.unit_yuan, *(net.sum(axis=1) for net in nets)),
            unit_squares=(*self.unit_squares, *map(_sum_squares, nets)),
            open_yuan=open_yuan[:, n_whole * NET_SIZE :],
            stars=stars,
        )


def list_units(
    tally: Tally, members: Members, *, is_one_pool: bool, net_size: int | None
) -> pd.DataFrame:
    """List mean yuan of each unit, or of the city where that is one pool."""
    n, nets = tally.n, list(tally.unit_yuan)
    squares = list(tally.unit_squares)
    if tally.open_yuan.shape[1]:
        nets.append(tally.open_yuan.sum(axis=1))
        rest = np.ascontiguousarray(tally.open_yuan, dtype=np.float64)
        squares.append(np.square(rest).sum(axis=1))
    mean = np.sum(nets, axis=0) / n
    if net_size:
        whole = np.array(tally.unit_yuan).reshape(-1, mean.size) / net_size
        few = np.full(mean.size, np.nan)
        sd = whole.std(axis=0, ddof=1) if len(whole) > 1 else few
        error = sd / sqrt(n / net_size)
    else:
        variance = np.sum(squares, axis=0) / n - mean * mean
        error = np.sqrt(np.maximum(variance, 0) / n)
    names = [CITY] if is_one_pool else members.units
    return pd.DataFrame({"unit": names, "mean_yuan": mean, "mean_se_yuan": error})


def list_persons(tally: Tally, members: Members, given: pd.DataFrame) -> pd.DataFrame:
    """List each person's chances of stars in a year, with their errors.

    Years of one replication count as one draw in the errors, which are so at most too
    large.
    """
    n, n_years = tally.n, len(tally.years_yuan)
    one, two, three, qualified = np.asarray(tally.stars)
    times = {
        "star0": n * n_years - one,
        "star1": one - two,
        "star2": two - three,
        "star3": three,
        "qualified": qualified,
    }
    found = given[["person_id", "unit"]].copy()
    for name, number in times.items():
        in_order = np.empty_like(number)
        in_order[members.places] = number
        share = in_order / (n * n_years)
        found[f"{name}_share"] = share
        found[f"{name}_se"] = share_error(n * share, n)
    return found


def _sum_squares(yuan: IntArray) -> FloatArray:
    # contiguous, so that the order of the sum is always the same
    return np.square(np.ascontiguousarray(yuan, dtype=np.float64)).sum(axis=1)
