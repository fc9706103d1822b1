"""Who reports and how much: statisticians, stars, scores, weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.findings import list_rows, some
from gridopt.register.cells import to_numbers, translate

if TYPE_CHECKING:
    from gridopt.register.headers import Rows

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
TextArray = npt.NDArray[np.object_]

MANY_ENTERPRISES = 10
"""From more enterprises than these on, one statistician's id is doubted."""


def check_people(rows: Rows, live: BoolArray) -> list[pd.DataFrame]:
    """Check the ids and names of statisticians."""
    ids, names = rows.text("statistician_id"), rows.text("statistician_name")
    who = rows.text("enterprise_id")
    named = np.flatnonzero(live & (ids != ""))
    frame = pd.DataFrame(
        {
            "id": ids[named],
            "name": names[named],
            "row": rows.row[named],
            "who": who[named],
        }
    )
    return [
        *_check_names(rows, frame),
        *_check_load(rows, frame),
        *_say_unnamed(rows, np.flatnonzero(live & (ids == ""))),
    ]


def _say_unnamed(rows: Rows, at: npt.NDArray[np.int64]) -> list[pd.DataFrame]:
    if not len(at):
        return []
    told = some(sorted(rows.text("enterprise_id")[at]))
    return [rows.say("statistician_unnamed", "statistician_id", n=len(at), listed=told)]


def _check_names(rows: Rows, frame: pd.DataFrame) -> list[pd.DataFrame]:
    spelled = frame[frame["name"] != ""].drop_duplicates(["id", "name"])
    several = spelled[spelled["id"].duplicated(keep=False)]
    found = []
    for person, same in several.groupby("id", sort=True):
        names = some(sorted(same["name"]))
        told = list_rows(sorted(same["row"]))
        found.append(
            _at(
                rows,
                same,
                "statistician_two_names",
                str(person),
                names=names,
                where=told,
            )
        )
    return found


def _check_load(rows: Rows, frame: pd.DataFrame) -> list[pd.DataFrame]:
    n_served = frame.groupby("id")["id"].transform("size")
    found = []
    for person, same in frame[n_served > MANY_ENTERPRISES].groupby("id", sort=True):
        told = some(sorted(same["who"]))
        words = {"n": len(same), "listed": told}
        found.append(_at(rows, same, "statistician_serves_many", str(person), **words))
    return found


def _at(
    rows: Rows, same: pd.DataFrame, rule: str, person: str, **words: Any
) -> pd.DataFrame:
    """Word one finding at the first row of a person."""
    first = rows.row == same["row"].min()
    return rows.find(first, rule, "statistician_id", [person], **words)


def read_numbers(
    rows: Rows, live: BoolArray
) -> tuple[dict[str, FloatArray], list[pd.DataFrame]]:
    """Read weight (1 where empty), last star and last score (NaN where empty)."""
    weight, star_texts = (
        rows.text("weight"),
        translate(rows.text("last_star"), "last_star")[0],
    )
    weights, stars = to_numbers(weight), to_numbers(star_texts)
    scores = to_numbers(rows.text("last_score"))
    odd_weight = live & (weight != "") & ~np.isfinite(weights)
    odd_star = live & (star_texts != "") & ~np.isin(stars, (0, 1, 2, 3))
    odd_score = live & (rows.text("last_score") != "") & ~np.isfinite(scores)
    found = [
        rows.find(odd_weight, "weight_not_number", "weight"),
        rows.find(live & (weights <= 0), "weight_not_positive", "weight"),
        rows.find(odd_star, "star_out_of_range", "last_star"),
        rows.find(odd_score, "score_not_number", "last_score"),
    ]
    weights = np.where(weight == "", 1.0, weights)
    return {"last_star": stars, "last_score": scores, "weight": weights}, found
