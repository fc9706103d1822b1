"""What start.py must do on a machine that has only Python, whatever goes wrong."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from urllib.parse import unquote

import pytest

SCRIPT = Path(__file__).parents[1] / "start.py"


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """start.py, loaded as a module and moved to a folder of its own."""
    spec = importlib.util.spec_from_file_location("start", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    root = tmp_path / "统计 网格"
    root.mkdir()
    for name in ("pyproject.toml", "constraints.txt"):
        (root / name).write_bytes(SCRIPT.with_name(name).read_bytes())
    monkeypatch.setattr(module, "ROOT", root)
    return module


@pytest.fixture
def calls(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Record what would be started instead of starting it."""
    seen: list[tuple] = []

    def record(python: object, *words: str, **options: object) -> int:
        seen.append(words)
        return 3 if words[0] == "mypy" else 0

    monkeypatch.setattr(start, "call", record)
    monkeypatch.setattr(start, "prepare", lambda extras: "python")
    return seen


def fake_run(monkeypatch, start: ModuleType, *, statuses: dict[str, int]) -> list:
    """Let commands end with the status of the first word they contain, else 0."""
    seen: list[list[str]] = []

    def run(command: list[str], **options: object) -> int:
        seen.append(command)
        return next((s for word, s in statuses.items() if word in command), 0)

    monkeypatch.setattr(start.subprocess, "call", run)
    return seen


def test_old_pythons_can_read_it() -> None:
    """The syntax is that of Python 3.6 and every import is the standard library's."""
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        node.module.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert imported <= sys.stdlib_module_names


def test_an_old_python_is_named(start, monkeypatch, capsys) -> None:
    """An old Python ends in words, in both languages, before anything is touched."""
    monkeypatch.setattr(start, "OLDEST", (99, 0))
    assert start.main(["run", "x.yaml"]) == 2
    message = capsys.readouterr().err
    assert "需要 Python 3.11" in message
    assert f"this is {sys.version.split()[0]}" in message
    assert not (start.ROOT / ".venv").exists()


@pytest.mark.parametrize(("words", "status"), [([], 2), (["-h"], 0), (["help"], 0)])
def test_no_word_shows_the_help(start, words, status, capsys) -> None:
    """Without a word both languages are shown and nothing is installed."""
    assert start.main(words) == status
    shown = capsys.readouterr().out
    assert "用法：python start.py" in shown
    assert "Usage: python start.py" in shown
    assert not (start.ROOT / ".venv").exists()


def test_every_other_word_goes_to_gridopt(start, calls) -> None:
    """Words and options reach gridopt as they were typed."""
    assert start.main(["check", "名录 2025.csv", "--scenario", "x.yaml"]) == 0
    assert calls == [("gridopt", "check", "名录 2025.csv", "--scenario", "x.yaml")]


def test_lab_opens_the_notebooks(start, calls) -> None:
    """`lab` starts JupyterLab in the folder of the notebooks."""
    start.main(["lab", "--no-browser"])
    notebooks = str(start.ROOT / "notebooks")
    assert calls == [("jupyterlab", "--notebook-dir", notebooks, "--no-browser")]


@pytest.fixture
def notebook(start) -> Path:
    """A notebook with a Chinese name in the folder of the notebooks."""
    path = start.ROOT / "notebooks" / "比较 情景.ipynb"
    path.parent.mkdir()
    path.touch()
    return path


def test_the_address_told_leads_to_the_notebook(
    start, calls, notebook, monkeypatch, tmp_path
) -> None:
    """A file, named from anywhere and among options, is where the address leads."""
    monkeypatch.chdir(tmp_path)
    for name in (str(notebook), f"notebooks/{notebook.name}", notebook.name):
        calls.clear()
        assert start.main(["lab", "--no-browser", name]) == 0
        (words,) = calls
        assert words[1:3] == ("--notebook-dir", str(notebook.parent))
        address = words[3].removeprefix("--LabApp.default_url=/lab/tree/")
        assert address.isascii()
        assert unquote(address) == notebook.name
        assert words[4:] == ("--no-browser",)


