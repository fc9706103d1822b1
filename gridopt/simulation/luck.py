"""What is drawn in a stretch of replications, once for all who ask for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gridopt.simulation.draws import (
    NET_SIZE,
    Words,
    draw_luck,
    draw_normals,
    draw_words,
    hash_ids,
    make_keys,
    to_chances,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from gridopt.simulation.members import Members
    from gridopt.simulation.normals import Float32Array, FloatArray
    from gridopt.simulation.years import Years

T = TypeVar("T")

SAMPLING_WORDS = {"plain": "独立抽样", "net": f"均匀布点（每{NET_SIZE}次一组）"}


@dataclass(frozen=True)
class Source:
    """Where draws come from.

    Attributes
    ----------
    seed
        Any whole number.
    sampling
        `plain` or `net`, see `draw_normals`.
    """

    seed: int
    sampling: str
    keys: dict[Hashable, Words] = field(default_factory=dict, repr=False, compare=False)

    def keys_of(self, members: Members, level: str, purpose: str) -> Words:
        """Return the keys of the places of a level for a purpose, shape (n,)."""
        name = members, level, purpose
        if name not in self.keys:
            hashed = members.hashed[level]
            self.keys[name] = make_keys(self.seed, f"{level}/{purpose}", hashed)
        return self.keys[name]


@dataclass(frozen=True)
class Luck:
    """The draws of a stretch of replications; what was drawn once is kept.

    Attributes
    ----------
    source
        Seed and kind of sampling.
    replications
        Numbers of the replications, in steps of 1.
    """

    source: Source
    replications: range
    drawn: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.replications)

    def keep(self, name: Hashable, make: Callable[[], T]) -> T:
        """Return what was made under a name, or make it now."""
        if name not in self.drawn:
            self.drawn[name] = make()
        found: T = self.drawn[name]
        return found

    def lenience(self, members: Members, level: str, year: int, lasts: float) -> Any:
        """Draw the leniency of a level in a year, in its own standard deviations.

        Parameters
        ----------
        level
            `city`, `unit` or `grid`.
        year
            From 0.
        lasts
            Correlation from one year to the next.

        Returns
        -------
        FloatArray
            Shape (n_places, n_replications).
        """

        def make() -> FloatArray:
            keys = self.source.keys_of(members, level, f"lenience/{year}")
            fresh = draw_normals(
                keys,
                self.replications,
                self.source.sampling,
                is_axis=level == "city",
                shuffle=self._order_of(year),
            )
            if not (year and lasts):
                return fresh
            before = self.lenience(members, level, year - 1, lasts)
            return lasts * before + sqrt(1 - lasts * lasts) * fresh

        return self.keep(("lenience", members, level, year, lasts), make)

    def chances(self, members: Members, year: int) -> FloatArray:
        """Draw a level of chance for each row, shape (n, n_replications)."""

        def make() -> FloatArray:
            keys = self.source.keys_of(members, "row", f"passes/{year}")
            return to_chances(draw_words(keys[:, np.newaxis], self._numbers()))

        return self.keep(("chances", members, year), make)

    def growth(self, year: int, years: Years) -> FloatArray:
        """Draw G_t of a year from 0, never below 0, shape (n_replications,)."""
        if year == 0:
            return np.ones(len(self))
        name = "growth", year, years.growth_share, years.growth_sd

        def make() -> FloatArray:
            key = make_keys(self.source.seed, f"growth/{year}", hash_ids(["city"]))
            drawn = draw_normals(key, self.replications, "plain")[0]
            factor = 1 + years.growth_share + years.growth_sd * drawn
            return self.growth(year - 1, years) * np.maximum(factor, 0)

        return self.keep(name, make)

    def persons(self, members: Members, purpose: str) -> Float32Array:
        """Draw standard normal values, one per replication and row, in that order."""
        keys = self.source.keys_of(members, "row", purpose)
        return draw_luck(keys, self.replications)

    def levels(self, members: Members, purpose: str) -> FloatArray:
        """Draw levels of chance, one per replication and row, in that order."""

        def make() -> FloatArray:
            keys = self.source.keys_of(members, "row", purpose)
            return to_chances(draw_words(keys, self._numbers()[:, np.newaxis]))

        return self.keep(("levels", members, purpose), make)

    def _numbers(self) -> Any:
        return np.arange(self.replications.start, self.replications.stop)

    def _order_of(self, year: int) -> Words | None:
        # points of one order in two years would tie the years together
        if not year or self.source.sampling == "plain":
            return None
        return make_keys(self.source.seed, f"order/{year}", hash_ids(["net"]))
