"""Stars that pools get together or by lot: golden sums, bounds, draws, a whole run."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from gridopt import run_scenario
from gridopt.archive import write_run
from gridopt.awards import AwardRules, allotment, extremes, settle_awards
from gridopt.awards.appraised import settle_results
from gridopt.awards.rounding import count_draws, count_stars
from gridopt.awards.settlement import price_stars
from gridopt.budget import budget_counts
from gridopt.chance import draw, draw_whole
from gridopt.errors import InputError
from gridopt.results import Results
from gridopt.terms import BudgetRules
from gridopt.verification import verify_run

CASES = Path(__file__).parent / "cases"
C13 = YAML(typ="safe").load((CASES / "controlled.yaml").read_text("utf-8"))["c13"]
STARS = ["star1", "star2", "star3"]
SHARES = [(60, 30, 10), (55, 28, 17)]


def list_units(members):
    """Return the counts of units u00, u01, … in this order."""
    units = [f"u{number:02}" for number in range(len(members))]
    return pd.DataFrame({"unit": units, "members": members})


def cut_units(members):
    """Return the same units cut into near-equal grids of about 20."""
    rows = []
    for number, size in enumerate(members):
        n_grids = max(1, (size + 10) // 20)
        for grid in range(n_grids):
            mine = size // n_grids + (grid < size % n_grids)
            rows.append((f"u{number:02}", f"u{number:02}-{grid:02}", mine))
    return pd.DataFrame(rows, columns=["unit", "grid_id", "members"])


def joint(**choices):
    """Return rules of controlled rounding."""
    return AwardRules(rounding="controlled", **choices)


def bill(stars):
    """Price one-, two- and three-star people, the star the last axis."""
    return np.asarray(stars) @ [1000, 2000, 3000]


# --- all pools together ---------------------------------------------------------------


@pytest.mark.parametrize("case", C13["rows"], ids=lambda case: case["at"])
def test_city_of_thirteen_units(case):
    """Thirteen unit pools must have the printed stars, whatever their names."""
    choices = {"floor": "exact"}
    if case["at"] == "all":
        choices = {"floor": "none", "pass_percent": 100}
    awards = settle_awards(list_units(C13["members"]), joint(**choices))
    assert awards.pools["qualified"].sum() == case["qualified"]
    assert awards.pools[STARS].sum().tolist() == case["city"]
    assert awards.amount_yuan == case["yuan"]
    for star in ("two", "three"):
        found = awards.pools[STARS[["one", "two", "three"].index(star)]].tolist()
        assert found == case.get(star, found)


def test_grids_keep_the_shares_of_their_units():
    """Grid pools must sum to floors or ceilings in units and to the printed city."""
    case = C13["nested"]
    rules = joint(pool="grid", floor_level="grid", floor="exact")
    awards = settle_awards(cut_units(C13["members"]), rules)
    assert len(awards.pools) == case["n_grids"]
    assert awards.pools[STARS].sum().tolist() == case["city"]
    assert awards.amount_yuan == awards.least_yuan == awards.most_yuan == case["yuan"]
    units = awards.pools.groupby("unit")[["qualified", *STARS]].sum()
    off = 10 * units[STARS].to_numpy() - np.outer(units["qualified"], [6, 3, 1])
    assert (np.abs(off) < 10).all()
    # alone, the grids would not: that is what the units are for
    alone = settle_awards(
        cut_units(C13["members"]), rules.model_copy(update={"rounding": "cum_half_up"})
    )
    units = alone.pools.groupby("unit")[["qualified", *STARS]].sum()
    off = 10 * units[STARS].to_numpy() - np.outer(units["qualified"], [6, 3, 1])
    assert (np.abs(off) >= 10).any()


@pytest.mark.parametrize("shares", SHARES)
def test_one_pool_for_the_city_is_cum_half_up(shares):
    """With one pool, stars and bounds must be those of `cum_half_up`."""
    for size in range(0, 140, 7):
        counts = list_units([size, 5, 18])
        choices = {"pool": "city", "star_percents": shares, "pass_percent": 83}
        found = settle_awards(counts, joint(**choices))
        expected = settle_awards(counts, AwardRules(**choices))
        pd.testing.assert_frame_equal(found.pools, expected.pools)
        assert found.least_yuan == expected.least_yuan
        assert found.most_yuan == expected.most_yuan


def test_equal_pools_go_by_the_order_of_their_rows():
    """Of two equal units the one listed first must have the third star."""
    for units in (["a", "b"], ["b", "a"]):
        counts = pd.DataFrame({"unit": units, "members": [5, 5]})
        pools = settle_awards(counts, joint(floor="none", pass_percent=100)).pools
        assert pools["pool"].tolist() == units
        assert pools["star3"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("floor", "levels"),
    [
        ("guarantee", ("unit", "unit")),
        ("guarantee", ("unit", "city")),
        ("none", ("unit", "unit")),
        ("cap", ("city", "unit")),
        ("cap", ("unit", "city")),
        ("standard", ("unit", "city")),
    ],
)
def test_bounds_of_controlled_rounding(floor, levels):
    """Every result must lie in the bounds, and some result at the city's."""
    members = [6, 3, 4]
    rules = joint(floor=floor, pool=levels[0], floor_level=levels[1])
    bounds = settle_awards(list_units(members), rules)
    bills = []
    for passed in product(*[range(m + 1) for m in members]):
        counts = list_units(members).assign(passed=passed)
        awards = settle_awards(counts, rules)
        bills.append(awards.amount_yuan)
        total = int(awards.pools["qualified"].sum())
        assert awards.amount_yuan == bill(
            [int(n) for n in count_stars(total, "cum_half_up")]
        )
        yuan = awards.pools["amount_yuan"]
        assert (bounds.pools["least_yuan"] <= yuan).all()
        assert (yuan <= bounds.pools["most_yuan"]).all()
    assert (min(bills), max(bills)) == (bounds.least_yuan, bounds.most_yuan)


