"""Time and memory of the main job on a province, and on the country: one command.

Makes a register, runs `gridopt run --tables-only` on it in a process of its own, and
writes down what it took, from reading to the last file; exits with 1 where a target is
missed. A province takes two minutes, the country half an hour:

    python benchmarks/scale.py [--enterprises N ...] [--workers N] [--write]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import psutil
from memory import watch
from results import machine, table, write_section

from gridopt.solvers.warming import warm_up

PROVINCE, COUNTRY = 100_000, 1_200_000
SEED = 1
SCENARIO = """\
title: 合成名录
author: gridopt
date: 2025-12-31
basis: 合成名录，只用于测量规模。
register: {file: register.csv, coordinates: gcj02, industry_edition: "2017"}
units: {from_register: true}
"""
_PACKAGES = ("numba", "numpy", "ortools", "pandas", "joblib")


class Target(NamedTuple):
    """Most seconds and mebibytes that a run may take."""

    seconds: float
    mebibytes: float


TARGETS = {PROVINCE: Target(90, 1.5 * 1024), COUNTRY: Target(15 * 60, 4 * 1024)}


class Measured(NamedTuple):
    """What one run took, and what is proven of its plan."""

    n: int
    n_blocks: int
    seconds: float
    mebibytes: float
    proven_share: float
    gap_share: float | None

    @property
    def verdict(self) -> str:
        """Say whether the target of a register of this size is met."""
        target = TARGETS.get(self.n)
        if target is None:
            return "no target"
        is_met = self.seconds <= target.seconds and self.mebibytes <= target.mebibytes
        limits = f"{target.seconds:g} s, {target.mebibytes:g} MiB"
        return f"{'met' if is_met else 'missed'} ({limits})"


def main() -> int:
    """Measure every size asked for, print it, and write it down where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, nargs="+", default=[PROVINCE])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="into results.md")
    told = parser.parse_args()
    warm_up()
    rows: list[Measured] = []
    for n in told.enterprises:
        rows.append(measure(n, told.workers))
        text = _report(rows[-1], told.workers)
        print(text, flush=True)
        if told.write:
            write_section(f"scale {n}", text)
    return int(any(row.verdict.startswith("missed") for row in rows))


def measure(n: int, workers: int) -> Measured:
    """Make a register of n enterprises and run the main job on it once."""
    with tempfile.TemporaryDirectory(prefix="gridopt-") as name:
        folder = Path(name)
        made = folder / "register.csv"
        synth = ["synth", "--enterprises", str(n), "--seed", str(SEED)]
        subprocess.run(_gridopt(*synth, "--out", str(made)), check=True)
        scenario = folder / "scenario.yaml"
        scenario.write_text(SCENARIO, encoding="utf-8")
        run = ["run", str(scenario), "--tables-only", "--workers", str(workers)]
        command = _gridopt(*run, "--out", str(folder / "run"))
        seconds, mebibytes = watch(command, total_mib)
        summary = json.loads((folder / "run" / "summary.json").read_text("utf-8"))
        blocks = pd.read_csv(folder / "run" / "blocks.csv")
    proven = float((blocks["status"] == "optimal").mean())
    gap = summary["gap_share"]
    return Measured(n, len(blocks), seconds, mebibytes, proven, gap)


def _gridopt(*words: str) -> list[str]:
    return [sys.executable, "-m", "gridopt", *words]


def total_mib(running: list[psutil.Process]) -> float:
    """Sum the resident sets of processes; one that has just ended counts nothing."""
    total = 0
    for process in running:
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total / 2**20


def _report(row: Measured, workers: int) -> str:
    head = ("enterprises", "blocks", "seconds", "peak MiB", "blocks proven",
            "total gap", "target")  # fmt: skip
    gap = "unknown" if row.gap_share is None else f"{row.gap_share:.4%}"
    cells = (
        f"{row.n:,}", f"{row.n_blocks:,}", f"{row.seconds:.0f}",
        f"{row.mebibytes:.0f}", f"{row.proven_share:.2%}", gap, row.verdict,
    )  # fmt: skip
    parts = [
        f"## The main job on {row.n:,} enterprises",
        f"`python benchmarks/scale.py --enterprises {row.n} --workers {workers} "
        f"--write`; {machine(_PACKAGES)}",
        f"`gridopt run --tables-only` on a register of `gridopt synth --seed {SEED}`, "
        "from reading to the last file, after compiling. Memory is the highest sum of "
        "the resident sets of all processes, shared pages counted in each.",
        table(head, [cells]),
    ]
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
