"""The commands about registers: check one, hold two together, follow, make up."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer looks it up
from typing import Annotated

import typer

from gridopt.cli.common import BAD_INPUT, LARGEST_SEED, OutFolder, app
from gridopt.console import print_findings, print_history


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


@app.command("synth")
def synth_command(
    out: Annotated[Path, typer.Option("--out", help="输出文件 file to write (CSV)")],
    enterprises: Annotated[
        int, typer.Option("--enterprises", min=1, help="企业数 how many")
    ] = 2100,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="随机种子 seed")
    ] = 2022,
    after: Annotated[
        Path | None, typer.Option("--after", help="上期合成名录 the snapshot before")
    ] = None,
) -> None:
    """生成合成企业名录，仅供演示和测试。 A synthetic register, or its next snapshot."""
    from gridopt.synth import write_synthetic

    written = write_synthetic(enterprises, seed=seed, out=out, after=after)
    print(f"已写入 {written}：企业均为虚构，不代表真实单位。")
