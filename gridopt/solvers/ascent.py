"""How good duals are found: an ascent towards the cost of a real plan, in portions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers.choosing import MOST, Limits, ranking_of
from gridopt.solvers.climbing import (
    BEST,
    GRAIN,
    LOWER,
    N_CHOSEN,
    N_PRICED,
    NOW,
    PUSH,
    REACHED,
    SEEN_MASS,
    Climb,
    Pace,
    climb_on,
)
from gridopt.solvers.offers import FAR
from gridopt.solvers.result import DUAL_SCALE, Duals

if TYPE_CHECKING:
    from gridopt.problem import FloatArray, IntArray
    from gridopt.solvers.ground import Ground
    from gridopt.solvers.work import Work

ROOT = Pace(1.0, 1.0, 20, 0.75, 0.97, 1e-4, False)
"""Pace for a whole block."""

CASE = Pace(0.2, 1.3, 30, 0.65, 0.93, 1e-6, True)
"""Pace for a case, which starts near its best prices."""


_AT_ONCE = 4_000
"""Enterprises times steps between two looks at whether somebody asked to stop."""


@dataclass(frozen=True)
class Reached:
    """Where an ascent led.

    Attributes
    ----------
    duals
        The best prices met.
    value
        What they prove, 1 / 1024 dm: on lists an estimate, else exact; `FAR` where no
        choice of medoids keeps the limits.
    mass
        Share of each enterprise as a medoid in the fractional plan that the duals
        point to, about the number of grids in all, shape (n,).
    chosen, labels
        The medoids chosen at the best prices, and the label of each one's column.
    push
        Share of the way to the aim that the last step went, 0 at a start.
    """

    duals: Duals
    value: int
    mass: FloatArray
    chosen: IntArray
    labels: IntArray
    push: float

    @classmethod
    def start(cls, duals: Duals) -> Reached:
        """Start from duals of which nothing is known."""
        none = np.empty(0, dtype=np.int64)
        return cls(duals, -FAR, np.zeros(len(duals.pi)), none, none.copy(), 0.0)


def ascend(
    ground: Ground,
    start: Reached,
    limits: Limits,
    aim: tuple[int, int],
    pace: Pace,
    work: Work,
) -> Reached:
    """Follow subgradients from known prices.

    Parameters
    ----------
    start
        Prices to start from, and the mass to go on with.
    limits
        Limits of the case.
    aim
        Cost of a plan, whole decimetres, at which the steps aim, and their number.
        Steps end once no cheaper plan is left.
    """
    cost, n_steps = aim
    costs, offers, scratch = ground.costs, ground.offers, ground.scratch
    climb, ranking = _climb_of(ground, start, limits, pace), ranking_of(limits)
    enough = (cost - 1) * DUAL_SCALE + 1
    at_once = max(1, _AT_ONCE // ground.problem.n)
    while n_steps > 0 and work.go_on():
        part = min(n_steps, at_once)
        is_done = climb_on(
            costs, offers, limits, ranking, climb, scratch, pace,
            cost * DUAL_SCALE, enough, part,
        )  # fmt: skip
        n_steps = 0 if is_done else n_steps - part
    work.add(int(climb.counts[N_PRICED]))
    return _reached(ground, climb)


def _climb_of(ground: Ground, start: Reached, limits: Limits, pace: Pace) -> Climb:
    n, n_labels = ground.problem.n, ground.problem.n_labels
    duals = np.zeros((4, n + n_labels), dtype=np.int64)
    given = np.concatenate([start.duals.pi, start.duals.sigma])
    duals[[NOW, BEST]] = given // GRAIN * GRAIN
    last = np.zeros((4, n), dtype=np.int64)
    last[LOWER] = -FAR
    most = int(max(limits.rules[MOST, -1], 0))
    seen = _INHERITED * bool(start.mass.any())
    return Climb(
        duals=duals,
        way=np.zeros(n + n_labels),
        net=np.zeros(n, dtype=np.int64),
        last=last,
        mass=start.mass * _INHERITED,
        chosen=np.zeros((2, most + 1), dtype=np.int64),
        gains=np.zeros(ground.costs.band[1], dtype=np.int64),
        pace=np.array([start.push or pace.push, 0.0, seen]),
        counts=np.array([-FAR, 0, 0, 0]),
    )


_INHERITED = 10.0
"""Steps' worth of mass that a case takes over from the case above."""


def _reached(ground: Ground, climb: Climb) -> Reached:
    n, best = ground.problem.n, climb.duals[BEST]
    limit = _highest_dual(ground)
    value = int(climb.counts[REACHED])
    if np.abs(best).max() > limit:
        best, value = np.clip(best, -limit, limit), -FAR
    return Reached(
        duals=Duals(best[:n].copy(), best[n:].copy()),
        value=value,
        mass=climb.mass / max(float(climb.pace[SEEN_MASS]), 1.0),
        chosen=climb.chosen[0, : climb.counts[N_CHOSEN]].copy(),
        labels=climb.chosen[1, : climb.counts[N_CHOSEN]].copy(),
        push=float(climb.pace[PUSH]),
    )


def _highest_dual(ground: Ground) -> int:
    """Highest price of whose sums over all grids none passes 64 bits."""
    problem = ground.problem
    terms = max(min(problem.most, problem.n), problem.n_grids[1] + 2)
    return (1 << 60) // (problem.n * terms) // GRAIN * GRAIN
