"""How a block is cut: start, bound, draw plans, improve, close by cases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from gridopt.solvers.ascent import ROOT, Reached, ascend
from gridopt.solvers.bound import (
    bound_of_values,
    certain_duals,
    counts_in_band,
    dual_bound,
    first_duals,
)
from gridopt.solvers.branching import branch
from gridopt.solvers.choosing import Limits
from gridopt.solvers.compact import MOST, solve_compact
from gridopt.solvers.contradictions import feasible_counts, unplaced
from gridopt.solvers.cut import cut_of
from gridopt.solvers.draws import draws_of
from gridopt.solvers.exchanges import improve_parts
from gridopt.solvers.flow import solve_by_flow
from gridopt.solvers.flow.draft import Draft
from gridopt.solvers.flow.improvement import improve_pairs as improve_linked
from gridopt.solvers.ground import Ground, generator, seed_of
from gridopt.solvers.offers import FAR
from gridopt.solvers.pairs import improve_pairs
from gridopt.solvers.pricing import price_all
from gridopt.solvers.recreate import improve_clusters
from gridopt.solvers.result import Plan, Result, Status, Tree
from gridopt.solvers.settling import settled
from gridopt.solvers.start import (
    alternate,
    previous_medoids,
    round_favour,
    seed_medoids,
)
from gridopt.solvers.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridopt.problem import FloatArray, IntArray, Problem

Method = Literal["lagrangian", "flow"]

_FAVOUR_UNIT = 1000
_MANY_CASES = 60
_ROOM = 20
"""By how much of a grid's cost a cluster may get dearer at first."""
_HOPEFUL = 256
"""A plan that is dearer than the best by less than this part is worth polishing."""


@dataclass(frozen=True)
class Effort:
    """How much work a block may take: counts of steps, never seconds.

    Attributes
    ----------
    starts
        Fresh starts for each number of grids.
    rounds
        How often the duals are pushed on and plans drawn from them; once where many
        cases follow, which find plans themselves.
    bound_steps
        Subgradient steps of a round.
    draws, drawn_members
        Plans drawn from the duals in a round, for each number of grids: so many, of
        about so many enterprises in all, but one plan at least.
    trials
        Clusters tried in a round, per grid of the plan, where many cases follow.
    long_trials
        Clusters tried in a round, at least, where few do.
    window_grids
        Grids of the parts of a plan that are cut anew where few cases follow, size by
        size.
    window_volume
        Steps of all these parts together, each counted as the square of its members.
    most_counts
        How many numbers of grids are worked on in full, where the number is free.
    cases
        Cases that may be parted in two to close the gap.
    case_steps
        Subgradient steps of a case.
    case_volume
        Steps of all cases together, each counted as n^2 for each label: larger blocks
        get fewer cases.
    """

    starts: int = 1
    rounds: int = 3
    bound_steps: int = 200
    draws: int = 2
    drawn_members: int = 3000
    trials: int = 10
    long_trials: int = 1000
    window_grids: tuple[int, ...] = (4, 8, 11)
    window_volume: int = 12_000_000_000
    most_counts: int = 3
    cases: int = 400
    case_steps: int = 160
    case_volume: int = 8_000_000_000


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

    def polished(self, plan: Plan) -> Plan:
        """Cut all pairs of neighbouring grids at their best."""
        cut = cut_of(self.ground, plan)
        improve_pairs(self.ground, cut, self.work)
        return cut.plan


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    effort: Effort | None = None,
    method: Method = "lagrangian",
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Cut one block into grids and prove how good the cut is.

    Parameters
    ----------
    seed
        Random numbers derive from it and the block's key only.
    effort
        Work allowed; the answer depends on it, never on time or machine.
    method
        `lagrangian`: compiled, closed by cases. `flow`: the first method, numpy and
        flows only; it takes no effort.
    should_stop
        Asked between steps; once it says yes the best plan so far is returned,
        marked `interrupted`.
    on_progress
        Told the cost and the bound, whole decimetres, as they improve.

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
    work = Work(should_stop, on_progress)
    task = _Task(Ground.of_problem(problem), seed, effort or Effort(), work)
    plans = _first_plans(task, counts)
    if max(counts) == 1:
        duals = certain_duals(problem, task.ground.prices)
        proven = Tree.of_duals(duals), dual_bound(problem, duals)
        return _result(task, plans[0], proven, "median")
    if method == "flow":
        plan, proven = solve_by_flow(task.ground, plans, seed, work)
        return _result(task, plan, proven, "flow")
    plan, proven = _closed(task, plans)
    if task.ground.wishes.is_linked and proven[1] < task.cost(plan):
        plan = _relinked(task, plan)
    return _result(task, plan, proven, "lagrangian")


def _relinked(task: _Task, plan: Plan) -> Plan:
    """Move linked enterprises too, which the compiled loops leave where they are."""
    if task.work.is_interrupted:
        return plan
    draft = Draft(task.ground, plan)
    improve_linked(draft, task.work, {})
    plan = draft.plan
    return solve_compact(task.ground, plan) if task.problem.n <= MOST else plan


