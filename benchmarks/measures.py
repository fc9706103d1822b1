"""What is measured of one block, in a process of its own: ours and its peers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import peers
from instances import keeps_band, travel_m

from gridopt.problem import FloatArray, Problem
from gridopt.solvers import solve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = dict[str, Any]


def measure_block(
    key: str, points: FloatArray, peers_wanted: Iterable[str], *, with_flow: bool
) -> Row:
    """Cut one block with ours and the peers; costs in metres, times in seconds."""
    row: Row = {"key": key, "n": len(points), **_measure_ours(key, points)}
    if with_flow:
        problem = Problem.of_points(key, 10 * points)
        result, row["flow_s"] = timed(lambda: solve(problem, method="flow"))
        row["flow_cost"], row["flow_m"] = result.cost, travel_m(points, result.labels)
    for name in peers_wanted:
        answer, seconds = timed(lambda run=PEERS[name]: run(points))
        row[f"{name}_s"] = seconds
        row[f"{name}_status"], row[f"{name}_bound_m"] = answer.status, answer.bound_m
        if answer.labels is not None:
            row[f"{name}_m"] = travel_m(points, answer.labels)
            row[f"{name}_band"] = keeps_band(answer.labels)
    return row


def _measure_ours(key: str, points: FloatArray) -> Row:
    """Cut with ours at default effort, one thread."""
    result, seconds = timed(lambda: solve(Problem.of_points(key, 10 * points)))
    return {
        "cost": result.cost,
        "bound": result.bound,
        "gap": result.gap_share,
        "ours_s": seconds,
        "ours_m": travel_m(points, result.labels),
        "band": keeps_band(result.labels),
        "status": result.status,
    }


PEERS: dict[str, Callable[[FloatArray], peers.Answer]] = {
    "x1": lambda points: peers.kmeans_constrained(points, 1),
    "x10": lambda points: peers.kmeans_constrained(points, 10),
    "spopt": lambda points: peers.spopt_p_median(points, 60),
    "highs": lambda points: peers.highs_compact(points, 60),
}


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Run something; what came back and the seconds it took."""
    began = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - began
