"""How the changes of a register are shown: one page, by kind, large effects first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gridopt.change import KIND_WORDS, KINDS
from gridopt.views.html import element, note, page, part, read_asset, table
from gridopt.views.labels import LEFT_OUT, SYNTHETIC
from gridopt.views.saving import save_text

if TYPE_CHECKING:
    from pathlib import Path

    from gridopt.change import RegisterChange
    from gridopt.register import Register

TITLE = "企业名录变动"
MOST_ROWS = 1000
"""With more events of one kind than this the page points to `changes.csv`."""

_STATUS = {
    "above_scale": "“四上”企业",
    "groomed": "小升规培育企业",
    "suspended": "停业",
}
_HEADINGS = (
    *("企业编号", "企业名称", "原值", "新值", "距离（米）"),
    *("原类别", "新类别", "影响较大", "待确认"),
)


def write_changes_page(change: RegisterChange, new: Register, path: str | Path) -> None:
    """Write the changes as one self-contained page, Chinese, ready to print.

    Parameters
    ----------
    new
        The new register, which knows the names of units and categories.
    """
    pieces = [element("h1", TITLE)]
    if change.is_synthetic:
        pieces.append(element("div", SYNTHETIC, class_="mark"))
    pieces.append(part("概要", *map(note, change.lines())))
    if len(change.majors):
        notes = [
            note(
                "乡镇（街道）须立即向市统计局报告的变动（M5 · 三(三)3）；"
                "怎样算影响较大为本项目理解。"
            ),
            _rows(change.majors, new, has_kind=True),
        ]
        pieces.append(part("对统计数据影响较大的变动", *notes))
    for kind in KINDS:
        events = change.changes[change.changes["kind"] == kind]
        if len(events):
            title = f"{KIND_WORDS[kind]}（{len(events):,}）"
            pieces.append(part(title, _rows(events, new)))
    style = read_asset("report.css")
    text = page(TITLE, "\n".join(pieces), style=style)
    save_text(text, path)


def _rows(events: pd.DataFrame, new: Register, *, has_kind: bool = False) -> str:
    if len(events) > MOST_ROWS:
        return note(f"共{len(events):,}项，逐项情况见 changes.csv。")
    shown = pd.DataFrame(
        {
            "id": events["enterprise_id"],
            "name": events["name"],
            "old": _words(events, "old_value", new),
            "new": _words(events, "new_value", new),
            "far": [f"{m:,.0f}" if m == m else "" for m in events["distance_m"]],
            "from": events["old_category"].map(new.classification.name_zh),
            "into": events["new_category"].map(new.classification.name_zh),
            "major": events["is_major"].map({True: "是", False: ""}),
            "open": events["needs_decision"].map({True: "是", False: ""}),
        }
    )
    headings = list(_HEADINGS)
    if has_kind:
        shown.insert(0, "kind", events["kind"].map(KIND_WORDS))
        headings.insert(0, "变动类型")
    at = headings.index("距离（米）")
    return table(headings, shown.to_numpy(dtype=object).tolist(), numbers=[at])


def _words(events: pd.DataFrame, column: str, new: Register) -> list[str]:
    """Put what is told in our words into those of people."""
    told = []
    for kind, value in zip(events["kind"], events[column], strict=True):
        text = str(value)
        if kind in ("left", "entered"):
            text = LEFT_OUT.get(text, _STATUS.get(text, text))
        elif kind == "status_changed":
            # who is groomed and stays is not left out
            words = (
                _STATUS.get(one, LEFT_OUT.get(one, one)) for one in text.split("/")
            )
            text = "，".join(words)
        elif kind == "moved":
            code, _, place = text.rpartition(" ")
            unit = new.units.get(code)
            text = f"{unit.name if unit else code} {place}"
        told.append(text)
    return told
