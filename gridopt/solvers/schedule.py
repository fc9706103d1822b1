"""How many blocks are solved at once: blocks are independent, so any number may be."""

from __future__ import annotations

import contextlib
import signal
import tempfile
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

# not joblib.Parallel: it needs a temporary folder with a name of ASCII letters alone,
# which somebody with a Chinese user name may not have
from joblib.externals.loky import ProcessPoolExecutor
from tqdm.auto import tqdm

from gridopt.solvers.contradictions import Contradiction
from gridopt.solvers.solve import solve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from gridopt.problem import Problem
    from gridopt.solvers.contradictions import Clash
    from gridopt.solvers.result import Result

_WORTH_A_POOL = 40_000
"""Sum of n^1.5 from which the start of worker processes pays (about six seconds)."""
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
"""Environment of a worker: threads inside one would only fight over the cores."""


@dataclass(frozen=True)
class Run:
    """What came of one block: a result, or the wishes that contradict each other.

    Attributes
    ----------
    result
        The plan; None where the wishes leave no plan.
    clashes
        The contradictions, empty where there is a result.
    runtime_s
        Seconds it took.
    """

    result: Result | None
    clashes: tuple[Clash, ...]
    runtime_s: float


@dataclass(frozen=True)
class StopFile:
    """A wish to stop that every process can see, whatever the operating system."""

    path: Path

    def __call__(self) -> bool:
        """Say whether somebody asked to stop."""
        return self.path.exists()

    def ask(self) -> None:
        """Ask everybody to stop with the best plan found so far."""
        with contextlib.suppress(OSError):
            self.path.touch()


def solve_all(
    problems: Sequence[Problem],
    *,
    seed: int = 0,
    workers: int = 1,
    is_shown: bool = False,
    time_limit_s: float | None = None,
) -> list[Run]:
    """Solve independent blocks, the biggest first, and give them back in order.

    Each block is solved alone, by one thread, from a seed of its own: the results
    are the same for any number of workers. A keyboard interrupt makes every block
    that is not finished end with its best plan so far, marked `interrupted`.

    Parameters
    ----------
    workers
        Number of processes; small work is done in this one.
    is_shown
        Show progress on standard error.
    time_limit_s
        Seconds after which to stop as at a keyboard interrupt: an emergency brake,
        not a setting, for the plan then depends on the machine.

    Examples
    --------
    >>> import numpy as np
    >>> from gridopt.problem import Problem
    >>> row = np.column_stack([np.arange(4) * 10, np.zeros(4)])
    >>> problem = Problem.of_points("toy", row, least=2, most=2, target=2)
    >>> solve_all([problem])[0].result.cost
    20
    """
    order = sorted(range(len(problems)), key=lambda i: (-problems[i].n, i))
    workers = min(workers, len(problems))
    if sum(problem.n**1.5 for problem in problems) < _WORTH_A_POOL:
        workers = 1
    with tempfile.TemporaryDirectory(prefix="gridopt-") as folder:
        stop = StopFile(Path(folder) / "stop")
        with _interrupt_asks(stop), _clock_asks(stop, time_limit_s):
            ordered = [problems[i] for i in order]
            runs = _run(ordered, seed, workers, stop, is_shown)
    found: dict[int, Run] = dict(zip(order, runs, strict=True))
    return [found[i] for i in range(len(problems))]


def _run(
    problems: list[Problem], seed: int, workers: int, stop: StopFile, is_shown: bool
) -> list[Run]:
    with tqdm(
        total=sum(problem.n for problem in problems),
        desc="网格划分",
        unit="家",
        disable=not is_shown,
    ) as bar:
        runs: list[Run] = []
        if workers > 1:
            runs += _run_in_pool(problems, seed, workers, stop, bar)
        for problem in problems[len(runs) :]:
            runs.append(_advance(bar, problem, _solve_one(problem, seed, stop, False)))
        return runs


def _run_in_pool(
    problems: list[Problem], seed: int, workers: int, stop: StopFile, bar: tqdm
) -> list[Run]:
    """Solve in worker processes; where one of them is lost, give back what is done."""
    runs: list[Run] = []
    # a keyboard interrupt kills a worker that is not yet at work, too little
    # memory kills any: this process then does the rest, the answers are the same
    with (
        contextlib.suppress(BrokenProcessPool, KeyboardInterrupt),
        ProcessPoolExecutor(workers, env=_ONE_THREAD) as pool,
    ):
        words = repeat(seed), repeat(stop), repeat(True)
        answers = pool.map(_solve_one, problems, *words)
        for problem, run in zip(problems, answers, strict=True):
            runs.append(_advance(bar, problem, run))
    return runs


def _advance(bar: tqdm, problem: Problem, run: Run) -> Run:
    bar.update(problem.n)
    return run


def _solve_one(problem: Problem, seed: int, stop: StopFile, is_worker: bool) -> Run:
    if is_worker:
        # the parent alone answers the keyboard; it asks us through the stop file
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    began = time.perf_counter()
    try:
        result = solve(problem, seed=seed, should_stop=stop)
    except Contradiction as fault:
        return Run(None, fault.clashes, time.perf_counter() - began)
    return Run(result, (), time.perf_counter() - began)


@contextlib.contextmanager
def _interrupt_asks(stop: StopFile) -> Iterator[None]:
    """Turn the first keyboard interrupt into a wish to stop; the second one kills."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def answer(_signum: int, _frame: FrameType | None) -> None:
        stop.ask()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, answer)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _clock_asks(stop: StopFile, time_limit_s: float | None) -> Iterator[None]:
    """Turn the end of the time allowed into a wish to stop."""
    if time_limit_s is None:
        yield
        return
    timer = threading.Timer(time_limit_s, stop.ask)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
