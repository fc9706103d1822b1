"""What the shipped scenarios come to on the shipped register: `scenarios/expected/`.

    python benchmarks/expectations.py

writes them anew, one table for each scenario; the tests hold every figure against a
fresh run, so whoever changes the model or the search sees which figures move.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.archive import write_table
from gridopt.measures import measure_outcomes
from gridopt.outcome import run_scenarios
from gridopt.register import read_register
from gridopt.scenario import read_scenario

if TYPE_CHECKING:
    from gridopt.outcome import Outcome
    from gridopt.register import Register

FOLDER = Path(__file__).resolve().parents[1] / "scenarios"
ELSEWHERE = ("tri-illinois",)
"""Scenarios of a register that is not shipped."""


def list_scenarios() -> list[Path]:
    """List the scenarios of the shipped register, by name."""
    return [p for p in sorted(FOLDER.glob("*.yaml")) if p.stem not in ELSEWHERE]


def run_all() -> dict[str, Outcome]:
    """Run them; whatever reads or cuts the register alike does so once."""
    scenarios = [read_scenario(path) for path in list_scenarios()]
    read: dict[str, Register] = {}
    pairs = []
    for scenario in scenarios:
        rules = scenario.register
        key = rules.model_dump_json()
        if key not in read:
            read[key] = read_register(rules.file or "", rules)
        pairs.append((read[key], scenario))
    names = [scenario.name for scenario in scenarios]
    return dict(zip(names, run_scenarios(pairs), strict=True))


def tabulate(outcome: Outcome) -> pd.DataFrame:
    """List an outcome's figures: `measure, unit_of_measure, value`."""
    rows = [(m.key, m.unit, values[0]) for m, values in measure_outcomes([outcome])]
    names = ["measure", "unit_of_measure", "value"]
    return pd.DataFrame(rows, columns=names, dtype=object)


def main() -> None:
    """Write the tables anew."""
    for name, outcome in run_all().items():
        write_table(tabulate(outcome), FOLDER / "expected" / f"{name}.csv")


if __name__ == "__main__":
    main()
