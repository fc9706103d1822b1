"""Grids are numbered once and for life, named for people, and explained."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from odd_registers import Shape, assert_true, reading, simple_rows

from gridopt.errors import InputError
from gridopt.grids import make_grids
from gridopt.problem import GridRules
from gridopt.register import read_register

BLOCK = "331083001-industry"
FIVES = GridRules(least=4, most=6, target=5)


def read(rows):
    """Read rows as a register."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        rows.to_csv(path, index=False, encoding="utf-8-sig")
        return read_register(path, reading(Shape(n=1, seed=1)))


def clusters(n_each, longitudes, first=0, **cells):
    """Make so many firms at each longitude, a few metres apart."""
    rows = simple_rows(n_each * len(longitudes), **cells)
    step = np.tile(np.arange(n_each), len(longitudes)) * 1e-5
    east = np.repeat(longitudes, n_each) + step
    ids = [f"E{first + i:04d}" for i in range(len(rows))]
    places = [f"{x:.6f}" for x in east]
    return rows.assign(enterprise_id=ids, longitude=places, latitude="28.15")


def plan_of(register, grid_ids):
    """Make a previous plan of the register's enterprises."""
    return pd.DataFrame(
        {"enterprise_id": register.enterprises.index, "grid_id": grid_ids}
    )


def test_grids_are_numbered_from_west_to_east():
    """The westernmost medoid has number 01, whatever the order of the ids."""
    register = read(clusters(5, [121.30, 121.20, 121.25]))
    grids = make_grids(register, FIVES).grids
    assert grids.index.tolist() == [f"{BLOCK}-{i:02d}" for i in (1, 2, 3)]
    east = register.enterprises["longitude"][grids["medoid_id"]].tolist()
    assert east == sorted(east)
    assert east[0] < 121.21


def test_a_grid_is_named_after_its_birthplace():
    """Unit, category and number, as people say it."""
    grids = make_grids(read(clusters(5, [121.2, 121.3])), FIVES).grids
    assert grids["grid_name"].tolist() == [
        "玉城街道工业第1网格",
        "玉城街道工业第2网格",
    ]


def test_a_carried_grid_keeps_its_id_and_a_new_one_gets_the_next():
    """Ids survive in any place; the next number is beyond every one ever used."""
    register = read(clusters(5, [121.20, 121.25, 121.30]))
    old = [f"{BLOCK}-07"] * 5 + [f"{BLOCK}-02"] * 5 + [""] * 5
    rules = FIVES.model_copy(update={"number": "by_formula"})
    partition = make_grids(register, rules, plan_of(register, old))
    grid = partition.enterprises["grid_id"].tolist()
    assert grid == [f"{BLOCK}-07"] * 5 + [f"{BLOCK}-02"] * 5 + [f"{BLOCK}-08"] * 5
    assert partition.enterprises["previous_grid_id"].tolist() == old


def test_a_number_of_a_vanished_grid_is_not_given_again():
    """A grid whose enterprises have all left leaves its number unused."""
    register = read(clusters(5, [121.20, 121.25]))
    old = plan_of(register, [f"{BLOCK}-01"] * 5 + [""] * 5)
    gone = pd.DataFrame({"enterprise_id": ["GONE"], "grid_id": [f"{BLOCK}-11"]})
    rules = FIVES.model_copy(update={"number": "by_formula"})
    partition = make_grids(register, rules, pd.concat([old, gone]))
    assert partition.grids.index.tolist() == [f"{BLOCK}-01", f"{BLOCK}-12"]


def test_a_number_used_by_a_grid_that_moved_away_is_not_given_again():
    """An id named after a block that another block carries on stays that grid's."""
    here = clusters(5, [121.20])
    there = clusters(5, [121.40], first=5, unit="331083002", village="")
    register = read(pd.concat([here, there], ignore_index=True))
    # the firms of the second street carry on a grid born in the first
    old = plan_of(register, [""] * 5 + [f"{BLOCK}-03"] * 5)
    grids = make_grids(register, FIVES, old).grids
    home = grids["block_id"].to_dict()
    assert home == {f"{BLOCK}-03": "331083002-industry", f"{BLOCK}-04": BLOCK}
    assert grids.loc[f"{BLOCK}-03", "grid_name"] == "玉城街道工业第3网格"
    assert grids.loc[f"{BLOCK}-03", ["unit", "category"]].tolist() == [
        "331083002", "industry"
    ]  # fmt: skip


@pytest.mark.parametrize("foreign", ["G1", "网格甲", "a-b-c", "nowhere-industry-01"])
def test_a_foreign_id_is_kept_and_names_itself(foreign):
    """A previous plan of another make keeps its ids; they need not be like ours."""
    register = read(clusters(5, [121.2]))
    partition = make_grids(register, FIVES, plan_of(register, [foreign] * 5))
    assert partition.grids["grid_name"].to_dict() == {foreign: foreign}


