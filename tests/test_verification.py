"""The checker passes a true run and names file, row and values of a false claim."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from gridopt.archive import write_run
from gridopt.errors import InputError
from gridopt.outcome import run_scenario
from gridopt.verification import verify_run


@pytest.fixture
def run(small_run, tmp_path):
    """A copy of the small run that a test may spoil."""
    return shutil.copytree(small_run, tmp_path / "run")


def read(run, name):
    """Read a table of a run as text."""
    return pd.read_csv(
        run / name, dtype=str, encoding="utf-8-sig", keep_default_na=False
    )


def write(run, name, frame):
    """Write a table of a run back."""
    frame.to_csv(run / name, index=False, encoding="utf-8-sig", lineterminator="\n")


def spoil(run, name, column, change, row=0):
    """Change one cell of a table; return its row as a spreadsheet shows it."""
    frame = read(run, name)
    frame.loc[row, column] = change(frame.loc[row, column])
    write(run, name, frame)
    return row + 2


def told(verification, file, column):
    """Rows of a file whose column was found false."""
    return [
        one.row
        for one in verification.falsehoods
        if one.file == file and one.column == column
    ]


def test_a_true_run_passes(small_run, small_register_file):
    """Every claim of an untouched run holds, and bounds were proven anew."""
    verification = verify_run(small_run, small_register_file)
    assert verification.falsehoods == ()
    assert verification.n_claims > 2000
    assert verification.n_bounds == len(read(small_run, "blocks.csv"))


def plus(amount):
    """Make a change that adds to a number."""
    return lambda text: str(int(text) + amount)


def further(text):
    """Make a distance a decimetre longer."""
    return f"{float(text) + 0.1:.1f}"


@pytest.mark.parametrize(
    ("name", "column", "change"),
    [
        ("partition.csv", "distance_m", further),
        ("partition.csv", "unit", lambda _: "331083999"),
        ("partition.csv", "category", lambda _: "fishing"),
        ("partition.csv", "name", lambda text: text + "?"),
        ("grids.csv", "size", plus(1)),
        ("grids.csv", "travel_m", further),
        ("grids.csv", "radius_m", further),
        ("grids.csv", "medoid_id", lambda _: "nobody"),
        ("grids.csv", "members", plus(-1)),
        ("grids.csv", "n_other_unit", plus(1)),
        ("grids.csv", "n_other_category", plus(1)),
        ("blocks.csv", "n", plus(1)),
        ("blocks.csv", "n_grids", plus(1)),
        ("blocks.csv", "cost", plus(-1)),
        ("blocks.csv", "bound", plus(1)),
        ("blocks.csv", "gap_share", lambda _: "0.123456"),
        ("blocks.csv", "least", plus(-1)),
        ("blocks.csv", "status", lambda _: "feasible"),
        ("budget.csv", "amount_yuan", plus(500)),
        ("budget.csv", "members", plus(1)),
        ("awards.csv", "star3", plus(1)),
        ("awards.csv", "amount_yuan", plus(1000)),
        ("awards.csv", "least_yuan", plus(-1000)),
    ],
)
def test_a_spoilt_cell_is_named(run, small_register_file, name, column, change):
    """A changed cell is found in its file, row and column."""
    row = spoil(run, name, column, change)
    verification = verify_run(run, small_register_file)
    assert not verification.is_true
    assert row in told(verification, name, column)


@pytest.mark.parametrize(
    "key",
    [
        "n_read", "n_eligible", "n_blocks", "n_grids", "n_exceptions", "cost", "bound",
        "activity_yuan", "award_yuan", "total_yuan", "least_yuan", "most_yuan", "seed",
    ],
)  # fmt: skip
def test_a_spoilt_total_is_named(run, small_register_file, key):
    """A changed total of summary.json is found, with both values."""
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    true = summary[key]
    summary[key] = true + 1
    (run / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    verification = verify_run(run, small_register_file)
    (one,) = verification.falsehoods
    assert (one.column, one.claimed, one.found) == (key, str(true + 1), str(true))


def test_a_firm_moved_to_another_grid_is_found(run, small_register_file):
    """One firm in another grid of its block falsifies distance, size and cost."""
    frame = read(run, "partition.csv")
    block = frame[frame["block_id"] == frame["block_id"].mode()[0]]
    mover = block[block["is_medoid"] == "0"].index[0]
    other = block[block["grid_id"] != frame.at[mover, "grid_id"]]["grid_id"].iloc[0]
    frame.loc[mover, "grid_id"] = other
    write(run, "partition.csv", frame)
    verification = verify_run(run, small_register_file)
    assert told(verification, "partition.csv", "distance_m") == [mover + 2]
    assert len(told(verification, "grids.csv", "size")) == 2
    assert told(verification, "blocks.csv", "cost")


def test_a_dropped_and_a_doubled_firm_are_found(run, small_register_file):
    """A missing enterprise is named by id, a doubled one by row."""
    frame = read(run, "partition.csv")
    dropped = frame.loc[0, "enterprise_id"]
    frame = pd.concat([frame.iloc[1:], frame.iloc[[5]]], ignore_index=True)
    write(run, "partition.csv", frame)
    verification = verify_run(run, small_register_file)
    found = [
        (one.row, one.claimed, one.found)
        for one in verification.falsehoods
        if one.column == "enterprise_id"
    ]
    assert (None, "", dropped) in found
    assert (len(frame) + 1, frame.loc[4, "enterprise_id"], "") in found


def test_another_register_is_found(run, small_register_file, tmp_path):
    """A register with one firm moved is not the one that was cut."""
    frame = pd.read_csv(small_register_file, dtype=str, keep_default_na=False)
    frame.loc[0, "纬度"] = "28.100001"
    other = tmp_path / "synthetic-other.csv"
    frame.to_csv(other, index=False, encoding="utf-8-sig")
    verification = verify_run(run, other)
    assert told(verification, "summary.json", "hashes.register") == [None]
    assert not verification.is_true
    first, follows, *shown = verification.lines()
    assert "所给名录不是该运行所用的名录，校验码" in first
    n = len(verification.falsehoods) - 1
    assert f"另有 {n:,} 项不符（" in follows and "partition.csv" in follows
    assert len(shown) == (4 if n > 3 else n)


def test_a_register_saved_anew_is_told_apart(run, small_register_file, tmp_path):
    """Other bytes, same content: the register alone is named, and all else holds."""
    frame = pd.read_csv(small_register_file, dtype=str, keep_default_na=False)
    other = tmp_path / "synthetic-other.csv"
    frame.to_csv(other, index=False, encoding="gb18030")
    verification = verify_run(run, other)
    first, rest = verification.lines()
    assert "所给名录不是该运行所用的名录" in first
    assert "其余各项声明与所给名录相符" in rest


def test_a_hidden_departure_is_found(run, small_register_file):
    """A merged block whose exception was deleted is no longer unit x category."""
    frame = read(run, "exceptions.csv")
    merged = frame["kind"].isin(["merged_category", "merged_unit"])
    assert merged.any()
    write(run, "exceptions.csv", frame[~merged])
    verification = verify_run(run, small_register_file)
    assert told(verification, "exceptions.csv", "n_enterprises")


def test_an_overstated_certificate_is_found(run, small_register_file):
    """A certificate that claims one more than its duals prove is refused."""
    with np.load(run / "certificate.npz") as file:
        arrays = {name: file[name] for name in file.files}
    arrays["bound"] = arrays["bound"] + 1_000_000
    np.savez_compressed(run / "certificate.npz", **arrays)
    verification = verify_run(run, small_register_file)
    assert len(told(verification, "blocks.csv", "bound")) == 2 * len(arrays["bound"])


def test_worse_duals_prove_less_but_are_no_falsehood(run, small_register_file):
    """Duals that prove less than claimed are found; claiming less is true again."""
    with np.load(run / "certificate.npz") as file:
        arrays = {name: file[name] for name in file.files}
    arrays["pi"] = np.zeros_like(arrays["pi"])
    np.savez_compressed(run / "certificate.npz", **arrays)
    assert not verify_run(run, small_register_file).is_true


def test_another_scenario_is_found(run, small_register_file):
    """A price changed after the run is found in hash and certificate."""
    text = (run / "scenario.yaml").read_text(encoding="utf-8")
    changed = text + "grids:\n  area_price_m: 100\n"
    (run / "scenario.yaml").write_text(changed, encoding="utf-8")
    verification = verify_run(run, small_register_file)
    assert told(verification, "summary.json", "hashes.scenario")
    assert told(verification, "certificate.npz", "area_price")


@pytest.mark.parametrize(
    "name", ["partition.csv", "summary.json", "certificate.npz", "scenario.yaml"]
)
def test_a_missing_file_is_named(run, small_register_file, name):
    """A folder that lacks a file is refused by the file's name."""
    (run / name).unlink()
    with pytest.raises(InputError, match=name):
        verify_run(run, small_register_file)


