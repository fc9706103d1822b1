"""What the checks find in a register, all of them in their order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.classification import Classification, read_classification
from gridopt.findings import errors_of, join_findings
from gridopt.geography import (
    Units,
    WorkAreas,
    assume_work_areas,
    no_work_areas,
    read_units,
    read_villages,
    read_work_areas,
    units_from_register,
)
from gridopt.lookup import is_shipped
from gridopt.register.cells import tidy
from gridopt.register.divisions import check_units, check_villages
from gridopt.register.headers import Rows, name_columns
from gridopt.register.heading import require_heading
from gridopt.register.identity import check_ids
from gridopt.register.industry import check_industries, left_out_of
from gridopt.register.people import check_people, read_numbers
from gridopt.register.places import CHINESE_SYSTEMS, check_places, fill_places
from gridopt.register.sheet import Sheet, read_sheet
from gridopt.register.standing import check_standing

if TYPE_CHECKING:
    from pathlib import Path

    from gridopt.register.settings import RegisterRules, UnitRules

BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]

_REASONS = {
    "other_status": ("非“四上”、非小升规培育企业", "other status"),
    "groomed": ("小升规培育企业（按口径不纳入）", "groomed"),
    "closed": ("已注销、吊销或关闭", "closed"),
    "moved": ("已迁出", "moved"),
    "branch": ("产业活动单位", "branch"),
    "no_category": ("行业不在划分类别内", "no category"),
    "duplicate": ("与前面的行完全相同", "duplicate"),
    "bad": ("有错误", "with errors"),
}
"""Words for why a row belongs to no grid."""


@dataclass(frozen=True)
class Tables:
    """The tables that a register is read against."""

    units: Units
    classification: Classification
    work_areas: WorkAreas


@dataclass(frozen=True)
class Examined:
    """All that the checks found, before anybody decides whether to go on."""

    sheet: Sheet
    rows: Rows
    columns: dict[str, npt.NDArray]
    reasons: TextArray
    findings: pd.DataFrame
    tables: Tables

    @property
    def is_bad(self) -> BoolArray:
        """Rows with an error, shape (n,)."""
        wrong = errors_of(self.findings)["row"].dropna().to_numpy(dtype=np.int64)
        return np.isin(self.rows.row, wrong)

    @property
    def is_eligible(self) -> BoolArray:
        """Rows without error that are not left out, shape (n,)."""
        return ~self.is_bad & (self.reasons == "")

    @property
    def left_out(self) -> dict[str, int]:
        """Number of good rows that are left out, by reason."""
        reasons = self.reasons[~self.is_bad]
        named, n = np.unique(reasons[reasons != ""].astype(str), return_counts=True)
        return dict(zip(named.tolist(), n.tolist(), strict=True))


def examine(path: str | Path, rules: RegisterRules, *, is_lenient: bool) -> Examined:
    """Read a file and check all of it; a lenient look leaves out what needs rules."""
    classification = read_classification(rules.classification.table)
    sheet = read_sheet(path)
    require_heading(sheet, rules.columns)
    named, found = name_columns(sheet, rules)
    rows, said = tidy(named)
    found = [*sheet.findings, *found, *said, *_check_file(rows, rules, is_lenient)]
    live = ~rows.broken
    copies, said = check_ids(rows, live, is_chinese=_is_chinese(rules))
    found += said
    columns, reasons, said = check_standing(
        rows, live & ~copies, rules, is_lenient=is_lenient
    )
    found += said
    live &= ~copies & (reasons == "")
    industry, said = check_industries(
        rows, live, classification, rules, is_lenient=is_lenient
    )
    found += said
    without = left_out_of(join_findings(said), rows.row)
    reasons[without] = "no_category"
    reasons[copies] = "duplicate"
    live &= ~without
    tables = _read_tables(rows, live, rules, classification)
    located, said = _locate(rows, live, tables, rules)
    numbers, odd = read_numbers(rows, live)
    found += [*said, *odd, *check_people(rows, live)]
    examined = Examined(
        sheet,
        rows,
        {**columns, **industry, **located, **numbers},
        reasons,
        join_findings(found),
        tables,
    )
    return examined if is_lenient else _check_eligible(examined)


def _is_chinese(rules: RegisterRules) -> bool:
    return not rules.units.from_register or rules.coordinates in CHINESE_SYSTEMS


def _check_file(
    rows: Rows, rules: RegisterRules, is_lenient: bool
) -> list[pd.DataFrame]:
    if not rows.n:
        return [rows.say("no_rows", value=rows.file)]
    if is_lenient:
        unchecked = ["坐标系 (coordinates)"]
        if not rows.has("industry_edition"):
            unchecked.append("行业代码版本 (industry_edition)")
        if not rows.has("status"):
            unchecked.append("纳统状态 (status)")
        return [rows.say("needs_scenario", value="、".join(unchecked))]
    if rules.coordinates is None:
        return [rows.say("coordinates_unnamed", "coordinates")]
    return []


def _read_tables(
    rows: Rows, live: BoolArray, rules: RegisterRules, classification: Classification
) -> Tables:
    if rules.units.from_register:
        units = units_from_register(rows.text("unit")[live])
    else:
        units = read_units(rules.units.table, rules.coordinates)
    return Tables(units, classification, _read_areas(rules, units))


def _read_areas(rules: RegisterRules, units: Units) -> WorkAreas:
    villages = _villages_of(rules.units)
    if rules.work_areas.file:
        return read_work_areas(rules.work_areas.file, villages, units)
    return no_work_areas() if villages is None else assume_work_areas(villages, units)


def _villages_of(rules: UnitRules) -> pd.DataFrame | None:
    if rules.villages:
        return read_villages(rules.villages)
    if rules.from_register or not is_shipped(f"villages-{rules.table}"):
        return None
    return read_villages(rules.table)


def _locate(
    rows: Rows, live: BoolArray, tables: Tables, rules: RegisterRules
) -> tuple[dict[str, npt.NDArray], list[pd.DataFrame]]:
    codes, found = check_units(rows, live, tables.units)
    areas = tables.work_areas
    villages, said = check_villages(rows, live, codes, tables.units, areas)
    found += said
    places, said = check_places(rows, live, codes, tables.units, rules)
    found += said
    places, said = fill_places(rows, live, places, (codes, villages), rules)
    located = {
        "unit": codes,
        "village": villages,
        "work_area": areas.area_of(villages),
        "longitude": places.longitude,
        "latitude": places.latitude,
    }
    return located, found + said


def _check_eligible(examined: Examined) -> Examined:
    """Add the error that nobody is eligible, where rows were read and none is."""
    rows = examined.rows
    if not rows.n or examined.is_eligible.any():
        return examined
    if examined.is_bad.all():
        said = rows.say("no_good_row", n=rows.n)
        # last, after the errors that it sums up
        findings = pd.concat([examined.findings, said], ignore_index=True)
        return replace(examined, findings=findings)
    counts = {**examined.left_out, "bad": int(examined.is_bad.sum())}
    named = {_REASONS[reason]: n for reason, n in counts.items() if n}
    zh = "、".join(f"{zh} {n} 家" for (zh, _), n in named.items())
    en = ", ".join(f"{en} {n}" for (_, en), n in named.items())
    said = rows.say("no_eligible", n=rows.n, reasons_zh=zh, reasons_en=en)
    return replace(examined, findings=join_findings([said, examined.findings]))
