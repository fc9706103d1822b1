"""Whatever a certificate holds, the checker proves no more than is so, or says no."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from exhaustive import best_cost, best_cost_within
from odd_blocks import draw_tree

from gridopt.certificate import (
    SCALE,
    Certificate,
    Evidence,
    claimed_cost,
    places_dm,
    proven_bound,
)
from gridopt.problem import Problem
from gridopt.solvers import solve

EXTREMES = (-(1 << 63), (1 << 63) - 1, -(1 << 61), 1 << 60, 1 << 62, -1, 0, 1)
ARRAYS = ("pi", "sigma", "order", "regions", "steps")
NUMBERS = ("least", "most", "target", "n_grids", "size_price", "area_price")
NUMBERS += ("linkage_price", "mover_price")
N_ROWS = 3


def draw_evidence(rng, n, n_labels):
    """Draw n enterprises within a few kilometres, often some at one place."""
    reach = int(rng.integers(1, 40))
    heavy = (1, 4, 1000)[rng.integers(3)]
    return Evidence(
        longitude=121.2 + rng.integers(0, reach, n) / 1000,
        latitude=28.1 + rng.integers(0, reach, n) / 1000,
        weight=rng.integers(1, heavy + 1, n) / (1, 2, 3)[rng.integers(3)],
        area=np.array(["", "p01", "p02"])[rng.integers(0, 3, n)],
        group=np.array(["", "g1", "g2"])[rng.integers(0, 3, n)],
        previous=rng.integers(-1, n_labels, n),
    )


def draw_certificate(seed):
    """Draw a block, its rules, and some prices and cases."""
    rng = np.random.default_rng(seed)
    n, n_labels = int(rng.integers(2, (8, 13)[seed % 8 == 0])), int(rng.integers(0, 4))
    evidence = draw_evidence(rng, n, n_labels)
    least = int(rng.integers(1, min(n, 5) + 1))
    most = least + int(rng.integers(0, 4)) + (n if rng.random() < 0.1 else 0)
    counts = sorted(rng.integers(1, n + 1, 2).tolist())
    if rng.random() < 0.8:
        counts = [max(1, -(-n // most)), max(1, n // least)]
        counts = [min(counts), max(counts)]
    ids = tuple(f"e{i:02d}" for i in range(n))
    before = tuple(f"toy-{p:02d}" for p in range(n_labels))
    dear = (0, 200, 5_000)[rng.integers(3)]
    certificate = Certificate(
        block_id="toy",
        enterprise_ids=ids,
        least=least,
        most=most,
        target=int(rng.integers(1, 8)),
        n_grids=(counts[0], counts[1]),
        size_price=int(rng.integers(0, dear + 1)),
        area_price=int(rng.integers(0, dear + 1)),
        linkage_price=int(rng.integers(0, dear + 1)),
        mover_price=int(rng.integers(0, 2 * dear + 1)),
        previous_ids=before,
        fixed=draw_wishes(rng, ids, before),
        forbidden=draw_wishes(rng, ids, before),
        must_link=(),
        cannot_link=(),
        cost=0,
        bound=0,
        **draw_prices(rng, n, n_labels),
        **draw_tree(rng, n, N_ROWS),
    )
    return rng, certificate, evidence


def draw_wishes(rng, ids, before):
    """Draw up to two pairs of enterprise and grid, some of other blocks."""
    ids, before = (*ids, "other"), (*before, "other-01")
    return tuple(
        (ids[rng.integers(len(ids))], before[rng.integers(len(before))])
        for _ in range(rng.integers(0, 3) * rng.integers(0, 2))
    )


def draw_prices(rng, n, n_labels):
    """Draw rows of prices, from none at all to as high as can be summed."""
    high = int(10 ** rng.uniform(0, (5, 5, 5, 14)[rng.integers(4)]))
    centre = int(rng.integers(0, high + 1))
    pi = centre + rng.integers(-high, high + 1, (N_ROWS, n))
    sigma = rng.integers(0, high + 1, (N_ROWS, n_labels))
    return {"pi": pi * SCALE, "sigma": sigma * SCALE * rng.integers(0, 2)}


def problem_of(certificate, evidence):
    """Say the same block in the solvers' words, without links."""
    row = {key: i for i, key in enumerate(certificate.enterprise_ids)}
    column = {key: p for p, key in enumerate(certificate.previous_ids)}
    wishes = {
        name: np.array(
            [
                (row[a], column[b])
                for a, b in getattr(certificate, name)
                if a in row and b in column
            ],
            dtype=np.int64,
        ).reshape(-1, 2)
        for name in ("fixed", "forbidden")
    }
    return Problem(
        key="toy",
        points_dm=places_dm(evidence.longitude, evidence.latitude),
        weights=evidence.weight.copy(),
        areas=np.unique(["", *evidence.area], return_inverse=True)[1][1:] - 1,
        groups=np.unique(["", *evidence.group], return_inverse=True)[1][1:] - 1,
        previous=evidence.previous.copy(),
        n_labels=len(column),
        **{name: getattr(certificate, name) for name in NUMBERS},
        **wishes,
    )


