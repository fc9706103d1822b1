"""What no bill may be made of is refused with its place, whoever calls."""

from __future__ import annotations

import math
import sys

import pandas as pd
import pytest

from gridopt import cli
from gridopt.appraisal import bill_distribution, largest_membership, prize_scale
from gridopt.appraisal.model import PassModel
from gridopt.awards import settle_awards
from gridopt.budget import budget_counts, budget_members
from gridopt.errors import InputError
from gridopt.simulation import simulate_awards
from gridopt.terms import BudgetRules

ASKED_OF_A_TABLE = {
    "settled": settle_awards,
    "distribution": bill_distribution,
    "drawn": simulate_awards,
}


def refuse(ask, *said):
    """Have a call refused in words, Chinese and English, that name every place."""
    with pytest.raises(InputError) as caught:
        ask()
    for words in said:
        assert words in caught.value.message_zh
    assert caught.value.message_en.isascii()


@pytest.mark.parametrize("ask", ASKED_OF_A_TABLE.values(), ids=ASKED_OF_A_TABLE)
@pytest.mark.parametrize("number", [-3, 2.5, "20", True, None, math.nan, 20.0, 10**9])
def test_members_that_cannot_be_counted(ask, number):
    """A negative, fractional or missing number of members is told by row and unit."""
    members = pd.Series([20, number], dtype=object)
    table = pd.DataFrame({"unit": ["a", "b"], "members": members})
    refuse(lambda: ask(table), "members", f"第2行（b）{number!r}", "2行中有1行")


@pytest.mark.parametrize("ask", ASKED_OF_A_TABLE.values(), ids=ASKED_OF_A_TABLE)
@pytest.mark.parametrize("unit", [None, "", " ", math.nan])
def test_members_of_no_unit(ask, unit):
    """People of no unit are told, never left out of the bill."""
    table = pd.DataFrame({"unit": ["a", unit], "members": [20, 3]})
    refuse(lambda: ask(table), "unit 不能空缺", "2行中有1行", "第2行")


@pytest.mark.parametrize("ask", ASKED_OF_A_TABLE.values(), ids=ASKED_OF_A_TABLE)
@pytest.mark.parametrize("column", ["unit", "members"])
def test_a_table_that_lacks_a_column(ask, column):
    """The missing column is named."""
    table = pd.DataFrame({"unit": ["a"], "members": [20]}).drop(columns=column)
    refuse(lambda: ask(table), f"缺少列 {column}")


@pytest.mark.parametrize("dtype", ["int8", "uint16", "Int64", object])
def test_whole_numbers_of_any_type_are_counted(dtype):
    """Whole numbers are counted however pandas holds them."""
    table = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    told = table.astype({"members": dtype})
    for ask in ASKED_OF_A_TABLE.values():
        ask(told)
    assert settle_awards(told).amount_yuan == settle_awards(table).amount_yuan


def test_more_passes_than_members():
    """Nobody passes who is no member: the row is told."""
    table = pd.DataFrame({"unit": ["a", "b"], "members": [20, 3], "passed": [20, 4]})
    refuse(lambda: settle_awards(table), "passed", "第2行（b）4")


@pytest.mark.parametrize("column", ["unit", "place_unit", "grid_id"])
def test_a_list_of_members_with_gaps(column):
    """One person without unit, place or grid is told, not left out of the money."""
    row = {"unit": "a", "place_unit": "a", "grid_id": "g", "status": "above_scale"}
    people = pd.DataFrame([row, {**row, column: None}])
    refuse(lambda: budget_members(people), f"{column} 不能空缺", "第2行")
    lacking = people.drop(columns=column)
    refuse(lambda: budget_members(lacking), f"缺少列 {column}")


@pytest.mark.parametrize("unit", [None, "", "  ", math.nan, 331083001])
def test_bare_numbers_of_no_unit(unit):
    """A number of members of no unit, or of one that is no text, is told."""
    refuse(lambda: budget_counts({"a": 20, unit: 3}), f"{unit!r}=3", "2项中有1项")


