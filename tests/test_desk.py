"""What the desk must do without a browser: its widgets are driven by their values."""

from __future__ import annotations

import builtins
import importlib
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridopt import solvers
from gridopt.archive import read_previous, read_previous_roster
from gridopt.budget import set_budget
from gridopt.comparison import compare_outcomes
from gridopt.desk import bench, open_desk
from gridopt.desk.controls import (
    GROUPS,
    SINCE,
    choose_scenario,
    make_controls,
    read_value,
)
from gridopt.desk.panels import comparison_panel, money_panel
from gridopt.errors import InputError
from gridopt.grids import make_grids
from gridopt.moves import price_lines
from gridopt.outcome import run_scenario
from gridopt.register import RegisterRules, read_register
from gridopt.scenario import Scenario, read_scenario
from gridopt.solvers import Watch
from gridopt.synth import write_synthetic
from gridopt.views.before_after import sum_up

pytest.importorskip("ipywidgets", reason="ipywidgets is absent: the extra 'notebook'")

LONGEST_S = 300
READING = RegisterRules(coordinates="gcj02", industry_edition="2017")
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
    assert desk.results.layout.display == "none"
    choose(desk, target="１５", least="10", most="20", bureau_owns=False)
    run(desk)
    (outcome,) = desk.outcomes
    rules = outcome.scenario.grids
    assert (rules.target, rules.least, rules.most) == (15, 10, 20)
    assert not rules.bureau_owns
    assert bytes(desk.map.value).startswith(b"\x89PNG")
    assert desk.results.layout.display == "flex"
    assert f"例外（{len(outcome.partition.exceptions)}项）" in desk.exceptions.value
    assert outcome.partition.exceptions["explanation_zh"][0] in desk.exceptions.value
    assert f"{outcome.budget.total_yuan:,}" in desk.money.value
    for text in ("每网格目标家数", "建筑业、房地产归市住建局", "第1次，与基准情景相比"):
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


def test_saving_what_was_not_run_says_so(desk) -> None:
    """The results shown are of other settings until the new ones have been run."""
    choose(desk, target="15", least="10", most="20")
    fill(desk, name="没有测算")
    desk.form.button.click()
    assert "还没有测算" in desk.form.message.value
    run(desk)
    fill(desk, name="已经测算")
    desk.form.button.click()
    assert "已保存：已经测算.yaml" in desk.form.message.value
    assert "还没有测算" not in desk.form.message.value


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


def tab_names(desk) -> list[str]:
    """The tabs that are shown."""
    return list(desk.view.children[1].titles)


@pytest.fixture(scope="module")
def next_file(small_register_file, tmp_path_factory) -> Path:
    """The register a year later."""
    path = tmp_path_factory.mktemp("next") / "名录.csv"
    write_synthetic(300, seed=6, out=path, after=small_register_file)
    return path


