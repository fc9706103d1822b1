"""How a cap on movers is kept over all blocks, and what is proven under it.

The cap ties the blocks together; a surcharge on every mover parts them again. For any
surcharge s >= 0 the bounds of the blocks at the dearer price, less s times the cap,
hold for every plan of at most so many movers (Lagrangian relaxation; Everett 1963).
The surcharge is found by the secants of that concave function; plans met on the way
are then put together, block by block, at the least cost that keeps the cap.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gridopt.solvers.compact import MOST, solve_compact
from gridopt.solvers.ground import Ground
from gridopt.solvers.result import Plan
from gridopt.solvers.schedule import Run, solve_all
from gridopt.solvers.solve import Effort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.problem import IntArray, Problem
    from gridopt.solvers.result import Result, Status

_MOST_TRIALS = 12
_DEAREST = 4
"""Surcharge that leaves only unavoidable movers: so many times the dearest block."""
_MOST_FILLED = 8
"""Small blocks cut for a given number of movers."""
_NEVER = 1 << 61
_SEARCH = Effort(cases=20)
"""Work of a block while the surcharge is sought: the proof comes afterwards."""


@dataclass(frozen=True)
class Capped:
    """Blocks cut under a common cap on movers.

    Attributes
    ----------
    runs
        One per block; costs at the blocks' own prices, bounds of plans in which the
        block has at most its allotment of movers.
    surcharge
        What a mover costs on top in the proof, decimetres; 0 where the cap does not
        bind.
    allotments
        Movers allotted to each block, the cap in all, shape (b,); the sum of the
        bounds holds for every plan of at most so many movers.
    """

    runs: list[Run]
    surcharge: int
    allotments: IntArray

    @property
    def n_movers(self) -> int:
        """Movers allotted in all."""
        return int(self.allotments.sum())


@dataclass(frozen=True)
class _Point:
    """One block at one surcharge: movers and own cost of its plan, and the bound.

    Attributes
    ----------
    run
        How it was found; None where it follows from its neighbours.
    """

    movers: int
    cost: int
    run: Run | None


@dataclass(frozen=True)
class _Trial:
    """All blocks at one surcharge."""

    surcharge: int
    points: list[_Point]

    @property
    def totals(self) -> tuple[int, int]:
        """Movers and own cost in all."""
        return sum(one.movers for one in self.points), sum(
            one.cost for one in self.points
        )

    def value(self, cap: int) -> int:
        """Value of the relaxation, as far as these plans are the best."""
        movers, cost = self.totals
        return cost + self.surcharge * (movers - cap)


def solve_capped(
    problems: Sequence[Problem],
    cap: int,
    *,
    time_limit_s: float | None = None,
    **how: Any,
) -> Capped:
    """Solve blocks so that at most `cap` survivors move in all (P13).

    Parameters
    ----------
    cap
        Most movers over all blocks.
    time_limit_s, **how
        As `solve_all` takes them.

    Returns
    -------
    Capped
        Where no plan within the cap was found, the one of fewest movers: its
        allotments then exceed the cap.

    Examples
    --------
    >>> from gridopt.problem import Problem
    >>> row = np.column_stack([np.array([0, 10, 90, 100]), np.zeros(4)])
    >>> before = np.array([0, 1, 0, 1])
    >>> problem = Problem.of_points(
    ...     "toy", row, least=2, most=2, target=2, previous=before, n_labels=2
    ... )
    >>> [solve_capped([problem], cap).runs[0].result.cost for cap in (0, 2)]
    [180, 20]
    """
    search = _Search(problems, cap, how, time_limit_s)
    plain = solve_all(problems, time_limit_s=time_limit_s, **how)
    if any(run.clashes for run in plain):
        return Capped(plain, 0, np.zeros(len(problems), dtype=np.int64))
    first = search.begin(plain)
    if first.totals[0] <= cap:
        return Capped(plain, 0, np.zeros(len(problems), dtype=np.int64))
    search.follow_secants(first)
    return search.settled()


class _Search:
    """The points met so far, and the plans that each block may choose from."""

    def __init__(
        self,
        problems: Sequence[Problem],
        cap: int,
        how: dict[str, Any],
        time_limit_s: float | None,
    ) -> None:
        self.problems, self.cap, self.how = problems, cap, how
        self.ends_at = None if time_limit_s is None else time.monotonic() + time_limit_s
        self.is_interrupted = False
        self.points: list[dict[int, _Point]] = [{} for _ in problems]
        self.proofs: list[Result] = []
        self.offers: list[dict[int, tuple[int, Result]]] = [{} for _ in problems]
        self.trials: dict[int, _Trial] = {}

    def begin(self, runs: list[Run]) -> _Trial:
        """Start from the blocks at their own prices."""
        for i, run in enumerate(runs):
            self._note(i, 0, run)
        self.proofs = [_result(run) for run in runs]
        return self._trial(0)

    def tried(self, surcharge: int) -> _Trial:
        """Know every block at a surcharge: solve those that nothing follows for."""
        at = [i for i in range(len(self.problems)) if self._at(i, surcharge) is None]
        self._solve(at, surcharge, _SEARCH)
        return self._trial(surcharge)

    def _trial(self, surcharge: int) -> _Trial:
        points = [self._at(i, surcharge) for i in range(len(self.problems))]
        trial = _Trial(surcharge, [one for one in points if one is not None])
        self.trials[surcharge] = trial
        return trial

    def _at(self, i: int, surcharge: int) -> _Point | None:
        """Tell a block at a surcharge where it was solved, or neighbours decide it.

        A plan without movers costs the same at every surcharge. Between two best
        plans that differ by one mover at most there is no third.
        """
        known = self.points[i]
        if surcharge in known:
            return known[surcharge]
        below = known[max(at for at in known if at < surcharge)]
        if below.movers == 0:
            return replace(below, run=None)
        above = known[min((at for at in known if at > surcharge), default=0)]
        if below.movers - above.movers > 1 or above is known[0]:
            return None
        best = min((below, above), key=lambda one: one.cost + surcharge * one.movers)
        return replace(best, run=None)

    def _solve(self, at: list[int], surcharge: int, effort: Effort | None) -> list[Run]:
        """Solve blocks at a dearer price, and keep what is met."""
        if self.is_interrupted or not at:
            return []
        dearer = [
            replace(
                self.problems[i],
                mover_price=self.problems[i].mover_price + surcharge,
            )
            for i in at
        ]
        left = None
        if self.ends_at is not None:
            left = max(self.ends_at - time.monotonic(), 0.0)
        runs = solve_all(dearer, effort=effort, time_limit_s=left, **self.how)
        for i, run in zip(at, runs, strict=True):
            self._note(i, surcharge, run)
        return runs

    def _note(self, i: int, surcharge: int, run: Run) -> None:
        result = _result(run)
        movers, cost = self._offer(i, result)
        self.points[i][surcharge] = _Point(movers, cost, run)
        self.is_interrupted |= result.status == "interrupted"

    def _offer(self, i: int, result: Result) -> tuple[int, int]:
        """Let a block choose a plan: the cheapest of each number of movers is kept."""
        plan = result.labels, result.medoids, result.grid_labels
        score = self.problems[i].score(*plan)
        known = self.offers[i].get(score.n_movers)
        if known is None or score.cost < known[0]:
            self.offers[i][score.n_movers] = score.cost, result
        return score.n_movers, score.cost

    def follow_secants(self, plain: _Trial) -> None:
        """Close in on the surcharge of the best bound from both sides of the cap."""
        if self.is_interrupted:
            return
        dearest = max(one.cost for one in plain.points)
        many, few = plain, self.tried(_DEAREST * dearest + 1)
        while len(self.trials) < _MOST_TRIALS and few.totals[0] <= self.cap:
            n_saved = many.totals[0] - few.totals[0]
            secant = (few.totals[1] - many.totals[1]) // n_saved
            if self.is_interrupted or secant <= 0 or secant in self.trials:
                return
            between = self.tried(secant)
            n, cost = between.totals
            if cost + secant * n >= min(
                one.totals[1] + secant * one.totals[0] for one in (many, few)
            ):
                return
            many, few = (between, few) if n > self.cap else (many, between)

    def settled(self) -> Capped:
        """Put plans together within the cap, and say what is proven of them."""
        best = max(self.trials.values(), key=lambda trial: trial.value(self.cap))
        surcharge = self._prove(best.surcharge)
        chosen = self._chosen()
        if chosen is None:
            return self._of_fewest()
        proven = sum(proof.bound or 0 for proof in self.proofs) - surcharge * self.cap
        if self._cost(chosen) > proven and self._filled_in(surcharge):
            chosen = self._chosen() or chosen
        return self._told(chosen, surcharge)

    def _prove(self, surcharge: int) -> int:
        """Have all blocks that may move solved in full, at the surcharge chosen.

        Returns
        -------
        The surcharge at which the proofs hold: none, where time is up.
        """
        at = [i for i, known in enumerate(self.points) if known[0].movers]
        runs = self._solve(at, surcharge, None)
        for i, run in zip(at, runs, strict=False):
            self.proofs[i] = _result(run)
        return surcharge if runs else 0

    def _of_fewest(self) -> Capped:
        """Tell the plan of fewest movers, where none that was met keeps the cap."""
        fewest = np.array([min(own) for own in self.offers], dtype=np.int64)
        runs = [
            Run(own[int(n)][1], (), 0.0)
            for own, n in zip(self.offers, fewest, strict=True)
        ]
        return Capped(runs, 0, fewest)

    def _chosen(self) -> list[int] | None:
        """Choose each block's number of movers: least cost within the cap."""
        return choose_within(
            [{n: cost for n, (cost, _) in own.items()} for own in self.offers], self.cap
        )

    def _cost(self, chosen: Sequence[int]) -> int:
        return sum(self.offers[i][n][0] for i, n in enumerate(chosen))

    def _filled_in(self, surcharge: int) -> bool:
        """Cut small blocks for numbers of movers that no surcharge leads to.

        Those first for which most may be saved, and only so many.
        """
        is_found = False
        for _, i, n in self._gaps(surcharge)[:_MOST_FILLED]:
            if self.is_interrupted:
                break
            own = self.offers[i]
            _, fewer = own[max(m for m in own if m <= n)]
            plan = Plan(fewer.labels, fewer.medoids, fewer.grid_labels)
            ground = Ground.of_problem(self.problems[i])
            found = solve_compact(ground, plan, mover_cap=n)
            if found is not plan:
                self._offer(i, _with_plan(fewer, found))
                is_found = True
        return is_found

    def _gaps(self, surcharge: int) -> list[tuple[int, int, int]]:
        """List what each number of movers between two known ones may yet save.

        Returns
        -------
        Minus the most that it saves, the block, and the movers; the best first.
        """
        found = []
        for i, own in enumerate(self.offers):
            if self.problems[i].n > MOST or len(own) < 2:
                continue
            bound = self.proofs[i].bound or 0
            for n in range(min(own) + 1, min(max(own), self.cap + 1)):
                cost = min(cost for m, (cost, _) in own.items() if m <= n)
                saved = cost - (bound - surcharge * n)
                if n not in own and saved > 0:
                    found.append((-saved, i, n))
        return sorted(found)

    def _told(self, chosen: list[int], surcharge: int) -> Capped:
        allotments = np.array(chosen, dtype=np.int64)
        allotments[np.argmax(allotments)] += self.cap - int(allotments.sum())
        runs = [
            self._run(i, n, surcharge * int(allotments[i]))
            for i, n in enumerate(chosen)
        ]
        return Capped(runs, surcharge, allotments)

    def _run(self, i: int, n_movers: int, allotted: int) -> Run:
        """Give a block its plan, with the proof at the surcharge."""
        (cost, plan), proof = self.offers[i][n_movers], self.proofs[i]
        own = [one.run for one in self.points[i].values() if one.run is not None]
        bound = (proof.bound or 0) - allotted
        status: Status = "optimal" if bound >= cost else "bounded"
        if any(_result(run).status == "interrupted" for run in own):
            status = "interrupted"
        result = replace(
            plan,
            cost=cost,
            bound=bound,
            status=status,
            tree=proof.tree,
            work=sum(_result(run).work for run in own),
        )
        return Run(result, (), sum(run.runtime_s for run in own))


