"""How a command is started as on a machine that never saw the project, and ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

OF_THE_DEVELOPER = ("PYTHON", "VIRTUAL_ENV", "CONDA")
OF_THE_USER = ("NUMBA", "JUPYTER", "IPYTHON", "MPL", "XDG_")
HOMES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
ADDRESS = re.compile(r"(http://(?:localhost|127\.0\.0\.1):\d+/\S*)\s")
START_S = 120
PATIENCE_S = 15
"""How long a program may take to end, after each of the signals."""


def leave_out(names: tuple[str, ...]) -> dict[str, str]:
    """Give this machine's variables without those that begin so."""
    told = os.environ.items()
    return {key: value for key, value in told if not key.upper().startswith(names)}


def move_in(home: Path) -> dict[str, str]:
    """Give the variables of a user whose home is an empty folder.

    Neither compiled kernels nor a list of fonts nor settings of JupyterLab that lie
    on this machine already are then found.
    """
    home.mkdir()
    kept = leave_out(OF_THE_DEVELOPER + OF_THE_USER)
    return {**kept, **dict.fromkeys(HOMES, str(home))}


@contextmanager
def started(
    command: list[str], home: Path, environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen]:
    """Start a command that ends with the block, whatever happens in it."""
    with log.open("wb") as told:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            end_all(process)


def end_all(process: subprocess.Popen) -> None:
    """End a program and what it started; one that is gone already is no fault.

    First by Ctrl+C, as a user would: JupyterLab then ends its kernels. Where it must
    be killed they see that it is gone, and end within a second.
    """
    if os.name == "nt":
        tree = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(tree, check=False, capture_output=True)
    else:
        for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if not is_gone(process):
                os.killpg(process.pid, kind)
                wait_until_gone(process)
    process.wait()


def wait_until_gone(process: subprocess.Popen) -> None:
    """Wait for a program and its group, but not for ever."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and not is_gone(process):
        time.sleep(0.05)


def is_gone(process: subprocess.Popen) -> bool:
    """Tell whether nothing is left of a program's group, where groups are known."""
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):  # the latter on macOS, for the dead
        return True
    return False


def find_address(process: subprocess.Popen, log: Path) -> str:
    """Wait for the address, with its token, that JupyterLab tells in the terminal."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        found = ADDRESS.search(read_log(log))
        if found:
            return found[1]
        time.sleep(0.1)
    raise SystemExit(f"JupyterLab did not start:\n{read_log(log)}")


def read_log(log: Path) -> str:
    """Read what a program told, in whatever letters its terminal has."""
    return log.read_text(encoding="utf-8", errors="replace")
