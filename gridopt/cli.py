"""The same from a terminal: every verb of the package as a command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridopt.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.budget import Budget
    from gridopt.doctor import Check
    from gridopt.geography import Units
    from gridopt.outcome import Outcome
    from gridopt.register import Register
    from gridopt.scenario import Scenario

DONE, BAD_INPUT, BAD_USAGE, INTERRUPTED = 0, 1, 2, 3
"""Exit status: done; the input or a claim is wrong; wrong usage; interrupted."""

_SHOWN_FINDINGS = 50
_NAMES = {
    "": "未定",
    "city": "全市",
    "czj": "市财政局",
    "activity": "网格工作活动经费",
    "award": "星级奖励",
}
_LARGEST_SEED = 2**31 - 1
_KEYBOARD = 130
"""Exit status by which the command framework answers the keyboard."""
_DEBUG = "GRIDOPT_DEBUG"
"""Environment variable that lets the traceback of a defect through."""

app = typer.Typer(
    name="gridopt",
    help="统计网格划分、人员配备与经费测算。 Cut, staff and budget statistical grids.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ScenarioFile = Annotated[Path, typer.Argument(help="情景文件 scenario (YAML)")]
RegisterFile = Annotated[
    Path | None, typer.Option("--register", help="企业名录 register (CSV, xlsx)")
]
PreviousFile = Annotated[
    Path | None, typer.Option("--previous", help="上期 partition.csv of an earlier run")
]
OutFolder = Annotated[Path | None, typer.Option("--out", help="输出目录 output folder")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="进程数 number of processes")
]
Seed = Annotated[
    int | None, typer.Option(min=0, max=_LARGEST_SEED, help="随机种子 seed")
]
Later = Annotated[str | None, typer.Option(hidden=True)]


@app.command("run")
def run_command(
    scenario_file: ScenarioFile,
    register: RegisterFile = None,
    previous: PreviousFile = None,
    out: OutFolder = None,
    workers: Workers = None,
    seed: Seed = None,
    tables_only: Annotated[
        bool,
        typer.Option("--tables-only", help="不写工作簿和报告 no workbook, no report"),
    ] = False,
    moves: Later = None,
    results: Later = None,
    scheduler: Later = None,
    time_limit: Later = None,
) -> None:
    """划分网格、配备人员、测算经费，写出运行目录。 The whole way: a run folder."""
    _refuse_later(
        {
            "--moves": moves,
            "--results": results,
            "--scheduler": scheduler,
            "--time-limit": time_limit,
        }
    )
    from gridopt.archive import check_target, read_previous, write_run
    from gridopt.outcome import run_scenario
    from gridopt.scenario import read_scenario

    scenario = read_scenario(scenario_file, register_file=register, seed=seed)
    folder = out or Path("runs") / scenario.name
    check_target(folder)
    table = _register_of(scenario, scenario_file)
    plan = read_previous(previous) if previous else None
    outcome = run_scenario(
        table,
        scenario,
        plan,
        workers=workers or os.cpu_count() or 1,
        is_shown=True,
    )
    write_run(outcome, folder, is_tables_only=tables_only)
    _print_outcome(outcome, folder)
    if outcome.partition.status == "interrupted":
        raise typer.Exit(INTERRUPTED)


@app.command("check")
def check_command(
    register: Annotated[Path, typer.Argument(help="企业名录 register (CSV, xlsx)")],
    scenario: Annotated[
        Path | None, typer.Option("--scenario", help="情景文件 scenario (YAML)")
    ] = None,
) -> None:
    """只检查企业名录，列出全部问题。 All findings of a register, nothing else."""
    from gridopt.register import read_findings
    from gridopt.scenario import read_scenario

    rules = read_scenario(scenario).register if scenario else None
    if rules is None:
        print(
            "未给情景文件：坐标系和行业代码版本未检查。 "
            "No scenario: coordinate system and industry edition were not checked."
        )
    findings = read_findings(register, rules)
    _print_findings(findings)
    if (findings["severity"] == "error").any():
        raise typer.Exit(BAD_INPUT)


@app.command("verify")
def verify_command(
    run_dir: Annotated[Path, typer.Argument(help="运行目录 run folder")],
    register: Annotated[Path, typer.Option("--register", help="企业名录 register")],
    previous: PreviousFile = None,
) -> None:
    """独立复核运行目录中的每一项声明。 Check every claim of a run, independently."""
    from gridopt.verification import verify_run

    report = verify_run(run_dir, register, previous)
    for line in report.lines():
        print(line)
    if not report.is_true:
        raise typer.Exit(BAD_INPUT)


@app.command("budget")
def budget_command(
    scenario_file: ScenarioFile,
    members: Annotated[
        str | None, typer.Option(help="人数，或文件 a number, or a file unit,members")
    ] = None,
    partition: Annotated[
        Path | None, typer.Option(help="partition.csv of a run 运行目录中的划分方案")
    ] = None,
    register: RegisterFile = None,
    out: OutFolder = None,
    results: Later = None,
) -> None:
    """只测算经费。 Money only, from head counts or from a run's partition."""
    _refuse_later({"--results": results})
    from gridopt.archive import BUDGET_MARKS, check_target, write_budget
    from gridopt.scenario import read_scenario

    if (members is None) == (partition is None):
        raise typer.BadParameter("--members、--partition 须给一个 give one of the two")
    if out:
        check_target(out, BUDGET_MARKS)
    scenario = read_scenario(scenario_file, register_file=register)
    year = scenario.date.year if scenario.date else None
    if members is not None:
        budget = _budget_of_counts(scenario, members, year)
    else:
        budget = _budget_of_plan(scenario, scenario_file, partition, year)
    _print_budget(budget, _units_of(scenario))
    if out:
        write_budget(budget, scenario, out)
        print(f"结果目录：{out}")


