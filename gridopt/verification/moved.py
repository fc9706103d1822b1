"""Is what was placed by hand where it was put, and listed with the exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.certificate import Certificate
    from gridopt.verification.claims import Ledger
    from gridopt.verification.folder import Folder


def check_moves(ledger: Ledger, folder: Folder, rows: pd.DataFrame) -> None:
    """Each move by hand is kept, and counted among the exceptions of its grid."""
    moved = {a: b for a, b in folder.scenario.grids.moved if b}
    grid = rows["grid_id"].to_dict()
    for enterprise, wished in moved.items():
        found = str(grid.get(enterprise, ""))
        ledger.hold("partition.csv", "grid_id", found, wished, f"人工调整 {enterprise}")
    told = folder.exceptions
    told = told[told["kind"] == "moved_by_hand"]
    columns = ("clause", "block_id", "grid_id", "n_enterprises")
    missing = [name for name in columns if name not in told]
    if missing:
        ledger.deny(
            "exceptions.csv", 1, missing[0], claimed="（缺列）", found="应有此列"
        )
        return
    blocks = rows["block_id"].to_dict()
    wanted = [("P2", blocks.get(a, ""), b, "1") for a, b in moved.items()]
    listed = [tuple(row) for row in told[list(columns)].to_numpy().tolist()]
    for row in sorted({*wanted, *listed}):
        about = f"{' '.join(row[:3])} 的人工调整例外"
        n_claimed, n_found = listed.count(row), wanted.count(row)
        ledger.hold("exceptions.csv", "kind", n_claimed, n_found, about)


def held_by_hand(
    folder: Folder, certificate: Certificate, previous: pd.Series | None
) -> tuple[tuple[str, str], ...]:
    """List who was put into the grid that the previous plan had them in already."""
    if previous is None:
        return ()
    rules, inside = folder.scenario.grids, set(certificate.enterprise_ids)
    return tuple(
        (a, b)
        for a, b in rules.moved
        if a in inside and b in certificate.previous_ids
        if previous.get(a) == b and (a, b) not in rules.fixed
    )
