"""A re-cut is explained: flows add up, each reason is a fact, money to the yuan."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from made_plans import (
    BLOCK,
    UNIT,
    A,
    B,
    C,
    assign,
    make_plan,
    read_rows,
    road_rows,
    tell,
)
from odd_registers import reading, rows_of, shapes

import gridopt as go
from gridopt.adjustment import FORCED, KINDS, MOVED, explain_adjustment
from gridopt.adjustment.members import price_change
from gridopt.awards.rules import BASIS_WORDS as BASES
from gridopt.errors import InputError
from gridopt.terms import BudgetRules

ROOT = Path(__file__).resolve().parents[1]
OUT, IN = ("left", "moved_out", "forced_out"), ("entered", "moved_in", "forced_in")
HALF_YEAR = dt.date(2026, 7, 1)


def assert_adds_up(adjustment, before):
    """Hold every flow to the two plans, counted anew enterprise by enterprise."""
    now = adjustment.partition.enterprises["grid_id"].to_dict()
    then = {key: grid for key, grid in before.items() if grid}
    grids = adjustment.grids
    assert grids["previous_size"].to_dict() == counted(grids, then.values())
    assert grids["size"].to_dict() == counted(grids, now.values())
    stay = [grid for key, grid in then.items() if now.get(key) == grid]
    kept = grids["previous_size"] - grids[list(OUT)].sum(axis=1)
    assert kept.to_dict() == counted(grids, stay)
    assert (kept + grids[list(IN)].sum(axis=1) == grids["size"]).all()
    entered = [grid for key, grid in now.items() if key not in then]
    assert grids["entered"].to_dict() == counted(grids, entered)
    left = [grid for key, grid in then.items() if key not in now]
    assert grids["left"].to_dict() == counted(grids, left)
    units = adjustment.units
    assert units["previous_size"].sum() == len(then)
    assert units["size"].sum() == len(now)
    assert units["n_grids"].sum() == len(adjustment.partition.grids)
    changed = {key for key in {*then, *now} if then.get(key) != now.get(key)}
    assert set(adjustment.enterprises.index) == changed
    assert sum(adjustment.counts.values()) == len(changed)


def counted(grids, found):
    """Count grids, every one of the index named."""
    counts = Counter(found)
    assert set(counts) <= set(grids.index)
    return {grid_id: counts[grid_id] for grid_id in grids.index}


def reason_of(adjustment, key):
    """Give kind and reason of one enterprise."""
    return tuple(adjustment.enterprises.loc[key, ["kind", "reason"]])


FOUR_FOUR = {"A": "1 2 3 4", "B": "5 6 7 8"}
CASES = {
    "by_hand": {
        "now": assign(A="1 2 3", B="4 5 6 7 8"),
        "before": assign(**FOUR_FOUR),
        "moved": (("e4", B),),
    },
    "wished": {
        "now": assign(A="1 2 3", B="4 5 6 7 8"),
        "before": assign(**FOUR_FOUR),
        "fixed": (("e4", B),),
    },
    "dissolved": {
        "now": assign(B="3 4 5 6 7"),
        "before": assign(A="2 3 4", B="5 6 7"),
    },
    "opened": {
        "now": assign(A="1 2 3", C="4 5 9"),
        "before": assign(A="1 2 3 4 5"),
    },
    "relocated": {
        "now": assign(A="1 2 3", B="4 5 6 7 8"),
        "before": assign(**FOUR_FOUR),
        "places_m": {f"e{i}": 3000.0 for i in range(4, 9)},
        "was_m": {"e4": 0.0},
    },
    "overfull": {
        "now": assign(A="1 2 3 5 9", B="4 6 7 8"),
        "before": assign(A="1 2 3 4 5", B="6 7 8"),
    },
    "refilled": {
        "now": assign(A="1 2 3", B="4 5 6"),
        "before": assign(A="1 2 3 4", B="5 6 7"),
    },
    "nearer": {
        "now": assign(A="1 2 3", B="4 5 6 7 8"),
        "before": assign(**FOUR_FOUR),
        "places_m": {f"e{i}": 3000.0 for i in range(4, 9)},
    },
    "own_area": {
        "now": assign(A="1 2 3", B="4 5 6 7 8"),
        "before": assign(**FOUR_FOUR),
        "places_m": {f"e{i}": 400.0 for i in range(4, 9)},
        "cells": {"village": {f"e{i}": "331083001272" for i in range(4, 9)}
                  | {f"e{i}": "331083001001" for i in range(1, 4)}},
        "area_price_m": 300.0,
    },
    "made_room": {
        "now": assign(A="1 2 3 5 8", B="4 6 7 9"),
        "before": assign(A="1 2 3 4 5", B="6 7 8 9"),
        "places_m": {"e6": 3000.0, "e7": 3000.0, "e9": 3000.0, "e8": 0.0,
                     "e4": 1500.0},
    },
    "topped_up": {
        "now": assign(A="1 2 3 7", B="4 5 6"),
        "before": assign(A="1 2 3 4", B="5 6 7"),
        "places_m": {"e5": 3000.0, "e6": 3000.0, "e7": 0.0, "e4": 1500.0},
    },
    "rearranged": {
        "now": assign(A="1 2 3", B="4 5 6 7 8"),
        "before": assign(**FOUR_FOUR),
    },
}  # fmt: skip
MOVER = dict.fromkeys(CASES, "e4")


@pytest.mark.parametrize("reason", MOVED)
def test_each_reason_of_a_mover(reason):
    """In a case made for it, each reason is the one that is told."""
    plan, old = tell(**CASES[reason])
    adjustment = explain_adjustment(plan, old)
    assert reason_of(adjustment, MOVER[reason]) == ("moved", reason)
    assert_adds_up(adjustment, CASES[reason]["before"])
    words = adjustment.enterprises.loc[MOVER[reason]]
    assert words["reason_zh"]
    assert words["reason_en"].endswith(".")


@pytest.mark.parametrize(
    ("reason", "change", "instead"),
    [
        ("by_hand", {"moved": ()}, "rearranged"),
        ("by_hand", {"moved": (("e4", A),)}, "rearranged"),
        ("wished", {"fixed": ()}, "rearranged"),
        ("wished", {"fixed": (), "must_link": (("e5", "e4"),)}, "wished"),
        ("wished", {"fixed": (), "must_link": (("e1", "e4"),)}, "rearranged"),
        ("wished", {"fixed": (), "cannot_link": (("e4", "e1"),)}, "wished"),
        ("wished", {"fixed": (), "forbidden": (("e4", A),)}, "wished"),
        ("wished", {"fixed": (("e4", A),)}, "rearranged"),
        ("relocated", {"was_m": {"e4": 3001.0}}, "nearer"),
        ("relocated", {"was_m": {}}, "nearer"),
        ("nearer", {"mover_price_m": 2990.0}, "rearranged"),
        ("overfull", {"band": (3, 6)}, "rearranged"),
        ("refilled", {"band": (2, 5)}, "rearranged"),
        ("own_area", {"area_price_m": 100.0}, "rearranged"),
        ("own_area", {"cells": {}}, "rearranged"),
        ("made_room", {"band": (3, 6)}, "rearranged"),
        ("topped_up", {"band": (2, 5)}, "rearranged"),
    ],
)
def test_a_reason_needs_its_fact(reason, change, instead):
    """Take the one fact away and another reason is told."""
    plan, old = tell(**CASES[reason] | change)
    assert reason_of(explain_adjustment(plan, old), MOVER[reason]) == ("moved", instead)


def test_moving_house_is_known_from_the_previous_register_only():
    """Without it nobody is said to have moved house, and the money is unknown."""
    plan, old = tell(**CASES["relocated"])
    blind = explain_adjustment(plan, old.enterprises)
    assert reason_of(blind, "e4") == ("moved", "nearer")
    assert blind.money is None
    seeing = explain_adjustment(plan, old.enterprises, register_before=old.register)
    assert reason_of(seeing, "e4") == ("moved", "relocated")
    assert seeing.money is not None


def forced_case(**cells):
    """Move e4 from the street's industry to another block, as the cells tell."""
    other = cells.pop("grid")
    now = assign(A="1 2 3") | {f"e{i}": other for i in (4, 5, 6)}
    before = assign(A="1 2 3 4") | {f"e{i}": other for i in (5, 6)}
    return tell(now, before, cells=cells)


