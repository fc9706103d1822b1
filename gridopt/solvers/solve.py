"""How a block is cut: start, bound, draw plans from the duals, improve, and say so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers.bound import dual_bound
from gridopt.solvers.branching import branch
from gridopt.solvers.contradictions import feasible_counts, unplaced
from gridopt.solvers.draft import Draft, Work
from gridopt.solvers.dual_ascent import (
    Proof,
    ascend,
    certain_duals,
    certify,
    first_duals,
)
from gridopt.solvers.improvement import Guide, improve_clusters, improve_pairs
from gridopt.solvers.result import DUAL_SCALE, Plan, Result, Status, Tree
from gridopt.solvers.start import (
    Ground,
    alternate,
    generator,
    previous_medoids,
    round_favour,
    seed_medoids,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridopt.problem import IntArray, Problem

_TRACE = 1e-9

_SMALL, _FEW_CASES = 60, 8
"""Blocks of so many enterprises are mostly proven in so few cases, before all else."""


@dataclass(frozen=True)
class Effort:
    """How much work a block may take: counts of steps, never seconds.

    Attributes
    ----------
    starts
        Fresh starts for each number of grids.
    rounds
        How often the duals are pushed on and plans drawn from them.
    bound_steps
        Subgradient steps of a round.
    draws
        Plans drawn from the duals in a round, for each number of grids.
    drawn_members
        Draws of a round come to about so many enterprises, but to one plan at least.
    trials
        Clusters tried in a round, per grid of the plan.
    most_counts
        How many numbers of grids are worked on in full, where the number is free.
    cases
        Cases that may be parted in two to close the gap.
    case_steps
        Subgradient steps of a case.
    case_volume
        Steps of all cases together, each counted as n^3 for each label: larger blocks
        get fewer cases.
    """

    starts: int = 2
    rounds: int = 4
    bound_steps: int = 150
    draws: int = 3
    drawn_members: int = 3000
    trials: int = 8
    most_counts: int = 3
    cases: int = 150
    case_steps: int = 60
    case_volume: int = 10_000_000_000


@dataclass(frozen=True)
class _Task:
    """What one run of `solve` was asked: the block, the seed and the work allowed."""

    ground: Ground
    seed: int
    effort: Effort
    work: Work = field(repr=False)

    @property
    def problem(self) -> Problem:
        return self.ground.problem

    def cost(self, plan: Plan) -> int:
        """Price of a plan, whole decimetres."""
        return plan.cost(self.problem)

    def random(self, purpose: str) -> np.random.Generator:
        """Random numbers of one purpose, drawn by no other."""
        return generator(self.problem, self.seed, purpose)

    def polished(self, medoids: IntArray, labels: IntArray | None) -> Draft | None:
        """Turn medoids into a plan whose pairs of grids are all cut at their best."""
        plan = alternate(self.ground, medoids, labels)
        if plan is None:
            return None
        draft = Draft(self.ground, plan)
        improve_pairs(draft, self.work, {})
        return draft


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    effort: Effort | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Cut one block into grids and prove how good the cut is.

    Parameters
    ----------
    seed
        Random numbers derive from it and the block's key only.
    effort
        Work allowed; the answer depends on it, never on time or machine.
    should_stop
        Asked between steps; once it says yes the best plan so far is returned,
        marked `interrupted`.

    Returns
    -------
    A plan that keeps band and wishes, with cost, bound and status.

    Raises
    ------
    Contradiction
        Where hard wishes contradict one another or the band.
    ValueError
        Where no number of grids keeps the band.

    Examples
    --------
    >>> from gridopt.problem import Problem
    >>> points = np.array([[0, 0], [30, 40], [0, 80]])
    >>> result = solve(Problem.of_points("toy", points, least=1, most=3, target=3))
    >>> result.cost, result.bound, result.status
    (100, 100, 'optimal')
    """
    counts = feasible_counts(problem)
    work = Work(should_stop)
    task = _Task(Ground.of_problem(problem), seed, effort or Effort(), work)
    plans = _first_plans(task, counts)
    if max(counts) == 1:
        duals = certain_duals(problem, task.ground.prices)
        bound = dual_bound(problem, duals)
        return _result(task, plans[0], (Tree.of_duals(duals), bound))
    return _result(task, *_closed(task, plans))


def _closed(task: _Task, plans: list[Plan]) -> tuple[Plan, tuple[Tree, int]]:
    """Raise the bound and lower the cost in turn until they meet or work is done."""
    prices = task.ground.prices
    best = min(plans, key=task.cost)
    proof, lists = certify(prices, first_duals(prices, best))
    if task.problem.n <= _SMALL:
        best, proven = _by_cases(task, best, proof, _FEW_CASES)
        if proven[1] >= task.cost(best):
            return best, proven
        plans.append(best)
    for turn in range(task.effort.rounds):
        if task.work.is_interrupted or proof.bound >= task.cost(best):
            break
        ascent = ascend(
            prices, proof, lists, (task.cost(best), task.effort.bound_steps), task.work
        )
        if task.work.is_interrupted:  # somebody waits: the bound, and no lists
            found = Proof(ascent.duals, dual_bound(task.problem, ascent.duals))
            proof = max(proof, found, key=lambda proof: proof.bound)
            break
        found, lists = certify(prices, ascent.duals)
        proof = max(proof, found, key=lambda proof: proof.bound)
        guide = Guide(proof.duals.pi / DUAL_SCALE, ascent.favour + _TRACE)
        for k in _worth_trying(task, plans):
            drawn = _drawn(task, guide, k, task.random(f"round {turn} {k}"))
            plans = [*plans, *drawn]
        best = min(plans, key=task.cost)
    return _by_cases(task, best, proof, task.effort.cases)


