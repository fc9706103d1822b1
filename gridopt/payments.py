"""What is paid for a year whose results are known: activity money by months, stars."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from gridopt.accounts import (
    BUREAU,
    list_lines,
    list_pools,
    read_funding,
    share_over_grids,
    tell_amendments,
    tell_arrears,
    tell_bureau,
)
from gridopt.awards.appraised import Settlement, settle_results, sum_pools
from gridopt.awards.eligibility import refuse_strangers
from gridopt.awards.service import list_service
from gridopt.awards.shortfall import Payment, pay
from gridopt.budget import Budget
from gridopt.errors import InputError
from gridopt.notices import tell_payment, tell_results
from gridopt.results import score_text
from gridopt.terms import BudgetRules, activity_parts, paid_time

if TYPE_CHECKING:
    from gridopt.awards.rounding import IntArray
    from gridopt.awards.settlement import Awards
    from gridopt.register import Register
    from gridopt.results import Results

ENTERPRISE_COLUMNS = ("grid_id", "place_unit", "status")


class _Case(NamedTuple):
    results: Results
    rules: BudgetRules
    year: int
    enterprises: pd.DataFrame | None
    parts: IntArray


def budget_results(
    results: Results,
    rules: BudgetRules | None = None,
    *,
    year: int | None,
    enterprises: pd.DataFrame | None = None,
) -> Budget:
    """Settle a year from its results: who is paid what, and by whom (F1 to F9).

    Parameters
    ----------
    results
        Scores, passes and days in post.
    rules
        The choices in force; the defaults where None.
    year
        Year of the grids' work; awards fall `award_year_offset` years later.
    enterprises
        What a partition knows of each firm, see `list_enterprises`. Needed for pools
        or floors by grid, for the bureau's money where townships bear it, and where
        groomed firms are not paid (P7).

    Returns
    -------
    Budget
        With `settlement` and `payment`; both bounds of the award bill are the bill.

    Raises
    ------
    InputError
        As `settle_results`, where there is no year, and where the partition is
        needed and missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from gridopt.results import Results
    >>> posts = pd.DataFrame({"person_id": ["p", "q"], "enterprise_id": ["e1", "e2"],
    ...     "unit": "u", "score": [90, 80], "passed": [True, True], "row": [2, 3],
    ...     "since": pd.to_datetime([None, "2023-07-01"]), "until": pd.NaT})
    >>> posts = posts.astype({"score": "Int64", "passed": "boolean"})
    >>> budget = budget_results(Results(posts, "results.csv", True), year=2023)
    >>> budget.activity_yuan, budget.award_yuan
    (750, 3000)
    """
    year = _require_year(year)
    terms = rules or BudgetRules()
    parts = activity_parts(terms, year)
    case = _Case(results, terms.at_end_of(year), year, enterprises, parts)
    case = case._replace(results=_paid_posts(case))
    settlement = settle_results(
        case.results, case.rules, year, None if enterprises is None else _grids(case)
    )
    payment = _pay(settlement, case.rules)
    awards = _paid_awards(settlement, payment)
    cells = count_service(case)
    return Budget(
        lines=list_lines(cells, awards, case.rules, year, case.rules.arrears_paid_yuan),
        awards=list_pools(awards, case.rules),
        grids=share_over_grids(cells, case.rules),
        funding=read_funding(settlement.awards.amount_yuan, case.rules),
        award_least_yuan=awards.amount_yuan,
        award_most_yuan=awards.amount_yuan,
        remarks=(
            *tell_amendments(terms, year),
            *tell_results(case.results, case.rules, enterprises),
            *tell_bureau(cells, case.rules),
            *tell_arrears(case.rules, case.rules.arrears_paid_yuan),
            *tell_payment(settlement, payment, case.rules),
        ),
        rules=case.rules,
        year=year,
        settlement=settlement,
        payment=payment,
        time=paid_time(terms, year),
        parts=cells.groupby("unit")["parts"].sum(),
    )


def list_enterprises(
    register: Register, plan: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List what a plan knows of each enterprise, as `budget_results` asks for it.

    Parameters
    ----------
    plan
        Index `enterprise_id`, columns `grid_id` and `block_id`; where None each unit
        is one grid.

    Returns
    -------
    DataFrame
        Index `enterprise_id`, columns `ENTERPRISE_COLUMNS` and, from a plan, `unit`:
        the one that appraises (F10).

    Examples
    --------
    >>> import gridopt as go
    >>> places = list_enterprises(go.read_sample())
    >>> bool((places["grid_id"] == places["place_unit"]).all())
    True
    """
    who = register.enterprises
    found = who[["status"]].assign(grid_id=who["unit"], place_unit=who["unit"])
    found = found[list(ENTERPRISE_COLUMNS)]
    if plan is None:
        return found
    own = plan[["grid_id", "block_id"]].reindex(who.index)
    unit = own["block_id"].str.rpartition("-")[0]
    return found.assign(grid_id=own["grid_id"], unit=unit)


