"""The commands that cut one register: run, verify it, trade movers for distance."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridopt.cli.common import (
    BAD_INPUT,
    INTERRUPTED,
    OutFolder,
    PreviousFile,
    PreviousRegister,
    RegisterFile,
    ResultsFile,
    ScenarioFile,
    Seed,
    Workers,
    app,
)
from gridopt.cli.reading import register_of
from gridopt.console import print_outcome, print_previous, print_revision

if TYPE_CHECKING:
    from gridopt.scenario import Scenario


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
    table = register_of(scenario, scenario_file)
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
        register_of(scenario, scenario_file),
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


def _with_moves(scenario: Scenario, moves: Path | None) -> Scenario:
    """Add the moves of a table to those of the scenario, which it overrides."""
    from gridopt.moves import read_moves

    if moves is None:
        return scenario
    moved = {**dict(scenario.grids.moved), **read_moves(moves)}
    pairs = tuple(sorted(moved.items()))
    grids = scenario.grids.model_copy(update={"moved": pairs})
    return replace(scenario, grids=grids)


def _prices_of(text: str) -> list[float]:
    words = [word for word in text.replace("，", ",").split(",") if word.strip()]
    try:
        return [float(word) for word in words]
    except ValueError as fault:
        raise typer.BadParameter(
            f"--prices 应为逗号分隔的数，现为 {text} give numbers, parted by commas"
        ) from fault


def _is_inside(file: Path, folder: Path) -> bool:
    return file.resolve().is_relative_to(folder.resolve())
