"""The bill's distribution: golden figures, every outcome tried, moments, inverses."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gridopt.appraisal import (
    BillDistribution,
    PassModel,
    bill_distribution,
    bills,
)
from gridopt.appraisal.chances import poisson_binomial
from gridopt.appraisal.distribution import distribute
from gridopt.appraisal.groups import cut_city
from gridopt.appraisal.tariff import LEVELS, Tariff
from gridopt.awards import AwardRules, settle_awards
from gridopt.awards.rounding import count_stars
from gridopt.awards.rules import FLOOR_WORDS, ROUNDING_WORDS
from gridopt.awards.settlement import price_stars
from gridopt.errors import InputError

PATH = Path(__file__).parent / "cases" / "distribution.yaml"
CASES = YAML(typ="safe").load(PATH.read_text(encoding="utf-8"))
C13 = pd.DataFrame(
    {"unit": [f"u{i:02}" for i in range(13)], "members": CASES["members"]}
)
EXACT = Tariff("unit", "unit", "none", 80, lambda qualified: 1500 * qualified)
ALLOWED = [
    (pool, level)
    for pool, level in product(LEVELS, LEVELS)
    if LEVELS.index(level) <= LEVELS.index(pool)
]
ALONE = set(ROUNDING_WORDS) - {"controlled", "random"}
"""Rules that count the stars of each pool by itself, without a draw."""
PHI = np.vectorize(NormalDist().cdf)


def printed(value, told):
    """Print a figure with as many decimals as the golden one has."""
    return f"{value:.{len(told.partition('.')[2])}f}" == told


def model_of(case):
    """Return the pass model of a golden case."""
    return PassModel(
        CASES["pass_share"], unit_sd=case["unit_sd"], city_sd=case["city_sd"]
    )


def exact_shares(model, nodes=None):
    """Return the distribution of 1500 yuan a head without a floor."""
    return distribute(cut_city(C13, model.pass_share, False), EXACT, model, nodes)


# golden figures


@pytest.mark.parametrize("nodes", [None, 61])
@pytest.mark.parametrize("case", CASES["exact_shares"], ids=str)
def test_exact_shares(case, nodes):
    """Mean, deviation, P95 and tail of 1500 yuan a head must be as printed."""
    bill = exact_shares(model_of(case), nodes)
    assert printed(bill.mean_yuan / 1000, case["mean"])
    assert printed(bill.sd_yuan / 1000, case["sd"])
    assert printed(bill.quantile(0.95) / 1000, case["p95"])
    assert printed(bill.tail_expectation(0.95) / 1000, case["es95"])
    assert case["clause"] == "F6"


def test_guarantee_with_both_leniencies():
    """The golden case with floor and rounding must come out to its printed digits."""
    case = CASES["guarantee"]
    bill = bill_distribution(C13, model=model_of(case))
    assert printed(bill.mean_yuan / 1000, case["mean"])
    assert printed(bill.sd_yuan / 1000, case["sd"])
    assert printed(bill.tail_expectation(0.95) / 1000, case["es95"])
    for share, thousands in case["quantiles"].items():
        assert bill.quantile(share) == 1000 * thousands
    for nodes, miss_k in case["nodes"].items():
        coarse = bill_distribution(C13, model=model_of(case), nodes=nodes)
        assert abs(coarse.mean_yuan - bill.mean_yuan) <= 1000 * miss_k
        assert abs(coarse.sd_yuan - bill.sd_yuan) <= 1000 * miss_k
        assert coarse.quantile(0.95) == bill.quantile(0.95)


def test_the_tail_expectation_is_the_coherent_one():
    """Of three readings of the tail, the one named in `tail_definition` is given."""
    case = CASES["tail_means"]
    bill = exact_shares(PassModel(CASES["pass_share"]))
    bound = bill.quantile(0.95)
    for key, is_in in (
        ("from_quantile_on", bill.yuan >= bound),
        ("above_quantile", bill.yuan > bound),
    ):
        mean = bill.chance[is_in] @ bill.yuan[is_in] / bill.chance[is_in].sum()
        assert printed(mean / 1000, case[key])
    assert printed(bill.tail_expectation(0.95) / 1000, case["coherent"])
    assert "一致性" in bill.tail_definition
    assert "Coherent" in bill.tail_definition


# closed forms


def both_pass(base, correlation):
    """Return P(two latent scores lie above 0) by a fine sum over what they share."""
    shared = np.linspace(-9, 9, 4001)
    weights = np.exp(-0.5 * shared**2)
    alone = PHI((base + math.sqrt(correlation) * shared) / math.sqrt(1 - correlation))
    return float(weights @ alone**2 / weights.sum())


@pytest.mark.parametrize("case", CASES["correlation"], ids=str)
@pytest.mark.parametrize("nodes", [None, 61])
def test_variance_in_closed_form(case, nodes):
    """Var Q must be that of correlated members, by the bivariate normal law."""
    model, p = model_of(case), CASES["pass_share"]
    total = 1 + model.unit_sd**2 + model.city_sd**2
    base = NormalDist().inv_cdf(p)
    unit = both_pass(base, (total - 1) / total)
    city = both_pass(base, model.city_sd**2 / total)
    m = np.array(CASES["members"])
    variance = (
        m.sum() * p * (1 - p)
        + (m * (m - 1)).sum() * (unit - p**2)
        + (m.sum() ** 2 - (m**2).sum()) * (city - p**2)
    )
    bill = exact_shares(model, nodes)
    assert bill.sd_yuan == pytest.approx(1500 * math.sqrt(variance), rel=1e-9)
    assert bill.mean_yuan == pytest.approx(1500 * p * m.sum(), rel=1e-9)
    assert printed((unit - p**2) / (p * (1 - p)), case["within"])
    assert printed(abs(city - p**2) / (p * (1 - p)), case["across"])


@pytest.mark.parametrize(("unit_sd", "city_sd"), [(0.5, 0.0), (0.0, 0.3), (3.0, 2.0)])
def test_large_units_need_no_more_care(unit_sd, city_sd):
    """The law of one unit of thousands must follow a fine sum, large deviations too."""
    n, p = 3000, 0.9
    counts = pd.DataFrame({"unit": ["a"], "members": [n]})
    model = PassModel(p, unit_sd=unit_sd, city_sd=city_sd)
    rules = AwardRules(floor="none", prizes_yuan=(1, 1, 1))
    bill = bill_distribution(counts, rules, model)
    sd = math.hypot(unit_sd, city_sd)
    draws = np.linspace(-8.5, 8.5, 6001)
    weights = np.exp(-0.5 * draws**2) / np.exp(-0.5 * draws**2).sum()
    latent = model.base + sd * draws
    for passes in (1500, 2600, 2900, 3000):
        logs = (
            math.lgamma(n + 1) - math.lgamma(passes + 1) - math.lgamma(n - passes + 1)
        )
        with np.errstate(divide="ignore"):
            heights = np.log(PHI(latent)) * passes
            lost = np.log(PHI(-latent)) * (n - passes) if passes < n else 0
        chance = weights @ np.exp(logs + heights + lost)
        found = bill.chance[bill.yuan == passes]
        assert found.sum() == pytest.approx(chance, rel=1e-8, abs=1e-15)
    assert bill.mean_yuan == pytest.approx(n * p, rel=1e-10)


@pytest.mark.parametrize("city_sd", [0.0, 0.3, 3.0])
def test_a_leniency_of_next_to_nothing_is_none(city_sd):
    """A tiny unit deviation must lead to the bill without one, in bounded work."""
    counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 60]})
    tiny, none = (
        bill_distribution(counts, model=PassModel(0.9, unit_sd=sd, city_sd=city_sd))
        for sd in (1e-7, 0.0)
    )
    assert (tiny.yuan == none.yuan).all()
    assert tiny.chance == pytest.approx(none.chance, abs=1e-9)


# every outcome tried

CHANCES = {
    ("a", "a1"): [0.9, 0.75, 0.5],
    ("a", "a2"): [0.3, 0.95],
    ("b", "b1"): [0.85, 0.85, 0.6, 0.99],
    ("b", "b2"): [0.2, 0.7, 0.8],
}
SMALL = pd.DataFrame(
    [(*grid, 1, share) for grid, shares in CHANCES.items() for share in shares],
    columns=["unit", "grid_id", "members", "pass_share"],
)
OUTCOMES = np.array(list(product([0, 1], repeat=len(SMALL))))
GRID_OF = pd.factorize(SMALL["grid_id"])[0]
UNIT_OF_GRID = np.array([0, 0, 1, 1])
SIZES = np.bincount(GRID_OF)


def sum_cells(cells, level):
    """Sum columns, one per grid, to the columns of a level."""
    codes = {"grid": np.arange(4), "unit": UNIT_OF_GRID, "city": np.zeros(4, int)}
    return np.stack(
        [cells[..., codes[level] == i].sum(-1) for i in np.unique(codes[level])], -1
    )


def regroup(columns, level, pool):
    """Sum columns of a level to those of a pool."""
    if level == pool:
        return columns
    if pool == "city":
        return columns.sum(-1, keepdims=True)
    return np.stack([columns[..., :2].sum(-1), columns[..., 2:].sum(-1)], -1)


def qualify(passed, members, floor):
    """Apply the floor of 80 %, written out anew."""
    least = -(-4 * members // 5)
    return {
        "guarantee": np.maximum(passed, least),
        "standard": passed * (passed >= least),
        "none": passed,
        "exact": np.broadcast_to(least, passed.shape),
        "cap": np.minimum(passed, least),
    }[floor]


def independent_chances():
    """Return the chance of every outcome of independent members."""
    share = SMALL["pass_share"].to_numpy()
    return np.where(OUTCOMES, share, 1 - share).prod(1)


def correlated_chances(model):
    """Return the chance of every outcome, leniencies summed over a fine grid."""
    draws = np.linspace(-8, 8, 81)
    weights = np.exp(-0.5 * draws**2) / np.exp(-0.5 * draws**2).sum()
    bases = np.array([model.base_of(share) for share in SMALL["pass_share"]])
    is_a = (SMALL["unit"] == "a").to_numpy()
    total = np.zeros(len(OUTCOMES))
    for draw, weight in zip(draws, weights, strict=True):
        sums = bases + model.city_sd * draw + model.unit_sd * draws[:, None]
        share = PHI(sums)
        parts = []
        for mine in (is_a, ~is_a):
            each = np.where(OUTCOMES[:, None, mine], share[:, mine], 1 - share[:, mine])
            parts.append(each.prod(2) @ weights)
        total += weight * parts[0] * parts[1]
    return total


INDEPENDENT = independent_chances()
LENIENT = PassModel(0.9, unit_sd=0.7, city_sd=0.4)
CORRELATED = correlated_chances(LENIENT)


def qualified_pools(pool, level, floor):
    """Return the qualified of every pool in every outcome."""
    passed = np.stack([OUTCOMES[:, i == GRID_OF].sum(1) for i in range(4)], -1)
    members = sum_cells(SIZES, level)
    return regroup(qualify(sum_cells(passed, level), members, floor), level, pool)


def law_of(yuan, chance):
    """Return sorted bills and their chances as a dictionary."""
    bills_found, places = np.unique(yuan, return_inverse=True)
    chances = np.bincount(places.ravel(), chance.ravel())
    return {int(x): p for x, p in zip(bills_found, chances, strict=True) if p > 1e-13}


def random_law(qualified, chance, shares=(60, 30, 10)):
    """Return the law of the bill where every pool draws its own j, all tried."""
    tuples, places = np.unique(qualified, axis=0, return_inverse=True)
    chances = np.bincount(places.ravel(), chance)
    n_pools = qualified.shape[1]
    draws = np.array(list(product(range(10), repeat=n_pools)))
    stars = count_stars(tuples[:, None, :], "random", shares, draws[None])
    yuan = sum(prize * n for prize, n in zip((1000, 2000, 3000), stars, strict=True))
    each = np.broadcast_to(chances[:, None] / len(draws), yuan.shape[:2])
    return law_of(yuan.sum(-1), each)


def agree(bill, law):
    """Assert that a distribution is a law, bill by bill."""
    found = dict(zip(bill.yuan.tolist(), bill.chance.tolist(), strict=True))
    for yuan in {*found, *law}:
        assert found.get(yuan, 0) == pytest.approx(law.get(yuan, 0), abs=2e-13), yuan


@pytest.mark.parametrize("rounding", sorted(ALONE))
@pytest.mark.parametrize("floor", sorted(FLOOR_WORDS))
def test_every_outcome_of_twelve_members(rounding, floor):
    """Each rule, floor and level must weigh the bills as all 4,096 outcomes do."""
    for pool, level in ALLOWED:
        rules = AwardRules(rounding=rounding, pool=pool, floor=floor, floor_level=level)
        qualified = qualified_pools(pool, level, floor)
        yuan = price_stars(qualified, rules)[-1].sum(1)
        bill = bill_distribution(SMALL, rules)
        agree(bill, law_of(yuan, INDEPENDENT))
        if rounding in ("cum_half_up", "floor_unfilled"):
            agree(bill_distribution(SMALL, rules, LENIENT), law_of(yuan, CORRELATED))
        bounds = settle_awards(SMALL.drop(columns="pass_share"), rules)
        assert bill.least_yuan == bounds.least_yuan
        assert bill.most_yuan == bounds.most_yuan


@pytest.mark.parametrize("floor", sorted(FLOOR_WORDS))
def test_random_rounding_is_an_exact_mixture(floor):
    """Under `random` every draw of every pool must weigh the same, and 1500 q hold."""
    for pool, level in ALLOWED:
        if pool == "grid" and floor != "none":
            continue  # ten thousand draws in every outcome: once is enough
        rules = AwardRules(rounding="random", pool=pool, floor=floor, floor_level=level)
        qualified = qualified_pools(pool, level, floor)
        bill = bill_distribution(SMALL, rules)
        agree(bill, random_law(qualified, INDEPENDENT))
        expected = 1500 * (INDEPENDENT @ qualified.sum(1))
        assert bill.mean_yuan == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("floor", sorted(FLOOR_WORDS))
def test_random_rounding_knows_its_bounds(floor):
    """Bounds under `random` are those of the cheapest and the dearest draw."""
    least, most = 0, 0
    for members in (6, 23):
        q = qualify(np.arange(members + 1), np.array(members), floor)
        stars = count_stars(q, "random", draw=np.arange(10)[:, None])
        yuan = sum(1000 * (star + 1) * n for star, n in enumerate(stars))
        least, most = least + int(yuan.min()), most + int(yuan.max())
    counts = pd.DataFrame({"unit": ["a", "b"], "members": [6, 23]})
    rules = AwardRules(rounding="random", floor=floor)
    bill, bounds = bill_distribution(counts, rules), settle_awards(counts, rules)
    assert (bill.least_yuan, bill.most_yuan) == (least, most)
    assert (bounds.least_yuan, bounds.most_yuan) == (least, most)


@pytest.mark.parametrize("pool", LEVELS)
@pytest.mark.parametrize("level", LEVELS)
def test_controlled_rounding_costs_what_a_city_pool_does(pool, level):
    """Under `controlled` the bill is that of the city's q, wherever the floor is."""
    rules = AwardRules(rounding="controlled", pool=pool, floor_level=level)
    qualified = qualified_pools("city", level, "guarantee")
    yuan = price_stars(qualified[:, 0], AwardRules())[-1]
    bill = bill_distribution(SMALL, rules)
    agree(bill, law_of(yuan, INDEPENDENT))
    cells = SMALL.drop(columns="pass_share")
    bounds = settle_awards(cells, rules)
    assert bounds.least_yuan <= bill.least_yuan <= bill.most_yuan <= bounds.most_yuan
    for outcome in (0, 1234, 4095):
        settled = settle_awards(cells.assign(passed=OUTCOMES[outcome]), rules)
        assert settled.amount_yuan == yuan[outcome]


