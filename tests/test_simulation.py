"""Drawn bills against exact ones, common draws, ties, years, bad input."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from gridopt.appraisal import PassModel
from gridopt.awards import AwardRules, settle_awards
from gridopt.awards.floors import apply_floor
from gridopt.awards.rules import FLOOR_WORDS, LEVEL_WORDS
from gridopt.awards.settlement import price_stars
from gridopt.errors import InputError
from gridopt.simulation import (
    Case,
    Scoring,
    Years,
    engines,
    simulate_awards,
    simulate_scenarios,
)
from gridopt.simulation.choosing import centre_scores, spread_percentiles
from gridopt.simulation.counting import settle_passes
from gridopt.simulation.draws import (
    NET_SIZE,
)
from gridopt.simulation.estimates import (
    estimate_mean,
    estimate_quantile,
    estimate_sd,
    estimate_tail,
)
from gridopt.simulation.members import Level, read_members
from gridopt.terms import BudgetRules

CASES = Path(__file__).parent / "cases" / "awards.yaml"
SIZES = YAML(typ="safe").load(CASES.read_text(encoding="utf-8"))["c13"]["members"]
C13 = pd.DataFrame({"unit": [f"u{i:02}" for i in range(13)], "members": SIZES})
SHAKY = PassModel(0.9, unit_sd=0.5, city_sd=0.3)
NORMAL = NormalDist()


def people(sizes, **columns):
    """List persons p0000, p0001, ... of units u00, u01, ... of some sizes."""
    unit = np.repeat([f"u{i:02}" for i in range(len(sizes))], sizes)
    names = [f"p{i:04}" for i in range(len(unit))]
    return pd.DataFrame({"person_id": names, "unit": unit, **columns})


def bills_of(m, rules):
    """Return the yuan of 0, 1, ..., m passes of a unit by itself."""
    floor = apply_floor(
        np.array([m]), np.arange(m + 1), rules.floor, rules.floor_percent
    )
    return price_stars(np.broadcast_to(floor, m + 1), rules)[-1]


def binomial(m, p):
    """Return the chances of 0, 1, ..., m passes of independent members."""
    return np.array([math.comb(m, k) * p**k * (1 - p) ** (m - k) for k in range(m + 1)])


def exact_bill(sizes, rules, model, n_nodes=161):
    """Return all bills in thousands from 0, and their chances, by even nodes."""
    nodes = np.linspace(-7, 7, n_nodes)
    weights = np.exp(-nodes * nodes / 2)
    weights /= weights.sum()
    total = 0
    city = zip(nodes, weights, strict=True) if model.city_sd else [(0.0, 1.0)]
    unit = list(zip(nodes, weights, strict=True)) if model.unit_sd else [(0.0, 1.0)]
    for c, weight in city:
        chance = np.ones(1)
        for m in sizes:
            passes = sum(
                w
                * binomial(
                    m, NORMAL.cdf(model.base + model.city_sd * c + model.unit_sd * u)
                )
                for u, w in unit
            )
            chance = np.convolve(
                chance, np.bincount(bills_of(m, rules) // 1000, passes)
            )
        total = total + weight * chance
    return np.arange(total.size), total


def assert_near(estimate, exact, unit=1.0):
    """Assert that an estimate is within four of its standard errors of the truth."""
    assert math.isfinite(estimate.se)
    assert abs(estimate.value - exact) <= 4 * estimate.se + 1e-9, (estimate, exact)


# --- counting -----------------------------------------------------------------------


def test_drawn_bills_agree_with_the_exact_distribution():
    """Mean, sd, quantiles, tail and sufficiency of C13 are within four errors."""
    k, chance = exact_bill(SIZES, AwardRules(), PassModel(0.9))
    below = np.cumsum(chance)
    drawn = simulate_awards(C13, replications=40_000, seed=5)
    mean = k @ chance
    assert_near(drawn.mean(), 1000 * mean)
    assert_near(drawn.sd(), 1000 * math.sqrt((k - mean) ** 2 @ chance))
    for share in (0.5, 0.8, 0.9, 0.95, 0.99):
        assert_near(drawn.quantile(share), 1000 * np.searchsorted(below, share))
    for amount in (2030, 2060, 2080):
        assert_near(drawn.sufficiency(1000 * amount), below[amount])
    var = np.searchsorted(below, 0.95)
    tail = var + np.maximum(k - var, 0) @ chance / 0.05
    assert_near(drawn.tail_expectation(0.95), 1000 * tail)


@pytest.mark.parametrize("sampling", ["plain", "net"])
def test_lenient_units_and_years_agree_with_the_printed_figures(sampling):
    """With leniency the figures of C13 are the golden ones, within four errors."""
    drawn = simulate_awards(
        C13, model=SHAKY, replications=60_000, seed=1, sampling=sampling
    )
    assert_near(drawn.mean(), 2_059_233.526)
    assert_near(drawn.sd(), 82_987.003)
    for share, exact in ((0.5, 2065), (0.9, 2165), (0.95, 2185), (0.99, 2213)):
        assert_near(drawn.quantile(share), 1000 * exact)
    assert_near(drawn.tail_expectation(), 2_201_885.375)
    assert drawn.mean().se < 1.1 * 82_987 / math.sqrt(60_000)
    whole = drawn.units["mean_yuan"].sum()
    assert abs(whole - drawn.bills_yuan.mean()) < 1e-6


@pytest.mark.parametrize(
    ("rules", "model"),
    [
        (AwardRules(), PassModel(0.85, 0.7, 0.4)),
        (AwardRules(floor="standard"), PassModel(0.85, 0.7, 0.4)),
        (AwardRules(floor="none", rounding="largest_remainder_low"), PassModel(0.6, 1)),
        (AwardRules(floor="cap", rounding="ceil_top"), PassModel(0.75, 0, 0.5)),
        (AwardRules(floor="exact"), PassModel(0.75)),
    ],
)
def test_small_cities_agree_with_enumeration(rules, model):
    """Every bill of a small city comes as often as all its cases say."""
    sizes = [3, 5, 12]
    k, chance = exact_bill(sizes, rules, model)
    table = pd.DataFrame({"unit": list("abc"), "members": sizes})
    for rows in (table, people(sizes)):
        n = 30_000
        drawn = simulate_awards(rows, rules, model, replications=n, seed=2)
        seen = np.bincount(drawn.bills_yuan // 1000, minlength=k.size) / n
        assert (np.abs(seen - chance) <= 4.5 * np.sqrt(chance / n) + 2e-4).all()


def test_expected_bills_make_the_mean_sharp():
    """With nets and expected bills the mean of C13 errs 40 times less than sd/32."""
    errors = []
    for seed in range(8):
        drawn = simulate_awards(
            C13,
            model=SHAKY,
            replications=NET_SIZE,
            seed=seed,
            sampling="net",
            with_expectation=True,
        )
        errors.append(drawn.mean().value - 2_059_233.526)
        assert math.isnan(drawn.mean().se)
    assert np.sqrt(np.mean(np.square(errors))) < 82_987 / 32 / 40
    many = simulate_awards(
        C13,
        model=SHAKY,
        replications=16 * NET_SIZE,
        sampling="net",
        with_expectation=True,
    )
    assert_near(many.mean(), 2_059_233.526)
    assert many.mean().se < 40


def test_growing_persistent_years_agree_with_the_printed_figures():
    """Three-year totals have the printed mean, spread, P95 and sufficiency."""
    printed = {0: (207, 6830, 0.70), 0.5: (247, 6890, 0.66), 0.9: (286, 6940, 0.63)}
    for lasts, (sd, p95, enough) in printed.items():
        years = Years(3, persistence=lasts, growth_share=0.05, growth_sd=0.03)
        drawn = simulate_awards(
            C13, model=SHAKY, replications=20_000, years=years, sampling="net"
        )
        assert abs(drawn.mean().value - 6_490_000) < 5_000
        assert abs(drawn.sd().value - 1000 * sd) < 3_000
        assert abs(drawn.quantile(0.95).value - 1000 * p95) < 8_000
        assert abs(drawn.sufficiency(6_600_000).value - enough) < 0.011
        assert_near(estimate_mean(drawn.years_yuan[0], NET_SIZE), 2_059_233.526)
        assert (drawn.years_yuan.sum(axis=0) == drawn.bills_yuan).all()
        assert drawn.bounds_yuan() is None


def test_leniency_lasts_as_told():
    """Years of one replication correlate by the persistence, and not at all at 0."""
    for lasts, least, most in ((0.0, -0.03, 0.03), (0.8, 0.70, 0.82), (1.0, 0.9, 1)):
        years = Years(2, persistence=lasts)
        for sampling in ("plain", "net"):
            drawn = simulate_awards(
                C13, model=SHAKY, replications=8192, years=years, sampling=sampling
            )
            one, two = drawn.years_yuan.astype(float)
            assert least < np.corrcoef(one, two)[0, 1] < most, (lasts, sampling)


def test_floors_and_pools_of_any_level_settle_as_one_by_one():
    """Settling many replications at once gives what `settle_awards` gives for each."""
    counts = pd.DataFrame(
        {
            "unit": list("bbbaaac"),
            "grid_id": list("321567") + ["4"],
            "members": [7, 20, 3, 0, 16, 5, 11],
        }
    )
    members = read_members(counts)
    sizes = members.sizes[:, np.newaxis]
    rng = np.random.default_rng(0)
    passed = (rng.random((7, 4)) ** 0.4 * (sizes + 1)).astype(np.int64)
    passed[:, 0] = 0
    for floor, level, pool in product(FLOOR_WORDS, LEVEL_WORDS, LEVEL_WORDS):
        rules = AwardRules(floor=floor, floor_level=level, pool=pool)
        yuan = settle_passes(members, sizes, passed, rules)
        for column in range(passed.shape[1]):
            told = members.counts.assign(passed=passed[:, column])
            pools = settle_awards(told, rules).pools
            exact = pools.groupby("unit", sort=False)["amount_yuan"].sum()
            assert yuan[:, column].tolist() == exact.tolist(), rules


def test_rows_that_differ_in_chance_share_their_unit():
    """Groups of one unit with chances of their own are settled together."""
    mixed = pd.DataFrame(
        {"unit": ["a", "a", "b"], "members": [6, 4, 5], "pass_share": [1.0, 0.0, 1.0]}
    )
    drawn = simulate_awards(mixed, AwardRules(floor="none"), replications=20)
    # q = 6 and 5: 4/1/1 and 3/1/1 people of one, two and three stars
    assert (drawn.bills_yuan == 9_000 + 8_000).all()
    assert drawn.units["mean_yuan"].tolist() == [9_000, 8_000]
    assert drawn.units["mean_se_yuan"].tolist() == [0, 0]


def test_rows_of_one_unit_draw_each_for_itself():
    """Groups of a unit that differ in chance pass independently of each other."""
    rules = AwardRules(floor="none", star_percents=(100, 0, 0))
    halves = {"unit": ["a", "a"], "members": [50, 50]}
    mixed = pd.DataFrame({**halves, "pass_share": [0.5, 0.5001]})
    drawn = simulate_awards(mixed, rules, replications=4000)
    assert abs(drawn.sd().value - 5000) < 4 * drawn.sd().se
    grids = pd.DataFrame({**halves, "grid_id": [2, 1]})
    drawn = simulate_awards(grids, rules, PassModel(0.5), replications=4000)
    assert abs(drawn.sd().value - 5000) < 4 * drawn.sd().se


def test_units_stay_in_the_order_of_their_first_rows():
    """Units are listed, and take equal remainders, in the order they were told in."""
    table = pd.DataFrame({"unit": ["b", "a", "b"], "members": [5, 10, 5]})
    rules = AwardRules(floor_level="city", floor="exact", floor_percent=75)
    drawn = simulate_awards(table, rules, PassModel(0), replications=3)
    # 15 of 20 qualify, eight of them in the unit that comes first
    assert drawn.units["unit"].tolist() == ["b", "a"]
    assert drawn.units["mean_yuan"].tolist() == [12_000, 11_000]


# --- ranking ------------------------------------------------------------------------


def given(scores):
    """Make a score model that answers with a table of scores, replication by row."""

    def look_up(draws, table):
        rows = np.asarray(scores)[draws.replications.start : draws.replications.stop]
        return rows[:, : len(table)]

    return look_up


def stars_by_hand(table, scores, rules, scoring):
    """Give each person's stars and the bill, following choices C, D, G and H."""
    rows = range(len(table))
    unit, names = table["unit"].tolist(), table["person_id"].tolist()
    places = {"unit": unit, "grid": table["grid_id"].tolist(), "city": [0] * len(unit)}

    def value(i, level):
        if level != "city" or scoring.comparison == "raw":
            return scores[i]
        mine = [scores[j] for j in rows if unit[j] == unit[i]]
        if scoring.comparison == "percentile":
            below = sum(score < scores[i] for score in mine)
            return Fraction(2 * below + mine.count(scores[i]), 2 * len(mine))
        spread = np.std(mine)
        return (scores[i] - np.mean(mine)) / spread if np.ptp(mine) else 0.0

    def best(people, c, of, rule, limit):
        order = sorted(people, key=lambda i: names[i])
        order = sorted(order, key=of, reverse=True)
        if 0 < c < limit and of(order[c - 1]) == of(order[c]):
            if rule == "lift":
                return {i for i in order if of(i) >= of(order[c - 1])}
            if rule == "drop":
                return {i for i in order if of(i) > of(order[c - 1])}
        return set(order[:c])

    qualified = set()
    for place in set(places[rules.floor_level]):
        people = [i for i in rows if places[rules.floor_level][i] == place]
        k, m = sum(scores[i] >= 0 for i in people), np.array([len(people)])
        q = int(apply_floor(m, np.array([k]), rules.floor, rules.floor_percent)[0])
        rule = "key" if scoring.ties == "drop" else scoring.ties
        of = lambda i: (scores[i] >= 0, value(i, rules.floor_level))  # noqa: E731
        qualified |= best(people, q, of, rule, len(people))
    stars = [0] * len(unit)
    for place in set(places[rules.pool]):
        people = [i for i in qualified if places[rules.pool][i] == place]
        q = len(people)
        n1, n2, n3 = (int(n) for n in price_stars(np.array(q), rules)[:3])
        of = lambda i: value(i, rules.pool)  # noqa: E731
        rewarded = best(people, n1 + n2 + n3, of, "key", q)
        two, three = (best(people, c, of, scoring.ties, q) for c in (n2 + n3, n3))
        for i in rewarded:
            stars[i] = 1 + (i in two) + (i in three)
    prizes = (0, *rules.prizes_yuan)
    return stars, sum(prizes[star] for star in stars)