@app.command("compare")
def compare_command(
    scenario_files: Annotated[list[Path], typer.Argument(help="情景文件 scenarios")],
    register: RegisterFile = None,
    out: OutFolder = None,
    workers: Workers = None,
) -> None:
    """比较几个情景：先比设置，再比结果。 Inputs that differ, then results."""
    from gridopt.archive import COMPARISON_MARKS, check_target, write_comparison
    from gridopt.comparison import compare_outcomes
    from gridopt.outcome import run_scenario
    from gridopt.scenario import read_scenario

    if len(scenario_files) < 2:
        raise typer.BadParameter("至少给两个情景文件 give at least two scenarios")
    if out:
        check_target(out, COMPARISON_MARKS)
    scenarios = [read_scenario(f, register_file=register) for f in scenario_files]
    tables = [
        _register_of(scenario, file)
        for scenario, file in zip(scenarios, scenario_files, strict=True)
    ]
    n_workers = workers or os.cpu_count() or 1
    outcomes = [
        run_scenario(table, scenario, workers=n_workers, is_shown=True)
        for table, scenario in zip(tables, scenarios, strict=True)
    ]
    comparison = compare_outcomes(outcomes)
    print(comparison)
    if out:
        write_comparison(comparison, out)
        print(f"已写入 {out}")


@app.command("synth")
def synth_command(
    out: Annotated[Path, typer.Option("--out", help="输出文件 file to write (CSV)")],
    enterprises: Annotated[
        int, typer.Option("--enterprises", min=1, help="企业数 how many")
    ] = 2100,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=_LARGEST_SEED, help="随机种子 seed")
    ] = 2022,
    after: Annotated[
        Path | None, typer.Option("--after", help="上期合成名录 the snapshot before")
    ] = None,
) -> None:
    """生成合成企业名录，仅供演示和测试。 A synthetic register, or its next snapshot."""
    from gridopt.synth import write_synthetic

    written = write_synthetic(enterprises, seed=seed, out=out, after=after)
    print(f"已写入 {written}：企业均为虚构，不代表真实单位。")


