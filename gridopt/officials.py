"""Which offices hold the posts of the four levels, and how the levels hang together."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridopt.geography import Unit
    from gridopt.partition import Partition
    from gridopt.register import Register

POST_COLUMNS = (
    "grid_id",
    "level",
    "role",
    "person_id",
    "name",
    "unit",
    "parent_grid_id",
    "enterprise_id",
    "is_vacant",
    "post",
)
ELSEWHERE = "city"
"""Root of the tree where the units' codes have no county in common."""

_ANYWHERE = "*"
_DEPARTMENT = "department"


@dataclass(frozen=True)
class Office:
    """One line of ``officials.csv``: a post of a level and the office that fills it."""

    level: int
    kind: str
    role: str
    each: str
    post: str
    clause: str


@cache
def read_offices(place: str) -> tuple[Office, ...]:
    """Read the offices of a place: the document's own words for county 331083.

    Any other place gets offices in general terms.

    Examples
    --------
    >>> read_offices("331083")[0].post
    '市政府统计分管领导'
    >>> read_offices("city")[0].post
    '本级政府统计分管领导'
    """
    table = files("gridopt.tables") / "officials.csv"
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    rows = list(csv.DictReader(lines))
    own = place if any(row["place"] == place for row in rows) else _ANYWHERE
    return tuple(
        Office(
            int(row["level"]),
            row["kind"],
            row["role"],
            row["each"],
            row["post"],
            row["clause"],
        )
        for row in rows
        if row["place"] == own
    )


def unit_of(register: Register, code: str) -> Unit:
    """Find a unit that the plan names, which the table of units therefore has."""
    unit = register.units.get(code)
    if unit is None:
        raise AssertionError(f"the plan names unit {code!r}, the table of units not")
    return unit


def root_of(register: Register) -> str:
    """Name the first level: the six digits that all units' codes begin with.

    Returns
    -------
    str
        The county's code (``"331083"``), or ``"city"`` where the units share none.
    """
    codes = [unit.code for unit in register.units.places]
    roots = {code[:6] for code in codes}
    is_coded = all(code.isascii() and code.isdigit() for code in codes)
    if len(roots) != 1 or not is_coded or min(map(len, codes)) < 9:
        return ELSEWHERE
    return roots.pop()


def list_units(partition: Partition) -> list[str]:
    """List the second level: all territorial units, and a bureau that owns grids.

    S2a and S2b; where the townships keep every enterprise (P11) there is no bureau.
    """
    register = partition.register
    codes = [
        code
        for code in register.units.codes
        if partition.rules.bureau_owns or not _is_department(register, code)
    ]
    return sorted({*codes, *partition.grids["unit"]})


def parents_of_grids(partition: Partition) -> pd.Series:
    """Find where each enterprise grid hangs: its medoid's work area, else its unit.

    A medoid that lies in another unit, as in a merged block, has no work area of
    this unit; the bureau has none at all (S2b).

    Returns
    -------
    Series
        Index `grid_id`, values ids of level 3 or 2.
    """
    grids, register = partition.grids, partition.register
    home = register.work_areas.frame["unit"].to_dict()
    area = register.enterprises["work_area"].reindex(grids["medoid_id"]).to_numpy()
    parents = [
        key if home.get(key) == unit else unit
        for key, unit in zip(area, grids["unit"], strict=True)
    ]
    return pd.Series(parents, index=grids.index, dtype=object)


def list_officials(partition: Partition) -> pd.DataFrame:
    """List the posts of levels 1 to 3, filled by office and never by name.

    Returns
    -------
    DataFrame
        Columns `POST_COLUMNS`; nobody is named and nothing is vacant: an office
        fills each post.
    """
    register = partition.register
    root = root_of(register)
    offices = read_offices(root)
    units = list_units(partition)
    rows = list(_city(register, offices, root, units))
    areas, villages = _areas_by_unit(register), _villages_by_area(register)
    for unit in units:
        names = areas.get(unit, {})
        rows += _unit(register, offices, (root, unit), names)
        for area, name in names.items():
            rows += _area(offices, (unit, area), name, villages.get(area, []))
    return pd.DataFrame(rows, columns=list(POST_COLUMNS))


