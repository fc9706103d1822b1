"""How everything starts: an own environment beside this file, then one word's work.

    python start.py run scenarios/yuhuan-2022.yaml    the main job
    python start.py test                              the whole test suite
    python start.py lab [FILE.ipynb]                  JupyterLab
    python start.py WORD ...                          any other command of gridopt

Only the standard library is used, and the syntax stays that of Python 3.6, so that an
older Python can still read this file and say that it is too old.
"""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)
EXTRAS = {"test": ("test", "notebook"), "lab": ("notebook",)}
PLAIN = {"NUMBA_DISABLE_JIT": "1"}
"""Compiled loops run as they are written, so that coverage sees their lines."""
KERNELS = ("tests/test_kernels.py",)
REPORT = ("--cov", "--cov-report=json:.coverage.json")
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
CHECKS = (
    ("ruff", ("ruff", "check", "."), {}),
    ("ruff format", ("ruff", "format", "--check", "."), {}),
    ("mypy", ("mypy",), {}),
    ("pytest", ("pytest", "-n", "2", "--cov"), {}),
    ("pytest, plain", ("pytest", "--cov-append") + REPORT + KERNELS, PLAIN),
    ("coverage", ("tests.coverage_floor",), {}),
)
HELP_ZH = """\
用法：python start.py 命令 ……
  run 情景.yaml       划分企业网格、编制人员名册、测算经费，结果写入 runs 文件夹
  check 名录文件      只检查企业名录，列出全部问题
  verify 结果文件夹   独立核验一次结果
  test                运行全部测试
  lab [笔记本文件]    打开 JupyterLab
  其他命令            原样交给 gridopt；python start.py --help 列出全部命令
首次运行会在本文件旁建立 .venv 并安装所需软件包（需要联网或单位内部镜像）。"""
HELP_EN = """\
Usage: python start.py WORD ...
  run SCENARIO.yaml   cut the grids, staff them, budget them; results go to runs/
  check REGISTER      findings of a register only
  verify RUN_DIR      check a run independently
  test                the whole test suite
  lab [NOTEBOOK]      JupyterLab
  any other word      goes to gridopt as it is; python start.py --help lists them
The first run makes .venv beside this file and installs what is needed (from the
network or your office's mirror)."""


class SetupError(Exception):
    """Setting up cannot go on; the message says why and what to do."""


def main(words):
    """Do what the words say and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if sys.version_info < OLDEST:
        tell(
            "需要 Python 3.11 或更高版本，现在是 {}。请安装新版本后再运行。",
            "Python 3.11 or later is needed, this is {}. Install it and run again.",
            sys.version.split()[0],
        )
        return 2
    if not words or words[0] in ("-h", "help"):
        print(HELP_ZH + "\n\n" + HELP_EN)
        return 0 if words else 2
    try:
        if words[0] == "lab":
            words = ["lab"] + aim(words[1:])
        python = prepare(EXTRAS.get(words[0], ()))
    except SetupError as error:
        sys.stderr.write("{}\n".format(error))
        return 1
    return work(python, words)


def work(python, words):
    """Run one word in the environment and return its exit status."""
    if words[0] == "lab":
        return call(python, "jupyterlab", *words[1:])
    if words[0] == "test":
        return test(python, words[1:])
    return call(python, "gridopt", *words)


def aim(words):
    """Turn the words after `lab` into JupyterLab's, a file into an address.

    JupyterLab takes a file too, but then the address that it tells in the terminal
    leads to an empty page; only the browser that it opens itself gets to the file.
    """
    notebooks = ROOT / "notebooks"
    named = [word for word in words if word.endswith(".ipynb")] or words[:1]
    if not named or named[0].startswith("-"):
        return ["--notebook-dir", str(notebooks)] + words
    path = find_notebook(named[0]).resolve()
    rest = [word for word in words if word != named[0]]
    if path.is_dir():
        return ["--notebook-dir", str(path)] + rest
    home = notebooks if notebooks in path.parents else path.parent
    address = "/lab/tree/" + quote(path.relative_to(home).as_posix())
    return ["--notebook-dir", str(home), "--LabApp.default_url=" + address] + rest


def find_notebook(name):
    """Find a file where the user is, or beside this file; say where there is none."""
    for path in (Path(name), ROOT / name, ROOT / "notebooks" / name):
        if path.exists():
            return path
    there = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    raise SetupError(
        both(
            "没有找到“{}”。请核对路径；notebooks 文件夹内有：{}。",
            "There is no “{}”. Check the path; the folder notebooks has: {}.",
            name,
            "、".join(there) or "（无）",
        )
    )


def test(python, words):
    """Run every check and print a summary; with more words only pytest, with them."""
    if words:
        return call(python, "pytest", *words, cwd=ROOT)
    results = []
    for name, command, settings in CHECKS:
        sys.stderr.write("\n== {} ==\n".format(name))
        environment = dict(os.environ, **settings)
        results.append((name, call(python, *command, cwd=ROOT, env=environment)))
    print()
    for name, status in results:
        print("{:<14} {}".format(name, "未通过 FAILED" if status else "通过 passed"))
    return 1 if any(status for _, status in results) else 0


def call(python, module, *words, **options):
    """Run a module in the environment, wait for it, and return its exit status."""
    process = subprocess.Popen([str(python), "-m", module, *words], **options)
    while True:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            continue  # the child got it too and may still have a valid plan to write
        return status if status >= 0 else 128 - status


# --- the environment ----------------------------------------------------------------


def prepare(extras):
    """Return the environment's Python, after making or completing it where needed."""
    home = ROOT / ".venv"
    python = find_python(home)
    if works(python) and is_ready(home, extras):
        return python
    try:
        if not works(python):
            make_environment(home)
        install(python, extras)
        link_package(python)
        for done in ((), extras):
            name_stamp(home, done).write_text(hash_inputs(done), encoding="utf-8")
    except OSError as error:
        raise SetupError(
            both(
                "不能在“{}”中写入文件：{}。请把整个文件夹复制到有写入权限的位置再运行。",
                "Cannot write in “{}”: {}. Copy the whole folder to a place where you"
                " may write, and run again.",
                ROOT,
                error,
            )
        ) from error
    return python