@pytest.mark.parametrize("name", ["summary.json", "certificate.npz", "grids.csv"])
def test_a_damaged_file_is_named(run, small_register_file, name):
    """A file of rubbish is refused by name, without a traceback."""
    (run / name).write_bytes(b"\x00\xff rubbish")
    with pytest.raises(InputError, match=name):
        verify_run(run, small_register_file)


def test_a_run_with_a_past_is_verified_against_it(
    small_register, small_register_file, small_scenario, small_run, tmp_path
):
    """Movers and churn are recomputed from the previous plan, which is asked for."""
    from gridopt.archive import read_previous

    previous = small_run / "partition.csv"
    outcome = run_scenario(small_register, small_scenario, read_previous(previous))
    run = write_run(outcome, tmp_path / "next", is_tables_only=True)
    assert outcome.summary["n_movers"] == 0
    assert verify_run(run, small_register_file, previous).falsehoods == ()
    with pytest.raises(InputError, match="--previous"):
        verify_run(run, small_register_file)
    changed = read(small_run, "partition.csv")
    changed.loc[0, "grid_id"] = changed["grid_id"].iloc[-1]
    changed.to_csv(tmp_path / "p.csv", index=False, encoding="utf-8-sig")
    verification = verify_run(run, small_register_file, tmp_path / "p.csv")
    assert told(verification, "summary.json", "hashes.previous")


