"""What we chose: a title, its basis, and every setting the document leaves open."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

from gridopt.cards import Card, Shown
from gridopt.change import ChangeRules
from gridopt.problem import GridRules
from gridopt.register import RegisterRules
from gridopt.roster import RoleRules
from gridopt.rules import Rules
from gridopt.rules import list_choices as choices_of_rules
from gridopt.terms import BudgetRules

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

KEYS = (
    "title",
    "author",
    "date",
    "basis",
    "extends",
    "seed",
    "register",
    "units",
    "classification",
    "work_areas",
    "changes",
    "grids",
    "roles",
    "money",
)
"""The keys of a scenario file, in the order in which one is written."""

SECTIONS: dict[str, type[Rules]] = {
    "register": RegisterRules,
    "changes": ChangeRules,
    "grids": GridRules,
    "roles": RoleRules,
    "money": BudgetRules,
}
REGISTER_GROUPS = ("units", "classification", "work_areas")
"""Groups of the register's rules that a file spells at its top level."""

FILES = (
    ("register", "file"),
    ("units", "table"),
    ("units", "villages"),
    ("classification", "table"),
    ("work_areas", "file"),
    ("roles", "staff"),
)
"""The settings that may name a file, relative to the scenario that says so."""

TABLES = {
    ("units", "table"): ("yuhuan",),
    ("units", "villages"): ("yuhuan",),
    ("classification", "table"): ("gbt4754", "naics-subsector", "naics-five"),
}
"""Those of them that may name a shipped table instead, and which there are."""

HEADING = ("title", "author", "date", "basis", "seed")


@dataclass(frozen=True, repr=False)
class Scenario(Shown):
    """Every choice of one plan, with its title and the ground it stands on.

    Attributes
    ----------
    title, author, basis
        What it is called, who made it, which clauses or figures it rests on.
    date
        The day it speaks of; workbook and pictures carry it.
    seed
        Where searches and drawings of lots start.
    register, changes, grids, roles, money
        The settings of the five rooms; paths in them are absolute.
    name
        The file's name without its ending; the run folder is called so.

    Examples
    --------
    >>> scenario = Scenario("十五家一格", "P5", grids=GridRules(target=15))
    >>> scenario.source["grids"]
    {'target': 15}
    """

    title: str = "默认口径"
    basis: str = "玉政办发〔2022〕18号，未定事项取默认口径"
    author: str = ""
    date: dt.date | None = None
    seed: int = 0
    register: RegisterRules = field(default_factory=RegisterRules)
    changes: ChangeRules = field(default_factory=ChangeRules)
    grids: GridRules = field(default_factory=GridRules)
    roles: RoleRules = field(default_factory=RoleRules)
    money: BudgetRules = field(default_factory=BudgetRules)
    name: str = "scenario"

    def card(self) -> Card:
        """Tell who chose on what ground, and every choice that is not the default."""
        changed = [row for row in list_choices(self) if not row["is_default"]]
        facts = [
            ("名称", self.name),
            ("编制人", self.author or "未写"),
            ("依据", "".join(line.strip() for line in self.basis.splitlines())),
            ("日期", str(self.date) if self.date else "未写"),
            ("名录", Path(self.register.file or "未写").name),
            ("不是默认值的设置", f"{len(changed)}项"),
        ]
        facts += [
            (f"{row['clause']} {row['label']}", row["value_zh"]) for row in changed
        ]
        return Card(
            title=f"情景：{self.title}",
            brief=f"{self.name}：{self.title}，{len(changed)}项设置不是默认值",
            facts=tuple(facts),
        )

    @property
    def source(self) -> dict[str, Any]:
        """The scenario as its file would say it: only what it states itself.

        Files are named as in a run folder: the register by its name alone, other
        tables under ``inputs/``.
        """
        told = {key: getattr(self, key) for key in HEADING}
        told["date"] = self.date.isoformat() if self.date else None
        for key, rules in _rules_of(self).items():
            told[key] = rules.model_dump(mode="json", exclude_unset=True)
        told.update({key: told["register"].pop(key, None) for key in REGISTER_GROUPS})
        for (section, key), name in _file_names(told).items():
            told[section][key] = name
        return {key: told[key] for key in KEYS if told.get(key) not in (None, "", {})}

    @property
    def year(self) -> int | None:
        """Year of its date, the year of the money; None where it has no date."""
        return self.date.year if self.date else None

    @property
    def inputs(self) -> dict[str, Path]:
        """Tables to lay beside a run: name under ``inputs/`` → path, by name."""
        told = {key: _rules_at(self, key).model_dump() for key, _ in FILES}
        names = _file_names(told)
        found = {
            name.removeprefix("inputs/"): Path(told[section][key])
            for (section, key), name in names.items()
            if section != "register"
        }
        return dict(sorted(found.items()))


