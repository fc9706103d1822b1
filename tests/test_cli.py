"""Every command says what it did, and every fault ends in words and an exit status."""

from __future__ import annotations

import json
import subprocess
import sys

import pandas as pd
import pytest

SCENARIO = """\
title: 命令行小样例
basis: P5
date: 2025-12-31
register:
  file: {register}
  coordinates: gcj02
  industry_edition: "2017"
"""


@pytest.fixture
def scenario_file(tmp_path, small_register_file):
    """A scenario file on the small synthetic register."""
    path = tmp_path / "small.yaml"
    path.write_text(SCENARIO.format(register=small_register_file), encoding="utf-8")
    return path


def test_run_then_verify(call, scenario_file, small_register_file, tmp_path):
    """`run` leaves a whole folder that `verify` passes; a spoilt one fails with 1."""
    out = tmp_path / "out"
    status, told, shown = call("run", scenario_file, "--out", out, "--workers", 1)
    assert status == 0
    assert "合成数据" in told
    assert "企业网格" in told
    assert "网格划分" in shown  # progress goes to standard error
    assert (out / "workbook.xlsx").stat().st_size > 10_000
    assert (out / "report.html").stat().st_size > 10_000
    status, told, _ = call("verify", out, "--register", small_register_file)
    assert (status, "复核通过" in told) == (0, True)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    summary["total_yuan"] += 1
    (out / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    status, told, _ = call("verify", out, "--register", small_register_file)
    assert status == 1
    assert "summary.json total_yuan" in told


def test_tables_only_leaves_out_workbook_and_report(call, scenario_file, tmp_path):
    """`--tables-only` writes the tables and nothing to print."""
    out = tmp_path / "out"
    assert call("run", scenario_file, "--out", out, "--tables-only")[0] == 0
    assert not (out / "workbook.xlsx").exists()
    assert (out / "partition.csv").exists()


def test_the_run_folder_runs_again(call, scenario_file, small_register_file, tmp_path):
    """A run's own scenario.yaml and the register give the same partition again."""
    first, second = tmp_path / "first", tmp_path / "second"
    call("run", scenario_file, "--out", first, "--tables-only")
    again = (first / "scenario.yaml", "--register", small_register_file)
    assert call("run", *again, "--out", second, "--tables-only")[0] == 0
    for name in ("partition.csv", "scenario.yaml", "certificate.npz"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_moves_by_hand_are_made_verified_and_handed_on(
    call, scenario_file, small_register_file, tmp_path
):
    """`run --moves` says what a wish costs; a later run keeps it; `verify` accepts."""
    out, again, table = tmp_path / "out", tmp_path / "again", tmp_path / "moves.csv"
    assert call("run", scenario_file, "--out", out, "--tables-only")[0] == 0
    plan = pd.read_csv(out / "partition.csv", encoding="utf-8-sig", dtype=str)
    sizes = plan.groupby("grid_id").size()
    roomy, spare = sizes.index[sizes.between(16, 24)], sizes.index[sizes > 15]
    blocks = plan.drop_duplicates("grid_id").set_index("grid_id")["block_id"]
    here, there = next(
        (a, b) for a in spare for b in roomy if a != b and blocks[a] == blocks[b]
    )
    who = plan.loc[plan["grid_id"] == here, "enterprise_id"].iloc[0]
    table.write_text(f"企业编号,调入网格\n{who},{there}\n", encoding="utf-8")
    words = ("--tables-only", "--out", again)
    status, told, _ = call("run", scenario_file, "--moves", table, *words)
    assert (status, "人工调整：调入其他网格 1 家" in told) == (0, True)
    assert call("verify", again, "--register", small_register_file)[0] == 0
    later = tmp_path / "later"
    status, told, _ = call("run", scenario_file, "--previous", again, "--out", later)
    assert (status, "人工调整：固定不动 1 家" in told) == (0, True)
    kept = pd.read_csv(later / "partition.csv", encoding="utf-8-sig", dtype=str)
    assert kept.set_index("enterprise_id")["grid_id"][who] == there
    seen = ("--register", small_register_file, "--previous", again)
    assert call("verify", later, *seen)[0] == 0


def test_moves_that_cannot_be_made_are_explained(call, scenario_file, tmp_path):
    """An unknown firm and another unit's grid in one sentence; nothing is written."""
    table, out = tmp_path / "moves.csv", tmp_path / "out"
    table.write_text("enterprise_id,grid_id\nX,G\nY,\n", encoding="utf-8")
    status, _, shown = call("run", scenario_file, "--moves", table, "--out", out)
    assert (status, out.exists()) == (1, False)
    assert "人工调整有2处无法照办" in shown
    assert "没有企业 X" in shown


def test_seed_is_taken_and_told(call, scenario_file, tmp_path):
    """`--seed` overrides the scenario and stands in the summary."""
    out = tmp_path / "out"
    call("run", scenario_file, "--out", out, "--seed", 7, "--tables-only")
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["seed"] == 7


def test_check_finds_without_a_scenario(call, small_register_file):
    """`check` alone says what it could not check."""
    status, told, _ = call("check", small_register_file)
    assert status == 0
    assert "坐标系和行业代码版本未检查" in told


def test_check_fails_on_errors(call, tmp_path, scenario_file):
    """A register with an error ends with 1, the row and the value in the message."""
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "统一社会信用代码,单位名称,乡镇街道,行业代码,经度,纬度,纳统状态\n"
        "a1,甲,玉城街道,3443,121.24,28.15,四上\n"
        "a2,乙,不存在的镇,3443,121.24,28.15,四上\n",
        encoding="utf-8",
    )
    status, told, _ = call("check", bad, "--scenario", scenario_file)
    assert status == 1
    assert "第3行" in told
    assert "不存在的镇" in told


def test_budget_from_a_number_and_a_file(call, scenario_file, tmp_path):
    """`budget` settles one number as a city pool, a file by unit, and writes both."""
    status, told, _ = call("budget", scenario_file, "--members", "1500")
    assert status == 0
    assert "750,000" in told
    assert "2,025,000" in told
    counts = tmp_path / "members.csv"
    counts.write_text("unit,members\n玉城街道,20\n331083002,23\n", encoding="utf-8-sig")
    out = tmp_path / "money"
    status, told, _ = call("budget", scenario_file, "--members", counts, "--out", out)
    assert status == 0
    assert (out / "awards.csv").read_text(encoding="utf-8-sig").startswith("pool,unit,")
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))[
        "activity_yuan"
    ] == 500 * (20 + 23)


