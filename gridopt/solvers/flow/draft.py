"""A plan while it is being improved: members, medoids and cost of each grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.problem import NONE, IntArray
from gridopt.solvers.result import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.solvers.ground import Ground


class Draft:
    """A plan that changes grid by grid; `stamps` tell when a grid last changed."""

    def __init__(self, ground: Ground, plan: Plan) -> None:
        self.ground = ground
        order = np.argsort(plan.labels, kind="stable")
        cuts = np.cumsum(np.bincount(plan.labels, minlength=plan.n_grids))[:-1]
        self.groups = list(np.split(order, cuts))
        self.medoids = plan.medoids.copy()
        self.grid_labels = plan.grid_labels.copy()
        self.grid_costs = np.zeros(plan.n_grids, dtype=np.int64)
        self.stamps = np.zeros(plan.n_grids, dtype=np.int64)
        self._n_changes = 0
        for g in range(plan.n_grids):
            self.grid_costs[g] = self._grid_cost(g)

    def _grid_cost(self, g: int) -> int:
        prices, members = self.ground.prices, self.groups[g]
        own = prices.costs(
            members, self.medoids[g : g + 1], self.grid_labels[g : g + 1]
        )
        return int(own.sum() + prices.size_table[len(members)])

    @property
    def n_grids(self) -> int:
        """Number of grids."""
        return len(self.groups)

    @property
    def cost(self) -> int:
        """Cost of the whole plan."""
        return int(self.grid_costs.sum())

    @property
    def plan(self) -> Plan:
        """The plan as it stands."""
        labels = np.empty(self.ground.problem.n, dtype=np.int64)
        for g, members in enumerate(self.groups):
            labels[members] = g
        return Plan(labels, self.medoids.copy(), self.grid_labels.copy())

    def unused_labels(self) -> IntArray:
        """Previous labels that no grid carries, ascending."""
        everyone = np.arange(self.ground.problem.n_labels)
        if not len(everyone):
            return everyone
        return np.setdiff1d(everyone, self.grid_labels[self.grid_labels != NONE])

    def replace(
        self,
        grids: Sequence[int],
        groups: Sequence[IntArray],
        medoids: Sequence[int],
        labels: Sequence[int],
    ) -> None:
        """Put cheaper groups, medoids and labels in the place of some grids.

        Raises
        ------
        AssertionError
            Where they are no cheaper: searches end because costs only fall, so a
            search whose forecast is wrong would never end.
        """
        self._n_changes += 1
        before = int(self.grid_costs[list(grids)].sum())
        for g, members, medoid, label in zip(
            grids, groups, medoids, labels, strict=True
        ):
            self.groups[g] = np.sort(members)
            self.medoids[g], self.grid_labels[g] = medoid, label
            self.grid_costs[g] = self._grid_cost(g)
            self.stamps[g] = self._n_changes
        after = int(self.grid_costs[list(grids)].sum())
        if after >= before:
            raise AssertionError(
                f"block {self.ground.problem.key}: new grids {list(grids)} cost "
                f"{after} dm, not less than {before} dm before"
            )

    def neighbours(self, n_near: int) -> IntArray:
        """Grids nearest to each grid by their medoids, nearest first, shape (k, ·)."""
        apart = self.ground.prices.member_costs(self.medoids, self.medoids)
        apart = apart + apart.T
        np.fill_diagonal(apart, -1)
        return np.argsort(apart, axis=1, kind="stable")[:, 1 : n_near + 1]
