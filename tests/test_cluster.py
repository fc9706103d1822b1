"""Blocks solved on a dask cluster: the same answers, also when a worker is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import ClassVar

import numpy as np
import pytest

from gridopt import cli
from gridopt.errors import InputError
from gridopt.problem import Problem
from gridopt.solvers import places, solve_all

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def alone():
    """Blocks, and what they come to in this process alone."""
    rng = np.random.default_rng(7)
    problems = [
        Problem.of_points(f"block-{i}", rng.uniform(0, 50_000, (n, 2)))
        for i, n in enumerate([45, 80, 120, 33, 150, 60, 90, 140])
    ]
    return problems, solve_all(problems, seed=3)


def start_cluster(n_workers, **how):
    """Start a cluster on this machine; dask asserts that it is up in ten seconds."""
    for _ in range(2):
        with contextlib.suppress(AssertionError):
            return distributed.LocalCluster(
                n_workers=n_workers, dashboard_address=None, silence_logs=50, **how
            )
    pytest.skip("this machine is too busy: no thread starts within ten seconds")


@pytest.fixture
def two_workers(tmp_path):
    """A cluster of two worker processes on this machine."""
    folder = str(tmp_path)
    with start_cluster(
        2, threads_per_worker=1, processes=True, local_directory=folder
    ) as cluster:
        yield cluster


def assert_same(alone, together):
    """Plans, proofs and costs are equal, block by block."""
    for one, other in zip(alone, together, strict=True):
        for name in ("labels", "medoids", "grid_labels"):
            mine, theirs = getattr(one.result, name), getattr(other.result, name)
            assert mine.tolist() == theirs.tolist()
        for name in ("pi", "sigma", "order", "regions", "steps"):
            mine, theirs = (
                getattr(one.result.tree, name),
                getattr(other.result.tree, name),
            )
            assert mine.tolist() == theirs.tolist()
        for name in ("cost", "bound", "status", "method", "work"):
            assert getattr(one.result, name) == getattr(other.result, name)


def test_a_cluster_does_not_change_the_answer(alone, two_workers):
    """Two workers of a cluster give the plans, bounds and duals of one process."""
    problems, runs = alone
    address = two_workers.scheduler_address
    assert_same(runs, solve_all(problems, seed=3, scheduler=address))


def kill_one_at_work(address, killed):
    """Kill a worker process that has work in hand, as too little memory would."""
    with distributed.Client(address, set_as_default=False) as client:
        pids = client.run(os.getpid)
        for _ in range(600):
            busy = [worker for worker, keys in client.processing().items() if keys]
            if busy:
                time.sleep(0.5)
                os.kill(pids[busy[0]], signal.SIGKILL)
                killed.append(pids[busy[0]])
                return
            time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no SIGKILL")
def test_a_killed_worker_does_not_change_the_answer(alone, two_workers):
    """Blocks that a killed worker had in hand are solved by others, alike."""
    problems, runs = alone
    address, killed = two_workers.scheduler_address, []
    reaper = threading.Thread(target=kill_one_at_work, args=(address, killed))
    reaper.start()
    together = solve_all(problems, seed=3, scheduler=address)
    reaper.join()
    assert len(killed) == 1
    assert_same(runs, together)


def test_a_cluster_that_goes_away_is_done_without(alone, two_workers):
    """When the whole cluster ends on the way, this process does what is left."""
    problems, runs = alone
    timer = threading.Timer(1.0, two_workers.close)
    timer.start()
    together = solve_all(problems, seed=3, scheduler=two_workers.scheduler_address)
    timer.join()
    assert_same(runs, together)


ADDRESSES = (
    "tcp://127.0.0.1:1", "127.0.0.1:1", "nonsense", "", "tcp://", "tcp://127.0.0.1:x",
    "tcp://127.0.0.1:99999", "http://127.0.0.1:80", "tls://127.0.0.1:1", "inproc://x",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_bad_address_is_named(address, monkeypatch):
    """Whatever is wrong with an address, the words name it and what to do."""
    monkeypatch.setattr(places, "_PATIENCE_S", 0.5)
    with pytest.raises(InputError) as fault:
        solve_all([], scheduler=address)
    assert f"“{address}”" in fault.value.message_zh
    assert "--workers" in fault.value.message_zh
    assert "tcp://10.0.0.5:8786" in fault.value.message_en
    assert "(): " not in fault.value.message_en


def test_a_scheduler_without_workers_is_named():
    """A scheduler that nobody works for is told at once, not waited for."""
    with (
        start_cluster(0) as cluster,
        pytest.raises(InputError, match="no workers"),
    ):
        solve_all([], scheduler=cluster.scheduler_address)


class Unready(distributed.Client):
    """A client whose thread is late twice, and which does not end cleanly."""

    made: ClassVar[list[distributed.Client]] = []

    def __init__(self, *words, **how):
        self.made.append(self)
        if len(self.made) < 3:
            raise AssertionError
        super().__init__(*words, **how)

    def close(self, *words, **how):
        was = getattr(self, "status", "")
        super().close(*words, **how)
        if was == "running":
            raise AssertionError


def test_a_busy_machine_is_asked_again(monkeypatch):
    """A thread of dask that starts late or ends badly hides nothing of the cluster."""
    monkeypatch.setattr(Unready, "made", [])
    with start_cluster(0) as cluster:
        monkeypatch.setattr(distributed, "Client", Unready)
        with pytest.raises(InputError, match="no workers"):
            solve_all([], scheduler=cluster.scheduler_address)
    assert len(Unready.made) == 3


class Kept(distributed.Client):
    """A client that is known of although it could not be made."""

    made: ClassVar[list[distributed.Client]] = []

    def __init__(self, *words, **how):
        self.made.append(self)
        super().__init__(*words, **how)


def test_a_client_that_fails_is_closed_at_once(monkeypatch):
    """None is left for the sweeping of memory, which may hold the lock it needs."""
    monkeypatch.setattr(Kept, "made", [])
    monkeypatch.setattr(distributed, "Client", Kept)
    with pytest.raises(InputError, match="unknown address scheme"):
        solve_all([], scheduler="http://127.0.0.1:80")
    assert [client.status for client in Kept.made] == ["closed"]


def test_without_dask_the_words_say_what_to_install(monkeypatch):
    """Who has no dask is told how to get it, and that it is not needed."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"gridopt\[cluster\]"):
        solve_all([], scheduler="tcp://127.0.0.1:1")


def test_the_command_line_ends_in_words(
    monkeypatch, capsys, tmp_path, small_register_file
):
    """`gridopt run --scheduler` at a bad address: a sentence, status 2, no run."""
    scenario = tmp_path / "small.yaml"
    scenario.write_text(
        "title: 集群\nbasis: P5\ndate: 2025-12-31\nregister:\n"
        f"  file: {small_register_file}\n  coordinates: gcj02\n"
        '  industry_edition: "2017"\n',
        encoding="utf-8",
    )
    words = ["run", scenario, "--scheduler", "tcp://127.0.0.1:1", "--out"]
    monkeypatch.setattr(places, "_PATIENCE_S", 0.5)
    monkeypatch.setattr(sys, "argv", ["gridopt", *map(str, words), str(tmp_path / "o")])
    with pytest.raises(SystemExit) as end:
        cli.main()
    told = capsys.readouterr().err
    assert end.value.code == cli.BAD_INPUT
    assert "没有应答" in told
    assert "Traceback" not in told
    assert not (tmp_path / "o").exists()
