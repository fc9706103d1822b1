"""What moves by hand come to: the plan with them, and what each of them costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridopt.certificate import gap_share
from gridopt.moves.board import Board
from gridopt.moves.checking import (
    check_names,
    find_broken,
    find_held,
    find_off_band,
    find_thawed,
    refuse,
)
from gridopt.moves.proof import claims_of, find_over_cap
from gridopt.moves.telling import KIND, explain_moves
from gridopt.tallies import tally_grids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridopt.certificate import Certificate
    from gridopt.partition import Partition
    from gridopt.problem import GridRules

COLUMNS = (
    "grid_id",
    "from_grid_id",
    "before_m",
    "travel_added_m",
    "cost_added_m",
    "medoids_replaced",
)
"""Columns of a partition's table of moves; its index is `enterprise_id`."""

_OF_ROSTER = ("role_vacant", "staff_minimum")


def no_moves() -> pd.DataFrame:
    """Make the table of moves of a plan without any."""
    return pd.DataFrame(columns=list(COLUMNS)).rename_axis("enterprise_id")


@dataclass(frozen=True)
class Moved:
    """The parts of a partition that moves by hand change, named as there."""

    rules: GridRules
    enterprises: pd.DataFrame
    grids: pd.DataFrame
    blocks: pd.DataFrame
    exceptions: pd.DataFrame
    certificates: tuple[Certificate, ...]
    moves: pd.DataFrame


def move_enterprises(plan: Partition, wishes: Mapping[str, str]) -> Moved:
    """Put enterprises into grids by hand and leave everybody else where they are.

    Grids that someone leaves or joins meet where it is best for them afterwards. Each
    move is priced by what it adds to the block, in the order of the enterprises' ids,
    so that the prices add up. The block's bound stays what it was, which is valid: it
    is a bound of the block without the wish, so the gap shows what the wish costs.

    Parameters
    ----------
    wishes
        Grid of each enterprise; the grid it is in already keeps it there in later
        cuts, an empty one says that it need no longer be kept.

    Raises
    ------
    InputError
        Where an enterprise or grid is unknown, a grid is of another block, a grid
        leaves the band, a frozen grid is touched, or a wish or the cap on movers no
        longer holds; all of them at once.
    """
    wishes = {str(e): str(g) for e, g in sorted(wishes.items())}
    possible, faults = check_names(plan, wishes)
    faults += find_thawed(plan, possible)
    boards, rows = _move(plan, possible)
    grid_of = plan.enterprises["grid_id"].to_dict() | possible
    faults += find_broken(plan, grid_of)
    faults += find_held(plan, wishes)
    for board in boards.values():
        faults += find_off_band(board, possible)
    faults += find_over_cap(plan, boards)
    refuse(faults)
    return _placed(plan, wishes, boards, rows)


def _move(
    plan: Partition, possible: Mapping[str, str]
) -> tuple[dict[str, Board], list[dict[str, Any]]]:
    """Make the moves one by one; the boards afterwards, and the price of each move."""
    certificates = {one.block_id: one for one in plan.certificates}
    boards: dict[str, Board] = {}
    rows = []
    for enterprise, grid in possible.items():
        block_id = plan.enterprises.at[enterprise, "block_id"]
        if block_id not in boards:
            boards[block_id] = Board.of(plan, certificates[block_id])
        before = boards[block_id]
        after = boards[block_id] = before.moved(enterprise, grid)
        rows.append(_price(plan, enterprise, before, after) | {"grid_id": grid})
    return boards, rows


def _price(
    plan: Partition, enterprise: str, before: Board, after: Board
) -> dict[str, Any]:
    """Price a move against the plan before it; a stay against its cheapest other place.

    Who is let go does not pay the price of moving: it is no reason to hold it.
    """
    is_stay = after is before
    other = after.freed(enterprise) if is_stay else before
    one, two = other.score, after.score
    cost_dm = two.cost - one.cost
    if is_stay:
        cost_dm += one.churn - two.churn
    travel_dm = int(after.distances_dm.sum() - other.distances_dm.sum())
    ids = before.certificate.enterprise_ids
    replaced = np.setdiff1d(before.medoids, after.medoids).tolist()
    return {
        "enterprise_id": enterprise,
        "from_grid_id": plan.enterprises.at[enterprise, "grid_id"],
        "before_m": plan.enterprises.at[enterprise, "distance_m"],
        "travel_added_m": travel_dm / 10,
        "cost_added_m": cost_dm / 10,
        "medoids_replaced": " ".join(ids[at] for at in replaced),
    }


def _placed(
    plan: Partition,
    wishes: Mapping[str, str],
    boards: Mapping[str, Board],
    rows: list[dict[str, Any]],
) -> Moved:
    rules = _rules(plan.rules, wishes)
    enterprises = _enterprises(plan, boards)
    certificates = claims_of(plan, rules, boards)
    grids = tally_grids(plan.grids, enterprises, rules)
    moves = _moves(plan, wishes, rows)
    drafted = Moved(
        rules=rules,
        enterprises=enterprises,
        grids=grids,
        blocks=_blocks(plan, certificates),
        exceptions=plan.exceptions,
        certificates=certificates,
        moves=moves,
    )
    # posts were shared out among the grids as they were: they are assigned anew
    kept = plan.exceptions[~plan.exceptions["kind"].isin((KIND, *_OF_ROSTER))]
    told = explain_moves(drafted, plan.exceptions.columns)
    parts = [frame for frame in (kept, told) if len(frame)] or [kept]
    return replace(drafted, exceptions=pd.concat(parts))


def _rules(rules: GridRules, wishes: Mapping[str, str]) -> GridRules:
    moved = tuple(sorted({**dict(rules.moved), **wishes}.items()))
    return rules if moved == rules.moved else rules.model_copy(update={"moved": moved})


def _enterprises(plan: Partition, boards: Mapping[str, Board]) -> pd.DataFrame:
    found = plan.enterprises.copy()
    for board in boards.values():
        ids = list(board.certificate.enterprise_ids)
        meets = np.zeros(len(ids), dtype=bool)
        meets[board.medoids] = True
        found.loc[ids, "grid_id"] = np.array(board.grid_ids, dtype=object)[board.labels]
        found.loc[ids, "is_medoid"] = meets
        found.loc[ids, "distance_m"] = board.distances_dm / 10
    return found


def _blocks(plan: Partition, certificates: tuple[Certificate, ...]) -> pd.DataFrame:
    found = plan.blocks.copy()
    for old, one in zip(plan.certificates, certificates, strict=True):
        if one is old:
            continue
        at, bound = one.block_id, one.bound
        found.loc[at, "cost"] = one.cost
        if bound is not None:
            found.loc[at, "bound"] = bound
            found.loc[at, "gap_share"] = gap_share(one.cost, bound)
        if found.at[at, "status"] != "interrupted" and bound is not None:
            found.loc[at, "status"] = "optimal" if one.cost <= bound else "bounded"
    return found


def _moves(
    plan: Partition, wishes: Mapping[str, str], rows: list[dict[str, Any]]
) -> pd.DataFrame:
    """List the moves in force, by enterprise: the new ones and those made before."""
    before = plan.moves[~plan.moves.index.isin(list(wishes))]
    new = pd.DataFrame(rows, columns=["enterprise_id", *COLUMNS])
    parts = [one for one in (before, new.set_index("enterprise_id")) if len(one)]
    return pd.concat(parts).sort_index() if parts else no_moves()
