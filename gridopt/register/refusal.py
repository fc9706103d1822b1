"""How a register is refused: how many errors, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridopt.errors import InputError
from gridopt.findings import errors_of

if TYPE_CHECKING:
    from gridopt.register.examination import Examined
    from gridopt.register.settings import RegisterRules

_OF_ROWS, _AT_ALL = 3, 12
"""So many errors of rows, and errors in all, stand in the message."""

_SUM = "no_good_row"
"""The error that sums up the others: it stands last and is not counted."""


def stop_on_errors(examined: Examined, rules: RegisterRules) -> None:
    """Raise where the file as a whole, or a row without quarantine, has an error."""
    findings, rows = examined.findings, examined.rows
    wrong = errors_of(findings)
    is_of_file = ~_is_of_row(wrong, rows.header_row)
    if is_of_file.any() or (len(wrong) and not rules.quarantine):
        raise stopped(rows.file, findings, rows.n, rows.header_row)


def stopped(
    file: str, findings: pd.DataFrame, n_rows: int = 0, header_row: int = 0
) -> InputError:
    """Word the errors: how many, out of how many, the first three, what to do."""
    errors = errors_of(findings)
    is_sum = errors["rule"] == _SUM
    wrong, sums = errors[~is_sum], errors[is_sum]
    is_row = _is_of_row(wrong, header_row)
    shown = pd.concat([wrong[~is_row], wrong[is_row].head(_OF_ROWS)]).head(_AT_ALL)
    n_bad, n_more = wrong.loc[is_row, "row"].nunique(), len(wrong) - len(shown)
    told = [*pd.concat([shown, sums]).itertuples(), *_causes(findings, wrong)]
    # setting rows aside helps where some are good
    is_some = n_bad > 0 and sums.empty
    return InputError(
        _open_zh(file, n_rows, len(wrong), n_bad)
        + "".join(_place(one, "第 {} 行 {}：") + one.message_zh for one in told)
        + (f"其余 {n_more} 处见问题清单。" if n_more else "")
        + _close_zh(is_some=is_some),
        _open_en(file, n_rows, len(wrong), n_bad)
        + " ".join(_place(one, "row {} {}: ") + one.message_en for one in told)
        + (f" {n_more} more stand in the findings." if n_more else "")
        + _close_en(len(wrong), is_some=is_some),
        findings,
    )


def _is_of_row(wrong: pd.DataFrame, header_row: int) -> pd.Series:
    """Tell the errors of single rows from those of the file and its header."""
    return (wrong["row"] > header_row).fillna(value=False).astype(bool)


def _causes(findings: pd.DataFrame, wrong: pd.DataFrame) -> list[Any]:
    """Find the merged cell that may have left something missing, the first of them."""
    merged = findings[findings["rule"] == "merged_cells"]
    spans = merged["value"].str.extract(r"(\d+):[A-Z]+(\d+)").astype(np.int64)
    is_missing = wrong["rule"].str.endswith("_missing") & wrong["row"].notna()
    rows = np.sort(wrong.loc[is_missing, "row"].to_numpy(dtype=np.int64))
    # the top row of a merged area has the value, those below it have not
    n_above = np.searchsorted(rows, spans[0].to_numpy(), side="right")
    n_until = np.searchsorted(rows, spans[1].to_numpy(), side="right")
    return list(merged[n_until > n_above].assign(row=pd.NA).head(1).itertuples())


def _open_zh(file: str, n_rows: int, n_wrong: int, n_bad: int) -> str:
    size = f"共 {n_rows} 行，" if n_rows else ""
    reach = f"，涉及 {n_bad} 行" if n_bad else ""
    return f"名录“{file}”{size}有 {n_wrong} 处错误{reach}。"


def _open_en(file: str, n_rows: int, n_wrong: int, n_bad: int) -> str:
    size = f"{n_rows} row{'s' * (n_rows > 1)} and " if n_rows else ""
    reach = f" in {n_bad} of them" if n_bad else ""
    errors = f"{n_wrong} error{'s' * (n_wrong > 1)}"
    return f"The register {file!r} has {size}{errors}{reach}. "


def _close_zh(*, is_some: bool) -> str:
    aside = "；个别行的错误也可在情景的 register 下写 quarantine: true，"
    return "请改正后重试" + (f"{aside}把这些行另存后继续。" if is_some else "。")


def _close_en(n_wrong: int, *, is_some: bool) -> str:
    aside = "; rows with errors can be set aside by quarantine: true "
    aside += "under the scenario's register"
    return f" Correct {'them' if n_wrong > 1 else 'it'}{aside if is_some else ''}."


def _place(one: Any, zh_or_en: str) -> str:
    if pd.isna(one.row):
        return ""
    told = zh_or_en.format(one.row, one.enterprise_id)
    return told.replace(" ：", "：").replace(" :", ":")