@pytest.mark.parametrize(
    ("reason", "cells", "words"),
    [
        ("new_unit", {"grid": "331083101-industry-01", "unit": {"e4": "331083101"}},
         "所属单元由玉城街道变更为清港镇"),
        ("new_category", {"grid": f"{UNIT}-trade-01", "industry": {"e4": "5211"}},
         "行业由工业变更为贸易"),
        ("new_category", {"grid": "zjj-construction-01", "industry": {"e4": "4710"}},
         "行业由工业变更为建筑业，由玉城街道转至市住建局"),
        ("new_unit_category", {"grid": "331083101-trade-01",
                               "unit": {"e4": "331083101"},
                               "industry": {"e4": "5211"}},
         "所属单元由玉城街道变更为清港镇，行业由工业变更为贸易"),
        ("new_block", {"grid": f"{UNIT}-trade-01"},
         "单元、行业未变，所在小单元的合并方式与上期不同"),
    ],
)  # fmt: skip
def test_forced_ones_are_told_apart(reason, cells, words):
    """Whose block is another is forced, and told what of it changed."""
    plan, old = forced_case(**cells)
    adjustment = explain_adjustment(plan, old)
    assert adjustment.counts == dict.fromkeys(KINDS, 0) | {"forced": 1}
    assert reason_of(adjustment, "e4") == ("forced", reason)
    assert adjustment.enterprises.at["e4", "reason_zh"] == words
    assert reason in FORCED


