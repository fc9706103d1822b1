"""How a block becomes a problem: its places, prices, past and wishes as arrays."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.blocks import route_units
from gridopt.errors import InputError
from gridopt.geography import local_plane
from gridopt.problem import NONE, GridRules, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from gridopt.blocks import Block
    from gridopt.problem import IntArray
    from gridopt.register import Register

AREA_PRICE_M = 200
"""Price of a member outside the medoid's work area where the register has villages."""

_BUREAU_KIND = "department"
_DEAREST_PLAN_DM = 1 << 43
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
    """

    grid_of: np.ndarray
    host_of: np.ndarray
    grid_ids: tuple[str, ...]

    @classmethod
    def of(
        cls,
        register: Register,
        previous: pd.DataFrame | None,
        *,
        bureau_owns: bool = True,
    ) -> Past:
        """Read the past of a register's enterprises from a plan's enterprises.

        Parameters
        ----------
        previous
            The plan in force, None where there is none.
        bureau_owns
            Whether firms are routed to the bureau today (P11).

        Raises
        ------
        InputError
            Where the plan lacks a column, names an enterprise twice, or shares no
            enterprise with the register.
        """
        n = len(register.enterprises)
        if previous is None:
            nowhere = np.full(n, "", dtype=object)
            return cls(nowhere, nowhere, ())
        frame = _checked_plan(previous)
        known = frame["grid_id"].reindex(register.enterprises.index)
        if known.isna().all():
            raise InputError(
                f"上期方案的 {len(frame)} 家企业无一在本期名录中，"
                "请核对是否为同一地区的方案。",
                f"None of the {len(frame)} enterprises of the previous plan stands in "
                "the register: check that both are of the same place.",
            )
        return cls(
            grid_of=known.fillna("").to_numpy(dtype=object),
            host_of=_hosts_of(register, frame, bureau_owns),
            grid_ids=tuple(sorted(set(frame["grid_id"]) - {""})),
        )


def _hosts_of(register: Register, plan: pd.DataFrame, bureau_owns: bool) -> np.ndarray:
    now = register.enterprises
    if not {"unit", "category", "block_id"} <= set(plan.columns):
        return np.full(len(now), "", dtype=object)
    then = plan[["unit", "category", "block_id"]].reindex(now.index).fillna("")
    unit = route_units(register, bureau_owns=bureau_owns)
    stays = (then["unit"] == unit) & (then["category"] == now["category"])
    return then["block_id"].where(stays, "").to_numpy(dtype=object)


def _checked_plan(previous: pd.DataFrame) -> pd.DataFrame:
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
    twice = frame.index[frame.index.duplicated()].unique()
    if len(twice):
        shown = ", ".join(map(str, twice[:3]))
        raise InputError(
            f"上期方案中有 {len(twice)} 家企业出现不止一次，例如 {shown}。"
            "请每家只保留一行。",
            f"{len(twice)} enterprises stand more than once in the previous plan, for "
            f"example {shown}: keep one row each.",
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
    held: dict[str, dict[str, int]] = {}
    for block in blocks:
        ids, counts = np.unique(past.grid_of[block.members], return_counts=True)
        for grid_id, count in zip(ids.tolist(), counts.tolist(), strict=True):
            if grid_id:
                held.setdefault(grid_id, {})[block.block_id] = count
    home = {
        grid_id: min(of_block, key=lambda b: (-of_block[b], b))
        for grid_id, of_block in held.items()
    }
    labels: dict[str, list[str]] = {block.block_id: [] for block in blocks}
    for grid_id in sorted(home):
        labels[home[grid_id]].append(grid_id)
    return [tuple(labels[block.block_id]) for block in blocks]


def make_problem(
    register: Register,
    block: Block,
    rules: GridRules,
    labels: tuple[str, ...],
    past: Past,
) -> Problem:
    """Turn a block into arrays: places in whole decimetres, prices, past, wishes.

    Parameters
    ----------
    labels
        Ids of the block's previous grids, ascending; their positions are the
        problem's labels.

    Raises
    ------
    InputError
        Where weights or prices are so large that costs would not add up exactly.
    """
    rows = register.enterprises.iloc[block.members]
    plane_m = local_plane(rows["longitude"].to_numpy(), rows["latitude"].to_numpy())
    areas = _positions(_areas(register, block, rows))
    column = {grid_id: p for p, grid_id in enumerate(labels)}
    previous = [column.get(grid_id, NONE) for grid_id in past.grid_of[block.members]]
    wishes = _Wishes.of_block(rows.index, rules, column)
    problem = Problem(
        key=block.block_id,
        points_dm=np.floor(10 * plane_m + 0.5).astype(np.int64),
        weights=rows["weight"].to_numpy(dtype=np.float64).copy(),
        areas=areas,
        groups=_positions(rows["group_id"].to_numpy(dtype=object)),
        previous=np.array(previous, dtype=np.int64),
        n_labels=len(labels),
        least=block.least,
        most=block.most,
        target=rules.target,
        n_grids=block.n_grids,
        size_price=price_dm(rules.size_price_m),
        area_price=price_dm(area_price_m(register, rules)),
        linkage_price=price_dm(rules.linkage_price_m),
        mover_price=price_dm(rules.mover_price_m),
        fixed=wishes.fixed,
        forbidden=wishes.forbidden,
        must_link=wishes.must_link,
        cannot_link=wishes.cannot_link,
    )
    _refuse_excess(problem)
    return problem


def _refuse_excess(problem: Problem) -> None:
    """Refuse costs whose sums would no longer be exact in 64 bits."""
    far = float(np.ptp(problem.points_dm, axis=0).sum()) * problem.weights.max()
    off = problem.size_price * max(problem.target, problem.most)
    prices = off + problem.area_price + problem.linkage_price + problem.mover_price
    if problem.n * (far + float(prices)) < _DEAREST_PLAN_DM:
        return
    weight, price_m = float(problem.weights.max()), prices / 10
    raise InputError(
        f"划分单元 {problem.key} 的代价过大，无法精确计算：最大权重 {weight:g}，"
        f"每家各项代价合计可达 {price_m:g} 米。"
        "请减小名录中的权重，或情景文件 grids 一节以米计的代价。",
        f"The costs of block {problem.key} are too large to be exact: greatest weight "
        f"{weight:g}, prices of up to {price_m:g} m per enterprise. Lower the weights "
        "in the register or the prices (in metres) under grids in the scenario.",
    )


def price_dm(price_m: float) -> int:
    """Turn a price in metres into whole decimetres, half up.

    Examples
    --------
    >>> price_dm(200)
    2000
    """
    return math.floor(price_m * 10 + 0.5)


def area_price_m(register: Register, rules: GridRules) -> float:
    """Price of leaving one's work area: as set, else 200 m where villages are known."""
    if rules.area_price_m is not None:
        return rules.area_price_m
    return AREA_PRICE_M if (register.enterprises["village"] != "").any() else 0


