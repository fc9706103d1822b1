"""Which settings can be turned at the desk, and how what is typed becomes rules."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

from gridopt.desk.kit import load_kit
from gridopt.errors import InputError
from gridopt.grids import refuse_band
from gridopt.moves import format_moves, parse_moves
from gridopt.rules import accepted, extra_of
from gridopt.scenario.layers import KeyPath, Place
from gridopt.scenario.settings import Section, fit_rules
from gridopt.scenario.value import SECTIONS
from gridopt.words import join_both

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo

    from gridopt.rules import Rules
    from gridopt.scenario import Scenario
    from gridopt.scenario.layers import Complaint

MOVED = "grids.moved"
"""The setting that lists who is placed by hand: a box of lines."""

HAND, SINCE = "人工调整", "与上期衔接"
"""Tabs of the moves by hand, and of what counts with a previous plan only."""

_SMALL = "grids.small_block_prices."
GROUPS: dict[str, tuple[str, ...]] = {
    "家数与个数": (
        "grids.target",
        "grids.least",
        "grids.most",
        "grids.number",
        "grids.size_price_m",
    ),
    "归属与代价": (
        "grids.bureau_owns",
        "register.groomed",
        "grids.area_price_m",
        "grids.linkage_price_m",
    ),
    "小单元": (
        "grids.viable_least",
        _SMALL + "related_category",
        _SMALL + "other_category",
        _SMALL + "other_unit",
        _SMALL + "per_km",
        _SMALL + "off_band",
        _SMALL + "undersized",
    ),
    "经费": (
        "money.activity_yuan",
        "money.prizes_yuan",
        "money.star_percents",
        "money.rounding",
        "money.pool",
        "money.pass_percent",
        "money.pass_basis",
        "money.floor",
        "money.floor_percent",
        "money.floor_level",
        "money.bureau_payer",
    ),
    SINCE: (
        "grids.mover_price_m",
        "grids.mover_cap",
        "grids.keep_revised",
        "grids.frozen",
    ),
    HAND: (MOVED,),
}
"""What the desk shows, by tab: dotted keys of the scenario file."""

_PARTS = re.compile(r"[、,，;；\s]+")
_PAIRS = tuple[tuple[str, str], ...]
_SHOWN_LETTERS = 40
_LAYOUT = {"width": "98%", "max_width": "56em"}
_STYLE = {"description_width": "19em"}


@dataclass(frozen=True)
class Control:
    """One setting with the widget that holds what is typed.

    Attributes
    ----------
    key
        Dotted key of the scenario file.
    field
        What the rules accept.
    base
        The base scenario's value, as a file spells it.
    widget
        A tick, a list of words, or a box for text.
    """

    key: str
    field: FieldInfo
    base: Any
    widget: Any

    @property
    def section(self) -> str:
        """The group of rules it belongs to."""
        return self.key.split(".")[0]

    @property
    def path(self) -> KeyPath:
        """Where its value stands in that group."""
        return tuple(self.key.split(".")[1:])

    @property
    def label(self) -> str:
        """What it is called in Chinese."""
        return str(extra_of(self.field)["label"])

    @property
    def value(self) -> Any:
        """What is chosen, as a file would spell it; typed nonsense stays text."""
        try:
            return self.read()
        except InputError:
            return self.widget.value

    def read(self) -> Any:
        """Read what is chosen; untouched it is the base scenario's very value.

        Raises
        ------
        InputError
            Where lines are typed that cannot be moves.
        """
        told = self.widget.value
        if told == _shown(self.base, self.field):
            return self.base
        if not isinstance(told, str) or _words(self.field):
            return told
        return read_value(told, self.field.annotation)

    @property
    def is_changed(self) -> bool:
        """Whether something else than the base scenario is chosen."""
        return bool(self.value != self.base)

    def reset(self) -> None:
        """Show the base scenario's value again."""
        self.widget.value = _shown(self.base, self.field)


def make_controls(scenario: Scenario) -> dict[str, Control]:
    """Make a control for each setting of `GROUPS`, showing a scenario's values.

    Returns
    -------
    dict
        Control by dotted key, in the order of the tabs.

    Examples
    --------
    >>> from gridopt.scenario import Scenario
    >>> controls = make_controls(Scenario())
    >>> controls["grids.target"].widget.value
    '20'
    """
    keys = [key for group in GROUPS.values() for key in group]
    return {key: _make_control(key, scenario) for key in keys}


def _make_control(key: str, scenario: Scenario) -> Control:
    section, *path = key.split(".")
    rules: Any = getattr(scenario, section)
    for name in path[:-1]:
        rules = getattr(rules, name)
    field = type(rules).model_fields[path[-1]]
    base = rules.model_dump(mode="json")[path[-1]]
    if field.annotation is float and isinstance(base, float) and base.is_integer():
        base = int(base)
    return Control(key, field, base, _make_widget(field, base))


def _make_lines(field: FieldInfo, base: Any) -> Any:
    """Make the box for moves by hand, wide enough for two ids a line."""
    return load_kit().Textarea(
        value=_shown(base, field),
        placeholder="91331083HC00023102 331083001-trade-01",
        rows=6,
        continuous_update=False,
        layout=_LAYOUT,
    )


