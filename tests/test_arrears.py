"""Awards of earlier years unpaid: on lines of their own, in every total, recomputed."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pytest
from made_results import results_of, scored
from spreadsheet import OFFICE, find_differences, recompute

from gridopt import views
from gridopt.archive import read_table, write_budget, write_run
from gridopt.awards import AwardRules
from gridopt.budget import budget_counts
from gridopt.geography import read_units
from gridopt.measures import measure_outcomes
from gridopt.outcome import run_scenario
from gridopt.payments import budget_results
from gridopt.scenario import Scenario
from gridopt.terms import BudgetRules
from gridopt.verification import verify_run
from gridopt.views.accounts import write_accounts

ROWS = [
    *scored(*range(60, 68), 90, 91, unit="331083001"),
    *scored(55, 58, 71, unit="331083002"),
]
CASES = {
    "no cap": {},
    "enough": {"appropriation_yuan": 100_000},
    "deferred again": {"appropriation_yuan": 9_000, "shortfall": "defer"},
    "scaled": {"appropriation_yuan": 9_000, "shortfall": "scale"},
    "reduced": {"appropriation_yuan": 20_000, "shortfall": "reduce"},
    "a gap": {"appropriation_yuan": 9_000},
    "all for arrears": {"appropriation_yuan": 4_000, "shortfall": "defer"},
    "shared": {"award_percents": {"czj": 67, "departments": 33}},
}
OWED = 5_001


def settle(case, owed=OWED):
    """Settle the rows under one of the cases."""
    rules = BudgetRules(**{"tie_key": ("person_id",), **CASES[case]})
    rules = rules.model_copy(update={"deferred_yuan": owed})
    return budget_results(results_of(ROWS), rules, year=2023)


@pytest.mark.parametrize("case", CASES)
def test_arrears_stand_on_lines_of_their_own(case):
    """What is paid of arrears is in the total, in no unit, and in nobody's award."""
    budget = settle(case)
    paid = budget.payment.arrears_paid_yuan
    assert paid == min(OWED, CASES[case].get("appropriation_yuan", OWED))
    own = budget.lines[budget.lines["arrears_yuan"] > 0]
    assert own["amount_yuan"].sum() == own["arrears_yuan"].sum() == paid
    assert set(own["unit"]) == {""} and set(own["item"]) == {"award"}
    assert set(own["fiscal_year"]) == {2024} and own["members"].sum() == 0
    assert budget.award_yuan == budget.payment.paid_yuan
    assert budget.award_yuan == budget.awards["amount_yuan"].sum()
    parts = budget.activity_yuan, budget.award_yuan, budget.arrears_yuan
    assert budget.total_yuan == sum(parts) == budget.lines["amount_yuan"].sum()
    assert budget.least_yuan == budget.most_yuan == budget.total_yuan


@pytest.mark.parametrize("case", CASES)
def test_nothing_owed_is_lost_or_doubled(case):
    """Owed and due are what is paid, carried over or cut; the totals say so."""
    told = settle(case).totals
    cut = told["due_yuan"] - told["paid_yuan"]
    kept = cut if CASES[case].get("shortfall") == "defer" else 0
    assert told["deferred_yuan"] == OWED - told["arrears_paid_yuan"] + kept
    spent = told["arrears_paid_yuan"] + told["paid_yuan"]
    cap = CASES[case].get("appropriation_yuan")
    assert told["gap_yuan"] == (0 if cap is None else max(0, spent - cap))


def test_two_years_add_up_to_the_bills():
    """What one year defers the next pays first: the two years pay both bills."""
    first = settle("deferred again", owed=0)
    owed = first.totals["deferred_yuan"]
    assert owed > 0
    rules = BudgetRules(tie_key=("person_id",), deferred_yuan=owed)
    second = budget_results(results_of(ROWS), rules, year=2024)
    spent = sum(one.award_yuan + one.arrears_yuan for one in (first, second))
    assert spent == 2 * first.totals["due_yuan"]


def test_a_planned_budget_provides_for_arrears():
    """Before any result the arrears are needed in full, whatever the bounds."""
    rules = BudgetRules(deferred_yuan=OWED)
    with_, without = budget_counts({"a": 20}, rules), budget_counts({"a": 20})
    for name in ("total_yuan", "least_yuan", "most_yuan"):
        assert getattr(with_, name) == getattr(without, name) + OWED
    assert with_.award_yuan == without.award_yuan
    assert any("5,001元" in remark.message_zh for remark in with_.remarks)