def test_bounds_of_the_document():
    """C13 at the floor and all qualified must bound the guarantee, 1,809 to 2,250."""
    awards = settle_awards(list_units(C13["members"]), joint())
    assert (awards.least_yuan, awards.most_yuan) == (1_809_000, 2_250_000)
    # a pool by itself: every star down to its floor or up to its ceiling
    first = awards.pools.iloc[0]
    # 211 at the floor: 126.6, 63.3, 21.1; 263 in all: 157.8, 78.9, 26.3
    assert first["least_yuan"] == bill([127, 63, 21])
    assert first["most_yuan"] == bill([157, 79, 27])


@pytest.mark.parametrize("rounding", allotment.NOT_ALONE)
def test_pools_one_by_one_are_refused(rounding):
    """Where pools are priced one by one, both rules must be refused with a remedy."""
    with pytest.raises(InputError, match=f"{rounding}.*cum_half_up"):
        price_stars(np.array([6]), AwardRules(rounding=rounding))
    # the remedy that is named
    counts = list_units(C13["members"])
    together = settle_awards(counts, joint()).amount_yuan
    assert together == settle_awards(counts, AwardRules(pool="city")).amount_yuan


def test_a_rounding_without_proof_is_not_paid(monkeypatch):
    """A table that is not proven cheapest must stop the settlement."""

    def dearer(*told):
        found = allotment_round(*told)
        return replace(found, stars=found.stars[::-1].copy())

    allotment_round = allotment.round_controlled
    monkeypatch.setattr(allotment, "round_controlled", dearer)
    with pytest.raises(AssertionError, match="do not add up"):
        settle_awards(list_units([20, 23]), joint())


# --- by lot ---------------------------------------------------------------------------


