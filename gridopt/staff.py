"""Who works on statistics in a unit: the staff table, read, checked and keyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.errors import InputError
from gridopt.findings import errors_of
from gridopt.lookup import BLANKS
from gridopt.personnel import (
    COLUMNS,
    Remarks,
    check_people,
    names_of_categories,
    read_person,
)
from gridopt.register.sheet import UnreadableError, read_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gridopt.classification import Classification
    from gridopt.geography import Units
    from gridopt.register.sheet import Sheet

_SHOWN = 3
MAY_BE_EMPTY = ("specialities", "max_grids")


@dataclass(frozen=True)
class Staff:
    """The people of the staff table.

    Attributes
    ----------
    people
        One row per person and role, sorted by `person_id` and role; columns
        `person_id, unit, name, role, specialities` (tuple of category keys),
        `max_grids` (whole number, missing: no limit) and `row`.
    findings
        What was odd and harmless, columns of `findings.csv`.
    file
        Name of the file.
    """

    people: pd.DataFrame
    findings: pd.DataFrame
    file: str

    def of(self, unit: str, role: str) -> pd.DataFrame:
        """Select the people of one unit who hold one role, by `person_id`."""
        of_unit = self.people["unit"] == unit
        return self.people[of_unit & (self.people["role"] == role)]

    def n_people(self, unit: str) -> int:
        """Count the unit's people, each once whatever the number of roles (M6)."""
        return int(self.people.loc[self.people["unit"] == unit, "person_id"].nunique())


def read_staff(path: str | Path, units: Units, classification: Classification) -> Staff:
    r"""Read a staff table (S4, M6): CSV or xlsx, every cell as text.

    Heads (网格长) belong to the unit whose grids they lead. Instructors (网格指导员)
    belong to the statistics body of their level (本级统计机构): those of a unit
    instruct its own grids only, those of the city's bureau (`tjj`, 市统计局) any.

    Parameters
    ----------
    path
        Columns `unit, person_id, name, role, specialities, max_grids`, or the
        Chinese headers of `COLUMNS`; further columns are left alone.
        `specialities` holds category keys or names separated by ``;`` or ``、``;
        an empty `max_grids` is no limit.
    units, classification
        Which units and categories there are.

    Raises
    ------
    InputError
        With every finding, where the table has an error.

    Examples
    --------
    >>> import pathlib, tempfile, gridopt.geography, gridopt.classification
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "staff.csv"
    >>> header = "unit,person_id,name,role,specialities,max_grids"
    >>> text = f"{header}\n玉城街道,P01,张某,网格长,,3\n"
    >>> n_bytes = path.write_text(text, encoding="utf-8")
    >>> units = gridopt.geography.read_units("yuhuan")
    >>> table = gridopt.classification.read_classification("gbt4754")
    >>> read_staff(path, units, table).of("331083001", "head")["name"].tolist()
    ['张某']
    """
    sheet = _open(path)
    remarks = Remarks(sheet.file, list(sheet.findings))
    frame = _frame_of(sheet, remarks)
    _stop_on_errors(remarks, sheet)
    categories = names_of_categories(classification)
    records = [
        read_person(row, units, categories, remarks) for row in frame.to_dict("records")
    ]
    check_people(records, remarks)
    ids = dict(zip(frame["row"], frame["person_id"], strict=True))
    _stop_on_errors(remarks, sheet, ids)
    people = pd.DataFrame(records, columns=[*COLUMNS, "row"])
    people["max_grids"] = people["max_grids"].astype("Int64")
    ordered = people.sort_values(["person_id", "role", "row"], kind="stable")
    kept = ordered.drop_duplicates(["person_id", "role"], ignore_index=True)
    return Staff(kept, remarks.frame(), sheet.file)


def _open(path: str | Path) -> Sheet:
    try:
        return read_sheet(path)
    except UnreadableError as bad:
        zh, en = bad.finding.loc[0, ["message_zh", "message_en"]]
        raise InputError(
            f"人员表无法读取：{zh}",
            f"The staff table cannot be read: {en}",
            bad.finding,
        ) from None


def _stop_on_errors(
    remarks: Remarks, sheet: Sheet, ids: Mapping[int, str] | None = None
) -> None:
    findings = remarks.frame()
    errors = errors_of(findings)
    if errors.empty:
        return
    n_bad = errors["row"].nunique()
    shown = errors.head(_SHOWN)
    zh = [
        f"第{row}行{f'（{who}）' if who else ''}：{text}" if row else text
        for row, who, text in _places(shown, ids or {}, "message_zh")
    ]
    en = [
        f"row {row}{f' ({who})' if who else ''}: {text}" if row else text
        for row, who, text in _places(shown, ids or {}, "message_en")
    ]
    more = len(errors) - len(shown)
    raise InputError(
        f"人员表“{remarks.file}”共{len(sheet.rows)}行，有{len(errors)}处错误，涉及{n_bad}行。"
        + "".join(zh)
        + (f"其余{more}处见问题清单。" if more else "")
        + "请逐条改正后重试。",
        f"The staff table {remarks.file!r} has {len(sheet.rows)} rows and "
        f"{len(errors)} errors in {n_bad} of them. {' '.join(en)}"
        + (f" {more} more stand in the findings." if more else "")
        + " Correct each and run again.",
        findings,
    )


def _places(
    shown: pd.DataFrame, ids: Mapping[int, str], column: str
) -> list[tuple[int, str, str]]:
    rows = [0 if pd.isna(row) else int(row) for row in shown["row"]]
    who = [ids.get(row, "") for row in rows]
    return list(zip(rows, who, shown[column], strict=True))


def _frame_of(sheet: Sheet, remarks: Remarks) -> pd.DataFrame:
    """Name the columns; further ones are left alone."""
    names = {alias: ours for ours, more in COLUMNS.items() for alias in (ours, *more)}
    found = [names.get(head, "") for head in sheet.header]
    _check_header(sheet, found, remarks)
    if not len(sheet.rows):
        remarks.add(
            (None, "", ""),
            "no_rows",
            "表头以下没有人员。",
            "There is nobody below the header.",
        )
    kept = {name: found.index(name) for name in COLUMNS if name in found}
    frame = pd.DataFrame({name: sheet.cells[i] for name, i in kept.items()})
    if "person_id" in kept:
        is_number = sheet.numbers[kept["person_id"]]
        frame["is_number"] = is_number
    return frame.map(_strip).assign(row=sheet.rows)


def _strip(cell: object) -> object:
    return cell.strip(BLANKS) if isinstance(cell, str) else cell


def _check_header(sheet: Sheet, found: list[str], remarks: Remarks) -> None:
    for name, aliases in COLUMNS.items():
        pairs = zip(sheet.header, found, strict=True)
        claims = [head for head, ours in pairs if ours == name]
        heads = "、".join(head for head in sheet.header if head)
        if not claims:
            remarks.add(
                (None, name, heads),
                "missing_column",
                f"缺少列“{aliases[0]}”（{name}），现有列为：{heads}。"
                + ("该列内容可以空着，列名须有。" if name in MAY_BE_EMPTY else ""),
                f"Column {name} is missing; the header has: {heads}.",
            )
        if len(claims) > 1:
            told = "、".join(claims)
            remarks.add(
                (None, name, told),
                "doubled_column",
                f"表头“{told}”都对应列 {name}，不知以哪一个为准，请只留一列。",
                f"The headers {told} all claim column {name}; keep one.",
            )
