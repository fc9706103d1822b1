"""The award rule: golden tables, definitions by fractions, floors, levels, bounds."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gridopt.awards import AwardRules, extremes, settle_awards
from gridopt.awards.allotment import NOT_ALONE
from gridopt.awards.floors import apply_floor, least_qualified, plan_passes, qualify
from gridopt.awards.rounding import (
    ROUNDINGS,
    count_draws,
    count_stars,
    half_up,
    share_out,
    whole,
)
from gridopt.awards.rules import FLOOR_WORDS, ROUNDING_WORDS
from gridopt.awards.settlement import POOL_COLUMNS, price_stars
from gridopt.errors import InputError
from gridopt.rules import list_choices

PATH = Path(__file__).parent / "cases" / "awards.yaml"
CASES = YAML(typ="safe").load(PATH.read_text(encoding="utf-8"))
C13 = CASES["c13"]
WITHIN_ONE = (
    *("largest_remainder_low", "largest_remainder_high", "webster", "half_even"),
    *("cum_half_up", "cum_floor", "cum_ceil", "floor_unfilled", "adams"),
)
ALONE = tuple(name for name in ROUNDING_WORDS if name not in NOT_ALONE)
"""Rules that count a pool by its people alone."""
OVER_ONE = {"floor_low", "half_up", "ceil_top", "dhondt"}
shares_of_stars = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(
    lambda cuts: (min(cuts), max(cuts) - min(cuts), 100 - max(cuts))
)


def by_name(row):
    """Name a golden row by its rule."""
    return row["rounding"]


def bill(q, rounding, **choices):
    """Return the yuan of q qualified people as integers."""
    return price_stars(whole(q), AwardRules(rounding=rounding, **choices))[-1]


def cut_grids(members):
    """Cut units into the near-equal grids of about 20 of the running example."""
    rows = []
    for number, size in enumerate(members):
        n_grids = max(1, int(Fraction(size, 20) + Fraction(1, 2)))
        for grid in range(n_grids):
            mine = size // n_grids + (grid < size % n_grids)
            rows.append((f"u{number:02}", f"u{number:02}-{grid:02}", mine))
    return pd.DataFrame(rows, columns=["unit", "grid_id", "members"])


GRIDS = cut_grids(C13["members"])


@pytest.mark.parametrize("case", CASES["deviations"], ids=by_name)
def test_deviation_table(case):
    """Every rule must miss 1500 yuan a head by the printed sum at each residue."""
    period = len(case["yuan"])
    q = np.arange(2, 402)
    expected = np.array(case["yuan"])[q % period]
    assert (bill(q, case["rounding"]) - 1500 * q == expected).all()
    assert case["clause"] == "F7"


def test_deviation_table_is_complete():
    """Every rule that a scenario may name must stand in the table, once."""
    named = [case["rounding"] for case in CASES["deviations"]]
    assert sorted(named) == sorted(ALONE)
    assert set(ROUNDING_WORDS) - set(ALONE) == set(NOT_ALONE)
    assert sorted(named) == sorted(set(ROUNDINGS) - {"random"})
    assert int(bill(1, "ceil_top")) == 3000


@pytest.mark.parametrize("where", ["at_floor", "all_qualified"])
@pytest.mark.parametrize("rounding", sorted(ALONE))
def test_hand_tables(where, rounding):
    """Stars and thousands of yuan of the worked cases must come out to the person."""
    [case] = [row for row in CASES["hand"][where] if row["rounding"] == rounding]
    members = CASES["hand"]["members"]
    counts = pd.DataFrame({"unit": list("abcd"), "members": members})
    floor = {"floor": "exact" if where == "at_floor" else "none", "pass_percent": 100}
    units = settle_awards(counts, AwardRules(rounding=rounding, **floor))
    assert units.pools[["star1", "star2", "star3"]].to_numpy().tolist() == case["stars"]
    assert (units.pools["amount_yuan"] == 1000 * np.array(case["k"])).all()
    assert units.amount_yuan == 1000 * case["units_k"]
    city = settle_awards(counts, AwardRules(rounding=rounding, pool="city", **floor))
    assert city.pools[["star1", "star2", "star3"]].iloc[0].tolist() == case["city"]
    assert city.amount_yuan == 1000 * case["city_k"]


def test_floor_of_the_hand_cases():
    """The floor of 80 % must round up to a person, per unit and for the city."""
    assert least_qualified(whole([7, 20, 23, 187])).tolist() == [6, 16, 19, 150]
    assert least_qualified(whole([237])).tolist() == [190]


@pytest.mark.parametrize("case", C13["rows"], ids=by_name)
def test_city_of_thirteen_units(case):
    """City, unit and grid pools must cost what the printed table says."""
    levels = [("city", "unit"), ("unit", "unit"), ("grid", "grid")]
    for i, (pool, level) in enumerate(levels):
        choices = {"pool": pool, "floor_level": level, "rounding": case["rounding"]}
        floor = settle_awards(GRIDS, AwardRules(floor="exact", **choices))
        assert floor.amount_yuan == 1000 * case["at_floor"][i], (pool, "at floor")
        everyone = AwardRules(floor="none", pass_percent=100, **choices)
        assert settle_awards(GRIDS, everyone).amount_yuan == 1000 * case["all"][i]


def test_floor_level_alone():
    """City, unit and grid floors must qualify 1200, 1206 and 1220 people."""
    assert len(GRIDS) == C13["n_grids"]
    assert (GRIDS["members"].min(), GRIDS["members"].max()) == (5, 24)
    for level, expected in C13["qualified"].items():
        rules = AwardRules(floor_level=level, pass_percent=0)
        assert settle_awards(GRIDS, rules).pools["qualified"].sum() == expected


@pytest.mark.parametrize("rounding", ROUNDING_WORDS)
def test_city_floor_costs_the_same_under_every_rule(rounding):
    """1200 people in one pool divide without rest: 1800 thousand whatever the rule."""
    rules = AwardRules(pool="city", floor_level="city", floor="exact")
    rules = rules.model_copy(update={"rounding": rounding})
    assert settle_awards(GRIDS, rules).amount_yuan == 1_800_000


@pytest.mark.parametrize("rounding", C13["twenties"])
def test_equal_grids_repeat_one_error(rounding):
    """Of 75 grids of twenty each must make the same rounding error."""
    counts = cut_grids([1500])
    assert set(counts["members"]) == {20}
    rules = AwardRules(
        rounding=rounding, pool="grid", floor_level="grid", floor="exact"
    )
    expected = 1000 * C13["twenties"][rounding]
    assert settle_awards(counts, rules).amount_yuan == expected


def stars_by_definition(q, rounding, shares):
    """Count stars with fractions, one person at a time: slow and plain."""
    targets = [Fraction(share * q, 100) for share in shares]
    down = [int(target) for target in targets]
    if rounding == "floor_unfilled":
        return down
    if rounding.startswith("largest_remainder"):
        sign = 1 if rounding.endswith("_low") else -1
        order = sorted(
            range(3), key=lambda star: (down[star] - targets[star], sign * star)
        )
        for star in order[: q - sum(down)]:
            down[star] += 1
        return down
    if rounding in ("webster", "dhondt", "adams"):
        return seats_by_definition(q, rounding, shares)
    rounded = {
        "floor": lambda value: value.numerator // value.denominator,
        "half_up": lambda value: int(value + Fraction(1, 2)),
        "half_even": round,
        "ceil": lambda value: -((-value.numerator) // value.denominator),
    }
    if rounding.startswith("cum_"):
        round_it = rounded[rounding.removeprefix("cum_")]
        three, above = round_it(targets[2]), round_it(targets[1] + targets[2])
        return [q - above, above - three, three]
    rule = {"floor_low": "floor", "ceil_top": "ceil"}.get(rounding, rounding)
    three = min(q, rounded[rule](targets[2]))
    two = min(q - three, rounded[rule](targets[1]))
    return [q - two - three, two, three]


def seats_by_definition(q, rounding, shares):
    """Give q people one after another to the star with the largest w / d(n)."""
    divisor = {
        "webster": lambda n: 2 * n + 1,
        "dhondt": lambda n: n + 1,
        "adams": lambda n: n,
    }[rounding]
    counts = [0, 0, 0]
    for _ in range(q):
        ranks = [
            (0, Fraction(share, divisor(n))) if divisor(n) else (int(share > 0), 0)
            for share, n in zip(shares, counts, strict=True)
        ]
        wanted = [star for star in range(3) if shares[star]]
        counts[max(wanted, key=lambda star: (ranks[star], -star))] += 1
    return counts


@pytest.mark.parametrize("rounding", ALONE)
@settings(max_examples=40, deadline=None)
@given(q=st.integers(0, 330), shares=shares_of_stars)
def test_definitions_with_other_shares(rounding, q, shares):
    """Every rule must keep its definition for any whole shares that sum to 100."""
    found = [int(n) for n in count_stars(q, rounding, shares)]
    assert found == stars_by_definition(q, rounding, shares)


@pytest.mark.parametrize("rounding", ALONE)
def test_definitions_with_the_document_shares(rounding):
    """Every rule must keep its definition for 60, 30 and 10 per cent."""
    found = np.stack(count_stars(np.arange(250), rounding), axis=1)
    expected = [stars_by_definition(q, rounding, (60, 30, 10)) for q in range(250)]
    assert found.tolist() == expected


@pytest.mark.parametrize("rounding", ALONE)
def test_bill_never_falls(rounding):
    """One more qualified person must never make the bill smaller, and mostly dearer."""
    steps = np.diff(bill(np.arange(201), rounding))
    assert (steps >= 0).all()
    assert (steps > 0).all() or rounding == "floor_unfilled"


@pytest.mark.parametrize("rounding", ALONE)
def test_stars_that_can_fall(rounding):
    """Only the four printed rules may take a one- or two-star place away."""
    steps = np.diff(np.stack(count_stars(np.arange(201), rounding)), axis=1)
    falls = np.flatnonzero((steps < 0).any(axis=0))
    first = {"floor_low": 9, "half_up": 4, "cum_half_up": 4, "ceil_top": 10}
    assert (int(falls[0]) if falls.size else None) == first.get(rounding)


@pytest.mark.parametrize("rounding", ALONE)
def test_quota(rounding):
    """Rules that promise it must stay within one person of every star's share."""
    q = np.arange(401)
    stars = np.stack(count_stars(q, rounding))
    off = np.abs(100 * stars - np.multiply.outer([60, 30, 10], q))
    assert (off.max() < 100) == (rounding in WITHIN_ONE)
    assert (rounding in OVER_ONE) != (rounding in WITHIN_ONE)


