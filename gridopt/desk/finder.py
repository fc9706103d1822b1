"""Where ids are looked up: a firm by its name, and the grids that it could go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridopt.desk.kit import load_kit
from gridopt.desk.panels import panel
from gridopt.geography import distance_m
from gridopt.views.html import element, table

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from gridopt.partition import Partition

MOST_FIRMS, MOST_GRIDS = 8, 6
"""So many firms that match are listed, and so many grids of the first one's block."""


class Finder:
    """A box for part of a name or id, and what is found below it.

    Parameters
    ----------
    plan
        Gives the plan that is shown; None where there is none yet.
    """

    def __init__(self, plan: Callable[[], Partition | None]) -> None:
        kit = load_kit()
        self._plan = plan
        self.box = kit.Text(
            description="查编号",
            placeholder="企业名称或编号中的几个字，回车",
            continuous_update=False,
            layout={"width": "98%", "max_width": "56em"},
        )
        self.found = kit.HTML()
        self.box.observe(lambda _: self.look(), "value")

    @property
    def view(self) -> Any:
        """Box and findings as one widget."""
        return load_kit().VBox([self.box, self.found])

    def look(self) -> None:
        """Look up what is typed, in the plan that is shown now."""
        plan, text = self._plan(), self.box.value.strip()
        if not text:
            self.found.value = ""
        elif plan is None:
            words = "还没有方案，请先按“测算”。No plan yet: press 测算 first."
            self.found.value = panel(element("p", words))
        else:
            self.found.value = find_firms(plan, text)


def find_firms(plan: Partition, text: str) -> str:
    """List firms by part of a name or id, and grids of the first one's block.

    Examples
    --------
    >>> import gridopt as go
    >>> plan = go.make_grids(go.read_sample())
    >>> "现在的网格" in find_firms(plan, plan.enterprises.index[0])
    True
    """
    firms = plan.enterprises
    names, ids = firms["name"].astype(str), firms.index.to_series().astype(str)
    is_like = names.str.contains(text, regex=False) | ids.str.contains(
        text, case=False, regex=False
    )
    found = firms[is_like]
    if found.empty:
        words = f"没有名称或编号含“{text}”的企业。No enterprise is called so."
        return panel(element("p", words))
    more = len(found) - MOST_FIRMS
    lines = [
        [row.name, row.Index, row.grid_id, f"{row.distance_m:,.0f}"]
        for row in found.head(MOST_FIRMS).itertuples()
    ]
    heads = ["企业", "企业编号", "现在的网格", "到中心企业（米）"]
    return panel(
        table(heads, lines, numbers=[3]),
        element("p", f"另有{more:,}家，请多写几个字。") if more > 0 else "",
        _grids(plan, str(found.index[0])),
    )


def _grids(plan: Partition, enterprise: str) -> str:
    """List the grids that an enterprise may be put into, the nearest first."""
    own = plan.enterprises.loc[enterprise]
    is_other = plan.grids.index != own["grid_id"]
    grids = plan.grids[(plan.grids["block_id"] == own["block_id"]) & is_other]
    if grids.empty:
        return element("p", f"{own['name']}所在划分单元没有其他网格，不能人工调整。")
    far_m = _distances(plan, enterprise, grids["medoid_id"])
    told = grids.assign(far_m=far_m).sort_values("far_m", kind="stable")
    lines = [
        [row.Index, row.grid_name, row.size, f"{row.far_m / 1000:.1f}"]
        for row in told.head(MOST_GRIDS).itertuples()
    ]
    heads = ["网格编号", "网格", "家数", "到中心企业（约，公里）"]
    title = f"{own['name']}可调入的网格（同一划分单元，由近到远）"
    return element("h4", title) + table(heads, lines, numbers=[2, 3])


def _distances(plan: Partition, enterprise: str, medoids: pd.Series) -> Any:
    places = plan.register.enterprises[["longitude", "latitude"]].astype(float)
    east, north = places.loc[enterprise]
    there = places.loc[medoids]
    return distance_m(there["longitude"], there["latitude"], east, north)
