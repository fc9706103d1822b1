"""Who leads and instructs whom: the roster of all four levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from gridopt.appointments import (
    UNNAMED,
    VACANT,
    choose_deputies,
    choose_heads,
    choose_instructors,
)
from gridopt.cards import Branch, Card, Shown
from gridopt.errors import refuse_kind
from gridopt.officials import (
    POST_COLUMNS,
    list_officials,
    parents_of_grids,
    post_of,
    posts_of_grids,
    unit_of,
)
from gridopt.partition import EXCEPTION_COLUMNS, count_members
from gridopt.rules import Rules, setting
from gridopt.staff import Staff, read_staff
from gridopt.tenure import CHANGE_COLUMNS, Tenure, tell_changes
from gridopt.vacancies import (
    count_needed,
    explain_minima,
    explain_vacancies,
    share_of,
)
from gridopt.words import ROLES as ROLE_WORDS

if TYPE_CHECKING:
    from gridopt.blocks import Departure
    from gridopt.partition import Partition
    from gridopt.problem import IntArray

ROLES = ("head", "deputy", "instructor", "member")
LOAD_COLUMNS = ("unit", "person_id", "name", "role", "n_grids", "max_grids")


class StaffLeast(Rules):
    """Least number of statistics staff by the unit's kind (M6); not the bureau's.

    Examples
    --------
    >>> StaffLeast().zone
    3
    """

    street: int = setting(5, clause="M6", label="街道统计人员不少于", ge=0)
    town: int = setting(5, clause="M6", label="镇统计人员不少于", ge=0)
    township: int = setting(5, clause="M6", label="乡统计人员不少于", ge=0)
    zone: int = setting(3, clause="M6", label="玉环经济开发区统计人员不少于", ge=0)


class RoleRules(Rules):
    """How posts are to be filled.

    `grids_per_head` only says how many people are needed; it binds nobody. M6 names
    no number of grids per head. We read one from it: the unit's grids divided by
    its least number of staff, rounded up; `load_limit` says whether more is merely
    reported or not allowed. An empty `max_grids` is no limit of its own.

    Examples
    --------
    >>> RoleRules(grids_per_head=3).staff_least.town
    5
    """

    staff: str | None = setting(
        None, clause="S4", label="人员表", doc="Staff table: CSV or xlsx."
    )
    staff_least: StaffLeast = setting(
        StaffLeast(), clause="M6", label="统计人员数量下限"
    )
    grids_per_head: int = setting(
        2,
        clause="S4",
        label="每名网格长负责网格数（测算用）",
        doc="Grids that one head is planned to lead, for counting the people needed.",
        ge=1,
    )
    load_limit: Literal["report", "limit"] = setting(
        "report",
        clause="M6",
        label="网格长负责网格数超过人员下限分担数时",
        doc="Where a head leads more grids than the staff minimum implies.",
        words={"report": "列入例外说明", "limit": "不安排，网格长空缺"},
    )


@dataclass(frozen=True, repr=False)
class Roster(Shown):
    """Who holds which post on all four levels, and what is lacking.

    Attributes
    ----------
    posts
        The roster (`roster.csv`): one row per post, and one per enterprise for the
        members of the enterprise grids. An office fills the posts of levels 1 to 3
        (`post`; nobody is named, `is_vacant` is False). A vacant post of level 4
        has an empty `person_id` and the name 空缺; a statistician whom the register
        does not name is 未登记 and not vacant. Where a previous roster is known,
        `change` tells of heads, deputies and instructors whether they are `kept`,
        `new`, `replaced`, `vacated` or `vacant` as before, `change_reason` why the
        one before is not kept, `previous_person_id` who that was.
    load
        One row per head and instructor of the staff table, with the number of grids.
    searches
        What was proved of the heads, one row per unit; empty without a staff table.
    needed
        People needed, one row per second-level unit (see `count_needed`).
    members
        Number of persons per grid, index `grid_id`; each counts once, at home.
    departures
        Vacant posts and missed staff minima, as lines of `exceptions.csv`.
    staff
        The staff table; None where there is none.
    """

    posts: pd.DataFrame
    load: pd.DataFrame
    searches: pd.DataFrame
    needed: pd.DataFrame
    members: pd.Series
    departures: tuple[Departure, ...]
    rules: RoleRules
    staff: Staff | None = field(default=None, repr=False)

    @property
    def heads(self) -> pd.Series:
        """The head's `person_id` of each grid, empty where vacant."""
        return self._people("head")

    @property
    def deputies(self) -> pd.Series:
        """The deputy's `person_id` of each grid, empty where vacant or not named."""
        return self._people("deputy")

    @property
    def instructors(self) -> pd.Series:
        """The instructor's `person_id` of each grid, empty where vacant."""
        return self._people("instructor")

    @property
    def exceptions(self) -> pd.DataFrame:
        """The departures as a table, columns of `exceptions.csv`."""
        rows = [vars(departure) for departure in self.departures]
        return pd.DataFrame(rows, columns=list(EXCEPTION_COLUMNS))

    def card(self) -> Card:
        """Tell which posts are filled, and the tree of levels with their numbers.

        Examples
        --------
        >>> import gridopt as go
        >>> roster = go.assign_roles(go.make_grids(go.read_sample()))
        >>> roster.card().facts[0]
        ('网格长', '6个网格中有人选0个，空缺6个')
        """
        n = len(self.members)
        facts = [
            (
                ROLE_WORDS[role],
                f"{n:,}个网格中有人选{n - lacking:,}个，空缺{lacking:,}个",
            )
            for role, lacking in self._vacancies().items()
        ]
        n_members, n_heads = int(self.members.sum()), self.needed["heads_needed"].sum()
        facts += [("网格成员", f"{n_members:,}人")]
        facts += [("需配网格长", f"{int(n_heads):,}人")]
        return Card(
            title="网格人员名册",
            brief=f"{n:,}个企业网格，网格成员{n_members:,}人",
            facts=tuple(facts),
            tree=(self._tree(),),
        )

    def _vacancies(self) -> dict[str, int]:
        rows = self.posts[(self.posts["level"] == 4) & self.posts["is_vacant"]]
        counts = rows["role"].value_counts()
        return {role: int(counts.get(role, 0)) for role in ROLES[:3]}

    def _tree(self) -> Branch:
        """Hang the units below the city, each with its areas, grids and people."""
        posts = self.posts
        areas = posts[posts["level"] == 3].groupby("unit")["grid_id"].nunique()
        heads = posts[(posts["level"] == 4) & (posts["role"] == "head")]
        homes = heads.set_index("grid_id")["unit"]
        members = self.members.groupby(homes).sum()
        below = tuple(
            Branch(
                f"{row.unit_name}：工作管理片{areas.get(row.Index, 0)}个，企业网格"
                f"{row.n_grids:,}个，网格成员{int(members.get(row.Index, 0)):,}人"
            )
            for row in self.needed.itertuples()
        )
        text = f"一级统计网格：二级{len(below)}个，三级{int(areas.sum())}个，"
        return Branch(f"{text}四级{len(self.members):,}个", below)

    def _people(self, role: str) -> pd.Series:
        is_meant = (self.posts["level"] == 4) & (self.posts["role"] == role)
        return self.posts[is_meant].set_index("grid_id")["person_id"].rename(role)


