"""How a block becomes arrays: prices, areas, past and wishes, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gridopt.blocks import Block
from gridopt.errors import InputError
from gridopt.formulation import (
    Past,
    area_price_m,
    check_wishes,
    labels_of_blocks,
    make_problem,
    make_problems,
    price_dm,
)
from gridopt.geography import local_plane
from gridopt.problem import NONE, GridRules


def make_register(n=6, **columns):
    """Make what a problem reads of a register of n firms."""
    cells = {
        "unit": "u1",
        "category": "trade",
        "village": "",
        "work_area": "",
        "longitude": 121.2 + np.arange(n) / 1000,
        "latitude": 28.1,
        "group_id": "",
        "weight": 1.0,
    }
    index = pd.Index([f"E{i}" for i in range(n)], name="enterprise_id")
    frame = pd.DataFrame({**cells, **columns}, index=index)
    kinds = {"u1": "street", "zjj": "department"}
    units = {
        code: SimpleNamespace(code=code, kind=kind) for code, kind in kinds.items()
    }
    return SimpleNamespace(
        enterprises=frame,
        units=SimpleNamespace(codes=("u1",), get=units.get),
        classification=SimpleNamespace(categories=()),
    )


def make_block(members, block_id="u1-trade", unit="u1"):
    """Make a block of these members, in grids of one to all."""
    members = np.array(members, dtype=np.int64)
    n = len(members)
    return Block(block_id, unit, "trade", members, (block_id,), 1, n, (1, 1))


def past_of(grids):
    """Make a past of the enterprises' previous grids."""
    grid_of = np.array(grids, dtype=object)
    return Past(grid_of, grid_of, tuple(sorted(set(grids) - {""})))


NEW = past_of([""] * 6)


@pytest.mark.parametrize(
    ("metres", "decimetres"), [(0, 0), (0.04, 0), (0.05, 1), (0.25, 3), (12.34, 123)]
)
def test_prices_are_rounded_half_up(metres, decimetres):
    """Halves go up, never to the even neighbour."""
    assert price_dm(metres) == decimetres


@pytest.mark.parametrize(
    ("set_to", "villages", "price"),
    [(None, "v1", 200), (None, "", 0), (0, "v1", 0), (0, "", 0), (75.5, "", 75.5)],
)
def test_the_area_price_follows_the_villages(set_to, villages, price):
    """As set, also 0; where nothing is set 200 m if any firm has a village."""
    register = make_register(village=[villages] + [""] * 5)
    assert area_price_m(register, GridRules(area_price_m=set_to)) == price


def test_a_block_becomes_arrays():
    """Areas and groups are numbered, empty ones are none; prices are decimetres."""
    register = make_register(
        village="v",
        work_area=["p2", "p1", "", "p2", "x", "x"],
        group_id=["", "b", "a", "b", "x", "x"],
        weight=[1, 2, 3, 4, 5, 6],
    )
    rules = GridRules(size_price_m=0.25, linkage_price_m=3, mover_price_m=7)
    past = past_of(["g2", "", "g1", "gone", "", ""])
    block = make_block([0, 1, 2, 3])
    problem = make_problem(register, block, rules, ("g1", "g2"), past)
    assert problem.key == "u1-trade"
    assert problem.areas.tolist() == [1, 0, NONE, 1]
    assert problem.groups.tolist() == [NONE, 1, 0, 1]
    assert problem.previous.tolist() == [1, NONE, 0, NONE]
    assert problem.weights.tolist() == [1, 2, 3, 4]
    assert (problem.n_labels, problem.n_grids) == (2, (1, 1))
    prices = (problem.size_price, problem.area_price)
    assert prices == (3, 2000)
    assert (problem.linkage_price, problem.mover_price) == (30, 70)
    gaps = np.diff(problem.points_dm[:, 0])
    assert np.ptp(gaps) <= 1
    assert abs(gaps[0] - 983) <= 1  # a thousandth of a degree of longitude at 28.1 N


def test_the_bureaus_blocks_have_no_work_areas():
    """S2b: below the bureau there is no third level, so nobody leaves an area."""
    register = make_register(village="v", work_area="p1")
    block = make_block(range(6), "zjj-trade", "zjj")
    problem = make_problem(register, block, GridRules(), (), NEW)
    assert problem.areas.tolist() == [NONE] * 6


