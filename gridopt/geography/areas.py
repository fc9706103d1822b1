"""Which villages and communities there are, and their work areas 工作管理片 (S3)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.lookup import check_table, is_shipped, read_table, shipped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridopt.geography.units import Units

TextArray = npt.NDArray[np.object_]


@dataclass(frozen=True)
class WorkAreas:
    """The work areas 工作管理片 (S3) and the villages and communities in them.

    Attributes
    ----------
    villages
        Index village code; columns name, unit, work_area ("" where none).
    frame
        Index work_area; columns unit, name, n_villages, is_assumed.

    Examples
    --------
    >>> from gridopt.geography.units import read_units
    >>> areas = assume_work_areas(read_villages(), read_units())
    >>> areas.frame.loc["331083001-p01", "name"]
    '玉城街道第1工作管理片（暂定）'
    """

    villages: pd.DataFrame
    frame: pd.DataFrame

    @property
    def is_assumed(self) -> bool:
        """True where the areas are our assumption, not the user's input."""
        return bool(self.frame["is_assumed"].any())

    def area_of(self, villages: Iterable[str]) -> TextArray:
        """Find the work area of each village code, "" where it has none."""
        known = self.villages["work_area"].to_dict()
        return np.array([known.get(code, "") for code in villages], dtype=object)


def read_villages(table: str | Path = "yuhuan") -> pd.DataFrame:
    """Read villages and communities: columns code, name, unit_code, by code.

    Examples
    --------
    >>> len(read_villages("yuhuan"))
    222
    """
    shipped_name = f"villages-{table}"
    needed = ("code", "name", "unit_code")
    if is_shipped(shipped_name):
        frame = shipped(shipped_name)
    else:
        frame = read_table(table, needed)
        doubled = frame[frame["code"].duplicated(keep=False) | (frame["code"] == "")]
        check_table(Path(table).name, _row_problems(doubled, "code"))
    return frame[list(needed)].sort_values("code", ignore_index=True)


def no_work_areas() -> WorkAreas:
    """Make the work areas of a register without villages: none.

    Examples
    --------
    >>> no_work_areas().area_of(["331083001001"]).tolist()
    ['']
    """
    return _make_work_areas(_villages_frame([], [], [], []), {}, is_assumed=False)


def assume_work_areas(villages: pd.DataFrame, units: Units) -> WorkAreas:
    """Assume work areas where none are given: max(1, half-up(villages / 8)) per unit.

    Consecutive village codes form near-equal runs, the larger runs first (S3).

    Parameters
    ----------
    villages
        As `read_villages` returns them.
    units
        Villages of other units than these are left out.
    """
    villages = villages[villages["unit_code"].isin(units.codes)].sort_values("code")
    n = villages.groupby("unit_code")["code"].transform("size").to_numpy()
    n_areas = np.maximum(1, (2 * n + 8) // 16)
    place = villages.groupby("unit_code").cumcount().to_numpy()
    short, n_long = n // n_areas, n % n_areas
    in_long = n_long * (short + 1)
    after = n_long + (place - in_long) // short
    number = np.where(place < in_long, place // (short + 1), after) + 1
    unit_codes = villages["unit_code"].to_numpy(dtype=object)
    ids = [f"{unit}-p{k:02d}" for unit, k in zip(unit_codes, number, strict=True)]
    named = {
        area: f"{_name(units, unit)}第{k}工作管理片（暂定）"
        for area, unit, k in zip(ids, unit_codes, number, strict=True)
    }
    frame = _villages_frame(villages["code"], villages["name"], unit_codes, ids)
    return _make_work_areas(frame, named, is_assumed=True)


def _name(units: Units, code: str) -> str:
    unit = units.get(code)
    return unit.name if unit else code


def read_work_areas(
    path: str | Path, villages: pd.DataFrame | None, units: Units
) -> WorkAreas:
    """Read the work areas from a file: ``village, work_area, work_area_name``.

    Parameters
    ----------
    path
        CSV file; a column ``unit`` may say where a village lies.
    villages
        Known villages, None where there is no table of them.
    units
        The units that the villages must lie in.

    Raises
    ------
    InputError
        If a village is doubled or unknown, or an area lies in two units or has two
        names; all of it at once.
    """
    frame = read_table(path, ("village", "work_area", "work_area_name"), ("unit",))
    known = (
        {} if villages is None else villages.set_index("code")["unit_code"].to_dict()
    )
    said = [units.resolve(text) or "" for text in frame["unit"]]
    home = [known.get(code) or _home_by_code(code, units) for code in frame["village"]]
    frame["unit"] = [one or other for one, other in zip(said, home, strict=True)]
    check_table(Path(path).name, _area_problems(frame, known))
    names = {} if villages is None else villages.set_index("code")["name"].to_dict()
    named = frame.drop_duplicates("work_area").set_index("work_area")["work_area_name"]
    listed = [names.get(code, code) for code in frame["village"]]
    given = _villages_frame(frame["village"], listed, frame["unit"], frame["work_area"])
    rest = {code: unit for code, unit in known.items() if code not in given.index}
    others = _villages_frame(
        rest, [names[c] for c in rest], rest.values(), [""] * len(rest)
    )
    both = pd.concat([given, others]).sort_index()
    return _make_work_areas(both, named.to_dict(), is_assumed=False)


def _home_by_code(village: str, units: Units) -> str:
    return village[:9] if village[:9] in units.codes else ""


def _area_problems(frame: pd.DataFrame, known: dict[str, str]) -> list[tuple[str, str]]:
    doubled = frame[frame["village"].duplicated(keep=False)]
    unknown = (
        frame[~frame["village"].isin(known)] if known else frame[frame["unit"] == ""]
    )
    problems = _row_problems(doubled, "village") + [
        (f"第 {row} 行村社区“{code}”不认识", f"row {row}: village {code!r} is unknown")
        for row, code in unknown[["row", "village"]].itertuples(index=False)
    ]
    for area, rows in frame.groupby("work_area", sort=True):
        for column in ("unit", "work_area_name"):
            words = sorted(set(rows[column]))
            if len(words) > 1 or words == [""]:
                told = ", ".join(words)
                problems.append(
                    (
                        f"工作管理片 {area} 的 {column} 应只有一个：{told}",
                        f"{area}: {column} is not one: {told}",
                    )
                )
    return problems


def _row_problems(frame: pd.DataFrame, column: str) -> list[tuple[str, str]]:
    return [
        (
            f"第 {row} 行 {column}“{value}”为空或重复",
            f"row {row}: {column} {value!r} is empty or doubled",
        )
        for row, value in frame[["row", column]].itertuples(index=False)
    ]


def _villages_frame(*columns: Iterable[str]) -> pd.DataFrame:
    code, name, unit, area = (
        np.array(list(column), dtype=object) for column in columns
    )
    return pd.DataFrame(
        {"name": name, "unit": unit, "work_area": area},
        index=pd.Index(code, name="village", dtype=object),
        dtype=object,
    )


def _make_work_areas(
    villages: pd.DataFrame, names: dict[str, str], *, is_assumed: bool
) -> WorkAreas:
    inside = villages[villages["work_area"] != ""]
    frame = inside.groupby("work_area").agg(unit=("unit", "first"), n=("unit", "size"))
    frame["name"] = [names[area] for area in frame.index]
    frame["is_assumed"] = np.full(len(frame), is_assumed)
    frame = frame.rename(columns={"n": "n_villages"})
    return WorkAreas(villages, frame[["unit", "name", "n_villages", "is_assumed"]])
