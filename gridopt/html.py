"""How text becomes a piece of a page: everything escaped, nothing else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gridopt.words import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def element(tag: str, text: object, **attributes: object) -> str:
    """Write an element with escaped text; `class_` and `data_u` lose their marks.

    Examples
    --------
    >>> element("p", "<b>", class_="note")
    '<p class="note">&lt;b&gt;</p>'
    """
    return f"<{tag}{_attributes(attributes)}>{escape(printable(str(text)))}</{tag}>"


def wrap(tag: str, inner: Iterable[str] | str, **attributes: object) -> str:
    """Write an element around pieces that are already safe."""
    body = inner if isinstance(inner, str) else "".join(inner)
    return f"<{tag}{_attributes(attributes)}>{body}</{tag}>"


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Sequence[int] = (),
    attributes: Iterable[dict[str, object]] | None = None,
) -> str:
    """Write a table; cells are escaped, the columns `numbers` stand to the right.

    Parameters
    ----------
    attributes
        Attributes of each row, in the order of the rows.
    """
    right = set(numbers)
    classes = ["n" if i in right else "" for i in range(len(headings))]
    head = "".join(
        element("th", text, **({"class_": c} if c else {}))
        for text, c in zip(headings, classes, strict=True)
    )
    marks = iter(attributes) if attributes is not None else None
    lines = []
    for row in rows:
        cells = "".join(
            element("td", value, **({"class_": c} if c else {}))
            for value, c in zip(row, classes, strict=True)
        )
        lines.append(wrap("tr", cells, **(next(marks) if marks else {})))
    body = wrap("tbody", "\n".join(lines))
    return wrap("table", wrap("thead", wrap("tr", head)) + body)


def _attributes(attributes: dict[str, object]) -> str:
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
    )