def _by_cases(
    task: _Task, plan: Plan, proof: Proof, most_cases: int
) -> tuple[Plan, tuple[Tree, int]]:
    """Close the gap that is left case by case; plans met on the way count."""
    plans, effort = [plan], task.effort
    proven = Tree.of_duals(proof.duals), proof.bound
    volume = 2 * effort.case_steps * (task.problem.n_labels + 1) * task.problem.n**3
    n_cases = effort.case_volume // volume
    n_cases = min(effort.cases, most_cases, n_cases)
    if proof.bound >= task.cost(plan) or n_cases == 0 or task.work.is_interrupted:
        return plan, proven

    def settle(medoids: IntArray) -> int:
        drawn = alternate(task.ground, medoids, None)
        if drawn is not None and task.cost(drawn) < task.cost(plans[-1]):
            plans.append(drawn)
        return task.cost(plans[-1])

    found = branch(
        task.ground.prices,
        proof.duals,
        task.cost(plan),
        (n_cases, effort.case_steps),
        task.work,
        settle,
    )
    return plans[-1], max(found or proven, proven, key=lambda one: one[1])


def _worth_trying(task: _Task, plans: list[Plan]) -> list[int]:
    """Numbers of grids to go on with: those of the cheapest plans so far."""
    ranked = sorted(plans, key=task.cost)
    counts = dict.fromkeys(plan.n_grids for plan in ranked)
    return list(counts)[: task.effort.most_counts]


def _drawn(
    task: _Task, guide: Guide, k: int, random: np.random.Generator
) -> list[Plan]:
    """Draw plans that the duals point to, and improve the best of them in full."""
    prices, effort = task.ground.prices, task.effort
    n_draws = min(effort.draws, effort.drawn_members // task.problem.n)
    drafts = []
    for turn in range(max(1, n_draws)):
        if not task.work.step():
            break
        draw = seed_medoids if turn % 3 == 2 else round_favour
        draft = task.polished(draw(prices, k, random, guide.favour), None)
        if draft is not None:
            drafts.append(draft)
    if not drafts:
        return []
    best = min(drafts, key=lambda draft: draft.cost)
    improve_clusters(best, guide, effort.trials * k, random, task.work)
    return [best.plan]


def _first_plans(task: _Task, counts: list[int]) -> list[Plan]:
    """Best start of each number of grids.

    Raises
    ------
    Contradiction
        Where the search for room ran into its deterministic limit.
    """
    plans: list[Plan] = []
    for k in counts:
        if plans and task.work.is_interrupted:
            break
        started = _starts(task, k)
        if started:
            plans.append(min(started, key=task.cost))
    if not plans:
        raise unplaced(task.problem)
    return plans


def _starts(task: _Task, k: int) -> list[Plan]:
    """Start from the previous grids, where there are any, and afresh."""
    prices = task.ground.prices
    plans: list[Plan] = []
    for turn in range(0 if prices.has_labels else 1, task.effort.starts + 1):
        if plans and not task.work.step():
            break
        random = task.random(f"start {k} {turn}")
        if turn == 0:
            medoids, labels = previous_medoids(task.ground, k, random)
            draft = task.polished(medoids, labels)
        else:
            draft = task.polished(seed_medoids(prices, k, random), None)
        if draft is not None:
            plans.append(draft.plan)
    return plans


def _result(task: _Task, plan: Plan, proven: tuple[Tree, int]) -> Result:
    """Say what was found, and no more than is proven."""
    plan = west_to_east(task.problem, plan)
    cost, (tree, bound) = task.cost(plan), proven
    status: Status = "interrupted" if task.work.is_interrupted else "bounded"
    if bound >= cost:
        status = "optimal"
    return Result(
        labels=plan.labels,
        medoids=plan.medoids,
        grid_labels=plan.grid_labels,
        cost=cost,
        bound=bound,
        status=status,
        method=_METHODS.get(plan.n_grids, "flow+pairs+clusters+dual"),
        work=task.work.spent,
        tree=tree,
    )


_METHODS = {1: "median", 2: "flow+pair_exact+dual"}


def west_to_east(problem: Problem, plan: Plan) -> Plan:
    """Give grids their numbers from west to east by medoid, then south, position."""
    x, y = problem.points_dm[plan.medoids].T
    order = np.lexsort((plan.medoids, y, x))
    place = np.empty(plan.n_grids, dtype=np.int64)
    place[order] = np.arange(plan.n_grids)
    labels: IntArray = place[plan.labels]
    return Plan(labels, plan.medoids[order], plan.grid_labels[order])