def test_a_plan_with_itself_moves_nobody():
    """Whoever cuts again without changes gets the very same plan."""
    register = read(simple_rows(60))
    before = make_grids(register)
    for number in ("by_target", "by_formula", {BLOCK: 3}):
        rules = GridRules(number=number)
        after = make_grids(register, rules, before.enterprises.reset_index())
        same = after.enterprises["grid_id"] == before.enterprises["grid_id"]
        assert same.all()


@pytest.mark.parametrize("number", ["by_target", {"331083002-industry": 1}])
def test_a_newcomer_does_not_cost_a_cut(number):
    """The number of grids starts from the previous plan's, not from the formula."""
    south = {"unit": "331083002", "village": "", "latitude": "28.09"}
    rows = [simple_rows(51), clusters(15, [121.25], first=900, **south)]
    register = read(pd.concat(rows, ignore_index=True))
    two = [BLOCK + ("-01" if i < 25 else "-02") for i in range(50)] + [""] * 16
    partition = make_grids(register, GridRules(number=number), plan_of(register, two))
    assert partition.blocks.loc[BLOCK, "n_grids"] == 3  # 51 do not fit into two
    register = read(pd.concat([simple_rows(50), rows[1]], ignore_index=True))
    partition = make_grids(
        register, GridRules(number=number), plan_of(register, [*two[:49], *[""] * 16])
    )
    assert partition.blocks.loc[BLOCK, "n_grids"] == 2  # the formula says three


def test_by_formula_cuts_anew():
    """Where the scenario asks for the formula, 50 enterprises make three grids."""
    register = read(simple_rows(50))
    two = [BLOCK + ("-01" if i < 25 else "-02") for i in range(50)]
    rules = GridRules(number="by_formula")
    assert len(make_grids(register, rules, plan_of(register, two)).grids) == 3


def test_merged_guests_are_counted_and_listed():
    """A grid with guests is an exception, and its members keep their own category."""
    host = clusters(16, [121.24])
    guests = clusters(3, [121.24], first=50, industry="5211")
    partition = make_grids(read(pd.concat([host, guests], ignore_index=True)))
    assert_true(partition)
    (grid,) = partition.grids.itertuples()
    assert (grid.size, grid.n_other_category, grid.n_other_unit) == (19, 3, 0)
    assert grid.is_exception
    own = partition.enterprises["category"].value_counts().to_dict()
    assert own == {"industry": 16, "trade": 3}
    (told,) = partition.exceptions.itertuples()
    assert (told.kind, told.grid_id, told.n_enterprises) == (
        "merged_category", grid.Index, 3
    )  # fmt: skip


def test_the_bureau_owns_its_firms_or_not():
    """P11: routed to the bureau by default, else they stay in their street."""
    register = read(simple_rows(20, industry="4710"))
    owned = make_grids(register).enterprises["unit"].unique().tolist()
    kept = make_grids(register, GridRules(bureau_owns=False)).enterprises["unit"]
    assert (owned, kept.unique().tolist()) == (["zjj"], ["331083001"])


def test_wishes_of_several_blocks_are_named_at_once():
    """Every contradiction is told, not only the first."""
    rows = [simple_rows(20), clusters(20, [121.25], first=50, unit="331083002")]
    register = read(pd.concat(rows, ignore_index=True).assign(village=""))
    rules = GridRules(cannot_link=(("E0001", "E0001"), ("E0055", "E0055")))
    with pytest.raises(InputError) as refusal:
        make_grids(register, rules)
    assert "有 2 处指定要求互相矛盾" in refusal.value.message_zh
    assert "E0001" in refusal.value.message_zh
    assert "E0055" in refusal.value.message_en


def test_certificates_hold_only_the_wishes_of_their_block():
    """Each certificate carries the wishes of its own enterprises."""
    rows = [simple_rows(20), clusters(20, [121.25], first=50, unit="331083002")]
    register = read(pd.concat(rows, ignore_index=True).assign(village=""))
    rules = GridRules(must_link=(("E0001", "E0002"), ("E0055", "E0056")))
    told = [one.must_link for one in make_grids(register, rules).certificates]
    assert told == [(("E0001", "E0002"),), (("E0055", "E0056"),)]


def two_grids(n_first=5):
    """Make three clumps, a plan of two grids and firms that had none."""
    register = read(clusters(5, [121.20, 121.25, 121.30]))
    old = [f"{BLOCK}-01"] * n_first + [f"{BLOCK}-02"] * 5 + [""] * (10 - n_first)
    return register, plan_of(register, old)


