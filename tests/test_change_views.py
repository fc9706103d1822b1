"""A re-cut is shown as it is: sheets hold the frames, both maps the same places."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import openpyxl
import pandas as pd
import pytest

mpl.use("agg")
import matplotlib.pyplot as plt
from made_plans import UNIT, A, assign, tell
from matplotlib.collections import PathCollection
from stand_in import HOSTILE, make_outcome

import gridopt as go
from gridopt import views
from gridopt.adjustment import FLOWS, explain_adjustment
from gridopt.archive import read_table, write_run
from gridopt.errors import InputError
from gridopt.synth import write_synthetic
from gridopt.views.before_after import show_changes
from gridopt.views.labels import CHANGE_KINDS
from gridopt.views.palette import CHANGES
from gridopt.views.panels import lay_out_moves
from gridopt.views.report import page_text
from gridopt.views.workbook import CHANGE_SHEETS, list_sheets

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--window-size=1240,2000", "--dump-dom",
)  # fmt: skip
PROBE = """<script>
const unit = document.getElementById("by-u");
unit.value = "UNIT"; unit.dispatchEvent(new Event("change"));
const shown = [...document.querySelectorAll(".pair .plan")].map((plan) =>
  [plan.getAttribute("viewBox"), plan.querySelectorAll(".g:not(.off)").length]);
const mark = document.querySelector("#now .g:not(.off) .m.entered");
mark.dispatchEvent(new MouseEvent("mousemove", {bubbles: true}));
const told = [...document.querySelectorAll(".pair .shown")];
document.body.textContent = "FOUND " + [...shown.flat(), tip.style.display,
  tip.textContent, ...told.map((one) => one.textContent)].join("|") + " END";
</script></body>"""


@pytest.fixture(scope="module")
def outcome(small_register_file, small_register, small_scenario, tmp_path_factory):
    """The small register a year later, cut from its earlier plan."""
    folder = tmp_path_factory.mktemp("later")
    path = write_synthetic(
        300, seed=6, out=folder / "synthetic-later.csv", after=small_register_file
    )
    later = go.read_register(path, small_scenario.register)
    plan = go.make_grids(small_register, small_scenario.grids)
    return go.run_scenario(
        later, replace(small_scenario, date=dt.date(2026, 12, 31)), plan
    )


@pytest.fixture(scope="module")
def run(outcome, tmp_path_factory):
    """Its run folder, whole."""
    return write_run(outcome, tmp_path_factory.mktemp("runs") / "later")


@pytest.fixture(scope="module")
def book(run):
    """Its workbook, read back."""
    return openpyxl.load_workbook(run / "workbook.xlsx")


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def rows_under(sheet, heading):
    """Give the rows below the one that starts with a heading, as far as they go."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(i for i, row in enumerate(rows) if row[0] == heading)
    return rows[start + 1 :]


def test_tables_of_a_run_hold_the_frames(outcome, run):
    """Moves, grids and money stand on file as they are, every row and column."""
    adjustment = outcome.adjustment
    for name, frame in (
        ("adjustments.csv", adjustment.enterprises.reset_index()),
        ("grid_changes.csv", adjustment.grids.reset_index()),
        ("money_changes.csv", adjustment.money),
    ):
        table = read_table(run / name)
        assert list(table.columns) == list(frame.columns)
        assert len(table) == len(frame) > 0
        for column in table:
            if pd.api.types.is_numeric_dtype(frame[column]):
                told = pd.to_numeric(table[column]).to_numpy(dtype=float)
                wanted = frame[column].astype(float).to_numpy()
                np.testing.assert_allclose(told, wanted, atol=0.06)
            else:
                assert table[column].tolist() == frame[column].tolist()


def test_a_first_cut_has_none_of_it(small_outcome, small_run):
    """Without a plan in force no file, no sheet and no section speaks of one."""
    assert small_outcome.adjustment is None
    assert not [path for path in small_run.iterdir() if "change" in path.name]
    assert not (small_run / "adjustments.csv").exists()
    assert not set(CHANGE_SHEETS) & set(list_sheets(small_outcome))
    assert show_changes(small_outcome) == ""
    assert "与上期相比" not in page_text(make_outcome())


