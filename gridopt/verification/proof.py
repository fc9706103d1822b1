"""Is the proof what it says: costs, bounds and gaps of every block, computed anew."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gridopt.certificate import Evidence, claimed_cost, proven_bound
from gridopt.verification.bands import check_band, check_bands_listed
from gridopt.verification.moved import held_by_hand
from gridopt.verification.past import check_ids_kept, previous_ids
from gridopt.verification.plan import medoid_positions

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.certificate import Certificate
    from gridopt.register import Register
    from gridopt.verification.claims import Ledger
    from gridopt.verification.folder import Folder

_BLOCKS = "blocks.csv"
_PROOF = "certificate.npz"
_AREA_PRICE_M = 200


def check_blocks(
    ledger: Ledger,
    folder: Folder,
    register: Register,
    rows: pd.DataFrame,
    previous: pd.Series | None,
) -> dict[str, tuple[int, int | None]]:
    """Hold every block's numbers, cost, bound, gap and status against its own.

    Returns
    -------
    dict
        Per block the cost found and the bound claimed and proven, decimetres.
    """
    found = {}
    _check_same_blocks(ledger, folder, rows)
    check_bands_listed(ledger, folder, rows)
    carried = previous_ids(rows, previous)
    check_ids_kept(ledger, rows, previous, carried)
    for block_id, block in rows.groupby("block_id", sort=True):
        table = folder.blocks
        certificate = folder.certificates.get(str(block_id))
        if block_id not in table.index or certificate is None:
            continue
        told = table.loc[[block_id]].iloc[0]
        evidence = _evidence(register, block, certificate, previous)
        try:
            cost = claimed_cost(
                certificate,
                evidence,
                medoid_positions(block),
                _labels(certificate, block),
            )
        except ValueError as fault:
            _deny_words(ledger, certificate, "cost", certificate.cost, fault)
            continue
        bound = _check_bound(ledger, told, certificate, evidence, block)
        _check_row(ledger, told, certificate, block, cost)
        _check_rules(ledger, folder, register, certificate, previous)
        ledger.hold(
            _PROOF,
            "previous_ids",
            certificate.previous_ids,
            carried.get(str(block_id), ()),
            str(block_id),
        )
        found[str(block_id)] = (cost, bound)
    return found


def _check_same_blocks(ledger: Ledger, folder: Folder, rows: pd.DataFrame) -> None:
    blocks = set(rows["block_id"])
    for file, told in (
        (_BLOCKS, list(folder.blocks.index)),
        (_PROOF, list(folder.certificates)),
    ):
        for block_id in sorted(blocks ^ set(told)):
            has = block_id in told
            ledger.deny(
                file,
                None,
                "block_id",
                claimed=block_id if has else "",
                found="" if has else block_id,
            )
        for block_id in sorted({b for b in told if told.count(b) > 1}):
            ledger.deny(file, None, "block_id", claimed=f"{block_id} x2", found="x1")


def _evidence(
    register: Register,
    block: pd.DataFrame,
    certificate: Certificate,
    previous: pd.Series | None,
) -> Evidence:
    own = register.enterprises.loc[block.index]
    unit = register.units.get(certificate.block_id.rpartition("-")[0])
    has_areas = unit is None or unit.kind != "department"
    area = own["work_area"].to_numpy(dtype=np.str_)
    column = {grid_id: p for p, grid_id in enumerate(certificate.previous_ids)}
    before = [""] * len(own)
    if previous is not None:
        before = previous.reindex(own.index).fillna("").tolist()
    return Evidence(
        longitude=own["longitude"].to_numpy(),
        latitude=own["latitude"].to_numpy(),
        weight=own["weight"].to_numpy(dtype=np.float64),
        area=area if has_areas else np.full(len(own), "", dtype=np.str_),
        group=own["group_id"].to_numpy(dtype=np.str_),
        previous=np.array([column.get(g, -1) for g in before], dtype=np.int64),
    )


def _labels(certificate: Certificate, block: pd.DataFrame) -> np.ndarray:
    column = {grid_id: p for p, grid_id in enumerate(certificate.previous_ids)}
    labels = [column.get(grid_id, -1) for grid_id in block["grid_id"]]
    return np.array(labels, dtype=np.int64)


def _check_bound(
    ledger: Ledger,
    told: pd.Series,
    certificate: Certificate,
    evidence: Evidence,
    block: pd.DataFrame,
) -> int | None:
    """Accept a bound where the stored duals prove at least as much."""
    ledger.hold(
        _PROOF,
        "enterprise_ids",
        certificate.enterprise_ids,
        tuple(block.index),
        certificate.block_id,
    )
    bound = certificate.bound
    _hold_cell(ledger, told, "bound", bound)
    if bound is None or certificate.enterprise_ids != tuple(block.index):
        return None
    ledger.n_claims += 1
    try:
        proven = proven_bound(certificate, evidence)
    except ValueError as fault:
        _deny_words(ledger, certificate, "bound", bound, fault)
        return None
    if bound > proven:
        ledger.deny(
            _BLOCKS,
            int(told["_row"]),
            "bound",
            claimed=str(bound),
            found=f"最多 {proven}",
            about=certificate.block_id,
        )
    return min(bound, proven)


def _deny_words(
    ledger: Ledger, certificate: Certificate, column: str, claimed: int, fault: object
) -> None:
    """Write down why a claim could not be computed."""
    about = certificate.block_id
    ledger.deny(
        _PROOF, None, column, claimed=str(claimed), found=str(fault), about=about
    )


def _check_row(
    ledger: Ledger,
    told: pd.Series,
    certificate: Certificate,
    block: pd.DataFrame,
    cost: int,
) -> None:
    bound = certificate.bound
    n_grids = block["grid_id"].nunique()
    _hold_cell(ledger, told, "n", len(block))
    _hold_cell(ledger, told, "n_grids", n_grids)
    _hold_cell(ledger, told, "cost", cost)
    _hold_cell(ledger, told, "least", certificate.least)
    _hold_cell(ledger, told, "most", certificate.most)
    ledger.hold(_PROOF, "cost", certificate.cost, cost, certificate.block_id)
    gap = "" if bound is None else f"{(cost - bound) / cost if cost else 0:.6f}"
    _hold_cell(ledger, told, "gap_share", gap)
    fewest, most = certificate.n_grids
    if not fewest <= n_grids <= most:
        ledger.deny(
            _PROOF,
            None,
            "n_grids",
            claimed=f"{fewest} 至 {most}",
            found=str(n_grids),
            about=certificate.block_id,
        )
    _check_status(ledger, told, cost, bound)


def _check_status(
    ledger: Ledger, told: pd.Series, cost: int, bound: int | None
) -> None:
    if told["status"] == "interrupted":
        ledger.n_claims += 1
        return
    status = "feasible" if bound is None else "bounded"
    if bound is not None and cost - bound < 1:
        status = "optimal"
    _hold_cell(ledger, told, "status", status)


def _check_rules(
    ledger: Ledger,
    folder: Folder,
    register: Register,
    certificate: Certificate,
    previous: pd.Series | None,
) -> None:
    """Prices, target, band and wishes of the certificate are the scenario's."""
    rules = folder.scenario.grids
    block_id = certificate.block_id
    area_price_m = rules.area_price_m
    if area_price_m is None:
        has_villages = (register.enterprises["village"] != "").any()
        area_price_m = _AREA_PRICE_M if has_villages else 0
    found = {
        "target": rules.target,
        "size_price": _decimetres(rules.size_price_m),
        "area_price": _decimetres(area_price_m),
        "linkage_price": _decimetres(rules.linkage_price_m),
        "mover_price": _decimetres(rules.mover_price_m),
    }
    for name, value in found.items():
        ledger.hold(_PROOF, name, getattr(certificate, name), value, block_id)
    inside = set(certificate.enterprise_ids)
    for name in ("fixed", "forbidden", "must_link", "cannot_link"):
        wished = tuple((a, b) for a, b in getattr(rules, name) if a in inside)
        if name == "fixed":
            wished += held_by_hand(folder, certificate, previous)
        ledger.hold(_PROOF, name, getattr(certificate, name), wished, block_id)
    check_band(ledger, rules, certificate)


