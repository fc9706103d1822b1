"""Moves by hand are checked, priced, carried out alone, and kept by later cuts."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from odd_registers import Shape, assert_true, reading, rows_of, shapes, simple_rows

from gridopt import grids, outcome
from gridopt.archive import read_previous, write_run
from gridopt.errors import InputError
from gridopt.grids import make_grids
from gridopt.moves import read_moves
from gridopt.outcome import run_scenario
from gridopt.problem import GridRules
from gridopt.register import read_register
from gridopt.roster import assign_roles
from gridopt.scenario import Scenario
from gridopt.verification import verify_run

BLOCK, TRADE = "331083001-industry", "331083001-trade"
ONE, TWO, THREE = (f"{BLOCK}-0{i}" for i in (1, 2, 3))
RULES = GridRules(least=4, most=7, target=5)
READING = reading(Shape(n=1, seed=1))


def write(rows, path):
    """Write rows as a register."""
    rows.to_csv(path, index=False, encoding="utf-8-sig")
    return path


def read(rows):
    """Read rows as a register."""
    with TemporaryDirectory() as folder:
        return read_register(write(rows, Path(folder) / "register.csv"), READING)


def rows_in_a_row(n=16):
    """Make firms along a road: three places, firms ten metres apart at each."""
    rows = simple_rows(n)
    east = 121.2 + np.arange(n) // 5 * 0.02 + np.arange(n) % 5 * 1e-4
    return rows.assign(longitude=[f"{x:.6f}" for x in east], latitude="28.15")


def _traders():
    rows = rows_in_a_row(10).assign(industry="5211", latitude="28.16")
    return rows.assign(enterprise_id=[f"T{i}" for i in range(10)])


ROWS = pd.concat([rows_in_a_row(), _traders()], ignore_index=True)


@pytest.fixture(scope="module")
def plan():
    """Cut sixteen firms into three grids: of five, five and six."""
    return make_grids(read(ROWS), RULES)


def members(plan, grid):
    """List who is in a grid, and where it meets."""
    own = plan.enterprises[plan.enterprises["grid_id"] == grid]
    return own.index.tolist(), own.index[own["is_medoid"]].item()


def test_exactly_these_move_and_grids_meet_where_it_is_best(plan):
    """Others stay; each grid's sum of distances is the least over its members."""
    who = members(plan, ONE)[1]  # the medoid itself
    moved = plan.with_moves({who: TWO})
    changed = moved.enterprises["grid_id"] != plan.enterprises["grid_id"]
    assert moved.enterprises.index[changed].tolist() == [who]
    assert moved.enterprises["grid_id"][who] == TWO
    assert_true(moved)
    east = moved.register.enterprises["longitude"]
    for grid in (ONE, TWO, THREE):
        firms, medoid = members(moved, grid)
        sums = {a: sum(abs(east[a] - east[b]) for b in firms) for a in firms}
        assert sums[medoid] == pytest.approx(min(sums.values()), abs=1e-9)
    assert moved.grids.loc[ONE, "size"] == plan.grids.loc[ONE, "size"] - 1
    assert moved.moves.loc[who, "medoids_replaced"].split()[0] == who


def test_prices_add_up_to_what_the_block_pays_more(plan):
    """Two moves: their prices are the differences of travel and of cost."""
    wishes = {members(plan, ONE)[0][0]: TWO, members(plan, THREE)[0][-1]: TWO}
    moved = plan.with_moves(wishes)
    more_dm = moved.blocks["cost"][BLOCK] - plan.blocks["cost"][BLOCK]
    assert more_dm > 0
    assert moved.moves["cost_added_m"].sum() * 10 == pytest.approx(more_dm)
    more_m = moved.travel_m - plan.travel_m
    assert moved.moves["travel_added_m"].sum() == pytest.approx(more_m)
    assert moved.blocks["bound"][BLOCK] == plan.blocks["bound"][BLOCK]
    assert moved.blocks["status"][BLOCK] == "bounded"
    told = moved.exceptions[moved.exceptions["kind"] == "moved_by_hand"]
    assert told["clause"].tolist() == ["P2", "P2"]
    assert told["grid_id"].tolist() == [TWO, TWO]
    for metres in moved.moves["cost_added_m"]:
        assert told["explanation_zh"].str.contains(f"增加{metres / 1000:.2f}公里").any()