def _make_widget(field: FieldInfo, base: Any) -> Any:
    if field.annotation == _PAIRS:
        return _make_lines(field, base)
    kit, words = load_kit(), _words(field)
    told = {"layout": _LAYOUT, "style": _STYLE, "description": extra_of(field)["label"]}
    told["tooltip"] = f"{extra_of(field).get('clause', '')}：{accepted(field)[0]}"
    if isinstance(base, bool):
        # a tick has no column of its own for its words
        return kit.Checkbox(value=base, indent=True, **told)
    if words:
        options = [(text, value) for value, text in words.items()]
        if base not in words:
            options.append((f"照情景文件：{base}", base))
        return kit.Dropdown(options=options, value=base, **told)
    told["placeholder"] = _hint(field)
    return kit.Text(value=_shown(base, field), continuous_update=False, **told)


def _words(field: FieldInfo) -> Mapping[str, str]:
    """Words of a choice; those that only tell what an empty box means are none."""
    words = extra_of(field).get("words") or {}
    return {} if set(words) == {""} else words


def _hint(field: FieldInfo) -> str:
    """Say what an empty box means, or what a list is to hold."""
    if field.annotation == tuple[str, ...]:
        return "没有；可填网格编号，用逗号分开"
    return str((extra_of(field).get("words") or {}).get("", ""))


def _shown(value: Any, field: FieldInfo) -> Any:
    if isinstance(value, bool) or _words(field):
        return value
    if field.annotation == _PAIRS:
        return format_moves(dict(value))
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


def read_value(text: str, kind: Any) -> Any:
    """Read a typed value; what is no number where one is asked for stays text.

    Full-width digits count as digits, lists are parted by commas or spaces.

    Raises
    ------
    InputError
        Where pairs are asked for and the lines cannot be moves.

    Examples
    --------
    >>> read_value("２．５", float), read_value("60、30,10", tuple[int, int, int])
    (2.5, [60, 30, 10])
    >>> read_value("二十", int), read_value(" ", float | None)
    ('二十', None)
    """
    plain = text.strip()
    if kind is str:
        return plain
    if kind == _PAIRS:
        return [list(pair) for pair in sorted(parse_moves(text).items())]
    plain = unicodedata.normalize("NFKC", plain)
    parts = [part for part in _PARTS.split(plain) if part]
    if get_origin(kind) is tuple and get_args(kind)[0] is str:
        return parts
    if not plain:
        return None
    if get_origin(kind) is tuple:
        return [_number(part) for part in parts]
    return _number(plain)


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            number = kind(text)
        except (ValueError, OverflowError):
            continue
        if math.isfinite(number):
            return number
    return text


def choose_scenario(controls: Mapping[str, Control], base: Scenario) -> Scenario:
    """Turn what the controls say into a scenario, or say everything that is wrong.

    Raises
    ------
    InputError
        With every nonsense at once, in the words of the labels.

    Examples
    --------
    >>> from gridopt.scenario import Scenario
    >>> controls = make_controls(Scenario())
    >>> controls["grids.target"].widget.value = "15"
    >>> choose_scenario(controls, Scenario()).grids.target
    15
    """
    fitted: dict[str, Rules] = {}
    unread = {key: fault for key, c in controls.items() if (fault := _misread(c))}
    faults = list(unread.values())
    for section in {control.section: 0 for control in controls.values()}:
        own = [c for c in controls.values() if c.section == section and c.is_changed]
        own = [control for control in own if control.key not in unread]
        if own:
            rules, complaints = fit_rules(SECTIONS[section], _typed(own, base, section))
            faults += [_fault(one, controls) for one in complaints]
            fitted |= {} if rules is None else {section: rules}
    if faults:
        zh, en = join_both(faults)
        n = "One entry is" if len(faults) == 1 else f"{len(faults)} entries are"
        raise InputError(f"有{len(faults)}处填写不对：{zh}。", f"{n} wrong: {en}.")
    scenario = replace(base, **fitted)  # type: ignore[arg-type]
    refuse_band(scenario.grids)
    return scenario


def _typed(own: list[Control], base: Scenario, section: str) -> Section:
    """Lay what was typed over what the base scenario states."""
    values = getattr(base, section).model_dump(mode="json", exclude_unset=True)
    places: dict[KeyPath, Place] = {(): Place("", 0, Path())}
    for control in own:
        holder = values
        for name in control.path[:-1]:
            holder = holder.setdefault(name, {})
        holder[control.path[-1]] = control.value
        typed = str(control.widget.value)
        places[(section, *control.path)] = Place("", 0, Path(), typed)
    return Section(values, places, lambda path: (section, *path), {})


def _misread(control: Control) -> tuple[str, str] | None:
    """Say why what is typed cannot even be read; None where it can."""
    try:
        control.read()
    except InputError as error:
        return error.message_zh.rstrip("。"), error.message_en.rstrip(".")
    return None


def _fault(one: Complaint, controls: Mapping[str, Control]) -> tuple[str, str]:
    key = re.sub(r"\[\d+\]", "", one.key)
    if key not in controls:
        return one.message_zh, one.message_en
    typed = str(controls[key].widget.value)
    typed = typed[:_SHOWN_LETTERS] + ("…" if len(typed) > _SHOWN_LETTERS else "")
    return (
        f"“{controls[key].label}”填的是“{typed}”：{one.message_zh}",
        f"{key} = {typed!r}: {one.message_en}",
    )
