"""What a settings mapping must hold: its keys, its values, and how to say so."""

from __future__ import annotations

import json
import types
from dataclasses import dataclass
from difflib import get_close_matches
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

from pydantic import ValidationError

from gridopt.rules import Rules, extra_of
from gridopt.scenario.layers import Complaint, KeyPath, Place, dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from pydantic.fields import FieldInfo

AnyRules = TypeVar("AnyRules", bound=Rules)

_PLAIN_WORDS: dict[Any, tuple[str, str]] = {
    bool: ("true 或 false", "true or false"),
    str: ("文字", "text"),
    type(None): ("空（null）", "null"),
    dict: ("“键: 值”的对应表", "a mapping of 'key: value'"),
    int: ("整数", "a whole number"),
    float: ("数", "a number"),
}
_LIMITS = {
    "ge": ("不小于", "at least "),
    "gt": ("大于", "above "),
    "le": ("不大于", "at most "),
    "lt": ("小于", "below "),
}


@dataclass(frozen=True)
class Section:
    """One group of settings as the files spell it, and where its values stand.

    Attributes
    ----------
    values
        The mapping that is to become rules.
    places
        Where each value stands, by its key path in the file.
    as_written
        Turns a path inside the rules into the path in the file.
    elsewhere
        The dotted key under which a key of another section stands.
    """

    values: dict[str, Any]
    places: Mapping[KeyPath, Place]
    as_written: Callable[[KeyPath], KeyPath]
    elsewhere: Mapping[str, str]

    def place(self, path: KeyPath) -> Place:
        """Find the value's place, else that of the nearest thing around it."""
        written = self.as_written(path)
        for end in range(len(written), -1, -1):
            if (found := self.places.get(written[:end])) is not None:
                return found
        return next(iter(self.places.values()))


def fit_rules(
    model: type[AnyRules], section: Section
) -> tuple[AnyRules | None, list[Complaint]]:
    """Turn a mapping into rules, or say everything that is wrong with it.

    A plain number where a text is asked for (an edition, an id) is taken in the
    very digits it was written in; nothing else is converted.

    Returns
    -------
    tuple
        The rules (None where anything is wrong) and the complaints.
    """
    rules, errors = _try(model, section.values)
    if rules is None:
        as_texts = _with_numbers_as_written(section, errors)
        rules, errors = _try(model, as_texts)
    return rules, _complaints(model, section, errors)


def _try(
    model: type[AnyRules], values: dict[str, Any]
) -> tuple[AnyRules | None, dict[KeyPath, Any]]:
    # strict, as "20" is no number, 1 is no text and 0 is not false
    try:
        return model.model_validate(_as_tuples(values), strict=True), {}
    except ValidationError as error:
        found: dict[KeyPath, Any] = {}
        for one in error.errors(include_url=False, include_input=False):
            found.setdefault(_path_of(values, one["loc"], one["type"]), one)
        return None, found


def _as_tuples(values: Any) -> Any:
    """Make tuples of a file's lists: what rules hold cannot change."""
    if isinstance(values, dict):
        return {key: _as_tuples(value) for key, value in values.items()}
    if isinstance(values, list):
        return tuple(_as_tuples(value) for value in values)
    return values


def _path_of(values: Any, loc: tuple[int | str, ...], kind: str) -> KeyPath:
    """Keep of pydantic's location what stands in the file; union tags fall out."""
    path: list[str | int] = []
    for key in loc:
        is_key = isinstance(values, dict) and key in values
        is_item = isinstance(values, list) and isinstance(key, int)
        if is_key or (is_item and int(key) < len(values)):
            values = values[key]
            path.append(key)
    if kind == "missing":
        path.append(loc[-1])
    return tuple(path)


def _with_numbers_as_written(
    section: Section, errors: dict[KeyPath, Any]
) -> dict[str, Any]:
    values = json.loads(json.dumps(section.values))
    for path in errors:
        place = section.places.get(section.as_written(path))
        if path and place is not None and place.is_plain:
            holder = values
            for key in path[:-1]:
                holder = holder[key]
            # a key that is not in the file may have a place in a file below it
            value = holder[path[-1]] if path[-1] in _keys_of(holder) else None
            if isinstance(value, int | float) and not isinstance(value, bool):
                holder[path[-1]] = place.text
    return values


def _keys_of(holder: dict[str, Any] | list[Any]) -> Collection[str | int]:
    return holder if isinstance(holder, dict) else range(len(holder))


def _complaints(
    model: type[Rules], section: Section, errors: dict[KeyPath, Any]
) -> list[Complaint]:
    found = []
    for path, error in errors.items():
        is_absent = error["type"] == "missing" or not path
        place = section.place(path[:-1] if is_absent else path)
        words = _words(model, section, path, error)
        key = dotted(section.as_written(path))
        value = "" if is_absent else shown(_value_at(section.values, path), place)
        found.append(Complaint(place.file, place.line, key, value, *words))
    return found


