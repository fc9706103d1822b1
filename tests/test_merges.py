"""Which small blocks join: the model against brute force, its bound and its ties."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridopt.blocks import MergeOptions, price_sizes
from gridopt.problem import GridRules, SmallBlockPrices
from gridopt.solvers import merges
from gridopt.solvers.merges import choose_merges

RULES = GridRules()


def own_points(n, rules):
    """Price a size as partition.md words it, trying every number of grids."""
    prices = rules.small_block_prices
    if n < min(rules.viable_least, rules.least):
        return prices.leftover * n
    if n < rules.least:
        return prices.undersized * (rules.least - n)
    return prices.off_band * min(
        max(0, n - rules.most * k) + max(0, rules.least * k - n)
        for k in range(1, n + 1)
    )


def all_choices(sizes, pairs, rules, home=None):
    """List (points, hosts) of every choice the model allows."""
    home = home or [0] * len(sizes)
    ways = [[(b, home[b])] for b in range(len(sizes))]
    for guest, host, points in pairs:
        ways[guest].append((host, points))
    found = []
    for chosen in product(*ways):
        hosts = [host for host, _ in chosen]
        if any(hosts[host] != host for host in hosts):
            continue
        loads = [0] * len(sizes)
        for b, host in enumerate(hosts):
            loads[host] += sizes[b]
        points = sum(points for _, points in chosen)
        points += sum(own_points(n, rules) for n in loads if n)
        found.append((points, hosts))
    return found


def with_home(options, home):
    """Add points for staying at home."""
    fields = {**vars(options), "home_points": np.array(home, dtype=np.int64)}
    return MergeOptions(**fields)


bands = st.sampled_from([(15, 25, 8), (18, 22, 8), (4, 5, 8), (5, 5, 3), (6, 20, 2)])
prices = st.sampled_from(
    [
        SmallBlockPrices(),
        SmallBlockPrices(leftover=3, off_band=1),
        SmallBlockPrices(undersized=9, off_band=2),
        SmallBlockPrices(leftover=0, off_band=0, undersized=0),
    ]
)


@st.composite
def cases(draw, most_blocks=6):
    """Draw sizes, candidate pairs of awkward guests, home points and rules."""
    least, most, viable = draw(bands)
    rules = GridRules(
        least=least,
        most=most,
        target=most,
        viable_least=viable,
        small_block_prices=draw(prices),
    )
    sizes = draw(st.lists(st.integers(1, 40), min_size=1, max_size=most_blocks))
    pairs = []
    for guest, n in enumerate(sizes):
        if -(-n // most) <= n // least:
            continue
        for host in range(len(sizes)):
            if host != guest and draw(st.booleans()):
                each = draw(st.sampled_from([0, 1, 10, 20, 47]))
                pairs.append((guest, host, n * each))
    home = [draw(st.sampled_from([0, 0, 5, 30])) for _ in sizes]
    return sizes, pairs, home, rules


@settings(deadline=None, max_examples=150, derandomize=True)
@given(cases())
def test_choice_is_the_best_of_all(case):
    """Points and bound are the least of all choices, the hosts a choice of them."""
    sizes, pairs, home, rules = case
    options = with_home(MergeOptions.of_pairs(sizes, pairs, rules), home)
    choice = choose_merges(options)
    every = all_choices(sizes, pairs, rules, home)
    assert choice.points == min(points for points, _ in every)
    assert (choice.points, choice.hosts.tolist()) in every
    assert (choice.status, choice.bound) == ("optimal", choice.points)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(cases(), st.integers(1, 3))
def test_bound_holds_where_parts_are_cut(case, part_blocks):
    """Cut into parts, the bound stays at or below the best, the points above it."""
    sizes, pairs, home, rules = case
    options = with_home(MergeOptions.of_pairs(sizes, pairs, rules), home)
    fields = {**vars(options), "units": np.arange(len(sizes)) // 2}
    choice = choose_merges(MergeOptions(**fields), part_blocks=part_blocks)
    every = all_choices(sizes, pairs, rules, home)
    best = min(points for points, _ in every)
    assert choice.bound <= best <= choice.points
    assert (choice.points, choice.hosts.tolist()) in every
    assert (choice.status == "optimal") == (choice.bound == choice.points)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(cases())
def test_ties_go_to_the_lowest_hosts(case):
    """Of all best choices without free joins the hosts of lowest number are taken."""
    sizes, pairs, home, rules = case
    pairs = [(guest, host, points + 31) for guest, host, points in pairs]
    options = with_home(MergeOptions.of_pairs(sizes, pairs, rules), home)
    every = all_choices(sizes, pairs, rules, home)
    best = min(points for points, _ in every)
    hosts = choose_merges(options).hosts
    assert hosts.sum() == min(sum(h) for points, h in every if points == best)


def test_eight_blocks_of_one_unit():
    """Eight small blocks that may all join each other are joined at least points."""
    sizes = [1, 2, 3, 4, 5, 6, 7, 9]
    pairs = [
        (a, b, n * (10 if (a + b) % 3 == 0 else 20))
        for a, n in enumerate(sizes)
        for b in range(8)
        if a != b
    ]
    # too many to list: only what has at most three hosts can be best here
    choice = choose_merges(MergeOptions.of_pairs(sizes, pairs, RULES))
    best = min(
        price_with_hosts(sizes, pairs, hosts)
        for hosts in product([False, True], repeat=8)
        if any(hosts)
    )
    assert (choice.points, choice.status) == (best, "optimal")


def price_with_hosts(sizes, pairs, is_host):
    """Least points of all choices with exactly these hosts."""
    cost = {(guest, host): points for guest, host, points in pairs}
    hosts = [h for h in range(len(sizes)) if is_host[h]]
    reached = {tuple(sizes[h] for h in hosts): 0}
    for guest, n in enumerate(sizes):
        if is_host[guest]:
            continue
        grown = {}
        for loads, points in reached.items():
            for at, host in enumerate(hosts):
                key = (*loads[:at], loads[at] + n, *loads[at + 1 :])
                price = points + cost[guest, host]
                grown[key] = min(grown.get(key, price), price)
        reached = grown
    return min(
        points + sum(own_points(n, RULES) for n in loads)
        for loads, points in reached.items()
    )


@pytest.mark.parametrize(
    ("n", "n_grids", "points"),
    [(7, 1, 700), (8, 1, 7), (14, 1, 1), (15, 1, 0), (25, 1, 0), (30, 2, 0)]
    + [(26, 1, 5), (27, 1, 10), (28, 2, 10), (29, 2, 5)],
)
def test_price_of_a_size(n, n_grids, points):
    """Sizes alone cost what partition.md says, with its number of grids."""
    of_size, grids = price_sizes(RULES, 40)
    assert (int(of_size[n]), int(grids[n])) == (points, n_grids)


@settings(deadline=None, max_examples=80, derandomize=True)
@given(
    least=st.integers(1, 25),
    extra=st.integers(0, 12),
    viable=st.integers(1, 30),
    undersized=st.integers(0, 9),
)
def test_price_of_sizes_is_the_best_number_of_grids(least, extra, viable, undersized):
    """For every band each size has the least price over all numbers of grids."""
    rules = GridRules(
        least=least,
        most=max(2, least + extra),
        viable_least=viable,
        small_block_prices=SmallBlockPrices(undersized=undersized),
    )
    points, _ = price_sizes(rules, 70)
    assert points.tolist()[1:] == [own_points(n, rules) for n in range(1, 71)]


def test_guest_goes_where_it_helps():
    """A guest takes a dearer join where it saves its host from being a leftover."""
    options = MergeOptions.of_pairs([1, 7, 40], [(0, 1, 20), (0, 2, 10)], RULES)
    choice = choose_merges(options)
    assert (choice.hosts.tolist(), choice.points) == ([1, 1, 2], 20 + 7)


def test_no_work_leaves_everyone_at_home():
    """Out of work at once, the answer is still a choice, and its bound holds."""
    sizes = [7, 6, 5, 4, 3]
    pairs = [(a, b, 10 * sizes[a]) for a in range(5) for b in range(5) if a != b]
    options = MergeOptions.of_pairs(sizes, pairs, RULES)
    choice = choose_merges(options, work=0.0)
    best = choose_merges(options)
    assert choice.bound <= best.points <= choice.points
    assert options.points_of(choice.hosts) == choice.points


def test_ties_out_of_work_keep_the_best(monkeypatch):
    """Where no work is left for ties the best choice found stays."""
    monkeypatch.setattr(merges, "TIES_SHARE", float("inf"))
    sizes = [7, 6, 5, 4, 3]
    pairs = [(a, b, 10 * sizes[a]) for a in range(5) for b in range(5) if a != b]
    choice = choose_merges(MergeOptions.of_pairs(sizes, pairs, RULES))
    assert choice.status == "optimal"
    assert choice.options.points_of(choice.hosts) == choice.points


def test_any_number_of_workers_chooses_alike():
    """Parts solved side by side give the same hosts, points and bound."""
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 30, 60).tolist()
    near = [(a, b) for a in range(60) for b in range(60) if a != b and a // 6 == b // 6]
    awkward = [-(-n // RULES.most) > n // RULES.least for n in sizes]
    pairs = [(a, b, 10 * sizes[a] + abs(a - b)) for a, b in near if awkward[a]]
    options = MergeOptions.of_pairs(sizes, pairs, RULES)
    alone, together = (choose_merges(options, workers=n) for n in (1, 3))
    assert together.hosts.tolist() == alone.hosts.tolist()
    assert (together.points, together.bound) == (alone.points, alone.bound)


def test_no_blocks_at_all():
    """A register without enterprises costs nothing."""
    choice = choose_merges(MergeOptions.of_pairs([], [], RULES))
    assert (choice.points, choice.bound, choice.status) == (0, 0, "optimal")
    assert len(choice.hosts) == 0
