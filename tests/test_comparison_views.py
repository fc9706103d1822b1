"""How a comparison is shown: the same numbers in words, escaped, the same bytes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest

from gridopt.comparison import Comparison, compare_outcomes
from gridopt.views import comparison as views
from gridopt.views.comparison import write_comparison_page, write_comparison_workbook
from gridopt.views.drawing import draw_outlines
from gridopt.views.filters import show_filters

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert('x')</script>=1+1"
SUMMARY = {
    "n_blocks": 1, "n_exceptions": 0, "travel_m": 1_234_567.0, "gap_share": 0.00845,
    "activity_yuan": 2_000_000, "award_yuan": 300, "total_yuan": 2_000_300,
    "least_yuan": 2_000_000, "most_yuan": 2_005_000, "arrears_paid_yuan": 0,
    "n_movers": None, "n_forced": None,
}  # fmt: skip
BASE = {"A": "g1", "B": "g1", "C": "g1", "D": "g2", "E": "g2"}
MOVED = {"A": "x", "B": "x", "C": "y", "D": "y", "E": "y"}


def people_needed(n_grids: int) -> pd.DataFrame:
    """Say that each grid needs a head and that a few posts are vacant."""
    vacant = ("n_vacant_heads", "n_vacant_deputies", "n_vacant_instructors")
    return pd.DataFrame({"heads_needed": [n_grids], **dict.fromkeys(vacant, 1)})


def make_outcome(
    name: str,
    grids: dict[str, str],
    rounding: tuple[str, str] = ("cum_half_up", "由高星级累计，四舍五入"),
    **summary: Any,
) -> SimpleNamespace:
    """Make an outcome of enterprises in grids, given as {enterprise: grid}."""
    plan = pd.DataFrame(
        {"grid_id": grids, "name": {key: f"={key}厂<b>" for key in grids}}
    ).rename_axis("enterprise_id")
    table = plan.groupby("grid_id").size().rename("size").to_frame()
    table["grid_name"] = [f"玉城街道{grid}网格" for grid in table.index]
    value, value_zh = rounding
    told = {
        **SUMMARY, "n_eligible": len(plan), "n_grids": len(table), **summary
    }  # fmt: skip
    known = _make_register(plan)
    table = table.assign(
        unit="A", category="industry", radius_m=0.0, is_exception=False,
        medoid_id=[plan.index[plan["grid_id"] == grid][0] for grid in table.index],
    )  # fmt: skip
    return SimpleNamespace(
        scenario=SimpleNamespace(name=name, title=f"{name}{HOSTILE}", date=None),
        register=known,
        partition=SimpleNamespace(
            register=known, enterprises=plan, grids=table,
            exceptions=pd.DataFrame({"clause": []}),
        ),
        clauses=pd.DataFrame({"status": ["departed", "met"]}),
        budget=SimpleNamespace(
            lines=pd.DataFrame({"payer": ["czj"], "amount_yuan": [told["total_yuan"]]}),
            counts=None,
            settlement=None,
        ),
        roster=SimpleNamespace(
            members=pd.Series(1, index=table.index),
            needed=people_needed(len(table)),
        ),
        choices=[
            {"setting": "money.rounding", "clause": "F7", "label": "星级人数取整",
             "value": value, "value_zh": value_zh},
        ],
        summary=told,
    )  # fmt: skip


def _make_register(plan: pd.DataFrame) -> SimpleNamespace:
    """Give the enterprises of a plan places in a row."""
    east = [121.2 + 0.01 * "ABCDE".index(key) for key in plan.index]
    places = pd.DataFrame({"longitude": east, "latitude": 28.1}, index=plan.index)
    return SimpleNamespace(
        is_synthetic=True, sha256="r", units=SimpleNamespace(get=lambda _: None),
        file=f"{HOSTILE}.csv",
        enterprises=places, classification=SimpleNamespace(name_zh=lambda key: key),
    )  # fmt: skip


@pytest.fixture
def comparison() -> Comparison:
    """Give two scenarios: other grids, other rounding, less money, no bound."""
    other = make_outcome(
        "floor-low",
        MOVED,
        ("floor_low", "向下取整"),
        total_yuan=1_989_300,
        travel_m=1_000_000.0,
        gap_share=None,
    )
    return compare_outcomes([make_outcome("base", BASE), other])


def rows_of(sheet: Any) -> list[list[object]]:
    """List what the rows of a sheet hold, empty cells left out."""
    found = sheet.iter_rows(values_only=True)
    return [[cell for cell in row if cell is not None] for row in found]


def test_the_workbook_has_three_sheets_and_their_numbers(
    comparison: Comparison, tmp_path: Path
) -> None:
    """Settings in words, results as numbers, companions with the names of grids."""
    write_comparison_workbook(comparison, tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    assert book.sheetnames == ["设置差异", "测算结果", "同格企业变化"]
    inputs, results, companions = (rows_of(book[name]) for name in book.sheetnames)
    assert inputs[-1] == ["星级人数取整", "F7", "由高星级累计，四舍五入", "向下取整"]
    told = {row[0]: row[1:] for row in results if len(row) == 5}
    assert told["指标"] == [
        "单位", "base\n（基准）", "floor-low", "floor-low\n较基准增减"
    ]  # fmt: skip
    assert told["合计"] == ["元", 2_000_300, 1_989_300, -11_000]
    assert told["到中心企业距离合计"] == ["公里", 1234.57, 1000, -234.57]
    assert told["与理论下界的差距"] == ["%", 0.845, "未知", "—"]
    last = companions[-1]
    assert last == ["E", "=E厂<b>", "玉城街道g2网格", "玉城街道y网格", 0, 1]


def test_numbers_are_formatted_as_a_spreadsheet_prints_them(
    comparison: Comparison, tmp_path: Path
) -> None:
    """Whole numbers end in no point; what is measured has two decimals."""
    write_comparison_workbook(comparison, tmp_path / "c.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx")["测算结果"]
    formats = {
        row[0].value: [cell.number_format for cell in row[2:]]
        for row in sheet.iter_rows(min_row=8)
    }
    assert formats["合计"] == ["#,##0", "#,##0", "+#,##0;-#,##0;0"]
    decimal = ["#,##0.00", "#,##0.00", "+#,##0.00;-#,##0.00;0"]
    assert formats["到中心企业距离合计"] == decimal


def test_nothing_in_the_workbook_runs(comparison: Comparison, tmp_path: Path) -> None:
    """A name that begins with an equals sign is text, and stays text when edited."""
    write_comparison_workbook(comparison, tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    runnable = [cell for cell in cells if str(cell.value).startswith("=")]
    assert len(runnable) == len(BASE)
    assert all(cell.quotePrefix for cell in runnable)


def test_a_plan_of_other_exceptions_is_drawn_again(tmp_path: Path) -> None:
    """The dashed outlines are those of each scenario; plans alike are drawn once."""
    outcomes = [make_outcome(name, BASE) for name in ("base", "dear", "wide")]
    outcomes[2].partition.grids["is_exception"] = True
    write_comparison_page(compare_outcomes(outcomes), tmp_path / "c.html")
    captions = re.findall(
        r"<figcaption>(.*?)：", (tmp_path / "c.html").read_text("utf-8")
    )
    assert captions == ["<b>base、dear</b>（划分相同）", "<b>wide</b>"]


class _Loads(HTMLParser):
    """What a page would load or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note scripts, links and every attribute that points elsewhere."""
        if tag in ("script", "link", "img", "iframe", "object"):
            self.found.append((tag, ""))
        self.found += [(tag, key) for key, _ in attrs if key in ("src", "href")]


def test_the_page_is_escaped_and_loads_nothing(
    comparison: Comparison, tmp_path: Path
) -> None:
    """Titles and names of others are text; of code there is the page's own alone."""
    write_comparison_page(comparison, tmp_path / "c.html")
    text = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert _Loads(text).found == [("script", "")]
    assert not re.search(r"url\(|@import|https?://", text)
    assert text.count("&lt;script&gt;") == 3
    assert "=E厂&lt;b&gt;" in text


