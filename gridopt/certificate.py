"""Why to believe an answer: the duals of a block and an independent check of them.

Nothing here is shared with the solvers or with the building of a `Problem`: places,
distances, costs and the bound are computed anew, from the register's own columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

SCALE = 1024
"""Duals are stored in 1/1024 of a decimetre, so that their sums are exact."""

_EXACT = 1 << 61
_CHUNK_CELLS = 2_000_000
_EQUATOR_M = 6_378_137.0
_ECCENTRICITY2 = 0.006_694_379_990_14


@dataclass(frozen=True)
class Certificate:
    """What one block claims, and the duals that prove the bound.

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
        Price of each enterprise, shape (n,), in 1/1024 decimetre, of either sign.
    sigma
        Price of each previous grid, shape (n_labels,), in 1/1024 decimetre, from 0.
    previous_ids
        Ids of the block's previous grids, shape (n_labels,), the order of `sigma`.
    fixed, forbidden
        Pairs (enterprise_id, grid_id) that have to hold, that must not.
    must_link, cannot_link
        Pairs of enterprise ids; a bound may leave them out and stays valid.
    cost, bound
        What is claimed, whole decimetres; None where no bound is claimed.
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
    previous_ids: tuple[str, ...]
    fixed: tuple[tuple[str, str], ...]
    forbidden: tuple[tuple[str, str], ...]
    must_link: tuple[tuple[str, str], ...]
    cannot_link: tuple[tuple[str, str], ...]
    cost: int
    bound: int | None


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
    """
    places = places_dm(evidence.longitude, evidence.latitude)
    travel = np.floor(evidence.weight * distances_dm(places, medoid_of) + 0.5)
    area, group = evidence.area, evidence.group
    crosses = (area != "") & (area[medoid_of] != "") & (area != area[medoid_of])
    unlinked = (group != "") & (group != group[medoid_of])
    moved = (evidence.previous >= 0) & (evidence.previous != label_of)
    sizes = np.unique(medoid_of, return_counts=True)[1]
    return int(
        travel.astype(np.int64).sum()
        + crosses.sum() * certificate.area_price
        + unlinked.sum() * certificate.linkage_price
        + moved.sum() * certificate.mover_price
        + np.abs(sizes - certificate.target).sum() * certificate.size_price
    )


def proven_bound(certificate: Certificate, evidence: Evidence) -> int:
    """Compute the lower bound that the stored duals prove, in whole decimetres.

    By weak duality any pi and any sigma >= 0 prove a bound:
    sum(pi) - sum(sigma) + the k least v_j, where v_j is the least reduced cost of a
    grid that meets at j. Costs are whole decimetres, so the bound is rounded up.

    Raises
    ------
    ValueError
        Where a sigma is negative or an array has the wrong length.
    """
    _check_shapes(certificate, len(evidence.weight))
    values = np.sort(np.concatenate(list(_grid_values(certificate, evidence))))
    fewest, most = certificate.n_grids
    # one high price lowers every value: k of them may pass 64 bits, so no arrays here
    totals = list(accumulate(values[:most].tolist()))[fewest - 1 :]
    duals = int(certificate.pi.sum()) - int(certificate.sigma.sum())
    return -(-(duals + min(totals)) // SCALE)


def _check_shapes(certificate: Certificate, n: int) -> None:
    if len(certificate.pi) != n:
        raise ValueError(f"{len(certificate.pi)} duals for {n} enterprises")
    if len(certificate.sigma) != len(certificate.previous_ids):
        raise ValueError(
            f"{len(certificate.sigma)} label prices for "
            f"{len(certificate.previous_ids)} previous grids"
        )
    for name, price in (("pi", certificate.pi), ("sigma", certificate.sigma)):
        if np.abs(price.astype(np.float64)).sum() > _EXACT:
            raise ValueError(f"the prices of {name} are too large to be summed exactly")
    if (certificate.sigma < 0).any():
        raise ValueError(f"a label price is negative: {certificate.sigma.min()}")
    least, most = certificate.least, certificate.most
    if not 1 <= least <= min(most, n):
        raise ValueError(f"{least} to {most} per grid for {n} enterprises")
    fewest, greatest = certificate.n_grids
    if not 1 <= fewest <= greatest <= n:
        raise ValueError(f"{fewest} to {greatest} grids for {n} enterprises")


def _grid_values(certificate: Certificate, evidence: Evidence) -> Iterator[IntArray]:
    """Yield v_j of the medoids, some at a time: memory stays flat for any n."""
    n = len(evidence.weight)
    places = places_dm(evidence.longitude, evidence.latitude)
    step = max(1, _CHUNK_CELLS // n)
    for start in range(0, n, step):
        medoids = np.arange(start, min(start + step, n))
        costs = _costs(certificate, evidence, places, medoids)
        dearest = int(costs.max()) + certificate.mover_price
        dearest += certificate.size_price * max(certificate.target, certificate.most)
        if dearest * SCALE > _never(certificate, n):
            raise ValueError("weights or prices are too large to be summed exactly")
        yield _values(certificate, evidence, costs, medoids)


def _never(certificate: Certificate, n: int) -> int:
    """Price of what must not be: so many of it still add up exactly."""
    return _EXACT // (min(certificate.most, n) + 1)


def _costs(
    certificate: Certificate, evidence: Evidence, places: IntArray, medoids: IntArray
) -> IntArray:
    """Cost of each member (row) under each of these medoids, without the past."""
    gap = (places[:, None, :] - places[None, medoids, :]).astype(np.float64)
    straight = np.sqrt((gap**2).sum(axis=2))
    travel = np.floor(evidence.weight[:, None] * straight + 0.5)
    if not (travel < _EXACT).all():
        raise ValueError("weights are too large to be summed exactly")
    area, group = evidence.area, evidence.group
    known = (area[:, None] != "") & (area[None, medoids] != "")
    crosses = known & (area[:, None] != area[None, medoids])
    unlinked = (group[:, None] != "") & (group[:, None] != group[None, medoids])
    return (
        travel.astype(np.int64)
        + crosses * np.int64(certificate.area_price)
        + unlinked * np.int64(certificate.linkage_price)
    )


def _values(
    certificate: Certificate, evidence: Evidence, costs: IntArray, medoids: IntArray
) -> IntArray:
    """Least reduced cost of a grid at each medoid, over all labels and sizes."""
    allowed = _allowed(certificate, evidence)
    reduced = costs * SCALE - certificate.pi[:, None]
    never = _never(certificate, len(costs))
    best = np.full(len(medoids), never, dtype=np.int64)
    for label in range(-1, len(certificate.sigma)):
        stays = evidence.previous == label if label >= 0 else np.zeros(len(costs), bool)
        leaves = (evidence.previous >= 0) & ~stays
        under = reduced + (leaves * np.int64(certificate.mover_price * SCALE))[:, None]
        under[~allowed[:, label]] = never
        price = int(certificate.sigma[label]) if label >= 0 else 0
        best = np.minimum(best, price + _least_grid(certificate, under, medoids))
    return best


def _allowed(certificate: Certificate, evidence: Evidence) -> npt.NDArray[np.bool_]:
    """May this enterprise be in the grid of this label? Last column: a new grid."""
    position = {key: i for i, key in enumerate(certificate.enterprise_ids)}
    column = {key: p for p, key in enumerate(certificate.previous_ids)}
    allowed = np.ones((len(evidence.weight), len(certificate.sigma) + 1), dtype=bool)
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