@pytest.mark.parametrize("prizes", [(999, 2001, 3007), (0, 0, 1), (7, 7, 7), (0, 0, 0)])
def test_any_whole_prize_is_told_to_the_yuan(prizes):
    """Prizes without a common divisor must lead to whole yuan, each in its place."""
    rules = AwardRules(prizes_yuan=prizes, floor="none")
    yuan = price_stars(qualified_pools("unit", "unit", "none"), rules)[-1].sum(1)
    bill = bill_distribution(SMALL, rules)
    agree(bill, law_of(yuan, INDEPENDENT))
    assert bill.yuan.dtype == np.int64


def test_without_a_floor_its_level_says_nothing():
    """`none` must be exact at every level, also where a floor would forbid it."""
    for pool, level in product(LEVELS, LEVELS):
        rules = AwardRules(pool=pool, floor="none", floor_level=level)
        yuan = price_stars(qualified_pools(pool, pool, "none"), rules)[-1].sum(1)
        agree(bill_distribution(SMALL, rules), law_of(yuan, INDEPENDENT))


@pytest.mark.parametrize("floor", sorted(set(FLOOR_WORDS) - {"none"}))
@pytest.mark.parametrize(
    ("pool", "level"), sorted(set(product(LEVELS, LEVELS)) - set(ALLOWED))
)
def test_a_floor_above_the_pool_is_refused(pool, level, floor):
    """Where it matters who just fails, the error says so and names the way out."""
    rules = AwardRules(pool=pool, floor=floor, floor_level=level)
    with pytest.raises(InputError) as caught:
        bill_distribution(SMALL, rules)
    for told in (f"floor_level={level}", f"pool={pool}", "simulation", "settle_awards"):
        assert told in str(caught.value)
    assert "模拟" in caught.value.message_zh
    assert settle_awards(SMALL, rules).most_yuan > 0


