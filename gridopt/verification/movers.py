"""Is what is said about moving true: the cap, what it proves, and frozen grids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.certificate import homes_of_grids

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.verification.claims import Ledger
    from gridopt.verification.folder import Folder

_PROOF = "certificate.npz"


def check_allotments(
    ledger: Ledger, folder: Folder, rows: pd.DataFrame, previous: pd.Series | None
) -> None:
    """Hold surcharge and allotments against the cap: else the bounds do not add up.

    One surcharge for all blocks, allotments of the cap at most in all, and no block
    with more movers than it is allotted.
    """
    certificates = list(folder.certificates.values())
    cap = folder.scenario.grids.mover_cap
    surcharges = sorted({one.mover_surcharge for one in certificates})
    allotted = sum(one.mover_allotment for one in certificates)
    if cap is None:
        ledger.hold(_PROOF, "mover_surcharge", surcharges, [0], "没有调整上限")
        ledger.hold(_PROOF, "mover_allotment", allotted, 0, "没有调整上限")
        return
    one_price = surcharges[:1]
    ledger.hold(_PROOF, "mover_surcharge", surcharges, one_price, "各单元应一致")
    ledger.hold(_PROOF, "mover_allotment", allotted, min(allotted, cap), "超过调整上限")
    if previous is None or surcharges == [0]:
        return
    before = previous.reindex(rows.index).fillna("")
    moved = (before != "") & (before != rows["grid_id"])
    for one in certificates:
        is_own = (rows["block_id"] == one.block_id) & before.isin(one.previous_ids)
        n_movers = int((moved & is_own).sum())
        found = max(one.mover_allotment, n_movers)
        ledger.hold(_PROOF, "mover_allotment", one.mover_allotment, found, one.block_id)


def check_frozen(
    ledger: Ledger, folder: Folder, rows: pd.DataFrame, previous: pd.Series | None
) -> None:
    """Hold frozen grids against the plan: who was in them and is left, nobody else."""
    frozen = tuple(dict.fromkeys(folder.scenario.grids.frozen))
    if previous is None:
        ledger.hold("scenario.yaml", "grids.frozen", frozen, ())
        return
    before = previous.reindex(rows.index).fillna("")
    home = homes_of_grids(folder.certificates.values())
    for one in folder.certificates.values():
        own = tuple(grid_id for grid_id in one.previous_ids if grid_id in frozen)
        ledger.hold(_PROOF, "frozen", one.frozen, own, one.block_id)
    for grid_id in frozen:
        was = rows.index[(before == grid_id) & (rows["block_id"] == home.get(grid_id))]
        now = rows.index[rows["grid_id"] == grid_id]
        ledger.hold(
            "partition.csv",
            "grid_id",
            " ".join(now.symmetric_difference(was)[:3]),
            "",
            f"冻结网格 {grid_id} 有变动",
        )
