"""What the report tells of the plan before: both maps, and who changed and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridopt.adjustment import FLOW_WORDS, FLOWS
from gridopt.views.drawing import MOST_POINTS, chain, draw_scale, on_page, path
from gridopt.views.html import element, note, part, table, wrap
from gridopt.views.labels import (
    CHANGE_KINDS,
    FATES,
    FORCED_MEANING,
    metres_text,
    unit_name,
)
from gridopt.views.palette import CHANGES
from gridopt.views.panels import lay_out_moves

if TYPE_CHECKING:
    from gridopt.adjustment import Adjustment
    from gridopt.outcome import Outcome
    from gridopt.views.panels import FloatArray, Panel, Panels

MOST_FIRMS = 1_000
"""Of more changed firms than this the rest stays in `adjustments.csv`."""
SAVED_MEANING = (
    "“距离缩短”为到原网格现在的中心企业与到现网格中心企业的距离之差，负数表示更远；"
    "原网格已撤销的不填。"
)

_MARGIN = 0.03


def show_changes(outcome: Outcome) -> str:
    """Show what changed since the plan in force; nothing where there was none."""
    adjustment = outcome.adjustment
    if adjustment is None:
        return ""
    return part(
        "与上期相比",
        element("p", sum_up(adjustment)),
        note(FORCED_MEANING),
        _maps(adjustment),
        _firms(adjustment),
        _grids(adjustment),
        _money(adjustment, outcome),
        _letters(adjustment),
    )


def sum_up(adjustment: Adjustment) -> str:
    """Say in one sentence how many stayed, moved, came and left."""
    counts, fates = adjustment.counts, adjustment.grids["fate"].value_counts()
    n_stay = len(adjustment.before) - sum(
        counts[kind] for kind in ("left", "forced", "moved")
    )
    return (
        f"上期{len(adjustment.before):,}家企业，其中{n_stay:,}家仍在原网格，"
        f"调整{counts['moved']:,}家，变更转格{counts['forced']:,}家，"
        f"退出{counts['left']:,}家；本期新纳入{counts['entered']:,}家。"
        f"网格新设{fates.get('opened', 0)}个，撤销{fates.get('closed', 0)}个。"
    )


def _maps(adjustment: Adjustment) -> str:
    panels = lay_out_moves(adjustment)
    pair = [
        wrap("figure", draw_panel(panel, panels, name) + _caption(panel, name, title))
        for panel, name, title in (
            (panels.was, "was", "上期"),
            (panels.now, "now", "本期"),
        )
    ]
    keys = [
        wrap("span", _key(kind) + element("span", CHANGE_KINDS[kind]), class_="key")
        for kind in CHANGES
    ]
    caption = (
        "浅色轮廓为网格，虚线轮廓为新设或撤销的网格，小灰点为未变动的企业，黑色方块为"
        "中心企业；有标记的企业连到当期的中心企业。两图范围、比例相同，上方地图的“单元”"
        "“行业”筛选同样适用；鼠标停在标记或轮廓上可看名称和原因。"
    )
    unknown = adjustment.before["longitude"].isna().sum()
    if unknown:
        caption += f"没有提供上期名录：退出的{unknown}家不在图上，其余按现址标出。"
    parts = wrap("div", keys, class_="keys") + wrap("div", pair, class_="pair")
    return wrap("div", parts + note(caption), class_="both")


def _caption(panel: Panel, name: str, title: str) -> str:
    """Say whose grids are shown; `report.js` counts those that were chosen."""
    n = element("span", f"{len(panel.grids):,}个网格", class_="shown", data_of=name)
    return wrap("figcaption", element("b", title) + f"：{n}")


def draw_panel(panel: Panel, panels: Panels, name: str) -> str:
    """Draw one of the two plans as SVG, both on the same frame."""
    margin = max(float((panels.high - panels.low).max()), 500.0) * _MARGIN
    corner = np.array([panels.low[0] - margin, panels.high[1] + margin])
    width, height = np.ceil(panels.high - panels.low + 2 * margin).astype(int).tolist()
    groups = [_draw_grid(panel, g, corner) for g in range(len(panel.grids))]
    parts = [*groups, draw_scale(width, height, class_="scale")]
    return wrap(
        "svg", "\n".join(parts), id=name, class_="plan",
        viewBox=f"0 0 {width} {height}", role="img",
        aria_label="上期网格" if name == "was" else "本期网格",
        style=f"--f:{max(width, height) * 0.026:.0f}px",
    )  # fmt: skip


def _draw_grid(panel: Panel, g: int, corner: FloatArray) -> str:
    grid = panel.grids.iloc[g]
    words = (
        f"{grid['grid_name']}：上期{grid['previous_size']}家，本期{grid['size']}家\n"
        f"{grid['reason_zh']}"
    )
    outline = on_page(panel.outlines[g], corner)
    parts = [path(chain(outline) + "z", words, class_="h")]
    mine = np.flatnonzero(panel.labels == g)
    kinds = panel.firms["kind"].to_numpy()[mine]
    points = on_page(panel.points[mine], corner)
    if len(panel.points) <= MOST_POINTS:
        stay = "".join(f"M{x} {y}h0" for x, y in points[kinds == ""])
        parts.append(path(stay, class_="p"))
    medoid = panel.medoids[g]
    if np.isfinite(medoid).all():
        x, y = on_page(medoid[np.newaxis], corner)[0]
        parts.append(path(f"M{x} {y}h1", class_="o"))
        for kind in CHANGES:
            spokes = "".join(f"M{a} {b}L{x} {y}" for a, b in points[kinds == kind])
            if spokes:
                parts.append(path(spokes, class_=f"s {kind}"))
    rows = panel.firms.iloc[mine][kinds != ""]
    for (x, y), row in zip(points[kinds != ""], rows.itertuples(), strict=True):
        told = f"{row.name}\n{CHANGE_KINDS[row.kind]}：{row.reason_zh}"
        place = f"M{x} {y}h1"
        parts.append(path(place, class_=f"r {row.kind}"))
        parts.append(path(place, told, class_=f"m {row.kind}"))
    is_odd = grid["fate"] in ("opened", "closed")
    return wrap(
        "g", parts, class_="g x" if is_odd else "g",
        data_u=grid["unit"], data_c=grid["category"],
    )  # fmt: skip


def _key(kind: str) -> str:
    marks = path("M10 10h.1", class_=f"r {kind}") + path(
        "M10 10h.1", class_=f"m {kind}"
    )
    return wrap("svg", marks, class_="plan mark-key", viewBox="0 0 20 20")


def _firms(adjustment: Adjustment) -> str:
    rows = adjustment.enterprises
    is_placed = rows["kind"].isin(["moved", "forced"])
    told = rows[is_placed].sort_values("kind", ascending=False, kind="stable")
    came = rows[~is_placed].sort_values("kind", kind="stable")
    heads = ("企业", "情况", "原网格", "现网格", "原因", "距离缩短")
    lines = [_firm(row) for row in told.head(MOST_FIRMS).itertuples()]
    others = [
        (row.name, row.Index, CHANGE_KINDS[row.kind], row.previous_grid_name,
         row.grid_name)
        for row in came.head(MOST_FIRMS).itertuples()
    ]  # fmt: skip
    parts = [element("h3", f"更换网格的企业（{len(told):,}家）")]
    if lines:
        marks = _marks(told.head(MOST_FIRMS), adjustment)
        parts.append(table(heads, lines, numbers=(5,), attributes=marks))
        parts.append(note(SAVED_MEANING))
    if others:
        marks = _marks(came.head(MOST_FIRMS), adjustment)
        columns = ("企业", "企业编号", "情况", "原网格", "现网格")
        title = element("summary", f"新纳入和退出的企业（{len(came):,}家）")
        inner = table(columns, others, attributes=marks)
        parts.append(wrap("details", title + inner))
    if max(len(told), len(came)) > MOST_FIRMS:
        parts.append(note(f"各表只列前{MOST_FIRMS:,}家，全部见 adjustments.csv。"))
    return "".join(parts)


def _firm(row: Any) -> tuple[str, ...]:
    saved = "" if pd.isna(row.saved_m) else signed_metres(row.saved_m)
    return (
        f"{row.name}（{row.Index}）", CHANGE_KINDS[row.kind], row.previous_grid_name,
        row.grid_name, row.reason_zh, saved,
    )  # fmt: skip


def signed_metres(metres: float) -> str:
    """Write a length that may be negative.

    Examples
    --------
    >>> signed_metres(-1234.5), signed_metres(80)
    ('−1.2公里', '80米')
    """
    return ("−" if metres < 0 else "") + metres_text(abs(metres))


def _marks(rows: pd.DataFrame, adjustment: Adjustment) -> list[dict[str, object]]:
    """Mark rows for the filter of the map by the grid that holds them now, or held."""
    grid_id = rows["grid_id"].where(rows["grid_id"] != "", rows["previous_grid_id"])
    own = adjustment.grids.loc[grid_id, ["unit", "category"]]
    pairs = own.itertuples(index=False)
    return [{"data_u": unit, "data_c": category} for unit, category in pairs]


def _grids(adjustment: Adjustment) -> str:
    grids = adjustment.grids
    is_still = (grids["fate"] == "kept") & (grids[list(FLOWS[1:-1])].sum(axis=1) == 0)
    told = grids[~is_still]
    lines = [
        (
            row.grid_name, FATES[row.fate], *(getattr(row, name) for name in FLOWS),
            "" if row.previous_medoid_id == row.medoid_id else "已更换",
            row.reason_zh,
        )
        for row in told.itertuples()
    ]  # fmt: skip
    heads = ("网格", "情况", *FLOW_WORDS.values(), "中心企业", "原因")
    marks = [
        {"data_u": unit, "data_c": category}
        for unit, category in zip(told["unit"], told["category"], strict=True)
    ]
    inner = table(heads, lines, numbers=range(2, 10), attributes=marks)
    title = f"有变动的网格（{len(told):,}个，另有{int(is_still.sum()):,}个没有变动）"
    return wrap("details", element("summary", title) + inner)


def _money(adjustment: Adjustment, outcome: Outcome) -> str:
    return element("h3", "网格工作活动经费的变化") + (
        element("p", NO_MEMBERS)
        if adjustment.money is None
        else _money_table(adjustment.money, outcome)
    )


NO_MEMBERS = (
    "没有提供上期名录，或上期方案没有写明划分单元，上期的网格成员数未知，不推算经费变化；"
    "请在运行时用 --previous-register 给出上期名录，并使用完整的 partition.csv。"
)
MONEY_HEADS = (
    *("二级统计网格", "资金承担单位", "上期成员（人）", "本期成员（人）"),
    *("按上期全年（元）", "本年度（元）", "本年度增减（元）", "以后整年增减（元）"),
)


def money_rows(money: pd.DataFrame, outcome: Outcome) -> list[list[object]]:
    """List the money of a change with names, and its totals as the last row."""
    register = outcome.register
    rows: list[list[object]] = [
        [
            unit_name(register, row.unit),
            unit_name(register, row.payer) if row.payer else "不安排",
            *list(row)[3:],
        ]
        for row in money.itertuples()
    ]
    sums = money.iloc[:, 2:].sum(skipna=False)
    return [*rows, ["合计", "", *sums.tolist()]]


def _money_table(money: pd.DataFrame, outcome: Outcome) -> str:
    lines = [
        [
            cell if isinstance(cell, str) else _number(cell, "+" if at > 5 else "")
            for at, cell in enumerate(row)
        ]
        for row in money_rows(money, outcome)
    ]
    return table(MONEY_HEADS, lines, numbers=range(2, 8))


def _number(value: Any, sign: str) -> str:
    """Write yuan or people, a difference with its sign as in the workbook."""
    return "未定" if pd.isna(value) else f"{int(value):{sign if value else ''},}"


def _letters(adjustment: Adjustment) -> str:
    letters = [
        wrap(
            "details",
            element("summary", row.unit_name)
            + element("p", row.letter_zh, class_="lines letter"),
        )
        for row in adjustment.units.itertuples()
    ]
    how = "点开名称可看全文；打印请用工作簿的“调整通知”。"
    title = element("h3", "发给各单元的调整通知（可复制）")
    return title + note(how) + "".join(letters)
