"""A finished plan as the clauses question it, and the verdict each of them gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gridopt.budget import Budget
    from gridopt.partition import Partition
    from gridopt.roster import Roster

STATUSES = ("met", "departed", "choice", "outside")
"""Kept; departed from; open in the text and chosen here; not for this plan to say."""

TOWNSHIPS = {"street", "town", "township"}
"""Kinds of unit that the document calls 乡镇（街道）."""


class Verdict(NamedTuple):
    """What one clause says of a plan: a status and the figures behind it."""

    status: str
    evidence: str
    evidence_en: str


@dataclass(frozen=True)
class Plan:
    """Everything that the clauses are held against.

    Attributes
    ----------
    partition, roster, budget
        The plan's parts.
    choices
        The settings in force, as `list_choices` gives them.
    """

    partition: Partition
    roster: Roster
    budget: Budget
    choices: tuple[Mapping[str, Any], ...]

    def posts(self, level: int) -> pd.DataFrame:
        """Select the roster's posts of one level of the tree."""
        posts = self.roster.posts
        return posts[posts["level"].astype(int) == level]

    def units(self, *, is_department: bool) -> list[str]:
        """List the second-level units: territorial ones, or departments."""
        codes = self.partition.register.units.codes
        return [
            code
            for code in codes
            if (self.kind_of(code) == "department") == is_department
        ]

    @property
    def territory(self) -> str:
        """Call the territorial units what the document calls them, where they are."""
        kinds = {self.kind_of(code) for code in self.units(is_department=False)}
        return "乡镇（街道）" if kinds & TOWNSHIPS else "二级统计网格"

    def kind_of(self, code: str) -> str:
        """Say what kind a unit is of, "" where nobody knows the unit."""
        unit = self.partition.register.units.get(code)
        return unit.kind if unit else ""

    def name_of(self, code: str) -> str:
        """Name a unit in Chinese; an unknown one by its code."""
        unit = self.partition.register.units.get(code)
        return unit.name if unit else code

    def setting(self, key: str, default: Any = None) -> Any:
        """Look up the value in force of one setting, by its dotted key."""
        found = [row["value"] for row in self.choices if row["setting"] == key]
        return found[0] if found else default

    def chosen(self, clause: str) -> tuple[str, str]:
        """Say in Chinese and English which settings read a clause, and how."""
        rows = [row for row in self.choices if row["clause"] == clause]
        zh = [f"{row['label']}：{_words(row)}{_mark(row)}" for row in rows]
        en = [f"{row['setting']} = {_value(row)}" for row in rows]
        return "；".join(zh), "; ".join(en)


def _words(row: Mapping[str, Any]) -> str:
    return str(row.get("value_zh", row["value"])).rstrip("。")


def _value(row: Mapping[str, Any]) -> str:
    # a sentence of the planner's own has no English
    text = str(row["value"])
    shown = text if text.isascii() else "as stated"
    return f"{shown} (default)" if row["is_default"] else shown


def _mark(row: Mapping[str, Any]) -> str:
    return "（默认）" if row["is_default"] else "（本情景选定）"


def met(zh: str, en: str) -> Verdict:
    """Say that the plan keeps a clause."""
    return Verdict("met", zh, en)


def departed(zh: str, en: str) -> Verdict:
    """Say that the plan departs from a clause: how often, where."""
    return Verdict("departed", zh, en)


def choice(zh: str, en: str) -> Verdict:
    """Say that a clause is open, and which reading is in force."""
    return Verdict("choice", zh, en)


def outside(zh: str, en: str) -> Verdict:
    """Say that a clause is not for this plan to keep, and why."""
    return Verdict("outside", zh, en)
