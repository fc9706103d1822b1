"""The workbook: its sheets, live formulas that recompute, safe text, same bytes."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from spreadsheet import OFFICE, find_differences, recompute
from stand_in import HOSTILE, make_outcome, real_outcome

from gridopt.awards.rounding import count_stars
from gridopt.awards.rules import FLOOR_WORDS, ROUNDING_WORDS
from gridopt.terms import BudgetRules
from gridopt.views.formulas import LIVE_ROUNDINGS, Cells, star_formulas
from gridopt.views.workbook import SHEETS, write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

SETTLEMENT, BUDGET = "星级奖励结算", "经费预算"


def written(path: Path, **choices: Any) -> tuple[Any, openpyxl.Workbook]:
    """Write the stand-in under these rules; return it and the workbook read back."""
    outcome = make_outcome(rules=BudgetRules(**choices))
    # the roster is not what these tests are about, and it is most of the cells
    outcome.roster.posts = outcome.roster.posts.head(5)
    write_workbook(outcome, path)
    return outcome, openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the stand-in's workbook."""
    path = tmp_path_factory.mktemp("book") / "workbook.xlsx"
    write_workbook(make_outcome(), path)
    return path


@pytest.fixture(scope="module")
def book(file: Path) -> openpyxl.Workbook:
    """Give the stand-in's workbook, read back with its formulas."""
    return openpyxl.load_workbook(file)


def find_row(sheet: Worksheet, text: str, column: int = 1) -> int:
    """Find the row whose cell in a column is this text."""
    return next(
        row
        for row in range(1, sheet.max_row + 1)
        if sheet.cell(row, column).value == text
    )


def columns_of(sheet: Worksheet, row: int) -> dict[str, int]:
    """Map the headings of a row to their columns, line breaks left out."""
    return {
        str(cell.value).replace("\n", ""): cell.column
        for cell in sheet[row]
        if cell.value
    }


def test_sheets_are_the_contract(book: openpyxl.Workbook) -> None:
    """The eight sheets of the contract, in its order."""
    assert book.sheetnames == [
        "概要", "网格名册", "例外说明", "经费预算", "星级奖励结算", "口径与选择",
        "工作日历", "条款对照",
    ]  # fmt: skip
    assert tuple(book.sheetnames) == SHEETS


def test_pages_are_ready_to_print(book: openpyxl.Workbook) -> None:
    """A4 landscape, one page wide, frozen and repeated headings, page numbers."""
    for sheet in book:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (
            9,
            "landscape",
        )
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)  # 1 where left out
        assert sheet.freeze_panes
        assert "&P" in sheet.oddFooter.right.text
        if sheet.title != "概要":
            assert sheet.print_title_rows


def test_a_title_that_begins_with_a_year_stays_whole_in_the_footer(
    tmp_path: Path,
) -> None:
    """Digits after the font size of a footer would be read as part of the size."""
    outcome = make_outcome()
    outcome.scenario.title = "2026年末名录"
    write_workbook(outcome, tmp_path / "year.xlsx")
    for sheet in openpyxl.load_workbook(tmp_path / "year.xlsx"):
        assert sheet.oddFooter.left.size == 9
        assert sheet.oddFooter.left.text.strip().startswith("2026年末名录")


def test_bytes_are_the_same_twice(file: Path, tmp_path: Path) -> None:
    """Two workbooks of one outcome are the same file, dated as the scenario."""
    write_workbook(make_outcome(), tmp_path / "again.xlsx")
    assert file.read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    properties = openpyxl.load_workbook(file).properties
    assert properties.created == properties.modified == dt.datetime(2025, 3, 15)


def test_undated_scenarios_carry_no_clock(tmp_path: Path) -> None:
    """Without a date the file carries a fixed one, not today's."""
    outcome = make_outcome()
    outcome.scenario.date = None
    write_workbook(outcome, tmp_path / "a.xlsx")
    created = openpyxl.load_workbook(tmp_path / "a.xlsx").properties.created
    assert created == dt.datetime(2000, 1, 1)


