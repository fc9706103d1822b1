"""How tests get a real browser, a JupyterLab of their own, a look at each letter."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "screenshots"
"""Where screenshots are kept; git ignores it."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SETTINGS = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    # every cell is in the page, not only those that can be seen
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {
        "windowingMode": "none"
    },
}
START_S = 60
NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"
"""The notebook that is shown."""

ALL_RUN = """(notebook) => {
  const panel = document.querySelector(notebook);
  const cells = [...panel.querySelectorAll(".jp-CodeCell")];
  const marks = cells.map(
    (cell) => cell.querySelector(".jp-InputArea-prompt").textContent);
  const failed = panel.querySelector("[data-mime-type$='jupyter.stderr']");
  return failed || (cells.length && marks.every((mark) => /\\[\\d+\\]/.test(mark)));
}"""
"""Whether every code cell has its number, or one has failed (JupyterLab shows what a
cell raises as it shows stderr, and the cells after it get no number)."""

SCROLL_UP = """() => {
  for (const panel of document.querySelectorAll(".jp-WindowedPanel-outer"))
    panel.scrollTop = 0;
}"""

FIND_BOXES = """
() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 48;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const picture = (letter, font) => {
    const key = font + letter;
    if (!known.has(key)) {
      pen.clearRect(0, 0, 48, 48);
      pen.font = font;
      pen.textBaseline = "middle";
      pen.fillText(letter, 4, 24);
      known.set(key, pen.getImageData(0, 0, 48, 48).data.join());
    }
    return known.get(key);
  };
  const chinese = new RegExp(
    "[\\u2e80-\\u2fd5\\u3001-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff" +
      "\\uff01-\\uff5e\\u{20000}-\\u{3ffff}]", "u");
  const boxes = new Set();
  let looked = 0;
  const roots = [document];
  while (roots.length) {
    const root = roots.pop();
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_ALL);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (node.shadowRoot) roots.push(node.shadowRoot);
      let text = node.nodeType === Node.TEXT_NODE ? node.data : "";
      const holder = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
      if (!holder || ["SCRIPT", "STYLE"].includes(holder.tagName)) continue;
      if (node.nodeType === Node.ELEMENT_NODE)
        text = [node.placeholder, node.value].filter((s) => s?.at).join("");
      if (!chinese.test(text)) continue;
      const style = getComputedStyle(holder);
      const font = `${style.fontStyle} ${style.fontWeight} 32px ${style.fontFamily}`;
      for (const letter of text) {
        if (!chinese.test(letter)) continue;
        looked += 1;
        // a code point that is no character, and never will be one, has no glyph
        const bare = picture(letter, font);
        if (bare === picture("\\u{10ffff}", font) || bare === picture(" ", font))
          boxes.add(letter);
      }
    }
  }
  return { looked, boxes: [...boxes].sort().join("") };
}
"""
"""Draws every Chinese letter of the page in its own font, beside one without glyph."""


def find_browser() -> str | None:
    """Find Chromium or Chrome on this machine."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None)


def is_required() -> bool:
    """Whether a look in a real browser may not be skipped here (`.ci/run` says so)."""
    return os.environ.get("GRIDOPT_BROWSER") == "required"


def why_not() -> str:
    """Say what is missing for a look in a real browser; empty where nothing is.

    Where the look is required nothing is said: what is missing then is a fault.
    """
    if is_required():
        return ""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is absent: the extra 'test' installs it"
    if find_browser() is None:
        return "no Chromium on this machine: apt-get install chromium fonts-noto-cjk"
    return ""


@contextmanager
def open_browser():
    """Start a headless browser; it ends with the block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=find_browser(), args=list(FLAGS)
        )
        try:
            yield browser
        finally:
            browser.close()


def look_for_boxes(page) -> str:
    """Give the Chinese letters of a page that are drawn as boxes or not at all."""
    found = page.evaluate(FIND_BOXES)
    assert found["looked"] > 0, "the page has no Chinese text at all"
    return found["boxes"]


@contextmanager
def serve_lab(home: Path, folder: Path):
    """Serve a folder by JupyterLab on loopback, with everything of its own in `home`.

    Yields the address, with a token that holds for this server only.
    """
    for name, values in SETTINGS.items():
        path = home / "settings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    token = secrets.token_hex(16)
    log = home / "lab.log"
    with log.open("wb") as told:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
             "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0",
             "--LabApp.extension_manager=readonly",
             "--LabApp.expose_app_in_browser=True",
             f"--ServerApp.root_dir={folder}"],
            env=_environment(home, token),
            stdout=told,
            stderr=told,
        )  # fmt: skip
        try:
            yield f"{_address(server, home / 'runtime', log)}lab?token={token}"
        finally:
            server.terminate()
            server.wait(START_S)


def _environment(home: Path, token: str) -> dict[str, str]:
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    told = {name: str(home / folder) for name, folder in own.items()}
    return {**os.environ, **told, "JUPYTER_TOKEN": token, "PYTHONPATH": path}


def _address(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    """Wait until the server has told where it is."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            text = file.read_text(encoding="utf-8")
            if text.endswith("}"):
                return json.loads(text)["url"]
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start: {log.read_text(encoding='utf-8')}")


def keep_picture(page, name: str, *, height: int | None = None) -> None:
    """Keep a screenshot of a page or a part, of a window as high as asked for."""
    PICTURES.mkdir(exist_ok=True)
    if height is not None:
        width = page.viewport_size["width"]
        page.set_viewport_size({"width": width, "height": min(height, 16_000)})
        page.evaluate(SCROLL_UP)
        page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / f"{name}.png")