def _areas_by_unit(register: Register) -> dict[str, dict[str, str]]:
    """Name the work areas of each unit, by their ids."""
    found: dict[str, dict[str, str]] = {}
    areas = register.work_areas.frame
    for area, unit, name in zip(areas.index, areas["unit"], areas["name"], strict=True):
        found.setdefault(unit, {})[str(area)] = str(name)
    return found


def _villages_by_area(register: Register) -> dict[str, list[str]]:
    """Name the villages of each work area."""
    found: dict[str, list[str]] = {}
    villages = register.work_areas.villages
    for area, name in zip(villages["work_area"], villages["name"], strict=True):
        found.setdefault(area, []).append(name)
    return found


def posts_of_grids(partition: Partition, role: str) -> list[str]:
    """Say which office a post of each enterprise grid belongs to (S4)."""
    units, categories = partition.grids["unit"], partition.grids["category"]
    kinds = list(zip(units, categories, strict=True))
    offices = read_offices(root_of(partition.register))
    named = {
        (unit, category): _post(partition, offices, unit, role, category)
        for unit, category in dict.fromkeys(kinds)
    }
    return [named[kind] for kind in kinds]


def post_of(partition: Partition, unit: str, role: str, category: str = "") -> str:
    """Say which office a post of an enterprise grid belongs to (S4)."""
    offices = read_offices(root_of(partition.register))
    return _post(partition, offices, unit, role, category)


def _post(
    partition: Partition,
    offices: tuple[Office, ...],
    unit: str,
    role: str,
    category: str,
) -> str:
    register = partition.register
    names = {
        "unit": unit_of(register, unit).name,
        "category": register.classification.name_zh(category) if category else "",
    }
    kind = _kind_of(register, unit)
    for office in offices:
        if (office.level, office.role) == (4, role) and office.kind in ("", kind):
            return office.post.format(**names)
    raise AssertionError(f"officials.csv has no {role} for units of kind {kind}")


def _is_department(register: Register, code: str) -> bool:
    return bool(unit_of(register, code).kind == _DEPARTMENT)


def _kind_of(register: Register, code: str) -> str:
    return _DEPARTMENT if _is_department(register, code) else "territorial"


def _row(place: tuple[str, int, str, str], role: str, post: str) -> tuple[object, ...]:
    grid_id, level, unit, parent = place
    return (grid_id, level, role, "", "", unit, parent, "", False, post)


def _city(
    register: Register, offices: tuple[Office, ...], root: str, units: list[str]
) -> Iterator[tuple[object, ...]]:
    names = [
        unit_of(register, unit).name
        for unit in units
        if not _is_department(register, unit)
    ]
    for office in _of(offices, 1):
        for name in names if office.each == "unit" else [""]:
            yield _row((root, 1, root, ""), office.role, office.post.format(unit=name))


def _unit(
    register: Register,
    offices: tuple[Office, ...],
    place: tuple[str, str],
    areas: dict[str, str],
) -> Iterator[tuple[object, ...]]:
    root, unit = place
    name = unit_of(register, unit).name
    for office in _of(offices, 2, _kind_of(register, unit)):
        for area in areas.values() if office.each == "area" else [""]:
            post = office.post.format(unit=name, area=area)
            yield _row((unit, 2, unit, root), office.role, post)


def _area(
    offices: tuple[Office, ...], place: tuple[str, str], name: str, villages: list[str]
) -> Iterator[tuple[object, ...]]:
    unit, area = place
    for office in _of(offices, 3):
        for village in villages if office.each == "village" else [""]:
            post = office.post.format(area=name, village=village)
            yield _row((area, 3, unit, unit), office.role, post)


def _of(offices: tuple[Office, ...], level: int, kind: str = "") -> list[Office]:
    return [
        office
        for office in offices
        if office.level == level and (not kind or office.kind == kind)
    ]