def test_wishes_become_positions_of_their_own_block():
    """Pairs of other blocks are left out; positions are those within the block."""
    rules = GridRules(
        fixed=(("E3", "g1"), ("E0", "g1")),
        forbidden=(("E4", "g2"),),
        must_link=(("E3", "E5"), ("E4", "E5")),
        cannot_link=(("E0", "E1"), ("E4", "E3")),
    )
    block = make_block([3, 4, 5])
    problem = make_problem(make_register(), block, rules, ("g1", "g2"), NEW)
    assert problem.fixed.tolist() == [[0, 0]]
    assert problem.forbidden.tolist() == [[1, 1]]
    assert problem.must_link.tolist() == [[0, 2], [1, 2]]
    assert problem.cannot_link.tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("columns", "rules"),
    [
        ({"weight": 1e12}, {}),
        ({}, {"size_price_m": 1e11}),
        ({}, {"mover_price_m": 1e300}),
    ],
)
def test_costs_beyond_exact_sums_are_refused(columns, rules):
    """Weights and prices whose sums would overflow are refused with the block."""
    block = make_block(range(6))
    with pytest.raises(InputError, match="u1-trade 的代价过大"):
        make_problem(make_register(**columns), block, GridRules(**rules), (), NEW)


def test_large_but_exact_costs_are_taken():
    """A weight of a million is no reason to refuse."""
    block = make_block(range(6))
    problem = make_problem(make_register(weight=1e6), block, GridRules(), (), NEW)
    assert problem.weights.max() == 1e6


def test_a_grid_belongs_to_the_block_of_most_survivors():
    """Most survivors decide, then the smaller block id; a dead grid belongs to none."""
    blocks = (make_block([0, 1, 2], "b"), make_block([3, 4, 5], "a"))
    past = past_of(["g1", "g1", "g2", "g1", "g2", ""])
    past = Past(past.grid_of, past.host_of, ("dead", "g1", "g2"))
    assert labels_of_blocks(blocks, past) == [("g1",), ("g2",)]


def test_labels_are_ascending():
    """The labels of a block stand in the order of their ids."""
    past = past_of(["g10", "g2", "g1", "", "", ""])
    (labels,) = labels_of_blocks((make_block(range(6)),), past)
    assert labels == ("g1", "g10", "g2")


def test_without_a_plan_everybody_is_new():
    """No previous plan: no grid, no ids."""
    past = Past.of(make_register(2), None)
    assert (past.grid_of.tolist(), past.grid_ids) == (["", ""], ())


@pytest.mark.parametrize("is_indexed", [True, False])
def test_a_plan_is_read_by_id(is_indexed):
    """By index or by column; newcomers have no grid, leavers' ids stay used."""
    frame = pd.DataFrame(
        {"enterprise_id": ["E1", "E0", "left"], "grid_id": ["g2", "g1", "g9"]}
    )
    plan = frame.set_index("enterprise_id") if is_indexed else frame
    past = Past.of(make_register(3), plan)
    assert past.grid_of.tolist() == ["g1", "g2", ""]
    assert past.grid_ids == ("g1", "g2", "g9")


def test_a_plan_may_leave_grids_empty():
    """Who had no grid is new, whether the cell is empty or missing."""
    frame = pd.DataFrame(
        {"enterprise_id": ["E0", "E1", "E2"], "grid_id": ["g1", None, ""]}
    )
    past = Past.of(make_register(3), frame)
    assert past.grid_of.tolist() == ["g1", "", ""]
    assert past.grid_ids == ("g1",)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"enterprise_id": ["E0"], "grid": ["g"]}, "现有列：enterprise_id、grid"),
        ({"id": ["E0"], "grid_id": ["g"]}, "缺少列 enterprise_id 或 grid_id"),
        (
            {"enterprise_id": ["E0", "E1", "E0"], "grid_id": ["g", "g", "h"]},
            "1 家企业出现不止一次，例如 E0",
        ),
        ({"enterprise_id": ["X"], "grid_id": ["g"]}, "1 家企业无一在本期名录中"),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused(frame, words):
    """Missing columns, an enterprise twice, another place: named, with a remedy."""
    with pytest.raises(InputError, match=words):
        Past.of(make_register(3), pd.DataFrame(frame))


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"fixed": (("E9", "g1"),)}, "fixed 中的 E9 不在本期名录或上期网格中"),
        ({"forbidden": (("E0", "g11"),)}, "forbidden 中的 g11 .*最接近的是 g1"),
        ({"fixed": (("E0", "g2"),)}, "fixed 要求 E0 与 g2 同格，.*划分单元 a 和 b"),
        ({"must_link": (("E0", "E5"),)}, "must_link 要求 E0 与 E5 同格"),
        ({"cannot_link": (("E0", "nobody"),)}, "cannot_link 中的 nobody"),
    ],
)
def test_wishes_across_blocks_are_refused(rules, words):
    """Unknown names and what no plan of these blocks can keep are told."""
    blocks = (make_block([0, 1, 2], "a"), make_block([3, 4, 5], "b"))
    with pytest.raises(InputError, match=words):
        check_wishes(make_register(), GridRules(**rules), blocks, [("g1",), ("g2",)])


