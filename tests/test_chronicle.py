"""One firm or one grid is followed through dated runs, in the order of their dates."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pandas as pd
import pytest
from odd_registers import Shape, reading
from test_grids import BLOCK, FIVES, clusters

import gridopt as go
from gridopt import archive, chronicle
from gridopt.archive import read_previous, read_previous_roster, write_run
from gridopt.chronicle import ENTERPRISE_COLUMNS, EVENTS, GRID_COLUMNS, history
from gridopt.errors import InputError
from gridopt.outcome import run_scenario
from gridopt.register import read_register
from gridopt.scenario import Scenario

WEST, MIDDLE, EAST = 121.20, 121.25, 121.30
FIRST, SECOND, THIRD = (f"{BLOCK}-0{i}" for i in (1, 2, 3))
FOURTH = f"{BLOCK}-04"
MOVER, LEAVER, MEDOID = "E0004", "E0010", "E0002"
"""Who changes from west to middle in 2026, and who is away in 2025."""


def three_years(place):
    """Three dated runs: the east is away in 2025, one firm moves in 2026."""
    everybody = clusters(5, [WEST, MIDDLE, EAST])
    moved = everybody.assign(
        longitude=everybody["longitude"].mask(
            everybody["enterprise_id"] == MOVER, f"{MIDDLE + 1e-4:.6f}"
        )
    )
    tables = {2024: everybody, 2025: everybody[:10], 2026: moved}
    before, folders = None, {}
    for year, rows in tables.items():
        file = place / f"{year}.csv"
        rows.to_csv(file, index=False, encoding="utf-8-sig")
        rules = reading(Shape(n=1, seed=1))
        scenario = Scenario(
            "沿革", "P13", date=dt.date(year, 12, 31), register=rules,
            grids=FIVES.model_copy(update={"number": "by_formula"}),
        )  # fmt: skip
        plan = read_previous(before) if before else None
        people = read_previous_roster(before, plan) if before else None
        register = read_register(file, rules)
        outcome = run_scenario(register, scenario, plan, previous_roster=people)
        folders[year] = write_run(outcome, place / f"run{year}", is_tables_only=True)
        before = folders[year]
    return folders


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The folders of the three runs, the last first."""
    folders = three_years(tmp_path_factory.mktemp("history"))
    return [folders[2026], folders[2024], folders[2025]]


def test_a_firm_is_followed_by_date(runs):
    """Runs are sorted by their dates; a firm's change of grid is a move."""
    told = history(runs, enterprise=MOVER)
    assert list(told.columns) == list(ENTERPRISE_COLUMNS)
    assert told["date"].tolist() == ["2024-12-31", "2025-12-31", "2026-12-31"]
    assert told["run"].tolist() == ["run2024", "run2025", "run2026"]
    assert told["event"].tolist() == ["recorded", "stayed", "moved"]
    assert told["grid_id"].tolist() == [FIRST, FIRST, SECOND]
    assert told["grid_name"].iloc[2] == "玉城街道工业第2网格"
    assert told[["unit", "unit_name"]].iloc[0].tolist() == ["331083001", "玉城街道"]
    assert told[["category", "category_name"]].iloc[0].tolist() == ["industry", "工业"]
    assert not told["is_medoid"].any()
    assert (told["distance_m"] > 0).all()
    assert history(runs, enterprise=MEDOID)["is_medoid"].iloc[0]


def test_a_firm_that_leaves_and_returns(runs):
    """Away, it has a row without a place; back again, it has a grid of its own time."""
    told = history(runs, enterprise=LEAVER)
    assert told["event"].tolist() == ["recorded", "left", "returned"]
    assert told["grid_id"].tolist() == [THIRD, "", FOURTH]
    away = told.iloc[1]
    assert away["name"] == ""
    assert pd.isna(away["distance_m"])
    assert pd.isna(away["is_medoid"])


def test_a_firm_first_seen_later_has_entered(runs):
    """Runs before a firm was there have no row of it."""
    told = history(runs[:1] + runs[2:], enterprise=LEAVER)
    assert told["event"].tolist() == ["entered"]
    assert told["date"].tolist() == ["2026-12-31"]


