"""How a setting that cannot be is told: what is accepted, and the nearest key."""

from __future__ import annotations

import types
from difflib import get_close_matches
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
)

from gridopt.errors import InputError
from gridopt.rules.value import Rules, extra_of
from gridopt.words import join_both

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo

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


class SettingError(InputError, ValueError):
    """Settings that cannot be; a `ValueError` too, so that settings nest."""


def refuse_settings(
    model: type[Rules], values: dict[str, Any], fault: ValidationError
) -> SettingError:
    """Say everything that is wrong with settings given by name.

    Examples
    --------
    >>> from gridopt.problem import GridRules
    >>> try:
    ...     GridRules(target="二十")
    ... except InputError as error:
    ...     print(error.message_zh)
    GridRules 有1项设置不对：target='二十'：应为整数（不小于2）。
    """
    told = []
    for path, error in errors_by_path(values, fault).items():
        _, zh, en = word_fault(model, path, error, {})
        at = dotted(path)
        if at and error["type"] != "missing":
            at += f"={_shown(error['input'])}"
        told.append((f"{at}：{zh}", f"{at}: {en}") if at else (zh, en))
    zh, en = join_both(told)
    n = f"{len(told)} settings" if len(told) > 1 else "1 setting"
    return SettingError(
        f"{model.__name__} 有{len(told)}项设置不对：{zh}。",
        f"{n} of {model.__name__} cannot be: {en}.",
    )


def refuse_unnamed(model: type[Rules]) -> SettingError:
    """Say that settings are given by their names.

    Examples
    --------
    >>> from gridopt.problem import GridRules
    >>> refuse_unnamed(GridRules).message_zh
    'GridRules 的各项设置须写明名称，例如 GridRules(target=20)。'
    """
    name, first = model.__name__, next(iter(model.model_fields.items()))
    such = f"{name}({first[0]}={first[1].get_default(call_default_factory=True)!r})"
    return SettingError(
        f"{name} 的各项设置须写明名称，例如 {such}。",
        f"Give each setting of {name} by its name, as {such}.",
    )


def dotted(path: tuple[str | int, ...]) -> str:
    """Write a key path as people do.

    Examples
    --------
    >>> dotted(("grids", "must_link", 0, 1))
    'grids.must_link[0][1]'
    """
    parts = [f"[{key}]" if isinstance(key, int) else f".{key}" for key in path]
    return "".join(parts).removeprefix(".")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def word_fault(
    model: type[Rules],
    path: tuple[str | int, ...],
    error: Any,
    elsewhere: Mapping[str, str],
) -> tuple[str, str, str]:
    """Say what is wrong with one value: its kind of fault, in Chinese, in English.

    Parameters
    ----------
    path
        Where the value stands, see `path_of`.
    error
        What pydantic says of it.
    elsewhere
        The dotted key under which a key of another group stands.
    """
    if error["type"] == "extra_forbidden":
        known = list(_model_at(model, path[:-1]).model_fields)
        return ("unknown_key", *unknown_key(str(path[-1]), known, elsewhere))
    if error["type"] == "value_error":
        text = str(error["ctx"]["error"])
        zh, _, en = text.partition(" / ")
        return "value", zh.rstrip("\u3002"), (en or zh).rstrip(".")
    zh, en = _accepted_at(model, path)
    zh = f" {zh}" if zh[0].isascii() else zh
    if error["type"] == "missing":
        return "missing", f"缺少这一项，应为{zh}", f"missing: {en} is accepted"
    return "type", f"应为{zh}", f"{en} is accepted"


def errors_by_path(
    values: Any, fault: ValidationError
) -> dict[tuple[str | int, ...], Any]:
    """Keep one of pydantic's errors for each value that is wrong, by its path.

    A value of several kinds (a word, a number, a mapping) is complained of once for
    each: where one of them finds the very part that is wrong, that is told alone.

    Examples
    --------
    >>> from pydantic import ValidationError
    >>> from gridopt.problem import GridRules
    >>> values = {"number": {"331083001-trade": "x"}, "target": "x"}
    >>> try:
    ...     GridRules.model_validate(values)
    ... except ValidationError as fault:
    ...     list(errors_by_path(values, fault))
    [('target',), ('number', '331083001-trade')]
    """
    found: dict[tuple[str | int, ...], Any] = {}
    for error in fault.errors(include_url=False):
        found.setdefault(path_of(values, error["loc"], error["type"]), error)
    wholes = {path[:n] for path in found for n in range(1, len(path))}
    return {path: error for path, error in found.items() if path not in wholes}


def path_of(
    values: Any, loc: tuple[int | str, ...], kind: str
) -> tuple[str | int, ...]:
    """Keep of pydantic's location what stands in the file; union tags fall out."""
    path: list[str | int] = []
    for key in loc:
        is_key = isinstance(values, dict) and key in values
        is_item = isinstance(values, list | tuple) and isinstance(key, int)
        if is_key or (is_item and int(key) < len(values)):
            values = values[key]
            path.append(key)
    if kind == "missing":
        path.append(loc[-1])
    return tuple(path)


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


def _model_at(model: type[Rules], path: tuple[str | int, ...]) -> type[Rules]:
    for key in path:
        model = model.model_fields[str(key)].annotation  # type: ignore[assignment]
    return model


def _field_at(
    model: type[Rules], path: tuple[str | int, ...]
) -> tuple[FieldInfo | None, tuple[str | int, ...]]:
    """Find the deepest declared field on a path, and the keys of its value below.

    None for the whole model.
    """
    found = None
    for depth, key in enumerate(path):
        fields = getattr(model, "model_fields", {})
        if key not in fields:
            return found, path[depth:]
        found = fields[key]
        model = found.annotation
    return found, ()


def _accepted_at(model: type[Rules], path: tuple[str | int, ...]) -> tuple[str, str]:
    """Say what the value at a path may be, also one within a list or a mapping."""
    field, below = _field_at(model, path)
    if field is None or not below:
        return accepted(field)
    for kind in _kinds_of(field.annotation):
        items = [item for item in get_args(kind) if item is not ...]
        if get_origin(kind) is dict:
            return _accepted(items[1], ())
        # a pair in a list of pairs is told with the list
        is_list = get_origin(kind) is tuple and get_origin(items[0]) is not tuple
        if is_list and isinstance(below[-1], int):
            return _accepted(items[min(below[-1], len(items) - 1)], ())
    return accepted(field)


def _kinds_of(kind: Any) -> tuple[Any, ...]:
    is_several = get_origin(kind) in (Union, types.UnionType)
    return get_args(kind) if is_several else (kind,)


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
    if len(kinds := _kinds_of(kind)) > 1:
        parts = [_accepted(part, limits) for part in kinds]
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
    if len(items) > 1 and items[-1] is not ...:
        return f"由{len(items)}项组成的列表", f"a list of {len(items)}"
    return "列表（[甲, 乙, …]）", "a list ([a, b, ...])"
