"""Whose awards are drawn: a table of groups or of persons, checked and put in order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.awards.tables import Fault, check_table, refuse_faults
from gridopt.errors import InputError
from gridopt.simulation.draws import Words, hash_ids

if TYPE_CHECKING:
    from gridopt.awards.rounding import IntArray
    from gridopt.simulation.normals import FloatArray

LEVELS = ("grid", "unit", "city")
"""Where pools and floors may lie, the finest first."""
_OPTIONAL = ("grid_id", "pass_share")
GROUP_COLUMNS = ("unit", "members", *_OPTIONAL)
PERSON_COLUMNS = ("person_id", "unit", *_OPTIONAL, "quality")
_NAME = ("人员表", "table of members")


class Level(NamedTuple):
    """Which rows lie together, rows of one place next to each other.

    Attributes
    ----------
    codes
        Place of each row, rising from 0, shape (n,).
    starts
        First row of each place, shape (n_places,).
    """

    codes: IntArray
    starts: IntArray

    @property
    def stops(self) -> IntArray:
        """One past the last row of each place, shape (n_places,)."""
        return np.append(self.starts[1:], self.codes.size)

    @property
    def sizes(self) -> IntArray:
        """Rows of each place, shape (n_places,)."""
        return np.diff(self.starts, append=self.codes.size)


@dataclass(frozen=True, eq=False)
class Members:
    """Groups or persons, sorted by unit (first rows first), grid and id.

    Attributes
    ----------
    table
        One row per group or person: `order` of its unit, `unit`, `grid_id` or
        `person_id` where known, `members` (1 for a person), `pass_share` (missing:
        that of the model) and `quality`.
    places
        Row of the user's table of each row here, for persons; shape (n,).
    """

    table: pd.DataFrame
    places: IntArray

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def sizes(self) -> IntArray:
        """Members of each row, shape (n,)."""
        return self.table["members"].to_numpy(dtype=np.int64)

    @cached_property
    def units(self) -> npt.NDArray[np.object_]:
        """Ids of the units, shape (n_units,)."""
        return self.table["unit"].drop_duplicates().to_numpy(dtype=object)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Members by unit, and by grid where known, as `settle_awards` takes them."""
        keys = [key for key in ("unit", "grid_id") if key in self.table]
        return self.table[[*keys, "members"]]

    @cached_property
    def levels(self) -> dict[str, Level]:
        """The levels that are known, by name, and `row`, each row by itself."""
        unit = self.table["order"].to_numpy(dtype=np.int64)
        found = {"city": np.zeros_like(unit), "unit": unit, "row": np.arange(unit.size)}
        if "grid_id" in self.table:
            found["grid"] = self.table.groupby(["order", "grid_id"]).ngroup().to_numpy()
        return {
            name: Level(codes, np.unique(codes, return_index=True)[1])
            for name, codes in found.items()
        }

    @cached_property
    def hashed(self) -> dict[str, Words]:
        """Hashed ids of the places of each level."""
        of_unit = [f"{unit}" for unit in self.table["unit"]]
        found = {"row": of_unit, "unit": of_unit, "city": ["city"] * len(of_unit)}
        if "grid_id" in self.table:
            pairs = zip(of_unit, self.table["grid_id"], strict=True)
            found["grid"] = found["row"] = [f"{unit}\n{grid}" for unit, grid in pairs]
        if "person_id" in self.table:
            found["row"] = [f"{person}" for person in self.table["person_id"]]
        elif "nth" in self.table:
            pairs = zip(found["row"], self.table["nth"], strict=True)
            found["row"] = [f"{place}\n{nth}" if nth else place for place, nth in pairs]
        starts = {name: level.starts for name, level in self.levels.items()}
        return {
            name: hash_ids(ids[i] for i in starts[name]) for name, ids in found.items()
        }

    @cached_property
    def pass_shares(self) -> FloatArray | None:
        """Chance of each row's members to pass, shape (n,); None where all alike."""
        if "pass_share" not in self.table:
            return None
        return self.table["pass_share"].to_numpy(dtype=np.float64)


def read_members(members: pd.DataFrame, *, needs_grids: bool = False) -> Members:
    """Check a table of groups or persons and put it in order.

    Parameters
    ----------
    members
        `unit, members` and, where wanted, `grid_id` and `pass_share`, in any number
        of rows per unit and grid; or one row per member: `person_id, unit` and, where
        wanted, `grid_id`, `pass_share` and `quality`.
    needs_grids
        Whether the rules speak of grids.

    Returns
    -------
    Members
        Rows of groups that agree in all but their members are added up. Groups of one
        place that differ in `pass_share` are told apart as the first, the second, ...
        of the place.

    Raises
    ------
    InputError
        Naming columns, rows (from 1) and values, all at once.

    Examples
    --------
    >>> table = pd.DataFrame({"unit": ["b", "a", "b"], "members": [5, 20, 6]})
    >>> read_members(table).counts.to_numpy().tolist()
    [['b', 11], ['a', 20]]
    """
    _check(members, needs_grids)
    rows = members.reset_index(drop=True)
    for key in ("unit", "grid_id", "person_id"):
        if key in rows and pd.api.types.infer_dtype(rows[key]).startswith("mixed"):
            # numbers and texts have no common order
            rows[key] = rows[key].map(str)
    rows.insert(0, "order", pd.factorize(rows["unit"])[0])
    keys = [key for key in ("order", "grid_id", "person_id") if key in rows]
    if "person_id" in rows:
        rows = rows.assign(members=1).sort_values(keys, kind="stable")
        return Members(rows.reset_index(drop=True), rows.index.to_numpy())
    known = [key for key in ("order", "unit", *_OPTIONAL) if key in rows]
    rows = rows.groupby(known, sort=False, as_index=False)["members"].sum()
    rows["members"] = rows["members"].astype(np.int64)
    if "pass_share" in rows:
        rows["nth"] = rows.groupby(keys).cumcount()
        keys = [*keys, "nth"]
    return Members(rows.sort_values(keys, ignore_index=True), np.arange(len(rows)))


def _check(members: pd.DataFrame, needs_grids: bool) -> None:
    known = PERSON_COLUMNS if "person_id" in members else GROUP_COLUMNS
    needed = [*known[:2], *(["grid_id"] if needs_grids else [])]
    check_table(members, needed, [c for c in known if c not in needed], name=_NAME)
    if members.empty:
        raise InputError("人员表没有数据行。", "The table of members has no rows.")
    if "person_id" in members:
        again = members["person_id"].map(str).duplicated().to_numpy()
        words = "不能重复，一人一行", "must be unique, one row per person"
        refuse_faults(members, [Fault("person_id", again, words)], _NAME)