def test_going_back_is_worth_what_going_cost(plan):
    """There and back again is the plan itself, with the firm fixed where it is."""
    who = members(plan, ONE)[0][0]
    there = plan.with_moves({who: TWO})
    back = there.with_moves({who: ONE})
    assert back.moves["cost_added_m"][who] == -there.moves["cost_added_m"][who]
    assert back.enterprises.equals(plan.enterprises)
    assert back.cost == plan.cost
    assert back.rules.moved == ((who, ONE),)


def test_who_stays_is_priced_against_where_it_would_go(plan):
    """A firm put far away and held there: letting it go would save the way."""
    who = members(plan, ONE)[0][0]
    there = plan.with_moves({who: THREE})
    again = there.with_moves({who: THREE})
    assert again.enterprises.equals(there.enterprises)
    price = again.moves.loc[who]
    assert price["cost_added_m"] == there.moves.loc[who, "cost_added_m"]
    assert again.exceptions["explanation_zh"].str.contains("单独放开这一家相比").any()


def test_every_fault_is_named_at_once(plan):
    """Unknown firm and grid, another category, a grid too small and one too large."""
    small = members(plan, ONE)[0]
    wishes = {"NOBODY": ONE, "T0": ONE, "T1": "T-9", small[0]: TWO, small[1]: TWO}
    wishes[small[2]] = TWO
    with pytest.raises(InputError) as refusal:
        plan.with_moves(wishes)
    zh, en = refusal.value.message_zh, refusal.value.message_en
    assert "有5处无法照办，未作任何调整" in zh
    assert "没有企业 NOBODY" in zh
    assert "没有网格 T-9" in zh
    assert "T0 属划分单元 331083001-trade" in zh
    assert "行业（P3）不同" in zh
    assert f"{ONE} 调整后为2家，不在4至7家之内" in zh
    assert f"{TWO} 调整后为8家" in zh
    assert "there is no enterprise NOBODY" in en
    assert "5 faults" in en


def test_the_refusal_of_a_small_grid_names_who_could_make_up_for_it(plan):
    """What it proposes, done as well, is accepted."""
    first = members(plan, ONE)[0]
    wishes = dict.fromkeys(first[:2], TWO)
    with pytest.raises(InputError) as refusal:
        plan.with_moves(wishes)
    words = refusal.value.message_zh.split("可同时将 ")[1].split()
    who, where = words[0], words[2].split("，")[0]
    assert plan.with_moves({**wishes, who: where}).grids.loc[ONE, "size"] == 4


def test_what_is_proposed_for_several_grids_is_a_way_out_together(plan):
    """Two grids too small, one too large: nobody twice, and all of it is accepted."""
    wishes = dict.fromkeys(members(plan, ONE)[0][:2], TWO)
    wishes |= dict.fromkeys(members(plan, THREE)[0][:3], TWO)
    with pytest.raises(InputError, match="有3处无法照办") as refusal:
        plan.with_moves(wishes)
    proposed = re.findall(r"将 (\S+) 调入 ([\w-]+)", refusal.value.message_zh)
    assert len(proposed) == len(dict(proposed)) == 3
    moved = plan.with_moves({**wishes, **dict(proposed)})
    assert moved.grids["size"].between(4, 7).all()


