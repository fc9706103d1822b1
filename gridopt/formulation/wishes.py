"""Whether wishes name what there is, and what no cut of these blocks could keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.errors import InputError
from gridopt.listing import hint_nearest
from gridopt.words import join_both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.blocks import Block
    from gridopt.problem import GridRules
    from gridopt.register import Register

KINDS = ("fixed", "forbidden", "must_link", "cannot_link")
"""Wishes in the rules: two about an enterprise and a grid, two about enterprises."""


def check_wishes(
    register: Register,
    rules: GridRules,
    blocks: Sequence[Block],
    labels: Sequence[tuple[str, ...]],
) -> None:
    """Refuse wishes that no cut of these blocks can keep; all of them at once.

    Parameters
    ----------
    labels
        Ids of each block's previous grids, in the order of the blocks.

    Raises
    ------
    InputError
        Where a wish names an enterprise that is not in the grids, a grid that the
        previous plan does not have, or two enterprises or an enterprise and a grid
        of different blocks.
    """
    if not any(getattr(rules, name) for name in KINDS):
        return
    home = _homes(register, blocks)
    grid_home = {
        grid_id: block.block_id
        for block, of_block in zip(blocks, labels, strict=True)
        for grid_id in of_block
    }
    faults = [
        fault
        for name, second in zip(KINDS, (grid_home, grid_home, home, home), strict=True)
        for fault in _faults(name, getattr(rules, name), home, second)
    ]
    if faults:
        told_zh, told_en = join_both(faults)
        raise InputError(
            f"有 {len(faults)} 项指定无法满足：{told_zh}。",
            f"{len(faults)} wishes cannot be kept: {told_en}.",
        )


def _homes(register: Register, blocks: Sequence[Block]) -> dict[str, str]:
    """Find the block of every enterprise, by their ids."""
    ids = register.enterprises.index
    block_of = np.empty(len(ids), dtype=object)
    for block in blocks:
        block_of[block.members] = block.block_id
    return dict(zip(ids, block_of, strict=True))


def _faults(
    name: str,
    wishes: Sequence[tuple[str, str]],
    home: dict[str, str],
    second: dict[str, str],
) -> list[tuple[str, str]]:
    faults = []
    for a, b in wishes:
        unknown = [x for x, where in ((a, home), (b, second)) if x not in where]
        if unknown:
            where = home if unknown[0] == a else second
            hint_zh, hint_en = hint_nearest(unknown[0], where)
            faults.append(
                (
                    f"{name} 中的 {unknown[0]} 不在本期名录或上期网格中{hint_zh}",
                    f"{name} names {unknown[0]}, which is neither an enterprise of the "
                    f"register nor a previous grid{hint_en}",
                )
            )
        elif name in ("fixed", "must_link") and home[a] != second[b]:
            faults.append(
                (
                    f"{name} 要求 {a} 与 {b} 同格，"
                    f"但二者分属划分单元 {home[a]} 和 {second[b]}",
                    f"{name} puts {a} with {b}, but they belong to the blocks "
                    f"{home[a]} and {second[b]}",
                )
            )
    return faults
