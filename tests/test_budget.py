"""The budget: who pays what for whom, and that no sum ever disagrees."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridopt.accounts import (
    AWARD_COLUMNS,
    FUNDING_COLUMNS,
    GRID_COLUMNS,
    LINE_COLUMNS,
)
from gridopt.awards import AwardRules
from gridopt.budget import budget_counts, budget_members, set_budget
from gridopt.errors import InputError
from gridopt.terms import BudgetRules

C13 = [263, 211, 187, 219, 138, 61, 73, 109, 47, 7, 5, 122, 58]
COUNTS = {f"3310830{number:02}": size for number, size in enumerate(C13, start=1)}
BUREAU_PLACES = {"a": 7, "b": 12, "c": 1}


def list_people(unit, grid_id, size, place_unit=None, status="above_scale"):
    """Return so many members of one grid, as `count_members` would list them."""
    keys = [f"{grid_id}:{place_unit}:{status}:{person}" for person in range(size)]
    return pd.DataFrame(
        {
            "person_key": keys,
            "grid_id": grid_id,
            "unit": unit,
            "place_unit": place_unit or unit,
            "status": status,
        }
    )


def list_city():
    """Return two townships, groomed firms among them, and bureau grids over three."""
    parts = [
        list_people("a", "a-industry-01", 20),
        list_people("a", "a-industry-02", 17, status="groomed"),
        list_people("b", "b-trade-01", 23),
    ]
    parts += [
        list_people("zjj", "zjj-construction-01", size, place)
        for place, size in BUREAU_PLACES.items()
    ]
    return pd.concat(parts, ignore_index=True)


def read_lines(budget, item):
    """Return the lines of one item as {(unit, payer): (members, yuan)}."""
    rows = budget.lines[budget.lines["item"] == item]
    keys = zip(rows["unit"], rows["payer"], strict=True)
    values = zip(rows["members"], rows["amount_yuan"], strict=True)
    return dict(zip(keys, values, strict=True))


def test_running_example():
    """C13 must cost 750.0 thousand in activity money and lie in its hard bounds."""
    budget = budget_counts(COUNTS, year=2023)
    assert budget.activity_yuan == 750_000
    assert budget.award_least_yuan == 1_810_000
    assert budget.award_most_yuan == 2_251_000
    # everybody at 90 %: the planned case worked out unit by unit
    planned = [237, 190, 168, 197, 124, 55, 66, 98, 42, 6, 5, 110, 52]
    assert budget.awards["qualified"].tolist() == planned
    assert budget.award_yuan == 2_025_000 + sum(
        [500, 0, 0, 500, 0, 500, 0, 0, 0, 0, 500, 0, 0]
    ) + 1500 * (sum(planned) - 1350)
    assert budget.total_yuan == budget.activity_yuan + budget.award_yuan
    assert budget.least_yuan == 750_000 + 1_810_000
    assert budget.most_yuan == 750_000 + 2_251_000


@pytest.mark.parametrize(("months", "yuan"), [(12, 750_000), (7, 437_501)])
def test_months_are_rounded_once_per_unit(months, yuan):
    """A part of a year must be rounded half up once per unit, not per person."""
    budget = budget_counts(COUNTS, BudgetRules(activity_months=months))
    assert budget.activity_yuan == yuan
    by_hand = [(2 * 500 * size * months + 12) // 24 for size in C13]
    lines = budget.lines[budget.lines["item"] == "activity"]
    assert lines["amount_yuan"].tolist() == by_hand


def test_columns_types_and_order():
    """Tables must have the contract's columns, whole yuan, and be sorted."""
    budget = budget_members(list_city(), year=2023)
    assert tuple(budget.lines.columns) == LINE_COLUMNS
    assert tuple(budget.awards.columns) == AWARD_COLUMNS
    assert tuple(budget.grids.columns) == GRID_COLUMNS
    assert tuple(budget.funding.columns) == FUNDING_COLUMNS
    for frame in (budget.lines, budget.awards, budget.grids):
        yuan = [name for name in frame if name.endswith("_yuan")]
        assert {frame[name].dtype for name in yuan} == {np.dtype(np.int64)}
        assert (frame[yuan] >= 0).all(axis=None)
    keys = budget.lines[["unit", "payer", "item"]].apply(tuple, axis=1).tolist()
    assert keys == sorted(keys)
    assert budget.awards["pool"].tolist() == sorted(budget.awards["pool"])


