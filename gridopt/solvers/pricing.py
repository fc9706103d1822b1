"""Which grid is cheapest at each medoid when enterprises and labels have prices.

For prices pi_i and sigma_p the least reduced cost of a grid that meets at j is

    v_j = least over p and q in L … U of
          s(q) + sigma_p + (c_jjp - pi_j) + the q - 1 least (c_ijp - pi_i), i != j

All numbers are whole 1 / 1024 decimetres, so that sums are exact and every machine
sees the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers.compiling import kernel, whole
from gridopt.solvers.costs import fill_costs
from gridopt.solvers.entries import best_size, keep_row
from gridopt.solvers.labelling import best_label
from gridopt.solvers.offers import FAR, KEPT, LEAVE, OWN, SEEN, WHO
from gridopt.solvers.result import DUAL_SCALE

if TYPE_CHECKING:
    from gridopt.problem import IntArray
    from gridopt.solvers.costs import Costs
    from gridopt.solvers.offers import Offers, Scratch


@kernel
def price_all(
    costs: Costs,
    offers: Offers,
    pi: IntArray,
    sigma: IntArray,
    scratch: Scratch,
    values: IntArray,
) -> None:
    """Price every medoid exactly, whatever the size of the block: v_j, shape (n,)."""
    n, width = len(pi), offers.kept.shape[1]
    entries, marks = scratch.entries, scratch.marks
    net, everyone = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    row, kept = np.empty(n, dtype=np.int64), np.empty(width, dtype=np.int32)
    for i in range(n):
        net[i] = pi[i] - offers.terms[LEAVE, i]
        everyone[i] = i
    far = whole(FAR) // (costs.band[1] + 1)
    for j in range(n):
        fill_costs(costs, everyone, n, j, row)
        for i in range(n):
            row[i] *= DUAL_SCALE
        row[j] = far
        for t in range(width):
            kept[t] = t
        marks[-1] += 1
        if width:
            keep_row(row, net, kept, entries[KEPT], scratch.found[SEEN], marks[-1])
        own = offers.terms[OWN, j] - net[j]
        best, size = best_size(own, entries[KEPT], width, offers.sizes, costs.band)
        if len(sigma):
            for t in range(width):
                entries[WHO, t] = kept[t]
            best, _, _ = best_label(
                costs, offers, j, row, pi, sigma, whole(0), scratch, best, size,
                whole(FAR),
            )  # fmt: skip
        values[j] = min(best, whole(FAR) // n)
