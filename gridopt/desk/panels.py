"""What an outcome looks like at the desk: exceptions, money and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.accounts import kinds_of
from gridopt.differences import is_told, list_inputs, list_results
from gridopt.moves import KIND as MOVED_BY_HAND
from gridopt.views.before_after import sum_up
from gridopt.views.html import element, table, wrap
from gridopt.views.labels import (
    CHANGE_KINDS,
    FORCED_MEANING,
    ITEMS,
    KINDS,
    SYNTHETIC,
    block_name,
    unit_name,
)

if TYPE_CHECKING:
    from gridopt.comparison import Comparison
    from gridopt.outcome import Outcome

MOST_EXCEPTIONS, MOST_MOVERS = 12, 100
"""So many exceptions, and enterprises that change grid, are told one by one."""

_LONGEST_VALUE = 120

HAND_HELP = (
    "每行一家：企业编号、网格编号，中间用空格、逗号或制表符分开；也可以把人工调整表连表头"
    "一起粘贴。只写企业编号、不写网格编号的，解除原来的人工调整。\n"
    "调整后各网格家数仍须在区间内，不跨划分单元；代价在测算后说明，并列入例外。"
)
"""How moves by hand are written into their box."""

STYLE = wrap(
    "style",
    ".gridopt-desk table{border-collapse:collapse;font-size:12px;line-height:1.45}"
    ".gridopt-desk th,.gridopt-desk td{padding:2px 7px;text-align:left;"
    "border-bottom:1px solid #d5dbe1;vertical-align:top}"
    ".gridopt-desk th,.gridopt-desk .n{white-space:nowrap}"
    ".gridopt-desk .n{text-align:right}"
    ".gridopt-desk h4{margin:8px 0 3px}.gridopt-desk p{margin:3px 0;line-height:1.5}"
    ".gridopt-desk p{white-space:pre-line}.gridopt-desk .bad{color:#B42318}",
)


def panel(*pieces: str) -> str:
    """Put safe pieces together in the desk's own style."""
    return STYLE + wrap("div", pieces, class_="gridopt-desk")


def sentence(text: str, *, is_bad: bool = False) -> str:
    """Write what the desk has to say, escaped."""
    return panel(element("p", text, **({"class_": "bad"} if is_bad else {})))


def changes_panel(outcome: Outcome) -> str:
    """Tell who changed grid since the plan in force, and why; nothing without one."""
    adjustment = outcome.adjustment
    if adjustment is None:
        return ""
    rows = adjustment.enterprises
    placed = rows[rows["kind"].isin(["moved", "forced"])]
    placed = placed.sort_values("kind", ascending=False, kind="stable")
    told = [
        [
            row.name,
            CHANGE_KINDS[row.kind],
            f"{row.previous_grid_name} → {row.grid_name}",
            row.reason_zh,
        ]
        for row in placed.head(MOST_MOVERS).itertuples()
    ]
    more = len(placed) - len(told)
    heads = ["企业", "情况", "原网格 → 现网格", "原因"]
    first = f"，前{len(told)}家" if more else ""
    title = f"更换网格的企业（{len(placed):,}家{first}）"
    return panel(
        element("h4", "与上期相比"),
        element("p", sum_up(adjustment)),
        *(element("p", zh) for zh, _ in outcome.partition.remarks),
        element("p", FORCED_MEANING),
        *((element("h4", title), table(heads, told)) if told else ()),
    )


def exceptions_panel(outcome: Outcome) -> str:
    """Count an outcome's exceptions by kind, and tell the first of them."""
    rows = outcome.partition.exceptions
    if rows.empty:
        return panel(element("h4", "例外"), element("p", "没有例外。"))
    counts = rows.groupby(["clause", "kind"], sort=True).size()
    kinds = [[c, KINDS.get(k, k), n] for (c, k), n in counts.items()]
    # what the planner asked for is looked for first
    shown = rows.sort_values(
        "kind", key=lambda kind: kind != MOVED_BY_HAND, kind="stable"
    )
    shown = shown.head(MOST_EXCEPTIONS)
    told = [
        [row.clause, block_name(outcome.partition, row.block_id), row.explanation_zh]
        for row in shown.itertuples()
    ]
    more = len(rows) - len(shown)
    return panel(
        element("h4", f"例外（{len(rows)}项）"),
        table(["条款", "例外", "项数"], kinds, numbers=[2]),
        element("h4", "逐项说明" + (f"（前{len(shown)}项）" if more else "")),
        table(["条款", "划分单元", "说明"], told),
    )


def money_panel(outcome: Outcome) -> str:
    """Tell what an outcome costs: in all, within which bounds, and who pays."""
    budget, made_up = outcome.budget, outcome.register.is_synthetic
    owed = budget.arrears_yuan
    arrears = [[ITEMS["arrears"], f"{owed:,}"]] if owed else []
    lines = [
        ["网格工作活动经费", f"{budget.activity_yuan:,}"],
        ["星级奖励", f"{budget.award_yuan:,}"],
        *arrears,
        ["合计", f"{budget.total_yuan:,}"],
        ["合计下限", f"{budget.least_yuan:,}"],
        ["合计上限", f"{budget.most_yuan:,}"],
    ]
    rows = budget.lines.assign(kind=kinds_of(budget.lines))
    by_payer = rows.groupby(["payer", "kind"], sort=True)["amount_yuan"].sum()
    payers = [
        [_payer(outcome, str(payer)), ITEMS[kind], f"{int(yuan):,}"]
        for (payer, kind), yuan in by_payer.items()
    ]
    return panel(
        element("h4", "经费（元）"),
        table(["项目", "金额"], lines, numbers=[1]),
        element("h4", "资金承担单位"),
        table(["单位", "项目", "金额"], payers, numbers=[2]),
        element("p", SYNTHETIC) if made_up else "",
    )


def _payer(outcome: Outcome, payer: str) -> str:
    return unit_name(outcome.register, payer) if payer else "未定"


def comparison_panel(comparison: Comparison) -> str:
    """Tell what was chosen otherwise, then what came of it."""
    inputs = [list(map(_cut, row)) for row in list_inputs(comparison)]
    marks = is_told(comparison)
    results = [
        row for row, mark in zip(list_results(comparison), marks, strict=True) if mark
    ]
    n_same = int((~marks).sum())
    names = comparison.names
    return panel(
        element("h4", "结论"),
        *(element("p", sentence) for sentence in comparison.sentences),
        element("h4", f"设置不同之处（{len(inputs)}项）"),
        table(["设置", "条款", *names], inputs),
        element("h4", "测算结果"),
        table(["指标", "单位", *names], results, numbers=range(2, 2 + len(names))),
        element(
            "p",
            f"括号内为与{comparison.base_name}相比的增减；另有{n_same}项指标没有不同。",
        ),
    )


def _cut(text: str) -> str:
    """Cut what would fill the table, such as hundreds of moves by hand."""
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
