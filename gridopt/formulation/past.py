"""What the plan in force says of today's enterprises and blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.blocks import Kept, route_units
from gridopt.change import kept_categories
from gridopt.errors import InputError, refuse_kind
from gridopt.findings import some, some_ids
from gridopt.formulation.foreign import refuse_classification
from gridopt.homes import homes_of
from gridopt.numbering import LAST_NUMBERS, count_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.blocks import Block
    from gridopt.change import ChangeRules
    from gridopt.register import Register

_SHOWN_LETTERS = 300


@dataclass(frozen=True)
class Past:
    """The plan in force, seen from the register of today.

    Attributes
    ----------
    grid_of
        Previous grid of each enterprise of the register, empty for a newcomer,
        shape (n,).
    host_of
        Block that the enterprise was in, shape (n,); empty for a newcomer, for who
        has changed unit or category since, and where the plan does not say.
    grid_ids
        All ids the previous plan used, ascending.
    n_enterprises
        How many enterprises the previous plan names.
    kept
        Category that the enterprise keeps although a revision of the classification
        gave it another one, empty for everybody else, shape (n,); None where nobody
        keeps one.
    last_numbers
        The largest number ever given to a grid of each block. Of grids closed before
        the previous plan only what its `attrs` say is known.
    """

    grid_of: np.ndarray
    host_of: np.ndarray
    grid_ids: tuple[str, ...]
    n_enterprises: int = 0
    kept: np.ndarray | None = None
    last_numbers: dict[str, int] = field(default_factory=dict)

    @property
    def n_survivors(self) -> int:
        """How many of today's enterprises had a grid."""
        return int((self.grid_of != "").sum())

    @classmethod
    def of(
        cls,
        register: Register,
        previous: pd.DataFrame | None,
        *,
        bureau_owns: bool = True,
        keep_revised: bool = True,
        changes: ChangeRules | None = None,
    ) -> Past:
        """Read the past of a register's enterprises from a plan's enterprises.

        Parameters
        ----------
        previous
            The plan in force, None where there is none.
        bureau_owns
            Whether firms are routed to the bureau today (P11).
        keep_revised
            Whether those stay whose category only a revision changed (P13).
        changes
            From where on changed codes are a revision; the defaults where None.

        Raises
        ------
        InputError
            Where the plan lacks a column, names an enterprise twice, shares no
            enterprise with the register, or was made under another classification.
        """
        n = len(register.enterprises)
        if previous is None:
            nowhere = np.full(n, "", dtype=object)
            return cls(nowhere, nowhere, ())
        frame = check_plan(previous)
        known = frame["grid_id"].reindex(register.enterprises.index)
        if known.isna().all():
            raise InputError(
                f"上期方案的 {len(frame)} 家企业无一在本期名录中，"
                "请核对是否为同一地区的方案。",
                f"None of the {len(frame)} enterprises of the previous plan stands in "
                "the register: check that both are of the same place.",
            )
        refuse_classification(register, frame)
        then = _Then.of(register, frame, bureau_owns=bureau_owns)
        kept = then.kept(frame, changes) if then is not None and keep_revised else None
        grid_ids = tuple(sorted(set(frame["grid_id"]) - {""}))
        return cls(
            grid_of=known.fillna("").to_numpy(dtype=object),
            host_of=_nowhere(register) if then is None else then.hosts(kept),
            grid_ids=grid_ids,
            last_numbers=count_numbers(grid_ids, previous.attrs.get(LAST_NUMBERS)),
            n_enterprises=len(frame),
            kept=kept if kept is not None and (kept != "").any() else None,
        )

    def categories(self, register: Register) -> np.ndarray | None:
        """Category by which each enterprise is placed, None where by its own."""
        if self.kept is None:
            return None
        own = register.enterprises["category"].to_numpy(dtype=object)
        return np.where(self.kept != "", self.kept, own)

    def kept_of(self, register: Register, *, bureau_owns: bool) -> Kept | None:
        """Put together what explains who keeps an old category."""
        if self.kept is None:
            return None
        return Kept(register, self.kept, route_units(register, bureau_owns=bureau_owns))


def _nowhere(register: Register) -> np.ndarray:
    return np.full(len(register.enterprises), "", dtype=object)


