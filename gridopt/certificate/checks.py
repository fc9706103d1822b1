"""Whether a certificate is one at all: shapes, signs, sums, the tree's regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.certificate.value import EXACT, SCALE

if TYPE_CHECKING:
    from gridopt.certificate.value import Certificate

_NOT_NEGATIVE = (
    "size_price",
    "area_price",
    "linkage_price",
    "mover_price",
    "mover_surcharge",
    "mover_allotment",
    "target",
)


def check_shapes(certificate: Certificate, n: int) -> None:
    """Hold shapes, band, signs and sizes of the numbers.

    Raises
    ------
    ValueError
        With the first that is wrong.
    """
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
        if not 0 <= getattr(certificate, name) <= EXACT // SCALE:
            raise ValueError(f"{name} is negative or too large to be summed exactly")
    for name, price in (("pi", pi), ("sigma", sigma)):
        sums = np.abs(price.astype(np.float64)).sum(axis=1)
        if (sums * (greatest + 2) > EXACT).any():
            raise ValueError(f"the prices of {name} are too large to be summed exactly")
    if (sigma < 0).any():
        raise ValueError(f"a label price is negative: {sigma.min()}")


def check_regions(certificate: Certificate) -> None:
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
