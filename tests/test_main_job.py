"""The main job ends well on the shipped register, any scenario, a real register."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT

from gridopt.archive import read_table, write_run
from gridopt.outcome import run_scenario
from gridopt.register import read_register
from gridopt.scenario import read_scenario
from gridopt.verification import verify_run

SCENARIOS = sorted(
    path for path in (ROOT / "scenarios").glob("*.yaml") if path.stem != "tri-illinois"
)
REGISTER = ROOT / "data" / "yuhuan-synthetic-2025.csv"
SAMPLE = ROOT / "gridopt" / "tables" / "sample-register.csv"
YEARS = range(2010, 2019)


def run_and_verify(scenario_file, register_file, folder):
    """Run one scenario on one register, write the tables and verify them."""
    scenario = read_scenario(scenario_file, register_file=register_file)
    register = read_register(register_file, scenario.register)
    outcome = run_scenario(register, scenario)
    run = write_run(outcome, folder, is_tables_only=True)
    assert verify_run(run, register_file).falsehoods == ()
    return outcome, run


def test_the_shipped_register(tmp_path):
    """2,100 enterprises end in a verified plan, each with a bound, on a small gap."""
    outcome, run = run_and_verify(SCENARIOS[-1], REGISTER, tmp_path / "run")
    assert SCENARIOS[-1].stem == "yuhuan-2022"
    told = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    assert told["n_eligible"] == 2100
    assert told["small_blocks"]["status"] == "optimal"
    assert (read_table(run / "blocks.csv")["bound"] != "").all()
    # what the release states in its documents; a worse engine must not pass unseen
    assert told["gap_share"] < 0.005
    assert not outcome.clauses["status"].isna().any()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_shipped_scenario_runs(path, tmp_path):
    """Each shipped scenario cuts, staffs and budgets two townships, verified."""
    outcome, _ = run_and_verify(path, SAMPLE, tmp_path / "run")
    assert outcome.summary["n_grids"] == len(outcome.partition.grids)


@pytest.mark.parametrize("year", YEARS)
def test_a_real_register_of_each_year(shared, year, tmp_path):
    """Every snapshot of a real register ends verified, its tiny blocks explained."""
    register_file = shared / "data" / "tri-illinois" / f"facilities_{year}.csv"
    outcome, run = run_and_verify(
        ROOT / "scenarios" / "tri-illinois.yaml", register_file, tmp_path / "run"
    )
    told = outcome.summary
    assert told["n_read"] == told["n_eligible"] + told["n_quarantined"]
    grids = read_table(run / "grids.csv")
    small = grids[grids["size"].astype(int) < 15]
    explained = set(read_table(run / "exceptions.csv")["block_id"])
    assert set(small["block_id"]) <= explained
