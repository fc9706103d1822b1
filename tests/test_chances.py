"""Chances of counts: exact for few members, quick and whole for a million."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridopt.appraisal.chances import (
    BLOCK,
    binomial,
    convolve,
    convolve_all,
    convolve_power,
    gauss_hermite,
    mix_binomials,
    poisson_binomial,
    settle_mass,
)


def fractions_of(chances):
    """Return exact chances of 0 … n passes."""
    found = [Fraction(1)]
    for chance in map(Fraction, chances):
        padded = [Fraction(0), *found, Fraction(0)]
        found = [
            padded[k + 1] * (1 - chance) + padded[k] * chance
            for k in range(len(found) + 1)
        ]
    return [float(chance) for chance in found]


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1), max_size=24))
def test_passes_of_unequal_members_are_exact(chances):
    """The chances of a few members must be those of exact fractions."""
    assert poisson_binomial(chances) == pytest.approx(fractions_of(chances), abs=1e-15)


@pytest.mark.parametrize("n", [BLOCK, BLOCK + 1, 3 * BLOCK - 1, 1500])
def test_the_tree_adds_up_to_the_plain_sum(n):
    """Halving must give what adding one member after another gives, in any order."""
    chances = np.random.default_rng(n).random(n) ** 3
    plain = np.array([1.0])
    for chance in chances:
        plain = np.append(plain * (1 - chance), 0) + np.append(0, plain * chance)
    found = poisson_binomial(chances)
    assert np.abs(found - plain).max() < 1e-15
    assert (poisson_binomial(chances[::-1]) == found).all()


def test_a_million_members_of_their_own():
    """A million unequal members must keep mass, mean and variance."""
    chances = np.random.default_rng(1).random(1_000_000)
    found = poisson_binomial(chances)
    passes = np.arange(found.size)
    mean = chances.sum()
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert found @ passes == pytest.approx(mean, rel=1e-12)
    variance = found @ (passes - mean) ** 2
    assert variance == pytest.approx((chances * (1 - chances)).sum(), rel=1e-9)


@pytest.mark.parametrize("n", [0, 1, 2, 40, 700, 5000])
@pytest.mark.parametrize("chance", [0.0, 1e-9, 0.1, 0.5, 0.9, 1.0])
def test_equal_members_are_binomial(n, chance):
    """Equal chances must give the binomial law, in windows and in full."""
    share = Fraction(chance)
    for k in {0, n, int(n * chance), min(n, int(n * chance) + 3)}:
        exact = math.comb(n, k) * share**k * (1 - share) ** (n - k)
        assert binomial(n, chance)[k] == pytest.approx(
            float(exact), rel=1e-10, abs=1e-18
        )
    assert binomial(n, chance).sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("n", [5, 300, 4000])
def test_mixed_binomials_are_averages(n):
    """A mixture must be the weighted mean of the laws it mixes."""
    chance = np.random.default_rng(n).random(70)
    weights = np.random.default_rng(n + 1).random((3, 70))
    plain = weights @ binomial(n, chance)
    assert mix_binomials(weights, n, chance, 1 - chance) == pytest.approx(
        plain, rel=1e-9, abs=1e-16
    )


def test_sums_of_counts_are_convolutions():
    """Direct and Fourier sums must agree with numpy, case by case, and powers too."""
    draws = np.random.default_rng(5)
    for n, m in ((1, 1), (3, 200), (60, 41), (500, 500)):
        first, second = draws.random((2, n)), draws.random((2, m))
        found = convolve(first, second)
        for case in range(2):
            plain = np.convolve(first[case], second[case])
            assert found[case] == pytest.approx(plain, rel=1e-12, abs=1e-12)
    one = draws.random((2, 30))
    assert convolve_power(one, 5) == pytest.approx(convolve_all([one] * 5), rel=1e-9)
    assert convolve_power(one, 1) is one


def test_chances_that_do_not_add_up_are_refused():
    """A lost hundredth or a negative chance is an error, rounding is not."""
    with pytest.raises(ArithmeticError, match="miss 1"):
        settle_mass(np.array([0.5, 0.49]))
    with pytest.raises(ArithmeticError, match="least"):
        settle_mass(np.array([1.001, -0.001]))
    assert settle_mass(np.array([1.0, -1e-16])).tolist() == [1.0, 0.0]


def test_gauss_hermite_averages_polynomials():
    """A rule of n nodes must give the normal moments up to 2 n - 1."""
    points, weights = gauss_hermite(6)
    moments = [weights @ points**k for k in range(12)]
    assert moments == pytest.approx([1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0], abs=1e-9)
    for wrong in (0, 101):
        with pytest.raises(ValueError, match=str(wrong)):
            gauss_hermite(wrong)
