"""Two registers differ by what happened, kind by kind, and by nothing else."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, SMALL_RULES
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_registers import Shape, reading, rows_of, simple_rows

from gridopt.change import COLUMNS, KINDS, ChangeRules, compare_registers
from gridopt.errors import InputError
from gridopt.register import read_register
from gridopt.scenario import read_scenario
from gridopt.synth import age_register, make_register
from gridopt.synth.ageing import CHANGED, ENTERED, LEFT, MOVED, round_share

REVISED_YEARS = (2011, 2013)
NORTH_100_M = 0.0009
"""Degrees of latitude; 100 m and a little less than 1 % more."""

plain = reading(Shape(n=1, seed=1))


def read(rows, rules=plain, name="register.csv"):
    """Read rows as a register."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        rows.to_csv(path, index=False, encoding="utf-8-sig")
        return read_register(path, rules)


def firms(n=4, **cells):
    """Make n firms at one place, named apart."""
    places = {"longitude": "121.250000", "latitude": "28.150000"}
    names = [f"企业{i}" for i in range(n)]
    rows = simple_rows(n, **places, name=names, status="above_scale")
    return rows.assign(**cells)


def with_cells(rows, at, **cells):
    """Change cells of one row, in a copy."""
    rows = rows.copy()
    for column, value in cells.items():
        rows.loc[at, column] = value
    return rows


def compare(before, after, **options):
    """Compare two tables of rows as registers."""
    return compare_registers(read(before), read(after), **options)


def only(change):
    """Take the one event of a change."""
    assert len(change.changes) == 1, change.changes.to_string()
    return change.changes.iloc[0]


def test_every_kind_is_told_with_both_values_and_rows():
    """Each kind has its row, with the value as it was and as it is."""
    before = firms(7)
    after = before.drop(index=1).reset_index(drop=True)
    after = with_cells(after, 1, latitude="28.160000")
    after = with_cells(after, 2, industry="5211")
    after = with_cells(after, 3, status="groomed")
    after = with_cells(after, 4, name="新名")
    newcomer = firms(1, enterprise_id="E9999", name="新企业")
    change = compare(before, pd.concat([after, newcomer], ignore_index=True))
    assert list(change.changes.columns) == list(COLUMNS)
    told = change.changes.set_index("kind")
    assert told.index.tolist() == [
        *("left", "moved", "industry_changed", "status_changed", "renamed", "entered"),
    ]
    assert told.loc["moved", "distance_m"] == pytest.approx(1113, abs=10)
    assert told["distance_m"].notna().sum() == 1
    values = told.drop(index="moved")[["old_value", "new_value"]].to_numpy().tolist()
    assert values == [
        ["企业1", ""],
        ["3443", "5211"],
        ["above_scale", "groomed"],
        ["企业5", "新名"],
        ["", "新企业"],
    ]
    categories = told.loc["industry_changed", ["old_category", "new_category"]]
    assert categories.tolist() == ["industry", "trade"]
    assert told.loc["moved", ["old_row", "new_row"]].tolist() == [4, 3]
    assert told["old_row"].isna().tolist() == [False] * 5 + [True]
    assert not told["needs_decision"].any()


@pytest.mark.parametrize(
    ("latitude", "n"), [("28.150000", 0), ("28.151600", 0), ("28.152000", 1)]
)
def test_jitter_of_coordinates_is_no_move(latitude, n):
    """Below 200 m, or the limit set, an enterprise has not moved."""
    before = firms(4)
    after = with_cells(before, 0, latitude=latitude)
    assert compare(before, after).counts["moved"] == n
    strict = ChangeRules(moved_m=1)
    n_strict = int(latitude != "28.150000")
    assert compare(before, after, rules=strict).counts["moved"] == n_strict


def test_another_unit_is_a_move_however_near():
    """Who comes under another unit has moved, even without a metre on the map."""
    before = firms(4)
    event = only(compare(before, with_cells(before, 0, unit="331083002")))
    assert (event["kind"], event["distance_m"]) == ("moved", 0)
    assert event["old_value"].startswith("331083001 ")
    assert event["new_value"].startswith("331083002 ")