def test_random_rule_is_fair():
    """Over its ten draws the random rule must cost 1500 yuan a head exactly."""
    q = np.arange(200)
    bills = []
    for draw in range(count_draws((60, 30, 10))):
        one, two, three = count_stars(q, "random", draw=draw)
        assert (one + two + three == q).all()
        assert min(one.min(), two.min(), three.min()) >= 0
        bills.append(1000 * one + 2000 * two + 3000 * three)
    assert (np.sum(bills, axis=0) == 10 * 1500 * q).all()
    # variance 10^6 [a(1-a) + c(1-c) + 2(min(a,c) - ac)] with tenths as integers
    a, c = 4 * q % 10, q % 10
    tenths = a * (10 - a) + c * (10 - c) + 2 * (10 * np.minimum(a, c) - a * c)
    squares = np.sum((np.array(bills) - 1500 * q) ** 2, axis=0)
    assert (squares * 10 == tenths * 10**6).all()


def test_random_rule_takes_one_draw_per_pool():
    """Other shares must draw from a hundred, a draw out of range must be refused."""
    shares = (55, 30, 15)
    drawn = [count_stars(20, "random", shares, draw=j) for j in range(100)]
    assert sum(int(three) for _, _, three in drawn) == 300
    both = count_stars([20, 7], "random", draw=[0, 9])
    assert [int(n[1]) for n in both] == [4, 2, 1]
    with pytest.raises(ValueError, match="between 0 and 9"):
        count_stars(20, "random", draw=10)


