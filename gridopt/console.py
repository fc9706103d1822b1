"""How results, findings and faults are said on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.accounts import kinds_of
from gridopt.awards.rules import TIE_WORDS
from gridopt.awards.ties import BOUNDARY_WORDS
from gridopt.chronicle import ENTERPRISE_COLUMNS, EVENTS, GRID_COLUMNS
from gridopt.moves import price_lines
from gridopt.names import name_unit
from gridopt.numbering import LAST_NUMBERS
from gridopt.tenure import CHANGES
from gridopt.words import ITEMS, NO_UNIT, gap_text

if TYPE_CHECKING:
    from pathlib import Path

    from gridopt.appraisal.outlook import Outlook
    from gridopt.budget import Budget
    from gridopt.geography import Units
    from gridopt.outcome import Outcome

DEBUG = "GRIDOPT_DEBUG"
"""Environment variable that lets the traceback of a defect through."""

_SHOWN_FINDINGS = 50
_OF_FIRM = ("enterprise_id", "unit", "category")
_OF_GRID = (
    *("grid_id", "medoid_id", "head", "deputy", "instructor"),
    *("came", "went", "came_names", "went_names"),
)
"""Columns of a history that stand above the table, below it, or there by name."""


def print_outcome(outcome: Outcome, folder: Path) -> None:
    """Say in a few lines what a run came to and where it lies."""
    told = outcome.summary
    gap = told["gap_share"]
    proof = "部分单元无下界"
    if gap is not None:
        proof = f"与理论下界的差距 {gap_text(gap)}（就现有划分单元和网格个数而言）"
        proof += "，已证明最优" if gap == 0 else ""
    left_out = sum(told["n_left_out"].values())
    if told["is_synthetic"]:
        print("合成数据：以下结果只作演示，不代表真实单位。")
    print(
        f"企业：读入 {told['n_read']:,} 家，划入网格 {told['n_eligible']:,} 家，"
        f"未纳入 {left_out:,} 家，隔离 {told['n_quarantined']:,} 行。"
    )
    print(
        f"网格：{told['n_blocks']:,} 个划分单元，{told['n_grids']:,} 个企业网格，"
        f"例外 {told['n_exceptions']:,} 项。"
    )
    print(f"距离：合计 {told['travel_m'] / 1000:,.1f} 公里；{proof}。")
    _print_changes(outcome.roster.posts["change"])
    print(f"经费：{_sums(outcome.budget)}{_span(outcome.budget)}。")
    _print_moves(outcome.partition.moves)
    for message_zh, _ in outcome.partition.remarks:
        print(f"上期方案：{message_zh}")
    _print_settlement(outcome.budget, outcome.register.units)
    if outcome.adjustment is not None:
        n = outcome.adjustment.counts
        print(
            f"与上期相比：调整 {n['moved']:,} 家，变更转格 {n['forced']:,} 家，"
            f"新纳入 {n['entered']:,} 家，退出 {n['left']:,} 家，"
            "原因见 adjustments.csv。"
        )
    print(f"结果目录：{folder}")


def _print_moves(moves: pd.DataFrame) -> None:
    """Say what the wishes of the planner cost, where there are any."""
    for line in price_lines(moves):
        print(f"{line}；逐家见 exceptions.csv。")


def print_revision(outcome: Outcome, plan: pd.DataFrame) -> None:
    """Say whether the classification was revised since a plan, and who stays put."""
    from gridopt.change import KEEPING, revision_line, revision_since

    if not set(KEEPING) <= set(plan.columns):
        print("上期方案没有行业代码（industry），无法识别行业分类修订。")
        return
    before = plan.set_index("enterprise_id")
    revision = revision_since(before, outcome.register, outcome.scenario.changes)
    if revision.is_recognised:
        print(revision_line(revision))
    n_kept = int((outcome.partition.enterprises["kept_category"] != "").sum())
    if n_kept:
        print(f"类别因分类修订改变、留在原网格的企业 {n_kept:,} 家，见例外说明（P3）。")
    elif revision.is_recognised and not outcome.scenario.grids.keep_revised:
        print("按情景（keep_revised: false），类别改变的企业已划入现行类别的网格。")


def _print_changes(change: pd.Series) -> None:
    """Say how many people stay in their posts, where there was a roster."""
    counts = change.value_counts()
    parts = [
        f"{word} {counts[kind]} 个" for kind, word in CHANGES.items() if kind in counts
    ]
    if parts:
        print(f"网格长、副网格长、网格指导员：{'，'.join(parts)}。")


def print_previous(
    plan: pd.DataFrame, people: pd.DataFrame | None, *, is_replaced: bool
) -> None:
    """Say in a line each, on standard error, what the previous run does not tell."""
    if LAST_NUMBERS not in plan.attrs:
        print(
            "上期方案旁的 summary.json 没有或缺少网格编号记录（last_numbers）："
            "更早撤销的网格编号无从得知，可能再次使用。 No record of numbers beside "
            "the previous plan: ids of grids closed earlier are unknown.",
            file=sys.stderr,
        )
    if people is None:
        print(
            "上期方案旁没有 roster.csv：网格人员按规则重新安排，不沿用原任人员。 "
            "No roster beside the previous plan: people are chosen anew.",
            file=sys.stderr,
        )
    if is_replaced:
        print(
            "上期方案在本次的输出目录内，完成后将被替换；以后核验（verify）和查询沿革（history）"
            "都要用到它，需要保留的请用 --out 另选目录。 The previous plan lies in the "
            "output folder and will be replaced: choose another --out to keep it.",
            file=sys.stderr,
        )


def print_findings(findings: pd.DataFrame) -> None:
    """List findings, errors first, fifty at most."""
    n_errors = int((findings["severity"] == "error").sum())
    n_warnings = len(findings) - n_errors
    print(
        f"错误 {n_errors} 项，提醒 {n_warnings} 项。 "
        f"Errors: {n_errors}, warnings: {n_warnings}."
    )
    errors_first = findings.sort_values("severity", kind="stable")
    for row in errors_first.head(_SHOWN_FINDINGS).itertuples():
        mark = "错误" if row.severity == "error" else "提醒"
        where = "整个文件" if pd.isna(row.row) else f"第{row.row}行"
        column = f" {row.column}" if row.column else ""
        print(f"[{mark}] {where}{column}：{row.message_zh}")
    if len(findings) > _SHOWN_FINDINGS:
        print(f"…… 另有 {len(findings) - _SHOWN_FINDINGS} 项。")


def print_history(told: pd.DataFrame) -> None:
    """Print the history of a firm or a grid: a table, then who came and went."""
    is_grid = "size" in told
    columns, hidden = (
        (GRID_COLUMNS, _OF_GRID) if is_grid else (ENTERPRISE_COLUMNS, _OF_FIRM)
    )
    print(f"{columns[hidden[0]]}：{told[hidden[0]].iloc[0]}")
    shown = told.assign(event=told["event"].map(EVENTS)).drop(columns=list(hidden))
    if not is_grid:
        shown["is_medoid"] = told["is_medoid"].map({True: "是", False: "否"})
        metres = "{:,.1f}".format
        shown["distance_m"] = told["distance_m"].map(metres, na_action="ignore")
    with pd.option_context("display.unicode.east_asian_width", True):
        text = shown.rename(columns=columns).fillna("").to_string(index=False)
    print("\n".join(line.rstrip() for line in text.splitlines()))
    for row in told.itertuples() if is_grid else ():
        _print_exchange(row.date, "转入", row.came, row.came_names)
        _print_exchange(row.date, "转出", row.went, row.went_names)


def _print_exchange(
    date: str, word: str, ids: tuple[str, ...], names: tuple[str, ...]
) -> None:
    if ids:
        pairs = zip(names, ids, strict=True)
        listed = "、".join(f"{name}（{one}）" for name, one in pairs)
        print(f"{date} {word} {len(ids)} 家：{listed}。")


def print_budget(budget: Budget, units: Units | None) -> None:
    """Print who pays what, the totals, and every choice in force with its clause."""
    print(_readable_lines(budget, units).to_string(index=False))
    print(f"{_sums(budget)}{_span(budget)}。")
    _print_settlement(budget, units)
    for row in budget.choices:
        mark = "默认" if row["is_default"] else "已改"
        print(f"[{row['clause']}] {row['label']}：{row['value_zh']}（{mark}）")
    for remark in budget.remarks:
        print(f"[{remark.clause}] {remark.message_zh}")


def print_outlook(outlook: Outlook, budget: Budget) -> None:
    """Say what the award bill may come to: bounds first, then chances."""
    from gridopt.appraisal.distribution import name_quantile

    bill = outlook.distribution
    told = "，".join(
        f"{name_quantile(share).upper()} {bill.quantile(share):,} 元"
        for share in (0.5, 0.8, 0.95)
    )
    print(
        f"星级奖励：上下限 {bill.least_yuan:,} 至 {bill.most_yuan:,} 元，"
        f"期望 {bill.mean_yuan:,.0f} 元，{told}。"
    )
    money_yuan = budget.rules.prize_money_yuan
    if money_yuan:
        chance = bill.sufficiency(money_yuan)
        less = "（已扣除以前年度未付）" if budget.arrears_yuan else ""
        print(f"可用资金 {money_yuan:,} 元{less}足额的概率为 {chance:.1%}。")
    print(outlook.remark_zh)


def _sums(budget: Budget) -> str:
    """Name the sums of which the total consists, and the total."""
    parts = [
        f"网格工作活动经费 {budget.activity_yuan:,} 元",
        f"星级奖励 {budget.award_yuan:,} 元",
    ]
    if budget.arrears_yuan:
        parts.append(f"以前年度未付 {budget.arrears_yuan:,} 元")
    return "，".join([*parts, f"合计 {budget.total_yuan:,} 元"])


def _span(budget: Budget) -> str:
    if budget.settlement is not None:
        return "（按评定结果）"
    return f"（区间 {budget.least_yuan:,} 至 {budget.most_yuan:,} 元）"


def _print_settlement(budget: Budget, units: Units | None) -> None:
    """Say how many were appraised and which boundaries were tied, if results are."""
    settlement = budget.settlement
    if settlement is None:
        return
    stars = settlement.stars
    print(
        f"评定：应参加 {len(stars):,} 人，合格 {int(stars['qualified'].sum()):,} 人，"
        f"年内任职未参加 {len(settlement.left_out):,} 人。"
    )
    for tie in settlement.ties.itertuples():
        print(
            f"同分：{_name(tie.pool, units)}{BOUNDARY_WORDS[tie.boundary]}"
            f"界线处 {tie.n_tied} 人同分，应取 {tie.wanted} 人，"
            f"{TIE_WORDS[tie.rule]}，实取 {tie.taken} 人。"
        )


def _name(code: str, units: Units | None) -> str:
    return name_unit(code, units) if code else "未定"


def _readable_lines(budget: Budget, units: Units | None) -> pd.DataFrame:
    lines = budget.lines
    return pd.DataFrame(
        {
            "二级统计网格": [
                _name(code, units) if code else NO_UNIT for code in lines["unit"]
            ],
            "资金承担单位": [_name(code, units) for code in lines["payer"]],
            "项目": kinds_of(lines).map(ITEMS),
            "年度": lines["fiscal_year"].astype("string").fillna("未定"),
            "人数": lines["members"],
            "金额（元）": lines["amount_yuan"],
        }
    )


def print_defect(fault: BaseException) -> None:
    """Say what nobody foresaw: too little memory, else a defect of the program."""
    if isinstance(fault, MemoryError):
        print(
            "内存不足。请关闭其他程序，或用 --workers 1 再运行。\n"
            "Too little memory: close other programs or run with --workers 1.",
            file=sys.stderr,
        )
        return
    name = type(fault).__name__
    print(
        f"程序内部错误（{name}：{fault}）。这是 gridopt 的缺陷，请把本条信息和所用命令"
        f"报告给维护人员；设环境变量 {DEBUG}=1 后再运行，可看到出错位置。\n"
        f"Internal error ({name}: {fault}). This is a defect of gridopt: please report "
        f"this message and the command; with the environment variable {DEBUG}=1 the "
        "next run shows where it happened.",
        file=sys.stderr,
    )