def test_budget_says_what_the_bill_may_come_to(call, scenario_file, tmp_path):
    """Bounds, quantiles and the chance that the money suffices stand on the screen."""
    text = scenario_file.read_text(encoding="utf-8")
    money = "\nmoney:\n  appropriation_yuan: 62000\n"
    scenario_file.write_text(text + money, encoding="utf-8")
    counts, out = tmp_path / "members.csv", tmp_path / "money"
    counts.write_text("unit,members\n玉城街道,20\n坎门街道,23\n", encoding="utf-8")
    words = ("budget", scenario_file, "--members", counts, "--out", out)
    status, told, shown = call(*words)
    assert status == 0, shown
    risk = pd.read_csv(out / "risk.csv", encoding="utf-8-sig").set_index("measure")
    assert f"P95 {int(risk.at['p95', 'yuan']):,} 元" in told
    chance = risk.at["sufficiency", "share"]
    assert f"可用资金 62,000 元足额的概率为 {chance:.1%}" in told
    assert "没有以往的评定结果" in told
    assert (out / "budget.xlsx").is_file()
    by_unit = "\n  pool: unit\n  floor_level: city\n"
    scenario_file.write_text(text + money + by_unit[1:], encoding="utf-8")
    status, told, _ = call(*words)
    assert status == 0
    assert "风险未测算" in told


RESULTS = "person_id,enterprise_id,unit,score,qualified,until"


