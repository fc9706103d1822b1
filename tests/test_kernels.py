"""Each compiled loop gives what a slow and independent one gives, compiled or not.

The whole file is also run with NUMBA_DISABLE_JIT=1, so that coverage sees the loops.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pkgutil
import subprocess
import sys
from contextlib import suppress
from itertools import combinations
from pathlib import Path

import numba
import numpy as np
import pytest
from exhaustive import best_cost, pair_costs
from odd_blocks import FEATURES, draw_block

from gridopt import solvers
from gridopt.problem import NONE, Problem
from gridopt.solvers import (
    Contradiction,
    Effort,
    compiling,
    feasible_counts,
    offers,
    prices,
    solve,
)
from gridopt.solvers.ascent import CASE, ROOT, Reached, _climb_of
from gridopt.solvers.assignment import Arcs, flow
from gridopt.solvers.bound import medoid_values
from gridopt.solvers.branching import find_broken
from gridopt.solvers.choosing import (
    FEWEST,
    MEDOID,
    MOST,
    PARENT,
    VALUE,
    Limits,
    choose,
    lay_limits,
    ranking_of,
)
from gridopt.solvers.climbing import BEST, LOWER, N_STEPS, NOW, REACHED, climb_on
from gridopt.solvers.clustering import gather, merge_nearest
from gridopt.solvers.compiling import kernel
from gridopt.solvers.costs import best_medoid
from gridopt.solvers.cut import CARRIES, COUNT, MEETS, PAID, cut_of
from gridopt.solvers.draws import draw, draws_of
from gridopt.solvers.entries import keep_list, keep_row
from gridopt.solvers.ground import Ground
from gridopt.solvers.labelling import bound_value
from gridopt.solvers.offers import FOUND_VALUE, HOME, LEAVE, OWN, STAY
from gridopt.solvers.pairs import best_cut, improve_pairs
from gridopt.solvers.prices import BIG, Prices
from gridopt.solvers.pricing import price_all
from gridopt.solvers.recreate import recreate
from gridopt.solvers.regions import NEVER, Choice, Regions
from gridopt.solvers.result import DUAL_SCALE, Duals, Plan
from gridopt.solvers.settling import cluster_of, settled
from gridopt.solvers.start import alternate, seed_medoids
from gridopt.solvers.transport import OFF_BAND, moves_of, transport
from gridopt.solvers.warming import warm_up
from gridopt.solvers.work import Work

# draws pass 64 bits on purpose; without machine code numpy warns of it
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in scalar")

IS_COMPILED = not numba.config.DISABLE_JIT
UNLINKED = set(FEATURES) - {"must_link", "cannot_link"}


@kernel
def call_draw(state, below):
    """Let Python draw."""
    return draw(state, below)


@kernel
def call_keep_row(row, net, kept, values, seen):
    """Let Python keep the least of a row."""
    keep_row(row, net, kept, values, seen, 1)


@kernel
def call_keep_list(near, costs, net, top, kept, values, seen):
    """Let Python keep the least of a list."""
    keep_list(near, costs, net, top, kept, values, seen, 1)


@kernel
def call_bound_value(own, row, net, pi, terms, sigma, j, level, sizes, band, scratch):
    """Let Python bound the value of a grid."""
    return bound_value(
        own, row, net, pi, terms[STAY], terms[HOME], sigma, j, level, sizes, band,
        scratch.savings, scratch.found[FOUND_VALUE],
    )  # fmt: skip


@kernel
def call_transport(cost, slots, counts, sizes, band, moves, g, m):
    """Let Python share members out."""
    return transport(cost, slots, counts, sizes, band, moves, g, m)


@kernel
def call_best_medoid(costs, members, n, medoid):
    """Let Python find where members meet."""
    return best_medoid(costs, members, n, medoid)


@kernel
def call_best_cut(base, extra, both, cap, is_even, keep):
    """Let Python cut two grids."""
    return best_cut(base, extra, both, cap, is_even, keep)


@kernel
def call_choose(rules, tables, lengths, chosen):
    """Let Python choose medoids."""
    return choose(rules, tables, lengths, chosen)


def test_draws_are_those_of_splitmix64():
    """The first numbers of seed 0 are the published ones, without their last bits."""
    known = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    state = draws_of(0)
    assert [call_draw(state, 1 << 62) for _ in known] == [z >> 2 for z in known]
    state = draws_of((1 << 64) + 0)
    assert [call_draw(state, 10) for _ in known] == [(z >> 2) % 10 for z in known]


def test_draws_stay_below_and_reach_everything():
    """Whatever the seed, a draw is one of the numbers asked for, and each comes."""
    state = draws_of(-1)
    assert {call_draw(state, 7) for _ in range(200)} == set(range(7))
    assert call_draw(state, 1) == 0


@pytest.mark.parametrize("seed", range(20))
def test_the_least_of_a_row_are_kept(seed):
    """Whoever was kept before, the least entries are, rising, each by one member."""
    rng = np.random.default_rng(seed)
    n, few = int(rng.integers(2, 30)), int(rng.integers(1, 6))
    row, net = rng.integers(0, 5 * few, n), rng.integers(-few, few, n)
    width = int(rng.integers(1, n + 1))
    kept = rng.permutation(n)[:width].astype(np.int32)
    values, seen = np.zeros(width, dtype=np.int64), np.zeros(n, dtype=np.int64)
    call_keep_row(row, net, kept, values, seen)
    assert values.tolist() == sorted((row - net).tolist())[:width]
    assert (row - net)[kept].tolist() == values.tolist()
    assert len(set(kept.tolist())) == width


def test_ties_leave_kept_who_was_kept():
    """An entry that is as good as the worst kept one takes nobody's place."""
    row, net = np.array([3, 1, 1, 1, 1, 0]), np.zeros(6, dtype=np.int64)
    kept = np.array([4, 2], dtype=np.int32)
    values, seen = np.zeros(2, dtype=np.int64), np.zeros(6, dtype=np.int64)
    call_keep_row(row, net, kept, values, seen)
    assert kept.tolist() == [5, 4]
    assert values.tolist() == [0, 1]