def list_tables(budget: Budget) -> dict[str, pd.DataFrame]:
    """List who gets which star, ties and who is left out, by file name.

    Returns
    -------
    dict of DataFrame
        Nothing where the results are not known; scores as the decimals they stand
        for.
    """
    settlement = budget.settlement
    if settlement is None:
        return {}
    stars = settlement.stars.assign(score=score_text(settlement.stars["score"]))
    stars["paid_yuan"] = pd.array([pd.NA] * len(stars), dtype="Int64")
    if budget.payment is not None:
        stars["paid_yuan"] = budget.payment.amount_yuan
    return {
        "stars.csv": stars,
        "ties.csv": settlement.ties,
        "not_appraised.csv": settlement.left_out,
    }


def _require_year(year: int | None) -> int:
    if year is not None:
        return year
    raise InputError(
        "情景没有写明日期（date），不知评定结果属于哪一年；请写明评定年度的日期，如 "
        "date: 2022-12-31。",
        "The scenario has no date, so the year of the results is unknown: set one of "
        "that year, such as date: 2022-12-31.",
    )


def count_service(case: _Case) -> pd.DataFrame:
    """Count members and their months by unit, and grid where it is known (F3).

    Returns
    -------
    DataFrame
        `unit, place_unit, members, parts` and, with enterprises, `grid_id`.
    """
    rules = case.rules
    members, by_post = list_service(
        case.results.posts,
        case.year,
        is_once=rules.activity_basis == "statisticians",
        worth=case.parts,
    )
    if rules.membership == "person_months":
        counted = by_post[by_post["worth"] > 0].rename(columns={"worth": "parts"})
    else:
        is_counted = members["served" if rules.membership == "ever" else "is_in_post"]
        counted = members[is_counted].assign(parts=int(case.parts.sum()))
    # who changed firms within a unit is one member of it
    is_first = ~counted.duplicated(["member", "unit"])
    cells = counted.assign(members=is_first.astype(np.int64))
    cells["place_unit"] = cells["unit"]
    keys = ["unit", "place_unit"]
    if case.enterprises is not None:
        cells["place_unit"] = cells["enterprise_id"].map(case.enterprises["place_unit"])
        cells["grid_id"] = cells["enterprise_id"].map(case.enterprises["grid_id"])
        keys.append("grid_id")
    sums = cells.groupby(keys, as_index=False)[["members", "parts"]].sum()
    return sums.astype({"members": np.int64, "parts": np.int64})


def _paid_posts(case: _Case) -> Results:
    """Leave out who is not paid for (P7); refuse what cannot be told."""
    results, rules, enterprises = case.results, case.rules, case.enterprises
    if enterprises is None:
        _refuse_missing_plan(results, rules)
        return results
    refuse_strangers(results.posts, enterprises.index)
    if rules.groomed_paid:
        return results
    status = results.posts["enterprise_id"].map(enterprises["status"])
    kept = results.posts[status != "groomed"].reset_index(drop=True)
    return replace(results, posts=kept)


def _refuse_missing_plan(results: Results, rules: BudgetRules) -> None:
    has_bureau = (results.posts["unit"] == BUREAU).any()
    needs = []
    if not rules.groomed_paid:
        needs.append(("groomed_paid: false", "哪些是小升规培育企业"))
    if rules.bureau_payer == "township" and has_bureau:
        needs.append(("bureau_payer: township", "市住建局网格的企业在哪个乡镇（街道）"))
    if not needs:
        return
    settings_ = "、".join(setting for setting, _ in needs)
    asked = "、".join(question for _, question in needs)
    raise InputError(
        f"口径 {settings_} 须知道{asked}，评定结果表没有写明；请同时用 --partition 给出"
        "网格划分方案，或改用其他口径。",
        f"The choices {settings_} need to know more of the enterprises than the table "
        "of results tells; give a partition too, or choose otherwise.",
    )


def _grids(case: _Case) -> dict[str, str]:
    assert case.enterprises is not None
    return {str(key): str(grid) for key, grid in case.enterprises["grid_id"].items()}


def _pay(settlement: Settlement, rules: BudgetRules) -> Payment | None:
    star = settlement.stars["star"]
    if star.isna().any():
        return None
    return pay(star.to_numpy(dtype=np.int64), settlement.rank, rules)


def _paid_awards(settlement: Settlement, payment: Payment | None) -> Awards:
    """Put what is paid in the place of what is due, pool by pool."""
    if payment is None:
        return settlement.awards
    paid = settlement.stars.assign(star=payment.star, amount_yuan=payment.amount_yuan)
    return sum_pools(paid)
