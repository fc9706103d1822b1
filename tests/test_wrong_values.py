"""Wrong values in a notebook end in a sentence that says what was wanted."""

from __future__ import annotations

import copy
import pickle

import pandas as pd
import pytest

import gridopt as go
from gridopt import views
from gridopt.errors import refuse_kind


@pytest.mark.parametrize("draw", [views.plot_map, views.plot_clarity, views.explore])
def test_a_map_of_something_else_is_refused(small_outcome, draw):
    """An outcome holds the plan, and the sentence says so; nonsense is named."""
    with pytest.raises(go.InputError, match=r"给的是 Outcome；请改用它的 \.partition"):
        draw(small_outcome)
    for nonsense in (None, 3, "plan.csv"):
        name = type(nonsense).__name__
        with pytest.raises(go.InputError, match=f"给的是 {name}。"):
            draw(nonsense)


@pytest.mark.parametrize(
    ("draw", "kind"),
    [
        (views.plot_load, "roster"),
        (lambda value: views.plot_tree(value, None), "roster"),
        (views.plot_bills, "budget"),
        (views.plot_payers, "budget"),
        (views.plot_travel, "partition"),
    ],
)
def test_a_chart_of_an_outcome_is_told_the_part(small_outcome, draw, kind):
    """The part of the outcome that the chart is of."""
    with pytest.raises(go.InputError, match=rf"请改用它的 \.{kind}。"):
        draw(small_outcome)


@pytest.mark.parametrize(
    "draw", [views.plot_exceedance, views.plot_frontier, views.plot_adjustment]
)
def test_a_chart_of_something_else_is_refused(small_outcome, draw):
    """What was given is named."""
    with pytest.raises(go.InputError, match="给的是 Partition。"):
        draw(small_outcome.partition)


@pytest.mark.parametrize(
    ("place", "reason"), [("nowhere/a", "没有这个文件或文件夹"), (".", "这是文件夹")]
)
@pytest.mark.parametrize("write", ["explore", "write_report", "write_workbook"])
def test_a_file_that_cannot_be_written_is_told(
    small_outcome, tmp_path, write, place, reason
):
    """A folder that is not there, or in place of a file: the place and the remedy."""
    of = small_outcome.partition if write == "explore" else small_outcome
    with pytest.raises(go.InputError, match=f"无法写入 {tmp_path}.*：{reason}.*Excel"):
        getattr(views, write)(of, tmp_path / place)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("moves", [None, "abc", [("a", "b")], 3])
def test_moves_that_are_no_pairs_are_refused(small_outcome, moves):
    """The kind that was given is named."""
    with pytest.raises(go.InputError, match=f"dict），给的是 {type(moves).__name__}"):
        small_outcome.partition.with_moves(moves)


def test_only_outcomes_are_compared(small_outcome):
    """One outcome, plans, nothing, text: each is named."""
    plan = small_outcome.partition
    for given, words in (
        (small_outcome, "至少需要两个情景，现有 1 个"),
        ([plan, plan], "测算结果（Outcome），给的是 Partition"),
        (None, "给的是 NoneType"),
        ("ab", "给的是 str"),
    ):
        with pytest.raises(go.InputError) as caught:
            go.compare_outcomes(given)
        assert words in caught.value.message_zh


def test_a_path_is_no_scenario_and_no_register(small_register):
    """Who gives a file's name is told which verb reads it."""
    with pytest.raises(go.InputError, match="文件请先用 read_scenario 读入"):
        go.run_scenario(small_register, "scenarios/target-15.yaml")
    with pytest.raises(go.InputError, match="文件请先用 read_register 读入"):
        go.run_scenario("data/yuhuan-synthetic-2025.csv")
    with pytest.raises(go.InputError, match="给的是 NoneType。"):
        go.run_scenario(None)


def test_an_outcome_is_no_plan(small_outcome):
    """Staff, money and a new cut take the plan that the outcome holds."""

    def again(value):
        return go.make_grids(small_outcome.register, None, value)

    for make in (go.assign_roles, go.set_budget, again):
        with pytest.raises(go.InputError, match=r"请改用它的 \.partition。"):
            make(small_outcome)
    with pytest.raises(go.InputError, match=r"上期方案（Partition），给的是 str。"):
        again("runs/yuhuan-2022")
    with pytest.raises(go.InputError, match=r"请改用它的 \.register。"):
        go.make_grids(small_outcome)


def test_names_that_differ_by_capitals_get_a_number(small_outcome):
    """Each scenario has a folder of its own on systems that fold capitals."""
    from gridopt.comparison import name_scenarios

    named = [go.Scenario(name=name) for name in ("plan", "Plan", "PLAN-2")]
    names = [name.casefold() for name in name_scenarios(named)]
    assert len(set(names)) == 3
    # a folder called as one of the tables could not be made beside it
    assert name_scenarios([go.Scenario(name="results.csv")]) == ("results.csv-2",)


