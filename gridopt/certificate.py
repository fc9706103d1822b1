"""Why to believe an answer: the duals of a block and an independent check of them.

Nothing here is shared with the solvers or with the building of a `Problem`: places,
distances, costs and the bound are computed anew, from the register's own columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    _Limits = dict[int, tuple[int, int]]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

SCALE = 1024
"""Duals are stored in 1/1024 of a decimetre, so that their sums are exact."""

_EXACT = 1 << 61
_NOT_NEGATIVE = (
    "size_price",
    "area_price",
    "linkage_price",
    "mover_price",
    "mover_surcharge",
    "mover_allotment",
    "target",
)
_CHUNK_CELLS = 2_000_000
_EQUATOR_M = 6_378_137.0
_ECCENTRICITY2 = 0.006_694_379_990_14


@dataclass(frozen=True)
class Certificate:
    """What one block claims, and the duals that prove the bound.

    The proof is a tree of cases that leave no plan out: by how many medoids a plan
    has in some regions of the block. Each leaf has its own duals; a plain proof is a
    tree of one leaf.

    Attributes
    ----------
    block_id
        The block the claim is about, as composed.
    enterprise_ids
        Its enterprises in ascending order, shape (n,), the order of `pi`.
    least, most, target
        Band and wished number of enterprises per grid in force for the block.
    n_grids
        Least and most number of grids among which the claim holds.
    size_price, area_price, linkage_price, mover_price
        Prices of the model in whole decimetres.
    pi
        Rows of prices of the enterprises, shape (p, n), in 1/1024 decimetre, of
        either sign.
    sigma
        Rows of prices of the previous grids, shape (p, n_labels), in 1/1024
        decimetre, from 0.
    order, regions
        Positions of the enterprises in one order, shape (n,), and regions as start
        and stop in it, nested or apart, shape (r, 2); the first is the whole block.
    steps
        The tree, each node before its branches, shape (m, 2): a region and the number
        of medoids it has at most in the first branch, more in the second; or -1 and
        the row of prices of a leaf.
    previous_ids
        Ids of the block's previous grids, shape (n_labels,), the order of `sigma`.
    fixed, forbidden
        Pairs (enterprise_id, grid_id) that have to hold, that must not.
    must_link, cannot_link
        Pairs of enterprise ids; a bound may leave them out and stays valid.
    cost, bound
        What is claimed, whole decimetres; None where no bound is claimed.
    mover_surcharge, mover_allotment
        Where a cap on movers binds: what a mover costs on top in the proof, whole
        decimetres, and the movers allotted to the block. The bound then holds for
        plans in which the block has at most so many. 0 and 0 where no cap binds.
    frozen
        Those of `previous_ids` whose members stay and which take in nobody else.
    """

    block_id: str
    enterprise_ids: tuple[str, ...]
    least: int
    most: int
    target: int
    n_grids: tuple[int, int]
    size_price: int
    area_price: int
    linkage_price: int
    mover_price: int
    pi: IntArray
    sigma: IntArray
    order: IntArray
    regions: IntArray
    steps: IntArray
    previous_ids: tuple[str, ...]
    fixed: tuple[tuple[str, str], ...]
    forbidden: tuple[tuple[str, str], ...]
    must_link: tuple[tuple[str, str], ...]
    cannot_link: tuple[tuple[str, str], ...]
    cost: int
    bound: int | None
    mover_surcharge: int = 0
    mover_allotment: int = 0
    frozen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What the checker itself reads of a block: the register's columns as arrays.

    Attributes
    ----------
    longitude, latitude
        Degrees, shape (n,).
    weight
        Reporting workload, shape (n,).
    area, group
        Work area and business group as text, empty where there is none, shape (n,).
    previous
        Position in the certificate's `previous_ids`, -1 for none, shape (n,).
    """

    longitude: FloatArray
    latitude: FloatArray
    weight: FloatArray
    area: npt.NDArray[np.str_]
    group: npt.NDArray[np.str_]
    previous: IntArray


def gap_share(cost: int, bound: int | None) -> float | None:
    """Share of a cost above its bound: (cost - bound) / cost, 0 where cost is 0.

    Examples
    --------
    >>> gap_share(200, 199)
    0.005
    """
    if bound is None:
        return None
    return (cost - bound) / cost if cost else 0.0


def homes_of_grids(certificates: Iterable[Certificate]) -> dict[str, str]:
    """Tell the block to which each grid of the plan in force belongs.

    A grid without survivors belongs to none.
    """
    return {
        grid_id: one.block_id for one in certificates for grid_id in one.previous_ids
    }