@pytest.mark.parametrize("comparison", ["percentile", "raw", "centred"])
def test_stars_of_tied_scores_are_those_of_a_list_by_hand(comparison):
    """Floors, pools and ties of all kinds give everybody the stars of a plain list."""
    rng = np.random.default_rng(3)
    table = people(
        [7, 4, 9], grid_id=list("abababa") + list("cdcd") + list("eeeefffff")
    )
    table["person_id"] = rng.permutation(table["person_id"])
    levels = [*product(LEVEL_WORDS, LEVEL_WORDS)]
    if comparison != "percentile":
        levels = [pair for pair in levels if "city" in pair]
    choices = product(levels, FLOOR_WORDS)
    for number, ((level, pool), floor) in enumerate(choices):
        scores = rng.integers(-2, 4, (1, len(table))).astype(float)
        rounding = ["cum_half_up", "floor_unfilled", "ceil_top"][number % 3]
        rules = AwardRules(floor=floor, floor_level=level, pool=pool, rounding=rounding)
        cases = {
            ties: Case(rules, scoring=Scoring(ties=ties, comparison=comparison))
            for ties in ("key", "lift", "drop")
        }
        drawn = simulate_scenarios(table, cases, replications=1, score=given(scores))
        for case, found in zip(cases.values(), drawn.values(), strict=True):
            stars, yuan = stars_by_hand(table, scores[0].tolist(), rules, case.scoring)
            shares = found.persons[[f"star{star}_share" for star in range(4)]]
            assert shares.to_numpy().argmax(axis=1).tolist() == stars, case
            assert (shares.sum(axis=1) == 1).all()
            assert found.bills_yuan.tolist() == [yuan], case


