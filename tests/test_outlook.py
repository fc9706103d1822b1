"""What a budget has to reckon with, and how it is shown: risk, readings, workbook."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import openpyxl
import pandas as pd
import pytest
from made_results import results_of, scored
from spreadsheet import OFFICE, find_differences, recompute

from gridopt.appraisal import PassModel, bill_distribution
from gridopt.appraisal.calibration import assume, calibrate_passes
from gridopt.appraisal.outlook import doubt_bill, list_readings, look_ahead
from gridopt.awards import AwardRules
from gridopt.budget import budget_counts
from gridopt.geography import read_units
from gridopt.payments import budget_results
from gridopt.scenario import Scenario
from gridopt.terms import BudgetRules
from gridopt.views import plot_bills, plot_exceedance, plot_tornado
from gridopt.views.accounts import write_accounts

COUNTS = pd.DataFrame({"unit": ["331083001", "331083002"], "members": [40, 23]})
SHAKY = BudgetRules(unit_sd=0.5, city_sd=0.3)


def test_the_outlook_is_that_of_the_settings() -> None:
    """Chance and leniency come from the rules; without them the remark says so."""
    outlook = look_ahead(COUNTS, SHAKY)
    same = bill_distribution(COUNTS, SHAKY, PassModel(0.9, 0.5, 0.3))
    assert outlook.distribution.mean_yuan == same.mean_yuan
    assert "互不相关" not in outlook.remark_zh
    assert "互不相关" in look_ahead(COUNTS, BudgetRules()).remark_zh


def test_readings_leave_out_the_chosen_one() -> None:
    """Every other rounding, floor and level is held against the chosen ones."""
    changes = [one.change for one in list_readings(AwardRules(), COUNTS)]
    assert "rounding_cum_half_up" not in changes
    assert {"rounding_floor_low", "floor_none", "pool_city"} <= set(changes)
    assert "pool_grid" not in changes
    by_grid = COUNTS.assign(grid_id=["a", "b"])
    assert "pool_grid" in [one.change for one in list_readings(AwardRules(), by_grid)]


def test_doubt_adds_to_luck() -> None:
    """Variance of the mixture is luck and doubt together; no doubt where none is."""
    passed = pd.DataFrame({"unit": [1, 2, 3], "members": 40, "passed": [38, 30, 36]})
    doubt = doubt_bill(COUNTS, AwardRules(), calibrate_passes(passed))
    both = doubt.process_sd_yuan**2 + doubt.parameter_sd_yuan**2
    assert doubt.distribution.sd_yuan**2 == pytest.approx(both)
    assert doubt.parameter_sd_yuan > 1000
    sure = doubt_bill(COUNTS, AwardRules(), assume(PassModel(0.9, 0.5)))
    assert sure.parameter_sd_yuan == 0
    alone = bill_distribution(COUNTS, AwardRules(), PassModel(0.9, 0.5))
    assert sure.distribution.quantile(0.95) == alone.quantile(0.95)


def test_charts_show_what_they_are_given() -> None:
    """Curve, bars and totals carry the figures; titles are Chinese; Axes come back."""
    outlook = look_ahead(COUNTS, SHAKY)
    bill = outlook.distribution
    ax = plot_exceedance(bill, 90_000)
    told = "".join(text.get_text() for text in ax.texts)
    assert f"{bill.quantile(0.95) / 10_000:,.1f}万元" in told
    assert f"足额概率{bill.sufficiency(90_000):.1%}" in told
    ax = plot_tornado(outlook.changes)
    widths = [bar.get_width() for bar in ax.patches]
    expected = outlook.changes["p95_difference_yuan"].iloc[1:] / 10_000
    assert sorted(widths) == pytest.approx(sorted(expected))
    assert np.abs(widths[-1]) == max(np.abs(widths))
    budget = budget_counts(dict(COUNTS.itertuples(index=False)), year=2023)
    ax = plot_bills(budget, read_units("yuhuan"))
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [
        "玉城街道",
        "坎门街道",
    ]
    total = sum(bar.get_width() for bar in ax.patches) * 10_000
    assert total == pytest.approx(budget.total_yuan)
    plt.close("all")


def budget_of_counts():
    """Budget two units in the planned case."""
    return budget_counts(dict(COUNTS.itertuples(index=False)), SHAKY, year=2023)


def test_the_workbook_of_a_plan_recomputes(tmp_path) -> None:
    """Every formula of the planned case gives the engine's value; risk stands there."""
    budget = budget_of_counts()
    path = tmp_path / "budget.xlsx"
    outlook = look_ahead(budget.counts, budget.rules)
    units = read_units("yuhuan")
    write_accounts(budget, Scenario(), path, units=units, outlook=outlook)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        *(
            "经费预算",
            "星级奖励结算",
            "风险测算",
            "口径比较",
            "敏感性分析",
            "口径与选择",
            "核对",
        ),
    ]
    values = recompute(book)
    assert "不一致" not in values.values()
    assert list(values.values()).count("一致") == 3
    assert list(values.values()).count("符合") == 5
    assert budget.award_yuan in values.values()
    told = [cell.value for row in book["风险测算"].iter_rows() for cell in row]
    assert outlook.distribution.quantile(0.95) in told
    assert outlook.distribution.least_yuan in told


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"ties": "lift"},
        {"appropriation_yuan": 9_000, "shortfall": "scale"},
        {"appropriation_yuan": 9_000, "shortfall": "reduce"},
        {"pool": "city", "floor_level": "city"},
        {"award_percents": {"czj": 60, "departments": 40}},
    ],
)
def test_the_workbook_of_results_recomputes(tmp_path, choices) -> None:
    """Settled by results, with ties and cuts, no formula contradicts the engine."""
    rows = scored(*range(60, 68), 90, 90, unit="331083001")
    rows += scored(55, 58, 71, unit="331083002")
    rules = BudgetRules(**{"tie_key": ("person_id",), **choices})
    budget = budget_results(results_of(rows), rules, year=2023)
    path = tmp_path / "budget.xlsx"
    write_accounts(budget, Scenario(), path, units=read_units("yuhuan"))
    book = openpyxl.load_workbook(path)
    values = recompute(book)
    assert not {"不一致", "不符"} & set(values.values())
    sheet = book["星级评定名单"]
    named = [row[1].value for row in sheet.iter_rows() if row[1].value]
    assert sorted(set(named) - {"人员编号"}) == [f"p{i:02d}" for i in range(13)]
    paid = [row[9].value for row in sheet.iter_rows(min_row=4)][:13]
    assert sum(paid) == budget.award_yuan
    assert "同分处理" in book.sheetnames


