"""What values show of themselves: short texts, escaped cards, the same bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from odd_registers import Shape, reading, rows_of

from gridopt.cards import MOST_ROWS, Branch, Card, as_html, as_text
from gridopt.colours import COLOURS
from gridopt.comparison import compare_outcomes
from gridopt.grids import make_grids
from gridopt.register import read_register
from gridopt.sketch import draw_sketch

if TYPE_CHECKING:
    from gridopt.outcome import Outcome

HOSTILE = "<script>alert(1)</script>"
KINDS = ("register", "partition", "roster", "budget", "outcome", "comparison")


@pytest.fixture(scope="module")
def values(small_outcome: Outcome) -> dict[str, Any]:
    """Give one value of each kind that shows itself."""
    scenario = replace(small_outcome.scenario, name="other", title=HOSTILE)
    other = replace(small_outcome, scenario=scenario)
    return {
        "register": small_outcome.register,
        "partition": small_outcome.partition,
        "roster": small_outcome.roster,
        "budget": small_outcome.budget,
        "outcome": other,
        "comparison": compare_outcomes([small_outcome, other]),
    }


class _Page(HTMLParser):
    """Which elements a piece of a page has, and whether all of them end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._open.append(tag)
        self.loads += [key for key, _ in attrs if key in ("src", "href", "onclick")]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_short_and_chinese(values: dict[str, Any], kind: str) -> None:
    """A text fits a screen; the sentence for a list or debugger is one line."""
    text, brief = str(values[kind]), repr(values[kind])
    assert 3 <= len(text.splitlines()) <= 60
    assert "\n" not in brief
    assert len(brief) < 160
    assert brief.startswith(f"<{type(values[kind]).__name__} ")
    for shown in (text, brief):
        assert re.search("[\u4e00-\u9fff]", shown)
        assert "DataFrame" not in shown.replace("Empty DataFrame", "")
        assert "array(" not in shown


@pytest.mark.parametrize("kind", KINDS)
def test_cards_are_safe_pieces_of_a_page(values: dict[str, Any], kind: str) -> None:
    """Everything ends, nothing runs or loads, colours are those of the page around."""
    text = values[kind]._repr_html_()
    page = _Page(text)
    assert "script" not in page.tags
    assert page.loads == []
    assert not re.search(r"url\(|@import|https?://|\bid=", text)
    assert "background:#" not in text
    # a page without a doctype gives tables a colour and letters of their own
    assert text.count("<table") == text.count("color:inherit;font:inherit")
    assert not re.search(r"[^-]color:(?!inherit|#d1433f)", text)
    assert text == values[kind]._repr_html_()


def test_cards_tell_the_numbers_of_the_value(values: dict[str, Any]) -> None:
    """Firms, grids and yuan are those of the value itself."""
    partition, budget = values["partition"], values["budget"]
    n, k = len(partition.enterprises), len(partition.grids)
    assert f"企业：{n}家" in str(partition)
    assert f"企业网格：{k}个" in str(partition)
    assert f"合计：{budget.total_yuan:,}元" in str(budget)
    paid = [int(row[1].replace(",", "")) for row in budget.card().rows]
    assert sum(paid) == budget.total_yuan
    assert str(values["roster"].card().tree[0].text).endswith(f"四级{k}个")
    assert len(values["roster"].card().tree[0].below) == len(values["roster"].needed)
    results = {row[0]: row[2] for row in values["comparison"].card().rows}
    assert results["合计"] == f"{budget.total_yuan:,}"


def test_names_from_a_file_are_escaped(values: dict[str, Any]) -> None:
    """A title that a browser might run is text."""
    text = values["outcome"]._repr_html_()
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text


def test_the_map_of_a_card_has_every_grid(values: dict[str, Any]) -> None:
    """One outline and one medoid per grid, inside the frame."""
    partition = values["partition"]
    picture = partition.card().picture
    page = _Page(picture)
    k = len(partition.grids)
    assert (page.tags.count("path"), page.tags.count("circle")) == (k, k)
    width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', picture).groups())
    places = re.findall(r"[ML](\d+) (\d+)", picture)
    assert all(int(x) < width and int(y) < height for x, y in places)
    assert max(width, height) == 252


def test_a_map_shows_on_a_dark_page() -> None:
    """The darkest colour gives way to the colour of the text around."""
    places = np.c_[np.arange(8.0), np.zeros(8)]
    picture = draw_sketch(places, np.arange(8), places, ["industry"] * 8)
    assert COLOURS[-1] not in picture
    assert "currentColor" in picture


def test_an_odd_register_shows_itself(tmp_path) -> None:
    """Firms of one place, units and names with marks: cards stay whole and safe."""
    shape = Shape(n=30, seed=4, spread=0.0, is_named_by_rows=True, id_form="=1+{}")
    rows_of(shape).to_csv(tmp_path / "<b>.csv", index=False)
    register = read_register(tmp_path / "<b>.csv", reading(shape))
    partition = make_grids(register)
    for value in (register, partition):
        page = _Page(value._repr_html_())
        assert page.tags.count("b") == 1
        assert repr(value)


def test_long_lists_are_cut_and_say_so() -> None:
    """What a card leaves out is counted; one line too many is no reason to cut."""
    rows = tuple((f"单元{i}", str(i)) for i in range(MOST_ROWS + 5))
    card = Card("表", "", headings=("单元", "家数"), rows=rows)
    assert "……另有5项" in as_text(card)
    assert "……另有5项" in as_html(card)
    whole = replace(card, rows=rows[: MOST_ROWS + 1])
    assert "另有" not in as_text(whole)
    branches = tuple(Branch(f"单元{i}") for i in range(MOST_ROWS + 2))
    tree = Card("树", "", tree=(Branch("全市", branches),))
    assert as_text(tree).endswith("└ ……另有2项")
    assert "……另有2项" in as_html(tree)


def test_a_tree_hangs_by_its_lines() -> None:
    """Levels below a branch that is not the last keep their line."""
    deep = Branch("全市", (Branch("甲", (Branch("甲1"),)), Branch("乙")))
    assert as_text(Card("树", "", tree=(deep,))) == (
        "树\n  全市\n  ├ 甲\n  │ └ 甲1\n  └ 乙"
    )


def test_columns_stand_under_each_other() -> None:
    """Chinese characters take two columns; numbers end at the same place."""
    card = Card(
        "表", "", headings=("单位", "元"), rows=(("市财政局", "1"), ("A", "12"))
    )
    assert as_text(card).splitlines()[1:] == [
        "  单位      元", "  市财政局   1", "  A         12"
    ]  # fmt: skip
