"""Which changes affect the figures so much that they are reported at once (M5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from gridopt.change.events import Pair
    from gridopt.change.settings import ChangeRules

BoolArray = npt.NDArray[np.bool_]

OUT, IN = ("left",), ("entered", "reentered")
ACROSS = ("moved", "industry_changed")
"""Kinds that take an enterprise out of one unit and category into another."""

REPORTED = (*OUT, *IN, *ACROSS, "status_changed")
"""Kinds that can affect the figures: a new id, name or edition does not."""


def flag_major(events: pd.DataFrame, pair: Pair) -> pd.DataFrame:
    """Flag the changes with a large effect on the figures (M5, 三(三)3).

    The document gives no measure; we read three. An enterprise that reports far more
    than others (its `weight`); many at once out of, or into, one category of one
    unit; several of one business group at once. Settings say how many.

    Parameters
    ----------
    events
        Columns of `changes.csv`.

    Returns
    -------
    DataFrame
        The same with `is_major` set.
    """
    facts = _facts(events, pair)
    is_asked = events["kind"].isin(REPORTED).to_numpy()
    is_major = (facts["load"] >= pair.rules.major_weight).to_numpy()
    is_major = is_major | _is_wave(events["kind"], facts, pair)
    is_major = is_major | _is_group(events["kind"], facts["group"], pair.rules)
    return events.assign(is_major=is_asked & is_major)


def _facts(events: pd.DataFrame, pair: Pair) -> pd.DataFrame:
    """List load, group and places of each event's enterprise, by row number."""
    before = _side(pair.old.enterprises, events["old_row"])
    after = _side(pair.new.enterprises, events["new_row"])
    return pd.DataFrame(
        {
            "load": np.fmax(before["load"], after["load"]),
            "group": after["group"].where(after["group"] != "", before["group"]),
            "from": before["place"],
            "into": after["place"],
        }
    )


def _side(enterprises: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    weight = enterprises["weight"].to_numpy(dtype=np.float64)
    known = pd.DataFrame(
        {
            "load": weight / (np.median(weight) if len(weight) else 1.0),
            "group": enterprises["group_id"].to_numpy(dtype=object),
            "place": _places(enterprises).to_numpy(dtype=object),
        },
        index=pd.Index(enterprises["row"], dtype="Int64"),
    )
    found = known.reindex(pd.Index(rows, dtype="Int64")).reset_index(drop=True)
    return found.fillna({"load": 0.0, "group": "", "place": ""})


def _places(enterprises: pd.DataFrame) -> pd.Series:
    return enterprises["unit"] + "-" + enterprises["category"]


def _is_wave(kinds: pd.Series, facts: pd.DataFrame, pair: Pair) -> BoolArray:
    """Tell who is one of many that leave, or come to, one category of one unit."""
    sizes = _places(pair.old.enterprises).value_counts()
    crosses = kinds.isin(ACROSS) & (facts["from"] != facts["into"])
    goes = kinds.isin(OUT) | crosses
    comes = kinds.isin(IN) | crosses
    return np.asarray(
        _is_many(facts["from"], goes, sizes, pair.rules)
        | _is_many(facts["into"], comes, sizes, pair.rules)
    )


def _is_many(
    places: pd.Series, is_so: pd.Series, sizes: pd.Series, rules: ChangeRules
) -> BoolArray:
    counts = places[is_so].value_counts()
    least = np.maximum(
        rules.major_least, rules.major_share * sizes.reindex(counts.index).fillna(0)
    )
    return (is_so & places.isin(counts.index[counts >= least])).to_numpy()


def _is_group(kinds: pd.Series, groups: pd.Series, rules: ChangeRules) -> BoolArray:
    """Tell who is one of several of a business group with the same kind of change."""
    n_alike = groups.groupby([kinds, groups]).transform("size")
    return ((groups != "") & (n_alike >= rules.major_group)).to_numpy(dtype=bool)
