"""The command that reckons money alone: from counts, a plan, or results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridopt.cli.common import OutFolder, RegisterFile, ResultsFile, ScenarioFile, app
from gridopt.cli.reading import register_of, units_of
from gridopt.console import print_budget, print_outlook
from gridopt.errors import InputError

if TYPE_CHECKING:
    from gridopt.appraisal.outlook import Outlook
    from gridopt.budget import Budget
    from gridopt.scenario import Scenario


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
    if members is not None:
        budget = _budget_of_counts(scenario, members)
    elif results is not None:
        budget = _budget_of_results(scenario, scenario_file, results, partition)
    else:
        budget = _budget_of_plan(scenario, scenario_file, partition)
    units = units_of(scenario)
    print_budget(budget, units)
    outlook = _look_ahead(budget)
    if outlook is not None:
        print_outlook(outlook, budget)
    if out:
        write_budget(budget, scenario, out, outlook=outlook, units=units)
        print(f"结果目录：{out}")


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


def _budget_of_counts(scenario: Scenario, members: str) -> Budget:
    from gridopt.budget import budget_counts
    from gridopt.headcounts import read_headcounts

    counts = read_headcounts(members, units_of(scenario))
    return budget_counts(counts, scenario.money, year=scenario.year)


def _budget_of_results(
    scenario: Scenario, scenario_file: Path, results: Path, partition: Path | None
) -> Budget:
    from gridopt.archive import read_plan
    from gridopt.payments import budget_results, list_enterprises
    from gridopt.results import read_results

    enterprises = None
    if partition is not None:
        register = register_of(scenario, scenario_file)
        enterprises = list_enterprises(register, read_plan(partition, register))
    return budget_results(
        read_results(results, units_of(scenario)),
        scenario.money,
        year=scenario.year,
        enterprises=enterprises,
    )


def _budget_of_plan(
    scenario: Scenario, scenario_file: Path, partition: Path | None
) -> Budget:
    from gridopt.archive import read_plan
    from gridopt.budget import budget_members
    from gridopt.partition import list_members

    money, register = scenario.money, register_of(scenario, scenario_file)
    plan = read_plan(partition or Path(), register)
    activity, award = (
        list_members(register, plan, is_once=basis == "statisticians")
        for basis in (money.activity_basis, money.award_basis)
    )
    return budget_members(activity, money, year=scenario.year, award_members=award)
