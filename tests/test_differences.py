"""What a comparison concludes: sentences to quote, and the figures that differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import gridopt as go
from gridopt.comparison import compare_outcomes, keep_one
from gridopt.differences import HEADLINES, count_changed, is_changed, is_told
from gridopt.views.report import page_text


@pytest.fixture(scope="module")
def comparison(small_register: Any, small_scenario: Any) -> go.Comparison:
    """Compare a plan with one of smaller grids and with one of other money."""
    rules = small_scenario.grids.model_copy(
        update={"target": 10, "least": 8, "most": 13}
    )
    money = small_scenario.money.model_copy(update={"pass_percent": 80})
    scenarios = [
        small_scenario,
        replace(small_scenario, name="小", grids=rules),
        replace(small_scenario, name="省", money=money),
    ]
    return compare_outcomes([go.run_scenario(small_register, s) for s in scenarios])


def figure(comparison: go.Comparison, measure: str, name: str) -> Any:
    """Give a figure of the results."""
    return comparison.results.set_index("measure").at[measure, name]


def test_the_sentences_quote_the_results(comparison: go.Comparison) -> None:
    """Every figure of a sentence is that of the frame, with its difference."""
    base, small, cheap = comparison.sentences
    n, fewer = (figure(comparison, "n_grids", name) for name in ("小", "small"))
    assert n > fewer
    assert base.startswith(f"small（基准情景）：企业网格{fewer}个，")
    assert small.startswith(f"小，与基准情景相比：企业网格{n}个（多{n - fewer}个），")
    far, farther = (figure(comparison, "travel_mean_m", at) for at in ("小", "small"))
    assert f"距离{far:,.1f}米（短{farther - far:,.1f}米）" in small
    saved = -figure(comparison, "total_yuan", "difference:省")
    assert f"（少{saved:,}元）" in cheap
    assert cheap.endswith("不变，各企业的同格企业没有变化。")
    # what is the same is named, all of it
    same = [one.label for key, one in HEADLINES.items() if key != "total_yuan"]
    assert "、".join(same) + "不变" in cheap


def test_what_differs_is_marked(comparison: go.Comparison) -> None:
    """Money alone differs where money alone was changed; any means any."""
    cheap, small = (
        set(only.results["measure"][is_changed(only)])
        for only in (keep_one(comparison, "省"), keep_one(comparison, "小"))
    )
    assert {"award_yuan", "total_yuan"} <= cheap
    assert not cheap & {"n_grids", "travel_km", "n_members"}
    assert set(comparison.results["measure"][is_changed(comparison)]) == cheap | small
    assert count_changed(comparison, "省") == 0
    moved = comparison.companions[["n_lost:小", "n_gained:小"]].sum(axis=1) > 0
    assert count_changed(comparison, "小") == moved.sum() > 0


def test_no_part_is_told_without_its_sum(comparison: go.Comparison) -> None:
    """Who pays differs, what all pay does not: both are told, the sum before them."""
    results = comparison.results.copy()
    keys = results["measure"]
    same = [name for name in results.columns if name in comparison.names]
    for name in same:
        results[name] = results[comparison.base_name]
    payer = next(key for key in keys if key.startswith("payer_yuan:"))
    results.loc[keys == payer, "省"] = 1
    told = replace(comparison, results=results)
    assert list(keys[is_told(told)]) == ["total_yuan", payer]
    assert list(keys[is_changed(told)]) == [payer]


def test_what_is_unknown_on_one_side_differs(comparison: go.Comparison) -> None:
    """No sentence reckons with a figure that is not known."""
    only = keep_one(comparison, "省")
    results = only.results.copy()
    at = results.index[results["measure"] == "total_yuan"][0]
    results.loc[at, ["省", "difference:省"]] = None
    blind = replace(only, results=results)
    assert "经费合计未知" in blind.sentences[1]
    assert is_changed(blind)[at]
    results.loc[at, "small"] = None
    blind = replace(only, results=results)
    assert "经费合计未知" in blind.sentences[0]
    assert not is_changed(blind)[at]


def test_whom_a_third_scenario_takes_in_changes_nothing(
    small_scenario: Any, small_register_file: Any
) -> None:
    """Only pairs count: who is left out by both has no companions to lose."""
    rules = small_scenario.register
    without = rules.model_copy(update={"groomed": "out"})
    all_in, some_out = (
        go.read_register(small_register_file, each) for each in (rules, without)
    )
    n_out = len(all_in.enterprises) - len(some_out.enterprises)
    assert n_out > 0
    scenarios = [
        replace(small_scenario, name=name, register=each)
        for name, each in (("少", without), ("同", without), ("全", rules))
    ]
    outcomes = [
        go.run_scenario(register, scenario)
        for register, scenario in zip(
            (some_out, some_out, all_in), scenarios, strict=True
        )
    ]
    comparison = compare_outcomes(outcomes)
    assert count_changed(comparison, "同") == 0
    assert comparison.sentences[1].endswith("各企业的同格企业没有变化。")
    assert n_out <= count_changed(comparison, "全") == len(comparison.companions)


def test_a_report_keeps_the_names_of_the_comparison(comparison: go.Comparison) -> None:
    """Scenarios of one name are numbered once, whichever is the baseline."""
    alike = [replace(one, scenario=replace(one.scenario, name="案"))
             for one in comparison.outcomes]  # fmt: skip
    numbered = compare_outcomes(alike, baseline="案-2")
    page = page_text(alike[0], numbered)
    assert "案，与基准情景相比：" in page
    assert "<th>案-2\n（基准）</th>" in page.replace("<br>", "\n")


def test_each_report_says_how_its_scenario_stands(comparison: go.Comparison) -> None:
    """Others than the baseline list settings and figures; a lone run has none."""
    base, small, _ = (page_text(one, comparison) for one in comparison.outcomes)
    assert "与基准情景比较" not in page_text(comparison.outcomes[1])
    assert "与其他情景比较" in base
    assert all(sentence in base for sentence in comparison.sentences)
    assert "与基准情景比较" in small
    assert comparison.sentences[1] in small
    assert "每网格目标家数</td><td>P5</td><td>20</td><td>10</td>" in small
    n, more = (figure(comparison, "n_grids", key) for key in ("小", "difference:小"))
    assert f'<td class="n">{n}（+{more}）</td>' in small
    # the other scenario's setting is no business of this one
    assert "预计合格率（%）</td><td>F5</td><td>90</td><td>80</td>" not in small
