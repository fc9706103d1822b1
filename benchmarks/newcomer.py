"""From a fresh clone to three scenarios side by side, by the README's own commands.

Clones this folder, takes the commands under the README's heading, and runs them as a
newcomer would, the notebook that `lab` opens included (every cell, as Run All does).
Packages are fetched first and told apart, as that depends on the network. Prints
seconds and exits 1 where a command fails or the limit is passed:

    python benchmarks/newcomer.py
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADING = "## 五分钟：比较三个情景"
MOST_SECONDS = 300
START_SECONDS = 120

FETCH = "import start; start.prepare(('notebook',))"
RUN_ALL = """
import sys, nbformat
from pathlib import Path
from nbclient import NotebookClient
path = Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
where = {"metadata": {"path": str(path.parent)}}
NotebookClient(notebook, kernel_name="python3", resources=where).execute()
print(sum(cell.cell_type == "code" for cell in notebook.cells), "cells")
"""


def main() -> int:
    """Take the README's commands, time each in a fresh clone, and judge the sum."""
    commands = read_commands((ROOT / "README.md").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="newcomer-") as folder:
        home = Path(folder) / "gridopt"
        clone = ["git", "clone", "--quiet", str(ROOT), str(home)]
        subprocess.run(clone, check=True)
        show("packages, told apart", timed([sys.executable, "-c", FETCH], home))
        total = 0.0
        for words in commands:
            seconds = follow(words, home)
            show(" ".join(words), seconds)
            total += seconds
    show(f"in all, without packages (limit {MOST_SECONDS} s)", total)
    return int(total >= MOST_SECONDS)


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


def follow(words: list[str], home: Path) -> float:
    """Do what one command says; give seconds."""
    command = [sys.executable, *words[1:]]
    if words[2] != "lab":
        return timed(command, home)
    began = time.perf_counter()
    wait_for_lab(command, home)
    place = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    python = home / ".venv" / place
    notebook = home / next(word for word in words if word.endswith(".ipynb"))
    timed([str(python), "-c", RUN_ALL, str(notebook)], home)
    return time.perf_counter() - began


def wait_for_lab(command: list[str], home: Path) -> None:
    """Start JupyterLab, wait until it answers for the notebook, and end it."""
    command = [*command, "--no-browser", "--allow-root", "--ServerApp.port=0"]
    told = home / "lab.log"
    with told.open("wb") as log:
        server = subprocess.Popen(
            command, cwd=home, stdout=log, stderr=log, start_new_session=True
        )
        try:
            with urllib.request.urlopen(find_address(server, told)) as page:
                assert page.status == 200
        finally:
            end_all(server)


def end_all(server: subprocess.Popen) -> None:
    """End start.py and the server that it started."""
    if os.name == "nt":
        tree = ["taskkill", "/T", "/F", "/PID", str(server.pid)]
        subprocess.run(tree, check=False, stdout=subprocess.DEVNULL)
    else:
        os.killpg(server.pid, signal.SIGTERM)
    server.wait()


def find_address(server: subprocess.Popen, told: Path) -> str:
    """Wait for the address, with its token, that the server tells."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        found = re.search(r"http://127\S+", told.read_text(encoding="utf-8"))
        if found:
            return found[0]
        time.sleep(0.1)
    raise SystemExit(f"JupyterLab did not start:\n{told.read_text(encoding='utf-8')}")


def timed(command: list[str], home: Path) -> float:
    """Run a command to its end; give seconds, or end where it fails."""
    began = time.perf_counter()
    subprocess.run(command, cwd=home, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def show(words: str, seconds: float) -> None:
    """Print one line."""
    print(f"{seconds:8.1f} s  {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
