"""Who gets which star as sheets: the list to sign, who is left out, ties (F5 to F8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.awards.rules import TIE_WORDS
from gridopt.awards.ties import BOUNDARY_WORDS
from gridopt.results import score_text
from gridopt.views.labels import pool_name, unit_name
from gridopt.views.sheet import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridopt.views.sheet import Sheet

STARS = (
    Column("评定单位", "text", 18),
    Column("人员编号", "id", 20),
    Column("企业编号", "id", 22),
    Column("在岗月数", "int", 8),
    Column("得分", "text", 9),
    Column("评定合格", "centre", 9),
    Column("按口径合格", "centre", 10),
    Column("星级", "centre", 10),
    Column("应发（元）", "yuan", 12),
    Column("实发（元）", "yuan", 12),
    Column("签收", "text", 14),
)
LEFT_OUT = (
    *STARS[:4],
    Column("原因", "text", 50),
)
TIES = (
    Column("评定范围", "text", 20),
    Column("界线", "centre", 10),
    Column("应取（人）", "int", 10),
    Column("实取（人）", "int", 10),
    Column("同分（人）", "int", 10),
    Column("处理", "text", 26),
    Column("同分人员", "text", 60),
)
_STAR_WORDS = {0: "—", 1: "一星级", 2: "二星级", 3: "三星级"}


def _write_stars(sheet: Sheet, books: Any) -> None:
    settlement_, payment = books.budget.settlement, books.budget.payment
    stars = settlement_.stars.assign(score=score_text(settlement_.stars["score"]))
    paid = stars["amount_yuan"] if payment is None else payment.amount_yuan
    stars = stars.assign(paid=paid).sort_values(
        ["unit", "star", "person_id"], ascending=[True, False, True], kind="stable"
    )
    sheet.wide(
        f"应参加评定{len(stars)}人，按口径合格{int(stars['qualified'].sum())}人；"
        f"年内任职未参加评定{len(settlement_.left_out)}人，另表列出。",
        "note",
    )
    rows = [
        [
            unit_name(books.register, row.unit), row.person_id, row.enterprise_id,
            int(row.months), row.score, "是" if row.passed else "否",
            "是" if row.qualified else "否",
            "未定到人" if pd.isna(row.star) else _STAR_WORDS[int(row.star)],
            row.amount_yuan, row.paid, "",
        ]
        for row in stars.itertuples()
    ]  # fmt: skip
    sheet.table(STARS, rows, is_kept=True)


def _write_left_out(sheet: Sheet, books: Any) -> None:
    left_out = books.budget.settlement.left_out
    sheet.wide(f"年内任过职、未参加评定的{len(left_out)}人，逐人说明原因。", "note")
    rows = [
        [unit_name(books.register, row.unit), row.person_id, row.enterprise_id,
         int(row.months), row.reason_zh]
        for row in left_out.itertuples()
    ]  # fmt: skip
    sheet.table(LEFT_OUT, rows, is_kept=True)


def _write_ties(sheet: Sheet, books: Any) -> None:
    ties = books.budget.settlement.ties
    sheet.wide(
        f"界线处最后入选者与第一名落选者同分的，共{len(ties)}处，逐处列明。", "note"
    )
    rows = [
        [
            pool_name(books.register, books.partition.grids, row.pool),
            BOUNDARY_WORDS[row.boundary],
            row.wanted, row.taken, row.n_tied, TIE_WORDS[row.rule],
            row.person_ids.replace(" ", "、"),
        ]
        for row in ties.itertuples()
    ]  # fmt: skip
    sheet.table(TIES, rows, is_kept=True)


SHEETS: tuple[tuple[str, tuple[Column, ...], Callable[[Sheet, Any], None]], ...] = (
    ("星级评定名单", STARS, _write_stars),
    ("未参加评定", LEFT_OUT, _write_left_out),
    ("同分处理", TIES, _write_ties),
)
"""Name, columns and writer of each sheet; there are none without results."""
