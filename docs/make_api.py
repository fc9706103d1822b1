"""How docs/api.md is made: signatures and docstrings of every public name.

python docs/make_api.py        # writes docs/api.md
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gridopt
from gridopt import views

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from pydantic.fields import FieldInfo

PAGE = Path(__file__).with_name("api.md")
WIDTH = 88
HEAD = """\
# API

由 `python docs/make_api.py` 从代码中的说明生成，请勿手工修改。
初次使用请先看 [README](../README.md)。

*Made from the docstrings by `python docs/make_api.py`; do not edit.*
"""
ROOMS = (
    (gridopt, "import gridopt as go"),
    (views, "from gridopt import views"),
)


def main() -> None:
    """Write the page beside this script."""
    PAGE.write_text(write_page(), encoding="utf-8", newline="\n")
    print(f"{PAGE.name}  {PAGE.stat().st_size:,} B")


def write_page() -> str:
    """Return the whole page: an index first, then every name of every room."""
    parts = [HEAD]
    parts += [_index(room, line) for room, line in ROOMS]
    for room, _ in ROOMS:
        parts.append(f"## {room.__name__}\n")
        parts += [_entry(room, name) for name in sorted(room.__all__, key=str.lower)]
    return "\n".join(parts)


def _index(room: ModuleType, line: str) -> str:
    rows = [f"`{line}`", "", "| | |", "|---|---|"]
    for name in sorted(room.__all__, key=str.lower):
        rows.append(f"| [`{name}`](#{name.lower()}) | {_first_line(room, name)} |")
    return "\n".join(rows) + "\n"


def _first_line(room: ModuleType, name: str) -> str:
    """Return the first sentence of a docstring, on one line."""
    return _doc(room, name).split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _entry(room: ModuleType, name: str) -> str:
    value = getattr(room, name)
    parts = [f"### {name}\n"]
    if inspect.isclass(value):
        parts += [_signature(name, value, "class "), *_base(value)]
    elif callable(value):
        parts.append(_signature(name, value))
    else:
        parts.append(f"```python\n{name} = {value!r}\n```\n")
    parts.append(_text(_doc(room, name)))
    if inspect.isclass(value):
        parts += [*_settings(value), *_members(value)]
    return "\n".join(parts)


def _base(value: type) -> Iterator[str]:
    """Name the public class that a public class extends, where there is one."""
    for base in value.__mro__[1:]:
        if base.__name__ in gridopt.__all__:
            name = base.__name__
            yield f"`{value.__name__}` → [`{name}`](#{name.lower()})\n"
            return


def _signature(name: str, value: Any, kind: str = "") -> str:
    """Return the call, one parameter a line where one line is too short."""
    if _is_settings(value):
        return f"```python\n{kind}{name}(*, ...)\n```\n"
    try:
        call = inspect.signature(value)
    except (TypeError, ValueError):
        return f"```python\n{kind}{name}\n```\n"
    if kind:
        call = call.replace(return_annotation=call.empty)
    line = f"{kind}{name}{_unquoted(str(call))}"
    if len(line) > WIDTH:
        inside = ",\n    ".join(_words(call))
        line = f"{kind}{name}(\n    {inside},\n){_returned(call)}"
    return f"```python\n{line}\n```\n"


def _returned(call: inspect.Signature) -> str:
    told = call.return_annotation
    return "" if told is call.empty else f" -> {told}"


def _words(call: inspect.Signature) -> Iterator[str]:
    """Yield the parameters, with the star that keeps what follows by keyword."""
    is_starred = False
    for one in call.parameters.values():
        if one.kind is one.VAR_POSITIONAL:
            is_starred = True
        elif one.kind is one.KEYWORD_ONLY and not is_starred:
            is_starred = True
            yield "*"
        yield _unquoted(str(one))


def _unquoted(text: str) -> str:
    """Take the quotes off annotations, which are texts here."""
    text = re.sub(r"(: |-> )'((?:[^'\\]|\\.)*)'", r"\1\2", text)
    return text.replace("<factory>", "...")


def _is_settings(value: Any) -> bool:
    return inspect.isclass(value) and hasattr(value, "model_fields")


def _settings(value: Any) -> Iterator[str]:
    """Yield the table of a scenario's settings that no base class has already."""
    if not _is_settings(value):
        return
    known = {
        key for base in value.__mro__[1:] for key in getattr(base, "model_fields", {})
    }
    yield "| setting | default | values | clause | label |\n|---|---|---|---|---|"
    for key, field in value.model_fields.items():
        if key not in known:
            yield _row_of(key, field)
    yield ""


def _row_of(key: str, field: FieldInfo) -> str:
    extra = field.json_schema_extra
    told = extra if isinstance(extra, dict) else {}
    values = ", ".join(f"`{word}`" for word in told.get("words") or () if word)
    clause, label = told.get("clause") or "", told.get("label", "")
    return f"| `{key}` | {_default(field)} | {values} | {clause} | {label} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    told = f"{type(value).__name__}()" if _is_settings(type(value)) else repr(value)
    return f"`{told}`".replace("|", "\\|")


def _members(value: type) -> Iterator[str]:
    """Yield the public methods and properties a class defines itself."""
    for key, member in vars(value).items():
        told = getattr(member, "__func__", member)
        if key.startswith("_") or _is_field(value, key) or not _doc_of(told):
            continue
        if isinstance(member, property) or type(member).__name__ == "cached_property":
            yield f"#### {value.__name__}.{key}\n"
        elif inspect.isfunction(told):
            name = f"{value.__name__}.{key}"
            yield f"#### {name}\n\n{_signature(name, told)}"
        else:
            continue
        yield _text(_doc_of(told))


def _is_field(value: type, key: str) -> bool:
    return key in getattr(value, "__dataclass_fields__", {}) or key.startswith("model_")


def _doc(room: ModuleType, name: str) -> str:
    value = getattr(room, name)
    if callable(value):
        return _doc_of(value)
    return _constant_doc(room, name)


def _doc_of(value: Any) -> str:
    return inspect.cleandoc(getattr(value, "__doc__", None) or "")


def _constant_doc(room: ModuleType, name: str) -> str:
    """Return the text that stands under a constant where it is defined."""
    pattern = re.compile(rf'^{name} = [^\n]*\n"""(.*?)"""', re.S | re.M)
    for path in sorted(Path(str(room.__file__)).parent.rglob("*.py")):
        found = pattern.search(path.read_text(encoding="utf-8"))
        if found:
            return inspect.cleandoc(found[1])
    return ""


def _text(doc: str) -> str:
    """Turn a numpydoc text into Markdown."""
    head, *rest = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", doc, flags=re.M)
    parts = [head.strip("\n")]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        told = body.strip("\n")
        is_code = title == "Examples"
        shown = f"```python\n{told}\n```" if is_code else _items(title, told)
        parts.append(f"**{title}**\n\n{shown}")
    return "\n\n".join(parts) + "\n"


def _items(title: str, body: str) -> str:
    """Make each item of a section a bullet and its text the bullet's paragraph."""
    if title in ("Notes", "References"):
        return body
    bullets = re.sub(r"^(\S.*)$", r"- `\1`", body, flags=re.M)
    return re.sub(r"^ {4}", "  ", bullets, flags=re.M)


if __name__ == "__main__":
    main()