def test_a_bare_plan_does_not_say_what_changed():
    """Of a plan that tells grids only, the forced are known and the cause is not."""
    plan, old = forced_case(grid=f"{UNIT}-trade-01", industry={"e4": "5211"})
    bare = old.enterprises[["grid_id"]].reset_index()
    adjustment = explain_adjustment(plan, bare)
    assert reason_of(adjustment, "e4") == ("forced", "unknown")
    assert adjustment.grids["previous_travel_m"].isna().all()
    assert (adjustment.grids["previous_medoid_id"] == "").all()


def test_saved_metres_are_to_the_medoids_of_today():
    """How much nearer: to the old grid's medoid as it is now, less to the own one."""
    plan, old = tell(**CASES["nearer"])
    adjustment = explain_adjustment(plan, old)
    # the old grid's medoid is the middle one of e1, e2, e3 at 0, 10 and 20 metres
    assert adjustment.enterprises.at["e4", "saved_m"] == pytest.approx(2990, rel=0.003)
    plan, old = tell(**CASES["dissolved"])
    saved = explain_adjustment(plan, old).enterprises["saved_m"]
    assert saved.loc[["e2", "e3", "e4"]].isna().all()


@pytest.mark.parametrize(
    ("reason", "fates", "words"),
    [
        ("dissolved", {A: "closed", B: "kept"}, "由2个变为1个，本网格撤销，2家并入"),
        ("opened", {A: "split", C: "opened"}, "由1个增至2个，新设网格"),
        ("overfull", {A: "kept", B: "kept"}, "不作调整将有6家，超过上限5家，调出1家"),
        ("refilled", {A: "kept", B: "kept"}, "不作调整只有2家，低于下限3家，调入1家"),
    ],
)
def test_fates_of_grids(reason, fates, words):
    """Kept, split, opened or closed, with the reason in numbers."""
    plan, old = tell(**CASES[reason])
    grids = explain_adjustment(plan, old).grids
    assert grids["fate"].to_dict() == fates
    assert any(words in text for text in grids["reason_zh"])