def test_a_notebook_elsewhere_is_opened_in_its_folder(
    start, calls, notebook, tmp_path
) -> None:
    """A file outside the project, or a folder, becomes what JupyterLab serves."""
    own = tmp_path / "own.ipynb"
    own.touch()
    start.main(["lab", str(own)])
    start.main(["lab", str(tmp_path)])
    at = ("jupyterlab", "--notebook-dir", str(tmp_path.resolve()))
    assert calls == [(*at, "--LabApp.default_url=/lab/tree/own.ipynb"), at]


def test_a_missing_notebook_is_named(start, calls, notebook, capsys) -> None:
    """What is not there is told, with what is, before anything is installed."""
    assert start.main(["lab", "notebooks/05.ipynb"]) == 1
    told = capsys.readouterr().err
    assert "没有找到“notebooks/05.ipynb”" in told
    assert "There is no “notebooks/05.ipynb”" in told
    assert told.count(notebook.name) == 2
    assert calls == []


def test_the_suite_runs_to_its_end_and_fails_with_any(start, calls, capsys) -> None:
    """One failing check makes the suite fail, the others run all the same."""
    assert start.main(["test"]) == 1
    modules = [words[0] for words in calls]
    assert modules == [
        "ruff",
        "ruff",
        "mypy",
        "pytest",
        "pytest",
        "tests.coverage_floor",
    ]
    shown = capsys.readouterr().out
    assert "mypy           未通过 FAILED" in shown
    assert "pytest         通过 passed" in shown


def test_loops_are_also_run_as_they_are_written(start, monkeypatch) -> None:
    """After the suite the kernels' tests add to its coverage, without machine code."""
    seen: list[tuple] = []

    def record(python: object, *words: str, **options: dict) -> int:
        seen.append((words, options["env"].get("NUMBA_DISABLE_JIT", "0")))
        return 0

    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setattr(start, "call", record)
    assert start.test("python", []) == 0
    (suite, compiled), (kernels, plain) = (s for s in seen if s[0][0] == "pytest")
    assert (compiled, plain) == ("0", "1")
    assert "--cov-append" in kernels
    assert "--cov-append" not in suite
    assert [word for word in kernels if (SCRIPT.parent / word).is_file()]


def test_more_words_run_pytest_alone(start, calls) -> None:
    """`test` with more words hands these to pytest and runs nothing else."""
    assert start.main(["test", "tests/test_start.py", "-x"]) == 0
    assert calls == [("pytest", "tests/test_start.py", "-x")]


def test_exit_status_is_passed_on(start) -> None:
    """What the command ends with is what start.py ends with."""
    ending = start.ROOT / "ending.py"
    ending.write_text("import sys; sys.exit(7)", encoding="utf-8")
    assert start.call(sys.executable, "ending", cwd=start.ROOT) == 7


def test_an_interruption_waits_for_the_command(start, monkeypatch) -> None:
    """Ctrl-C is left to the command, which may still have a plan to write."""
    waits = iter([KeyboardInterrupt, KeyboardInterrupt, 3])

    def wait() -> int:
        result = next(waits)
        if result is KeyboardInterrupt:
            raise KeyboardInterrupt
        return result

    process = SimpleNamespace(wait=wait)
    monkeypatch.setattr(start.subprocess, "Popen", lambda *a, **k: process)
    try:
        status = start.call("python", "gridopt", "run")
    except KeyboardInterrupt:
        pytest.fail("the interruption reached start.py")
    assert status == 3


def test_a_later_run_installs_nothing(start, monkeypatch) -> None:
    """With the stamp in place the environment is used as it is."""
    seen = fake_run(monkeypatch, start, statuses={})
    monkeypatch.setattr(start, "link_package", lambda python: None)
    monkeypatch.setattr(start, "choose_installer", lambda: "uv")
    (start.ROOT / ".venv").mkdir()
    start.prepare(("test",))
    assert any("install" in command for command in seen)
    seen.clear()
    for extras in (("test",), ()):
        start.prepare(extras)
    assert not any("install" in command for command in seen)


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_pins_install_again(start, name) -> None:
    """The stamp is void once either file has changed, but not for its line ends."""
    home = start.ROOT / ".venv"
    home.mkdir()
    start.name_stamp(home, ()).write_text(start.hash_inputs(()), encoding="utf-8")
    assert start.is_ready(home, ())
    assert not start.is_ready(home, ("test",))
    path = start.ROOT / name
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert start.is_ready(home, ())
    path.write_bytes(path.read_bytes() + b"# changed\n")
    assert not start.is_ready(home, ())


