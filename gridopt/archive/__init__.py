"""What runs leave behind, and what is read back from it."""

from gridopt.archive.folders import (
    BUDGET_MARKS,
    CHANGES_MARKS,
    COMPARISON_MARKS,
    FRONTIER_MARKS,
    MARKS,
    check_target,
    spare_finished,
    write_whole,
)
from gridopt.archive.others import (
    write_budget,
    write_changes,
    write_comparison,
    write_frontier,
)
from gridopt.archive.reading import read_plan, read_previous, read_previous_roster
from gridopt.archive.runs import tables, write_run
from gridopt.archive.tables import write_table
from gridopt.chronicle import history
from gridopt.snapshots import read_table

__all__ = [
    "BUDGET_MARKS",
    "CHANGES_MARKS",
    "COMPARISON_MARKS",
    "FRONTIER_MARKS",
    "MARKS",
    "check_target",
    "history",
    "read_plan",
    "read_previous",
    "read_previous_roster",
    "read_table",
    "spare_finished",
    "tables",
    "write_budget",
    "write_changes",
    "write_comparison",
    "write_frontier",
    "write_run",
    "write_table",
    "write_whole",
]
