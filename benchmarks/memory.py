"""How much memory a process, or a command and all below it, takes at its highest."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import psutil

_BETWEEN_S = 0.02


def peak_mb() -> float:
    """Highest resident set of this process in MB, imports included."""
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return psutil.Process().memory_info().peak_wset / 2**20
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def watch(
    command: Sequence[str], size: Callable[[list[psutil.Process]], float]
) -> tuple[float, float]:
    """Run a command; give seconds and the greatest size of its processes.

    Raises
    ------
    SystemExit
        Where the command ends with a status other than 0.
    """
    import psutil

    began = time.perf_counter()
    process = psutil.Popen(list(command), stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, size([process, *_descendants(process)]))
        time.sleep(_BETWEEN_S)
    if process.returncode:
        raise SystemExit(f"gridopt ended with status {process.returncode}")
    return time.perf_counter() - began, peak


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    """List the processes below one; none where it has just ended."""
    import psutil

    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []
