"""What a block is once the small ones have joined: band, number of grids, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.blocks.block import Block, kind_of_unit
from gridopt.blocks.departures import (
    OWN,
    Departure,
    Subject,
    Way,
    explain,
    way_alone,
    way_to_join,
    with_effect,
)
from gridopt.blocks.options import NEIGHBOUR, OTHER, RELATED, MergeChoice
from gridopt.errors import InputError
from gridopt.words import join_both

if TYPE_CHECKING:
    from gridopt.blocks.kept import Kept
    from gridopt.problem import GridRules
    from gridopt.register import Register

IntArray = npt.NDArray[np.int64]

_KINDS = {
    RELATED: ("merged_category", "P3"),
    OTHER: ("merged_category", "P3"),
    NEIGHBOUR: ("merged_unit", "P8"),
}


def join_blocks(
    register: Register,
    blocks: Sequence[Block],
    choice: MergeChoice,
    rules: GridRules,
    n_previous: Mapping[str, int] | None = None,
    *,
    kept: Kept | None = None,
) -> tuple[Block, ...]:
    """Join base blocks as chosen and set each one's band and number of grids.

    Parameters
    ----------
    blocks
        Base blocks, as `split_blocks` gives them.
    n_previous
        Number of grids that a block (by id) had in the previous plan; `by_target`
        starts from it.
    kept
        Who keeps a category although its own is another by now (P13); None where
        nobody does.

    Returns
    -------
    tuple of Block
        Sorted by block id. A joined block keeps its host's id, unit and category;
        what departs from P3, P5 or P8 stands in its `departures`.

    Raises
    ------
    InputError
        Where a fixed number of grids lies outside its block's range or names no
        block; all of them are listed.
    """
    cut = _Cut(register, blocks, choice, rules, kept)
    order = np.argsort(choice.hosts, kind="stable")
    starts = np.flatnonzero(np.diff(choice.hosts[order], prepend=-1))
    groups = np.split(order, starts[1:]) if len(order) else []
    _check_numbers(rules, [cut.range_of(group) for group in groups])
    return tuple(cut.block(group, n_previous or {}) for group in groups)


@dataclass(frozen=True)
class _Range:
    """A block after joining, the band in force and its least and most grids."""

    block_id: str
    base: tuple[str, ...]
    n: int
    least: int
    most: int
    fewest: int
    greatest: int


@dataclass(frozen=True)
class _Join:
    host: int
    kind: int
    way: Way


@dataclass(frozen=True)
class _Cut:
    """All that the blocks after joining are made from."""

    register: Register
    blocks: Sequence[Block]
    choice: MergeChoice
    rules: GridRules
    kept: Kept | None

    def range_of(self, group: IntArray) -> _Range:
        """Set the band: the rules', else widened for the cheapest number of grids."""
        options, least, most = self.choice.options, self.rules.least, self.rules.most
        n = int(options.sizes[group].sum())
        fewest, greatest = -(-n // most), n // least
        if fewest > greatest:
            fewest = greatest = int(options.own_grids[n])
            least, most = widen(n, fewest, least, most)
        base = tuple(self.blocks[each].block_id for each in group.tolist())
        host = self.blocks[int(self.choice.hosts[group[0]])].block_id
        return _Range(host, base, n, least, most, fewest, greatest)

    def block(self, group: IntArray, n_previous: Mapping[str, int]) -> Block:
        """Join the blocks of a group with their host."""
        host = int(self.choice.hosts[group[0]])
        span = self.range_of(group)
        members = [self.blocks[each].members for each in group.tolist()]
        previous = n_previous.get(span.block_id)
        return Block(
            block_id=span.block_id,
            unit=self.blocks[host].unit,
            category=self.blocks[host].category,
            members=np.sort(np.concatenate(members)),
            base=span.base,
            least=span.least,
            most=span.most,
            n_grids=_n_grids(self.rules, span, previous),
            departures=tuple(self._departures(group, host, span)),
        )

    def _departures(
        self, group: IntArray, host: int, span: _Range
    ) -> Iterator[Departure]:
        for guest in group[group != host].tolist():
            way = self._joins(guest)[host]
            kind, clause = _KINDS[way.kind]
            others = [self._alone(guest), *self._best_joins(guest)]
            sentences = explain(self._subject(guest), way.way, others)
            n = int(self.choice.options.sizes[guest])
            if clause == "P3" and self.kept is not None:
                n -= self.kept.count(self.blocks[guest])  # listed apart
            if n:
                yield Departure(clause, kind, span.block_id, n, *sentences)
        if self.kept is not None:
            bases = [self.blocks[each] for each in group.tolist()]
            yield from self.kept.departures(bases, self.blocks[host])
        if (span.least, span.most) != (self.rules.least, self.rules.most):
            yield self._off_band(host, span)

    def _off_band(self, host: int, span: _Range) -> Departure:
        """Explain why a block keeps fewer or more per grid than the rules say."""
        options = self.choice.options
        n_joined = span.n - int(options.sizes[host])
        others = list(self._other_bands(span))
        if not n_joined:
            others += self._best_joins(host)
        points = int(options.own_points[span.n] + options.home_points[host])
        kind = self._kind_alone(span.n)
        way = way_alone(kind, (span.least, span.most, span.fewest), points)
        sentences = explain(self._subject(host), way, others, n_joined)
        return Departure("P5", kind, span.block_id, span.n, *sentences)

    def _other_bands(self, span: _Range) -> Iterator[Way]:
        """Describe the other number of grids that a widened band could have."""
        rules, n = self.rules, span.n
        for n_grids in (n // rules.least, -(-n // rules.most)):
            if n_grids in (0, span.fewest):
                continue
            least, most = widen(n, n_grids, rules.least, rules.most)
            off = max(0, n - rules.most * n_grids, rules.least * n_grids - n)
            points = rules.small_block_prices.off_band * off
            yield way_alone("widened_band", (least, most, n_grids), points)

    def _alone(self, guest: int) -> Way:
        """Describe a guest's staying alone, with what its host would lose by it."""
        options, rules = self.choice.options, self.rules
        n = int(options.sizes[guest])
        n_grids = int(options.own_grids[n])
        band = (*widen(n, n_grids, rules.least, rules.most), n_grids)
        points = int(options.own_points[n] + options.home_points[guest])
        return with_effect(
            way_alone(self._kind_alone(n), band, points), self._loss(guest)
        )

    def _loss(self, base: int) -> int:
        """Points that a guest's host would pay more for its size without it."""
        options, host = self.choice.options, int(self.choice.hosts[base])
        if host == base:
            return 0
        n = self._loads[host]
        own = options.own_points
        return int(own[n - options.sizes[base]] - own[n])

    @cached_property
    def _loads(self) -> IntArray:
        """Enterprises of each host with its guests, shape (m,)."""
        loads = np.zeros(len(self.blocks), dtype=np.int64)
        np.add.at(loads, self.choice.hosts, self.choice.options.sizes)
        return loads

    def _kind_alone(self, n: int) -> str:
        if n < min(self.rules.viable_least, self.rules.least):
            return "leftover"
        return "undersized" if n < self.rules.least else "widened_band"

    def _joins(self, guest: int) -> dict[int, _Join]:
        """Describe every join of a block, by host."""
        options, subject = self.choice.options, self._subject(guest)
        first, last = np.searchsorted(options.guests, [guest, guest + 1]).tolist()
        joins = {}
        for pair in range(first, last):
            host, kind = int(options.hosts[pair]), int(options.kinds[pair])
            km, points = int(options.km[pair]), int(options.points[pair])
            way = way_to_join(kind, subject, self._subject(host), km, points)
            joins[host] = _Join(host, kind, way)
        return joins

    def _best_joins(self, guest: int) -> list[Way]:
        """Describe the cheapest join of each kind that the plan does not make.

        Its points hold what both hosts would pay more for their sizes, so that all
        ways out of one block compare. Only blocks that stayed hosts are looked at.
        """
        options, hosts = self.choice.options, self.choice.hosts
        best: dict[int, Way] = {}
        for join in self._joins(guest).values():
            if join.host == hosts[guest] or hosts[join.host] != join.host:
                continue
            before = int(self._loads[join.host])
            own = options.own_points
            swell = int(own[before + options.sizes[guest]] - own[before])
            way = with_effect(join.way, swell + self._loss(guest))
            if join.kind not in best or way.points < best[join.kind].points:
                best[join.kind] = way
        return [best[kind] for kind in sorted(best)]

    def _subject(self, base: int) -> Subject:
        block = self.blocks[base]
        unit = self.register.units.get(block.unit)
        name = unit.name if unit is not None else block.unit
        own = OWN.get(kind_of_unit(self.register, block.unit), "本单元")
        category_zh, category_en = self._category_names[block.category]
        n = int(self.choice.options.sizes[base])
        band = (self.rules.least, self.rules.most)
        return Subject(name, own, category_zh, category_en, n, *band)

    @cached_property
    def _category_names(self) -> dict[str, tuple[str, str]]:
        known = self.register.classification.categories
        return {each.key: (each.name_zh, each.name_en) for each in known}


def _n_grids(rules: GridRules, span: _Range, previous: int | None) -> tuple[int, int]:
    number = _fixed_number(rules, span.block_id)
    if number is not None:
        return number, number
    if rules.number == "free":
        return span.fewest, span.greatest
    wished = (2 * span.n + rules.target) // (2 * rules.target)
    if previous is not None and rules.number != "by_formula":
        wished = previous
    wished = min(max(wished, span.fewest), span.greatest)
    return wished, wished


def _fixed_number(rules: GridRules, block_id: str) -> int | None:
    if isinstance(rules.number, int):
        return rules.number
    if isinstance(rules.number, Mapping):
        return rules.number.get(block_id)
    return None


def _check_numbers(rules: GridRules, ranges: Sequence[_Range]) -> None:
    """Refuse fixed numbers of grids that no cut can keep, all of them at once."""
    faults = [*_unknown_blocks(rules, ranges), *_outside_range(rules, ranges)]
    if faults:
        zh, en = join_both(faults)
        raise InputError(
            f"网格个数设定有 {len(faults)} 处不能采用：{zh}。请在情景文件的 grids 一节"
            "改正 number。",
            f"{len(faults)} of the fixed numbers of grids cannot be used: {en}. "
            "Correct number under grids in the scenario.",
        )


def _outside_range(
    rules: GridRules, ranges: Sequence[_Range]
) -> Iterator[tuple[str, str]]:
    for span in ranges:
        number = _fixed_number(rules, span.block_id)
        if number is None or span.fewest <= number <= span.greatest:
            continue
        yield (
            f"划分单元 {span.block_id} 共 {span.n} 家，每网格 {span.least} 至 "
            f"{span.most} 家，只能设 {span.fewest} 至 {span.greatest} 个网格，"
            f"设定为 {number} 个",
            f"block {span.block_id} ({span.n} enterprises, {span.least} to "
            f"{span.most} per grid) takes {span.fewest} to {span.greatest} grids, "
            f"not {number}",
        )


def _unknown_blocks(
    rules: GridRules, ranges: Sequence[_Range]
) -> Iterator[tuple[str, str]]:
    if not isinstance(rules.number, Mapping):
        return
    host_of = {base: span.block_id for span in ranges for base in span.base}
    known = [span.block_id for span in ranges]
    for block_id in sorted(set(rules.number) - set(known)):
        if block_id in host_of:
            host = host_of[block_id]
            yield (
                f"划分单元 {block_id} 已并入 {host}",
                f"block {block_id} has joined {host}",
            )
            continue
        near = get_close_matches(block_id, known, n=1, cutoff=0)
        yield (
            f"没有划分单元 {block_id}，最接近的是 {near[0] if near else '（无）'}",
            f"there is no block {block_id}, the nearest is {(near or ['none'])[0]}",
        )


def widen(n: int, n_grids: int, least: int, most: int) -> tuple[int, int]:
    """Widen the band just enough for n enterprises in so many grids (P5).

    Examples
    --------
    >>> widen(26, 1, 15, 25), widen(28, 2, 15, 25), widen(9, 1, 15, 25)
    ((15, 26), (14, 25), (9, 25))
    """
    return min(least, n // n_grids), max(most, -(-n // n_grids))