def test_names_never_run(book: openpyxl.Workbook) -> None:
    """Names that look like formulas are text, and stay so when the cell is edited."""
    shown = {}
    for row in book["网格名册"].iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.column == 7:
                shown[cell.value] = cell
    for name in HOSTILE:
        cell = shown[re.sub("[\t\r]", " ", name)]
        assert cell.data_type == "s"
        if name[0] in "=+-@":
            assert cell.quotePrefix
    formulas = [
        cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert len(formulas) > 50
    assert not [text for text in formulas if "HYPERLINK" in text or "|" in text]


def test_ids_are_text(book: openpyxl.Workbook) -> None:
    """Ids of grids and enterprises are text: no digit is lost to a number."""
    sheet = book["网格名册"]
    head = find_row(sheet, "网格编号")
    columns = columns_of(sheet, head)
    ids = [sheet.cell(r, columns["企业编号"]) for r in range(head + 1, sheet.max_row)]
    found = [cell for cell in ids if cell.value]
    assert len(found) > 200
    assert all(cell.data_type == "s" and len(cell.value) == 18 for cell in found)


def test_roster_lists_everybody(book: openpyxl.Workbook) -> None:
    """Every post of the roster is one row; vacancies say 空缺."""
    outcome = make_outcome()
    sheet = book["网格名册"]
    head = find_row(sheet, "网格编号")
    columns = columns_of(sheet, head)
    rows = range(head + 1, sheet.max_row + 1)
    roles = [sheet.cell(r, columns["职务"]).value for r in rows]
    names = [sheet.cell(r, columns["姓名"]).value for r in rows]
    assert len([r for r in roles if r]) == len(outcome.roster.posts)
    assert names.count("空缺") == int(outcome.roster.posts["is_vacant"].sum())
    assert roles.count("网格成员") == len(outcome.partition.enterprises)


def test_exceptions_choices_and_clauses_are_listed(book: openpyxl.Workbook) -> None:
    """Each exception, choice and clause of the outcome has its row."""
    outcome = make_outcome()
    values = {
        name: {cell.value for row in book[name].iter_rows() for cell in row}
        for name in ("例外说明", "口径与选择", "条款对照", "工作日历")
    }
    assert set(outcome.partition.exceptions["explanation_zh"]) <= values["例外说明"]
    assert {choice["setting"] for choice in outcome.choices} <= values["口径与选择"]
    assert set(outcome.clauses["evidence"]) <= values["条款对照"]
    assert {"M1", "M2", "M3", "M4"} <= values["工作日历"]


def test_synthetic_data_are_announced(book: openpyxl.Workbook, tmp_path: Path) -> None:
    """A made-up register is named so on the first sheet, a real one is not."""
    texts = [str(cell.value) for row in book["概要"].iter_rows() for cell in row]
    assert any("合成数据" in text for text in texts)
    write_workbook(make_outcome(is_synthetic=False), tmp_path / "real.xlsx")
    real = openpyxl.load_workbook(tmp_path / "real.xlsx")
    assert not [
        cell.value
        for sheet in real
        for row in sheet.iter_rows()
        for cell in row
        if "合成数据" in str(cell.value)
    ]


def check_settlement(outcome: Any, book: openpyxl.Workbook) -> None:
    """Every formula gives the engine's figure; the settlement to the yuan."""
    values = recompute(book)
    sheet = book[SETTLEMENT]
    head = find_row(sheet, "单元")
    columns = columns_of(sheet, head)
    keys = {
        "合格（人）": "qualified", "一星级（人）": "star1", "二星级（人）": "star2",
        "三星级（人）": "star3", "奖励金额（元）": "amount_yuan",
        "最低可能（元）": "least_yuan", "最高可能（元）": "most_yuan",
    }  # fmt: skip
    for i, (_, pool) in enumerate(outcome.budget.awards.iterrows(), 1):
        for heading, key in keys.items():
            cell = sheet.cell(head + i, columns[heading])
            value = values.get((SETTLEMENT, cell.coordinate), cell.value)
            assert value == pool[key], (pool["pool"], heading, cell.value)
    checks = [v for v in values.values() if isinstance(v, str)]
    assert "不一致" not in checks
    money = book[BUDGET]
    row = find_row(money, "合计")
    engine = (
        outcome.budget.total_yuan,
        outcome.budget.least_yuan,
        outcome.budget.most_yuan,
    )
    found = tuple(values[BUDGET, money.cell(row, c).coordinate] for c in (6, 7, 8))
    assert found == engine


@pytest.mark.parametrize("rounding", sorted(ROUNDING_WORDS))
def test_formulas_give_the_engines_figures(tmp_path: Path, rounding: str) -> None:
    """Recomputed by other code, every rounding rule equals the engine to the yuan."""
    outcome, book = written(tmp_path / "a.xlsx", rounding=rounding)
    check_settlement(outcome, book)
    sheet = book[SETTLEMENT]
    row = find_row(sheet, "单元") + 1
    is_live = sheet.cell(row, 9).data_type == "f"
    assert is_live == (rounding in LIVE_ROUNDINGS)
    notes = "".join(str(sheet.cell(r, 1).value) for r in range(1, row))
    assert ("没有逐格公式" in notes) == (not is_live)


@pytest.mark.parametrize(
    ("rounding", "said"),
    [
        ("controlled", "统筹确定"),
        ("random", "按种子23抽签"),
        ("webster", "没有逐格公式"),
    ],
)
@pytest.mark.parametrize("pool", ["unit", "grid"])
def test_stars_that_are_numbers(
    tmp_path: Path, rounding: str, said: str, pool: str
) -> None:
    """Stars without a formula are numbers, said to be so; changed people show up."""
    rules = {"rounding": rounding, "draw_seed": 23, "pool": pool, "floor_level": pool}
    outcome, book = written(tmp_path / "a.xlsx", **rules)
    check_settlement(outcome, book)
    sheet = book[SETTLEMENT]
    first = find_row(sheet, "单元") + 1
    assert said in str(sheet.cell(1, 1).value) + str(sheet.cell(2, 1).value)
    assert {sheet.cell(first, c).data_type for c in (9, 10, 11, 13, 14)} == {"n"}
    assert sheet.cell(first, 12).data_type == "f"
    assert recompute(book)[SETTLEMENT, f"P{first}"] == "一致"
    sheet.cell(first, 7).value = int(outcome.budget.awards["qualified"].iloc[0]) - 1
    assert recompute(book)[SETTLEMENT, f"P{first}"] == "不一致"


@pytest.mark.parametrize("rounding", sorted(LIVE_ROUNDINGS))
@pytest.mark.parametrize("shares", [(60, 30, 10), (55, 28, 17), (50, 50, 0)])
def test_star_formulas_hold_for_every_number(
    rounding: str, shares: tuple[int, int, int]
) -> None:
    """For every number of qualified people, ties included, stars are the engine's."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row, share in enumerate(shares, 1):
        sheet.cell(row, 1, share)
    cells = Cells(("A1", "A2", "A3"), ("B1", "B2", "B3"), "C1", "C2")
    people = range(131)
    for q in people:
        sheet.cell(q + 1, 4, q)
        for i, text in enumerate(star_formulas(rounding, f"D{q + 1}", cells)):
            sheet.cell(q + 1, 5 + i, f"={text}")
    values = recompute(book)
    found = [[values[sheet.title, f"{c}{q + 1}"] for q in people] for c in "EFG"]
    assert found == [n.tolist() for n in count_stars(people, rounding, shares)]


@pytest.mark.parametrize("floor", sorted(FLOOR_WORDS))
@pytest.mark.parametrize("pool", ["unit", "grid", "city"])
def test_every_floor_and_pool(tmp_path: Path, floor: str, pool: str) -> None:
    """The formulas hold under every meaning of the floor and every pool."""
    outcome, book = written(
        tmp_path / "a.xlsx", floor=floor, pool=pool, floor_level=pool, pass_percent=74
    )
    check_settlement(outcome, book)


@pytest.mark.parametrize(
    "choices",
    [
        {"pool": "city", "floor_level": "unit"},
        {"pool": "grid", "floor_level": "city", "rounding": "ceil_top"},
        {"pool": "unit", "floor_level": "grid"},
        {"star_percents": (50, 33, 17), "prizes_yuan": (600, 1000, 3500)},
        {"star_percents": (55, 28, 17), "rounding": "largest_remainder_low"},
        {"activity_months": 7, "activity_yuan": 333, "award_year_offset": 0},
        {"bureau_payer": "none"},
        {"bureau_payer": "township", "activity_months": 5},
        {"pooled_yuan": 100_000},
    ],
)
def test_other_choices(tmp_path: Path, choices: dict[str, Any]) -> None:
    """Shares, prizes, months, payers and mixed levels equal the engine as well."""
    check_settlement(*written(tmp_path / "a.xlsx", **choices))


def test_changing_an_input_changes_the_bill(tmp_path: Path) -> None:
    """An auditor's change of a parameter or a member count runs through to the sum."""
    outcome, book = written(tmp_path / "a.xlsx")
    sheet = book[SETTLEMENT]
    row = find_row(sheet, "采用值")
    columns = columns_of(sheet, row - 1)
    before = outcome.budget.award_yuan
    sheet.cell(row, columns["一星级奖励（元/人）"]).value = 1_500
    first = find_row(sheet, "单元") + 1
    n_one = int(outcome.budget.awards["star1"].sum())
    total = find_row(sheet, "合计")
    values = recompute(book)
    assert values[SETTLEMENT, f"L{total}"] == before + 500 * n_one
    assert "不一致" in values.values()
    sheet.cell(first, 4).value += 10
    assert recompute(book)[SETTLEMENT, f"L{total}"] > before + 500 * n_one


def test_pooled_money_gives_a_gap(tmp_path: Path) -> None:
    """Both readings stand there; the gap follows the pooled money that is filled in."""
    outcome, book = written(tmp_path / "a.xlsx")
    money = book[BUDGET]
    row = find_row(money, "F9 · 三(四)5")
    assert recompute(book)[BUDGET, f"I{row}"] == "可统筹经费尚未提供"
    money.cell(row, 7).value = 100_000
    need = outcome.budget.award_yuan
    assert recompute(book)[BUDGET, f"I{row}"] == need - 100_000
    assert money.cell(row - 1, 1).value == "F6 · 三(四)5"


def test_quarters_add_up(book: openpyxl.Workbook) -> None:
    """The quarters of the cash plan sum to the whole budget."""
    values = recompute(book)
    sheet = book[BUDGET]
    rows = [r for r in range(1, sheet.max_row) if sheet.cell(r, 1).value == "合计"]
    quarters = sum(values[BUDGET, f"{c}{rows[1]}"] for c in "FGHI")
    assert quarters == make_outcome().budget.total_yuan


def test_cached_values_are_the_engines(file: Path, book: openpyxl.Workbook) -> None:
    """What a viewer shows without recomputing is what the formulas give."""
    cached = openpyxl.load_workbook(file, data_only=True)
    for (sheet, cell), value in recompute(book).items():
        assert cached[sheet][cell].value == pytest.approx(value), (sheet, cell)


def test_a_real_plan_makes_a_workbook(tmp_path: Path) -> None:
    """What the engine itself leads to recomputes to its own figures, to the yuan."""
    outcome = real_outcome()
    write_workbook(outcome, tmp_path / "real.xlsx")
    check_settlement(outcome, openpyxl.load_workbook(tmp_path / "real.xlsx"))


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed here")
def test_libreoffice_recomputes_the_same(file: Path, tmp_path: Path) -> None:
    """A real spreadsheet program, given no values, gives the engine's figures."""
    assert find_differences(file, tmp_path) == []
