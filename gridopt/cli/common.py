"""What all commands share: the application, its exit statuses, common options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DONE, BAD_INPUT, BAD_USAGE, INTERRUPTED = 0, 1, 2, 3
"""Exit status: done; the input or a claim is wrong; wrong usage; interrupted."""

LARGEST_SEED = 2**31 - 1

app = typer.Typer(
    name="gridopt",
    help="统计网格划分、人员配备与经费测算。 Cut, staff and budget statistical grids.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ScenarioFile = Annotated[Path, typer.Argument(help="情景文件 scenario (YAML)")]
RegisterFile = Annotated[
    Path | None, typer.Option("--register", help="企业名录 register (CSV, xlsx)")
]
PreviousFile = Annotated[
    Path | None, typer.Option("--previous", help="上期 partition.csv of an earlier run")
]
ResultsFile = Annotated[
    Path | None, typer.Option("--results", help="评定结果表 results of an appraisal")
]
PreviousRegister = Annotated[
    Path | None,
    typer.Option(
        "--previous-register", help="上期企业名录 the register of the previous plan"
    ),
]
OutFolder = Annotated[Path | None, typer.Option("--out", help="输出目录 output folder")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="进程数 number of processes")
]
Seed = Annotated[
    int | None, typer.Option(min=0, max=LARGEST_SEED, help="随机种子 seed")
]
