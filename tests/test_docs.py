"""What must hold of the documents: they are current, and what they show exists."""

import importlib.util
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image

from gridopt.cli import app
from gridopt.colours import COLOURS

HOME = Path(__file__).resolve().parents[1]
DOCS = HOME / "docs"
OTHERS = ("README.md", "CONTRIBUTING.md", "data/README.md", "scenarios/README.md")
PAGES = [*(HOME / name for name in OTHERS), *sorted(DOCS.glob("*.md"))]
GUIDES = ("planners", "finance", "register")
OF_START = {"test", "lab"}
"""Words that start.py takes itself; the others are commands of gridopt."""
PLACEHOLDERS = {"WORD", "命令"}
OF_THE_READER = {"scenarios/short.yaml", "scenarios/我的情景.yaml"}
"""Files that a reader is told to write."""
MOST_BYTES = 120_000


def names(pages):
    """Name pages by their place, for the report of a failure."""
    return [str(page.relative_to(HOME)) for page in pages]


def shown_commands(page):
    """List the commands that a page shows, in blocks and in sentences."""
    lines = re.findall(r"python start\.py ([^`\n]+)", page.read_text("utf-8"))
    return [shlex.split(line, comments=True) for line in lines]


def anchors(page):
    """Name the headings of a page as GitHub does."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.M)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.replace(" ", "-") for title in plain}


def load(script):
    """Import a script that belongs to no package."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_api_page_is_that_of_the_code():
    """The page of the public names says what their docstrings say today."""
    page = load(DOCS / "make_api.py").write_page()
    assert (DOCS / "api.md").read_text("utf-8") == page, (
        "docs/api.md is out of date; run with the Python of .venv: docs/make_api.py"
    )


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_link_leads_somewhere(page):
    """A link leads to a file of ours, and a fragment to a heading in it."""
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (fragment and fragment not in anchors(file)):
            lost.append(target)
    assert not lost


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_command_shown_is_understood(page):
    """A command that a page shows exists, with these options and shipped files."""
    commands = typer.main.get_command(app).commands
    for word, *rest in shown_commands(page):
        if word in OF_START | PLACEHOLDERS or word.startswith("-"):
            continue
        commands[word].make_context(word, list(rest))
        shipped = [part for part in rest if part.startswith(("scenarios/", "data/"))]
        lost = [part for part in shipped if not (HOME / part).is_file()]
        assert set(lost) <= OF_THE_READER, lost


@pytest.mark.parametrize("guide", GUIDES)
def test_both_versions_of_a_guide_show_the_same_commands(guide):
    """The English guide shows the commands of the Chinese one, in the same order."""
    first, second = (
        [words[0] for words in shown_commands(DOCS / f"{guide}{end}")]
        for end in (".md", ".en.md")
    )
    assert first == second


def test_every_picture_is_small_and_shown():
    """A picture is light enough for a page of text, and some page shows it."""
    text = "".join(page.read_text("utf-8") for page in PAGES)
    pictures = sorted((DOCS / "pictures").glob("*.png"))
    assert len(pictures) >= 3
    for picture in pictures:
        assert picture.stat().st_size <= MOST_BYTES, picture.name
        assert f"pictures/{picture.name}" in text, picture.name


def test_pictures_keep_the_colours_of_the_palette():
    """Few colours make a small file, but green stays green, and pink no grey."""
    with Image.open(DOCS / "pictures" / "map.png") as picture:
        drawn = np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)
    for colour in COLOURS:
        wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        off = np.abs(drawn.astype(int) - wanted).max(axis=1).min()
        assert off <= 8, colour