@pytest.mark.parametrize("share", [1.5, -0.1, 60, 90, "0.9", math.nan, None])
def test_shares_that_are_none(share):
    """A chance above 1, or a per cent in its place, is told how to be written."""
    refuse(lambda: PassModel(share), "pass_share", "如90%写作0.9")
    shares = pd.Series([0.9, share], dtype=object)
    table = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    told = table.assign(pass_share=shares)
    for ask in (bill_distribution, simulate_awards):
        refuse(lambda ask=ask: ask(told), f"第2行（b）{share!r}", "如90%写作0.9")


@pytest.mark.parametrize("yuan", [0, -1, 1.5, "9000"])
def test_appropriations_of_nothing(yuan):
    """An appropriation of 0, or of no whole yuan, is refused wherever it is asked."""
    table = pd.DataFrame({"unit": ["a"], "members": [20]})
    bill = bill_distribution(table)
    for ask in (
        lambda: bill.sufficiency(yuan),
        lambda: largest_membership(yuan, table),
        lambda: prize_scale(yuan, table),
    ):
        refuse(ask, f"appropriation_yuan={yuan!r}")
    with pytest.raises(InputError, match="appropriation_yuan"):
        BudgetRules(appropriation_yuan=yuan)


SCENARIO = "title: t\nbasis: b\ndate: 2022-12-31\nmoney:\n"
SETTINGS = {
    "pass_percent: 120": "120",
    "pass_percent: 0.9": "0.9",
    "floor_percent: 101": "101",
    "star_percents: [0.6, 0.3, 0.1]": "0.6",
    "star_percents: [60, 30, 20]": "100",
    "appropriation_yuan: 0": "不小于1",
    "award_payer: tax": "czj",
    "bureau_payer: tax": "township",
    "award_percents: {tax: 100}": "departments",
    "award_percents: {czj: 60, departments: 30}": "90",
    "award_percents: {czj: 0.6, departments: 0.4}": "0.6",
    "deferred_yuan: -5": "-5",
}
TABLES = {
    "玉城街道,-3": "第2行 members '-3'",
    "玉城街道,2.5": "第2行 members '2.5'",
    "玉城街道,": "第2行 members ''",
    ",20": "第2行 unit ''",
    "月球街道,20": "第2行 unit '月球街道'",
}


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """Call `budget` with a scenario; give the exit status and all that was said."""

    def run(setting, *words):
        path = tmp_path / "s.yaml"
        path.write_text(f"{SCENARIO}  {setting}\n", encoding="utf-8")
        told = ["gridopt", "budget", path, "--out", tmp_path / "out", *words]
        monkeypatch.setattr(sys, "argv", list(map(str, told)))
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        assert not (tmp_path / "out").exists()
        return end.value.code, said.out + said.err

    return run


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_are_refused_with_their_line(call, setting):
    """A wrong share, payer or appropriation names file, line, setting and value."""
    status, said = call(setting, "--members", "20")
    assert status == 1
    assert "s.yaml:5" in said
    assert f"money.{setting.partition(':')[0]}" in said
    assert SETTINGS[setting] in said


@pytest.mark.parametrize("row", TABLES)
def test_rows_of_members_are_refused_with_their_number(call, tmp_path, row):
    """A wrong row of the table of members names row, column and value."""
    path = tmp_path / "members.csv"
    path.write_text(f"unit,members\n{row}\n", encoding="utf-8")
    status, said = call("pool: unit", "--members", path)
    assert status == 1
    assert TABLES[row] in said


@pytest.mark.parametrize("number", ["-3", "2.5", "1e3", "二十"])
def test_a_number_of_members_that_is_none(call, number):
    """A negative or fractional number on the command line makes no bill."""
    status, said = call("pool: unit", "--members", number)
    assert status in (1, 2)
    assert number in said