@pytest.fixture
def later(tmp_path, next_file, small_run) -> Path:
    """A scenario of the register a year later."""
    shutil.copy(next_file, tmp_path / "名录.csv")
    (tmp_path / "后来.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path / "后来.yaml"


def test_a_plan_in_force_tells_who_would_change_grid(
    later, next_file, small_run, small_register
) -> None:
    """What is shown is what `run --previous` comes to, movers counted everywhere."""
    desk = open_desk(later, previous=small_run, register_before=small_register)
    assert "上期方案" in desk.view.children[0].value
    choose(desk, mover_price_m="0")
    run(desk)
    (outcome,) = desk.outcomes
    plan = read_previous(small_run)
    asked = run_scenario(
        read_register(next_file, outcome.scenario.register),
        outcome.scenario,
        plan,
        previous_roster=read_previous_roster(small_run, plan),
        register_before=small_register,
    )
    assert outcome.partition.enterprises.equals(asked.partition.enterprises)
    assert outcome.roster.posts.equals(asked.roster.posts)
    assert outcome.summary == asked.summary
    told = outcome.summary
    line = f"调整{told['n_movers']}家，变更转格{told['n_forced']}家"
    assert told["n_movers"] > desk.baseline.summary["n_movers"]
    assert f"与上期方案相比：{line}" in desk.status.value
    assert sum_up(asked.adjustment) in desk.changes.value
    first = asked.adjustment.enterprises.query("kind == 'moved'").iloc[0]
    assert first["reason_zh"] in desk.changes.value
    assert "调整企业" in desk.comparison.value
    measures = desk.compare().results.set_index("measure")
    assert measures.at["n_movers", "第1次"] == told["n_movers"]


def test_settings_of_a_change_are_shown_only_with_a_plan_in_force(desk, later) -> None:
    """Without a previous plan nobody is asked about its price; with one it is a tab."""
    assert SINCE not in tab_names(desk)
    run(desk)
    assert desk.changes.value == ""
    assert "调整企业" not in desk.comparison.value
    since = open_desk(later, previous=desk.outcomes[0])
    assert SINCE in tab_names(since)
    assert desk.outcomes[0].scenario.title in since.view.children[0].value
    choose(since, frozen="331083001-trade-01，331083001-trade-02")
    frozen = ("331083001-trade-01", "331083001-trade-02")
    assert since.choose().grids.frozen == frozen
    fill(since)
    since.form.button.click()
    assert "--previous" in since.form.message.value


def test_a_plan_in_force_that_is_none_is_refused_at_once(
    file, tmp_path, small_register, small_outcome, next_file
) -> None:
    """No such folder, another table, another register, a fresh baseline: in words."""
    other = read_register(next_file, small_outcome.scenario.register)
    frame = small_outcome.partition.enterprises.drop(columns="grid_id")
    for settings_, words in (
        ({"previous": tmp_path / "没有"}, "文件不存在"),
        ({"previous": frame}, "缺少列 enterprise_id 或 grid_id"),
        ({"previous": small_outcome, "register_before": other}, "与上期方案不一致"),
        ({"previous": small_outcome, "baseline": small_outcome}, "baseline"),
        ({"previous": small_register}, r"上期方案（Partition），给的是 Register。"),
        ({"baseline": small_outcome.partition}, r"（Outcome），给的是 Partition。"),
    ):
        with pytest.raises(InputError, match=words):
            open_desk(file, small_register, **settings_)
    with pytest.raises(InputError, match=r"请改用它的 \.register。"):
        open_desk(file, small_outcome)
    with pytest.raises(InputError, match=r"情景文件（Path），给的是 Scenario。"):
        open_desk(small_outcome.scenario)


@pytest.fixture(scope="module")
def wish(small_outcome) -> tuple[str, str]:
    """A firm, and another grid of its block that has room for it."""
    plan = small_outcome.partition
    for who, row in plan.enterprises.iterrows():
        for grid in plan.grids.index[plan.grids["block_id"] == row["block_id"]]:
            if grid != row["grid_id"]:
                with suppress(InputError):
                    plan.with_moves({who: grid})
                    return str(who), str(grid)
    raise AssertionError("nobody can be moved")


def test_a_move_by_hand_is_what_run_moves_makes_of_it(desk, file, wish) -> None:
    """Same plan and price as `--moves`; no second cut; told, listed and saved."""
    run(desk)
    choose(desk, moved=" ".join(wish))
    run(desk)
    before, outcome = desk.outcomes
    asked = run_scenario(outcome.register, outcome.scenario)
    assert outcome.scenario.grids.moved == (wish,)
    assert outcome.partition.enterprises.equals(asked.partition.enterprises)
    assert outcome.partition.moves.equals(asked.partition.moves)
    assert outcome.summary == asked.summary
    assert before.partition.register is outcome.partition.register
    (line,) = price_lines(asked.partition.moves)
    assert line in desk.status.value
    far_m, cost_m = asked.partition.moves[["travel_added_m", "cost_added_m"]].sum()
    more = [
        f"{'减少' if m < 0 else '增加'}{abs(m) / 1000:.2f}公里" for m in (far_m, cost_m)
    ]
    assert f"较调整前距离{more[0]}，总代价{more[1]}（折算为距离）" in line
    rows = asked.partition.exceptions
    (told,) = rows.loc[rows["kind"] == "moved_by_hand", "explanation_zh"]
    assert told in desk.exceptions.value
    assert f"（{wish[0]}，{wish[1]}）" in desk.comparison.value
    fill(desk)
    desk.form.button.click()
    saved = read_scenario(file.with_name("十五家.yaml"))
    assert saved.grids.moved == (wish,)


def test_moves_are_made_on_a_plan_in_force_too(later, small_outcome) -> None:
    """Whoever is held in its old grid stays; a name alone lets it go again."""
    now = read_register(later.parent / "名录.csv", READING).enterprises
    who = str(now.index.intersection(small_outcome.partition.enterprises.index)[0])
    grid = small_outcome.partition.enterprises.at[who, "grid_id"]
    held = small_outcome.partition.with_moves({who: grid})
    desk = open_desk(later, previous=held)
    run(desk)
    assert desk.outcomes[0].partition.rules.moved == ((who, grid),)
    assert "固定不动 1 家" in desk.status.value
    choose(desk, moved=who)
    run(desk)
    assert desk.outcomes[1].partition.moves.empty
    assert "解除1家" in desk.status.value


def test_moves_of_the_base_scenario_stand_in_the_box(file, small_register, wish):
    """They are shown, count as unchanged, and end when their lines are deleted."""
    moved = f"grids:\n  moved: [[{wish[0]}, {wish[1]}]]\n"
    file.write_text(BASE + moved, encoding="utf-8")
    desk = open_desk(file, small_register)
    box = desk.controls["grids.moved"].widget
    assert box.value == " ".join(wish)
    assert desk.choose().grids.moved == (wish,)
    assert "改动 0 项" in repr(desk)
    box.value = ""
    fill(desk)
    desk.form.button.click()
    assert read_scenario(file.with_name("十五家.yaml")).grids.moved == ()


@pytest.mark.parametrize(
    "text",
    [
        "{0} {1}",
        "\n  {0}\t{1}  \n\n",
        "{0},{1}",
        "{0}，{1}；",
        '"{0}","{1}"',
        "企业编号 网格编号\n{0} {1}",
        "企业编号,单位,调入网格\r\n{0},某某,{1}\r\n",
        "enterprise_id\tgrid_id\n{0}\t{1}",
    ],
)
def test_moves_are_read_however_they_are_pasted(wish, text) -> None:
    """Blanks, tabs, commas, quotes, full-width letters, with a header or without."""
    typed = text.format(*wish)
    wide = typed.translate({code: code + 0xFEE0 for code in range(0x30, 0x3A)})
    for one in (typed, wide):
        assert read_value(one, tuple[tuple[str, str], ...]) == [list(wish)]


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("NOBODY {grid}", "没有企业 NOBODY", "no enterprise NOBODY"),
        ("{who} G-99", "没有网格 G-99", "no grid G-99"),
        ("{who} {far}", "二级统计网格（P8）不同", "another unit (P8)"),
        ("{who} {grid}\n{who} {own}", "在第1行已指定网格", "by row 1 and"),
        ("{who} {grid} 甲 乙", "第1行", "row 1"),
        ("网格编号\n{grid}", "缺少列“企业编号”", "enterprise_id is missing"),
        ("企业编号,网格编号", "表头以下没有企业", "nobody below the header"),
        ('企业编号,网格编号\n"{who},{grid}', "引号", "quot"),
        ("{everybody}", "不在15至25家之内", "outside 15 to 25"),
        ("{many}", "有10000处", "10000 faults"),
        ("\x00\u200b\ud800", "没有企业", "no enterprise"),
    ],
)
def test_nonsense_among_the_moves_gets_a_sentence(desk, wish, text, zh, en) -> None:
    """Both languages, no traceback, and what was shown before is still there."""
    run(desk)
    shown, plan = show(desk), desk.outcomes[0].partition
    who, grid = wish
    own, block = plan.enterprises.loc[who, ["grid_id", "block_id"]]
    unit = block.rpartition("-")[0]
    far = next(g for g in plan.grids.index if not g.startswith(unit))
    mates = plan.enterprises.index[plan.enterprises["grid_id"] == own]
    everybody = "\n".join(f"{one} {grid}" for one in mates)
    many = "\n".join(f"X{n} {grid}" for n in range(10_000))
    told = {"who": who, "grid": grid, "own": own, "far": far}
    choose(desk, moved=text.format(**told, everybody=everybody, many=many))
    run(desk)
    assert "Traceback" not in desk.status.value
    assert zh in desk.status.value
    assert en in desk.status.value
    assert len(desk.outcomes) == 1
    assert show(desk) == shown


