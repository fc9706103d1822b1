"""What budgets, comparisons, frontiers and register changes leave behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gridopt.archive.folders import (
    BUDGET_MARKS,
    CHANGES_MARKS,
    COMPARISON_MARKS,
    FRONTIER_MARKS,
    write_whole,
)
from gridopt.archive.runs import write_files
from gridopt.archive.tables import write_json, write_table
from gridopt.numbering import LAST_NUMBERS
from gridopt.payments import list_tables
from gridopt.problem import GridRules
from gridopt.scenario import Scenario, scenario_text
from gridopt.views.accounts import write_accounts
from gridopt.views.changes import write_changes_page
from gridopt.views.comparison import (
    write_comparison_page,
    write_comparison_workbook,
)
from gridopt.views.tradeoff import write_frontier_picture

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.appraisal.outlook import Outlook
    from gridopt.budget import Budget
    from gridopt.change import RegisterChange
    from gridopt.comparison import Comparison
    from gridopt.frontier import Frontier
    from gridopt.geography import Units
    from gridopt.register import Register

_CARRIED = "上期方案的家数区间和人工调整"
_CARRIED_BASIS = "取自上期方案，企业编号已换成本期编号，供重新划分时沿用。"


def write_frontier(frontier: Frontier, folder: str | Path) -> Path:
    """Write what each further mover would buy: the table, the picture, the plans."""

    def write(beside: Path) -> None:
        write_table(frontier.points, beside / "frontier.csv")
        write_frontier_picture(frontier, beside / "frontier.png")
        for i, partition in enumerate(frontier.partitions, start=1):
            plan = partition.enterprises.reset_index()
            write_table(plan, beside / f"partition-{i:02d}.csv")

    return write_whole(Path(folder), write, FRONTIER_MARKS)


def write_budget(
    budget: Budget,
    scenario: Scenario,
    folder: str | Path,
    *,
    outlook: Outlook | None = None,
    units: Units | None = None,
) -> Path:
    """Write a budget made without a cut: tables, totals, choices, the workbook.

    Parameters
    ----------
    outlook
        Adds what the bill may come to: `risk.csv`, `sensitivity.csv`, `readings.csv`.
    units
        Gives the units their names in the workbook.
    """
    told = {"title": scenario.title, **budget.totals, "choices": budget.choices}

    def write(beside: Path) -> None:
        found = {"budget.csv": budget.lines, "awards.csv": budget.awards}
        found |= list_tables(budget)
        if outlook is not None:
            # None too where the arrears take all
            money = budget.rules.prize_money_yuan or None
            found["risk.csv"] = outlook.distribution.summary(money)
            found["sensitivity.csv"] = outlook.changes
            found["readings.csv"] = outlook.readings
        for name, table in found.items():
            write_table(table, beside / name)
        path = beside / "budget.xlsx"
        write_accounts(budget, scenario, path, units=units, outlook=outlook)
        write_json(told, beside / "summary.json")
        (beside / "scenario.yaml").write_bytes(scenario_text(scenario))

    return write_whole(Path(folder), write, BUDGET_MARKS)


def write_comparison(comparison: Comparison, folder: str | Path) -> Path:
    """Write a comparison: its tables, workbook and page, and a run per scenario."""

    def write(beside: Path) -> None:
        write_table(comparison.inputs.drop(columns="label"), beside / "inputs.csv")
        write_table(comparison.results.drop(columns="label"), beside / "results.csv")
        write_table(comparison.companions, beside / "companions.csv")
        write_comparison_workbook(comparison, beside / "comparison.xlsx")
        write_comparison_page(comparison, beside / "comparison.html")
        for name, outcome in zip(comparison.names, comparison.outcomes, strict=True):
            (beside / name).mkdir()
            write_files(outcome, beside / name, comparison=comparison)

    return write_whole(Path(folder), write, COMPARISON_MARKS)


def write_changes(
    change: RegisterChange,
    register: Register,
    folder: str | Path,
    *,
    previous: pd.DataFrame | None = None,
    previous_roster: pd.DataFrame | None = None,
) -> Path:
    """Write what changed in a register: the table, a page, and the plan carried over.

    Parameters
    ----------
    register
        The new register.
    previous
        The plan in force; it is written under today's ids as `previous.csv`, which
        `run` and `verify` take as `--previous`. Beside it stand the numbers ever given
        (`summary.json`), its band and its moves by hand (`scenario.yaml`).
    previous_roster
        The roster in force, written beside that plan.
    """

    def write(beside: Path) -> None:
        write_table(change.changes, beside / "changes.csv")
        write_changes_page(change, register, beside / "changes.html")
        if previous is not None:
            carried = change.carry(previous)
            write_table(carried, beside / "previous.csv")
            _write_beside(carried, beside)
        if previous_roster is not None:
            people = previous_roster
            if "enterprise_id" in people:  # else who uses it says what lacks
                ids = change.renumber(people["enterprise_id"])
                people = people.assign(enterprise_id=ids)
            write_table(people, beside / "roster.csv")

    return write_whole(Path(folder), write, CHANGES_MARKS)


def _write_beside(plan: pd.DataFrame, folder: Path) -> None:
    """Write what a plan says beside its table, as `read_previous` looks for it."""
    if LAST_NUMBERS in plan.attrs:
        numbers = {LAST_NUMBERS: plan.attrs[LAST_NUMBERS]}
        write_json(numbers, folder / "summary.json")
    band, moved = plan.attrs.get("band"), plan.attrs.get("moved")
    if not band and not moved:
        return
    told: dict[str, object] = {"moved": moved} if moved else {}
    if band:
        told |= dict(zip(("least", "most"), band, strict=True))
    scenario = Scenario(_CARRIED, _CARRIED_BASIS, grids=GridRules.model_validate(told))
    (folder / "scenario.yaml").write_bytes(scenario_text(scenario))