@app.command("doctor")
def doctor_command() -> None:
    """检查本机是否就绪：求解器、字体、编码。 See whether this machine is ready."""
    from gridopt.doctor import examine

    is_ready = True
    for check in [*examine(), _examine_fonts()]:
        print(f"[{'正常' if check.is_well else '异常'}] {check.name}：{check.finding}")
        is_ready &= check.is_well
    if not is_ready:
        raise typer.Exit(BAD_INPUT)


@app.command("changes")
def changes_command(old: Path, new: Path) -> None:
    """比较两期企业名录（后续版本提供）。 Register diff: in a later release."""
    _come_later("changes")


@app.command("history")
def history_command(
    run_dirs: list[Path], enterprise: Later = None, grid: Later = None
) -> None:
    """查询企业或网格的沿革（后续版本提供）。 History: in a later release."""
    _come_later("history")


def _units_of(scenario: Scenario) -> Units | None:
    from gridopt.geography import read_units

    told = scenario.register.units
    return None if told.from_register else read_units(told.table)


def _budget_of_counts(scenario: Scenario, members: str, year: int | None) -> Budget:
    from gridopt.budget import budget_counts
    from gridopt.headcounts import read_headcounts

    counts = read_headcounts(members, _units_of(scenario))
    return budget_counts(counts, scenario.money, year=year)


def _budget_of_plan(
    scenario: Scenario, scenario_file: Path, partition: Path | None, year: int | None
) -> Budget:
    from gridopt.archive import read_plan
    from gridopt.budget import budget_members
    from gridopt.partition import list_members

    register = _register_of(scenario, scenario_file)
    plan = read_plan(partition or Path(), register)
    activity, award = (
        list_members(register, plan, is_once=basis == "statisticians")
        for basis in (scenario.money.activity_basis, scenario.money.award_basis)
    )
    return budget_members(activity, scenario.money, year=year, award_members=award)


def _readable_lines(budget: Budget, units: Units | None) -> pd.DataFrame:
    import pandas as pd

    def name(code: str) -> str:
        unit = units.get(code) if units else None
        return _NAMES.get(code, unit.name if unit else code)

    lines = budget.lines
    return pd.DataFrame(
        {
            "二级统计网格": lines["unit"].map(name),
            "资金承担单位": lines["payer"].map(name),
            "项目": lines["item"].map(_NAMES),
            "年度": lines["fiscal_year"].astype("string").fillna("未定"),
            "人数": lines["members"],
            "金额（元）": lines["amount_yuan"],
        }
    )


def _print_budget(budget: Budget, units: Units | None) -> None:
    print(_readable_lines(budget, units).to_string(index=False))
    print(
        f"网格工作活动经费 {budget.activity_yuan:,} 元，"
        f"星级奖励 {budget.award_yuan:,} 元，合计 {budget.total_yuan:,} 元"
        f"（区间 {budget.least_yuan:,} 至 {budget.most_yuan:,} 元）。"
    )
    for row in budget.choices:
        mark = "默认" if row["is_default"] else "已改"
        print(f"[{row['clause']}] {row['label']}：{row['value_zh']}（{mark}）")
    for remark in budget.remarks:
        print(f"[{remark.clause}] {remark.message_zh}")


def _examine_fonts() -> Check:
    from gridopt.doctor import Check
    from gridopt.views.fonts import font_path

    try:
        return Check("中文字体", True, Path(font_path().path).name)
    except InputError as fault:
        return Check("中文字体", False, fault.message_zh)


def _refuse_later(options: dict[str, str | None]) -> None:
    for name, value in options.items():
        if value is not None:
            _come_later(name)


def _come_later(name: str) -> None:
    print(
        f"{name} 将在后续版本提供，本版本未作任何处理。 "
        f"{name} comes in a later release; nothing was done.",
        file=sys.stderr,
    )
    raise typer.Exit(BAD_USAGE)


def _register_of(scenario: Scenario, scenario_file: Path) -> Register:
    from gridopt.register import read_register

    if not scenario.register.file:
        raise InputError(
            f"情景 {scenario_file.name} 没有写明名录文件（register: file），"
            "请用 --register 指定。",
            f"The scenario {scenario_file.name} names no register file: give one "
            "with --register.",
        )
    return read_register(scenario.register.file, scenario.register)