def places_dm(longitude: FloatArray, latitude: FloatArray) -> IntArray:
    """Place enterprises on the plane that touches the ellipsoid at their centre.

    Radii of curvature of WGS-84 at the mean place (rounded to 0.001 degree), after
    Snyder, Map Projections: A Working Manual (1987), equations 4-18 and 4-20.

    Returns
    -------
    ndarray
        Whole decimetres east and north of the centre, shape (n, 2).

    Examples
    --------
    >>> places_dm(np.array([121.0, 121.01]), np.array([28.0, 28.0]))[1, 0]
    np.int64(4918)
    """
    east, north = _centre(longitude), _centre(latitude)
    sine2 = math.sin(math.radians(north)) ** 2
    across = _EQUATOR_M / math.sqrt(1 - _ECCENTRICITY2 * sine2)
    along = _EQUATOR_M * (1 - _ECCENTRICITY2) / (1 - _ECCENTRICITY2 * sine2) ** 1.5
    x_m = np.radians(longitude - east) * (across * math.cos(math.radians(north)))
    y_m = np.radians(latitude - north) * along
    return np.floor(10 * np.column_stack([x_m, y_m]) + 0.5).astype(np.int64)


def _centre(degrees: FloatArray) -> float:
    return math.floor(math.fsum(degrees) / len(degrees) * 1000 + 0.5) / 1000


def distances_dm(places: IntArray, medoid_of: IntArray) -> FloatArray:
    """Straight line from each enterprise to its medoid, decimetres, shape (n,)."""
    gap = (places - places[medoid_of]).astype(np.float64)
    return np.sqrt((gap**2).sum(axis=1))


def claimed_cost(
    certificate: Certificate,
    evidence: Evidence,
    medoid_of: IntArray,
    label_of: IntArray,
) -> int:
    """Price an answer anew, in whole decimetres.

    Parameters
    ----------
    medoid_of
        Position of each enterprise's medoid in the block, shape (n,).
    label_of
        Position in `previous_ids` of the grid each enterprise is in, -1 for a new
        grid, shape (n,).

    Raises
    ------
    ValueError
        Where weights are so large that the ways do not add up exactly.
    """
    places = places_dm(evidence.longitude, evidence.latitude)
    travel = _travel(evidence.weight, distances_dm(places, medoid_of))
    area, group = evidence.area, evidence.group
    crosses = (area != "") & (area[medoid_of] != "") & (area != area[medoid_of])
    unlinked = (group != "") & (group != group[medoid_of])
    moved = (evidence.previous >= 0) & (evidence.previous != label_of)
    sizes = np.unique(medoid_of, return_counts=True)[1].tolist()
    # whole numbers of Python: a price may be anything that a file can hold
    return (
        sum(travel.tolist())
        + int(crosses.sum()) * certificate.area_price
        + int(unlinked.sum()) * certificate.linkage_price
        + int(moved.sum()) * certificate.mover_price
        + sum(abs(size - certificate.target) for size in sizes) * certificate.size_price
    )


def _travel(weight: FloatArray, straight: FloatArray) -> IntArray:
    """Weigh ways, half up, in whole decimetres."""
    with np.errstate(over="ignore"):
        travel = np.floor(weight * straight + 0.5)
    if not (travel < _EXACT).all():
        raise ValueError("weights are too large to be summed exactly")
    return travel.astype(np.int64)


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
    _check_shapes(certificate, len(evidence.weight))
    _check_regions(certificate)
    pi, sigma = certificate.pi, certificate.sigma
    values: dict[int, IntArray] = {}
    bounds = []
    for limits, row in _leaves(certificate):
        if row not in values:
            values[row] = np.concatenate(list(_grid_values(certificate, evidence, row)))
        sums = _least_sums(certificate, limits, values[row])
        least = int(sums.min())
        if least < _EXACT:
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
        sums = np.full(most + 1, _EXACT)
        sums[: len(own) + 1] = np.concatenate([[0], np.cumsum(own)])
        for _, _, inner in (one for one in done if start <= one[0] < stop):
            sums = _shared_out(sums, inner)
        sums[: max(limits[region][0], 0)] = _EXACT
        sums[max(limits[region][1] + 1, 0) :] = _EXACT
        done = [one for one in done if not start <= one[0] < stop]
        done.append((start, stop, sums))
        is_free[start:stop] = False
    return done[0][2]


