"""Who gets which star once results are known: floors, ties, service, shortfall."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_results import results_of, scored

from gridopt.awards import AwardRules, settle_awards
from gridopt.awards.appraised import Settlement, settle_results
from gridopt.awards.comparability import compare_scores
from gridopt.awards.floors import apply_floor
from gridopt.awards.rounding import count_stars
from gridopt.awards.shortfall import pay
from gridopt.errors import InputError
from gridopt.geography import read_units
from gridopt.payments import budget_results
from gridopt.terms import BudgetRules

YEAR = 2023


def settle(rows: list[dict[str, Any]], **choices: Any) -> Settlement:
    """Settle rows under the defaults but for these choices, by person where tied."""
    rules = AwardRules(**{"tie_key": ("person_id",), **choices})
    return settle_results(results_of(rows), rules, YEAR)


def stars_of(settlement: Settlement) -> list[int]:
    """List the stars in the order of the persons."""
    return settlement.stars["star"].tolist()


# --- the ordinary case --------------------------------------------------------------


def test_stars_go_by_rank_among_the_qualified() -> None:
    """Ten of ten qualified: one three-star, three two-star, six one-star people."""
    settlement = settle(scored(*range(70, 80)))
    assert stars_of(settlement) == [1] * 6 + [2] * 3 + [3]
    pools = settlement.awards.pools
    assert pools.loc[0, ["members", "passed", "qualified"]].tolist() == [10] * 3
    assert settlement.awards.amount_yuan == 15_000
    assert settlement.ties.empty


def test_the_best_below_the_line_are_topped_up_and_rank_last() -> None:
    """Five of ten pass: the three best of the others qualify, behind all who passed."""
    rows = scored(*range(50, 60), line=55)
    rows[4]["score"] = 99  # failed whatever the score: a veto
    settlement = settle(rows)
    assert settlement.stars["qualified"].tolist() == [False] * 2 + [True] * 8
    assert settlement.stars["passed"].sum() == 5
    star = stars_of(settlement)
    assert star[9] == 3
    assert star[4] == 1
    assert settlement.awards.pools.loc[0, "qualified"] == 8


def test_a_cap_takes_the_lowest_above_the_line() -> None:
    """Under `exact` two of ten who passed are not qualified: the lowest two."""
    settlement = settle(scored(*range(70, 80)), floor="exact")
    assert settlement.stars["qualified"].tolist() == [False] * 2 + [True] * 8


def test_a_pass_mark_decides_where_the_table_does_not() -> None:
    """With scores only, the rules' pass mark says who passed."""
    rows = [{"score": score} for score in (59.5, 60, 90)]
    settlement = settle(rows, pass_score=60, floor="none")
    assert settlement.stars["passed"].tolist() == [False, True, True]
    with pytest.raises(InputError, match="pass_score"):
        settle(rows)


def test_counts_alone_are_settled_without_naming_anybody() -> None:
    """Without scores the bill is that of the counts, and nobody's star is known."""
    rows = [{"passed": i < 18} for i in range(20)]
    settlement = settle(rows)
    counts = pd.DataFrame({"unit": ["u"], "members": [20], "passed": [18]})
    assert settlement.awards.amount_yuan == settle_awards(counts).amount_yuan
    assert settlement.stars["star"].isna().all()
    assert settlement.stars["amount_yuan"].isna().all()


# --- ties ---------------------------------------------------------------------------


def test_a_key_that_does_not_separate_fails_loudly() -> None:
    """Two equals at the three-star line and nothing to tell them apart: an error."""
    rows = scored(*range(70, 78), 90, 90, since="2020-01-01")
    with pytest.raises(InputError) as caught:
        settle(rows, tie_key=("since",))
    assert "三星级界线处2人同分（p08、p09）" in caught.value.message_zh
    assert "lottery" in caught.value.message_zh


def test_a_tie_is_told_of_its_unit_by_name() -> None:
    """Unit, grid and city are named; the code stays beside the name."""
    rows = scored(*range(70, 78), 90, 90, unit="331083001", since="2020-01-01")
    results = replace(results_of(rows), units=read_units("yuhuan"))
    grids = dict.fromkeys(results.posts["enterprise_id"], "331083001-industry-02")
    for pool, told in (
        ("unit", "：玉城街道（331083001）的三星级"),
        ("grid", "：玉城街道网格331083001-industry-02的三星级"),
        ("city", "：全市的三星级"),
    ):
        rules = AwardRules(pool=pool, tie_key=("since",))
        with pytest.raises(InputError, match=told):
            settle_results(results, rules, YEAR, grids)


