"""How many blocks are solved at once, and where: blocks are independent.

joblib alone stands between blocks and engine: processes of this machine, or the
workers of a dask cluster, by the same call.
"""

from __future__ import annotations

import contextlib
import signal
import tempfile
import time
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from joblib import Parallel, delayed

from gridopt.solvers.contradictions import Contradiction
from gridopt.solvers.interruption import StopFile, interruptible
from gridopt.solvers.places import cluster, processes
from gridopt.solvers.progress import Progress
from gridopt.solvers.solve import Effort, solve
from gridopt.solvers.warming import is_ready, warm_up

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gridopt.problem import Problem
    from gridopt.solvers.contradictions import Clash
    from gridopt.solvers.progress import Watch
    from gridopt.solvers.result import Result

    _How = tuple[int, Effort | None]

WORTH_A_POOL = 60_000
"""Sum of n^1.5 from which the start of worker processes pays (some ten seconds)."""


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


def solve_all(
    problems: Sequence[Problem],
    *,
    seed: int = 0,
    effort: Effort | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    is_shown: bool = False,
    time_limit_s: float | None = None,
    watch: Watch | None = None,
) -> list[Run]:
    """Solve independent blocks, the biggest first, and give them back in order.

    Each block is solved alone, by one thread, from a seed of its own: the results
    are the same for any number of workers, here or on a cluster. A keyboard interrupt
    makes every block that is not finished end with its best plan so far, marked
    `interrupted`.

    Parameters
    ----------
    effort
        Work allowed to each block, see `solve`.
    workers
        Number of processes; small work is done in this one.
    scheduler
        Address of a dask scheduler whose workers do the work, in place of processes.
    is_shown
        Show progress on standard error.
    time_limit_s
        Seconds after which to stop as at a keyboard interrupt: an emergency brake,
        not a setting, for the plan then depends on the machine.
    watch
        Who else is told how it stands, and may stop it.

    Raises
    ------
    InputError
        Where there is no scheduler at the address, or dask is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from gridopt.problem import Problem
    >>> row = np.column_stack([np.arange(4) * 10, np.zeros(4)])
    >>> problem = Problem.of_points("toy", row, least=2, most=2, target=2)
    >>> solve_all([problem])[0].result.cost
    20
    """
    found: dict[int, Run] = {}
    how = seed, effort
    order = sorted(range(len(problems)), key=lambda i: (-problems[i].n, i))
    is_small = sum(problem.n**1.5 for problem in problems) < WORTH_A_POOL
    with (
        tempfile.TemporaryDirectory(prefix="gridopt-") as folder,
        Progress(problems, is_shown, watch) as progress,
    ):
        stop = StopFile(watch.stop_file if watch else Path(folder) / "stop")
        with interruptible(stop, time_limit_s) as waiting:
            _make_ready(progress)
            if scheduler is not None:
                with cluster(scheduler), waiting.far():
                    _spread(problems, order, how, None, found, progress)
            elif workers > 1 and not is_small:
                with processes(workers):
                    _spread(problems, order, how, stop, found, progress)
            # what no worker has done is done here: the answers are the same
            for i in order:
                if i not in found:
                    tell = progress.of_block(problems[i])
                    found[i] = _solve_one(problems[i], how, stop, tell)
                    progress.add(problems[i], found[i].result)
    return [found[i] for i in range(len(problems))]


def _make_ready(progress: Progress) -> None:
    """Compile before any worker starts, so that they load what is kept."""
    if not is_ready():
        progress.say_compiling()
        warm_up()
        progress.say_compiled()


def _spread(
    problems: Sequence[Problem],
    order: Sequence[int],
    how: _How,
    stop: StopFile | None,
    found: dict[int, Run],
    progress: Progress,
) -> None:
    """Solve in the workers of the surrounding joblib configuration."""
    # a keyboard interrupt kills a worker that is not yet at work, too little memory
    # kills any, a network fails: what is missing then is done by this process
    with contextlib.suppress(
        BrokenProcessPool, KeyboardInterrupt, CancelledError, OSError
    ):
        # a problem goes in a tuple: joblib would keep a bare one on one worker of a
        # cluster only, and lose it with that worker
        tasks = (delayed(_solve_far)(i, (problems[i],), how, stop) for i in order)
        for i, run in Parallel(return_as="generator_unordered")(tasks):
            found[i] = run
            progress.add(problems[i], run.result)


def _solve_far(
    i: int, packed: tuple[Problem], how: _How, stop: StopFile | None
) -> tuple[int, Run]:
    if stop is not None:
        # the parent alone answers the keyboard; it asks us through the stop file
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return i, _solve_one(packed[0], how, stop, None)


def _solve_one(
    problem: Problem,
    how: _How,
    stop: Callable[[], bool] | None,
    tell: Callable[[int, int], None] | None,
) -> Run:
    began = time.perf_counter()
    try:
        result = solve(
            problem,
            seed=how[0],
            effort=how[1],
            should_stop=stop,
            on_progress=tell,
        )
    except Contradiction as fault:
        return Run(None, fault.clashes, time.perf_counter() - began)
    return Run(result, (), time.perf_counter() - began)
