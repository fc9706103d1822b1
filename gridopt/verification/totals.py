"""Are the totals what they say: `summary.json` against what was counted anew."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from gridopt.certificate import homes_of_grids
from gridopt.scenario import list_choices

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.budget import Budget
    from gridopt.register import Register
    from gridopt.verification.claims import Ledger
    from gridopt.verification.folder import Folder

_SUMMARY = "summary.json"


def check_totals(
    ledger: Ledger,
    folder: Folder,
    register: Register,
    rows: pd.DataFrame,
    proofs: dict[str, tuple[int, int | None]],
    budget: Budget,
) -> float | None:
    """Hold every total of `summary.json` against ours; give the certified gap."""
    cost = sum(cost for cost, _ in proofs.values())
    bounds = [bound for _, bound in proofs.values()]
    known = [bound for bound in bounds if bound is not None]
    bound = sum(known) if len(known) == len(bounds) else None
    gap = None if bound is None else ((cost - bound) / cost if cost else 0.0)
    ledger.hold_values(
        _SUMMARY,
        folder.summary,
        {
            "status": _status(folder),
            "is_synthetic": register.is_synthetic,
            "title": folder.scenario.title,
            "n_read": register.n_read,
            "n_eligible": len(register.enterprises),
            "n_left_out": dict(sorted(register.left_out.items())),
            "n_quarantined": len(register.quarantined),
            "n_blocks": rows["block_id"].nunique(),
            "n_grids": rows["grid_id"].nunique(),
            "n_exceptions": len(folder.exceptions),
            "travel_m": round(int(rows["_distance_dm"].sum()) / 10, 1),
            "cost": cost,
            "bound": bound,
            "gap_share": None if gap is None else round(gap, 6),
            **budget.totals,
            "choices": _choices(folder),
            "seed": folder.scenario.seed,
        },
    )
    return gap


def _status(folder: Folder) -> str:
    """Name the weakest status of the blocks, each held against its own proof."""
    told = set(folder.blocks["status"])
    weakest_first = ("interrupted", "feasible", "bounded")
    return next((status for status in weakest_first if status in told), "optimal")


def _choices(folder: Folder) -> list[dict[str, object]]:
    """List the scenario's choices as a file of JSON gives them back."""
    names = ("clause", "setting", "value", "is_default")
    rows = [
        {name: row[name] for name in names} for row in list_choices(folder.scenario)
    ]
    return json.loads(json.dumps(rows))


def check_hashes(
    ledger: Ledger, folder: Folder, register: Register, given: dict[str, str | None]
) -> None:
    """Register, scenario, previous plan and results are the very files of the run."""
    told = folder.summary.get("hashes")
    told = told if isinstance(told, dict) else {}
    found = {
        "register": register.sha256,
        "scenario": hashlib.sha256(folder.scenario_bytes).hexdigest(),
        **given,
    }
    about = {"register": Path(folder.scenario.register.file or "").name}
    for name, value in found.items():
        claim = f"hashes.{name}", told.get(name)
        ledger.hold(_SUMMARY, *claim, value, about.get(name, ""))


def check_movers(
    ledger: Ledger, folder: Folder, rows: pd.DataFrame, previous: pd.Series | None
) -> None:
    """Survivors, movers and forced movers are those of the two plans."""
    found: dict[str, int | None] = dict.fromkeys(
        ("n_survivors", "n_movers", "n_forced")
    )
    if previous is not None:
        before = previous.reindex(rows.index).fillna("")
        ledger.hold_column("partition.csv", rows, "previous_grid_id", before)
        home = homes_of_grids(folder.certificates.values())
        had = before != ""
        stays = had & (before.map(home) == rows["block_id"])
        found["n_survivors"] = int(stays.sum())
        found["n_movers"] = int((stays & (before != rows["grid_id"])).sum())
        found["n_forced"] = int((had & ~stays).sum())
    ledger.hold_values(_SUMMARY, folder.summary, found)
    cap, n_movers = folder.scenario.grids.mover_cap, found["n_movers"]
    if cap is not None and n_movers is not None and n_movers > cap:
        told = {"claimed": str(cap), "found": str(n_movers), "about": "超过调整上限"}
        ledger.deny("scenario.yaml", None, "grids.mover_cap", **told)
