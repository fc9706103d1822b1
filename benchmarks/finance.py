"""Time, memory and sharpness of award bills, against peers and against targets.

V1 reckons the distribution, V6 rounds pools together; V2 counts passes, V3 ranks
persons, V4 counts a million members, V5 draws eight scenarios with common draws, V7 is
the ratio to named peers (extra `peers`), V8 the memory. Peers that are not installed
are said to be absent. Times are processor seconds of one thread, the least of several
runs after a first one. Takes some minutes:

    python benchmarks/finance.py [--runs N] [--write] [PART ...]

Parts: exact, speed, scenarios, peers, sharpness, memory.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import awards_peers as peers
import numpy as np
import pandas as pd
import psutil
from results import machine, table, write_section
from run import resident_mb
from targets import Target

from gridopt.appraisal import PassModel, bill_distribution
from gridopt.awards import AwardRules
from gridopt.awards.rounding import count_stars
from gridopt.simulation import Case, simulate_awards, simulate_scenarios
from gridopt.solvers import round_controlled

if TYPE_CHECKING:
    from collections.abc import Callable

PARTS = ("exact", "speed", "scenarios", "peers", "sharpness", "memory")
PACKAGES = ("numpy", "pandas", "OpenFisca-Core", "aggregate", "apportionment")
C13 = (263, 211, 187, 219, 138, 61, 73, 109, 47, 7, 5, 122, 58)
TWO_THOUSAND = tuple(round(m * 4 / 3) for m in C13)
MILLION = tuple(round(m * 1_000_000 / 1500) for m in C13)
MODEL = PassModel(0.9, unit_sd=peers.UNIT_SD, city_sd=peers.CITY_SD)
MEAN_YUAN = 2_059_233.526
"""Exact mean of C13 under the default rules and this model."""
FEW, MANY = 200, 10_000
"""Replications of a peer, and of ours."""
FALLS_SHORT = (
    "Eight models cost more than four times one scenario: only the draws "
    "are shared, while every model has chances of its own, so that each "
    "unit and replication needs another normal chance and another binomial "
    "count; eight rules share the counts. Tried for the count: chances "
    "added up one by one (kept below a mean of 20), a saddlepoint formula, "
    "and the Cornish-Fisher expansion that is used.\n\n"
    "OpenFisca-core works on arrays of persons and is the fastest of the loops: 437 "
    "times was seen at 10,000 replications, 726 on a slower day of the same kind of "
    "machine. A quarter of our time is then that of the call itself; at 100,000 "
    "replications each takes 0.00085 ms in place of 0.00115. What is left is adding "
    "up the chances of small units. The pandas loop, which the target names first, "
    "is beaten by more than twice the 500."
)
MEMORY_JOBS = (
    ("counts", 10_000), ("counts", 1_000_000), ("counts", 4_000_000),
    ("persons", 10_000), ("persons", 50_000),
)  # fmt: skip


def main() -> int:
    """Measure what is asked for, print it, and write it down where that is asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="into results.md")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if unknown := set(told.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if told.one:
        return measure_memory_here(told.one[0], int(told.one[1]))
    targets: list[Target] = []
    texts = [
        text
        for part in PARTS
        if part in (told.parts or PARTS)
        for text in MEASURES[part](told.runs, targets)
    ]
    head = ("target", "measured", "")
    text = "\n\n".join(
        [
            "## Award bills",
            "`python benchmarks/finance.py --write`; " + machine(PACKAGES),
            "13 units, sizes in the proportions of 263, 211, 187, 219, 138, 61, 73, "
            "109, 47, 7, 5, 122, 58; 90 % pass, leniency 0.5 (units) and 0.3 (year); "
            f"guarantee, unit pools, cum_half_up. Processor seconds of one thread, the "
            f"least of {told.runs} runs after a first one.",
            *texts,
            "### Targets",
            table(head, targets),
            *([FALLS_SHORT] if "scenarios" in (told.parts or PARTS) else []),
        ]
    )
    print(text)
    if told.write:
        write_section("finance", text)
    return int(any(target.verdict == "MISSED" for target in targets))


def count_rows(sizes: tuple[int, ...]) -> pd.DataFrame:
    """Make a table of one row per unit."""
    return pd.DataFrame({"unit": list("abcdefghijklm"), "members": sizes})


def person_rows(sizes: tuple[int, ...]) -> pd.DataFrame:
    """Make a table of one row per member."""
    unit = np.repeat(list("abcdefghijklm"), sizes)
    names = [f"p{i:07}" for i in range(len(unit))]
    return pd.DataFrame({"person_id": names, "unit": unit})


def least_s(work: Callable[[], Any], runs: int) -> float:
    """Processor seconds of the fastest of some runs, after one that does not count."""
    work()
    spent = []
    for _ in range(runs):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


def measure_exact(runs: int, targets: list[Target]) -> list[str]:
    """Measure the exact distribution and the joint rounding."""
    rng = np.random.default_rng(1)
    many = rng.integers(5, 25, 5000)
    parents = np.sort(rng.integers(0, 250, 5000))
    parents = np.unique(parents, return_inverse=True)[1]
    floors = (np.array(C13) * 4 + 4) // 5
    alone = PassModel(0.9)
    jobs = (
        ("V1", "distribution, units and years lenient together", 0.3,
         lambda: bill_distribution(count_rows(C13), model=MODEL)),
        ("V1", "distribution, independent members", 0.01,
         lambda: bill_distribution(count_rows(C13), model=alone)),
        ("V6", "joint rounding of 13 pools", 0.001, lambda: round_controlled(floors)),
        ("V6", "joint rounding of 5,000 pools", 0.2, lambda: round_controlled(many)),
        ("V6", "joint rounding of 5,000 pools in 250 units", 0.2,
         lambda: round_controlled(many, parents=parents)),
    )  # fmt: skip
    rows = []
    for name, what, most_s, work in jobs:
        spent = least_s(work, runs)
        rows.append((name, what, f"{1000 * spent:.2f}"))
        text = f"{name}: {what} in at most {1000 * most_s:g} ms"
        targets.append(judge(text, f"{1000 * spent:.2f} ms", spent <= most_s))
    return ["### Exact", table(("", "work", "ms"), rows)]


def measure_speed(runs: int, targets: list[Target]) -> list[str]:
    """Measure both engines, and the million."""
    jobs = (
        ("V2", "counting, 1,999 members", count_rows(TWO_THOUSAND), 0.05),
        ("V3", "ranking, 1,999 members, each one's stars", person_rows(TWO_THOUSAND),
         1.0),
        ("V4", "counting, 1,000,001 members", count_rows(MILLION), 0.5),
    )  # fmt: skip
    rows = []
    for name, what, members, most_s in jobs:
        spent = least_s(lambda rows=members: draw(rows), runs)
        rows.append((name, what, f"{MANY:,}", f"{spent:.3f}"))
        text = f"{name}: {what}, {MANY:,} replications in at most {most_s:g} s"
        targets.append(judge(text, f"{spent:.3f} s", spent <= most_s))
    head = ("", "engine", "replications", "s")
    return ["### Time", table(head, rows)]


def draw(members: pd.DataFrame, n: int = MANY, **options: Any) -> Any:
    """Draw the measured case."""
    return simulate_awards(members, model=MODEL, replications=n, **options)


def measure_scenarios(runs: int, targets: list[Target]) -> list[str]:
    """Measure eight scenarios against one: of rules, of models, and of both."""
    members = count_rows(TWO_THOUSAND)
    one = least_s(lambda: draw(members), runs)
    groups = {
        "eight rules": EIGHT_RULES,
        "four and four": MIXED,
        "eight models": MODELS,
    }
    rows = []
    for name, cases in groups.items():
        spent = least_s(lambda told=cases: simulate_scenarios(members, told), runs)
        rows.append((name, f"{spent:.3f}", f"{spent / one:.1f}"))
        text = f"V5: {name} at most 4 times one scenario"
        targets.append(judge(text, f"{spent / one:.1f} times", spent <= 4 * one))
    head = ("scenarios with common draws", "s", "times one")
    return ["### Scenarios", table(head, rows)]


def measure_peers(runs: int, targets: list[Target]) -> list[str]:
    """Measure the same work done by others, per replication, and what they say."""
    counts, persons = count_rows(TWO_THOUSAND), person_rows(TWO_THOUSAND)
    bills_s = least_s(lambda: draw(counts), runs) / MANY
    stars_s = least_s(lambda: draw(persons), runs) / MANY
    mean = draw(counts).mean()
    jobs = (
        ("bill", "pandas", "pandas", bills_s, 500,
         lambda: peers.pandas_bills(persons, FEW)),
        ("bill", "OpenFisca-core", "openfisca_core", bills_s, 500,
         lambda: peers.openfisca_bills(persons, FEW)),
        ("stars of each", "pandas", "pandas", stars_s, 100,
         lambda: peers.pandas_stars(persons, FEW)[0]),
    )  # fmt: skip
    rows = []
    for what, peer, package, ours_s, least, work in jobs:
        text = f"V7: {what}, at least {least} times as fast as {peer}"
        if importlib.util.find_spec(package) is None:
            targets.append(Target(text, "absent", ""))
            continue
        spent = least_s(work, 1) / FEW
        bills = work()
        gap = (bills.mean() - mean.value) / (bills.std() / np.sqrt(FEW))
        cells = f"{1e3 * spent:.2f}", f"{1e3 * ours_s:.4f}", f"{spent / ours_s:,.0f}"
        rows.append((what, peer, *cells, f"{gap:+.1f}"))
        times = f"{spent / ours_s:,.0f} times"
        targets.append(judge(text, times, spent >= least * ours_s))
    head = ("work", "peer", "peer, ms each", "ours, ms each", "ratio",
            "means differ by (errors)")  # fmt: skip
    return ["### Peers", table(head, rows), *_measure_small_peers(runs)]


def _measure_small_peers(runs: int) -> list[str]:
    told = []
    if importlib.util.find_spec("apportionment"):
        told.append(_measure_apportionment(runs))
    if importlib.util.find_spec("aggregate"):
        mean, sd, p95 = peers.aggregate_moments(list(C13))
        spent = least_s(lambda: peers.aggregate_moments(list(C13)), 1)
        told.append(
            f"`aggregate`, independent members, exact shares, no floor: mean {mean:.3f}"
            f" k, sd {sd:.6f} k, P95 {p95:.1f} k in {spent:.2f} s."
        )
    return told


def _measure_apportionment(runs: int) -> str:
    people, rows = np.arange(1, 300), []
    for method, rounding in (
        ("largest_remainder", "largest_remainder_low"),
        ("saintelague", "webster"),
        ("dhondt", "dhondt"),
    ):
        theirs = peers.apportionment_stars(people, method)
        ours = np.stack(count_stars(people, rounding), axis=1)
        peer_s = least_s(lambda m=method: peers.apportionment_stars(people, m), 1)
        ours_s = least_s(lambda r=rounding: count_stars(people, r), runs)
        n_other = int((theirs != ours).any(axis=1).sum())
        times = f"{1e6 * peer_s / 299:.0f}", f"{1e6 * ours_s / 299:.2f}"
        rows.append((rounding, *times, f"{peer_s / ours_s:,.0f}", n_other))
    head = ("stars of 1 to 299 people", "`apportionment`, us", "ours, us", "ratio",
            "pools that differ (ties)")  # fmt: skip
    return table(head, rows)


def measure_sharpness(_runs: int, targets: list[Target]) -> list[str]:
    """Measure how far the mean of 1,024 replications is from the exact one."""
    ways = {
        "plain": {},
        "plain, expected bills": {"with_expectation": True},
        "net": {"sampling": "net"},
        "net, expected bills": {"sampling": "net", "with_expectation": True},
    }
    members, rows, errors = count_rows(C13), [], {}
    for name, options in ways.items():
        means = [draw(members, 1024, seed=s, **options).mean()[0] for s in range(64)]
        errors[name] = float(np.sqrt(np.mean(np.square(np.array(means) - MEAN_YUAN))))
        ratio = errors["plain"] / errors[name]
        rows.append((name, f"{errors[name] / 1000:.3f}", f"{ratio:.0f}"))
    ratio = errors["plain"] / errors["net, expected bills"]
    text = "mean of 1,024 replications: error at most a fortieth of plain draws'"
    targets.append(judge(text, f"{ratio:.0f} times smaller", ratio >= 40))
    head = ("draws", "root mean square error of the mean, k yuan (64 seeds)",
            "times smaller than plain")  # fmt: skip
    return ["### Sharpness", table(head, rows)]


def measure_memory(_runs: int, targets: list[Target]) -> list[str]:
    """Measure the peak of processes that draw and sum up, imports included."""
    rows = []
    for kind, n in MEMORY_JOBS:
        done = subprocess.run(
            [sys.executable, __file__, "--one", kind, str(n)],
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
            cwd=Path(__file__).parents[1],
        )
        told = json.loads(done.stdout.splitlines()[-1])
        rows.append((kind, f"{n:,}", *(f"{told[k]:.0f}" for k in ("imports", "peak"))))
    peak = max(int(row[-1]) for row in rows)
    text = f"V8: at most 300 MB up to {MEMORY_JOBS[2][1]:,} replications"
    targets.append(judge(text, f"{peak} MB", peak <= 300))
    head = ("rows", "replications", "after imports, MB", "peak, MB")
    return ["### Memory", table(head, rows)]


def measure_memory_here(kind: str, n: int) -> int:
    """Draw and sum up in this process, and print what it took as one line."""
    members = {"counts": count_rows, "persons": person_rows}[kind](TWO_THOUSAND)
    mine = psutil.Process()
    imports = resident_mb(mine)
    draw(members, n).summary(2_700_000)
    print(json.dumps({"imports": imports, "peak": resident_mb(mine)}))
    return 0


def judge(text: str, measured: str, is_met: bool) -> Target:
    """Say whether a target was met."""
    return Target(text, measured, "met" if is_met else "MISSED")


EIGHT_RULES = {
    rounding: Case(AwardRules(rounding=rounding), MODEL)
    for rounding in (
        *("cum_half_up", "floor_low", "cum_ceil", "half_up"),
        *("half_even", "webster", "largest_remainder_low", "ceil_top"),
    )
}
MODELS = {
    f"{percent} %": Case(AwardRules(), PassModel(percent / 100, 0.5, 0.3))
    for percent in range(80, 96, 2)
}
MIXED = {
    "base": Case(AwardRules(), MODEL),
    "no floor": Case(AwardRules(floor="none"), MODEL),
    "standard": Case(AwardRules(floor="standard"), MODEL),
    "exact": Case(AwardRules(floor="exact"), MODEL),
    "floor_low": Case(AwardRules(rounding="floor_low"), MODEL),
    "85 %": Case(AwardRules(), PassModel(0.85, 0.5, 0.3)),
    "95 %": Case(AwardRules(), PassModel(0.95, 0.5, 0.3)),
    "lenient units": Case(AwardRules(), PassModel(0.9, 1.0, 0.3)),
}
MEASURES: dict[str, Callable[[int, list[Target]], list[str]]] = {
    "exact": measure_exact,
    "speed": measure_speed,
    "scenarios": measure_scenarios,
    "peers": measure_peers,
    "sharpness": measure_sharpness,
    "memory": measure_memory,
}


if __name__ == "__main__":
    sys.exit(main())