# what holds of every distribution


def test_blocks_change_no_figure(monkeypatch):
    """Laying out few chances at a time must lead to the same distribution."""
    rules = AwardRules(pool="grid", floor_level="grid")
    for limit, n, case in (
        ("AT_ONCE", 60, (SMALL, rules, LENIENT)),
        ("MOST_CASES", 10, (C13, None, model_of(CASES["guarantee"]))),
    ):
        one = bill_distribution(*case)
        with monkeypatch.context() as narrow:
            narrow.setattr(bills, limit, n)
            other = bill_distribution(*case)
        assert (one.yuan == other.yuan).all()
        assert one.chance == pytest.approx(other.chance, abs=1e-14)


@pytest.mark.parametrize("model", [PassModel(), PassModel(0.9, unit_sd=0.5)])
def test_equal_members_may_share_a_row(model):
    """Members of one chance must count alike, in one row or in many, few or many."""
    rows = [("a", 30, 0.9), ("a", 3, 0.5), ("a", 12, 0.7), ("b", 9, 0.7), ("b", 2, 0.7)]
    few = pd.DataFrame(rows, columns=["unit", "members", "pass_share"])
    many = few.loc[few.index.repeat(few["members"])].assign(members=1)
    one, other = (bill_distribution(table, model=model) for table in (few, many))
    assert (one.yuan == other.yuan).all()
    assert one.chance == pytest.approx(other.chance, abs=1e-14)
    if not model.unit_sd:
        alone = few["pass_share"].repeat(few["members"]).to_numpy()
        city = AwardRules(pool="city", floor="none", prizes_yuan=(1, 1, 1))
        found = bill_distribution(few, city)
        plain = poisson_binomial(alone)
        assert found.chance == pytest.approx(plain[found.yuan], abs=1e-14)