def test_the_one_of_many_equals_who_gets_in_gets_all():
    """Where one of three equal people fills up the floor, only that one is paid."""
    rules = AwardRules(floor_percent=20, rounding="ceil_top")
    for ties in ("key", "drop", "lottery"):
        drawn = simulate_awards(
            people([3]),
            rules,
            scoring=Scoring(ties=ties),
            score=given(np.full((9, 3), -1.0)),
            replications=9,
        )
        shares = drawn.persons[[f"star{star}_share" for star in range(4)]]
        assert np.isclose(shares.sum(), [2, 0, 0, 1]).all()
        assert (drawn.bills_yuan == 3000).all()
        assert shares.min(axis=None) >= 0


def test_lots_favour_nobody_and_cost_what_keys_cost():
    """Drawn by lot, tied people share their stars evenly; the bill stays the same."""
    table = people([20])
    level_scores = given(np.ones((4000, 20)))
    cases = {ties: Case(scoring=Scoring(ties=ties)) for ties in ("key", "lottery")}
    drawn = simulate_scenarios(table, cases, replications=4000, score=level_scores)
    assert (drawn["key"].bills_yuan == drawn["lottery"].bills_yuan).all()
    assert drawn["key"].persons["star3_share"].tolist() == [1, 1] + [0] * 18
    lots = drawn["lottery"].persons
    for star, share in ((1, 0.6), (2, 0.3), (3, 0.1)):
        gap = (lots[f"star{star}_share"] - share).abs()
        assert (gap <= 4 * lots[f"star{star}_se"]).all()
    assert (drawn["key"].n_ties == 2).all()
    again = simulate_awards(
        table,
        scoring=Scoring(ties="lottery"),
        replications=4000,
        score=level_scores,
        block=37,
    )
    assert again.persons.equals(lots)