@pytest.mark.parametrize("shares", SHARES)
def test_lots_are_fair_and_keep_their_bounds(shares):
    """Over all draws a pool must cost its exact share, at least and at most as said."""
    members = [20, 7, 23, 46, 1]
    rules = AwardRules(rounding="random", floor="exact", star_percents=shares)
    bounds = settle_awards(list_units(members), rules).pools
    seen = [{} for _ in members]
    for seed in range(1200):
        drawn = rules.model_copy(update={"draw_seed": seed})
        q, units = bounds["qualified"].to_numpy(), np.arange(len(members))
        stars = np.array(allotment.allot_stars(q, drawn, bounds["pool"], units))
        draws = draw_whole(seed, "stars", bounds["pool"], count_draws(shares))
        for bills, j, yuan in zip(seen, draws, bill(stars.T), strict=True):
            assert bills.setdefault(int(j), int(yuan)) == yuan
    for bills, (_, pool) in zip(seen, bounds.iterrows(), strict=True):
        assert sorted(bills) == list(range(count_draws(shares)))
        exact = pool["qualified"] * bill(shares)
        assert 100 * sum(bills.values()) == len(bills) * exact
        assert min(bills.values()) == pool["least_yuan"]
        assert max(bills.values()) == pool["most_yuan"]


def test_bounds_of_lots_add_up():
    """Lots of different pools are free of each other: their bounds must add up."""
    rules = AwardRules(rounding="random", floor="exact")
    awards = settle_awards(list_units([20, 7, 23]), rules)
    assert awards.least_yuan == awards.pools["least_yuan"].sum()
    assert awards.most_yuan == awards.pools["most_yuan"].sum()
    assert awards.least_yuan < awards.most_yuan


def test_bounds_of_lots_under_one_floor(monkeypatch):
    """Where a city's floor binds the lots of its units, every split must be held."""
    members = [6, 3, 4]
    rules = AwardRules(rounding="random", floor="exact", floor_level="city")
    awards = settle_awards(list_units(members), rules)
    # 80 % of 13 are 11; a lot rounds both counts of a pool down or up
    splits = [q for q in product(*[range(m + 1) for m in members]) if sum(q) == 11]
    ends = [
        [sum(bill(np.transpose(count_stars(q, rule)))) for q in splits]
        for rule in ("cum_floor", "cum_ceil")
    ]
    assert awards.least_yuan == min(ends[0])
    assert awards.most_yuan == max(ends[1])
    monkeypatch.setattr(extremes, "EXACT_MOST", 10)
    quick = settle_awards(list_units(members), rules)
    assert awards.least_yuan - 9000 <= quick.least_yuan <= awards.least_yuan
    assert awards.most_yuan <= quick.most_yuan <= awards.most_yuan + 9000


@pytest.mark.parametrize("level", ["unit", "grid"])
def test_a_new_pool_changes_no_other_draw(level):
    """Pools that come or move must leave the stars of all others as they were."""
    rules = AwardRules(rounding="random", pool=level, draw_seed=11)
    counts = cut_units([45, 23, 7, 61])
    before = settle_awards(counts, rules).pools.set_index("pool")
    added = pd.concat([counts.tail(3), cut_units([9] * 9).tail(5), counts.head(4)])
    after = settle_awards(added, rules).pools.set_index("pool")
    same = after.index.intersection(before.index)
    same = same[after.loc[same, "members"] == before.loc[same, "members"]]
    assert len(same) > 1
    pd.testing.assert_frame_equal(after.loc[same, STARS], before.loc[same, STARS])
    again = rules.model_copy(update={"draw_seed": 12})
    other = settle_awards(counts, again).pools.set_index("pool")
    assert (other[STARS] != before[STARS]).any(axis=None)