MODELS = st.builds(
    PassModel,
    st.sampled_from([0.0, 0.05, 0.5, 0.9, 1.0]),
    unit_sd=st.sampled_from([0.0, 0.5, 4.0]),
    city_sd=st.sampled_from([0.0, 0.3, 6.0]),
)
TABLES = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 40)), max_size=5
).map(
    lambda rows: pd.DataFrame(rows, columns=["unit", "members"]).astype(
        {"members": int}
    )
)
RULES = st.builds(
    AwardRules,
    rounding=st.sampled_from(sorted(ROUNDING_WORDS)),
    pool=st.sampled_from(["unit", "city"]),
    floor=st.sampled_from(sorted(FLOOR_WORDS)),
)


@settings(max_examples=60)
@given(TABLES, RULES, MODELS)
def test_quantiles_tails_and_sufficiency_agree(counts, rules, model):
    """P50 … rise, reach their share and no less does; tails lie between them."""
    bill = bill_distribution(counts, rules, model)
    shares = [0.001, 0.3, 0.5, 0.9, 0.95, 0.999]
    quantiles = [bill.quantile(share) for share in shares]
    assert quantiles == sorted(quantiles)
    for share, yuan in zip(shares, quantiles, strict=True):
        assert bill.sufficiency(max(yuan, 1)) >= share - 1e-12
        assert yuan < 2 or bill.sufficiency(yuan - 1) < share
        assert bill.appropriation_for(share) == yuan
        tail = bill.tail_expectation(share)
        assert max(yuan, bill.mean_yuan) - 1e-6 <= tail <= bill.most_yuan + 1e-6
    assert bill.sufficiency(max(bill.most_yuan, 1)) == 1
    table = bill.exceedance()
    assert table["chance"].sum() == pytest.approx(1, abs=1e-12)
    total = table["sufficiency_share"] + table["exceedance_share"]
    assert total.to_numpy() == pytest.approx(1, abs=1e-12)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 19))
