"""What the duals of a block prove: its lower bound, leaf by leaf of the cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.certificate.checks import check_regions, check_shapes
from gridopt.certificate.costs import costs_under, places_dm
from gridopt.certificate.value import EXACT, SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridopt.certificate.value import Certificate, Evidence, IntArray

    _Limits = dict[int, tuple[int, int]]

_CHUNK_CELLS = 2_000_000


def proven_bound(certificate: Certificate, evidence: Evidence) -> int:
    """Compute the lower bound that the stored duals prove, in whole decimetres.

    By weak duality any pi and any sigma >= 0 prove a bound:
    sum(pi) - sum(sigma) + the k least v_j, where v_j is the least reduced cost of a
    grid that meets at j. In a leaf of the tree the k medoids are chosen within the
    leaf's limits; every plan is in some leaf, so the least of the leaves' bounds
    holds for all. Costs are whole decimetres, so the bound is rounded up. Under a cap
    on movers each costs a surcharge more, which is taken off again for the movers
    allotted: a plan with no more of them pays no more than that.

    Raises
    ------
    ValueError
        Where a price of the model or a sigma is negative, numbers do not add up
        exactly, an array has the wrong length, or the tree of cases is not whole.
    """
    check_shapes(certificate, len(evidence.weight))
    check_regions(certificate)
    pi, sigma = certificate.pi, certificate.sigma
    values: dict[int, IntArray] = {}
    bounds = []
    for limits, row in _leaves(certificate):
        if row not in values:
            values[row] = np.concatenate(list(_grid_values(certificate, evidence, row)))
        sums = _least_sums(certificate, limits, values[row])
        least = int(sums.min())
        if least < EXACT:
            bounds.append(int(pi[row].sum()) - int(sigma[row].sum()) + least)
    if not bounds:
        raise ValueError("no leaf of the tree has room for a plan")
    allotted = certificate.mover_surcharge * certificate.mover_allotment
    return -((-min(bounds)) // SCALE) - allotted


def _leaves(certificate: Certificate) -> Iterator[tuple[_Limits, int]]:
    """Yield each leaf's least and most medoids per region, and its row of prices.

    Both branches of every node are walked: nothing between them is left out.
    """
    waiting: list[_Limits] = [{0: certificate.n_grids}]
    for region, number in certificate.steps.tolist():
        if not waiting:
            raise ValueError("the tree of cases goes on after its last leaf")
        limits = waiting.pop()
        if region < 0:
            yield limits, _row_of(certificate, number)
            continue
        if region >= len(certificate.regions):
            raise ValueError(f"the tree parts a region {region} that is not there")
        fewest, most = limits.get(region, (0, certificate.n_grids[1]))
        waiting.append({**limits, region: (max(fewest, number + 1), most)})
        waiting.append({**limits, region: (fewest, min(most, number))})
    if waiting:
        raise ValueError(f"{len(waiting)} branches of the tree of cases are missing")


def _row_of(certificate: Certificate, number: int) -> int:
    if not 0 <= number < len(certificate.pi):
        raise ValueError(f"a leaf names row {number} of {len(certificate.pi)}")
    return number


def _least_sums(
    certificate: Certificate, limits: _Limits, values: IntArray
) -> IntArray:
    """Least sum of the values of 0 … k medoids within the limits, shape (k + 1,).

    From small regions to large: a region's own medoids are a sort, the regions inside
    it are tables already, and both are shared out in the best way.
    """
    most, spans = certificate.n_grids[1], certificate.regions.tolist()
    ordered = values[certificate.order]
    is_free = np.ones(len(values), dtype=bool)
    done: list[tuple[int, int, IntArray]] = []
    for region in sorted(limits, key=lambda r: (spans[r][1] - spans[r][0], -r)):
        start, stop = spans[region]
        own = np.sort(ordered[start:stop][is_free[start:stop]])[:most]
        sums = np.full(most + 1, EXACT)
        sums[: len(own) + 1] = np.concatenate([[0], np.cumsum(own)])
        for _, _, inner in (one for one in done if start <= one[0] < stop):
            sums = _shared_out(sums, inner)
        sums[: max(limits[region][0], 0)] = EXACT
        sums[max(limits[region][1] + 1, 0) :] = EXACT
        done = [one for one in done if not start <= one[0] < stop]
        done.append((start, stop, sums))
        is_free[start:stop] = False
    return done[0][2]


def _shared_out(one: IntArray, two: IntArray) -> IntArray:
    """Least sum of 0 … k medoids of two regions together."""
    least = np.full(len(one), EXACT)
    for k in range(len(one)):
        least[k:] = np.minimum(least[k:], one[k] + two[: len(two) - k])
    return least


def _grid_values(
    certificate: Certificate, evidence: Evidence, row: int
) -> Iterator[IntArray]:
    """Yield v_j of the medoids, some at a time: memory stays flat for any n."""
    n = len(evidence.weight)
    places = places_dm(evidence.longitude, evidence.latitude)
    step = max(1, _CHUNK_CELLS // n)
    for start in range(0, n, step):
        medoids = np.arange(start, min(start + step, n))
        costs = costs_under(certificate, evidence, places, medoids)
        dearest = int(costs.max()) + _mover_price(certificate)
        dearest += certificate.size_price * max(certificate.target, certificate.most)
        if dearest * SCALE > _never(certificate, n):
            raise ValueError("weights or prices are too large to be summed exactly")
        values = _values(certificate, evidence, costs, medoids, row)
        yield np.minimum(values, EXACT // (n + 1))


def _mover_price(certificate: Certificate) -> int:
    """Price of a mover in the proof, whole decimetres."""
    return certificate.mover_price + certificate.mover_surcharge


def _never(certificate: Certificate, n: int) -> int:
    """Price of what must not be: so many of it still add up exactly."""
    return EXACT // (min(certificate.most, n) + 1)


def _values(
    certificate: Certificate,
    evidence: Evidence,
    costs: IntArray,
    medoids: IntArray,
    row: int,
) -> IntArray:
    """Least reduced cost of a grid at each medoid, over all labels and sizes."""
    allowed = _allowed(certificate, evidence)
    reduced = costs * SCALE - certificate.pi[row][:, None]
    never = _never(certificate, len(costs))
    best = np.full(len(medoids), never, dtype=np.int64)
    for label in range(-1, len(certificate.previous_ids)):
        stays = evidence.previous == label if label >= 0 else np.zeros(len(costs), bool)
        leaves = (evidence.previous >= 0) & ~stays
        under = (
            reduced + (leaves * np.int64(_mover_price(certificate) * SCALE))[:, None]
        )
        under[~allowed[:, label]] = never
        price = int(certificate.sigma[row, label]) if label >= 0 else 0
        best = np.minimum(best, price + _least_grid(certificate, under, medoids))
    return best


def _allowed(certificate: Certificate, evidence: Evidence) -> npt.NDArray[np.bool_]:
    """May this enterprise be in the grid of this label? Last column: a new grid."""
    position = {key: i for i, key in enumerate(certificate.enterprise_ids)}
    column = {key: p for p, key in enumerate(certificate.previous_ids)}
    allowed = np.ones(
        (len(evidence.weight), len(certificate.previous_ids) + 1), dtype=bool
    )
    for grid in certificate.frozen:
        is_member = evidence.previous == column[grid]
        allowed[is_member, :] = False
        allowed[:, column[grid]] = is_member
    for enterprise, grid in certificate.forbidden:
        if enterprise in position and grid in column:
            allowed[position[enterprise], column[grid]] = False
    for enterprise, grid in certificate.fixed:
        if enterprise in position and grid in column:
            allowed[position[enterprise], :] = False
            allowed[position[enterprise], column[grid]] = True
    return allowed


def _least_grid(
    certificate: Certificate, under: IntArray, medoids: IntArray
) -> IntArray:
    """Least reduced cost of a grid at each medoid: own term, then the least others."""
    most = min(certificate.most, len(under))
    never = _never(certificate, len(under))
    own = under[medoids, np.arange(len(medoids))]
    others = under.copy()
    others[medoids, np.arange(len(medoids))] = never
    kept = np.sort(np.partition(others, most - 1, axis=0)[: most - 1], axis=0)
    sums = np.vstack([own[None, :], own + np.cumsum(kept, axis=0)])
    sizes = np.arange(1, most + 1)
    sums += (certificate.size_price * SCALE * np.abs(sizes - certificate.target))[
        :, None
    ]
    return sums[certificate.least - 1 :].min(axis=0)
