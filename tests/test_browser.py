"""What must be seen in a real browser: notebooks that run, a desk that works, pages.

Skipped with a plain message where Chromium, playwright or a Chinese font is missing.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import nbformat
import pytest
from browsing import (
    ALL_RUN,
    NOTEBOOK,
    ROOT,
    is_required,
    keep_picture,
    look_for_boxes,
    open_browser,
    serve_lab,
    why_not,
)

from gridopt import views
from gridopt.comparison import compare_outcomes
from gridopt.outcome import run_scenario
from gridopt.scenario import read_scenario
from gridopt.views.comparison import write_comparison_page
from gridopt.views.labels import grid_names

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WINDOW = {"width": 1500, "height": 1000}
PATIENCE_MS = 150_000
QUICK_MS = 60_000
WHERE_FOUND = """() => {
  const map = document.getElementById("map"), drawn = map._fullLayout;
  const { left, top } = map.getBoundingClientRect(), { x, y } = drawn.annotations[0];
  return [left + drawn.xaxis._offset + drawn.xaxis.l2p(x),
          top + drawn.yaxis._offset + drawn.yaxis.l2p(y)];
}"""
"""Where the firm that was looked up stands on the page, in pixels."""

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "all is there")


@pytest.fixture(scope="module")
def browser():
    """A browser that can draw Chinese."""
    with open_browser() as browser:
        page = browser.new_page()
        page.set_content("<p>网格</p>")
        if look_for_boxes(page):
            end = pytest.fail if is_required() else pytest.skip
            end("no Chinese font on this machine: apt-get install fonts-noto-cjk")
        page.close()
        yield browser


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of what the notebooks use, in a folder with a Chinese name."""
    folder = tmp_path_factory.mktemp("lab") / "统计 网格"
    for name in ("notebooks", "scenarios", "data"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns(".ipynb*")
        )
    return folder


@pytest.fixture(scope="module")
def lab(browser, copy, tmp_path_factory):
    """A page with a JupyterLab of its own that serves the copy."""
    with serve_lab(tmp_path_factory.mktemp("jupyter"), copy) as address:
        page = browser.new_context(viewport=WINDOW).new_page()
        page.set_default_timeout(QUICK_MS)
        page.goto(address)
        page.wait_for_function("window.jupyterapp && jupyterapp.restored")
        page.evaluate("jupyterapp.restored.then(() => true)")
        page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
        yield page
        page.context.close()


def test_a_missing_glyph_would_be_seen(browser) -> None:
    """The look for boxes finds the one letter that no font has, and only that."""
    page = browser.new_page()
    page.set_content("<p>统计网格\U0003fffd、垟塂</p><input placeholder='文件名'>")
    assert look_for_boxes(page) == "\U0003fffd"
    page.close()


@contextmanager
def run_all(page, name: str):
    """Open a notebook and run all its cells; close it, with its kernel, at the end."""
    page.set_viewport_size(WINDOW)
    call = "([name, told]) => jupyterapp.commands.execute(name, told)"
    told = ["docmanager:open", {"path": f"notebooks/{name}"}]
    page.evaluate(f"(told) => ({call})(told).then({WHEN_READY})", told)
    page.evaluate(f"(told) => {{ ({call})(told); }}", ["notebook:run-all-cells", {}])
    page.wait_for_function(ALL_RUN, arg=NOTEBOOK, timeout=PATIENCE_MS)
    page.wait_for_timeout(500)
    yield page.locator(NOTEBOOK)
    page.evaluate(f"{call}.then(() => true)", ["docmanager:save", {}])
    page.evaluate("jupyterapp.serviceManager.sessions.shutdownAll()")
    page.evaluate(f"{call}.then(() => true)", ["application:close", {}])


# what is run before the kernel has answered once is lost without a word
WHEN_READY = """async (panel) => {
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
}"""


