"""What the report tells in tables: proof, exceptions, money, grids, choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.accounts import kinds_of
from gridopt.views.html import element, note, part, table, wrap
from gridopt.views.labels import (
    ANSWER_STATUS,
    CLAUSE_STATUS,
    ITEMS,
    KINDS,
    LEFT_OUT,
    ROLES,
    block_name,
    gap_text,
    metres_text,
    unit_name,
    value_text,
    yuan_text,
)
from gridopt.views.money import UNSETTLED
from gridopt.views.sheets import (
    CLAIM,
    POINTS,
    STATUS_MEANING,
    answer_text,
    small_blocks_text,
)

if TYPE_CHECKING:
    from gridopt.budget import Budget
    from gridopt.outcome import Outcome

MOST_BLOCKS = 1_000
"""With more blocks than this their table stays in `blocks.csv`."""


def show_answer(outcome: Outcome) -> str:
    """Say how good the cut is, block by block, and what exactly is claimed."""
    partition, summary = outcome.partition, outcome.summary
    cost = f"总代价{summary['cost'] / 10_000:,.1f}公里"
    bound = summary["bound"]
    if bound is None:
        cost += "，总的理论下界未知。"
    else:
        gap = gap_text(summary["gap_share"])
        cost += f"，理论下界{bound / 10_000:,.1f}公里，差距{gap}。"
    parts = [
        element("p", cost + answer_text(outcome)),
        element("p", CLAIM),
        element("p", small_blocks_text(outcome)),
    ]
    if len(partition.blocks) > MOST_BLOCKS:
        parts.append(note(f"划分单元超过{MOST_BLOCKS:,}个，逐个情况见 blocks.csv。"))
        return part("方案质量证明", *parts)
    rows = [
        (
            block_name(partition, str(row.Index)), row.n, row.n_grids,
            f"{row.cost / 10_000:,.2f}",
            "—" if pd.isna(row.bound) else f"{row.bound / 10_000:,.2f}",
            gap_text(row.gap_share), ANSWER_STATUS.get(row.status, row.status),
        )
        for row in partition.blocks.itertuples()
    ]  # fmt: skip
    heads = (
        "划分单元",
        "企业（家）",
        "网格（个）",
        "代价（公里）",
        "理论下界（公里）",
        "差距",
        "结论",
    )
    inner = table(heads, rows, numbers=(1, 2, 3, 4, 5))
    parts.append(wrap("details", element("summary", "逐个划分单元") + inner))
    return part("方案质量证明", *parts)


def show_exceptions(outcome: Outcome) -> str:
    """List every departure with clause and reason."""
    partition = outcome.partition
    rows = partition.exceptions
    if rows.empty:
        return part("例外说明", element("p", "没有例外。"))
    names = partition.grids["grid_name"]
    lines = [
        (
            row.clause, KINDS.get(row.kind, row.kind),
            names.get(row.grid_id) or block_name(partition, str(row.block_id)),
            int(row.n_enterprises), row.explanation_zh,
        )
        for row in rows.itertuples()
    ]  # fmt: skip
    heads = ("条款", "类型", "划分单元或网格", "涉及企业（家）", "说明")
    return part("例外说明", note(POINTS), table(heads, lines, numbers=(3,)))


def show_money(outcome: Outcome) -> str:
    """Show who pays what, the hard bounds and both readings of F6 and F9."""
    budget = outcome.budget
    parts = [
        element("p", f"注意（{r.clause}）：{r.message_zh}") for r in budget.remarks
    ]
    parts.append(_payers(outcome))
    parts.append(element("p", _total_text(budget)))
    parts.append(element("h3", "星级奖励由谁承担：文件的两种读法（F6、F9）"))
    heads = ("条款", "文件原文", "承担单位", "总需求（元）", "可统筹经费（元）",
             "新增预算（元）", "缺口（元）")  # fmt: skip
    readings = [_reading(outcome, row) for row in budget.funding.itertuples()]
    parts.append(table(heads, readings, numbers=(3, 4, 5, 6)))
    return part("经费预算", *parts)


def _total_text(budget: Budget) -> str:
    total = f"合计{yuan_text(budget.total_yuan)}；"
    settlement = budget.settlement
    if settlement is not None:
        stars = settlement.stars
        return (
            f"{total}星级奖励按评定结果结算：应参加评定{len(stars):,}人，"
            f"合格{int(stars['qualified'].sum()):,}人，年内任职未参加"
            f"{len(settlement.left_out):,}人，界线处同分{len(settlement.ties):,}处。"
        )
    return (
        f"{total}按口径允许的最少、最多合格人数，"
        f"最低{yuan_text(budget.least_yuan)}，最高{yuan_text(budget.most_yuan)}。"
    )


def _payers(outcome: Outcome) -> str:
    lines = outcome.budget.lines
    keys = ["kind", "payer", "fiscal_year"]
    sums = (
        lines.assign(kind=kinds_of(lines))
        .groupby(keys, dropna=False)[["members", "amount_yuan"]]
        .sum()
    )
    rows = []
    for (kind, payer, year), row in sums.iterrows():
        name = unit_name(outcome.register, payer) if payer else UNSETTLED
        when = "未定" if pd.isna(year) else int(year)
        rows.append((ITEMS[kind], name, when, f"{row['members']:,}",
                     f"{row['amount_yuan']:,}"))  # fmt: skip
    heads = ("经费项目", "资金承担单位", "预算年度", "人数（人）", "金额（元）")
    return table(heads, rows, numbers=(3, 4))


def _reading(outcome: Outcome, row: Any) -> tuple[str, ...]:
    def money(value: object) -> str:
        return "尚未提供" if pd.isna(value) else f"{int(value):,}"  # type: ignore[call-overload]

    payer = unit_name(outcome.register, row.payer) if row.payer else "各相关部门统筹"
    gap = "可统筹经费尚未提供" if pd.isna(row.gap_yuan) else money(row.gap_yuan)
    return (
        f"{row.clause} · {row.section}", f"“{row.text}”", payer, money(row.need_yuan),
        money(row.available_yuan), money(row.new_yuan), gap,
    )  # fmt: skip


def show_grids(outcome: Outcome) -> str:
    """List every grid with its leaders; the filter of the map hides rows here."""
    posts, grids = outcome.roster.posts, outcome.partition.grids
    leaders = posts[(posts["level"] == 4) & (posts["role"] != "member")]
    names = leaders["name"].where(~leaders["is_vacant"].astype(bool), "空缺")
    by_role = (
        leaders.assign(shown=names)
        .groupby(["grid_id", "role"])["shown"]
        .agg("、".join)
        .unstack(fill_value="")
    )
    by_role = by_role.reindex(index=grids.index, columns=list(ROLES)[:3]).fillna("空缺")
    rows = _grid_rows(grids, by_role)
    heads = ("网格编号", "网格名称", "企业（家）", "距离合计", "最远", "网格长",
             "副网格长", "网格指导员", "例外")  # fmt: skip
    marks = (
        {"data_u": unit, "data_c": category}
        for unit, category in zip(grids["unit"], grids["category"], strict=True)
    )
    return part(
        f"网格一览（{len(grids):,}个）",
        table(heads, rows, numbers=(2, 3, 4), attributes=marks),
    )


def _grid_rows(grids: pd.DataFrame, by_role: pd.DataFrame) -> list[tuple[object, ...]]:
    return [
        (
            grid_id, grid["grid_name"], grid["size"], metres_text(grid["travel_m"]),
            metres_text(grid["radius_m"]), *by_role.loc[grid_id],
            "有" if grid["is_exception"] else "",
        )
        for grid_id, grid in grids.iterrows()
    ]  # fmt: skip


def show_choices(outcome: Outcome) -> str:
    """List every setting that interprets a clause."""
    rows = [
        (
            choice["clause"], choice["label"],
            choice.get("value_zh") or value_text(choice["value"]),
            "是" if choice["is_default"] else "否",
        )
        for choice in outcome.choices
    ]  # fmt: skip
    remark = note("文件未明确之处列为口径；“否”表示与默认口径不同。")
    heads = ("条款", "事项", "采用的口径", "是否默认")
    return part("口径与选择", remark, table(heads, rows))


def show_clauses(outcome: Outcome) -> str:
    """List what each clause says of this plan."""
    rows = [
        (row.key, row.section, CLAUSE_STATUS.get(row.status, row.status), row.evidence)
        for row in outcome.clauses.itertuples()
    ]
    heads = ("条款", "文件出处", "情况", "说明")
    return part("条款对照", note(STATUS_MEANING), table(heads, rows))


def show_register(outcome: Outcome) -> str:
    """Say which register, how much of it, and which versions."""
    summary, register = outcome.summary, outcome.register
    left_out = "、".join(
        f"{LEFT_OUT.get(reason, reason)}{n}家"
        for reason, n in summary["n_left_out"].items()
    )
    text = f"名录文件 {register.file}：读入{summary['n_read']:,}家"
    text += f"，未纳入：{left_out}" if left_out else ""
    if summary["n_quarantined"]:
        text += f"，隔离待核{summary['n_quarantined']:,}条（见 quarantine.csv）"
    hashes = "；".join(f"{k} {v}" for k, v in summary["hashes"].items() if v)
    versions = "，".join(f"{k} {v}" for k, v in summary["versions"].items())
    return part(
        "数据与版本",
        element("p", f"{text}，纳入划分{summary['n_eligible']:,}家。"),
        note(f"校验码（SHA-256）：{hashes}"),
        note(f"软件版本：{versions}；随机种子：{summary['seed']}"),
    )
