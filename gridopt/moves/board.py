"""One block as a board: who is in which grid, where each meets, what it costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridopt.blocks import Block
from gridopt.formulation import Past, make_problem
from gridopt.problem import NONE

if TYPE_CHECKING:
    from gridopt.certificate import Certificate
    from gridopt.partition import Partition
    from gridopt.problem import IntArray, Problem, Score


@dataclass(frozen=True)
class Board:
    """A block of a finished plan on which enterprises can be moved one by one.

    Attributes
    ----------
    problem, certificate
        The block's arrays, and what was claimed of it.
    grid_ids
        Its grids, ascending; the labels are their positions.
    labels
        Grid of each enterprise, shape (n,).
    medoids
        Where each grid meets, shape (k,).
    """

    problem: Problem
    certificate: Certificate
    grid_ids: tuple[str, ...]
    labels: IntArray
    medoids: IntArray

    @classmethod
    def of(cls, plan: Partition, certificate: Certificate) -> Board:
        """Lay a block of a partition out, as its certificate describes it."""
        index = plan.register.enterprises.index
        members = index.get_indexer(list(certificate.enterprise_ids))
        unit, _, category = certificate.block_id.rpartition("-")
        block = Block(
            certificate.block_id,
            unit,
            category,
            members.astype(np.int64),
            (certificate.block_id,),
            certificate.least,
            certificate.most,
            certificate.n_grids,
        )
        before = plan.enterprises["previous_grid_id"].to_numpy(dtype=object)
        past = Past(grid_of=before, host_of=before, grid_ids=())
        labels = certificate.previous_ids
        own = plan.enterprises.iloc[members]
        grid_ids, of_grid = np.unique(own["grid_id"].to_numpy(str), return_inverse=True)
        meets = np.flatnonzero(own["is_medoid"].to_numpy(bool))
        return cls(
            problem=make_problem(plan.register, block, plan.rules, labels, past),
            certificate=certificate,
            grid_ids=tuple(grid_ids.tolist()),
            labels=of_grid.astype(np.int64),
            medoids=meets[np.argsort(of_grid[meets], kind="stable")].astype(np.int64),
        )

    @property
    def sizes(self) -> IntArray:
        """Number of enterprises of each grid, shape (k,)."""
        return np.bincount(self.labels, minlength=len(self.grid_ids)).astype(np.int64)

    @property
    def score(self) -> Score:
        """What the block costs as it stands, and what the cost is made of."""
        before = {key: p for p, key in enumerate(self.certificate.previous_ids)}
        carried = [before.get(grid_id, NONE) for grid_id in self.grid_ids]
        return self.problem.score(self.labels, self.medoids, np.array(carried))

    @property
    def distances_dm(self) -> IntArray:
        """Straight line from each enterprise to its medoid, decimetres, shape (n,)."""
        return self.problem.straight_dm(self.medoids[self.labels])

    def position(self, enterprise_id: str) -> int:
        """Find an enterprise of the block."""
        return int(np.searchsorted(self.certificate.enterprise_ids, enterprise_id))

    def freed(self, enterprise_id: str) -> Board:
        """Put one enterprise where it costs least, the price of moving left out.

        Everybody else stays, and both grids keep the band: where nothing is cheaper
        it stays too.
        """
        least, most = self.certificate.least, self.certificate.most
        sizes, own = self.sizes, int(self.labels[self.position(enterprise_id)])
        if sizes[own] <= least:
            return self
        room = [
            grid_id for grid_id, n in zip(self.grid_ids, sizes, strict=True) if n < most
        ]
        found = [self, *(self.moved(enterprise_id, grid_id) for grid_id in room)]
        return min(found, key=lambda board: board.score.cost - board.score.churn)

    def moved(self, enterprise_id: str, grid_id: str) -> Board:
        """Put one enterprise into a grid; both grids meet where it is best for them."""
        at, after = self.position(enterprise_id), self.grid_ids.index(grid_id)
        before = int(self.labels[at])
        if before == after:
            return self
        labels, medoids = self.labels.copy(), self.medoids.copy()
        labels[at] = after
        for grid in (before, after):
            members = np.flatnonzero(labels == grid)
            if len(members):  # one that is empty for a moment meets where it did
                costs = self.problem.member_costs(members, members).sum(axis=0)
                medoids[grid] = members[costs.argmin()]
        return replace(self, labels=labels, medoids=medoids)