def test_one_swap_that_mends_two_grids_is_proposed_once(plan):
    """What leaves the grid that is too large fills the one that is too small."""
    moved = plan.with_moves({members(plan, THREE)[0][-1]: TWO})
    wishes = dict.fromkeys(members(plan, ONE)[0][:2], TWO)
    with pytest.raises(InputError, match="有2处无法照办") as refusal:
        moved.with_moves(wishes)
    zh, en = refusal.value.message_zh, refusal.value.message_en
    proposed = re.findall(r"将 (\S+) 调入 ([\w-]+)", zh)
    assert len(proposed) == 1
    assert "上述调换一并办理后即符合" in zh
    assert "proposed above" in en
    sizes = moved.with_moves({**wishes, **dict(proposed)}).grids["size"]
    assert sizes.between(4, 7).all()


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"forbidden": "there"}, "禁止"),
        ({"must_link": "mate"}, "必须同格"),
        ({"cannot_link": "other"}, "不得同格"),
        ({"frozen": "there"}, "冻结网格"),
        ({"fixed": "here"}, "固定"),
        ({"mover_cap": 0}, "mover_cap = 0"),
    ],
)
def test_a_move_against_a_wish_of_the_rules_is_refused(plan, wish, words):
    """Whatever the rules ask for holds after the moves as well."""
    mates = members(plan, ONE)[0]
    who, mate, other = mates[0], mates[1], members(plan, TWO)[0][0]
    pairs = {"there": (who, TWO), "here": (who, ONE)}
    pairs |= {"mate": (who, mate), "other": (who, other)}
    name, value = next(iter(wish.items()))
    told = {"frozen": (TWO,), "mover_cap": value}.get(name, (pairs.get(value),))
    rules = RULES.model_copy(update={name: told})
    held = make_grids(plan.register, rules, plan)
    with pytest.raises(InputError, match=words):
        held.with_moves({who: TWO})


def test_later_cuts_keep_who_was_placed_by_hand(plan):
    """Through three generations, and only as long as the planner wants."""
    who = members(plan, ONE)[0][0]
    rules = RULES
    later = plan.with_moves({who: THREE})
    free = make_grids(plan.register, rules, plan.enterprises.reset_index())
    assert free.enterprises["grid_id"][who] == ONE
    for _ in range(3):
        later = make_grids(plan.register, rules, later)
        assert later.enterprises["grid_id"][who] == THREE
        assert later.rules.moved == ((who, THREE),)
        assert "moved_by_hand" in set(later.exceptions["kind"])
        block = next(one for one in later.certificates if one.block_id == BLOCK)
        assert block.fixed == ((who, THREE),)
        # the search knew: what it proves counts on the wish
        assert later.blocks["status"][BLOCK] == "optimal"
    released = rules.model_copy(update={"moved": ((who, ""),)})
    after = make_grids(plan.register, released, later)
    assert after.enterprises["grid_id"][who] == ONE
    assert "moved_by_hand" not in set(after.exceptions["kind"])


def test_a_held_firm_is_let_go_by_the_next_cut_only(plan):
    """The bound of the cut counts on it: moving it afterwards is refused."""
    who = members(plan, ONE)[0][0]
    later = make_grids(plan.register, RULES, plan.with_moves({who: THREE}))
    with pytest.raises(InputError, match=f"固定.*{who}、{THREE} 不符"):
        later.with_moves({who: ONE})
    rules = RULES.model_copy(update={"moved": ((who, ONE),)})
    moved = make_grids(plan.register, rules, later)
    assert moved.enterprises["grid_id"][who] == ONE


def test_a_release_that_the_proof_rests_on_is_refused(plan):
    """Who was held in its previous grid is let go by a cut anew, with a true proof."""
    who = members(plan, ONE)[0][0]
    later = make_grids(plan.register, RULES, plan.with_moves({who: THREE}))
    with pytest.raises(InputError, match=f"{who} 已由人工固定在上期网格 {THREE}"):
        later.with_moves({who: ""})
    released = RULES.model_copy(update={"moved": ((who, ""),)})
    after = make_grids(plan.register, released, later)
    assert not any(one.fixed for one in after.certificates)


def test_unknown_enterprises_are_refused_before_the_search(plan, monkeypatch):
    """A move of nobody known ends at once, not after minutes of cutting."""

    def search(*_args, **_kwargs):
        raise AssertionError("the search has begun")

    monkeypatch.setattr(grids, "solve_all", search)
    rules = RULES.model_copy(update={"moved": (("NOBODY", ONE),)})
    with pytest.raises(InputError, match="没有企业 NOBODY"):
        make_grids(plan.register, rules)


