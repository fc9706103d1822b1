"""How a plan gets better: two grids re-cut exactly, small clusters re-seeded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gridopt.problem import NONE, FloatArray, IntArray
from gridopt.solvers.assignment import Arcs, flow
from gridopt.solvers.flow.neighbourhood import recut_pair
from gridopt.solvers.start import best_medoid

if TYPE_CHECKING:
    from gridopt.solvers.flow.draft import Draft
    from gridopt.solvers.work import Work

_N_NEAR = 6
_MOST_SETTLING = 1
_MOST_FLOWS = 6
_MOST_RANKED = 200
_N_CANDIDATES = {3: 18, 4: 14, 5: 13, 6: 13}


@dataclass(frozen=True)
class Guide:
    """What the duals know: the price of each enterprise (dm), and who makes a medoid.

    Attributes
    ----------
    pi
        Price of serving each enterprise, decimetres, shape (n,).
    favour
        How often each enterprise was a chosen medoid of late, shape (n,).
    """

    pi: FloatArray
    favour: FloatArray


def improve_pairs(draft: Draft, work: Work, seen: dict[tuple[int, int], int]) -> None:
    """Re-cut neighbouring pairs of grids until none can be cut better.

    Parameters
    ----------
    seen
        Change number at which each pair was last found at its best; kept up to date.
    """
    is_better = True
    while is_better:
        is_better = False
        for a, b in _near_pairs(draft):
            latest = max(int(draft.stamps[a]), int(draft.stamps[b]))
            if seen.get((a, b), -1) >= latest:
                continue
            if not work.step():
                return
            is_better |= _recut(draft, a, b)
            seen[a, b] = max(int(draft.stamps[a]), int(draft.stamps[b]))


def _near_pairs(draft: Draft) -> list[tuple[int, int]]:
    near = draft.neighbours(_N_NEAR)
    return sorted(
        {(min(a, b), max(a, b)) for a, row in enumerate(near.tolist()) for b in row}
    )


def _recut(draft: Draft, a: int, b: int) -> bool:
    """Re-cut two grids; whether that made them cheaper."""
    members = np.concatenate([draft.groups[a], draft.groups[b]])
    order = np.argsort(members, kind="stable")
    side = (order >= len(draft.groups[a])).astype(np.int64)
    members = members[order]
    labels = int(draft.grid_labels[a]), int(draft.grid_labels[b])
    cap = int(draft.grid_costs[a] + draft.grid_costs[b])
    cut = recut_pair(draft.ground, members, side, labels, draft.unused_labels(), cap)
    if cut is None:
        return False
    groups = members[cut.is_first], members[~cut.is_first]
    draft.replace((a, b), groups, cut.medoids, cut.labels)
    return True


def improve_clusters(
    draft: Draft, guide: Guide, n_trials: int, random: np.random.Generator, work: Work
) -> None:
    """Re-seed random clusters of neighbouring grids, then re-cut pairs."""
    seen: dict[tuple[int, int], int] = {}
    tried: dict[tuple[int, ...], int] = {}
    improve_pairs(draft, work, seen)
    if draft.n_grids < 3:
        return
    near = draft.neighbours(_N_NEAR)
    for _ in range(n_trials):
        grids = _random_cluster(near, random)
        stamp = int(draft.stamps[grids].max())
        if tried.get(tuple(grids), -1) >= stamp:
            continue
        if not work.step():
            return
        if recut_cluster(draft, guide, grids):
            improve_pairs(draft, work, seen)
            near = draft.neighbours(_N_NEAR)
        else:
            tried[tuple(grids)] = stamp


def _random_cluster(near: IntArray, random: np.random.Generator) -> list[int]:
    """Pick 3 to 6 grids that hang together."""
    k = len(near)
    wanted = min(k, int(random.integers(3, 7)))
    cluster = [int(random.integers(k))]
    while len(cluster) < wanted:
        g = cluster[int(random.integers(len(cluster)))]
        h = int(near[g, int(random.integers(min(wanted, near.shape[1])))])
        if h not in cluster:
            cluster.append(h)
    return sorted(cluster)


@lru_cache(maxsize=64)
def _subsets(c: int, g: int) -> IntArray:
    return np.array(list(combinations(range(c), g)), dtype=np.int64)


def recut_cluster(draft: Draft, guide: Guide, grids: list[int]) -> bool:
    """Try other medoids for a few grids; tell whether that made them cheaper.

    Sets of medoids are ranked by the bound that the duals put on them (the members'
    prices and the value of each medoid's least column among the members); only those
    whose bound lies below today's cost are assigned by flow.
    """
    ground = draft.ground
    members = np.sort(np.concatenate([draft.groups[g] for g in grids]))
    if ground.wishes.is_linked and ground.wishes.is_tied[members].any():
        return False
    cap = int(draft.grid_costs[grids].sum())
    own = draft.medoids[grids]
    offers = _candidates(draft, guide, members, grids)
    medoids, labels, values, cost = offers
    subsets = _subsets(len(medoids), len(grids))
    value = values[subsets].sum(axis=1) + guide.pi[members].sum()
    order = np.argsort(value, kind="stable")
    order = order[value[order] < cap][:_MOST_RANKED]
    subsets = subsets[order]
    if ground.prices.has_labels:
        subsets = subsets[_is_fair(labels[subsets], medoids[subsets])]
    if not len(subsets):
        return False
    least = cost[:, subsets].min(axis=2).sum(axis=0)
    subsets = subsets[least < cap][:_MOST_FLOWS]
    before = set(own.tolist())
    for subset in subsets:
        if set(medoids[subset].tolist()) == before and not ground.prices.has_labels:
            continue
        if _settle(draft, grids, members, cost[:, subset], labels[subset], cap):
            return True
    return False


def _is_fair(labels: IntArray, medoids: IntArray) -> np.ndarray:
    """Tell in which sets no label and no medoid comes twice."""
    ranked = np.sort(labels, axis=1)
    twice = (ranked[:, 1:] == ranked[:, :-1]) & (ranked[:, 1:] != NONE)
    ranked = np.sort(medoids, axis=1)
    return ~(twice.any(axis=1) | (ranked[:, 1:] == ranked[:, :-1]).any(axis=1))


def _candidates(
    draft: Draft, guide: Guide, members: IntArray, grids: list[int]
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """Medoids worth trying in a cluster: label, value and costs of each."""
    prices, problem = draft.ground.prices, draft.ground.problem
    n_wanted = _N_CANDIDATES[len(grids)]
    favour = guide.favour[members].copy()
    favour[np.isin(members, draft.medoids[grids])] = np.inf
    named = members[np.argsort(-favour, kind="stable")[:n_wanted]]
    medoids, labels = named, np.full(len(named), NONE)
    if prices.has_labels:
        carried = [p for p in draft.grid_labels[grids].tolist() if p != NONE]
        medoids = np.repeat(named, len(carried) + 1)
        labels = np.tile(np.array([*carried, NONE]), len(named))
    cost = prices.costs(members, medoids, labels)
    reduced = cost - guide.pi[members][:, None]
    at = np.searchsorted(members, medoids)
    columns = np.arange(len(medoids))
    own = reduced[at, columns].copy()
    reduced[at, columns] = np.inf
    ranked = np.sort(reduced.T, axis=1)[:, : problem.most - 1]
    total = np.cumsum(np.concatenate([own[:, None], ranked], axis=1), axis=1)
    sizes = np.arange(problem.least, total.shape[1] + 1)
    values = (total[:, problem.least - 1 :] + problem.size_costs(sizes)).min(axis=1)
    if prices.has_labels:
        keep = np.argsort(values, kind="stable")[:n_wanted]
        medoids, labels, values = medoids[keep], labels[keep], values[keep]
        cost = cost[:, keep]
    return medoids, labels, values, cost


def _settle(
    draft: Draft,
    grids: list[int],
    members: IntArray,
    cost: IntArray,
    labels: IntArray,
    cap: int,
) -> bool:
    """Assign a cluster to its new medoids, re-centre, and keep it if cheaper."""
    ground, problem = draft.ground, draft.ground.problem
    none = np.zeros(len(grids), dtype=np.int64)
    for _ in range(_MOST_SETTLING):
        side = flow(problem, Arcs.of_matrix(cost), len(members), none)
        if side is None:
            return False
        groups = [members[side == g] for g in range(len(grids))]
        medoids = np.array([best_medoid(ground.prices, group) for group in groups])
        cost = ground.prices.costs(members, medoids, labels)
        sizes = np.bincount(side, minlength=len(grids))
        total = int(
            cost[np.arange(len(members)), side].sum()
            + ground.prices.size_table[sizes].sum()
        )
        if total < cap:
            draft.replace(grids, groups, medoids.tolist(), labels.tolist())
            return True
    return False
