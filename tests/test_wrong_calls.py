"""Wrong calls of the command line end in words, and never cost an earlier result."""

from __future__ import annotations

import sys

import pytest

from gridopt import cli

SCENARIO = """\
title: 误用
basis: P5
date: 2025-12-31
register:
  file: {register}
  coordinates: gcj02
  industry_edition: "2017"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, small_register_file):
    """A folder with a scenario, a run of it and files of no use."""
    folder = tmp_path_factory.mktemp("calls")
    text = SCENARIO.format(register=small_register_file)
    (folder / "ok.yaml").write_text(text, encoding="utf-8")
    (folder / "empty.csv").write_text("", encoding="utf-8")
    (folder / "empty.yaml").write_text("", encoding="utf-8")
    (folder / "binary.csv").write_bytes(b"\x00\xff\xfe\x00")
    (folder / "file").write_text("x", encoding="utf-8")
    (folder / "stranger").mkdir()
    (folder / "stranger" / "mine.txt").write_text("x", encoding="utf-8")
    (folder / "nothing").mkdir()
    return folder


@pytest.fixture
def call(folder, monkeypatch, capsys):
    """Call the command line inside the folder; give status and all it said."""

    def run(*words):
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["gridopt", *map(str, words)])
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return status, told.err + told.out

    return run


@pytest.fixture
def run_folder(folder, small_run):
    """The small run, in the folder as `plan`."""
    import shutil

    return shutil.copytree(small_run, folder / "plan", dirs_exist_ok=True)


@pytest.mark.parametrize(
    "out", ["file", "stranger", "ok.yaml", "x" * 300, "file/sub", "file/sub/sub"]
)
def test_an_impossible_target_is_refused_before_the_work(call, out, monkeypatch):
    """Whoever names a taken or impossible folder is told so before the cut."""
    import gridopt.outcome

    def work(*_args, **_kwargs):
        raise AssertionError("the cut had begun")

    monkeypatch.setattr(gridopt.outcome, "run_scenario", work)
    status, told = call("run", "ok.yaml", "--tables-only", "--out", out)
    assert status == 1
    assert "--out" in told


@pytest.mark.parametrize(
    ("out", "words"),
    [("file/sub", "路径中有一段是文件，不是文件夹"), ("x" * 300, "名称太长")],
)
def test_a_target_is_refused_in_chinese(call, out, words):
    """What the operating system says in English is said in Chinese as well."""
    status, told = call("compare", "ok.yaml", "ok.yaml", "--out", out)
    assert status == 1
    assert f"{words}。请关闭" in told


def test_an_empty_baseline_is_no_baseline(call):
    """An empty name is not taken for the first scenario."""
    status, told = call("compare", "ok.yaml", "ok.yaml", "--baseline", "")
    assert status == 1
    assert "可选：ok、ok-2" in told


def test_a_budget_never_replaces_a_run(call, run_folder):
    """A run holds a budget, too, and is not to be lost to one."""
    before = sorted(path.name for path in run_folder.iterdir())
    status, told = call("budget", "ok.yaml", "--members", "5", "--out", "plan")
    assert status == 1
    assert "不是经费测算目录" in told
    assert sorted(path.name for path in run_folder.iterdir()) == before


def test_a_budget_replaces_a_budget(call):
    """The same kind of folder is replaced."""
    for members in ("5", "6"):
        words = ("budget", "ok.yaml", "--members", members, "--out", "money")
        assert call(*words)[0] == 0


@pytest.mark.parametrize("seed", ["-1", "x", "2147483648", "99999999999999999999"])
def test_a_seed_that_no_scenario_could_hold_is_wrong_usage(call, seed):
    """What `run` accepts, its own scenario.yaml must be able to say."""
    assert call("run", "ok.yaml", "--seed", seed)[0] == 2


@pytest.mark.parametrize(
    ("previous", "words"),
    [
        ("nowhere.csv", "无法读取上期方案 nowhere.csv"),
        ("nothing", "无法读取上期方案 nothing"),
        ("empty.csv", "无法读取上期方案 empty.csv"),
        ("binary.csv", "无法读取上期方案 binary.csv"),
        ("plan/grids.csv", "缺少列 enterprise_id 或 grid_id"),
    ],
)
def test_a_plan_that_is_none_is_named(call, run_folder, previous, words):
    """A previous plan that is missing, empty, binary or another table."""
    status, told = call("run", "ok.yaml", "--previous", previous, "--out", "new")
    assert status == 1
    assert words in told
    assert "Errno" not in told


@pytest.mark.parametrize(
    ("previous", "words"),
    [
        ("nowhere.csv", "文件不存在"),
        ("empty.csv", "无法读取上期方案 empty.csv"),
        ("plan/grids.csv", "缺少列 enterprise_id 或 grid_id"),
    ],
)
def test_verify_names_a_plan_that_is_none(
    call, run_folder, small_register_file, previous, words
):
    """The same for the checker, with what to do."""
    status, told = call(
        "verify", "plan", "--register", small_register_file, "--previous", previous
    )
    assert status == 1
    assert words in told
    assert "partition.csv" in told


def test_verify_names_a_plan_of_another_run(call, run_folder, small_register_file):
    """A plan that the run did not start from is a false claim, not a fault."""
    plan = run_folder / "partition.csv"
    status, told = call(
        "verify", "plan", "--register", small_register_file, "--previous", plan
    )
    assert status == 1
    assert "hashes.previous" in told


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("partition.csv", "grid_id"),
        ("partition.csv", "is_medoid"),
        ("blocks.csv", "least"),
        ("exceptions.csv", "kind"),
        ("budget.csv", "payer"),
        ("awards.csv", "pool"),
        ("grids.csv", "block_id"),
    ],
)
def test_verify_names_a_missing_column(
    call, run_folder, small_register_file, table, column
):
    """A table without a column that the checks need is refused by both names."""
    path = run_folder / table
    before = path.read_bytes()
    text = before.decode("utf-8-sig").replace(column, "gone", 1)
    path.write_text(text, encoding="utf-8-sig")
    status, told = call("verify", "plan", "--register", small_register_file)
    path.write_bytes(before)
    assert status == 1
    assert f"{table} 缺少列" in told
    assert column in told


@pytest.mark.parametrize(
    ("grids", "words"),
    [
        ("{size_price_m: .inf}", "grids.size_price_m = .inf"),
        ("{size_price_m: .nan}", "grids.size_price_m = .nan"),
        ("{size_price_m: 1.0e+300}", "代价过大"),
        ("{small_block_prices: {leftover: 99999999999999999999}}", "不大于1000000"),
        ("{number: 99999999999999999999999}", "99999999999999999999999"),
        ("{least: 1, most: 1, target: 1}", "grids.most = 1"),
        ("{fixed: [[a]]}", "grids.fixed[0][1]"),
        ("{must_link: [[nobody, else]]}", "nobody"),
        ("null", ""),
    ],
)
def test_settings_beyond_reason_are_refused(call, folder, grids, words):
    """Values that nothing could compute with are named with place and limit."""
    text = (folder / "ok.yaml").read_text(encoding="utf-8") + f"grids: {grids}\n"
    (folder / "odd.yaml").write_text(text, encoding="utf-8")
    status, told = call("run", "odd.yaml", "--tables-only", "--out", "odd")
    assert (status, words in told) == (0 if grids == "null" else 1, True)


def test_a_table_as_scenario_is_not_printed_whole(call, small_register_file):
    """Who swaps scenario and register reads one short line, not the register."""
    status, told = call("run", small_register_file)
    assert status == 1
    assert len(told) < 1000


@pytest.mark.parametrize("after", ["empty.csv", "binary.csv", "nothing"])
def test_synth_names_a_snapshot_that_is_none(call, after):
    """A snapshot that is empty, binary or a folder is named."""
    status, told = call("synth", "--out", "z.csv", "--after", after)
    assert status == 1
    assert after in told


def test_synth_names_a_file_that_cannot_be_written(call):
    """A target inside a file is refused in words."""
    status, told = call("synth", "--enterprises", "30", "--out", "file/x.csv")
    assert status == 1
    assert "无法写入" in told


def test_a_cap_on_movers_is_never_passed_over(call, folder, run_folder):
    """A plan that moves more than the cap is refused with the remedy."""
    plan = (run_folder / "partition.csv").read_text(encoding="utf-8-sig").splitlines()
    head, *rows = plan
    block = "331083001-industry"
    rows = [row.replace(f"{block}-01", f"{block}-9") for row in rows]
    swapped = [
        row.replace(f"{block}-9", f"{block}-02") if i % 2 else row
        for i, row in enumerate(rows)
    ]
    path = folder / "shuffled.csv"
    path.write_text("\n".join([head, *swapped]) + "\n", encoding="utf-8-sig")
    text = (folder / "ok.yaml").read_text(encoding="utf-8")
    text += "grids: {mover_cap: 0, mover_price_m: 0}\n"
    (folder / "cap.yaml").write_text(text, encoding="utf-8")
    words = ("run", "cap.yaml", "--tables-only", "--previous", path, "--out", "cap")
    status, told = call(*words)
    assert status == 1
    assert "mover_cap = 0" in told


def test_the_previous_register_brings_the_money(
    call, folder, run_folder, small_register_file, tmp_path
):
    """With it the run tells what the change does to the money; alone it is refused."""
    plan = run_folder / "partition.csv"
    words = ("run", "ok.yaml", "--tables-only", "--previous", plan)
    status, told = call(*words, "--out", "blind")
    assert status == 0
    assert "与上期相比：调整 0 家，变更转格 0 家，新纳入 0 家，退出 0 家" in told
    assert (folder / "blind" / "adjustments.csv").is_file()
    assert not (folder / "blind" / "money_changes.csv").exists()
    before = ("--previous-register", small_register_file)
    status, _ = call(*words, *before, "--out", "seeing")
    assert status == 0
    assert (folder / "seeing" / "money_changes.csv").is_file()
    status, told = call("run", "ok.yaml", *before, "--out", "alone")
    assert status == 2
    assert "--previous" in told
    other = tmp_path / "other.csv"
    text = small_register_file.read_text(encoding="utf-8-sig").splitlines()
    other.write_text("\n".join(text[:-1]) + "\n", encoding="utf-8-sig")
    status, told = call(*words, "--previous-register", other, "--out", "wrong")
    assert status == 1
    assert "与上期方案不一致" in told
    assert not (folder / "wrong").exists()
