"""Our cut against its peers, and against its targets: one command, one run.

Reference blocks, fresh seeds of every size (plain and with 12 % of the firms sharing a
place), 400 small blocks, re-cuts after a change, the shipped register and, where it is
at hand, a real one.
Exits with 1 where a plan of ours costs more than a peer's that keeps the band, or more
than one of the first method. Everything runs in one thread of processes of its own,
after compiling. Takes about an hour; a part of it:

    python benchmarks/partition.py [--seeds N] [--size N ...] [--small N] [--write]
        [PART ...]

Parts: reference, fresh, small, churn, register, real, workers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import instances as blocks
from churn import CHURN_SIZES, measure_churn
from measures import Row, measure_block
from memory import peak_mb
from report import report

from gridopt.solvers.warming import warm_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARTS = ("reference", "fresh", "small", "churn", "register", "real", "workers")
FEW = 5
"""Seeds on which slow rivals run."""

FRESH_SIZES = (30, 60, 100, 200, 400, 1000, 3000)
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


def main() -> int:
    """Measure what is asked for, print it, and write it down where that is asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--seeds", type=int, default=len(blocks.FRESH_SEEDS))
    parser.add_argument("--size", type=int, action="append", help="of fresh blocks")
    parser.add_argument("--small", type=int, default=len(blocks.SMALL_SEEDS))
    parser.add_argument("--write", action="store_true", help="into results.md")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if unknown := set(told.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if told.one:
        return measure_here(told.one, told)
    rows = {
        part: list(measure_apart(part, told))
        for part in PARTS
        if part in (told.parts or PARTS)
    }
    return report(rows, is_written=told.write)


def measure_apart(part: str, told: argparse.Namespace) -> Iterator[Row]:
    """Measure each job of a part in a process of its own."""
    command = [sys.executable, __file__, "--seeds", str(told.seeds)]
    command += ["--small", str(told.small), "--one"]
    for job in jobs_of(part, told.size or FRESH_SIZES):
        environment = {**os.environ, **_ONE_THREAD, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            [*command, job],
            env=environment,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
            cwd=Path(__file__).parents[1],
        )
        print(f"{job} done", file=sys.stderr, flush=True)
        yield from json.loads(done.stdout.splitlines()[-1])


def jobs_of(part: str, sizes: Iterable[int]) -> list[str]:
    """Name the processes that a part is measured in."""
    if part == "reference":
        return [f"reference-{n}" for n in blocks.REFERENCE_SEEDS]
    if part == "fresh":
        kinds = ("plain", "shared")
        return [f"fresh-{n}-{kind}" for n in sizes for kind in kinds]
    if part == "churn":
        return [f"churn-{n}" for n in CHURN_SIZES]
    return [part]


def measure_here(job: str, told: argparse.Namespace) -> int:
    """Measure one job in this process and print its rows as one line."""
    warm_up()
    part, *words = job.split("-")
    if part == "reference":
        rows = measure_reference(int(words[0]))
    elif part == "fresh":
        rows = measure_fresh(int(words[0]), words[1], told.seeds)
    elif part == "churn":
        rows = measure_churn(int(words[0]), told.seeds)
    elif part == "small":
        rows = measure_small(told.small)
    else:
        import registers  # with pandas and more, which blocks alone go without

        rows = getattr(registers, f"measure_{part}")()
    print(json.dumps(rows))
    return 0


def measure_reference(n: int) -> list[Row]:
    """Measure the one reference block of a size, and the memory that it takes."""
    points = blocks.reference_points(n, blocks.REFERENCE_SEEDS[n])
    exact = ("spopt", "highs") if n <= 60 else ()
    alone = measure_block(f"reference-{n}", points, (), with_flow=False)
    alone["peak_mb"] = peak_mb()
    with_peers = measure_block(
        f"reference-{n}", points, ("x1", "x10", *exact), with_flow=True
    )
    return [{**with_peers, **alone}]


def measure_fresh(n: int, kind: str, n_seeds: int) -> list[Row]:
    """Measure fresh seeds of one size, plain or with shared places."""
    rows = []
    for number, seed in enumerate(blocks.FRESH_SEEDS[:n_seeds]):
        points = blocks.reference_points(n, seed)
        if kind == "shared":
            points = blocks.with_duplicates(points, seed)
        # rivals take long where blocks are large: five seeds will do
        is_few = number < FEW
        wanted = ["x1"] if n < 3000 or is_few else []
        wanted += ["x10"] if n < 1000 or (n == 1000 and is_few) else []
        # the exact models take up to a minute each: five seeds of the small sizes
        wanted += ["spopt", "highs"] if n <= 60 and is_few else []
        wanted += ["spopt"] if n == 100 and number < 2 else []
        key = f"fresh-{n}-{kind}-{seed}"
        with_flow = n < 3000 or is_few
        rows.append(measure_block(key, points, wanted, with_flow=with_flow))
    return rows


def measure_small(n_blocks: int) -> list[Row]:
    """Measure the small blocks."""
    return [
        measure_block(
            f"small-{seed}", blocks.small_points(seed), ("x1", "x10"), with_flow=True
        )
        for seed in blocks.SMALL_SEEDS[:n_blocks]
    ]


if __name__ == "__main__":
    sys.exit(main())
