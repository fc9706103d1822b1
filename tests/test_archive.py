"""A run folder is written whole or not at all, with the same bytes every time."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridopt.archive import (
    folders,
    read_previous,
    read_table,
    runs,
    write_run,
    write_table,
)
from gridopt.certificate import Certificate
from gridopt.errors import InputError
from gridopt.evidence import load_certificates, save_certificates
from gridopt.outcome import run_scenario
from gridopt.views.saving import save_text

CONTRACT = {
    "partition.csv": "enterprise_id,unit,category,block_id,grid_id,is_medoid,"
    "distance_m,previous_grid_id,name,industry,industry_edition,kept_category",
    "grids.csv": "grid_id,block_id,unit,category,size,medoid_id,travel_m,radius_m,head,"
    "deputy,instructor,grid_name,members,n_other_category,n_other_unit,is_exception",
    "blocks.csv": "block_id,n,n_grids,cost,bound,gap_share,status,method,seed,work,"
    "runtime_s,least,most",
    "exceptions.csv": "clause,block_id,grid_id,kind,explanation_zh,explanation_en,"
    "n_enterprises",
    "findings.csv": "row,column,rule,value,severity,message_zh,message_en,file,"
    "enterprise_id",
    "roster.csv": "grid_id,level,role,person_id,name,unit,parent_grid_id,"
    "enterprise_id,is_vacant,post,change,change_reason,previous_person_id",
    "budget.csv": "unit,payer,item,fiscal_year,members,amount_yuan,arrears_yuan",
    "awards.csv": "pool,unit,payer,members,qualified,star1,star2,star3,amount_yuan,"
    "least_yuan,most_yuan",
    "clauses.csv": "key,status,evidence,section",
}


def without_clock(path):
    """Bytes of a file, the column runtime_s of blocks.csv left out."""
    if path.name != "blocks.csv":
        return path.read_bytes()
    return read_table(path).drop(columns="runtime_s").to_csv().encode()


@pytest.mark.parametrize("name", CONTRACT)
def test_tables_have_the_columns_of_the_contract(small_run, name):
    """Every table starts with the columns that the contract names, in its order."""
    header = (small_run / name).read_text(encoding="utf-8-sig").split("\n")[0]
    assert header.startswith(CONTRACT[name])


@pytest.mark.parametrize("name", CONTRACT)
def test_tables_are_sorted_and_plain(small_run, name):
    """Tables start with a mark, end lines with LF, and never say nan."""
    raw = (small_run / name).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert b",nan," not in raw
    first = read_table(small_run / name).iloc[:, 0]
    if name != "findings.csv":
        assert first.is_monotonic_increasing


def test_two_runs_give_the_same_bytes(small_register, small_scenario, tmp_path):
    """Run twice, with one and two workers: the same bytes but for runtime_s."""
    folders = []
    for workers in (1, 2):
        outcome = run_scenario(small_register, small_scenario, workers=workers)
        folders.append(write_run(outcome, tmp_path / f"run{workers}"))
    names = sorted(path.name for path in folders[0].iterdir())
    assert names == sorted(path.name for path in folders[1].iterdir())
    assert {"workbook.xlsx", "report.html", "certificate.npz"} <= set(names)
    for name in names:
        first, second = (without_clock(folder / name) for folder in folders)
        assert first == second, name


def test_a_folder_that_is_no_run_is_refused(small_outcome, tmp_path):
    """A folder with somebody's files is left as it was."""
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(InputError, match="不是运行目录"):
        write_run(small_outcome, tmp_path / "letters", is_tables_only=True)
    assert [p.name for p in (tmp_path / "letters").iterdir()] == ["letter.txt"]