def bound_or_words(certificate, evidence):
    """Bound that is proven, None where it is refused in words."""
    try:
        return proven_bound(certificate, evidence)
    except ValueError as fault:
        assert len(str(fault)) > 10
        return None


def spoil_array(rng, certificate, name):
    """Change one array of a certificate: a value, rows, or its length."""
    array = getattr(certificate, name).copy()
    match rng.integers(6):
        case 0 if array.size:
            with np.errstate(over="ignore"):
                array.flat[rng.integers(array.size)] += rng.integers(-2, 3)
        case 1 if array.size:
            array.flat[rng.integers(array.size)] = EXTREMES[rng.integers(8)]
        case 2 if len(array):
            array = np.delete(array, rng.integers(len(array)), axis=0)
        case 3 if len(array):
            array = np.insert(array, rng.integers(len(array)), array[-1], axis=0)
        case 4:
            array = rng.permutation(array)
        case _:
            array = rng.permuted(array, axis=-1)
    return replace(certificate, **{name: array})


def spoil_tree(rng, certificate):
    """Cut off a case, hang one in, or turn two branches around."""
    steps = certificate.steps
    at = int(rng.integers(len(steps)))
    match rng.integers(3):
        case 0:
            steps = np.delete(steps, at, axis=0)
        case 1:
            steps = np.insert(steps, at, [0, rng.integers(-1, 4)], axis=0)
        case _:
            other = int(rng.integers(len(steps)))
            steps = steps.copy()
            steps[[at, other]] = steps[[other, at]]
    return replace(certificate, steps=steps)


def raise_prices(rng, certificate):
    """Raise prices a little, or pay for labels, as who wants to prove more."""
    high = 1 << int(rng.integers(1, 24))
    name = ("pi", "sigma")[rng.integers(2)]
    price = getattr(certificate, name)
    more = rng.integers(0, high, price.shape)
    return replace(
        certificate, **{name: price + more if name == "pi" else price - more}
    )


def cross_regions(rng, certificate):
    """Let two regions overlap, so that one medoid might count in both."""
    n, regions = certificate.pi.shape[1], certificate.regions.copy()
    if len(regions) < 3 or n < 3:
        return certificate
    one, two = 1 + rng.permutation(len(regions) - 1)[:2]
    regions[[one, two]] = [[0, n - 1], [1, n]]
    return replace(certificate, regions=regions)


def spoil(rng, certificate):
    """Spoil the proof of a certificate in one to three ways."""
    for _ in range(rng.integers(1, 4)):
        if not certificate.steps.size:
            break
        match rng.integers(5):
            case 0:
                certificate = spoil_tree(rng, certificate)
            case 1:
                certificate = raise_prices(rng, certificate)
            case 2 if len(certificate.regions):
                certificate = cross_regions(rng, certificate)
            case _:
                name = ARRAYS[rng.integers(len(ARRAYS))]
                certificate = spoil_array(rng, certificate, name)
    return certificate


def proofs_of(rng, certificate, evidence):
    """Yield the certificate, the solver's own proof, and spoilt ones of both."""
    yield certificate
    yield from (spoil(rng, certificate) for _ in range(6))
    try:
        tree = solve(problem_of(certificate, evidence)).tree
    except ValueError:
        return
    proof = {name: getattr(tree, name) for name in ARRAYS}
    good = replace(certificate, **proof)
    yield good
    yield from (spoil(rng, good) for _ in range(12))


def check_block(seed):
    """Hold every bound that is proven of a block against its cheapest plan.

    Returns
    -------
    How many certificates were accepted and how many refused.
    """
    rng, certificate, evidence = draw_certificate(seed)
    best = best_cost(problem_of(certificate, evidence))
    bounds = [
        bound_or_words(one, evidence) for one in proofs_of(rng, certificate, evidence)
    ]
    accepted = [bound for bound in bounds if bound is not None]
    assert best is None or max(accepted, default=best) <= best, seed
    return len(accepted), len(bounds) - len(accepted)


@pytest.mark.parametrize("seed", range(40))
def test_no_proof_reaches_above_the_cheapest_plan(seed):
    """Whatever prices, cases, regions and order, the bound is true or refused."""
    check_block(seed)


@pytest.mark.parametrize("seed", [seed for seed in range(60) if seed % 8])
def test_no_proof_under_a_cap_reaches_above_the_cheapest_plan(seed):
    """With a surcharge and frozen grids: no more than the best plan within the cap."""
    rng, certificate, evidence = draw_certificate(seed)
    before = certificate.previous_ids
    certificate = replace(
        certificate,
        mover_surcharge=int(rng.integers(0, 8_000)),
        mover_allotment=int(rng.integers(0, 4)),
        frozen=before[: rng.integers(0, 2)] if seed % 2 else (),
    )
    problem = with_frozen(problem_of(certificate, evidence), len(certificate.frozen))
    best = best_cost_within(problem, certificate.mover_allotment)
    for one in proofs_of(rng, certificate, evidence):
        bound = bound_or_words(one, evidence)
        assert None in (best, bound) or bound <= best, seed


