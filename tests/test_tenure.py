"""What must hold when a roster follows another: who can stay stays, and it is told."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_roster import GRIDS, HEADS, INSTRUCTORS, make_partition, write_staff

from gridopt.appointments import choose_deputies, choose_instructors
from gridopt.errors import InputError
from gridopt.partition import person_keys
from gridopt.roster import RoleRules, assign_roles
from gridopt.tenure import CHANGE_COLUMNS, CHANGES, REASONS, Tenure

ONE, TWO, TRADE, *_ = GRIDS
N_GRIDS = 3
SOME_GRIDS = pd.Index([f"G{g}" for g in range(N_GRIDS)], name="grid_id")


def past(role: str, people: list[str], firms: list[str] | None = None) -> Tenure:
    """Make a roster in force of one role; grids beyond the list had nobody."""
    rows = {
        "grid_id": SOME_GRIDS[: len(people)],
        "level": 4,
        "role": role,
        "person_id": people,
        "enterprise_id": firms or [""] * len(people),
    }
    return Tenure.of(pd.DataFrame(rows))


def draw_firms(n: int, random) -> SimpleNamespace:
    """Draw a plan of n firms in three grids, whose people may serve several."""
    names = [f"E{i}" for i in range(n)]
    firms = pd.DataFrame(
        {
            "statistician_id": [random.choice(["", "A", "B", "C"]) for _ in names],
            "statistician_name": "某",
            "status": [random.choice(["above_scale"] * 3 + ["groomed"]) for _ in names],
            "last_star": [random.choice([np.nan, 1.0, 2.0]) for _ in names],
            "last_score": np.nan,
        },
        index=pd.Index(names, name="enterprise_id"),
    )
    plan = pd.DataFrame(
        {"grid_id": [random.choice(SOME_GRIDS) for _ in names], "is_medoid": False},
        index=firms.index,
    )
    return SimpleNamespace(
        register=SimpleNamespace(enterprises=firms),
        enterprises=plan,
        grids=pd.DataFrame(index=SOME_GRIDS),
    )


def rank_people(plan: SimpleNamespace) -> list[list[str]]:
    """List each grid's people of 四上 enterprises, best first, by the rule's words."""
    firms = plan.register.enterprises.assign(key=person_keys(plan.register.enterprises))
    ranked = []
    for grid_id in SOME_GRIDS:
        here = firms[(plan.enterprises["grid_id"] == grid_id)]
        here = here[here["status"] == "above_scale"]
        best = sorted(
            here.itertuples(), key=lambda e: (-np.nan_to_num(e.last_star), e.Index)
        )
        ranked.append(list(dict.fromkeys(firm.key for firm in best)))
    return ranked


def home_of(plan: SimpleNamespace, person: str) -> int:
    """Find the grid with most of a person's firms; ties: of the smallest firm id."""
    keys = person_keys(plan.register.enterprises)
    grids = plan.enterprises["grid_id"].to_numpy()[keys == person].tolist()
    return SOME_GRIDS.get_loc(
        max(grids, key=lambda grid: (grids.count(grid), -grids.index(grid)))
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 7), st.randoms(use_true_random=False))
def test_deputies_equal_brute_force(n, random):
    """Fewest vacancies, then most people kept, then ranks, then homes."""
    plan = draw_firms(n, random)
    ranked = rank_people(plan)
    keys = sorted({*person_keys(plan.register.enterprises), "gone"})
    before = [random.choice(keys) for _ in SOME_GRIDS]
    people = ["" if key.startswith("enterprise:") else key for key in before]
    firms = [key.removeprefix("enterprise:") for key in before]

    def worth(held):
        filled = [(g, who) for g, who in enumerate(held) if who]
        return (
            N_GRIDS - len(filled),
            -sum(who == before[g] for g, who in filled),
            sum(ranked[g].index(who) for g, who in filled),
            sum(home_of(plan, who) != g for g, who in filled),
        )

    chosen = choose_deputies(plan, past("deputy", people, firms))
    is_filled = (chosen["reason"] == "").to_numpy()
    unnamed = "enterprise:" + chosen["enterprise_id"]
    told = chosen["person_id"].where(chosen["person_id"] != "", unnamed)
    found = [who if is_in else "" for who, is_in in zip(told, is_filled, strict=True)]
    every = (
        held
        for held in product(*(["", *who] for who in ranked))
        if len({who for who in held if who}) == sum(map(bool, held))
    )
    assert worth(found) == min(worth(held) for held in every)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 3), st.randoms(use_true_random=False))
