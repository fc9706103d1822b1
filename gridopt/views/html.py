"""How pieces become a page of its own: sections, notes, and what stands around."""

from __future__ import annotations

from importlib.resources import files

from gridopt.html import element, table, wrap

__all__ = ["element", "note", "page", "part", "read_asset", "table", "wrap"]


def read_asset(name: str) -> str:
    """Read a style sheet or script that lies beside this module."""
    return files("gridopt.views").joinpath(name).read_text(encoding="utf-8")


def part(title: str, *parts: str) -> str:
    """Write a section of the page under its heading."""
    return wrap("section", element("h2", title) + "".join(parts))


def note(text: str) -> str:
    """Write a paragraph in small, soft letters."""
    return element("p", text, class_="note")


def page(title: str, body: str, *, style: str, script: str = "") -> str:
    """Write a whole page around pieces that are safe; nothing is loaded from afar."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        + element("title", title)
        + wrap("style", style)
    )
    tail = wrap("script", script) if script else ""
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head>{head}</head>\n'
        f"<body>{body}\n{tail}</body></html>\n"
    )
