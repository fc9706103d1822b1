"""Draws, normal values and binomial counts: keyed, even, and right to their digits."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from gridopt.simulation.binomials import FEW, expect_value, invert_binomial
from gridopt.simulation.draws import (
    NET_SIZE,
    draw_luck,
    draw_net,
    draw_normals,
    draw_words,
    hash_ids,
    make_keys,
    to_chances,
)
from gridopt.simulation.normals import (
    normal_cdf,
    normal_quantile,
    normal_tail,
    single_normals,
)

NORMAL = NormalDist()


def binomial(m, p):
    """Return the chances of 0, 1, ..., m passes of independent members."""
    return np.array([math.comb(m, k) * p**k * (1 - p) ** (m - k) for k in range(m + 1)])


# --- draws --------------------------------------------------------------------------


def split_mix(key, place):
    """Return draw number `place` of a SplitMix64 stream, in Python integers."""
    mask = (1 << 64) - 1
    z = (key + (place + 1) * 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def test_draws_are_those_of_the_published_generator():
    """Every draw is the one that SplitMix64 gives for its key and replication."""
    keys = make_keys(7, "luck", hash_ids(["a", "乙"]))
    drawn = draw_words(keys[:, np.newaxis], np.array([0, 1, 10**6]))
    for key, row in zip(keys.tolist(), drawn.tolist(), strict=True):
        assert row == [split_mix(key, place) for place in (0, 1, 10**6)]


def test_draws_hang_on_key_and_replication_alone():
    """Who else draws, in which order, and how many times, changes nobody's draw."""
    ids = [f"p{i}" for i in range(50)]
    keys = make_keys(3, "luck", hash_ids(ids))
    luck = draw_luck(keys, range(0, 40))
    again = make_keys(3, "luck", hash_ids(["new", *ids[::-1]]))
    assert (draw_luck(again, range(7, 11))[:, :0:-1] == luck[7:11]).all()
    for other in (
        make_keys(4, "luck", hash_ids(ids)),
        make_keys(3, "x", hash_ids(ids)),
    ):
        assert not (draw_luck(other, range(40)) == luck).any()
    assert abs(np.corrcoef(luck[:-1].ravel(), luck[1:].ravel())[0, 1]) < 0.09


def test_draws_are_even_and_normal():
    """Means, variances and tails of 200,000 draws are those of their distributions."""
    keys = make_keys(0, "evenness", hash_ids(range(200)))
    chances = to_chances(draw_words(keys[:, np.newaxis], np.arange(1000)))
    assert chances.min() > 0 and chances.max() < 1
    counts = np.histogram(chances, bins=100, range=(0, 1))[0]
    assert ((counts - 2000) ** 2 / 2000).sum() < 99 + 4 * math.sqrt(198)
    luck = draw_luck(keys, range(1000)).astype(np.float64)
    moments = [(luck**k).mean() for k in (1, 2, 3, 4)]
    assert np.allclose(moments, [0, 1, 0, 3], atol=[0.01, 0.014, 0.035, 0.09])
    assert abs((luck > 2).mean() - normal_tail(np.array([2.0]))[0]) < 0.0014


@pytest.mark.parametrize("net", [0, 5])
def test_nets_are_even_in_all_rectangles(net):
    """City and any unit put one replication into each rectangle of area 1 / 1024."""
    axis = draw_net(make_keys(1, "city", hash_ids(["city"])), net, is_axis=True)[0]
    units = draw_net(make_keys(1, "unit", hash_ids(range(40))), net)
    for unit in units:
        for bits in range(11):
            cell = (axis >> np.uint64(10 - bits)) << np.uint64(10)
            cell += unit >> np.uint64(bits)
            assert np.unique(cell).size == NET_SIZE
    # different units are spread differently: neither the same nor mirrored
    assert np.unique(units ^ units[:, :1], axis=0).shape == units.shape


def test_nets_leave_units_independent():
    """Over many nets no two units, and no unit and the city, lean to one side."""
    units = make_keys(1, "unit", hash_ids(range(12)))
    city = make_keys(1, "city", hash_ids(["city"]))
    parts = [
        np.concatenate([draw_net(city, net, is_axis=True), draw_net(units, net)])
        for net in range(100)
    ]
    drawn = np.concatenate(parts, axis=1).astype(float)
    assert np.abs(np.corrcoef(drawn) - np.eye(13)).max() < 0.04


