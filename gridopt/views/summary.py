"""The first sheet of the workbook: what a reader has to know before all else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.rules import DOCUMENT
from gridopt.views.labels import (
    ANSWER_STATUS,
    ITEMS,
    LEFT_OUT,
    SYNTHETIC,
    award_basis_text,
    gap_text,
    share_text,
)
from gridopt.views.sheet import Column, Formula
from gridopt.views.sheets import CLAIM, answer_text, small_blocks_text

if TYPE_CHECKING:
    from gridopt.outcome import Outcome
    from gridopt.views.money import Money
    from gridopt.views.sheet import Sheet

COLUMNS = (
    Column("项目", "text", 38),
    Column("数值", "int", 26),
    Column("单位", "centre", 10),
    Column("说明", "text", 76),
)
WIDTHS = [column.width for column in COLUMNS]

Row = tuple[str, object, str, str]


def write_summary(sheet: Sheet, outcome: Outcome, money: Money) -> None:
    """Write title, register, grids, money and how good the cut is."""
    scenario = outcome.scenario
    sheet.on_one_page()
    if outcome.register.is_synthetic:
        sheet.wide(f"【{SYNTHETIC}】", "mark", height=22.0)
    date = str(scenario.date) if scenario.date else "未注明"
    sheet.wide(f"编制：{scenario.author or '未注明'}　　日期：{date}", "note")
    sheet.wide(f"文件：{DOCUMENT}", "note")
    sheet.wide(f"依据：{scenario.basis}", "note")
    _part(sheet, "一、名录", _register_rows(outcome))
    _part(sheet, "二、网格划分", _grid_rows(outcome))
    _part(sheet, "三、经费预算", _money_rows(outcome, money))
    sheet.section("四、方案质量证明")
    sheet.wide(answer_text(outcome), "note")
    sheet.wide(CLAIM, "note")
    sheet.wide(small_blocks_text(outcome), "note")
    sheet.signatures(["编制人", "审核人", "负责人"])


def _part(sheet: Sheet, title: str, rows: list[Row]) -> None:
    sheet.section(title)
    sheet.headings([column.heading for column in COLUMNS])
    for row in rows:
        style = "metres" if isinstance(row[1], float) else "int"
        style = "centre" if isinstance(row[1], str) else style
        sheet.cells(row, ["text", style, "centre", "text"])


def _register_rows(outcome: Outcome) -> list[Row]:
    summary, register = outcome.summary, outcome.register
    rows: list[Row] = [
        ("名录文件", register.file, "",
         f"校验码（SHA-256）前16位：{register.sha256[:16]}"),
        ("读入单位", summary["n_read"], "家", ""),
        ("纳入划分的企业", summary["n_eligible"], "家",
         "“四上”企业和小升规培育企业（P7）"),
    ]  # fmt: skip
    for reason, n in summary["n_left_out"].items():
        rows.append((f"未纳入：{LEFT_OUT.get(reason, reason)}", n, "家", ""))
    n = int(summary["n_quarantined"])
    words = "登记有误、暂未纳入的记录，见 quarantine.csv" if n else ""
    rows.append(("隔离待核", n, "家", words))
    findings = register.findings
    n = int((findings["severity"] == "warning").sum()) if len(findings) else 0
    rows.append(("名录提醒", n, "条", "不影响划分，见 findings.csv" if n else ""))
    return rows


def _grid_rows(outcome: Outcome) -> list[Row]:
    summary, grids = outcome.summary, outcome.partition.grids
    rules = outcome.partition.rules
    n = max(len(grids), 1)
    is_in_band = grids["size"].between(rules.least, rules.most)
    travel = float(summary["travel_m"])
    return [
        ("划分单元", summary["n_blocks"], "个", "单元与行业的组合，小单元按口径合并后"),
        ("企业网格（四级统计网格）", summary["n_grids"], "个",
         f"平均每个网格{summary['n_eligible'] / n:.1f}家，目标{rules.target}家（P5）"),
        (f"{rules.least}至{rules.most}家的网格", int(is_in_band.sum()), "个",
         f"占{share_text(float(is_in_band.mean()) if len(grids) else None)}"),
        ("例外", summary["n_exceptions"], "项", "逐项理由见“例外说明”"),
        ("企业到中心企业距离合计", travel / 1000, "公里",
         f"平均每家{travel / max(summary['n_eligible'], 1) / 1000:.2f}公里，直线距离"),
        ("总代价", summary["cost"] / 10_000, "公里",
         "距离与口径中各项代价之和"),
        ("与理论下界的差距", gap_text(summary["gap_share"]), "",
         ANSWER_STATUS.get(str(summary["status"]), str(summary["status"]))),
    ]  # fmt: skip


def _money_rows(outcome: Outcome, money: Money) -> list[Row]:
    budget = outcome.budget
    rules = budget.rules
    arrears = (ITEMS["arrears"], budget.arrears_yuan, "元", "先于本年度奖励支付（F9）")
    rows: list[Row] = [
        (ITEMS["activity"], budget.activity_yuan, "元",
         f"每人每年{rules.activity_yuan}元（F1）"),
        (ITEMS["award"], budget.award_yuan, "元",
         f"{award_basis_text(budget)}（F5、F6）"),
        *([arrears] if budget.arrears_yuan else []),
        ("合计", Formula(f"={money.total}", budget.total_yuan), "元", "取自“经费预算”"),
    ]  # fmt: skip
    if budget.settlement is not None:
        return rows
    return [
        *rows,
        ("最低可能", Formula(f"={money.least}", budget.least_yuan), "元",
         "合格人数取口径允许的最少"),
        ("最高可能", Formula(f"={money.most}", budget.most_yuan), "元",
         "合格人数取口径允许的最多"),
        ("预计合格率", f"{rules.pass_percent}%", "", rules.pass_basis),
    ]  # fmt: skip
