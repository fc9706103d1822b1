"""A real register's years, each cut on from the year before, and verified."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from registers import REAL, ROOT
from results import machine, table

from gridopt import make_grids, read_register, read_scenario, run_scenario, verify_run
from gridopt.archive import read_previous, write_run

if TYPE_CHECKING:
    from measures import Row

REVISED = (2011, 2013)
"""Years whose snapshot came with a revised classification (its README)."""


def replay_text() -> str | None:
    """Replay all years; None where the register is not at hand."""
    paths = sorted(REAL.glob("*.csv"))
    if not paths:
        return None
    rows = _replay(paths)
    others = [r["moved_share"] for r in rows[1:] if r["year"] not in REVISED]
    limit = 2 * median(others)
    revised = [r["moved_share"] for r in rows if r["year"] in REVISED]
    lines = [
        [r["year"], r["n"], r["n_survivors"], r["n_movers"], r["n_forced"],
         f"{r['moved_share']:.2%}", f"{r['travel_km']:.0f}", f"{r['fresh_km']:.0f}",
         f"{r['gap']:.4%}", f"{r['again_s']:.1f}", f"{r['fresh_s']:.1f}",
         "yes" if r["is_true"] else "NO"]
        for r in rows
    ]  # fmt: skip
    head = ("year", "enterprises", "survivors", "movers", "forced", "moved", "km",
            "fresh km", "gap", "s", "fresh s", "verified")  # fmt: skip
    n_movers = sum(r["n_movers"] for r in rows)
    n_forced = sum(r["n_forced"] for r in rows)
    is_met = max(revised) <= limit
    return "\n\n".join(
        [
            "## A real register, year by year",
            "`python benchmarks/churn.py replay --write`; "
            + machine(("numba", "numpy", "ortools", "pandas")),
            "`tri-illinois` under `scenarios/tri-illinois.yaml`, each year from the "
            "run "
            "of the year before, at the default 500 m per mover. *Forced* had a grid "
            "of another block: their county or subsector changed, or their block "
            "joined another. *Fresh*: the same year cut without a past.",
            table(head, lines),
            f"Movers in all {n_movers}, forced apart {n_forced}. Years of a revised "
            f"classification move {', '.join(f'{one:.2%}' for one in revised)} of the "
            f"survivors; twice the median of the others is {limit:.2%}: "
            + ("met." if is_met else "MISSED."),
        ]
    )


def _replay(paths: list[Path]) -> list[Row]:
    scenario = read_scenario(ROOT / "scenarios" / "tri-illinois.yaml")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        before = None
        for path in paths:
            register = read_register(path, scenario.register)
            began = time.perf_counter()
            previous = read_previous(before) if before else None
            outcome = run_scenario(register, scenario, previous)
            again_s = time.perf_counter() - began
            run = write_run(outcome, Path(folder) / path.stem, is_tables_only=True)
            report = verify_run(run, path, before)
            began = time.perf_counter()
            fresh = make_grids(register, scenario.grids)
            rows.append(_row(path, outcome.summary, report.is_true, again_s))
            rows[-1]["fresh_s"] = time.perf_counter() - began
            rows[-1]["fresh_km"] = fresh.travel_m / 1000
            before = run / "partition.csv"
            print(f"{path.stem} done", file=sys.stderr, flush=True)
    return rows


def _row(path: Path, told: dict, is_true: bool, seconds: float) -> Row:
    n_movers, n_survivors = told["n_movers"] or 0, told["n_survivors"] or 0
    return {
        "year": int(path.stem.rpartition("_")[2]),
        "n": told["n_eligible"],
        "n_survivors": n_survivors,
        "n_movers": n_movers,
        "n_forced": told["n_forced"] or 0,
        "moved_share": n_movers / n_survivors if n_survivors else 0.0,
        "travel_km": told["travel_m"] / 1000,
        "gap": told["gap_share"] or 0.0,
        "again_s": seconds,
        "is_true": is_true,
    }
