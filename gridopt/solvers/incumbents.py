"""Which heads led the grids before, and how many of them each can keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

NONE = -1
"""A grid without a head, a head without a limit."""


@dataclass(frozen=True)
class Incumbents:
    """Who led the grids of a unit before.

    Attributes
    ----------
    before
        Position of the head that each grid had, `NONE` where it had none, shape (n,).
    held
        Most grids that each head keeps: those it had, or its limit, shape (h,).
        Anyone may lead any grid, so all of them can do so at once.
    kept
        A first choice of these grids, `NONE` for the others, shape (n,).
    """

    before: IntArray
    held: IntArray
    kept: IntArray

    @classmethod
    def of(cls, previous: npt.ArrayLike | None, most: IntArray, n: int) -> Incumbents:
        """Count what each head can keep.

        Parameters
        ----------
        previous
            As `before`; None where there is no past.
        most
            Most grids of each head, shape (h,).

        Raises
        ------
        ValueError
            Where `previous` is not one position per grid.

        Examples
        --------
        >>> Incumbents.of([0, 0, NONE], np.array([1, 3]), 3).held.tolist()
        [1, 0]
        """
        before = np.full(n, NONE, dtype=np.int64)
        if previous is not None:
            before = np.asarray(previous, dtype=np.int64)
        if before.shape != (n,) or (before < NONE).any() or (before >= len(most)).any():
            raise ValueError(
                f"previous must name one of {len(most)} heads or {NONE} for each of "
                f"{n} grids"
            )
        held = np.minimum(
            np.bincount(before[before != NONE], minlength=len(most)), most
        )
        kept = np.full(n, NONE, dtype=np.int64)
        for head in np.flatnonzero(held):
            kept[np.flatnonzero(before == head)[: held[head]]] = head
        return cls(before, held, kept)

    def prices(self, table: IntArray) -> IntArray:
        """Price a grid led by any but its head, or by nobody, above all metres.

        Returns
        -------
        Shape (n, h + 1), the last column for a grid without a head.
        """
        prices = np.zeros((len(self.before), len(self.held) + 1), dtype=np.int64)
        had = np.flatnonzero(self.before != NONE)
        prices[had] = int(table.sum()) + 1
        prices[had, self.before[had]] = 0
        return prices

    def sure_distance(self, table: IntArray) -> int:
        """Sum the distances between grids that their head keeps in any plan."""
        n_had = np.bincount(self.before[self.before != NONE], minlength=len(self.held))
        # the last place answers for grids that had no head
        keeps_all = np.append((n_had == self.held) & (n_had > 0), False)[self.before]
        is_pair = self.before[:, None] == self.before[None, :]
        return int(table[is_pair & keeps_all[:, None]].sum()) // 2
