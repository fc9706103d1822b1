"""What narrows the maps of a page down to a unit or a category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.views.html import element, wrap
from gridopt.views.labels import unit_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gridopt.partition import Partition


def show_filters(partitions: Sequence[Partition], *more: str) -> str:
    """Write the choices that `report.js` listens to, of all that the plans have.

    Parameters
    ----------
    more
        Safe pieces that stand after the choices.
    """
    register = partitions[0].register
    units = [(key, unit_name(register, key)) for key in _keys(partitions, "unit")]
    name_of = register.classification.name_zh
    kinds = [(key, name_of(key)) for key in _keys(partitions, "category")]
    choices = [_select("by-u", "单元：", units), _select("by-c", "行业：", kinds)]
    return wrap("div", [*choices, *more], class_="tools")


def _keys(partitions: Iterable[Partition], column: str) -> list[str]:
    return sorted(set().union(*(one.grids[column] for one in partitions)))


def _select(name: str, label: str, pairs: list[tuple[str, str]]) -> str:
    options = [element("option", "全部", value="")]
    options += [element("option", text, value=key) for key, text in pairs]
    return wrap("label", element("span", label) + wrap("select", options, id=name))
