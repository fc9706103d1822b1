"""Inputs made to break a cut: the answer is whole, the bound is true, nothing wraps."""

from __future__ import annotations

import numpy as np
import pytest
from exhaustive import best_cost
from test_certificate_fuzz import ARRAYS, problem_of
from test_solvers import assert_valid

from gridopt.certificate import Certificate, Evidence, claimed_cost, proven_bound
from gridopt.problem import n_grids_by_target
from gridopt.solvers import Effort, solve

SMALL, USUAL = (3, 5, 4), (15, 25, 20)
QUICK = Effort(
    rounds=1,
    bound_steps=60,
    trials=2,
    long_trials=100,
    window_volume=10**8,
    cases=20,
    case_steps=40,
)
CHINA = (73.0, 135.0, 18.0, 53.0)
"""From the western end of Xinjiang to the eastern of Heilongjiang, degrees."""


def one_place(rng, n):
    """All points equal."""
    return np.full(n, 121.2), np.full(n, 28.1)


def on_a_line(rng, n):
    """Collinear, at equal distances: ties everywhere."""
    return np.full(n, 121.2), 28.0 + 0.001 * rng.permutation(n)


def on_a_meridian_and_parallel(rng, n):
    """Two lines that cross."""
    along, is_east = 0.002 * np.arange(n), np.arange(n) % 2
    return 121.0 + along * is_east, 28.0 + along * (1 - is_east)


def two_clumps(rng, n):
    """Two clumps a thousand kilometres apart, so sized that a grid has to straddle."""
    far = np.arange(n) % 3 == 0
    jitter = rng.uniform(0, 0.01, (2, n))
    return 111.0 + 10 * far + jitter[0], 28.0 + jitter[1]


def one_outlier(rng, n):
    """One enterprise at the other end of the country."""
    east, north = np.full(n, 121.2), np.full(n, 28.1)
    east[0], north[0] = CHINA[0], CHINA[3]
    return east + rng.uniform(0, 0.01, n), north


def whole_country(rng, n):
    """Anywhere in China."""
    return rng.uniform(*CHINA[:2], n), rng.uniform(*CHINA[2:], n)


def few_buildings(rng, n):
    """Three buildings, each with a third of the enterprises."""
    at = np.arange(n) % 3
    return 121.2 + 0.01 * at, 28.1 + 0.02 * (at == 1)


PLACES = (
    one_place, on_a_line, on_a_meridian_and_parallel, two_clumps, one_outlier,
    whole_country, few_buildings,
)  # fmt: skip


def make_case(places, n, rules=USUAL, weight=1.0, **changes):
    """Make a block as the checker sees it: a claim without a proof, and evidence."""
    longitude, latitude = places(np.random.default_rng(n), n)
    nothing = np.full(n, "")
    evidence = Evidence(
        longitude, latitude, np.full(n, weight), nothing, nothing, np.full(n, -1)
    )
    least, most, target = rules
    empty = np.empty((0, 2), dtype=np.int64)
    usual = {
        "n_grids": (n_grids_by_target(n, *rules),) * 2,
        "previous_ids": (),
        **dict.fromkeys(("size_price", "area_price", "linkage_price"), 0),
        **dict.fromkeys(("fixed", "forbidden", "must_link", "cannot_link"), ()),
        **dict.fromkeys(ARRAYS, empty),
    }
    certificate = Certificate(
        block_id="hostile",
        enterprise_ids=tuple(f"e{i:05d}" for i in range(n)),
        least=least,
        most=most,
        target=target,
        mover_price=0,
        cost=0,
        bound=None,
        **{**usual, **changes},
    )
    return certificate, evidence


def assert_true(certificate, evidence, effort=None):
    """Cut a block; hold plan, cost, bound and proof against independent figures."""
    problem = problem_of(certificate, evidence)
    result = solve(problem, effort=effort)
    assert_valid(problem, result)
    claim = Certificate(
        **{**vars(certificate), **{name: getattr(result.tree, name) for name in ARRAYS}}
    )
    medoid_of = result.medoids[result.labels]
    labels = result.grid_labels[result.labels]
    assert claimed_cost(claim, evidence, medoid_of, labels) == result.cost
    assert 0 <= result.bound <= result.cost
    assert proven_bound(claim, evidence) == result.bound
    return problem, result


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n", [3, 9, 10, 12])
@pytest.mark.parametrize("places", PLACES)
def test_small_hostile_blocks_are_cut_at_their_best(places, n):
    """Up to twelve enterprises, n = kL and n = kU among them: the optimum, proven."""
    problem, result = assert_true(*make_case(places, n, SMALL))
    assert result.cost == best_cost(problem)
    assert result.status == "optimal"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n", [45, 50, 64])
@pytest.mark.parametrize("places", PLACES)
def test_hostile_blocks_are_cut_within_true_bounds(places, n):
    """Usual bands: n = 3 L = 45, n = 2 U = 50, and room to spare."""
    assert_true(*make_case(places, n), effort=QUICK)


@pytest.mark.parametrize(("n", "k"), [(45, 3), (75, 3), (75, 5), (150, 10), (150, 6)])
@pytest.mark.parametrize("places", [two_clumps, few_buildings, whole_country])
def test_no_room_in_the_band_still_gives_true_bounds(places, n, k):
    """Where n = k L or n = k U every grid has to be of one size."""
    _, result = assert_true(*make_case(places, n, n_grids=(k, k)), effort=QUICK)
    assert set(np.bincount(result.labels).tolist()) == {n // k}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("places", [one_place, few_buildings, whole_country])
def test_three_thousand_enterprises_are_cut(places):
    """All in one building, in three, or anywhere in the country."""
    _, result = assert_true(*make_case(places, 3000), effort=QUICK)
    assert (places is whole_country) == (result.cost > 0)


def test_thirds_of_a_building_are_not_torn():
    """Three thousand in three buildings travel nowhere, and that is proven."""
    _, result = assert_true(*make_case(few_buildings, 3000), effort=QUICK)
    assert (result.cost, result.bound, result.status) == (0, 0, "optimal")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n", [12, 60])
@pytest.mark.parametrize(
    ("weight", "price"), [(1000.0, 10**7), (1e-3, 10**7), (7.5, 1)]
)
def test_heavy_members_and_dear_wishes_do_not_wrap(n, weight, price):
    """A country's distances, a thousandfold, under prices of a thousand kilometres."""
    rules = SMALL if n == 12 else USUAL
    case = make_case(whole_country, n, rules, weight, size_price=price)
    problem, result = assert_true(*case)
    if n == 12:
        assert result.cost == best_cost(problem)


def test_one_enterprise_is_a_grid():
    """One enterprise meets at itself, at no cost, proven."""
    _, result = assert_true(*make_case(one_place, 1, (1, 3, 2)))
    assert (result.labels.tolist(), result.medoids.tolist()) == ([0], [0])
    assert (result.cost, result.status) == (0, "optimal")


def test_one_enterprise_off_the_target_pays_for_it():
    """One enterprise where two are wanted costs the price of one head, proven."""
    _, result = assert_true(*make_case(one_place, 1, (1, 3, 2), size_price=70))
    assert (result.cost, result.bound) == (70, 70)