def test_a_broken_environment_is_made_anew(start, monkeypatch) -> None:
    """An environment whose Python does not start is removed and made again."""
    python = start.find_python(start.ROOT / ".venv")
    python.parent.mkdir(parents=True)
    python.write_text("no program", encoding="utf-8")
    leftover = python.with_name("leftover")
    leftover.write_text("", encoding="utf-8")
    assert not start.works(python)
    monkeypatch.setattr(start, "install", lambda *a: None)
    monkeypatch.setattr(start, "choose_installer", lambda: "pip")
    start.prepare(())
    assert start.works(python)
    assert not leftover.exists()


def test_a_failed_installation_says_what_to_do(start, monkeypatch, capsys) -> None:
    """Without a network the words name the network and the office's mirror."""
    fake_run(monkeypatch, start, statuses={"install": 1})
    monkeypatch.setattr(start, "choose_installer", lambda: "pip")
    assert start.main(["run", "x.yaml"]) == 1
    message = capsys.readouterr().err
    assert "请检查网络" in message
    assert "镜像" in message
    assert "Check the network" in message
    assert not start.is_ready(start.ROOT / ".venv", ())


def test_a_folder_that_cannot_be_written_is_named(start, monkeypatch, capsys) -> None:
    """A read-only folder is named, with the advice to copy it elsewhere."""

    def refuse(home: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(start, "make_environment", refuse)
    assert start.main(["run", "x.yaml"]) == 1
    message = capsys.readouterr().err
    assert str(start.ROOT) in message
    assert "复制到有写入权限的位置" in message
    assert "Permission denied" in message


@pytest.mark.parametrize(
    ("has_uv", "environment", "configuration", "installer"),
    [
        (False, {}, "", "pip"),
        (True, {}, "", "uv"),
        (True, {}, "global.timeout='60'", "uv"),
        (True, {}, "global.index-url='https://mirror.example/simple'", "pip"),
        (True, {}, ":env:.find-links='D:/packages'", "pip"),
        (True, {}, "global.proxy='proxy.example:8080'", "pip"),
        (
            True,
            {"UV_DEFAULT_INDEX": "https://mirror.example/simple"},
            "global.index-url='https://mirror.example/simple'",
            "uv",
        ),
    ],
)
def test_the_office_s_mirror_is_honoured(
    start, monkeypatch, has_uv, environment, configuration, installer
) -> None:
    """The installer that knows the mirror is taken; with none, uv where present."""
    told = SimpleNamespace(stdout=configuration.encode())
    monkeypatch.setattr(start.shutil, "which", lambda name: "uv" if has_uv else None)
    monkeypatch.setattr(start.subprocess, "run", lambda *a, **k: told)
    monkeypatch.setattr(start.os, "environ", environment)
    assert start.choose_installer() == installer


def test_run_needs_the_core_only(start) -> None:
    """Extras are installed for `test` and `lab` alone."""
    core = start.list_requirements(())
    assert not any("pytest" in r or "jupyterlab" in r for r in core)
    assert any(r.startswith("ortools~=9.15") for r in core)
    assert "pytest" in start.list_requirements(start.EXTRAS["test"])
    assert "jupyterlab" in start.list_requirements(start.EXTRAS["lab"])


def test_the_package_is_found_from_anywhere(start, tmp_path, monkeypatch) -> None:
    """The link is relative and ASCII, and leads to the folder of start.py."""
    library = start.ROOT / ".venv" / "lib" / "site-packages"
    library.mkdir(parents=True)
    told = ascii(str(library)).encode()
    with monkeypatch.context() as patch:
        patch.setattr(start.subprocess, "check_output", lambda command: told)
        start.link_package("python")
    link = library / "gridopt-source.pth"
    assert link.read_bytes().isascii()
    code = f"import site, sys; site.addsitedir({str(library)!r}); print(sys.path)"
    shown = subprocess.check_output(
        [sys.executable, "-X", "utf8", "-c", code], cwd=tmp_path, encoding="utf-8"
    )
    assert str(start.ROOT) in ast.literal_eval(shown)
