"""However a run is spoilt, what passes is so, and what is refused is told.

Every change is drawn from a seed: cells, rows and columns of tables, bytes of any
file, values of `summary.json`, arrays of `certificate.npz`, lines of `scenario.yaml`.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections import Counter
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from test_false_claims import Case

from gridopt.errors import InputError
from gridopt.verification.folder import read_folder

ENDS = (-(1 << 63), (1 << 63) - 1, -1, 0, 1, 1 << 62)
CELLS = (
    "", "0", "1", "-1", "nan", "inf", "-inf", "1e400", "9" * 400, "1.5", " 1", "１",
    "x", "None", "331083001-industry", "331083001-industry-99", "E000", '"', "a,b",
    "\n", "-",
)  # fmt: skip
VALUES = (
    None, True, False, 0, -1, 1e308, float("nan"), float("inf"), 10**400, "", "x", [],
    {}, [1], {"a": 1}, "optimal", "bounded",
)  # fmt: skip
TABLES = {
    name: columns.split()
    for name, columns in {
        "partition.csv": "enterprise_id unit category block_id grid_id is_medoid "
        "distance_m previous_grid_id name industry industry_edition kept_category",
        "grids.csv": "grid_id block_id unit category size medoid_id travel_m radius_m "
        "members n_other_category n_other_unit is_exception",
        "blocks.csv": "block_id n n_grids cost bound gap_share status least most",
        "budget.csv": "unit payer item fiscal_year members amount_yuan arrears_yuan",
        "awards.csv": "pool unit payer members qualified star1 star2 star3 amount_yuan "
        "least_yuan most_yuan",
        "exceptions.csv": "kind",
        "adjustments.csv": "enterprise_id previous_grid_id grid_id kind",
        "grid_changes.csv": "grid_id fate previous_size left moved_out forced_out "
        "entered moved_in forced_in size medoid_id travel_m",
    }.items()
}
"""Tables that are verified and their columns that are; others tell what was done."""
KINDS = ("merged_category", "merged_unit", "widened_band", "undersized", "leftover")
"""Departures that are verified."""

RECORDS = ("date", "small_blocks", "versions")
"""The same of `summary.json`."""


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """The run that every test here spoils a copy of."""
    return Case(tmp_path_factory.mktemp("spoilt"))


def spoil(rng, run):
    """Spoil one file of a run; say which and how."""
    ways = (
        spoil_table, spoil_table, spoil_table, spoil_bytes, spoil_summary, spoil_proof,
        spoil_proof, spoil_scenario,
    )  # fmt: skip
    # what was spoilt before stays so
    with suppress(ValueError, RecursionError, zipfile.BadZipFile):
        return ways[rng.integers(len(ways))](rng, run)


def spoil_table(rng, run):
    """Change a cell, rows or columns of a table."""
    name = list(TABLES)[rng.integers(len(TABLES))]
    path = run / name
    frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig", na_filter=False)
    n, m = frame.shape
    row, other = rng.integers(0, max(n, 1), 2)
    column, second = rng.integers(0, max(m, 1), 2)
    way = int(rng.integers(12)) if n and m else 9
    match way:
        case 0 | 1 | 2 | 3:
            frame.iat[row, column] = spoil_cell(rng, frame, row, column)
        case 4:
            frame.iat[row, column] = frame.iat[other, column]
        case 5:
            frame = frame.drop(index=row)
        case 6:
            frame = pd.concat([frame, frame.iloc[[row]]])
            if rng.random() < 0.5:
                frame.iat[-1, column] = spoil_cell(rng, frame, row, column)
        case 7:
            frame = frame.iloc[rng.permutation(n)]
        case 8:
            frame = frame.drop(columns=frame.columns[column])
        case 9:
            frame = frame.iloc[:0]
        case 10:
            frame = frame.iloc[:, rng.permutation(m)]
        case _:
            frame[frame.columns[column]] = frame[frame.columns[second]].to_numpy()
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    return f"{name} way {way} row {row} column {column}"


def spoil_cell(rng, frame, row, column):
    """Give a cell another value: a near number, or any of the odd ones."""
    told = frame.iat[row, column]
    if rng.random() < 0.4:
        try:
            return str(type(json.loads(told))(json.loads(told) + rng.integers(-2, 3)))
        except (ValueError, TypeError):
            return told + " "
    return CELLS[rng.integers(len(CELLS))]


def spoil_bytes(rng, run):
    """Cut a file off, flip a byte, or put in what is in another."""
    names = sorted(path.name for path in run.iterdir() if path.is_file())
    name = names[rng.integers(len(names))]
    content = bytearray((run / name).read_bytes())
    at = int(rng.integers(len(content)))
    match rng.integers(5):
        case 0:
            content = content[:at]
        case 1 | 2:
            content[at] ^= 1 << rng.integers(8)
        case 3:
            content = bytearray((run / names[rng.integers(len(names))]).read_bytes())
        case _:
            content[at:at] = b'\x00,"\n'[: rng.integers(1, 5)]
    (run / name).write_bytes(bytes(content))
    return f"bytes of {name} at {at}"


def spoil_summary(rng, run):
    """Change or drop a value of the summary."""
    path = run / "summary.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    keys = [key for key in told if key not in RECORDS]
    key = keys[rng.integers(len(keys))]
    if rng.random() < 0.1:
        path.write_text("[" * 100_000, encoding="utf-8")
        return "summary of brackets"
    if rng.random() < 0.2:
        del told[key]
    elif isinstance(told[key], dict) and told[key] and rng.random() < 0.7:
        inner = sorted(told[key])[rng.integers(len(told[key]))]
        told[key][inner] = VALUES[rng.integers(len(VALUES))]
    elif isinstance(told[key], int | float) and rng.random() < 0.5:
        told[key] += int(rng.integers(-2, 3))
    else:
        told[key] = VALUES[rng.integers(len(VALUES))]
    path.write_text(json.dumps(told), encoding="utf-8")
    return f"summary {key}"


def spoil_proof(rng, run):
    """Change an array of the certificates: its kind, shape, length or values."""
    path = run / "certificate.npz"
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    name = sorted(arrays)[rng.integers(len(arrays))]
    array, way = arrays[name], int(rng.integers(9))
    match way:
        case 0:
            del arrays[name]
        case 1:
            kinds = (float, np.float32, np.int8, np.uint64, np.str_, complex, bool)
            with suppress(ValueError):
                arrays[name] = array.astype(kinds[rng.integers(len(kinds))])
        case 2:
            shapes = ((-1, 1), (1, -1), (-1,))
            arrays[name] = array.reshape(shapes[rng.integers(len(shapes))])
        case 3:
            arrays[name] = array[: rng.integers(len(array) + 1)]
        case 4:
            arrays[name] = rng.permutation(array)
        case 5:
            arrays[name] = np.concatenate([array, array])
        case 6:
            odd = (np.nan, np.inf, 1e300, -1e300, 0.5)[rng.integers(5)]
            if array.dtype.kind == "i":
                arrays[name] = array.astype(float)
                arrays[name].flat[: rng.integers(1, 3)] = odd
        case 7:
            arrays = {key: double(key, value) for key, value in arrays.items()}
            arrays["bound"] = arrays["bound"].copy()
            arrays["bound"][: len(array)] += rng.integers(0, 2)
        case _:
            if array.dtype.kind == "i" and array.size:
                arrays[name] = array.copy()
                at = rng.integers(array.size)
                arrays[name].flat[at] += rng.integers(-2, 3)
                if rng.random() < 0.5:
                    arrays[name].flat[at] = ENDS[rng.integers(len(ENDS))]
    with zipfile.ZipFile(path, "w") as file:
        for key, value in arrays.items():
            content = io.BytesIO()
            np.save(content, value, allow_pickle=False)
            file.writestr(f"{key}.npy", content.getvalue())
    return f"proof {name} way {way}"


def double(key, array):
    """Tell of every block twice."""
    return np.concatenate([array, array]) if array.ndim and len(array) else array


def spoil_scenario(rng, run):
    """Change, drop or double a line of the scenario."""
    path = run / "scenario.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = int(rng.integers(len(lines)))
    key = lines[at].partition(":")[0]
    match rng.integers(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines[at] = f"{key}: {CELLS[rng.integers(len(CELLS))]}"
        case _:
            lines[at] = f"{key}: {rng.integers(0, 9)}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"scenario line {at}"


def claims(folder):
    """List what a run claims, in any order, without what only tells what was done."""
    found = {}
    for name, columns in TABLES.items():
        frame = getattr(folder, name.removesuffix(".csv"))
        frame = frame.assign(is_medoid=frame.get("is_medoid", "") == "1")
        found[name] = sorted(map(tuple, frame[columns].to_numpy().tolist()))
    kinds = Counter(folder.exceptions["kind"])
    found["exceptions.csv"] = len(folder.exceptions), *(kinds[kind] for kind in KINDS)
    for key, one in sorted(folder.certificates.items()):
        proof = ("pi", "sigma", "order", "regions", "steps")
        found[key] = {k: v for k, v in vars(one).items() if k not in proof}
    found["summary"] = {k: v for k, v in folder.summary.items() if k not in RECORDS}
    found["scenario"] = folder.scenario_bytes
    return found


def check_spoilt(case, run, seed):
    """Spoil a run once or twice; what passes claims what the true run claims.

    Returns
    -------
    Whether it was refused, found false or passed, and what was spoilt.
    """
    rng = np.random.default_rng(seed)
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(case.folder.path, run)
    told = [spoil(rng, run) for _ in range(rng.integers(1, 3))]
    try:
        folder = read_folder(run)
        verification = case.verify(folder)
    except InputError as fault:
        assert str(fault)
        return "refused", told
    if not verification.is_true:
        assert all(str(one) for one in verification.falsehoods)
        assert verification.lines()
        return "false", told
    assert claims(folder) == claims(case.folder), (seed, told)
    return "true", told


@pytest.mark.parametrize("seed", range(40))
def test_spoilt_files_never_pass_as_another_claim(case, tmp_path, seed):
    """A spoilt run is refused or found false, or it claims no more than before."""
    check_spoilt(case, tmp_path / "run", seed)