def test_width_case_and_blanks_make_no_other_name():
    """The same name written differently is no new name."""
    before = firms(2, name=["玉环（甲） A厂", "乙"])
    assert not len(compare(before, firms(2, name=["玉环(甲)a厂", "乙"])).changes)


def test_who_stays_in_the_file_but_leaves_the_grids_is_told_why():
    """Closed, off scale or quarantined: left, with the reason; back again: entered."""
    before = firms(5)
    after = with_cells(before.assign(operating="营业"), 0, operating="注销")
    after = with_cells(after, 1, status="other")
    told = compare(before, after).changes
    assert told["new_value"].tolist() == ["closed", "other_status"]
    back = compare(after, before).changes
    assert back["kind"].tolist() == ["entered", "entered"]
    assert back["old_value"].tolist() == ["closed", "other_status"]
    lenient = plain.model_copy(update={"quarantine": True})
    bad = read(with_cells(before, 0, longitude="x"), lenient)
    assert only(compare_registers(read(before), bad))["new_value"] == "quarantined"


def test_suspension_is_a_change_of_status():
    """Open to suspended shows beside the status; an empty cell means open."""
    before = firms(3)
    after = with_cells(before.assign(operating="营业"), 0, operating="停业")
    event = only(compare(before, after))
    assert event["kind"] == "status_changed"
    assert (event["old_value"], event["new_value"]) == (
        "above_scale",
        "above_scale/suspended",
    )


def test_a_new_id_is_proposed_and_never_assumed():
    """Same name and place under another id: left, entered, and a proposal to decide."""
    before = firms(4)
    change = compare(before, with_cells(before, 0, enterprise_id="X1"))
    assert change.counts["left"] == change.counts["entered"] == 1
    event = change.proposals.iloc[0]
    assert (event["enterprise_id"], event["kind"]) == ("X1", "id_changed")
    assert (event["old_value"], event["new_value"]) == ("E0000", "X1")
    assert change.n_survivors == 3
    assert "待确认" in str(change)


@pytest.mark.parametrize(
    "cells",
    [{"name": "别的"}, {"latitude": "28.160000"}],
    ids=["another name", "another place"],
)
def test_another_name_or_place_is_nobody_we_know(cells):
    """Without the same name at the same place nothing is proposed."""
    before = firms(4)
    after = with_cells(before, 0, enterprise_id="X1", **cells)
    assert compare(before, after).counts["id_changed"] == 0


def test_who_lives_on_outside_the_grids_has_kept_the_id():
    """Off scale under the old id: another firm; closed under it: perhaps the same."""
    before = firms(4)
    newcomer = before.iloc[:1].assign(enterprise_id="X1")
    for cells, n in (({"status": "other"}, 0), ({"operating": "注销"}, 1)):
        stays = with_cells(before.assign(operating="营业"), 0, **cells)
        after = pd.concat([stays, newcomer.assign(operating="营业")], ignore_index=True)
        assert compare(before, after).counts["id_changed"] == n


def test_proposals_are_one_to_one():
    """Where two could be the same, neither is proposed."""
    before = firms(4, name=["同名", "同名", "丙", "丁"])
    after = with_cells(before, 0, enterprise_id="X1")
    assert compare(before, after).counts["id_changed"] == 1
    after = with_cells(after, 1, enterprise_id="X2")
    assert compare(before, after).counts["id_changed"] == 0
    gone = pd.concat([before.iloc[2:], after.iloc[:1]])
    assert compare(before, gone).counts["id_changed"] == 0


def test_who_comes_back_is_known_from_an_earlier_register():
    """In the register before last, not in the last: back again, and from which file."""
    oldest, old, new = firms(4), firms(4).drop(index=0), firms(4)
    earlier = [read(oldest, name="r2020.csv"), read(old, name="r2021.csv")]
    event = only(compare(old, new, earlier=earlier))
    assert (event["kind"], event["old_value"]) == ("reentered", "r2020.csv")
    assert only(compare(old, new))["kind"] == "entered"


@pytest.fixture(scope="module")
def snapshots(shared):
    """The nine snapshots of a real register, by year."""
    found = {}
    for year in range(2010, 2019):
        file = shared / "data" / "tri-illinois" / f"facilities_{year}.csv"
        scenario = read_scenario(
            ROOT / "scenarios" / "tri-illinois.yaml", register_file=file
        )
        found[year] = read_register(file, scenario.register)
    return found


