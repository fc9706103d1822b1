"""Figures: Chinese that draws anywhere, the right marks, nothing global changed."""

from __future__ import annotations

import io
import warnings
from importlib.metadata import files as package_files
from importlib.resources import files

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.font_manager import FontEntry, FontPath, fontManager

mpl.use("agg")
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from stand_in import CATEGORIES, SIZES, make_outcome

from gridopt.errors import InputError
from gridopt.views import fonts
from gridopt.views.charts import plot_sizes
from gridopt.views.layout import lay_out, scale_length_m
from gridopt.views.maps import plot_map
from gridopt.views.palette import COLOURS, MARKERS, spread_colours

if TYPE_CHECKING:
    from collections.abc import Iterator

N_GRIDS = sum(map(len, SIZES.values()))
N_FIRMS = sum(map(sum, SIZES.values()))


@pytest.fixture(scope="module")
def partition() -> object:
    """Give the stand-in's partition."""
    return make_outcome().partition


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture
def no_system_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Simulate a machine that has DejaVu and nothing else."""
    plain = [f for f in fontManager.ttflist if f.name.startswith("DejaVu")]
    monkeypatch.setattr(fontManager, "ttflist", plain)
    fonts.font_path.cache_clear()
    yield
    fonts.font_path.cache_clear()


def draw(figure: object) -> bytes:
    """Draw a figure; any warning, as of a missing glyph, is an error."""
    page = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(page, format="png", dpi=50)
    return page.getvalue()


@pytest.mark.parametrize("plot", [plot_map, plot_sizes])
def test_figures_draw_on_any_machine(plot: object, partition: object) -> None:
    """Every label has a glyph with the fonts of this machine."""
    assert draw(plot(partition).figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("plot", [plot_map, plot_sizes])
@pytest.mark.usefixtures("no_system_font")
def test_figures_draw_without_a_chinese_system_font(
    plot: object, partition: object
) -> None:
    """Every label has a glyph where the system has no Chinese font at all."""
    assert fonts.system_font() is None
    assert draw(plot(partition).figure).startswith(b"\x89PNG")
    assert fonts.PACKAGE in fonts.font_path().path


@pytest.mark.parametrize("plot", [plot_map, plot_sizes])
def test_figures_change_nothing_global(plot: object, partition: object) -> None:
    """The axes given are the ones returned; no style, no further figure."""
    before = dict(mpl.rcParams)
    _, ax = plt.subplots()
    assert plot(partition, ax) is ax
    assert dict(mpl.rcParams) == before
    assert len(plt.get_fignums()) == 1


def test_a_font_is_judged_by_its_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is only called SimSun does not pass for a Chinese font."""
    dejavu = next(f for f in fontManager.ttflist if f.name == "DejaVu Sans")
    fake = FontEntry(fname=dejavu.fname, name="SimSun", style="normal", weight=400)
    monkeypatch.setattr(fontManager, "ttflist", [fake])
    assert fonts.system_font() is None


def test_a_good_system_font_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed family with all characters is taken, the package not needed."""
    file = fonts.package_font().path
    good = FontEntry(fname=file, name="Noto Sans CJK SC", style="normal", weight=400)
    heavy = file.replace("Sans", "Serif")  # covers everything as well, but is bold
    bold = FontEntry(fname=heavy, name="Microsoft YaHei", style="normal", weight=700)
    monkeypatch.setattr(fontManager, "ttflist", [bold, good])
    assert fonts.system_font() == FontPath(file, 0)


@pytest.mark.usefixtures("no_system_font")
def test_no_font_at_all_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, partition: object
) -> None:
    """Without any font the message names the package; no figure is left open."""
    monkeypatch.setattr(fonts, "package_font", lambda: None)
    with pytest.raises(InputError, match="pylopdf-fonts-zh-cn"):
        plot_map(partition)
    assert plt.get_fignums() == []


def test_font_covers_everything_shipped() -> None:
    """GB 2312, the coast's place names and all shipped tables can be drawn."""
    face = fonts.package_font()
    tables = files("gridopt.tables").iterdir()
    text = "".join(
        t.read_text(encoding="utf-8-sig") for t in tables if t.name.endswith("csv")
    )
    assert "塂" in text or "垟" in text
    wanted = {ord(c) for c in text + "垟塂岙坎①②×·—…《》〔〕￥％㎡" if c >= " "}
    wanted -= {0xFFFD}  # named in a message about encodings, never drawn
    assert fonts.covers(face, frozenset(wanted))
    assert fonts.covers(face)
    assert len(fonts.must_draw()) > 6763


def test_font_package_has_only_free_fonts() -> None:
    """The package holds Noto fonts and their licence, no font of Microsoft."""
    names = [file.name for file in package_files("pylopdf-fonts-zh-cn")]
    found = {n for n in names if n.lower().endswith((".otf", ".ttf", ".ttc"))}
    assert found == {"NotoSansSC-Regular.otf", "NotoSerifSC-Regular.otf"}
    licence = next(
        f for f in package_files("pylopdf-fonts-zh-cn") if f.name == "LICENSE"
    )
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence.read_text()


