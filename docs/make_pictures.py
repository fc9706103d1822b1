"""How the pictures of the documents are made: by the package, of synthetic data.

python docs/make_pictures.py        # writes docs/pictures/*.png, in a minute or two
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from PIL import Image

import gridopt as go
from gridopt import views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

HOME = Path(__file__).resolve().parents[1]
FOLDER = HOME / "docs" / "pictures"
COLOURS = 128
"""Few colours make a quarter of the bytes."""
OCTREE = Image.Quantize.FASTOCTREE
"""Keeps rare colours; the median cut made green blue, and pink grey."""
MOST_BYTES = 120_000


def main() -> None:
    """Draw every picture and write it, small enough for a page of text."""
    mpl.use("agg")
    FOLDER.mkdir(exist_ok=True)
    for name, figure in draw_pictures():
        path = FOLDER / f"{name}.png"
        write_small(figure, path)
        print(f"{path.relative_to(HOME)}  {path.stat().st_size:,} B")


def draw_pictures() -> Iterator[tuple[str, Figure]]:
    """Draw a unit's map, before and after, the frontier, and the award bill."""
    base = go.read_scenario(HOME / "scenarios" / "yuhuan-2022.yaml")
    later = go.read_scenario(HOME / "scenarios" / "register-2026.yaml")
    plan = go.make_grids(read_register(2025, base), base.grids)
    yield "map", views.plot_map(plan, unit="楚门镇", category="工业").figure

    register = read_register(2026, later)
    again = go.make_grids(register, later.grids, previous=plan)
    adjustment = go.explain_adjustment(again, plan, date=later.date)
    pair = views.plot_adjustment(adjustment, unit="沙门镇", category="工业")
    yield "before-after", pair[0].figure

    frontier = go.trace_frontier(register, later.grids, plan)
    yield "frontier", views.plot_frontier(frontier).figure

    budget = go.set_budget(plan, base.money, year=2025)
    bill = go.look_ahead(budget.counts, base.money).distribution
    ax = views.plot_exceedance(bill, budget.award_yuan, register=plan.register)
    yield "exceedance", ax.figure


def read_register(year: int, scenario: go.Scenario) -> go.Register:
    """Read a shipped snapshot by the rules of its scenario."""
    file = HOME / "data" / f"yuhuan-synthetic-{year}.csv"
    return go.read_register(file, scenario.register)


def write_small(figure: Figure, path: Path) -> None:
    """Write a figure in few colours, without a date or a version."""
    figure.savefig(path, dpi=110, metadata={"Software": None})
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(
            COLOURS, method=OCTREE, dither=Image.Dither.NONE
        )
    few.save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{path.name}: {size:,} B, more than {MOST_BYTES:,}")


if __name__ == "__main__":
    main()
