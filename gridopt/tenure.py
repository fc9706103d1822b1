"""Who held the posts of the enterprise grids before, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.errors import InputError
from gridopt.findings import some, some_ids
from gridopt.partition import person_keys
from gridopt.personnel import BUREAU

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from gridopt.partition import Partition
    from gridopt.staff import Staff

    BoolArray = npt.NDArray[np.bool_]
    TextArray = npt.NDArray[np.object_]

CHANGE_COLUMNS = ("change", "change_reason", "previous_person_id")
"""Columns of `roster.csv` that tell what became of a post of a grid since."""

CHANGES = {
    "kept": "留任",
    "new": "新任",
    "replaced": "更换",
    "vacated": "空出",
    "vacant": "仍空缺",
}
"""Every `change` of a post with its Chinese word; empty where no past is known."""

REASONS = {
    "left_register": "原任人员已不在企业名录中",
    "left_grid": "原任人员服务的企业已不在本网格",
    "not_above_scale": "原任人员在本网格服务的企业已不是“四上”企业",
    "other_post": "原任人员改任其他网格副网格长",
    "staff_table": "人员表已不列原任人员在本网格任该职务",
    "speciality": "原任人员的专业与本网格行业类别不符",
    "no_room": "原任人员负责的网格数已达上限",
}
"""Every `change_reason` of a post that was replaced or vacated, in Chinese."""

_ROLES = ("head", "deputy", "instructor")
_NEEDED = ("grid_id", "level", "role", "person_id", "enterprise_id")


@dataclass(frozen=True)
class Tenure:
    """Who held the posts of the enterprise grids in the roster in force.

    Attributes
    ----------
    posts
        Index `role, grid_id`, columns `person_id, enterprise_id`, both empty where
        the post was vacant. A deputy whom the register did not name has an
        enterprise only.
    """

    posts: pd.DataFrame

    @classmethod
    def of(cls, previous: pd.DataFrame | None) -> Tenure | None:
        """Read the past from a roster's posts (`roster.csv`); None gives None.

        Raises
        ------
        InputError
            Where a column lacks, or a post of a grid stands there twice.
        """
        if previous is None:
            return None
        lacking = [name for name in _NEEDED if name not in previous]
        if lacking:
            raise InputError(
                f"上期网格人员名册缺少列 {'、'.join(lacking)}。"
                "请使用上期运行目录中的 roster.csv。",
                f"The previous roster lacks the columns {', '.join(lacking)}: give the "
                "roster.csv of a run folder.",
            )
        is_meant = previous["level"].astype(str) == "4"
        rows = previous[is_meant & previous["role"].isin(_ROLES)]
        posts = rows.set_index(["role", "grid_id"])[["person_id", "enterprise_id"]]
        _refuse_doubled(posts)
        return cls(posts.fillna("").astype(object))

    def holders(self, role: str, grids: pd.Index) -> pd.DataFrame:
        """List who held one role of these grids, empty for nobody; index `grids`."""
        if role not in self.posts.index.get_level_values("role"):
            return pd.DataFrame("", index=grids, columns=self.posts.columns)
        return self.posts.loc[role].reindex(grids, fill_value="")

    def keys(self, partition: Partition, role: str) -> TextArray:
        """Name who held one role of each grid, empty for nobody, shape (n,).

        Deputies are named as `person_keys` does: whoever the register did not name
        is the one who reports for that firm today.
        """
        held = self.holders(role, partition.grids.index)
        named = held["person_id"].to_numpy(dtype=object)
        if role != "deputy":
            return named
        return np.where(named == "", _reporters(partition, held), named)


def _reporters(partition: Partition, held: pd.DataFrame) -> TextArray:
    """Name who reports for these firms today; a firm that has left names itself."""
    firms = partition.register.enterprises
    keys = pd.Series(person_keys(firms), index=firms.index)
    ids = held["enterprise_id"]
    gone = ("enterprise:" + ids).where(ids != "", "")
    found = keys.reindex(ids).to_numpy(dtype=object)
    return np.where(pd.isna(found), gone, found)


def _refuse_doubled(posts: pd.DataFrame) -> None:
    twice = posts.index[posts.index.duplicated()].unique()
    if len(twice):
        shown = [f"{grid_id} {role}" for role, grid_id in twice]
        raise InputError(
            f"上期网格人员名册共 {len(posts)} 个网格职务，"
            f"有 {len(twice)} 个出现不止一次，例如 {some(shown)}。"
            "请每个职务只保留一行。",
            f"{len(twice)} of {len(posts)} posts stand more than once in the previous "
            f"roster, for example {some_ids(shown)}: keep one row each.",
        )


def tell_changes(
    partition: Partition,
    staff: Staff | None,
    chosen: Mapping[str, pd.DataFrame],
    tenure: Tenure | None,
) -> dict[str, pd.DataFrame]:
    """Tell of every post whether its holder stayed, and why not.

    Parameters
    ----------
    chosen
        Who was chosen, by role: a row per grid, columns `person_id`,
        `enterprise_id` and `reason` (why nobody was, empty where filled).
    tenure
        Who held the posts before; None where that is not known.

    Returns
    -------
    dict of DataFrame
        By role, index `grid_id`, columns `CHANGE_COLUMNS`, all empty without a past.
    """
    grids = partition.grids.index
    if tenure is None:
        names = list(CHANGE_COLUMNS)
        return {role: pd.DataFrame("", index=grids, columns=names) for role in chosen}
    told = {}
    for role, frame in chosen.items():
        held = tenure.holders(role, grids)["person_id"]
        is_filled = (frame["reason"] == "").to_numpy()
        is_deputy = role == "deputy"
        now = _reporters(partition, frame) if is_deputy else frame["person_id"]
        was = tenure.keys(partition, role)
        change = _changes(was, np.asarray(now), is_filled)
        is_lost = np.isin(change, ("replaced", "vacated"))
        reason = np.where(is_lost, _reasons(partition, staff, was, role), "")
        columns = zip(CHANGE_COLUMNS, (change, reason, held), strict=True)
        told[role] = pd.DataFrame(dict(columns), index=grids, dtype=object)
    return told


def _changes(was: TextArray, now: TextArray, is_filled: BoolArray) -> TextArray:
    had = was != ""
    change = np.full(len(was), "vacant", dtype=object)
    change[had] = "vacated"
    change[is_filled] = "new"
    change[had & is_filled] = "replaced"
    change[had & is_filled & (was == now)] = "kept"
    return change


def _reasons(
    partition: Partition, staff: Staff | None, was: TextArray, role: str
) -> TextArray:
    """Say for every grid why whoever held the role would not stay, shape (n,)."""
    if role == "deputy":
        return _deputy_reasons(partition, was)
    if role == "head":
        return _head_reasons(partition, staff, was)
    return _instructor_reasons(partition, staff, was)


def _head_reasons(
    partition: Partition, staff: Staff | None, was: TextArray
) -> TextArray:
    """Tell heads who left the unit's staff table from those who lead enough grids."""
    keys = pd.MultiIndex.from_arrays([partition.grids["unit"], was])
    return np.where(keys.isin(_people(staff, "head")), "no_room", "staff_table")