@pytest.mark.parametrize(
    ("sd", "step", "n_tied", "lift", "drop"),
    [
        (10, 1, 14.9, 42.6, -41.0),
        (6, 1, 17.5, 71.8, -67.5),
        (4, 1, 19.2, 109.6, -99.3),
        (6, 5, 22.2, 500.9, -188.2),
    ],
)
def test_whole_points_tie_as_often_as_printed(sd, step, n_tied, lift, drop):
    """Scores of C13 in steps tie at the printed number of boundaries and cost."""

    def judge(draws, members):
        return step * np.rint((80 + sd * draws.normal("work")) / step)

    rules = AwardRules(floor="none")
    cases = {
        ties: Case(rules, scoring=Scoring(ties=ties))
        for ties in ("key", "lift", "drop")
    }
    drawn = simulate_scenarios(people(SIZES), cases, replications=1000, score=judge)
    ties = estimate_mean(drawn["key"].n_ties, None)
    assert abs(ties.value - n_tied) < 4 * ties.se + 0.05
    assert (drawn["key"].bills_yuan == 2_251_000).all()
    for rule, extra in (("lift", lift), ("drop", drop)):
        told = drawn["key"].compare(drawn[rule]).iloc[0]
        assert (
            abs(told["difference"] / 1000 - extra) < told["difference_se"] / 250 + 0.05
        )
        assert drawn[rule].bounds_yuan() is None


def test_rounded_scores_tie_but_nobody_passes_who_did_not():
    """Steps make ties and leave every pass, and so the bill by key, as it was."""
    steps = {None: Scoring(), 0.25: Scoring(step=0.25), 1.0: Scoring(step=1.0)}
    cases = {str(step): Case(model=SHAKY, scoring=s) for step, s in steps.items()}
    drawn = simulate_scenarios(people([60, 7]), cases, replications=500)
    plain, fine, coarse = drawn.values()
    assert (plain.bills_yuan == fine.bills_yuan).all()
    assert (plain.bills_yuan == coarse.bills_yuan).all()
    assert plain.n_ties.sum() == 0 < fine.n_ties.sum() < coarse.n_ties.sum()


def test_ranked_persons_cost_what_counted_ones_do():
    """Both engines draw one distribution, and the stars add up to the bill."""
    table = people([40, 25, 6])
    ranked = simulate_awards(table, model=SHAKY, replications=20_000)
    counted = simulate_awards(
        table, model=SHAKY, replications=20_000, engine="counting"
    )
    gap = ranked.mean().value - counted.mean().value
    # the leniency is the same in both, so that the gap is far below either error
    assert abs(gap) < 4 * ranked.mean().se
    assert np.corrcoef(ranked.bills_yuan, counted.bills_yuan)[0, 1] > 0.7
    shares = ranked.persons[[f"star{star}_share" for star in range(4)]].to_numpy()
    assert np.allclose(shares.sum(axis=1), 1)
    stars = (shares @ [0, 1000, 2000, 3000]).sum()
    assert abs(stars - ranked.bills_yuan.mean()) < 1e-6
    likely = ranked.persons["star3_share"]
    assert (abs(likely - likely.groupby(table["unit"]).transform("mean")) < 0.012).all()


