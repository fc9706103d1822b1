"""Who is chosen for the posts of the enterprise grids, and why a post stays open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.geography import local_plane
from gridopt.homes import homes_of
from gridopt.partition import person_keys
from gridopt.personnel import BUREAU
from gridopt.solvers.heads import NONE, HeadPlan, assign_heads
from gridopt.solvers.matching import match_people

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridopt.partition import Partition
    from gridopt.solvers.heads import IntArray
    from gridopt.staff import Staff
    from gridopt.tenure import Tenure

UNNAMED = "未登记"
VACANT = "空缺"

CHOSEN_COLUMNS = ("person_id", "name", "enterprise_id", "reason")
"""One row per grid: who holds the post, and why nobody does (empty where filled)."""
_REASON = CHOSEN_COLUMNS.index("reason")

SEARCH_COLUMNS = (
    "n_grids",
    "n_heads",
    "n_vacant",
    "largest_load",
    "distance_m",
    "bound_m",
    "status",
    "n_kept",
)


def choose_heads(
    partition: Partition,
    staff: Staff | None,
    limits: Mapping[str, int],
    tenure: Tenure | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Share every unit's grids among the unit's own heads (S4).

    Among plans with the fewest vacancies, heads stay where they were.

    Parameters
    ----------
    staff
        The staff table; None leaves every post open.
    limits
        Most grids of one head, by unit, on top of each person's own `max_grids`.
    tenure
        Who held the posts before, where that is known.

    Returns
    -------
    chosen, searches
        `chosen` has a row per grid (columns `CHOSEN_COLUMNS`), `searches` a
        row per unit with what `assign_heads` proved (columns `SEARCH_COLUMNS`);
        `distance_m` and `bound_m` are sums over pairs of grids.
    """
    grids = partition.grids
    searches: dict[str, tuple[object, ...]] = {}
    if staff is None:
        return _nobody(grids.index, "no_table"), _searches(searches)
    chosen = _nobody(grids.index, "no_head")
    for unit in sorted(set(grids["unit"])):
        ids = grids.index[grids["unit"] == unit]
        heads = staff.of(unit, "head")
        most = _limits_of(heads)
        if unit in limits:
            most = np.where(most == NONE, limits[unit], np.minimum(most, limits[unit]))
        before = _positions(heads, _held(tenure, "head", ids))
        plan = assign_heads(_distances_dm(partition, ids), most, previous=before)
        searches[unit] = _search_row(plan, len(heads))
        is_led = plan.heads != NONE
        people = heads.iloc[plan.heads[is_led]]
        chosen.loc[ids[is_led], "person_id"] = people["person_id"].to_numpy()
        chosen.loc[ids[is_led], "name"] = people["name"].to_numpy()
        chosen.loc[ids[is_led], "reason"] = ""
        if len(heads):
            chosen.loc[ids[~is_led], "reason"] = "heads_full"
    return chosen, _searches(searches)


def _searches(rows: dict[str, tuple[object, ...]]) -> pd.DataFrame:
    names = list(SEARCH_COLUMNS)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    return table.rename_axis("unit")


def _nobody(index: pd.Index, reason: str) -> pd.DataFrame:
    frame = pd.DataFrame("", index=index, columns=list(CHOSEN_COLUMNS), dtype=object)
    return frame.assign(reason=reason)


def _limits_of(people: pd.DataFrame) -> IntArray:
    return people["max_grids"].fillna(NONE).to_numpy(dtype=np.int64)


def _held(tenure: Tenure | None, role: str, ids: pd.Index) -> pd.Series:
    """List the `person_id` who held a role of these grids, empty for nobody."""
    if tenure is None:
        return pd.Series("", index=ids)
    return tenure.holders(role, ids)["person_id"]


def _positions(people: pd.DataFrame, held: pd.Series) -> IntArray:
    """Give each holder's place among these people, `NONE` for any other."""
    places = pd.Index(people["person_id"]).get_indexer(pd.Index(held))
    return np.where(held.to_numpy() == "", NONE, places).astype(np.int64)