def test_the_page_shows_the_numbers_of_the_workbook(
    comparison: Comparison, tmp_path: Path
) -> None:
    """Thousands, signs, units; 0.845 is 0.85 as in a spreadsheet; unknown is said."""
    write_comparison_page(comparison, tmp_path / "c.html")
    text = (tmp_path / "c.html").read_text(encoding="utf-8")
    rows = [
        re.findall(r"<td[^>]*>([^<]*)</td>", row)
        for row in re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL)
    ]
    told = {row[0]: row[1:] for row in rows if row}
    assert told["合计"] == ["元", "2,000,300", "1,989,300（-11,000）"]
    assert told["与理论下界的差距"] == ["%", "0.85", "未知"]
    differs, same = text.split("没有不同的指标", 1)
    assert ("企业网格</td>" in differs, "企业网格</td>" in same) == (False, True)
    assert told["企业网格"] == ["个", "2", "2"]
    assert told["星级人数取整"][-1] == "向下取整"
    assert "floor-low：与基准情景相比，5家企业的同格企业发生变化。" in text
    assert "合成数据" in text


def test_the_reader_is_told_what_the_numbers_do_not_say(tmp_path: Path) -> None:
    """Distances of plans with more grids are shorter for that alone."""
    apart = {key: f"g{key}" for key in BASE}
    for grids, is_said in ((apart, True), (MOVED, False)):
        pair = [make_outcome("base", BASE), make_outcome("other", grids)]
        write_comparison_page(compare_outcomes(pair), tmp_path / "c.html")
        text = (tmp_path / "c.html").read_text(encoding="utf-8")
        assert ("各情景的网格个数不同" in text) == is_said
        assert "不说明哪个情景更好" in text
        # the bill of these stand-ins cannot be reckoned
        assert "simulate_awards" in text


