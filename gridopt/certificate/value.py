"""What a block claims and what proves it, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.cards import Card, Shown
from gridopt.words import gap_text, metres_text, sizes_text

if TYPE_CHECKING:
    from collections.abc import Iterable

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

SCALE = 1024
"""Duals are stored in 1/1024 of a decimetre, so that their sums are exact."""

EXACT = 1 << 61
"""What stays below this adds up exactly."""


@dataclass(frozen=True, repr=False)
class Certificate(Shown):
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

    def card(self) -> Card:
        """Tell whose proof it is, how far the cost is from the bound, and its size."""
        n, leaves = len(self.enterprise_ids), int((self.steps[:, 0] < 0).sum())
        gap = gap_text(gap_share(self.cost, self.bound))
        bound = "未给出" if self.bound is None else metres_text(self.bound / 10)
        least, most = self.n_grids
        grids = f"{least}个" if least == most else f"{least}至{most}个"
        return Card(
            title="方案质量证明",
            brief=f"{self.block_id}：{n:,}家企业，与理论下界的差距{gap}",
            facts=(
                ("划分单元", self.block_id),
                ("企业", f"{n:,}家"),
                ("每网格家数", sizes_text(self.least, self.most)),
                ("网格个数", grids),
                ("总代价（折算为距离）", metres_text(self.cost / 10)),
                ("理论下界", bound),
                ("与理论下界的差距", gap),
                ("分情形证明", f"{leaves:,}种情形"),
            ),
        )


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