def _areas(register: Register, block: Block, rows: pd.DataFrame) -> np.ndarray:
    unit = register.units.get(block.unit)
    if unit is not None and unit.kind == _BUREAU_KIND:
        return np.full(len(rows), "", dtype=object)  # S2b: no work areas below it
    return rows["work_area"].to_numpy(dtype=object)


def _positions(names: np.ndarray) -> IntArray:
    """Replace names by numbers from 0 in their order, an empty one by `NONE`."""
    distinct, position = np.unique(names.astype(str), return_inverse=True)
    shift = 1 if len(distinct) and distinct[0] == "" else 0
    return (position - shift).astype(np.int64)


@dataclass(frozen=True)
class _Wishes:
    fixed: IntArray
    forbidden: IntArray
    must_link: IntArray
    cannot_link: IntArray

    @classmethod
    def of_block(
        cls, ids: pd.Index, rules: GridRules, column: dict[str, int]
    ) -> _Wishes:
        row = {enterprise_id: i for i, enterprise_id in enumerate(ids)}
        return cls(
            fixed=_pairs(rules.fixed, row, column),
            forbidden=_pairs(rules.forbidden, row, column),
            must_link=_pairs(rules.must_link, row, row),
            cannot_link=_pairs(rules.cannot_link, row, row),
        )


def _pairs(
    wishes: Sequence[tuple[str, str]], first: dict[str, int], second: dict[str, int]
) -> IntArray:
    kept = [(first[a], second[b]) for a, b in wishes if a in first and b in second]
    return np.array(kept, dtype=np.int64).reshape(-1, 2)


def check_wishes(
    register: Register,
    rules: GridRules,
    blocks: Sequence[Block],
    labels: Sequence[tuple[str, ...]],
) -> None:
    """Find the wishes that no plan of these blocks can keep, all at once.

    Raises
    ------
    InputError
        Where a wish names an enterprise that is not in the grids, a grid that the
        previous plan does not have, or two enterprises or an enterprise and a grid
        of different blocks.
    """
    ids = register.enterprises.index
    block_of = np.empty(len(ids), dtype=object)
    for block in blocks:
        block_of[block.members] = block.block_id
    home = dict(zip(ids, block_of, strict=True))
    grid_home = {
        grid_id: block.block_id
        for block, of_block in zip(blocks, labels, strict=True)
        for grid_id in of_block
    }
    faults = [
        fault
        for name, second in (
            ("fixed", grid_home),
            ("forbidden", grid_home),
            ("must_link", home),
            ("cannot_link", home),
        )
        for fault in _faults(name, getattr(rules, name), home, second)
    ]
    if faults:
        told_zh = "；".join(zh for zh, _ in faults)
        told_en = "; ".join(en for _, en in faults)
        raise InputError(
            f"有 {len(faults)} 项指定无法满足：{told_zh}。",
            f"{len(faults)} wishes cannot be kept: {told_en}",
        )


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
            near = difflib.get_close_matches(unknown[0], where, n=1)
            hint_zh = f"，最接近的是 {near[0]}" if near else ""
            hint_en = f", the nearest is {near[0]}" if near else ""
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
