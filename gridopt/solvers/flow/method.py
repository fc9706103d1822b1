"""The first method: plans by flow, duals in numpy, pairs and clusters re-cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridopt.solvers.bound import dual_bound, first_duals
from gridopt.solvers.flow.draft import Draft
from gridopt.solvers.flow.dual_ascent import Proof, ascend, certify
from gridopt.solvers.flow.improvement import Guide, improve_clusters, improve_pairs
from gridopt.solvers.ground import generator
from gridopt.solvers.result import DUAL_SCALE, Plan, Tree
from gridopt.solvers.start import alternate, round_favour, seed_medoids

if TYPE_CHECKING:
    import numpy as np

    from gridopt.problem import IntArray
    from gridopt.solvers.ground import Ground
    from gridopt.solvers.work import Work

_TRACE = 1e-9


@dataclass(frozen=True)
class FlowEffort:
    """How much work a block may take.

    Attributes
    ----------
    rounds
        How often the duals are pushed on and plans drawn from them.
    bound_steps
        Subgradient steps of a round.
    draws, drawn_members
        Plans drawn from the duals in a round, for each number of grids: so many, of
        about so many enterprises in all, but one plan at least.
    trials
        Clusters tried in a round, per grid of the plan.
    most_counts
        How many numbers of grids are worked on in full, where the number is free.
    """

    rounds: int = 4
    bound_steps: int = 150
    draws: int = 3
    drawn_members: int = 3000
    trials: int = 8
    most_counts: int = 3


def solve_by_flow(
    ground: Ground, plans: list[Plan], seed: int, work: Work
) -> tuple[Plan, tuple[Tree, int]]:
    """Raise the bound and lower the cost in turn until they meet or work is done.

    Parameters
    ----------
    plans
        Plans to start from, one at least.

    Returns
    -------
    The cheapest plan, and the proof and its bound.
    """
    problem, prices, effort = ground.problem, ground.prices, FlowEffort()
    plans = [_polished(ground, plan, work) for plan in plans]
    best = min(plans, key=lambda plan: plan.cost(problem))
    proof, lists = certify(prices, first_duals(prices, best))
    for turn in range(effort.rounds):
        if work.is_interrupted or proof.bound >= best.cost(problem):
            break
        aim = best.cost(problem), effort.bound_steps
        ascent = ascend(prices, proof, lists, aim, work)
        if work.is_interrupted:  # somebody waits: the bound, and no lists
            found = Proof(ascent.duals, dual_bound(problem, ascent.duals))
            proof = max(proof, found, key=lambda proof: proof.bound)
            break
        found, lists = certify(prices, ascent.duals)
        proof = max(proof, found, key=lambda proof: proof.bound)
        guide = Guide(proof.duals.pi / DUAL_SCALE, ascent.favour + _TRACE)
        ranked = sorted(plans, key=lambda plan: plan.cost(problem))
        counts = dict.fromkeys(plan.n_grids for plan in ranked)
        for k in list(counts)[: effort.most_counts]:
            random = generator(problem, seed, f"round {turn} {k}")
            plans += _drawn(ground, guide, k, random, work)
        best = min(plans, key=lambda plan: plan.cost(problem))
    return best, (Tree.of_duals(proof.duals), proof.bound)


def _polished(ground: Ground, plan: Plan, work: Work) -> Plan:
    draft = Draft(ground, plan)
    improve_pairs(draft, work, {})
    return draft.plan


def _drawn(
    ground: Ground, guide: Guide, k: int, random: np.random.Generator, work: Work
) -> list[Plan]:
    """Draw plans that the duals point to, and improve the best of them in full."""
    prices, effort = ground.prices, FlowEffort()
    n_draws = min(effort.draws, effort.drawn_members // ground.problem.n)
    drafts = []
    for turn in range(max(1, n_draws)):
        if not work.step():
            break
        draw = seed_medoids if turn % 3 == 2 else round_favour
        medoids: IntArray = draw(prices, k, random, guide.favour)
        plan = alternate(ground, medoids, None)
        if plan is not None:
            drafts.append(Draft(ground, plan))
            improve_pairs(drafts[-1], work, {})
    if not drafts:
        return []
    best = min(drafts, key=lambda draft: draft.cost)
    improve_clusters(best, guide, effort.trials * k, random, work)
    return [best.plan]
