"""Machine code is kept where it can be, and its absence is told, never fatal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gridopt.problem import Problem
from gridopt.solvers import compiling, schedule, solve_all
from gridopt.solvers.progress import Progress

ROOT = Path(__file__).parents[1]

FEW = """\
from gridopt.solvers import clustering, compiling
import numpy as np
apart = np.array([[0.0, 1, 5], [1, 0, 5], [5, 5, 0]])
merges = np.zeros((2, 2), dtype=np.int64)
clustering.merge_nearest(apart, merges)
print(merges.tolist(), compiling.FOLDER, len(clustering.merge_nearest.stats.cache_hits))
"""


def refuse(*folders):
    """Let no folder be made in these: a stand-in for a folder that is read-only."""
    made = Path.mkdir

    def mkdir(path, *args, **kwargs):
        if any(path.is_relative_to(folder) for folder in folders):
            raise PermissionError(13, "Permission denied", str(path))
        made(path, *args, **kwargs)

    return mkdir


@pytest.fixture
def homes(monkeypatch, tmp_path):
    """Folders of a user of her own, none of which is there yet."""
    for name in ("NUMBA_CACHE_DIR", "LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    return tmp_path


def test_a_read_only_install_keeps_code_in_the_user_s_own_folder(homes, monkeypatch):
    """Where the package's folder cannot be written, the user's cache is taken."""
    monkeypatch.setattr(Path, "mkdir", refuse(ROOT))
    folder = compiling._find_folder()
    assert folder is not None
    assert folder.parent == homes / "home" / ".cache" / "gridopt"
    monkeypatch.setenv("XDG_CACHE_HOME", str(homes / "cache"))
    assert compiling._find_folder().parent == homes / "cache" / "gridopt"


def test_a_folder_asked_for_comes_first(homes, monkeypatch):
    """NUMBA_CACHE_DIR is honoured before anything else."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(homes / "asked"))
    assert compiling._find_folder().parent == homes / "asked"


def test_nowhere_to_write_is_no_fault(homes, monkeypatch):
    """Where nothing at all can be written, code is compiled in each process."""
    monkeypatch.setattr(Path, "mkdir", refuse(ROOT, homes))
    assert compiling._find_folder() is None
    monkeypatch.setattr(compiling, "FOLDER", None)
    compiling.note_ready()

    @compiling.kernel
    def double(x):
        return x + x

    assert double(21) == 42
    assert compiling.is_ready() == compiling._is_plain()


def test_nobody_s_home_is_no_fault(homes, monkeypatch):
    """A user without a home still has the package's folder or none."""

    def fail():
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", fail)
    monkeypatch.setattr(Path, "mkdir", refuse(ROOT))
    assert compiling._find_folder() is None


def test_code_of_earlier_versions_is_removed(homes, monkeypatch):
    """In the package's own folder only the newest code is kept."""
    monkeypatch.setattr(compiling, "_ROOM", homes / "room")
    base = homes / "room" / "__pycache__"
    (base / "kernels-old").mkdir(parents=True)
    (homes / "problem.py").write_text("", encoding="utf-8")
    folder = compiling._find_folder()
    assert [path.name for path in base.iterdir()] == [folder.name]


@pytest.mark.skipif(compiling._is_plain(), reason="nothing is compiled")
def test_two_processes_may_compile_at_once(tmp_path):
    """Processes that find nothing kept compile side by side, and a third loads."""
    environment = {
        **os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT),
    }  # fmt: skip

    def begin():
        return subprocess.Popen(
            [sys.executable, "-c", FEW],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def told(process):
        out, _ = process.communicate()
        assert process.returncode == 0
        return out

    both = [begin(), begin()]
    first, second = (told(process) for process in both)
    assert first[:16] == second[:16] == "[[0, 1], [3, 2]]"
    assert told(begin()).rstrip().endswith(" 1")


def make_problem(n=40):
    """Make a block that needs a few steps."""
    places = np.random.default_rng(3).uniform(0, 9000, (n, 2))
    return Problem.of_points("331083001-industry", places)


@pytest.fixture
def shown(monkeypatch, capsys):
    """What a user sees, every change of it, none left out for its haste."""
    monkeypatch.setattr("gridopt.solvers.progress._BETWEEN_S", 0.0)
    return lambda: capsys.readouterr().err


def test_a_first_run_says_that_it_compiles(shown, monkeypatch):
    """Before any block is cut the line says why nothing happens, and for how long."""
    monkeypatch.setattr(schedule, "is_ready", lambda: False)
    solve_all([make_problem()], is_shown=True)
    text = shown()
    assert "首次运行，正在编译计算程序（约半分钟，仅此一次）" in text
    assert text.index("正在编译") < text.rindex("网格划分") < text.rindex("已完成 1/1")


def test_a_later_run_says_nothing_of_compiling(shown, monkeypatch):
    """Once code is kept the line begins with the work itself."""
    monkeypatch.setattr(schedule, "is_ready", lambda: True)
    solve_all([make_problem()], is_shown=True)
    assert "编译" not in shown()


def test_the_gap_is_live(shown):
    """While a block is at work its name, size and shrinking gap are shown."""
    problem = make_problem()
    with Progress([problem], is_shown=True) as progress:
        progress._bar.mininterval = 0
        tell = progress.of_block(problem)
        for bound in (900, 990):
            tell(1000, bound)
    text = shown()
    assert "已完成 0/1 个划分单元；331083001-industry（40家）差距 10.00%" in text
    assert "（40家）差距 1.00%" in text


def test_a_solver_at_work_feeds_the_gap(monkeypatch):
    """What is told while a block is cut: costs fall, bounds rise, and they meet."""
    told = []
    monkeypatch.setattr(
        Progress, "of_block", lambda self, problem: lambda *pair: told.append(pair)
    )
    (run,) = solve_all([make_problem(120)])
    assert len(told) >= 2
    costs, bounds = zip(*told, strict=True)
    assert list(costs) == sorted(costs, reverse=True)
    assert all(bound <= run.result.cost for bound in bounds)


def test_nothing_is_shown_unasked(shown):
    """Without being asked to, nothing is written to the terminal."""
    solve_all([make_problem()])
    assert shown() == ""
