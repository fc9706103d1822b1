"""The command that holds several scenarios against each other."""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003 - typer looks it up
from typing import Annotated

import typer

from gridopt.cli.common import OutFolder, RegisterFile, Workers, app
from gridopt.cli.reading import read_scenarios, registers_of


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
    scenarios = read_scenarios(scenario_files, register)
    names = name_scenarios(scenarios)
    base = find_baseline(names, 0 if baseline is None else baseline)
    tables = registers_of(scenarios, scenario_files)
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
