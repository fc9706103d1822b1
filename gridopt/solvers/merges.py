"""How the choice which small blocks join is made: a small optimisation (CP-SAT)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model

from gridopt.blocks import MergeChoice, MergeOptions
from gridopt.solvers.parts import Part, split_parts, useful_pairs

if TYPE_CHECKING:
    import numpy.typing as npt

    IntArray = npt.NDArray[np.int64]

WORK = 20.0
"""Deterministic time CP-SAT may spend on one part, about as many seconds."""

TIES_SHARE = 100
"""Ties between equally good choices get one part in so many of the work: telling
hundreds of equal choices apart takes longer than finding the best."""

PART_BLOCKS = 600
"""Largest number of blocks in one model; larger components are cut into parts."""

CUT_BLOCKS = 150
"""Number of blocks in a part of a component that is too large for one model."""

CUT_WORK_SHARE = 40
"""A part of a cut component gets one part in so many of the work."""


@dataclass(frozen=True)
class _Answer:
    hosts: dict[int, int]
    bound: int


def choose_merges(
    options: MergeOptions,
    *,
    work: float = WORK,
    part_blocks: int = PART_BLOCKS,
    workers: int = 1,
) -> MergeChoice:
    """Choose which awkward blocks join which host, at least points (P3, P5, P8).

    Parameters
    ----------
    options
        Sizes, candidate pairs and points, as plain arrays.
    work
        Limit per part, in CP-SAT's deterministic time; where it is reached the best
        choice found is used and the bound says how far it may be from the best.
    part_blocks
        Components of candidates with more blocks are cut into parts: joins across
        the cut are not made, but the bound allows for them.
    workers
        Number of parts solved at once; the answer does not depend on it.

    Returns
    -------
    MergeChoice
        The host of every base block, points, a bound valid for the whole model and
        the status `optimal` or `bounded`. Staying at home is always possible, so
        there is always an answer.

    Examples
    --------
    >>> from gridopt.problem import GridRules
    >>> options = MergeOptions.of_pairs([6, 40], [(0, 1, 60)], GridRules())
    >>> choice = choose_merges(options)
    >>> choice.hosts.tolist(), choice.points, choice.status
    ([1, 1], 60, 'optimal')
    """
    hosts = np.arange(options.n_blocks, dtype=np.int64)
    bound = 0
    cut_blocks = min(CUT_BLOCKS, part_blocks)
    parts = split_parts(options, useful_pairs(options), part_blocks, cut_blocks)
    # threads will do: CP-SAT leaves Python to the others while it solves
    with ThreadPoolExecutor(workers) as pool:
        for answer in pool.map(partial(_solve_part, options, work=work), parts):
            for guest, host in answer.hosts.items():
                hosts[guest] = host
            bound += answer.bound
    points = options.points_of(hosts)
    return MergeChoice(
        options=options,
        hosts=hosts,
        points=points,
        bound=min(bound, points),
        status="optimal" if bound >= points else "bounded",
    )


def _solve_part(options: MergeOptions, part: Part, *, work: float) -> _Answer:
    at_home = {block: block for block in part.blocks.tolist()}
    n_crossing = len(part.leaving) + len(part.arriving)
    if len(part.inside) + n_crossing == 0:
        own = options.own_points[options.sizes[part.blocks]]
        return _Answer(at_home, int((own + options.home_points[part.blocks]).sum()))
    if n_crossing:
        work /= CUT_WORK_SHARE
    model = _MergeModel(options, part, is_relaxed=False)
    hosts, bound, is_best = model.solve(work)
    if is_best:
        hosts = model.solve_ties(hosts, bound, work / TIES_SHARE)
    if n_crossing:
        bound = _MergeModel(options, part, is_relaxed=True).solve(work)[1]
    return _Answer({**at_home, **hosts}, bound)


class _MergeModel:
    """The choice of `partition.md` for one part, as CP-SAT takes it.

    With `is_relaxed` its least points are a lower bound of the part's share in any
    choice for all parts: a join across the border costs one half in the part that
    the guest leaves and the other half where it arrives, each by itself.
    """

    def __init__(self, options: MergeOptions, part: Part, *, is_relaxed: bool) -> None:
        self._options = options
        self._is_relaxed = is_relaxed
        self._pairs_to: dict[int, list[tuple[int, int]]] = {}
        self._model = cp_model.CpModel()
        self._points: list[cp_model.LinearExprT] = []
        self._is_host = {
            block: self._model.new_bool_var("") for block in part.blocks.tolist()
        }
        self._joins: dict[tuple[int, int], cp_model.IntVar] = {}
        self._chosen = {block: [y] for block, y in self._is_host.items()}
        self._arrivals: dict[int, list[tuple[int, cp_model.IntVar]]] = {}
        for pair in part.inside.tolist():
            self._add_join(pair)
        if is_relaxed:
            for pair in part.leaving.tolist():
                self._add_leaving(pair)
            for pair in part.arriving.tolist():
                self._add_arriving(pair)
        for block in self._is_host:
            self._model.add_exactly_one(self._chosen[block])
            self._add_own_points(block)
        self._model.minimize(cp_model.LinearExpr.sum(self._points))

    def _add_join(self, pair: int) -> None:
        """Let a block join a host that stays one, at the price of the pair."""
        guest, host = self._ends(pair)
        join = self._model.new_bool_var("")
        self._model.add_implication(join, self._is_host[host])
        self._points.append(int(self._options.points[pair]) * join)
        self._joins[guest, host] = join
        self._chosen[guest].append(join)
        self._arrivals.setdefault(host, []).append((guest, join))
        self._pairs_to.setdefault(host, []).append((guest, pair))

    def _add_leaving(self, pair: int) -> None:
        """Let a block leave the part, at half the price of the pair."""
        join = self._model.new_bool_var("")
        self._points.append(int(self._options.points[pair]) // 2 * join)
        self._chosen[self._ends(pair)[0]].append(join)

    def _add_arriving(self, pair: int) -> None:
        """Let a block from outside join a host, at the other half of the price."""
        guest, host = self._ends(pair)
        join = self._model.new_bool_var("")
        points = int(self._options.points[pair])
        self._model.add_implication(join, self._is_host[host])
        self._points.append((points - points // 2) * join)
        self._arrivals.setdefault(host, []).append((guest, join))

    def _add_own_points(self, host: int) -> None:
        """Let a host pay for its size: exactly one straight piece of the price holds.

        The pieces' sizes are variables of their own, each zero unless its piece is
        chosen: the linear relaxation is then the lower hull of the price, without
        which the proof takes ten times as long.
        """
        options, model, is_host = self._options, self._model, self._is_host[host]
        arrivals = self._arrivals.get(host, [])
        least = int(options.sizes[host])
        most = least + sum(int(options.sizes[guest]) for guest, _ in arrivals)
        self._points.append(int(options.home_points[host]) * is_host)
        chosen, sizes, vain = [], [], None
        for first, last, slope, at_first in _pieces(options.own_points, least, most):
            is_piece = model.new_bool_var("")
            chosen.append(is_piece)
            sizes.append(first * is_piece)
            self._points.append(at_first * is_piece)
            if first == least and self._is_vain(host, last, slope):
                vain = is_piece
            elif last > first:
                extra = model.new_int_var(0, last - first, "")
                model.add(extra <= (last - first) * is_piece)
                sizes.append(extra)
                self._points.append(slope * extra)
        model.add(sum(chosen) == is_host)
        if vain is not None:
            for _, join in arrivals:
                model.add_bool_or([join.negated(), *chosen[1:]])
        arrived = [int(options.sizes[guest]) * join for guest, join in arrivals]
        model.add(sum(sizes) == least * is_host + sum(arrived))

    def _is_vain(self, host: int, last: int, slope: int) -> bool:
        """Say whether no guest should join a host that then has `last` or fewer.

        Where the price is the same for each enterprise up to there (leftovers), a
        guest that went home would save the price of the join. Not said of a relaxed
        part, where guests from outside pay half.
        """
        own, options = self._options.own_points, self._options
        is_alike = bool((own[: last + 1] == slope * np.arange(last + 1)).all())
        return (
            is_alike
            and all(
                options.points[pair] > options.home_points[guest]
                for guest, pair in self._pairs_to.get(host, ())
            )
            and not self._is_relaxed
        )

    def _ends(self, pair: int) -> tuple[int, int]:
        return int(self._options.guests[pair]), int(self._options.hosts[pair])

    def solve(self, work: float) -> tuple[dict[int, int], int, bool]:
        """Return hosts of the blocks that join, a bound, and whether it is reached."""
        solver = _solver(work)
        status = solver.solve(self._model)
        if status == cp_model.MODEL_INVALID:
            raise AssertionError(self._model.validate())
        bound = max(0, int(np.ceil(solver.best_objective_bound - 1e-6)))
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return {}, bound, False
        return self._hosts(solver), bound, status == cp_model.OPTIMAL

    def solve_ties(
        self, hosts: dict[int, int], points: int, work: float
    ) -> dict[int, int]:
        """Among the choices of these points find the one with the lowest hosts."""
        self._model.add(cp_model.LinearExpr.sum(self._points) == points)
        rank = [host * join for (_, host), join in self._joins.items()]
        rank += [block * is_host for block, is_host in self._is_host.items()]
        self._model.minimize(cp_model.LinearExpr.sum(rank))
        for (guest, host), join in self._joins.items():
            self._model.add_hint(join, hosts.get(guest) == host)
        solver = _solver(work)
        if solver.solve(self._model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return self._hosts(solver)
        return hosts

    def _hosts(self, solver: cp_model.CpSolver) -> dict[int, int]:
        return {
            guest: host
            for (guest, host), join in self._joins.items()
            if solver.boolean_value(join)
        }


def _solver(work: float) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    # it would leave the keyboard's interrupt to the system, which kills: see DESIGN
    solver.parameters.catch_sigint_signal = False
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.linearization_level = 2
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.max_deterministic_time = work
    return solver


def _pieces(
    own_points: IntArray, least: int, most: int
) -> list[tuple[int, int, int, int]]:
    """Cut the price of sizes least … most into straight pieces.

    Returns
    -------
    list of tuple
        First and last size, points per further enterprise, points at the first.
    """
    price = own_points[least : most + 1].tolist()
    pieces = []
    first = 0
    while first < len(price):
        last = min(first + 1, len(price) - 1)
        slope = price[last] - price[first]
        while last + 1 < len(price) and price[last + 1] - price[last] == slope:
            last += 1
        pieces.append((least + first, least + last, slope, price[first]))
        first = last + 1
    return pieces