def test_payers_by_default():
    """Townships and the bureau must pay activity money, the city's finance awards."""
    budget = budget_members(list_city(), year=2023)
    assert read_lines(budget, "activity") == {
        ("a", "a"): (37, 18_500),
        ("b", "b"): (23, 11_500),
        ("zjj", "zjj"): (20, 10_000),
    }
    awards = read_lines(budget, "award")
    assert set(awards) == {("a", "czj"), ("b", "czj"), ("zjj", "czj")}
    # 37 -> 33 pass: 20/10/3; 23 -> 21: 13/6/2; 20 -> 18: 11/5/2
    assert [yuan for _, yuan in awards.values()] == [49_000, 31_000, 27_000]
    [remark] = budget.remarks
    assert remark.clause == "F2" and "市住建局" in remark.message_zh


def test_bureau_money_paid_by_townships():
    """The bureau's activity money must be split by where its members' firms lie."""
    rules = BudgetRules(bureau_payer="township")
    budget = budget_members(list_city(), rules)
    lines = read_lines(budget, "activity")
    for place, size in BUREAU_PLACES.items():
        assert lines["zjj", place] == (size, 500 * size)
    assert ("zjj", "zjj") not in lines
    assert budget.activity_yuan == 40_000
    # 20 x 500 x 5 / 12 = 4166.67 -> 4167 over 7, 12 and 1
    part = BudgetRules(bureau_payer="township", activity_months=5)
    lines = read_lines(budget_members(list_city(), part), "activity")
    assert [lines["zjj", place][1] for place in "abc"] == [1459, 2500, 208]


def test_bureau_money_not_provided():
    """Where nobody is to pay, the line must stand with 0 yuan and no payer."""
    budget = budget_members(list_city(), BudgetRules(bureau_payer="none"))
    assert read_lines(budget, "activity")["zjj", ""] == (20, 0)
    assert budget.activity_yuan == 30_000
    [remark] = budget.remarks
    assert "0元" in remark.message_zh


def test_groomed_firms_unpaid():
    """Statisticians of groomed firms must drop out of both sums where unpaid (P7)."""
    budget = budget_members(list_city(), BudgetRules(groomed_paid=False))
    assert read_lines(budget, "activity")["a", "a"] == (20, 10_000)
    assert read_lines(budget, "award")["a", "czj"] == (20, 27_000)
    assert "a-industry-02" not in set(budget.grids["grid_id"])


def test_two_bases_of_members():
    """Activity money and awards must each follow their own list of members (E)."""
    people, posts = list_people("a", "g", 20), list_people("a", "g", 30)
    budget = budget_members(people, award_members=posts)
    assert budget.activity_yuan == 10_000
    assert budget.awards["members"].tolist() == [30]


@pytest.mark.parametrize(
    ("choices", "activity", "award"),
    [
        ({}, 2, 2),
        ({"activity_basis": "posts"}, 3, 2),
        ({"award_basis": "posts"}, 2, 3),
    ],
)
def test_partition_is_counted_by_the_basis(choices, activity, award):
    """A person of two firms must count once or twice as activity and award say."""
    index = pd.Index(["e1", "e2", "e3"], name="enterprise_id")
    register = pd.DataFrame(
        {
            "statistician_id": ["p1", "p1", ""],
            "statistician_name": ["甲", "甲", ""],
            "unit": ["a", "a", "a"],
            "status": ["groomed", "above_scale", "groomed"],
        },
        index=index,
    )
    plan = pd.DataFrame({"block_id": "a-industry", "grid_id": "g"}, index=index)
    partition = SimpleNamespace(
        register=SimpleNamespace(enterprises=register),
        enterprises=plan,
        grids=pd.DataFrame({"unit": ["a"]}, index=pd.Index(["g"], name="grid_id")),
    )
    budget = set_budget(partition, BudgetRules(**choices), year=2023)
    assert read_lines(budget, "activity")["a", "a"] == (activity, 500 * activity)
    assert budget.awards["members"].tolist() == [award]


def test_fiscal_years():
    """Awards must fall a year later by default, no year must leave the cell empty."""
    for offset in (0, 1):
        rules = BudgetRules(award_year_offset=offset)
        lines = budget_counts({"a": 20}, rules, year=2023).lines
        years = dict(zip(lines["item"], lines["fiscal_year"], strict=True))
        assert years == {"activity": 2023, "award": 2023 + offset}
    unknown = budget_counts({"a": 20}).lines["fiscal_year"]
    assert unknown.isna().all() and str(unknown.dtype) == "Int64"


def test_activity_money_by_grid():
    """Each grid must get its members' money, summing to what the payers pay (F4)."""
    budget = budget_members(list_city())
    money = dict(zip(budget.grids["grid_id"], budget.grids["activity_yuan"]))  # noqa: B905
    assert money == {
        "a-industry-01": 10_000,
        "a-industry-02": 8_500,
        "b-trade-01": 11_500,
        "zjj-construction-01": 10_000,
    }
    part = budget_members(list_city(), BudgetRules(activity_months=7))
    assert part.grids["activity_yuan"].sum() == part.activity_yuan
    # 37 x 500 x 7 / 12 = 10791.67 -> 10792 over 20 and 17
    assert part.grids["activity_yuan"].tolist()[:2] == [5834, 4958]
    assert budget_counts({"a": 20}).grids.empty


