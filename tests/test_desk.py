"""What the desk must do without a browser: its widgets are driven by their values."""

from __future__ import annotations

import builtins
import importlib
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridopt.budget import set_budget
from gridopt.comparison import compare_outcomes
from gridopt.desk import bench, open_desk
from gridopt.desk.controls import GROUPS, choose_scenario, make_controls
from gridopt.desk.panels import comparison_panel, money_panel
from gridopt.errors import InputError
from gridopt.scenario import Scenario, read_scenario

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("ipywidgets", reason="ipywidgets is absent: the extra 'notebook'")

LONGEST_S = 300
BASE = """\
title: 小样例
basis: P5
date: 2025-12-31
register:
  file: 名录.csv
  coordinates: gcj02
  industry_edition: "2017"
"""


@pytest.fixture
def file(tmp_path, small_register_file) -> Path:
    """A scenario of the small register."""
    shutil.copy(small_register_file, tmp_path / "名录.csv")
    (tmp_path / "基准.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path / "基准.yaml"


@pytest.fixture
def desk(file, small_register, small_outcome):
    """A desk on it, whose base scenario has been run."""
    return open_desk(file, small_register, small_outcome)


def choose(desk, **values) -> None:
    """Set controls, named by the last part of their keys."""
    for key, control in desk.controls.items():
        name = key.rsplit(".", 1)[-1]
        if name in values:
            control.widget.value = values.pop(name)
    assert not values


def run(desk) -> None:
    """Press run and wait for the end."""
    desk.run_button.click()
    assert desk.wait(LONGEST_S)


def test_a_run_shows_map_exceptions_and_money_beside_what_was_changed(desk) -> None:
    """What is pressed is what is run; the four panels show that very outcome."""
    assert desk.map.value == b""
    assert desk.map.layout.display == "none"
    choose(desk, target="１５", least="10", most="20", bureau_owns=False)
    run(desk)
    (outcome,) = desk.outcomes
    rules = outcome.scenario.grids
    assert (rules.target, rules.least, rules.most) == (15, 10, 20)
    assert not rules.bureau_owns
    assert bytes(desk.map.value).startswith(b"\x89PNG")
    assert desk.map.layout.display is None
    assert f"例外（{len(outcome.partition.exceptions)}项）" in desk.exceptions.value
    assert outcome.partition.exceptions["explanation_zh"][0] in desk.exceptions.value
    assert f"{outcome.budget.total_yuan:,}" in desk.money.value
    for text in ("每网格目标家数", "建筑业、房地产归市住建局", "第1次 增减"):
        assert text in desk.comparison.value
    assert set(desk.compare().inputs["setting"]) == {
        "grids.target",
        "grids.least",
        "grids.most",
        "grids.bureau_owns",
    }
    assert f"{outcome.summary['n_grids']}个网格" in desk.status.value
    assert desk.stop_button.disabled
    assert not desk.run_button.disabled


def test_several_runs_stand_beside_one_another(desk) -> None:
    """Runs are kept beside the base scenario, the latest few of them, under numbers."""
    for percent in ("91", "92", "93", "94"):
        choose(desk, pass_percent=percent)
        run(desk)
    assert desk.compare().names == ("small", "第2次", "第3次", "第4次")
    first, second = (outcome.partition for outcome in desk.outcomes[-2:])
    assert first.blocks is second.blocks  # money alone needs no other cut
    rates = [o.scenario.money.pass_percent for o in desk.compare().outcomes]
    assert rates == [90, 92, 93, 94]


def test_the_map_follows_the_place_chosen(desk) -> None:
    """Choosing a unit draws another map, of that unit."""
    run(desk)
    whole = bytes(desk.map.value)
    desk.place.value = desk.place.options[1]
    assert bytes(desk.map.value).startswith(b"\x89PNG")
    assert bytes(desk.map.value) != whole


def test_the_base_scenario_is_run_where_its_outcome_is_unknown(file) -> None:
    """Opened with a file alone, the desk reads the register and runs both scenarios."""
    desk = open_desk(file)
    choose(desk, groomed="out")
    run(desk)
    counts = [o.summary["n_eligible"] for o in desk.compare().outcomes]
    assert counts[1] < counts[0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"target": "二十"}, ["“每网格目标家数”填的是“二十”：应为整数（不小于2）"]),
        ({"target": ""}, ["每网格目标家数", "应为整数"]),
        ({"target": "20.5"}, ["每网格目标家数", "应为整数"]),
        ({"target": "30"}, ["15、30、25"]),
        ({"size_price_m": "nan"}, ["偏离目标家数的代价", "nan"]),
        ({"area_price_m": "-1"}, ["跨工作管理片的代价", "不小于0"]),
        ({"prizes_yuan": "1000、贵"}, ["三星级奖励", "1000、贵"]),
        ({"star_percents": "60、30"}, ["三星级比例"]),
        ({"star_percents": "60、30、20"}, ["110"]),
        ({"pass_percent": "101", "target": "x", "per_km": "1e999"},
         ["有3处填写不对", "预计合格率", "每网格目标家数", "每公里"]),
    ],
)  # fmt: skip
def test_nonsense_gets_a_sentence_and_runs_nothing(desk, values, words) -> None:
    """What no scenario could be is said in the labels' words, all at once."""
    choose(desk, **values)
    run(desk)
    for word in words:
        assert word in desk.status.value
    assert "Traceback" not in desk.status.value
    assert desk.outcomes == []
    assert desk.map.value == b""