def test_budget_from_results_names_stars_ties_and_who_is_left_out(
    call, scenario_file, tmp_path
):
    """`budget --results` writes who gets which star, ties, and who is not appraised."""
    path, out = tmp_path / "results.csv", tmp_path / "money"
    rows = [f"p{i},e{i},玉城街道,{90 - i // 2},1," for i in range(10)]
    gone = "p99,e99,玉城街道,80,1,2025-03-31"
    path.write_text("\n".join([RESULTS, *rows, gone]), encoding="utf-8")
    words = ("budget", scenario_file, "--results", path, "--out", out)
    status, _, shown = call(*words)
    assert status == 1
    assert "玉城街道（331083001）的三星级界线处2人同分（p0、p1）" in shown
    text = scenario_file.read_text(encoding="utf-8")
    told = text + "\nmoney:\n  tie_key: [since, person_id]\n"
    scenario_file.write_text(told, encoding="utf-8")
    status, shown, _ = call(*words)
    assert status == 0
    assert "同分：玉城街道三星级界线处 2 人同分" in shown
    assert "应参加 10 人，合格 10 人，年内任职未参加 1 人" in shown
    stars = pd.read_csv(out / "stars.csv", encoding="utf-8-sig")
    assert stars["star"].tolist() == [3, 2, 2, 2] + [1] * 6
    assert stars["paid_yuan"].sum() == 15_000
    gone = pd.read_csv(out / "not_appraised.csv", encoding="utf-8-sig")
    assert gone["person_id"].tolist() == ["p99"]
    assert len(pd.read_csv(out / "ties.csv", encoding="utf-8-sig")) == 1


def write_everybody(path, register_file):
    """Write results in which every enterprise of a register has its own person."""
    firms = pd.read_csv(register_file, dtype=str, keep_default_na=False)
    ids, units = firms["统一社会信用代码"], firms["乡镇街道"]
    rows = [
        f"p{i},{e},{u},,1," for i, (e, u) in enumerate(zip(ids, units, strict=True))
    ]
    path.write_text("\n".join([RESULTS, *rows]), encoding="utf-8")


def test_a_run_with_results_is_settled_and_verified(
    call, scenario_file, small_register_file, tmp_path
):
    """`run --results` settles and says so; `verify` asks for the same table."""
    path, out = tmp_path / "results.csv", tmp_path / "out"
    write_everybody(path, small_register_file)
    words = ("run", scenario_file, "--results", path, "--out", out, "--tables-only")
    status, told, _ = call(*words)
    assert status == 0
    assert "（按评定结果）" in told
    assert "应参加 300 人，合格 300 人" in told
    verify = ("verify", out, "--register", small_register_file)
    status, _, shown = call(*verify)
    assert status == 1
    assert "请用 --results 给出当时的评定结果表" in shown
    status, told, _ = call(*verify, "--results", path)
    assert status == 0
    assert "复核通过" in told
    forged = (out / "budget.csv").read_text(encoding="utf-8-sig").split("\n")
    forged[1] = forged[1].rsplit(",", 2)[0] + ",1,0"
    (out / "budget.csv").write_text("\n".join(forged), encoding="utf-8-sig")
    status, told, _ = call(*verify, "--results", path)
    assert status == 1
    assert "budget.csv 第2行 amount_yuan" in told


def test_a_run_with_faulty_results_writes_nothing(call, scenario_file, tmp_path):
    """Strangers to the register and faulty cells end `run` before the cut."""
    path, out = tmp_path / "results.csv", tmp_path / "out"
    words = ("run", scenario_file, "--results", path, "--out", out)
    for row, said in (("p1,e1,玉城街道,,1,", "e1"), ("p1,e1,玉城街道,优,1,", "优")):
        path.write_text(f"{RESULTS}\n{row}\n", encoding="utf-8")
        status, told, shown = call(*words)
        assert status == 1
        assert said in told + shown
        assert not out.exists()


def test_faulty_results_are_listed_and_nothing_is_written(
    call, scenario_file, tmp_path
):
    """Every fault of the table comes with its row; there is no wrong bill."""
    path, out = tmp_path / "results.csv", tmp_path / "money"
    rows = ["p1,e1,玉城街道,优,1,", "p2,e2,月球街道,60,3,", "p3,e3,玉城街道,60,1,明年"]
    path.write_text("\n".join([RESULTS, *rows]), encoding="utf-8")
    status, told, shown = call("budget", scenario_file, "--results", path, "--out", out)
    assert status == 1
    assert "共3行，有4处错误" in shown
    for value in ("优", "月球街道", "“3”", "明年"):
        assert value in told + shown
    assert not out.exists()


