"""Time and memory of the main job: `gridopt run` on the shipped register.

Prints seconds and the highest resident set of any process, workbook and report
included, and exits 1 where a limit is passed:

    python benchmarks/run.py [--workers N] [--runs N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import psutil
from memory import watch

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = ROOT / "scenarios" / "yuhuan-2022.yaml"
MOST_SECONDS = 30
MOST_MEGABYTES = 600


def main() -> int:
    """Run the main job a few times and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=psutil.cpu_count() or 1)
    parser.add_argument("--runs", type=int, default=3)
    told = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(told.runs):
            rows.append(measure(Path(folder) / "run", told.workers))
    print(f"gridopt run {SCENARIO.name}, {told.workers} workers, {told.runs} runs")
    print(f"{'seconds':>10} {'peak MB':>10}   (limits {MOST_SECONDS} s, "
          f"{MOST_MEGABYTES} MB)")  # fmt: skip
    for seconds, megabytes in rows:
        print(f"{seconds:10.1f} {megabytes:10.0f}")
    is_slow = sorted(seconds for seconds, _ in rows)[len(rows) // 2] >= MOST_SECONDS
    is_big = max(megabytes for _, megabytes in rows) >= MOST_MEGABYTES
    return int(is_slow or is_big)


def measure(out: Path, workers: int) -> tuple[float, float]:
    """Run once; give seconds and the highest resident set of any process, MB."""
    command = [sys.executable, "-m", "gridopt", "run", str(SCENARIO)]
    command += ["--out", str(out), "--workers", str(workers)]
    return watch(command, lambda running: max(map(resident_mb, running)))


def resident_mb(process: psutil.Process) -> float:
    """Resident set so far, the peak where the system keeps it, MB."""
    try:
        told = process.memory_info()
    except psutil.Error:
        return 0.0
    highest = getattr(told, "peak_wset", told.rss)
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                highest = max(highest, int(line.split()[1]) * 1024)
    return highest / 1e6


if __name__ == "__main__":
    sys.exit(main())
