"""Who may share a grid: routing, splitting, joining, bands, numbers and reasons."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridopt.blocks import join_blocks, merge_options, route_units, split_blocks
from gridopt.errors import InputError
from gridopt.problem import GridRules
from gridopt.solvers.merges import choose_merges

RULES = GridRules()
UNITS = {
    "331083001": ("玉城街道", "street", False),
    "331083002": ("坎门街道", "street", False),
    "331083100": ("楚门镇", "town", False),
    "331083102": ("清港镇", "town", False),
    "331083104": ("干江镇", "town", False),
    "331083105": ("沙门镇", "town", False),
    "331083201": ("海山乡", "township", True),
    "zjj": ("市住建局", "department", False),
}
PLACES = {code: (121.2 + 0.05 * i, 28.1) for i, code in enumerate(UNITS)}
CATEGORIES = {
    "construction": ("建筑业", "construction", True),
    "industry": ("工业", "industry", False),
    "real_estate": ("房地产", "real estate", True),
    "services": ("服务业", "services", False),
    "trade": ("贸易", "trade", False),
}
RELATED = ({"construction", "real_estate"}, {"services", "trade"})


def make_register(counts, *, islands=False, has_bureau=True):
    """Make a register of so many enterprises per (unit, category)."""
    rows = [
        (unit, category, *PLACES.get(unit, (121.2, 28.1)))
        for (unit, category), n in counts.items()
        for _ in range(n)
    ]
    index = pd.Index([f"E{i:05d}" for i in range(len(rows))], name="enterprise_id")
    columns = ["unit", "category", "longitude", "latitude"]
    units = {
        code: SimpleNamespace(code=code, name=name, kind=kind, is_island=is_island)
        for code, (name, kind, is_island) in UNITS.items()
        if has_bureau or code != "zjj"
    }
    return SimpleNamespace(
        enterprises=pd.DataFrame(rows, index=index, columns=columns),
        units=SimpleNamespace(codes=tuple(units), get=units.get),
        classification=SimpleNamespace(
            categories=tuple(
                SimpleNamespace(key=k, name_zh=zh, name_en=en, is_bureau=own)
                for k, (zh, en, own) in CATEGORIES.items()
            ),
            are_related=lambda a, b: a == b or {a, b} in RELATED,
        ),
        rules=SimpleNamespace(units=SimpleNamespace(islands=islands)),
    )


def compose(register, rules=RULES, n_previous=None):
    """Split, choose and join; return the blocks by id."""
    base = split_blocks(register, rules)
    choice = choose_merges(merge_options(register, base, rules))
    blocks = join_blocks(register, base, choice, rules, n_previous=n_previous)
    return {block.block_id: block for block in blocks}


def one_block(n, rules=RULES, n_previous=None):
    """Compose a register of one unit and one category."""
    register = make_register({("331083001", "industry"): n})
    return compose(register, rules, n_previous)["331083001-industry"]


def test_bureau_gets_its_categories():
    """Construction and real estate go to the bureau where it owns them (P11)."""
    counts = {("331083001", key): 1 for key in CATEGORIES}
    register = make_register(counts)
    routed = dict(
        zip(CATEGORIES, route_units(register, bureau_owns=True).tolist(), strict=True)
    )
    assert [key for key, unit in routed.items() if unit == "zjj"] == [
        "construction",
        "real_estate",
    ]
    kept = route_units(register, bureau_owns=False)
    alone = route_units(make_register(counts, has_bureau=False), bureau_owns=True)
    assert set(kept) == set(alone) == {"331083001"}


def test_split_is_sorted_and_read_only():
    """Base blocks come in the order of their ids, their members cannot be changed."""
    register = make_register(
        {("331083002", "trade"): 3, ("331083001", "trade"): 2, ("zjj", "services"): 1}
    )
    blocks = split_blocks(register, RULES)
    assert [b.block_id for b in blocks] == [
        "331083001-trade",
        "331083002-trade",
        "zjj-services",
    ]
    assert [b.members.tolist() for b in blocks] == [[3, 4], [0, 1, 2], [5]]
    with pytest.raises(ValueError, match="read-only"):
        blocks[0].members[0] = 7


def test_band_upside_down_is_refused():
    """A least above the most is named with both values."""
    register = make_register({("331083001", "trade"): 2})
    with pytest.raises(InputError, match=r"20 大于最多家数 10.*least \(20\)"):
        split_blocks(register, GridRules(least=20, most=10))


@pytest.mark.parametrize(
    ("n", "band", "n_grids", "kind"),
    [
        (1, (1, 25), 1, "leftover"),
        (7, (7, 25), 1, "leftover"),
        (8, (8, 25), 1, "undersized"),
        (14, (14, 25), 1, "undersized"),
        (26, (15, 26), 1, "widened_band"),
        (27, (15, 27), 1, "widened_band"),
        (28, (14, 25), 2, "widened_band"),
        (29, (14, 25), 2, "widened_band"),
    ],
)
def test_awkward_sizes_alone(n, band, n_grids, kind):
    """A block that can join nobody stays, its band widened just enough (P5)."""
    block = one_block(n)
    assert (block.least, block.most) == band
    assert block.n_grids == (n_grids, n_grids)
    (departure,) = block.departures
    assert (departure.clause, departure.kind) == ("P5", kind)
    assert departure.n_enterprises == n
    assert departure.block_id == "331083001-industry"


@pytest.mark.parametrize("n", [15, 25, 30, 200])
def test_ordinary_sizes_keep_the_rules(n):
    """A block that fits keeps the band and departs from nothing."""
    block = one_block(n)
    assert (block.least, block.most, block.departures) == (15, 25, ())


def test_seven_join_a_relative():
    """Too few for a grid of their own join the related category of their unit (P3)."""
    register = make_register(
        {
            ("331083001", "trade"): 20,
            ("331083001", "services"): 7,
            ("331083001", "industry"): 40,
        }
    )
    blocks = compose(register, GridRules(least=15, most=30))
    assert sorted(blocks) == ["331083001-industry", "331083001-trade"]
    joined = blocks["331083001-trade"]
    assert joined.base == ("331083001-services", "331083001-trade")
    assert (joined.unit, joined.category) == ("331083001", "trade")
    assert joined.members.tolist() == list(range(27))
    (departure,) = joined.departures
    assert (departure.clause, departure.kind) == ("P3", "merged_category")
    assert departure.n_enterprises == 7


def test_reasons_name_every_way_out():
    """The sentence holds unit, category, numbers, the way taken and the others."""
    register = make_register(
        {("331083001", "real_estate"): 6, ("331083002", "construction"): 40}
    )
    (departure,) = compose(register)["zjj-construction"].departures
    assert departure.explanation_zh == (
        "市住建局房地产企业仅6家，无法按每网格15至25家划分，"
        "拟并入本局建筑业网格（行业相近，代价60分）；若单独设置零星网格，代价600分。"
    )
    assert departure.explanation_en == (
        "Real estate of 市住建局 has only 6 enterprises and cannot form grids of "
        "15 to 25; chosen: joining construction of the same unit, a related category "
        "(60 points). Instead: a leftover grid of its own (600 points)."
    )


def test_reasons_count_what_others_would_pay():
    """A way out that harms another block's size is priced with that harm."""
    register = make_register({("331083001", "trade"): 7, ("331083001", "services"): 1})
    blocks = compose(register)
    merged, small = blocks["331083001-trade"].departures
    assert "（行业相近，代价10分）" in merged.explanation_zh
    assert "零星网格（含对相关网格的影响），代价793分" in merged.explanation_zh
    assert "服务业企业仅1家" in merged.explanation_zh
    assert (small.kind, small.n_enterprises) == ("undersized", 8)
    assert "仅8家（含并入的1家）" in small.explanation_zh
    assert "单独设置1个小网格（代价7分）" in small.explanation_zh


def test_reasons_of_a_widened_band():
    """A widened band is explained with the other number of grids and its price."""
    (departure,) = one_block(28).departures
    assert "共28家，无法按每网格15至25家划分" in departure.explanation_zh
    assert "放宽为14至25家、设置2个网格（代价10分）" in departure.explanation_zh
    assert "若将每网格家数放宽为15至28家、设置1个网格，代价15分" in (
        departure.explanation_zh
    )


def test_neighbour_takes_its_own_category():
    """Too few with no other category at home join the nearest unit (P8), by the km."""
    register = make_register(
        {
            ("331083001", "trade"): 3,
            ("331083002", "trade"): 40,
            ("331083100", "trade"): 40,
        }
    )
    block = compose(register)["331083002-trade"]
    (departure,) = block.departures
    assert (departure.clause, departure.kind) == ("P8", "merged_unit")
    # 0.05 degrees of longitude at 28.1 north are 4.9 km
    assert "并入坎门街道贸易网格（相距约4公里，代价132分）" in departure.explanation_zh
    assert "若并入楚门镇贸易网格（相距约9公里），代价147分" in departure.explanation_zh


def pairs_of(register, rules=RULES, previous_host=None):
    """List the candidate joins by block id, with their points."""
    base = split_blocks(register, rules)
    options = merge_options(register, base, rules, previous_host)
    ids = [block.block_id for block in base]
    ends = zip(options.guests, options.hosts, options.points, strict=True)
    return {(ids[guest], ids[host]): int(points) for guest, host, points in ends}