def test_budget_of_a_plan_equals_the_run(call, scenario_file, tmp_path):
    """`budget --partition` gives the money of the run it comes from."""
    out, money = tmp_path / "out", tmp_path / "money"
    call("run", scenario_file, "--out", out, "--tables-only")
    plan = out / "partition.csv"
    assert call("budget", scenario_file, "--partition", plan, "--out", money)[0] == 0
    for name in ("budget.csv", "awards.csv"):
        assert (out / name).read_bytes() == (money / name).read_bytes()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("unit,members\n玉城街道,20\n玉城街道,3\n", "重复"),
        ("unit,members\n火星街道,20\n", "火星街道"),
        ("unit,members\n玉城街道,2.5\n", "2.5"),
        ("unit,heads\n玉城街道,2\n", "缺少列 members"),
        ("unit,members\n", "没有数据行"),
        ("单位,二级统计网格,人数\n玉城街道,玉城街道,2\n", "几列都表示 unit"),
    ],
)
def test_bad_member_files_are_explained(call, scenario_file, tmp_path, content, words):
    """A member table that cannot be used is refused with row, value and remedy."""
    path = tmp_path / "members.csv"
    path.write_text(content, encoding="utf-8-sig")
    status, _, shown = call("budget", scenario_file, "--members", path)
    assert status == 1
    assert words in shown


def test_a_member_table_may_have_chinese_headers(call, scenario_file, tmp_path):
    """单位 and 人数 come to the same bill as unit and members."""
    told = []
    for head, encoding in (
        ("unit,members", "utf-8-sig"),
        ("二级统计网格,人数", "utf-8-sig"),
        ("二级统计网格,人数", "gb18030"),
    ):
        path = tmp_path / "members.csv"
        path.write_text(f"{head}\n玉城街道,20\n", encoding=encoding)
        told.append(call("budget", scenario_file, "--members", path)[:2])
    assert told[0] == told[1] == told[2]
    assert told[0][0] == 0


def test_the_sums_that_are_printed_add_up(call, scenario_file, tmp_path):
    """Awards of earlier years are named where they are part of the total."""
    scenario = tmp_path / "owed.yaml"
    scenario.write_text(
        "extends: small.yaml\ntitle: 欠\nbasis: F9\nmoney: {deferred_yuan: 31000}\n",
        encoding="utf-8",
    )
    status, told, _ = call("budget", scenario, "--members", "100")
    assert status == 0
    line = next(one for one in told.splitlines() if "，合计 " in one)
    parts, total = line.split("，合计 ")
    numbers = [int(part.split(" ")[1].replace(",", "")) for part in parts.split("，")]
    assert "以前年度未付 31,000 元" in parts
    assert sum(numbers) == int(total.split(" ")[0].replace(",", ""))