def check_outputs(notebook) -> None:
    """Refuse errors, words on stderr, pictures that do not load, and boxes."""
    output = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.{}']"
    for kind in ("error", "stderr"):
        assert notebook.locator(output.format(kind)).all_inner_texts() == []
    assert notebook.get_by_text("Error displaying widget").count() == 0
    widths = notebook.locator(".jp-OutputArea-output img").evaluate_all(
        "images => images.map(image => image.naturalWidth)"
    )
    assert widths
    assert min(widths) > 300
    assert look_for_boxes(notebook.page) == ""


def see_whole(notebook, name: str) -> None:
    """Keep a picture of the whole notebook."""
    height = notebook.locator(".jp-WindowedPanel-inner").evaluate(
        "panel => panel.scrollHeight"
    )
    keep_picture(notebook.page, name, height=height + 200)


def test_a_failing_cell_would_be_seen(lab, copy) -> None:
    """What a cell raises ends the wait at once and is told in its own words."""
    cells = [nbformat.v4.new_code_cell(text) for text in ("1", "1 / 0", "2")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, copy / "notebooks" / "99_failing.ipynb")
    with run_all(lab, "99_failing.ipynb") as notebook:
        with pytest.raises(AssertionError, match="ZeroDivisionError"):
            check_outputs(notebook)
        assert notebook.get_by_text("[3]:").count() == 0


PLAIN = [path for path in NOTEBOOKS if not path.stem.startswith("04")]


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: path.stem)
def test_a_notebook_runs_in_the_browser(lab, path) -> None:
    """Every cell runs, nothing fails, pictures load, and no letter is a box."""
    with run_all(lab, path.name) as notebook:
        see_whole(notebook, path.stem)
        check_outputs(notebook)


def test_the_desk_is_used_in_the_browser(lab, copy) -> None:
    """Settings are typed, a run is watched, nonsense is answered, a file is saved."""
    with run_all(lab, "04_compare_scenarios.ipynb") as notebook:
        desks = notebook.locator(".jp-OutputArea-output:has(.widget-tab)")
        ask_what_would_change(desks.nth(1))
        use_desk(notebook, desks.first)
    saved = read_scenario(copy / "scenarios" / "每格十九家.yaml")
    assert (saved.grids.target, saved.grids.least, saved.author) == (19, 12, "统计科")


CUT_LABELS = """labels => labels.filter(
  (label) => label.scrollWidth > label.clientWidth).map((label) => label.textContent)"""
"""Labels that do not fit beside their boxes."""


CUT_PANES = """panes => panes.filter(
  (pane) => pane.scrollWidth > pane.clientWidth + 1).map((pane) => pane.textContent)"""
"""Tabs and panes of results whose words are wider than they are."""


HIGH_HEADS = """heads => heads.filter(
  (head) => head.clientHeight > 32).map((head) => head.textContent)"""
"""Headings of tables that are folded, a letter to a line at worst."""


def look_at_widths(desk, name: str) -> None:
    """Nothing is cut at the widths of a small screen and of a large one."""
    for width in (1280, 1920):
        desk.page.set_viewport_size({"width": width, "height": 2400})
        desk.page.wait_for_timeout(300)
        heads = desk.locator("th:visible").evaluate_all(HIGH_HEADS)
        assert heads == []
        for part in (".lm-TabBar-tabLabel", ".widget-box"):
            assert desk.locator(f"{part}:visible").evaluate_all(CUT_PANES) == []
        keep_picture(desk, f"{name}_{width}")
    desk.page.set_viewport_size(WINDOW)


