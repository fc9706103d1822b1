"""How a scenario file becomes a scenario: every value checked, every error said."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.errors import InputError, refuse_no_path
from gridopt.rules import Rules, setting, unknown_key
from gridopt.scenario.layers import (
    Complaint,
    KeyPath,
    Layer,
    Place,
    complain,
    read_layers,
)
from gridopt.scenario.settings import Section, fit_rules
from gridopt.scenario.value import (
    FILES,
    HEADING,
    KEYS,
    REGISTER_GROUPS,
    SECTIONS,
    TABLES,
    Scenario,
    is_shipped_name,
)

if TYPE_CHECKING:
    from gridopt.problem import GridRules


class Heading(Rules):
    """Who chose, when, on what ground, and where the search starts."""

    title: str = setting(..., label="标题", doc="title", min_length=1)
    author: str = setting("", label="编制人", doc="author")
    date: str | None = setting(None, label="日期", doc="date")
    basis: str = setting(..., label="依据", doc="basis", min_length=1)
    seed: int = setting(0, label="随机种子", doc="seed", ge=0, le=2**31 - 1)


def read_scenario(
    path: str | Path,
    *,
    register_file: str | Path | None = None,
    seed: int | None = None,
) -> Scenario:
    """Read a scenario file and what it extends, and check every value.

    Parameters
    ----------
    path
        The YAML file; paths inside are relative to the file that says them.
    register_file, seed
        Take the place of what the file says, as `--register` and `--seed` do;
        this path is relative to where the program runs.

    Raises
    ------
    InputError
        With every error at once: file, line, key, value, what is accepted.

    Examples
    --------
    >>> read_scenario("no-such-file.yaml")
    Traceback (most recent call last):
    gridopt.errors.InputError: ... the file does not exist
    """
    refuse_no_path(path, "scenarios/yuhuan-2022.yaml")
    layer = read_layers(path)
    layer, complaints = _with_whole_paths(layer)
    heading, found = _heading(layer)
    complaints += found
    fitted: dict[str, Any] = {}
    for key, model in SECTIONS.items():
        fitted[key], found = fit_rules(model, _section(layer, key))
        complaints += found
    complaints += _unknown_sections(layer) + _band_faults(layer, fitted["grids"])
    if complaints or layer.complaints:
        raise _refusal(Path(path), [*layer.complaints, *complaints])
    scenario = Scenario(**heading, **fitted, name=Path(path).stem)
    return _overridden(scenario, register_file, seed)


def _overridden(
    scenario: Scenario, register_file: str | Path | None, seed: int | None
) -> Scenario:
    if register_file is not None:
        file = {"file": str(Path(register_file).resolve())}
        rules = scenario.register.model_copy(update=file)
        scenario = replace(scenario, register=rules)
    return scenario if seed is None else replace(scenario, seed=seed)


def _with_whole_paths(layer: Layer) -> tuple[Layer, list[Complaint]]:
    """Make the paths whole, each from the folder of the file that says it."""
    values, complaints = dict(layer.values), []
    for section, key in FILES:
        told, place = values.get(section), layer.places.get((section, key))
        value = told.get(key) if isinstance(told, dict) else None
        if not isinstance(value, str) or place is None:
            continue
        if is_shipped_name((section, key), value):
            complaints += _unknown_table(place, (section, key), value)
            continue
        whole = (place.folder / value.replace("\\", "/")).resolve()
        values[section] = {**values[section], key: str(whole)}
        if section != "register" and not whole.is_file():
            complaints.append(_missing_file(place, (section, key)))
    return replace(layer, values=values), complaints


def _missing_file(place: Place, path: KeyPath) -> Complaint:
    zh = "文件不存在（相对路径从写有这一项的情景文件所在文件夹算起）"
    en = "the file does not exist (paths are relative to the scenario that says them)"
    return complain(place, path, "file", zh, en)


def _unknown_table(place: Place, path: tuple[str, str], name: str) -> list[Complaint]:
    known = TABLES[path]
    if name in known:
        return []
    near = get_close_matches(name, known, n=1)
    zh = "没有这张表；" + (f"最接近的是 {near[0]}；" if near else "")
    zh += f"可用的表：{'、'.join(known)}，或以 .csv 结尾的文件"
    en = f"no such table{f', the nearest is {near[0]}' if near else ''}; "
    en += f"{', '.join(known)} or a .csv file is accepted"
    return [complain(place, path, "table", zh, en)]


def _heading(layer: Layer) -> tuple[dict[str, Any], list[Complaint]]:
    values = {key: layer.values[key] for key in HEADING if key in layer.values}
    # a title and a basis speak of one file: what it extends had others
    for key in ("title", "basis"):
        if key not in layer.own:
            values.pop(key, None)
    section = Section(values, layer.places, lambda path: path, {})
    if layer.complaints and not layer.values:
        return {}, []
    heading, complaints = fit_rules(Heading, section)
    date, fault = _date(values.get("date"), section)
    if heading is None:
        return {}, complaints + fault
    told = {**heading.model_dump(), "date": date, "basis": heading.basis.strip()}
    return told, complaints + fault


def _date(text: Any, section: Section) -> tuple[dt.date | None, list[Complaint]]:
    if text is None or isinstance(text, bool | dict | list):
        return None, []
    text = str(text)
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError(text)
        return dt.date.fromisoformat(text), []
    except ValueError:
        place = section.place(("date",))
        zh = "应为存在的日期，写作 年-月-日，如 2025-12-31"
        en = "an existing date written as in 2025-12-31 is accepted"
        return None, [complain(place, ("date",), "date", zh, en)]


def _section(layer: Layer, key: str) -> Section:
    def as_written(path: KeyPath) -> KeyPath:
        is_group = key == "register" and path and path[0] in REGISTER_GROUPS
        return path if is_group else (key, *path)

    values = layer.values.get(key)
    values = dict(values) if isinstance(values, dict) else {}
    if key == "register":
        # spelt inside `register` these are unknown keys, said by _unknown_sections
        values = {k: v for k, v in values.items() if k not in REGISTER_GROUPS}
        groups = {k: layer.values.get(k) for k in REGISTER_GROUPS}
        values |= {k: v for k, v in groups.items() if isinstance(v, dict)}
    return Section(values, layer.places, as_written, _elsewhere())


def _elsewhere() -> dict[str, str]:
    """Say under which dotted key each setting of every section stands."""
    found: dict[str, str] = {key: key for key in KEYS}
    for section, model in SECTIONS.items():
        for name, told in model.model_fields.items():
            if section == "register" and name in REGISTER_GROUPS:
                inner = told.annotation.model_fields  # type: ignore[union-attr]
                found |= {key: f"{name}.{key}" for key in inner if key not in found}
            else:
                found.setdefault(name, f"{section}.{name}")
    return found


def _unknown_sections(layer: Layer) -> list[Complaint]:
    """Refuse top-level keys that nobody knows, and sections that are no mapping."""
    elsewhere = {k: v for k, v in _elsewhere().items() if k not in KEYS}
    found = []
    for key, value in layer.values.items():
        place = layer.places[key,]
        is_section = key in SECTIONS or key in REGISTER_GROUPS
        if key not in KEYS:
            words = unknown_key(key, list(KEYS), elsewhere)
            found.append(complain(place, (key,), "unknown_key", *words))
        elif is_section and value is not None and not isinstance(value, dict):
            zh = "应为一组设置（下一行缩进后写 键: 值）"
            found.append(complain(place, (key,), "type", zh, "a mapping is accepted"))
    told = layer.values.get("register")
    for key in REGISTER_GROUPS:
        if isinstance(told, dict) and key in told:
            path, words = ("register", key), unknown_key(key, [], {key: key})
            place = layer.places[path]
            found.append(complain(place, path, "unknown_key", *words))
    return found


def _band_faults(layer: Layer, rules: GridRules | None) -> list[Complaint]:
    """Refuse a band that no grid can keep: least <= target <= most (P5)."""
    if rules is None or rules.least <= rules.target <= rules.most:
        return []
    section = _section(layer, "grids")
    key = next(key for key in ("least", "target", "most") if key in section.values)
    zh = "最少、目标、最多家数（least、target、most）应依次不减，"
    zh += f"现为{rules.least}、{rules.target}、{rules.most}（含默认值）"
    en = "least <= target <= most must hold, defaults included; they are "
    en += f"{rules.least}, {rules.target}, {rules.most}"
    return [complain(section.place((key,)), ("grids", key), "band", zh, en)]


def _refusal(path: Path, complaints: list[Complaint]) -> InputError:
    files = list(dict.fromkeys(one.file for one in complaints))
    ordered = sorted(complaints, key=lambda one: (files.index(one.file), one.line))
    n = len(ordered)
    zh = [f"情景文件 {path} 有{n}处错误："]
    en = [f"the scenario {path} has {n} {'error' if n == 1 else 'errors'}:"]
    for one in ordered:
        where = f"{one.file}:{one.line}" if one.line else one.file
        what = " = ".join(text for text in (one.key, one.value) if text)
        zh.append(f"{where}  {what}{'：' if what else ''}{one.message_zh}。")
        en.append(f"{where}  {what}{': ' if what else ''}{one.message_en}")
    return InputError("\n".join(zh), "\n".join(en), _as_findings(ordered))


def _as_findings(complaints: list[Complaint]) -> pd.DataFrame:
    rows = [
        {
            "row": one.line or None,
            "column": one.key,
            "rule": one.rule,
            "value": one.value,
            "severity": "error",
            "message_zh": one.message_zh,
            "message_en": one.message_en,
            "file": Path(one.file).name,
            "enterprise_id": "",
        }
        for one in complaints
    ]
    return pd.DataFrame(rows)