def test_a_grid_is_followed_from_birth_to_end(runs):
    """Closed once, never open again; its successor is a grid of its own."""
    told = history(runs, grid=THIRD)
    assert list(told.columns) == list(GRID_COLUMNS)
    assert told["event"].tolist() == ["recorded", "closed"]
    assert told["size"].tolist() == [5, 0]
    assert told["went"].iloc[1] == tuple(f"E{i:04d}" for i in range(10, 15))
    assert told["medoid_id"].iloc[1] == ""
    born = history(runs, grid=FOURTH)
    assert born["event"].tolist() == ["opened"]
    assert born[["n_came", "n_went"]].iloc[0].tolist() == [5, 0]


def test_a_grid_says_who_came_and_went(runs):
    """Members are held against the run before, with names and people in charge."""
    told = history(runs, grid=FIRST)
    assert told["event"].tolist() == ["recorded", "kept", "kept"]
    assert told["n_went"].tolist() == [0, 0, 1]
    assert told["went"].iloc[2] == (MOVER,)
    table = archive.read_table(runs[1] / "partition.csv").set_index("enterprise_id")
    assert told["went_names"].iloc[2] == (table.at[MOVER, "name"],)
    assert history(runs, grid=SECOND)["came"].iloc[2] == (MOVER,)
    assert told["medoid_name"].iloc[0] == table.at[told["medoid_id"].iloc[0], "name"]
    assert told["head_name"].unique().tolist() == ["空缺"]
    posts = archive.read_table(runs[0] / "roster.csv")
    is_deputy = (posts["role"] == "deputy") & (posts["grid_id"] == FIRST)
    assert told["deputy"].iloc[2] == posts.loc[is_deputy, "person_id"].item()
    assert told["deputy_name"].iloc[2] == posts.loc[is_deputy, "name"].item()


def test_why_a_firm_moved_is_told_where_the_run_says_so(runs, tmp_path):
    """`adjustments.csv` gives the reason; a run without it gives none."""
    own = history(runs, enterprise=MOVER)["reason"]
    table = archive.read_table(runs[0] / "adjustments.csv").set_index("enterprise_id")
    assert own.iloc[-1] == table["reason_zh"].get(MOVER, "")
    last = shutil.copytree(runs[0], tmp_path / "last")
    (last / "adjustments.csv").unlink()
    silent = history([last, *runs[1:]], enterprise=MOVER)["reason"]
    assert silent.iloc[-1] == ""
    moves = pd.DataFrame({"enterprise_id": [MOVER], "reason_zh": ["迁址"]})
    archive.write_table(moves, last / "adjustments.csv")
    told = history([last, *runs[1:]], enterprise=MOVER)
    assert told["reason"].tolist() == [*own.iloc[:-1], "迁址"]


def test_every_event_has_a_word(runs):
    """All that a history can say is in Chinese, and both verbs are the same."""
    assert all(not word.isascii() for word in EVENTS.values())
    assert go.history is archive.history is chronicle.history


def edit_summary(folder, **changes):
    """Change what a run says of itself."""
    path = folder / "summary.json"
    told = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(told), encoding="utf-8")


def test_runs_without_a_date_or_with_the_same_are_named(runs, tmp_path):
    """A history has one run per date; what cannot be placed in time is an error."""
    one = shutil.copytree(runs[0], tmp_path / "one")
    with pytest.raises(InputError, match="2 个运行目录的日期都是 2026-12-31.*one"):
        history([*runs, one], enterprise=MOVER)
    edit_summary(one, date="")
    with pytest.raises(InputError, match="4 个运行目录中有 1 个没有日期：.*one"):
        history([*runs, one], enterprise=MOVER)
    edit_summary(one, date="去年")
    with pytest.raises(InputError, match=r"无法读取 summary.json"):
        history([*runs, one], enterprise=MOVER)


