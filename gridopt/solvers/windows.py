"""How a part of a plan is cut anew: some neighbouring grids as a block of their own.

A window is a grid and those nearest to it, few enough to be closed by cases. The prices
of the whole block say beforehand how much it may save at most, and start its ascent.

References
----------
Taillard, Voss (2002), POPMUSIC: partial optimization metaheuristic under special
intensification conditions, in: Essays and surveys in metaheuristics.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridopt.problem import NONE
from gridopt.solvers.ascent import Reached
from gridopt.solvers.branching import branch
from gridopt.solvers.cut import PAID, cut_of
from gridopt.solvers.ground import Ground
from gridopt.solvers.pricing import price_all
from gridopt.solvers.result import DUAL_SCALE, Duals, Plan
from gridopt.solvers.settling import settled

if TYPE_CHECKING:
    from gridopt.problem import IntArray, Problem
    from gridopt.solvers.work import Work

_CASES, _CASE_STEPS = 40, 100

NEVER = -(1 << 50)
"""Most that a window can save with a number of grids that breaks the band."""


@dataclass(frozen=True)
class Prospect:
    """What the whole block's prices tell of its parts.

    Attributes
    ----------
    reached
        The best prices of the whole block, without labels.
    values
        Least reduced cost of a grid at each medoid, 1 / 1024 dm, shape (n,).
    """

    reached: Reached
    values: IntArray

    @classmethod
    def of_reached(cls, ground: Ground, reached: Reached) -> Prospect:
        """Price every medoid at the best prices met."""
        values = np.empty(ground.problem.n, dtype=np.int64)
        # writable, as kernels expect
        pi, sigma = reached.duals.pi.copy(), reached.duals.sigma.copy()
        price_all(ground.costs, ground.offers, pi, sigma, ground.scratch, values)
        return cls(reached, values)


@dataclass(frozen=True)
class Window:
    """Some grids of a plan and all their members.

    Attributes
    ----------
    grids, members
        Numbers in the plan and positions in the block, ascending.
    cost
        What the grids cost now, whole decimetres.
    """

    grids: IntArray
    members: IntArray
    cost: int

    @property
    def k(self) -> int:
        """Number of grids."""
        return len(self.grids)

    def key(self, k: int) -> tuple[int, bytes]:
        """Name the small block that this window makes with k grids."""
        return k, self.members.tobytes()

    def most_saved(self, problem: Problem, prospect: Prospect, k: int) -> int:
        """Bound what k grids in place of these can save, whole decimetres."""
        n = len(self.members)
        if not k * problem.least <= n <= k * problem.most or k < 1:
            return NEVER
        offers = np.sort(prospect.values[self.members])[:k]
        prices = prospect.reached.duals.pi[self.members]
        return self.cost - -(-int(prices.sum() + offers.sum()) // DUAL_SCALE)


@dataclass(frozen=True)
class Recut:
    """What came of cutting a window anew.

    Attributes
    ----------
    plan
        A plan of the window's members in their order; None where none is cheap enough.
    cost
        What it costs, whole decimetres; where there is none, no plan that costs less
        was found.
    volume
        Steps that it took, each counted as the square of the members.
    """

    plan: Plan | None
    cost: int
    volume: int = 0


def windows_of(ground: Ground, plan: Plan, n_grids: int) -> list[Window]:
    """Gather around each grid those nearest to it, by what their medoids would pay.

    No two windows are the same.
    """
    k = plan.n_grids
    apart = ground.prices.member_costs(plan.medoids, plan.medoids)
    apart[np.arange(k), np.arange(k)] = -1  # itself, whoever shares its place
    near = np.sort(np.argsort(apart, axis=1, kind="stable")[:, :n_grids], axis=1)
    near = np.unique(near, axis=0)  # two grids may gather the same
    order = np.argsort(plan.labels, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(plan.labels, minlength=k))[:-1])
    costs = cut_of(ground, plan).heads[PAID]
    return [
        Window(
            grids, np.sort(np.concatenate([groups[g] for g in grids.tolist()])),
            int(costs[grids].sum()),
        )
        for grids in near
    ]  # fmt: skip


def recut(
    ground: Ground,
    prospect: Prospect,
    members: IntArray,
    aim: tuple[int, int],
    work: Work,
) -> Recut:
    """Cut a window into k grids for less than a given cost, or find no way to.

    Cases are counted, so the cheapest plan may be missed; what is found is valid.

    Parameters
    ----------
    aim
        Number of grids, and the cost that is too much, whole decimetres.
    """
    k, cost = aim
    small = Ground.of_problem(part_of(ground.problem, members, k))
    plans: list[Plan] = []

    def known() -> int:
        return plans[-1].cost(small.problem) if plans else cost

    def settle(reached: Reached) -> int:
        drawn = settled(small, reached, known())
        if drawn is not None and drawn.cost(small.problem) < known():
            plans.append(drawn)
        return known()

    start = _start(prospect.reached, members)
    effort = _CASES, _CASE_STEPS
    tree, _ = branch(small, start, (k, k), cost, effort, settle, work)
    volume = tree.n_leaves * _CASE_STEPS * len(members) ** 2
    return Recut(plans[-1] if plans else None, known(), volume)


def _start(reached: Reached, members: IntArray) -> Reached:
    """Take the prices of some members out of those of the whole block."""
    none = np.empty(0, dtype=np.int64)
    start = Reached.start(Duals(reached.duals.pi[members], none))
    return replace(start, mass=reached.mass[members])


def part_of(problem: Problem, members: IntArray, k: int) -> Problem:
    """Make some members a block of their own, with all prices and links among them.

    Labels are left out: only a block without any is cut by windows.
    """
    travel, place = problem.travel_dm, np.full(problem.n, NONE, dtype=np.int64)
    place[members] = np.arange(len(members))
    return replace(
        problem,
        points_dm=problem.points_dm[members],
        weights=problem.weights[members],
        areas=problem.areas[members],
        groups=problem.groups[members],
        previous=problem.previous[members],
        n_grids=(k, k),
        must_link=_among(problem.must_link, place),
        cannot_link=_among(problem.cannot_link, place),
        travel_dm=None if travel is None else travel[np.ix_(members, members)],
    )


def _among(pairs: IntArray, place: IntArray) -> IntArray:
    placed: IntArray = place[pairs]
    return placed[(placed != NONE).all(axis=1)]


def put(plan: Plan, window: Window, grids: IntArray, recut: Plan) -> Plan:
    """Put a window's new grids into the plan, under these numbers."""
    labels, medoids = plan.labels.copy(), plan.medoids.copy()
    labels[window.members] = grids[recut.labels]
    medoids[grids] = window.members[recut.medoids]
    return Plan(labels, medoids, plan.grid_labels)
