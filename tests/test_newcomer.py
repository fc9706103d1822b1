"""What a newcomer is told: the README's few commands name what is really there."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = ["yuhuan-2022", "target-15"]


@pytest.fixture
def script(monkeypatch):
    """Load the script that times a newcomer's way, with its neighbours."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    path = ROOT / "benchmarks" / "newcomer.py"
    spec = importlib.util.spec_from_file_location("newcomer", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "newcomer", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def processes(script):
    """How the script starts and ends what it needs."""
    return sys.modules["processes"]


def test_the_readme_leads_to_three_scenarios_in_ten_lines(script) -> None:
    """Under its heading stand a comparison of three scenarios and a notebook."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split(script.HEADING)[1].split("\n## ")[0]
    assert len(section.strip().splitlines()) <= 10
    compare, lab = script.read_commands(text)
    assert (compare[2], lab[2]) == ("compare", "lab")
    files = [word for word in compare + lab if word.endswith((".yaml", ".ipynb"))]
    assert len(files) == 4
    assert all((ROOT / file).is_file() for file in files)


def test_only_commands_under_the_heading_are_taken(script) -> None:
    """Neither what stands above and below nor what is no command is followed."""
    told = (
        "python start.py run a.yaml\n"
        f"{script.HEADING}\n```\npython start.py compare 'a b.yaml'  # 三个\n"
        "```\n又：`python start.py test`\n## 用\npython start.py check x\n"
    )
    assert script.read_commands(told) == [["python", "start.py", "compare", "a b.yaml"]]


def test_a_newcomer_finds_nothing_of_the_developer_s(
    processes, monkeypatch, tmp_path
) -> None:
    """Compiled kernels, fonts and settings that lie elsewhere are out of sight."""
    names = ["NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "MPLCONFIGDIR", "PYTHONPATH"]
    names += ["VIRTUAL_ENV", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "HOME", "LOCALAPPDATA"]
    for name in names:
        monkeypatch.setenv(name, "of the developer")
    monkeypatch.setenv("PATH_TO_KEEP", "kept")
    home = tmp_path / "home"
    told = processes.move_in(home)
    assert list(home.iterdir()) == []
    assert "of the developer" not in told.values()
    assert told["PATH_TO_KEEP"] == "kept"
    assert told["HOME"] == told["LOCALAPPDATA"] == str(home)


TELL_LATER = """
import sys, time
print("[I ServerApp] http://localhost:8889/lab/tree/04.ipynb?tok", end="", flush=True)
time.sleep(0.5)
print("en=1a2b\\n    http://127.0.0.1:8889/lab/tree/04.ipynb?token=1a2b", flush=True)
time.sleep(60)
"""


def test_the_address_is_the_one_that_the_terminal_shows(processes, tmp_path) -> None:
    """It is taken whole, with its token, once it has been told whole."""
    log = tmp_path / "told.log"
    command = [sys.executable, "-c", TELL_LATER]
    with processes.started(command, tmp_path, os.environ, log) as process:
        address = processes.find_address(process, log)
    assert address == "http://localhost:8889/lab/tree/04.ipynb?token=1a2b"


def test_a_server_that_ends_at_once_is_told_with_its_words(processes, tmp_path) -> None:
    """The end of a server that cannot start is seen at once, and what it told."""
    log = tmp_path / "told.log"
    command = [sys.executable, "-c", "print('port 端口'); raise SystemExit(1)"]
    began = time.monotonic()
    with (
        pytest.raises(SystemExit, match="did not start:\n.*port"),
        processes.started(command, tmp_path, os.environ, log) as process,
    ):
        processes.find_address(process, log)
    assert time.monotonic() - began < processes.START_S / 2


def test_ending_what_is_gone_already_is_no_fault(processes) -> None:
    """A program that has ended, even twice told to, raises nothing."""
    process = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    process.wait()
    processes.end_all(process)
    processes.end_all(process)
    assert process.returncode == 0


STUBBORN = """
import subprocess, sys, time
deaf = '''
import signal, time
for kind in (signal.SIGINT, signal.SIGTERM):
    signal.signal(kind, signal.SIG_IGN)
while True:
    print(".", end="", flush=True)
    time.sleep(0.02)
'''
subprocess.Popen([sys.executable, "-c", deaf])
time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt", reason="on Windows taskkill ends the whole tree")
def test_a_failure_ends_a_server_that_will_not(
    processes, monkeypatch, tmp_path
) -> None:
    """What hears neither Ctrl+C nor a request is killed, also where its parent went."""
    # long enough for the parent to die of Ctrl+C on a busy machine
    monkeypatch.setattr(processes, "PATIENCE_S", 3)
    log = tmp_path / "told.log"
    command = [sys.executable, "-c", STUBBORN]
    with (
        pytest.raises(KeyboardInterrupt),
        processes.started(command, tmp_path, os.environ, log) as process,
    ):
        while "." not in processes.read_log(log):
            time.sleep(0.05)
        raise KeyboardInterrupt
    told = processes.read_log(log)
    time.sleep(0.3)
    assert processes.read_log(log) == told
    assert process.returncode == -signal.SIGINT


def make_cell(*outputs: dict, count: int | None = 1) -> dict:
    """Make a code cell as it is saved."""
    return {"cell_type": "code", "execution_count": count, "outputs": list(outputs)}


def make_output(kind: str, text: str) -> dict:
    """Make what a cell shows."""
    return {"output_type": "display_data", "data": {kind: text}}


DESK = make_output("application/vnd.jupyter.widget-view+json", "")
PICTURE = make_output("image/png", "")
TABLE = make_output("text/html", "<table> yuhuan-2022 target-15")
ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "坏"}


@pytest.mark.parametrize(
    ("cells", "faults"),
    [
        ([make_cell(TABLE), make_cell(PICTURE, DESK)], []),
        ([make_cell(TABLE), make_cell(PICTURE)], ["no desk"]),
        ([make_cell(TABLE, DESK)], ["no picture"]),
        ([make_cell(PICTURE, DESK)], [f"no result of {name}" for name in NAMES]),
        (
            [make_cell(TABLE, PICTURE, ERROR), make_cell(DESK, count=None)],
            ["error: 坏", "1 of 2 code cells did not run"],
        ),
    ],
)
def test_a_notebook_that_lacks_something_is_refused(script, cells, faults) -> None:
    """Errors, cells left out, a scenario, picture or desk that is not there: each."""
    saved = json.loads(json.dumps({"cells": [{"cell_type": "markdown"}, *cells]}))
    assert script.find_faults(saved, NAMES) == faults


def test_without_a_browser_it_says_so(script, monkeypatch, tmp_path, capsys) -> None:
    """The cells are run all the same, and one line tells that no browser was there."""
    ran: list[list[str]] = []
    monkeypatch.setattr(script, "why_not", lambda: "no Chromium on this machine")
    monkeypatch.setattr(script, "timed", lambda command, place: ran.append(command))
    monkeypatch.setattr(script.urllib.request, "build_opener", lambda _: Door())
    place = script.Place(tmp_path, {}, tmp_path / "told.log")
    script.see("http://localhost/", tmp_path / "04.ipynb", place, NAMES)
    told = "no browser: cells run without one (no Chromium on this machine)\n"
    assert capsys.readouterr().out == told
    assert [command[-1] for command in ran] == [str(tmp_path / "04.ipynb")]


class Door:
    """A server that answers."""

    def open(self, address: str):
        """Answer."""
        return self

    def close(self) -> None:
        """Close."""