def _distances_dm(partition: Partition, ids: pd.Index) -> IntArray:
    """Measure between the medoids in the unit's own plane, whole decimetres."""
    medoids = partition.grids.loc[ids, "medoid_id"]
    places = partition.register.enterprises.loc[medoids, ["longitude", "latitude"]]
    metres = local_plane(places["longitude"].to_numpy(), places["latitude"].to_numpy())
    points = np.floor(10 * metres + 0.5)
    gaps = points[:, None, :] - points[None, :, :]
    distances = np.floor(np.sqrt((gaps * gaps).sum(axis=2)) + 0.5)
    return distances.astype(np.int64)


def _search_row(plan: HeadPlan, n_heads: int) -> tuple[object, ...]:
    return (
        len(plan.heads),
        n_heads,
        plan.n_vacant,
        plan.largest_load,
        plan.distance / 10,
        plan.bound / 10,
        plan.status,
        plan.n_kept,
    )


def choose_deputies(partition: Partition, tenure: Tenure | None = None) -> pd.DataFrame:
    """Choose each grid's deputy among its own 四上 statisticians (S4).

    Best last star first, then best last score, then the medoid's statistician, then
    the smallest enterprise id. Whoever serves several grids is deputy of one of
    them: as few posts as can be stay open, then as many deputies as can be stay
    where they were (`tenure`), then the sum of ranks is least, then people are
    deputies where most of their firms are.
    """
    candidates = _rank_candidates(partition, tenure)
    chosen = _nobody(partition.grids.index, "no_above_scale")
    chosen.iloc[candidates["grid"].unique(), _REASON] = "taken"
    rows = _contested(candidates)
    is_alone = ~rows["grid"].duplicated(keep=False) & rows["is_free"]
    picked = rows[is_alone | _match_deputies(rows, ~is_alone)]
    firms = _statisticians(partition).iloc[picked["firm"]].assign(reason="")
    taken = picked["grid"].to_numpy()
    chosen.iloc[taken] = firms[list(CHOSEN_COLUMNS)].to_numpy(dtype=object)
    return chosen


def _match_deputies(candidates: pd.DataFrame, is_open: pd.Series) -> pd.Series:
    """Tell which of the open candidates become deputies."""
    rows = candidates[is_open]
    posts, grids = pd.factorize(rows["grid"])
    people, keys = pd.factorize(rows["person"])
    costs = rows["rank"].to_numpy() * (len(grids) + 1) + ~rows["is_home"].to_numpy()
    if rows["is_kept"].any():
        # one deputy kept outweighs all ranks
        dearest = int(rows["rank"].groupby(posts).max().sum() + 1) * (len(grids) + 1)
        costs = costs + ~rows["is_kept"].to_numpy() * dearest
    limits = np.ones(len(keys), dtype=np.int64)
    matching = match_people(posts, people, costs, limits, n_posts=len(grids))
    is_picked = pd.Series(False, index=candidates.index)
    is_picked[rows.index] = matching.people[posts] == people
    return is_picked


def _statisticians(partition: Partition) -> pd.DataFrame:
    """List every firm's statistician, in the order of the register."""
    firms = partition.register.enterprises
    is_known = (firms["statistician_id"] != "").to_numpy()
    names = firms["statistician_name"].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "person_id": firms["statistician_id"].array,
            "name": np.where(is_known, names, UNNAMED),
            "enterprise_id": firms.index.array,
        }
    )


def _rank_candidates(partition: Partition, tenure: Tenure | None) -> pd.DataFrame:
    """List every grid's 四上 statisticians, best first, each once per grid.

    Grids, persons and firms stand there as numbers, grids and firms in the order of
    their ids: texts are slow to compare.
    """
    firms, plan = partition.register.enterprises, partition.enterprises
    person, keys = pd.factorize(person_keys(firms))
    grid = partition.grids.index.get_indexer(plan["grid_id"])
    rows = pd.DataFrame(
        {
            "grid": grid,
            "star": firms["last_star"].fillna(-np.inf).to_numpy(),
            "score": firms["last_score"].fillna(-np.inf).to_numpy(),
            "is_medoid": plan["is_medoid"].to_numpy(),
            "firm": np.arange(len(firms)),
            "person": person,
            "is_home": grid == grid[homes_of(person, grid)][person],
        }
    )
    rows = rows[(firms["status"] == "above_scale").to_numpy()].sort_values(
        ["grid", "star", "score", "is_medoid", "firm"],
        ascending=[True, False, False, False, True],
        kind="stable",
    )
    rows = rows.drop_duplicates(["grid", "person"])
    before = np.full(len(partition.grids), NONE, dtype=np.int64)
    if tenure is not None:
        before = pd.Index(keys).get_indexer(pd.Index(tenure.keys(partition, "deputy")))
    return rows.assign(
        rank=rows.groupby("grid").cumcount(),
        is_kept=rows["person"].to_numpy() == before[rows["grid"]],
    )