def test_sheets_of_a_re_cut(book):
    """Four more sheets, A4 landscape, page numbers at the foot."""
    assert [name for name in book.sheetnames if name in CHANGE_SHEETS] == [
        "调整清单", "网格变动", "调整通知", "经费变动",
    ]  # fmt: skip
    for name in CHANGE_SHEETS:
        setup = book[name].page_setup
        assert (setup.paperSize, setup.orientation) == (9, "landscape")
        assert "&P" in book[name].oddFooter.right.text


def test_the_sheet_of_moves_holds_the_frame(outcome, book):
    """Each change is a row: ids, kind, both grids, reason, metres; movers first."""
    frame = outcome.adjustment.enterprises
    rows = [row for row in rows_under(book["调整清单"], "企业编号") if row[1]]
    found = {row[0]: row for row in rows}
    assert set(found) == set(frame.index)
    for key, told in frame.iterrows():
        row = found[key]
        assert row[4] == CHANGE_KINDS[told["kind"]]
        assert (row[5] or "", row[6] or "") == (
            told["previous_grid_name"],
            told["grid_name"],
        )
        assert row[7] == told["reason_zh"]
        saved = told["saved_m"]
        assert row[8] is None if pd.isna(saved) else row[8] == pytest.approx(saved)
    order = [row[4] for row in rows]
    assert order == sorted(order, key=list(CHANGE_KINDS.values()).index)


def test_the_sheet_of_grids_holds_the_flows(outcome, book):
    """Each grid is a row with its flows; the last row is their sum."""
    grids = outcome.adjustment.grids
    rows = rows_under(book["网格变动"], "网格编号")
    told = {row[0]: row[3:11] for row in rows if row[0]}
    for grid_id, flows in grids[list(FLOWS)].iterrows():
        assert told[grid_id] == flows.tolist()
    assert told["合计"] == grids[list(FLOWS)].sum().tolist()


def test_the_notices_name_everybody_of_a_unit(outcome, book):
    """Each unit's part lists its changes, says from when, and starts a page."""
    sheet = book["调整通知"]
    text = [[cell.value for cell in row] for row in sheet.iter_rows()]
    starts = [i for i, row in enumerate(text) if str(row[0]).endswith("：")]
    units = outcome.adjustment.units
    assert [text[i][0] for i in starts] == [f"{n}：" for n in units["unit_name"]]
    rows = outcome.adjustment.enterprises
    parts = zip(starts, [*starts[1:], len(text)], units.index, strict=True)
    for first, last, unit in parts:
        part = text[first:last]
        here = (rows["grid_unit"] == unit) | (rows["previous_grid_unit"] == unit)
        assert {row[1] for row in part if isinstance(row[0], int)} == set(
            rows.index[here]
        )
        for row in part:
            if isinstance(row[0], int):
                assert_same(row, rows.loc[row[1]])
        assert any("自2026年12月31日起执行" in str(row[0]) for row in part)
    breaks = [one.id for one in sheet.row_breaks.brk]
    more = [i for i, row in enumerate(text) if str(row[0]).endswith("（续）")]
    assert more, "no notice of this case takes two pages"
    # an empty row stands above each heading
    assert breaks == sorted(
        [*(start - 1 for start in starts[1:]), *(i - 1 for i in more)]
    )
    assert all(text[i + 1][:2] == ["序号", "企业编号"] for i in more)
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage  # it would undo the breaks


def assert_same(row, told):
    """A line of a notice says of an enterprise what the frame says."""
    grids = (told["previous_grid_name"], told["grid_name"])
    assert (row[2], row[3]) == (told["name"], CHANGE_KINDS[told["kind"]])
    assert (row[4] or "", row[5] or "", row[6]) == (*grids, told["reason_zh"])


def test_the_money_sheet_holds_the_frame(outcome, book):
    """Members and yuan of each payer, and their sums."""
    money = outcome.adjustment.money
    rows = [r for r in rows_under(book["经费变动"], "二级统计网格") if r[2] is not None]
    assert [row[2:] for row in rows[:-1]] == money.iloc[:, 2:].to_numpy().tolist()
    assert rows[-1][2:] == money.iloc[:, 2:].sum().tolist()


