"""Golden cases cite their clause; sums and stars hang on nothing but their inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_results import results_of, scored
from ruamel.yaml import YAML

from gridopt.appraisal.model import PassModel
from gridopt.awards import AwardRules
from gridopt.awards.appraised import settle_results
from gridopt.budget import budget_counts, budget_years
from gridopt.payments import budget_results
from gridopt.simulation import Case, simulate_awards, simulate_scenarios
from gridopt.terms import BudgetRules

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
C13 = [263, 211, 187, 219, 138, 61, 73, 109, 47, 7, 5, 122, 58]


def cases_of(told):
    """List the mappings that stand in lists of a file of cases."""
    if isinstance(told, dict):
        return [case for part in told.values() for case in cases_of(part)]
    if isinstance(told, list) and any(isinstance(case, dict) for case in told):
        return told
    return []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_golden_case_cites_its_clause(path):
    """Each case of the files names the clause of the policy that it settles."""
    cases = cases_of(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    assert len(cases) >= 7
    assert all(case["clause"].startswith("F") for case in cases)


@pytest.mark.parametrize(
    ("membership", "yuan"), [("ever", 787_500), ("snapshot", 750_000)]
)
def test_five_in_a_hundred_leave_and_join(membership, yuan):
    """1,500 members, 75 of whom change in the year: ever served against in post."""
    rows = [{"passed": True}] * 1425
    rows += [{"passed": True, "until": "2023-06-30"}] * 75
    rows += [{"passed": True, "since": "2023-07-01"}] * 75
    rules = BudgetRules(membership=membership)
    told = results_of(rows, has_dates=True)
    assert budget_results(told, rules, year=2023).activity_yuan == yuan


def settle_all(posts, results, **choices):
    """Settle posts in any order; give the stars by person."""
    told = results.__class__(posts.reset_index(drop=True), "r.csv", True)
    rules = AwardRules(**{"tie_key": ("since", "person_id"), **choices})
    settled = settle_results(told, rules, 2023)
    return settled.stars.set_index("person_id")["star"].to_dict(), settled


@pytest.mark.parametrize("pool", ["unit", "city"])
@pytest.mark.parametrize("ties", ["key", "lift", "drop", "lottery"])
@pytest.mark.parametrize("seed", range(4))
def test_results_in_any_order_give_the_same_stars(pool, ties, seed):
    """Rows shuffled, nobody's star moves, ties and lots included."""
    rng = np.random.default_rng(seed)
    rows = [
        row
        for unit in "uvw"
        for row in scored(*rng.integers(50, 75, 15).tolist(), unit=unit)
    ]
    results = results_of(rows)
    choices = {"pool": pool, "ties": ties, "floor_level": pool}
    stars, settled = settle_all(results.posts, results, **choices)
    turned, again = settle_all(
        results.posts.sample(frac=1, random_state=seed), results, **choices
    )
    assert stars == turned
    assert settled.awards.amount_yuan == again.awards.amount_yuan
    assert settled.ties.equals(again.ties)


def test_other_names_of_units_give_the_same_stars():
    """Units called otherwise, in the same order or not, change nobody's star."""
    rows = scored(*range(50, 70), unit="u") + scored(*range(40, 75, 3), unit="v")
    results = results_of(rows)
    stars, _ = settle_all(results.posts, results)
    renamed = results.posts.assign(unit=results.posts["unit"].map({"u": "z", "v": "a"}))
    assert settle_all(renamed, results)[0] == stars


def test_no_float_reaches_what_is_paid():
    """Stars, yuan and people of a settlement are whole numbers by their type."""
    rows = scored(*range(50, 70)) + scored(*range(40, 75, 3), unit="v")
    rules = BudgetRules(
        tie_key=("person_id",), appropriation_yuan=7_001, shortfall="scale"
    )
    budget = budget_results(results_of(rows), rules, year=2023)
    frames = budget.lines, budget.awards, budget.settlement.stars
    for frame in frames:
        kinds = {str(frame[name].dtype) for name in frame if name.endswith("_yuan")}
        assert kinds == {"int64"}
    assert budget.payment.amount_yuan.dtype == np.int64
    assert budget.settlement.stars["star"].dtype == np.int64
    assert all(type(value) is int for value in budget.totals.values())


def test_a_further_scenario_changes_no_other_draw():
    """A case drawn alone or among others has the same bills, draw by draw."""
    table = pd.DataFrame({"unit": list("abc"), "members": [40, 7, 23]})
    plain = Case(AwardRules(), PassModel(0.85, 0.5, 0.3))
    more = {"plain": plain, "other": Case(AwardRules(floor="none"), PassModel(0.7, 1))}
    alone = simulate_scenarios(table, {"plain": plain}, replications=300)
    among = simulate_scenarios(table, more, replications=300)
    assert (alone["plain"].bills_yuan == among["plain"].bills_yuan).all()
    told = simulate_awards(table, plain.rules, plain.model, replications=300)
    assert (told.bills_yuan == alone["plain"].bills_yuan).all()


def test_every_number_of_three_years_follows_from_its_choices():
    """2022, 2023 and an amended 2024 are worked out again from the choices told."""
    later = {
        "since": "2024-01-01", "basis": "假设的修订", "activity_yuan": 600,
        "prizes_yuan": (1200, 2400, 3600),
    }  # fmt: skip
    counts = {f"u{i:02d}": size for i, size in enumerate(C13)}
    rules = BudgetRules(amendments=(later,))
    for budget in budget_years(counts, rules, (2022, 2023, 2024)):
        told = {row["setting"]: row for row in budget.choices}
        assert all(row["clause"] and row["label"] for row in told.values())
        value = {name: row["value"] for name, row in told.items()}
        first = value["in_force"][:4] == str(budget.year)
        months = 13 - int(value["in_force"][5:7]) if first else 12
        activity = award = 0
        for size in C13:
            activity += (2 * value["activity_yuan"] * months * size + 12) // 24
            passes = (2 * value["pass_percent"] * size + 100) // 200
            q = max(passes, -(-value["floor_percent"] * size // 100))
            _, two, three = value["star_percents"]
            c3, c2 = (2 * three * q + 100) // 200, (2 * (two + three) * q + 100) // 200
            one, middle, top = value["prizes_yuan"]
            award += one * (q - c2) + middle * (c2 - c3) + top * c3
        assert (budget.activity_yuan, budget.award_yuan) == (activity, award)
        dates = [r.message_zh for r in budget.remarks if "2024-01-01" in r.message_zh]
        assert len(dates) == (budget.year == 2024)
        assert told["activity_yuan"]["is_default"] == (budget.year < 2024)


def test_members_of_no_year_are_whole():
    """Without a year nothing is pro rata and nothing amended."""
    assert budget_counts({"a": 20}, BudgetRules()).activity_yuan == 10_000