def _contested(candidates: pd.DataFrame) -> pd.DataFrame:
    """Keep each grid's list down to the first who serves no other grid.

    That one is free for this grid alone, so nobody further down is ever needed. The
    deputy of before stands first.
    """
    rows = candidates.sort_values(
        ["grid", "is_kept", "rank"], ascending=[True, False, True]
    )
    is_free = rows.groupby("person")["grid"].transform("size") == 1
    n_free_above = is_free.groupby(rows["grid"]).cumsum() - is_free
    return rows.assign(is_free=is_free)[n_free_above == 0]


def choose_instructors(
    partition: Partition, staff: Staff | None, tenure: Tenure | None = None
) -> pd.DataFrame:
    """Choose an instructor of the grid's own speciality (S4).

    First the fewest vacancies, then as many as possible who stay where they were
    (`tenure`), then as many as possible from the unit's own statistics body rather
    than the city's bureau, then the lowest largest load.
    """
    grids = partition.grids
    if staff is None:
        return _nobody(grids.index, "no_table")
    people = staff.people[staff.people["role"] == "instructor"]
    people = people.reset_index(drop=True)
    chosen = _nobody(grids.index, "no_speciality" if len(people) else "no_instructor")
    rows = _instructor_pairs(partition, people)
    chosen.loc[rows["grid_id"].unique(), "reason"] = "instructors_full"
    posts = grids.index.get_indexer(pd.Index(rows["grid_id"]))
    before = _positions(people, _held(tenure, "instructor", grids.index))
    is_new = (rows["person"] != before[posts]).astype(np.int64)
    is_sent = (rows["unit_person"] == BUREAU).astype(np.int64)
    matching = match_people(
        posts,
        rows["person"],
        # one instructor kept outweighs all who are sent by the bureau
        is_sent if (before == NONE).all() else is_new * (len(grids) + 1) + is_sent,
        _limits_of(people),
        n_posts=len(grids),
    )
    holders = _in_runs(matching.people, people, before)
    is_filled = holders != NONE
    filled = people.iloc[holders[is_filled]]
    chosen.loc[is_filled, "person_id"] = filled["person_id"].to_numpy()
    chosen.loc[is_filled, "name"] = filled["name"].to_numpy()
    chosen.loc[is_filled, "reason"] = ""
    return chosen


def _instructor_pairs(partition: Partition, people: pd.DataFrame) -> pd.DataFrame:
    """List who may instruct which grid: of its category, and its unit or the bureau."""
    able = people[["unit", "specialities"]].rename_axis("person").reset_index()
    able = able.explode("specialities").rename(columns={"specialities": "category"})
    grids = partition.grids[["unit", "category"]].reset_index()
    pairs = grids.merge(able, on="category", suffixes=("", "_person"))
    is_near = (pairs["unit_person"] == pairs["unit"]) | (pairs["unit_person"] == BUREAU)
    return pairs[is_near].sort_values(["grid_id", "person"], kind="stable")


def _in_runs(holders: IntArray, people: pd.DataFrame, before: IntArray) -> IntArray:
    """Let people of one unit and the same specialities take neighbouring grid ids.

    They are interchangeable, so each keeps the number of grids and gets a run, but
    for grids whose instructor of before stays.
    """
    holders = holders.copy()
    is_kept = holders == before
    kind = people["unit"] + " " + people["specialities"].map(sorted).map(";".join)
    for _, alike in people.groupby(kind, sort=True):
        posts = np.flatnonzero(np.isin(holders, alike.index) & ~is_kept)
        holders[posts] = np.sort(holders[posts])
    return holders