def test_unknown_characters_are_replaced(partition: object) -> None:
    """A name with a character that no font has draws with the replacement mark."""
    odd = make_outcome().partition
    odd.grids["grid_name"] = "\U0010fffd" + odd.grids["grid_name"]
    ax = plot_map(odd)
    draw(ax.figure)
    texts = [t.get_text() for t in ax.get_legend().get_texts()]
    assert any(t.startswith("〓玉城街道") for t in texts)


def test_map_shows_every_enterprise_once(partition: object) -> None:
    """Points are the enterprises and the medoids, spokes end at the own medoid."""
    ax = plot_map(partition)
    n_points = sum(
        len(c.get_offsets()) for c in ax.collections if isinstance(c, PathCollection)
    )
    spokes = next(c for c in ax.collections if isinstance(c, LineCollection))
    assert n_points == N_FIRMS + N_GRIDS
    assert len(spokes.get_segments()) == N_FIRMS
    layout = lay_out(partition)
    ends = np.array([s[1] for s in spokes.get_segments()])
    assert np.allclose(ends, layout.medoids[layout.labels])
    assert ax.get_aspect() == 1.0
    assert f"{N_GRIDS}个网格，{N_FIRMS}家企业" in ax.get_title()
    assert "合成数据" in ax.get_title()


def test_map_hatches_exceptions(partition: object) -> None:
    """Outlines of grids with an exception are hatched, and no others."""
    ax = plot_map(partition)
    shapes = [c for c in ax.collections if isinstance(c, PolyCollection)]
    n_by_hatch = {c.get_hatch(): len(c.get_paths()) for c in shapes}
    assert n_by_hatch == {None: N_GRIDS - 2, "////": 2}


def test_map_of_one_unit_and_category(partition: object) -> None:
    """Units and categories are found by code and by Chinese name alike."""
    by_name = plot_map(partition, unit="坎门街道", category="工业")
    by_code = plot_map(partition, unit="331083002", category="industry")
    assert by_name.get_title() == by_code.get_title()
    assert by_name.get_title().startswith("坎门街道工业企业网格划分图（3个网格，59家")


@pytest.mark.parametrize(
    ("choice", "message"),
    [({"unit": "楚门镇"}, "坎门街道"), ({"category": "渔业"}, "工业"),
     ({"unit": "zjj", "category": "trade"}, "没有行业")],
)  # fmt: skip
def test_map_of_nothing_says_what_there_is(
    partition: object, choice: dict[str, str], message: str
) -> None:
    """An unknown unit or category is refused with those that exist; no open figure."""
    with pytest.raises(InputError, match=message):
        plot_map(partition, **choice)
    assert plt.get_fignums() == []


def test_sizes_count_every_grid(partition: object) -> None:
    """Bars add up to the grids; hatched ones to those with an exception."""
    ax = plot_sizes(partition)
    bars = [p for c in ax.containers for p in c.patches]
    plain = sum(p.get_height() for p in bars if not p.get_hatch())
    odd = sum(p.get_height() for p in bars if p.get_hatch())
    assert (plain, odd) == (N_GRIDS - 2, 2)
    high = {round(p.get_x() + 0.4): p.get_height() for p in bars if p.get_height()}
    assert high[20] == 5
    assert high[9] == 1
    labels = [t.get_text() for t in ax.get_legend().get_texts()]
    assert "家数区间15至25家" in labels
    assert "目标20家" in labels


def test_neighbours_have_different_colours() -> None:
    """On a lattice no grid has the colour of one beside it, whatever the order."""
    rng = np.random.default_rng(3)
    x, y = np.meshgrid(np.arange(8.0), np.arange(8.0))
    points = rng.permutation(np.c_[x.ravel(), y.ravel()])
    colours = spread_colours(points, np.zeros(64))
    gap = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    same = colours[:, None] == colours[None]
    assert not (same & (gap > 0) & (gap <= 1)).any()
    assert len(COLOURS) == len(MARKERS) == len(set(MARKERS))


def test_scale_bar_is_round() -> None:
    """A scale bar is 1, 2 or 5 times a power of ten and fits a quarter of the map."""
    for width in (90, 640, 3_000, 23_456, 480_000):
        length = scale_length_m(width)
        assert str(length)[0] in "125"
        assert set(str(length)[1:]) <= {"0"}
        assert width / 10 <= length <= width / 4


def test_degenerate_grids_are_drawn(partition: object) -> None:
    """Grids of one place, or all on one line, draw without a complaint."""
    flat = make_outcome().partition
    flat.register.enterprises["latitude"] = 28.1
    draw(plot_map(flat).figure)
    flat.register.enterprises["longitude"] = 121.2
    draw(plot_map(flat).figure)
    assert set(CATEGORIES) == set(flat.grids["category"])
