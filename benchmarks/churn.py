"""Re-cuts after a change: blocks whose firms leave and arrive, and a register's years.

Ours starts from the plan in force at a price of a mover; k-means-constrained starts
from scratch, and from the centres of its own clusters before. Its clusters
have no ids: old and new are matched so that as few as possible count as moved.

    python benchmarks/churn.py [--seeds N] [--size N ...] [--write] [PART ...]

Parts: blocks, replay (of a real register, where it is at hand).
"""

from __future__ import annotations

import argparse
import sys
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from instances import reference_points, travel_m
from measures import timed
from results import machine, table, write_section

from gridopt.problem import NONE, Problem
from gridopt.solvers import solve
from gridopt.solvers.warming import warm_up

if TYPE_CHECKING:
    from measures import Row

    from gridopt.problem import FloatArray, IntArray
    from gridopt.solvers import Result

PARTS = ("blocks", "replay")
CHURN_SIZES = (100, 200, 400, 1000, 3000)
CHURN_SEEDS = range(101, 111)
SHARES = (0.01, 0.03, 0.10)
CHANGED_SHARE = 0.03
MOVER_PRICE_M = 100
"""Price of a mover, metres: what the planner would pay in travel to spare one."""


def main() -> int:
    """Measure what is asked for, print it, and write it down where that is asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--seeds", type=int, default=len(CHURN_SEEDS))
    parser.add_argument("--size", type=int, action="append")
    parser.add_argument("--write", action="store_true", help="into results.md")
    told = parser.parse_args()
    if unknown := set(told.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    warm_up()
    for part in told.parts or PARTS:
        if part == "blocks":
            text = _blocks_text(told.size or CHURN_SIZES, told.seeds)
        else:
            from replay import replay_text  # with pandas, which blocks go without

            text = replay_text()
        if text is None:
            print(f"{part}: no such register at hand", file=sys.stderr)
            continue
        print(text)
        if told.write:
            write_section(f"churn {part}", text)
    return 0


def changed(
    points: FloatArray, seed: int, share: float = CHANGED_SHARE
) -> tuple[FloatArray, IntArray]:
    """Let a share leave, and as many arrive near others; points and stayers."""
    random = np.random.default_rng([seed, 3])
    n = len(points)
    n_changed = int(share * n + 0.5)
    left = random.choice(n, n_changed, replace=False)
    stayers = np.setdiff1d(np.arange(n), left)
    hosts = points[random.integers(0, n, n_changed)]
    arrived = hosts + random.normal(0, 400, (n_changed, 2))
    return np.vstack([points[stayers], np.clip(arrived, 0, 10000)]), stayers


def measure_churn(
    n: int,
    n_seeds: int,
    share: float = CHANGED_SHARE,
    *,
    with_peers: bool = False,
) -> list[Row]:
    """Re-cut blocks of one size after a change, and cut them afresh."""
    return [_measure(n, seed, share, with_peers) for seed in CHURN_SEEDS[:n_seeds]]


def _measure(n: int, seed: int, share: float, with_peers: bool) -> Row:
    key, points_before = f"churn-{n}-{seed}", reference_points(n, seed)
    before = solve(Problem.of_points(key, 10 * points_before))
    points, stayers = changed(points_before, seed, share)
    k = len(before.medoids)
    previous = np.full(len(points), NONE, dtype=np.int64)
    previous[: len(stayers)] = before.labels[stayers]
    fresh = Problem.of_points(key, 10 * points, n_grids=k)
    bound_to_past = Problem.of_points(
        key,
        10 * points,
        n_grids=k,
        previous=previous,
        n_labels=k,
        mover_price=10 * MOVER_PRICE_M,
    )
    again, again_s = timed(lambda: solve(bound_to_past))
    anew, anew_s = timed(lambda: solve(fresh))
    row: Row = {
        "key": key,
        "n": n,
        "moved": _moved_share(previous, again),
        "dearer": travel_m(points, again.labels) / travel_m(points, anew.labels) - 1,
        "again_s": again_s,
        "anew_s": anew_s,
        "gap": again.gap_share,
        "status": again.status,
    }
    if with_peers:
        row |= _measure_peers(
            points_before, points, stayers, travel_m(points, anew.labels)
        )
    return row


def _moved_share(previous: IntArray, again: Result) -> float:
    now = np.asarray(again.grid_labels)[again.labels]
    had = previous != NONE
    return float((had & (now != previous)).sum() / had.sum())


def _measure_peers(
    before: FloatArray, points: FloatArray, stayers: IntArray, fresh_m: float
) -> Row:
    """Cut before and after with k-means-constrained, from scratch and warm."""
    from peers import kmeans_constrained

    first = kmeans_constrained(before, 1).labels
    assert first is not None
    k = len(np.unique(first))
    centres = np.array([before[first == label].mean(axis=0) for label in range(k)])
    row: Row = {}
    for name, start in (("scratch", None), ("warm", centres)):
        answer, seconds = timed(
            lambda start=start: kmeans_constrained(points, 1, start)
        )
        now = answer.labels[: len(stayers)]
        row[f"{name}_moved"] = 1 - _most_kept(first[stayers], now) / len(stayers)
        row[f"{name}_dearer"] = travel_m(points, answer.labels) / fresh_m - 1
        row[f"{name}_s"] = seconds
    return row


def _most_kept(old: IntArray, new: IntArray) -> int:
    """Count who stays under the best matching of old and new clusters."""
    from scipy.optimize import linear_sum_assignment

    overlap = np.zeros((old.max() + 1, new.max() + 1), dtype=np.int64)
    np.add.at(overlap, (old, new), 1)
    return int(overlap[linear_sum_assignment(-overlap)].sum())


def _blocks_text(sizes: list[int] | tuple[int, ...], n_seeds: int) -> str:
    head = ("n", "changed", "moved", "worst", "dearer", "s", "fresh s", "worst gap",
            "scratch moved", "dearer", "s", "warm moved", "dearer", "s")  # fmt: skip
    lines = []
    for n in sizes:
        for share in SHARES:
            rows = measure_churn(n, n_seeds, share, with_peers=True)
            print(f"n = {n}, {share:.0%} done", file=sys.stderr, flush=True)
            lines.append(_line(n, share, rows))
    return "\n\n".join(
        [
            "## Re-cuts after a change",
            f"`python benchmarks/churn.py blocks --seeds {n_seeds} --write`; "
            + machine(("numba", "numpy", "ortools", "k-means-constrained")),
            f"Ours at {MOVER_PRICE_M} m per mover, one thread; means of {n_seeds} "
            "seeds, times are medians. *Dearer* than a fresh cut of ours with as many "
            "grids. "
            "*Scratch*, *warm*: k-means-constrained with one start of its own, and "
            "from the centres of its clusters before the change; movers after the best "
            "matching of its clusters. No change at all moves nobody.",
            table(head, lines),
        ]
    )


def _line(n: int, share: float, rows: list[Row]) -> list[str]:
    def mean(name: str) -> str:
        return f"{np.mean([row[name] for row in rows]):.2%}"

    def seconds(name: str) -> str:
        return f"{median(row[name] for row in rows):.2f}"

    worst = max(row["moved"] for row in rows)
    gap = max(row["gap"] for row in rows)
    told = [str(n), f"{share:.0%}", mean("moved"), f"{worst:.2%}", mean("dearer"),
            seconds("again_s"), seconds("anew_s"), f"{gap:.3%}"]  # fmt: skip
    for name in ("scratch", "warm"):
        told += [mean(f"{name}_moved"), mean(f"{name}_dearer"), seconds(f"{name}_s")]
    return told


if __name__ == "__main__":
    sys.exit(main())