def test_a_reader_who_has_gone_is_no_fault(tmp_path):
    """Findings piped to somebody who reads nothing end without a traceback."""
    register, scenario = tmp_path / "r.csv", tmp_path / "s.yaml"
    register.write_text("enterprise_id,name\n" + "a,b\n" * 50, encoding="utf-8")
    scenario.write_text(SCENARIO.format(register=register), encoding="utf-8")
    command = [sys.executable, "-m", "gridopt", "run", str(scenario)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def test_compare_writes_what_differs(call, scenario_file, tmp_path):
    """`compare` lists inputs first, then results with differences, and a run each."""
    wide = tmp_path / "wide.yaml"
    wide.write_text(
        "extends: small.yaml\ntitle: 宽区间\nbasis: P5\ngrids: {least: 10, most: 30}\n",
        encoding="utf-8",
    )
    out = tmp_path / "both"
    status, told, _ = call("compare", scenario_file, wide, "--out", out)
    assert status == 0
    assert "grids.least" in told
    names = {path.name for path in out.iterdir()}
    assert names == {
        "inputs.csv", "results.csv", "companions.csv", "comparison.xlsx",
        "comparison.html", "small", "wide",
    }  # fmt: skip
    text = (out / "inputs.csv").read_text(encoding="utf-8-sig")
    assert text == (
        "setting,clause,small,wide\ngrids.least,P5,15,10\ngrids.most,P5,25,30\n"
    )
    header = (out / "results.csv").read_text(encoding="utf-8-sig").split("\n")[0]
    assert header == "measure,unit_of_measure,small,wide,difference:wide"


def test_frontier_prints_and_writes_its_plans(call, scenario_file, tmp_path):
    """A row per price on the way from a plan to itself, and the tables beside it."""
    first, out = tmp_path / "first", tmp_path / "frontier"
    call("run", scenario_file, "--out", first, "--tables-only")
    words = ("--previous", first, "--prices", "1000，5", "--out", out, "--workers", 1)
    status, told, _ = call("frontier", scenario_file, *words)
    assert status == 0
    assert "代价 1000 米/家：调整 0 家" in told
    assert "代价 5 米/家：调整 0 家" in told
    assert (out / "frontier.csv").is_file()
    assert (out / "partition-02.csv").is_file()
    words = ("--previous", first, "--prices", "teuer")
    status, _, shown = call("frontier", scenario_file, *words)
    assert status == 2
    assert "teuer" in shown


def test_compare_against_another_baseline(call, scenario_file, tmp_path):
    """`--baseline` names it; one that is not there ends before anything is cut."""
    other = tmp_path / "money.yaml"
    other.write_text(
        "extends: small.yaml\ntitle: 从严\nbasis: F7\nmoney: {rounding: floor_low}\n",
        encoding="utf-8",
    )
    words = ("compare", scenario_file, other)
    status, told, shown = call(*words, "--baseline", "money")
    assert (status, "基准情景：money" in told) == (0, True)
    assert shown.count("网格划分") <= call(*words)[2].count("网格划分")
    status, _, shown = call(*words, "--baseline", "monney")
    assert status == 1
    assert "没有基准情景“monney”，是否为“money”" in shown


def test_compare_refuses_other_registers_and_faulty_scenarios(
    call, scenario_file, tmp_path
):
    """Every scenario that cannot be read is told; two registers are no comparison."""
    call("synth", "--enterprises", 200, "--seed", 3, "--out", tmp_path / "b.csv")
    other = tmp_path / "other.yaml"
    other.write_text(
        "extends: small.yaml\ntitle: 另\nbasis: P5\nregister: {file: b.csv}\n",
        encoding="utf-8",
    )
    out = tmp_path / "both"
    status, _, shown = call("compare", scenario_file, other, "--out", out)
    assert (status, out.exists()) == (1, False)
    assert "2 个情景用了 2 份不同的名录" in shown
    bad = tmp_path / "bad.yaml"
    bad.write_text("title: 坏\nbasis: P5\ngrids: {targt: 15}\n", encoding="utf-8")
    status, _, shown = call("compare", scenario_file, bad, tmp_path / "none.yaml")
    assert status == 1
    assert "3 个情景中有 2 个无法读取" in shown
    assert "最接近的键是 target" in shown
    assert "none.yaml" in shown


def test_synth_writes_a_register_and_the_next(call, tmp_path):
    """`synth` writes a marked register, and with --after the next snapshot."""
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    status, told, _ = call("synth", "--enterprises", 200, "--seed", 3, "--out", first)
    assert (status, "虚构" in told) == (0, True)
    assert call("synth", "--seed", 4, "--out", second, "--after", first)[0] == 0
    assert first.read_bytes() != second.read_bytes()


def test_doctor_says_ready(call):
    """`doctor` tries the solver, fonts and encodings and ends with 0 here."""
    status, told, _ = call("doctor")
    assert status == 0
    assert "异常" not in told
    assert "中文字体" in told


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("fly",),
        ("run", "s.yaml", "--workers", "0"),
        ("budget", "s.yaml"),
        ("budget", "s.yaml", "--members", "5", "--partition", "p.csv"),
        ("budget", "s.yaml", "--members", "5", "--results", "r.csv"),
        ("compare", "s.yaml"),
    ],
)
def test_wrong_usage_ends_with_two(call, words):
    """Missing words, unknown commands and impossible options end with 2."""
    assert call(*words)[0] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "nowhere.yaml"), "nowhere.yaml"),
        (("verify", "nowhere", "--register", "x.csv"), "不是完整的运行目录"),
        (("check", "nowhere.csv"), "nowhere.csv"),
        (("budget", "nowhere.yaml", "--members", "5"), "nowhere.yaml"),
        (("synth", "--out", "x.pdf"), "x.pdf"),
    ],
)
def test_missing_files_end_with_one(call, words, said):
    """A file that is not there is named, and no traceback is shown."""
    status, told, shown = call(*words)
    assert status == 1
    assert said in told + shown


def test_a_scenario_without_a_register_says_what_to_do(call, tmp_path):
    """Without register file and --register the remedy is named."""
    path = tmp_path / "bare.yaml"
    path.write_text("title: t\nbasis: P5\n", encoding="utf-8")
    status, _, shown = call("run", path)
    assert status == 1
    assert "--register" in shown


