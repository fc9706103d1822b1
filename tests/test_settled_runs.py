"""A run with the results of an appraisal: settled on its own grids, and verified."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from spreadsheet import OFFICE, find_differences, recompute

import gridopt as go
from gridopt.archive import read_table, write_run
from gridopt.errors import InputError
from gridopt.outcome import run_scenario
from gridopt.partition import list_members
from gridopt.results import read_results
from gridopt.synth.appraisals import make_results
from gridopt.terms import BudgetRules
from gridopt.verification import verify_run

RULES = BudgetRules(tie_key=("since", "person_id"))
SETTLED = ("stars.csv", "ties.csv", "not_appraised.csv")


@pytest.fixture(scope="module")
def scenario(small_scenario):
    """The small scenario with a key that separates all equals."""
    return replace(small_scenario, money=RULES)


@pytest.fixture(scope="module")
def results_file(small_register, small_outcome, tmp_path_factory):
    """Made-up results of everybody who serves in the small plan."""
    plan = small_outcome.partition.enterprises
    posts = list_members(small_register, plan, is_once=False)
    posts["person_id"] = posts["person_id"].where(
        posts["person_id"] != "", posts["person_key"]
    )
    path = tmp_path_factory.mktemp("results") / "results.csv"
    made = make_results(posts[["person_id", "enterprise_id", "unit"]], 2025, seed=3)
    made.to_csv(path, index=False, encoding="utf-8-sig")
    return path


@pytest.fixture(scope="module")
def outcome(small_register, scenario, results_file):
    """What the scenario leads to with these results."""
    results = read_results(results_file, small_register.units)
    return run_scenario(small_register, scenario, results=results)


@pytest.fixture(scope="module")
def settled_run(outcome, tmp_path_factory):
    """The run folder of that outcome, workbook and report included."""
    return write_run(outcome, tmp_path_factory.mktemp("runs") / "settled")


@pytest.fixture
def run(settled_run, tmp_path):
    """A copy of the run that a test may spoil."""
    return shutil.copytree(settled_run, tmp_path / "run")


def test_a_settled_bill_leaves_nothing_to_chance(outcome, small_outcome) -> None:
    """In a comparison the bill not exceeded with 95 % is then the bill itself."""
    known = go.compare_outcomes([small_outcome, outcome]).results
    row = known.set_index("measure").loc["award_p95_yuan"]
    assert row[outcome.scenario.name + "-2"] == outcome.budget.award_yuan


def test_the_money_is_that_of_the_results(
    outcome, scenario, small_register, results_file
):
    """Grids are those of the plan, money is what the same results settle to alone."""
    results = read_results(results_file, small_register.units)
    alone = go.budget_results(results, scenario.money, year=2025)
    assert outcome.budget.award_yuan == alone.award_yuan
    assert outcome.budget.activity_yuan == alone.activity_yuan
    assert outcome.summary["total_yuan"] == alone.total_yuan
    assert outcome.summary["due_yuan"] == alone.award_yuan
    told = dict(outcome.card().facts)["经费"]
    assert told == f"合计{alone.total_yuan:,}元，按评定结果"
    assert "最低和最高可能" not in dict(outcome.budget.card().facts)
    assert set(outcome.budget.grids["grid_id"]) <= set(outcome.partition.grids.index)
    planned = go.set_budget(outcome.partition, scenario.money, year=2025)
    assert planned.award_yuan != alone.award_yuan


def test_the_folder_tells_results_and_stars(settled_run, results_file):
    """The summary keeps the file's hash; tables name stars, ties and the left out."""
    told = json.loads((settled_run / "summary.json").read_text(encoding="utf-8"))
    sha256 = hashlib.sha256(results_file.read_bytes()).hexdigest()
    assert told["hashes"]["results"] == sha256
    assert not (settled_run / "inputs" / "results.csv").exists()
    stars = read_table(settled_run / "stars.csv")
    assert stars["paid_yuan"].astype(int).sum() == told["award_yuan"]
    awards = read_table(settled_run / "awards.csv")
    assert (awards["least_yuan"] == awards["amount_yuan"]).all()
    assert len(read_table(settled_run / "not_appraised.csv")) > 0


def test_a_true_run_is_verified(settled_run, small_register_file, results_file):
    """With register and results every claim holds, the stars of everybody too."""
    verification = verify_run(settled_run, small_register_file, results=results_file)
    assert verification.falsehoods == ()


def test_results_are_asked_for(settled_run, small_register_file):
    """Without the results the money is not verified: one sentence says what to give."""
    with pytest.raises(InputError, match="--results") as caught:
        verify_run(settled_run, small_register_file)
    assert caught.value.message_zh.count("。") == 1