def test_wishes_that_hold_anyway_pass():
    """Two blocks never share a grid: to part their enterprises is no fault."""
    blocks = (make_block([0, 1, 2], "a"), make_block([3, 4, 5], "b"))
    rules = GridRules(
        fixed=(("E0", "g1"),), forbidden=(("E0", "g2"),), cannot_link=(("E0", "E5"),)
    )
    check_wishes(make_register(), rules, blocks, [("g1",), ("g2",)])


def test_all_faults_are_told_at_once():
    """The message counts every fault and holds each."""
    rules = GridRules(must_link=(("E0", "x1"), ("E1", "x2")))
    with pytest.raises(InputError, match=r"有 2 项指定无法满足.*x1.*x2"):
        check_wishes(make_register(), rules, (make_block(range(6)),), [()])


def alone(register, block, rules, labels, past):
    """Make a problem as its definition says, one enterprise after another."""
    rows = register.enterprises.iloc[block.members]
    has_areas = register.units.get(block.unit).kind != "department"
    areas = [area if has_areas else "" for area in rows["work_area"]]
    plane_m = local_plane(rows["longitude"].to_numpy(), rows["latitude"].to_numpy())

    def numbered(names):
        known = sorted(set(names) - {""})
        return [known.index(name) if name else NONE for name in names]

    def pairs(wishes, second):
        first = list(rows.index)
        kept = [(first.index(a), b) for a, b in wishes if a in first and b in second]
        return [[a, second.index(b)] for a, b in kept]

    return {
        "points_dm": np.floor(10 * plane_m + 0.5).tolist(),
        "weights": rows["weight"].tolist(),
        "areas": numbered(areas),
        "groups": numbered(rows["group_id"]),
        "previous": [
            labels.index(grid_id) if grid_id in labels else NONE
            for grid_id in past.grid_of[block.members]
        ],
        "fixed": pairs(rules.fixed, labels),
        "forbidden": pairs(rules.forbidden, labels),
        "must_link": pairs(rules.must_link, list(rows.index)),
        "cannot_link": pairs(rules.cannot_link, list(rows.index)),
    }


@pytest.mark.parametrize("seed", range(8))
def test_all_blocks_at_once_are_each_block_alone(seed):
    """Columns read once for all blocks give what each block gives by itself."""
    rng = np.random.default_rng(seed)
    n = 40
    register = make_register(
        n,
        village="v",
        work_area=rng.choice(["", "p1", "p10", "p2"], n),
        group_id=rng.choice(["", "", "a", "b"], n),
        weight=rng.integers(1, 9, n) / 4,
        latitude=28 + rng.random(n),
    )
    shuffled = [np.sort(part) for part in np.split(rng.permutation(n), [5, 6, 22])]
    units = ["u1", "zjj", "u1", "zjj"]
    blocks = [
        make_block(members, f"{unit}-{at}", unit)
        for at, (members, unit) in enumerate(zip(shuffled, units, strict=True))
    ]
    past = past_of(rng.choice(["", "g1", "g2", "g3", "g10"], n))
    labels = labels_of_blocks(blocks, past)

    def some(second):
        a, b = rng.integers(n, size=30), rng.choice(second, 30)
        return tuple((f"E{i}", str(name)) for i, name in zip(a, b, strict=True))

    ids = list(register.enterprises.index)
    rules = GridRules(
        fixed=some(["g1", "g2", "g3", "g10"]),
        forbidden=some(["g1", "g2", "g3", "g10"]),
        must_link=some(ids),
        cannot_link=some(ids),
    )
    problems = make_problems(register, blocks, rules, labels, past)
    assert [problem.key for problem in problems] == [b.block_id for b in blocks]
    for problem, block, of_block in zip(problems, blocks, labels, strict=True):
        wanted = alone(register, block, rules, of_block, past)
        assert {name: getattr(problem, name).tolist() for name in wanted} == wanted
        assert problem.n_labels == len(of_block)
