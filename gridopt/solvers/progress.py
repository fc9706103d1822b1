"""What somebody who waits for a cut can see: how far it is, and how good."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tqdm.auto import tqdm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from gridopt.problem import Problem
    from gridopt.solvers.result import Result

_BETWEEN_S = 0.2
_CUTTING = "网格划分"
_COMPILING = "首次运行，正在编译计算程序（约半分钟，仅此一次）"


@dataclass(frozen=True)
class Watch:
    """Somebody who waits for a cut elsewhere than at a terminal, as at a desk.

    Attributes
    ----------
    on_progress
        Told how many enterprises are done, of how many, and in Chinese how it stands.
    stop_file
        Once this file exists the cut ends with its best plan, marked `interrupted`.
    """

    on_progress: Callable[[int, int, str], None]
    stop_file: Path


class Progress:
    """A bar over all enterprises, with the gap of the block at work and of all done."""

    def __init__(
        self,
        problems: Sequence[Problem],
        is_shown: bool,
        watch: Watch | None = None,
    ) -> None:
        self._watch, self._n_firms = watch, 0
        self._total = sum(problem.n for problem in problems)
        self._bar = tqdm(
            total=self._total,
            desc=_CUTTING,
            unit="家",
            disable=not is_shown,
        )
        self._n_blocks, self._n_done = len(problems), 0
        self._cost = self._bound = 0
        self._shown_at = 0.0

    def __enter__(self) -> Progress:
        """Show the bar."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the bar as it stands."""
        self._bar.close()

    def say_compiling(self) -> None:
        """Say why nothing happens for a while."""
        self._bar.set_description(_COMPILING)
        self._bar.refresh()
        self._tell(_COMPILING)

    def say_compiled(self) -> None:
        """Say that the work itself begins."""
        self._bar.set_description(_CUTTING)
        self._bar.reset()

    def of_block(self, problem: Problem) -> Callable[[int, int], None]:
        """Show one block's gap while it is at work."""

        def tell(cost: int, bound: int) -> None:
            now = time.monotonic()
            if now - self._shown_at >= _BETWEEN_S:
                self._shown_at = now
                gap = _gap(cost, bound)
                self._show(f"；{problem.key}（{problem.n}家）差距 {gap:.2%}")
                self._bar.refresh()

        return tell

    def add(self, problem: Problem, result: Result | None) -> None:
        """Count a block as done."""
        self._n_done += 1
        if result is not None and result.bound is not None:
            self._cost += result.cost
            self._bound += result.bound
        self._n_firms += problem.n
        self._show("")
        # draws now and then: a line for each of thousands of blocks would cost more
        self._bar.update(problem.n)

    def _show(self, block: str) -> None:
        done = f"已完成 {self._n_done}/{self._n_blocks} 个划分单元"
        gap = f"，差距 {_gap(self._cost, self._bound):.2%}" if self._n_done else ""
        self._bar.set_postfix_str(done + gap + block, refresh=False)
        self._tell(done + gap + block)

    def _tell(self, words: str) -> None:
        if self._watch is not None:
            self._watch.on_progress(self._n_firms, self._total, words)


def _gap(cost: int, bound: int) -> float:
    return max(cost - bound, 0) / cost if cost else 0.0
