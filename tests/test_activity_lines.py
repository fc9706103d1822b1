"""Activity money in the workbook: a formula that follows time, rate and members."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from made_results import results_of, scored
from spreadsheet import OFFICE, find_differences, recompute

from gridopt.budget import budget_counts, budget_members
from gridopt.geography import read_units
from gridopt.payments import budget_results
from gridopt.scenario import Scenario
from gridopt.terms import PARTS, BudgetRules, activity_parts, paid_time
from gridopt.views.accounts import write_accounts

SHEET = "经费预算"
COUNTS = {"331083001": 263, "331083002": 211, "331083003": 7, "zjj": 58}
HIGHER = {"since": "2022-10-01", "basis": "假设", "activity_yuan": 601}
RULES = {
    "months": {},
    "half months": {"proration": "half_months"},
    "days": {"proration": "days"},
    "not pro rata": {"proration": "whole"},
    "five months": {"activity_months": 5, "activity_yuan": 333},
    "a rate of its own": {"amendments": (HIGHER,)},
    "days and two rates": {"proration": "days", "amendments": (HIGHER,)},
}


def plan(case, year=2022):
    """Budget the counts under the rules of a case."""
    return budget_counts(COUNTS, BudgetRules(**RULES[case]), year=year)


def settle(case, year=2022, **choices):
    """Settle people who come and go under the rules of a case."""
    rows = [
        *scored(*range(70, 80), unit="331083001"),
        *scored(81, 82, unit="331083001", since="2022-08-15"),
        *scored(60, 61, unit="331083001", until="2022-09-29"),
        *scored(77, unit="331083002", since="2022-11-30"),
    ]
    rules = BudgetRules(**{**RULES[case], "tie_key": ("person_id",), **choices})
    return budget_results(results_of(rows, has_dates=True), rules, year=year)


def write_book(budget, path):
    """Write the workbook of a budget and read it back."""
    write_accounts(budget, Scenario(), path, units=read_units("yuhuan"))
    return openpyxl.load_workbook(path)


def lines_of(book):
    """List the rows of activity money below the heading of the single lines."""
    rows = list(book[SHEET].iter_rows())
    start = next(i for i, row in enumerate(rows) if row[0].value == "四、明细")
    return [row for row in rows[start:] if row[2].value == "网格工作活动经费"]


@pytest.mark.parametrize("case", RULES)
@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_paid_time_is_what_is_paid(case, year):
    """Rates and times of a year, multiplied, are its money in the finest parts."""
    rules = BudgetRules(**RULES[case])
    time = paid_time(rules, year)
    parts = sum(yuan * n * PARTS for yuan, n in time.spans)
    assert parts == int(activity_parts(rules, year).sum()) * time.whole


@pytest.mark.parametrize("case", RULES)
def test_planned_lines_are_live_to_the_yuan(tmp_path, case):
    """Every line of a planned 2022 is a formula and gives the engine's yuan."""
    budget = plan(case)
    book = write_book(budget, tmp_path / "a.xlsx")
    values, rows = recompute(book), lines_of(book)
    told = budget.lines[budget.lines["item"] == "activity"]["amount_yuan"].tolist()
    assert {row[5].data_type for row in rows} == {"f"}
    assert [values[SHEET, row[5].coordinate] for row in rows] == told
    assert not {"不一致", "不符"} & set(values.values())


@pytest.mark.parametrize("case", [name for name in RULES if "rate" not in name])
@pytest.mark.parametrize("membership", ["person_months", "snapshot", "ever"])
def test_settled_lines_are_live_to_the_yuan(tmp_path, case, membership):
    """With results the time in post stands there and the amount follows from it."""
    budget = settle(case, membership=membership)
    book = write_book(budget, tmp_path / "a.xlsx")
    values, rows = recompute(book), lines_of(book)
    told = budget.lines[budget.lines["item"] == "activity"]["amount_yuan"].tolist()
    assert {row[5].data_type for row in rows} == {"f"}
    assert [values[SHEET, row[5].coordinate] for row in rows] == told


def test_the_time_in_post_is_that_of_the_people(tmp_path):
    """Ten of seven months, two of five, two of three; one of two in the other unit."""
    rows = lines_of(write_book(settle("months"), tmp_path / "a.xlsx"))
    # until 29 September: June, July and August count
    assert [row[6].value for row in rows] == [10 * 7 + 2 * 5 + 2 * 3, 2]


def test_two_rates_in_a_year_of_results_are_said_to_be_numbers(tmp_path):
    """Where the rate changed and people came and went the line says why it is fixed."""
    rows = lines_of(write_book(settle("a rate of its own"), tmp_path / "a.xlsx"))
    assert {row[5].data_type for row in rows} == {"n"}
    assert all("标准有变动" in row[7].value for row in rows)


def test_another_rate_runs_through(tmp_path):
    """A doubled rate, or one more day, changes every line as the rules would."""
    book = write_book(plan("days"), tmp_path / "a.xlsx")
    sheet = book[SHEET]
    inputs = {row[0].value: row[3] for row in sheet.iter_rows() if row[3].value}
    inputs["网格工作活动经费（元/人·年）"].value = 1_000
    inputs["本年度计发天数"].value = 196
    assert inputs["全年天数"].value == 365
    rows, values = lines_of(book), recompute(book)
    found = [values[SHEET, row[5].coordinate] for row in rows]
    assert found == [(2 * 1_000 * 196 * m + 365) // 730 for m in COUNTS.values()]


def test_a_line_of_several_payers_is_said_to_be_shared(tmp_path):
    """The bureau's money by townships is shared out: numbers, and a note why."""
    places = ["331083001"] * 8 + ["331083002"] * 5
    members = pd.DataFrame({"unit": "zjj", "place_unit": places, "grid_id": "g"})
    members["status"] = "above_scale"
    rules = BudgetRules(bureau_payer="township", activity_months=7)
    budget = budget_members(members, rules, year=2023)
    assert budget.lines["amount_yuan"].tolist()[:2] == [2334, 1458]
    rows = lines_of(write_book(budget, tmp_path / "a.xlsx"))
    assert [row[5].value for row in rows] == [2334, 1458]
    assert all("最大余数法" in row[7].value for row in rows)


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed here")
@pytest.mark.parametrize("case", ["days and two rates", "half months"])
def test_libreoffice_pays_2022_pro_rata(tmp_path, case):
    """A real spreadsheet program, given no values, gives the same yuan."""
    write_book(plan(case), tmp_path / "a.xlsx")
    assert find_differences(tmp_path / "a.xlsx", tmp_path) == []


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed here")
def test_libreoffice_pays_people_who_come_and_go(tmp_path):
    """The same for results of 2022, by the months that each served."""
    write_book(settle("months"), tmp_path / "a.xlsx")
    assert find_differences(tmp_path / "a.xlsx", tmp_path) == []
