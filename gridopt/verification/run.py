"""How a run folder is verified: read it, compute everything anew, compare."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.errors import InputError
from gridopt.register import read_register
from gridopt.results import read_results
from gridopt.verification import moved, movers, plan, proof, totals
from gridopt.verification.changes import check_changes
from gridopt.verification.claims import Ledger, Verification
from gridopt.verification.folder import Folder, read_folder
from gridopt.verification.kept import check_kept
from gridopt.verification.money import check_money
from gridopt.verification.past import check_numbers, check_roster_kept, read_beside

if TYPE_CHECKING:
    from gridopt.register import Register
    from gridopt.results import Results


def verify_run(
    run_dir: str | Path,
    register: str | Path,
    previous: str | Path | None = None,
    results: str | Path | None = None,
) -> Verification:
    """Check every claim of a run folder, with no code of the solvers.

    Places, distances, costs, bounds, members and money are computed anew from the
    register, the run's scenario, the previous plan and the results; see `Certificate`
    for what a bound rests on.

    Parameters
    ----------
    run_dir
        The run folder.
    register
        The register that was cut.
    previous
        The `partition.csv` that the run started from, where it had one.
    results
        The results of the appraisal that the money was settled from, where it was.

    Raises
    ------
    InputError
        Where a file is missing or cannot be read, or the run had a previous plan or
        results and none are given.
    """
    folder = read_folder(Path(run_dir))
    table = read_register(register, folder.scenario.register)
    plan_before, sha256 = _read_previous(folder, previous)
    settled_from = _read_results(folder, table, results)
    return _verify(folder, table, plan_before, sha256, settled_from)


def _verify(
    folder: Folder,
    register: Register,
    previous: pd.DataFrame | None,
    sha256: str | None,
    results: Results | None = None,
) -> Verification:
    ledger = Ledger()
    before = None if previous is None else previous["grid_id"]
    found = {"previous": sha256, "results": None if results is None else results.sha256}
    totals.check_hashes(ledger, folder, register, found)
    plan.check_members(ledger, folder, register)
    rows = plan.known_rows(folder, register)
    if rows.empty:
        return Verification(ledger.n_claims, tuple(ledger.falsehoods), None, 0)
    rows["_distance_dm"] = plan.measure_distances(rows, register)
    plan.check_own_columns(ledger, folder, register, rows)
    plan.check_distances(ledger, rows)
    check_kept(ledger, folder, register, rows, previous)
    plan.check_blocks_listed(ledger, folder, rows)
    plan.check_grids(ledger, folder, rows)
    proofs = proof.check_blocks(ledger, folder, register, rows, before)
    proof.check_wishes_kept(ledger, folder, rows)
    moved.check_moves(ledger, folder, rows)
    movers.check_allotments(ledger, folder, rows, before)
    movers.check_frozen(ledger, folder, rows, before)
    budget = check_money(ledger, folder, register, rows, results)
    totals.check_movers(ledger, folder, rows, before)
    check_numbers(ledger, folder, rows, before)
    check_roster_kept(ledger, folder, before)
    check_changes(ledger, folder, rows, before)
    gap = totals.check_totals(ledger, folder, register, rows, proofs, budget)
    n_bounds = sum(bound is not None for _, bound in proofs.values())
    return Verification(ledger.n_claims, tuple(ledger.falsehoods), gap, n_bounds)


def _had(folder: Folder, name: str) -> bool:
    """Tell whether a run says that it was made with a file of this kind."""
    hashes = folder.summary.get("hashes")
    return isinstance(hashes, dict) and bool(hashes.get(name))


def _read_results(
    folder: Folder, register: Register, results: str | Path | None
) -> Results | None:
    if results is not None:
        return read_results(results, register.units)
    if _had(folder, "results"):
        raise InputError(
            "该运行的经费按评定结果结算，请用 --results 给出当时的评定结果表。",
            "The money of this run was settled from results: give their table with "
            "--results.",
        )
    return None


def _read_previous(
    folder: Folder, previous: str | Path | None
) -> tuple[pd.DataFrame | None, str | None]:
    if previous is None:
        if _had(folder, "previous"):
            raise InputError(
                "该运行以上期方案为基础，请用 --previous 给出当时的 partition.csv。",
                "This run started from a previous plan: give its partition.csv with "
                "--previous.",
            )
        return None, None
    path = Path(previous)
    if path.is_dir():
        path = path / "partition.csv"
    if not path.is_file():
        raise _bad_plan(path, "文件不存在", "there is no such file")
    try:
        content = path.read_bytes()
        frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig", na_filter=False)
    except (OSError, ValueError) as fault:
        raise _bad_plan(path, str(fault), str(fault)) from fault
    if not {"enterprise_id", "grid_id"} <= set(frame.columns):
        raise _bad_plan(
            path,
            "缺少列 enterprise_id 或 grid_id",
            "it lacks the column enterprise_id or grid_id",
        )
    once = frame.drop_duplicates("enterprise_id").set_index("enterprise_id")
    once.attrs.update(read_beside(path))
    return once, hashlib.sha256(content).hexdigest()


def _bad_plan(path: Path, fault_zh: str, fault_en: str) -> InputError:
    return InputError(
        f"无法读取上期方案 {path}：{fault_zh}。请给出该运行所用的 partition.csv。",
        f"The previous plan {path} cannot be read: {fault_en}. Give the partition.csv "
        "that the run started from.",
    )
