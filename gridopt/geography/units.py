"""Which second-level units there are, under which spellings, and where they centre."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from gridopt.cards import Card, Shown
from gridopt.geography.plane import gcj_to_bd
from gridopt.lookup import check_table, is_shipped, read_table, shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DEPARTMENT = "department"
KINDS = ("street", "town", "township", "zone", DEPARTMENT)
TODAY, BEFORE_2017 = "331083", "331021"

_NEEDED = ("code", "name")
_PLACES = tuple(
    f"{axis}{system}"
    for system in ("", "_gcj02", "_wgs84", "_bd09")
    for axis in ("longitude", "latitude")
)
_OPTIONAL = (
    "kind",
    "n_villages",
    "registered_people",
    *_PLACES,
    "is_island",
    "aliases",
)
_ABOVE = re.compile(
    r"^(?:[^省]{2,6}省)?(?:[^市]{2,6}市)?(?:[^市县]{1,6}[市县])?(?=.{2})"
)
_OFFICE = re.compile(r"(?<=.{2})(?:人民政府|政府|办事处|管理委员会|管委会)$")
_KIND = re.compile(r"(?<=.{1})(?:街道|镇|乡)$")


@dataclass(frozen=True)
class Unit:
    """One second-level unit: a township, street, zone, or the department (S2a, S2b).

    Attributes
    ----------
    longitude, latitude
        Its centre in degrees of the register's coordinate system, None if unknown.
    registered_people
        None if unknown.
    """

    code: str
    name: str
    kind: str = "town"
    n_villages: int = 0
    registered_people: int | None = None
    longitude: float | None = None
    latitude: float | None = None
    is_island: bool = False
    aliases: tuple[str, ...] = ()


class Match(NamedTuple):
    """What a spelling of a unit turned out to be.

    `rule` is "" for a code or name as in the table, ``unit_spelling`` for another
    spelling of one unit, and else the rule that the spelling breaks; `codes` are the
    units it may mean.
    """

    rule: str
    codes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Units(Shown):
    """The second-level units of a plan, in the order of their table.

    Examples
    --------
    >>> units = read_units("yuhuan")
    >>> units.resolve("玉城街道"), units.resolve("331083201"), units.resolve("深圳")
    ('331083001', '331083201', None)
    >>> units.get("331083201").is_island
    True
    """

    members: tuple[Unit, ...]
    is_from_register: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of all units."""
        return tuple(unit.code for unit in self.members)

    @property
    def places(self) -> tuple[Unit, ...]:
        """The units that are places, without departments."""
        return tuple(unit for unit in self.members if unit.kind != DEPARTMENT)

    @property
    def department(self) -> Unit | None:
        """The department that owns categories citywide (P11), None if there is none."""
        return next((unit for unit in self.members if unit.kind == DEPARTMENT), None)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per unit: the fields of `Unit`, unknown numbers as NaN."""
        names = list(Unit.__dataclass_fields__)[:-1]
        rows = [[getattr(unit, name) for name in names] for unit in self.members]
        frame = pd.DataFrame(rows, columns=names)
        numbers = ["registered_people", "longitude", "latitude"]
        return frame.astype(dict.fromkeys(numbers, "float64"))

    def card(self) -> Card:
        """List the units with their codes and villages."""
        n, department = len(self.members), self.department
        brief = f"{n:,}个二级统计网格" + (
            f"，含{department.name}" if department is not None else ""
        )
        rows = tuple(
            (unit.name, unit.code, f"{unit.n_villages:,}" if unit.n_villages else "—")
            for unit in self.members
        )
        headings = ("二级统计网格", "代码", "村、社区（个）")
        return Card("二级统计网格", brief, headings=headings, rows=rows)

    def get(self, code: str) -> Unit | None:
        """Find a unit by its code, None where there is none."""
        return self._by_code.get(code)

    def resolve(self, text: str) -> str | None:
        """Find the code of a unit by its code or name, None if it is neither."""
        match = self.recognise(text)
        is_clear = match.rule in ("", "unit_spelling", "unit_department")
        return match.codes[0] if is_clear and match.codes else None

    def recognise(self, text: str) -> Match:
        """Say which unit a spelling means, and what is wrong with it.

        Examples
        --------
        >>> read_units("yuhuan").recognise("玉环市玉城街道办事处")
        Match(rule='unit_spelling', codes=('331083001',))
        >>> read_units("yuhuan").recognise("331021001")
        Match(rule='unit_old_code', codes=('331083001',))
        """
        exact = [u.code for u in self.members if text in (u.code, u.name)]
        if exact:
            return self._classed("", exact)
        if not self.is_from_register and text.isascii() and text.isdigit():
            return self._recognise_code(text)
        for spell in (spelling, plain_spelling, stem):
            key = spell(text)
            found = [u.code for u in self.members if key in _spellings(u, spell)]
            if found:
                return self._classed("unit_spelling", found)
        return Match("unit_unknown", ())

    def _recognise_code(self, text: str) -> Match:
        code = text.removesuffix("000") if len(text) == 12 else text
        if code in self._by_code:
            return self._classed("unit_spelling", [code])
        if TODAY in {known[:6] for known in self.codes}:
            if code in (TODAY, TODAY + "000", BEFORE_2017):
                return Match("unit_whole_county", ())
            today = TODAY + code[6:]
            if code.startswith(BEFORE_2017):
                return Match("unit_old_code", tuple({today} & set(self.codes)))
        return Match("unit_unknown", ())

    def _classed(self, rule: str, codes: list[str]) -> Match:
        if len(codes) > 1:
            return Match("unit_ambiguous", tuple(codes))
        is_department = self._by_code[codes[0]].kind == DEPARTMENT
        return Match("unit_department" if is_department else rule, tuple(codes))

    @cached_property
    def _by_code(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in self.members}


def spelling(text: str) -> str:
    """Reduce a name to its letters: no case, width, blanks or signs.

    Examples
    --------
    >>> spelling("St. Clair") == spelling("ＳＴ CLAIR")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum()) or folded