def test_the_key_decides_in_its_order() -> None:
    """The earlier day comes first; an empty one is earlier still."""
    rows = scored(*range(70, 78), 90, 90)
    rows[8]["since"] = "2020-01-01"
    settlement = settle(rows, tie_key=("since",))
    assert stars_of(settlement)[8:] == [2, 3]
    rows[9]["since"] = "2021-01-01"
    assert stars_of(settle(rows, tie_key=("since",)))[8:] == [3, 2]
    assert stars_of(settle(rows, tie_key=("row",)))[8:] == [3, 2]
    tie = settlement.ties.iloc[0]
    assert tie[["boundary", "wanted", "taken", "n_tied"]].tolist() == ["star3", 1, 1, 2]
    assert tie["person_ids"] == "p08 p09"


def test_lift_and_drop_move_all_equals_and_list_every_boundary() -> None:
    """All scores equal: `lift` gives everybody three stars, `drop` one."""
    rows = scored(*[80] * 10)
    lifted, dropped = settle(rows, ties="lift"), settle(rows, ties="drop")
    assert stars_of(lifted) == [3] * 10
    assert stars_of(dropped) == [1] * 10
    for settlement in (lifted, dropped):
        assert settlement.ties["boundary"].tolist() == ["star2", "star3"]


def test_drop_keeps_the_floor() -> None:
    """At the line of the floor `drop` follows the key, so that the floor holds."""
    rows = scored(*[50] * 10)
    dropped = settle(rows, ties="drop")
    assert dropped.stars["qualified"].tolist() == [True] * 8 + [False] * 2
    assert dropped.ties["boundary"].tolist()[0] == "qualified"
    lifted = settle(rows, ties="lift")
    assert lifted.stars["qualified"].all()


def test_a_lot_hangs_on_nobody_else() -> None:
    """The order drawn among equals stays when others join; the seed changes it."""
    few, many = scored(*[80] * 10), scored(*[80] * 10, 20, 10)
    drawn = settle(few, ties="lottery", draw_seed=3)
    assert stars_of(drawn) != stars_of(settle(few))
    again = settle(many, ties="lottery", draw_seed=3, floor="none")
    assert stars_of(again)[:10] == stars_of(drawn)
    seeds = {
        tuple(stars_of(settle(few, ties="lottery", draw_seed=s))) for s in range(9)
    }
    assert len(seeds) > 3


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("uvw"), st.integers(0, 6), st.booleans()),
        min_size=1,
        max_size=25,
    ),
    st.sampled_from(["guarantee", "standard", "none", "exact", "cap"]),
    st.sampled_from(["unit", "city"]),
    st.sampled_from(["unit", "city"]),
    st.sampled_from(["key", "lift", "drop"]),
    st.sampled_from(["cum_half_up", "floor_low", "floor_unfilled", "ceil_top"]),
    st.sampled_from(["raw", "percentile", "centred"]),
)
def test_stars_are_those_of_the_definition(
    people, floor, floor_level, pool, ties, rounding, comparability
) -> None:
    """A slow settlement, written from the definitions, gives everybody the same."""
    rows = [{"unit": u, "score": s, "passed": ok} for u, s, ok in people]
    chosen = {
        **{"floor": floor, "floor_level": floor_level, "pool": pool, "ties": ties},
        **{"rounding": rounding, "comparability": comparability},
    }
    settlement = settle(rows, **chosen)
    assert stars_of(settlement) == reference_stars(people, **chosen)
    stars = settlement.stars
    assert (stars["star"] > 0).le(stars["qualified"]).all()
    pools = settlement.awards.pools
    assert pools["amount_yuan"].sum() == stars["amount_yuan"].sum()


