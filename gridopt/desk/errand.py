"""One piece of work beside the page: the buttons stay alive, and one stops it."""

from __future__ import annotations

import shutil
import tempfile
import threading
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
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end soon."""
        if self._folder.is_dir():
            self._watch.stop_file.touch()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread.is_alive()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; tell whether it came."""
        self._thread.join(timeout_s)
        return not self.is_running

    def _run(self) -> None:
        fault = ""
        try:
            self._work(self._watch)
        except InputError as error:
            fault = f"{error.message_zh}\n{error.message_en}"
        except Exception as error:  # nobody reads a traceback at a desk
            fault = (
                f"没有算成（{type(error).__name__}：{error}）。\n"
                f"It could not be done ({type(error).__name__}: {error})."
            )
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._on_end(fault)