def test_a_difference_of_money_has_its_sign(outcome, book):
    """On the page as in the sheet, and in the totals as in the rows."""
    money = outcome.adjustment.money
    assert money["difference_yuan"].gt(0).any()
    (last,) = (row for row in book["经费变动"].iter_rows() if row[0].value == "合计")
    assert [cell.number_format[0] for cell in last[6:8]] == ["+", "+"]
    table = show_changes(outcome).split("网格工作活动经费的变化", 1)[1]
    wanted = money.iloc[:, -2:].to_numpy().tolist()
    wanted.append(money.iloc[:, -2:].sum().tolist())
    cells = re.findall(r'<td class="n">([^<]*)</td>', table)[: 6 * len(wanted)]
    shown = [cells[i + 4 : i + 6] for i in range(0, len(cells), 6)]
    assert shown == [[f"{n:+,}" if n else "0" for n in row] for row in wanted]


def test_without_the_previous_register_the_money_is_unknown(outcome, tmp_path):
    """Page and workbook say that the members of then are unknown, and what to give."""
    adjustment = explain_adjustment(
        outcome.partition, _bare(outcome.adjustment.before), date=None
    )
    blind = replace(outcome, adjustment=adjustment)
    assert "不推算经费变化" in page_text(blind)
    n = outcome.adjustment.counts["left"]
    assert f"退出的{n}家不在图上" in page_text(blind)
    views.write_workbook(blind, tmp_path / "blind.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "blind.xlsx")["经费变动"]
    assert "--previous-register" in sheet["A2"].value


def _bare(before):
    return before.drop(columns=["longitude", "latitude"])


def test_the_page_tells_every_mover(outcome):
    """Section, both maps and one marked point per change and panel."""
    page = page_text(outcome)
    section = show_changes(outcome)
    assert section in page
    rows = outcome.adjustment.enterprises
    counts = rows["kind"].value_counts()
    was, now = (
        re.search(rf'<svg id="{name}".*?</svg>', section, re.DOTALL)[0]
        for name in ("was", "now")
    )
    for kind in CHANGES:
        n_was = 0 if kind == "entered" else counts.get(kind, 0)
        n_now = 0 if kind == "left" else counts.get(kind, 0)
        assert was.count(f'class="m {kind}"') == n_was
        assert now.count(f'class="m {kind}"') == n_now
    boxes = [re.search(r'viewBox="([^"]*)"', svg)[1] for svg in (was, now)]
    assert boxes[0] == boxes[1]
    for key in rows.index:
        assert key in section
    for letter in outcome.adjustment.units["letter_zh"]:
        assert letter.split("\n")[-1] in section


def test_hostile_names_do_no_harm(tmp_path):
    """A name that is code is text on the page and in the workbook."""
    case = {"now": assign(A="1 2 3", B="5 6 7"), "before": assign(A="1 2 3 4")}
    names = {f"e{i}": HOSTILE[i % 5] for i in range(1, 8)}
    plan, old = tell(**case, cells={"name": names})
    adjustment = explain_adjustment(plan, old)
    outcome = replace_adjustment(adjustment)
    section = show_changes(outcome)
    assert "<script>alert" not in section
    assert "&lt;script&gt;alert" in section
    views.write_workbook(outcome, tmp_path / "hostile.xlsx")
    book = openpyxl.load_workbook(tmp_path / "hostile.xlsx")
    cells = [c for name in CHANGE_SHEETS for row in book[name].iter_rows() for c in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    risky = [cell for cell in cells if str(cell.value).startswith(("=", "@", "+86"))]
    assert risky
    assert all(cell.quotePrefix for cell in risky)


def replace_adjustment(adjustment):
    """Give the stand-in an adjustment, with the register that it speaks of."""
    outcome = make_outcome()
    outcome.adjustment = adjustment
    outcome.register = adjustment.partition.register
    return outcome


@pytest.mark.skipif(BROWSER is None, reason="no browser on this machine")
def test_the_filter_zooms_both_maps(outcome, tmp_path):
    """In a browser: one unit chosen, both maps show it on the same frame."""
    unit = outcome.adjustment.enterprises.query("kind == 'entered'")["grid_unit"].iloc[
        0
    ]
    path = tmp_path / "page.html"
    probe = PROBE.replace("UNIT", unit)
    path.write_text(page_text(outcome).replace("</body>", probe), encoding="utf-8")
    command = [BROWSER, *FLAGS, f"--user-data-dir={tmp_path}/p", path.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    found = re.search("FOUND (.*?) END", done.stdout.decode(), re.DOTALL)[1].split("|")
    grids = outcome.adjustment.grids.query("unit == @unit")
    assert found[0] == found[2]
    assert found[1] == str(int((grids["previous_size"] > 0).sum()))
    assert found[3] == str(int((grids["size"] > 0).sum()))
    whole = re.search(r'id="was" [^>]*viewBox="([^"]*)"', page_text(outcome))[1]
    assert found[0] != whole
    assert found[4] == "block"
    assert "新纳入：本期新纳入划分" in found[5]
    name = outcome.register.units.get(unit).name
    assert found[6:] == [f"显示{found[i]}个网格（{name}）" for i in (1, 3)]


def test_the_picture_marks_every_change(outcome):
    """Two axes on one frame; each change is one marked point per panel."""
    was, now = views.plot_adjustment(outcome.adjustment)
    assert was.get_xlim() == now.get_xlim()
    assert was.get_ylim() == now.get_ylim()
    counts = outcome.adjustment.counts
    for ax, absent in ((was, "entered"), (now, "left")):
        for kind, (colour, _) in CHANGES.items():
            wanted = 0 if kind == absent else counts[kind]
            assert marked(ax, colour) == wanted
    labels = [text.get_text() for text in now.get_legend().get_texts()]
    for kind, n in counts.items():
        assert (f"{CHANGE_KINDS[kind]}（{n}家）" in labels) == (n > 0)


def marked(ax, colour):
    """Count the points of a colour that are drawn with a white edge."""
    rgba = mpl.colors.to_rgba(colour)
    return sum(
        len(each.get_offsets())
        for each in ax.collections
        if isinstance(each, PathCollection)
        and len(each.get_facecolors())
        and tuple(each.get_facecolors()[0]) == rgba
        and each.get_edgecolors()[0].tolist() == [1, 1, 1, 1]
    )


def test_the_picture_of_one_unit_on_given_axes():
    """Unit and category by name; the axes that are given are the ones drawn on."""
    plan, old = tell(assign(A="1 2 3"), assign(A="1 2 3 4"))
    adjustment = explain_adjustment(plan, old)
    _, pair = plt.subplots(1, 2)
    found = views.plot_adjustment(
        adjustment, tuple(pair), unit="玉城街道", category="工业"
    )
    assert found == tuple(pair)
    assert marked(pair[0], CHANGES["left"][0]) == 1
    with pytest.raises(InputError, match="玉城街道"):
        views.plot_adjustment(adjustment, unit="火星街道")


def test_panels_of_a_plan_whose_places_are_unknown():
    """Who left has no place without the previous register, and is not drawn."""
    plan, old = tell(assign(A="1 2 3"), assign(A="1 2 3 4"))
    panels = lay_out_moves(explain_adjustment(plan, old.enterprises))
    assert list(panels.was.firms.index) == ["e1", "e2", "e3"]
    known = lay_out_moves(explain_adjustment(plan, old))
    assert known.was.firms.at["e4", "kind"] == "left"
    assert known.was.grids.index.tolist() == [A]
    assert known.was.grids["unit"].tolist() == [UNIT]


def test_who_stayed_stands_at_the_same_spot_in_both_maps():
    """A newcomer far away moves the frame of both maps, and nobody in one alone."""
    plan, old = tell(assign(A="0 1 2 3"), assign(A="1 2 3"), places_m={"e0": -3000.0})
    section = show_changes(replace_adjustment(explain_adjustment(plan, old)))
    stay = re.findall(r'<path class="p" d="([^"]*)"', section)
    assert len(stay) == 2
    assert stay[0] == stay[1]


def test_a_unit_that_had_no_grid_before():
    """A panel with nothing in it draws, empty."""
    new = "331083101-industry-01"
    cells = {"unit": {f"e{i}": "331083101" for i in (4, 5, 6)}}
    now = assign(A="1 2 3") | dict.fromkeys(("e4", "e5", "e6"), new)
    plan, old = tell(now, assign(A="1 2 3"), cells=cells)
    adjustment = explain_adjustment(plan, old)
    was, now_ax = views.plot_adjustment(adjustment, unit="331083101")
    assert "0个网格" in was.get_title()
    assert "1个网格" in now_ax.get_title()
    show_changes(replace_adjustment(adjustment))