def test_the_baseline_is_marked_wherever_it_stands(tmp_path: Path) -> None:
    """With the second as baseline the first has the differences."""
    dear = make_outcome("base", BASE, total_yuan=2_000_301, gap_share=None)
    pair = [dear, make_outcome("other", MOVED)]
    write_comparison_page(compare_outcomes(pair, "other"), tmp_path / "c.html")
    text = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert re.search(r"other：[^<]*（基准情景）", text)
    assert not re.search(r"base：[^<]*（基准情景）", text)
    assert re.search(r"<th[^>]*>other\s*（基准）", text)
    assert '<td class="n">2,000,301（+1）</td><td class="n">2,000,300</td>' in text
    assert "base，与基准情景相比：经费合计2,000,301元（多1元）" in text


def test_equal_scenarios_say_so(tmp_path: Path) -> None:
    """No empty table without a word, on the page as in the workbook."""
    pair = [make_outcome("base", BASE), make_outcome("other", BASE)]
    told = compare_outcomes(pair)
    write_comparison_page(told, tmp_path / "c.html")
    write_comparison_workbook(told, tmp_path / "c.xlsx")
    text = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert text.count("没有不同。") == 3
    assert "other：与基准情景相比，没有企业的同格企业发生变化。" in text
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    for name in ("设置差异", "同格企业变化"):
        assert rows_of(book[name])[-1] == ["没有不同。"]


def test_a_plan_is_drawn_once(comparison: Comparison, tmp_path: Path) -> None:
    """Scenarios that cut alike share a map, and its caption names both."""
    alike = make_outcome("money", BASE, total_yuan=1)
    three = compare_outcomes([*comparison.outcomes, alike])
    write_comparison_page(three, tmp_path / "c.html")
    text = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 2
    assert "<b>base、money</b>（划分相同）" in text
    assert 'data-of="plan-2">2个网格</span>' in text