def test_better_people_get_more_stars():
    """Known quality and higher chances show in the stars, in the user's own order."""
    table = people([30], quality=np.linspace(-1, 1, 30)).sample(frac=1, random_state=1)
    drawn = simulate_awards(table, model=PassModel(0.8), replications=4000)
    assert drawn.persons.index.equals(table.index)
    assert drawn.persons["person_id"].equals(table["person_id"])
    by_quality = drawn.persons["star3_share"].iloc[table["quality"].argsort()]
    assert np.corrcoef(by_quality, np.arange(30))[0, 1] > 0.85
    sure = people([10], pass_share=[1.0] * 5 + [0.0] * 5)
    rules = AwardRules(floor="none")
    stars = simulate_awards(sure, rules, SHAKY, replications=50).persons
    assert stars["qualified_share"].tolist() == [1.0] * 5 + [0.0] * 5
    # fifty draws prove no certainty
    assert (stars["qualified_se"] > 0.01).all()


def test_own_quality_lasts_over_years():
    """Two years of the same people resemble each other as far as luck is their own."""
    rules = AwardRules(floor="none", pool="city", floor_level="city")
    spread = {}
    for own in (0.0, 1.0):
        years = Years(2, quality_share=own)
        drawn = simulate_awards(
            people([400]), rules, PassModel(0.7), years=years, replications=2000
        )
        one, two = drawn.years_yuan.astype(float)
        spread[own] = np.corrcoef(one, two)[0, 1]
    assert abs(spread[0.0]) < 0.09
    assert spread[1.0] == 1


def test_own_score_models_draw_by_purpose_and_level():
    """A model of one's own gets draws that hang on ids, and finds the model's own."""
    seen = {}

    def judge(draws, members):
        at = draws.replications.start
        seen[at] = {
            "work": draws.normal("work"),
            "even": draws.uniform("even"),
            "stays": draws.normal("own", stays=True),
            "unit": draws.lenience("unit"),
            "city": draws.lenience("city"),
        }
        assert list(members) == ["person_id", "unit"]
        return 1.5 + draws.normal("work")

    table = people([3, 2])
    simulate_awards(table, score=judge, replications=6, block=6)
    whole = seen[0]
    simulate_awards(
        table.iloc[::-1].drop(index=1), score=judge, replications=6, block=3
    )
    for name, values in whole.items():
        assert values.shape == (6, 5)
        later = seen[3][name]
        assert (later == values[3:, [4, 3, 2, 0]]).all(), name
    assert (whole["unit"][:, 0] == whole["unit"][:, 2]).all()
    assert (whole["unit"][:, 0] != whole["unit"][:, 3]).all()
    assert (whole["city"] == whole["city"][:, :1]).all()
    assert whole["even"].min() > 0 and whole["even"].max() < 1


def test_scores_of_other_units_compare_as_told():
    """Percentiles and centred scores are those of their definitions, ties included."""
    level = Level(np.array([0, 0, 0, 1, 1]), np.array([0, 3]))
    scores = np.array([[2.0, 2.0, 5.0, 1.0, 0.0], [1.0, 1.0, 1.0, 7.0, 7.0]])
    percentiles = [[2 / 6, 2 / 6, 5 / 6, 3 / 4, 1 / 4], [0.5] * 5]
    assert spread_percentiles(scores, level).tolist() == percentiles
    root = math.sqrt(0.5)
    centred = [[-root, -root, 2 * root, 1, -1], [0] * 5]
    assert np.allclose(centre_scores(scores, level), centred)


# --- common draws, stretches, interrupts --------------------------------------------


def test_others_change_no_bill():
    """A new member, unit or scenario leaves the bills of other units as they are."""
    more = pd.concat([pd.DataFrame({"unit": ["a0"], "members": [33]}), C13])
    more.loc[more["unit"] == "u05", "members"] += 1
    base = simulate_awards(C13, model=SHAKY, replications=3000)
    grown = simulate_awards(more, model=SHAKY, replications=3000)
    both = base.units.merge(grown.units, on="unit", suffixes=("", "_after"))
    is_same = both["mean_yuan"] == both["mean_yuan_after"]
    assert both.loc[~is_same, "unit"].tolist() == ["u05"]
    cases = {"别的": Case(AwardRules(rounding="ceil_top"), PassModel(0.7, 1.0))}
    beside = simulate_scenarios(
        C13, {**cases, "本": Case(model=SHAKY)}, replications=3000
    )
    assert (beside["本"].bills_yuan == base.bills_yuan).all()
    longer = simulate_awards(C13, model=SHAKY, replications=5000)
    assert (longer.bills_yuan[:3000] == base.bills_yuan).all()