def test_a_time_limit_ends_with_three_and_a_valid_plan(
    call, scenario_file, small_register_file, tmp_path
):
    """`--time-limit 0` still writes a plan, marked interrupted, which verifies."""
    out = tmp_path / "out"
    status, _, _ = call("run", scenario_file, "--out", out, "--time-limit", 0)
    assert status == 3
    told = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert told["status"] == "interrupted"
    assert call("verify", out, "--register", small_register_file)[0] == 0


def test_an_interrupt_ends_with_three(call, scenario_file, monkeypatch):
    """Ctrl-C outside the cut ends with 3 and leaves nothing."""
    import gridopt.outcome

    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(gridopt.outcome, "run_scenario", interrupt)
    status, _, shown = call("run", scenario_file, "--out", "never")
    assert status == 3
    assert "已中断" in shown


def _fail(*_args, **_kwargs):
    raise ZeroDivisionError("没有想到的情形")


def test_a_defect_ends_in_words(call, scenario_file, monkeypatch):
    """What nobody foresaw is named as a defect of the program, in both languages."""
    import gridopt.outcome

    monkeypatch.delenv("GRIDOPT_DEBUG", raising=False)
    monkeypatch.setattr(gridopt.outcome, "run_scenario", _fail)
    status, _, shown = call("run", scenario_file, "--out", "never")
    assert status == 1
    assert "gridopt 的缺陷" in shown
    assert "defect of gridopt" in shown
    assert shown.count("ZeroDivisionError: 没有想到的情形") == 1
    assert "GRIDOPT_DEBUG" in shown
    assert "Traceback" not in shown


def test_a_defect_shows_its_traceback_when_asked(call, scenario_file, monkeypatch):
    """With GRIDOPT_DEBUG set the exception goes through, traceback and all."""
    import gridopt.outcome

    monkeypatch.setenv("GRIDOPT_DEBUG", "1")
    monkeypatch.setattr(gridopt.outcome, "run_scenario", _fail)
    with pytest.raises(ZeroDivisionError, match="没有想到的情形"):
        call("run", scenario_file, "--out", "never")


def test_too_little_memory_is_no_defect(call, scenario_file, monkeypatch):
    """Lack of memory is said as such, with what to do."""
    import gridopt.outcome

    def starve(*_args, **_kwargs):
        raise MemoryError

    monkeypatch.delenv("GRIDOPT_DEBUG", raising=False)
    monkeypatch.setattr(gridopt.outcome, "run_scenario", starve)
    status, _, shown = call("run", scenario_file, "--out", "never")
    assert status == 1
    assert "内存不足" in shown
    assert "缺陷" not in shown


def test_a_name_too_long_is_a_fault_of_the_input(call):
    """A register that cannot even be looked for is named, not called a defect."""
    status, told, shown = call("check", "x" * 300 + ".csv")
    assert status == 1
    assert "无法打开文件" in told
    assert "缺陷" not in shown


@pytest.mark.parametrize("members", ["9" * 31, "9" * 5000])
def test_a_number_without_end_is_no_head_count(call, scenario_file, members):
    """Digits that no register could have are refused in words."""
    status, _, shown = call("budget", scenario_file, "--members", members)
    assert status == 1
    assert "--members" in shown
    assert "缺陷" not in shown


def test_the_current_folder_is_no_target(call, scenario_file, tmp_path, monkeypatch):
    """`--out .` is refused before the work: nothing can be laid beside it."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    words = ("budget", scenario_file, "--members", "5", "--out", ".")
    status, told, shown = call(*words)
    assert status == 1
    assert "元" not in told
    assert "--out" in shown


@pytest.mark.parametrize(
    "words", [["nope"], ["run"], ["run", "x.yaml", "--workers", 0]]
)
def test_wrong_usage_is_told_in_chinese_too(call, words):
    """What the framework says in English is followed by where to look."""
    status, told, shown = call(*words)
    assert (status, told) == (2, "")
    assert "命令写得不对" in shown.splitlines()[-1]


def test_a_previous_plan_that_is_no_table_is_told(call, scenario_file, tmp_path):
    """Chinese holds no words of the reader of tables."""
    bad = tmp_path / "bad.csv"
    bad.write_text('a,b\n1,2,3\n4,5,"x\n', encoding="utf-8")
    status, _, shown = call("frontier", scenario_file, "--previous", bad)
    assert status == 1
    assert "无法读取上期方案 bad.csv：不是一张完整的表。" in shown
    assert "tokenizing" not in shown.splitlines()[0]
