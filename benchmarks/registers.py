"""Whole registers as measured blocks: the shipped one, a real one, any workers."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gridopt import make_grids, read_register, read_scenario
from gridopt.formulation import Past, make_problems
from gridopt.grids import compose_blocks
from gridopt.solvers import schedule, solve

if TYPE_CHECKING:
    from measures import Row

    from gridopt.partition import Partition
    from gridopt.problem import Problem
    from gridopt.register import Register
    from gridopt.scenario import Scenario

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "data" / "yuhuan-synthetic-2025.csv"
REAL = ROOT.parent / "shared" / "data" / "tri-illinois"


def measure_register() -> list[Row]:
    """Cut the shipped register, blocks in one process, and the first method too."""
    scenario = read_scenario(ROOT / "scenarios" / "yuhuan-2022.yaml")
    return [_measure(SHIPPED, scenario)]


def measure_real() -> list[Row]:
    """Cut each snapshot of a real register; nothing where it is not at hand."""
    scenario = read_scenario(ROOT / "scenarios" / "tri-illinois.yaml")
    return [_measure(path, scenario) for path in sorted(REAL.glob("*.csv"))]


def measure_workers() -> list[Row]:
    """Cut the shipped register twice and with 1, 2 and 4 workers; hashes of all."""
    scenario = read_scenario(ROOT / "scenarios" / "yuhuan-2022.yaml")
    register = read_register(SHIPPED, scenario.register)
    schedule.WORTH_A_POOL = 0
    rows = []
    for workers in (1, 1, 2, 4):
        partition = make_grids(register, scenario.grids, workers=workers)
        rows.append({"workers": workers, "sha256": _fingerprint(partition)})
    return rows


def _measure(path: Path, scenario: Scenario) -> Row:
    register = read_register(path, scenario.register)
    began = time.perf_counter()
    partition = make_grids(register, scenario.grids)
    seconds = time.perf_counter() - began
    blocks = partition.blocks
    began = time.perf_counter()
    first = [solve(p, method="flow").cost for p in _problems(register, scenario)]
    return {
        "key": path.stem,
        "n": len(partition.enterprises),
        "n_blocks": len(blocks),
        "n_proven": int((blocks["status"] == "optimal").sum()),
        "cost": int(partition.cost),
        "bound": int(partition.bound or 0),
        "gap": partition.gap_share,
        "ours_s": seconds,
        "flow_cost": int(sum(first)),
        "flow_s": time.perf_counter() - began,
        "n_flow_cheaper": sum(
            flow < ours for flow, ours in zip(first, blocks["cost"], strict=True)
        ),
    }


def _problems(register: Register, scenario: Scenario) -> list[Problem]:
    past = Past.of(register, None, bureau_owns=scenario.grids.bureau_owns)
    blocks, labels, _ = compose_blocks(register, scenario.grids, past)
    return make_problems(register, blocks, scenario.grids, labels, past)


def _fingerprint(partition: Partition) -> str:
    digest = hashlib.sha256(partition.enterprises.to_csv().encode())
    for certificate in partition.certificates:
        for part in (certificate.pi, certificate.sigma, certificate.steps):
            digest.update(part.tobytes())
        digest.update(f"{certificate.cost} {certificate.bound}".encode())
    return digest.hexdigest()[:16]
