"""`gridopt changes` says what changed, writes it whole, and ends in words."""

from __future__ import annotations

import pandas as pd
import pytest
from test_change import firms, with_cells

from gridopt.archive import (
    read_previous,
    read_previous_roster,
    read_table,
    write_table,
)
from gridopt.change import COLUMNS

SCENARIO = """\
title: 名录比对
basis: P13
register:
  coordinates: {coordinates}
  industry_edition: "{edition}"
"""
OLD = firms(4)
NEW = with_cells(with_cells(OLD, 0, enterprise_id="X1"), 1, name="=新名")


@pytest.fixture
def files(tmp_path):
    """Two registers and a scenario on file."""
    write_table(OLD, tmp_path / "old.csv")
    write_table(NEW, tmp_path / "new.csv")
    write_scenario(tmp_path / "s.yaml")
    return tmp_path


def write_scenario(path, coordinates="gcj02", edition="2017", more=""):
    """Write a scenario file."""
    text = SCENARIO.format(coordinates=coordinates, edition=edition) + more
    path.write_text(text, encoding="utf-8")
    return path


def asked(folder, *more):
    """List the words of the command."""
    named = (folder / "old.csv", folder / "new.csv", "--scenario", folder / "s.yaml")
    return ("changes", *named, *more)


def test_changes_are_printed_and_written(call, files):
    """By kind on the screen; table and page in the folder; the same bytes twice."""
    status, told, shown = call(*asked(files, "--out", files / "out"))
    assert (status, shown) == (0, "")
    for words in ("新增：1 家", "退出：1 家", "更名：1 家", "编号变更：1 项（待确认）"):
        assert words in told
    table = read_table(files / "out" / "changes.csv")
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == 4
    page = (files / "out" / "changes.html").read_text(encoding="utf-8")
    assert "更名（1）" in page
    before = [path.read_bytes() for path in sorted((files / "out").iterdir())]
    assert call(*asked(files, "--out", files / "out"))[0] == 0
    assert before == [path.read_bytes() for path in sorted((files / "out").iterdir())]


def accept_all(call, files):
    """Decide for every change that asks, and lay a plan of one grid beside it."""
    assert call(*asked(files, "--out", files / "out"))[0] == 0
    table = read_table(files / "out" / "changes.csv")
    decided = table.assign(decision=table["needs_decision"].map({"1": "accept"}))
    write_table(decided.fillna(""), files / "decided.csv")
    plan = pd.DataFrame({"enterprise_id": OLD["enterprise_id"], "grid_id": "g-01"})
    write_table(plan, files / "partition.csv")


def test_decisions_carry_a_plan(call, files):
    """An accepted id stands in `previous.csv`, the plan under today's ids."""
    accept_all(call, files)
    words = ("--decisions", files / "decided.csv", "--previous")
    words += (files / "partition.csv", "--out", files / "out")
    status, told, _ = call(*asked(files, *words))
    assert (status, "编号变更：1 家" in told) == (0, True)
    carried = read_table(files / "out" / "previous.csv")
    assert carried["enterprise_id"].tolist() == ["X1", "E0001", "E0002", "E0003"]
    # a bare plan has neither people nor numbers to carry; a run folder has both
    assert not (files / "out" / "summary.json").exists()
    ids = OLD["enterprise_id"].tolist()
    posts = pd.DataFrame(
        {"grid_id": "g-01", "level": 4, "role": "member", "enterprise_id": ids}
    )
    write_table(posts, files / "roster.csv")
    (files / "summary.json").write_text('{"last_numbers": {"g": 7}}', encoding="utf-8")
    assert call(*asked(files, *words))[0] == 0
    again = read_previous(files / "out" / "previous.csv")
    assert again.attrs["last_numbers"] == {"g": 7}
    people = read_previous_roster(files / "out" / "previous.csv", again)
    assert people["enterprise_id"].tolist() == ["X1", *ids[1:]]


