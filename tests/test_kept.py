"""A revised code moves no firm out of its grid, and the plan says who stays so."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_registers import Shape, assert_true, reading, rows_of, simple_rows
from test_change import read

from gridopt.archive import read_previous, read_table, write_run, write_table
from gridopt.change import ChangeRules, compare_registers, kept_categories
from gridopt.grids import make_grids
from gridopt.outcome import run_scenario
from gridopt.problem import GridRules
from gridopt.register import read_register
from gridopt.scenario import Scenario, read_scenario
from gridopt.verification import verify_run

RULES = GridRules(least=4, most=8, target=6, viable_least=2)
PLAIN = reading(Shape(n=1, seed=1))
N_KEPT = 4
"""Of thirty industrial firms whose codes a revision changes, these become trade."""


def firms(**cells):
    """Make 30 industrial firms with one code each, and 12 of trade."""
    rows = simple_rows(42, name="厂", status="above_scale", weight="1")
    codes = [f"{3411 + i}" for i in range(9)] + [f"{3511 + i}" for i in range(7)]
    codes += [f"{3611 + i}" for i in range(3)] + [f"{1311 + i}" for i in range(9)]
    codes += ["1411", "1419"] + ["5211"] * 12
    return rows.assign(industry=codes, **cells)


def revise(rows):
    """Give the industrial firms other codes, the first few one of trade."""
    n = 30 - N_KEPT
    return rows.assign(industry=["5111"] * N_KEPT + ["3670"] * n + ["5211"] * 12)


def cut(rows, previous=None, rules=RULES):
    """Cut rows, after a previous partition."""
    return make_grids(read(rows), rules, previous)


def at(rows, row, **cells):
    """Change cells of some rows, in a copy."""
    rows = rows.copy()
    for column, value in cells.items():
        rows.loc[row, column] = value
    return rows


@pytest.fixture(scope="module")
def first():
    """The plan before the revision."""
    return cut(firms())


@pytest.fixture(scope="module")
def second(first):
    """The plan after it."""
    return cut(revise(firms()), first)


def test_a_revised_code_moves_nobody(first, second):
    """All firms stay in their grids, and today's unit and category are told."""
    before, after = first.enterprises, second.enterprises
    assert (after["grid_id"] == before["grid_id"]).all()
    assert_true(second)
    kept = after[after["kept_category"] != ""]
    assert len(kept) == N_KEPT
    assert set(kept["category"]) == {"trade"}
    assert set(kept["kept_category"]) == {"industry"}
    assert set(after["industry"]) == {"5111", "3670", "5211"}
    assert set(after["industry_edition"]) == {"2017"}


def test_who_stays_is_a_listed_departure_from_p3(second):
    """One line names number, both categories, the first ids and the way out."""
    line = second.exceptions[second.exceptions["kind"] == "merged_category"]
    assert len(line) == 1
    told = line.iloc[0]
    assert (told["clause"], told["n_enterprises"]) == ("P3", N_KEPT)
    assert told["block_id"] == "331083001-industry"
    assert "由工业变为贸易" in told["explanation_zh"]
    assert "E0000、E0001、E0002等" in told["explanation_zh"]
    assert "keep_revised: false" in told["explanation_zh"]
    assert "from industry to trade" in told["explanation_en"]
    assert second.grids["n_other_category"].sum() == N_KEPT


def test_the_setting_ends_it(first):
    """With `keep_revised: false` they go to the grids of today's category."""
    off = RULES.model_copy(update={"keep_revised": False})
    after = cut(revise(firms()), first, off)
    moved = after.enterprises.iloc[:N_KEPT]
    assert set(moved["block_id"]) == {"331083001-trade"}
    assert (after.enterprises["kept_category"] == "").all()
    assert not (after.exceptions["kind"] == "merged_category").any()


def test_few_changes_are_no_revision(first):
    """Without a revision a firm whose category changes goes there, as ever."""
    after = cut(at(firms(), range(N_KEPT), industry="5111"), first)
    assert set(after.enterprises["block_id"].iloc[:N_KEPT]) == {"331083001-trade"}


