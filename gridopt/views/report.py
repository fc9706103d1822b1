"""The whole plan on one page that opens in any browser, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.rules import DOCUMENT
from gridopt.views import sections
from gridopt.views.before_after import show_changes
from gridopt.views.comparison import show_standing
from gridopt.views.drawing import MOST_POINTS, draw_map, draw_sizes
from gridopt.views.filters import show_filters
from gridopt.views.html import element, note, page, part, read_asset, wrap
from gridopt.views.labels import (
    SYNTHETIC,
    award_basis_text,
    gap_text,
    metres_text,
    yuan_text,
)
from gridopt.views.saving import save_text

if TYPE_CHECKING:
    from pathlib import Path

    from gridopt.budget import Budget
    from gridopt.comparison import Comparison
    from gridopt.outcome import Outcome


def write_report(
    outcome: Outcome, path: str | Path, comparison: Comparison | None = None
) -> None:
    """Write the plan as one self-contained page, Chinese, ready to print on A4.

    Nothing is loaded from elsewhere; names are escaped; the same outcome gives the
    same bytes.

    Parameters
    ----------
    outcome
        What a scenario leads to.
    path
        File to write; an existing one is replaced.
    comparison
        One that this outcome is part of: how it stands there has a section.
    """
    text = page_text(outcome, comparison)
    save_text(text, path)


def page_text(outcome: Outcome, comparison: Comparison | None = None) -> str:
    """Return the page that `write_report` writes."""
    title = str(outcome.scenario.title)

    def stand(outcome: Outcome) -> str:
        return "" if comparison is None else show_standing(comparison, outcome)

    body = "\n".join(
        show(outcome)
        for show in (
            _heading,
            _figures,
            _map,
            show_changes,
            stand,
            _sizes,
            sections.show_answer,
            sections.show_exceptions,
            sections.show_money,
            sections.show_grids,
            sections.show_choices,
            sections.show_clauses,
            sections.show_register,
        )
    )
    body += '\n<div id="tip"></div>'
    return page(
        title, body, style=read_asset("report.css"), script=read_asset("report.js")
    )


def _heading(outcome: Outcome) -> str:
    scenario = outcome.scenario
    parts = [element("h1", scenario.title)]
    if outcome.register.is_synthetic:
        parts.append(element("div", SYNTHETIC, class_="mark"))
    date = str(scenario.date) if scenario.date else "未注明"
    parts.append(note(f"编制：{scenario.author or '未注明'}　日期：{date}"))
    parts.append(note(f"文件：{DOCUMENT}"))
    parts.append(element("p", f"依据：{scenario.basis}", class_="note lines"))
    return wrap("header", parts)


def _figures(outcome: Outcome) -> str:
    summary, budget = outcome.summary, outcome.budget
    n = int(summary["n_eligible"])
    mean = n / max(int(summary["n_grids"]), 1)
    proven = "，已证明最优" if summary["gap_share"] == 0 else ""
    cards = (
        (f"{n:,}家", "纳入划分的企业"),
        (f"{summary['n_grids']:,}个", f"企业网格，平均{mean:.1f}家"),
        (f"{summary['n_exceptions']:,}项", "例外，逐项说明理由"),
        (metres_text(float(summary["travel_m"])), "企业到中心企业距离合计"),
        (gap_text(summary["gap_share"]),
         f"与理论下界的差距（划分单元、网格个数既定）{proven}"),
        (yuan_text(budget.activity_yuan), "网格工作活动经费（每年）"),
        (yuan_text(budget.award_yuan),
         f"星级奖励（{award_basis_text(budget)}）"),
        (yuan_text(budget.total_yuan), _total_text(budget)),
    )  # fmt: skip
    return wrap(
        "div",
        [
            wrap("div", element("b", value) + element("span", name), class_="card")
            for value, name in cards
        ],
        class_="cards",
    )


def _total_text(budget: Budget) -> str:
    if budget.settlement is not None:
        return "合计"
    return f"合计，可能在{budget.least_yuan:,}至{budget.most_yuan:,}元之间"


def _map(outcome: Outcome) -> str:
    partition = outcome.partition
    if partition.grids.empty:
        return part("网格划分图", note("没有网格。"))
    n = len(partition.enterprises)
    caption = (
        "圆点为企业，方块为中心企业，连线为企业到中心企业；虚线轮廓为有例外的网格。"
        "鼠标停在点上可看名称、网格和距离。"
    )
    if n > MOST_POINTS:
        caption = (
            f"企业共{n:,}家，超过{MOST_POINTS:,}家，图上只画各网格的轮廓和中心企业（方块），"
            "不画单个企业；虚线轮廓为有例外的网格。"
        )
    tools = show_filters([partition], element("span", "", class_="note shown",
                                              data_of="map"))  # fmt: skip
    figure = wrap("figure", draw_map(partition) + element("figcaption", caption))
    return part("网格划分图", tools, figure)


def _sizes(outcome: Outcome) -> str:
    rules = outcome.partition.rules
    caption = (
        f"浅蓝底色为{rules.least}至{rules.most}家的区间，虚线为目标{rules.target}家（P5），"
        "斜线为有例外的网格。"
    )
    figure = draw_sizes(outcome.partition) + element("figcaption", caption)
    return part("网格家数分布", wrap("figure", figure))