def test_the_workbook_is_the_same_twice(tmp_path) -> None:
    """The same budget gives the same bytes."""
    budget = budget_of_counts()
    outlook = look_ahead(budget.counts, budget.rules)
    paths = [tmp_path / name for name in ("a.xlsx", "b.xlsx")]
    for path in paths:
        write_accounts(budget, Scenario(), path, outlook=outlook)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed here")
def test_libreoffice_settles_the_same(tmp_path) -> None:
    """A real spreadsheet program, given no values, settles the budget to the yuan."""
    path = tmp_path / "budget.xlsx"
    write_accounts(budget_of_counts(), Scenario(), path, units=read_units("yuhuan"))
    assert find_differences(path, tmp_path) == []


def test_a_contradiction_shows_on_the_checks(tmp_path) -> None:
    """A sum changed by hand is told as not agreeing, on the sheet of checks."""
    path = tmp_path / "budget.xlsx"
    write_accounts(budget_of_counts(), Scenario(), path)
    book = openpyxl.load_workbook(path)
    sheet = book["星级奖励结算"]
    heads = [row for row in sheet.iter_rows() if row[0].value == "单元"]
    prize = sheet.cell(heads[0][0].row + 1, 4)
    prize.value += 5
    values = recompute(book)
    told = {cell: value for (name, cell), value in values.items() if name == "核对"}
    assert "不符" in told.values()
