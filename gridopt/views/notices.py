"""What the workbook tells of a re-cut: the firms, the grids, a notice to each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.adjustment import FLOW_WORDS, FLOWS, MONEY_TITLE, SUMMARY_TITLE
from gridopt.views.before_after import (
    MONEY_HEADS,
    NO_MEMBERS,
    SAVED_MEANING,
    money_rows,
    sum_up,
)
from gridopt.views.labels import CHANGE_KINDS, FATES, FORCED_MEANING, unit_name
from gridopt.views.sheet import PRINT_SCALE, Column

if TYPE_CHECKING:
    from gridopt.adjustment import Adjustment
    from gridopt.outcome import Outcome
    from gridopt.views.sheet import Sheet

MONEY_MEANING = (
    "“按上期全年”为本年度成员不变时的金额；“本年度”为自调整之日起按本期成员计算的金额"
    "（口径见“口径与选择”的“人员进出”）；“以后整年增减”为本期成员与上期成员各按全年计算之差。"
)

MOVE_COLUMNS = (
    Column("企业编号", "id", 21),
    Column("企业名称", "text", 34),
    Column("单元", "text", 15),
    Column("行业", "centre", 9),
    Column("情况", "centre", 10),
    Column("原网格", "text", 25),
    Column("现网格", "text", 25),
    Column("原因", "text", 46),
    Column("距离缩短\n（米）", "metres", 11),
)
GRID_COLUMNS = (
    Column("网格编号", "id", 22),
    Column("网格名称", "text", 23),
    Column("情况", "centre", 9),
    *(Column(f"{words}\n（家）", "int", 7) for words in FLOW_WORDS.values()),
    Column("上期距离\n（米）", "metres", 11),
    Column("本期距离\n（米）", "metres", 11),
    Column("中心企业", "text", 30),
    Column("原因", "text", 36),
)
NOTICE_COLUMNS = (
    Column("序号", "int", 5),
    Column("企业编号", "id", 20),
    Column("企业名称", "text", 28),
    Column("情况", "centre", 9),
    Column("原网格", "text", 20),
    Column("现网格", "text", 20),
    Column("原因", "text", 28),
)
MONEY_COLUMNS = tuple(
    Column(heading.replace("（", "\n（"), style, width)
    for heading, style, width in zip(
        MONEY_HEADS,
        ["text"] * 2 + ["int"] * 4 + ["int_change"] * 2,
        [22] * 2 + [13] * 4 + [16] * 2,
        strict=True,
    )
)


def write_moves(sheet: Sheet, outcome: Outcome) -> None:
    """Write every enterprise that changed grid, then who entered and who left."""
    adjustment = _adjustment(outcome)
    register = outcome.register
    sheet.wide(sum_up(adjustment), "note")
    sheet.wide(FORCED_MEANING + SAVED_MEANING, "note")
    lines = [
        [
            row.Index, row.name, unit_name(register, row.unit),
            register.classification.name_zh(row.category), CHANGE_KINDS[row.kind],
            row.previous_grid_name, row.grid_name, row.reason_zh, row.saved_m,
        ]
        for row in _ordered(adjustment.enterprises).itertuples()
    ]  # fmt: skip
    first, last = sheet.table(MOVE_COLUMNS, lines, is_kept=True)
    if lines:
        sheet.page.autofilter(first - 1, 0, last, len(MOVE_COLUMNS) - 1)
    else:
        sheet.wide("没有企业变动。", "note")
    sheet.signatures(["编制人", "审核人", "市统计局负责人"])


def write_grids(sheet: Sheet, outcome: Outcome) -> None:
    """Write what became of every grid, and what it does to the activity money."""
    adjustment = _adjustment(outcome)
    sheet.wide(
        "上期家数－退出－调出－转出＋新纳入＋调入＋转入＝本期家数。“调出”“调入”为同一划分单元"
        "内的调整，“转出”“转入”为单元、行业等变化引起的变更转格。距离为企业到中心企业的合计。",
        "note",
    )
    grids = adjustment.grids
    names = {
        **adjustment.before["name"].to_dict(),
        **adjustment.partition.enterprises["name"].to_dict(),
    }
    lines = [_grid(row, names) for row in grids.itertuples()]
    first, last = sheet.table(GRID_COLUMNS, lines, is_kept=True)
    sheet.page.autofilter(first - 1, 0, last, len(GRID_COLUMNS) - 1)
    sums = [int(grids[name].sum()) for name in FLOWS]
    blanks = [""] * (len(GRID_COLUMNS) - 3 - len(FLOWS))
    styles = ["total"] * 3 + ["total_yuan"] * len(FLOWS) + ["total"] * len(blanks)
    sheet.cells(["合计", "", "", *sums, *blanks], styles)


def _grid(row: Any, names: dict[str, str]) -> list[object]:
    return [
        row.Index, row.grid_name, FATES[row.fate],
        *(int(getattr(row, name)) for name in FLOWS),
        row.previous_travel_m, row.travel_m, _medoid(row, names), row.reason_zh,
    ]  # fmt: skip


def _medoid(row: Any, names: dict[str, str]) -> str:
    was, now = (names.get(k, "") for k in (row.previous_medoid_id, row.medoid_id))
    if row.previous_medoid_id in ("", row.medoid_id):
        return now
    return f"{now}\n（原为{was}）" if now else f"（原为{was}）"


def write_money_change(sheet: Sheet, outcome: Outcome) -> None:
    """Write what the re-cut does to the activity money, unit by unit."""
    money = _adjustment(outcome).money
    if money is None:
        sheet.wide(NO_MEMBERS, "note")
        return
    sheet.wide(MONEY_MEANING, "note")
    *lines, total = money_rows(money, outcome)
    sheet.table(MONEY_COLUMNS, [_plain(row) for row in lines], is_kept=True)
    sheet.cells(
        _plain(total), ["total"] * 2 + ["total_yuan"] * 4 + ["total_change"] * 2
    )
    sheet.signatures(["编制人", "审核人", "负责人"])


def _plain(row: list[object]) -> list[object]:
    return ["未定" if value is pd.NA else value for value in row]


def write_notices(sheet: Sheet, outcome: Outcome) -> None:
    """Write to each unit what changes for it, one page or more each."""
    # fitted pages lose their breaks in Excel, so these columns fit A4 as they are
    sheet.page.set_print_scale(PRINT_SCALE)
    adjustment = _adjustment(outcome)
    for number, code in enumerate(adjustment.units.index):
        if number:
            sheet.new_page()
        _write_notice(sheet, adjustment, code)


def _write_notice(sheet: Sheet, adjustment: Adjustment, code: str) -> None:
    letter = adjustment.letters[code]
    sheet.section(letter.receiver)
    sheet.wide(letter.opening, "note")
    sheet.wide(f"{SUMMARY_TITLE}：{letter.summary}", "note")
    rows = adjustment.enterprises
    is_own = (rows["grid_unit"] == code) | (rows["previous_grid_unit"] == code)
    lines = [
        [
            i, row.Index, row.name, CHANGE_KINDS[row.kind], row.previous_grid_name,
            row.grid_name, row.reason_zh,
        ]
        for i, row in enumerate(_ordered(rows[is_own]).itertuples(), 1)
    ]  # fmt: skip
    if lines:
        unit_name = adjustment.units.at[code, "unit_name"]
        sheet.paged_table(NOTICE_COLUMNS, lines, f"{unit_name}（续）")
    grids = adjustment.grids
    told = grids[(grids["unit"] == code) & grids["fate"].isin(["opened", "closed"])]
    for row in told.itertuples():
        sheet.wide(f"{FATES[row.fate]}{row.grid_name}：{row.reason_zh}。", "note")
    if letter.money:
        sheet.wide(f"{MONEY_TITLE}：{letter.money}", "note")
    sheet.wide(letter.closing, "note")
    sheet.signatures(["经办人", "接收单位"])


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Put who changed grid first, then who entered, then who left."""
    order = {kind: i for i, kind in enumerate(CHANGE_KINDS)}
    return rows.sort_values("kind", key=lambda kinds: kinds.map(order), kind="stable")


def _adjustment(outcome: Outcome) -> Adjustment:
    assert outcome.adjustment is not None
    return outcome.adjustment