def test_tail_expectation_by_fractions(weights, twentieths):
    """The dearest 1 - a of outcomes, cut to the part needed, must have that mean."""
    total, share = sum(weights), Fraction(twentieths, 20)
    yuan = [500 * k * k for k in range(len(weights))]
    missing, mean = 1 - share, Fraction(0)
    for x, weight in sorted(zip(yuan, weights, strict=True), reverse=True):
        part = min(missing, Fraction(weight, total))
        mean, missing = mean + part * x, missing - part
    bill = BillDistribution(
        np.array(yuan), np.array(weights) / total, yuan[0], yuan[-1]
    )
    found = bill.tail_expectation(float(share))
    assert found == pytest.approx(float(mean / (1 - share)), abs=1e-6)


@pytest.mark.parametrize("n", [1, 3, 7, 10, 49])
def test_rounding_moves_no_quantile(n):
    """Where k of n equal chances make up the share exactly, the k-th bill is it."""
    bill = BillDistribution(1000 * np.arange(n), np.full(n, 1 / n), 0, 1000 * n)
    for k in range(1, n):
        assert bill.quantile(k / n) == 1000 * (k - 1)
    even = bill_distribution(
        pd.DataFrame({"unit": ["a"], "members": [15]}),
        AwardRules(floor="none"),
        PassModel(0.5),
    )
    # 0 … 7 of 15 pass with a chance of exactly one half
    assert even.quantile(0.5) == int(price_stars(np.array(7), AwardRules())[-1])


