"""What is claimed of blocks after moves by hand: cost, fixed members, cap on movers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gridopt.certificate import homes_of_grids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridopt.certificate import Certificate
    from gridopt.moves.board import Board
    from gridopt.partition import Partition
    from gridopt.problem import GridRules


def find_over_cap(
    plan: Partition, boards: Mapping[str, Board]
) -> list[tuple[str, str]]:
    """Say where more survivors would change their grid than the cap allows."""
    cap, n_movers = plan.rules.mover_cap, sum(_movers(plan, boards).values())
    if cap is None or n_movers <= cap:
        return []
    return [
        (
            f"共有{n_movers}家存续企业换了网格，超过调整上限 mover_cap = {cap} 家"
            "（P13）",
            f"{n_movers} survivors would change their grid, above mover_cap = {cap}",
        )
    ]


def _movers(plan: Partition, boards: Mapping[str, Board]) -> dict[str, int]:
    """Count the movers of each block after the moves."""
    rows = plan.enterprises
    home = homes_of_grids(plan.certificates)
    before = rows["previous_grid_id"]
    is_own = before.map(home) == rows["block_id"]
    moved = rows[is_own & (before != rows["grid_id"])].groupby("block_id").size()
    return {
        one.block_id: (
            boards[one.block_id].score.n_movers
            if one.block_id in boards
            else int(moved.get(one.block_id, 0))
        )
        for one in plan.certificates
    }


def claims_of(
    plan: Partition, rules: GridRules, boards: Mapping[str, Board]
) -> tuple[Certificate, ...]:
    """Make the certificates after the moves; the duals stay what they were.

    Whoever is put into the grid it had before is a fixed member from now on, also for
    the checker; a bound found without that stays valid.
    """
    before = plan.enterprises["previous_grid_id"]
    stays = [(a, b) for a, b in rules.moved if b and before.get(a) == b]
    found = []
    for one in plan.certificates:
        if one.block_id in boards:
            board = boards[one.block_id]
            own, labels = set(one.enterprise_ids), set(one.previous_ids)
            asked = [pair for pair in rules.fixed if pair[0] in own]
            held = [
                p for p in stays if p[0] in own and p[1] in labels and p not in asked
            ]
            cost = board.score.cost
            found.append(replace(one, cost=cost, fixed=(*asked, *held)))
        else:
            found.append(one)
    return _allotted(found, _movers(plan, boards), rules.mover_cap)


def _allotted(
    certificates: list[Certificate], movers: Mapping[str, int], cap: int | None
) -> tuple[Certificate, ...]:
    """Share the cap out anew where a block has more movers than it was allotted.

    The bound is that of the dearer price less surcharge times allotment, so it falls
    by the surcharge with each mover more, and rises with each less.
    """
    surcharge = max((one.mover_surcharge for one in certificates), default=0)
    short = sum(max(0, movers[c.block_id] - c.mover_allotment) for c in certificates)
    if cap is None or not surcharge or not short:
        return tuple(certificates)
    spare = cap - sum(one.mover_allotment for one in certificates) - short
    found = []
    for one in certificates:
        change = movers[one.block_id] - one.mover_allotment
        if change < 0:  # what others need is taken where it is not used
            change = max(change, min(spare, 0))
            spare -= change
        allotment = one.mover_allotment + change
        bound = None if one.bound is None else one.bound - surcharge * change
        found.append(replace(one, mover_allotment=allotment, bound=bound))
    return tuple(found)
