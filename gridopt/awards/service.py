"""How long members were in post during a year, and who may be awarded for it (F3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.awards.rounding import sum_by

if TYPE_CHECKING:
    import numpy.typing as npt

    from gridopt.awards.rounding import IntArray

    BoolArray = npt.NDArray[np.bool_]

MEMBER_COLUMNS = (
    *("member", "person_id", "enterprise_id", "unit", "months"),
    *("is_in_post", "served", "score", "passed", "since", "row"),
)


def days_in_post(posts: pd.DataFrame, days: pd.DatetimeIndex) -> BoolArray:
    """Tell which posts are filled on which days, shape (posts, days).

    Examples
    --------
    >>> posts = pd.DataFrame({"since": pd.to_datetime(["2022-06-30"]),
    ...     "until": pd.to_datetime([None])})
    >>> days_in_post(posts, pd.to_datetime(["2022-05-31", "2022-06-30"])).tolist()
    [[False, True]]
    """
    since, until = posts["since"].to_numpy(), posts["until"].to_numpy()
    at = days.to_numpy()[np.newaxis]
    has_begun = np.isnat(since)[:, np.newaxis] | (since[:, np.newaxis] <= at)
    has_not_ended = np.isnat(until)[:, np.newaxis] | (at <= until[:, np.newaxis])
    return has_begun & has_not_ended


def list_service(
    posts: pd.DataFrame,
    year: int,
    *,
    is_once: bool = True,
    worth: IntArray | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List the members of a year and how long each served (F3, F8).

    A month counts if the person is in post on its last day. A person in several
    posts at once counts once a month, in the post of the smallest enterprise id,
    and is appraised in the post held last.

    Parameters
    ----------
    posts
        As in `Results.posts`.
    year
        Calendar year.
    is_once
        One member per person; otherwise one per person and enterprise.
    worth
        What each month is worth, whole numbers, shape (12,); 1 each where None.

    Returns
    -------
    tuple of DataFrame
        One row per member, `MEMBER_COLUMNS`: `months` in post within the year,
        `is_in_post` on 31 December,
        `served` on any day of the year; score and pass of the post held last, or,
        where it has none, the first that another post of the member tells. And one
        row per member and post, `member, unit, enterprise_id, worth`.

    Examples
    --------
    >>> posts = pd.DataFrame({"person_id": ["p", "p"], "enterprise_id": ["e1", "e2"],
    ...     "unit": ["a", "b"], "score": [70, 80], "passed": [True, True],
    ...     "since": pd.to_datetime([None, "2022-07-01"]),
    ...     "until": pd.to_datetime(["2022-06-30", None]), "row": [2, 3]})
    >>> members, by_post = list_service(posts, 2022)
    >>> members[["unit", "months", "score"]].to_numpy().tolist()
    [['b', 12, 80]]
    >>> by_post["worth"].tolist()
    [6, 6]
    """
    names = ["person_id"] if is_once else ["person_id", "enterprise_id"]
    ordered = posts.sort_values(
        ["person_id", "enterprise_id", "since", "row"], na_position="first"
    ).reset_index(drop=True)
    member = ordered.groupby(names, sort=True).ngroup().to_numpy()
    month_ends = pd.date_range(f"{year}-01-31", periods=12, freq="ME")
    is_filled = days_in_post(ordered, month_ends)
    counted = is_filled & _is_first(is_filled, member)
    own = counted @ (np.ones(12, dtype=np.int64) if worth is None else worth)
    begun = ordered["since"].isna() | (ordered["since"] <= month_ends[-1])
    ended = ordered["until"] < pd.Timestamp(f"{year}-01-01")
    served = (begun & ~ended).to_numpy()
    listed = _describe(ordered, member, is_filled)
    listed["months"] = sum_by(member, counted.sum(axis=1))
    listed["is_in_post"] = sum_by(member, is_filled[:, -1].astype(np.int64)) > 0
    listed["served"] = sum_by(member, served.astype(np.int64)) > 0
    by_post = ordered[["unit", "enterprise_id"]].assign(member=member, worth=own)
    keys = ["member", "unit", "enterprise_id"]
    by_post = by_post.groupby(keys, as_index=False)["worth"].sum()
    return listed[list(MEMBER_COLUMNS)], by_post


def _is_first(is_filled: BoolArray, member: npt.NDArray[np.int64]) -> BoolArray:
    """Tell whether no earlier post of the same member is filled at the same time."""
    # posts of a member are neighbours: what was filled before minus before the member
    filled: npt.NDArray[np.int64] = np.cumsum(is_filled, axis=0) - is_filled
    starts = np.searchsorted(member, member)
    first: BoolArray = filled - filled[starts] == 0
    return first


def _describe(
    ordered: pd.DataFrame, member: npt.NDArray[np.int64], is_filled: BoolArray
) -> pd.DataFrame:
    """Describe each member by the post held last; the first of them where several."""
    months = np.arange(1, 13)
    last_month = (is_filled * months).max(axis=1, initial=0)
    rank = pd.DataFrame(
        {"member": member, "last": -last_month, "at": range(len(member))}
    )
    home = rank.sort_values(["member", "last", "at"]).drop_duplicates("member")["at"]
    chosen = ordered.iloc[home.to_numpy()].reset_index(drop=True)
    told = ordered.groupby(member, sort=True)
    for column in ("score", "passed"):
        chosen[column] = chosen[column].fillna(
            told[column].first().reset_index(drop=True)
        )
    chosen["since"] = _first_days(ordered, member)
    return chosen.assign(member=np.arange(len(chosen)))


def _first_days(ordered: pd.DataFrame, member: npt.NDArray[np.int64]) -> pd.Series:
    is_open = ordered["since"].isna().groupby(member).any()
    first = ordered["since"].groupby(member).min()
    return first.where(~is_open).reset_index(drop=True)