def _people(staff: Staff | None, role: str) -> pd.MultiIndex:
    """List the staff of one role as pairs of unit and `person_id`."""
    if staff is None:
        return pd.MultiIndex.from_arrays([[], []])
    people = staff.people[staff.people["role"] == role]
    return pd.MultiIndex.from_frame(people[["unit", "person_id"]])


def _deputy_reasons(partition: Partition, was: TextArray) -> TextArray:
    """Tell deputies who left (and what) from those who are one elsewhere."""
    firms = partition.register.enterprises
    keys = person_keys(firms)
    at = pd.MultiIndex.from_arrays([partition.enterprises["grid_id"], keys])
    is_above = (firms["status"] == "above_scale").to_numpy()
    wanted = pd.MultiIndex.from_arrays([partition.grids.index, was])
    return np.select(
        [~np.isin(was, keys), ~wanted.isin(at), ~wanted.isin(at[is_above])],
        ["left_register", "left_grid", "not_above_scale"],
        "other_post",
    ).astype(object)


def _instructor_reasons(
    partition: Partition, staff: Staff | None, was: TextArray
) -> TextArray:
    """Tell instructors who left, who lost the speciality, and who have no room."""
    grids = partition.grids
    here = pd.MultiIndex.from_arrays([grids["unit"], was])
    bureau = pd.MultiIndex.from_arrays([[BUREAU] * len(grids), was])
    people = _people(staff, "instructor")
    is_listed = here.isin(people) | bureau.isin(people)
    able = pd.MultiIndex.from_arrays([[], []])
    if staff is not None:
        known = staff.people[staff.people["role"] == "instructor"]
        pairs = known[["person_id", "specialities"]].explode("specialities")
        able = pd.MultiIndex.from_frame(pairs)
    fits = pd.MultiIndex.from_arrays([was, grids["category"]]).isin(able)
    return np.select(
        [~is_listed, ~fits], ["staff_table", "speciality"], "no_room"
    ).astype(object)