def _rules_of(scenario: Scenario) -> dict[str, Rules]:
    return {key: getattr(scenario, key) for key in SECTIONS}


def _rules_at(scenario: Scenario, section: str) -> Rules:
    holder = scenario.register if section in REGISTER_GROUPS else scenario
    return getattr(holder, section)


def _file_names(told: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Say what each named file is called in a run folder; equal names told apart."""
    names: dict[tuple[str, str], str] = {}
    taken: dict[str, str] = {}
    for section, key in FILES:
        value = (told.get(section) or {}).get(key)
        if not isinstance(value, str) or is_shipped_name((section, key), value):
            continue
        name = re.split(r"[\\/]", value)[-1]
        if section == "register":
            names[section, key] = name
            continue
        if taken.setdefault(name.lower(), value) != value:
            name = f"{section}-{name}"
        names[section, key] = f"inputs/{name}"
    return names


def is_shipped_name(setting: tuple[str, str], value: str) -> bool:
    """Tell the name of a shipped table from the path of a file.

    Examples
    --------
    >>> table = ("classification", "table")
    >>> is_shipped_name(table, "gbt4754"), is_shipped_name(table, "desks.csv")
    (True, False)
    """
    return setting in TABLES and not _is_path(value)


def _is_path(value: str) -> bool:
    has_ending = Path(value).suffix.lower() in (".csv", ".xlsx")
    return has_ending or "/" in value or "\\" in value


def scenario_text(scenario: Scenario) -> bytes:
    """Write a scenario as the run folder keeps it: `extends` resolved, no machine.

    Read again from a folder that holds its `inputs/`, it is the same scenario.

    Examples
    --------
    >>> print(scenario_text(Scenario("甲", "P5", seed=7)).decode().strip())
    title: 甲
    basis: P5
    seed: 7
    """
    return yaml_text(scenario.source)


def yaml_text(told: Mapping[str, Any]) -> bytes:
    """Write plain values as the YAML of a scenario file, in UTF-8."""
    writer = YAML(typ="rt", pure=True)
    writer.width, writer.allow_unicode = 10_000, True
    writer.default_flow_style = False
    out = io.BytesIO()
    writer.dump(_with_blocks(dict(told)), out)
    return out.getvalue()


def _with_blocks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_blocks(inner) for key, inner in value.items()}
    if isinstance(value, list):
        items = CommentedSeq(_with_blocks(inner) for inner in value)
        if not any(isinstance(inner, list) for inner in value):
            items.fa.set_flow_style()
        return items
    is_long = isinstance(value, str) and "\n" in value
    return LiteralScalarString(value) if is_long else value


def list_choices(scenario: Scenario) -> list[dict[str, Any]]:
    """List every setting that reads a clause: which, its value, default or not.

    Returns
    -------
    list of dict
        `clause, setting, label, value, is_default, value_zh`, in the order of the
        file; `setting` is the dotted key of the scenario file.

    Examples
    --------
    >>> rows = list_choices(Scenario())
    >>> next(row["value"] for row in rows if row["setting"] == "grids.target")
    20
    """
    rows: list[dict[str, Any]] = []
    for key, rules in _rules_of(scenario).items():
        rows += [_as_spelt(row) for row in choices_of_rules(rules, f"{key}.")]
    return rows


def _as_spelt(row: dict[str, Any]) -> dict[str, Any]:
    """Name a setting as the file spells it, and a table by its name alone."""
    path = row["setting"].split(".")
    if path[0] == "register" and path[1] in REGISTER_GROUPS:
        path = path[1:]
    row = {**row, "setting": ".".join(path)}
    if tuple(path) in FILES and isinstance(row["value"], str):
        name = re.split(r"[\\/]", row["value"])[-1]
        row |= {"value": name, "value_zh": name}
    return row