def test_other_results_are_found(
    settled_run, small_register_file, results_file, tmp_path
):
    """A table with one score changed is not the one that was settled."""
    frame = pd.read_csv(results_file, dtype=str, keep_default_na=False)
    frame.loc[0, "score"] = "12.3"
    other = tmp_path / "other.csv"
    frame.to_csv(other, index=False, encoding="utf-8-sig")
    verification = verify_run(settled_run, small_register_file, results=other)
    assert ("summary.json", "hashes.results") in {
        (one.file, one.column) for one in verification.falsehoods
    }


def test_a_planned_run_has_no_results(small_run, small_register_file, results_file):
    """Results given to a run that was planned are told as not its own."""
    verification = verify_run(small_run, small_register_file, results=results_file)
    told = {(one.file, one.column) for one in verification.falsehoods}
    assert ("summary.json", "hashes.results") in told
    assert ("stars.csv", "") in told


def test_results_that_are_denied_are_found(run, small_register_file):
    """A settled run that says it had no results is held against the plan's money."""
    told = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    told["hashes"]["results"] = None
    (run / "summary.json").write_text(json.dumps(told), encoding="utf-8")
    found = {one.file for one in verify_run(run, small_register_file).falsehoods}
    assert {"budget.csv", "awards.csv", *SETTLED} <= found


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("budget.csv", "amount_yuan", "7"),
        ("budget.csv", "members", "7"),
        ("awards.csv", "star3", "7"),
        ("awards.csv", "qualified", "7"),
        ("awards.csv", "amount_yuan", "7"),
        ("awards.csv", "passed", "7"),
        ("stars.csv", "star", "7"),
        ("stars.csv", "score", "7"),
        ("stars.csv", "paid_yuan", "7"),
        ("stars.csv", "qualified", "7"),
        ("not_appraised.csv", "months", "77"),
    ],
)
def test_a_forged_cell_is_named(
    run, small_register_file, results_file, name, column, value
):
    """A changed cell of the settlement is found in its file, row and column."""
    frame = read_table(run / name)
    frame.loc[1, column] = value
    frame.to_csv(run / name, index=False, encoding="utf-8-sig", lineterminator="\n")
    verification = verify_run(run, small_register_file, results=results_file)
    found = {(one.file, one.row, one.column) for one in verification.falsehoods}
    assert found == {(name, 3, column)}


@pytest.mark.parametrize("name", SETTLED)
def test_a_missing_list_is_named(run, small_register_file, results_file, name):
    """A list of the settlement that was taken away is told by its name."""
    (run / name).unlink()
    verification = verify_run(run, small_register_file, results=results_file)
    assert [one.file for one in verification.falsehoods] == [name]


def test_a_forged_grid_is_no_fault_of_the_results(
    run, small_register_file, results_file
):
    """A firm struck off the plan is told as such, not as a stranger in the results."""
    frame = read_table(run / "partition.csv")
    frame[1:].to_csv(run / "partition.csv", index=False, encoding="utf-8-sig")
    verification = verify_run(run, small_register_file, results=results_file)
    assert "partition.csv" in {one.file for one in verification.falsehoods}


def test_the_workbook_of_a_settled_run_recomputes(settled_run, outcome):
    """Formulas give the settlement, three sheets name everybody, nothing is planned."""
    book = openpyxl.load_workbook(settled_run / "workbook.xlsx")
    assert book.sheetnames[-3:] == ["星级评定名单", "未参加评定", "同分处理"]
    values = recompute(book)
    assert outcome.budget.award_yuan in values.values()
    assert "不一致" not in values.values()
    told = [
        str(cell.value)
        for name in ("概要", "经费预算")
        for row in book[name].iter_rows()
        for cell in row
    ]
    assert not [text for text in told if text.startswith("按预计合格率")]
    report = (settled_run / "report.html").read_text(encoding="utf-8")
    assert "按评定结果结算" in report
    assert "按预计合格率" not in report


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed here")
def test_libreoffice_settles_the_run(settled_run, tmp_path):
    """A real spreadsheet program, given no values, gives the engine's figures."""
    assert find_differences(settled_run / "workbook.xlsx", tmp_path) == []


