"""A grid id once given is never given to another grid, however long the replay."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from conftest import ROOT
from odd_registers import Shape, reading
from test_grids import BLOCK, FIVES, clusters, read

from gridopt.archive import read_previous, write_run
from gridopt.errors import InputError
from gridopt.grids import make_grids
from gridopt.numbering import count_numbers
from gridopt.outcome import run_scenario
from gridopt.register import read_register
from gridopt.scenario import Scenario, read_scenario
from gridopt.verification import verify_run

BY_FORMULA = FIVES.model_copy(update={"number": "by_formula"})
WEST, MIDDLE, EAST = 121.20, 121.25, 121.30


def three_years(cut):
    """Cut a block of three grids, of two, and of three again; give the last two ids."""
    first = cut(clusters(5, [WEST, MIDDLE, EAST]), None)
    second = cut(clusters(5, [WEST, MIDDLE]), first)
    return second, cut(clusters(5, [WEST, MIDDLE, EAST]), second)


def test_a_closed_grid_is_remembered_by_the_partition():
    """The number of a grid closed in the second year is not given in the third."""
    second, third = three_years(
        lambda rows, before: make_grids(read(rows), BY_FORMULA, before)
    )
    assert second.grids.index.tolist() == [f"{BLOCK}-01", f"{BLOCK}-02"]
    assert second.last_numbers == {BLOCK: 3}
    assert third.grids.index.tolist() == [f"{BLOCK}-{i:02d}" for i in (1, 2, 4)]
    assert third.last_numbers == {BLOCK: 4}


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    """Run the three years through run folders; give each folder and register."""
    place = tmp_path_factory.mktemp("years")
    scenario = Scenario(
        "沿革", "P5", register=reading(Shape(n=1, seed=1)), grids=BY_FORMULA
    )
    folders = []

    def cut(rows, before):
        name = f"year{len(folders) + 1}"
        file = place / f"{name}.csv"
        rows.to_csv(file, index=False, encoding="utf-8-sig")
        previous = read_previous(before) if before else None
        outcome = run_scenario(
            read_register(file, scenario.register), scenario, previous
        )
        folder = write_run(outcome, place / name, is_tables_only=True)
        folders.append((folder, file))
        return folder / "partition.csv"

    three_years(cut)
    return folders


def test_a_closed_grid_is_remembered_by_the_run_folder(years):
    """The same through `partition.csv` and `summary.json`, and `verify` agrees."""
    told = [json.loads((f / "summary.json").read_text("utf-8")) for f, _ in years]
    assert [one["last_numbers"] for one in told] == [{BLOCK: n} for n in (3, 3, 4)]
    before = None
    for folder, register in years:
        assert verify_run(folder, register, before).lines()[0].startswith("复核通过")
        before = folder / "partition.csv"


def test_a_bare_partition_file_knows_only_its_own_grids(years, tmp_path):
    """Without the summary beside it, what was closed earlier cannot be known."""
    second = years[1][0] / "partition.csv"
    bare = shutil.copy(second, tmp_path)
    assert read_previous(second).attrs["last_numbers"] == {BLOCK: 3}
    assert "last_numbers" not in read_previous(bare).attrs
    register = read_register(years[2][1], reading(Shape(n=1, seed=1)))
    again = make_grids(register, BY_FORMULA, read_previous(bare))
    assert again.grids.index.tolist() == [f"{BLOCK}-{i:02d}" for i in (1, 2, 3)]
    # the run that knew more passes with the bare file as well: none of it is false
    assert verify_run(*years[2], bare).is_true


def test_verify_finds_a_number_given_again(years, tmp_path):
    """A new grid with the number of one that was closed is a false claim."""
    folder = shutil.copytree(years[2][0], tmp_path / "spoilt")
    for name in ("partition.csv", "grids.csv", "roster.csv", "exceptions.csv"):
        text = (folder / name).read_text(encoding="utf-8-sig")
        text = text.replace(f"{BLOCK}-04", f"{BLOCK}-03")
        (folder / name).write_text(text, encoding="utf-8-sig")
    found = verify_run(folder, years[2][1], years[1][0] / "partition.csv")
    told = {(fault.column, fault.claimed): fault.about for fault in found.falsehoods}
    assert told["grid_id", f"{BLOCK}-03"] == f"{BLOCK} 的新网格使用了已用过的编号"


def test_verify_holds_the_numbers_told(years, tmp_path):
    """A summary that forgets a closed grid, or tells of too many, is false."""
    folder = shutil.copytree(years[2][0], tmp_path / "spoilt")
    path = folder / "summary.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    for wrong in ({BLOCK: 3}, {BLOCK: 9}, {}, None, [4], {BLOCK: "4"}):
        path.write_text(json.dumps({**told, "last_numbers": wrong}), encoding="utf-8")
        found = verify_run(folder, years[2][1], years[1][0] / "partition.csv")
        assert [one.column for one in found.falsehoods] == ["last_numbers"]


@pytest.mark.parametrize(
    "text", ["{", "[1]", '{"last_numbers": {"a": "x"}}', '{"last_numbers": [3]}']
)
def test_a_damaged_summary_is_no_empty_one(years, tmp_path, text):
    """Numbers are not forgotten in silence where the record cannot be read."""
    plan = shutil.copy(years[0][0] / "partition.csv", tmp_path)
    (tmp_path / "summary.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="已损坏.*无法得知已撤销网格的编号"):
        read_previous(plan)


def test_numbers_are_counted_per_block_of_birth():
    """Ids of another make count for nothing, and known numbers never fall."""
    ids = ["b-01", "a-12", "a-3", "G7", "-5", "a-x", "a-b-02"]
    assert count_numbers(ids, {"b": 4}) == {"a": 12, "a-b": 2, "b": 4}
    assert count_numbers([]) == {}


def test_no_id_is_given_twice_in_nine_years_of_a_real_register(shared):
    """Facilities of Illinois, 2010 to 2018: who is born never bears a name known."""
    scenario = read_scenario(ROOT / "scenarios" / "tri-illinois.yaml")
    before, ever, n_closed = None, set(), 0
    for year in range(2010, 2019):
        file = shared / "data" / "tri-illinois" / f"facilities_{year}.csv"
        register = read_register(file, scenario.register)
        now = make_grids(register, scenario.grids, before)
        living = set() if before is None else set(before.grids.index)
        born = set(now.grids.index) - living
        assert not born & ever, year
        n_closed += len(living - set(now.grids.index))
        ever |= born
        before = now
    assert n_closed > 0
    last = pd.Series(before.last_numbers)
    assert count_numbers(ever) == last[last > 0].to_dict()