def _print_outcome(outcome: Outcome, folder: Path) -> None:
    told = outcome.summary
    gap = told["gap_share"]
    proof = "部分单元无下界" if gap is None else f"与理论下界的差距 {gap:.2%}"
    left_out = sum(told["n_left_out"].values())
    if told["is_synthetic"]:
        print("合成数据：以下结果只作演示，不代表真实单位。")
    print(
        f"企业：读入 {told['n_read']} 家，划入网格 {told['n_eligible']} 家，"
        f"未纳入 {left_out} 家，隔离 {told['n_quarantined']} 行。"
    )
    print(
        f"网格：{told['n_blocks']} 个划分单元，{told['n_grids']} 个企业网格，"
        f"例外 {told['n_exceptions']} 项。"
    )
    print(f"距离：合计 {told['travel_m'] / 1000:.1f} 公里；{proof}。")
    print(
        f"经费：网格工作活动经费 {told['activity_yuan']:,} 元，"
        f"星级奖励 {told['award_yuan']:,} 元，合计 {told['total_yuan']:,} 元"
        f"（区间 {told['least_yuan']:,} 至 {told['most_yuan']:,} 元）。"
    )
    print(f"结果目录：{folder}")


def _print_findings(findings: pd.DataFrame) -> None:
    import pandas as pd

    n_errors = int((findings["severity"] == "error").sum())
    n_warnings = len(findings) - n_errors
    print(
        f"错误 {n_errors} 项，提醒 {n_warnings} 项。 "
        f"Errors: {n_errors}, warnings: {n_warnings}."
    )
    errors_first = findings.sort_values("severity", kind="stable")
    for row in errors_first.head(_SHOWN_FINDINGS).itertuples():
        mark = "错误" if row.severity == "error" else "提醒"
        where = "整个文件" if pd.isna(row.row) else f"第{row.row}行"
        column = f" {row.column}" if row.column else ""
        print(f"[{mark}] {where}{column}：{row.message_zh}")
    if len(findings) > _SHOWN_FINDINGS:
        print(f"…… 另有 {len(findings) - _SHOWN_FINDINGS} 项。")


def main() -> None:
    """Run the command line; faults of the input end in words, never in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app(prog_name="gridopt")
    except InputError as fault:
        print(fault.message_zh, file=sys.stderr)
        print(fault.message_en, file=sys.stderr)
        if fault.findings is not None and len(fault.findings):
            _print_findings(fault.findings)
        sys.exit(BAD_INPUT)
    except SystemExit as end:
        if end.code != _KEYBOARD:
            raise
        _end_interrupted()
    except KeyboardInterrupt:
        _end_interrupted()
    except BaseException as fault:  # a panic of a compiled part is no Exception
        if os.environ.get(_DEBUG):
            raise
        _print_defect(fault)
        sys.exit(BAD_INPUT)


def _end_interrupted() -> None:
    print("已中断，未写出结果。 Interrupted; nothing was written.", file=sys.stderr)
    sys.exit(INTERRUPTED)


def _print_defect(fault: BaseException) -> None:
    """Say what nobody foresaw: too little memory, else a defect of the program."""
    if isinstance(fault, MemoryError):
        print(
            "内存不足。请关闭其他程序，或用 --workers 1 再运行。\n"
            "Too little memory: close other programs or run with --workers 1.",
            file=sys.stderr,
        )
        return
    name = type(fault).__name__
    print(
        f"程序内部错误（{name}：{fault}）。这是 gridopt 的缺陷，请把本条信息和所用命令"
        f"报告给维护人员；设环境变量 {_DEBUG}=1 后再运行，可看到出错位置。\n"
        f"Internal error ({name}: {fault}). This is a defect of gridopt: please report "
        f"this message and the command; with the environment variable {_DEBUG}=1 the "
        "next run shows where it happened.",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