def test_ids_are_found_by_a_part_of_the_name(desk, wish) -> None:
    """A firm's id and grid, and the grids it could go to, stand below the box."""
    desk.finder.box.value = wish[0]
    assert wish[1] in desk.finder.found.value  # the base scenario's plan is known
    run(desk)
    plan = desk.outcomes[0].partition
    name = plan.enterprises.at[wish[0], "name"]
    desk.finder.box.value = name
    for text in (wish[0], wish[1], name, "可调入的网格"):
        assert text in desk.finder.found.value
    # it cannot be put where it is
    own = plan.enterprises.at[wish[0], "grid_id"]
    assert own not in desk.finder.found.value.split("可调入的网格")[1]
    desk.finder.box.value = "<b>"
    assert "没有名称或编号含“&lt;b&gt;”的企业" in desk.finder.found.value
    desk.finder.box.value = ""
    assert desk.finder.found.value == ""


def test_nothing_can_be_looked_up_before_there_is_a_plan(file) -> None:
    """The box says what to do first."""
    desk = open_desk(file)
    desk.finder.box.value = "公司"
    assert "请先按“测算”" in desk.finder.found.value


def test_pressing_run_twice_runs_once(desk) -> None:
    """The second press is answered; the first goes on to its end."""
    choose(desk, target="17")
    desk.run_button.click()
    desk.run()
    assert "正在测算" in desk.status.value
    assert "It is running" in desk.status.value
    assert desk.wait(LONGEST_S)
    assert len(desk.outcomes) == 1