def test_an_earlier_run_is_replaced_whole(small_outcome, tmp_path):
    """A file left from an earlier run does not survive the next."""
    folder = write_run(small_outcome, tmp_path / "run", is_tables_only=True)
    (folder / "stale.csv").write_text("old", encoding="utf-8")
    write_run(small_outcome, folder, is_tables_only=True)
    assert not (folder / "stale.csv").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def bytes_of(folder):
    """All files of a folder with their bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def earlier(small_outcome, tmp_path):
    """An earlier run folder, alone in its place, told from a new one by a mark."""
    folder = write_run(small_outcome, tmp_path / "run", is_tables_only=True)
    (folder / "mark").write_text("earlier", encoding="utf-8")
    return folder


FAULTS = {
    "disk": (OSError(28, "No space left on device"), InputError),
    "keyboard": (KeyboardInterrupt(), KeyboardInterrupt),
    "defect": (ZeroDivisionError("defect"), ZeroDivisionError),
}


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize(
    ("writer", "nth"),
    [
        ("write_table", 1),
        ("write_table", 6),
        ("save_certificates", 1),
        ("scenario_text", 1),
        ("write_json", 1),
        ("write_workbook", 1),
        ("write_report", 1),
    ],
)
def test_a_run_that_fails_half_way_leaves_the_earlier_one(
    small_outcome, earlier, monkeypatch, kind, writer, nth
):
    """Whatever ends the writing, wherever: the earlier folder stands, alone."""
    before, (fault, expected) = bytes_of(earlier), FAULTS[kind]
    calls, real = [], getattr(runs, writer)

    def fail(*args):
        calls.append(args)
        if len(calls) == nth:
            raise fault
        return b"" if writer == "write_report" else real(*args)

    monkeypatch.setattr(runs, writer, fail)
    if writer == "write_report":
        monkeypatch.setattr(runs, "write_workbook", lambda *_: None)
    with pytest.raises(expected):
        write_run(small_outcome, earlier)
    assert len(calls) == nth
    assert bytes_of(earlier) == before
    assert [path.name for path in earlier.parent.iterdir()] == ["run"]


def test_a_refusal_within_a_run_names_the_folder_that_was_asked_for(
    small_outcome, earlier, monkeypatch
):
    """A refusal below names the folder asked for, not the one it is made in."""
    before = bytes_of(earlier)

    def fail(_outcome, path, _comparison):
        save_text("", path.parent / "nowhere" / path.name)

    monkeypatch.setattr(runs, "write_report", fail)
    monkeypatch.setattr(runs, "write_workbook", lambda *_: None)
    with pytest.raises(InputError) as caught:
        write_run(small_outcome, earlier)
    assert f"无法写入 {earlier}：没有这个文件或文件夹" in caught.value.message_zh
    assert ".run.new" not in str(caught.value)
    assert bytes_of(earlier) == before


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("moved", ["run", ".run.new"])
def test_a_fault_at_the_exchange_puts_the_earlier_run_back(
    small_outcome, earlier, monkeypatch, kind, moved
):
    """Ended between the two renames, the earlier folder returns to its place."""
    before, (fault, expected) = bytes_of(earlier), FAULTS[kind]
    real = Path.rename

    def rename(self, target):
        if self.name == moved:
            raise fault
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(expected):
        write_run(small_outcome, earlier, is_tables_only=True)
    assert bytes_of(earlier) == before
    assert [path.name for path in earlier.parent.iterdir()] == ["run"]


def test_an_interrupt_after_the_exchange_leaves_the_new_run(
    small_outcome, earlier, monkeypatch
):
    """Ended while the earlier folder is removed: the new one is whole, then alone."""
    new = bytes_of(earlier).keys() - {"mark"}
    monkeypatch.setattr(folders.shutil, "rmtree", interrupt_on_old(earlier))
    with pytest.raises(KeyboardInterrupt):
        write_run(small_outcome, earlier, is_tables_only=True)
    assert bytes_of(earlier).keys() == new
    monkeypatch.undo()
    write_run(small_outcome, earlier, is_tables_only=True)
    assert [path.name for path in earlier.parent.iterdir()] == ["run"]


def interrupt_on_old(earlier):
    """Remove folders as usual, but for that of the earlier run: then Ctrl-C."""
    real = folders.shutil.rmtree

    def rmtree(path, **options):
        if (path / "mark").exists():
            raise KeyboardInterrupt
        real(path, **options)

    return rmtree


def test_a_run_killed_at_the_exchange_is_put_back(small_outcome, earlier):
    """A machine lost between the renames costs nothing: the next run finds it."""
    before = bytes_of(earlier)
    earlier.rename(earlier.with_name(".run.old"))
    shutil.copytree(earlier.with_name(".run.old"), earlier.with_name(".run.new"))
    folders.check_target(earlier)
    assert bytes_of(earlier) == before
    write_run(small_outcome, earlier, is_tables_only=True)
    assert [path.name for path in earlier.parent.iterdir()] == ["run"]
    assert not (earlier / "mark").exists()


def test_a_run_killed_after_the_exchange_stays(small_outcome, earlier):
    """With both in place the new one counts, and the earlier one is cleared away."""
    shutil.copytree(earlier, earlier.with_name(".run.old"))
    (earlier / "mark").write_text("new", encoding="utf-8")
    folders.check_target(earlier)
    assert (earlier / "mark").read_text(encoding="utf-8") == "new"
    assert [path.name for path in earlier.parent.iterdir()] == ["run"]


def test_somebody_elses_folder_of_that_name_is_not_removed(small_outcome, earlier):
    """What bears the name of a folder aside and is no run stays, and is named."""
    other = earlier.with_name(".run.old")
    other.mkdir()
    (other / "letter.txt").write_text("dear", encoding="utf-8")
    before = bytes_of(earlier)
    with pytest.raises(InputError, match="无法写入"):
        write_run(small_outcome, earlier, is_tables_only=True)
    assert bytes_of(earlier) == before
    assert bytes_of(other) == {"letter.txt": b"dear"}


def test_no_path_or_clock_is_written(small_run):
    """No file of a run names a folder of this machine."""
    for path in small_run.iterdir():
        if path.suffix != ".npz":
            text = path.read_text(encoding="utf-8-sig")
            assert str(small_run.parent) not in text, path.name
            assert "/tmp" not in text, path.name


def test_summary_adds_up(small_run):
    """Read = in grids + left out + quarantined; totals are the tables' sums."""
    told = json.loads((small_run / "summary.json").read_text(encoding="utf-8"))
    rest = sum(told["n_left_out"].values()) + told["n_quarantined"]
    assert told["n_read"] == told["n_eligible"] + rest
    budget = read_table(small_run / "budget.csv")
    assert told["total_yuan"] == budget["amount_yuan"].astype(int).sum()
    blocks = read_table(small_run / "blocks.csv")
    assert told["cost"] == blocks["cost"].astype(int).sum()


