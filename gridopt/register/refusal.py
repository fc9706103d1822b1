"""How a register is refused: how many errors, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.errors import InputError
from gridopt.findings import errors_of

if TYPE_CHECKING:
    from gridopt.register.examination import Examined
    from gridopt.register.settings import RegisterRules


def stop_on_errors(examined: Examined, rules: RegisterRules) -> None:
    """Raise where the file as a whole, or a row without quarantine, has an error."""
    findings, rows = examined.findings, examined.rows
    wrong = errors_of(findings)
    of_file = wrong[wrong["row"].isna() | (wrong["row"] <= rows.header_row)]
    if len(of_file) or (len(wrong) and not rules.quarantine):
        raise stopped(rows.file, findings, rows.n)


def stopped(file: str, findings: pd.DataFrame, n_rows: int) -> InputError:
    """Word the errors: how many, out of how many, the first three, what to do."""
    wrong = errors_of(findings)
    is_row = wrong["enterprise_id"] != ""
    n_bad = wrong.loc[wrong["row"].notna(), "row"].nunique()
    shown = (
        wrong
        if not is_row.any()
        else pd.concat([wrong[~is_row], wrong[is_row].head(3)])
    )
    zh = [
        _place(one, "第 {} 行 {}：") + one.message_zh
        for one in shown.head(12).itertuples()
    ]
    en = [
        _place(one, "row {} {}: ") + one.message_en
        for one in shown.head(12).itertuples()
    ]
    more = len(wrong) - len(zh)
    return InputError(
        f"名录“{file}”共 {n_rows} 行，有 {len(wrong)} 处错误，涉及 {n_bad} 行。"
        + "".join(zh)
        + (f"其余 {more} 处见问题清单。" if more > 0 else "")
        + "请改正后重试；个别行的错误也可在情景的 register 下写 quarantine: true，"
        "把这些行另存后继续。",
        f"The register {file!r} has {n_rows} rows and {len(wrong)} errors in {n_bad} "
        f"of them. {' '.join(en)}"
        + (f" {more} more stand in the findings." if more > 0 else "")
        + " Correct them; rows with errors can be set aside by quarantine: true "
        "under the scenario's register.",
        findings,
    )


def _place(one: Any, zh_or_en: str) -> str:
    if pd.isna(one.row):
        return ""
    told = zh_or_en.format(one.row, one.enterprise_id)
    return told.replace(" ：", "：").replace(" :", ":")
