"""What narrows the maps of a page down to a unit or a category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.views.html import element, wrap
from gridopt.views.labels import unit_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.partition import Partition


def show_filters(partitions: Sequence[Partition], *more: str) -> str:
    """Write the choices that `report.js` listens to, of all that the plans have.

    Parameters
    ----------
    more
        Safe pieces that stand after the choices.
    """
    units: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for one in partitions:
        # each plan names what it has: scenarios may divide the industries otherwise
        name_of = one.register.classification.name_zh
        units |= {key: unit_name(one.register, key) for key in one.grids["unit"]}
        kinds |= {key: name_of(key) for key in one.grids["category"]}
    choices = [_select("by-u", "单元：", units), _select("by-c", "行业：", kinds)]
    return wrap("div", [*choices, *more], class_="tools")


def _select(name: str, label: str, names: dict[str, str]) -> str:
    options = [element("option", "全部", value="")]
    options += [element("option", names[key], value=key) for key in sorted(names)]
    return wrap("label", element("span", label) + wrap("select", options, id=name))