def _refuse_cut(*_args, **_kwargs):
    raise AssertionError("the cut must not begin")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda f: f.assign(enterprise_id="e-" + f["enterprise_id"]),
            "不在网格划分方案中",
        ),
        (lambda f: f.assign(score=""), None),
        (lambda f: f.assign(qualified="", score="80"), "没有合格与否的结果"),
    ],
)
def test_results_that_cannot_be_settled_stop_before_the_cut(
    small_register, scenario, results_file, tmp_path, monkeypatch, change, said
):
    """Strangers and missing passes are told at once, not after the long work."""
    path = tmp_path / "results.csv"
    frame = pd.read_csv(results_file, dtype=str, keep_default_na=False)
    change(frame).to_csv(path, index=False)
    results = read_results(path, small_register.units)
    monkeypatch.setattr("gridopt.outcome.make_grids", _refuse_cut)
    fault = AssertionError if said is None else InputError
    with pytest.raises(fault, match=said or "must not begin"):
        run_scenario(small_register, scenario, results=results)


def test_an_undated_scenario_is_refused(small_register, scenario, results_file):
    """Without a date nobody knows which year the results are of."""
    results = read_results(results_file, small_register.units)
    with pytest.raises(InputError, match="没有写明日期"):
        run_scenario(small_register, replace(scenario, date=None), results=results)


@pytest.mark.parametrize(
    "choices",
    [
        {"pool": "grid", "floor_level": "grid"},
        {"award_basis": "posts", "activity_basis": "posts"},
        {"membership": "ever", "award_service": "any"},
        {"groomed_paid": False, "bureau_payer": "township"},
        {"appropriation_yuan": 100_000, "shortfall": "reduce"},
        {"rounding": "controlled", "ties": "lottery", "membership": "snapshot"},
    ],
)
def test_every_way_to_settle_is_verified(
    small_register, scenario, small_register_file, results_file, tmp_path, choices
):
    """Grid pools, posts, townships that pay, a cap: settled and verified the same."""
    money = BudgetRules(**{"tie_key": ("since", "row"), **choices})
    results = read_results(results_file, small_register.units)
    told = replace(scenario, money=money)
    outcome = run_scenario(small_register, told, results=results)
    run = write_run(outcome, tmp_path / "run", is_tables_only=True)
    verification = verify_run(run, small_register_file, results=results_file)
    assert verification.falsehoods == ()


def test_other_units_than_the_plans_are_told(
    small_register, scenario, outcome, results_file
):
    """Rows that name another unit than the plan's stand among the remarks."""
    assert not [r for r in outcome.budget.remarks if r.clause == "F10"]
    results = read_results(results_file, small_register.units)
    posts = results.posts.copy()
    at = posts.index[posts["unit"] == "zjj"][0]
    posts.loc[at, "unit"] = "331083001"
    moved = run_scenario(
        small_register, scenario, results=replace(results, posts=posts)
    )
    [told] = [r for r in moved.budget.remarks if r.clause == "F10"]
    assert "有1行的单位不是" in told.message_zh
    assert posts.loc[at, "enterprise_id"] in told.message_zh
    assert f"第{posts.loc[at, 'row']}行" in told.message_zh


@pytest.mark.parametrize("level", ["unit", "grid", "city"])
def test_passes_without_scores_are_verified(
    small_register, scenario, small_register_file, results_file, tmp_path, level
):
    """Without scores stars are counted, not given; the counts are verified."""
    frame = pd.read_csv(results_file, dtype=str, keep_default_na=False)
    path = tmp_path / "passes.csv"
    frame.assign(score="").to_csv(path, index=False)
    money = BudgetRules(pool=level, floor_level=level)
    results = read_results(path, small_register.units)
    told = replace(scenario, money=money)
    outcome = run_scenario(small_register, told, results=results)
    run = write_run(outcome, tmp_path / "run", is_tables_only=True)
    assert set(read_table(run / "stars.csv")["star"]) == {""}
    assert verify_run(run, small_register_file, results=path).falsehoods == ()
    plan = read_table(run / "partition.csv")[1:]
    plan.to_csv(run / "partition.csv", index=False, encoding="utf-8-sig")
    assert not verify_run(run, small_register_file, results=path).is_true


def test_firms_without_results_are_told(small_register, scenario, results_file):
    """Enterprises that the results name nobody of stand among the remarks."""
    results = read_results(results_file, small_register.units)
    gone = results.posts["enterprise_id"].iloc[0]
    posts = results.posts[results.posts["enterprise_id"] != gone]
    fewer = replace(results, posts=posts.reset_index(drop=True))
    outcome = run_scenario(small_register, scenario, results=fewer)
    [told] = [r for r in outcome.budget.remarks if gone in r.message_zh]
    assert "有1家在评定结果表中没有人员" in told.message_zh
