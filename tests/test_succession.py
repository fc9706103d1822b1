"""A run that follows another keeps its people, and leaves or replaces its folder."""

from __future__ import annotations

import json
import shutil

import openpyxl
import pytest
from test_archive import bytes_of

from gridopt import archive, cli
from gridopt.archive import read_previous, read_previous_roster, read_table, runs
from gridopt.errors import InputError
from gridopt.outcome import run_scenario
from gridopt.register import read_register
from gridopt.scenario import read_scenario
from gridopt.synth import write_synthetic
from gridopt.tenure import CHANGE_COLUMNS, CHANGES
from gridopt.verification import verify_run
from gridopt.views import write_workbook

SCENARIO = """\
title: 沿用人员小样例
basis: P13
date: {year}-12-31
register:
  file: {register}
  coordinates: gcj02
  industry_edition: "2017"
roles:
  staff: {staff}
"""
STAFF = """\
unit,person_id,name,role,specialities,max_grids
玉城街道,P01,甲,网格长,,
玉城街道,P02,乙,网格长,,
楚门镇,P03,丙,网格长,,
市统计局,Q01,丁,网格指导员,工业;贸易,
"""


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    """Two scenarios with their registers: 2025, and 2026 without the head P02."""
    place = tmp_path_factory.mktemp("years")
    old, new = place / "2025.csv", place / "2026.csv"
    write_synthetic(300, seed=5, out=old)
    write_synthetic(300, seed=5, out=new, after=old)
    leaves = [line for line in STAFF.splitlines() if ",P02," not in line]
    scenarios = {}
    for year, register, staff in (
        (2025, old, STAFF),
        (2026, new, "\n".join([*leaves, "玉城街道,P04,戊,网格长,,"]) + "\n"),
    ):
        table = place / f"staff{year}.csv"
        table.write_text(staff, encoding="utf-8")
        told = SCENARIO.format(year=year, register=register, staff=table)
        scenarios[year] = place / f"{year}.yaml"
        scenarios[year].write_text(told, encoding="utf-8")
    return scenarios


@pytest.fixture(scope="module")
def first(years, tmp_path_factory):
    """The run folder of 2025."""
    scenario = read_scenario(years[2025])
    register = read_register(scenario.register.file, scenario.register)
    outcome = run_scenario(register, scenario)
    place = tmp_path_factory.mktemp("first") / "2025"
    return archive.write_run(outcome, place, is_tables_only=True)


def run_second(call, years, previous, out):
    """Run 2026 after a previous plan; give status, output and errors."""
    return call(
        "run", years[2026], "--previous", previous, "--out", out,
        "--tables-only", "--workers", 1,
    )  # fmt: skip


def heads_of(folder):
    """List the heads of the grids by grid."""
    posts = read_table(folder / "roster.csv")
    is_head = (posts["level"] == "4") & (posts["role"] == "head")
    return posts[is_head].set_index("grid_id")


def test_a_run_keeps_the_people_of_the_run_before(call, years, first, tmp_path):
    """`--previous` reads `roster.csv` beside the plan; who left is replaced."""
    out = tmp_path / "2026"
    status, told, shown = run_second(call, years, first / "partition.csv", out)
    assert status == 0
    assert "上期方案旁" not in shown
    assert "网格长、副网格长、网格指导员：留任 " in told
    before, now = heads_of(first), heads_of(out)
    both = before.index.intersection(now.index)
    was, told = before.loc[both], now.loc[both]
    stayed = was["person_id"].isin(["P01", "P03"])
    assert stayed.any()
    assert (told.loc[stayed, "change"] == "kept").all()
    assert told.loc[stayed, "person_id"].equals(was.loc[stayed, "person_id"])
    left = was["person_id"] == "P02"
    assert left.any()
    assert (told.loc[left, "person_id"] == "P04").all()
    assert set(told.loc[left, "change_reason"]) == {"staff_table"}
    assert set(told.loc[left, "previous_person_id"]) == {"P02"}
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["hashes"]["previous_roster"] is not None
    register = read_scenario(years[2026]).register.file
    assert verify_run(out, register, first / "partition.csv").is_true
    # with another roster beside the plan, the claim whose people were kept is false
    other = shutil.copytree(first, tmp_path / "other")
    (other / "roster.csv").write_text("grid_id\n", encoding="utf-8")
    found = verify_run(out, register, other).falsehoods
    assert [one.column for one in found] == ["hashes.previous_roster"]


def test_a_bare_plan_says_what_it_does_not_tell(call, years, first, tmp_path):
    """Without roster and summary beside it: one line for each, and the run goes on."""
    bare = shutil.copy(first / "partition.csv", tmp_path)
    status, told, shown = run_second(call, years, bare, tmp_path / "2026")
    assert status == 0
    assert "更早撤销的网格编号无从得知" in shown
    assert "不沿用原任人员" in shown
    assert "留任" not in told
    posts = read_table(tmp_path / "2026" / "roster.csv")
    assert (posts[list(CHANGE_COLUMNS)] == "").all(axis=None)


