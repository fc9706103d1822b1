"""Every picture: no missing glyph, nothing off the canvas, no words upon words."""

from __future__ import annotations

import inspect
import io
import itertools
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("agg")
import matplotlib.pyplot as plt
from matplotlib.collections import LineCollection
from matplotlib.text import Text
from odd_registers import Shape, reading, rows_of

from gridopt import views
from gridopt.adjustment import explain_adjustment
from gridopt.appraisal.outlook import look_ahead
from gridopt.comparison import compare_outcomes
from gridopt.errors import InputError
from gridopt.frontier import trace_frontier
from gridopt.grids import make_grids
from gridopt.outcome import run_scenario
from gridopt.register import read_register
from gridopt.roster import RoleRules, assign_roles
from gridopt.scenario import Scenario
from gridopt.views.boundaries import _MARKS as CLARITY_MARKS
from gridopt.views.figures import MOST_NAMED, fold
from gridopt.views.fonts import drawable
from gridopt.views.labels import mark_of
from gridopt.views.people import MOST_PEOPLE
from gridopt.views.placing import place_labels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PICTURES = sorted(name for name in views.__all__ if name.startswith("plot_"))
LANGUAGES = ("zh", "en")
CASES = [*itertools.product(("sample", "odd"), LANGUAGES)]
CASES += [("lonely", "zh"), ("crowded", "zh")]
MORE: dict[str, list[dict[str, Any]]] = {
    "plot_map": [
        {"by": "unit"},
        {"by": "category"},
        {"unit": ...},
        {"unit": ..., "category": ...},
    ],
    "plot_adjustment": [{"unit": ...}, {"unit": ..., "category": ...}],
    "plot_clarity": [{"unit": ..., "category": ...}],
    "plot_tree": [{"unit": ...}],
    "plot_tornado": [{"measure": "mean"}],
    "plot_exceedance": [{"appropriation_yuan": None}, {"appropriation_yuan": 1}],
    "plot_bills": [{"units": None}],
    "plot_payers": [{"units": None}],
}
"""Arguments that change a picture; `...` stands for one that the plan has."""

LONG = "一个名字长得一行怎么也写不下的街道办事处辖区内的第二级统计网格（含飞地）"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def values(
    small_register: Any, small_scenario: Any, tmp_path_factory: Any
) -> dict[str, dict[str, Any]]:
    """Give what pictures are drawn of: a county, an odd register, one firm, a crowd."""
    folder = tmp_path_factory.mktemp("pictures")
    return {
        "sample": _values(small_register, small_scenario, folder),
        "odd": _values(_odd_register(folder), Scenario(name="odd"), folder),
        "crowded": _values(_crowded_register(folder), Scenario(name="y"), folder),
        "lonely": _values(_lonely_register(folder), Scenario(name="x"), folder),
    }


def _odd_register(folder: Path) -> Any:
    """Give units long names, formulas and unknown characters; some share one place."""
    shape = Shape(n=70, seed=8, n_units=6, is_named_by_rows=True, id_form="=1+{}")
    rows = rows_of(shape)
    names = {"玉-城": LONG, "A-B": "A$x_1$B", "县/乡": "Unbroken" * 8}
    names["--x"] = "塂\U0010fffd"
    rows["unit"] = rows["unit"].replace(names)
    rows.loc[:12, ["longitude", "latitude"]] = ["121.24", "28.15"]
    rows.to_csv(folder / "odd.csv", index=False)
    return read_register(folder / "odd.csv", reading(shape))


def _lonely_register(folder: Path) -> Any:
    shape = Shape(n=1, seed=1)
    rows_of(shape).to_csv(folder / "lonely.csv", index=False)
    return read_register(folder / "lonely.csv", reading(shape))


def _crowded_register(folder: Path) -> Any:
    """Give 36 units of 20 firms, more than legends, charts and trees have room for."""
    shape = Shape(n=720, seed=2, n_units=1, n_industries=1, is_named_by_rows=True)
    rows = rows_of(shape)
    rows["unit"] = [f"第{i % 36 + 1}街道（经济功能区）" for i in range(len(rows))]
    rows.to_csv(folder / "crowded.csv", index=False)
    return read_register(folder / "crowded.csv", reading(shape))


