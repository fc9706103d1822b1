"""What ids are called in Chinese, on every page, sheet and figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.names import name_unit
from gridopt.words import (
    ANSWER_STATUS,
    CHANGE_KINDS,
    CLAUSE_STATUS,
    FATES,
    FORCED_MEANING,
    ITEMS,
    KINDS,
    LEFT_OUT,
    LEVELS,
    NO_UNIT,
    ROLES,
    SYNTHETIC,
    gap_text,
    metres_text,
    printable,
    share_text,
    value_text,
    yuan_text,
)

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.budget import Budget
    from gridopt.partition import Partition
    from gridopt.register import Register

__all__ = [
    "ANSWER_STATUS",
    "CHANGE_KINDS",
    "CLAUSE_STATUS",
    "FATES",
    "FORCED_MEANING",
    "ITEMS",
    "KINDS",
    "LEFT_OUT",
    "LEVELS",
    "NO_UNIT",
    "ROLES",
    "SYNTHETIC",
    "award_basis_text",
    "block_name",
    "gap_text",
    "metres_text",
    "name_unit",
    "pool_name",
    "printable",
    "share_text",
    "unit_name",
    "value_text",
    "yuan_text",
]


def unit_name(register: Register, code: str) -> str:
    """Name a unit; payers and pools that are no unit get their own words."""
    return name_unit(code, register.units)


def block_name(partition: Partition, block_id: str) -> str:
    """Name a block by unit and category; some exceptions are about no block at all."""
    register, grids = partition.register, partition.grids
    of_block = grids[grids["block_id"] == block_id]
    if of_block.empty:
        return unit_name(register, block_id) if block_id else "见说明"
    unit, category = of_block[["unit", "category"]].iloc[0]
    return unit_name(register, unit) + register.classification.name_zh(category)


def pool_name(register: Register, grids: pd.DataFrame, pool: str) -> str:
    """Name a pool of the star awards: a grid, a unit or the whole city."""
    if pool in grids.index:
        return str(grids.at[pool, "grid_name"])
    return unit_name(register, pool)


def award_basis_text(budget: Budget) -> str:
    """Say what the award bill rests on: an assumed pass rate, or results."""
    if budget.settlement is not None:
        return "按评定结果结算"
    return f"按预计合格率{budget.rules.pass_percent}%测算"