def test_a_new_person_changes_nobodys_scores():
    """Stars of other units stay as they are when a person joins or rows are moved."""
    table = people([12, 9, 5])
    joined = pd.concat([pd.DataFrame({"person_id": ["new"], "unit": ["u01"]}), table])
    joined = joined.iloc[::-1]
    before = simulate_awards(table, model=SHAKY, replications=400).persons
    after = simulate_awards(joined, model=SHAKY, replications=400).persons
    both = before.merge(after, on=["person_id", "unit"], suffixes=("", "_after"))
    others = both[both["unit"] != "u01"]
    for star in range(4):
        assert (others[f"star{star}_share"] == others[f"star{star}_share_after"]).all()
    mine = both[both["unit"] == "u01"]
    assert (mine["star3_share"] != mine["star3_share_after"]).any()


def test_each_seed_draws_anew():
    """Another seed gives other bills, the same one the same."""
    one, same, other = (
        simulate_awards(C13, model=SHAKY, replications=2000, seed=seed)
        for seed in (1, 1, 2)
    )
    assert one.bills_yuan.tobytes() == same.bills_yuan.tobytes()
    assert (one.bills_yuan != other.bills_yuan).mean() > 0.9
    assert abs(np.corrcoef(one.bills_yuan, other.bills_yuan)[0, 1]) < 0.09


def as_bytes(drawn):
    """Give everything that was drawn as bytes."""
    frames = [drawn.units, drawn.persons]
    arrays = [drawn.years_yuan, drawn.expected_yuan, drawn.n_ties]
    return [None if each is None else each.to_csv().encode() for each in frames] + [
        None if each is None else each.tobytes() for each in arrays
    ]


@pytest.mark.parametrize("sampling", ["plain", "net"])
def test_stretches_and_threads_change_no_byte(sampling):
    """Any number of replications at a time, and of threads, gives the same bytes."""
    years = Years(2, persistence=0.5)
    counted = {"members": C13, "with_expectation": True}
    ranked = {"members": people([30, 8], grid_id=["a", "b"] * 19), "grid_sd": 0.2}
    for told, n in ((counted, 3100), (ranked, 1100)):
        options = {
            "model": SHAKY,
            "years": years,
            "replications": n,
            "sampling": sampling,
        }
        base = as_bytes(simulate_awards(**told, **options))
        for block, workers in ((60, 1), (1000, 2), (1024, 1), (5000, 1)):
            again = simulate_awards(**told, **options, block=block, workers=workers)
            assert as_bytes(again) == base, (block, workers)


def test_an_interrupt_leaves_what_was_drawn():
    """After an interrupt all scenarios hold the same first replications, and say so."""
    done = []

    def watch(n, wanted):
        done.append((n, wanted))
        if n == 600:
            raise KeyboardInterrupt

    cases = {"a": Case(), "b": Case(model=SHAKY)}
    options = {"replications": 1000, "block": 200}
    for rows in (C13, people([20, 5])):
        for workers in (1, 2):
            done.clear()
            part = simulate_scenarios(
                rows, cases, **options, workers=workers, on_progress=watch
            )
            whole = simulate_scenarios(rows, cases, **options)
            assert done == [(200, 1000), (400, 1000), (600, 1000)]
            for name, found in part.items():
                assert found.is_interrupted and found.replications == 600
                assert not whole[name].is_interrupted
                assert (found.bills_yuan == whole[name].bills_yuan[:600]).all()
            mean = part["b"].units["mean_yuan"].sum()
            assert abs(mean - part["b"].bills_yuan.mean()) < 1e-6


def test_an_interrupt_before_anything_goes_on(monkeypatch):
    """Where nothing was drawn there is nothing to give back: the interrupt goes on."""

    def stop(self, luck):
        raise KeyboardInterrupt

    monkeypatch.setattr(engines.CountingEngine, "draw", stop)
    with pytest.raises(KeyboardInterrupt):
        simulate_awards(C13)


# --- figures ------------------------------------------------------------------------


@pytest.mark.parametrize("sampling", ["plain", "net"])
def test_standard_errors_are_honest(sampling):
    """Over many seeds figures scatter as much as their standard errors say."""
    n = 4 * NET_SIZE
    drawn = [
        simulate_awards(C13, model=SHAKY, replications=n, seed=seed, sampling=sampling)
        for seed in range(40)
    ]
    figures = {
        "mean": lambda one: one.mean(),
        "sd": lambda one: one.sd(),
        "P90": lambda one: one.quantile(0.9),
        "tail": lambda one: one.tail_expectation(),
        "enough": lambda one: one.sufficiency(2_150_000),
        "unit": lambda one: one.units.loc[3, ["mean_yuan", "mean_se_yuan"]],
    }
    for name, figure in figures.items():
        found = np.array([figure(one) for one in drawn], dtype=float)
        ratio = found[:, 0].std(ddof=1) / np.sqrt((found[:, 1] ** 2).mean())
        assert 0.65 < ratio < 1.45, (name, ratio)


