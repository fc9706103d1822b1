"""Which grids of the plan in force are to stay as they are, and whether they can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.errors import InputError
from gridopt.listing import hint_nearest
from gridopt.words import join_both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.blocks import Block
    from gridopt.formulation.past import Past
    from gridopt.problem import GridRules, IntArray


def check_frozen(
    rules: GridRules,
    blocks: Sequence[Block],
    labels: Sequence[tuple[str, ...]],
    past: Past,
) -> None:
    """Refuse frozen grids that cannot stay as they are; all of them at once (P13).

    A frozen grid keeps every enterprise it had that is still in its block, and takes
    in nobody else.

    Parameters
    ----------
    labels
        Ids of each block's previous grids, in the order of the blocks.

    Raises
    ------
    InputError
        Where a frozen grid is unknown, has no enterprise left, or is left with a
        number outside its block's band.
    """
    home = {
        grid_id: block
        for block, of_block in zip(blocks, labels, strict=True)
        for grid_id in of_block
    }
    faults = [
        fault
        for grid_id in dict.fromkeys(rules.frozen)
        if (fault := _fault(grid_id, home, past)) is not None
    ]
    if faults:
        zh, en = join_both(faults)
        raise InputError(
            f"有 {len(faults)} 个冻结网格无法保持不变：{zh}。请在情景文件 grids 一节的 "
            "frozen 中改正或去掉。",
            f"{len(faults)} frozen grids cannot stay as they are: {en}. Correct or "
            "drop them in frozen, under grids in the scenario.",
        )


def _fault(grid_id: str, home: dict[str, Block], past: Past) -> tuple[str, str] | None:
    if not past.grid_ids:
        return (
            f"{grid_id} 无从保持，因为没有给出上期方案（--previous）",
            f"{grid_id} has nothing to stay as: no previous plan is given (--previous)",
        )
    if grid_id not in past.grid_ids:
        hint_zh, hint_en = hint_nearest(grid_id, past.grid_ids)
        return (
            f"{grid_id} 不在上期方案中{hint_zh}",
            f"{grid_id} is no grid of the previous plan{hint_en}",
        )
    if grid_id not in home:
        return (
            f"{grid_id} 原有企业已全部退出名录",
            f"none of the enterprises of {grid_id} is in the register any more",
        )
    block = home[grid_id]
    n = int((past.grid_of[block.members] == grid_id).sum())
    if block.least <= n <= block.most:
        return None
    return (
        f"{grid_id} 仅存 {n} 家企业，不在 {block.least} 至 {block.most} 家之间"
        if n < block.least
        else f"{grid_id} 现有 {n} 家企业，超出 {block.least} 至 {block.most} 家",
        f"{grid_id} is left with {n} enterprises, outside {block.least} to "
        f"{block.most}",
    )


def frozen_pairs(
    previous: IntArray, of_block: tuple[str, ...], rules: GridRules
) -> tuple[IntArray, IntArray]:
    """Turn a block's frozen grids into wishes about each of its enterprises.

    Parameters
    ----------
    previous
        Label of each enterprise's previous grid, shape (n,).
    of_block
        Ids of the block's previous grids, in the order of the labels.

    Returns
    -------
    fixed, forbidden
        Pairs (enterprise, label), shape (m, 2): who stays, who must not come in.
    """
    known = set(rules.frozen)
    frozen = [p for p, grid_id in enumerate(of_block) if grid_id in known]
    pairs = np.array(
        [(i, p) for p in frozen for i in range(len(previous))], dtype=np.int64
    ).reshape(-1, 2)
    stays = previous[pairs[:, 0]] == pairs[:, 1]
    return pairs[stays], pairs[~stays]