def _values(register: Any, scenario: Any, folder: Path) -> dict[str, Any]:
    """Make one value for each word that pictures call their arguments."""
    outcome = run_scenario(register, scenario)
    outlook = look_ahead(outcome.budget.counts, outcome.budget.rules)
    names = ("base", "另一个情景的文件名很长很长，图上一行写不下，折成两行三行", "c")
    several = [
        replace(outcome, scenario=replace(outcome.scenario, name=name))
        for name in names
    ]
    grid = outcome.partition.grids.iloc[0]
    rules = scenario.grids.model_copy(update={"size_price_m": 3000.0})
    earlier = make_grids(register, rules)
    frontier = trace_frontier(register, scenario.grids, earlier, [200.0, 2000.0])
    return {
        "adjustment": explain_adjustment(frontier.partitions[0], earlier),
        "frontier": frontier,
        "partition": outcome.partition,
        "outcome": outcome,
        "roster": _staffed(outcome, folder),
        "budget": outcome.budget,
        "units": register.units,
        "comparison": compare_outcomes(several),
        "distribution": outlook.distribution,
        "appropriation_yuan": outlook.distribution.quantile(0.93),
        "table": outlook.changes,
        "steps": [(120_000, 90_000), (110_000, 100_000), (105_000, 104_999)],
        "unit": grid["unit"],
        "category": grid["category"],
    }


def _staffed(outcome: Any, folder: Path) -> Any:
    """Staff the grids with two heads and an instructor per unit, limited in part."""
    people = [
        {"单位": unit, "人员编号": f"{unit}-{i}", "姓名": f"人员{at}-{i}",
         "网格职务": "网格指导员" if i == 2 else "网格长",
         "专业": "工业" if i == 2 else "", "负责网格上限": "3" if i == 1 else ""}
        for at, unit in enumerate(sorted(set(outcome.partition.grids["unit"])))
        for i in range(3)
    ]  # fmt: skip
    file = folder / f"{outcome.scenario.name}-staff.csv"
    pd.DataFrame(people).to_csv(file, index=False)
    return assign_roles(outcome.partition, RoleRules(staff=str(file)))


@dataclass(frozen=True)
class Word:
    """A text as it was drawn: its edges in pixels, left, low, right, high."""

    text: str
    edges: tuple[float, ...]


def draw(figure: Any, monkeypatch: pytest.MonkeyPatch) -> list[Word]:
    """Draw a figure as it is saved; list the texts that were really drawn."""
    words: dict[int, Word] = {}  # of each text as it was drawn last
    plain = Text.draw

    def watched(self: Text, renderer: Any) -> None:
        plain(self, renderer)
        if self.get_visible() and self.get_text().strip():
            box = self.get_window_extent(renderer)
            words[id(self)] = Word(self.get_text(), tuple(box.extents))

    with monkeypatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error")  # as of a missing glyph
        patch.setattr(Text, "draw", watched)
        figure.savefig(io.BytesIO(), format="png", dpi=figure.dpi)
    return list(words.values())


def find_faults(words: list[Word], canvas: tuple[float, float]) -> list[str]:
    """Name texts that leave the canvas and pairs that lie upon each other."""
    found = [
        f"off the canvas: {word.text!r}"
        for word in words
        if min(word.edges[:2]) < -0.5
        or word.edges[2] > canvas[0] + 0.5
        or word.edges[3] > canvas[1] + 0.5
    ]
    for one, other in itertools.combinations(words, 2):
        low = np.maximum(one.edges[:2], other.edges[:2])
        high = np.minimum(one.edges[2:], other.edges[2:])
        if ((high - low) > 1.0).all():
            found.append(f"upon each other: {one.text!r}, {other.text!r}")
    return found


def call(name: str, given: dict[str, Any], **chosen: Any) -> Any:
    """Call a picture with the values that its arguments are named after."""
    plot = getattr(views, name)
    needed = [
        key
        for key, one in inspect.signature(plot).parameters.items()
        if one.default is one.empty or key in ("units", "appropriation_yuan")
    ]
    values = {key: given[key] for key in needed}
    values |= {key: given[key] if v is ... else v for key, v in chosen.items()}
    return plot(**values)


def figure_of(drawn: Any) -> Any:
    """Give the figure of a picture of one axes or of several."""
    return (drawn[0] if isinstance(drawn, tuple) else drawn).figure


