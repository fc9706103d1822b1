"""How blocks become problems: places, prices, past and wishes as arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.errors import InputError
from gridopt.formulation.frozen import frozen_pairs
from gridopt.geography import local_plane, to_decimetres
from gridopt.problem import NONE, GridRules, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridopt.blocks import Block
    from gridopt.formulation.past import Past
    from gridopt.problem import FloatArray, IntArray
    from gridopt.register import Register

    Place = tuple[int, int]

AREA_PRICE_M = 200
"""Price of a member outside the medoid's work area where the register has villages."""

_BUREAU_KIND = "department"
_DEAREST_PLAN_DM = 1 << 43
_NO_PAIRS = np.empty((0, 2), dtype=np.int64)


def make_problem(
    register: Register,
    block: Block,
    rules: GridRules,
    labels: tuple[str, ...],
    past: Past,
) -> Problem:
    """Turn one block into arrays, see `make_problems`."""
    return make_problems(register, (block,), rules, (labels,), past)[0]


def make_problems(
    register: Register,
    blocks: Sequence[Block],
    rules: GridRules,
    labels: Sequence[tuple[str, ...]],
    past: Past,
) -> list[Problem]:
    """Turn blocks into arrays: places in whole decimetres, prices, past, wishes.

    Each column of the register is read once for all blocks, and cut.

    Parameters
    ----------
    labels
        Ids of each block's previous grids, ascending; their positions are the
        problem's labels.

    Raises
    ------
    InputError
        Where weights or prices are so large that costs would not add up exactly.
    """
    columns = _Columns.of(register, blocks, labels, past)
    wishes = _Wishes.of(register, rules, columns, labels)
    area_price = price_dm(area_price_m(register, rules))
    problems = []
    for at, block in enumerate(blocks):
        own = slice(columns.starts[at], columns.starts[at + 1])
        stay, bar = frozen_pairs(columns.previous[own], labels[at], rules)
        problem = Problem(
            key=block.block_id,
            points_dm=columns.points_dm(own),
            weights=columns.weights[own],
            areas=columns.areas[own],
            groups=columns.groups[own],
            previous=columns.previous[own],
            n_labels=len(labels[at]),
            least=block.least,
            most=block.most,
            target=rules.target,
            n_grids=block.n_grids,
            size_price=price_dm(rules.size_price_m),
            area_price=area_price,
            linkage_price=price_dm(rules.linkage_price_m),
            mover_price=price_dm(rules.mover_price_m),
            fixed=np.concatenate([wishes.fixed.get(at, _NO_PAIRS), stay]),
            forbidden=np.concatenate([wishes.forbidden.get(at, _NO_PAIRS), bar]),
            must_link=wishes.must_link.get(at, _NO_PAIRS),
            cannot_link=wishes.cannot_link.get(at, _NO_PAIRS),
        )
        _refuse_excess(problem)
        problems.append(problem)
    return problems


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


@dataclass(frozen=True)
class _Columns:
    """What problems are cut from, the enterprises of each block side by side.

    Attributes
    ----------
    members, block_of
        Position in the register and number of the block, shape (n,).
    starts
        Where each block begins, and the end, shape (m + 1,).
    longitude, latitude, weights, areas, groups, previous
        As problems need them, but degrees for decimetres, shape (n,).
    """

    members: IntArray
    block_of: IntArray
    starts: IntArray
    longitude: FloatArray
    latitude: FloatArray
    weights: FloatArray
    areas: IntArray
    groups: IntArray
    previous: IntArray

    @classmethod
    def of(
        cls,
        register: Register,
        blocks: Sequence[Block],
        labels: Sequence[tuple[str, ...]],
        past: Past,
    ) -> _Columns:
        rows = register.enterprises
        members = np.concatenate([block.members for block in blocks])
        sizes = np.array([len(block.members) for block in blocks], dtype=np.int64)
        block_of = np.repeat(np.arange(len(blocks)), sizes)
        areas = rows["work_area"].to_numpy(dtype=object)[members]
        areas[_have_no_areas(register, blocks)[block_of]] = ""  # S2b
        return cls(
            members=members,
            block_of=block_of,
            starts=np.concatenate([[0], np.cumsum(sizes)]),
            longitude=rows["longitude"].to_numpy(dtype=np.float64)[members],
            latitude=rows["latitude"].to_numpy(dtype=np.float64)[members],
            weights=rows["weight"].to_numpy(dtype=np.float64)[members],
            areas=_positions(areas, block_of),
            groups=_positions(
                rows["group_id"].to_numpy(dtype=object)[members], block_of
            ),
            previous=_previous(past.grid_of[members], block_of, labels),
        )

    def points_dm(self, own: slice) -> IntArray:
        """Lay a block out in its own plane, whole decimetres."""
        return to_decimetres(local_plane(self.longitude[own], self.latitude[own]))