def test_revisions_of_a_real_register_are_recognised(snapshots):
    """Of eight steps exactly the two of a new edition are revisions."""
    found = {
        year: compare_registers(snapshots[year - 1], snapshots[year])
        for year in range(2011, 2019)
    }
    seen = [year for year, one in found.items() if one.revision.is_recognised]
    assert seen == list(REVISED_YEARS)
    for year, one in found.items():
        counts = one.counts
        changed = counts["revised"] + counts["industry_changed"]
        assert changed == one.revision.n_changed
        assert (counts["revised"] > 0) == (year in REVISED_YEARS)
        # true changes of industry stay what they are in other years
        assert counts["industry_changed"] <= 0.03 * one.n_survivors
        assert one.n_survivors + counts["left"] == one.n_old
        come = counts["entered"] + counts["reentered"]
        assert one.n_survivors + come == one.n_new


def test_codes_that_move_as_a_whole_are_a_revision():
    """A dozen whose code moved as a whole are revised; who went elsewhere is not."""
    before = firms(300, industry=["3443"] * 12 + ["3512"] * 288)
    after = before.assign(industry=["3444"] * 11 + ["5211"] + ["3512"] * 288)
    change = compare(before, after)
    assert change.revision.reason == "mapped"
    assert (change.counts["revised"], change.counts["industry_changed"]) == (11, 1)
    assert "整码改变" in str(change)


def test_a_change_one_by_one_is_no_revision():
    """Changes that no code shares stay changes of industry, up to five per cent."""
    codes = ["3443"] * 400
    before = firms(400, industry=codes)
    after = before.assign(industry=["3512", "5211"] * 9 + codes[18:])
    change = compare(before, after)
    assert change.revision.reason == ""
    assert change.counts["industry_changed"] == 18
    after = before.assign(industry=["3512", "5211"] * 10 + codes[20:])
    assert compare(before, after).revision.reason == "broad"


def test_editions_that_differ_declare_a_revision():
    """Another edition in the settings makes the few changed codes revised ones."""
    before, after = firms(6, industry="8211"), firms(6, industry="8311")
    old = read(before, plain.model_copy(update={"industry_edition": "2011"}))
    change = compare_registers(old, read(after))
    assert change.revision.reason == "declared"
    assert change.counts["revised"] == 6
    assert set(change.changes["old_category"]) == set(change.changes["new_category"])
    assert compare(before, after).revision.reason == ""


def test_codes_that_were_left_alone_are_no_part_of_a_revision():
    """Who leaves a code that everybody else keeps has changed industry, even then."""
    codes = ["3443"] * 100 + [f"{3500 + i}" for i in range(11, 41)]
    before = firms(130, industry=codes)
    moved = ["5211", *codes[1:100], *["3670"] * 30]
    change = compare(before, before.assign(industry=moved))
    assert change.revision.reason == "broad"
    assert (change.counts["revised"], change.counts["industry_changed"]) == (30, 1)
    assert change.proposals["kind"].tolist() == ["industry_changed"]


def test_weighty_enterprises_are_major():
    """An enterprise that reports five times as much as others is reported at once."""
    before = firms(9, weight=["1"] * 7 + ["5", "5"])
    after = with_cells(before.drop(index=[0, 7]), 8, name="新名")
    told = compare(before, after).changes.set_index("enterprise_id")
    assert told["is_major"].to_dict() == {"E0000": False, "E0007": True, "E0008": False}


def test_many_at_once_are_major():
    """Five, and a fifth, of one category of one unit: every one of them is flagged."""
    before = firms(25)
    assert compare(before, before.iloc[5:]).changes["is_major"].all()
    assert not compare(before, before.iloc[4:]).changes["is_major"].any()
    assert compare(before.iloc[5:], before).changes["is_major"].all()
    wide = firms(26)
    assert not compare(wide, wide.iloc[5:]).changes["is_major"].any()
    moved = with_cells(before, range(5), unit="331083002")
    assert compare(before, moved).changes["is_major"].all()
    assert "M5" in str(compare(before, moved))