def assign_roles(
    partition: Partition,
    rules: RoleRules | None = None,
    previous: Roster | pd.DataFrame | None = None,
) -> Roster:
    """Fill the posts of all four levels (S1 to S4, M6).

    With a previous roster, whoever can stay in a grid that goes on stays: of all
    plans with the fewest vacancies one that keeps the most people, and of these the
    best by the rules. A head can stay who is on the unit's staff table and has room,
    a deputy who is still a statistician of a 四上 enterprise of the grid, an
    instructor who still has the grid's speciality.

    Parameters
    ----------
    partition
        The enterprise grids.
    rules
        Staff table and settings; the defaults where None.
    previous
        The roster in force: a roster, or its `roster.csv` as a frame.

    Returns
    -------
    Roster

    Raises
    ------
    InputError
        With every finding, where the staff table has an error; where the previous
        roster lacks a column or has a post twice.

    Examples
    --------
    >>> import gridopt as go
    >>> partition = go.make_grids(go.read_sample())
    >>> roster = go.assign_roles(partition)
    >>> bool((roster.heads == "").all())
    True
    >>> again = go.assign_roles(partition, previous=roster)
    >>> is_deputy = (again.posts["level"] == 4) & (again.posts["role"] == "deputy")
    >>> again.posts.loc[is_deputy, "change"].unique().tolist()
    ['kept']
    """
    refuse_kind("网格划分方案", "Partition", partition, "grids")
    rules = rules or RoleRules()
    register = partition.register
    staff = None
    if rules.staff:
        staff = read_staff(rules.staff, register.units, register.classification)
    tenure = Tenure.of(previous.posts if isinstance(previous, Roster) else previous)
    limits = _limits(partition, rules)
    heads, searches = choose_heads(partition, staff, limits, tenure)
    chosen = {
        "head": heads,
        "deputy": choose_deputies(partition, tenure),
        "instructor": choose_instructors(partition, staff, tenure),
    }
    changes = tell_changes(partition, staff, chosen, tenure)
    least = _staff_least(partition, rules)
    needed = count_needed(partition, staff, chosen, rules.grids_per_head, least)
    load = _load(staff, chosen)
    departures = explain_vacancies(partition, chosen, needed)
    departures += explain_minima(partition, needed, load)
    members = count_members(partition).groupby("grid_id").size()
    return Roster(
        posts=_posts(partition, chosen, changes),
        load=load,
        searches=searches,
        needed=needed,
        members=members.reindex(partition.grids.index, fill_value=0).rename("members"),
        departures=tuple(departures),
        rules=rules,
        staff=staff,
    )