def test_instructors_equal_brute_force(n, random):
    """Fewest vacancies, then most kept, then fewest sent, then the lowest load."""
    grids = pd.DataFrame(
        {"unit": [random.choice("ab") for _ in SOME_GRIDS],
         "category": [random.choice("xy") for _ in SOME_GRIDS]},
        index=SOME_GRIDS,
    )  # fmt: skip
    people = pd.DataFrame(
        [
            (f"P{i}", random.choice(["a", "b", "tjj"]), "某", "instructor",
             tuple(random.choice(["x", "y", "xy"])), random.choice([None, 0, 1, 2]))
            for i in range(n)
        ],
        columns=["person_id", "unit", "name", "role", "specialities", "max_grids"],
    ).astype({"max_grids": "Int64"})  # fmt: skip
    names = people["person_id"].tolist()
    before = [random.choice(["", "gone", *names]) for _ in SOME_GRIDS]

    def may(who, grid):
        person = people.set_index("person_id").loc[who]
        is_near = person["unit"] in (grid["unit"], "tjj")
        return is_near and grid["category"] in person["specialities"]

    def is_allowed(held):
        limits = people["max_grids"].fillna(N_GRIDS)
        return all(held.count(w) <= m for w, m in zip(names, limits, strict=True))

    def worth(held):
        sent = set(people.loc[people["unit"] == "tjj", "person_id"])
        return (
            held.count(""),
            -sum(now == was != "" for now, was in zip(held, before, strict=True)),
            sum(who in sent for who in held),
            max((held.count(who) for who in names), default=0),
        )

    staff = SimpleNamespace(people=people)
    plan = SimpleNamespace(grids=grids)
    chosen = choose_instructors(plan, staff, past("instructor", before))
    able = (
        ["", *(who for who in names if may(who, grid))] for _, grid in grids.iterrows()
    )
    best = min(worth(held) for held in product(*able) if is_allowed(held))
    found = tuple(chosen["person_id"])
    assert is_allowed(found)
    assert all(not w or may(w, grids.iloc[g]) for g, w in enumerate(found))
    assert worth(found) == best


def changes_of(roster, role: str) -> pd.DataFrame:
    """Select what became of one role, by grid."""
    posts = roster.posts
    is_meant = (posts["level"] == 4) & (posts["role"] == role)
    return posts[is_meant].set_index("grid_id")[["person_id", *CHANGE_COLUMNS]]


def test_without_a_past_nothing_is_told(tmp_path):
    """Where no roster is in force, no post is said to be new or kept."""
    posts = assign_roles(make_partition(), write_staff(tmp_path, *HEADS)).posts
    assert (posts[list(CHANGE_COLUMNS)] == "").all(axis=None)


def test_the_same_again_keeps_everybody(tmp_path):
    """The same plan and staff keep every person; what is vacant stays vacant."""
    rules = write_staff(tmp_path, *HEADS, *INSTRUCTORS)
    first = assign_roles(make_partition(), rules)
    again = assign_roles(make_partition(), rules, first)
    for role in ("head", "deputy", "instructor"):
        told = changes_of(again, role)
        assert told["change"].tolist() == [
            "kept" if person else "vacant" for person in told["person_id"]
        ]
        assert told["person_id"].equals(changes_of(first, role)["person_id"])
    # nobody is appointed to the other posts
    rest = again.posts[(again.posts["level"] < 4) | (again.posts["role"] == "member")]
    assert (rest[list(CHANGE_COLUMNS)] == "").all(axis=None)


def test_a_roster_read_from_its_file_is_the_same_past(tmp_path):
    """`roster.csv` as text keeps the same people as the roster itself."""
    rules = write_staff(tmp_path, *HEADS, *INSTRUCTORS)
    first = assign_roles(make_partition(), rules)
    text = first.posts.assign(is_vacant=first.posts["is_vacant"].astype(int)).astype(
        str
    )
    again = assign_roles(make_partition(), rules, text)
    assert again.posts.equals(assign_roles(make_partition(), rules, first).posts)


