"""The same from a terminal: every verb of the package as a command."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridopt.console import (
    DEBUG,
    print_budget,
    print_defect,
    print_findings,
    print_history,
    print_outcome,
    print_outlook,
    print_previous,
    print_revision,
)
from gridopt.errors import InputError

if TYPE_CHECKING:
    from gridopt.appraisal.outlook import Outlook
    from gridopt.budget import Budget
    from gridopt.doctor import Check
    from gridopt.geography import Units
    from gridopt.register import Register
    from gridopt.scenario import Scenario

DONE, BAD_INPUT, BAD_USAGE, INTERRUPTED = 0, 1, 2, 3
"""Exit status: done; the input or a claim is wrong; wrong usage; interrupted."""

_LARGEST_SEED = 2**31 - 1
_KEYBOARD = 130
"""Exit status by which the command framework answers the keyboard."""

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
ResultsFile = Annotated[
    Path | None, typer.Option("--results", help="评定结果表 results of an appraisal")
]
PreviousRegister = Annotated[
    Path | None,
    typer.Option(
        "--previous-register", help="上期企业名录 the register of the previous plan"
    ),
]
OutFolder = Annotated[Path | None, typer.Option("--out", help="输出目录 output folder")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="进程数 number of processes")
]
Seed = Annotated[
    int | None, typer.Option(min=0, max=_LARGEST_SEED, help="随机种子 seed")
]


@app.command("run")
def run_command(
    scenario_file: ScenarioFile,
    register: RegisterFile = None,
    previous: PreviousFile = None,
    previous_register: PreviousRegister = None,
    out: OutFolder = None,
    workers: Workers = None,
    seed: Seed = None,
    tables_only: Annotated[
        bool,
        typer.Option("--tables-only", help="不写工作簿和报告 no workbook, no report"),
    ] = False,
    moves: Annotated[
        Path | None,
        typer.Option("--moves", help="人工调整表 moves: enterprise_id, grid_id"),
    ] = None,
    results: ResultsFile = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="dask 调度器地址 cluster, tcp://HOST:PORT"),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(min=0, help="最多秒数，到时取当时最好方案 stop after seconds"),
    ] = None,
) -> None:
    """划分网格、配备人员、测算经费，写出运行目录。 The whole way: a run folder."""
    if workers is not None and scheduler is not None:
        raise typer.BadParameter(
            "--workers、--scheduler 只能给一个 give one of the two"
        )
    if previous_register is not None and previous is None:
        raise typer.BadParameter(
            "--previous-register 须与 --previous 同时给出 needs --previous"
        )
    from gridopt.archive import (
        check_target,
        read_previous,
        read_previous_roster,
        spare_finished,
        write_run,
    )
    from gridopt.outcome import run_scenario
    from gridopt.results import read_results
    from gridopt.scenario import read_scenario

    scenario = read_scenario(scenario_file, register_file=register, seed=seed)
    scenario = _with_moves(scenario, moves)
    folder = out or Path("runs") / scenario.name
    check_target(folder)
    table = _register_of(scenario, scenario_file)
    plan = people = None
    if previous:
        plan = read_previous(previous)
        people = read_previous_roster(previous, plan)
        print_previous(plan, people, is_replaced=_is_inside(previous, folder))
    before = None
    if previous_register is not None:
        from gridopt.register import read_register

        before = read_register(previous_register, scenario.register)
    outcome = run_scenario(
        table,
        scenario,
        plan,
        previous_roster=people,
        results=read_results(results, table.units) if results else None,
        register_before=before,
        workers=workers or os.cpu_count() or 1,
        scheduler=scheduler,
        is_shown=True,
        time_limit_s=time_limit,
    )
    spared = spare_finished(folder, outcome.partition.status)
    write_run(outcome, spared, is_tables_only=tables_only)
    print_outcome(outcome, spared)
    if spared != folder:
        print(
            f"中途停止，原有结果 {folder} 未动，停止时的方案另存于 {spared}。 "
            f"Interrupted: {folder} was left as it was.",
            file=sys.stderr,
        )
    if plan is not None:
        print_revision(outcome, plan)
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
    print_findings(findings)
    if (findings["severity"] == "error").any():
        raise typer.Exit(BAD_INPUT)


@app.command("verify")
def verify_command(
    run_dir: Annotated[Path, typer.Argument(help="运行目录 run folder")],
    register: Annotated[Path, typer.Option("--register", help="企业名录 register")],
    previous: PreviousFile = None,
    results: ResultsFile = None,
) -> None:
    """独立复核运行目录中的每一项声明。 Check every claim of a run, independently."""
    from gridopt.verification import verify_run

    report = verify_run(run_dir, register, previous, results)
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
    results: ResultsFile = None,
) -> None:
    """只测算经费：按人数、划分方案或评定结果。 Money only: counts, plan or results."""
    from gridopt.archive import BUDGET_MARKS, check_target, write_budget
    from gridopt.scenario import read_scenario

    if (members is not None) + (partition is not None or results is not None) != 1:
        raise typer.BadParameter(
            "请给 --members，或 --partition、--results 之一或两者 "
            "give --members, or --partition, --results or both"
        )
    if out:
        check_target(out, BUDGET_MARKS)
    scenario = read_scenario(scenario_file, register_file=register)
    year = scenario.date.year if scenario.date else None
    if members is not None:
        budget = _budget_of_counts(scenario, members, year)
    elif results is not None:
        budget = _budget_of_results(scenario, scenario_file, results, partition)
    else:
        budget = _budget_of_plan(scenario, scenario_file, partition, year)
    units = _units_of(scenario)
    print_budget(budget, units)
    outlook = _look_ahead(budget)
    if outlook is not None:
        print_outlook(outlook, budget)
    if out:
        write_budget(budget, scenario, out, outlook=outlook, units=units)
        print(f"结果目录：{out}")


@app.command("compare")
def compare_command(
    scenario_files: Annotated[list[Path], typer.Argument(help="情景文件 scenarios")],
    register: RegisterFile = None,
    out: OutFolder = None,
    workers: Workers = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="基准情景的名称，默认第一个 name of the baseline"),
    ] = None,
) -> None:
    """比较几个情景：先比设置，再比结果。 Inputs that differ, then results."""
    from gridopt.archive import COMPARISON_MARKS, check_target, write_comparison
    from gridopt.comparison import (
        compare_outcomes,
        find_baseline,
        name_scenarios,
        refuse_registers,
    )
    from gridopt.outcome import run_scenarios

    if len(scenario_files) < 2:
        raise typer.BadParameter("至少给两个情景文件 give at least two scenarios")
    if out:
        check_target(out, COMPARISON_MARKS)
    scenarios = _read_scenarios(scenario_files, register)
    names = name_scenarios(scenarios)
    base = find_baseline(names, baseline or 0)
    tables = _registers_of(scenarios, scenario_files)
    refuse_registers(names, tables)
    outcomes = run_scenarios(
        list(zip(tables, scenarios, strict=True)),
        workers=workers or os.cpu_count() or 1,
        is_shown=True,
    )
    comparison = compare_outcomes(outcomes, base)
    print(comparison)
    if out:
        write_comparison(comparison, out)
        print(f"已写入 {out}")


@app.command("frontier")
def frontier_command(
    scenario_file: ScenarioFile,
    previous: Annotated[
        Path, typer.Option("--previous", help="上期 partition.csv of an earlier run")
    ],
    register: RegisterFile = None,
    out: OutFolder = None,
    workers: Workers = None,
    prices: Annotated[
        str | None,
        typer.Option(help="每调整一家的代价（米），逗号分隔 prices of a mover, metres"),
    ] = None,
) -> None:
    """调整家数与距离的取舍：从只作必须调整到重新划分。 Movers against kilometres."""
    from gridopt.archive import (
        FRONTIER_MARKS,
        check_target,
        read_previous,
        write_frontier,
    )
    from gridopt.frontier import PRICES_M, trace_frontier
    from gridopt.scenario import read_scenario

    scenario = read_scenario(scenario_file, register_file=register)
    if out:
        check_target(out, FRONTIER_MARKS)
    frontier = trace_frontier(
        _register_of(scenario, scenario_file),
        scenario.grids,
        read_previous(previous),
        _prices_of(prices) if prices is not None else PRICES_M,
        seed=scenario.seed,
        workers=workers or os.cpu_count() or 1,
        is_shown=True,
    )
    print(frontier)
    if out:
        write_frontier(frontier, out)
        print(f"结果目录：{out}")
    if (frontier.points["status"] == "interrupted").any():
        raise typer.Exit(INTERRUPTED)


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
def changes_command(
    old: Annotated[Path, typer.Argument(help="上期名录 the register before")],
    new: Annotated[Path, typer.Argument(help="本期名录 the register now")],
    scenario: Annotated[
        Path | None, typer.Option("--scenario", help="情景文件 scenario (YAML)")
    ] = None,
    old_scenario: Annotated[
        Path | None,
        typer.Option(help="上期名录所用情景，与本期不同时 scenario of OLD, if another"),
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(help="更早的名录，可多次给出 older registers, latest last"),
    ] = None,
    decisions: Annotated[
        Path | None, typer.Option(help="变动决定表 changes with a column decision")
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(help="上期方案，换成本期编号写出 a plan to carry over"),
    ] = None,
    out: OutFolder = None,
) -> None:
    """比较两期企业名录：谁进谁出、搬迁、变更。 What changed between two registers."""
    from gridopt.archive import (
        CHANGES_MARKS,
        check_target,
        read_previous,
        read_previous_roster,
        write_changes,
    )
    from gridopt.change import compare_registers
    from gridopt.formulation import check_plan
    from gridopt.register import read_register
    from gridopt.scenario import Scenario, read_scenario

    if out:
        check_target(out, CHANGES_MARKS)
    if previous and not out:
        raise typer.BadParameter("--previous 须与 --out 同用 needs --out as well")
    chosen = read_scenario(scenario) if scenario else Scenario()
    before = read_scenario(old_scenario) if old_scenario else chosen
    plan = read_previous(previous) if previous else None
    people = read_previous_roster(previous, plan) if previous else None
    if plan is not None:
        check_plan(plan)  # before anything is compared
    table = read_register(new, chosen.register)
    change = compare_registers(
        read_register(old, before.register),
        table,
        decisions=decisions,
        earlier=[read_register(path, before.register) for path in earlier or ()],
        rules=chosen.changes,
    )
    print(change)
    if out:
        write_changes(change, table, out, previous=plan, previous_roster=people)
        print(f"结果目录：{out}")


@app.command("history")
def history_command(
    run_dirs: Annotated[
        list[Path], typer.Argument(help="运行目录，先后不限 dated run folders")
    ],
    enterprise: Annotated[
        str | None, typer.Option(help="企业编号 enterprise_id")
    ] = None,
    grid: Annotated[str | None, typer.Option(help="网格编号 grid_id")] = None,
) -> None:
    """查询一家企业或一个网格的沿革，按情景日期先后。 One firm or grid through time."""
    from gridopt.chronicle import history

    if (enterprise is None) == (grid is None):
        raise typer.BadParameter(
            "请给 --enterprise 或 --grid 之一 give --enterprise or --grid"
        )
    print_history(history(run_dirs, enterprise=enterprise, grid=grid))


def _prices_of(text: str) -> list[float]:
    words = [word for word in text.replace("，", ",").split(",") if word.strip()]
    try:
        return [float(word) for word in words]
    except ValueError as fault:
        raise typer.BadParameter(
            f"--prices 应为逗号分隔的数，现为 {text} give numbers, parted by commas"
        ) from fault


def _with_moves(scenario: Scenario, moves: Path | None) -> Scenario:
    """Add the moves of a table to those of the scenario, which it overrides."""
    from gridopt.moves import read_moves

    if moves is None:
        return scenario
    moved = {**dict(scenario.grids.moved), **read_moves(moves)}
    pairs = tuple(sorted(moved.items()))
    grids = scenario.grids.model_copy(update={"moved": pairs})
    return replace(scenario, grids=grids)


def _units_of(scenario: Scenario) -> Units | None:
    from gridopt.geography import read_units

    told = scenario.register.units
    return None if told.from_register else read_units(told.table)


def _look_ahead(budget: Budget) -> Outlook | None:
    """Reckon the bill's risk, where it is open and can be reckoned exactly."""
    from gridopt.appraisal.outlook import look_ahead

    if budget.counts is None:
        return None
    try:
        return look_ahead(budget.counts, budget.rules)
    except InputError as fault:
        print(f"风险未测算：{fault.message_zh}")
        return None


