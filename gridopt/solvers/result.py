"""What a solver hands back: a plan for one block, its price, and the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from gridopt.problem import IntArray, Problem

Status = Literal["optimal", "bounded", "feasible", "interrupted"]

DUAL_SCALE = 1024
"""Duals are whole numbers of 1 / 1024 decimetre, so that their sums are exact."""


def _freeze(value: object) -> None:
    for array in vars(value).values():
        if isinstance(array, np.ndarray):
            array.flags.writeable = False


@dataclass(frozen=True)
class Plan:
    """A cut of one block.

    Attributes
    ----------
    labels
        Grid number 0 … k - 1 of each enterprise, shape (n,).
    medoids
        The enterprise at which each grid meets, shape (k,).
    grid_labels
        Previous label that each grid carries on, `NONE` for a new one, shape (k,).
    """

    labels: IntArray
    medoids: IntArray
    grid_labels: IntArray

    def __post_init__(self) -> None:
        _freeze(self)

    @property
    def n_grids(self) -> int:
        """Number of grids."""
        return len(self.medoids)

    def cost(self, problem: Problem) -> int:
        """Price of the plan in whole decimetres, as the problem counts it."""
        return problem.score(self.labels, self.medoids, self.grid_labels).cost


@dataclass(frozen=True)
class Duals:
    """Prices that prove a lower bound: any values do, good ones prove more.

    Attributes
    ----------
    pi
        Price of serving each enterprise, in 2^-10 dm, of either sign, shape (n,).
    sigma
        Price of using each previous label, in 2^-10 dm, >= 0, shape (n_labels,).
    """

    pi: IntArray
    sigma: IntArray

    def __post_init__(self) -> None:
        _freeze(self)


@dataclass(frozen=True)
class Tree:
    """What proves a bound: cases that leave nothing out, each with its own prices.

    Every plan falls into exactly one leaf, by how many medoids it has in some regions
    of the block. A bound holds in every leaf for any prices; the least of them holds
    for every plan. A tree of one leaf is the plain dual bound.

    Attributes
    ----------
    pi, sigma
        Price rows as in `Duals`, shapes (p, n) and (p, n_labels).
    order, regions
        All enterprises in one order, shape (n,), and regions as start and stop in it,
        nested or apart, shape (r, 2); the first is the whole block.
    steps
        Each node before its branches, shape (m, 2): a region and the number of
        medoids that it has at most in the first branch, more in the second; or -1
        and the price row of a leaf.
    """

    pi: IntArray
    sigma: IntArray
    order: IntArray
    regions: IntArray
    steps: IntArray

    def __post_init__(self) -> None:
        _freeze(self)

    @classmethod
    def of_duals(cls, duals: Duals) -> Tree:
        """Make a tree of one leaf."""
        n = len(duals.pi)
        return cls(
            pi=duals.pi[None, :].copy(),
            sigma=duals.sigma[None, :].copy(),
            order=np.arange(n),
            regions=np.array([[0, n]]),
            steps=np.array([[-1, 0]]),
        )

    @property
    def n_leaves(self) -> int:
        """Number of cases."""
        return int((self.steps[:, 0] < 0).sum())


@dataclass(frozen=True)
class Result:
    """A plan with its price and what is proven about it.

    Attributes
    ----------
    labels, medoids, grid_labels
        The plan (see `Plan`); grids stand from west to east by medoid.
    cost, bound
        Whole decimetres; no plan costs less than `bound`, None where unknown.
    status
        `optimal` (no cheaper plan exists), `bounded`, `feasible` (no bound) or
        `interrupted` (stopped early; the bound, if any, still holds).
    method
        The steps that were taken, for the record.
    work
        Steps of work spent: the same on every machine.
    tree
        What proves the bound; where no bound is claimed it proves what it can.
    """

    labels: IntArray
    medoids: IntArray
    grid_labels: IntArray
    cost: int
    bound: int | None
    status: Status
    method: str
    work: int
    tree: Tree

    def __post_init__(self) -> None:
        _freeze(self)

    @property
    def gap_share(self) -> float | None:
        """Share of the cost that is not proven necessary; 0 where the cost is 0."""
        if self.bound is None:
            return None
        return (self.cost - self.bound) / self.cost if self.cost else 0.0
