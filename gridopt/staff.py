"""Who works on statistics in a unit: the staff table, read, checked and keyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.listing import Kind, open_listing
from gridopt.personnel import COLUMNS, check_people, names_of_categories, read_person

if TYPE_CHECKING:
    from pathlib import Path

    from gridopt.classification import Classification
    from gridopt.geography import Units

KIND = Kind(
    "人员表",
    "staff table",
    "表头以下没有人员。",
    COLUMNS,
    may_be_empty=("specialities", "max_grids"),
)


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
    listing = open_listing(path, KIND)
    frame, remarks = listing.rows, listing.remarks
    categories = names_of_categories(classification)
    records = [
        read_person(row, units, categories, remarks) for row in frame.to_dict("records")
    ]
    check_people(records, remarks)
    listing.stop_on_errors(dict(zip(frame["row"], frame["person_id"], strict=True)))
    people = pd.DataFrame(records, columns=[*COLUMNS, "row"])
    people["max_grids"] = people["max_grids"].astype("Int64")
    ordered = people.sort_values(["person_id", "role", "row"], kind="stable")
    kept = ordered.drop_duplicates(["person_id", "role"], ignore_index=True)
    return Staff(kept, remarks.frame(), remarks.file)