def test_stop_may_be_pressed_at_any_time(desk) -> None:
    """Before the first run, after a run, twice while it runs: no fault, no loss."""
    desk.stop()
    run(desk)
    desk.stop()
    desk.stop_button.click()
    choose(desk, target="18")
    desk.run_button.click()
    desk.stop()
    desk.stop()
    assert desk.wait(LONGEST_S)
    desk.stop()
    assert len(desk.outcomes) == 1
    run(desk)
    assert len(desk.outcomes) == 2


def test_a_stop_under_a_cap_is_no_claim_about_the_cap(later, small_run) -> None:
    """Stopped before the cap was met, it is not said that it cannot be."""
    plan = read_previous(small_run)
    scenario = read_scenario(later)
    register = read_register(scenario.register.file, scenario.register)
    rules = scenario.grids.model_copy(update={"mover_cap": 1})
    stop = later.with_name("stop")
    stop.touch()
    with pytest.raises(InputError, match="中途停止.*不超过调整上限") as refusal:
        make_grids(register, rules, plan, watch=Watch(lambda *_: None, stop))
    assert "无法做到" not in refusal.value.message_zh
    desk = open_desk(later, previous=small_run)
    choose(desk, mover_cap="1")
    desk.run_button.click()
    desk.stop()
    assert desk.wait(LONGEST_S)
    assert "已停止" in desk.status.value


def test_a_base_scenario_that_fails_does_not_cost_the_run(file, small_register):
    """The run is kept and shown; why there is no comparison is said."""
    file.write_text(BASE + "grids:\n  moved: [[E1, G]]\n", encoding="utf-8")
    desk = open_desk(file, small_register)
    choose(desk, moved="")
    run(desk)
    assert len(desk.outcomes) == 1
    assert "第1次" in desk.status.value
    assert "没有与基准情景比较：" in desk.status.value
    assert "没有企业 E1" in desk.status.value
    assert bytes(desk.map.value).startswith(b"\x89PNG")
    choose(desk, pass_percent="95")
    run(desk)
    assert "第2次" in desk.comparison.value


