"""Where things stand at the desk: tabs, buttons, and panes that wrap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridopt.desk.controls import GROUPS, HAND, SINCE
from gridopt.desk.kit import load_kit
from gridopt.desk.panels import HAND_HELP, panel, sentence
from gridopt.views.html import element

if TYPE_CHECKING:
    from gridopt.desk.desk import Desk
    from gridopt.desk.past import PlanInForce


def lay_out(desk: Desk, title: str, past: PlanInForce | None) -> tuple[Any, Any]:
    """Put the widgets of a desk together.

    Returns
    -------
    tuple
        The whole, and the part of it that shows results, hidden as long as there are
        none.
    """
    kit = load_kit()
    tab = _tabs(kit, desk, has_past=past is not None)
    buttons = [desk.run_button, desk.stop_button, desk.reset_button, desk.progress]
    told = [desk.changes] if past is not None else []
    panes = [
        kit.VBox([desk.place, desk.map], layout=_pane("1 1 560px")),
        *(
            kit.VBox([one], layout=_pane("1 1 400px", max_height="640px"))
            for one in [*told, desk.exceptions]
        ),
        kit.VBox([desk.money], layout=_pane("0 1 330px")),
        kit.VBox([desk.comparison], layout=_pane("1 1 560px")),
    ]
    # side by side where there is room, below one another where there is none
    results = kit.Box(panes, layout={"flex_flow": "row wrap", "display": "none"})
    parts = [_heading(kit, title, past), tab, kit.HBox(buttons), desk.status]
    return kit.VBox([*parts, results]), results


def _tabs(kit: Any, desk: Desk, *, has_past: bool) -> Any:
    names = [name for name in GROUPS if has_past or name != SINCE]
    tabs = {
        name: kit.VBox([desk.controls[key].widget for key in GROUPS[name]])
        for name in names
    }
    hand = tabs[HAND].children
    tabs[HAND] = kit.VBox([kit.HTML(sentence(HAND_HELP)), *hand, desk.finder.view])
    tabs["保存为情景文件"] = desk.form.view
    return kit.Tab(children=list(tabs.values()), titles=list(tabs))


def _heading(kit: Any, title: str, past: PlanInForce | None) -> Any:
    told = element("h4", f"基准情景：{title}")
    before = "" if past is None else element("p", f"上期方案：{past.card}")
    return kit.HTML(panel(told, before))


def _pane(flex: str, **more: str) -> dict[str, str]:
    return {"flex": flex, "min_width": "0", "overflow": "auto", **more}
