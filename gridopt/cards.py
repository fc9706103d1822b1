"""How a value shows itself: a short text in Chinese, and a card in a notebook."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridopt.html import element, wrap
from gridopt.words import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_ROWS = 30
"""A table or a branch of a tree shows no more than this, and says what is left."""

_BOX = (
    "display:inline-block;max-width:100%;padding:8px 14px;line-height:1.5;"
    "border:1px solid #8888;border-radius:6px;text-align:left"
)
_CELL = "text-align:{};padding:1px 14px 1px 0;vertical-align:baseline;border:0;{}"
_TABLE = "border-collapse:collapse;margin:0;color:inherit;font:inherit"
_SOFT = "opacity:.75"


@dataclass(frozen=True)
class Branch:
    """One line of a tree, and the lines that hang below it."""

    text: str
    below: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Card:
    """What a value has to say of itself.

    Attributes
    ----------
    title
        What it is.
    brief
        The same in one sentence, for a list or a debugger.
    facts
        Pairs of a word and a value.
    headings, rows
        A table; every column but the first holds numbers.
    most_rows
        The table is cut after so many rows, and says what is left.
    tree
        What hangs below what.
    mark
        A warning that goes first.
    picture
        A safe `svg` element; the text leaves it out.
    ends
        Sentences that follow from all that and go last.
    """

    title: str
    brief: str
    facts: tuple[tuple[str, str], ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    tree: tuple[Branch, ...] = ()
    mark: str = ""
    picture: str = ""
    most_rows: int = MOST_ROWS
    ends: tuple[str, ...] = ()


class Shown:
    """A value with a card: what it prints and what a notebook shows.

    The same value gives the same bytes. A card loads nothing and takes its colours
    from the page around it, light or dark; whatever comes from a file is escaped.
    """

    def card(self) -> Card:
        """Make the card."""
        raise NotImplementedError

    def __str__(self) -> str:
        return as_text(self.card())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {printable(self.card().brief)}>"

    def _repr_html_(self) -> str:
        return as_html(self.card())


def as_text(card: Card) -> str:
    """Write a card as lines of text.

    Examples
    --------
    >>> print(as_text(Card("名录", "", (("企业", "3家"),), mark="合成数据")))
    名录【合成数据】
      企业：3家
    """
    head = f"{card.title}【{card.mark}】" if card.mark else card.title
    lines = [head, *(f"  {word}：{value}" for word, value in card.facts)]
    if card.headings:
        rows, rest = _first(card.rows, card.most_rows)
        lines += _align([card.headings, *rows]) + _left(rest, "  ")
    for branch in card.tree:
        lines += ["  " + line for line in _hang(branch)]
    lines += ["  " + line for line in card.ends]
    return "\n".join(printable(line) for line in lines)


def _align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write columns under each other: words to the left, numbers to the right."""
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first, *others = (
            (text, " " * (width - width_of(text)))
            for text, width in zip(row, widths, strict=True)
        )
        cells = ["".join(first), *(gap + text for text, gap in others)]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines


def width_of(text: str) -> int:
    """Count the columns a text takes on a screen; a Chinese character takes two.

    Examples
    --------
    >>> width_of("工业A")
    5
    """
    return sum(1 + (unicodedata.east_asian_width(c) in "WFA") for c in text)


def _hang(branch: Branch) -> list[str]:
    lines, (below, rest) = [branch.text], _first(branch.below)
    ends = [_hang(one) for one in below] + [[line] for line in _left(rest)]
    for at, inner in enumerate(ends):
        is_last = at == len(ends) - 1
        lines.append(("└ " if is_last else "├ ") + inner[0])
        lines += [("  " if is_last else "│ ") + line for line in inner[1:]]
    return lines


def as_html(card: Card) -> str:
    """Write a card as a piece of a page.

    Examples
    --------
    >>> "<b>&lt;b&gt;</b>" in as_html(Card("<b>", ""))
    True
    """
    head = element("b", card.title)
    if card.mark:
        head += element("div", card.mark, style="color:#d1433f;font-weight:bold")
    parts = [wrap("div", head, style="margin-bottom:4px")]
    if card.facts:
        parts.append(_table(card.facts))
    if card.headings:
        parts.append(_table(card.rows, card.headings, card.most_rows))
    if card.tree:
        lines = [wrap("li", _grow(branch)) for branch in card.tree]
        parts.append(_list(lines))
    parts += [element("div", line, style="margin-top:4px") for line in card.ends]
    text = wrap("div", parts, style="flex:1 1 auto;min-width:0;overflow-x:auto")
    inner = [text]
    if card.picture:
        inner.append(wrap("div", card.picture, style="flex:0 0 auto"))
    row = wrap("div", inner, style="display:flex;flex-wrap:wrap;gap:6px 18px")
    return wrap("div", row, class_="gridopt-card", style=_BOX)


def _table(
    rows: Sequence[Sequence[str]],
    headings: Sequence[str] = (),
    most: int | None = None,
) -> str:
    # pairs read as a list, so their values stand to the left as well
    side = "right" if headings else "left"
    kept, rest = (rows, 0) if most is None else _first(rows, most)
    head = [_row(headings, side, "th")] if headings else []
    body = [_row(row, side, "td") for row in kept]
    notes = "".join(element("div", line, style=_SOFT) for line in _left(rest))
    return wrap("table", wrap("tbody", head + body), style=_TABLE) + notes


def _row(cells: Sequence[str], side: str, tag: str) -> str:
    first, *others = cells
    style = _CELL.format("left", _SOFT if tag == "td" and side == "left" else "")
    parts = [element(tag, first, style=style)]
    style = _CELL.format(side, "font-variant-numeric:tabular-nums")
    parts += [element(tag, text, style=style) for text in others]
    return wrap("tr", parts, style="background:none")


def _grow(branch: Branch) -> str:
    if not branch.below:
        return element("span", branch.text)
    below, rest = _first(branch.below)
    lines = [wrap("li", _grow(one)) for one in below]
    lines += [element("li", line) for line in _left(rest)]
    inner = element("summary", branch.text) + _list(lines)
    return wrap("details", inner, open="open")


def _list(lines: Iterable[str]) -> str:
    style = "list-style:none;margin:0;padding-left:14px"
    return wrap("ul", lines, style=style)


def _first(rows: Sequence, most: int = MOST_ROWS) -> tuple[Sequence, int]:
    """Cut a long list short; one that is hardly too long stays whole."""
    if len(rows) <= most + 1:
        return rows, 0
    return rows[:most], len(rows) - most


def _left(n: int, indent: str = "") -> list[str]:
    return [f"{indent}……另有{n:,}项"] if n else []