def check_wishes_kept(ledger: Ledger, folder: Folder, rows: pd.DataFrame) -> None:
    """Hold fixed, forbidden, must-link and cannot-link wishes against the plan."""
    rules, grid = folder.scenario.grids, rows["grid_id"].to_dict()
    broken = [("fixed", a, b) for a, b in rules.fixed if grid.get(a) != b]
    broken += [("forbidden", a, b) for a, b in rules.forbidden if grid.get(a) == b]
    broken += [
        ("must_link", a, b) for a, b in rules.must_link if grid.get(a) != grid.get(b)
    ]
    broken += [
        ("cannot_link", a, b)
        for a, b in rules.cannot_link
        if a in grid and grid.get(a) == grid.get(b)
    ]
    ledger.n_claims += len(rules.fixed) + len(rules.forbidden)
    ledger.n_claims += len(rules.must_link) + len(rules.cannot_link)
    for name, a, b in broken:
        ledger.deny(
            "partition.csv",
            None,
            "grid_id",
            claimed=str(grid.get(a, "")),
            found=f"{name} {a} {b}",
            about="指定要求未满足",
        )


def _decimetres(price_m: float) -> int:
    return math.floor(price_m * 10 + 0.5)


def _hold_cell(ledger: Ledger, told: pd.Series, column: str, value: object) -> None:
    ledger.n_claims += 1
    text = "" if value is None else str(value)
    if str(told.get(column, "（缺列）")) != text:
        ledger.n_claims -= 1
        ledger.deny(
            _BLOCKS,
            int(told["_row"]),
            column,
            claimed=str(told.get(column, "")),
            found=text,
            about=str(told["block_id"]),
        )