def test_who_is_who_changes_nothing():
    """Names and order of units, grids and rows must not change a bit of the result."""
    rules = AwardRules(pool="unit", floor_level="grid")
    shuffled = SMALL.sample(frac=1, random_state=4)
    renamed = shuffled.replace({"unit": {"a": "z"}, "grid_id": {"b1": "0"}})
    one, other = (bill_distribution(c, rules, LENIENT) for c in (SMALL, renamed))
    assert (one.yuan == other.yuan).all()
    assert (one.chance == other.chance).all()


def test_certain_members_leave_one_bill():
    """Where all or none pass there is one bill; without members it is 0."""
    for share, k in ((1, 2251), (0, 1810)):
        bill = bill_distribution(C13, model=PassModel(share, unit_sd=0.5, city_sd=0.3))
        assert bill.yuan.tolist() == [1000 * k]
        assert (bill.sd_yuan, bill.quantile(0.5)) == (0, 1000 * k)
    for rows in ([], [("a", 0), ("b", 0)]):
        none = pd.DataFrame(rows, columns=["unit", "members"]).astype({"members": int})
        bill = bill_distribution(none, model=LENIENT)
        assert (bill.yuan.tolist(), bill.least_yuan, bill.most_yuan) == ([0], 0, 0)


def test_a_million_members_in_thirteen_units():
    """A country's members must be as easy: mean, and the bounds of settle_awards."""
    counts = C13.assign(members=667 * C13["members"])
    bill = bill_distribution(counts, AwardRules(floor="none"), PassModel(0.9))
    assert bill.mean_yuan == pytest.approx(1500 * 0.9 * 1_000_500, abs=13_000)
    assert bill.sd_yuan == pytest.approx(1500 * math.sqrt(0.09 * 1_000_500), rel=1e-3)
    bounds = settle_awards(counts, AwardRules(floor="none"))
    assert (bill.least_yuan, bill.most_yuan) == (bounds.least_yuan, bounds.most_yuan)