def test_a_later_cut_keeps_them_until_their_code_truly_changes(second):
    """The exception goes on; it ends with a change of code, or of category back."""
    rows = revise(firms())
    third = cut(rows, second)
    assert (third.enterprises["grid_id"] == second.enterprises["grid_id"]).all()
    kept = third.enterprises["kept_category"]
    assert (kept != "").sum() == N_KEPT
    fourth = cut(at(rows, [0, 1], industry=["5171", "3411"]), third)
    told = fourth.enterprises
    assert told["kept_category"].iloc[:N_KEPT].tolist() == ["", "", *["industry"] * 2]
    assert told["block_id"].iloc[:N_KEPT].tolist() == [
        *("331083001-trade", *["331083001-industry"] * 3),
    ]
    # a firm of trade that is not kept stays what it is
    assert set(told["block_id"].iloc[30:]) == {"331083001-trade"}


def test_who_moved_to_another_unit_is_not_kept(first):
    """Not the code alone: who moved as well is placed by today's category."""
    rows = pd.concat([revise(firms())], ignore_index=True)
    after = cut(at(rows, [0], unit="331083002"), first).enterprises
    assert after["kept_category"].iloc[:2].tolist() == ["", "industry"]


def test_a_plan_without_codes_keeps_nobody(first):
    """What the plan does not know cannot be told: as before there were codes in it."""
    plan = first.enterprises.drop(columns=["industry", "industry_edition"])
    after = cut(revise(firms()), plan)
    assert (after.enterprises["kept_category"] == "").all()
    register = read(revise(firms()))
    assert (kept_categories(plan, register) == "").all()


def run(rows, folder, previous=None, rules=RULES, changes=None):
    """Go the whole way into a folder; give outcome, run folder and register file."""
    folder.mkdir(exist_ok=True)
    rows.to_csv(folder / "register.csv", index=False, encoding="utf-8-sig")
    register = read(rows)
    scenario = Scenario(
        *("修订", "P13"), register=PLAIN, grids=rules, changes=changes or ChangeRules()
    )
    plan = read_previous(previous) if previous else None
    outcome = run_scenario(register, scenario, plan)
    made = write_run(outcome, folder / "run", is_tables_only=True)
    return outcome, made, folder / "register.csv"


@pytest.fixture
def runs(tmp_path):
    """Two runs on file: before and after the revision."""
    _, plain, _ = run(firms(), tmp_path / "a")
    plan = plain / "partition.csv"
    return plan, *run(revise(firms()), tmp_path / "b", plan)


def test_the_checker_passes_exactly_that(runs, tmp_path):
    """The run is verified, and so is the next one after it."""
    plan, _, made, register = runs
    assert verify_run(made, register, plan).falsehoods == ()
    following = run(revise(firms()), tmp_path / "c", made / "partition.csv")
    assert (following[0].partition.enterprises["kept_category"] != "").sum() == N_KEPT
    found = verify_run(*following[1:], made / "partition.csv")
    assert found.falsehoods == ()


def spoil(made, name, change):
    """Change a table of a run."""
    table = read_table(made / name)
    write_table(change(table), made / name)


def test_a_departure_that_is_not_listed_is_refused(runs):
    """Without its line among the exceptions the same plan is false."""
    plan, _, made, register = runs
    spoil(made, "exceptions.csv", lambda t: t[t["kind"] != "merged_category"])
    found = verify_run(made, register, plan).falsehoods
    assert any("merged_category" in str(one) for one in found)


@pytest.mark.parametrize(
    ("row", "claim", "word"),
    [
        (0, "services", "第2行 kept_category"),
        (10, "trade", "第12行 kept_category"),
        (0, "", "331083001-trade 的企业应在同一划分单元"),
    ],
    ids=["another category", "nobody asked", "silent"],
)
def test_a_false_claim_of_keeping_is_refused(runs, row, claim, word):
    """Another category than the grid's, one kept without cause, none told: false."""
    plan, _, made, register = runs
    spoil(made, "partition.csv", lambda t: at(t, row, kept_category=claim))
    found = verify_run(made, register, plan).falsehoods
    assert any(word in str(one) for one in found)