def find_python(home):
    """Name the environment's interpreter, on Windows and elsewhere."""
    if os.name == "nt":
        return home / "Scripts" / "python.exe"
    return home / "bin" / "python"


def works(python):
    """Tell whether the environment's interpreter starts at all."""
    try:
        return subprocess.call([str(python), "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def hash_inputs(extras):
    """Hash what decides the installation: both files and the extras."""
    digest = hashlib.sha256(" ".join(extras).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def is_ready(home, extras):
    """Tell whether the stamp says that all this was installed from these files."""
    try:
        stamp = name_stamp(home, extras).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return stamp == hash_inputs(extras)


def name_stamp(home, extras):
    """Name the file that says what has been installed."""
    return home / "ready-{}.txt".format("-".join(("core",) + tuple(extras)))


def make_environment(home):
    """Make a fresh environment, in place of a broken one."""
    tell("正在建立运行环境 .venv …", "Making the environment .venv …")
    if home.exists():
        shutil.rmtree(str(home))
    if choose_installer() == "uv":
        command = ["uv", "venv", "--quiet", "--python", sys.executable, str(home)]
    else:
        command = [sys.executable, "-m", "venv", str(home)]
    if subprocess.call(command, stdout=sys.stderr) or not works(find_python(home)):
        raise SetupError(
            both(
                "没有建成运行环境 .venv（原因见上）。Debian、Ubuntu 等系统请先安装"
                " python3-venv；再次运行本命令会重新建立。",
                "The environment .venv could not be made (see above). On Debian or"
                " Ubuntu install python3-venv first; running again starts afresh.",
            )
        )


def install(python, extras):
    """Install the pinned packages of the core and of some extras."""
    installer = choose_installer()
    tell(
        "正在用 {} 安装所需软件包，首次约需几分钟 …",
        "Installing packages with {}, some minutes the first time …",
        installer,
    )
    if installer == "uv":
        command = ["uv", "pip", "install", "--python", str(python)]
    else:
        if subprocess.call([str(python), "-m", "pip", "--version"], **SILENT):
            subprocess.call([str(python), "-m", "ensurepip"], stdout=sys.stderr)
        command = [str(python), "-m", "pip", "install", "--no-input"]
        command += ["--disable-pip-version-check", "--prefer-binary"]
    command += ["--constraint", "constraints.txt"] + list_requirements(extras)
    if subprocess.call(command, cwd=str(ROOT), stdout=sys.stderr):
        raise SetupError(
            both(
                "软件包没有装全（原因见上）。请检查网络；单位有内部镜像的，先用"
                " pip config set global.index-url 镜像地址 设好，再次运行即可继续。",
                "Packages are missing (see above). Check the network; where your office"
                " has a mirror, set it with pip config set global.index-url ADDRESS,"
                " then run again to go on.",
            )
        )


def choose_installer():
    """Choose uv where it is at hand, but pip where only pip knows the office's mirror.

    uv does not read pip's configuration: with an index, a folder of packages or a proxy
    set for pip alone, uv would go round the mirror.
    """
    if not shutil.which("uv"):
        return "pip"
    if any(name.startswith("UV_") and "IND" in name for name in os.environ):
        return "uv"
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    told = asked.stdout.decode("utf-8", "replace")
    knows = any(key in told for key in ("index", "find-links", "proxy"))
    return "pip" if knows else "uv"


def list_requirements(extras):
    """List the requirements of the core and of some extras, from pyproject.toml."""
    import tomllib  # only from Python 3.11 on

    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return wanted


def link_package(python):
    """Let the environment find this folder's package, without building anything.

    The path is relative, so that it stays ASCII and right wherever the folder lies.
    """
    asked = "import sysconfig; print(ascii(sysconfig.get_path('purelib')))"
    told = subprocess.check_output([str(python), "-c", asked]).decode("ascii")
    library = Path(ast.literal_eval(told.strip()))
    line = os.path.relpath(str(ROOT), str(library)) + "\n"
    (library / "gridopt-source.pth").write_text(line, encoding="utf-8")


# --- words --------------------------------------------------------------------------


def both(chinese, english, *values):
    """Say one thing in Chinese and in English."""
    return chinese.format(*values) + "\n" + english.format(*values)


def tell(chinese, english, *values):
    """Tell the user on stderr, so that results on stdout stay clean."""
    sys.stderr.write(both(chinese, english, *values) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