@pytest.fixture(scope="module")
def later_run(small_register_file, small_scenario, small_run, tmp_path_factory):
    """A run on the register a year later, and that register's file."""
    from gridopt.archive import read_previous
    from gridopt.register import read_register
    from gridopt.synth import write_synthetic

    folder = tmp_path_factory.mktemp("later")
    path = folder / "synthetic-later.csv"
    write_synthetic(300, seed=6, out=path, after=small_register_file)
    register = read_register(path, small_scenario.register)
    previous = read_previous(small_run / "partition.csv")
    outcome = run_scenario(register, small_scenario, previous)
    return write_run(outcome, folder / "run", is_tables_only=True), path


@pytest.mark.parametrize(
    ("name", "column", "change"),
    [
        (
            "adjustments.csv",
            "kind",
            lambda kind: "moved" if kind != "moved" else "forced",
        ),
        ("adjustments.csv", "grid_id", lambda grid: f"{grid}9"),
        ("adjustments.csv", "previous_grid_id", lambda grid: f"{grid}9"),
        ("adjustments.csv", "enterprise_id", lambda key: f"{key}9"),
        ("grid_changes.csv", "fate", lambda fate: "closed"),
        ("grid_changes.csv", "left", lambda n: str(int(n) + 1)),
        ("grid_changes.csv", "moved_in", lambda n: str(int(n) + 1)),
        ("grid_changes.csv", "previous_size", lambda n: str(int(n) - 1)),
        ("grid_changes.csv", "travel_m", lambda far: f"{float(far) + 0.1:.1f}"),
        ("grid_changes.csv", "medoid_id", lambda key: "x"),
    ],
)
def test_a_false_change_report_is_found(
    later_run, small_run, tmp_path, name, column, change
):
    """Who moved and what became of a grid are counted anew from both plans."""
    true, register = later_run
    run = shutil.copytree(true, tmp_path / "run")
    row = spoil(run, name, column, change)
    verification = verify_run(run, register, small_run / "partition.csv")
    assert row in told(verification, name, column)


def test_a_true_change_report_holds_and_a_missing_one_is_missed(
    later_run, small_run, tmp_path
):
    """Both tables hold as written; without them the run is not whole."""
    true, register = later_run
    plan = small_run / "partition.csv"
    assert len(read(true, "adjustments.csv")) > 20
    assert verify_run(true, register, plan).falsehoods == ()
    run = shutil.copytree(true, tmp_path / "run")
    shorter = read(run, "adjustments.csv").iloc[1:]
    write(run, "adjustments.csv", shorter)
    (run / "grid_changes.csv").unlink()
    verification = verify_run(run, register, plan)
    assert told(verification, "adjustments.csv", "enterprise_id") == [None]
    assert told(verification, "grid_changes.csv", "") == [None]