def test_a_grid_that_lost_everybody_is_closed_without_movers():
    """Its firms left or went by force: closed, and nobody joined another grid."""
    now = assign(A="1 2 3")
    plan, old = tell(now, assign(A="1 2 3", B="4 5 6"))
    grids = explain_adjustment(plan, old).grids
    assert grids.loc[B, ["fate", "left", "size"]].tolist() == ["closed", 3, 0]
    assert grids.at[B, "unit"] == UNIT
    assert grids.at[A, "reason_zh"] == "没有变动"


def test_flows_that_do_not_add_up_are_refused():
    """An adjustment with a wrong sum cannot be made."""
    plan, old = tell(**CASES["overfull"])
    adjustment = explain_adjustment(plan, old)
    with pytest.raises(ValueError, match="add up"):
        replace(adjustment, grids=adjustment.grids.assign(left=7))


def test_nothing_changed_is_told_so():
    """The same register again: nobody moved, every letter says so."""
    same = assign(**FOUR_FOUR)
    plan, old = tell(same, same)
    adjustment = explain_adjustment(plan, old, date=HALF_YEAR)
    assert adjustment.enterprises.empty
    assert adjustment.grids["fate"].tolist() == ["kept", "kept"]
    letter = adjustment.units.at[UNIT, "letter_zh"]
    assert "企业没有变动" in letter
    assert "自2026年7月1日起执行" in letter
    assert (adjustment.money["difference_yuan"] == 0).all()


def test_letters_name_everybody_and_the_day():
    """A unit is told each of its changes by name, with grids, reason and day."""
    plan, old = tell(**CASES["overfull"])
    adjustment = explain_adjustment(plan, old, date=dt.date(2026, 12, 31))
    letter = adjustment.units.at[UNIT, "letter_zh"]
    assert letter.startswith("玉城街道：\n\n根据《玉环市人民政府办公室")
    assert "自2026年12月31日起执行" in letter
    assert (
        "1．e4公司（e4）：由玉城街道工业第1网格调整至玉城街道工业第2网格，原因："
        "玉城街道工业第1网格不作调整将有6家，超过上限5家。"
    ) in letter
    assert "1．e9公司（e9）：纳入玉城街道工业第1网格。" in letter
    assert "网格成员由8人变为9人；本年度经费增加42元，以后每个整年增加500元。" in letter
    undated = explain_adjustment(plan, old).units.at[UNIT, "letter_zh"]
    assert "自＿＿＿＿年＿＿月＿＿日起执行" in undated
    assert "本年度" not in undated


def test_both_units_are_told_of_who_changes_between_them():
    """Who leaves a unit for another stands in both letters."""
    cells = {"grid": "331083101-industry-01", "unit": {"e4": "331083101"}}
    plan, old = forced_case(**cells)
    adjustment = explain_adjustment(plan, old)
    letters = adjustment.units["letter_zh"]
    assert all("e4公司（e4）" in letters[unit] for unit in (UNIT, "331083101"))
    assert "转往其他单元1家" in letters[UNIT]
    assert "由其他单元转入1家" in letters["331083101"]


STAFF = {f"e{i}": f"s{i}" for i in range(1, 8)} | {"e3": "s2"}


def money_of(date=HALF_YEAR, **rules):
    """Price four firms of three people of which one leaves and three come."""
    before = assign(A="1 2 3 4")
    now = assign(A="2 3", B="1 5 6 7")
    rows = road_rows({f"e{i}": 10.0 * i for i in range(1, 8)}, statistician_id=STAFF)
    rows["status"] = ["above_scale"] * 6 + ["groomed"]
    by_id = rows.set_index("enterprise_id", drop=False)
    then = read_rows(by_id.loc[sorted(before)])
    today = read_rows(by_id.loc[sorted(now)])
    old = make_plan(then, before)
    plan = make_plan(today, now, before)
    money = price_change(plan, old.enterprises, then, BudgetRules(**rules), date)
    assert len(money) == 1
    return money.iloc[0].to_dict()


