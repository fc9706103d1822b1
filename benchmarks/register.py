"""How long a 20,000-row xlsx register takes to read and check, and at what memory.

Prints seconds and the highest resident set, and exits 1 above five seconds. One row
in fifty is dirty, so that findings are worded too.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from memory import peak_mb

from gridopt.register import RegisterRules, read_register
from gridopt.synth import make_register

N_ROWS = 20_000
LIMIT_S = 5.0
RUNS = 3
DIRT = (
    ("行业代码", "70"),
    ("经度", "0"),
    ("纬度", "21.1"),
    ("乡镇街道", "玉城"),
    ("纳统状态", "未知"),
    ("营业状态", "停业"),
    ("村(社区)代码", "331083999999"),
    ("统一社会信用代码", "91331083MA2DYJ4X0A"),
)


def make_workbook(path: Path) -> None:
    """Write a register of 20,000 rows in the units of Yuhuan, every 50th dirty."""
    county = make_register(2100, seed=2025)
    frame = (
        county.iloc[np.arange(N_ROWS) % len(county)]
        .reset_index(drop=True)
        .astype(object)
    )
    frame["统一社会信用代码"] = make_register(N_ROWS, seed=2025)["统一社会信用代码"]
    turn = (frame.index // len(county)).astype(str)
    frame["统计员编号"] = frame["统计员编号"] + "-" + turn.to_numpy(dtype=object)
    for turn, (column, value) in enumerate(DIRT):
        frame.loc[50 * turn + 7 :: 50 * len(DIRT), column] = value
    frame.to_excel(path, index=False, engine="xlsxwriter")


def main() -> int:
    """Time the reading; the best of three runs counts."""
    rules = RegisterRules(coordinates="gcj02", industry_edition="2017", quarantine=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "synthetic.xlsx"
        make_workbook(path)
        before = peak_mb()
        seconds = []
        for _ in range(RUNS):
            start = time.perf_counter()
            register = read_register(path, rules)
            seconds.append(time.perf_counter() - start)
    counts = register.findings["rule"].value_counts()
    print(pd.DataFrame({"findings": counts}).to_string())
    print(
        f"{register.n_read} rows, {register.n} eligible, "
        f"{len(register.quarantined)} quarantined: best {min(seconds):.2f} s, "
        f"worst {max(seconds):.2f} s (limit {LIMIT_S:g} s); highest resident set "
        f"{peak_mb():.0f} MB ({before:.0f} MB before reading)"
    )
    return int(min(seconds) > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
