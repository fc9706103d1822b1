"""What an answer costs, from the register's own columns: places, ways, prices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gridopt.certificate.value import EXACT

if TYPE_CHECKING:
    from gridopt.certificate.value import Certificate, Evidence, FloatArray, IntArray

_EQUATOR_M = 6_378_137.0
_ECCENTRICITY2 = 0.006_694_379_990_14


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
    travel = weigh_ways(evidence.weight, distances_dm(places, medoid_of))
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


def costs_under(
    certificate: Certificate, evidence: Evidence, places: IntArray, medoids: IntArray
) -> IntArray:
    """Cost of each member (row) under each of these medoids, without the past."""
    gap = (places[:, None, :] - places[None, medoids, :]).astype(np.float64)
    straight = np.sqrt((gap**2).sum(axis=2))
    travel = weigh_ways(evidence.weight[:, None], straight)
    area, group = evidence.area, evidence.group
    known = (area[:, None] != "") & (area[None, medoids] != "")
    crosses = known & (area[:, None] != area[None, medoids])
    unlinked = (group[:, None] != "") & (group[:, None] != group[None, medoids])
    return (
        travel
        + crosses * np.int64(certificate.area_price)
        + unlinked * np.int64(certificate.linkage_price)
    )


def weigh_ways(weight: FloatArray, straight: FloatArray) -> IntArray:
    """Weigh ways, half up, in whole decimetres."""
    with np.errstate(over="ignore"):
        travel = np.floor(weight * straight + 0.5)
    if not (travel < EXACT).all():
        raise ValueError("weights are too large to be summed exactly")
    return travel.astype(np.int64)
