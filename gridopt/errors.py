"""What went wrong, in words for the person whose input it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


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