@pytest.mark.parametrize("seed", range(20))
def test_the_least_of_a_list_are_kept(seed):
    """A list by rising cost is left where no entry behind can be among the least."""
    rng = np.random.default_rng(seed)
    n, few = int(rng.integers(2, 30)), int(rng.integers(1, 6))
    near = rng.permutation(n).astype(np.int32)[: int(rng.integers(1, n + 1))]
    costs, net = (
        np.sort(rng.integers(0, 5 * few, len(near))),
        rng.integers(-few, few, n),
    )
    width = int(rng.integers(1, len(near) + 1))
    kept = rng.permutation(len(near))[:width].astype(np.int32)
    values, seen = np.zeros(width, dtype=np.int64), np.zeros(n, dtype=np.int64)
    call_keep_list(near, costs, net, int(net.max()), kept, values, seen)
    assert values.tolist() == sorted((costs - net[near]).tolist())[:width]
    assert (costs - net[near])[kept].tolist() == values.tolist()
    assert len(set(kept.tolist())) == width


@pytest.fixture(params=["whole rows", "lists"])
def looks(request, monkeypatch):
    """Look at all members of each medoid, or at lists as in a large block."""
    if request.param == "lists":
        monkeypatch.setattr(offers, "_MOST_WHOLE", 3)
        monkeypatch.setattr(prices, "_MOST_CACHED", 3)
    return request.param


