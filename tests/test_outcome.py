"""The summary says in numbers what partition, roster and budget hold."""

from __future__ import annotations

import hashlib
import json

import pandas as pd
import pytest
from odd_registers import Shape, reading, simple_rows

from gridopt.archive import read_previous
from gridopt.outcome import run_scenario
from gridopt.problem import GridRules
from gridopt.register import read_register
from gridopt.scenario import Scenario, scenario_text

RULES = reading(Shape(n=1, seed=1)).model_copy(update={"quarantine": True})
KEYS = [
    "status", "n_read", "n_eligible", "n_left_out", "n_quarantined", "n_blocks",
    "n_grids", "n_exceptions", "travel_m", "cost", "bound", "gap_share",
    "small_blocks", "n_survivors", "n_movers", "n_forced", "activity_yuan",
    "award_yuan", "total_yuan", "least_yuan", "most_yuan", "choices", "hashes",
    "versions", "seed",
]  # fmt: skip


@pytest.fixture
def rows():
    """Forty firms: one is closed, one of no status, one in an unknown unit."""
    rows = simple_rows(40).assign(operating="open")
    rows.loc[1, "operating"] = "closed"
    rows.loc[2, "status"] = "other"
    rows.loc[3, "unit"] = "火星街道"
    return rows


def run(rows, folder, previous=None, **grids):
    """Go the whole way on these rows."""
    path = folder / "register.csv"
    rows.to_csv(path, index=False, encoding="utf-8-sig")
    register = read_register(path, RULES)
    scenario = Scenario("小结", "P5", register=RULES, grids=GridRules(**grids), seed=3)
    return run_scenario(register, scenario, previous)


def test_every_row_is_accounted_for(rows, tmp_path):
    """Read = eligible + left out by reason + set aside."""
    told = run(rows, tmp_path).summary
    assert (told["n_read"], told["n_eligible"], told["n_quarantined"]) == (40, 37, 1)
    assert told["n_left_out"] == {"closed": 1, "other_status": 1}


def test_the_summary_counts_what_the_tables_hold(small_outcome):
    """Every total is the sum or the length of the table it speaks of."""
    told, partition = small_outcome.summary, small_outcome.partition
    assert told["n_blocks"] == len(partition.blocks)
    assert told["n_grids"] == len(partition.grids)
    assert told["n_exceptions"] == len(partition.exceptions)
    assert told["n_eligible"] == int(partition.grids["size"].sum())
    assert told["travel_m"] == round(float(partition.enterprises.distance_m.sum()), 1)
    assert told["cost"] == int(partition.blocks["cost"].sum())
    assert told["bound"] == int(partition.blocks["bound"].sum())
    gap = (told["cost"] - told["bound"]) / told["cost"]
    assert told["gap_share"] == round(gap, 6)
    assert told["status"] == partition.status
    money = [told["activity_yuan"], told["award_yuan"]]
    assert sum(money) == told["total_yuan"]
    assert told["total_yuan"] == int(small_outcome.budget.lines["amount_yuan"].sum())
    assert told["least_yuan"] <= told["total_yuan"] <= told["most_yuan"]
    assert told["small_blocks"] == partition.small_blocks


def test_vacancies_are_among_the_exceptions(small_outcome):
    """What the roster cannot fill stands with the other departures."""
    kinds = set(small_outcome.partition.exceptions["kind"])
    assert set(small_outcome.roster.exceptions["kind"]) <= kinds
    assert "role_vacant" in kinds


def test_the_contracts_keys_are_there_and_plain(small_outcome):
    """Every key of the contract is told, in values that JSON knows."""
    told = small_outcome.summary
    assert set(KEYS) <= set(told)
    assert json.loads(json.dumps(told, allow_nan=False)) is not None


def test_hashes_are_those_of_the_files(rows, tmp_path):
    """Register and scenario by their bytes; no previous plan, no hash."""
    outcome = run(rows, tmp_path)
    file = (tmp_path / "register.csv").read_bytes()
    text = scenario_text(outcome.scenario)
    assert outcome.summary["hashes"] == {
        "register": hashlib.sha256(file).hexdigest(),
        "scenario": hashlib.sha256(text).hexdigest(),
        "previous": None,
        "previous_roster": None,
        "results": None,
    }
    assert outcome.summary["seed"] == 3


def test_choices_repeat_every_default(small_outcome):
    """Choices that nobody touched are told as well, marked as defaults."""
    choices = {row["setting"]: row for row in small_outcome.summary["choices"]}
    assert choices["grids.target"]["value"] == 20
    assert choices["grids.target"]["is_default"]
    assert set(choices["grids.target"]) == {"clause", "setting", "value", "is_default"}


def test_without_a_past_nobody_survives(small_outcome):
    """Survivors and movers are unknown, not zero, where there was no plan."""
    told = small_outcome.summary
    moves = [told[key] for key in ("n_survivors", "n_movers", "n_forced")]
    assert moves == [None, None, None]


def test_survivors_movers_and_the_forced_are_told_apart(tmp_path):
    """Who changes block is forced, who changes grid in it moves, the rest stay."""
    rows = simple_rows(40)
    block = "331083001-industry"
    old = pd.DataFrame({"enterprise_id": rows["enterprise_id"][:39]})
    old["grid_id"] = [f"{block}-{1 + i // 20:02d}" for i in range(39)]
    file = tmp_path / "partition.csv"
    old.to_csv(file, index=False, encoding="utf-8-sig")
    rows.loc[0, "industry"] = "4710"  # a builder now: the bureau's
    previous = read_previous(file)
    outcome = run(rows, tmp_path, previous, mover_price_m=0)
    told, plan = outcome.summary, outcome.partition.enterprises
    assert (told["n_survivors"], told["n_forced"]) == (38, 1)
    stayed = plan["grid_id"] == plan["previous_grid_id"]
    assert told["n_movers"] == 39 - 1 - int(stayed.sum())
    assert told["n_movers"] > 0
    assert told["hashes"]["previous"] == hashlib.sha256(file.read_bytes()).hexdigest()
    dear = run(rows, tmp_path, previous, mover_price_m=100_000).summary
    assert dear["n_movers"] == 0


def test_a_plan_from_memory_counts_too(tmp_path):
    """A partition or its frame serve as the previous plan, without a file's hash."""
    rows = simple_rows(40)
    first = run(rows, tmp_path)
    again = run(rows, tmp_path, first.partition).summary
    assert (again["n_survivors"], again["n_movers"], again["n_forced"]) == (40, 0, 0)
    assert again["hashes"]["previous"] is None
