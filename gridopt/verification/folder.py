"""What a run folder says: its tables as text, with the rows a spreadsheet shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.evidence import load_certificates
from gridopt.scenario import Scenario, read_scenario
from gridopt.snapshots import incomplete_run, require_columns, unreadable_run

if TYPE_CHECKING:
    from pathlib import Path

    from gridopt.certificate import Certificate

_TABLES = {
    "partition": ("partition.csv", "enterprise_id"),
    "grids": ("grids.csv", "grid_id"),
    "blocks": ("blocks.csv", "block_id"),
    "exceptions": ("exceptions.csv", None),
    "budget": ("budget.csv", None),
    "awards": ("awards.csv", "pool"),
    "roster": ("roster.csv", None),
}
_COLUMNS = {
    "partition": ("enterprise_id", "block_id", "grid_id", "is_medoid"),
    "grids": ("grid_id", "block_id"),
    "blocks": ("block_id", "least", "most", "status"),
    "exceptions": ("block_id", "kind", "n_enterprises"),
    "budget": ("unit", "payer", "item", "fiscal_year"),
    "awards": ("pool",),
    "roster": (),
}
"""Columns without which nothing can be checked; others that lack are falsehoods."""
SETTLED = {
    "stars.csv": ("person_id", "enterprise_id"),
    "ties.csv": ("pool", "boundary"),
    "not_appraised.csv": ("person_id", "enterprise_id"),
}
"""Tables of a run with results, and the columns that name their rows."""
_CHANGES = {
    "adjustments": ("adjustments.csv", "enterprise_id"),
    "grid_changes": ("grid_changes.csv", "grid_id"),
}
"""Tables of a run that had a plan before it."""
_NEEDED = ("scenario.yaml", "summary.json", "certificate.npz")


@dataclass(frozen=True)
class Folder:
    """A run folder as read: every table as text, row numbers in `_row`.

    Attributes
    ----------
    partition, grids, blocks, awards
        Index is the first column; `exceptions`, `budget` and `roster` are numbered.
    settled
        Tables of a settlement by file name, those that are there.
    certificates
        By block id.
    adjustments, grid_changes
        The change report; None where the folder has none.
    bytes_of
        The bytes of `scenario.yaml`, for its hash.
    """

    path: Path
    partition: pd.DataFrame
    grids: pd.DataFrame
    blocks: pd.DataFrame
    exceptions: pd.DataFrame
    budget: pd.DataFrame
    awards: pd.DataFrame
    roster: pd.DataFrame
    summary: dict[str, Any]
    scenario: Scenario
    scenario_bytes: bytes
    certificates: dict[str, Certificate]
    settled: dict[str, pd.DataFrame]
    adjustments: pd.DataFrame | None = None
    grid_changes: pd.DataFrame | None = None


def read_folder(path: Path) -> Folder:
    """Read a run folder.

    Raises
    ------
    InputError
        Where it is no run folder, or a file in it is missing or cannot be read: all
        such files are named at once.
    """
    names = [file for file, _ in _TABLES.values()] + list(_NEEDED)
    missing = [name for name in names if not (path / name).is_file()]
    if missing:
        raise incomplete_run(path, missing)
    tables = {
        key: _table(path / file, at, _COLUMNS[key])
        for key, (file, at) in _TABLES.items()
    }
    changes = {
        key: _table(path / file, at, (at,))
        for key, (file, at) in _CHANGES.items()
        if (path / file).is_file()
    }
    return Folder(
        path=path,
        summary=_summary(path / "summary.json"),
        scenario=read_scenario(path / "scenario.yaml"),
        scenario_bytes=(path / "scenario.yaml").read_bytes(),
        certificates={c.block_id: c for c in _certificates(path / "certificate.npz")},
        settled={
            name: _table(path / name, None, key)
            for name, key in SETTLED.items()
            if (path / name).is_file()
        },
        **tables,
        **changes,
    )


def _table(path: Path, at: str | None, needed: tuple[str, ...]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig", na_filter=False)
    except (ValueError, OSError) as fault:
        raise unreadable_run(path, fault) from fault
    require_columns(path, frame, needed)
    frame["_row"] = range(2, len(frame) + 2)
    return frame if at is None else frame.set_index(at, drop=False)


def _summary(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as fault:
        raise unreadable_run(path, fault) from fault
    if not isinstance(told, dict):
        raise unreadable_run(path, TypeError("not an object"))
    return told


def _certificates(path: Path) -> list[Certificate]:
    try:
        return load_certificates(path)
    except Exception as fault:
        # a damaged zip or array ends in many kinds of errors: all mean the same
        raise unreadable_run(path, fault) from fault
