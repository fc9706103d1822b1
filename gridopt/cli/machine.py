"""The command that looks at the machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gridopt.cli.common import BAD_INPUT, app
from gridopt.errors import InputError

if TYPE_CHECKING:
    from gridopt.doctor import Check


@app.command("doctor")
def doctor_command() -> None:
    """检查本机是否就绪：求解器、字体、编码。 See whether this machine is ready."""
    from gridopt.doctor import examine

    is_ready = True
    for check in [*examine(), _examine_fonts()]:
        print(f"[{'正常' if check.is_well else '异常'}] {check.name}：{check.finding}")
        is_ready &= check.is_well
    if not is_ready:
        raise typer.Exit(BAD_INPUT)


def _examine_fonts() -> Check:
    from gridopt.doctor import Check
    from gridopt.views.fonts import font_path

    try:
        return Check("中文字体", True, Path(font_path().path).name)
    except InputError as fault:
        return Check("中文字体", False, fault.message_zh)