def test_what_the_rules_say_wins_over_the_plan_in_force(plan):
    """A fixed or forbidden grid of the new rules ends the placing by hand."""
    who = members(plan, ONE)[0][0]
    before = plan.with_moves({who: THREE})
    for wish in ({"fixed": ((who, ONE),)}, {"forbidden": ((who, THREE),)}):
        after = make_grids(plan.register, RULES.model_copy(update=wish), before)
        assert after.rules.moved == ()


def test_who_has_left_is_remarked_and_no_longer_kept(plan):
    """A firm that is in the register no more ends in a remark, not in an error."""
    who = members(plan, ONE)[0][0]
    before = plan.with_moves({who: TWO})
    after = make_grids(read(ROWS[ROWS["enterprise_id"] != who]), RULES, before)
    assert after.rules.moved == ()
    assert any(who in zh and "不再固定" in zh for zh, _ in after.remarks)


def test_one_firm_in_two_grids_is_refused(plan):
    """The rules may name a firm once."""
    rules = RULES.model_copy(update={"moved": (("E1", ONE), ("E1", TWO))})
    with pytest.raises(InputError, match="1家指定了不止一个网格"):
        make_grids(plan.register, rules)


def test_a_plan_without_moves_is_left_as_it_was(plan):
    """No wish changes nothing, and posts are still those of the plan."""
    assert plan.with_moves({}).enterprises.equals(plan.enterprises)
    assert plan.moves.empty
    roster = assign_roles(plan)
    staffed = plan.with_exceptions(roster.exceptions)
    assert "role_vacant" in set(staffed.exceptions["kind"])
    anew = staffed.with_moves({members(plan, ONE)[0][0]: TWO})
    assert "role_vacant" not in set(anew.exceptions["kind"])


class Runs:
    """A run with a move, and one that starts from it, on disk."""

    def __init__(self, folder):
        self.file = write(ROWS, folder / "register.csv")
        register = read_register(self.file, READING)
        self.who = register.enterprises.index[0]
        self.first = self.run(register, folder / "first", {"moved": ((self.who, TWO),)})
        self.second = self.run(register, folder / "second", {}, self.first)

    def run(self, register, folder, wish, previous=None):
        """Run and write a folder."""
        grids = RULES.model_copy(update=wish)
        scenario = Scenario("移", "P2", register=READING, grids=grids)
        plan = read_previous(previous) if previous else None
        told = run_scenario(register, scenario, plan)
        return write_run(told, folder, is_tables_only=True)


@pytest.fixture
def runs(tmp_path):
    """Two runs on disk."""
    return Runs(tmp_path)


def test_the_checker_accepts_moves_and_what_is_held(runs):
    """Cost, bound, gap and exceptions of both runs are found again."""
    first = verify_run(runs.first, runs.file)
    assert first.lines() and first.is_true
    assert first.gap_share > 0
    second = verify_run(runs.second, runs.file, runs.first)
    assert second.is_true, second.lines()
    text = (runs.second / "scenario.yaml").read_text(encoding="utf-8")
    assert f"[{runs.who}, {TWO}]" in text


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("exceptions.csv", ",moved_by_hand,", ",undersized,", "人工调整例外"),
        ("exceptions.csv", f",{TWO},moved", f",{ONE},moved", "人工调整例外"),
        ("scenario.yaml", f", {TWO}]", f", {THREE}]", "人工调整 E"),
        ("scenario.yaml", "moved:", "forbidden:", "指定要求未满足"),
    ],
)
def test_no_false_word_about_a_move_passes(runs, file, old, new, told):
    """A move unlisted, listed elsewhere, claimed elsewhere or forbidden is found."""
    path = runs.first / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    report = verify_run(runs.first, runs.file)
    assert not report.is_true
    assert any(told in str(one) for one in report.falsehoods)