def frozen(*grid_ids):
    """Freeze these grids."""
    return FIVES.model_copy(update={"frozen": grid_ids, "number": "by_formula"})


def test_a_frozen_grid_keeps_its_members_and_takes_in_nobody():
    """Even where the plan would be shorter with others in it."""
    register = read(clusters(5, [121.20, 121.25, 121.30]))
    mixed = [f"{BLOCK}-0{1 + i % 3}" for i in range(15)]
    free = make_grids(register, frozen(), plan_of(register, mixed))
    held = make_grids(register, frozen(f"{BLOCK}-02"), plan_of(register, mixed))
    was = [grid_id == f"{BLOCK}-02" for grid_id in mixed]
    for partition, is_same in ((free, False), (held, True)):
        now = partition.enterprises["grid_id"] == f"{BLOCK}-02"
        assert (now.tolist() == was) is is_same
    assert held.bound <= held.cost
    assert held.cost > free.cost


def test_frozen_grids_that_cannot_stay_are_named_at_once():
    """Unknown, emptied, too small and too large ones each have their sentence."""
    register, plan = two_grids(n_first=3)
    gone = pd.DataFrame({"enterprise_id": ["GONE"], "grid_id": [f"{BLOCK}-11"]})
    rules = frozen(f"{BLOCK}-01", f"{BLOCK}-11", f"{BLOCK}-2", f"{BLOCK}-02")
    with pytest.raises(InputError) as refusal:
        make_grids(register, rules, pd.concat([plan, gone]))
    told = refusal.value.message_zh
    assert "有 3 个冻结网格" in told
    assert f"{BLOCK}-01 仅存 3 家企业，不在 4 至 6 家之间" in told
    assert f"{BLOCK}-11 原有企业已全部退出名录" in told
    assert f"{BLOCK}-2 不在上期方案中，最接近的是 {BLOCK}-02" in told
    assert "3 frozen grids" in refusal.value.message_en


def test_nothing_can_be_frozen_without_a_plan_in_force():
    """A frozen grid asks for a previous plan."""
    register, _ = two_grids()
    with pytest.raises(InputError, match="没有给出上期方案"):
        make_grids(register, frozen(f"{BLOCK}-01"))


def test_a_plan_of_another_classification_is_refused():
    """Categories that today's table does not have are counted and named."""
    register, plan = two_grids()
    strange = plan.assign(category=["naics-336"] * 4 + ["industry"] * 11)
    with pytest.raises(InputError) as refusal:
        make_grids(register, FIVES, strange)
    assert "15 家企业中有 4 家" in refusal.value.message_zh
    assert "naics-336" in refusal.value.message_en


def test_another_band_and_few_survivors_are_remarked():
    """A plan cut by another band, or of mostly other firms, is used and told of."""
    register = read(clusters(5, [121.20, 121.25, 121.30]))
    before = make_grids(register, FIVES.model_copy(update={"most": 7}))
    after = make_grids(register, FIVES, before)
    assert ["4–7" in zh and "4–6" in en for zh, en in after.remarks] == [True]
    assert make_grids(register, FIVES, after).remarks == ()
    others = pd.DataFrame(
        {"enterprise_id": [f"X{i}" for i in range(20)], "grid_id": f"{BLOCK}-09"}
    )
    few = make_grids(register, FIVES, pd.concat([two_grids()[1], others]))
    assert ["仅 10 家" in zh and "10 of the 35" in en for zh, en in few.remarks] == [
        True
    ]


def test_a_cap_that_cannot_be_kept_is_refused_with_the_fewest():
    """Twelve firms of one grid do not fit into it: some have to move."""
    register = read(clusters(6, [121.20, 121.25]))
    rules = FIVES.model_copy(update={"mover_cap": 5})
    plan = plan_of(register, [f"{BLOCK}-01"] * 12)
    with pytest.raises(InputError, match="至少调整 6 家"):
        make_grids(register, rules, plan)
    kept = make_grids(register, rules.model_copy(update={"mover_cap": 6}), plan)
    moved = kept.enterprises["grid_id"] != kept.enterprises["previous_grid_id"]
    assert moved.sum() == 6


def test_a_table_that_names_nobody_is_no_previous_plan():
    """A roster has both columns, but rows without an enterprise: told as such."""
    register, plan = two_grids()
    odd = pd.DataFrame({"enterprise_id": ["", ""], "grid_id": ["331083", "331083001"]})
    with pytest.raises(InputError, match="17 行中有 2 行没有企业编号，例如第2行"):
        make_grids(register, FIVES, pd.concat([odd, plan]))