def test_a_register_that_vanishes_is_said(file) -> None:
    """A register gone since the desk was opened: a sentence; back again, it runs."""
    desk = open_desk(file)
    register = file.with_name("名录.csv")
    register.rename(file.with_name("别处.csv"))
    run(desk)
    assert "名录.csv" in desk.status.value
    assert desk.status.value.count("Traceback") == 0
    assert desk.outcomes == []
    file.with_name("别处.csv").rename(register)
    run(desk)
    assert len(desk.outcomes) == 1


@pytest.mark.parametrize(
    "name",
    [
        *("a?b", "a:b", "CON", "nul.yaml", "COM1", "com¹", "名. ", "a/b", "没有/名"),
        *("a\\b", "..", "字" * 81, "😀" * 80, "\ud800", "a\x00b", "a\nb", "基准"),
    ],
)
def test_a_name_that_no_file_may_have_is_said(desk, file, name) -> None:
    """Whatever Windows or the disk refuses: a sentence in both languages, no file."""
    before = sorted(file.parent.iterdir())
    fill(desk, name=name)
    desk.form.button.click()
    told = desk.form.message.value
    assert "没有保存" in told
    assert re.search("[a-z]{4}", told.rpartition("没有保存")[2])
    assert sorted(file.parent.iterdir()) == before


def test_a_folder_that_is_gone_is_said(desk, file) -> None:
    """Saving beside a base scenario that no longer exists ends in a sentence."""
    shutil.rmtree(file.parent)
    fill(desk)
    desk.form.button.click()
    assert "没有保存" in desk.form.message.value
    assert not file.parent.exists()


def test_an_interrupt_of_the_kernel_costs_nothing(desk, monkeypatch) -> None:
    """While a map is drawn or a file saved: a sentence, and the results stay."""

    def interrupt(*_args, **_settings):
        raise KeyboardInterrupt

    run(desk)
    shown = show(desk)
    with monkeypatch.context() as patched:
        patched.setattr("gridopt.desk.desk.render_map", interrupt)
        desk.place.value = desk.place.options[1]
        assert "已中断" in desk.status.value
        assert "interrupted" in desk.status.value
        patched.setattr("gridopt.desk.saving.write_scenario", interrupt)
        fill(desk)
        desk.form.button.click()
        assert "已中断" in desk.form.message.value
    assert show(desk) == shown
    assert len(desk.outcomes) == 1


CUT_THEN_INTERRUPT = """
import signal, sys, threading
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a kernel does between two cells
import gridopt as go
reading = go.RegisterRules(coordinates="gcj02", industry_edition="2017")
register = go.read_register(sys.argv[1], reading)
work = threading.Thread(target=go.run_scenario, args=[register])
work.start()
work.join()
signal.raise_signal(signal.SIGINT)
print("alive")
"""


def test_a_kernel_that_is_interrupted_between_cells_lives_on(
    small_register_file,
) -> None:
    """A run leaves the answer to the keyboard as it was: else all results are lost."""
    told = subprocess.run(
        [sys.executable, "-c", CUT_THEN_INTERRUPT, small_register_file],
        capture_output=True,
        text=True,
    )
    assert (told.returncode, told.stdout) == (0, "alive\n"), told.stderr


def test_no_solver_takes_the_interrupt_away() -> None:
    """Every CP-SAT solver that is made leaves the keyboard alone."""
    files = Path(solvers.__file__).parent.rglob("*.py")
    sources = [path.read_text("utf-8") for path in files]
    made = [text.split("cp_model.CpSolver()")[1:] for text in sources]
    after = [part[:200] for parts in made for part in parts]
    assert after
    assert all("catch_sigint_signal = False" in part for part in after)


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
    assert f"括号内为与{comparison.base_name}相比" in comparison_panel(comparison)
