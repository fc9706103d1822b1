"""What every public value prints: one short sentence, lines of Chinese, a safe card."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import gridopt as go
from gridopt.appraisal.outlook import model_of
from gridopt.cards import MOST_ROWS, Shown
from gridopt.rules import Rules

RECORDS = {"Unit", "Score", "PassModel", "Years", "InputError"}
"""A few named numbers: what Python prints of them is the shortest there is."""

SCORES = "person_id,enterprise_id,unit,score\np1,e1,a,85.5\np2,e2,a,60\n"


@pytest.fixture(scope="module")
def values(small_outcome, small_run, small_register_file, tmp_path_factory):
    """Give one value of each public class, and of what public verbs return besides."""
    outcome, budget = small_outcome, small_outcome.budget
    register, partition = outcome.register, outcome.partition
    model = model_of(budget.rules)
    scores = tmp_path_factory.mktemp("shown") / "results.csv"
    scores.write_text(SCORES, encoding="utf-8")
    other = replace(outcome, scenario=replace(outcome.scenario, name="other"))
    counts = budget.counts.assign(passed=budget.counts["members"] - 1)
    calibration = go.calibrate_passes(counts)
    given = [
        *(register, register.units, register.classification, partition),
        *(outcome, outcome.roster, budget, go.compare_outcomes([outcome, other])),
        *(outcome.scenario, outcome.scenario.grids, outcome.scenario.money),
        *(outcome.scenario.roles, outcome.scenario.register, go.ChangeRules()),
        *(go.AwardRules(), go.settle_awards(budget.counts, budget.rules)),
        go.bill_distribution(budget.counts, budget.rules, model),
        go.look_ahead(budget.counts, budget.rules),
        *(calibration, go.doubt_bill(budget.counts, go.AwardRules(), calibration)),
        go.simulate_awards(budget.counts, budget.rules, replications=64),
        go.compare_registers(register, register),
        go.run_scenario(register, outcome.scenario, partition).adjustment,
        go.trace_frontier(register, partition.rules, partition, [1000, 1]),
        go.read_results(scores),
        go.verify_run(small_run, small_register_file),
        next(iter(partition.certificates)),
        go.Problem.of_points("toy", np.eye(3, 2), least=1, most=3, target=3),
    ]
    return {type(one).__name__: one for one in given}


def test_every_public_class_is_looked_at(values):
    """A class that is exported anew is shown as well, or is a mere record."""
    classes = {n for n in go.__all__ if inspect.isclass(getattr(go, n))}
    assert classes - set(values) - RECORDS == set()


def test_no_value_prints_its_arrays_and_tables(values):
    """A sentence for a list or debugger, lines for a terminal, a card for a page."""
    for name, value in values.items():
        brief, text, page = repr(value), str(value), value._repr_html_()
        assert isinstance(value, (Shown, Rules)), name
        if not isinstance(value, Rules):  # whose settings may be copied into code
            assert len(brief) < 160, name
            assert brief.startswith(f"<{name} "), name
        for told in (text, page):
            assert re.search("[\u4e00-\u9fff]", told), name
            assert not re.search(r"array\(|DataFrame|[\[{(]'|object at 0x", told), name
        assert page == value._repr_html_(), name
        assert page.startswith('<div class="gridopt-card"'), name
        assert "script" not in page, name


def test_the_cards_tell_what_the_values_hold(values):
    """Figures on the cards are those of the values."""
    budget, bill = values["Budget"], values["BillDistribution"]
    assert f"{bill.quantile(0.95):,}" in str(bill)
    assert f"{bill.least_yuan:,}" in bill._repr_html_()
    assert f"合计：{values['Awards'].amount_yuan:,}元" in str(values["Awards"])
    assert budget.award_yuan == values["Awards"].amount_yuan
    verification = values["Verification"]
    assert f"{verification.n_claims:,}项，全部属实" in str(verification)
    certificate = values["Certificate"]
    assert f"企业：{len(certificate.enterprise_ids)}家" in str(certificate)
    assert "人员：2人" in str(values["Results"])
    assert "调整：0家" in str(values["Adjustment"])
    assert "模拟次数：64次" in str(values["Simulation"])


def test_a_false_claim_stands_on_the_card(values):
    """Where, what the file says and what was found."""
    from gridopt.verification.claims import Falsehood

    false = Falsehood("grids.csv", 7, "size", "20", "21")
    shown = replace(values["Verification"], falsehoods=(false,))
    assert "不通过" in str(shown)
    assert re.search(r"grids\.csv 第7行 size\s+20\s+21", str(shown))


def test_settings_say_which_are_not_the_default():
    """A planner sees the clause, the words, and what was changed."""
    rules = go.GridRules(target=15)
    assert "P5 每网格目标家数：15（已改）" in str(rules)
    assert "P5 每网格最少家数：15\n" in str(rules)
    scenario = go.Scenario("十五家", "第一行\n第二行", grids=rules, name="fifteen")
    assert repr(scenario) == "<Scenario fifteen：十五家，1项设置不是默认值>"
    assert "依据：第一行第二行" in str(scenario)
    assert re.search("P5 每网格目标家数</td><td[^>]*>15</td>", scenario._repr_html_())


def test_a_comparison_is_told_whole_with_the_clauses(small_outcome):
    """Settings with clause and values, and below every payer the bill's P95."""
    scenario = go.Scenario("宽", "P5", grids=go.GridRules(most=30), name="wide")
    wide = go.run_scenario(small_outcome.register, scenario)
    base = go.run_scenario(small_outcome.register, go.Scenario(name="base"))
    comparison = go.compare_outcomes([base, wide])
    results = comparison.results
    long = replace(comparison, results=pd.concat([results.head(1)] * 40 + [results]))
    assert len(long.results) > MOST_ROWS
    for shown in (comparison, long):
        assert "P5 每网格最多家数（grids.most）：base 25；wide 30" in str(shown)
        assert "另有" not in str(shown) + shown._repr_html_()
        assert str(shown).endswith("\n  ".join(["", *comparison.sentences]))
        assert comparison.sentences[1] in shown._repr_html_()
    last = comparison.results.iloc[-1]
    assert last["measure"] == "award_p95_yuan"
    assert f"{last['wide']:,}" in str(comparison).splitlines()[-3]