def _words(
    model: type[Rules], section: Section, path: KeyPath, error: Any
) -> tuple[str, str, str]:
    if error["type"] == "extra_forbidden":
        known = list(_model_at(model, path[:-1]).model_fields)
        return ("unknown_key", *unknown_key(str(path[-1]), known, section.elsewhere))
    if error["type"] == "value_error":
        text = str(error["ctx"]["error"])
        zh, _, en = text.partition(" / ")
        return "value", zh.rstrip("\u3002"), (en or zh).rstrip(".")
    zh, en = accepted(_field_at(model, path))
    zh = f" {zh}" if zh[0].isascii() else zh
    if error["type"] == "missing":
        return "missing", f"缺少这一项，应为{zh}", f"missing: {en} is accepted"
    return "type", f"应为{zh}", f"{en} is accepted"


def unknown_key(
    key: str, known: list[str], elsewhere: Mapping[str, str]
) -> tuple[str, str]:
    """Say that a key is unknown, and which known one is nearest.

    Examples
    --------
    >>> unknown_key("targt", ["target", "least"], {})[1]
    'unknown key; the nearest known key is target'
    """
    near = get_close_matches(key.strip().lower(), known, n=1, cutoff=0.6)
    if near:
        zh, en = f"最接近的键是 {near[0]}", f"the nearest known key is {near[0]}"
    elif key in elsewhere:
        full = elsewhere[key]
        zh, en = f"它应写作 {full}", f"it is spelt {full}"
    else:
        zh = f"可用的键：{'、'.join(known)}"
        en = f"known keys: {', '.join(known)}"
    return f"没有这个键；{zh}", f"unknown key; {en}"


def shown(value: Any, place: Place) -> str:
    """Show a value as it was written, shortened where it is long."""
    if isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = place.text
    return text if len(text) <= 60 else text[:57] + "…"


def _value_at(values: Any, path: KeyPath) -> Any:
    for key in path:
        is_there = isinstance(values, list) or key in values
        values = values[key] if is_there else None
    return values


def _model_at(model: type[Rules], path: KeyPath) -> type[Rules]:
    for key in path:
        model = model.model_fields[str(key)].annotation  # type: ignore[assignment]
    return model


def _field_at(model: type[Rules], path: KeyPath) -> FieldInfo | None:
    """Find the deepest declared field on a path; None for the whole model."""
    found = None
    for key in path:
        fields = getattr(model, "model_fields", {})
        if key not in fields:
            break
        found = fields[key]
        model = found.annotation
    return found


def accepted(field: FieldInfo | None) -> tuple[str, str]:
    """Say in Chinese and English which values a field accepts.

    Examples
    --------
    >>> from gridopt.problem import GridRules
    >>> accepted(GridRules.model_fields["target"])
    ('整数（不小于2）', 'a whole number (at least 2)')
    >>> from gridopt.terms import BudgetRules
    >>> accepted(BudgetRules.model_fields["unit_sd"])[0]
    '数（不小于0、不大于10），或空（null）'
    """
    if field is None:
        return _PLAIN_WORDS[dict]
    words = extra_of(field).get("words")
    if field.annotation is str and words:
        return _accepted(Literal[tuple(words)], ())
    return _accepted(field.annotation, tuple(field.metadata))


def _accepted(kind: Any, limits: tuple[Any, ...]) -> tuple[str, str]:
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *more = get_args(kind)
        # a field inside a union keeps its bounds as metadata of its own
        found = [one for each in more for one in getattr(each, "metadata", [each])]
        return _accepted(inner, (*limits, *found))
    if origin in (Union, types.UnionType):
        parts = [_accepted(part, limits) for part in get_args(kind)]
        return "，或".join(p[0] for p in parts), " or ".join(p[1] for p in parts)
    if origin is Literal:
        texts = [str(value) for value in get_args(kind)]
        if len(texts) == 1:
            return texts[0], texts[0]
        return f"{'、'.join(texts)} 之一", f"one of {', '.join(texts)}"
    if kind in (int, float):
        return _number_words(kind, limits)
    if origin is tuple:
        return _list_words(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Rules):
        return _PLAIN_WORDS[dict]
    return _PLAIN_WORDS.get(origin or kind, ("其他写法", "another value"))


def _number_words(kind: type, limits: tuple[Any, ...]) -> tuple[str, str]:
    zh, en = _PLAIN_WORDS[kind]
    found = [
        (words[0] + str(getattr(limit, name)), words[1] + str(getattr(limit, name)))
        for limit in limits
        for name, words in _LIMITS.items()
        if hasattr(limit, name)
    ]
    if not found:
        return zh, en
    return (
        f"{zh}（{'、'.join(pair[0] for pair in found)}）",
        f"{en} ({', '.join(pair[1] for pair in found)})",
    )


def _list_words(items: tuple[Any, ...]) -> tuple[str, str]:
    if items and get_origin(items[0]) is tuple:
        zh = "成对编号的列表（[[甲, 乙], …]）"
        return zh, "a list of pairs of ids ([[a, b], ...])"
    return "列表（[甲, 乙, …]）", "a list ([a, b, ...])"