def test_keeping_without_a_revision_is_refused(runs, tmp_path):
    """With limits under which nothing was revised the same plan is false."""
    plan, _, made, register = runs
    text = (made / "scenario.yaml").read_text(encoding="utf-8")
    text += "changes:\n  revision_share: 1.0\n  mapped_share: 1.0\n"
    (made / "scenario.yaml").write_text(text, encoding="utf-8")
    found = [str(one) for one in verify_run(made, register, plan).falsehoods]
    assert sum("kept_category" in one for one in found) == N_KEPT


def test_codes_in_the_plan_are_checked(runs):
    """A code that is not the register's would blind the next plan: false."""
    plan, _, made, register = runs
    spoil(made, "partition.csv", lambda t: at(t, 5, industry="0000"))
    found = verify_run(made, register, plan).falsehoods
    assert any("第7行 industry" in str(one) for one in found)


def test_who_would_go_to_the_bureau_stays_and_is_listed(tmp_path):
    """Construction by a revised code: off its category (P3) and off its unit (P8)."""
    _, plain, _ = run(firms(), tmp_path / "a")
    plan = plain / "partition.csv"
    rows = at(revise(firms()), range(N_KEPT), industry="4710")
    outcome, made, register = run(rows, tmp_path / "b", plan)
    told = outcome.partition.enterprises.iloc[:N_KEPT]
    assert set(told["unit"]) == {"zjj"}
    assert set(told["block_id"]) == {"331083001-industry"}
    listed = outcome.partition.exceptions.set_index("kind")["n_enterprises"]
    assert listed["merged_category"] == listed["merged_unit"] == N_KEPT
    assert verify_run(made, register, plan).falsehoods == ()
    again, made_again, _ = run(rows, tmp_path / "c", made / "partition.csv")
    grids = again.partition.enterprises["grid_id"]
    assert (grids == outcome.partition.enterprises["grid_id"]).all()
    found = verify_run(made_again, register, made / "partition.csv")
    assert found.falsehoods == ()


def test_the_bureaus_firms_stay_with_it_too(tmp_path):
    """The reverse: construction that a revision makes trade stays the bureau's."""
    rows = firms()
    rows["industry"] = ["4710"] * 4 + ["4720"] * 26 + ["5211"] * 12
    _, plain, _ = run(rows, tmp_path / "a")
    plan = plain / "partition.csv"
    after = rows.assign(industry=["5111"] * 4 + ["4790"] * 26 + ["5211"] * 12)
    outcome, made, register = run(after, tmp_path / "b", plan)
    told = outcome.partition.enterprises.iloc[:4]
    assert set(told["block_id"]) == {"zjj-construction"}
    assert set(told["unit"]) == {"331083001"}
    assert verify_run(made, register, plan).falsehoods == ()