def test_common_draws_make_differences_sharp():
    """The error of a difference is far below that of two separate simulations."""
    cases = {
        "base": Case(model=SHAKY),
        "none": Case(AwardRules(floor="none"), SHAKY),
        "p92": Case(model=PassModel(0.92, 0.5, 0.3)),
        "p95": Case(model=PassModel(0.95, 0.5, 0.3)),
    }
    drawn = simulate_scenarios(C13, cases, replications=20_000)
    base = drawn["base"]
    printed = {"none": -33_000, "p95": 87_000}
    for name, least in (("none", 6), ("p92", 100), ("p95", 10)):
        told = base.compare(drawn[name], 2_100_000)
        assert told["measure"].iloc[0] == "mean"
        gap, error = told[["difference", "difference_se"]].iloc[0]
        assert abs(gap - printed.get(name, gap)) < 4 * error + 500
        apart = base.mean().se ** 2 + drawn[name].mean().se ** 2
        assert apart / error**2 > least
        assert (told["other"] - told["value"] - told["difference"]).abs().max() < 1e-6
        assert told["difference_se"].notna().all()
    itself = base.compare(base)
    assert (itself[["difference", "difference_se"]] == 0).all(axis=None)


def test_simulations_of_other_draws_are_not_compared():
    """Another seed, sampling or number is refused, each by name and value."""
    base = simulate_awards(C13, replications=50)
    other = simulate_awards(C13, replications=60, seed=3, sampling="net")
    with pytest.raises(InputError) as caught:
        base.compare(other)
    for told in ("seed（0 ≠ 3）", "plain ≠ net", "50 ≠ 60"):
        assert told in str(caught.value)


def test_the_summary_tells_bounds_first_and_an_error_beside_each_figure():
    """Hard bounds come first and hold every bill; no figure goes without its error."""
    drawn = simulate_awards(people(SIZES), model=SHAKY, replications=300)
    told = drawn.summary(2_100_000)
    assert told["measure"].tolist()[:3] == ["least", "most", "mean"]
    assert told["measure"].is_unique
    least, most = told["value"].iloc[:2]
    assert (least, most) == (1_810_000, 2_251_000)
    assert least <= drawn.bills_yuan.min() and drawn.bills_yuan.max() <= most
    assert told["se"].notna().all()
    assert told["se"].iloc[:2].tolist() == [0, 0]
    assert {"P50", "P95", "拨款2,100,000元足额的概率"} <= set(told["label_zh"])
    assert drawn.bills_yuan.dtype == np.int64
    twice = simulate_awards(C13, years=Years(2), replications=5)
    assert twice.bounds_yuan() == (2 * least, 2 * most)


def test_every_choice_is_listed():
    """Rules, model, scoring, years and draws of a result stand in its list."""
    years = Years(2, persistence=0.25)
    drawn = simulate_awards(
        people([5, 5]),
        AwardRules(rounding="floor_low"),
        SHAKY,
        scoring=Scoring(ties="lottery"),
        years=years,
        replications=20,
        seed=77,
    )
    told = drawn.choices().set_index("setting")["value_zh"]
    assert told["rounding"] == "三星级、二星级向下取整，其余为一星级"
    assert (told["pass_share"], told["unit_sd"], told["city_sd"]) == (
        "0.9",
        "0.5",
        "0.3",
    )
    assert (told["ties"], told["persistence"], told["seed"]) == ("抽签", "0.25", "77")
    assert "pass_percent" not in told
    assert drawn.choices()["label_zh"].str.len().gt(0).all()


def test_estimates_of_known_numbers():
    """Mean, spread, quantile and tail of known numbers are as defined."""
    values = np.array([3, 1, 2, 4, 10])
    assert estimate_mean(values, None) == (4, np.std(values) / math.sqrt(5))
    fourth = np.mean((values - 4.0) ** 4)
    spread = np.var(values)
    error = math.sqrt((fourth - spread**2) / 5) / 2 / math.sqrt(spread)
    assert np.allclose(estimate_sd(values, None), (math.sqrt(spread), error))
    assert estimate_sd(np.ones(5), None) == (0, 0)
    for share, exact in ((0, 1), (0.2, 1), (0.21, 2), (0.8, 4), (1, 10)):
        assert estimate_quantile(values, share, None).value == exact
    # 20 % of the weight lies on 10, and 10 % on the quantile 4
    assert math.isclose(estimate_tail(values, 0.7, None).value, (2 + 0.4) / 0.3)


# --- bad input ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"unit": ["a", "b"], "members": [5, -1]}, "第2行（b）-1"),
        ({"unit": ["a", "b"], "members": [5, 2.5]}, "第2行（b）2.5"),
        ({"unit": ["a"], "members": ["7"]}, "第1行（a）'7'"),
        ({"unit": ["a"], "members": [True]}, "第1行（a）True"),
        ({"unit": ["a"], "members": [float("nan")]}, "第1行（a）nan"),
        ({"unit": ["a"], "members": [5], "pass_share": [90]}, "第1行（a）90"),
        ({"unit": ["a"], "members": [5], "pass_share": [None]}, "第1行（a）None"),
        ({"unit": ["a", " "], "members": [5, 5]}, "第2行 ' '"),
        ({"unit": ["a"], "members": [5], "passed": [4]}, "passed"),
        ({"unit": ["a"], "number": [5]}, "缺少列 members"),
        ({"unit": [], "members": []}, "没有数据行"),
        ({"person_id": ["p", "q", "p"], "unit": ["a", "a", "b"]}, "第3行（b）'p'"),
        ({"person_id": ["p", None], "unit": ["a", "a"]}, "第2行（a）nan"),
        ({"person_id": ["p"], "unit": ["a"], "members": [1]}, "members"),
        ({"person_id": ["p"], "unit": ["a"], "quality": ["good"]}, "第1行（a）'good'"),
    ],
)
def test_faults_of_the_table_are_named(table, told):
    """A wrong row or column is named with its place, its value and what to do."""
    with pytest.raises(InputError) as caught:
        simulate_awards(pd.DataFrame(table))
    assert told in caught.value.message_zh
    assert caught.value.message_en.isascii()