def test_the_money_for_prizes_is_what_arrears_leave():
    """A chance to suffice is asked of the appropriation less the arrears."""
    rules = AwardRules(appropriation_yuan=9_000, deferred_yuan=OWED)
    assert (rules.arrears_paid_yuan, rules.prize_money_yuan) == (5_001, 3_999)
    assert AwardRules(deferred_yuan=OWED).prize_money_yuan is None
    poor = AwardRules(appropriation_yuan=10, deferred_yuan=OWED)
    assert (poor.arrears_paid_yuan, poor.prize_money_yuan) == (10, 0)


def test_arrears_that_are_not_paid_are_refused():
    """No budget may exist whose lines pay other arrears than its payment."""
    budget = settle("enough")
    lines = budget.lines.copy()
    lines.loc[lines["arrears_yuan"] > 0, ["amount_yuan", "arrears_yuan"]] = 5_000
    with pytest.raises(ValueError, match="arrears"):
        replace(budget, lines=lines)


def write_book(case, path):
    """Write the workbook of a case."""
    write_accounts(settle(case), Scenario(), path, units=read_units("yuhuan"))
    return openpyxl.load_workbook(path)


def fund_of(book):
    """Read labels and addresses of the part on where the award money goes."""
    sheet = book["经费预算"]
    rows = [row for row in sheet.iter_rows() if row[0].value]
    start = next(i for i, row in enumerate(rows) if "收支和结转" in row[0].value)
    return {row[0].value: row[5] for row in rows[start + 1 :]}


@pytest.mark.parametrize("case", CASES)
def test_the_workbook_shows_where_the_money_goes(tmp_path, case):
    """The sheet's formulas give what is paid first, carried, cut and missing."""
    book, told = write_book(case, tmp_path / "a.xlsx"), settle(case).totals
    values = recompute(book)
    assert not {"不一致", "不符"} & set(values.values())
    cells = fund_of(book)
    keys = {
        "支付以前年度未付": "arrears_paid_yuan", "支付本年度奖励": "paid_yuan",
        "结转下年度": "deferred_yuan", "缺口": "gap_yuan",
    }  # fmt: skip
    for label, key in keys.items():
        assert cells[label].data_type == "f"
        assert values["经费预算", cells[label].coordinate] == told[key], label
    texts = [cell.value for row in book["经费预算"].iter_rows() for cell in row]
    assert texts.count("以前年度未付星级奖励") >= 3  # by payer, by quarter, its line
    assert told["total_yuan"] in values.values()


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed here")
@pytest.mark.parametrize("case", ["no cap", "deferred again"])
def test_libreoffice_follows_the_money(tmp_path, case):
    """A real spreadsheet program, given no values, gives the same figures."""
    write_book(case, tmp_path / "a.xlsx")
    assert find_differences(tmp_path / "a.xlsx", tmp_path) == []


def test_files_tell_arrears(tmp_path):
    """`budget.csv` sums to the total of `summary.json`, arrears in a column of it."""
    import json

    folder = write_budget(settle("deferred again"), Scenario(), tmp_path / "money")
    lines = read_table(folder / "budget.csv")
    told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert lines["amount_yuan"].astype(int).sum() == told["total_yuan"]
    assert lines["arrears_yuan"].astype(int).sum() == told["arrears_paid_yuan"] == OWED


def test_a_run_with_arrears_is_verified(
    small_register, small_scenario, small_register_file, tmp_path
):
    """Its figures add up; the checker expects the line of arrears and finds it gone."""
    money = BudgetRules(deferred_yuan=OWED)
    outcome = run_scenario(small_register, replace(small_scenario, money=money))
    figures = {one.key: one.value for one, _ in measure_outcomes([outcome])}
    parts = [figures[f"{part}_yuan"] for part in ("activity", "award", "arrears")]
    assert parts[-1] == OWED and sum(parts) == figures["total_yuan"]
    views.write_workbook(outcome, tmp_path / "book.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "book.xlsx")["概要"]
    summed = {row[0].value: row[1].value for row in cells.iter_rows()}
    assert summed["以前年度未付星级奖励"] == OWED
    run = write_run(outcome, tmp_path / "run", is_tables_only=True)
    assert verify_run(run, small_register_file).falsehoods == ()
    lines = read_table(run / "budget.csv")
    lines[lines["arrears_yuan"] == "0"].to_csv(
        run / "budget.csv", index=False, encoding="utf-8-sig"
    )
    [one] = verify_run(run, small_register_file).falsehoods
    assert (one.file, one.found) == ("budget.csv", "|czj|award|2026")