def _budget_of_counts(scenario: Scenario, members: str, year: int | None) -> Budget:
    from gridopt.budget import budget_counts
    from gridopt.headcounts import read_headcounts

    counts = read_headcounts(members, _units_of(scenario))
    return budget_counts(counts, scenario.money, year=year)


def _budget_of_results(
    scenario: Scenario, scenario_file: Path, results: Path, partition: Path | None
) -> Budget:
    from gridopt.archive import read_plan
    from gridopt.payments import budget_results, list_enterprises
    from gridopt.results import read_results

    enterprises = None
    if partition is not None:
        register = _register_of(scenario, scenario_file)
        enterprises = list_enterprises(register, read_plan(partition, register))
    return budget_results(
        read_results(results, _units_of(scenario)),
        scenario.money,
        year=scenario.date.year if scenario.date else None,
        enterprises=enterprises,
    )


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


def _examine_fonts() -> Check:
    from gridopt.doctor import Check
    from gridopt.views.fonts import font_path

    try:
        return Check("中文字体", True, Path(font_path().path).name)
    except InputError as fault:
        return Check("中文字体", False, fault.message_zh)


def _is_inside(file: Path, folder: Path) -> bool:
    return file.resolve().is_relative_to(folder.resolve())


def _read_scenarios(files: list[Path], register: Path | None) -> list[Scenario]:
    """Read several scenarios; what is wrong with any of them is said at once."""
    from gridopt.scenario import read_scenario

    scenarios, faults = [], []
    for file in files:
        try:
            scenarios.append(read_scenario(file, register_file=register))
        except InputError as fault:
            faults.append(fault)
    if faults:
        raise InputError(
            f"{len(files)} 个情景中有 {len(faults)} 个无法读取，未作比较。\n"
            + "\n".join(fault.message_zh for fault in faults),
            f"{len(faults)} of {len(files)} scenarios cannot be read; nothing was "
            "compared.\n" + "\n".join(fault.message_en for fault in faults),
        )
    return scenarios