def plain_spelling(text: str) -> str:
    """Reduce further: without province, city and county before it, office after it."""
    return _OFFICE.sub("", _ABOVE.sub("", spelling(text)))


def stem(text: str) -> str:
    """Reduce further: without 街道, 镇 or 乡 at the end."""
    return _KIND.sub("", plain_spelling(text))


def _spellings(unit: Unit, spell: Callable[[str], str]) -> set[str]:
    return {spell(name) for name in (unit.name, *unit.aliases)}


def read_units(
    table: str | Path = "yuhuan", coordinates: str | None = "gcj02"
) -> Units:
    """Read the table of units, with centres in one coordinate system.

    BD-09 centres are computed from the GCJ-02 ones where the table has none: they
    serve checks of distance alone. CGCS2000 equals WGS-84 here.

    Parameters
    ----------
    table
        ``yuhuan``, or the path of a CSV file with at least code and name; kind,
        n_villages, registered_people, is_island, aliases (separated by ``;``) and
        the centre, in columns such as longitude_gcj02, may follow.
    coordinates
        System of the centres; None leaves them unknown.

    Raises
    ------
    InputError
        If columns are missing or cells wrong; all of it at once.

    Examples
    --------
    >>> read_units("yuhuan", "wgs84").get("331083001").longitude
    121.2436
    """
    shipped_name = f"units-{table}"
    if is_shipped(shipped_name):
        frame, name = shipped(shipped_name), shipped_name
        frame = frame.reindex(columns=[*_NEEDED, *_OPTIONAL], fill_value="")
        frame = frame.assign(row=np.arange(len(frame)) + 2)
    else:
        frame, name = read_table(table, _NEEDED, _OPTIONAL), Path(table).name
    check_table(name, _unit_problems(frame))
    return Units(
        tuple(_make_unit(row, coordinates) for row in frame.to_dict("records"))
    )


