"""What went wrong, in words for the person whose input it was."""

from __future__ import annotations

import errno
import os
import traceback
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


_HERE = str(Path(__file__).parent) + os.sep
_TOLD, _SHOWN = 3, 10
"""Findings that a sentence tells, and those that a notebook shows besides."""
_READ = ("register", "scenario")
"""What a file may be read as: `read_register`, `read_scenario`."""


class InputError(Exception):
    """An input that cannot be used, said in Chinese and English, with its findings.

    Parameters
    ----------
    message_zh, message_en
        What is wrong, where, with which value, and what to do.
    findings
        Table of single findings (columns of ``findings.csv``), where there is one.

    Examples
    --------
    >>> str(InputError("缺少列 name。", "Column name is missing."))
    '缺少列 name。 / Column name is missing.'
    """

    def __init__(
        self,
        message_zh: str,
        message_en: str,
        findings: pd.DataFrame | None = None,
    ) -> None:
        super().__init__(f"{message_zh} / {message_en}")
        self.message_zh = message_zh
        self.message_en = message_en
        self.findings = findings

    def __reduce__(self) -> tuple[Any, ...]:
        """Be copied and sent between processes whole, as no single text makes one."""
        return type(self), (self.message_zh, self.message_en, self.findings)

    def _render_traceback_(self) -> list[str]:
        """Say it in a notebook: the sentence, findings, and the line that asked.

        IPython shows this in place of the way through our code, which tells the
        owner of the input nothing.
        """
        lines = [self.message_zh, self.message_en, *self._list_others()]
        frames = traceback.extract_tb(self.__traceback__)
        # below our first line others may be called, too: contextlib, pydantic
        ours = (i for i, one in enumerate(frames) if one.filename.startswith(_HERE))
        asked = frames[: next(ours, len(frames))]
        if asked and asked[-1].line:
            lines.append(f"  → 第{asked[-1].lineno}行：{asked[-1].line}")
        return lines

    def _list_others(self) -> list[str]:
        """List findings that the sentence leaves out, which tells all or three."""
        if self.findings is None or self.message_zh.count("\n") >= len(self.findings):
            return []
        rows = self.findings["row"]
        triples = zip(rows, rows.notna(), self.findings["message_zh"], strict=True)
        told = [
            f"  第{row:.0f}行：{text}" if is_known else f"  {text}"
            for row, is_known, text in triples
        ][_TOLD:]
        rest = len(told) - _SHOWN
        return told[:_SHOWN] + ([f"  ……另有{rest:,}项"] if rest > 0 else [])


def refuse_kind(wanted_zh: str, wanted_en: str, value: object, attribute: str) -> None:
    """Refuse a value of another kind than a call is made for.

    Parameters
    ----------
    wanted_zh, wanted_en
        What is wanted; the English word is the name of its class.
    attribute
        What such a value has, and others have not. A value that holds the wanted one
        under its own name is told as the remedy.

    Raises
    ------
    InputError
        With what was given, and what to give.

    Examples
    --------
    >>> refuse_kind("文字", "str", "网格", "upper")
    >>> try:
    ...     refuse_kind("文字", "str", 3, "upper")
    ... except InputError as fault:
    ...     print(fault.message_zh)
    此处应为文字（str），给的是 int。
    """
    if hasattr(value, attribute):
        return
    given, inner = type(value).__name__, wanted_en.lower()
    told_zh, told_en = f"给的是 {given}", f"not a {given}"
    if hasattr(getattr(value, inner, None), attribute):
        told_zh, told_en = f"{told_zh}；请改用它的 .{inner}", f"{told_en}: .{inner} is"
    elif isinstance(value, (str, Path)) and inner in _READ:
        told_zh = f"{told_zh}；文件请先用 read_{inner} 读入"
        told_en = f"{told_en}: read the file by read_{inner}"
    raise InputError(
        f"此处应为{wanted_zh}（{wanted_en}），{told_zh}。",
        f"A {wanted_en} is wanted here, {told_en}.",
    )


def refuse_no_path(value: object, example: str) -> None:
    """Refuse what is no name of a file where one is asked for.

    Raises
    ------
    InputError
        With what was given.

    Examples
    --------
    >>> refuse_no_path("名录.xlsx", "名录.xlsx")
    """
    if not isinstance(value, (str, PathLike)):
        given = type(value).__name__
        raise InputError(
            f"此处应为文件名（例如“{example}”），给的是 {given}。",
            f"The name of a file is wanted here (such as {example!r}), not a {given}.",
        )


class UnwrittenError(InputError):
    """A file that cannot be written; its cause is what the system said."""


_REASONS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.ENOTDIR: "路径中有一段是文件，不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.EEXIST: "同名文件已存在",
    errno.EACCES: "没有权限，或者文件正被其他程序打开",
    errno.EPERM: "没有权限",
    errno.EROFS: "此处只读",
    errno.ENOSPC: "磁盘已满",
    errno.ENAMETOOLONG: "名称太长",
}
"""What the common refusals of an operating system mean."""


_NO_TABLE = ("ParserError", "EmptyDataError")
"""What pandas raises of a file that holds no table, by name: it is not loaded here."""


def tell_reason(fault: BaseException) -> tuple[str, str]:
    """Say in Chinese and English why the system refused a file.

    Examples
    --------
    >>> tell_reason(FileNotFoundError(errno.ENOENT, "No such file or directory"))
    ('没有这个文件或文件夹', 'No such file or directory')
    """
    told = str(fault).strip() or type(fault).__name__
    if isinstance(fault, UnicodeDecodeError):
        return "编码无法辨认", "its encoding is not known"
    if type(fault).__name__ in _NO_TABLE:
        return "不是一张完整的表", f"it is no table ({told})"
    reason = getattr(fault, "strerror", None) or told
    number = getattr(fault, "errno", None)
    return _REASONS.get(number, reason) if number is not None else reason, reason