def _have_no_areas(register: Register, blocks: Sequence[Block]) -> np.ndarray:
    """Say which blocks are the bureau's, below which there are no work areas."""
    known = (register.units.get(block.unit) for block in blocks)
    kinds = [unit.kind if unit is not None else "" for unit in known]
    return np.array([kind == _BUREAU_KIND for kind in kinds], dtype=bool)


def _positions(names: np.ndarray, block_of: IntArray) -> IntArray:
    """Replace names by their number in the order of a block, an empty one by `NONE`.

    Parameters
    ----------
    names, block_of
        Name and number of the block of each enterprise, blocks ascending, shape (n,).
    """
    codes, distinct = pd.factorize(names)
    order = np.argsort(np.asarray(distinct, dtype=str), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    known, number = np.unique(block_of * len(rank) + rank[codes], return_inverse=True)
    block_of_known, rank_of_known = np.divmod(known, max(len(rank), 1))
    blocks = np.arange(block_of.max(initial=-1) + 1)
    first = np.searchsorted(block_of_known, blocks)
    has_empty = np.asarray(distinct, dtype=object)[order][rank_of_known[first]] == ""
    return (number - (first + has_empty)[block_of]).astype(np.int64)


def _previous(
    grid_of: np.ndarray, block_of: IntArray, labels: Sequence[tuple[str, ...]]
) -> IntArray:
    """Find the label of each enterprise's previous grid, `NONE` if not of its block."""
    places = _places_of_labels(labels)
    codes, distinct = pd.factorize(grid_of)
    found = [places.get(grid_id, (NONE, NONE)) for grid_id in distinct]
    block, label = np.array(found, dtype=np.int64).reshape(-1, 2)[codes].T
    return np.where(block == block_of, label, NONE)


def _places_of_labels(labels: Sequence[tuple[str, ...]]) -> dict[str, Place]:
    return {
        grid_id: (at, label)
        for at, of_block in enumerate(labels)
        for label, grid_id in enumerate(of_block)
    }


@dataclass(frozen=True)
class _Wishes:
    """Pairs of positions or labels by the number of their block; none where absent."""

    fixed: dict[int, IntArray]
    forbidden: dict[int, IntArray]
    must_link: dict[int, IntArray]
    cannot_link: dict[int, IntArray]

    @classmethod
    def of(
        cls,
        register: Register,
        rules: GridRules,
        columns: _Columns,
        labels: Sequence[tuple[str, ...]],
    ) -> _Wishes:
        named = {a for a, _ in (*rules.fixed, *rules.forbidden)}
        named |= {x for pair in (*rules.must_link, *rules.cannot_link) for x in pair}
        places = _places_of_named(register, sorted(named), columns)
        of_label = _places_of_labels(labels)
        return cls(
            fixed=_pairs(rules.fixed, places, of_label),
            forbidden=_pairs(rules.forbidden, places, of_label),
            must_link=_pairs(rules.must_link, places, places),
            cannot_link=_pairs(rules.cannot_link, places, places),
        )


def _places_of_named(
    register: Register, named: list[str], columns: _Columns
) -> dict[str, Place]:
    """Find block and position in it of the enterprises that wishes name."""
    if not named:
        return {}
    rows = register.enterprises.index.get_indexer(named)
    at = np.full(len(register.enterprises) + 1, NONE)  # the last for the unknown
    at[columns.members] = np.arange(len(columns.members))
    places = {}
    for name, place in zip(named, at[rows].tolist(), strict=True):
        if place != NONE:
            block = int(columns.block_of[place])
            places[name] = (block, place - int(columns.starts[block]))
    return places


def _pairs(
    wishes: Sequence[tuple[str, str]],
    first: Mapping[str, Place],
    second: Mapping[str, Place],
) -> dict[int, IntArray]:
    kept: dict[int, list[Place]] = {}
    for a, b in wishes:
        if a in first and b in second and first[a][0] == second[b][0]:
            kept.setdefault(first[a][0], []).append((first[a][1], second[b][1]))
    return {at: np.array(pairs, dtype=np.int64) for at, pairs in kept.items()}