def reference_stars(people, **rules: str) -> list[int]:
    """Settle one by one: sort, cut, lift or drop, as the text of the rules reads."""
    scores = {u: [s for v, s, _ in people if v == u] for u, _, _ in people}

    def standing(i: int, level: str) -> tuple[bool, Any]:
        unit, score, passed = people[i]
        own = scores[unit]
        if level == "unit" or rules["comparability"] == "raw":
            return passed, Fraction(score)
        if rules["comparability"] == "percentile":
            below = sum(other < score for other in own)
            equal = sum(other == score for other in own)
            return passed, Fraction(2 * below + equal, 2 * len(own))
        mean = Fraction(sum(own), len(own))
        variance = Fraction(sum(x * x for x in own), len(own)) - mean * mean
        z = 0 if not variance else (score - mean) * abs(score - mean) / variance
        return passed, Fraction(z)

    def best(who: list[int], n: int, level: str, ties: str) -> set[int]:
        ranked = sorted(who, key=lambda i: (standing(i, level), -i), reverse=True)
        if not 0 < n < len(ranked):
            return set(ranked[:n])
        last = standing(ranked[n - 1], level)
        is_tied = last == standing(ranked[n], level)
        if is_tied and ties == "lift":
            return {i for i in ranked if standing(i, level) >= last}
        if is_tied and ties == "drop":
            return {i for i in ranked if standing(i, level) > last}
        return set(ranked[:n])

    def groups(level: str) -> list[list[int]]:
        units = sorted(scores) if level == "unit" else [None]
        everybody = range(len(people))
        return [[i for i in everybody if u in (None, people[i][0])] for u in units]

    qualified: set[int] = set()
    for who in groups(rules["floor_level"]):
        k = sum(people[i][2] for i in who)
        q = int(apply_floor(np.array([len(who)]), np.array([k]), rules["floor"])[0])
        held = "key" if rules["ties"] == "drop" else rules["ties"]
        qualified |= best(who, q, rules["floor_level"], held)
    star = [0] * len(people)
    for who in groups(rules["pool"]):
        among = [i for i in who if i in qualified]
        one, two, three = (int(n) for n in count_stars(len(among), rules["rounding"]))
        for level, n in ((1, one + two + three), (2, two + three), (3, three)):
            for i in best(among, n, rules["pool"], rules["ties"]):
                star[i] = level
    return star


def test_standings_of_one_unit_keep_the_order_of_scores() -> None:
    """Within a unit every way of comparing is the order of the scores."""
    rng = np.random.default_rng(5)
    scores, unit = rng.integers(0, 40, 300), rng.integers(0, 7, 300)
    for way in ("raw", "centred", "percentile"):
        ranks = compare_scores(scores, unit, way)
        for u in range(7):
            mine = unit == u
            order = np.argsort(scores[mine], kind="stable")
            assert (np.diff(ranks[mine][order]) >= 0).all()
            apart = np.diff(scores[mine][order]) > 0
            assert (np.diff(ranks[mine][order])[apart] > 0).all()
    with pytest.raises(ValueError, match="median"):
        compare_scores(scores, unit, "median")


# --- time in post -------------------------------------------------------------------


def test_a_month_counts_by_its_last_day() -> None:
    """Who begins on the last day of a month has it; who leaves the day before not."""
    rows = scored(80, 81, since="2023-06-30") + scored(80, until="2023-06-29")
    budget = budget_results(results_of(rows, has_dates=True), year=YEAR)
    # 7 + 7 + 5 months
    assert budget.activity_yuan == (2 * 500 * 19 + 12) // 24
    assert budget.settlement is not None
    assert len(budget.settlement.stars) == 2
    left = budget.settlement.left_out
    assert left["reason_zh"].tolist() == ["2023年12月31日已不在岗"]


