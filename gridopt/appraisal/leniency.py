"""At which leniencies of units and of the year chances are computed, and their weights.

Given the leniency C of the year and U of a unit, its members pass independently, each
with a chance that depends on C and U through their sum alone. So the chances of a unit
are computed once for every sum, and averaged over U for every C by a table of weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, hypot, sqrt
from typing import TYPE_CHECKING

import numpy as np

from gridopt.appraisal.chances import MOST_NODES, FloatArray, gauss_hermite
from gridopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridopt.appraisal.model import PassModel

REACH = 8.3
"""Normal draws beyond so many standard deviations have a chance below 1e-16."""
FINENESS = 0.8
"""Step between even nodes, in widths of what is averaged: the error of the sum is
2 exp(-2 pi^2 / FINENESS^2) of a bell of that width, 8e-14."""
LEAST_WEIGHT = 1e-20
"""Gauss-Hermite nodes that weigh less cannot be seen beside the others in 64 bits."""


@dataclass(frozen=True)
class Nodes:
    """Values of a normal draw with mean 0, and their weights.

    Attributes
    ----------
    points, weights
        Shape (n,) each; the weights sum to 1.
    """

    points: FloatArray
    weights: FloatArray


def check_nodes(nodes: int | None) -> None:
    """Refuse a number of nodes that cannot be used.

    Raises
    ------
    InputError
        Where it is neither None nor a whole number from 1 to `MOST_NODES`.

    Examples
    --------
    >>> check_nodes(61)
    """
    if nodes is None:
        return
    is_whole = isinstance(nodes, int) and not isinstance(nodes, bool)
    if not (is_whole and 1 <= nodes <= MOST_NODES):
        raise InputError(
            f"积分节点数 nodes={nodes!r} 须为1至{MOST_NODES}的整数，或不指定。",
            f"nodes={nodes!r} must be a whole number from 1 to {MOST_NODES}, or None "
            "for as many as it takes.",
        )


def place_city(
    model: PassModel, unit_sizes: Iterable[int], nodes: int | None = None
) -> Nodes:
    """Return the leniencies of the year at which the city is looked at.

    Parameters
    ----------
    model
        Whose `city_sd` and `unit_sd` count.
    unit_sizes
        Members of each unit.
    nodes
        Gauss-Hermite nodes; None for an even row as dense as the members ask for.

    Notes
    -----
    Given C, the passes of a unit follow C as through a bell of variance
    unit_sd^2 + 1 / m; a product over units is as narrow as the harmonic sum of these.

    Examples
    --------
    >>> from gridopt.appraisal.model import PassModel
    >>> place_city(PassModel(0.9), [20, 30]).points.tolist()
    [0.0]
    """
    if nodes is not None:
        return _place_hermite(model.city_sd, nodes)
    sharpness = sum(1 / (model.unit_sd**2 + 1 / m) for m in unit_sizes if m)
    return _place_evenly(model.city_sd, 1 / sqrt(sharpness or 1))


def place_unit(
    model: PassModel, city: Nodes, n_members: int, nodes: int | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return the sums C + U for one unit, and their weights given each C.

    Parameters
    ----------
    model
        Whose `unit_sd` counts.
    city
        The leniencies C, shape (n_city,).
    n_members
        Members of the unit: chances of many members follow the leniency closely.
    nodes
        As in `place_city`.

    Returns
    -------
    tuple of FloatArray
        Sums, shape (n_sums,), and weights, shape (n_city, n_sums), rows summing to 1.

    Examples
    --------
    >>> from gridopt.appraisal.model import PassModel
    >>> model = PassModel(0.9, unit_sd=0.5)
    >>> sums, weights = place_unit(model, place_city(model, [20]), 20)
    >>> round(float(weights[0] @ sums**2), 12)
    0.25
    """
    sd, points = model.unit_sd, city.points
    if not sd:
        return points, np.eye(points.size)
    width = 1 / sqrt(max(n_members, 1))
    unit = _place_evenly(sd, width) if nodes is None else _place_hermite(sd, nodes)
    step = _step(sd, width)
    first = floor((points.min() - REACH * sd) / step)
    last = ceil((points.max() + REACH * sd) / step)
    if nodes is not None or last - first > points.size * unit.points.size:
        table = np.kron(np.eye(points.size), unit.weights)
        return np.add.outer(points, unit.points).ravel(), np.asarray(table, np.float64)
    # one even row of sums serves every C: far fewer than all pairs
    sums: FloatArray = step * np.arange(first, last + 1, dtype=np.float64)
    weights: FloatArray = np.exp(-0.5 * ((sums - points[:, None]) / sd) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    return sums, weights


def _step(sd: float, width: float) -> float:
    # a bell of sd times one of the width is a bell narrower than both
    return FINENESS * sd * width / hypot(sd, width)


def _place_evenly(sd: float, width: float) -> Nodes:
    # even nodes beat Gauss-Hermite ones here: what is averaged is narrow, and they
    # converge as fast for anything smooth on the whole line (Trefethen and Weideman
    # 2014, "The exponentially convergent trapezoidal rule")
    if not sd:
        return Nodes(np.zeros(1), np.ones(1))
    step = _step(sd, width)
    n_side = ceil(REACH * sd / step)
    points: FloatArray = step * np.arange(-n_side, n_side + 1, dtype=np.float64)
    weights = np.exp(-0.5 * (points / sd) ** 2)
    return Nodes(points, weights / weights.sum())


def _place_hermite(sd: float, nodes: int) -> Nodes:
    if not sd:
        return Nodes(np.zeros(1), np.ones(1))
    points, weights = gauss_hermite(nodes)
    is_seen = weights > LEAST_WEIGHT
    return Nodes(sd * points[is_seen], weights[is_seen])
