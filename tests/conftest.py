"""How tests draw examples, and the registers and run folders that several share."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from gridopt import cli
from gridopt.archive import write_run
from gridopt.outcome import run_scenario
from gridopt.register import RegisterRules, read_register
from gridopt.scenario import Scenario
from gridopt.synth import write_synthetic

# the same examples everywhere, without a clock
settings.register_profile("gridopt", deadline=None, derandomize=True)
settings.load_profile("gridopt")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

SMALL_RULES = RegisterRules(coordinates="gcj02", industry_edition="2017")


@pytest.fixture(scope="session")
def small_register_file(tmp_path_factory):
    """A synthetic register of 300 enterprises on file."""
    path = tmp_path_factory.mktemp("register") / "synthetic-300.csv"
    write_synthetic(300, seed=5, out=path)
    return path


@pytest.fixture(scope="session")
def small_register(small_register_file):
    """The same register, read."""
    return read_register(small_register_file, SMALL_RULES)


@pytest.fixture(scope="session")
def small_scenario():
    """A dated scenario with the default choices."""
    return Scenario(
        "小样例", "P5", date=dt.date(2025, 12, 31), register=SMALL_RULES, name="small"
    )


@pytest.fixture(scope="session")
def small_outcome(small_register, small_scenario):
    """What that scenario leads to on that register."""
    return run_scenario(small_register, small_scenario)


@pytest.fixture(scope="session")
def small_run(small_outcome, tmp_path_factory):
    """The run folder of that outcome, tables only."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    return write_run(small_outcome, folder, is_tables_only=True)


@pytest.fixture(scope="session")
def shared():
    """The reference data beside the project; tests skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("reference data is absent: no folder 'shared' beside the project")
    return SHARED


@pytest.fixture
def call(monkeypatch, capsys):
    """Call the command line; give exit status, standard output, standard error."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gridopt", *map(str, words)])
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = end.code or 0
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return status, told.out, told.err

    return run