CONTROLS = make_controls(Scenario())
TEXTS = [
    key for key, control in CONTROLS.items() if isinstance(control.widget.value, str)
]


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(TEXTS), st.text(max_size=12), max_size=4))
def test_whatever_is_typed_gives_a_scenario_or_a_sentence(typed) -> None:
    """No text whatever in any box leads to anything but a scenario or an InputError."""
    for control in CONTROLS.values():
        control.reset()
    for key, text in typed.items():
        widget = CONTROLS[key].widget
        if not hasattr(widget, "options"):
            widget.value = text
    try:
        chosen = choose_scenario(CONTROLS, Scenario())
    except InputError as error:
        assert error.message_zh
    else:
        assert chosen.grids.least <= chosen.grids.target <= chosen.grids.most


def test_untouched_controls_are_the_base_scenario(file) -> None:
    """A desk that nobody touched chooses the scenario it was opened on."""
    base = read_scenario(file)
    controls = make_controls(base)
    assert choose_scenario(controls, base) == base
    assert set(controls) == {key for group in GROUPS.values() for key in group}


def show(desk) -> list:
    """What the panels show."""
    panels = (desk.exceptions, desk.money, desk.comparison)
    return [bytes(desk.map.value), *(panel.value for panel in panels)]


def test_a_stopped_run_keeps_what_was(desk) -> None:
    """A run that is stopped changes neither the runs nor anything that is shown."""
    run(desk)
    shown = show(desk)
    choose(desk, target="18")
    desk.run_button.click()
    desk.stop_button.click()
    assert desk.wait(LONGEST_S)
    assert "已停止" in desk.status.value
    assert len(desk.outcomes) == 1
    assert show(desk) == shown
    run(desk)
    assert len(desk.outcomes) == 2


def test_progress_is_told_while_it_runs(desk, monkeypatch) -> None:
    """The bar rises to all enterprises and the words tell blocks done."""
    told = []
    follow = desk._follow
    monkeypatch.setattr(desk, "_follow", lambda *a: (told.append(a), follow(*a)))
    choose(desk, target="19")
    run(desk)
    done = [a for a, _, _ in told]
    assert done == sorted(done)
    assert told[-1][0] == told[-1][1] == desk.outcomes[0].summary["n_eligible"]
    assert "划分单元" in told[-1][2]


def test_what_fails_inside_is_a_sentence_too(desk, monkeypatch) -> None:
    """An error that nobody foresaw leaves a sentence and a desk that works on."""

    def fail(*_args, **_settings):
        raise ZeroDivisionError("除以零")

    with monkeypatch.context() as patched:
        patched.setattr(bench, "conclude_scenario", fail)
        run(desk)
    assert "没有办成（ZeroDivisionError：除以零）" in desk.status.value
    run(desk)
    assert len(desk.outcomes) == 1


def test_reset_shows_the_base_again(desk) -> None:
    """After a reset nothing differs from the base scenario."""
    choose(desk, target="x", floor="none", bureau_owns=False)
    assert "改动 3 项" in repr(desk)
    desk.reset_button.click()
    assert "改动 0 项" in repr(desk)


