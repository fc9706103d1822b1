"""Every clause is answered, and the answer changes when the plan departs from it."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gridopt.budget import set_budget
from gridopt.classification import read_classification
from gridopt.compliance import (
    STATUSES,
    CalendarRules,
    check_clauses,
    documents_owed,
    duty_calendar,
    read_clauses,
)
from gridopt.compliance.cut import share_nearer_elsewhere
from gridopt.geography import assume_work_areas, read_units, read_villages
from gridopt.problem import GridRules
from gridopt.register import RegisterRules
from gridopt.roster import RoleRules, assign_roles
from gridopt.scenario import Scenario, list_choices
from gridopt.terms import BudgetRules

ROOT = Path(__file__).resolve().parent.parent
POLICY = ROOT.parent / "shared" / "policy" / "yuzhengbanfa-2022-18.zh.txt"

KEYS = (
    *("S1", "S2a", "S2b", "S3", "S4"),
    *("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P13"),
    *("M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10"),
    *("F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11"),
    *("T1", "T2", "T3"),
)

HALF_WIDTH = re.compile("[\u4e00-\u9fff\uff09][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")

# the plan of the tests: size of each grid of each block
SIZES = {
    ("331083001", "industry"): (20, 18),
    ("331083400", "industry"): (16,),
    ("zjj", "construction"): (20,),
}


def make_partition(
    sizes: dict[tuple[str, str], tuple[int, ...]] | None = None,
) -> SimpleNamespace:
    """Make a plan by hand, the grids of a block side by side from west to east."""
    rows = [
        (unit, category, number, place)
        for (unit, category), of_block in (sizes or SIZES).items()
        for number, size in enumerate(of_block, 1)
        for place in range(size)
    ]
    table = pd.DataFrame(rows, columns=["unit", "category", "number", "place"])
    table.index = pd.Index(
        [f"E{i:04d}" for i in range(len(table))], name="enterprise_id"
    )
    table["block_id"] = table["unit"] + "-" + table["category"]
    table["grid_id"] = table["block_id"] + table["number"].map("-{:02d}".format)
    table["is_medoid"] = table["place"] == 0
    table["previous_grid_id"] = ""
    table["name"] = table.index
    return SimpleNamespace(
        register=_register(table),
        rules=GridRules(),
        enterprises=table,
        grids=_grids(table),
        exceptions=pd.DataFrame({"clause": [], "kind": []}),
    )


def _register(table: pd.DataFrame) -> SimpleNamespace:
    units = read_units("yuhuan")
    firms = table[["name", "category"]].copy()
    firms["unit"] = table["unit"].replace("zjj", "331083002")
    firms["longitude"] = 121.2 + 0.01 * table["number"] + 0.0001 * table["place"]
    firms["latitude"] = 28.1
    for column in ("village", "work_area", "group_id", "statistician_id"):
        firms[column] = ""
    firms["statistician_name"] = ""
    firms["status"] = "above_scale"
    firms["last_star"] = firms["last_score"] = np.nan
    return SimpleNamespace(
        enterprises=firms,
        units=units,
        classification=read_classification("gbt4754"),
        work_areas=assume_work_areas(read_villages("yuhuan"), units),
        left_out={},
        n_read=len(firms),
    )


def _grids(table: pd.DataFrame) -> pd.DataFrame:
    grids = table.groupby("grid_id").agg(
        block_id=("block_id", "first"),
        unit=("unit", "first"),
        category=("category", "first"),
        size=("place", "size"),
    )
    medoids = table[table["is_medoid"]].reset_index().set_index("grid_id")
    grids["medoid_id"] = medoids["enterprise_id"]
    grids["grid_name"] = grids.index
    return grids.assign(n_other_category=0, n_other_unit=0, travel_m=0.0)


def answers(
    partition: SimpleNamespace | None = None,
    roster: Any = None,
    budget: Any = None,
    **rules: Any,
) -> dict[str, SimpleNamespace]:
    """Answer every clause for a plan, by key."""
    partition = partition or make_partition()
    scenario = Scenario("试算", "P5", **rules)
    roster = roster or assign_roles(partition, scenario.roles)
    budget = budget or set_budget(partition, scenario.money, year=2025)
    frame = check_clauses(partition, roster, budget, list_choices(scenario))
    return {row.key: row for row in frame.itertuples()}


def test_every_clause_is_answered() -> None:
    """Each key of the policy has one row, a known status, evidence and its section."""
    found = answers()
    assert tuple(found) == KEYS
    assert {row.status for row in found.values()} == set(STATUSES)
    for row in found.values():
        assert row.evidence.endswith("。")
        assert row.evidence_en.endswith(".")
        assert row.section


def test_answers_keep_the_contract() -> None:
    """The table has the columns of clauses.csv first, in their order."""
    partition = make_partition()
    frame = check_clauses(partition, assign_roles(partition), set_budget(partition))
    assert list(frame.columns)[:4] == ["key", "status", "evidence", "section"]


def test_evidence_reads_as_chinese() -> None:
    """No half-width mark stands beside a Chinese word, in whatever answer."""
    partition = make_partition({**SIZES, ("331083400", "industry"): (14,)})
    partition.grids[["n_other_category", "n_other_unit"]] = 1
    money = BudgetRules(
        activity_yuan=600, floor="none", pass_percent=70, star_percents=(50, 40, 10)
    )
    grids = GridRules(linkage_price_m=100, must_link=(("a", "b"),))
    posts = assign_roles(partition).posts
    bare = replace(assign_roles(partition), posts=posts[posts["role"] != "head"])
    plans = (answers(), answers(partition, bare, money=money, grids=grids))
    for row in (row for found in plans for row in found.values()):
        assert not re.search(
            r"[\u4e00-\u9fff）][,;:?!()]|[,;:?!()][\u4e00-\u9fff]", row.evidence
        ), row


def test_clause_table_is_complete() -> None:
    """clauses.csv has every key of the policy once, with section and meaning."""
    clauses = read_clauses()
    assert tuple(clauses["key"]) == KEYS
    assert (clauses["section"] != "").all()
    assert (clauses["meaning_zh"] != "").all()
    silent = clauses.loc[clauses["phrase"] == "", "key"]
    assert list(silent) == ["P8", "F2", "F3", "F7"]


@pytest.mark.skipif(not POLICY.is_file(), reason="the policy's text is not at hand")
@pytest.mark.parametrize("table", ["clauses", "duties", "documents"])
def test_phrases_are_the_documents_own(table: str) -> None:
    """Every phrase that is quoted stands in the document, piece by piece."""
    text = POLICY.read_text(encoding="utf-8")
    path = ROOT / "gridopt" / "tables" / f"{table}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        phrases = [row["phrase"] for row in csv.DictReader(file)]
    assert phrases
    for phrase in phrases:
        position = 0
        for piece in phrase.split("…") if table == "clauses" else [phrase]:
            assert piece in text, piece
            position += len(piece)


@pytest.mark.skipif(not POLICY.is_file(), reason="the policy's text is not at hand")
def test_clause_keys_are_those_of_the_policy_table() -> None:
    """The keys are exactly those that the team's reading of the policy lists."""
    text = (POLICY.parent.parent / "spec" / "policy.md").read_text(encoding="utf-8")
    rows = [
        line.split("|")[1].strip() for line in text.splitlines() if line[:2] == "| "
    ]
    listed = [key for key in rows if key[:1] in "SPMF" and key[1:2].isdigit()]
    assert (*listed, "T1", "T2", "T3") == KEYS


def test_sound_plan_keeps_the_cut() -> None:
    """A plan without departures keeps P1, P3, P5, P8, P9 and P12."""
    found = answers()
    for key in ("P1", "P3", "P5", "P8", "P9", "P12", "S1", "S2a", "S2b", "F1", "F6"):
        assert found[key].status == "met", found[key]
    assert "74家企业各属一个网格" in found["P9"].evidence


@pytest.mark.parametrize(
    ("key", "column", "words"),
    [("P3", "n_other_category", "其他行业企业3家"), ("P8", "n_other_unit", "企业3家")],
)
def test_guests_are_departures(key: str, column: str, words: str) -> None:
    """Guests of another category or unit turn P3 or P8 into a departure, counted."""
    partition = make_partition()
    partition.grids.loc["331083001-industry-02", column] = 3
    row = answers(partition)[key]
    assert row.status == "departed"
    assert "1个网格" in row.evidence
    assert words in row.evidence
    assert "331083001-industry-02" in row.evidence


@pytest.mark.parametrize("size", [14, 26])
def test_size_outside_the_band_is_a_departure(size: int) -> None:
    """One grid below 15 or above 25 makes P5 a departure that names the grid."""
    sizes = {**SIZES, ("331083400", "industry"): (size,)}
    row = answers(make_partition(sizes))["P5"]
    assert row.status == "departed"
    assert "4个网格中1个不在15至25家之内（331083400-industry-01）" in row.evidence


def test_another_target_is_a_choice() -> None:
    """A target other than 20 is a choice, and the evidence names it."""
    partition = make_partition()
    partition.rules = GridRules(target=18, least=15, most=25)
    row = answers(partition)["P5"]
    assert row.status == "choice"
    assert "目标18家" in row.evidence


@pytest.mark.parametrize("damage", ["dropped", "doubled", "astray"])
def test_broken_partition_is_a_departure(damage: str) -> None:
    """An enterprise without grid, twice placed or in no known grid breaks P9."""
    partition = make_partition()
    placed = partition.enterprises
    if damage == "dropped":
        partition.enterprises = placed.iloc[1:]
    elif damage == "doubled":
        partition.enterprises = pd.concat([placed, placed.iloc[:1]])
    else:
        partition.enterprises = placed.assign(
            grid_id=placed["grid_id"].where(placed.index != "E0003", "elsewhere")
        )
    frame = check_clauses(
        partition, assign_roles(make_partition()), set_budget(make_partition())
    )
    assert frame.set_index("key").loc["P9", "status"] == "departed"


def test_nothing_is_claimed_that_the_plan_does_not_know() -> None:
    """A status that the scenario assumes is a choice; money and duties are planned."""
    assumed = answers(register=RegisterRules(status="above_scale"))["P7"]
    assert assumed.status == "choice"
    assert "按情景一律视同“四上”企业" in assumed.evidence
    found = answers()
    assert "不列为个人报酬（本项目理解）" in found["F4"].evidence
    for key in ("M1", "M2", "M9", "T1", "T2", "T3"):
        assert "以实际" in found[key].evidence


def test_second_level_grids_without_enterprise_grids_still_count() -> None:
    """P10 tells all second-level grids from those that have enterprise grids."""
    partition = make_partition()
    n_all = len(partition.register.units.codes)
    n = partition.grids["unit"].nunique()
    assert n < n_all
    assert f"共{n_all}个，其中{n}个设有企业网格" in answers(partition)["P10"].evidence


def test_share_nearer_elsewhere_counts_the_unclear() -> None:
    """Two enterprises that swap their grids are the only ones nearer elsewhere."""
    partition = make_partition()
    assert share_nearer_elsewhere(partition) == 0
    swap = {"E0019": "331083001-industry-02", "E0037": "331083001-industry-01"}
    placed = partition.enterprises
    for enterprise, grid in swap.items():
        placed.loc[enterprise, "grid_id"] = grid
    assert share_nearer_elsewhere(partition) == pytest.approx(2 / len(placed))


def test_choices_are_told_with_their_values() -> None:
    """What the text leaves open is a choice that names the value in force."""
    money = BudgetRules(rounding="floor_low", bureau_payer="township")
    found = answers(money=money)
    assert found["F7"].status == found["F2"].status == "choice"
    assert "向下取整" in found["F7"].evidence
    assert "（本情景选定）" in found["F7"].evidence
    assert "10,000元" in found["F2"].evidence
    assert "（默认）" in answers()["F7"].evidence


def test_money_that_differs_from_the_text_is_a_departure() -> None:
    """Another rate, other shares or a pass rate below 80 % depart from F1, F6, F5."""
    money = BudgetRules(
        activity_yuan=600,
        star_percents=(100, 0, 0),
        prizes_yuan=(1000, 1000, 1000),
        floor="none",
        pass_percent=70,
    )
    found = answers(money=money)
    assert [found[key].status for key in ("F1", "F5", "F6")] == ["departed"] * 3
    assert "每人每年600元" in found["F1"].evidence
    assert "玉城街道" in found["F5"].evidence
    assert answers()["F5"].status == "choice"


def test_groomed_firms_left_out_is_a_departure() -> None:
    """Leaving groomed firms out departs from P7 and counts them."""
    partition = make_partition()
    partition.register.left_out = {"groomed": 12}
    row = answers(partition, register=RegisterRules(groomed="out"))["P7"]
    assert row.status == "departed"
    assert "12家" in row.evidence
    assert answers()["P7"].status == "met"


def test_township_keeping_construction_is_a_choice() -> None:
    """Without the bureau's own firms P11 and S2b are choices that say so."""
    sizes = {key: value for key, value in SIZES.items() if key[0] != "zjj"}
    found = answers(make_partition(sizes), grids=GridRules(bureau_owns=False))
    assert found["P11"].status == found["S2b"].status == "choice"
    assert "乡镇（街道）管理" in found["S2b"].evidence


def test_vacancies_are_departures() -> None:
    """Grids without head depart from S4, and the evidence counts them by post."""
    row = answers()["S4"]
    assert row.status == "departed"
    assert "共4个企业网格（未提供人员表）：网格长全部空缺" in row.evidence
    partition = make_partition()
    roster = assign_roles(partition)
    filled = replace(roster, posts=roster.posts.assign(is_vacant=False))
    assert answers(partition, filled)["S4"].status == "met"


def test_missing_offices_are_departures() -> None:
    """A unit without head departs from S2a, a city without members from S1."""
    partition = make_partition()
    roster = assign_roles(partition)
    posts = roster.posts
    is_head = (posts["grid_id"] == "331083002") & (posts["role"] == "head")
    is_member = (posts["level"] == 1) & (posts["role"] == "member")
    found = answers(partition, replace(roster, posts=posts[~(is_head | is_member)]))
    assert found["S1"].status == found["S2a"].status == "departed"
    assert "坎门街道缺网格长" in found["S2a"].evidence
    assert "网格员22名" in found["S1"].evidence


def test_work_areas_are_assumed_until_given() -> None:
    """Assumed work areas are a choice (暂定), given ones are met."""
    partition = make_partition()
    assert answers(partition)["S3"].status == "choice"
    areas = partition.register.work_areas
    given = replace(areas, frame=areas.frame.assign(is_assumed=False))
    partition.register.work_areas = given
    assert answers(partition)["S3"].status == "met"


def test_staff_minima_need_a_staff_table(tmp_path: Path) -> None:
    """M6 is outside without a staff table, a departure where people are missing."""
    assert answers()["M6"].status == "outside"
    path = tmp_path / "staff.csv"
    lines = "unit,person_id,name,role,specialities,max_grids\n331083001,P1,甲,head,,\n"
    path.write_text(lines, encoding="utf-8")
    row = answers(roles=RoleRules(staff=str(path)))["M6"]
    assert row.status == "departed"
    assert "玉城街道" in row.evidence
    low = RoleRules(staff_least={"street": 3})
    assert answers(roles=low)["M6"].status == "departed"


def test_survivors_are_counted() -> None:
    """With a previous plan P13 counts survivors and movers."""
    partition = make_partition()
    placed = partition.enterprises
    partition.enterprises = placed.assign(
        previous_grid_id=placed["grid_id"].where(placed.index != "E0000", "old")
    )
    row = answers(partition)["P13"]
    assert "存续企业74家，其中调整企业1家" in row.evidence


def test_calendar_has_every_duty() -> None:
    """M1 and M2 stand in twelve months, M4 in four, T1 to T3 in theirs."""
    due = duty_calendar(assign_roles(make_partition()), 2026)
    n = due.groupby("clause").size()
    assert (n["M1"], n["M2"], n["M3"]) == (12, 12, 1)
    assert n["M4"] == 4 * 4
    months = due.set_index("clause")["month"]
    assert [int(months[key]) for key in ("T1", "T2", "T3")] == [3, 4, 12]
    assert due["month"].dropna().is_monotonic_increasing
    assert set(due["year"]) == {2026}
    n_who = due.drop_duplicates("clause").set_index("clause")["n_who"]
    # 12 townships and the bureau, 12 townships, 4 enterprise grids
    assert (n_who["M1"], n_who["M2"], n_who["M3"]) == (13, 12, 4)


def test_calendar_says_whose_frequency_it_is() -> None:
    """What the text fixes and what we chose are told apart; months are settings."""
    rules = CalendarRules(activity_months=(5, 11), appraise_month=10)
    due = duty_calendar(assign_roles(make_partition()), rules=rules)
    activities = due[due["clause"] == "M4"]
    assert set(activities["month"]) == {5, 11}
    assert set(activities["frequency_source"]) == {"次数为本项目选定"}
    assert set(due.loc[due["clause"] == "M1", "frequency_source"]) == {"文件规定"}
    assert due.loc[due["clause"] == "T3", "month"].tolist() == [10]
    assert due["year"].isna().all()


def test_documents_owed() -> None:
    """The five kinds of documents of M10 and the yearly plan are listed."""
    owed = documents_owed()
    assert set(owed["clause"]) == {"M10", "M3"}
    text = "".join(owed["document"])
    for word in ("工作方案", "考核方案", "细则", "培训计划", "责任清单"):
        assert word in text
