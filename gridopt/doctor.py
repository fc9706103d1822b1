"""Is this machine ready: solver, packages, writing, encodings."""

from __future__ import annotations

import locale
import platform
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

_PACKAGES = ("ortools", "numpy", "pandas", "numba", "matplotlib", "xlsxwriter")


@dataclass(frozen=True)
class Check:
    """One thing that has to be well: its name, whether it is, and what was found."""

    name: str
    is_well: bool
    finding: str


def examine() -> list[Check]:
    """Try everything a run needs; fonts are tried by the views.

    Examples
    --------
    >>> [check.name for check in examine()][0]
    'Python'
    """
    return [_python(), *_packages(), _solver(), _writing(), _encoding()]


def _python() -> Check:
    is_well = sys.version_info >= (3, 11)
    return Check("Python", is_well, f"{platform.python_version()}（需要 3.11 以上）")


def _packages() -> list[Check]:
    found = []
    for name in _PACKAGES:
        try:
            found.append(Check(name, True, version(name)))
        except PackageNotFoundError:
            found.append(Check(name, False, "未安装，请重新执行 python start.py"))
    return found


def _solver() -> Check:
    from gridopt.problem import Problem
    from gridopt.solvers import solve

    row = np.column_stack([np.arange(4) * 10, np.zeros(4)])
    problem = Problem.of_points("doctor", row, least=2, most=2, target=2)
    result = solve(problem)
    return Check("求解器", result.cost == 20, f"示例代价 {result.cost}（应为 20）")


def _writing() -> Check:
    try:
        with tempfile.TemporaryDirectory(prefix="gridopt-") as folder:
            path = Path(folder) / "中文文件名.csv"
            path.write_text("企业网格", encoding="utf-8-sig")
            is_well = path.read_text(encoding="utf-8-sig") == "企业网格"
    except OSError as fault:
        return Check("临时目录写入", False, str(fault))
    return Check("临时目录写入", is_well, "可写入中文文件名")


def _encoding() -> Check:
    told = locale.getpreferredencoding(False)
    return Check("系统编码", True, f"{told}（结果一律 UTF-8）")