def ask_what_would_change(desk) -> None:
    """From a plan in force: who would change grid, and what a move by hand costs."""
    desk.scroll_into_view_if_needed()
    assert desk.locator("img:visible").count() == 0
    desk.get_by_text("与上期衔接", exact=True).first.click()
    assert desk.get_by_label("调整企业上限（家）", exact=True).is_visible()
    desk.get_by_text("人工调整", exact=True).first.click()
    box = desk.locator("textarea:visible")
    box.fill("91331083HC00023102，331083001-trade-99")
    box.blur()
    desk.get_by_role("button", name="测算").click()
    # whoever interrupts the kernel meanwhile loses nothing
    desk.get_by_text("个划分单元").first.wait_for(timeout=PATIENCE_MS)
    desk.page.evaluate("jupyterapp.commands.execute('notebook:interrupt-kernel')")
    told = "没有网格 331083001-trade-99，最接近的是 331083001-trade-0"
    desk.get_by_text(told).first.wait_for(timeout=PATIENCE_MS)
    box.fill("企业编号\t网格编号\n91331083HC00023102\t331083001-trade-01\n")
    box.blur()
    desk.get_by_role("button", name="测算").click()
    desk.get_by_text("第1次：").first.wait_for(timeout=PATIENCE_MS)
    for words in (
        "与上期方案相比：调整",
        "人工调整：调入其他网格 1 家",
        "更换网格的企业",
    ):
        assert desk.get_by_text(words).first.is_visible()
    desk.get_by_label("查编号").fill("02016加油站")
    desk.get_by_label("查编号").press("Enter")
    desk.get_by_text("可调入的网格").wait_for()
    look_at_widths(desk, "04_next")


def use_desk(notebook, desk) -> None:
    """Type, run, stop, look and save, as a planner would."""
    desk.scroll_into_view_if_needed()

    def fill(label: str, text: str) -> None:
        desk.get_by_label(label, exact=True).fill(text)
        desk.get_by_label(label, exact=True).blur()

    fill("每网格目标家数", "二十")
    desk.get_by_role("button", name="测算").click()
    told = desk.get_by_text("“每网格目标家数”填的是“二十”：应为整数（不小于2）")
    told.wait_for()
    for label, text in zip(
        ("每网格目标家数", "每网格最少家数", "每网格最多家数"),
        ["18", "12", "24"],
        strict=True,
    ):
        fill(label, text)
    desk.get_by_role("button", name="测算").click()
    desk.get_by_text("个划分单元").first.wait_for()
    desk.get_by_text("第1次：").first.wait_for(timeout=PATIENCE_MS)
    assert desk.locator("img").evaluate("image => image.naturalWidth") > 300
    for words in (
        "资金承担单位",
        "设置不同之处（3项）",
        "第1次，与基准情景相比",
        "逐项说明",
    ):
        assert desk.get_by_text(words).first.is_visible()
    shown = desk.locator("img").get_attribute("src")
    fill("每网格目标家数", "19")
    desk.get_by_role("button", name="测算").click()
    desk.get_by_role("button", name="停止").click()
    desk.get_by_text("已停止").wait_for(timeout=PATIENCE_MS)
    assert desk.locator("img").get_attribute("src") == shown
    look_at_widths(desk, "04_desk")
    see_whole(notebook, "04_compare_scenarios")
    check_outputs(notebook)
    for number, tab in enumerate(desk.locator(".lm-TabBar-tab").all(), start=1):
        tab.click()
        assert desk.locator(".widget-label").evaluate_all(CUT_LABELS) == []
        keep_picture(desk, f"04_tab{number}")
    desk.get_by_text("保存为情景文件", exact=True).first.click()
    for label, text in {
        "文件名": "每格十九家",
        "标题": "每格约19家",
        "编制人": "统计科",
        "依据": "P5 · 三（一）：“数量20家左右”。",
    }.items():
        fill(label, text)
    desk.get_by_role("button", name="保存为情景文件").click()
    desk.get_by_text("已保存：每格十九家.yaml").wait_for()
    keep_picture(desk, "04_saved")


@pytest.fixture
def offline(browser):
    """A page without any network, that remembers what it asked for and what failed."""
    context = browser.new_context(viewport=WINDOW, offline=True)
    page = context.new_page()
    page.asked, page.faults = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on(
        "console",
        lambda line: page.faults.append(line.text) if line.type == "error" else None,
    )
    yield page
    context.close()


