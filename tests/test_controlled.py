"""Controlled rounding: golden tables, brute force, duality, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from gridopt.awards.rounding import count_stars
from gridopt.quotas import find_flaws
from gridopt.solvers import round_controlled

PATH = Path(__file__).parent / "cases" / "controlled.yaml"
CASES = YAML(typ="safe").load(PATH.read_text(encoding="utf-8"))
C13 = CASES["c13"]
SHARES = [(60, 30, 10), (55, 30, 15), (33, 33, 34), (50, 50, 0), (0, 0, 100)]
ODD = [(7, 0, 93), (1, 98, 1), (29, 42, 29), (90, 0, 10)]


def at_floor(members):
    """Return ceil(4 m / 5) for each number of members."""
    return (4 * np.asarray(members) + 4) // 5


def cut_grids(members):
    """Cut units into near-equal grids of about 20: people at the floor, and units."""
    sizes, units = [], []
    for unit, size in enumerate(members):
        n_grids = max(1, (size + 10) // 20)
        sizes += [size // n_grids + (i < size % n_grids) for i in range(n_grids)]
        units += [unit] * n_grids
    return at_floor(sizes), units


# --- the definition, pool by pool -----------------------------------------------------


def is_near(stars, people, shares):
    """Tell whether each star, and two and three together, is a floor or a ceiling."""
    told = [(stars[s], shares[s]) for s in range(3)]
    told.append((stars[1] + stars[2], shares[1] + shares[2]))
    return all(
        n in (share * people // 100, -(-share * people // 100)) for n, share in told
    )


def rows_of(people, shares):
    """List every row that a pool may have, with its cost."""
    scale = 10 if all(share % 10 == 0 for share in shares) else 100
    rows = []
    low = [share * people // 100 for share in shares]
    for ups in product((0, 1), repeat=3):
        stars = tuple(a + b for a, b in zip(low, ups, strict=True))
        if sum(stars) == people and is_near(stars, people, shares):
            rests = [share * people % 100 * scale // 100 for share in shares]
            cost = sum(u * (scale - 2 * r) for u, r in zip(ups, rests, strict=True))
            rows.append((cost, stars))
    return rows


def city_of(people, shares):
    """Return the counts of the whole city, from the top half up."""
    return tuple(int(n) for n in count_stars(people, "cum_half_up", shares))


def add(*tables):
    """Add rows up."""
    return tuple(map(sum, zip(*tables, strict=True)))


def costs_of(qualified, shares, units):
    """Try every table; return those that are allowed by their cost."""
    found = {}
    for table in product(*[rows_of(q, shares) for q in qualified]):
        stars = [row for _, row in table]
        if add(*stars) != city_of(sum(qualified), shares):
            continue
        is_kept = True
        for unit in set(units):
            mine = [i for i, u in enumerate(units) if u == unit]
            people = sum(qualified[i] for i in mine)
            is_kept &= is_near(add(*[stars[i] for i in mine]), people, shares)
        if is_kept:
            found.setdefault(sum(cost for cost, _ in table), []).append(stars)
    return found


def all_optima(qualified, shares, units):
    """Return the least cost and every table that has it."""
    return min(costs_of(qualified, shares, units).items())


def read_out(stars):
    """Read a table pool by pool, star 3, 2, 1."""
    return [n for row in stars for n in row[::-1]]


def negate(numbers):
    """Turn every sign."""
    return tuple(-n for n in numbers)


def fold(parts, keep=lambda _: True):
    """Add parts up from the last to the first: best (cost, vector) of every sum.

    A vector is negated, so that the least of it is the largest table.
    """
    best = {(0, 0, 0): (0, ())}
    for part in reversed(parts):
        longer = {}
        for (total, rest), (row, (cost, vector)) in product(best.items(), part.items()):
            told = rest[0] + cost, vector + rest[1]
            key = add(total, row)
            longer[key] = min(longer.get(key, told), told)
        best = longer
    return {total: told for total, told in best.items() if keep(total)}


def best_by_folding(qualified, shares, units):
    """Find the cheapest, then largest table of sorted units by dynamic programming."""
    parts = []
    for unit in sorted(set(units)):
        mine = [q for q, u in zip(qualified, units, strict=True) if u == unit]
        rows = [
            {
                row: (cost, tuple(-n for n in row[::-1]))
                for cost, row in rows_of(q, shares)
            }
            for q in mine
        ]
        parts.append(fold(rows, lambda s, mine=mine: is_near(s, sum(mine), shares)))
    cost, vector = fold(parts)[city_of(sum(qualified), shares)]
    return cost, list(negate(vector))


# --- what must come out ---------------------------------------------------------------


@pytest.mark.parametrize("case", C13["rows"], ids=lambda case: case["at"])
def test_city_of_thirteen_units(case):
    """The printed city must come out to the person, its cost and its three optima."""
    members = np.array(C13["members"])
    qualified = at_floor(members) if case["at"] == "floor" else members
    found = round_controlled(qualified)
    assert (qualified.sum(), found.cost) == (case["qualified"], case["cost"])
    assert found.stars.sum(axis=0).tolist() == case["city"]
    assert found.stars.sum(axis=0) @ [1000, 2000, 3000] == case["yuan"]
    assert found.stars[:, 1].tolist() == case.get("two", found.stars[:, 1].tolist())
    assert found.stars[:, 2].tolist() == case.get("three", found.stars[:, 2].tolist())
    assert find_flaws(found, qualified) == []
    assert case["clause"] == "F7"


@pytest.mark.parametrize("case", C13["rows"], ids=lambda case: case["at"])
def test_optima_of_the_thirteen_units(case):
    """The city must have as many cheapest tables as printed, and ours the largest."""
    members = np.array(C13["members"])
    qualified = at_floor(members) if case["at"] == "floor" else members
    # all tables of the first and the second half, joined where the city is right
    halves = []
    for part in (qualified[:7].tolist(), qualified[7:].tolist()):
        sums = {}
        for table in product(*[rows_of(q, (60, 30, 10)) for q in part]):
            cost, stars = sum(c for c, _ in table), [row for _, row in table]
            sums.setdefault(add(*stars), []).append((cost, stars))
        least = {total: min(told)[0] for total, told in sums.items()}
        halves.append(
            {t: [s for c, s in told if c == least[t]] for t, told in sums.items()}
            | {"cost": least}
        )
    first, second = halves
    pairs = {}
    for total, cost in first["cost"].items():
        rest = tuple(a - b for a, b in zip(case["city"], total, strict=True))
        if rest in second["cost"]:
            pairs.setdefault(cost + second["cost"][rest], []).append((total, rest))
    tables = [a + b for t, r in pairs[min(pairs)] for a in first[t] for b in second[r]]
    assert (min(pairs), len(tables)) == (case["cost"], case["n_optima"])
    largest = max(tables, key=read_out)
    assert round_controlled(qualified).stars.tolist() == [list(row) for row in largest]


def test_grids_nested_in_units():
    """76 grids in 13 units must come out as printed, in units and in the city."""
    case = C13["nested"]
    qualified, units = cut_grids(C13["members"])
    found = round_controlled(qualified, parents=units)
    assert (len(units), qualified.sum()) == (case["n_grids"], case["qualified"])
    assert (found.cost, found.stars.sum(axis=0).tolist()) == (
        case["cost"],
        case["city"],
    )
    assert found.stars.sum(axis=0) @ [1000, 2000, 3000] == case["yuan"]
    assert find_flaws(found, qualified, parents=units) == []
    cost, vector = best_by_folding(qualified.tolist(), (60, 30, 10), units)
    assert (found.cost, read_out(found.stars.tolist())) == (cost, vector)


@pytest.mark.parametrize("case", CASES["by_hand"], ids=lambda case: str(case["stars"]))
def test_tables_worked_by_hand(case):
    """Small tables must come out as worked by hand."""
    found = round_controlled(case["qualified"])
    assert (found.stars.tolist(), found.cost) == (case["stars"], case["cost"])


@pytest.mark.parametrize("shares", SHARES + ODD)
def test_brute_force(shares):
    """Of all tables of a few pools in any units the largest cheapest must be found."""
    random = np.random.default_rng(sum(shares[:2]))
    for _ in range(40):
        n = int(random.integers(1, 7))
        top = int(random.choice([5, 12, 40]))
        qualified = random.integers(0, top, n).tolist()
        units = np.unique(random.integers(0, n, n), return_inverse=True)[1].tolist()
        for parents in (None, units):
            least, optima = all_optima(qualified, shares, parents or [0] * n)
            found = round_controlled(qualified, shares, parents)
            assert found.cost == least, (qualified, parents)
            largest = max(optima, key=read_out)
            told = [list(row) for row in largest]
            assert found.stars.tolist() == told, (qualified, parents)


@pytest.mark.parametrize("shares", SHARES[:4] + ODD[:2])
@pytest.mark.parametrize("is_nested", [False, True])
def test_dynamic_programming(shares, is_nested):
    """Of some dozen pools in listed units the largest cheapest must be found."""
    random = np.random.default_rng(sum(shares[:1]) + is_nested)
    for _ in range(12):
        n = int(random.integers(8, 22))
        # few different remainders: many ties
        qualified = random.choice(random.integers(0, 60, 4), n).tolist()
        units = np.sort(random.integers(0, 5, n)) if is_nested else np.zeros(n, int)
        units = np.unique(units, return_inverse=True)[1].tolist()
        found = round_controlled(qualified, shares, units if is_nested else None)
        expected = best_by_folding(qualified, shares, units)
        assert (found.cost, read_out(found.stars.tolist())) == expected


def test_larger_tables_are_cheapest():
    """Five hundred larger tables must keep every limit and reach their own bound."""
    random = np.random.default_rng(8)
    for turn in range(500):
        shares = [*SHARES, *ODD][turn % 9]
        n = int(random.integers(1, 200))
        qualified = random.integers(0, int(random.choice([3, 25, 300])), n)
        units = np.unique(random.integers(0, 1 + n // 6, n), return_inverse=True)[1]
        parents = units if turn % 2 else None
        found = round_controlled(qualified, shares, parents)
        assert find_flaws(found, qualified, shares, parents) == []
        assert found.stars.min() >= 0


def test_equal_pools_share_the_third_stars_from_the_top():
    """Of pools that cannot be told apart the first must have the higher stars."""
    stars = round_controlled([14] * 75).stars
    assert (np.diff(stars[:, 2]) <= 0).all()
    of_equal = [stars[stars[:, 2] == three, 1] for three in (1, 2)]
    assert all((np.diff(two) <= 0).all() for two in of_equal)
    assert stars.sum(axis=0).tolist() == list(city_of(75 * 14, (60, 30, 10)))


def test_order_moves_stars_but_not_the_sum():
    """Another order of pools or numbering of units must cost the same in all."""
    random = np.random.default_rng(3)
    qualified, units = (np.array(part) for part in cut_grids(C13["members"]))
    first = round_controlled(qualified, parents=units)
    for _ in range(5):
        order = random.permutation(len(units))
        found = round_controlled(qualified[order], parents=units[order])
        assert found.cost == first.cost
        assert (found.stars.sum(axis=0) == first.stars.sum(axis=0)).all()
        named = random.permutation(13)[units]
        again = round_controlled(qualified, parents=named)
        assert (again.stars == first.stars).all()


def test_ten_people_more_are_six_three_and_one():
    """Ten people more in a pool must give it 6, 3 and 1 stars more, others nothing."""
    qualified, units = cut_grids(C13["members"])
    before = round_controlled(qualified, parents=units)
    more = qualified.copy()
    more[[4, 40]] += 10
    after = round_controlled(more, parents=units)
    gained = after.stars - before.stars
    assert gained[[4, 40]].tolist() == [[6, 3, 1]] * 2
    assert gained.sum() == 20 and after.cost == before.cost


def test_pools_of_nobody_and_of_very_many():
    """No pools, empty pools and the largest numbers must be rounded without harm."""
    empty = round_controlled([])
    assert (empty.stars.shape, empty.cost, find_flaws(empty, [])) == ((0, 3), 0, [])
    nobody = round_controlled([0, 0], parents=[0, 1])
    assert nobody.stars.tolist() == [[0] * 3] * 2
    shares = (29, 42, 29)
    many = [10**8, 10**8 - 1, 10**8 - 37] * 20
    found = round_controlled(many, shares)
    assert find_flaws(found, many, shares) == []
    assert tuple(found.stars.sum(axis=0)) == city_of_any(sum(many), shares)


def city_of_any(people, shares):
    """Return the counts of a city of any size, as Python counts."""
    three = (2 * shares[2] * people + 100) // 200
    above = (2 * (shares[1] + shares[2]) * people + 100) // 200
    return people - above, above - three, three


@pytest.mark.parametrize("shares", SHARES + ODD)
def test_one_pool_is_rounded_from_the_top_half_up(shares):
    """A single pool must have the counts of `cum_half_up`, also as a single grid."""
    for q in range(120):
        expected = [list(city_of(q, shares))]
        assert round_controlled([q], shares).stars.tolist() == expected
        assert round_controlled([q], shares, [0]).stars.tolist() == expected


# --- what must be found wrong ---------------------------------------------------------


def test_dearer_tables_are_found_out():
    """Every other table of the same sums must be called dearer, whatever it claims."""
    qualified, shares = [4, 6, 7, 13, 9], (60, 30, 10)
    found = round_controlled(qualified)
    n_dearer = 0
    for table in product(*[rows_of(q, shares) for q in qualified]):
        stars, cost = np.array([row for _, row in table]), sum(c for c, _ in table)
        if tuple(stars.sum(axis=0)) == city_of(sum(qualified), shares):
            flaws = find_flaws(replace(found, stars=stars, cost=cost), qualified)
            assert bool(flaws) == (cost > found.cost)
            n_dearer += bool(flaws)
    assert n_dearer > 5


@pytest.mark.parametrize("shares", SHARES[:3])
def test_no_prices_prove_a_dearer_table(shares):
    """Whatever prices are claimed, none may prove a table that is not cheapest."""
    random = np.random.default_rng(5)
    qualified, units = [4, 6, 17, 13, 9], [0, 0, 1, 1, 1]
    found = round_controlled(qualified, shares, units)
    worse = min(set(costs_of(qualified, shares, units)) - {found.cost})
    [stars] = costs_of(qualified, shares, units)[worse][:1]
    claim = replace(found, stars=np.array(stars), cost=worse)
    for _ in range(2000):
        prices = random.integers(-15, 16, (3, 3)) * (1 if shares[0] == 60 else 10)
        told = replace(claim, city_prices=prices[0], unit_prices=prices[1:])
        [flaw] = find_flaws(told, qualified, shares, units)
        low = int(flaw.rsplit(" ", 1)[1])
        assert "might be as low" in flaw and low <= found.cost


def test_prices_of_stars_that_nobody_takes_prove_nothing_less():
    """A star whose share is whole in every pool may have any price."""
    qualified = [5, 15, 25]
    found = round_controlled(qualified)
    dear = np.array([50, 0, 0])
    prices = {
        "city_prices": found.city_prices + dear,
        "unit_prices": found.unit_prices + dear,
    }
    assert find_flaws(replace(found, **prices), qualified) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cost": -95}, "the cost is -94, not -95"),
        ({"city_prices": np.array([0, 5, 0])}, "might be as low"),
        ({"unit_prices": np.array([[0, 9, 0]])}, "might be as low"),
        ({"unit_prices": np.zeros((2, 3), dtype=np.int64)}, "do not fit"),
        ({"stars": np.zeros((13, 3))}, "float64"),
    ],
)
def test_wrong_claims_are_found(change, said):
    """A wrong cost, prices that prove nothing and counts of parts must be named."""
    qualified = at_floor(C13["members"])
    found = round_controlled(qualified)
    [flaw] = find_flaws(replace(found, **change), qualified)
    assert said in flaw


def test_wrong_stars_are_found():
    """Rows that do not add up, cells off their share and wrong sums must be named."""
    qualified = [6, 16, 19, 150]
    found = round_controlled(qualified)

    def flaws_of(moves, parents=None):
        stars = found.stars.copy()
        for pool, star, n in moves:
            stars[pool, star - 1] += n
        prices = np.zeros((len(set(parents or [0])), 3), dtype=np.int64)
        claim = replace(found, stars=stars, unit_prices=prices)
        return " / ".join(find_flaws(claim, qualified, parents=parents))

    assert "do not add up" in flaws_of([(0, 1, 1)])
    assert "of a pool is no floor" in flaws_of([(3, 1, 1), (3, 2, -1)])
    assert "the city has not [115, 57, 19]" in flaws_of([(1, 1, -1), (1, 3, 1)])
    # 6 and 16 make 22 with 13.2 of one star: besides 4 there may be 9 or 10
    for one, is_off in ((8, True), (9, False), (10, False), (11, True)):
        moves = [(1, 1, one - 10), (1, 2, 10 - one)]
        found_off = "of a unit is no floor" in flaws_of(moves, [0, 0, 1, 1])
        assert found_off == is_off, one


@pytest.mark.parametrize(
    ("qualified", "shares", "parents", "error", "said"),
    [
        ([6.0], (60, 30, 10), None, TypeError, "Qualified.*float64"),
        ([True], (60, 30, 10), None, TypeError, "bool"),
        (["6"], (60, 30, 10), None, TypeError, "whole numbers"),
        ([-1], (60, 30, 10), None, ValueError, "between 0 and 100000000; found -1"),
        ([10**9], (60, 30, 10), None, ValueError, "found 1000000000"),
        ([[6]], (60, 30, 10), None, ValueError, "shape"),
        ([6], (60, 30, 9), None, ValueError, "sum to 100"),
        ([6], (60, 40), None, ValueError, "sum to 100"),
        ([6], (110, -20, 10), None, ValueError, "sum to 100"),
        ([6, 7], (60, 30, 10), [0], ValueError, "1 numbers of units.*2 pools"),
        ([6, 7], (60, 30, 10), [0, 2], ValueError, "no pool lies in 1"),
        ([6], (60, 30, 10), [1], ValueError, "no pool lies in 0"),
        ([6], (60, 30, 10), [-1], ValueError, "Numbers of units.*found -1"),
        ([6], (60, 30, 10), [0.0], TypeError, "Numbers of units.*float64"),
    ],
)
def test_wrong_calls_are_refused(qualified, shares, parents, error, said):
    """Numbers that are not whole, shares and units that cannot be must be refused."""
    with pytest.raises(error, match=said):
        round_controlled(qualified, shares, parents)
