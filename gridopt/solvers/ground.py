"""One block made ready for search: its problem, costs, wishes, and room to work in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers.costs import Costs, costs_of
from gridopt.solvers.offers import Offers, Scratch, offers_of, scratch_of
from gridopt.solvers.prices import Prices
from gridopt.solvers.wishes import Wishes

if TYPE_CHECKING:
    from gridopt.problem import Problem


@dataclass(frozen=True)
class Ground:
    """One block made ready for search."""

    problem: Problem
    prices: Prices
    wishes: Wishes

    @classmethod
    def of_problem(cls, problem: Problem) -> Ground:
        """Prepare costs and wishes of a problem."""
        return cls(problem, Prices(problem), Wishes(problem))

    @cached_property
    def costs(self) -> Costs:
        """Costs as the compiled loops see them."""
        return costs_of(self.prices)

    @cached_property
    def offers(self) -> Offers:
        """Who may join whom at what price."""
        return offers_of(self.prices, self.costs)

    @cached_property
    def scratch(self) -> Scratch:
        """Room for pricing; one thread works on a block."""
        return scratch_of(self.costs, self.problem.n_labels)


def generator(problem: Problem, seed: int, purpose: str) -> np.random.Generator:
    """Make the random generator of one block, seed and purpose, same everywhere."""
    return np.random.default_rng(seed_of(problem, seed, purpose))


def seed_of(problem: Problem, seed: int, purpose: str) -> int:
    """Derive a whole number from block, seed and purpose, the same everywhere."""
    name = f"{seed}|{problem.key}|{purpose}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:16], "big")