@pytest.mark.parametrize(("kind", "language"), CASES)
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_can_be_read(
    name: str, kind: str, language: str, values: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Each picture of each register, in both languages, draws every word apart."""
    faults = {}
    for chosen in ({}, *MORE.get(name, [])):
        figure = figure_of(call(name, values[kind], language=language, **chosen))
        words = draw(figure, monkeypatch)
        assert words
        faults[str(chosen)] = find_faults(words, figure.canvas.get_width_height())
        plt.close(figure)
    assert {key: found for key, found in faults.items() if found} == {}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_keep_the_rules_of_the_room(name: str, values: dict[str, Any]) -> None:
    """The axes given are those returned; no style, no further figure, no own clock."""
    before = dict(mpl.rcParams)
    plot = getattr(views, name)
    if "ax" in inspect.signature(plot).parameters:
        _, ax = plt.subplots()
        assert call(name, values["sample"], ax=ax) is ax
    else:
        _, pair = plt.subplots(1, 2)
        assert call(name, values["sample"], axes=tuple(pair)) == tuple(pair)
    assert dict(mpl.rcParams) == before
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("inches", [(12, 9), (11.69, 8.27)])
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_fit_the_axes_that_they_are_given(
    name: str, inches: tuple[float, float], values: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A quarter of a large figure and a page of A4 draw every word apart as well."""
    n_rows = 2 if inches == (12, 9) else 1
    figure, axes = plt.subplots(
        n_rows, 2, figsize=inches, layout="constrained", squeeze=False
    )
    for ax in axes.flat[2:]:
        ax.set_axis_off()
    if "ax" in inspect.signature(getattr(views, name)).parameters:
        axes[0, 1].set_axis_off()
        call(name, values["sample"], ax=axes[0, 0])
    else:
        call(name, values["sample"], axes=(axes[0, 0], axes[0, 1]))
    words = draw(figure, monkeypatch)
    assert find_faults(words, figure.canvas.get_width_height()) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_of_made_up_data_say_so(
    name: str, language: str, values: dict[str, Any]
) -> None:
    """Pictures of a synthetic register carry the mark, those of a real one do not."""
    given, plot = values["sample"], getattr(views, name)
    register = given["partition"].register
    mark = mark_of(register, language)
    assert mark
    takes = "register" in inspect.signature(plot).parameters
    told = {"register": register} if takes else {}
    figure = figure_of(call(name, given, language=language, **told))
    assert any(mark in ax.get_title().replace("\n", "") for ax in figure.axes)
    if takes:
        real = replace(register, is_synthetic=False)
        figure = figure_of(call(name, given, language=language, register=real))
        assert mark not in "".join(ax.get_title() for ax in figure.axes)


@pytest.mark.parametrize("name", PICTURES)
def test_a_language_that_is_none_is_refused(name: str, values: dict[str, Any]) -> None:
    """An unknown language is told in a sentence, and no figure stays open."""
    with pytest.raises(InputError, match="zh（中文）"):
        call(name, values["sample"], language="de")
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", PICTURES)
def test_english_pictures_have_english_words(
    name: str, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chinese characters are left in names of places, people and scenarios only."""
    given = values["sample"]
    words = draw(figure_of(call(name, given, language="en")), monkeypatch)
    register = given["partition"].register
    names = [unit.name for unit in register.units.members] + list(names_of(given))
    for word in words:
        text = word.text.replace("\n", "")
        for known in sorted(names, key=len, reverse=True):
            text = text.replace(known, "")
        assert not any("\u4e00" <= c <= "\u9fff" for c in text), word.text


def names_of(given: dict[str, Any]) -> Iterator[str]:
    """List names that no language changes."""
    register = given["partition"].register
    # grids of several units are named by the first letters of theirs
    yield from (unit.name[:n] for unit in register.units.members for n in (2, 3, 4))
    yield from register.work_areas.frame["name"]
    yield from given["roster"].load["name"]
    yield from given["comparison"].names


def test_a_picture_without_a_staff_table_says_so(
    values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No empty axes, but a sentence."""
    ax = views.plot_load(values["sample"]["outcome"].roster)
    words = draw(ax.figure, monkeypatch)
    assert [word.text[:5] for word in words] == ["没有人员表"]


def test_the_search_for_faults_finds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text off the canvas, two upon each other and a missing glyph are all found."""
    _, ax = plt.subplots()
    ax.set_axis_off()
    ax.text(0.5, 0.5, "one")
    ax.text(0.5, 0.5, "two")
    ax.text(1.2, 0.5, "far")
    words = draw(ax.figure, monkeypatch)
    canvas = ax.figure.canvas.get_width_height()
    assert find_faults(words, canvas) == [
        "off the canvas: 'far'", "upon each other: 'one', 'two'"
    ]  # fmt: skip
    ax.text(0.1, 0.1, "网", fontfamily="DejaVu Sans")
    with pytest.raises(UserWarning, match="Glyph"):
        draw(ax.figure, monkeypatch)


def test_distances_and_clarity_draw_the_figures_of_the_plan(
    values: dict[str, Any],
) -> None:
    """Bars count every firm but the medoids; marks stand at the quantiles."""
    partition = values["sample"]["partition"]
    ax = views.plot_distances(partition)
    far = partition.enterprises.loc[~partition.enterprises["is_medoid"], "distance_m"]
    assert sum(bar.get_height() for bar in ax.patches) == len(far)
    text = "".join(one.get_text() for one in ax.texts)
    assert "50%的企业在" in text
    marks = [line.get_xdata()[0] * 1000 for line in ax.lines]
    assert marks == pytest.approx([far.quantile(0.5), far.quantile(0.9)])


def test_payers_pay_the_whole_budget(values: dict[str, Any]) -> None:
    """Bars add up to the budget, payer by payer as in its lines."""
    budget = values["sample"]["budget"]
    ax = views.plot_payers(budget, values["sample"]["units"])
    paid = sum(bar.get_width() for bar in ax.patches) * 10_000
    assert paid == pytest.approx(budget.total_yuan)
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert len(names) == budget.lines["payer"].nunique()
    assert "市财政局" in names


def test_scenarios_stand_on_one_scale(values: dict[str, Any]) -> None:
    """Three equal plans are drawn three times, equally large, none upon another."""
    comparison = values["sample"]["comparison"]
    ax = views.plot_scenarios(comparison)
    n = len(comparison.outcomes[0].partition.enterprises)
    clouds = [c.get_offsets() for c in ax.collections if len(c.get_offsets()) == n]
    assert len(clouds) == 3
    shapes = [np.ptp(cloud, axis=0) for cloud in clouds]
    assert np.allclose(shapes, shapes[0])
    for one, other in itertools.pairwise(clouds):
        assert one[:, 0].max() < other[:, 0].min()


def test_the_tree_has_every_grid_once(values: dict[str, Any]) -> None:
    """Grids counted below the whole city are all of them; a unit lists its own."""
    given = values["sample"]
    grids, roster = given["partition"].grids, given["roster"]
    ax = views.plot_tree(roster, given["partition"])
    told = [t.get_text() for t in ax.texts if t.get_text().startswith("四级")]
    assert sum(int(text[7:].partition("个")[0]) for text in told) == len(grids)
    ax = views.plot_tree(roster, given["partition"], unit=given["unit"])
    mine = grids[grids["unit"] == given["unit"]]
    told = [t.get_text() for t in ax.texts if "网格长：" in t.get_text()]
    assert {text.partition("（")[0] for text in told} == set(mine["grid_name"])
    with pytest.raises(InputError, match="没有“月球”"):
        views.plot_tree(roster, given["partition"], unit="月球")


def test_load_draws_each_person_and_the_limits(values: dict[str, Any]) -> None:
    """One bar per post of the staff table, one red line per limit."""
    roster = values["sample"]["roster"]
    ax = views.plot_load(roster)
    assert sum(bar.get_width() for bar in ax.patches) == roster.load["n_grids"].sum()
    limits = next(c for c in ax.collections if c.get_linewidths()[0] > 2)
    assert len(limits.get_segments()) == roster.load["max_grids"].notna().sum()


def test_a_crowd_is_cut_and_counted(values: dict[str, Any]) -> None:
    """Charts and legends of many keep their first ones and say how many are left."""
    given = values["crowded"]
    ax = views.plot_load(given["roster"])
    assert len(ax.patches) == len(ax.get_yticklabels()) == MOST_PEOPLE
    assert f"图示最多的{MOST_PEOPLE}人次" in ax.get_title()
    ax = views.plot_map(given["partition"], by="unit")
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(texts) == MOST_NAMED + 1
    assert texts[-1] == f"另有{36 - MOST_NAMED}个"


def test_maps_by_unit_and_category_tell_their_numbers(values: dict[str, Any]) -> None:
    """Each unit in the legend and each category above its map is counted."""
    partition = values["sample"]["partition"]
    ax = views.plot_map(partition, by="unit")
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    counts = sorted(int(text.rpartition("（")[2][:-2]) for text in texts)
    assert counts == sorted(partition.enterprises["unit"].value_counts())
    ax = views.plot_map(partition, by="category")
    texts = [t.get_text() for t in ax.texts if "个网格内" in t.get_text()]
    counts = [int(text.split("\n")[1].partition("家")[0]) for text in texts]
    wanted = partition.enterprises["category"].value_counts()
    assert counts == sorted(wanted, reverse=True)
    with pytest.raises(InputError, match="着色"):
        views.plot_map(partition, by="size")


def test_texts_fold_where_a_reader_would() -> None:
    """Lines end before a word or between characters; no line begins with a comma."""
    assert fold("甲、乙、丙、丁", 6) == "甲、\n乙、\n丙、丁"
    assert fold("short", 10) == "short"
    assert fold("计入副网格长（成员增加5%）", 22) == "计入副网格长\n（成员增加5%）"
    assert max(map(len, fold("Unbroken" * 8, 20).splitlines())) <= 20
    assert drawable("A$x$B") == r"A\$x\$B"


def test_every_extra_is_of_a_picture() -> None:
    """No argument is tried of a picture that is gone."""
    assert len(PICTURES) >= 11
    assert set(MORE) <= set(PICTURES)


def test_a_plan_with_ids_of_another_make_is_drawn(values: dict[str, Any]) -> None:
    """Grids that carry on ids unlike ours are named by them on the map."""
    before = values["sample"]["partition"]
    foreign = before.enterprises[["grid_id"]].reset_index()
    foreign["grid_id"] = "老网格" + pd.factorize(foreign["grid_id"])[0].astype(str)
    plan = make_grids(before.register, previous=foreign)
    grid = plan.grids[plan.grids.index.str.startswith("老网格")].iloc[0]
    ax = views.plot_map(plan, unit=grid["unit"], category=grid["category"])
    names = {text.get_text() for text in ax.texts}
    assert names & set(plan.grids.index)


def test_the_baseline_is_named_on_its_own_map(values: dict[str, Any]) -> None:
    """Whichever outcome is the baseline, the mark stands at that one."""
    outcomes = values["sample"]["comparison"].outcomes
    ax = views.plot_scenarios(compare_outcomes(outcomes, baseline=2))
    marked = [text.get_text() for text in ax.texts if "基准情景" in text.get_text()]
    assert len(marked) == 1
    assert marked[0].startswith("c")


def test_categories_lie_on_maps_of_their_own(values: dict[str, Any]) -> None:
    """A grey print tells categories apart: each has a place where no other is drawn."""
    partition = values["sample"]["partition"]
    ax = views.plot_map(partition, by="category")
    counts = partition.enterprises["category"].value_counts()
    n = len(partition.enterprises)
    backs = [c.get_offsets() for c in ax.collections if len(c.get_offsets()) == n]
    assert len(backs) == len(counts)
    boxes = [(*back.min(axis=0), *back.max(axis=0)) for back in backs]
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or (
            other[3] < one[1]
        )  # fmt: skip


def test_a_department_looks_like_none_of_the_units(values: dict[str, Any]) -> None:
    """Its firms lie among all others, so its colour is nobody else's."""
    ax = views.plot_map(values["sample"]["partition"], by="unit")
    legend = ax.get_legend()
    colours = {
        text.get_text().partition("（")[0]: handle.get_color()
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True)
    }
    own = colours.pop("市住建局")
    assert own not in colours.values()


def test_doubtful_firms_are_the_darkest_in_grey() -> None:
    """The less clear a firm's grid, the darker and larger its mark, even in print."""
    greys = [mpl.colors.to_rgb(colour) @ np.array([0.299, 0.587, 0.114])
             for colour, _, _ in CLARITY_MARKS]  # fmt: skip
    sizes = [size for _, _, size in CLARITY_MARKS]
    assert greys[:-1] == sorted(greys[:-1])
    assert np.diff(greys[:2])[0] > 0.2
    assert sizes == sorted(sizes, reverse=True)


def test_before_and_after_name_their_place(values: dict[str, Any]) -> None:
    """A printed page tells which unit and which category it shows."""
    given = values["sample"]
    unit, category = given["unit"], given["category"]
    pair = views.plot_adjustment(given["adjustment"], unit=unit, category=category)
    register = given["partition"].register
    place = register.units.get(unit).name + register.classification.name_zh(category)
    titles = [ax.get_title() for ax in pair]
    assert [title.partition("（")[0] for title in titles] == [
        f"{place}，上期", f"{place}，本期"
    ]  # fmt: skip


def test_a_plan_as_good_as_the_best_does_not_hide_it(values: dict[str, Any]) -> None:
    """Only plans that are beaten are drawn hollow, no copies of the best ones."""
    frontier = values["sample"]["frontier"]
    twice = pd.concat([frontier.points, frontier.points.assign(is_best=False)])
    ax = views.plot_frontier(replace(frontier, points=twice))
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert hollow == []
    beaten = frontier.points.iloc[:1].assign(is_best=False, is_knee=False)
    beaten["travel_m"] += 1000.0
    more = pd.concat([frontier.points, beaten])
    ax = views.plot_frontier(replace(frontier, points=more))
    (line,) = (line for line in ax.lines if line.get_markerfacecolor() == "white")
    assert len(line.get_xdata()) == 1


def test_bars_of_money_add_up_as_they_are_written(values: dict[str, Any]) -> None:
    """What is written beside the bars makes the total of the title to the digit."""
    given = values["sample"]
    for plot in (views.plot_bills, views.plot_payers):
        ax = plot(given["budget"], given["units"])
        told = sum(round(100 * float(t.get_text().replace(",", ""))) for t in ax.texts)
        total = ax.get_title().partition("合计")[2].partition("万元")[0]
        assert told == round(100 * float(total.replace(",", "")))
        assert "按预计合格率90%测算" in ax.get_title()


def test_a_limit_is_not_taken_for_a_load(values: dict[str, Any]) -> None:
    """A number beside the line of a limit tells which of the two it is."""
    roster = values["sample"]["roster"]
    ax = views.plot_load(roster)
    told = [text.get_text() for text in ax.texts]
    limits = roster.load["max_grids"]
    wanted = [
        f"{n}" if pd.isna(limit) else f"{n}（上限{limit}）"
        for n, limit in zip(roster.load["n_grids"], limits, strict=True)
    ]
    assert told == wanted


def test_a_chance_is_not_rounded_to_certainty(values: dict[str, Any]) -> None:
    """Money that nearly suffices is not called certain, none that is short hopeless."""
    bill = values["sample"]["distribution"]
    told = {}
    for yuan in (int(bill.yuan[-2]), int(bill.yuan[-1]), int(bill.yuan[0])):
        ax = views.plot_exceedance(bill, yuan)
        told[yuan] = next(t.get_text() for t in ax.texts if "足额" in t.get_text())
    first, second, third = told.values()
    assert first.endswith("超过99.9%")
    assert second.endswith("100.0%")
    assert third.endswith("不到0.1%")


def test_a_label_stands_beside_its_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is room, no more than a letter lies between a point and its name."""
    _, ax = plt.subplots(figsize=(4, 3), dpi=100)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    place_labels(ax, ["名"], np.array([[0.5, 0.5]]))
    word = next(w for w in draw(ax.figure, monkeypatch) if w.text == "名")
    gap = np.array(word.edges[:2]) - ax.transData.transform((0.5, 0.5))
    assert np.abs(gap).max() < 9 * 100 / 72
    assert leaders_of(ax) == []


def test_a_label_far_from_its_point_is_joined_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Among many points a name that stands aside is not taken for a neighbour's."""
    _, ax = plt.subplots(figsize=(4, 3), dpi=100)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    points = 0.5 + 0.001 * np.arange(16).reshape(8, 2)
    place_labels(ax, ["名称"] * 8, points)
    words = [w for w in draw(ax.figure, monkeypatch) if w.text == "名称"]
    joined = leaders_of(ax)
    assert len(words) == 8
    assert 0 < len(joined) < 8
    for start, end in joined:
        assert np.abs(ax.transData.transform(points) - start).max(axis=1).min() < 1
        edges = np.array([word.edges for word in words])
        assert ((edges[:, :2] - 1 < end) & (end < edges[:, 2:] + 1)).all(axis=1).any()


def leaders_of(ax: Any) -> list[Any]:
    """List the lines that join labels to their points, in pixels."""
    found = [c for c in ax.collections if isinstance(c, LineCollection)]
    return [line for one in found for line in one.get_segments()]
