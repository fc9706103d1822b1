"""What a run leaves behind: every file of its folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from gridopt.archive.folders import MARKS, write_whole
from gridopt.archive.tables import write_json, write_table
from gridopt.evidence import save_certificates
from gridopt.payments import list_tables
from gridopt.scenario import scenario_text
from gridopt.views.report import write_report
from gridopt.views.workbook import write_workbook

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.comparison import Comparison
    from gridopt.outcome import Outcome


def write_run(
    outcome: Outcome, folder: str | Path, *, is_tables_only: bool = False
) -> Path:
    """Write a run folder whole or not at all.

    Everything is written to a folder beside it, which then takes its place; an
    earlier run folder is replaced, anything else is refused.

    Parameters
    ----------
    is_tables_only
        Leave out workbook and report.

    Raises
    ------
    InputError
        Where `folder` holds something that is no run, or cannot be written.
    """

    def write(beside: Path) -> None:
        write_files(outcome, beside, is_tables_only=is_tables_only)

    return write_whole(Path(folder), write, MARKS)


def write_files(
    outcome: Outcome,
    folder: Path,
    *,
    is_tables_only: bool = False,
    comparison: Comparison | None = None,
) -> None:
    """Fill an empty folder with the files of a run, which may be one of several."""
    for name, frame in tables(outcome).items():
        write_table(frame, folder / name)
    save_certificates(outcome.partition.certificates, folder / "certificate.npz")
    (folder / "scenario.yaml").write_bytes(scenario_text(outcome.scenario))
    if outcome.scenario.inputs:
        (folder / "inputs").mkdir()
    for name, source in outcome.scenario.inputs.items():
        shutil.copyfile(source, folder / "inputs" / name)
    write_json(outcome.summary, folder / "summary.json")
    if not is_tables_only:
        write_workbook(outcome, folder / "workbook.xlsx")
        write_report(outcome, folder / "report.html", comparison)


def tables(outcome: Outcome) -> dict[str, pd.DataFrame]:
    """List the tables of a run by file name, columns and order as in the contract."""
    partition = outcome.partition
    found = {
        "partition.csv": partition.enterprises.reset_index(),
        "grids.csv": _grids(outcome),
        "blocks.csv": partition.blocks.reset_index().sort_values("block_id"),
        "exceptions.csv": partition.exceptions,
        "findings.csv": outcome.register.findings,
        "roster.csv": outcome.roster.posts,
        "budget.csv": outcome.budget.lines,
        "awards.csv": outcome.budget.awards,
        "clauses.csv": outcome.clauses.sort_values("key"),
    }
    if len(outcome.register.quarantined):
        found["quarantine.csv"] = outcome.register.quarantined
    adjustment = outcome.adjustment
    if adjustment is not None:
        found["adjustments.csv"] = adjustment.enterprises.reset_index()
        found["grid_changes.csv"] = adjustment.grids.reset_index()
        if adjustment.money is not None:
            found["money_changes.csv"] = adjustment.money
    return found | list_tables(outcome.budget)


def _grids(outcome: Outcome) -> pd.DataFrame:
    roster, grids = outcome.roster, outcome.partition.grids.copy()
    grids["head"] = roster.heads.reindex(grids.index).fillna("")
    grids["deputy"] = roster.deputies.reindex(grids.index).fillna("")
    grids["instructor"] = roster.instructors.reindex(grids.index).fillna("")
    members = roster.members.reindex(grids.index).fillna(0)
    grids["members"] = members.astype(int)
    grids = grids.reset_index()
    return grids[
        [
            "grid_id",
            "block_id",
            "unit",
            "category",
            "size",
            "medoid_id",
            "travel_m",
            "radius_m",
            "head",
            "deputy",
            "instructor",
            "grid_name",
            "members",
            "n_other_category",
            "n_other_unit",
            "is_exception",
        ]
    ]