def test_folders_that_are_no_runs_are_named_at_once(runs, tmp_path):
    """Each folder is named with all files that it lacks, as `verify` names them."""
    half = shutil.copytree(runs[0], tmp_path / "half")
    (half / "grids.csv").unlink()
    with pytest.raises(InputError) as refusal:
        history([*runs, half, tmp_path / "nowhere"], grid=FIRST)
    first, second = refusal.value.message_zh.split("\n")
    assert first.endswith("half 不是完整的运行目录，缺少 1 个文件：grids.csv。")
    assert "nowhere 不是完整的运行目录，缺少 5 个文件：" in second


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("grids.csv", "grid_id,size\na,1\n", "grids.csv 缺少列 medoid_id、grid_name"),
        ("partition.csv", "", "无法读取 partition.csv"),
        ("roster.csv", "grid_id\nx\n", "roster.csv 缺少列 level、role、name"),
        ("summary.json", "[", "无法读取 summary.json"),
        ("summary.json", "[]", "无法读取 summary.json"),
    ],
)
def test_damaged_files_are_explained(runs, tmp_path, name, text, words):
    """A file that cannot be read is named; nothing ends in a traceback."""
    spoilt = shutil.copytree(runs[0], tmp_path / "spoilt")
    (spoilt / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        history([spoilt, *runs[1:]], enterprise=MOVER)


def test_an_enterprise_twice_in_a_run_is_named(runs, tmp_path):
    """A table with a doubled id has no history."""
    spoilt = shutil.copytree(runs[0], tmp_path / "spoilt")
    table = archive.read_table(spoilt / "partition.csv")
    archive.write_table(pd.concat([table, table[:1]]), spoilt / "partition.csv")
    with pytest.raises(InputError, match="E0000 出现不止一次"):
        history([spoilt, *runs[1:]], enterprise=MOVER)


def test_unknown_ids_name_what_is_near(runs):
    """A slip of the pen, a name for an id, and an id from elsewhere."""
    with pytest.raises(InputError, match="2024-12-31 至 2026-12-31.*相近的有：E0004"):
        history(runs, enterprise="E00004")
    name = archive.read_table(runs[0] / "partition.csv")["name"].iloc[3]
    with pytest.raises(InputError, match="相近的有：E0003。"):
        history(runs, enterprise=name)
    with pytest.raises(InputError, match=f"相近的有：{SECOND}。"):
        history(runs, grid="玉城街道工业第2网格")
    with pytest.raises(InputError) as refusal:
        history(runs, grid="甲")
    assert refusal.value.message_zh == (
        "3 次运行（2024-12-31 至 2026-12-31）中都没有编号为“甲”的网格。"
        "请核对编号，或加上更早的运行目录。"
    )


@pytest.mark.parametrize("asked", [{}, {"enterprise": "a", "grid": "b"}])
def test_one_thing_at_a_time(runs, asked):
    """Neither nothing nor two things can be followed."""
    with pytest.raises(ValueError, match="one enterprise or"):
        history(runs, **asked)
    with pytest.raises(ValueError, match="at least one run"):
        history([], enterprise="a")


def test_history_on_a_terminal(call, runs):
    """A Chinese table on standard output; below a grid's, who came and went."""
    status, told, _ = call("history", *runs, "--enterprise", LEAVER)
    assert status == 0
    lines = told.splitlines()
    assert lines[0] == f"企业编号：{LEAVER}"
    assert lines[1].split()[:3] == ["日期", "运行目录", "情况"]
    assert [line.split()[2] for line in lines[2:]] == ["已在册", "退出", "重新纳入"]
    status, told, _ = call("history", *runs, "--grid", SECOND)
    assert status == 0
    assert "沿用" in told
    assert "2026-12-31 转入 1 家：" in told
    assert f"（{MOVER}）。" in told


def test_wrong_questions_on_a_terminal(call, runs):
    """Usage ends with 2, an unknown id with 1 and words."""
    assert call("history", *runs)[0] == 2
    assert call("history", *runs, "--enterprise", "a", "--grid", "b")[0] == 2
    assert call("history", "--grid", "b")[0] == 2
    status, told, shown = call("history", *runs, "--grid", "甲")
    assert (status, told) == (1, "")
    assert "都没有编号为“甲”的网格" in shown
