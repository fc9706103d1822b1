"""How well each person does: the model's scores, and scores of a user's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.errors import InputError
from gridopt.simulation.case import Case, find_bases, find_leniency

if TYPE_CHECKING:
    from gridopt.simulation.luck import Luck
    from gridopt.simulation.members import Members
    from gridopt.simulation.normals import Float32Array, FloatArray
    from gridopt.simulation.years import Years

LINE = 0.0
"""Whoever scores at least this passes."""


@dataclass(frozen=True)
class Draws:
    """Draws for a score model of one's own, in the order of the table given to it.

    Each draw hangs on the seed, the replication, the id and the purpose alone, so it
    stays what it is when others join, and in all scenarios that ask for it.

    Attributes
    ----------
    replications
        Numbers of the replications wanted now.
    year
        The year, from 0.

    Examples
    --------
    >>> def judge(draws, members):
    ...     return 1.0 + 0.3 * draws.lenience("city") + draws.normal("work")
    """

    replications: range
    year: int
    _luck: Luck
    _members: Members
    _lasts: float

    def normal(self, purpose: str, *, stays: bool = False) -> Float32Array:
        """Draw standard normal values, shape (n_replications, n_persons).

        Parameters
        ----------
        purpose
            Any text: another one draws other values.
        stays
            Whether a person keeps the value over the years.
        """
        year = "" if stays else f"/{self.year}"
        drawn = self._luck.persons(self._members, f"own/{purpose}{year}")
        return self._as_given(drawn)

    def uniform(self, purpose: str, *, stays: bool = False) -> FloatArray:
        """Draw values above 0 and below 1, evenly spread; see `normal`."""
        year = "" if stays else f"/{self.year}"
        return self._as_given(self._luck.levels(self._members, f"own/{purpose}{year}"))

    def lenience(self, level: str) -> npt.NDArray[Any]:
        """Draw the leniency of each person's `city`, `unit` or `grid`.

        In its own standard deviations, the very draws of the model; shape
        (n_replications, n_persons).
        """
        if level not in self._members.levels or level == "row":
            known = "、".join(sorted({*self._members.levels} - {"row"}))
            raise InputError(
                f"lenience 不接受 {level!r}，人员表中可用的范围：{known}。",
                f"lenience does not take {level!r}; this table knows: {known}.",
            )
        drawn = self._luck.lenience(self._members, level, self.year, self._lasts)
        return self._as_given(drawn.T[:, self._members.levels[level].codes])

    def _as_given(self, drawn: npt.NDArray[Any]) -> npt.NDArray[Any]:
        given = np.empty_like(drawn)
        given[:, self._members.places] = drawn
        return given


ScoreModel = Callable[[Draws, pd.DataFrame], npt.ArrayLike]
"""From draws and the user's table to scores, shape (n_replications, n_persons)."""


def draw_scores(
    luck: Luck, members: Members, case: Case, years: Years, year: int
) -> Float32Array:
    """Draw base + leniency + quality + luck of each person, in single precision.

    Returns
    -------
    Float32Array
        Shape (n_replications, n); who scores `LINE` or more passes.
    """
    scores = luck.persons(members, f"luck/{year}")
    own = years.quality_share if years.n > 1 else 0.0
    if own:
        scores *= np.float32(sqrt(1 - own))
        scores += np.float32(sqrt(own)) * luck.persons(members, "quality")
    bases = find_bases(members, case)
    if "quality" in members.table:
        bases = bases + members.table["quality"].to_numpy(dtype=np.float64)
    shared = find_leniency(luck, members, case, year, years.persistence)
    if bases.size == 1:
        shared = shared + bases
    else:
        scores += bases.astype(np.float32)
    level = members.levels["grid" if case.grid_sd else "unit"]
    shared = np.ascontiguousarray(shared.T, dtype=np.float32)
    scores += np.repeat(shared, level.sizes, axis=1)
    return scores


def ask_scores(
    score: ScoreModel, table: pd.DataFrame, draws: Draws, members: Members
) -> npt.NDArray[Any]:
    """Ask a score model of the user's own, and check what it answers.

    Raises
    ------
    InputError
        Where the answer has another shape or holds what is no finite number.
    """
    scores = np.asarray(score(draws, table))
    wanted = len(draws.replications), len(table)
    if scores.shape != wanted or scores.dtype.kind not in "iuf":
        raise InputError(
            f"得分模型 {_name(score)} 须返回形状为 {wanted}（次数、人数）的数值数组，"
            f"现为 {scores.shape}、{scores.dtype}。",
            f"The score model {_name(score)} must return numbers of shape {wanted} "
            f"(replications, persons), not {scores.shape}, {scores.dtype}.",
        )
    if scores.dtype.kind in "iu" or scores.dtype.itemsize < 4:
        scores = scores.astype(np.float64)
    wrong = np.argwhere(~np.isfinite(scores))
    if wrong.size:
        row, place = wrong[0].tolist()
        person = table["person_id"].iloc[place]
        raise InputError(
            f"得分模型 {_name(score)} 的结果有{len(wrong)}个不是有限的数，例如人员"
            f"{person!r}、第{draws.replications[row]}次：{scores[row, place]}。",
            f"The score model {_name(score)} gave {len(wrong)} scores that are no "
            f"finite numbers, such as {scores[row, place]} for person {person!r} in "
            f"replication {draws.replications[row]}.",
        )
    return scores[:, members.places]


def _name(score: ScoreModel) -> str:
    return getattr(score, "__name__", repr(score))
