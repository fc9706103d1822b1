"""Which hard wishes a block carries, gathered into items that move as one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers.parts import components

if TYPE_CHECKING:
    from gridopt.problem import IntArray, Problem


@dataclass(frozen=True)
class Wishes:
    """The hard wishes of a problem, gathered into items that move as one."""

    problem: Problem

    @property
    def is_linked(self) -> bool:
        """Whether any two enterprises are tied to or kept from each other."""
        return len(self.problem.must_link) + len(self.problem.cannot_link) > 0

    @cached_property
    def component(self) -> IntArray:
        """Must-link component of each enterprise, shape (n,)."""
        return components(self.problem.n, *self.problem.must_link.T)

    @cached_property
    def is_bound(self) -> np.ndarray:
        """Whether each enterprise stands in some wish."""
        problem = self.problem
        bound = np.zeros(problem.n, dtype=bool)
        for pairs in (problem.must_link, problem.cannot_link):
            bound[pairs.ravel()] = True
        for pairs in (problem.fixed, problem.forbidden):
            bound[pairs[:, 0]] = True
        return bound

    @cached_property
    def is_tied(self) -> np.ndarray:
        """Whether each enterprise stands in some link, shape (n,)."""
        tied = np.zeros(self.problem.n, dtype=bool)
        tied[self.problem.must_link.ravel()] = True
        tied[self.problem.cannot_link.ravel()] = True
        return tied

    @cached_property
    def required_labels(self) -> IntArray:
        """Labels that some enterprise is fixed to, ascending."""
        return np.unique(self.problem.fixed[:, 1])

    @cached_property
    def items(self) -> list[IntArray]:
        """Bound enterprises, one array per component, by least position."""
        bound = np.flatnonzero(self.is_bound)
        keys = self.component[bound]
        order = np.argsort(keys, kind="stable")
        cuts = np.flatnonzero(np.diff(keys[order])) + 1
        parts = np.split(bound[order], cuts) if len(bound) else []
        return sorted(parts, key=lambda part: int(part[0]))

    @cached_property
    def parted(self) -> list[tuple[int, int]]:
        """Pairs of items that must not share a grid."""
        item_of = {int(i): t for t, item in enumerate(self.items) for i in item}
        pairs = {
            (min(a, b), max(a, b))
            for a, b in (
                (item_of[int(i)], item_of[int(j)]) for i, j in self.problem.cannot_link
            )
        }
        return sorted(pairs)