@pytest.mark.parametrize(
    ("membership", "yuan"), [("person_months", 1042), ("snapshot", 500), ("ever", 1500)]
)
def test_memberships_differ(membership: str, yuan: int) -> None:
    """One all year, one until August, one for May: months, year's end, ever."""
    rows = [
        *({"passed": True}, {"passed": True, "until": "2023-08-31"}),
        {"passed": True, "since": "2023-05-02", "until": "2023-09-29"},
    ]
    rules = BudgetRules(membership=membership)
    budget = budget_results(results_of(rows, has_dates=True), rules, year=YEAR)
    # 12 + 8 + 4 months, less one, since September ends on the 30th
    months = 12 + 8 + 4
    expected = {"person_months": (2 * 500 * months + 12) // 24}.get(membership, yuan)
    assert budget.activity_yuan == expected


def test_the_first_year_counts_its_own_months() -> None:
    """With seven months in force only the last seven of the year are paid."""
    rows = [{"passed": True}, {"passed": True, "until": "2023-07-31"}]
    rules = BudgetRules(activity_months=7)
    budget = budget_results(results_of(rows, has_dates=True), rules, year=YEAR)
    assert budget.activity_yuan == (2 * 500 * 9 + 12) // 24


def test_a_person_of_two_firms_counts_once_or_twice() -> None:
    """By person one member and one star, by post two; months never count twice."""
    rows = [
        {"person_id": "p", "enterprise_id": "e1", "score": 80, "passed": True},
        {"person_id": "p", "enterprise_id": "e2"},
        {"person_id": "q", "enterprise_id": "e3", "score": 70, "passed": True},
    ]
    once = budget_results(results_of(rows), year=YEAR)
    assert (once.activity_yuan, once.award_yuan) == (1000, 3000)
    rows[1] |= {"score": 75, "passed": True}
    with pytest.raises(InputError, match="award_basis"):
        budget_results(results_of(rows), year=YEAR)
    posts = BudgetRules(award_basis="posts", activity_basis="posts")
    twice = budget_results(results_of(rows), posts, year=YEAR)
    assert twice.activity_yuan == 1500
    assert twice.settlement is not None
    assert len(twice.settlement.stars) == 3


def test_who_moves_counts_where_the_month_ends() -> None:
    """Five months in one unit and seven in another are paid by each; one award."""
    move = {"person_id": "p", "passed": True, "score": 80}
    rows = [
        {**move, "enterprise_id": "e1", "unit": "u", "until": "2023-05-31"},
        {**move, "enterprise_id": "e2", "unit": "v", "since": "2023-06-01"},
    ]
    budget = budget_results(results_of(rows, has_dates=True), year=YEAR)
    lines = budget.lines[budget.lines["item"] == "activity"]
    assert lines["amount_yuan"].tolist() == [208, 292]
    assert budget.awards["unit"].tolist() == ["v"]


def test_too_short_a_service_is_listed() -> None:
    """Six months are enough, five are not, unless the rules ask for fewer."""
    rows = scored(80, since="2023-07-31") + scored(80, since="2023-08-01")
    left = settle(rows).left_out
    assert left["person_id"].tolist() == ["p01"]
    assert left["months"].tolist() == [5]
    assert settle(rows, award_least_months=5).left_out.empty
    gone = scored(80, until="2023-11-30") + scored(70)
    assert len(settle(gone).stars) == 1
    assert len(settle(gone, award_service="any").stars) == 2


# --- shortfall ----------------------------------------------------------------------


def test_scaling_pays_exactly_the_cap() -> None:
    """Prizes shrink in proportion, whole yuan, remainders to the better."""
    rules = AwardRules(appropriation_yuan=4000, shortfall="scale")
    paid = pay(np.array([1, 3, 2, 1]), np.array([3, 0, 1, 2]), rules)
    assert paid.paid_yuan == 4000
    assert paid.amount_yuan.tolist() == [571, 1714, 1143, 572]
    assert (paid.due_yuan, paid.deferred_yuan, paid.gap_yuan) == (7000, 0, 0)


def test_what_is_deferred_is_next_years_first_claim() -> None:
    """The gap is carried over and paid before any prize of the next year."""
    rules = AwardRules(appropriation_yuan=5000, shortfall="defer")
    star, rank = np.array([3, 2, 1, 1]), np.arange(4)
    first = pay(star, rank, rules)
    assert (first.paid_yuan, first.deferred_yuan) == (5000, 2000)
    later = AwardRules(
        appropriation_yuan=5000, shortfall="defer", deferred_yuan=first.deferred_yuan
    )
    second = pay(star, rank, later)
    assert (second.arrears_paid_yuan, second.paid_yuan) == (2000, 3000)
    assert second.deferred_yuan == 4000
    poor = AwardRules(appropriation_yuan=500, shortfall="defer", deferred_yuan=2000)
    third = pay(star, rank, poor)
    assert (third.arrears_paid_yuan, third.paid_yuan) == (500, 0)
    assert third.deferred_yuan == 7000 + 1500


def test_reducing_starts_with_the_lowest_of_the_top() -> None:
    """Three stars fall first, the lowest first, then two; what is left is a gap."""
    star, rank = np.array([3, 3, 2, 1]), np.array([0, 1, 2, 3])

    def reduced(cap: int) -> tuple[list[int], int]:
        rules = AwardRules(appropriation_yuan=cap, shortfall="reduce")
        paid = pay(star, rank, rules)
        return paid.star.tolist(), paid.gap_yuan

    assert reduced(9000) == ([3, 3, 2, 1], 0)
    assert reduced(8000) == ([3, 2, 2, 1], 0)
    assert reduced(6000) == ([2, 2, 1, 1], 0)
    assert reduced(4000) == ([1, 1, 1, 1], 0)
    assert reduced(1500) == ([1, 1, 1, 1], 2500)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=30),
    st.integers(1, 60_000),
    st.sampled_from(["none", "scale", "defer", "reduce"]),
)
def test_every_yuan_due_is_accounted_for(star, cap, rule) -> None:
    """Nobody is paid more than due, and due = paid + deferred + cut."""
    rules = AwardRules(appropriation_yuan=cap, shortfall=rule)
    stars = np.array(star)
    paid = pay(stars, np.arange(stars.size), rules)
    due = 1000 * stars
    assert (paid.amount_yuan <= due).all()
    assert paid.paid_yuan == paid.amount_yuan.sum()
    if rule == "none":
        assert paid.gap_yuan == max(0, due.sum() - cap)
    if rule in ("scale", "defer"):
        assert paid.paid_yuan == min(cap, due.sum())
    if rule == "defer":
        assert paid.paid_yuan + paid.deferred_yuan == due.sum()
    if rule == "reduce":
        assert paid.paid_yuan <= cap or paid.gap_yuan == paid.paid_yuan - cap