def choose_within(offers: Sequence[dict[int, int]], cap: int) -> list[int] | None:
    """Choose one offer of each block: least cost in all, at most `cap` movers.

    Parameters
    ----------
    offers
        Per block the cost of each number of movers that it can be cut with.

    Returns
    -------
    list of int
        The number of movers of each block, None where no choice keeps the cap; of
        equally cheap ones that of fewer movers in the later blocks.

    Examples
    --------
    >>> choose_within([{0: 9, 3: 1}, {0: 5, 2: 3}], 3)
    [3, 0]
    """
    least = np.full(cap + 1, _NEVER, dtype=np.int64)
    least[0] = 0
    taken = np.zeros((len(offers), cap + 1), dtype=np.int64)
    for i, own in enumerate(offers):
        now = np.full(cap + 1, _NEVER, dtype=np.int64)
        for n in sorted(n for n in own if n <= cap):
            total = least[: cap + 1 - n] + own[n]
            is_better = total < now[n:]
            now[n:][is_better] = total[is_better]
            taken[i, n:][is_better] = n
        least = np.minimum(now, _NEVER)
    left = int(least.argmin())
    if least[left] >= _NEVER:
        return None
    chosen = []
    for i in reversed(range(len(offers))):
        chosen.append(int(taken[i, left]))
        left -= chosen[-1]
    return chosen[::-1]


def _with_plan(result: Result, plan: Plan) -> Result:
    return replace(
        result, labels=plan.labels, medoids=plan.medoids, grid_labels=plan.grid_labels
    )


def _result(run: Run | None) -> Result:
    if run is None or run.result is None:
        raise AssertionError("a block that has a plan at one price has one at any")
    return run.result