def test_island_is_a_host_only_where_allowed():
    """Nobody joins an island unless the rules say so; islanders may leave."""
    counts = {("331083105", "trade"): 3, ("331083201", "trade"): 3}
    to_island = ("331083105-trade", "331083201-trade")
    assert to_island not in pairs_of(make_register(counts))
    assert to_island[::-1] in pairs_of(make_register(counts))
    assert to_island in pairs_of(make_register(counts, islands=True))


def test_bureau_joins_only_inside():
    """The bureau spans the city: its blocks join no unit, and no unit joins it."""
    register = make_register(
        {
            ("331083001", "construction"): 3,
            ("331083001", "real_estate"): 3,
            ("331083001", "trade"): 3,
            ("zjj", "trade"): 3,
        }
    )
    crossing = [
        pair
        for pair in pairs_of(register)
        if pair[0].startswith("zjj") != pair[1].startswith("zjj")
    ]
    assert crossing == []
    assert pairs_of(register)["zjj-real_estate", "zjj-construction"] == 30


def test_five_nearest_units_are_candidates():
    """Of six other units with the category the farthest is none."""
    mainland = [code for code in UNITS if not code.endswith("201") and code != "zjj"]
    counts = {(code, "trade"): 3 for code in [*mainland, "331083201"]}
    pairs = pairs_of(make_register(counts, islands=True))
    hosts = [host for guest, host in pairs if guest == "331083001-trade"]
    assert hosts == [f"{code}-trade" for code in mainland[1:]]


def test_units_at_one_point_tie_by_code():
    """Units whose means coincide are taken in the order of their codes."""
    register = make_register({(f"U{i}", "trade"): 2 for i in range(9)})
    hosts = [host for guest, host in pairs_of(register) if guest == "U0-trade"]
    assert hosts == [f"U{i}-trade" for i in range(1, 6)]


def test_only_awkward_blocks_are_guests():
    """A block that fits the band joins nobody."""
    register = make_register({("331083001", "trade"): 15, ("331083001", "services"): 3})
    assert list(pairs_of(register)) == [("331083001-services", "331083001-trade")]


def test_change_of_host_has_its_price():
    """Each survivor whose host changes costs 5 points, at home and as a guest."""
    register = make_register({("331083001", "trade"): 20, ("331083001", "services"): 4})
    before = ["331083001-trade"] * 21 + ["331083001-services", "", "gone-trade"]
    pairs = pairs_of(register, RULES, before)
    # of four one stays, two come from another host, one is new
    assert pairs["331083001-services", "331083001-trade"] == 40 + 5 * 2
    base = split_blocks(register, RULES)
    options = merge_options(register, base, RULES, before)
    assert options.home_points.tolist() == [5 * 2, 0]


