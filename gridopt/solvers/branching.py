"""How a bound is raised by cases: at most so many medoids in a region, or more.

Where the dual bound is loose, its fractional plan has one and a half grids in some
part of the block. No plan has: with at most one there, or at least two, both bounds
are better. Case by case, the loosest first, each with the prices of the case above to
start from, the tree of cases closes the gap.

References
----------
Land, Doig (1960), An automatic method of solving discrete programming problems; the
cases are those of Ryan and Foster (1981) for sets of places instead of pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from gridopt.problem import NONE, FloatArray, IntArray, Problem
from gridopt.solvers.bound import counts_in_band, tree_bound
from gridopt.solvers.prices import BIG, Prices
from gridopt.solvers.regions import NEVER, Choice, Regions, split_limits
from gridopt.solvers.result import DUAL_SCALE, Duals, Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridopt.solvers.draft import Work
    from gridopt.solvers.regions import Limits

_GRAIN = 16
"""Prices of cases are multiples of this: their sums are exact, they pack well."""

_MOST_CELLS = 4_000_000
_HUGE = float(1 << 50)
_PUSH, _GROWTH, _PATIENCE = 0.1, 1.2, 5
_MEMORY, _FADING, _INHERITED = 0.7, 0.96, 10.0
_LEAST_AIM = 8.0 * DUAL_SCALE
_LEAST_SPLIT, _MOST_SPLIT, _SIZE_WORTH = 0.08, 0.25, 0.15


@dataclass(frozen=True)
class Field:
    """All offers of a block as floats, exact while below 2^53.

    Attributes
    ----------
    costs
        Cost in 1 / 1024 dm by label (new grids last), medoid and member; a medoid's
        own entry is out of reach here, shape (n_labels + 1, n, n).
    own
        Cost of each medoid in its own grid, shape (n_labels + 1, n).
    """

    problem: Problem
    costs: FloatArray
    own: FloatArray

    @classmethod
    def of_prices(cls, prices: Prices) -> Field | None:
        """Gather all offers; None where they are too many or grids hold but one."""
        problem = prices.problem
        n, n_rows = problem.n, problem.n_labels + 1
        if n_rows * n * n > _MOST_CELLS or min(problem.most, n) < 2:
            return None
        everyone = np.arange(n)
        labels = np.append(np.arange(problem.n_labels), NONE)
        plain = prices.member_costs(everyone, everyone).T
        whole = plain + prices.label_costs(everyone, labels).T[:, None, :]
        costs = np.where(whole >= BIG, _HUGE, whole * float(DUAL_SCALE))
        own = costs[:, everyone, everyone].copy()
        costs[:, everyone, everyone] = _HUGE
        return cls(problem, costs, own)

    def evaluate(self, pi: FloatArray, sigma: FloatArray, choice: Choice) -> Step:
        """Value of the dual in one case, its slope, and the medoids chosen."""
        problem, everyone = self.problem, np.arange(self.problem.n)
        width = min(problem.most, problem.n) - 1
        reduced = self.costs - pi
        own = self.own - pi
        ranked = np.partition(reduced, width - 1, axis=2)[:, :, :width]
        ranked.sort(axis=2)
        total = np.cumsum(np.concatenate([own[:, :, None], ranked], axis=2), axis=2)
        sizes = np.arange(problem.least, width + 2)
        priced = total[:, :, problem.least - 1 :]
        priced = priced + problem.size_costs(sizes) * DUAL_SCALE
        values = priced.min(axis=2) + np.append(sigma, 0)[:, None]
        label = values.argmin(axis=0)
        least, medoids = choice.least(values[label, everyone])
        at = label[medoids]
        others = np.argsort(reduced[at, medoids], axis=1, kind="stable")[:, :width]
        n_others = problem.least - 1 + priced[at, medoids].argmin(axis=1)
        is_in = np.arange(width) < n_others[:, None]
        count = np.bincount(others[is_in], minlength=problem.n).astype(np.float64)
        count[medoids] += 1
        used = np.bincount(at, minlength=problem.n_labels + 1).astype(np.float64)
        value = float(pi.sum() - sigma.sum() + least)
        return Step(value, 1 - count, used[: problem.n_labels] - 1, medoids)


@dataclass(frozen=True)
class Step:
    """Value and slope of the dual at some prices, and the medoids chosen there."""

    value: float
    slope_pi: FloatArray
    slope_sigma: FloatArray
    medoids: IntArray


@dataclass
class Case:
    """One case of the tree: its limits, its best prices, and what they prove.

    Attributes
    ----------
    mass
        How often each enterprise was a chosen medoid of late, about the number of
        grids in all, shape (n,).
    split, branches
        Region and number that part this case in two; none at a leaf.
    """

    limits: Limits
    value: float
    pi: FloatArray
    sigma: FloatArray
    mass: FloatArray
    medoids: IntArray
    split: tuple[int, int] | None = None
    branches: list[Case] = field(default_factory=list)


def branch(
    prices: Prices,
    duals: Duals,
    cost: int,
    effort: tuple[int, int],
    work: Work,
    settle: Callable[[IntArray], int],
) -> tuple[Tree, int] | None:
    """Raise a bound by cases until it meets the cost or the work is done.

    Parameters
    ----------
    duals
        Prices to start from.
    cost
        Cost of the best plan known, whole decimetres.
    effort
        Cases that may be parted in two, and steps in each.
    settle
        Turns medoids of a case into a plan; says what the best plan costs now.

    Returns
    -------
    The tree and the bound it proves, whole decimetres; None where the block is too
    large for its offers to be kept.
    """
    offers = Field.of_prices(prices)
    if offers is None:
        return None
    search = _Search(offers, Regions.of_prices(prices), cost, effort[1], work)
    root = search.root(duals)
    search.close(root, effort[0], settle)
    tree = _tree(search.regions, root)
    return tree, tree_bound(prices.problem, tree)


@dataclass
class _Search:
    """The cases of one block on the way."""

    offers: Field
    regions: Regions
    cost: int
    n_steps: int
    work: Work

    @property
    def is_enough(self) -> float:
        """Value from which on no cheaper plan is left in a case."""
        return (self.cost - 1) * float(DUAL_SCALE) + 1

    def root(self, duals: Duals) -> Case:
        """Make the case of all plans."""
        pi, sigma = duals.pi.astype(np.float64), duals.sigma.astype(np.float64)
        n = len(pi)
        limits = {0: counts_in_band(self.offers.problem)}
        start = Case(limits, -_HUGE, pi, sigma, np.zeros(n), np.arange(0))
        return self._climb(start, limits)

    def close(
        self, root: Case, n_cases: int, settle: Callable[[IntArray], int]
    ) -> None:
        """Part the loosest case in two, again and again."""
        waiting, seen = [(root.value, 0, root)], set()
        for serial in range(1, n_cases + 1):
            if not waiting or waiting[0][0] >= self.is_enough:
                return
            case = heappop(waiting)[2]
            key = tuple(sorted(case.medoids.tolist()))
            if key not in seen:
                seen.add(key)
                self.cost = settle(case.medoids)
            case.split = self._split(case)
            if case.split is None or not self.work.step():
                case.split = None
                return
            for side, limits in enumerate(split_limits(case.limits, *case.split)):
                one = self._climb(case, limits)
                case.branches.append(one)
                if one.value < self.is_enough:
                    heappush(waiting, (one.value, 2 * serial + side, one))

    def _split(self, case: Case) -> tuple[int, int] | None:
        """Find a large region with a broken number of medoids, and the number below.

        Returns None where every region's number is settled already.
        """
        spans, sizes = self.regions.spans, self.regions.sizes
        most = case.limits[0][1]
        sums = np.append(0, np.cumsum(case.mass[self.regions.order]))
        mass = sums[spans[:, 1]] - sums[spans[:, 0]]
        fewest, greatest = np.zeros(len(spans)), np.minimum(sizes, most)
        for region, (low, high) in case.limits.items():
            fewest[region], greatest[region] = low, min(high, greatest[region])
        broken = np.minimum(mass - np.floor(mass), np.ceil(mass) - mass)
        worth = np.minimum(broken, _MOST_SPLIT)
        worth += _SIZE_WORTH * np.log(sizes) * (broken > _LEAST_SPLIT)
        is_out = (np.floor(mass) < fewest) | (np.floor(mass) >= greatest)
        worth[is_out] -= 10
        worth[fewest >= greatest] = -np.inf
        region = int(worth.argmax())
        if worth[region] == -np.inf:
            return None
        number = np.clip(np.floor(mass[region]), fewest[region], greatest[region] - 1)
        return region, int(number)

    def _climb(self, above: Case, limits: Limits) -> Case:
        """Follow subgradients in one case, from the prices of the case above."""
        choice, target = Choice(self.regions, limits), self.cost * float(DUAL_SCALE)
        pi, sigma = _rounded(above.pi), _rounded(above.sigma)
        best = Case(limits, -_HUGE, pi, sigma, above.mass, above.medoids)
        mass, n_seen = above.mass * _INHERITED, _INHERITED * above.mass.any()
        push, way_pi, way_sigma, n_idle = _PUSH, 0.0 * pi, 0.0 * sigma, 0
        for _ in range(self.n_steps):
            if not self.work.step():
                break
            step = self.offers.evaluate(pi, sigma, choice)
            if step.value > NEVER // 2:
                return Case(limits, np.inf, pi, sigma, above.mass, above.medoids)
            mass, n_seen = mass * _FADING, n_seen * _FADING + 1
            mass[step.medoids] += 1
            n_idle += 1
            if step.value > best.value + 1e-7 * abs(step.value):
                best.value, best.pi, best.sigma = step.value, pi, sigma
                best.medoids, n_idle = step.medoids, 0
                push = min(push * _GROWTH, 1.0)
            if best.value >= self.is_enough:
                break
            if n_idle >= _PATIENCE:
                push, n_idle, pi, sigma = push / 2, 0, best.pi, best.sigma
            way_pi = step.slope_pi + _MEMORY * way_pi
            way_sigma = step.slope_sigma + _MEMORY * way_sigma
            norm = float((way_pi**2).sum() + (way_sigma**2).sum())
            if norm == 0:
                break
            length = push * max(target - step.value, _LEAST_AIM) / norm
            pi = _rounded(pi + length * way_pi)
            sigma = _rounded(np.maximum(sigma + length * way_sigma, 0))
        best.mass = mass / max(n_seen, 1)
        return best


def _rounded(prices: FloatArray) -> FloatArray:
    return np.rint(prices / _GRAIN) * _GRAIN


def _tree(regions: Regions, root: Case) -> Tree:
    """Write the cases down, each before its branches; equal prices once."""
    steps, rows = [], dict[bytes, tuple[int, Case]]()
    waiting, named = [root], {0: 0}
    while waiting:
        case = waiting.pop()
        if case.split is not None:
            region, number = case.split
            steps.append((named.setdefault(region, len(named)), number))
            waiting += case.branches[::-1]
            continue
        key = case.pi.tobytes() + case.sigma.tobytes()
        row, _ = rows.setdefault(key, (len(rows), case))
        steps.append((-1, row))
    leaves = [case for _, case in rows.values()]
    return Tree(
        pi=np.array([case.pi for case in leaves]).astype(np.int64),
        sigma=np.array([case.sigma for case in leaves]).astype(np.int64),
        order=regions.order,
        regions=regions.spans[list(named)],
        steps=np.array(steps, dtype=np.int64),
    )
