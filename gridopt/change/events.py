"""What happened between two registers, one row per event."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.change.pairing import fold_names
from gridopt.change.revision import Revision, find_revision
from gridopt.geography import distance_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.change.settings import ChangeRules
    from gridopt.register import Register

BoolArray = npt.NDArray[np.bool_]

KINDS = (
    *("entered", "left", "reentered", "id_changed"),
    *("moved", "industry_changed", "revised", "status_changed", "renamed"),
)
"""Kinds of change, in the order in which they are told."""

COLUMNS = (
    *("enterprise_id", "kind", "old_value", "new_value", "distance_m"),
    *("needs_decision", "is_major", "old_row", "new_row"),
    *("name", "old_category", "new_category"),
)
"""Columns of `changes.csv`; the last three came later."""


@dataclass(frozen=True)
class Pair:
    """Two registers and who is who in them: all that events are read from.

    Attributes
    ----------
    survivors
        Columns `old_id` and `new_id`, sorted by `new_id`.
    is_declared
        Whether the two were coded by different editions, by declaration.
    """

    old: Register
    new: Register
    survivors: pd.DataFrame
    rules: ChangeRules
    is_declared: bool

    @cached_property
    def before(self) -> pd.DataFrame:
        """The survivors' old rows, in the order of `survivors`."""
        return self.old.enterprises.loc[self.survivors["old_id"]]

    @cached_property
    def after(self) -> pd.DataFrame:
        """The survivors' new rows, in the same order."""
        return self.new.enterprises.loc[self.survivors["new_id"]]

    @cached_property
    def revision(self) -> Revision:
        """What the survivors' codes say of a revision."""
        return find_revision(
            self.before["industry"],
            self.after["industry"],
            self.rules,
            is_declared=self.is_declared,
        )

    @property
    def gone(self) -> pd.DataFrame:
        """Old rows of those who are no longer there."""
        rows = self.old.enterprises
        return rows[~rows.index.isin(self.survivors["old_id"])]

    @property
    def come(self) -> pd.DataFrame:
        """New rows of those who were not there."""
        rows = self.new.enterprises
        return rows[~rows.index.isin(self.survivors["new_id"])]


def list_survivors_events(
    pair: Pair, turned: tuple[Sequence[str], Sequence[str]] = ((), ())
) -> list[pd.DataFrame]:
    """List what happened to the survivors: moves, codes, status, names.

    Parameters
    ----------
    turned
        Ids that a decision calls truly changed, and ids that it calls revised.
    """
    gap_m = _gaps_m(pair)
    before, after = pair.before, pair.after
    crossed = _differ(before["unit"], after["unit"])
    has_moved = (gap_m > 0) & (gap_m >= pair.rules.moved_m) | crossed
    status = (_standing(before), _standing(after))
    names = (fold_names(before["name"]), fold_names(after["name"]))
    return [
        _rows(
            pair,
            "moved",
            has_moved,
            tuple(_places(rows, has_moved) for rows in (before, after)),
            gap_m,
        ),
        *_coded(pair, turned),
        _rows(pair, "status_changed", _differ(*status), status),
        _rows(pair, "renamed", _differ(*names), (before["name"], after["name"])),
    ]


def list_gone(pair: Pair) -> pd.DataFrame:
    """List who has left the grids; `new_value` says why, where the new file knows."""
    rows = pair.gone
    reasons = pair.new.outside.reindex(rows.index).fillna("")
    return _frame(
        rows.index,
        "left",
        rows["name"],
        reasons,
        old_row=rows["row"],
        name=rows["name"],
        old_category=rows["category"],
    )


def list_come(pair: Pair, earlier: Sequence[Register]) -> pd.DataFrame:
    """List who has come to the grids, or come back; `old_value` says from where."""
    rows = pair.come
    known = pair.old.outside.reindex(rows.index).fillna("")
    seen = pd.Series("", index=rows.index, dtype=object)
    for register in earlier:  # the latest stands last
        seen[rows.index.isin(register.enterprises.index)] = register.file
    is_back = ((seen != "") & (known == "")).to_numpy()
    return _frame(
        rows.index,
        np.where(is_back, "reentered", "entered"),
        np.where(is_back, seen, known),
        rows["name"],
        new_row=rows["row"],
        name=rows["name"],
        new_category=rows["category"],
    )