def test_only_whole_numbers_reach_an_award():
    """No float, text or truth value may be counted, however whole it looks."""
    for wrong in (6.0, [6, 7.0], "6", True, [None]):
        with pytest.raises(TypeError, match="whole numbers"):
            count_stars(wrong, "cum_half_up")
    for wrong in (-1, 10**12):
        with pytest.raises(ValueError, match="between 0"):
            count_stars(wrong, "cum_half_up")
    for rounding in ALONE:
        stars = count_stars(np.arange(50, dtype=np.int32), rounding)
        assert {n.dtype for n in stars} == {np.dtype(np.int64)}
        assert bill(50, rounding).dtype == np.int64
    empty = count_stars([], "adams")
    assert [n.shape for n in empty] == [(0,)] * 3


def test_wrong_calls_are_refused():
    """An unknown rule, a draw too many or too few and bad shares must be refused."""
    with pytest.raises(ValueError, match="controlled.*use one of"):
        count_stars(6, "controlled")
    with pytest.raises(ValueError, match="draw"):
        count_stars(6, "random")
    with pytest.raises(ValueError, match="draw"):
        count_stars(6, "floor_low", draw=3)
    for shares in ((60, 30, 9), (60, 40), (110, -20, 10)):
        with pytest.raises(ValueError, match="合计100"):
            count_stars(6, "floor_low", shares)


