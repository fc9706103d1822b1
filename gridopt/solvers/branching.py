"""How a bound is raised by cases: at most so many medoids in a region, or more.

Where the dual bound is loose, its fractional plan has one and a half grids in some
part of the block. No plan has: with at most one there, or at least two, both bounds
are better.

    repeat
        take the case of least value; its medoids make a plan, perhaps a cheaper one
        part it in two by the region whose number of medoids is most broken
        climb in both from the prices of the case above
    until no case lies below the cost of the best plan, or the work is done

References
----------
Land, Doig (1960), An automatic method of solving discrete programming problems,
Econometrica 28; the cases are those of Ryan and Foster (1981) for sets of places
instead of pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers.ascent import CASE, Reached, ascend
from gridopt.solvers.choosing import FEWEST, MOST, PARENT, Limits, lay_limits
from gridopt.solvers.compiling import kernel, whole
from gridopt.solvers.regions import Regions
from gridopt.solvers.result import DUAL_SCALE, Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridopt.problem import FloatArray, IntArray
    from gridopt.solvers.ground import Ground
    from gridopt.solvers.work import Work

_LEAST_BROKEN, _MOST_BROKEN, _SIZE_WORTH = 0.05, 0.25, 0.3
_OUT_OF_REACH = 10.0


@dataclass
class Case:
    """One case of the tree: its limits, what its duals prove, and how it is parted.

    Attributes
    ----------
    regions
        Regions with limits, the small before the large; the last is the block.
    rules
        Least and most medoids of each, shape (2, r).
    reached
        The best prices met, and what they prove.
    split, branches
        Region and number that part this case in two; none at a leaf.
    """

    regions: IntArray
    rules: IntArray
    reached: Reached
    split: tuple[int, int] | None = None
    branches: list[Case] = field(default_factory=list)


@dataclass
class Search:
    """The cases of one block on the way.

    Attributes
    ----------
    cost
        Cost of the best plan known, whole decimetres.
    settle
        Turns the medoids of a case into a plan; says what the best plan costs now.
    """

    ground: Ground
    regions: Regions
    cost: int
    settle: Callable[[Reached], int]
    n_steps: int
    work: Work

    @property
    def enough(self) -> int:
        """Value from which on no cheaper plan is left in a case, 1 / 1024 dm."""
        return (self.cost - 1) * DUAL_SCALE + 1

    def close(self, root: Case, n_cases: int) -> int:
        """Part the loosest case in two, again and again.

        Returns
        -------
        What all cases together prove, 1 / 1024 dm.
        """
        waiting, seen = [(root.reached.value, 0, root)], set[bytes]()
        for serial in range(1, n_cases + 1):
            if waiting[0][0] >= self.enough or not self.work.go_on():
                break
            case = waiting[0][2]
            key = np.sort(case.reached.chosen).tobytes()
            if key not in seen:
                seen.add(key)
                self.cost = self.settle(case.reached)
            case.split = self._split(case)
            if case.split is None:
                break
            heappop(waiting)
            for side in (0, 1):
                one = self._branch(case, side)
                case.branches.append(one)
                heappush(waiting, (one.reached.value, 2 * serial + side, one))
            self.work.tell(self.cost, self._proven(waiting[0][0]) // DUAL_SCALE)
        return self._proven(waiting[0][0])

    def _proven(self, least: int) -> int:
        """Least value of all cases; costs are whole, so `enough` proves the cost."""
        return least if least < self.enough else self.cost * DUAL_SCALE

    def _split(self, case: Case) -> tuple[int, int] | None:
        """Find a large region with a broken number of medoids, and the number below.

        Returns None where every region's number is settled already.
        """
        regions = self.regions
        region, number = find_broken(
            regions.order, regions.spans, case.reached.mass, case.regions, case.rules
        )
        return None if region < 0 else (int(region), int(number))

    def _branch(self, case: Case, side: int) -> Case:
        """Climb in a case with at most so many medoids in a region, or with more."""
        assert case.split is not None
        region, number = case.split
        sizes = self.regions.sizes
        keys = sizes[case.regions] * len(sizes) - case.regions
        at = int(np.searchsorted(keys, sizes[region] * len(sizes) - region))
        regions, rules = case.regions, case.rules.copy()
        if at == len(keys) or regions[at] != region:
            regions = np.insert(regions, at, region)
            rules = np.insert(rules, at, [0, rules[1, -1]], axis=1)
        if side == 0:
            rules[1, at] = min(rules[1, at], number)
        else:
            rules[0, at] = max(rules[0, at], number + 1)
        reached = self.climb(case.reached, regions, rules)
        if reached.value < case.reached.value:
            # what the case above has proven holds in both of its branches
            reached = replace(
                reached, duals=case.reached.duals, value=case.reached.value
            )
        return Case(regions, rules, reached)

    def climb(self, start: Reached, regions: IntArray, rules: IntArray) -> Reached:
        """Follow subgradients in one case, from the prices of the case above."""
        limits = self._limits(regions, rules)
        aim, fresh = (self.cost, self.n_steps), replace(start, push=0.0)
        return ascend(self.ground, fresh, limits, aim, CASE, self.work)

    def _limits(self, regions: IntArray, rules: IntArray) -> Limits:
        home = np.zeros(self.ground.problem.n, dtype=np.int64)
        whole = np.empty((3, len(regions)), dtype=np.int64)
        whole[[FEWEST, MOST]] = rules
        order, spans = self.regions.order, self.regions.spans
        lay_limits(order, spans, regions, home, whole[PARENT])
        return Limits(home, whole)


def branch(
    ground: Ground,
    start: Reached,
    counts: tuple[int, int],
    cost: int,
    effort: tuple[int, int],
    settle: Callable[[Reached], int],
    work: Work,
) -> tuple[Tree, int]:
    """Raise a bound by cases until it meets the cost or the work is done.

    Parameters
    ----------
    start
        Prices to start from.
    counts
        Least and most number of grids.
    cost
        Cost of the best plan known, whole decimetres.
    effort
        Cases that may be parted in two, and steps in each.
    settle
        Turns the medoids of a case into a plan; says what the best plan costs now.

    Returns
    -------
    The tree, and the bound it proves, whole decimetres.
    """
    regions = Regions.of_prices(ground.prices)
    search = Search(ground, regions, cost, settle, effort[1], work)
    block, rules = np.zeros(1, dtype=np.int64), np.array([[counts[0]], [counts[1]]])
    root = Case(block, rules, search.climb(start, block, rules))
    if root.reached.value < start.value:
        root.reached = replace(root.reached, duals=start.duals, value=start.value)
    proven = search.close(root, effort[0])
    return _tree(regions, root), -(-proven // DUAL_SCALE)


@kernel
def find_broken(
    order: IntArray,
    spans: IntArray,
    mass: FloatArray,
    regions: IntArray,
    rules: IntArray,
) -> tuple[int, int]:
    """Find a large region whose number of medoids is broken, and the number below.

    Parameters
    ----------
    order, spans
        The enterprises in one order, and start and stop of every region in it.
    mass
        Share of each enterprise as a medoid, shape (n,).
    regions, rules
        Regions with limits, and least and most medoids of each.

    Returns
    -------
    Region and number; -1 where every region's number is settled.
    """
    r = len(spans)
    held = np.zeros(len(order) + 1)
    for t in range(len(order)):
        held[t + 1] = held[t] + mass[order[t]]
    fewest, most = np.zeros(r, dtype=np.int64), np.empty(r, dtype=np.int64)
    for q in range(r):
        most[q] = min(spans[q, 1] - spans[q, 0], rules[1, -1])
    for q in range(len(regions)):
        fewest[regions[q]] = rules[0, q]
        most[regions[q]] = min(most[regions[q]], rules[1, q])
    sizes = np.zeros(len(order) + 1)  # harmonic numbers: a logarithm without libm
    for q in range(1, len(sizes)):
        sizes[q] = sizes[q - 1] + 1.0 / q
    best, region, number = -np.inf, -1, whole(0)
    for q in range(r):
        if fewest[q] >= most[q]:
            continue
        inside = held[spans[q, 1]] - held[spans[q, 0]]
        below = whole(np.floor(inside))
        broken = min(inside - below, below + 1 - inside)
        worth = min(broken, _MOST_BROKEN)
        if broken > _LEAST_BROKEN:
            worth += _SIZE_WORTH * sizes[spans[q, 1] - spans[q, 0]]
        if below < fewest[q] or below >= most[q]:
            worth -= _OUT_OF_REACH
        if worth > best:
            best, region = worth, q
            number = min(max(below, fewest[q]), most[q] - 1)
    return region, number


def _tree(regions: Regions, root: Case) -> Tree:
    """Write the cases down, each before its branches; equal prices once."""
    steps, rows = [], dict[bytes, tuple[int, Case]]()
    waiting, named = [root], {0: 0}
    while waiting:
        case = waiting.pop()
        if case.split is not None and case.branches:
            region, number = case.split
            steps.append((named.setdefault(region, len(named)), number))
            waiting += case.branches[::-1]
            continue
        duals = case.reached.duals
        key = duals.pi.tobytes() + duals.sigma.tobytes()
        row, _ = rows.setdefault(key, (len(rows), case))
        steps.append((-1, row))
    leaves = [case.reached.duals for _, case in rows.values()]
    return Tree(
        pi=np.array([duals.pi for duals in leaves]),
        sigma=np.array([duals.sigma for duals in leaves]),
        order=regions.order,
        regions=regions.spans[list(named)],
        steps=np.array(steps, dtype=np.int64),
    )