def test_many_scenarios_are_spread_over_tables_that_fit(tmp_path: Path) -> None:
    """Eight stand in one table; of more each table has the baseline beside others."""
    many = [make_outcome(f"s{i}", BASE, total_yuan=i) for i in range(1, 14)]
    for n, heads in (
        (8, [[1, 2, 3, 4, 5, 6, 7, 8]]),
        (13, [[1, 2, 3, 4, 5, 6, 7, 13], [8, 9, 10, 11, 12, 13]]),
    ):
        write_comparison_page(compare_outcomes(many[:n], f"s{n}"), tmp_path / "c.html")
        text = (tmp_path / "c.html").read_text(encoding="utf-8")
        part = text.split('<div class="compared">')[1].split("</div>")[0]
        shown = [
            [int(name) for name in re.findall(r'<th class="n">s(\d+)', table)]
            for table in part.split("<table>")[1:]
        ]
        assert shown == heads
        rows = re.findall(r"<tr><td>合计</td>.*?</tr>", part)
        assert [row.count('"n"') for row in rows] == [len(head) for head in heads]


def test_the_choices_name_what_any_plan_has() -> None:
    """A scenario that divides the industries otherwise names its own."""
    first, other = (make_outcome(name, BASE).partition for name in "ab")
    other.grids["category"] = "commerce"
    other.register.classification = SimpleNamespace(name_zh={"commerce": "商贸"}.get)
    text = show_filters([first, other])
    assert '<option value="commerce">商贸</option>' in text
    assert '<option value="industry">industry</option>' in text


def test_maps_to_compare_have_one_frame_and_one_plane(tmp_path: Path) -> None:
    """A firm that only one scenario takes in shifts no map against the other."""
    fewer = {key: grid for key, grid in BASE.items() if key not in "AB"}
    pair = [make_outcome("base", BASE), make_outcome("other", fewer)]
    first, second = draw_outlines([one.partition for one in pair])
    frames = [re.search(r'viewBox="([^"]*)"', one)[1] for one in (first, second)]
    assert frames[0] == frames[1]
    # the grid of D and E is the same in both
    outline = re.findall(r'class="h" d="([^"]*)"', first)[1]
    assert outline in second


def test_the_sheet_of_results_begins_with_the_conclusions(
    comparison: Comparison, tmp_path: Path
) -> None:
    """What each scenario comes to stands above the figures."""
    write_comparison_workbook(comparison, tmp_path / "c.xlsx")
    rows = rows_of(openpyxl.load_workbook(tmp_path / "c.xlsx")["测算结果"])
    told = [row[0] for row in rows if len(row) == 1]
    assert set(comparison.sentences) <= set(told)


def test_who_only_one_scenario_has_is_not_counted_as_zero(tmp_path: Path) -> None:
    """The grid of the other scenario says 未划入 and its counts stay empty."""
    fewer = {key: grid for key, grid in BASE.items() if key != "E"}
    pair = [make_outcome("base", BASE), make_outcome("other", fewer)]
    write_comparison_workbook(compare_outcomes(pair), tmp_path / "c.xlsx")
    rows = rows_of(openpyxl.load_workbook(tmp_path / "c.xlsx")["同格企业变化"])
    assert rows[-1] == ["E", "=E厂<b>", "玉城街道g2网格", "未划入"]


def test_many_companions_stay_in_their_table(
    comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of a city says how many there are and where they stand."""
    monkeypatch.setattr(views, "MOST_COMPANIONS", 4)
    write_comparison_page(comparison, tmp_path / "c.html")
    text = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert "共5家，逐家情况见 comparison.xlsx、companions.csv。" in text
    assert "E厂" not in text


@pytest.mark.parametrize(
    ("write", "name"),
    [(write_comparison_page, "c.html"), (write_comparison_workbook, "c.xlsx")],
)
def test_two_writes_give_the_same_bytes(
    comparison: Comparison, tmp_path: Path, write: Any, name: str
) -> None:
    """No clock, path or order is in either file."""
    places = [tmp_path / folder / name for folder in ("one", "two")]
    for place in places:
        place.parent.mkdir()
        write(comparison, place)
    assert places[0].read_bytes() == places[1].read_bytes()
