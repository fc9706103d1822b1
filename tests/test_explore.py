"""The map to walk about in: every firm once, safe, offline, the same bytes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from stand_in import HOSTILE, make_outcome

from gridopt.errors import InputError
from gridopt.geography import local_plane
from gridopt.views import explore
from gridopt.views.explore import SYMBOLS
from gridopt.views.palette import MARKERS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def partition() -> Any:
    """Give a plan with names that a browser might run."""
    pytest.importorskip("plotly", reason="plotly is in the extra `notebook`")
    return make_outcome().partition


@pytest.fixture(scope="module")
def page(partition: Any, tmp_path_factory: Any) -> str:
    """Give the page as it is written."""
    path = tmp_path_factory.mktemp("explore") / "map.html"
    explore(partition, path)
    return path.read_text(encoding="utf-8")


def points_of(figure: Any) -> list[Any]:
    """List the traces of enterprises."""
    return [trace for trace in figure.data if trace.hovertemplate]


def test_every_firm_stands_once_where_it_is(partition: Any) -> None:
    """Points are the enterprises' places to the metre; each hover names its own."""
    figure = explore(partition)
    found = {
        text.split("<br>")[1]: (x, y)
        for trace in points_of(figure)
        for text, x, y in zip(trace.text, trace.x, trace.y, strict=True)
    }
    firms = partition.register.enterprises
    assert set(found) == set(firms.index)
    places = local_plane(firms["longitude"].to_numpy(), firms["latitude"].to_numpy())
    drawn = np.array([found[key] for key in firms.index]) * 1000
    assert np.abs(drawn - places).max() <= 0.5 + 1e-6


def test_hovering_tells_grid_unit_and_distance(partition: Any) -> None:
    """Name, id, unit with category, grid, and how far the medoid is."""
    key = partition.enterprises.index[30]
    row = partition.enterprises.loc[key]
    texts = [text for trace in points_of(explore(partition)) for text in trace.text]
    text = next(text for text in texts if f"<br>{key}<br>" in text)
    grid = partition.grids.at[row["grid_id"], "grid_name"]
    assert text.split("<br>")[2:] == ["玉城街道，工业", grid, "距中心企业432米"]


def test_names_of_others_are_text(partition: Any, page: str) -> None:
    """No name reaches the page or a hover as markup."""
    texts = "".join(t for trace in points_of(explore(partition)) for t in trace.text)
    assert "&lt;script&gt;" in texts
    assert "<script" not in texts
    assert HOSTILE[1] not in page


class _Loads(HTMLParser):
    """What a page would load, and the scripts that it holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("link", "img", "iframe", "object"):
            self.found.append(tag)
        self.found += [f"{tag} {key}" for key, _ in attrs if key in ("src", "href")]


def test_the_page_holds_everything_it_needs(page: str) -> None:
    """The drawing program is inside, nothing is linked, no button sends the plan."""
    assert len(page) > 3_000_000
    assert _Loads(page).found == []
    buttons = '"modeBarButtons": [["toImage", "zoomIn2d", "zoomOut2d", "resetScale2d"]]'
    assert buttons in page


def test_the_box_finds_every_firm(partition: Any, page: str) -> None:
    """What the box searches is each firm's name, id and place."""
    kept = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)
    firms = json.loads(kept[1])["firms"]
    assert [firm[1] for firm in firms] == list(partition.enterprises.index)
    assert firms[1][0] == HOSTILE[1]
    assert all(len(firm) == 4 for firm in firms)
    assert 'id="find"' in page


def test_two_writes_give_the_same_bytes(partition: Any, tmp_path: Path) -> None:
    """No clock and no random name is in the page."""
    for name in ("one.html", "two.html"):
        explore(partition, tmp_path / name)
    one, two = ((tmp_path / f"{name}.html").read_bytes() for name in ("one", "two"))
    assert one == two


def test_the_list_jumps_to_each_unit(partition: Any) -> None:
    """The whole city comes first; a unit's frame holds all of its grids' firms."""
    (menu,) = explore(partition).layout.updatemenus
    names = [button.label for button in menu.buttons]
    assert names == ["全市", "玉城街道", "坎门街道", "鸡山乡", "市住建局"]
    ranges = [button.args[0]["xaxis.range"] for button in menu.buttons]
    assert all(ranges[0][0] <= low < high <= ranges[0][1] for low, high in ranges)


def test_english_words(partition: Any, tmp_path: Path) -> None:
    """The switch reaches the page around the map as well."""
    partition.register.classification.name_en = lambda key: key
    figure = explore(partition, tmp_path / "map.html", language="en")
    assert figure.layout.title.text.startswith("Grids (12 grids")
    text = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "Find (name or id)" in text
    assert "查找企业" not in text


def test_shapes_are_those_of_the_other_maps() -> None:
    """One symbol per marker, so that a print tells the same grids apart."""
    assert len(SYMBOLS) == len(set(SYMBOLS)) == len(MARKERS)


def test_without_plotly_a_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The extra is named, and the map that needs none."""
    monkeypatch.setitem(sys.modules, "plotly", None)
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    with pytest.raises(InputError, match=r"gridopt\[notebook\].*plot_map"):
        explore(make_outcome().partition)


def test_views_do_without_plotly() -> None:
    """Importing the views loads no plotly; only the map that needs it does."""
    code = "import sys, gridopt.views; print('plotly' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True,
        encoding="utf-8", check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"