def test_the_distribution_cannot_be_wrong_or_changed():
    """Chances that miss 1, falling bills and bills beyond the bounds are refused."""
    half = np.array([0.5, 0.5])
    for yuan, chance, most in (
        ([0, 1], half / 2, 1),
        ([1, 0], half, 1),
        ([0, 1], half, 0),
        ([], half[:0], 0),
    ):
        with pytest.raises(ValueError, match="bill|chances"):
            BillDistribution(np.array(yuan, dtype=int), chance, 0, most)
    bill = bill_distribution(C13)
    for array in (bill.yuan, bill.chance):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_summary_says_bounds_first():
    """The sheet's figures: hard bounds, expectation, percentiles, tail, confidence."""
    bill = bill_distribution(C13, model=model_of(CASES["guarantee"]))
    table = bill.summary(2_185_000)
    labels = table["label_zh"].tolist()
    assert labels[:9] == [
        "下限",
        "上限",
        "期望",
        "标准差",
        *("P50", "P80", "P90", "P95", "P99"),
    ]
    figures = table.set_index("measure")["yuan"]
    assert figures["least"] == 1_810_000
    assert figures["most"] == 2_251_000
    assert figures["mean"] == 2_059_234
    assert figures["p95"] == 2_185_000
    assert figures["es95"] == 2_201_885
    assert figures["contingency"] == 100_000
    assert labels[-1] == "拨款2,185,000元足额的概率"
    assert 0.95 <= table["share"].iloc[-1] < 0.96
    assert "share" not in bill.summary().dropna(axis=1, how="all")
    shown = bill._repr_html_()
    for told in ("2,185,000", "下限", "评定范围：各二级统计网格", "年度宽严标准差0.3"):
        assert told in shown


# what is refused


def refuse(table, *told, rules=None, **options):
    """Assert that a table is refused in words that name every place told."""
    with pytest.raises(InputError) as caught:
        bill_distribution(pd.DataFrame(table), rules, **options)
    for words in told:
        assert words in caught.value.message_zh, words
    return str(caught.value)


def test_bad_tables_are_refused_with_row_and_value():
    """Per cents, negative, fractional, missing and nameless cells are all named."""
    refuse(
        {"unit": ["a", "b"], "members": [20, 20], "pass_share": [0.9, 90]},
        *("pass_share", "第2行（b）90", "90%写作0.9", "2行中有1行"),
    )
    refuse({"unit": ["a"], "members": [-3]}, "members", "第1行（a）-3")
    refuse({"unit": ["a"], "members": [2.5]}, "members", "第1行（a）2.5")
    refuse({"unit": ["a"], "members": [20.0]}, "members", "第1行（a）20.0")
    refuse({"unit": ["a", "b"], "members": [True, 3]}, "第1行（a）True")
    refuse({"unit": ["a"], "members": ["20"]}, "第1行（a）'20'")
    refuse({"unit": ["a", None], "members": [1, 2]}, "unit 不能空缺", "第2行")
    refuse(
        {"unit": ["a"] * 5, "members": [-1] * 5, "pass_share": [math.nan] * 5},
        *("5行中有5行", "第3行（a）-1等", "第1行（a）nan"),
    )


def test_bad_columns_are_refused_by_name():
    """A column nobody knows, and one that is missing, are told with those that are."""
    refuse({"unit": ["a"], "members": [3], "passed": [2]}, "不认识的列 passed")
    refuse({"unit": ["a"], "number": [3]}, "缺少列 members", "不认识的列 number")
    grid = AwardRules(pool="grid", floor_level="grid")
    refuse({"unit": ["a"], "members": [3]}, "缺少列 grid_id", "企业网格", rules=grid)
    nameless = {"unit": ["a"], "members": [3], "grid_id": [" "]}
    refuse(nameless, "grid_id 不能空缺", "第1行（a）", rules=grid)


@pytest.mark.parametrize("nodes", [0, 101, 61.0, True, "61"])
def test_bad_numbers_of_nodes_are_refused(nodes):
    """Nodes are whole numbers within what numpy computes."""
    refuse({"unit": ["a"], "members": [3]}, repr(nodes), nodes=nodes)


@pytest.mark.parametrize("share", [0, 1, 95, -0.1, "0.95", math.nan, True])
def test_bad_shares_are_refused(share):
    """A confidence lies between 0 and 1; a per cent is told how to be written."""
    bill = bill_distribution(C13)
    for ask in (bill.quantile, bill.tail_expectation, bill.appropriation_for):
        with pytest.raises(InputError, match="0.95"):
            ask(share)


def test_too_many_bills_are_refused():
    """Prizes without a common divisor and many members are told the way out."""
    rules = AwardRules(prizes_yuan=(1, 2, 1_000_000), floor="none")
    told = refuse({"unit": ["a", "b"], "members": [900, 900]}, "评定范围", rules=rules)
    assert "simulation" in told
    city = rules.model_copy(update={"pool": "city", "floor_level": "city"})
    counts = pd.DataFrame({"unit": ["a", "b"], "members": [900, 900]})
    assert bill_distribution(counts, city).most_yuan > 10**8