def _make_unit(row: dict[str, str], coordinates: str | None) -> Unit:
    longitude, latitude = _centre(row, coordinates)
    people = row["registered_people"]
    return Unit(
        code=row["code"],
        name=row["name"],
        kind=row["kind"] or "town",
        n_villages=int(row["n_villages"] or 0),
        registered_people=int(people) if people else None,
        longitude=longitude,
        latitude=latitude,
        is_island=row["is_island"] == "1",
        aliases=tuple(alias for alias in row["aliases"].split(";") if alias),
    )


def _centre(
    row: dict[str, str], coordinates: str | None
) -> tuple[float, float] | tuple[None, None]:
    if coordinates is None:
        return None, None
    system = "wgs84" if coordinates == "cgcs2000" else coordinates
    for suffix in (f"_{system}", ""):
        place = row[f"longitude{suffix}"], row[f"latitude{suffix}"]
        if all(place):
            return float(place[0]), float(place[1])
    if system == "bd09" and row["longitude_gcj02"] and row["latitude_gcj02"]:
        return gcj_to_bd(float(row["longitude_gcj02"]), float(row["latitude_gcj02"]))
    return None, None


def _unit_problems(frame: pd.DataFrame) -> list[tuple[str, str]]:
    tests = [
        (
            "code",
            ~frame["code"].str.fullmatch(r"[^\s\-/\\]+"),
            "应为不含空格和连字符的代码",
            "is no code",
        ),
        ("code", frame["code"].duplicated(keep=False), "重复", "is doubled"),
        ("name", frame["name"] == "", "不能为空", "is empty"),
        ("name", frame["name"].duplicated(keep=False), "重复", "is doubled"),
        (
            "kind",
            ~frame["kind"].isin(["", *KINDS]),
            "应为 " + "、".join(KINDS),
            "is none of " + ", ".join(KINDS),
        ),
        (
            "is_island",
            ~frame["is_island"].isin(["", "0", "1"]),
            "应为 0 或 1",
            "is not 0 or 1",
        ),
    ]
    for column in ("n_villages", "registered_people"):
        tests.append(
            (column, ~frame[column].str.fullmatch(r"\d*"), "应为整数", "is not whole")
        )
    for column in _PLACES:
        is_number = frame[column].str.fullmatch(r"-?\d{1,3}(\.\d+)?|")
        tests.append((column, ~is_number, "应为十进制度", "is not in degrees"))
    problems = [
        (f"第 {row} 行 {column}“{value}”{zh}", f"row {row}: {column} {value!r} {en}")
        for column, mask, zh, en in tests
        for row, value in frame.loc[mask, ["row", column]].itertuples(index=False)
    ]
    return problems or ([] if len(frame) else [("没有内容", "it is empty")])


def units_from_register(names: Iterable[str]) -> Units:
    """Make the units of a register that brings no table: one per distinct name.

    Names that differ in case, blanks and signs alone are one unit, spelled as most
    rows have it (ties: the first by letter). Its code is its name, hyphens turned
    into underscores, because ids join code and category with a hyphen.

    Examples
    --------
    >>> units = units_from_register(["LASALLE", "LA SALLE", "LASALLE", "COOK"])
    >>> units.codes, units.resolve("La Salle")
    (('COOK', 'LASALLE'), 'LASALLE')
    """
    counts = pd.Series(list(names), dtype=object).value_counts()
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    chosen: dict[str, str] = {}
    aliases: dict[str, list[str]] = {}
    for name, _ in ranked:
        if name:
            aliases.setdefault(chosen.setdefault(spelling(name), name), []).append(name)
    members = [
        Unit(name.replace("-", "_"), name, kind="", aliases=tuple(sorted(spelled)))
        for name, spelled in sorted(aliases.items())
    ]
    return Units(tuple(members), is_from_register=True)
