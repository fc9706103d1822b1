"""What is near what: degrees, a local plane in metres, whole decimetres."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SYSTEMS = ("gcj02", "bd09", "wgs84", "cgcs2000")
"""Coordinate systems a register may name; inside one of them nothing is converted."""

EARTH_M = 6_378_137.0
ECCENTRICITY_SQUARED = 0.006_694_379_990_14


def local_plane(
    longitude: npt.ArrayLike,
    latitude: npt.ArrayLike,
    centre: tuple[float, float] | None = None,
) -> FloatArray:
    """Lay places out in a plane around their centre, in metres east and north.

    x = N(φ0)·cos φ0·Δλ, y = M(φ0)·Δφ with the radii of curvature of WGS-84 at the
    centre: good to 0.3 % over a county.

    Parameters
    ----------
    longitude, latitude
        Degrees, shape (n,).
    centre
        Its longitude and latitude; by default the mean, rounded half up to three
        decimals so that every machine has the same one.

    Returns
    -------
    numpy.ndarray
        Metres, shape (n, 2).

    Raises
    ------
    ValueError
        If a place is not a finite number.

    Examples
    --------
    >>> local_plane([121.24, 121.25], [28.15, 28.15], centre=(121.24, 28.15)).round(1)
    array([[  0. ,   0. ],
           [982.3,   0. ]])
    """
    east = np.asarray(longitude, dtype=np.float64)
    north = np.asarray(latitude, dtype=np.float64)
    if not (np.isfinite(east).all() and np.isfinite(north).all()):
        raise ValueError("places must be finite: an enterprise has no longitude")
    if centre is None:
        centre = mean_place(east, north)
    per_east, per_north = _metres_per_degree(np.array(centre[1], dtype=np.float64))
    return np.column_stack(
        [(east - centre[0]) * per_east, (north - centre[1]) * per_north]
    )


def mean_place(longitude: FloatArray, latitude: FloatArray) -> tuple[float, float]:
    """Average places exactly, rounded half up to three decimals; (0, 0) of none."""
    n = max(1, len(longitude))
    east, north = math.fsum(longitude) / n, math.fsum(latitude) / n
    return math.floor(east * 1000 + 0.5) / 1000, math.floor(north * 1000 + 0.5) / 1000


def _metres_per_degree(latitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    angle = np.radians(latitude)
    flat = 1 - ECCENTRICITY_SQUARED * np.sin(angle) ** 2
    east = EARTH_M / np.sqrt(flat) * np.cos(angle)
    north = EARTH_M * (1 - ECCENTRICITY_SQUARED) / flat**1.5
    return np.radians(east), np.radians(north)


def to_decimetres(plane_m: npt.ArrayLike) -> IntArray:
    """Round metres to whole decimetres, half up.

    Examples
    --------
    >>> to_decimetres([0.04, 0.05, -0.05]).tolist()
    [0, 1, 0]
    """
    return np.floor(10 * np.asarray(plane_m, dtype=np.float64) + 0.5).astype(np.int64)


def distance_m(
    longitude: npt.ArrayLike,
    latitude: npt.ArrayLike,
    from_longitude: npt.ArrayLike,
    from_latitude: npt.ArrayLike,
) -> FloatArray:
    """Measure from place to place in metres, in the local plane of the second one.

    Good to 0.3 % over a county; over a continent it only tells near from far.

    Examples
    --------
    >>> float(distance_m(121.25, 28.15, 121.24, 28.15).round(1))
    982.3
    """
    given = (longitude, latitude, from_longitude, from_latitude)
    x, y, x0, y0 = (np.asarray(one, dtype=np.float64) for one in given)
    per_east, per_north = _metres_per_degree(y0)
    return np.hypot((x - x0) * per_east, (y - y0) * per_north)


def gcj_to_bd(longitude: float, latitude: float) -> tuple[float, float]:
    """Shift a GCJ-02 place to BD-09; used for the centres of checks alone.

    Examples
    --------
    >>> east, north = gcj_to_bd(121.2478, 28.1461)
    >>> round(east, 4), round(north, 4)
    (121.2544, 28.1518)
    """
    turn = math.pi * 3000 / 180
    radius = math.hypot(longitude, latitude) + 0.00002 * math.sin(latitude * turn)
    angle = math.atan2(latitude, longitude) + 0.000003 * math.cos(longitude * turn)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006