def test_a_group_in_motion_is_major():
    """Three of one business group that leave at once are flagged, others not."""
    before = firms(40, group_id=["g"] * 4 + [""] * 36)
    told = compare(before, before.drop(index=[0, 1, 2, 30])).changes
    assert told["is_major"].tolist() == [True, True, True, False]
    assert not compare(before, before.drop(index=[0, 1])).changes["is_major"].any()


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_a_register_against_itself_is_empty(seed, n):
    """Nothing changed between a register and itself, however odd it is."""
    register = read(rows_of(Shape(n=n, seed=seed)))
    change = compare_registers(register, register)
    assert not len(change.changes)
    assert sum(change.counts.values()) == 0
    assert "没有变动" in str(change)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(30, 90))
def test_swapped_registers_swap_who_comes_and_goes(seed, n):
    """Entered and left change places when old and new do, and the counts add up."""
    rng = np.random.default_rng(seed)
    rows = firms(n, industry=rng.choice(["3443", "5211", "8111"], n))
    stays, other = (rows[rng.random(n) < 0.8] for _ in range(2))
    other = other.assign(industry=rng.choice(["3443", "5211"], len(other)))
    there, back = compare(stays, other), compare(other, stays)
    kinds = {"entered": "left", "left": "entered"}
    for kind in KINDS:
        if kind not in ("revised", "industry_changed"):
            assert there.counts[kind] == back.counts[kinds.get(kind, kind)]
    coded = ("revised", "industry_changed")
    n_coded = {sum(one.counts[kind] for kind in coded) for one in (there, back)}
    assert len(n_coded) == 1
    assert there.n_old == there.n_survivors + there.counts["left"]
    assert there.n_new == there.n_survivors + there.counts["entered"]
    ids = [set(one.changes["enterprise_id"]) for one in (there, back)]
    assert ids[0] == ids[1]


def test_a_synthetic_year_is_found_as_it_was_made():
    """Entries, exits, moves and changes are as many as the generator made."""
    old, new = (
        read_register(ROOT / "data" / f"yuhuan-synthetic-{year}.csv", SMALL_RULES)
        for year in (2025, 2026)
    )
    # two of the moves are shorter than the limit
    change = compare_registers(old, new, rules=ChangeRules(moved_m=1))
    made = {"entered": ENTERED, "left": LEFT, "moved": MOVED}
    made |= {"industry_changed": CHANGED}
    rows = old.enterprises
    expected = {kind: round_share(share, rows) for kind, share in made.items()}
    assert change.counts == dict.fromkeys(KINDS, 0) | expected
    assert compare_registers(old, new).counts["moved"] == expected["moved"] - 2


@settings(max_examples=5)
@given(st.integers(100, 300), st.integers(1, 1000))
def test_any_synthetic_year_is_found_as_it_was_made(n, seed):
    """The same of any register of the generator."""
    old = make_register(n, seed=seed)
    new = age_register(old, seed=seed + 1)
    change = compare_registers(
        read(old, SMALL_RULES),
        read(new, SMALL_RULES),
        rules=ChangeRules(moved_m=0.01),
    )
    counts = change.counts
    assert counts["entered"] == round_share(ENTERED, old)
    assert counts["left"] == round_share(LEFT, old)
    # a move inside one building shows on no map
    assert counts["moved"] <= round_share(MOVED, old)
    assert counts["industry_changed"] == round_share(CHANGED, old)


def test_registers_that_cannot_be_compared_are_refused():
    """No id in common, other coordinates, another table: all said at once."""
    old = read(firms(3))
    new = read(
        firms(3, enterprise_id=["A", "B", "C"]),
        plain.model_copy(update={"coordinates": "wgs84"}),
    )
    with pytest.raises(InputError) as caught:
        compare_registers(old, new)
    for words in ("坐标系不同（gcj02、wgs84）", "没有一个相同的编号（例如 E0000、A）"):
        assert words in caught.value.message_zh
    for words in ("different systems (gcj02, wgs84)", "no two share an id"):
        assert words in caught.value.message_en


def test_inputs_are_left_as_they_were():
    """Comparing changes neither register."""
    old, new = read(firms(5)), read(firms(5).drop(index=0))
    before = old.enterprises.copy(), new.enterprises.copy()
    compare_registers(old, new)
    pd.testing.assert_frame_equal(old.enterprises, before[0])
    pd.testing.assert_frame_equal(new.enterprises, before[1])
