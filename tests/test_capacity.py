"""What an appropriation carries, and what each assumption is worth."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from gridopt.appraisal import (
    Change,
    PassModel,
    bill_distribution,
    capacity,
    largest_membership,
    largest_pass_share,
    prize_scale,
    tornado,
)
from gridopt.appraisal.groups import scale_members
from gridopt.awards import AwardRules
from gridopt.errors import InputError

PATH = Path(__file__).parent / "cases" / "distribution.yaml"
CASES = YAML(typ="safe").load(PATH.read_text(encoding="utf-8"))
C13 = pd.DataFrame(
    {"unit": [f"u{i:02}" for i in range(13)], "members": CASES["members"]}
)
LENIENT = PassModel(0.9, unit_sd=0.5, city_sd=0.3)


def test_tornado_of_the_golden_case():
    """Every row must differ from the base by the printed thousands."""
    case = CASES["tornado"]
    table = tornado(C13, model=LENIENT).set_index("change")
    thousands = (2 * table.drop(columns="label_zh") + 1000) // 2000
    base = thousands.loc["base"]
    assert base["mean_yuan"] == case["base"]["mean"]
    assert base["p95_yuan"] == case["base"]["p95"]
    assert sorted(table.index[1:]) == sorted(row["change"] for row in case["rows"])
    for row in case["rows"]:
        found = thousands.loc[row["change"]]
        assert found["mean_difference_yuan"] == row["mean"], row
        assert found["p95_difference_yuan"] == row["p95"], row
        assert found["sd_yuan"] == row.get("sd", found["sd_yuan"]), row
    assert table["label_zh"].is_unique


def test_members_are_scaled_unit_by_unit():
    """hu(m x percent / 100) of each unit must sum to the printed members."""
    for percent, members in CASES["tornado"]["members"].items():
        assert scale_members(C13, percent)["members"].sum() == members
    rows = pd.DataFrame({"unit": ["a", "b", "a"], "members": [3, 50, 4]})
    scaled = scale_members(rows, 150)
    assert scaled["members"].tolist() == [5, 75, 6]
    assert rows["members"].tolist() == [3, 50, 4]


@pytest.mark.parametrize(
    "rules",
    [AwardRules(), AwardRules(rounding="floor_unfilled"), AwardRules(floor="standard")],
    ids=str,
)
def test_the_largest_pass_share_is_the_largest(rules):
    """At the answer the appropriation suffices, one per cent above it does not."""
    model, cap = PassModel(0.9, unit_sd=0.5, city_sd=0.3), 2_100_000
    carried = largest_pass_share(cap, C13, rules, model, confidence=0.9)
    assert carried.bill.sufficiency(cap) >= 0.9
    assert not carried.is_scanned
    above = PassModel((carried.percent + 1) / 100, unit_sd=0.5, city_sd=0.3)
    assert bill_distribution(C13, rules, above).sufficiency(cap) < 0.9
    assert carried.members == 1500
    assert "不超过" in carried.note_zh


def test_a_bill_that_may_fall_is_scanned():
    """Under odd shares the bill may fall: every per cent is tried, and it is said."""
    rules = AwardRules(
        rounding="largest_remainder_low",
        star_percents=(80, 15, 5),
        prizes_yuan=(0, 0, 1000),
        floor="none",
    )
    counts = pd.DataFrame({"unit": ["a"], "members": [10]})
    carried = largest_pass_share(1, counts, rules, PassModel(), confidence=0.7)
    assert carried.is_scanned
    assert carried.percent == 100
    sufficient = [
        bill_distribution(counts, rules, PassModel(x / 100)).sufficiency(1) >= 0.7
        for x in range(101)
    ]
    assert sufficient[100]
    assert not all(sufficient)


def test_the_largest_membership_is_the_largest():
    """Members grow unit by unit to the last per cent that the appropriation carries."""
    counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    carried = largest_membership(90_000, counts, model=LENIENT)
    assert carried.bill.quantile(0.95) <= 90_000
    above = scale_members(counts, carried.percent + 1)
    assert bill_distribution(above, model=LENIENT).quantile(0.95) > 90_000
    assert carried.members == scale_members(counts, carried.percent)["members"].sum()
    assert not carried.is_scanned


@pytest.mark.parametrize(
    ("rules", "rows"),
    [(AwardRules(floor="standard"), ["a", "b"]), (AwardRules(), ["a", "a"])],
)
def test_membership_is_scanned_where_it_may_fall(rules, rows, monkeypatch):
    """A missed entry standard or a unit of several rows may lower the bill."""
    monkeypatch.setattr(capacity, "MOST_MEMBERS_PERCENT", 160)
    counts = pd.DataFrame({"unit": rows, "members": [5, 7]})
    model, cap = PassModel(0.8), 20_000
    carried = largest_membership(cap, counts, rules, model)
    fits = [
        bill_distribution(scale_members(counts, x), rules, model).quantile(0.95) <= cap
        for x in range(161)
    ]
    assert carried.is_scanned
    assert carried.percent == max(x for x in range(161) if fits[x])
    assert carried.percent < 160


def test_prizes_are_scaled_to_a_cap():
    """The prizes fall to the last per cent at which the quantile keeps the cap."""
    model, cap = PassModel(0.9, unit_sd=0.5, city_sd=0.3), 2_000_000
    carried = prize_scale(cap, C13, model=model)
    assert carried.percent == 91
    assert carried.bill.quantile(0.95) == 2_185_000 * 91 // 100
    assert carried.bill.quantile(0.95) * 92 // 91 > cap
    assert prize_scale(10_000_000, C13, model=model).percent == 100
    assert prize_scale(1, C13, model=model).percent == 0


def test_an_appropriation_may_carry_nothing_or_everything():
    """Where the guarantee alone costs more the answer is none; 100 % is no limit."""
    nothing = largest_pass_share(1_000_000, C13)
    assert (nothing.percent, nothing.bill, nothing.is_scanned) == (None, None, False)
    assert "0%" in nothing.note_zh
    everything = largest_pass_share(2_251_000, C13)
    assert everything.percent == 100
    assert "100%" in everything.note_zh
    assert largest_membership(10**9, C13).percent == 300


def test_one_chance_replaces_those_of_rows():
    """A question about the pass rate speaks of all members, in the tornado too."""
    counts = C13.assign(pass_share=0.5)
    carried = [largest_pass_share(2_000_000, table) for table in (counts, C13)]
    assert carried[0].percent == carried[1].percent
    change = Change("all", "全部95%", model={"pass_share": 0.95})
    found = tornado(counts, changes=[change]).loc[1, "mean_yuan"]
    assert found == round(bill_distribution(C13, model=PassModel(0.95)).mean_yuan)


def test_a_change_that_cannot_be_made_is_refused():
    """Unknown settings, values out of range and odd members name the change."""
    for wrong in (
        {"rules": {"roundin": "x"}},
        {"rules": {"rounding": "up"}},
        {"model": {"sd": 1}},
        {"members_percent": 90.5},
        {"members_percent": -1},
    ):
        with pytest.raises(InputError, match="mine"):
            Change("mine", "变动", **wrong)
    with pytest.raises(InputError, match="pass_share=90"):
        Change("mine", "变动", model={"pass_share": 90})
    with pytest.raises(InputError) as caught:
        Change("mine", "变动", rules={"prizes_yuan": 3})
    assert caught.value.message_zh.endswith("prizes_yuan=3：应为由3项组成的列表。")
    assert caught.value.message_en.endswith("prizes_yuan=3: a list of 3 is accepted.")


@pytest.mark.parametrize("yuan", [-1, 2.5, 2_000_000.0, "2000000", True, None])
def test_bad_appropriations_are_refused(yuan):
    """An appropriation is whole yuan, wherever it is asked for."""
    questions = (largest_pass_share, largest_membership, prize_scale)
    for ask in (bill_distribution(C13).sufficiency, *questions):
        with pytest.raises(InputError, match="appropriation_yuan") as caught:
            ask(yuan) if ask not in questions else ask(yuan, C13)
        assert repr(yuan) in str(caught.value)