def open_offline(page, path: Path) -> None:
    """Open a file; it may ask for nothing else."""
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    afar = [
        url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))
    ]
    assert afar == []
    assert page.faults == []
    assert look_for_boxes(page) == ""


def test_the_report_needs_no_network(offline, small_outcome, tmp_path) -> None:
    """The report opens offline, asks for nothing, draws its map, and has no box."""
    file = tmp_path / "report.html"
    views.write_report(small_outcome, file)
    open_offline(offline, file)
    box = offline.locator("svg").first.bounding_box()
    assert min(box["width"], box["height"]) > 300
    assert offline.locator("svg .p").count() == len(small_outcome.partition.enterprises)
    height = offline.evaluate("document.documentElement.scrollHeight")
    keep_picture(offline, "report", height=height)


def test_the_comparison_page_needs_no_network(
    offline, small_outcome, small_register, small_scenario, tmp_path
) -> None:
    """The page opens offline, has no box, and one choice narrows every map alike."""
    rules = small_scenario.grids.model_copy(update={"target": 10, "least": 8})
    finer = replace(small_scenario, name="finer", grids=rules)
    outcomes = [small_outcome, run_scenario(small_register, finer)]
    file = tmp_path / "comparison.html"
    write_comparison_page(compare_outcomes(outcomes), file)
    open_offline(offline, file)
    grids = [one.partition.grids for one in outcomes]
    told = offline.locator("figcaption .shown")
    assert told.all_inner_texts() == [f"显示{len(one)}个网格" for one in grids]
    unit = grids[0]["unit"].iloc[0]
    offline.select_option("#by-u", unit)
    own = [int((one["unit"] == unit).sum()) for one in grids]
    name = offline.locator("#by-u option:checked").inner_text()
    assert told.all_inner_texts() == [f"显示{n}个网格（{name}）" for n in own]
    frames = {offline.locator(".plan").nth(i).get_attribute("viewBox") for i in (0, 1)}
    assert len(frames) == 1
    held = {str(one["block_id"].loc[g]) for one in grids for g in one.index}
    kind = next(k for k in grids[0]["category"].unique() if f"{unit}-{k}" not in held)
    offline.select_option("#by-c", kind)
    assert all(
        text.startswith("没有符合条件的网格（") for text in told.all_inner_texts()
    )
    offline.select_option("#by-u", "")
    offline.select_option("#by-c", "")
    height = offline.evaluate("document.documentElement.scrollHeight")
    keep_picture(offline, "comparison", height=height)


@pytest.mark.skipif(not hasattr(views, "explore"), reason="there is no explore page")
@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_explore_page_needs_no_network(
    offline, small_outcome, tmp_path, language, size
) -> None:
    """The map opens offline, fills its window, finds a firm and tells of it."""
    file = tmp_path / "explore.html"
    partition = small_outcome.partition
    views.explore(partition, file, language=language)
    offline.set_viewport_size({"width": size[0], "height": size[1]})
    open_offline(offline, file)
    offline.wait_for_selector(".main-svg")
    high = offline.locator("#map .main-svg").first.bounding_box()["height"]
    assert high > 0.8 * size[1]
    assert offline.evaluate("document.documentElement.scrollHeight") <= size[1]
    keep_picture(offline, f"explore-{language}-{size[0]}")

    firm = partition.enterprises.iloc[0]
    offline.fill("#find", firm.name)
    offline.press("#find", "Enter")
    told = offline.locator(".annotation-text")
    told.wait_for()
    grid = grid_names(partition, partition.grids.loc[[firm["grid_id"]]], language)[0]
    for words in (firm["name"], firm.name, grid):
        assert words in told.text_content()
    offline.mouse.move(*offline.evaluate(WHERE_FOUND))
    offline.locator(".hoverlayer .hovertext").first.wait_for()
    keep_picture(offline, f"explore-found-{language}-{size[0]}")
    assert look_for_boxes(offline) == ""
    assert offline.faults == []
