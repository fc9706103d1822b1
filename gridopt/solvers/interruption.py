"""How somebody who waits can stop the work and still get valid plans."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType


@dataclass(frozen=True)
class StopFile:
    """A wish to stop that every process can see, whatever the operating system."""

    path: Path

    def __call__(self) -> bool:
        """Say whether somebody asked to stop."""
        return os.path.exists(self.path)

    def ask(self) -> None:
        """Ask everybody to stop with the best plan found so far."""
        with contextlib.suppress(OSError):
            self.path.touch()


@dataclass
class Waiting:
    """Where the work is that somebody waits for.

    Attributes
    ----------
    is_far
        Whether it is done where the stop file cannot be seen: a wish to stop then
        ends the wait, as a `KeyboardInterrupt`.
    """

    is_far: bool = False

    @contextlib.contextmanager
    def far(self) -> Iterator[None]:
        """Say that what follows is done elsewhere."""
        self.is_far = True
        try:
            yield
        finally:
            self.is_far = False


@contextlib.contextmanager
def interruptible(stop: StopFile, time_limit_s: float | None) -> Iterator[Waiting]:
    """Turn the first keyboard interrupt, or the end of time, into a wish to stop.

    The second interrupt kills.
    """
    waiting = Waiting()
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT) if is_main else None

    def answer(_signum: int, _frame: FrameType | None) -> None:
        stop.ask()
        signal.signal(signal.SIGINT, before)
        if waiting.is_far:
            raise KeyboardInterrupt

    def ring() -> None:
        stop.ask()
        if waiting.is_far and is_main:
            signal.raise_signal(signal.SIGINT)

    timer = threading.Timer(time_limit_s or 0, ring)
    timer.daemon = True
    if time_limit_s is not None:
        timer.start()
    if is_main:
        signal.signal(signal.SIGINT, answer)
    try:
        yield waiting
    finally:
        timer.cancel()
        if is_main:
            signal.signal(signal.SIGINT, before)
