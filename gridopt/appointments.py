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
)


def choose_heads(
    partition: Partition, staff: Staff | None, limits: Mapping[str, int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Share every unit's grids among the unit's own heads (S4).

    Parameters
    ----------
    staff
        The staff table; None leaves every post open.
    limits
        Most grids of one head, by unit, on top of each person's own `max_grids`.

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
        plan = assign_heads(_distances_dm(partition, ids), most)
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
    )


def choose_deputies(partition: Partition) -> pd.DataFrame:
    """Choose each grid's deputy among its own 四上 statisticians (S4).

    Best last star first, then best last score, then the medoid's statistician, then
    the smallest enterprise id. Whoever serves several grids is deputy of one of
    them: as few posts as can be stay open, then the sum of ranks is least, then
    people are deputies where most of their firms are.
    """
    candidates = _rank_candidates(partition)
    grids = partition.grids.index
    chosen = _nobody(grids, "no_above_scale")
    chosen.iloc[candidates["grid"].unique(), _REASON] = "taken"
    rows = _contested(candidates)
    people, keys = pd.factorize(rows["person"])
    costs = rows["rank"] * (len(grids) + 1) + ~rows["is_home"]
    matching = match_people(
        rows["grid"], people, costs, np.ones(len(keys)), n_posts=len(grids)
    )
    picked = matching.people[rows["grid"]] == people
    taken, firms = rows["grid"].to_numpy()[picked], _statisticians(partition)
    firms = firms.iloc[rows["firm"].to_numpy()[picked]].assign(reason="")
    chosen.iloc[taken] = firms[list(CHOSEN_COLUMNS)].to_numpy(dtype=object)
    return chosen


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


def _rank_candidates(partition: Partition) -> pd.DataFrame:
    """List every grid's 四上 statisticians, best first, each once per grid.

    Grids, persons and firms stand there as numbers, grids and firms in the order of
    their ids: texts are slow to compare.
    """
    firms, plan = partition.register.enterprises, partition.enterprises
    person = pd.factorize(person_keys(firms))[0]
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
    return rows.assign(rank=rows.groupby("grid").cumcount())


def _contested(candidates: pd.DataFrame) -> pd.DataFrame:
    """Keep each grid's list down to the first who serves no other grid.

    That one is free for this grid alone, so nobody further down is ever needed.
    """
    n_served = candidates.groupby("person")["grid"].transform("size")
    is_free = (n_served == 1).astype(int)
    n_free_above = is_free.groupby(candidates["grid"]).cumsum() - is_free
    return candidates[n_free_above == 0]


def choose_instructors(partition: Partition, staff: Staff | None) -> pd.DataFrame:
    """Choose an instructor of the grid's own speciality (S4).

    First the fewest vacancies, then as many as possible from the unit's own
    statistics body rather than the city's bureau, then the lowest largest load.
    """
    grids = partition.grids
    if staff is None:
        return _nobody(grids.index, "no_table")
    people = staff.people[staff.people["role"] == "instructor"]
    people = people.reset_index(drop=True)
    chosen = _nobody(grids.index, "no_speciality" if len(people) else "no_instructor")
    rows = _instructor_pairs(partition, people)
    chosen.loc[rows["grid_id"].unique(), "reason"] = "instructors_full"
    matching = match_people(
        grids.index.get_indexer(pd.Index(rows["grid_id"])),
        rows["person"],
        (rows["unit_person"] == BUREAU).astype(np.int64),
        _limits_of(people),
        n_posts=len(grids),
    )
    holders = _in_runs(matching.people, people)
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


def _in_runs(holders: IntArray, people: pd.DataFrame) -> IntArray:
    """Let people of one unit and the same specialities take neighbouring grid ids.

    They are interchangeable, so each keeps the number of grids and gets a run.
    """
    holders = holders.copy()
    kind = people["unit"] + " " + people["specialities"].map(sorted).map(";".join)
    for _, alike in people.groupby(kind, sort=True):
        posts = np.flatnonzero(np.isin(holders, alike.index))
        holders[posts] = np.sort(holders[posts])
    return holders