# --- who pays -----------------------------------------------------------------------


def test_departments_share_the_bill_to_the_yuan() -> None:
    """Shares split every unit's bill in whole yuan, and the sums stay exact."""
    rows = scored(*range(70, 77)) + scored(*range(70, 73), unit="v")
    rules = BudgetRules(award_percents={"czj": 67, "departments": 33})
    budget = budget_results(results_of(rows), rules, year=YEAR)
    lines = budget.lines[budget.lines["item"] == "award"]
    assert lines["payer"].tolist() == ["czj", "departments"] * 2
    assert lines["amount_yuan"].sum() == budget.awards["amount_yuan"].sum()
    of_u = lines[lines["unit"] == "u"]["amount_yuan"]
    assert of_u.tolist() == [7370, 3630]


def test_a_plan_is_asked_for_where_it_is_needed() -> None:
    """Grids, places of the bureau's firms and groomed firms stand in no results."""
    rows = scored(70, 80, unit="zjj")
    for rules in (
        BudgetRules(bureau_payer="township"),
        BudgetRules(groomed_paid=False),
        BudgetRules(pool="grid"),
    ):
        with pytest.raises(InputError, match="--partition|partition"):
            budget_results(results_of(rows), rules, year=YEAR)
    enterprises = pd.DataFrame(
        {
            "grid_id": ["zjj-construction-01", "zjj-construction-02"],
            "place_unit": ["a", "b"],
            "status": ["above_scale", "groomed"],
        },
        index=["e00", "e01"],
    )
    rules = BudgetRules(bureau_payer="township", groomed_paid=False, pool="grid")
    told = {"year": YEAR, "enterprises": enterprises}
    budget = budget_results(results_of(rows), rules, **told)
    assert budget.lines["payer"].tolist() == ["a", "czj"]
    assert budget.grids["activity_yuan"].tolist() == [500]
    assert budget.awards["pool"].tolist() == ["zjj-construction-01"]
    with pytest.raises(InputError, match="e01"):
        budget_results(results_of(rows), rules, year=YEAR, enterprises=enterprises[:1])


def test_whoever_is_not_scored_is_named() -> None:
    """Some with a score and some without: the latter are listed with their rows."""
    rows = [*scored(70, 80), {"passed": True}]
    with pytest.raises(InputError) as caught:
        settle(rows)
    assert "1人没有得分：p02（第4行）" in caught.value.message_zh
    rows = [*scored(70, 80), {"score": 90.0}]
    with pytest.raises(InputError, match="p02"):
        settle(rows)
