"""The blocks that solvers are measured on: generators, and one measure for all."""

from __future__ import annotations

import numpy as np

from gridopt.problem import FloatArray, IntArray, n_grids_by_target

LEAST, MOST, TARGET = 15, 25, 20
REFERENCE_SEEDS = {60: 1, 200: 2, 400: 3, 1000: 4, 5000: 5}
BEST_KNOWN_M = {60: 57056, 200: 131916, 400: 201291, 1000: 370244, 5000: 1016786}
"""Best plans known before, metres, and what one thread took to find such, seconds."""

SKETCH_S = {60: 0.06, 200: 0.7, 400: 1.2, 1000: 10.0, 5000: 14.0}
FRESH_SEEDS = range(101, 121)
SMALL_SEEDS = range(1001, 1401)
FORGIVEN_SHARE = 0.00002
"""Trace of integer costs in a comparison of exact distances."""

_DUPLICATED_SHARE = 0.12


def reference_points(n: int, seed: int) -> FloatArray:
    """Make a block: four fifths in clusters, the rest anywhere; metres, (n, 2)."""
    random = np.random.default_rng(seed)
    n_centres = max(3, n // 50)
    centres = random.uniform(0, 10000, (n_centres, 2))
    m = int(0.8 * n)
    near = centres[random.integers(0, n_centres, m)] + random.normal(0, 400, (m, 2))
    anywhere = random.uniform(0, 10000, (n - m, 2))
    return np.clip(np.vstack([near, anywhere]), 0, 10000)


def with_duplicates(points: FloatArray, seed: int) -> FloatArray:
    """Put twelve per cent of the points on others, as in shared buildings."""
    random = np.random.default_rng([seed, 12])
    n = len(points)
    moved = random.choice(n, int(_DUPLICATED_SHARE * n), replace=False)
    shared = points.copy()
    shared[moved] = points[random.integers(0, n, len(moved))]
    return shared


def small_points(seed: int) -> FloatArray:
    """Make one of the small blocks: 15 to 60 firms, but for 26 to 29."""
    random = np.random.default_rng([seed, 60])
    sizes = [n for n in range(15, 61) if not 26 <= n <= 29]
    return reference_points(int(random.choice(sizes)), seed)


def n_grids(n: int) -> int:
    """Count the grids by target."""
    return n_grids_by_target(n, LEAST, MOST, TARGET)


def travel_m(points: FloatArray, labels: IntArray) -> float:
    """Sum of exact distances to the best medoid of each grid, metres."""
    total = 0.0
    for label in np.unique(labels):
        own = points[labels == label]
        gap = own[:, None, :] - own[None, :, :]
        total += float(np.sqrt((gap**2).sum(axis=2)).sum(axis=0).min())
    return total


def keeps_band(labels: IntArray) -> bool:
    """Whether every grid keeps the band."""
    sizes = np.unique(labels, return_counts=True)[1]
    return bool(sizes.min() >= LEAST and sizes.max() <= MOST)