def test_whole_draws():
    """A draw must hang on seed, purpose and id alone, and fall evenly."""
    ids = [str(number) for number in range(20_000)]
    drawn = draw_whole(3, "stars", ids, 10)
    assert drawn.dtype == np.int64
    # 1,999 expected of each, a standard deviation of 42
    assert np.abs(np.bincount(drawn, minlength=10) - 2000).max() < 4 * 42
    assert draw_whole(3, "stars", ["17", "5"], 10).tolist() == drawn[[17, 5]].tolist()
    assert (draw_whole(4, "stars", ids, 10) != drawn).any()
    assert (draw_whole(3, "others", ids, 10) != drawn).any()
    assert set(draw_whole(3, "stars", ids, 1)) == {0}
    assert draw_whole(3, "stars", [], 10).tolist() == []
    # the same on every machine: worked with sha256sum and a desk calculator
    assert draw_whole(7, "stars", ["a", "b", "c"], 10).tolist() == [1, 2, 4]
    assert draw(7, "stars", [1]).dtype == np.float64


# --- from results ---------------------------------------------------------------------


@pytest.mark.parametrize("level", ["unit", "grid", "city"])
@pytest.mark.parametrize("rounding", ["controlled", "random"])
def test_results_have_the_stars_of_the_plan(rounding, level):
    """Scored members must have the stars that their numbers alone would have."""
    counts = cut_units(C13["members"])
    counts["passed"] = (4 * counts["members"] + 4) // 5
    # nobody passes in a unit of few and in the last grid: pools that keep their place
    counts.loc[(counts["unit"] == "u10") | (counts.index == 75), "passed"] = 0
    rules = AwardRules(
        rounding=rounding, pool=level, floor="none", draw_seed=5, tie_key=("row",)
    )
    expected = settle_awards(counts, rules).pools
    rows = [
        (cell.unit, cell.grid_id, i < cell.passed, 10**6 * (i < cell.passed) + 100 - i)
        for cell in counts.itertuples()
        for i in range(cell.members)
    ]
    posts = pd.DataFrame(rows, columns=["unit", "grid", "passed", "score"])
    posts = posts.assign(row=range(2, len(rows) + 2), since=pd.NaT, until=pd.NaT)
    posts["person_id"] = posts["enterprise_id"] = [f"p{i:03}" for i in posts["row"]]
    posts = posts.astype({"score": "Int64", "passed": "boolean"})
    grids = posts.set_index("enterprise_id")["grid"].to_dict()
    results = Results(posts.drop(columns="grid"), "results.csv", False)
    found = settle_results(results, rules, 2023, grids).awards.pools
    columns = ["pool", "members", "qualified", *STARS, "amount_yuan"]
    pd.testing.assert_frame_equal(
        found[columns].sort_values("pool", ignore_index=True),
        expected[columns].sort_values("pool", ignore_index=True),
    )


# --- the whole way --------------------------------------------------------------------


@pytest.mark.parametrize("rounding", ["controlled", "random"])
def test_budget_accepts_both(rounding):
    """A budget must hold its sums and bounds, and tell the choice in Chinese."""
    counts = {f"3310830{i:02}": size for i, size in enumerate(C13["members"], start=1)}
    budget = budget_counts(counts, BudgetRules(rounding=rounding))
    assert budget.award_least_yuan <= budget.award_yuan <= budget.award_most_yuan
    told = {row["setting"]: row["value_zh"] for row in budget.choices}
    assert "取整" in told["rounding"] and told["draw_seed"] == "0"
    city = budget_counts(1500, BudgetRules(rounding=rounding))
    assert city.award_yuan == 2_025_000


def test_run_and_verify(small_register, small_scenario, small_register_file, tmp_path):
    """A run with grids rounded together must be verified, a moved star found."""
    money = BudgetRules(rounding="controlled", pool="grid")
    outcome = run_scenario(small_register, replace(small_scenario, money=money))
    folder = write_run(outcome, tmp_path / "run", is_tables_only=True)
    assert verify_run(folder, small_register_file).falsehoods == ()
    file = folder / "awards.csv"
    table = pd.read_csv(file, dtype=str, encoding="utf-8-sig")
    table.loc[0, "star3"] = str(int(table.loc[0, "star3"]) + 1)
    table.to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\n")
    [first, *_] = verify_run(folder, small_register_file).falsehoods
    assert (first.file, first.column) == ("awards.csv", "star3")
