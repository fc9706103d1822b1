"""Why a move by hand cannot be made: every reason, said at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.errors import InputError
from gridopt.listing import hint_nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gridopt.moves.board import Board
    from gridopt.partition import Partition

    Words = tuple[str, str]
    Swap = tuple[str, str, float]
    """An enterprise, the grid that it could go to, and kilometres more."""

SHOWN = 20
"""So many faults are said; to look for the nearest id of more would take long."""


def refuse(faults: Sequence[Words]) -> None:
    """Raise all faults as one error, where there are any.

    Raises
    ------
    InputError
        With every fault in both languages.
    """
    if not faults:
        return
    n, shown = len(faults), faults[:SHOWN]
    more = n - len(shown)
    raise InputError(
        f"人工调整有{n}处无法照办，未作任何调整："
        + "；".join(zh for zh, _ in shown)
        + (f"；另有{more}处" if more else "")
        + "。请逐条改正后重试。",
        ("One fault keeps" if n == 1 else f"{n} faults keep")
        + " the moves from being made, so none was: "
        + "; ".join(en for _, en in shown)
        + (f"; {more} more" if more else "")
        + ". Correct each and run again.",
    )


def check_names(
    plan: Partition, wishes: Mapping[str, str]
) -> tuple[dict[str, str], list[Words]]:
    """Part wishes that can be carried out in their block from those that cannot.

    Returns
    -------
    possible, faults
        Grid of each enterprise that stays in its block, releases left out; and what
        is wrong with the rest.
    """
    home, grids = plan.enterprises["block_id"], plan.grids
    possible: dict[str, str] = {}
    faults: list[Words] = []
    for enterprise, grid in wishes.items():
        if enterprise not in home.index:
            known = home.index if len(faults) < SHOWN else ()
            faults.append(name_unknown("企业", "enterprise", enterprise, known))
        elif grid and grid not in grids.index:
            known = grids.index if len(faults) < SHOWN else ()
            faults.append(name_unknown("网格", "grid", grid, known))
        elif grid and grids.at[grid, "block_id"] != home[enterprise]:
            faults.append(_other_block(plan, enterprise, grid))
        elif grid:
            possible[enterprise] = grid
    return possible, faults


def name_unknown(
    kind_zh: str, kind_en: str, name: str, known: Iterable[str]
) -> tuple[str, str]:
    """Say that there is no such enterprise or grid, and which of `known` is nearest."""
    hint_zh, hint_en = hint_nearest(name, map(str, known))
    return (
        f"没有{kind_zh} {name}{hint_zh}",
        f"there is no {kind_en} {name}{hint_en}",
    )


def _other_block(plan: Partition, enterprise: str, grid: str) -> Words:
    own = plan.enterprises.at[enterprise, "block_id"]
    other = plan.grids.at[grid, "block_id"]
    own_unit, other_unit = own.rpartition("-")[0], other.rpartition("-")[0]
    what_zh, what_en = (
        ("二级统计网格（P8）", "unit (P8)")
        if own_unit != other_unit
        else ("行业（P3）", "category (P3)")
    )
    return (
        f"{enterprise} 属划分单元 {own}，网格 {grid} 属 {other}，{what_zh}不同",
        f"{enterprise} is of the block {own}, grid {grid} of {other}: "
        f"another {what_en}",
    )


def find_held(plan: Partition, wishes: Mapping[str, str]) -> list[Words]:
    """Find who was held by hand in its previous grid and is now to be let go.

    The bound of its block may rest on that: only a cut anew can take it back.
    """
    asked = set(plan.rules.fixed)
    return [
        (
            f"{enterprise} 已由人工固定在上期网格 {grid}，方案质量证明以此为据；"
            "请以本方案为上期方案，在调整表中写明解除后重新划分",
            f"{enterprise} was held by hand in its previous grid {grid}, on which the "
            "proof rests: cut anew from this plan with the release among the moves",
        )
        for one in plan.certificates
        for enterprise, grid in one.fixed
        if (enterprise, grid) not in asked
        if wishes.get(enterprise) == ""
    ]


def find_broken(plan: Partition, grid_of: Mapping[str, str]) -> list[Words]:
    """Find wishes of the rules that no longer hold.

    Parameters
    ----------
    grid_of
        Grid of every enterprise after the moves.
    """
    rules = plan.rules
    fixed = {pair for one in plan.certificates for pair in one.fixed}
    broken = [("fixed", "固定", *p) for p in sorted(fixed) if grid_of.get(p[0]) != p[1]]
    broken += [
        ("forbidden", "禁止", a, b) for a, b in rules.forbidden if grid_of.get(a) == b
    ]
    for name, word, is_same in (
        ("must_link", "必须同格", True),
        ("cannot_link", "不得同格", False),
    ):
        broken += [
            (name, word, a, b)
            for a, b in getattr(rules, name)
            if a in grid_of and b in grid_of
            if (grid_of[a] == grid_of[b]) != is_same
        ]
    return [
        (
            f"与指定要求“{zh}”（{name}）{a}、{b} 不符",
            f"the wish {name} {a} {b} would no longer hold",
        )
        for name, zh, a, b in broken
    ]


def find_thawed(plan: Partition, possible: Mapping[str, str]) -> list[Words]:
    """Find moves into or out of grids that are to stay as they are."""
    frozen = set(plan.rules.frozen)
    now = plan.enterprises["grid_id"]
    return [
        (
            f"{enterprise} 的调整涉及冻结网格 {grid}",
            f"moving {enterprise} touches the frozen grid {grid}",
        )
        for enterprise, after in possible.items()
        for grid in sorted({now[enterprise], after} & frozen)
        if now[enterprise] != after
    ]


def find_off_band(board: Board, wished: Iterable[str]) -> Iterator[Words]:
    """Find grids that the moves leave outside the band, with who could make up for it.

    What is proposed for one grid counts as done when the next is looked at: all of it
    together is a way out, and nobody is proposed twice.

    Parameters
    ----------
    wished
        Enterprises that are to be where they are now.
    """
    least, most = board.certificate.least, board.certificate.most
    own = set(board.certificate.enterprise_ids)
    asked = {*wished, *(one for one, _ in board.certificate.fixed)} & own
    held = {board.position(one) for one in asked}
    mended, sizes = board, board.sizes.tolist()
    # what fills a grid that is too small may come from one that is too large
    off = [grid for grid, size in enumerate(sizes) if not least <= size <= most]
    for grid in sorted(off, key=lambda grid: sizes[grid] > most):
        size = sizes[grid]
        mended, swaps = _mend(mended, grid, held)
        hint_zh, hint_en = _word_swaps(swaps, is_mended=_fits(mended, grid))
        yield (
            f"{board.grid_ids[grid]} 调整后为{size}家，不在{least}至{most}家之内"
            f"{hint_zh}",
            f"{board.grid_ids[grid]} would have {size} enterprises, outside {least} to "
            f"{most}{hint_en}",
        )


def _fits(board: Board, grid: int) -> bool:
    certificate = board.certificate
    return bool(certificate.least <= board.sizes[grid] <= certificate.most)


def _mend(board: Board, grid: int, held: set[int]) -> tuple[Board, list[Swap]]:
    """Bring a grid back into the band at the least cost, one enterprise at a time.

    Who is proposed joins `held`. Where it cannot be done the board stays as it was.
    """
    mended, swaps, taken = board, [], set(held)
    while not _fits(mended, grid):
        found = _cheapest(mended, grid, taken)
        if found is None:
            return board, []
        at, to, more_dm = found
        who, where = board.certificate.enterprise_ids[at], board.grid_ids[to]
        swaps.append((who, where, more_dm / 10_000))
        mended = mended.moved(who, where)
        taken.add(at)
    held |= taken
    return mended, swaps


def _cheapest(board: Board, grid: int, held: set[int]) -> tuple[int, int, float] | None:
    """Find who could be moved at the least cost: enterprise, grid, decimetres more."""
    problem, sizes, labels = board.problem, board.sizes, board.labels
    cost = problem.member_costs(np.arange(problem.n), board.medoids)
    own = cost[np.arange(problem.n), labels]
    more = (cost - own[:, None]).astype(np.float64)
    is_open = ~np.isin(board.grid_ids, board.certificate.frozen)
    has_spare = (sizes > board.certificate.least) & is_open
    has_room = (sizes < board.certificate.most) & is_open
    movable = np.ones(problem.n, dtype=bool)
    movable[list(held)] = False
    movable[board.medoids] = False
    if sizes[grid] < board.certificate.least:
        more[~(movable & has_spare[labels]), :] = np.inf
        more[:, np.arange(len(sizes)) != grid] = np.inf
    else:
        more[~(movable & (labels == grid)), :] = np.inf
        more[:, ~has_room] = np.inf
    more[np.arange(problem.n), labels] = np.inf
    at, to = np.unravel_index(int(more.argmin()), more.shape)
    found = float(more[at, to])
    return (int(at), int(to), found) if np.isfinite(found) else None


def _word_swaps(swaps: Sequence[Swap], *, is_mended: bool) -> Words:
    """Propose who could be moved as well, or say that the proposals before do."""
    if not swaps:
        zh, en = (
            "（上述调换一并办理后即符合）",
            " (what is proposed above mends it too)",
        )
        return (zh, en) if is_mended else ("", "")
    named_zh = "、".join(f"将 {who} 调入 {where}" for who, where, _ in swaps)
    named_en = " and ".join(f"{who} to {where}" for who, where, _ in swaps)
    km = sum(more_km for *_, more_km in swaps)
    return (
        f"（可同时{named_zh}，代价约{'减少' if km < 0 else '增加'}{abs(km):.2f}公里）",
        f" (moving {named_en} as well would do, at about {km:+.2f} km)",
    )