@pytest.mark.parametrize(
    ("number", "previous", "n_grids"),
    [
        ("by_target", None, (5, 5)),
        ("by_target", 6, (6, 6)),
        ("by_target", 9, (6, 6)),
        ("by_target", 1, (4, 4)),
        ("by_formula", 6, (5, 5)),
        ("free", None, (4, 6)),
        (4, 6, (4, 4)),
        ({"331083001-industry": 6}, None, (6, 6)),
        ({}, None, (5, 5)),
    ],
)
def test_number_of_grids(number, previous, n_grids):
    """The number of grids follows the scenario, clamped to what the band allows."""
    n_previous = {"331083001-industry": previous} if previous else None
    assert one_block(90, GridRules(number=number), n_previous).n_grids == n_grids


def test_numbers_out_of_range_are_listed():
    """Each fixed number outside its range is named with the range, all at once."""
    register = make_register(
        {
            ("331083001", "industry"): 90,
            ("331083002", "industry"): 28,
            ("331083100", "trade"): 40,
            ("331083100", "services"): 3,
        }
    )
    number = {
        "331083001-industry": 7,
        "331083002-industry": 1,
        "331083100-services": 1,
        "331083100-trada": 2,
        "331083100-trade": 2,
    }
    with pytest.raises(InputError) as error:
        compose(register, GridRules(number=number))
    message = error.value.message_zh
    assert "有 4 处" in message
    assert "331083001-industry 共 90 家" in message
    assert "只能设 4 至 6 个网格，设定为 7 个" in message
    assert "只能设 2 至 2 个网格，设定为 1 个" in message
    assert "331083100-services 已并入 331083100-trade" in message
    assert "没有划分单元 331083100-trada，最接近的是 331083100-trade" in message
    assert "takes 4 to 6 grids, not 7" in error.value.message_en


def test_unknown_block_of_an_empty_register():
    """A fixed number for a register without blocks is refused, not crashed on."""
    with pytest.raises(InputError, match="最接近的是 （无）"):
        compose(make_register({}), GridRules(number={"x": 1}))


def test_empty_register_has_no_blocks():
    """No enterprises, no blocks, no error."""
    assert compose(make_register({})) == {}


bands = st.sampled_from([(15, 25), (18, 22), (20, 20), (5, 6), (2, 50), (1, 2)])
counts = st.dictionaries(
    st.tuples(st.sampled_from([*UNITS, "elsewhere"]), st.sampled_from([*CATEGORIES])),
    st.integers(1, 45),
    max_size=12,
)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(counts, bands, st.booleans(), st.sampled_from(["by_target", "free"]))
def test_any_register_gives_a_true_partition(counts, band, islands, number):
    """Every enterprise is in one block that its band fits, departures say the rest."""
    least, most = band
    rules = GridRules(least=least, most=most, target=least + 1, number=number)
    register = make_register(counts, islands=islands)
    blocks = list(compose(register, rules).values())
    members = np.concatenate([[], *(block.members for block in blocks)])
    assert sorted(members.tolist()) == list(range(len(register.enterprises)))
    for block in blocks:
        fewest, greatest = block.n_grids
        n = len(block.members)
        assert 1 <= fewest <= greatest
        assert block.least * greatest <= n <= block.most * fewest
        is_off = (block.least, block.most) != band
        assert is_off == (-(-n // most) > n // least)
        clauses = [departure.clause for departure in block.departures]
        assert clauses.count("P5") == int(is_off)
        assert len(clauses) - clauses.count("P5") == len(block.base) - 1
        for departure in block.departures:
            assert departure.explanation_zh.endswith("。")
            assert departure.explanation_en.endswith(".")


@settings(deadline=None, max_examples=20, derandomize=True)
@given(counts, st.randoms(use_true_random=False))
def test_order_of_the_input_changes_nothing(counts, random):
    """Units met in another order give the same blocks, reasons and numbers."""
    shuffled = list(counts.items())
    random.shuffle(shuffled)
    first, second = (
        compose(make_register(counts)),
        compose(make_register(dict(shuffled))),
    )
    assert list(first) == list(second)
    for a, b in zip(first.values(), second.values(), strict=True):
        assert (a.base, a.n_grids, a.departures) == (b.base, b.n_grids, b.departures)
