"""Which values are in force when: the first year, amendments, what is refused."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from gridopt.budget import budget_counts, budget_years
from gridopt.errors import InputError
from gridopt.payments import budget_results
from gridopt.results import Results
from gridopt.terms import PARTS, BudgetRules, activity_parts

C13 = (263, 211, 187, 219, 138, 61, 73, 109, 47, 7, 5, 122, 58)
COUNTS = {f"unit-{i:02d}": m for i, m in enumerate(C13)}


@pytest.mark.parametrize(
    ("proration", "part", "golden"),
    [
        ("days", (195, 365), 400_685),
        ("half_months", (13, 24), 406_250),
        ("months", (7, 12), 437_500),
        ("whole", (1, 1), 750_000),
    ],
)
def test_the_first_year_of_the_running_example(proration, part, golden) -> None:
    """From 20 June 2022: 195 of 365 days, 6.5 or 7 months, each unit rounded once."""
    over, under = part
    budget = budget_counts(COUNTS, BudgetRules(proration=proration), year=2022)
    by_hand = [(2 * 500 * m * over + under) // (2 * under) for m in C13]
    lines = budget.lines[budget.lines["item"] == "activity"]
    assert lines["amount_yuan"].tolist() == by_hand
    # thirteen units may each be half a yuan off the city's exact sum
    assert abs(budget.activity_yuan - golden) <= 7


def test_before_its_day_nothing_is_paid_and_later_all() -> None:
    """The year before has no activity money, the years after are whole."""
    for proration in ("days", "half_months", "months", "whole"):
        rules = BudgetRules(proration=proration)
        sums = [int(activity_parts(rules, year).sum()) for year in (2021, 2023, 2024)]
        assert sums == [0, 500 * PARTS, 500 * PARTS]


def test_half_a_month_begins_on_the_sixteenth() -> None:
    """A rule of the 15th has the whole month, one of the 16th half of it."""
    for day, months in (("2022-06-15", 14), ("2022-06-16", 13), ("2022-06-01", 14)):
        rules = BudgetRules(in_force=day, proration="half_months")
        assert int(activity_parts(rules, 2022).sum()) * 24 == 500 * PARTS * months


def test_three_years_and_an_amendment_in_one_run() -> None:
    """2022 pro rata, 2023 whole, 2024 with other prizes and, in July, another rate."""
    rules = BudgetRules(
        pass_percent=100,
        amendments=(
            {
                "since": "2024-01-01",
                "basis": "假设的修订一",
                "prizes_yuan": (1200, 2400, 3600),
            },
            {"since": "2024-07-01", "basis": "假设的修订二", "activity_yuan": 600},
        ),
    )
    first, second, third = budget_years({"a": 20}, rules, (2022, 2023, 2024))
    assert [b.activity_yuan for b in (first, second, third)] == [5833, 10_000, 11_000]
    assert [b.award_yuan for b in (first, second, third)] == [30_000, 30_000, 36_000]
    assert first.lines["fiscal_year"].tolist() == [2022, 2023]
    assert not [r for r in second.remarks if r.clause == "F1"]
    told = [r.message_zh for r in third.remarks if r.clause == "F1"]
    assert ["2024-01-01" in told[0], "假设的修订二" in told[1]] == [True, True]
    values = {row["setting"]: row["value"] for row in third.choices}
    assert values["prizes_yuan"] == [1200, 2400, 3600]
    assert values["activity_yuan"] == 600


def test_results_follow_the_rate_of_each_month() -> None:
    """Who leaves in June is paid at the old rate only."""
    posts = pd.DataFrame(
        {
            **{"person_id": ["p", "q"], "enterprise_id": ["e", "f"], "unit": "u"},
            **{"score": pd.NA, "passed": True, "since": pd.NaT, "row": [2, 3]},
            "until": pd.to_datetime([None, "2024-06-30"]),
        }
    ).astype({"score": "Int64", "passed": "boolean"})
    later = {"since": "2024-07-01", "basis": "假设", "activity_yuan": 600}
    rules = BudgetRules(amendments=(later,))
    budget = budget_results(Results(posts, "r.csv", True), rules, year=2024)
    assert budget.activity_yuan == 250 + 300 + 250


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"in_force": "June 2022"}, "in_force"),
        ({"amendments": ({"since": "2024", "basis": "x", "ties": "lift"},)}, "since"),
        ({"amendments": ({"since": "2024-01-01", "ties": "lift"},)}, "basis"),
        ({"amendments": ({"since": "2024-01-01", "basis": "x"},)}, "at least one"),
        (
            {"amendments": ({"since": "2024-01-01", "basis": "x", "bonus": 1},)},
            "bonus",
        ),
        (
            {"amendments": ({"since": "2024-01-01", "basis": "x", "ties": "toss"},)},
            "toss",
        ),
        (
            {
                "amendments": (
                    {"since": "2025-01-01", "basis": "x", "ties": "lift"},
                    {"since": "2024-01-01", "basis": "x", "ties": "drop"},
                )
            },
            "order of since",
        ),
        (
            {
                "amendments": (
                    {"since": "2025-01-01", "basis": "x", "star_percents": (60, 30, 5)},
                )
            },
            "100",
        ),
    ],
)
def test_terms_that_cannot_be_are_refused(wrong, said) -> None:
    """A day, a basis, a setting or a value of an amendment that is wrong is named."""
    with pytest.raises(InputError, match=said):
        BudgetRules(**wrong)


def test_the_values_of_a_day_have_no_amendments_left() -> None:
    """What is in force on a day is settled by itself, and the same twice."""
    later = {"since": "2024-01-01", "basis": "假设", "ties": "lift"}
    rules = BudgetRules(amendments=(later,), pool="city")
    on = rules.on(dt.date(2024, 1, 1))
    assert (on.ties, on.pool, on.amendments) == ("lift", "city", ())
    assert on.on(dt.date(2023, 1, 1)) == on
    assert rules.on(dt.date(2023, 12, 31)).ties == "key"