def _shared_out(one: IntArray, two: IntArray) -> IntArray:
    """Least sum of 0 … k medoids of two regions together."""
    least = np.full(len(one), _EXACT)
    for k in range(len(one)):
        least[k:] = np.minimum(least[k:], one[k] + two[: len(two) - k])
    return least


def _check_shapes(certificate: Certificate, n: int) -> None:
    pi, sigma = certificate.pi, certificate.sigma
    if pi.ndim != 2 or pi.shape[1] != n:
        raise ValueError(f"{pi.shape[-1]} duals for {n} enterprises")
    if sigma.shape != (len(pi), len(certificate.previous_ids)):
        raise ValueError(
            f"{sigma.shape[-1]} label prices for "
            f"{len(certificate.previous_ids)} previous grids"
        )
    strange = sorted(set(certificate.frozen) - set(certificate.previous_ids))
    if strange:
        raise ValueError(f"{strange[0]} is frozen but no previous grid of the block")
    least, most = certificate.least, certificate.most
    if not 1 <= least <= min(most, n):
        raise ValueError(f"{least} to {most} per grid for {n} enterprises")
    fewest, greatest = certificate.n_grids
    if not 1 <= fewest <= greatest <= n:
        raise ValueError(f"{fewest} to {greatest} grids for {n} enterprises")
    for name in _NOT_NEGATIVE:
        if not 0 <= getattr(certificate, name) <= _EXACT // SCALE:
            raise ValueError(f"{name} is negative or too large to be summed exactly")
    for name, price in (("pi", pi), ("sigma", sigma)):
        sums = np.abs(price.astype(np.float64)).sum(axis=1)
        if (sums * (greatest + 2) > _EXACT).any():
            raise ValueError(f"the prices of {name} are too large to be summed exactly")
    if (sigma < 0).any():
        raise ValueError(f"a label price is negative: {sigma.min()}")


def _check_regions(certificate: Certificate) -> None:
    """Regions lie in one order of all enterprises, nested or apart."""
    n, regions = certificate.pi.shape[1], certificate.regions
    if not np.array_equal(np.sort(certificate.order), np.arange(n)):
        raise ValueError("the order of the regions does not name everybody once")
    if regions.ndim != 2 or regions[:1].tolist() != [[0, n]]:
        raise ValueError("the first region is not the whole block")
    start, stop = regions.T
    if (start < 0).any() or (stop > n).any() or (start >= stop).any():
        raise ValueError(f"a region lies outside the {n} enterprises")
    crosses = (start[:, None] < start) & (start < stop[:, None])
    if (crosses & (stop[:, None] < stop)).any():
        raise ValueError("two regions overlap without one holding the other")


def _grid_values(
    certificate: Certificate, evidence: Evidence, row: int
) -> Iterator[IntArray]:
    """Yield v_j of the medoids, some at a time: memory stays flat for any n."""
    n = len(evidence.weight)
    places = places_dm(evidence.longitude, evidence.latitude)
    step = max(1, _CHUNK_CELLS // n)
    for start in range(0, n, step):
        medoids = np.arange(start, min(start + step, n))
        costs = _costs(certificate, evidence, places, medoids)
        dearest = int(costs.max()) + _mover_price(certificate)
        dearest += certificate.size_price * max(certificate.target, certificate.most)
        if dearest * SCALE > _never(certificate, n):
            raise ValueError("weights or prices are too large to be summed exactly")
        values = _values(certificate, evidence, costs, medoids, row)
        yield np.minimum(values, _EXACT // (n + 1))


def _mover_price(certificate: Certificate) -> int:
    """Price of a mover in the proof, whole decimetres."""
    return certificate.mover_price + certificate.mover_surcharge


def _never(certificate: Certificate, n: int) -> int:
    """Price of what must not be: so many of it still add up exactly."""
    return _EXACT // (min(certificate.most, n) + 1)


def _costs(
    certificate: Certificate, evidence: Evidence, places: IntArray, medoids: IntArray
) -> IntArray:
    """Cost of each member (row) under each of these medoids, without the past."""
    gap = (places[:, None, :] - places[None, medoids, :]).astype(np.float64)
    straight = np.sqrt((gap**2).sum(axis=2))
    travel = _travel(evidence.weight[:, None], straight)
    area, group = evidence.area, evidence.group
    known = (area[:, None] != "") & (area[None, medoids] != "")
    crosses = known & (area[:, None] != area[None, medoids])
    unlinked = (group[:, None] != "") & (group[:, None] != group[None, medoids])
    return (
        travel
        + crosses * np.int64(certificate.area_price)
        + unlinked * np.int64(certificate.linkage_price)
    )


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