def with_frozen(problem, n_frozen):
    """Say of the first labels that their members stay and nobody else comes in."""
    who, label = np.divmod(np.arange(problem.n * n_frozen), max(n_frozen, 1))
    stays = problem.previous[who] == label
    pairs = np.column_stack([who, label])
    return replace(
        problem,
        fixed=np.vstack([problem.fixed, pairs[stays]]),
        forbidden=np.vstack([problem.forbidden, pairs[~stays]]),
    )


@pytest.mark.parametrize("seed", range(30))
def test_the_checker_proves_what_the_solver_says(seed):
    """What a solver proves of a block, the checker proves to the decimetre."""
    _, certificate, evidence = draw_certificate(seed)
    try:
        result = solve(problem_of(certificate, evidence))
    except ValueError:
        return
    proof = {name: getattr(result.tree, name) for name in ARRAYS}
    assert proven_bound(replace(certificate, **proof), evidence) == result.bound


def draw_plan(rng, certificate):
    """Draw some plan: the medoid of each enterprise, and the label of its grid."""
    n, n_labels = len(certificate.enterprise_ids), len(certificate.previous_ids)
    fewest, most = certificate.n_grids
    counts = [
        k
        for k in range(max(fewest, 1), min(most, n) + 1)
        if certificate.least * k <= n <= certificate.most * k
    ]
    if not counts:
        return None
    k = counts[rng.integers(len(counts))]
    grids = rng.permutation(np.arange(n) % k)
    medoids = np.array(
        [rng.permutation(np.flatnonzero(grids == g))[0] for g in range(k)]
    )
    labels = rng.permutation(np.append(np.arange(n_labels), np.full(k, -1)))[:k]
    return medoids[grids], labels[grids]


def exact_cost(certificate, evidence, medoid_of, label_of):
    """Price a plan in whole numbers of any length."""
    places = places_dm(evidence.longitude, evidence.latitude)
    total = 0
    for i, j in enumerate(medoid_of.tolist()):
        way = float(np.sqrt(((places[i] - places[j]).astype(np.float64) ** 2).sum()))
        total += math.floor(float(evidence.weight[i]) * way + 0.5)
        area, group = evidence.area, evidence.group
        if area[i] and area[j] and area[i] != area[j]:
            total += certificate.area_price
        if group[i] and group[i] != group[j]:
            total += certificate.linkage_price
        if evidence.previous[i] >= 0 and evidence.previous[i] != label_of[i]:
            total += certificate.mover_price
    for size in Counter(medoid_of.tolist()).values():
        total += abs(size - certificate.target) * certificate.size_price
    return total


def keeps_wishes(certificate, label_of):
    """Whether a plan keeps fixed and forbidden grids."""
    row = {key: i for i, key in enumerate(certificate.enterprise_ids)}
    column = {key: p for p, key in enumerate(certificate.previous_ids)}
    fixed, forbidden = (
        [(row[a], column[b]) for a, b in wishes if a in row and b in column]
        for wishes in (certificate.fixed, certificate.forbidden)
    )
    return all(label_of[i] == p for i, p in fixed) and all(
        label_of[i] != p for i, p in forbidden
    )


def check_numbers(seed):
    """Hold bounds and costs at extreme numbers against plans priced exactly."""
    rng, certificate, evidence = draw_certificate(seed)
    names = rng.permutation(NUMBERS)[: rng.integers(1, 4)]
    for name in names.tolist():
        ends = [
            EXTREMES[rng.integers(8)] if rng.random() < 0.7 else 10**300
            for _ in range(2)
        ]
        value = tuple(ends) if name == "n_grids" else ends[0]
        certificate = replace(certificate, **{name: value})
    if rng.random() < 0.2:
        weight = evidence.weight.copy()
        weight[rng.integers(len(weight))] = 10.0 ** rng.integers(5, 300)
        evidence = replace(evidence, weight=weight)
    bound = bound_or_words(certificate, evidence)
    for _ in range(4):
        plan = draw_plan(rng, certificate)
        if plan is None:
            continue
        true = exact_cost(certificate, evidence, *plan)
        try:
            assert claimed_cost(certificate, evidence, *plan) == true, seed
        except ValueError as fault:
            assert len(str(fault)) > 10
        if bound is not None and keeps_wishes(certificate, plan[1]):
            assert bound <= true, seed


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(150))
def test_extreme_numbers_are_exact_or_refused(seed):
    """Prices, bands and counts at the ends of 64 bits are summed right or refused."""
    check_numbers(seed)
