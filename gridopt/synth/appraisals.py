"""What a made-up year's appraisal found: scores, passes, days in post."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from gridopt.chance import draw

COLUMNS = (
    *("person_id", "enterprise_id", "unit", "score", "qualified", "since", "until"),
)
PASS_SCORE = 70
_MEAN, _UNIT_SD, _MEMBER_SD = 80, 4, 8
_LEAVER_SHARE = _JOINER_SHARE = 0.05
_FIRST_DAY = dt.date(2015, 1, 1)


def make_results(posts: pd.DataFrame, year: int, seed: int = 0) -> pd.DataFrame:
    """Make up the results of an appraisal, everybody's own whoever else there is.

    Scores vary by unit with a deviation of 4 and by member with one of 8 around 80;
    from 70 on a member passes. One in twenty joins during the year, one in twenty
    leaves.

    Parameters
    ----------
    posts
        One row per person and enterprise: `person_id, enterprise_id, unit`.
    year
        Year of the appraisal.
    seed
        Any integer.

    Returns
    -------
    DataFrame
        The columns of a table of results, all texts, by person and enterprise.

    Examples
    --------
    >>> posts = pd.DataFrame({"person_id": ["p"], "enterprise_id": ["e"], "unit": "u"})
    >>> make_results(posts, 2025).columns.tolist()[:4]
    ['person_id', 'enterprise_id', 'unit', 'score']
    """
    ordered = posts.sort_values(["person_id", "enterprise_id"], ignore_index=True)
    # who serves several firms has one result, of the first of them
    home = ordered.groupby("person_id")["unit"].transform("first")
    person, unit = _numbers(ordered["person_id"]), _numbers(home)
    tenths = (
        10 * _MEAN
        + np.floor(10 * _UNIT_SD * _bell(seed, "unit", unit)).astype(np.int64)
        + np.floor(10 * _MEMBER_SD * _bell(seed, "member", person)).astype(np.int64)
    ).clip(0, 1000)
    since, until = _days(year, seed, person)
    told = {
        "person_id": ordered["person_id"],
        "enterprise_id": ordered["enterprise_id"],
        "unit": ordered["unit"],
        "score": [f"{t // 10}.{t % 10}" for t in tenths],
        "qualified": (tenths >= 10 * PASS_SCORE).astype(int).astype(str),
        "since": since,
        "until": until,
    }
    return pd.DataFrame(told)[list(COLUMNS)]


def _numbers(ids: pd.Series) -> np.ndarray:
    """Give each id a number of its own, the same whoever else there is."""
    keys = pd.util.hash_array(ids.to_numpy(dtype=object), categorize=False)
    return (keys >> np.uint64(1)).astype(np.int64)


def _bell(seed: int, purpose: str, keys: np.ndarray) -> np.ndarray:
    """Draw bell-shaped numbers of mean 0 and deviation 1, by sums alone."""
    parts = [draw(seed, f"{purpose}/{part}", keys) for part in range(12)]
    return np.sum(parts, axis=0) - 6


def _days(year: int, seed: int, person: np.ndarray) -> tuple[list[str], list[str]]:
    n_before = (dt.date(year, 1, 1) - _FIRST_DAY).days
    begun = (draw(seed, "since", person) * n_before).astype(np.int64)
    in_year = (draw(seed, "day", person) * 365).astype(np.int64)
    kind = draw(seed, "kind", person)
    joins, leaves = kind < _JOINER_SHARE, kind >= 1 - _LEAVER_SHARE
    first = np.where(joins, n_before + in_year, begun)
    since = [(_FIRST_DAY + dt.timedelta(int(day))).isoformat() for day in first]
    last = [(dt.date(year, 1, 1) + dt.timedelta(int(d))).isoformat() for d in in_year]
    until = [day if left else "" for day, left in zip(last, leaves, strict=True)]
    return since, until