def _registers_of(scenarios: list[Scenario], files: list[Path]) -> list[Register]:
    """Read the register of each scenario, once where several read it alike."""
    found: list[Register] = []
    for at, (scenario, file) in enumerate(zip(scenarios, files, strict=True)):
        like = [known.register == scenario.register for known in scenarios[:at]]
        same = found[like.index(True)] if True in like else None
        found.append(same or _register_of(scenario, file))
    return found


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


def main() -> None:
    """Run the command line; faults of the input end in words, never in a traceback."""
    try:
        _run()
    except BrokenPipeError:
        # whoever read has gone (`| head`): what is left to say goes nowhere
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        sys.exit(BAD_INPUT)


def _run() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app(prog_name="gridopt")
    except InputError as fault:
        print(fault.message_zh, file=sys.stderr)
        print(fault.message_en, file=sys.stderr)
        if fault.findings is not None and len(fault.findings):
            print_findings(fault.findings)
        sys.exit(BAD_INPUT)
    except SystemExit as end:
        if end.code != _KEYBOARD:
            raise
        _end_interrupted()
    except KeyboardInterrupt:
        _end_interrupted()
    except BaseException as fault:  # a panic of a compiled part is no Exception
        if os.environ.get(DEBUG):
            raise
        print_defect(fault)
        sys.exit(BAD_INPUT)


def _end_interrupted() -> None:
    print("已中断，未写出结果。 Interrupted; nothing was written.", file=sys.stderr)
    sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
