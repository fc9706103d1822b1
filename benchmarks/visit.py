"""What a newcomer does with a notebook in the browser, and what must be seen then."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from browsing import (  # noqa: E402
    ALL_RUN,
    NOTEBOOK,
    keep_picture,
    open_browser,
    why_not,
)

__all__ = ["find_faults", "visit", "why_not"]

WINDOW = {"width": 1500, "height": 1000}
TAB = "#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current .lm-TabBar-tabLabel"
IDLE = f"{NOTEBOOK} .jp-Notebook-ExecutionIndicator[data-status=idle]"
OUTPUT = ".jp-OutputArea-output"
MEASURE = """images => Promise.all(
  images.filter((image) => image.getClientRects().length).map(
    (image) => image.decode().then(() => image.naturalWidth, () => 0)))"""
"""How wide each picture is that has a place on the page, 0 where it is broken."""

PATIENCE_MS = 300_000
SAVED_S = 30
SMALLEST_PX = 300
"""A picture narrower than this has not been drawn."""


def visit(address: str, path: Path, names: list[str]) -> float:
    """Open an address, run the notebook, save it; give when all had been seen.

    Nothing of JupyterLab is set otherwise than it comes: the menus are used, and the
    notebook must be what the address leads to.
    """
    with open_browser() as browser:
        page = browser.new_page(viewport=WINDOW)
        page.goto(address)
        page.locator(IDLE).wait_for(timeout=PATIENCE_MS)
        opened = page.locator(TAB).all_inner_texts()
        if opened != [path.name]:
            raise SystemExit(f"{address} opens {opened}, not {path.name}")
        choose(page, "Run", "Run All Cells")
        page.wait_for_function(ALL_RUN, arg=NOTEBOOK, timeout=PATIENCE_MS)
        look(page, names)
        ended = time.perf_counter()
        save(page, path)
    return ended


def choose(page: Any, menu: str, item: str) -> None:
    """Choose from a menu, by the mouse."""
    page.locator(".lm-MenuBar-itemLabel").get_by_text(menu, exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()


def look(page: Any, names: list[str]) -> None:
    """Refuse a page without the comparison, its pictures and the desk."""
    panel = page.locator(NOTEBOOK)
    # what a cell raises is shown as words on stderr are
    failed = panel.locator("[data-mime-type$='jupyter.stderr']").all_text_contents()
    if failed:
        raise SystemExit("a cell failed:\n" + "\n".join(failed))
    panel.get_by_role("button", name="测算").last.wait_for()
    tables = "".join(panel.locator(f"{OUTPUT} table").all_text_contents())
    absent = [name for name in names if name not in tables]
    widths = panel.locator(f"{OUTPUT} img").evaluate_all(MEASURE)
    if absent or not widths or min(widths) < SMALLEST_PX:
        raise SystemExit(f"on the page lack {absent}; widths of pictures: {widths}")


def save(page: Any, path: Path) -> None:
    """Keep pictures of the desk and of the comparison, and save the notebook."""
    keep_picture(page, "newcomer_desk")
    page.locator(f"{NOTEBOOK} {OUTPUT} img").first.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    keep_picture(page, "newcomer_comparison")
    before, end = path.stat().st_mtime_ns, time.monotonic() + SAVED_S
    choose(page, "File", "Save Notebook")
    while path.stat().st_mtime_ns == before:
        if time.monotonic() > end:
            raise SystemExit(f"{path.name} was not saved within {SAVED_S} s")
        page.wait_for_timeout(100)
    page.wait_for_timeout(500)


def find_faults(notebook: dict, names: list[str]) -> list[str]:
    """List what a notebook, as saved after its run, lacks."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in cells for output in cell["outputs"]]
    faults = [f"error: {o['evalue']}" for o in outputs if o["output_type"] == "error"]
    n_left = sum(cell["execution_count"] is None for cell in cells)
    if n_left or not cells:
        faults.append(f"{n_left} of {len(cells)} code cells did not run")
    shown = [output.get("data", {}) for output in outputs]
    tables = json.dumps([data.get("text/html", "") for data in shown])
    faults += [f"no result of {name}" for name in names if name not in tables]
    kinds = {"image/png": "picture", "application/vnd.jupyter.widget-view+json": "desk"}
    told = {kind for data in shown for kind in data}
    return faults + [f"no {word}" for kind, word in kinds.items() if kind not in told]