def test_two_readings_of_who_funds():
    """F6 must show new money, F9 pooled money and the gap, whatever is known."""
    unknown = budget_counts({"a": 20}).funding.set_index("clause")
    assert unknown.loc["F6", ["need_yuan", "new_yuan"]].tolist() == [27_000] * 2
    assert unknown.loc["F9", "new_yuan"] == 0
    assert unknown.loc["F9", ["available_yuan", "gap_yuan"]].isna().all()
    for pooled, gap in ((20_000, 7_000), (30_000, 0)):
        rules = BudgetRules(pooled_yuan=pooled)
        known = budget_counts({"a": 20}, rules).funding.set_index("clause")
        assert known.loc["F9", "available_yuan"] == pooled
        assert known.loc["F9", "gap_yuan"] == gap
        assert known.loc["F9", "need_yuan"] == 27_000
    quotes = set(unknown["text"])
    assert "所需经费由市财政局承担" in quotes
    assert any("预算不再另行安排" in quote for quote in quotes)


def test_one_number_is_one_city_pool():
    """A bare number must be settled as one city pool, and say so."""
    rules = BudgetRules(pool="grid", floor_level="unit", pass_percent=80)
    budget = budget_counts(191, rules)
    assert budget.awards["pool"].tolist() == ["city"]
    # 191 x 80 % = 152.8 -> 153 stars 92/46/15
    assert budget.award_yuan == 229_000
    assert read_lines(budget, "activity") == {("city", ""): (191, 95_500)}
    assert (budget.rules.pool, budget.rules.floor_level) == ("city", "city")
    [remark] = budget.remarks
    assert remark.clause == "F6" and "一个评定范围" in remark.message_zh
    chosen = {row["setting"]: row for row in budget.choices}
    assert chosen["pool"]["value"] == "city" and not chosen["pool"]["is_default"]


def test_counts_do_not_depend_on_their_order():
    """The same numbers in another order must give the same budget."""
    rules = BudgetRules(floor_level="city", floor="exact", pass_percent=85)
    turned = dict(reversed(COUNTS.items()))
    first, second = budget_counts(COUNTS, rules), budget_counts(turned, rules)
    pd.testing.assert_frame_equal(first.lines, second.lines)
    pd.testing.assert_frame_equal(first.awards, second.awards)


def test_members_do_not_depend_on_their_order():
    """Shuffled members must give the same budget, and stay as they were."""
    people = list_city()
    before = people.copy()
    rules = BudgetRules(pool="grid", bureau_payer="township", activity_months=7)
    first = budget_members(people, rules)
    second = budget_members(people.sample(frac=1, random_state=3), rules)
    pd.testing.assert_frame_equal(people, before)
    for name in ("lines", "awards", "grids"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"a": 20, "b": -3, "c": 2.5}, "3项中有2项不是：b=-3、c=2.5"),
        ({"a": "20"}, "a='20'"),
        (True, "city=True"),
        (10**30, "city=1000000000"),
        (10**9, "0 to 10\\^8"),
    ],
)
def test_wrong_counts_are_listed(counts, said):
    """Counts that are no whole numbers must be refused, all at once, with values."""
    with pytest.raises(InputError, match=said):
        budget_counts(counts)


def test_counts_that_do_not_tell_enough():
    """Grid pools and the places of the bureau's firms must not be guessed."""
    with pytest.raises(InputError, match="企业网格"):
        budget_counts(COUNTS, BudgetRules(pool="grid"))
    rules = BudgetRules(bureau_payer="township")
    with pytest.raises(InputError, match="20人.*bureau_payer"):
        budget_counts({"a": 5, "zjj": 20}, rules)
    assert budget_counts({"a": 5, "zjj": 0}, rules).activity_yuan == 2500


def test_largest_count_is_settled():
    """The largest number that is taken must be settled exactly, without overflow."""
    budget = budget_counts(10**8)
    assert budget.activity_yuan == 500 * 10**8
    assert budget.award_yuan == 1500 * 9 * 10**7
    halves = {"a": 5 * 10**7, "b": 5 * 10**7}
    both = budget_counts(halves, BudgetRules(floor_level="city"))
    assert both.award_least_yuan <= 1500 * 8 * 10**7 <= both.award_yuan
    with pytest.raises(InputError, match="合计100000001人"):
        budget_counts({"a": 10**8, "b": 1})