def test_all_faults_are_told_at_once():
    """Three kinds of faults of one table stand in one message, with their number."""
    table = pd.DataFrame(
        {
            "unit": ["a", None, "c"],
            "members": [1.5, -2, -3],
            "pass_share": [0.9, 90, 80],
        }
    )
    with pytest.raises(InputError) as caught:
        simulate_awards(table)
    for told in (
        "3行中有1行",
        "3行中有3行",
        "3行中有2行",
        "90%写作0.9",
        "第2行（nan）90",
    ):
        assert told in caught.value.message_zh


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"replications": 0}, "replications=0"),
        ({"replications": 10.5}, "replications=10.5"),
        ({"replications": True}, "replications=True"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"block": 0}, "block=0"),
        ({"workers": 0}, "workers=0"),
        ({"sampling": "sobol"}, "sampling 不接受 'sobol'"),
        ({"engine": "fast"}, "engine 不接受 'fast'"),
        ({"engine": "ranking"}, "person_id"),
        ({"grid_sd": -1}, "grid_sd=-1"),
        ({"grid_sd": 0.5}, "grid_id"),
        ({"rules": AwardRules(pool="grid")}, "grid_id"),
        ({"scoring": Scoring(ties="lift")}, "scoring"),
        ({"years": Years(2, quality_share=0.5)}, "quality_share"),
        ({"score": lambda draws, members: 0}, "score"),
        (
            {"rules": AwardRules(pool="city"), "with_expectation": True},
            "with_expectation",
        ),
    ],
)
def test_wrong_options_are_named(options, told):
    """An option out of range, or one that the table cannot carry, is named."""
    with pytest.raises(InputError) as caught:
        simulate_awards(C13, **{"replications": 10, **options})
    assert told in caught.value.message_zh


def test_what_persons_cannot_carry_is_named():
    """Growth, and quality that is only counted, are refused for persons."""
    table = people([5], quality=[0.0] * 5)
    with pytest.raises(InputError, match="growth_share"):
        simulate_awards(table, years=Years(2, growth_share=0.1))
    with pytest.raises(InputError, match="quality 须逐人排名次"):
        simulate_awards(table, engine="counting")
    with pytest.raises(InputError, match="with_expectation"):
        simulate_awards(table, with_expectation=True)
    with pytest.raises(InputError, match="lenience 不接受 'grid'.*city、unit"):
        simulate_awards(table, score=lambda draws, members: draws.lenience("grid"))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda draws, members: np.zeros(3), "(10, 5)"),
        (lambda draws, members: np.full((10, 5), "x"), "<U1"),
        (lambda draws, members: np.full((10, 5), np.nan), "'p0000'"),
    ],
)
def test_wrong_answers_of_score_models_are_named(answer, told):
    """A score model that answers with the wrong shape or no numbers is named."""
    with pytest.raises(InputError) as caught:
        simulate_awards(people([5]), score=answer, replications=10)
    assert told in caught.value.message_zh


def test_wrong_settings_are_named():
    """Years, steps and words out of range are refused with their names and values."""
    for make, told in (
        (lambda: Years(0, persistence=1.5), "n=0"),
        (lambda: Years(0, persistence=1.5), "persistence=1.5"),
        (lambda: Scoring(ties="both", comparison="z"), "comparison 不接受 'z'"),
        (lambda: Scoring(step=0), "step=0"),
        (lambda: Case(grid_sd=math.nan), "grid_sd=nan"),
    ):
        with pytest.raises(InputError) as caught:
            make()
        assert told in caught.value.message_zh
    with pytest.raises(InputError, match="没有情景"):
        simulate_scenarios(C13, {})
    with pytest.raises(InputError, match="乙"):
        simulate_scenarios({"甲": C13}, {"甲": Case(), "乙": Case()})
    with pytest.raises(InputError, match=r"share=90"):
        simulate_awards(C13, replications=5).quantile(90)


def test_a_budgets_rules_draw_as_its_award_rules_do() -> None:
    """A scenario's money, amendments and payers in it, is drawn like the award rule."""
    members = pd.DataFrame({"unit": ["a", "b"], "members": [40, 23]})
    told = {"draw_seed": 1, "floor": "none"}
    plain = simulate_awards(members, AwardRules(**told), replications=300)
    money = BudgetRules(**told, award_percents={"czj": 60, "departments": 40})
    assert simulate_awards(members, money, replications=300).mean() == plain.mean()


@pytest.mark.parametrize("rounding", ["controlled", "random"])
def test_stars_that_no_pool_has_by_itself_are_refused(rounding: str) -> None:
    """Joint rounding and lots are pointed to the exact engine, not drawn wrongly."""
    members = pd.DataFrame({"unit": ["a"], "members": [40]})
    with pytest.raises(InputError, match="bill_distribution"):
        simulate_awards(members, AwardRules(rounding=rounding))