def _closed(task: _Task, plans: list[Plan]) -> tuple[Plan, tuple[Tree, int]]:
    """Raise the bound and lower the cost in turn, then close the gap by cases."""
    plans = [task.polished(plan) for plan in plans]
    best = min(plans, key=task.cost)
    reached = Reached.start(first_duals(task.ground.prices, best))
    proven = -FAR
    n_rounds = 1 if _n_cases(task) >= _MANY_CASES else task.effort.rounds
    for turn in range(n_rounds):
        reached, bound = _raised(task, reached, task.cost(best))
        proven = max(proven, bound)
        task.work.tell(task.cost(best), proven)
        if proven >= task.cost(best) or task.work.is_interrupted:
            break
        for k in _worth_trying(task, plans):
            plans += _drawn(task, reached.mass, k, turn)
        best = min(plans, key=task.cost)
    if _is_long(task) and proven < task.cost(best):
        effort = task.effort.window_grids, task.effort.window_volume
        best = improve_parts(task.ground, best, reached, effort, task.work)
        task.work.tell(task.cost(best), proven)
    tree = Tree.of_duals(reached.duals), proven
    if proven >= task.cost(best) or task.work.is_interrupted:
        return best, tree
    return _by_cases(task, best, reached, tree)


def _raised(task: _Task, reached: Reached, cost: int) -> tuple[Reached, int]:
    """Push the duals of the whole block on; what they prove, whole decimetres."""
    problem, ground = task.problem, task.ground
    fewest, most = counts_in_band(problem)
    limits = Limits(
        home=np.zeros(problem.n, dtype=np.int64),
        rules=np.array([[-1], [fewest], [most]]),
    )
    aim = cost, task.effort.bound_steps
    found = ascend(ground, reached, limits, aim, ROOT, task.work)
    if found.value < reached.value:
        found = replace(found, duals=reached.duals, value=reached.value)
    values = np.empty(problem.n, dtype=np.int64)
    pi, sigma = (
        found.duals.pi.copy(),
        found.duals.sigma.copy(),
    )  # writable, as kernels expect
    price_all(ground.costs, ground.offers, pi, sigma, ground.scratch, values)
    return found, bound_of_values(problem, found.duals, values)


def _by_cases(
    task: _Task, plan: Plan, reached: Reached, proven: tuple[Tree, int]
) -> tuple[Plan, tuple[Tree, int]]:
    """Close the gap that is left case by case; plans met on the way count."""
    plans, n_cases = [plan], _n_cases(task)
    if n_cases == 0:
        return plan, proven

    def settle(reached: Reached) -> int:
        cost = task.cost(plans[-1])
        drawn = settled(task.ground, reached, cost)
        if drawn is not None and task.cost(drawn) < cost + cost // _HOPEFUL:
            drawn = task.polished(drawn)
            if task.cost(drawn) < cost:
                plans.append(drawn)
        return task.cost(plans[-1])

    found = branch(
        task.ground,
        reached,
        counts_in_band(task.problem),
        task.cost(plan),
        (n_cases, task.effort.case_steps),
        settle,
        task.work,
    )
    return plans[-1], max(found, proven, key=lambda one: one[1])


def _n_cases(task: _Task) -> int:
    """Cases that the work allowed comes to; none where only lists are looked at."""
    problem, effort = task.problem, task.effort
    volume = 2 * effort.case_steps * (problem.n_labels + 1) * problem.n**2
    allowed = min(effort.cases, effort.case_volume // volume)
    return allowed if task.ground.offers.is_whole else 0


def _is_long(task: _Task) -> bool:
    """Whether the search alone decides, as few cases follow.

    A re-cut is to stay near the plan in force: it needs no long search.
    """
    return _n_cases(task) < _MANY_CASES and not task.ground.prices.has_labels


def _worth_trying(task: _Task, plans: list[Plan]) -> list[int]:
    """Numbers of grids to go on with: those of the cheapest plans so far."""
    ranked = sorted(plans, key=task.cost)
    counts = dict.fromkeys(plan.n_grids for plan in ranked)
    return list(counts)[: task.effort.most_counts]


def _drawn(task: _Task, mass: FloatArray, k: int, turn: int) -> list[Plan]:
    """Draw plans that the duals point to, and improve the best of them in full."""
    ground, effort, random = task.ground, task.effort, task.random(f"round {turn} {k}")
    n_draws = min(effort.draws, effort.drawn_members // task.problem.n)
    plans = []
    for _ in range(max(1, n_draws)):
        if not task.work.step():
            break
        medoids = round_favour(ground.prices, k, random, mass + 1e-9)
        plan = alternate(ground, medoids, None)
        if plan is not None:
            plans.append(task.polished(plan))
    if not plans:
        return []
    best = cut_of(ground, min(plans, key=task.cost))
    favour: IntArray = np.maximum((mass * _FAVOUR_UNIT).astype(np.int64), 1)
    draws = draws_of(seed_of(task.problem, task.seed, f"clusters {turn} {k}"))
    is_long = _is_long(task)
    n_trials = max(effort.trials * k, effort.long_trials * is_long)
    room = best.cost // (k * _ROOM) if is_long else 0
    trials = n_trials, room
    return [improve_clusters(ground, best, favour, trials, draws, task.work)]


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
        random, labels = task.random(f"start {k} {turn}"), None
        if turn == 0:
            medoids, labels = previous_medoids(task.ground, k, random)
        else:
            medoids = seed_medoids(prices, k, random)
        plan = alternate(task.ground, medoids, labels)
        if plan is not None:
            plans.append(plan)
    return plans


def _result(task: _Task, plan: Plan, proven: tuple[Tree, int], method: str) -> Result:
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
        method=method,
        work=task.work.spent,
        tree=tree,
    )


def west_to_east(problem: Problem, plan: Plan) -> Plan:
    """Give grids their numbers from west to east by medoid, then south, position."""
    x, y = problem.points_dm[plan.medoids].T
    order = np.lexsort((plan.medoids, y, x))
    place = np.empty(plan.n_grids, dtype=np.int64)
    place[order] = np.arange(plan.n_grids)
    labels: IntArray = place[plan.labels]
    return Plan(labels, plan.medoids[order], plan.grid_labels[order])