def test_nets_do_not_hang_on_stretches_or_neighbours():
    """A stretch inside a net has the draws of the whole, with or without others."""
    keys = make_keys(1, "unit", hash_ids(range(5)))
    shuffle = make_keys(1, "order", hash_ids(["net"]))
    for order in (None, shuffle):
        whole = draw_normals(keys, range(3000), "net", shuffle=order)
        part = draw_normals(keys[3:4], range(1000, 2100), "net", shuffle=order)
        assert (whole[3, 1000:2100] == part[0]).all()
        tens = np.sort(np.floor(1024 * normal_cdf(whole[:, 1024:2048])), axis=1)
        assert (tens == np.arange(1024)).all()


# --- normal and binomial ------------------------------------------------------------


def test_normal_functions_are_right_to_nine_digits():
    """Chances and quantiles agree with the standard library's, in the tails too."""
    rng = np.random.default_rng(0)
    chances = np.concatenate([rng.random(3000), 10.0 ** -np.arange(1, 16)])
    found = normal_quantile(chances)
    exact = [NORMAL.inv_cdf(chance) for chance in chances.tolist()]
    assert np.abs(found - exact).max() < 1e-9
    assert np.abs(normal_cdf(found) - chances).max() < 1e-14
    values = np.linspace(0, 12, 500)
    tails = np.array([math.erfc(value / math.sqrt(2)) / 2 for value in values])
    assert np.abs(normal_tail(values) / tails - 1).max() < 2e-7
    assert np.abs(normal_cdf(-values) - tails).max() < 1e-15
    ends = np.array([-(2**31), 2**31 - 1, 0, -1], dtype=np.int32)
    levels = np.append(rng.integers(-(2**31), 2**31, 3000, dtype=np.int32), ends)
    exact = [NORMAL.inv_cdf(0.5 + (i + 0.5) / 2**32) for i in levels.tolist()]
    assert np.abs(single_normals(levels) - exact).max() < 3e-6


@pytest.mark.parametrize("m", [0, 1, 2, 7, 20, 61, 263])
@pytest.mark.parametrize("latent", [-3.0, -0.7, 0.0, 0.4, 1.48, 3.5])
def test_binomial_counts_turn_at_their_chances(m, latent):
    """The count passes k just where the level of chance passes P(count <= k)."""
    p = NORMAL.cdf(latent)
    below = np.cumsum(binomial(m, p))[:-1]
    is_open = (below > 3e-5) & (below < 1 - 3e-5)
    k = np.arange(m)[is_open]
    is_few = m * min(p, 1 - p) < FEW
    gap = 1e-11 if is_few else 1e-5
    for shift in (-gap, gap):
        levels = below[is_open] + shift
        counts = invert_binomial(m, np.full(levels.shape, latent), levels)
        assert (counts == k + (shift > 0)).all()


def test_binomial_counts_stay_within_their_range():
    """The most extreme levels and chances lead to no more than all and none."""
    latent = np.repeat([-np.inf, -8.0, 0.0, 8.0, np.inf], 2)
    levels = np.tile([2.0**-53, 1 - 2.0**-53], 5)
    for m in (0, 1, 50, 10**6):
        counts = invert_binomial(m, latent, levels)
        assert counts.min() >= 0 and counts.max() <= m
        assert (counts[:2] == 0).all() and (counts[-2:] == m).all()
        assert abs(int(counts[6]) - m) <= 2


def test_binomial_counts_of_many_have_the_right_mean_and_spread():
    """Where chances are not added up, mean and variance over all levels are exact."""
    levels = (np.arange(200_000) + 0.5) / 200_000
    for m, p in ((150, 0.8), (1000, 0.1), (77_000, 0.9)):
        latent = np.full(levels.shape, NORMAL.inv_cdf(p))
        counts = invert_binomial(m, latent, levels)
        assert abs(counts.mean() - m * p) < 2e-5 * math.sqrt(m)
        assert abs(counts.var() / (m * p * (1 - p)) - 1) < 1e-4


@pytest.mark.parametrize("m", [0, 1, 7, 150])
def test_expected_bills_are_sums_over_all_counts(m):
    """The expected bill given leniency is the sum of bills times chances."""
    passes = np.arange(m + 1)
    bills = 1000 * np.maximum(passes, m * 4 // 5) + 500 * (passes // 3)
    latent = np.linspace(-2, 4, 61) + 0.013
    exact = [bills @ binomial(m, NORMAL.cdf(z)) for z in latent]
    assert np.abs(expect_value(bills, latent) - exact).max() < 0.2
