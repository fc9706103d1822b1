"""Which moves by hand the plan in force hands on, and which are new to this cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.errors import InputError
from gridopt.moves.checking import SHOWN, name_unknown, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridopt.blocks import Block
    from gridopt.formulation import Past
    from gridopt.problem import GridRules
    from gridopt.register import Register

    Pair = tuple[str, str]


@dataclass(frozen=True)
class MovesInForce:
    """Moves by hand of a cut: what the search must keep, what follows after it.

    Attributes
    ----------
    rules
        The rules with every move in force under `moved`, by enterprise.
    held
        Pairs (enterprise, grid) that the plan in force has already and the search
        keeps as fixed members.
    remarks
        What could not be kept, Chinese and English.
    """

    rules: GridRules
    held: tuple[Pair, ...]
    remarks: tuple[Pair, ...]

    @property
    def searched(self) -> GridRules:
        """The rules of the search: fixed members are those of the rules and `held`."""
        if not self.held:
            return self.rules
        more = [pair for pair in self.held if pair not in self.rules.fixed]
        return self.rules.model_copy(update={"fixed": (*self.rules.fixed, *more)})

    @property
    def wishes(self) -> dict[str, str]:
        """Grid of every enterprise that is placed by hand; empty for a release."""
        return dict(self.rules.moved)


def keep_moves(
    register: Register,
    rules: GridRules,
    handed_on: Sequence[Pair],
    blocks: Sequence[Block],
    labels: Sequence[tuple[str, ...]],
    past: Past,
) -> MovesInForce:
    """Join the moves of the plan in force with those of the rules.

    The rules win over the plan in force. Who is in the wished grid already is held
    there by the search; everybody else is moved after it. What the plan in force
    hands on, but the enterprise or the grid has left or changed its block, is dropped
    with a remark.

    Parameters
    ----------
    handed_on
        Moves of the plan in force, pairs (enterprise, grid).
    labels
        Ids of each block's previous grids, in the order of the blocks.

    Raises
    ------
    InputError
        Where the rules put one enterprise into several grids, or name one that is
        not in the register.
    """
    asked, ids = _asked(rules), register.enterprises.index
    strangers = [enterprise for enterprise in asked if enterprise not in ids]
    refuse(
        [
            name_unknown("企业", "enterprise", enterprise, ids if at < SHOWN else ())
            for at, enterprise in enumerate(strangers)
        ]
    )
    named = sorted({*asked, *(e for e, _ in handed_on)})
    held = _held(register, named, blocks, labels, past)
    claimed = {a for a, _ in rules.fixed} | set(asked)
    old = {
        enterprise: grid
        for enterprise, grid in handed_on
        if grid and enterprise not in claimed
        if (enterprise, grid) not in rules.forbidden
    }
    lost = sorted(e for e, grid in old.items() if held.get(e) != grid)
    merged = {**{e: g for e, g in old.items() if e not in lost}, **asked}
    moved = tuple(sorted(merged.items()))
    if moved != rules.moved:
        rules = rules.model_copy(update={"moved": moved})
    return MovesInForce(
        rules=rules,
        held=tuple((e, g) for e, g in moved if g and held.get(e) == g),
        remarks=_remarks(lost),
    )


def _asked(rules: GridRules) -> dict[str, str]:
    asked = dict(rules.moved)
    pairs = set(rules.moved)
    if len(pairs) == len(asked):
        return asked
    twice = sorted({a for a, b in pairs if asked[a] != b})
    shown = ", ".join(twice[:3])
    raise InputError(
        f"人工调整（moved）共指定{len(asked)}家企业，其中{len(twice)}家指定了不止一个"
        f"网格，例如 {shown}。请每家只留一个网格。",
        f"Of the {len(asked)} enterprises that moved names, {len(twice)} are put into "
        f"several grids, such as {shown}: keep one grid each.",
    )


def _held(
    register: Register,
    named: Sequence[str],
    blocks: Sequence[Block],
    labels: Sequence[tuple[str, ...]],
    past: Past,
) -> Mapping[str, str]:
    """Find the previous grid of those who are named and still in its block."""
    if not named:
        return {}
    ids = register.enterprises.index
    block_of = np.empty(len(ids), dtype=np.int64)
    for at, block in enumerate(blocks):
        block_of[block.members] = at
    home = {grid_id: at for at, of_block in enumerate(labels) for grid_id in of_block}
    places = zip(named, ids.get_indexer(list(named)).tolist(), strict=True)
    found = {e: (str(past.grid_of[at]), block_of[at]) for e, at in places if at >= 0}
    return {e: grid for e, (grid, at) in found.items() if home.get(grid) == at}


def _remarks(lost: Sequence[str]) -> tuple[Pair, ...]:
    if not lost:
        return ()
    shown, n = ", ".join(lost[:3]), len(lost)
    return (
        (
            f"上期人工调整的企业中，{n}家（{shown}）或其网格已退出名录，或已改属其他划分"
            "单元，不再固定。",
            f"Of the enterprises placed by hand before, {n} ({shown}) or their grids "
            "have left the register or changed block; they are fixed no longer.",
        ),
    )