@dataclass(frozen=True)
class _Then:
    """Where the enterprises of today were placed by the plan, shape (n,) each.

    Attributes
    ----------
    category
        The one by which the plan placed it: kept, else its own.
    is_same_unit
        Whether it lies in the unit in which it lay then; of the bureau's firms, whose
        unit is the city, it is always so.
    """

    register: Register
    category: np.ndarray
    block_id: np.ndarray
    is_same_unit: np.ndarray

    @classmethod
    def of(
        cls, register: Register, plan: pd.DataFrame, *, bureau_owns: bool
    ) -> _Then | None:
        if not {"unit", "category", "block_id"} <= set(plan.columns):
            return None
        then = plan.reindex(register.enterprises.index)
        told = {name: _texts(then, name) for name in ("unit", "category", "block_id")}
        own, kept = told["category"], _texts(then, "kept_category")
        unit = route_units(register, bureau_owns=bureau_owns, categories=own)
        placed = np.where(kept != "", kept, own)
        return cls(register, placed, told["block_id"], told["unit"] == unit)

    def kept(self, plan: pd.DataFrame, changes: ChangeRules | None) -> np.ndarray:
        """Say who keeps the category of its grid, unless it moved to another unit."""
        kept = kept_categories(plan, self.register, changes).to_numpy(dtype=object)
        return np.where(self.is_same_unit, kept, "")

    def hosts(self, kept: np.ndarray | None) -> np.ndarray:
        """Name the block of those whose unit and category are what they were."""
        own = self.register.enterprises["category"].to_numpy(dtype=object)
        now = own if kept is None else np.where(kept != "", kept, own)
        stays = self.is_same_unit & (self.category == now)
        return np.where(stays, self.block_id, "")


def _texts(frame: pd.DataFrame, name: str) -> np.ndarray:
    if name not in frame:
        return np.full(len(frame), "", dtype=object)
    return frame[name].fillna("").to_numpy(dtype=object)


def check_plan(previous: pd.DataFrame) -> pd.DataFrame:
    """Return a plan with the index `enterprise_id` and grids as text, if it is one.

    Raises
    ------
    InputError
        Where it is no plan or lacks a column, a row names no enterprise, or one
        stands twice.
    """
    if not isinstance(previous, pd.DataFrame):
        refuse_kind("上期方案", "Partition", previous, "as_plan")
    frame = previous
    if frame.index.name != "enterprise_id" and "enterprise_id" in frame:
        frame = frame.set_index("enterprise_id")
    if "grid_id" not in frame or frame.index.name != "enterprise_id":
        found = "、".join(map(str, previous.columns))[:_SHOWN_LETTERS]
        raise InputError(
            f"上期方案缺少列 enterprise_id 或 grid_id，现有列：{found}。"
            "请使用上期运行目录中的 partition.csv。",
            f"The previous plan needs the columns enterprise_id and grid_id; it has "
            f"{', '.join(map(str, previous.columns))[:_SHOWN_LETTERS]}: give a run's "
            "partition.csv.",
        )
    frame = frame.assign(grid_id=frame["grid_id"].fillna("").astype(str))
    unnamed = np.flatnonzero(frame.index.isna() | (frame.index == ""))
    if len(unnamed):
        raise InputError(
            f"上期方案的 {len(frame)} 行中有 {len(unnamed)} 行没有企业编号，例如第"
            f"{unnamed[0] + 2}行。请使用上期运行目录中的 partition.csv。",
            f"{len(unnamed)} of the {len(frame)} rows of the previous plan name no "
            f"enterprise, such as row {unnamed[0] + 2}: give a run's partition.csv.",
        )
    twice = frame.index[frame.index.duplicated()].unique()
    if len(twice):
        raise InputError(
            f"上期方案中有 {len(twice)} 家企业出现不止一次，例如 {some(twice)}。"
            "请每家只保留一行。",
            f"{len(twice)} enterprises stand more than once in the previous plan, for "
            f"example {some_ids(twice)}: keep one row each.",
        )
    return frame


def labels_of_blocks(blocks: Sequence[Block], past: Past) -> list[tuple[str, ...]]:
    """Give each previous grid to the block that holds most of its survivors.

    Ties go to the smaller block id; a grid with no survivor belongs to none.

    Returns
    -------
    list of tuple
        Per block the ids of its previous grids, ascending.
    """
    labels: list[list[str]] = [[] for _ in blocks]
    if past.grid_ids:
        for grid_id, block in _homes(blocks, past):
            labels[block].append(grid_id)
    return [tuple(sorted(of_block)) for of_block in labels]


def _homes(blocks: Sequence[Block], past: Past) -> list[tuple[str, int]]:
    """Pair each previous grid that has survivors with the position of its block."""
    by_id = sorted(range(len(blocks)), key=lambda at: blocks[at].block_id)
    members = np.concatenate([blocks[at].members for at in by_id])
    rank = np.repeat(np.arange(len(by_id)), [len(blocks[at].members) for at in by_id])
    grids, names = pd.factorize(past.grid_of[members])
    found = zip(names.tolist(), rank[homes_of(grids, rank)].tolist(), strict=True)
    return [(grid_id, by_id[at]) for grid_id, at in found if grid_id]