def test_moves_by_hand_are_carried_with_the_plan(call, files):
    """Who was placed by hand is so under today's id; releases and band go along."""
    accept_all(call, files)
    moved = "[[E0000, g-01], [E0001, g-01], [E0002, '']]"
    grids = f"grids:\n  least: 3\n  most: 30\n  moved: {moved}\n"
    write_scenario(files / "scenario.yaml", more=grids)
    words = ("--decisions", files / "decided.csv", "--previous", files)
    assert call(*asked(files, *words, "--out", files / "out"))[0] == 0
    again = read_previous(files / "out" / "previous.csv")
    assert again.attrs["band"] == (3, 30)
    placed = (("E0001", "g-01"), ("E0002", ""), ("X1", "g-01"))
    assert again.attrs["moved"] == placed


def test_a_plan_that_is_none_is_refused_in_words(call, files):
    """`--previous` of another table says what lacks, and nothing is written."""
    write_table(pd.DataFrame({"grid_id": ["g-01"]}), files / "grids.csv")
    words = ("--previous", files / "grids.csv", "--out", files / "none")
    status, _, shown = call(*asked(files, *words))
    assert (status, (files / "none").exists()) == (1, False)
    assert "缺少列 enterprise_id 或 grid_id" in shown


def test_who_comes_back_and_other_editions_are_told(call, files):
    """`--earlier` tells who comes back, `--old-scenario` that the edition differs."""
    write_table(NEW, files / "older.csv")
    write_scenario(files / "then.yaml", edition="2011")
    words = ("--earlier", files / "older.csv", "--old-scenario", files / "then.yaml")
    status, told, _ = call(*asked(files, *words))
    assert status == 0
    assert "重新进入：1 家" in told
    assert "识别为行业分类修订" in told
    assert "版本不同" in told


def test_limits_are_settings_of_the_scenario(call, files):
    """What counts as a move stands under `changes` in the scenario."""
    write_table(with_cells(OLD, 0, latitude="28.150500"), files / "new.csv")
    assert "没有变动" in call(*asked(files))[1]
    write_scenario(files / "s.yaml", more="changes:\n  moved_m: 50\n")
    assert "搬迁：1 家" in call(*asked(files))[1]
    write_scenario(files / "s.yaml", more="changes:\n  moved: 50\n")
    status, _, shown = call(*asked(files))
    assert (status, "moved_m" in shown) == (1, True)


def test_bad_input_ends_in_words(call, files):
    """Wrong registers, decisions, folders and usage: a status and two languages."""
    strangers = OLD.assign(enterprise_id=["A", "B", "C", "D"])
    write_table(strangers, files / "new.csv")
    status, _, shown = call(*asked(files))
    assert status == 1
    assert "没有一个相同的编号" in shown
    assert "no two share an id" in shown
    write_table(OLD.assign(longitude="0"), files / "new.csv")
    status, told, shown = call(*asked(files))
    assert (status, "错误" in told, "new.csv" in shown) == (1, True, True)
    write_table(NEW, files / "new.csv")
    write_scenario(files / "then.yaml", coordinates="wgs84")
    status, _, shown = call(*asked(files, "--old-scenario", files / "then.yaml"))
    assert (status, "坐标系不同" in shown) == (1, True)
    write_table(pd.DataFrame({"enterprise_id": ["E1"]}), files / "decided.csv")
    status, _, shown = call(*asked(files, "--decisions", files / "decided.csv"))
    assert (status, "缺少列“变动类型”" in shown) == (1, True)
    (files / "mine").mkdir()
    (files / "mine" / "letter.txt").write_text("x", encoding="utf-8")
    status, _, shown = call(*asked(files, "--out", files / "mine"))
    assert (status, "不是名录变动目录" in shown) == (1, True)
    assert call(*asked(files, "--previous", files / "old.csv"))[0] == 2
    assert call("changes", files / "old.csv", files / "new.csv")[0] == 1
