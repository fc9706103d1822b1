"""How scenario files lie on one another: YAML, the line of every value, `extends`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gridopt.errors import tell_reason
from gridopt.rules import dotted

KeyPath: TypeAlias = "tuple[str | int, ...]"
"""Where a value stands in a scenario: ``("grids", "target")``; () is the file."""

_TAG = "tag:yaml.org,2002:"
_DEEPEST = 20


@dataclass(frozen=True)
class Place:
    """Where a value was written, and the words it was written in."""

    file: str
    line: int
    folder: Path
    text: str = ""
    is_plain: bool = False


@dataclass(frozen=True)
class Complaint:
    """One error of a scenario: file and line, key and value, what would do."""

    file: str
    line: int
    key: str
    value: str
    rule: str
    message_zh: str
    message_en: str


@dataclass(frozen=True)
class Layer:
    """Values of one scenario file, or of several laid on one another.

    Attributes
    ----------
    values
        Plain mappings, lists, texts, numbers, true/false and None.
    places
        Where each value stands, by its key path.
    complaints
        What is wrong with the files as YAML.
    own
        The top-level keys that the uppermost file spells itself.
    """

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)
    complaints: tuple[Complaint, ...] = ()
    own: frozenset[str] = frozenset()


def read_layers(path: str | Path) -> Layer:
    """Read a scenario file and every file it extends, the upper over the lower.

    Mappings are joined key by key, lists and single values are replaced. Nothing
    is raised: whatever is wrong stands in `complaints`.

    Parameters
    ----------
    path
        The uppermost file; `extends` is relative to the file that says it.

    Examples
    --------
    >>> layer = read_layers("no-such-file.yaml")
    >>> layer.complaints[0].message_en
    'the file does not exist'
    """
    file = Path(path)
    upper = top = _read_layer(file, Place(str(file), 0, file.parent))
    seen = [file.resolve()]
    while (parent := upper.values.get("extends")) is not None:
        asked_by = upper.places[("extends",)]
        fault = _extends_fault(parent, asked_by, seen)
        if fault is not None:
            return replace(top, complaints=(*top.complaints, fault))
        file = asked_by.folder / parent
        seen.append(file.resolve())
        upper = _read_layer(file, asked_by)
        top = _laid_over(upper, top)
    return top


def _extends_fault(parent: Any, place: Place, seen: list[Path]) -> Complaint | None:
    if not isinstance(parent, str) or not parent.strip():
        return complain(
            place,
            ("extends",),
            "type",
            "应为另一个情景文件的路径（一个文件名，不是列表）",
            "the path of one other scenario file is accepted",
        )
    target = (place.folder / parent).resolve()
    if target not in seen:
        return None
    names = [found.name for found in [*seen[seen.index(target) :], target]]
    return complain(
        place,
        ("extends",),
        "cycle",
        f"情景文件互相引用成环：{' → '.join(names)}；请去掉其中一处 extends",
        f"the files extend each other: {' -> '.join(names)}; remove one extends",
    )


def _read_layer(path: Path, asked_by: Place) -> Layer:
    text = _text_of(path, asked_by)
    if isinstance(text, Complaint):
        return Layer(complaints=(text,))
    walk = _Walk(str(path), path.resolve().parent)
    node = walk.compose(text)
    walk.places[()] = Place(walk.file, 1, walk.folder)
    values = {} if node is None else walk.value_of(node, ())
    if node is not None and not isinstance(values, dict):
        walk.blame(
            node,
            (),
            "type",
            "情景文件应由“键: 值”组成（冒号用半角，后面空一格）",
            "a scenario is made of 'key: value' lines",
        )
        values = {}
    return Layer(values, walk.places, tuple(walk.complaints), frozenset(values))


def _text_of(path: Path, asked_by: Place) -> str | Complaint:
    key: KeyPath = ("extends",) if asked_by.line else ()
    if not path.is_file():
        zh, en = "文件不存在", "the file does not exist"
        if path.is_dir():
            zh, en = "这是文件夹，不是情景文件", "this is a folder, not a scenario file"
        return complain(asked_by, key, "file", zh, en)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        place = Place(str(path), line, path.parent)
        zh = "文件不是 UTF-8 编码，请另存为 UTF-8"
        return complain(place, (), "encoding", zh, "not UTF-8: save it as UTF-8")
    except OSError as error:
        reason_zh, reason_en = tell_reason(error)
        zh, en = f"文件无法打开（{reason_zh}）", f"cannot be read: {reason_en}"
        return complain(asked_by, key, "file", zh, en)


@dataclass
class _Walk:
    """One file on its way from text to values; the lists fill as it is walked."""

    file: str
    folder: Path
    places: dict[KeyPath, Place] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)

    def compose(self, text: str) -> Node | None:
        try:
            depth = 0
            for event in YAML(typ="safe", pure=True).parse(text):
                depth += isinstance(event, CollectionStartEvent)
                depth -= isinstance(event, CollectionEndEvent)
                if depth > _DEEPEST:
                    raise YAMLError("nested too deeply")
                if isinstance(event, AliasEvent):
                    self._refuse_alias(event)
            if self.complaints:
                return None
            return YAML(typ="safe", pure=True).compose(text)
        except YAMLError as error:
            self._refuse_syntax(error, text)
        return None

    def _refuse_alias(self, event: AliasEvent) -> None:
        place = Place(self.file, event.start_mark.line + 1, self.folder)
        zh = f"情景文件不用 YAML 引用（*{event.anchor}），请把值直接写出"
        en = f"YAML aliases (*{event.anchor}) are not accepted: write the value out"
        self.complaints.append(complain(place, (), "alias", zh, en))

    def _refuse_syntax(self, error: YAMLError, text: str) -> None:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = mark.line + 1 if mark is not None else _line_of_position(error, text)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        place = Place(self.file, min(line, text.count("\n") + 1), self.folder)
        zh = f"YAML 写法有误（{problem}）；请检查缩进、冒号后的空格和引号"
        en = f"not valid YAML: {problem}"
        self.complaints.append(complain(place, (), "syntax", zh, en))

    def value_of(self, node: Node, path: KeyPath) -> Any:
        line = node.start_mark.line + 1
        if isinstance(node, MappingNode):
            self.places.setdefault(path, Place(self.file, line, self.folder))
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            self.places.setdefault(path, Place(self.file, line, self.folder))
            items = enumerate(node.value)
            return [self.value_of(item, (*path, i)) for i, item in items]
        text, is_plain = str(node.value), not getattr(node, "style", None)
        self.places[path] = Place(self.file, line, self.folder, text, is_plain)
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else "?"
            line = key.start_mark.line + 1
            if name in values:
                zh = f"键重复：第{first[name]}行已有"
                en = f"duplicate key: it stands in line {first[name]} already"
                self.blame(key, (*path, name), "duplicate", zh, en, text="")
                continue
            first[name] = line
            if isinstance(value, ScalarNode):
                values[name] = self.value_of(value, (*path, name))
            else:  # the line of a section is the line of its key
                place = Place(self.file, line, self.folder)
                self.places[(*path, name)] = place
                values[name] = self.value_of(value, (*path, name))
        return values

    def _scalar(self, node: Node, path: KeyPath) -> Any:
        kind, text = str(node.tag).removeprefix(_TAG), node.value
        if kind in ("str", "timestamp"):
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return _whole_number(text)
        if kind == "float":
            return self._number(node, path)
        zh, en = f"不支持标签 {kind}", f"the tag {kind} is not accepted"
        self.blame(node, path, "tag", zh, en)
        return None

    def _number(self, node: Node, path: KeyPath) -> float:
        text = node.value.replace("_", "").lower()
        value = float(text) if "inf" not in text and "nan" not in text else math.inf
        if math.isfinite(value):
            return value
        self.blame(node, path, "finite", "应为有限的数", "a finite number is accepted")
        return 0.0

    def blame(
        self,
        node: Node,
        path: KeyPath,
        rule: str,
        *words: str,
        text: str | None = None,
    ) -> None:
        if text is None:
            text = node.value if isinstance(node, ScalarNode) else ""
        line = node.start_mark.line + 1
        place = Place(self.file, line, self.folder, text)
        self.complaints.append(complain(place, path, rule, *words))


def _line_of_position(error: YAMLError, text: str) -> int:
    position = getattr(error, "position", 0)
    return text[:position].count("\n") + 1


def _whole_number(text: str) -> int | str:
    """Read a plain whole number; 0311, 0o17 and 0x1F stay text, as nobody counts so."""
    digits = text.lstrip("+-").replace("_", "")
    is_decimal = digits.isdecimal() and (digits == "0" or digits[0] != "0")
    return int(text) if is_decimal else text


def _laid_over(lower: Layer, upper: Layer) -> Layer:
    """Lay one layer over another; what the upper replaces loses its lower places."""
    places = dict(lower.places)
    values = _joined(lower.values, upper.values, (), places)
    places.update(upper.places)
    complaints = (*upper.complaints, *lower.complaints)
    return Layer(values, places, complaints, upper.own)


def _joined(
    lower: dict[str, Any],
    upper: dict[str, Any],
    path: KeyPath,
    places: dict[KeyPath, Place],
) -> dict[str, Any]:
    values = dict(lower)
    for key, value in upper.items():
        below, here = values.get(key), (*path, key)
        if isinstance(below, dict) and isinstance(value, dict):
            values[key] = _joined(below, value, here, places)
            continue
        values[key] = value
        for place in [p for p in places if p[: len(here)] == here]:
            del places[place]
    return values


def complain(place: Place, path: KeyPath, rule: str, zh: str, en: str) -> Complaint:
    """Say what is wrong with the value of one place."""
    text = place.text if len(place.text) <= 60 else place.text[:57] + "…"
    return Complaint(place.file, place.line, dotted(path), text, rule, zh, en)