def test_a_head_who_left_the_staff_table_is_replaced(tmp_path):
    """Others stay where they are; the vacancy is filled by the rule, with a reason."""
    first = assign_roles(make_partition(), write_staff(tmp_path, *HEADS))
    gone = first.heads[ONE]
    staying = [line for line in HEADS if gone not in line]
    line = "玉城街道,P09,新,网格长,,"
    again = assign_roles(make_partition(), write_staff(tmp_path, *staying, line), first)
    told = changes_of(again, "head")
    lost = first.heads[first.heads == gone].index
    assert told.loc[lost, "change"].unique().tolist() == ["replaced"]
    assert told.loc[lost, "change_reason"].unique().tolist() == ["staff_table"]
    assert told.loc[lost, "previous_person_id"].unique().tolist() == [gone]
    assert (told.loc[lost, "person_id"] == "P09").all()
    others = told.drop(lost)
    assert others["change"].unique().tolist() == ["kept"]


def test_a_head_with_less_room_keeps_what_fits(tmp_path):
    """Who may lead fewer grids than before keeps as many, and the rest says why."""
    partition = make_partition()
    all_three = ["玉城街道,P01,甲,网格长,,"]
    first = assign_roles(partition, write_staff(tmp_path, *all_three))
    less = ["玉城街道,P01,甲,网格长,,2", "玉城街道,P02,乙,网格长,,"]
    again = assign_roles(partition, write_staff(tmp_path, *less), first)
    told = changes_of(again, "head").loc[[ONE, TWO, TRADE]]
    assert sorted(told["change"]) == ["kept", "kept", "replaced"]
    assert told.loc[told["change"] == "replaced", "change_reason"].item() == "no_room"


def test_why_a_deputy_is_replaced():
    """Left the register, the grid, or the 四上 enterprises: each is told apart."""
    first = assign_roles(make_partition())
    partition = make_partition()
    firms, plan = partition.register.enterprises, partition.enterprises
    one, two, trade = (first.deputies[grid] for grid in (ONE, TWO, TRADE))
    firms.loc[firms["statistician_id"] == one, "statistician_id"] = "T99"
    moved = firms.index[firms["statistician_id"] == two]
    plan.loc[moved, "grid_id"] = ONE
    firms.loc[firms["statistician_id"] == trade, "status"] = "groomed"
    told = changes_of(assign_roles(partition, None, first), "deputy")
    assert told.loc[[ONE, TWO, TRADE], "change"].tolist() == ["replaced"] * 3
    reasons = ["left_register", "left_grid", "not_above_scale"]
    assert told.loc[[ONE, TWO, TRADE], "change_reason"].tolist() == reasons
    assert told.drop([ONE, TWO, TRADE])["change"].unique().tolist() == ["kept"]


def test_a_deputy_is_kept_though_another_has_more_stars_now():
    """A better star elsewhere in the grid replaces nobody."""
    first = assign_roles(make_partition())
    partition = make_partition()
    firms = partition.register.enterprises
    others = ~firms["statistician_id"].isin(first.deputies)
    firms.loc[others, "last_star"] = 3.0
    assert (assign_roles(partition).deputies != first.deputies).all()
    assert assign_roles(partition, None, first).deputies.equals(first.deputies)


def test_a_deputy_gives_way_where_a_grid_would_have_none():
    """A vacancy weighs more than a change: who serves two grids is moved, and told."""
    partition = make_partition()
    firms, plan = partition.register.enterprises, partition.enterprises
    in_two = plan.index[plan["grid_id"] == TWO]
    both = "T00"  # the first firm of grid one: the only 四上 statistician of grid two
    firms.loc[in_two, "statistician_id"] = both
    before = assign_roles(make_partition()).posts
    was_deputy = (before["role"] == "deputy") & (before["grid_id"] == ONE)
    before.loc[was_deputy, "person_id"] = both
    told = changes_of(assign_roles(partition, None, before), "deputy")
    assert told.loc[TWO, "person_id"] == both
    assert told.loc[ONE, ["change", "change_reason"]].tolist() == [
        "replaced", "other_post",
    ]  # fmt: skip