def test_float_traps():
    """Where floats go wrong as often as printed, the integers must stay right."""
    q = np.arange(1, 100_001)
    for tenths, wrong in ((1, 5000), (3, 5000)):
        by_float = np.array([round(tenths * n / 10) for n in q.tolist()])
        assert (by_float != half_up(tenths * q, 10)).sum() == wrong
    misses = [0, 0]
    for percent, people in product(range(1, 100), range(1, 301)):
        shares = (0, 100 - percent, percent)
        low = int(count_stars(people, "floor_low", shares)[2])
        high = int(count_stars(people, "cum_ceil", shares)[2])
        exact = Fraction(percent * people, 100)
        assert low == exact.__floor__() and high == exact.__ceil__()
        product_ = percent / 100 * people
        misses[0] += int(product_ // 1) != low
        misses[1] += -int(-product_ // 1) != high
    assert misses == [16, 40]


@given(
    total=st.integers(0, 10**6),
    weights=st.lists(st.integers(0, 10**5), min_size=1, max_size=30),
)
def test_sharing_out(total, weights):
    """Shares must sum to the total and stay within one of their proportion."""
    if total and not sum(weights):
        with pytest.raises(ValueError, match="Cannot share"):
            share_out(total, weights)
        return
    shares = share_out(total, weights)
    assert shares.sum() == total and shares.dtype == np.int64
    for share, weight in zip(shares.tolist(), weights, strict=True):
        assert abs(share - Fraction(total * weight, max(1, sum(weights)))) < 1
        assert share <= weight or total > sum(weights)


def test_sharing_out_large_sums():
    """Sums whose product passes 64 bits must be shared exactly; negatives refused."""
    total, weights = 10**15 + 5, [10**8, 10**8 - 1, 1]
    expected = [Fraction(total * weight, sum(weights)) for weight in weights]
    shares = share_out(total, weights).tolist()
    assert sum(shares) == total
    assert all(abs(a - b) < 1 for a, b in zip(shares, expected, strict=True))
    with pytest.raises(ValueError, match="Cannot share -1"):
        share_out(-1, [1])


FLOORED = {
    # members 20, floor 16: what 12, 16 and 19 passes become
    "guarantee": [16, 16, 19],
    "standard": [0, 16, 19],
    "none": [12, 16, 19],
    "exact": [16, 16, 16],
    "cap": [12, 16, 16],
}


@pytest.mark.parametrize("floor", FLOOR_WORDS)
def test_floor_rules(floor):
    """Each reading of the 80 % must turn passes into qualified people as defined."""
    found = apply_floor(whole([20, 20, 20]), whole([12, 16, 19]), floor)
    assert found.tolist() == FLOORED[floor]
    other = apply_floor(whole([20]), whole([0]), "guarantee", 33)
    assert other.tolist() == [7]
    with pytest.raises(ValueError, match="More people passed"):
        apply_floor(whole([20]), whole([21]), floor)


def test_planned_passes():
    """Planned passes must be rounded half up per unit and shared by grid size."""
    unit = whole([0, 0, 0, 1])
    # 45 x 90 % = 40.5 -> 41 over 15, 15, 15: the odd two to the smaller ids
    assert plan_passes(whole([15, 15, 15, 5]), unit, 90).tolist() == [14, 14, 13, 5]
    assert plan_passes(whole([15, 15, 15, 5]), unit, 100).tolist() == [15, 15, 15, 5]


def test_city_floor_is_shared_as_defined():
    """A city top-up must follow who did not pass, a cut who did, ties the earlier."""
    unit, members = whole([0, 1, 2]), whole([10, 10, 30])
    passed = whole([5, 5, 24])
    # L = 40, six to place over 5, 5, 6: quotas 1.875, 1.875, 2.25
    topped = qualify((unit, members, passed), "city", "guarantee", 80)
    assert topped.tolist() == [7, 7, 26]
    # exact 50 % = 25: nine to cut over 5, 5, 24: 1.32, 1.32, 6.35
    cut = qualify((unit, members, passed), "city", "exact", 50)
    assert cut.tolist() == [4, 4, 17]
    tied = qualify((unit[:2], members[:2], passed[:2]), "city", "exact", 55)
    assert tied.tolist() == [6, 5]
    none = qualify((unit, members, passed), "city", "standard", 80)
    assert none.tolist() == [0, 0, 0]


def test_unit_floor_falls_onto_grids():
    """With grid pools a unit's floor must reach its grids and no other unit's."""
    counts = pd.DataFrame(
        {
            "unit": ["b", "b", "a"],
            "grid_id": ["b-2", "b-1", "a-1"],
            "members": [10, 10, 7],
            "passed": [4, 8, 2],
        }
    )
    found = settle_awards(counts, AwardRules(pool="grid")).pools
    assert found["pool"].tolist() == ["b-1", "b-2", "a-1"]
    # unit b: 12 passed, 16 wanted, 4 shared over 2 and 6 who did not pass
    assert found["qualified"].tolist() == [9, 7, 6]
    assert tuple(found.columns) == POOL_COLUMNS


counts_of_units = st.lists(st.integers(0, 60), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    members=counts_of_units,
    rounding=st.sampled_from(sorted(ROUNDING_WORDS)),
    floor=st.sampled_from(sorted(FLOOR_WORDS)),
    levels=st.tuples(*[st.sampled_from(["city", "unit", "grid"])] * 2),
    percents=st.tuples(st.integers(0, 100), st.integers(0, 100)),
)
def test_settlement_is_sound(members, rounding, floor, levels, percents):
    """People, stars, yuan and bounds must fit together under every choice."""
    rules = AwardRules(
        rounding=rounding,
        floor=floor,
        pool=levels[0],
        floor_level=levels[1],
        pass_percent=percents[0],
        floor_percent=percents[1],
    )
    counts = cut_grids(members)
    awards = settle_awards(counts, rules)
    pools = awards.pools
    assert pools["members"].sum() == sum(members)
    stars = pools[["star1", "star2", "star3"]]
    assert (stars >= 0).all(axis=None)
    assert (stars.sum(axis=1) <= pools["qualified"]).all()
    if rounding != "floor_unfilled":
        assert (stars.sum(axis=1) == pools["qualified"]).all()
    assert (pools["qualified"] <= pools["members"]).all()
    assert (stars.to_numpy() @ [1000, 2000, 3000] == pools["amount_yuan"]).all()
    assert (pools["least_yuan"] <= pools["amount_yuan"]).all()
    assert (pools["amount_yuan"] <= pools["most_yuan"]).all()
    assert awards.least_yuan <= awards.amount_yuan <= awards.most_yuan
    assert pools["least_yuan"].sum() <= awards.least_yuan
    assert awards.most_yuan <= pools["most_yuan"].sum()
    numbers = pools.drop(columns=["pool", "unit"])
    assert set(numbers.dtypes) == {np.dtype(np.int64)}


@settings(max_examples=60, deadline=None)
@given(
    members=counts_of_units,
    level=st.sampled_from(["unit", "city", "grid"]),
    order=st.randoms(use_true_random=False),
)
def test_order_of_rows_within_units_changes_nothing(members, level, order):
    """Shuffled grids and split rows must settle the same, given the order of units."""
    counts = cut_grids(members)
    rules = AwardRules(pool=level, floor_level=level)
    before = counts.copy()
    expected = settle_awards(counts, rules)
    pd.testing.assert_frame_equal(counts, before)
    rows = list(range(len(counts)))
    order.shuffle(rows)
    shuffled = counts.iloc[rows].sort_values("unit", kind="stable")
    found = settle_awards(shuffled, rules)
    pd.testing.assert_frame_equal(found.pools, expected.pools)
    assert (found.least_yuan, found.most_yuan) == (
        expected.least_yuan,
        expected.most_yuan,
    )


def test_relabelled_units_settle_the_same():
    """Unit pools must not depend on how units are called or listed."""
    counts = pd.DataFrame({"unit": list("abc"), "members": [7, 20, 23]})
    turned = pd.DataFrame({"unit": list("xyz"), "members": [23, 7, 20]})
    first, second = settle_awards(counts).pools, settle_awards(turned).pools
    columns = [name for name in POOL_COLUMNS if name not in ("pool", "unit")]
    assert sorted(map(tuple, first[columns].to_numpy().tolist())) == sorted(
        map(tuple, second[columns].to_numpy().tolist())
    )


def brute_force_bounds(members, rules):
    """Try every number of passes of every unit, and settle each with its floor."""
    bills = []
    units = list(range(len(members)))
    for passes in product(*[range(m + 1) for m in members]):
        groups = [[i] for i in units] if rules.floor_level == "unit" else [units]
        for q in floors_reached(members, passes, groups, rules.floor):
            pools = [[i] for i in units] if rules.pool == "unit" else [units]
            people = [sum(q[i] for i in pool) for pool in pools]
            bills.append(sum(int(bill(n, rules.rounding)) for n in people))
    return min(bills), max(bills)


def floors_reached(members, passes, groups, floor):
    """Yield the qualified that passes lead to, where the group needs no moving."""
    q = list(passes)
    for group in groups:
        total, floor_q = (
            sum(q[i] for i in group),
            -(-4 * sum(members[i] for i in group) // 5),
        )
        if floor == "standard" and total < floor_q:
            for i in group:
                q[i] = 0
        # anybody topped up or cut ends where another result starts
        is_topped = floor in ("guarantee", "exact") and total < floor_q
        if is_topped or (floor in ("exact", "cap") and total > floor_q):
            return
    yield q


@pytest.mark.parametrize("floor", FLOOR_WORDS)
@pytest.mark.parametrize("levels", list(product(["city", "unit"], repeat=2)))
@pytest.mark.parametrize("rounding", ["cum_half_up", "ceil_top", "floor_unfilled"])
def test_bounds_are_those_of_all_results(floor, levels, rounding):
    """The hard bounds must be the cheapest and the dearest of all possible results."""
    members = [6, 3, 8]
    rules = AwardRules(
        floor=floor, pool=levels[0], floor_level=levels[1], rounding=rounding
    )
    counts = pd.DataFrame({"unit": list("abc"), "members": members})
    awards = settle_awards(counts, rules)
    expected = brute_force_bounds(members, rules)
    assert (awards.least_yuan, awards.most_yuan) == expected


def test_bounds_of_falling_bills():
    """Where odd shares and prizes let a bill fall, its bounds must hold every q."""
    rules = AwardRules(
        rounding="largest_remainder_low",
        star_percents=(3, 96, 1),
        prizes_yuan=(0, 0, 3000),
        floor="exact",
    )
    yuan = price_stars(np.arange(100), rules)[-1]
    falls = np.flatnonzero(np.diff(yuan) < 0)
    assert falls.size
    low, high = whole([falls[0]]), whole([falls[0] + 1])
    [least], [most] = extremes.bound_bills(
        lambda q: price_stars(q, rules)[-1], low, high
    )
    assert (least, most) == (yuan[high[0]], yuan[low[0]])


@pytest.mark.parametrize("rounding", ROUNDING_WORDS)
def test_bounds_of_large_cities(rounding, monkeypatch):
    """The quick bounds must hold the exact ones, within 2.5 thousand yuan a pool."""
    counts = pd.DataFrame({"unit": list("abcdef"), "members": [31, 7, 46, 20, 3, 58]})
    rules = AwardRules(floor_level="city", rounding=rounding)
    exact = settle_awards(counts, rules)
    monkeypatch.setattr(extremes, "EXACT_MOST", 10)
    quick = settle_awards(counts, rules)
    spread = 6 * 2500
    assert quick.least_yuan <= exact.least_yuan <= quick.least_yuan + spread
    assert quick.most_yuan - spread <= exact.most_yuan <= quick.most_yuan


def test_bounds_of_the_document():
    """Guarantee must bound C13 by everybody at the floor and everybody qualified."""
    awards = settle_awards(GRIDS)
    assert (awards.least_yuan, awards.most_yuan) == (1_810_000, 2_251_000)


def test_grids_are_asked_for_where_they_are_missing():
    """Counts without grids must be refused with both settings named."""
    counts = pd.DataFrame({"unit": ["a"], "members": [20]})
    for choices in ({"pool": "grid"}, {"floor_level": "grid"}):
        with pytest.raises(InputError, match="floor_level.*企业网格"):
            settle_awards(counts, AwardRules(**choices))


def test_empty_counts_cost_nothing():
    """No members must mean no pools and no yuan, at every level."""
    empty = cut_grids([])
    for level in ("unit", "grid"):
        awards = settle_awards(empty, AwardRules(pool=level, floor_level=level))
        assert (len(awards.pools), awards.amount_yuan, awards.most_yuan) == (0, 0, 0)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("rounding", "count_half_up"),
        ("rounding", "largest_remainder"),
        ("floor", None),
        ("pool", "township"),
        ("floor_level", 3),
    ],
)
def test_values_not_settled_are_refused(setting, value):
    """A value that is not settled must be refused with every accepted one."""
    with pytest.raises(InputError) as caught:
        AwardRules(**{setting: value})
    words = AwardRules.model_fields[setting].json_schema_extra["words"]
    message = str(caught.value)
    assert repr(value) in message and setting in message
    assert all(key in message and label in message for key, label in words.items())


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("star_percents", (60, 30, 9), "合计99"),
        ("star_percents", (0.6, 0.3, 0.1), r"star_percents\[0\]=0.6：应为整数"),
        ("star_percents", (60, 40), "star_percents"),
        ("prizes_yuan", (3000, 2000, 1000), "不得越低"),
        ("prizes_yuan", (1000, 2000, 3000.0), "应为整数"),
        ("pass_percent", 0.9, "应为整数"),
        ("pass_percent", True, "应为整数"),
        ("floor_percent", 101, "100"),
        ("pass_basis", "", "pass_basis"),
        ("ties", "toss", "ties"),
        ("tie_key", ("since", "age"), "tie_key"),
        ("appropriation_yuan", 0, "appropriation_yuan"),
        ("draw_seed", -1, "draw_seed"),
        ("draw_seed", 2.0, "应为整数"),
    ],
)
def test_wrong_settings_are_refused(setting, value, said):
    """Shares, prizes and per cents that cannot be meant must not pass in silence."""
    with pytest.raises(InputError, match=said):
        AwardRules(**{setting: value})


def test_choices_carry_clause_and_words():
    """Every setting must be listed with its clause, label and Chinese words."""
    rows = list_choices(AwardRules(rounding="floor_low"), "money.")
    assert [row["setting"] for row in rows] == [
        f"money.{name}" for name in AwardRules.model_fields
    ]
    assert all(re.fullmatch(r"F\d+", row["clause"]) and row["label"] for row in rows)
    by_name_ = {row["setting"]: row for row in rows}
    changed = by_name_["money.rounding"]
    assert (changed["value"], changed["is_default"]) == ("floor_low", False)
    assert changed["value_zh"] == ROUNDING_WORDS["floor_low"]
    assert by_name_["money.star_percents"]["value"] == [60, 30, 10]
    assert by_name_["money.star_percents"]["value_zh"] == "60、30、10"