def test_an_outcome_is_a_past_with_its_people(years, first):
    """In Python the earlier outcome alone brings plan, numbers and people."""
    scenarios = {year: read_scenario(file) for year, file in years.items()}
    registers = {
        year: read_register(one.register.file, one.register)
        for year, one in scenarios.items()
    }
    before = run_scenario(registers[2025], scenarios[2025])
    by_value = run_scenario(registers[2026], scenarios[2026], before)
    plan = read_previous(first)
    by_file = run_scenario(
        registers[2026], scenarios[2026], plan,
        previous_roster=read_previous_roster(first, plan),
    )  # fmt: skip
    assert by_value.roster.posts.equals(by_file.roster.posts)
    assert (by_value.roster.posts["change"] == "kept").any()
    assert by_value.partition.last_numbers == by_file.partition.last_numbers
    nobody = run_scenario(registers[2026], scenarios[2026], before.partition)
    assert (nobody.roster.posts["change"] == "").all()


def test_the_workbook_says_who_was_replaced_and_why(years, first, tmp_path):
    """The sheet of the roster has a remark at every post that changed hands."""
    scenario = read_scenario(years[2026])
    register = read_register(scenario.register.file, scenario.register)
    roster = read_previous_roster(first)
    outcome = run_scenario(
        register, scenario, read_previous(first), previous_roster=roster
    )
    write_workbook(outcome, tmp_path / "w.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx")["网格名册"]
    remarks = [str(row[8].value or "") for row in sheet.iter_rows()]
    told = outcome.roster.posts["change"].value_counts()
    for kind in ("new", "replaced", "vacated"):
        found = sum(CHANGES[kind] in remark for remark in remarks)
        assert found == told.get(kind, 0)
    assert any("更换：人员表已不列原任人员" in remark for remark in remarks)


def test_a_roster_of_another_run_is_refused(first, tmp_path):
    """Plan and roster of two runs in one folder are named, with what to do."""
    mixed = shutil.copytree(first, tmp_path / "mixed")
    posts = read_table(mixed / "roster.csv")
    last = posts.loc[posts["level"] == "4", "grid_id"].iloc[-1]
    archive.write_table(posts[posts["grid_id"] != last], mixed / "roster.csv")
    with pytest.raises(InputError, match=f"不是同一次运行.*1 个网格.*{last}"):
        read_previous_roster(mixed, read_previous(mixed))
    (mixed / "roster.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="无法读取上期网格人员名册"):
        read_previous_roster(mixed)


def test_a_run_may_replace_the_run_it_follows(call, years, first, tmp_path):
    """`--out` on the previous folder: said before, replaced whole after."""
    folder = shutil.copytree(first, tmp_path / "same")
    (folder / "mark").write_text("earlier", encoding="utf-8")
    status, _, shown = run_second(call, years, folder / "partition.csv", folder)
    assert status == 0
    assert "完成后将被替换" in shown
    told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert told["date"] == "2026-12-31"
    assert not (folder / "mark").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["same"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [(OSError(28, "full"), cli.BAD_INPUT), (KeyboardInterrupt(), cli.INTERRUPTED)],
)
def test_a_failed_run_leaves_the_run_it_follows(
    call,
    years,
    first,
    tmp_path,
    monkeypatch,
    fault,
    status,
):
    """Full disk or keyboard half-way through the files: the earlier folder stands."""
    folder = shutil.copytree(first, tmp_path / "same")
    before = bytes_of(folder)

    def fail(*_args):
        raise fault

    monkeypatch.setattr(runs, "save_certificates", fail)
    assert run_second(call, years, folder / "partition.csv", folder)[0] == status
    assert bytes_of(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["same"]


def test_an_interrupted_plan_never_replaces_a_finished_one(
    call, years, first, tmp_path
):
    """Stopped early, the plan lies beside; it replaces only one like itself."""
    folder, beside = tmp_path / "2026", tmp_path / "2026-interrupted"
    words = (
        "run", years[2026], "--out", folder, "--tables-only", "--workers", 1,
        "--time-limit", 0,
    )  # fmt: skip
    assert call(*words)[0] == cli.INTERRUPTED  # there is nothing to spare
    assert call(*words)[0] == cli.INTERRUPTED  # nothing finished, either
    assert [path.name for path in tmp_path.iterdir()] == ["2026"]
    shutil.rmtree(folder)
    shutil.copytree(first, folder)
    before = bytes_of(folder)
    status, told, shown = call(*words)
    assert status == cli.INTERRUPTED
    assert bytes_of(folder) == before
    assert f"结果目录：{beside}" in told
    assert "未动" in shown
    summary = json.loads((beside / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "interrupted"
    assert call(*words)[0] == cli.INTERRUPTED
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        folder.name,
        beside.name,
    ]


def test_a_bad_staff_table_leaves_the_run_it_follows(call, years, first, tmp_path):
    """What fails before the writing leaves everything as it was, too."""
    folder = shutil.copytree(first, tmp_path / "same")
    before = bytes_of(folder)
    bad = tmp_path / "bad.yaml"
    told = years[2026].read_text(encoding="utf-8").replace("staff2026", "nowhere")
    bad.write_text(told, encoding="utf-8")
    status, _, _ = run_second(call, {2026: bad}, folder, folder)
    assert status == cli.BAD_INPUT
    assert bytes_of(folder) == before