def draw_duals(rng, problem):
    """Draw prices about as high as what enterprises pay."""
    everyone = np.arange(problem.n)
    mean = int(problem.member_costs(everyone, everyone).mean()) * DUAL_SCALE
    spread = int(rng.integers(1, 2 * mean + 2))
    pi = mean + rng.integers(-spread, spread + 1, problem.n)
    sigma = rng.integers(0, spread + 1, problem.n_labels) * (rng.random() < 0.7)
    return Duals(pi // 16 * 16, sigma // 16 * 16)


def assert_same_values(found, known):
    """Values are equal, and beyond any plan where the others are."""
    far = 1 << 52
    assert np.minimum(found, far).tolist() == np.minimum(known, far).tolist()


@pytest.mark.parametrize("seed", range(40))
def test_every_medoid_is_priced_as_numpy_prices_it(seed, looks):
    """Whatever the prices, labels, wishes and ways, each least column is the same."""
    problem = draw_block(seed)
    rng, ground = np.random.default_rng(seed), Ground.of_problem(problem)
    values = np.empty(problem.n, dtype=np.int64)
    for _ in range(3):
        duals = draw_duals(rng, problem)
        pi, sigma = duals.pi.copy(), duals.sigma.copy()
        price_all(ground.costs, ground.offers, pi, sigma, ground.scratch, values)
        assert_same_values(values, medoid_values(ground.prices, duals))


def best_bound(ground, pi, sigma, j, band):
    """Give the best bound on a grid at j of such sizes, over the prices of places."""
    row, terms = ground.offers.rows[j], ground.offers.terms
    net = pi - terms[LEAVE]
    levels = np.concatenate([row - net, row + terms[STAY] - pi])
    return max(
        call_bound_value(
            terms[OWN, j], row, net, pi, terms, sigma, j, level,
            ground.offers.sizes, band, ground.scratch,
        )
        for level in levels[levels < 1 << 50].tolist() or [0]
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_no_grid_is_worth_less_than_its_bound(seed):
    """Whatever a place costs, no label is below; without any, the best bound is it."""
    problem = draw_block(seed)
    rng, ground = np.random.default_rng(seed), Ground.of_problem(problem)
    duals, (least, most) = draw_duals(rng, problem), ground.costs.band
    pi, sigma = duals.pi.copy(), duals.sigma.copy()
    for j, known in enumerate(medoid_values(ground.prices, duals).tolist()):
        assert best_bound(ground, pi, sigma, j, (least, most)) <= known
        if problem.n_labels == 0:
            sizes = [(q, q) for q in range(least, most + 1)]
            assert min(best_bound(ground, pi, sigma, j, q) for q in sizes) == known


def limits_of(regions, limits):
    """Lay limits on regions out for the loops."""
    sizes, r = regions.sizes, len(regions.spans)
    named = np.array(sorted(limits, key=lambda q: sizes[q] * r - q))
    rules = np.empty((3, len(named)), dtype=np.int64)
    rules[[FEWEST, MOST]] = np.array([limits[q] for q in named]).T
    home = np.zeros(len(regions.order), dtype=np.int64)
    lay_limits(regions.order, regions.spans, named, home, rules[PARENT])
    return Limits(home, rules)


def draw_limits(rng, regions, counts):
    """Draw limits for the whole block and for some regions."""
    limits = {0: counts}
    for region in rng.integers(1, len(regions.spans), rng.integers(0, 6)).tolist():
        low = int(rng.integers(0, 2))
        limits[region] = (low, low + int(rng.integers(0, 3)))
    return limits


def dual_value(problem, regions, limits, duals):
    """What prices prove within limits, by numpy; `NEVER` where nothing keeps them."""
    values = medoid_values(Prices(problem), duals)
    least = int(Choice(regions, limits).least(values)[0])
    return least if least >= NEVER // 2 else least + duals.pi.sum() - duals.sigma.sum()


@pytest.mark.parametrize("seed", range(30))
def test_a_climb_proves_what_it_says(seed, looks):
    """After many steps the best value is that of the best prices, none is too high."""
    has = UNLINKED - {"forbidden"} if looks == "lists" else UNLINKED
    problem = draw_block(seed, has if seed % 2 else None)
    if looks == "lists" and len(problem.forbidden):
        return  # lists do not look for who is barred: what they say is an estimate
    rng, ground = np.random.default_rng(seed), Ground.of_problem(problem)
    regions = Regions.of_prices(ground.prices)
    limits = draw_limits(rng, regions, problem.n_grids)
    laid, start = limits_of(regions, limits), Reached.start(draw_duals(rng, problem))
    for pace in (ROOT, CASE):
        climb = _climb_of(ground, start, laid, pace)
        aim = int(rng.integers(1, 3)) * int(start.duals.pi.sum())
        climb_on(
            ground.costs, ground.offers, laid, ranking_of(laid), climb, ground.scratch,
            pace, aim, 1 << 59, 60,
        )  # fmt: skip
        best, now = (
            Duals(climb.duals[at, : problem.n].copy(), climb.duals[at, problem.n :])
            for at in (BEST, NOW)
        )
        known = dual_value(problem, regions, limits, best)
        if known >= NEVER // 2:
            assert climb.counts[REACHED] >= NEVER // 2
            return
        assert climb.counts[REACHED] == known
        assert climb.counts[N_STEPS] > 0
        assert (climb.last[LOWER] <= medoid_values(ground.prices, now)).all()


@pytest.mark.parametrize("seed", range(40))
def test_medoids_are_chosen_as_numpy_chooses_them(seed):
    """Limits on nested regions lead to the same least sum, and are kept."""
    rng = np.random.default_rng(seed)
    problem = draw_block(seed, set())
    regions = Regions.of_prices(Prices(problem))
    limits = draw_limits(rng, regions, problem.n_grids)
    values = rng.integers(-9, 9, problem.n)
    known = int(Choice(regions, limits).least(values)[0])
    laid = limits_of(regions, limits)
    ranking = ranking_of(laid)
    width = ranking.tables.shape[2] - 1
    for q in range(laid.rules.shape[1]):
        own = np.flatnonzero(laid.home == q)
        own = own[np.argsort(values[own], kind="stable")][:width]
        ranking.lengths[q] = len(own)
        ranking.tables[VALUE, q, : len(own)] = values[own]
        ranking.tables[MEDOID, q, : len(own)] = own
    least, number = call_choose(
        laid.rules, ranking.tables, ranking.lengths, ranking.chosen
    )
    if known >= NEVER // 2:
        assert least >= NEVER // 2
        return
    chosen = ranking.chosen[:number]
    assert least == known == values[chosen].sum()
    assert len(np.unique(chosen)) == number
    for region, (low, high) in limits.items():
        inside = regions.order[slice(*regions.spans[region])]
        assert low <= np.isin(chosen, inside).sum() <= high


@pytest.mark.parametrize("seed", range(20))
def test_a_broken_region_can_be_parted(seed):
    """A region is named with a number that both branches can keep, if there is one."""
    rng = np.random.default_rng(seed)
    regions = Regions.of_prices(Prices(draw_block(seed, set())))
    n, r = len(regions.order), len(regions.spans)
    rules = np.array([[1], [int(rng.integers(1, n + 1))]])
    mass = rng.random(n) * rules[1, 0] / n
    region, number = find_broken(
        regions.order, regions.spans, mass, np.zeros(1, dtype=np.int64), rules
    )
    fewest, most = (1 if region == 0 else 0), min(regions.sizes[region], rules[1, 0])
    assert region == -1 or fewest <= number < most
    everywhere = np.arange(r)
    settled_rules = np.array([np.zeros(r), np.zeros(r)], dtype=np.int64)
    region, _ = find_broken(
        regions.order, regions.spans, mass, everywhere, settled_rules
    )
    assert region == -1


def merge_by_means(apart):
    """Merge the two clusters nearest by the mean of all pairs; sets and heights."""
    clusters, merged = [(i,) for i in range(len(apart))], {}
    while len(clusters) > 1:
        height, one, two = min(
            (apart[np.ix_(a, b)].mean(), a, b) for a, b in combinations(clusters, 2)
        )
        clusters = [c for c in clusters if c not in (one, two)]
        clusters.append(tuple(sorted(one + two)))
        merged[frozenset(one + two)] = height
    return merged


def merge_by_chain(apart):
    """Merge as the loop does; the same sets and heights, in the loop's order."""
    n, known = len(apart), apart.copy()
    merges = np.zeros((max(n - 1, 0), 2), dtype=np.int64)
    merge_nearest(apart, merges)
    members, merged = [(i,) for i in range(n)], {}
    for one, two in merges.tolist():
        a, b = members[one], members[two]
        members.append(a + b)
        merged[frozenset(a + b)] = known[np.ix_(a, b)].mean()
    return merged


def draw_apart(rng, n, high):
    """Draw symmetric distances of whole numbers up to a highest."""
    apart = np.triu(rng.integers(0, high + 1, (n, n)), 1).astype(np.float64)
    return apart + apart.T


@pytest.mark.parametrize("seed", range(30))
def test_clusters_are_merged_by_the_mean_of_their_pairs(seed):
    """Without ties the nested clusters are those of the definition, heights too."""
    rng = np.random.default_rng(seed)
    apart = draw_apart(rng, int(rng.integers(1, 15)), 1 << 40)
    known, found = merge_by_means(apart), merge_by_chain(apart.copy())
    assert found.keys() == known.keys()
    assert [found[c] for c in known] == pytest.approx(list(known.values()))


@pytest.mark.parametrize("high", [0, 1, 3])
@pytest.mark.parametrize("seed", range(10))
def test_ties_still_gather_everybody_into_nested_regions(seed, high):
    """Whatever is equally near, regions are nested, from all down to each alone."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 15))
    apart = draw_apart(rng, n, high)
    merged = merge_by_chain(apart.copy())
    order, spans = gather(apart.copy())
    assert sorted(order.tolist()) == list(range(n))
    regions = [frozenset(order[start:stop].tolist()) for start, stop in spans.tolist()]
    assert set(regions) == merged.keys() | {frozenset([i]) for i in range(n)}
    assert [len(r) for r in regions] == sorted(map(len, regions), reverse=True)
    assert all(a <= b or b <= a or not a & b for a, b in combinations(regions, 2))


def priced(problem, cost, labels):
    """Cost of an assignment, sizes included; None where there is none."""
    if labels is None:
        return None
    sizes = np.bincount(labels, minlength=len(cost))
    return int(cost[labels, np.arange(len(labels))].sum()) + int(
        problem.size_costs(sizes).sum()
    )


@pytest.mark.parametrize("seed", range(120))
def test_members_are_shared_out_as_a_flow_shares_them(seed):
    """From any start the cheapest assignment within the band is found, or none."""
    rng = np.random.default_rng(seed)
    g, least = int(rng.integers(1, 7)), int(rng.integers(1, 4))
    most, reach = least + int(rng.integers(0, 4)), int(rng.integers(1, 60))
    m = int(rng.integers(g, g * most + 1))
    problem = Problem.of_points(
        "few", np.zeros((m, 2)), least=least, most=most, target=int(rng.integers(1, 9)),
        n_grids=g, size_price=int(rng.integers(0, 30)),
    )  # fmt: skip
    cost = rng.integers(0, reach, (g, m))
    cost[rng.random((g, m)) < 0.2] = BIG
    known = flow(problem, Arcs.of_matrix(cost.T), m, np.zeros(g, dtype=np.int64))
    slots = rng.integers(0, g, m)
    counts, costs = np.bincount(slots, minlength=g), Ground.of_problem(problem).costs
    if most > m:
        return  # the band as the loops see it is cut off at the block's size
    found = call_transport(
        cost, slots, counts, costs.sizes, costs.band, moves_of(g), g, m
    )
    if known is None:
        assert found >= min(BIG, OFF_BAND)
        return
    assert found == priced(problem, cost, known) == priced(problem, cost, slots)
    assert counts.tolist() == np.bincount(slots, minlength=g).tolist()


@pytest.mark.parametrize("seed", range(20))
def test_members_meet_where_it_is_cheapest(seed, looks):
    """All members are tried as medoid, in whatever order; of equals the first meets."""
    has = {"duplicates"} if seed % 2 else {*UNLINKED, "duplicates"}
    problem, rng = draw_block(seed, has), np.random.default_rng(seed)
    members = rng.permutation(problem.n)[: int(rng.integers(2, problem.n + 1))]
    paid = pair_costs(problem)[np.ix_(members, members)].sum(axis=0)
    known = min(zip(paid.tolist(), members.tolist(), strict=True))
    costs = Ground.of_problem(problem).costs
    assert call_best_medoid(costs, members, len(members), -1)[0] == known[0]
    assert call_best_medoid(costs, members, len(members), problem.n) == known


def cheapest_cut(base, extra, both):
    """Least cost of two grids, by trying all pairs of medoids and all subsets."""
    m, best = len(base), 1 << 60
    for q in range(1, m):
        for first in combinations(range(m), q):
            inside = np.isin(np.arange(m), first)
            one = (base[inside] + extra[0])[:, inside].sum(axis=1).min()
            two = (base[~inside] + extra[1])[:, ~inside].sum(axis=1).min()
            best = min(best, int(one + two + both[q]))
    return best


@pytest.mark.parametrize("seed", range(30))
def test_two_grids_are_cut_as_all_subsets_say(seed):
    """All pairs of medoids and all sizes are considered, ties and bars included."""
    rng = np.random.default_rng(seed)
    m, is_even = int(rng.integers(2, 8)), bool(rng.integers(2))
    base, extra = rng.integers(0, 12, (m, m)), np.zeros((2, m), dtype=np.int64)
    both = rng.integers(0, 9, m + 1)
    if is_even:
        both += both[::-1]
    else:
        extra = rng.integers(0, 7, (2, m))
        extra[rng.random((2, m)) < 0.1] = BIG
    both[rng.random(m + 1) < 0.2] = BIG
    both = np.minimum(both, both[::-1]) if is_even else both
    known, keep = cheapest_cut(base, extra, both), np.zeros(m, dtype=np.int64)
    for cap in (BIG, known + 1, known):
        cost, x, y = call_best_cut(base, extra, both, cap, is_even, keep)
        assert cost == min(known, cap)
        assert (x < 0) == (known >= cap)
        if x >= 0:
            is_first = keep.astype(bool)
            assert is_first[x] and not is_first[y]
            paid = np.where(is_first, base[x] + extra[0], base[y] + extra[1])
            assert paid.sum() + both[is_first.sum()] == cost


def first_cut(problem, rng):
    """Lay some plan of a block out; None where its wishes leave none."""
    ground = Ground.of_problem(problem)
    try:
        k = feasible_counts(problem)[0]
    except Contradiction:
        return ground, None
    plan = alternate(ground, seed_medoids(ground.prices, k, rng), None)
    return ground, None if plan is None else cut_of(ground, plan)


def assert_whole(problem, cut):
    """Members, medoids, labels, sizes and costs of a cut are those of its plan."""
    heads, k = cut.heads, cut.heads.shape[1]
    for g in range(k):
        inside = np.flatnonzero(cut.grids == g)
        assert sorted(cut.members[g, : heads[COUNT, g]].tolist()) == inside.tolist()
        assert heads[MEETS, g] in inside
    assert problem.least <= heads[COUNT].min() <= heads[COUNT].max() <= problem.most
    holders = {p: g for g, p in enumerate(heads[CARRIES].tolist()) if p != NONE}
    assert holders == {p: g for p, g in enumerate(cut.holders.tolist()) if g != NONE}
    assert cut.plan.cost(problem) == heads[PAID].sum() < BIG
    carried = heads[CARRIES][cut.grids]
    assert all(carried[i] == p for i, p in problem.fixed.tolist())
    assert all(carried[i] != p for i, p in problem.forbidden.tolist())


@pytest.mark.parametrize("seed", range(20))
def test_a_block_of_two_grids_is_cut_at_its_best(seed):
    """Re-cutting one pair finds the cheapest plan of two grids, labels included."""
    problem = draw_block(
        seed, UNLINKED - {"free"}, n=8, band=(4, 4) if seed % 3 else (3, 5)
    )
    ground, cut = first_cut(problem, np.random.default_rng(seed))
    if cut is None or cut.heads.shape[1] != 2:
        return
    improve_pairs(ground, cut, Work())
    assert_whole(problem, cut)
    assert cut.cost == best_cost(problem)


@pytest.mark.parametrize("seed", range(25))
def test_rebuilding_clusters_never_costs_more(seed):
    """A cut stays whole and gets no dearer; what changes is marked, links stay."""
    rng = np.random.default_rng(seed)
    problem = draw_block(seed, FEATURES if seed % 2 else UNLINKED, n=20, band=(2, 6))
    ground, cut = first_cut(problem, rng)
    if cut is None:
        return
    assert_whole(problem, cut)
    k, tied = cut.heads.shape[1], cut.tied.astype(bool)
    if seed % 3:
        improve_pairs(ground, cut, Work())
    before, dirty = cut.plan, np.zeros(k, dtype=bool)
    cluster = cluster_of(6, 6 * ground.costs.band[1])
    favour = rng.integers(1, 50, problem.n)
    room = 0 if seed % 2 else before.cost(problem) // 20
    recreate(ground.costs, cut, cluster, favour, draws_of(seed), 20, room, dirty)
    assert_whole(problem, cut)
    rebuilt = cut.cost
    assert rebuilt < before.cost(problem) + 20 * max(room, 1)
    assert rebuilt == before.cost(problem) or dirty.any()
    assert dirty.any() or (cut.grids == before.labels).all()
    improve_pairs(ground, cut, Work(), dirty)
    assert_whole(problem, cut)
    assert cut.cost <= rebuilt
    assert (cut.grids[tied] == before.labels[tied]).all()


@pytest.mark.parametrize("seed", range(20))
def test_medoids_settle_to_a_plan(seed):
    """What medoids lead to is a plan within the band, however bad they are."""
    rng = np.random.default_rng(seed)
    problem = draw_block(seed, UNLINKED, n=14, band=(2, 5))
    ground, k = Ground.of_problem(problem), problem.n_grids[0]
    chosen = rng.permutation(problem.n)[:k]
    labels = rng.integers(NONE, problem.n_labels, k)
    start = Reached.start(draw_duals(rng, problem))
    reached = Reached(start.duals, 0, start.mass, chosen, labels, 0.0)
    plan = settled(ground, reached, 1 << 50)
    if plan is not None:
        assert_whole(problem, cut_of(ground, Plan(**vars(plan))))
    assert settled(ground, reached, 0) is None or plan.cost(problem) == 0


QUICK = Effort(rounds=1, bound_steps=40, trials=3, cases=6, case_steps=20)


def fingerprint():
    """Hash plans and proofs of a handful of blocks, all features among them."""
    digest = hashlib.sha256()
    blocks = [
        draw_block(1, set(), n=40, band=(5, 12)),
        draw_block(2, UNLINKED - {"forbidden"}, n=24, band=(4, 9)),
        draw_block(3, UNLINKED, n=14, band=(3, 6)),
        draw_block(4, FEATURES, n=11, band=(2, 5)),
    ]
    with np.errstate(over="ignore"):
        results = [solve(block, seed=5, effort=QUICK) for block in blocks]
    for result in results:
        tree = result.tree
        for array in (
            result.labels, result.medoids, result.grid_labels, tree.pi, tree.sigma,
            tree.order, tree.regions, tree.steps, np.array([result.cost, result.bound]),
        ):  # fmt: skip
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


@pytest.mark.skipif(not IS_COMPILED, reason="there is nothing to compare with")
def test_machine_code_changes_nothing():
    """Without compiling, every plan and every price comes out the same."""
    told = subprocess.run(
        [sys.executable, "-c", "import test_kernels as t; print(t.fingerprint())"],
        cwd=Path(__file__).parent,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == fingerprint()
    assert told.stderr == ""


def test_nothing_is_noted_as_compiled_that_is_not(monkeypatch, tmp_path):
    """Without machine code there is none to keep, and nothing to wait for."""
    monkeypatch.setattr(compiling, "FOLDER", tmp_path)
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert compiling.is_ready()
    compiling.note_ready()
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 0)
    assert not compiling.is_ready()
    compiling.note_ready()
    assert compiling.is_ready()


def kernels():
    """List the functions that Python calls as machine code, by name."""
    found = {}
    for module in pkgutil.iter_modules(solvers.__path__, "gridopt.solvers."):
        for name, value in vars(importlib.import_module(module.name)).items():
            options = getattr(value, "targetoptions", {"no_cpython_wrapper": True})
            if not options.get("no_cpython_wrapper"):
                found[name] = value
    return found


def test_every_kernel_is_compiled_once(monkeypatch):
    """Warmed up and whatever the block, a kernel sees one kind: a user waits once."""
    warm_up()
    for seed in range(12):
        with suppress(Contradiction):
            solve(draw_block(seed, FEATURES if seed % 3 else None), effort=QUICK)
    solve(Problem.of_points("one", np.zeros((1, 2)), least=1, most=2, target=2))
    monkeypatch.setattr(offers, "_MOST_WHOLE", 3)
    monkeypatch.setattr(prices, "_MOST_CACHED", 3)
    for seed in range(6):
        with suppress(Contradiction):
            solve(draw_block(seed, UNLINKED if seed % 2 else set()), effort=QUICK)
    if IS_COMPILED:
        assert len(kernels()) >= 8
        assert {
            name: len(k.signatures) for name, k in kernels().items()
        } == dict.fromkeys(kernels(), 1)