def test_an_unnamed_deputy_is_known_by_the_firm():
    """Where the register names nobody, the post stays with the firm's reporter."""
    nobody = make_partition()
    nobody.register.enterprises[["statistician_id", "statistician_name"]] = ""
    first = assign_roles(nobody)
    assert (first.deputies == "").all()
    again = changes_of(assign_roles(nobody, None, first), "deputy")
    assert again["change"].unique().tolist() == ["kept"]
    # named since: still whoever reports for that firm
    named = changes_of(assign_roles(make_partition(), None, first), "deputy")
    assert named["change"].unique().tolist() == ["kept"]
    # the firm has left: somebody was there, so the post is replaced
    gone = make_partition()
    leaves = first.posts.loc[first.posts["role"] == "deputy", "enterprise_id"].iloc[-1]
    gone.register.enterprises = gone.register.enterprises.drop(leaves)
    gone.enterprises = gone.enterprises.drop(leaves)
    told = changes_of(assign_roles(gone, None, first), "deputy")
    lost = told[told["change"] == "replaced"]
    assert lost["change_reason"].tolist() == ["left_register"]


def test_why_an_instructor_is_replaced(tmp_path):
    """Off the table, another speciality, or no room left: each is told apart."""
    both = "玉城街道,Q01,己,网格指导员,工业;贸易,"
    other = "市统计局,Q02,庚,网格指导员,工业;贸易,"
    partition = make_partition()
    first = assign_roles(partition, write_staff(tmp_path, both))
    assert (first.instructors[[ONE, TWO, TRADE]] == "Q01").all()
    for line, reason, n_kept in (
        ("玉城街道,Q09,辛,网格指导员,建筑业,", "staff_table", 0),
        (both.replace("工业;", ""), "speciality", 1),
        (both + "1", "no_room", 1),
    ):
        rules = write_staff(tmp_path, line, other)
        told = changes_of(assign_roles(partition, rules, first), "instructor")
        told = told.loc[[ONE, TWO, TRADE]]
        assert (told["change"] == "kept").sum() == n_kept
        lost = told[told["change"] == "replaced"]
        assert lost["change_reason"].unique().tolist() == [reason]
        assert len(lost) == 3 - n_kept


def test_posts_without_a_successor_are_vacated(tmp_path):
    """Nobody left to lead: vacated, with the reason; vacant before: still vacant."""
    first = assign_roles(make_partition(), write_staff(tmp_path, *HEADS[:2]))
    again = assign_roles(make_partition(), RoleRules(), first)
    told = changes_of(again, "head")
    had = first.heads != ""
    assert told.loc[had, "change"].unique().tolist() == ["vacated"]
    assert told.loc[had, "change_reason"].unique().tolist() == ["staff_table"]
    assert told.loc[~had, "change"].unique().tolist() == ["vacant"]
    assert (told.loc[~had, "change_reason"] == "").all()


def test_a_grid_without_a_past_has_new_people(tmp_path):
    """Whom a grid gets that the former roster does not know is new."""
    rules = write_staff(tmp_path, *HEADS)
    posts = assign_roles(make_partition(), rules).posts
    told = assign_roles(make_partition(), rules, posts[posts["grid_id"] != ONE])
    for role in ("head", "deputy"):
        assert changes_of(told, role)["change"].value_counts().to_dict() == {
            "kept": len(GRIDS) - 1, "new": 1,
        }  # fmt: skip


def test_every_word_is_in_chinese(tmp_path):
    """Each change and reason that a roster can hold has its Chinese word."""
    assert set(CHANGES) == {"kept", "new", "replaced", "vacated", "vacant"}
    assert all(
        word.isascii() is False for word in [*CHANGES.values(), *REASONS.values()]
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda posts: posts.drop(columns="role"), "名册缺少列 role"),
        (lambda posts: pd.concat([posts, posts]), "出现不止一次，例如 .*-01 head"),
    ],
)
def test_a_roster_that_cannot_be_used_is_explained(change, words):
    """A lacking column and a post that stands twice are named."""
    posts = assign_roles(make_partition()).posts
    with pytest.raises(InputError, match=words):
        assign_roles(make_partition(), None, change(posts))
