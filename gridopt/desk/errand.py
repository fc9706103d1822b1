"""One piece of work beside the page: the buttons stay alive, and one stops it."""

from __future__ import annotations

import shutil
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gridopt.errors import InputError
from gridopt.solvers import Watch

if TYPE_CHECKING:
    from collections.abc import Callable


class Errand:
    """Work in a thread of its own, told of and stopped through a `Watch`.

    Parameters
    ----------
    work
        Does it; whatever it raises becomes a sentence.
    on_progress
        Told what is done, of how much, and in words, as the work goes on.
    on_end
        Told, once and last, what went wrong, empty where nothing did.
    """

    def __init__(
        self,
        work: Callable[[Watch], None],
        on_progress: Callable[[int, int, str], None],
        on_end: Callable[[str], None],
    ) -> None:
        self._work, self._on_end = work, on_end
        self._folder = Path(tempfile.mkdtemp(prefix="gridopt-desk-"))
        self._watch = Watch(on_progress, self._folder / "stop")
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end soon."""
        with suppress(OSError):  # it may end, and its folder go, at this very moment
            self._watch.stop_file.touch()

    @property
    def is_running(self) -> bool:
        """Whether its work has not ended yet."""
        return self._thread.is_alive() and not self._has_ended.is_set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; tell whether it came."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        fault = ""
        try:
            self._work(self._watch)
        except BaseException as error:  # a panic of a compiled part is no Exception
            fault = word_fault(error)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._has_ended.set()
            self._on_end(fault)


def word_fault(error: BaseException) -> str:
    """Say what went wrong in Chinese and English: nobody reads a traceback at a desk.

    Examples
    --------
    >>> print(word_fault(ZeroDivisionError("x")))
    没有办成（ZeroDivisionError：x）。
    It could not be done (ZeroDivisionError: x).
    """
    if isinstance(error, InputError):
        return f"{error.message_zh}\n{error.message_en}"
    if isinstance(error, KeyboardInterrupt):
        return (
            "这一步已中断，原有结果未动。\n"
            "This step was interrupted; the results are as they were."
        )
    if isinstance(error, MemoryError):
        return (
            "内存不足，请关闭其他程序后重试。\nToo little memory: close other programs."
        )
    name = type(error).__name__
    return f"没有办成（{name}：{error}）。\nIt could not be done ({name}: {error})."