def _staff_least(partition: Partition, rules: RoleRules) -> dict[str, int]:
    """Least number of staff by kind; a register's own units are of no known kind."""
    if partition.register.units.is_from_register:
        return {}
    return dict(rules.staff_least.model_dump())


def _limits(partition: Partition, rules: RoleRules) -> dict[str, int]:
    """Most grids of one head by unit, where M6 is to limit them."""
    if rules.load_limit == "report":
        return {}
    least = _staff_least(partition, rules)
    limits = {}
    for unit, n in partition.grids["unit"].value_counts().sort_index().items():
        n_staff = least.get(unit_of(partition.register, str(unit)).kind, 0)
        if n_staff:
            limits[str(unit)] = share_of(int(n), n_staff)
    return limits


def _load(staff: Staff | None, chosen: dict[str, pd.DataFrame]) -> pd.DataFrame:
    if staff is None:
        return pd.DataFrame(columns=list(LOAD_COLUMNS))
    people = staff.people[staff.people["role"] != "staff"]
    counts = pd.concat(
        {role: chosen[role]["person_id"].value_counts() for role in chosen}
    )
    keys = pd.MultiIndex.from_frame(people[["role", "person_id"]])
    n_grids = counts.reindex(keys, fill_value=0).to_numpy()
    rows = people.assign(n_grids=n_grids).sort_values(["unit", "role", "person_id"])
    return rows[list(LOAD_COLUMNS)].reset_index(drop=True)


def _posts(
    partition: Partition,
    chosen: dict[str, pd.DataFrame],
    changes: dict[str, pd.DataFrame],
) -> pd.DataFrame:
    parents = parents_of_grids(partition)
    parts = [list_officials(partition)]
    parts += [
        _appointed(partition, parents, role, frame).assign(
            **{name: changes[role][name].to_numpy() for name in CHANGE_COLUMNS}
        )
        for role, frame in chosen.items()
    ]
    parts.append(_members(partition, parents))
    posts = pd.concat(parts, ignore_index=True)
    # enterprises stand in the order of their ids already: texts are slow to compare
    by = [posts["role"].map(ROLES.index), posts["level"], _ranks(posts["grid_id"])]
    # nobody is appointed to the other posts, so none of them can change hands
    changed = list(CHANGE_COLUMNS)
    posts[changed] = posts[changed].astype(object).fillna("")
    posts = posts[[*POST_COLUMNS, *changed]]
    return posts.take(np.lexsort(by)).reset_index(drop=True)


def _ranks(texts: pd.Series) -> IntArray:
    """Replace texts by their places in order."""
    ranks: IntArray = pd.factorize(texts, sort=True)[0]
    return ranks


def _appointed(
    partition: Partition, parents: pd.Series, role: str, chosen: pd.DataFrame
) -> pd.DataFrame:
    is_vacant = chosen["reason"] != ""
    at = np.arange(len(partition.grids))
    return _level_four(partition, parents, role, at).assign(
        person_id=chosen["person_id"].to_numpy(),
        name=chosen["name"].where(~is_vacant, VACANT).to_numpy(),
        enterprise_id=chosen["enterprise_id"].to_numpy(),
        is_vacant=is_vacant.to_numpy(),
        post=posts_of_grids(partition, role),
    )


def _members(partition: Partition, parents: pd.Series) -> pd.DataFrame:
    """List every enterprise with its statistician, who may stand in several rows."""
    firms = partition.register.enterprises
    at = partition.grids.index.get_indexer(partition.enterprises["grid_id"])
    is_named = (firms["statistician_id"] != "") | (firms["statistician_name"] != "")
    return _level_four(partition, parents, "member", at).assign(
        person_id=firms["statistician_id"].to_numpy(),
        name=firms["statistician_name"].where(is_named, UNNAMED).to_numpy(),
        enterprise_id=firms.index.to_numpy(),
        is_vacant=False,
        post=post_of(partition, partition.grids["unit"].iloc[0], "member"),
    )


def _level_four(
    partition: Partition, parents: pd.Series, role: str, at: IntArray
) -> pd.DataFrame:
    """Lay out posts of the grids at these positions."""
    return pd.DataFrame(
        {
            "grid_id": partition.grids.index.take(at),
            "level": 4,
            "role": role,
            "unit": partition.grids["unit"].to_numpy()[at],
            "parent_grid_id": parents.to_numpy()[at],
        }
    )
