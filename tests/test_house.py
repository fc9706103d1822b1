"""What must hold of the house itself: the import law, its texts, its packaging."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gridopt"
SOURCES = [ROOT / "start.py", *sorted(PACKAGE.rglob("*.py"))]
POSIX_ONLY = {"fcntl", "grp", "posix", "pwd", "resource", "termios"}


def read_project() -> dict:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name_package(requirement: str) -> str:
    """Name the package that a requirement is about, as package lists spell it."""
    return re.sub(r"[._]", "-", re.split(r"[^\w.-]", requirement)[0].lower())


def test_the_import_law_is_kept(monkeypatch, capfd) -> None:
    """Every room imports only what stands above it in the corridor."""
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert status == 0, capfd.readouterr().out


@pytest.mark.parametrize("heavy", ["matplotlib", "gridopt.views", "gridopt.cli"])
def test_importing_the_package_loads_no_pictures(heavy: str) -> None:
    """`import gridopt` loads neither matplotlib nor the views nor the terminal."""
    code = f"import sys, gridopt; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.call([sys.executable, "-c", code], cwd=ROOT) == 0


def test_every_text_file_is_opened_with_its_encoding() -> None:
    """No call reads or writes text in whatever encoding the machine prefers."""
    careless = [
        f"{path.name}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and is_careless(node)
    ]
    assert careless == []


def is_careless(call: ast.Call) -> bool:
    """Tell whether a call opens a text file without naming its encoding."""
    called = getattr(call.func, "attr", getattr(call.func, "id", ""))
    modes = [a.value for a in call.args if isinstance(a, ast.Constant)]
    if any("b" in mode for mode in modes if isinstance(mode, str) and len(mode) < 4):
        return False
    given = {keyword.arg for keyword in call.keywords}
    return called in {"read_text", "write_text", "open"} and "encoding" not in given


def test_no_module_needs_a_posix_machine() -> None:
    """What the package imports exists on Windows too."""
    imported = {
        name
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(a.name for a in node.names)]
    }
    assert not imported & POSIX_ONLY


def test_everything_that_is_no_code_is_packaged() -> None:
    """Each table and asset below gridopt/ matches a pattern of the package data."""
    patterns = read_project()["tool"]["setuptools"]["package-data"]["gridopt"]
    for path in PACKAGE.rglob("*"):
        name = path.relative_to(PACKAGE).as_posix()
        is_kept = path.is_file() and path.suffix != ".py" and "__pycache__" not in name
        if is_kept:
            assert any(fnmatch(name, pattern) for pattern in patterns), name


def test_every_dependency_is_pinned() -> None:
    """constraints.txt pins each requirement of pyproject.toml to one version."""
    project = read_project()["project"]
    wanted = {*project["dependencies"]}.union(
        *project["optional-dependencies"].values()
    )
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0] for line in lines}
    assert all("==" in line for line in lines)
    assert {name_package(requirement) for requirement in wanted} <= pinned


def test_pins_hold_no_addresses() -> None:
    """constraints.txt names packages and versions only, so that any mirror serves."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|@|--|file:|\\", text)


def test_heavy_frames_stay_out_of_the_core() -> None:
    """The core does without pyarrow, DuckDB and geopandas."""
    core = {name_package(r) for r in read_project()["project"]["dependencies"]}
    assert not core & {"pyarrow", "duckdb", "geopandas", "pyproj"}
