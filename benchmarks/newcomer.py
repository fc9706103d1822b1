"""From a fresh clone to three scenarios side by side, by the README's own commands.

Clones this folder as it is committed, takes the commands under the README's heading
and runs them as a newcomer would: with an empty home, and with the address that `lab`
tells opened, and all cells run, in a real browser. Where Chromium or playwright is
absent the cells run without one, which is said. Packages are fetched first and told
apart, as that depends on the network. Prints seconds; exits 1 where something fails or
takes too long:

    python benchmarks/newcomer.py
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from processes import (
    OF_THE_DEVELOPER,
    find_address,
    leave_out,
    move_in,
    read_log,
    started,
)
from visit import find_faults, visit, why_not

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[1]
HEADING = "## 五分钟：比较三个情景"
MOST_SECONDS = 300
PYTHON = getattr(sys, "_base_executable", "") or sys.executable
"""Not that of the developer's environment, which would lend its packages."""

FETCH = "import start; start.prepare(('notebook',))"
RUN_ALL = """
import sys, nbformat
from pathlib import Path
from nbclient import NotebookClient
path = Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
where = {"metadata": {"path": str(path.parent)}}
NotebookClient(notebook, kernel_name="python3", resources=where).execute()
nbformat.write(notebook, path)
"""


@dataclass(frozen=True)
class Place:
    """Where a newcomer works: the clone, the variables, what the commands tell."""

    clone: Path
    environment: Mapping[str, str]
    log: Path


def main() -> int:
    """Take the README's commands, time each in a fresh clone, and judge the sum."""
    # what was started is ended and the folder removed, as upon Ctrl+C
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(
        prefix="newcomer-", ignore_cleanup_errors=True
    ) as folder:
        try:
            total = arrive(Path(folder))
        except KeyboardInterrupt:
            return 130
    show(f"in all, without packages (limit {MOST_SECONDS} s)", total)
    return int(total >= MOST_SECONDS)


def arrive(folder: Path) -> float:
    """Clone, fetch packages, follow the README; give seconds without packages."""
    clone, log = folder / "gridopt", folder / "told.log"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    fetching = Place(clone, leave_out(OF_THE_DEVELOPER), log)
    show("packages, told apart", timed([PYTHON, "-c", FETCH], fetching))
    place = Place(clone, move_in(folder / "home"), log)
    commands = read_commands((clone / "README.md").read_text(encoding="utf-8"))
    names = [Path(word).stem for word in sum(commands, []) if word.endswith(".yaml")]
    total = 0.0
    for words in commands:
        command = [PYTHON, *words[1:]]
        is_lab = words[2] == "lab"
        seconds = timed_lab(command, place, names) if is_lab else timed(command, place)
        show(" ".join(words), seconds)
        total += seconds
    return total


def read_commands(text: str) -> list[list[str]]:
    r"""List the commands under the heading, as words.

    Examples
    --------
    >>> told = HEADING + "\n```\npython start.py lab a.ipynb  # x\n```\n## 用\n"
    >>> read_commands(told)
    [['python', 'start.py', 'lab', 'a.ipynb']]
    """
    section = text.split(HEADING, 1)[1].split("\n## ", 1)[0]
    lines = re.findall(r"^python start\.py .*$", section, flags=re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def timed(command: list[str], place: Place) -> float:
    """Run a command to its end; give seconds, or end where it fails."""
    began = time.perf_counter()
    with started(command, place.clone, place.environment, place.log) as process:
        status = process.wait()
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{read_log(place.log)}")
    return time.perf_counter() - began


def timed_lab(command: list[str], place: Place, names: list[str]) -> float:
    """Start JupyterLab, run the notebook that it opens, look; give seconds."""
    path = place.clone / next(word for word in command if word.endswith(".ipynb"))
    # the developer's own browser stays closed; JupyterLab refuses root unless told
    command = [*command, "--no-browser"]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")
    began = time.perf_counter()
    with started(command, place.clone, place.environment, place.log) as server:
        address = find_address(server, place.log)
        ended = see(address, path, place, names)
    faults = find_faults(json.loads(path.read_text(encoding="utf-8")), names)
    if faults:
        raise SystemExit(f"{path.name}: " + "; ".join(faults))
    return ended - began


def see(address: str, path: Path, place: Place, names: list[str]) -> float:
    """Run the notebook in a browser where there is one; give when all was there."""
    missing = why_not()
    if not missing:
        return visit(address, path, names)
    print(f"no browser: cells run without one ({missing})", flush=True)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    direct.open(address).close()
    folder = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    python = place.clone / ".venv" / folder
    beside = replace(place, log=place.log.with_name("cells.log"))
    timed([str(python), "-c", RUN_ALL, str(path)], beside)
    return time.perf_counter()


def show(words: str, seconds: float) -> None:
    """Print one line."""
    print(f"{seconds:8.1f} s  {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