@pytest.mark.parametrize(
    ("rules", "date", "figures"),
    [
        # three people before, five after: 6 months of each
        ({}, HALF_YEAR, (3, 5, 1500, 2000, 500, 1000)),
        # December counts to the plan in force on its last day
        ({}, dt.date(2026, 12, 31), (3, 5, 1500, 1583, 83, 1000)),
        ({"membership": "snapshot"}, HALF_YEAR, (3, 5, 1500, 2500, 1000, 1000)),
        # s1, s2 and s4, then s5, s6 and s7: six were there in the year
        ({"membership": "ever"}, HALF_YEAR, (3, 5, 1500, 3000, 1500, 1000)),
        ({"activity_basis": "posts"}, HALF_YEAR, (4, 6, 2000, 2500, 500, 1000)),
        ({"activity_basis": "posts", "membership": "ever"}, HALF_YEAR,
         (4, 6, 2000, 3500, 1500, 1000)),
        ({"groomed_paid": False}, HALF_YEAR, (3, 4, 1500, 1750, 250, 500)),
        ({"activity_yuan": 600}, HALF_YEAR, (3, 5, 1800, 2400, 600, 1200)),
        ({"activity_months": 6}, HALF_YEAR, (3, 5, 750, 1250, 500, 500)),
    ],
)  # fmt: skip
def test_money_of_a_change(rules, date, figures):
    """Members and yuan before and after, by hand, under each meaning of membership."""
    names = ("members_before", "members_after", "before_yuan", "after_yuan",
             "difference_yuan", "yearly_difference_yuan")  # fmt: skip
    found = money_of(date, **rules)
    assert tuple(found[name] for name in names) == figures


def test_without_a_day_only_whole_years_are_known():
    """The year of an undated change is unknown, never guessed."""
    found = money_of(None)
    assert found["yearly_difference_yuan"] == 1000
    assert pd.isna(found["after_yuan"])
    assert pd.isna(found["difference_yuan"])


def test_the_activity_bases_are_those_of_the_budget():
    """The bases that the cases above use are all there are."""
    assert set(BASES) == {"statisticians", "posts"}


def test_another_plan_is_refused():
    """A previous plan that the new one was not made from is named, with its remedy."""
    plan, old = tell(**CASES["overfull"])
    other = old.enterprises.assign(grid_id=old.enterprises["grid_id"].replace(A, C))
    with pytest.raises(InputError, match="5 家的上期网格不同") as told:
        explain_adjustment(plan, other)
    assert "5 of 9 enterprises differ" in told.value.message_en
    with pytest.raises(InputError, match="上期方案缺少列"):
        explain_adjustment(plan, pd.DataFrame({"x": [1]}))


def test_another_previous_register_is_refused():
    """The members of then are counted from the register that was cut, or not at all."""
    plan, old = tell(**CASES["overfull"])
    other = read_rows(road_rows({"e1": 0.0, "x": 5.0}))
    with pytest.raises(InputError, match="与上期方案不一致"):
        explain_adjustment(plan, old.enterprises, register_before=other)


def aged(rows, rng):
    """Let some firms leave, enter, move house and change industry or unit."""
    kept = rows[rng.random(len(rows)) > 0.15].copy()
    n = len(kept)
    units, kinds = rows["unit"].to_numpy(), rows["industry"].to_numpy()
    places = rows[["longitude", "latitude"]].to_numpy()
    for columns, pool in ((["unit"], units), (["industry"], kinds)):
        chosen = rng.random(n) < 0.1
        kept.loc[chosen, columns[0]] = rng.choice(pool, int(chosen.sum()))
    kept["village"] = ""  # a village of another unit would be an error
    chosen = rng.random(n) < 0.1
    kept.loc[chosen, ["longitude", "latitude"]] = rng.permutation(places)[:n][chosen]
    new = rows.sample(frac=0.2, random_state=1).copy()
    new["enterprise_id"] = [f"new {i}" for i in range(len(new))]
    return pd.concat([kept, new], ignore_index=True)


@settings(max_examples=12)
@given(shape=shapes(50))
def test_flows_add_up_on_any_register(shape, tmp_path_factory):
    """Whatever happens to a register, the flows of its re-cut add up."""
    folder = tmp_path_factory.mktemp("aged")
    rows = rows_of(shape)
    later = aged(rows, np.random.default_rng(shape.seed))
    registers = []
    for name, frame in (("then", rows), ("now", later)):
        path = folder / f"{name}.csv"
        frame.to_csv(path, index=False, encoding="utf-8-sig")
        registers.append(go.read_register(path, reading(shape)))
    old = go.make_grids(registers[0])
    if not old.enterprises.index.intersection(registers[1].enterprises.index).size:
        return
    plan = go.make_grids(registers[1], previous=old)
    adjustment = explain_adjustment(plan, old, date=HALF_YEAR)
    assert_adds_up(adjustment, old.enterprises["grid_id"].to_dict())
    assert_reasoned(adjustment)
    before = len(old.register.enterprises)
    assert len(adjustment.before) == before


def assert_reasoned(adjustment):
    """Every change has a reason of its kind and words without a hole."""
    rows = adjustment.enterprises
    allowed = {"entered": ("entered",), "left": ("left",), "forced": FORCED,
               "moved": MOVED}  # fmt: skip
    assert all(
        reason in allowed[kind]
        for kind, reason in zip(rows["kind"], rows["reason"], strict=True)
    )
    words = [*rows["reason_zh"], *rows["reason_en"], *adjustment.units["letter_zh"]]
    words += [*adjustment.grids["reason_zh"], *adjustment.grids["reason_en"]]
    assert all(words)
    assert not any("nan" in text.lower().split() for text in words)


def test_the_shipped_pair_adds_up():
    """On the two shipped registers flows add up and counts are the summary's."""
    scenario = go.read_scenario(ROOT / "scenarios" / "yuhuan-2022.yaml")
    files = [ROOT / "data" / f"yuhuan-synthetic-{year}.csv" for year in (2025, 2026)]
    then, now = (go.read_register(file, scenario.register) for file in files)
    old = go.make_grids(then, scenario.grids)
    outcome = go.run_scenario(now, scenario, old)
    adjustment = outcome.adjustment
    assert_adds_up(adjustment, old.enterprises["grid_id"].to_dict())
    assert_reasoned(adjustment)
    counts, told = adjustment.counts, outcome.summary
    assert (counts["moved"], counts["forced"]) == (told["n_movers"], told["n_forced"])
    assert counts["moved"] > 0
    assert counts["forced"] > 0
    money = adjustment.money
    full = outcome.budget.lines.query("item == 'activity'").set_index("unit")
    whole = money.set_index("unit")
    assert (whole["members_after"] == full["members"]).all()
    after = whole["before_yuan"] + whole["yearly_difference_yuan"]
    assert (after == full["amount_yuan"]).all()


def test_a_frame_from_file_tells_what_the_partition_tells(
    small_outcome, small_register, small_run
):
    """Read from `partition.csv`, the plan in force gives the same explanation."""
    from gridopt.archive import read_previous

    plan = read_previous(small_run / "partition.csv")
    again = go.make_grids(small_register, small_outcome.scenario.grids, plan)
    by_file = explain_adjustment(again, plan, register_before=small_register)
    by_value = explain_adjustment(again, small_outcome.partition)
    for name in ("enterprises", "grids", "units", "money"):
        pd.testing.assert_frame_equal(getattr(by_file, name), getattr(by_value, name))
    assert BLOCK in set(by_file.grids["block_id"])
