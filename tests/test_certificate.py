"""The independent checker never accepts a bound that lies above the true optimum."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_blocks import draw_tree

from gridopt.certificate import (
    SCALE,
    Certificate,
    Evidence,
    claimed_cost,
    places_dm,
    proven_bound,
)


def make_evidence(rng, n, n_labels=0):
    """Make n enterprises within a few kilometres, some at one place."""
    longitude = 121.2 + rng.integers(0, 40, n) / 1000
    latitude = 28.1 + rng.integers(0, 40, n) / 1000
    areas = np.array(["", "p01", "p02"])[rng.integers(0, 3, n)]
    groups = np.array(["", "g1"])[rng.integers(0, 2, n)]
    return Evidence(
        longitude=longitude,
        latitude=latitude,
        weight=rng.integers(1, 4, n).astype(float),
        area=areas,
        group=groups,
        previous=rng.integers(-1, n_labels, n) if n_labels else np.full(n, -1),
    )


def make_certificate(n, **settings_):
    """Make a certificate of n enterprises with zero duals."""
    known = {
        "block_id": "toy",
        "enterprise_ids": tuple(f"e{i}" for i in range(n)),
        "least": 2,
        "most": 3,
        "target": 2,
        "n_grids": (-(-n // 3), n // 2),
        "size_price": 300,
        "area_price": 2000,
        "linkage_price": 500,
        "mover_price": 5000,
        "pi": np.zeros((1, n), dtype=np.int64),
        "sigma": np.zeros((1, 0), dtype=np.int64),
        "order": np.arange(n),
        "regions": np.array([[0, n]]),
        "steps": np.array([[-1, 0]]),
        "previous_ids": (),
        "fixed": (),
        "forbidden": (),
        "must_link": (),
        "cannot_link": (),
        "cost": 0,
        "bound": 0,
    }
    return Certificate(**{**known, **settings_})


def cut_all(members, least, most):
    """Yield every cut of the members into groups of least to most."""
    if not members:
        yield []
        return
    first, rest = members[0], members[1:]
    for size in range(least, most + 1):
        for others in itertools.combinations(rest, size - 1):
            left = [m for m in rest if m not in others]
            for cut in cut_all(left, least, most):
                yield [(first, *others), *cut]


def best_cost(certificate, evidence):
    """Find the optimum by trying every cut, every medoid and every use of labels."""
    n = len(evidence.weight)
    fewest, most = certificate.n_grids
    best = None
    for cut in cut_all(list(range(n)), certificate.least, certificate.most):
        if not fewest <= len(cut) <= most:
            continue
        for labels in label_uses(len(cut), len(certificate.previous_ids)):
            cost = sum(
                min(
                    group_cost(certificate, evidence, group, medoid, label)
                    for medoid in group
                )
                for group, label in zip(cut, labels, strict=True)
            )
            best = cost if best is None else min(best, cost)
    return best


def label_uses(n_groups, n_labels):
    """Yield every way to give each group a label of its own or none."""
    for labels in itertools.product(range(-1, n_labels), repeat=n_groups):
        used = [label for label in labels if label >= 0]
        if len(set(used)) == len(used):
            yield labels


def group_cost(certificate, evidence, group, medoid, label):
    """Price one group by a checker written for one group alone."""
    medoid_of = np.arange(len(evidence.weight))
    medoid_of[list(group)] = medoid
    label_of = np.full(len(evidence.weight), -1)
    label_of[list(group)] = label
    inside = np.isin(np.arange(len(evidence.weight)), group)
    alone = Evidence(
        longitude=evidence.longitude,
        latitude=evidence.latitude,
        weight=np.where(inside, evidence.weight, 0.0),
        area=np.where(inside, evidence.area, ""),
        group=np.where(inside, evidence.group, ""),
        previous=np.where(inside, evidence.previous, -1),
    )
    free = dataclasses.replace(certificate, size_price=0)
    cost = claimed_cost(free, alone, medoid_of, label_of)
    return cost + certificate.size_price * abs(len(group) - certificate.target)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(4, 7),
    n_labels=st.integers(0, 2),
    spread=st.integers(0, 40_000),
)
def test_no_duals_prove_more_than_the_optimum(seed, n, n_labels, spread):
    """Whatever the duals and the tree, the bound is at or below the best cost."""
    rng = np.random.default_rng(seed)
    evidence = make_evidence(rng, n, n_labels)
    certificate = make_certificate(
        n,
        pi=rng.integers(-spread, spread + 1, (3, n)) * SCALE,
        sigma=rng.integers(0, spread + 1, (3, n_labels)) * SCALE,
        previous_ids=tuple(f"toy-{p:02d}" for p in range(n_labels)),
        **draw_tree(rng, n, 3),
    )
    assert proven_bound(certificate, evidence) <= best_cost(certificate, evidence)


def test_good_duals_prove_the_optimum():
    """One grid of all enterprises: equal high duals prove the best median exactly."""
    evidence = make_evidence(np.random.default_rng(3), 5)
    certificate = make_certificate(
        5, least=5, most=5, target=5, n_grids=(1, 1), pi=np.full((1, 5), 10**6 * SCALE)
    )
    assert proven_bound(certificate, evidence) == best_cost(certificate, evidence)


def test_every_price_enters_the_cost():
    """Travel by weight, size, area, linkage and moves each count, by hand."""
    evidence = Evidence(
        longitude=np.array([121.0, 121.0, 121.0]),
        latitude=np.array([28.0, 28.0, 28.001]),
        weight=np.array([1.0, 1.0, 2.0]),
        area=np.array(["a", "b", ""]),
        group=np.array(["", "", "g"]),
        previous=np.array([0, -1, 0]),
    )
    certificate = make_certificate(
        3, target=2, sigma=np.zeros((1, 1), dtype=np.int64), previous_ids=("toy-01",)
    )
    gap = places_dm(evidence.longitude, evidence.latitude)
    step = int(gap[2, 1] - gap[0, 1])
    assert abs(step - 1108) <= 1  # a thousandth of a degree of latitude at 28 N
    cost = claimed_cost(certificate, evidence, np.array([0, 0, 0]), np.full(3, -1))
    assert cost == 2 * step + 300 + 2000 + 500 + 2 * 5000


def test_fixed_and_forbidden_raise_the_bound_never_above_the_optimum():
    """A forbidden label drops out of the least; the bound stays valid."""
    rng = np.random.default_rng(5)
    evidence = make_evidence(rng, 4, 1)
    free = make_certificate(
        4,
        sigma=np.zeros((1, 1), dtype=np.int64),
        previous_ids=("toy-01",),
        least=4,
        most=4,
        n_grids=(1, 1),
        pi=np.full((1, 4), 10**6 * SCALE),
    )
    barred = dataclasses.replace(free, forbidden=(("e0", "toy-01"),))
    n_had = int((evidence.previous == 0).sum())
    gain = proven_bound(barred, evidence) - proven_bound(free, evidence)
    assert gain == n_had * 5000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pi": np.zeros((1, 3), dtype=np.int64)}, "3 duals for 4"),
        ({"sigma": np.zeros((1, 1), dtype=np.int64)}, "1 label prices for 0"),
        (
            {"sigma": np.array([[-1]]), "previous_ids": ("toy-01",)},
            "negative: -1",
        ),
        ({"n_grids": (0, 2)}, "0 to 2 grids"),
        ({"pi": np.full((1, 4), 1 << 60)}, "too large"),
        ({"pi": np.array([[1 << 60, 0, 0, 0]])}, "too large"),
        ({"steps": np.array([[0, 1], [-1, 0]])}, "1 branches .* missing"),
        ({"steps": np.array([[0, 1], [-1, 0], [-1, 0], [-1, 0]])}, "goes on after"),
        ({"steps": np.empty((0, 2), dtype=np.int64)}, "1 branches .* missing"),
        ({"steps": np.array([[1, 0], [-1, 0], [-1, 0]])}, "region 1 that is not"),
        ({"steps": np.array([[-1, 1]])}, "row 1 of 1"),
        ({"steps": np.array([[-1, -1]])}, "row -1 of 1"),
        ({"order": np.array([0, 1, 2, 2])}, "name everybody once"),
        ({"regions": np.array([[0, 3]])}, "not the whole block"),
        ({"regions": np.array([[0, 4], [2, 5]])}, "outside the 4"),
        ({"regions": np.array([[0, 4], [0, 2], [1, 3]])}, "without one holding"),
    ],
)
def test_damaged_duals_are_refused(change, words):
    """Wrong lengths, negative label prices and overflow are named, never summed."""
    evidence = make_evidence(np.random.default_rng(1), 4)
    with pytest.raises(ValueError, match=words):
        proven_bound(make_certificate(4, **change), evidence)


def test_one_huge_dual_proves_nothing_by_passing_64_bits():
    """A price that every grid takes off, k times, is refused before it can wrap."""
    n, k = 64, 32
    evidence = make_evidence(np.random.default_rng(8), n)
    pi = np.zeros((1, n), dtype=np.int64)
    pi[0, 0] = 1 << 60
    false = make_certificate(n, pi=pi, n_grids=(k, k))
    with pytest.raises(ValueError, match="too large to be summed exactly"):
        proven_bound(false, evidence)
    pi[0, 0] = 1 << 55
    assert proven_bound(make_certificate(n, pi=pi, n_grids=(k, k)), evidence) < 0


def test_a_fixed_enterprise_counts_in_its_own_grid_alone():
    """A fixed pair makes every other label dear: the bound rises, never past truth."""
    rng = np.random.default_rng(5)
    evidence = make_evidence(rng, 4, 1)
    free = make_certificate(
        4, sigma=np.zeros((1, 1), dtype=np.int64), previous_ids=("toy-01",), least=4,
        most=4, n_grids=(1, 1), pi=np.full((1, 4), 10**6 * SCALE), mover_price=0,
        size_price=0,
    )  # fmt: skip
    held = dataclasses.replace(free, fixed=(("e0", "toy-01"), ("gone", "toy-01")))
    assert proven_bound(held, evidence) == proven_bound(free, evidence)
    apart = dataclasses.replace(held, forbidden=(("e1", "toy-01"),))
    # e0 must, e1 must not be in the one grid there is: no cut exists at all
    assert proven_bound(apart, evidence) > 10 * proven_bound(free, evidence)


def test_wishes_about_others_leave_the_bound_alone():
    """Pairs that name enterprises or grids of other blocks change nothing."""
    evidence = make_evidence(np.random.default_rng(6), 5)
    plain = make_certificate(5, pi=np.arange(5)[None, :] * 100 * SCALE)
    other = dataclasses.replace(
        plain, fixed=(("e0", "other-01"),), forbidden=(("nobody", "other-01"),)
    )
    assert proven_bound(other, evidence) == proven_bound(plain, evidence)


def test_a_band_that_no_block_can_keep_is_refused():
    """A least above the block, or huge weights, are named instead of computed."""
    evidence = make_evidence(np.random.default_rng(7), 4)
    with pytest.raises(ValueError, match="9 to 9 per grid for 4"):
        proven_bound(make_certificate(4, least=9, most=9), evidence)
    heavy = dataclasses.replace(evidence, weight=np.full(4, 1e15))
    with pytest.raises(ValueError, match="too large"):
        proven_bound(make_certificate(4), heavy)


def test_a_lost_leaf_is_never_accepted():
    """Whichever row of a tree is struck out, the rest is no proof."""
    rng = np.random.default_rng(8)
    evidence = make_evidence(rng, 6)
    tree = {"steps": []}
    while len(tree["steps"]) < 9:
        tree = draw_tree(rng, 6, 3)
    whole = make_certificate(
        6, pi=np.zeros((3, 6), dtype=int), sigma=np.zeros((3, 0), dtype=int), **tree
    )
    proven_bound(whole, evidence)
    for row in range(len(whole.steps)):
        torn = dataclasses.replace(whole, steps=np.delete(whole.steps, row, axis=0))
        with pytest.raises(ValueError, match="tree of cases"):
            proven_bound(torn, evidence)


def test_impossible_cases_do_not_count():
    """Leaves that no plan can be in leave the least to the others."""
    evidence = make_evidence(np.random.default_rng(9), 4)
    plain = make_certificate(4, n_grids=(2, 2), regions=np.array([[0, 4], [0, 4]]))
    steps = np.array([[1, 0], [-1, 0], [1, 2], [-1, 0], [-1, 0]])
    cased = dataclasses.replace(plain, steps=steps)
    assert proven_bound(cased, evidence) == proven_bound(plain, evidence)
