"""Blocks are solved at once by any number of workers, with the same answers."""

from __future__ import annotations

import os
import signal
import tempfile
import threading

import numpy as np
import pytest

from gridopt.problem import Problem
from gridopt.solvers import Watch, schedule, solve_all


def make_problems(n_blocks=5):
    """Make a few blocks of different sizes."""
    rng = np.random.default_rng(7)
    sizes = [16, 45, 80, 33, 60][:n_blocks]
    return [
        Problem.of_points(f"block-{i}", rng.uniform(0, 50_000, (n, 2)))
        for i, n in enumerate(sizes)
    ]


@pytest.fixture
def always_pool(monkeypatch):
    """Start worker processes even for little work."""
    monkeypatch.setattr(schedule, "WORTH_A_POOL", 0)


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_do_not_change_the_answer(always_pool, workers):
    """One, two and four workers give equal plans, costs, bounds and duals."""
    problems = make_problems()
    alone = solve_all(problems, seed=3, workers=1)
    together = solve_all(problems, seed=3, workers=workers)
    for one, other in zip(alone, together, strict=True):
        assert one.result is not None
        assert other.result is not None
        assert one.result.labels.tolist() == other.result.labels.tolist()
        assert one.result.medoids.tolist() == other.result.medoids.tolist()
        assert one.result.tree.pi.tolist() == other.result.tree.pi.tolist()
        for name in ("cost", "bound", "status", "method", "work"):
            assert getattr(one.result, name) == getattr(other.result, name)


def test_a_temporary_folder_may_have_a_chinese_name(always_pool, monkeypatch, tmp_path):
    """Workers start for whoever has a user name, and so a folder, beyond ASCII."""
    folder = tmp_path / "张三"
    folder.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP", "JOBLIB_TEMP_FOLDER"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    problems = make_problems(2)
    alone = solve_all(problems, workers=1)
    together = solve_all(problems, workers=2)
    assert [run.result.cost for run in alone] == [run.result.cost for run in together]


def test_results_come_back_in_the_order_given():
    """The biggest block is solved first, but answers keep their places."""
    problems = make_problems()
    runs = solve_all(problems)
    assert [len(run.result.labels) for run in runs] == [p.n for p in problems]


def test_clashes_come_back_from_workers(always_pool):
    """A block whose wishes contradict each other does not stop the others."""
    good, *_ = make_problems(1)
    points = np.random.default_rng(1).uniform(0, 9000, (40, 2))
    pair = np.array([[0, 1]])
    bad = Problem.of_points("bad", points, must_link=pair, cannot_link=pair)
    runs = solve_all([good, bad], workers=2)
    assert runs[0].result is not None
    assert runs[1].result is None
    assert runs[1].clashes[0].enterprises == (0, 1)


@pytest.mark.skipif(os.name == "nt", reason="signals to oneself differ on Windows")
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_ends_with_valid_plans(always_pool, workers):
    """Ctrl-C while blocks are solved: every block still gets a plan in its band."""
    rng = np.random.default_rng(2)
    problems = [
        Problem.of_points(f"big-{i}", rng.uniform(0, 90_000, (700, 2)))
        for i in range(3)
    ]
    timer = threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        runs = solve_all(problems, workers=workers)
    finally:
        timer.cancel()
    for run in runs:
        sizes = np.bincount(run.result.labels)
        assert sizes.min() >= 15
        assert sizes.max() <= 25
    assert "interrupted" in {run.result.status for run in runs}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_watch_is_told_and_may_stop(always_pool, workers, tmp_path):
    """A watch hears of every block done; its file, once there, ends all blocks."""
    told = []
    watch = Watch(lambda *words: told.append(words), tmp_path / "stop")
    problems = make_problems()
    plain = solve_all(problems, workers=workers)
    watched = solve_all(problems, workers=workers, watch=watch)
    assert [run.result.cost for run in watched] == [run.result.cost for run in plain]
    done = [n_done for n_done, _, _ in told]
    assert done == sorted(done)
    assert told[-1][:2] == (234, 234)
    assert "5/5" in told[-1][2]
    watch.stop_file.touch()
    stopped = solve_all(problems, workers=workers, watch=watch)
    assert {run.result.status for run in stopped[1:]} == {"interrupted"}