def list_renumbered(
    pair: Pair, pairs: pd.DataFrame, *, needs_decision: bool
) -> pd.DataFrame:
    """List changes of id, proposed or accepted, under the new id."""
    before = pair.old.enterprises.loc[pairs["old_id"]]
    after = pair.new.enterprises.loc[pairs["new_id"]]
    return _frame(
        after.index,
        "id_changed",
        pairs["old_id"],
        pairs["new_id"],
        distance_m=pairs["distance_m"],
        needs_decision=needs_decision,
        old_row=before["row"],
        new_row=after["row"],
        name=after["name"],
        old_category=before["category"],
        new_category=after["category"],
    )


def join_events(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Join events into one table in the order of ids and kinds."""
    joined = pd.concat(parts, ignore_index=True)
    joined = joined.sort_values(
        ["enterprise_id", "kind"], kind="stable", ignore_index=True
    )
    return joined[list(COLUMNS)]


def _coded(
    pair: Pair, turned: tuple[Sequence[str], Sequence[str]]
) -> list[pd.DataFrame]:
    """List changed codes: of enterprises, and of the classification.

    In a revision, a change that takes its enterprise to another category waits for a
    look, whichever of the two it was taken for.
    """
    before, after = pair.before, pair.after
    is_changed = _differ(before["industry"], after["industry"])
    is_own, is_not = (after.index.isin(list(ids)) for ids in turned)
    is_revised = is_changed & ((pair.revision.is_revised & ~is_own) | is_not)
    crosses = _differ(before["category"], after["category"])
    asks = crosses & pair.revision.is_recognised & ~is_own & ~is_not
    codes = (before["industry"], after["industry"])
    return [
        _rows(pair, kind, of_kind, codes, needs_decision=asks)
        for kind, of_kind in (
            ("industry_changed", is_changed & ~is_revised),
            ("revised", is_revised),
        )
    ]


def _gaps_m(pair: Pair) -> npt.NDArray[np.float64]:
    before, after = pair.before, pair.after
    return distance_m(
        after["longitude"], after["latitude"], before["longitude"], before["latitude"]
    )


def _differ(one: pd.Series, other: pd.Series) -> BoolArray:
    return one.to_numpy(dtype=object) != other.to_numpy(dtype=object)


def _standing(rows: pd.DataFrame) -> pd.Series:
    """Name status and, where it is not simply open, operating."""
    is_plain = rows["operating"].isin(["", "open"])
    return rows["status"].where(is_plain, rows["status"] + "/" + rows["operating"])


def _places(rows: pd.DataFrame, is_asked: BoolArray) -> pd.Series:
    """Write unit and place of those asked about; the others stay empty."""
    asked = rows[is_asked]
    east = asked["longitude"].map("{:.6f}".format)
    north = asked["latitude"].map("{:.6f}".format)
    told = pd.Series("", index=range(len(rows)), dtype=object)
    told[is_asked] = (asked["unit"] + " " + east + "," + north).to_numpy(dtype=object)
    return told


def _rows(
    pair: Pair,
    kind: str,
    is_so: BoolArray,
    values: tuple[pd.Series, ...],
    distance_m: npt.NDArray[np.float64] | None = None,
    *,
    needs_decision: BoolArray | None = None,
) -> pd.DataFrame:
    before, after = pair.before[is_so], pair.after[is_so]
    return _frame(
        after.index,
        kind,
        values[0][is_so],
        values[1][is_so],
        distance_m=np.nan if distance_m is None else distance_m[is_so],
        needs_decision=False if needs_decision is None else needs_decision[is_so],
        old_row=before["row"],
        new_row=after["row"],
        name=after["name"],
        old_category=before["category"],
        new_category=after["category"],
    )


def _frame(
    ids: pd.Index,
    kind: object,
    old_value: object,
    new_value: object,
    **more: object,
) -> pd.DataFrame:
    """Make rows of events; what is not given is unknown."""
    columns = {"kind": kind, "old_value": old_value, "new_value": new_value, **more}
    frame = pd.DataFrame({"enterprise_id": ids.to_numpy(dtype=object)})
    blank = {"distance_m": np.nan, "needs_decision": False, "is_major": False}
    for name in COLUMNS[1:]:
        value = columns.get(name, blank.get(name, pd.NA if "row" in name else ""))
        frame[name] = value.to_numpy() if isinstance(value, pd.Series) else value
    kinds = {"old_row": "Int64", "new_row": "Int64", "distance_m": "float64"}
    texts = dict.fromkeys(
        ("kind", "old_value", "new_value", "name", "old_category", "new_category"),
        object,
    )
    flags = dict.fromkeys(("needs_decision", "is_major"), bool)
    return frame.astype({**kinds, **texts, **flags})
