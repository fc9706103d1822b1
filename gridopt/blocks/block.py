"""Which enterprises share a block at first: one unit and one category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.errors import InputError
from gridopt.geography import DEPARTMENT

if TYPE_CHECKING:
    from gridopt.blocks.departures import Departure
    from gridopt.problem import GridRules
    from gridopt.register import Register

IntArray = npt.NDArray[np.int64]
TextArray = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Block:
    """A set of enterprises that may share a grid, and the band in force for it.

    Attributes
    ----------
    block_id, unit, category
        Of the host, where blocks were joined; the unit after routing (P11).
    members
        Positions in `register.enterprises`, ascending, shape (n,), read-only.
    base
        Ids of the base blocks that it consists of, ascending.
    least, most
        Band in force, widened just enough where the rules' band cannot be kept.
    n_grids
        Least and most number of grids; least above most for a base block that no
        number of grids fits.
    departures
        What departs from P3, P5 or P8 here, each with its explanation.
    """

    block_id: str
    unit: str
    category: str
    members: IntArray
    base: tuple[str, ...]
    least: int
    most: int
    n_grids: tuple[int, int]
    departures: tuple[Departure, ...] = ()

    def __post_init__(self) -> None:
        """Make the members read-only."""
        self.members.flags.writeable = False


def route_units(
    register: Register, *, bureau_owns: bool, categories: TextArray | None = None
) -> TextArray:
    """Give each enterprise its unit: the place's, or the bureau's (P11).

    Parameters
    ----------
    categories
        Category by which each enterprise is routed, its own where None, shape (n,).

    Returns
    -------
    array of str
        Unit codes in the order of `register.enterprises`, shape (n,).
    """
    unit = register.enterprises["unit"].to_numpy(dtype=object).copy()
    bureau = [
        c for c in register.units.codes if kind_of_unit(register, c) == DEPARTMENT
    ]
    if bureau_owns and bureau:
        owned = [c.key for c in register.classification.categories if c.is_bureau]
        if categories is None:
            categories = register.enterprises["category"].to_numpy(dtype=object)
        is_owned = np.isin(categories.astype(str), np.array(owned, dtype=str))
        unit[is_owned] = bureau[0]
    return unit


def kind_of_unit(register: Register, code: str) -> str:
    """Return street, town, township, zone or department; empty where unknown."""
    unit = register.units.get(code)
    return unit.kind if unit is not None else ""


def split_blocks(
    register: Register, rules: GridRules, categories: TextArray | None = None
) -> tuple[Block, ...]:
    """Split a register into base blocks, one per unit and category (P1, P3, P8).

    Parameters
    ----------
    categories
        Category by which each enterprise is placed: its own where None, else the old
        one of those who keep it (P13), shape (n,).

    Returns
    -------
    tuple of Block
        Sorted by block id; together they hold every enterprise once.

    Raises
    ------
    InputError
        Where the band has its least above its most.
    """
    if rules.least > rules.most:
        raise InputError(
            f"每网格最少家数 {rules.least} 大于最多家数 {rules.most}。"
            "请在情景文件的 grids 一节改正 least 或 most。",
            f"least ({rules.least}) is above most ({rules.most}): "
            "correct one of them under grids in the scenario.",
        )
    category = categories
    if category is None:
        category = register.enterprises["category"].to_numpy(dtype=object)
    unit = route_units(register, bureau_owns=rules.bureau_owns, categories=category)
    units, unit_at = np.unique(unit, return_inverse=True)
    categories, category_at = np.unique(category, return_inverse=True)
    pair = unit_at * max(len(categories), 1) + category_at
    order = np.argsort(pair, kind="stable")
    starts = np.flatnonzero(np.diff(pair[order], prepend=-1))
    blocks = [
        _base_block(str(unit[members[0]]), str(category[members[0]]), members, rules)
        for members in np.split(order, starts[1:])
        if len(members)
    ]
    return tuple(sorted(blocks, key=lambda block: block.block_id))


def _base_block(unit: str, category: str, members: IntArray, rules: GridRules) -> Block:
    block_id = f"{unit}-{category}"
    span = (-(-len(members) // rules.most), len(members) // rules.least)
    members = members.astype(np.int64)
    return Block(
        block_id, unit, category, members, (block_id,), rules.least, rules.most, span
    )