def test_certificates_survive_the_file(tmp_path):
    """Certificates of any shape come back equal, and the file has the same bytes."""
    one = Certificate(
        block_id="a-b", enterprise_ids=("x", "y"), least=1, most=2, target=2,
        n_grids=(1, 1), size_price=0, area_price=1, linkage_price=2, mover_price=3,
        pi=np.array([[5, -7], [1, 2]]), sigma=np.array([[9], [0]]),
        order=np.array([1, 0]), regions=np.array([[0, 2], [0, 1]]),
        steps=np.array([[1, 0], [-1, 1], [-1, 0]]), previous_ids=("a-b-01",),
        fixed=(("x", "a-b-01"),), forbidden=(), must_link=(("x", "y"),),
        cannot_link=(), cost=10, bound=None, mover_surcharge=7, mover_allotment=2,
        frozen=("a-b-01",),
    )  # fmt: skip
    for name in ("1.npz", "2.npz"):
        save_certificates([replace(one, block_id="a-a"), one], tmp_path / name)
    assert (tmp_path / "1.npz").read_bytes() == (tmp_path / "2.npz").read_bytes()
    back = load_certificates(tmp_path / "1.npz")[1]
    assert back.pi.tolist() == [[5, -7], [1, 2]]
    assert back.sigma.tolist() == [[9], [0]]
    assert back.order.tolist() == [1, 0]
    assert back.regions.tolist() == [[0, 2], [0, 1]]
    assert back.steps.tolist() == [[1, 0], [-1, 1], [-1, 0]]
    names = ("fixed", "must_link", "previous_ids", "n_grids", "bound", "cost")
    for name in (*names, "mover_surcharge", "mover_allotment", "frozen"):
        assert getattr(back, name) == getattr(one, name)


def test_unknown_is_empty_and_numbers_have_fixed_places(tmp_path):
    """Metres have one decimal, shares six, flags are 1 and 0, unknown is empty."""
    frame = pd.DataFrame(
        {
            "travel_m": [1.0, np.nan],
            "gap_share": pd.array([0.5, None], dtype="Float64"),
            "bound": pd.array([7, None], dtype="Int64"),
            "is_medoid": [True, False],
            "name": ['a "b", c', "一\n二"],
        }
    )
    write_table(frame, tmp_path / "t.csv")
    text = (tmp_path / "t.csv").read_text(encoding="utf-8-sig")
    assert text.split("\n", 1)[1] == ('1.0,0.500000,7,1,"a ""b"", c"\n,,,0,"一\n二"\n')


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "无法读取上期方案"),
        ("a,b\n1,2\n", "缺少列 enterprise_id 或 grid_id"),
        ("enterprise_id,grid_id\nx,g\nx,h\n", "出现不止一次"),
        ("enterprise_id,grid_id\nnobody,g\n", "无一在本期名录中"),
    ],
)
def test_a_bad_previous_plan_is_explained(
    small_register, small_scenario, tmp_path, content, words
):
    """A previous plan that is missing, of another shape or place, is refused."""
    path = tmp_path / "partition.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8-sig")
    with pytest.raises(InputError, match=words):
        run_scenario(small_register, small_scenario, read_previous(path))


@pytest.mark.parametrize("place", [".", "/"])
def test_no_folder_is_laid_over_the_one_it_stands_in(place):
    """Each language says it in its own words only."""
    with pytest.raises(InputError) as caught:
        folders.check_target(Path(place))
    assert "不能是当前目录或根目录本身。" in caught.value.message_zh
    assert caught.value.message_en.isascii()