def fill(desk, **values) -> None:
    """Fill the form, with something sensible where nothing is given."""
    told = {"name": "十五家", "title": "每格十五家", "author": "统计科", "basis": "P5"}
    for key, text in (told | values).items():
        getattr(desk.form, key).value = text


def test_saving_writes_the_differences_only(desk, file) -> None:
    """The file extends the base, and read again is what the desk showed."""
    choose(desk, target="15", least="10", size_price_m="30")
    fill(desk, basis="科长会议\n7月1日")
    desk.form.button.click()
    assert "已保存：十五家.yaml" in desk.form.message.value
    saved = file.with_name("十五家.yaml")
    assert saved.read_text(encoding="utf-8") == (
        "title: 每格十五家\nauthor: 统计科\nbasis: |\n  科长会议\n  7月1日\n"
        "extends: 基准.yaml\ngrids:\n  target: 15\n  least: 10\n  size_price_m: 30.0\n"
    )
    assert read_scenario(saved).grids == desk.choose().grids


@pytest.mark.parametrize(
    ("told", "values", "word"),
    [
        ({"name": "基准"}, {}, "已有情景文件"),
        ({"name": "../外面"}, {}, "不能作文件名"),
        ({"name": ""}, {}, "不能作文件名"),
        ({"author": " "}, {}, "请写明编制人"),
        ({"basis": ""}, {}, "依据"),
        ({"title": ""}, {}, "标题"),
        ({}, {"target": "很多"}, "很多"),
        ({}, {"pass_percent": "95"}, "预计合格率的依据"),
    ],
)
def test_what_cannot_be_saved_is_said(desk, file, told, values, word) -> None:
    """A form without name, author or ground, or with nonsense, writes no file."""
    before = sorted(file.parent.iterdir())
    choose(desk, **values)
    fill(desk, **told)
    desk.form.button.click()
    assert "没有保存" in desk.form.message.value
    assert word in desk.form.message.value
    assert sorted(file.parent.iterdir()) == before


def test_a_register_that_is_no_file_is_said(tmp_path, small_register, small_outcome):
    """Saving tells that a register given by a program does not stand in the file."""
    file = tmp_path / "基准.yaml"
    plain = BASE.replace("  file: 名录.csv\n", "")
    file.write_text(plain, encoding="utf-8")
    desk = open_desk(file, small_register, small_outcome)
    fill(desk)
    desk.form.button.click()
    assert "名录不在情景文件中" in desk.form.message.value
    choose(desk, groomed="out")
    run(desk)
    assert "没有写名录文件" in desk.status.value


def test_text_of_a_file_cannot_become_markup(tmp_path) -> None:
    """A title that looks like HTML is shown as it is written."""
    file = tmp_path / "a.yaml"
    file.write_text("title: <b onclick=x>甲</b>\nbasis: P5\n", encoding="utf-8")
    heading = open_desk(file).view.children[0].value
    assert "&lt;b onclick=x&gt;甲" in heading


def test_without_ipywidgets_a_sentence_says_how_to_get_it(file, monkeypatch) -> None:
    """The extra is optional: the package works without it, the desk says why not."""
    real = importlib.import_module

    def absent(name, *rest):
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr("gridopt.desk.kit.import_module", absent)
    with pytest.raises(InputError, match="没有安装 ipywidgets.*start.py lab"):
        open_desk(file)
    assert builtins.__import__("gridopt.desk")


def test_a_cell_shows_the_desk_as_a_widget(desk) -> None:
    """What a notebook gets is the widget, not a text."""
    shown = desk._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_the_money_beside_the_map_adds_up(small_outcome) -> None:
    """Awards of earlier years have a line of their own, in the sums and by payer."""
    rules = small_outcome.budget.rules.model_copy(update={"deferred_yuan": 5000})
    budget = set_budget(small_outcome.partition, rules)
    shown = money_panel(replace(small_outcome, budget=budget))
    assert shown.count("以前年度未付星级奖励") == 2
    assert shown.count("5,000") >= 2
    assert f"{budget.award_yuan:,}" in shown
    assert f"以前年度未付星级奖励：{5000:,}元" in str(budget)


def test_the_baseline_may_be_any_scenario(small_outcome) -> None:
    """Differences are those to the baseline, wherever it stands."""
    comparison = compare_outcomes([small_outcome, small_outcome], baseline=1)
    assert f"增减为与{comparison.base_name}相比" in comparison_panel(comparison)