def test_no_members_cost_nothing():
    """An empty list of members must give an empty budget, not an error."""
    for budget in (budget_members(list_city().head(0)), budget_counts({})):
        assert budget.total_yuan == budget.most_yuan == 0
        assert budget.lines.empty and budget.awards.empty


@pytest.mark.parametrize(
    ("name", "column", "said"),
    [
        ("lines", "amount_yuan", "payers and pools differ"),
        ("awards", "amount_yuan", "not that of its stars"),
        ("awards", "star1", "paid who is not qualified"),
        ("awards", "qualified", "no star"),
        ("awards", "members", "more are qualified"),
        ("grids", "activity_yuan", "payers and grids differ"),
    ],
)
def test_sums_that_disagree_are_refused(name, column, said):
    """No budget may exist whose sums, stars or people contradict each other."""
    budget = budget_members(list_city())
    frame = getattr(budget, name).copy()
    frame.loc[frame.index[1], column] += -100 if column == "members" else 1
    with pytest.raises(ValueError, match=said):
        replace(budget, **{name: frame})
    as_float = budget.lines.astype({"amount_yuan": float})
    with pytest.raises(ValueError, match="whole yuan"):
        replace(budget, lines=as_float)


def test_bill_outside_its_bounds_is_refused():
    """No budget may exist whose bill lies outside its own hard bounds."""
    budget = budget_members(list_city())
    with pytest.raises(ValueError, match="outside its bounds"):
        replace(budget, award_most_yuan=budget.award_yuan - 1)


grids = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "zjj"]),
        st.integers(1, 3),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["above_scale", "groomed"]),
        st.integers(1, 30),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(
    grids=grids,
    rounding=st.sampled_from(
        ["cum_half_up", "floor_unfilled", "adams", "controlled", "random"]
    ),
    levels=st.tuples(*[st.sampled_from(["city", "unit", "grid"])] * 2),
    payer=st.sampled_from(["bureau", "township", "none"]),
    months=st.integers(1, 12),
    groomed=st.booleans(),
)
def test_sums_always_agree(grids, rounding, levels, payer, months, groomed):
    """Payers, units, pools and grids must sum to the same yuan under every choice."""
    parts = [
        list_people(unit, f"{unit}-{number}", size, place, status)
        for unit, number, place, status, size in grids
    ]
    people = pd.concat([list_city().head(0), *parts], ignore_index=True)
    rules = BudgetRules(
        rounding=rounding,
        pool=levels[0],
        floor_level=levels[1],
        bureau_payer=payer,
        activity_months=months,
        groomed_paid=groomed,
    )
    budget = budget_members(people, rules, year=2023)
    lines = budget.lines
    assert lines.groupby("payer")["amount_yuan"].sum().sum() == budget.total_yuan
    assert budget.awards["amount_yuan"].sum() == budget.award_yuan
    assert budget.grids["activity_yuan"].sum() == budget.activity_yuan
    counted = people if groomed else people[people["status"] == "above_scale"]
    for item in ("activity", "award"):
        of_item = lines[lines["item"] == item]
        assert of_item["members"].sum() == len(counted)
    assert budget.least_yuan <= budget.total_yuan <= budget.most_yuan
    if months == 12:
        paid = counted[(counted["unit"] != "zjj") | (payer != "none")]
        assert budget.activity_yuan == 500 * len(paid)


def test_choices_are_complete():
    """Every money setting must be listed with clause, label and a Chinese value."""
    rows = budget_counts(20).choices
    assert {row["setting"] for row in rows} == set(BudgetRules.model_fields)
    assert all(row["clause"] and row["label"] and row["value_zh"] for row in rows)
    values = {row["setting"]: row["value_zh"] for row in rows}
    assert values["groomed_paid"] == "是" and values["pooled_yuan"] == "未设"
    assert values["award_payer"] == "市财政局"
    assert set(AwardRules.model_fields) < set(BudgetRules.model_fields)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("membership", "yearly"),
        ("shortfall", "later"),
        ("appropriation_yuan", 0),
        ("award_percents", {"czj": 60, "departments": 30}),
        ("award_percents", {"财政": 100}),
        ("bureau_payer", "zjj"),
        ("award_basis", "deputies"),
        ("award_payer", "zjj"),
        ("activity_months", 13),
        ("award_year_offset", 2),
        ("activity_yuan", 500.0),
        ("groomed_paid", "yes"),
        ("cap_yuan", 1),
    ],
)
def test_settings_not_settled_are_refused(setting, value):
    """A choice that this release does not settle must be refused by name."""
    with pytest.raises(InputError, match=setting):
        BudgetRules(**{setting: value})
