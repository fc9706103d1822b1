"""The report: one page, offline, escaped, complete, the same bytes each time."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest
from stand_in import HOSTILE, SIZES, make_outcome, real_outcome

from gridopt.views.report import page_text, write_report

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--window-size=1240,2000", "--dump-dom",
)  # fmt: skip
PROBE = """<script>
const unit = document.getElementById("by-u");
unit.value = "331083001"; unit.dispatchEvent(new Event("change"));
const dot = map.querySelector(".g:not(.off) .p:nth-child(4)");
const box = dot.getBoundingClientRect();
const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
const hit = document.elementFromPoint(x, y);
hit.dispatchEvent(new MouseEvent("mousemove", {bubbles: true, clientX: x, clientY: y}));
document.body.textContent = "FOUND " + [hit.className.baseVal, tip.textContent,
  document.querySelectorAll("tr[data-u]:not(.off)").length].join("|") + " END";
</script></body>"""
N_GRIDS = sum(map(len, SIZES.values()))
N_FIRMS = sum(map(sum, SIZES.values()))
LOADING = ("src", "href", "srcset", "data", "action", "poster", "xlink:href")


class Page(HTMLParser):
    """What a browser would find on a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, its attributes and that it is open."""
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Every tag closes the one opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note the words of the innermost tag."""
        if self.open:
            self.words.setdefault(self.open[-1], []).append(data)

    def having(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """Find the tags of a name with these attributes."""
        return [
            found
            for name, found in self.tags
            if name == tag and all(found.get(k) == v for k, v in attributes.items())
        ]


@pytest.fixture(scope="module")
def text() -> str:
    """Give the stand-in's page."""
    return page_text(make_outcome())


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    """Give the stand-in's page, parsed."""
    return Page(text)


def test_page_is_whole_and_loads_nothing(text: str, page: Page) -> None:
    """Tags nest; no attribute, style or script names another resource."""
    assert page.open == []
    assert not [a for _, found in page.tags for a in found if a in LOADING]
    names = {tag for tag, _ in page.tags}
    assert not names & {"link", "img", "iframe", "object", "embed", "base"}
    style, script = "".join(page.words["style"]), "".join(page.words["script"])
    assert "url(" not in style
    assert "@import" not in style
    for word in ("fetch", "XMLHttp", "import(", "innerHTML"):
        assert word not in script
    shown = text.replace("http://evil.example", "")  # a firm's name, as text
    assert "http" not in shown


def test_names_are_escaped(text: str, page: Page) -> None:
    """Names of firms stand as text, whatever they hold; no tag comes from them."""
    assert "<script>alert" not in text
    assert len(page.having("script")) == 1
    words = "\n".join(page.words["title"])
    for name in HOSTILE[:5]:
        assert name.strip() in words


def test_titles_and_names_of_a_scenario_are_escaped() -> None:
    """A title, basis or unit name that holds tags or quotes stays text."""
    outcome = make_outcome()
    outcome.scenario.title = '</title><img src=x onerror="alert(1)">'
    outcome.scenario.basis = "a & b < c"
    outcome.partition.grids["grid_name"] += '"><b>'
    page = Page(page_text(outcome))
    assert not page.having("img")
    assert "依据：a & b < c" in page.words["p"]


def test_ids_do_not_break_out_of_attributes() -> None:
    """An id with a quote stays inside its attribute."""
    outcome = make_outcome()
    outcome.partition.grids["unit"] = 'x" onmouseover="alert(1)'
    tags = Page(page_text(outcome)).tags
    assert not [found for _, found in tags if "onmouseover" in found]
    assert [found for _, found in tags if "alert" in found.get("data-u", "")]


def test_every_grid_and_enterprise_is_there(page: Page) -> None:
    """One group, one row per grid and one point per enterprise, with its words."""
    rows = [found for found in page.having("tr") if "data-u" in found]
    assert len(page.having("path", **{"class": "p"})) == N_FIRMS
    assert len(page.having("path", **{"class": "m"})) == N_GRIDS
    assert len(rows) == N_GRIDS
    cells = page.words["td"]
    for grid_id in make_outcome().partition.grids.index:
        assert grid_id in cells
    assert (
        "玉环样例30有限公司\n玉城街道工业第2网格\n距中心企业432米"
        in page.words["title"]
    )


def test_exceptions_money_and_choices_are_there(page: Page) -> None:
    """Every exception, choice and clause stands on the page; sums as the engine's."""
    outcome = make_outcome()
    cells = page.words["td"]
    for explanation in outcome.partition.exceptions["explanation_zh"]:
        assert explanation in cells
    for choice in outcome.choices:
        assert choice["label"] in cells
    assert f"{outcome.budget.total_yuan:,}元" in page.words["b"]
    everything = "".join(cells)
    assert "“所需经费由市财政局承担”" in cells
    assert "预算不再另行安排" in everything
    assert "可统筹经费尚未提供" in cells


def test_what_is_proven_is_said(page: Page) -> None:
    """A block without a bound is said so, and what any gap is about."""
    words = "".join(page.words["p"])
    assert "尚无理论下界" in words
    assert "既定的划分单元" in words
    assert "总的理论下界未知" in words


def test_synthetic_data_are_announced(page: Page) -> None:
    """A made-up register is named so, a real one is not."""
    assert any("合成数据" in word for word in page.words["div"])
    real = page_text(make_outcome(is_synthetic=False))
    assert "合成数据" not in real


def test_bytes_are_the_same_twice(tmp_path: Path) -> None:
    """Two reports of one outcome are the same file, with line feeds only."""
    for name in ("a.html", "b.html"):
        write_report(make_outcome(), tmp_path / name)
    first = (tmp_path / "a.html").read_bytes()
    assert first == (tmp_path / "b.html").read_bytes()
    assert b"\r" not in first


def test_many_enterprises_are_drawn_as_grids_only() -> None:
    """Above 5,000 enterprises the map has outlines and medoids, and says so."""
    text = page_text(make_outcome(n_extra=5_000))
    page = Page(text)
    assert not page.having("path", **{"class": "p"})
    assert len(page.having("path", **{"class": "h"})) == N_GRIDS
    assert "不画单个企业" in text


def test_a_city_fits_in_three_megabytes() -> None:
    """A page with 2,100 enterprises on the map stays under 3 MB."""
    text = page_text(make_outcome(n_extra=1_900))
    assert text.count('class="p"') > 2_100
    assert len(text.encode()) < 3_000_000


def test_no_grids_no_map() -> None:
    """An empty register still makes a page."""
    outcome = make_outcome()
    partition = outcome.partition
    partition.grids = partition.grids.iloc[:0]
    partition.enterprises = partition.enterprises.iloc[:0]
    outcome.summary |= {"n_grids": 0, "n_eligible": 0, "travel_m": 0.0}
    assert "没有网格" in page_text(outcome)


def test_points_lie_where_the_enterprises_are(page: Page) -> None:
    """Distances on the page are those of the plane, north is up."""
    outcome = make_outcome()
    firms = outcome.register.enterprises.loc[outcome.partition.enterprises.index]
    drawn = {}
    parts = [found["d"] for found in page.having("path", **{"class": "p"})]
    order = outcome.partition.enterprises.sort_values("grid_id", kind="stable").index
    for key, d in zip(order, parts, strict=True):
        drawn[key] = np.array([float(v) for v in d[1:-2].split()])
    north = firms["latitude"].idxmax()
    south = firms["latitude"].idxmin()
    assert drawn[north][1] < drawn[south][1]
    metres = (firms["latitude"].max() - firms["latitude"].min()) * 110_800
    assert drawn[south][1] - drawn[north][1] == pytest.approx(metres, rel=0.005)


def test_a_real_plan_makes_a_page() -> None:
    """What the engine itself leads to is shown as it is: every grid, every firm."""
    outcome = real_outcome()
    page = Page(page_text(outcome))
    partition = outcome.partition
    assert len(page.having("path", **{"class": "p"})) == len(partition.enterprises)
    assert set(partition.grids.index) <= set(page.words["td"])
    assert set(partition.exceptions["explanation_zh"]) <= set(page.words["td"])
    assert any("合成数据" in word for word in page.words["div"])


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here to open the page with")
def test_filter_and_hover_work_in_a_browser(text: str, tmp_path: Path) -> None:
    """Choosing a unit leaves its grids; a point under other outlines can be hovered."""
    file = tmp_path / "probe.html"
    file.write_text(text.replace("</body>", PROBE), encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    done = subprocess.run(
        [str(BROWSER), profile, *FLAGS, file.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    found = re.search("FOUND (.*) END", done.stdout.decode(), re.DOTALL)
    assert found is not None
    kind, words, n_rows = html.unescape(found[1]).split("|")
    assert kind == "p"
    assert words == f"{HOSTILE[1]}\n玉城街道工业第1网格\n距中心企业432米"
    assert int(n_rows) == 5