def test_a_notebook_shows_a_sentence_and_the_line(tmp_path):
    """IPython asks the error itself how it looks: no way through our code."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_line_magic("colors", "nocolor")
    told = []
    shell._showtraceback = lambda _kind, _value, lines: told.extend(lines)
    shell.run_cell("import gridopt as go\n\ngo.read_scenario('nowhere.yaml')")
    assert "nowhere.yaml" in told[0]
    assert "文件不存在" in told[0]
    assert "does not exist" in told[1]
    assert told[-1] == "  → 第3行：go.read_scenario('nowhere.yaml')"
    assert len(told) < 6


def test_the_line_that_asked_is_the_reader_s_own(small_outcome):
    """Not one of contextlib or pydantic, which our own code goes through."""
    for ask in (
        lambda: views.write_report(small_outcome, "/nowhere/a.html"),
        lambda: go.GridRules(small_block_prices={"per_km": -1}),
    ):
        with pytest.raises(go.InputError) as caught:
            ask()
        line = caught.value._render_traceback_()[-1]
        assert line.endswith(
            ('"/nowhere/a.html"),', 'small_block_prices={"per_km": -1}),')
        )


def test_a_notebook_shows_ten_findings(small_register_file, tmp_path):
    """More than ten findings are counted."""
    path = tmp_path / "bad.csv"
    text = small_register_file.read_text(encoding="utf-8-sig")
    path.write_text(text.replace("玉城街道", "无此街道"), encoding="utf-8")
    rules = go.RegisterRules(coordinates="gcj02", industry_edition="2017")
    with pytest.raises(go.InputError) as caught:
        go.read_register(path, rules)
    lines = caught.value._render_traceback_()
    rows = caught.value.findings["row"].astype(int).tolist()
    assert len(rows) > 13
    for row in rows[3:13]:
        assert any(line.startswith(f"  第{row}行：") for line in lines)
    assert f"  ……另有{len(rows) - 13:,}项" in lines
    assert not any(line.startswith(f"  第{rows[0]}行：") for line in lines)


def test_findings_without_a_row_are_shown_too(tmp_path):
    """A file that is not there has one finding, of no row."""
    with pytest.raises(go.InputError) as caught:
        go.read_register(tmp_path / "nowhere.csv")
    lines = caught.value._render_traceback_()
    assert "找不到文件“nowhere.csv”" in lines[0]
    assert lines[-1].startswith("  → 第")


def test_what_is_wanted_passes(small_outcome):
    """The right kind goes through without a word."""
    refuse_kind("网格划分方案", "Partition", small_outcome.partition, "grids")


def test_settings_given_by_name_are_refused_in_words():
    """Every wrong value of a call is told at once, with what is accepted."""
    with pytest.raises(go.InputError) as caught:
        go.GridRules(target="二十", tagret=3, small_block_prices={"per_km": "近"})
    told = caught.value.message_zh
    assert told.startswith("GridRules 有3项设置不对：")
    assert "target='二十'：应为整数（不小于2）" in told
    assert "tagret=3：没有这个键；最接近的键是 target" in told
    assert "small_block_prices.per_km='近'：应为" in told
    assert "not" not in told
    # a value error too: settings within settings are told by the outer ones
    assert isinstance(caught.value, ValueError)


def test_a_value_of_several_kinds_is_told_by_its_wrong_part():
    """A mapping in place of a word is not refused as a whole beside its part."""
    with pytest.raises(go.InputError) as caught:
        go.GridRules(number={"331083001-trade": "三"})
    told = caught.value.message_zh
    assert told == "GridRules 有1项设置不对：number.331083001-trade='三'：应为整数。"
    assert caught.value.message_en.startswith("1 setting of GridRules cannot be: ")
    with pytest.raises(go.InputError, match="number='三'：应为 by_target"):
        go.GridRules(number="三")


def test_a_list_that_is_too_long_is_told_its_length():
    """A list is no answer to a list."""
    with pytest.raises(go.InputError, match="应为由3项组成的列表"):
        go.BudgetRules(prizes_yuan=[1, 2, 3, 4])


def test_settings_without_a_name_are_refused_in_words():
    """The sentence shows how they are given."""
    with pytest.raises(go.InputError, match=r"例如 GridRules\(target=20\)"):
        go.GridRules(15)


@pytest.mark.parametrize("send", [copy.copy, lambda x: pickle.loads(pickle.dumps(x))])
def test_errors_are_copied_and_sent_whole(small_register_file, send):
    """A worker's error reaches who asked, with both languages and its findings."""
    with pytest.raises(go.InputError) as wrong:
        go.GridRules(tagret=3)
    with pytest.raises(go.InputError) as lost:
        go.read_register(small_register_file.with_name("nowhere.csv"))
    for fault in (wrong.value, lost.value):
        same = send(fault)
        assert type(same) is type(fault)
        assert str(same) == str(fault)
        assert same.message_en == fault.message_en
    pd.testing.assert_frame_equal(same.findings, lost.value.findings)


def test_settings_cannot_be_changed_and_it_says_how_to_get_others():
    """The remedy is told in place of pydantic's English; copies still work."""
    rules = go.GridRules(target=18)
    with pytest.raises(go.InputError, match=r"请重新给出：GridRules\(target=3, …\)"):
        rules.target = 3
    assert rules.target == 18
    assert copy.deepcopy(rules) == pickle.loads(pickle.dumps(rules)) == rules
    assert rules.model_copy(update={"target": 19}).target == 19


@pytest.mark.parametrize("read", [go.read_scenario, go.read_register])
@pytest.mark.parametrize("value", [3, None, {"title": "x"}])
def test_what_is_no_name_of_a_file_is_told(read, value):
    """The kind that was given, and an example of a name."""
    with pytest.raises(go.InputError, match=f"文件名.*给的是 {type(value).__name__}。"):
        read(value)


def test_rules_of_another_kind_are_told(small_register):
    """A number in place of the rules of a cut."""
    with pytest.raises(go.InputError, match="划分口径（GridRules），给的是 int"):
        go.make_grids(small_register, 3)