def test_bounds_stay_valid_where_a_cap_is_shared_out_anew(plan, tmp_path, monkeypatch):
    """The mover of one block goes home, another block gets one: the checker agrees."""
    grids = plan.enterprises["grid_id"].copy()
    far, near = members(plan, THREE)[0][0], members(plan, TWO)[0][0]
    grids[[far, near]] = ONE, THREE  # two firms that would rather go home
    before = pd.DataFrame({"enterprise_id": grids.index, "grid_id": grids.to_numpy()})
    path = write(before, tmp_path / "before.csv")
    rules = RULES.model_copy(update={"mover_cap": 1})
    capped = make_grids(plan.register, rules, before)
    assert capped.enterprises["grid_id"][far] == THREE
    moved = capped.with_moves({far: ONE, "T0": f"{TRADE}-02"})
    claims = {one.block_id: one for one in moved.certificates}
    assert claims[BLOCK].mover_surcharge > 0
    assert [claims[key].mover_allotment for key in (BLOCK, TRADE)] == [0, 1]
    with pytest.raises(InputError, match="共有2家存续企业换了网格"):
        capped.with_moves({"T0": f"{TRADE}-02"})
    monkeypatch.setattr(outcome, "make_grids", lambda *_, **__: moved)
    scenario = Scenario("限", "P13", register=READING, grids=rules)
    told = run_scenario(plan.register, scenario, read_previous(path))
    run = write_run(told, tmp_path / "run", is_tables_only=True)
    report = verify_run(run, write(ROWS, tmp_path / "register.csv"), path)
    assert report.is_true, report.lines()


@settings(max_examples=8, phases=[Phase.generate])
@given(shape=shapes(most=45), seed=st.integers(0, 1000))
def test_any_moves_end_in_a_verified_plan_or_in_words(shape, seed):
    """On odd registers: staying changes no cost, going is accepted and verified."""
    grids = GridRules(least=3, most=6, target=4, size_price_m=20, linkage_price_m=40)
    rng = np.random.default_rng(seed)
    with TemporaryDirectory() as name:
        folder = Path(name)
        file = write(rows_of(shape), folder / "register.csv")
        register = read_register(file, reading(shape))
        plan = make_grids(register, grids)
        ids = plan.enterprises.index
        still = plan.with_moves(plan.enterprises["grid_id"].to_dict())
        assert still.blocks.equals(plan.blocks)
        assert still.enterprises.equals(plan.enterprises)
        wishes = {}
        for who in rng.permutation(ids)[:8]:
            own = plan.grids["block_id"] == plan.enterprises.at[who, "block_id"]
            wish = {str(who): str(rng.choice(plan.grids.index[own]))}
            wishes |= wish if _fits(plan, wishes | wish) else {}
        moved = tuple(sorted(wishes.items()))
        scenario = Scenario(
            "移", "P2", register=reading(shape),
            grids=grids.model_copy(update={"moved": moved}),
        )  # fmt: skip
        told = run_scenario(register, scenario)
        assert_true(told.partition)
        run = write_run(told, folder / "run", is_tables_only=True)
        report = verify_run(run, file)
        assert report.is_true, report.lines()
        again = run_scenario(register, scenario, read_previous(run))
        assert again.partition.rules.moved == moved
        later = write_run(again, folder / "later", is_tables_only=True)
        report = verify_run(later, file, run)
        assert report.is_true, report.lines()


def _fits(plan, wishes):
    try:
        plan.with_moves(wishes)
    except InputError:
        return False
    return True


def test_a_table_of_moves_is_read_with_chinese_headers(tmp_path):
    """Columns by name; an empty grid ends a placing."""
    path = tmp_path / "m.csv"
    path.write_text("单位,企业编号,调入网格\nx,E1,G-02\ny,E2,\n", encoding="utf-8")
    assert read_moves(path) == {"E1": "G-02", "E2": ""}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("enterprise_id\nE1\n", "缺少列“网格编号”"),
        ("enterprise_id,grid_id\n,G1\n", "第2行：缺少企业编号"),
        ("enterprise_id,grid_id\nE1,G1\nE1,G2\n", "在第2行已指定网格“G1”"),
        ("enterprise_id,grid_id\n", "表头以下没有企业"),
    ],
)
def test_a_faulty_table_of_moves_is_explained(tmp_path, text, words):
    """Row and reason, no traceback."""
    path = tmp_path / "m.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_moves(path)
