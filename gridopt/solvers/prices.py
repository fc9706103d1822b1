"""What a member pays in a grid, hard wishes included."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gridopt.problem import NONE, IntArray, Problem

BIG = 1 << 44
"""Cost of what must not be: dearer than any plan, small enough to add up exactly."""

CELLS_AT_ONCE = 300_000
"""Costs that are laid out at once, so that a large block keeps its memory small."""

_MOST_CACHED = 1600
ANY = -2
"""Required label of an enterprise to which any will do."""


@dataclass(frozen=True)
class Prices:
    """Costs of one problem, the full matrix kept where it is small.

    Costs of (member, medoid, label) are `member_costs` plus `label_costs`; the
    second part holds the churn price, and `BIG` where a wish forbids the label.
    """

    problem: Problem

    @cached_property
    def full(self) -> IntArray | None:
        """All costs of (member, medoid), None where they are computed on the way."""
        if self.problem.n > _MOST_CACHED and self.problem.travel_dm is None:
            return None
        everyone = np.arange(self.problem.n)
        return self.problem.member_costs(everyone, everyone)

    def member_costs(self, members: IntArray, medoids: IntArray) -> IntArray:
        """Cost of each member under each medoid, without the past, shape (m, k)."""
        if self.full is not None:
            return self.full[members[:, None], medoids]
        return self.problem.member_costs(members, medoids)

    @cached_property
    def required(self) -> IntArray:
        """Label that each enterprise has to carry; -2 where any will do."""
        required = np.full(self.problem.n, ANY, dtype=np.int64)
        required[self.problem.fixed[:, 0]] = self.problem.fixed[:, 1]
        return required

    @cached_property
    def _barred(self) -> IntArray:
        pairs = self.problem.forbidden
        return np.unique(pairs[:, 0] * (self.problem.n_labels + 1) + pairs[:, 1])

    @property
    def has_labels(self) -> bool:
        """Whether the label a grid carries makes a difference to anyone."""
        return self.problem.n_labels > 0

    def label_costs(self, members: IntArray, labels: IntArray) -> IntArray:
        """Cost of each member in a grid of each label, shape (m, k)."""
        problem = self.problem
        if not self.has_labels:
            return np.zeros((len(members), len(labels)), dtype=np.int64)
        previous = problem.previous[members, None]
        leaves = (previous != NONE) & (previous != labels)
        cost = leaves * np.int64(problem.mover_price)
        if len(problem.fixed):
            required = self.required[members, None]
            cost[(required != ANY) & (required != labels)] = BIG
        if len(problem.forbidden):
            codes = members[:, None] * (problem.n_labels + 1) + labels
            cost[(labels != NONE) & np.isin(codes, self._barred)] = BIG
        return cost

    def costs(self, members: IntArray, medoids: IntArray, labels: IntArray) -> IntArray:
        """Cost of each member in each grid (medoid, label), shape (m, k)."""
        cost = self.member_costs(members, medoids)
        if self.has_labels:
            cost = cost + self.label_costs(members, labels)
        return cost

    @cached_property
    def size_table(self) -> IntArray:
        """Cost of a grid of 0 … n enterprises; `BIG` outside the band."""
        sizes = np.arange(self.problem.n + 1)
        cost = self.problem.size_costs(sizes)
        is_off = (sizes < self.problem.least) | (sizes > self.problem.most)
        return np.where(is_off, BIG, cost)
