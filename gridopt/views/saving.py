"""How a file that somebody asked for is written, or why it cannot be, in words."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from gridopt.errors import UnwrittenError, tell_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlsxwriter.workbook import Workbook


def save_text(text: str, path: str | Path) -> None:
    """Write a page, UTF-8, the same bytes on every system.

    Raises
    ------
    UnwrittenError
        Where the system refuses; the everyday case is a file that is open elsewhere.
    """
    with _told(path):
        Path(path).write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def new_workbook(path: str | Path) -> Iterator[Workbook]:
    """Give a workbook to fill, in which no text is taken for a formula.

    Raises
    ------
    UnwrittenError
        As `save_text` does, when the filled workbook is written.
    """
    with (
        _told(path),
        xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book,
    ):
        yield book


@contextmanager
def _told(path: str | Path) -> Iterator[None]:
    try:
        yield
    except (OSError, FileCreateError) as fault:
        # what xlsxwriter raises holds what the system said
        cause = fault if isinstance(fault, OSError) else fault.args[0]
        reason_zh, reason_en = tell_reason(cause)
        raise UnwrittenError(
            f"无法写入 {path}：{reason_zh}。请核对文件夹；文件正在 Excel 等程序中"
            "打开的，先关闭，或换一个文件名。",
            f"{path} cannot be written: {reason_en}. Check the folder; where the file "
            "is open in Excel or the like, close it or give another name.",
        ) from cause