def test_decisions_reach_the_plan(tmp_path):
    """Who was decided to have truly changed moves, the others stay; verified."""
    _, plain, _ = run(firms(), tmp_path / "a")
    plan = plain / "partition.csv"
    new = at(revise(firms()), [1], enterprise_id="X1")
    undecided = compare_registers(read(firms()), read(new))
    # it left and entered, so far: three of the four are asked about
    words = {"E0000": "reject", "X1": "accept"}
    table = undecided.proposals.assign(decision="")
    table["decision"] = table["enterprise_id"].map(words).fillna("")
    change = compare_registers(read(firms()), read(new), decisions=table)
    write_table(change.carry(read_table(plan)), tmp_path / "previous.csv")
    outcome, made, register = run(new, tmp_path / "b", tmp_path / "previous.csv")
    told = outcome.partition.enterprises
    assert told.loc["E0000", "block_id"] == "331083001-trade"
    assert told.loc[["E0002", "X1"], "kept_category"].tolist() == ["industry"] * 2
    grid_of = read_table(plan).set_index("enterprise_id")["grid_id"]
    assert told.loc["X1", "previous_grid_id"] == grid_of["E0001"]
    found = verify_run(made, register, tmp_path / "previous.csv")
    assert found.falsehoods == ()


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(5, 60), st.booleans(), st.booleans())
def test_any_revision_ends_verified(seed, n, bureau_owns, is_again):
    """Whoever is revised, in blocks joined or not, the plan is true and verified."""
    rng = np.random.default_rng(seed)
    rows = rows_of(Shape(n=n, seed=seed, n_units=4))
    changes = ChangeRules(revision_share=0.01, revision_least=1)
    rules = GridRules(bureau_owns=bureau_owns)
    choices = ["3443", "3444", "5211", "5111", "7010", "4710", "8111"]
    with TemporaryDirectory() as name:
        folder, plan = Path(name), None
        for step in range(3 if is_again else 2):
            outcome, made, register = run(
                rows, folder / str(step), plan, rules, changes
            )
            assert_true(outcome.partition)
            assert verify_run(made, register, plan).falsehoods == ()
            plan = made / "partition.csv"
            is_new = rng.random(len(rows)) < 0.4
            codes = rng.choice(choices, len(rows))
            rows = rows.assign(industry=rows["industry"].mask(is_new, codes))
            rows.loc[rng.random(len(rows)) < 0.1, "unit"] = rows["unit"].iloc[0]
            rows["village"] = ""


def test_a_real_revision_moves_only_what_is_forced(shared):
    """In 2011 all whose category changed by their code alone stay where they were."""
    plan, found = None, {}
    for year in (2010, 2011):
        file = shared / "data" / "tri-illinois" / f"facilities_{year}.csv"
        scenario = read_scenario(
            ROOT / "scenarios" / "tri-illinois.yaml", register_file=file
        )
        register = read_register(file, scenario.register)
        plan = found[year] = make_grids(register, scenario.grids, plan)
    change = compare_registers(found[2010].register, found[2011].register)
    events = change.changes[change.changes["kind"] == "revised"]
    crossing = events[events["old_category"] != events["new_category"]]
    kept = found[2011].enterprises["kept_category"]
    expected = crossing.set_index("enterprise_id")["old_category"]
    assert len(expected) > 20
    assert kept[kept != ""].to_dict() == expected.to_dict()
    assert_true(found[2011])


def test_a_run_says_that_the_classification_was_revised(call, tmp_path):
    """`run --previous` prints the revision and who stays; without codes it says so."""
    text = "title: t\nbasis: P13\nregister:\n  file: {}\n  coordinates: gcj02\n"
    text += '  industry_edition: "2017"\n  place_limit_km: 1000\n'
    text += "grids:\n  least: 4\n  most: 8\n  target: 6\n"
    for name, rows in (("a", firms()), ("b", revise(firms()))):
        rows.to_csv(tmp_path / f"{name}.csv", index=False, encoding="utf-8-sig")
        scenario = tmp_path / f"{name}.yaml"
        scenario.write_text(text.format(f"{name}.csv"), encoding="utf-8")
    more = ("--tables-only", "--workers", 1)
    words = ("run", tmp_path / "a.yaml", "--out", tmp_path / "run-a", *more)
    assert call(*words)[0] == 0
    plan = tmp_path / "run-a" / "partition.csv"
    words = ("run", tmp_path / "b.yaml", "--out", tmp_path / "run-b", *more)
    status, told, _ = call(*words, "--previous", plan)
    assert status == 0
    assert "识别为行业分类修订" in told
    assert f"留在原网格的企业 {N_KEPT} 家" in told
    summary = (tmp_path / "run-b" / "summary.json").read_text(encoding="utf-8")
    assert json.loads(summary)["n_movers"] == 0
    write_table(read_table(plan).drop(columns="industry"), plan)
    assert "无法识别行业分类修订" in call(*words, "--previous", plan)[1]
