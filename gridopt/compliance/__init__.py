"""What each clause of the policy says of this plan."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.compliance import cut, duties, money, structure
from gridopt.compliance.duties import CalendarRules, documents_owed, duty_calendar
from gridopt.compliance.plan import STATUSES, Plan, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gridopt.budget import Budget
    from gridopt.partition import Partition
    from gridopt.roster import Roster

__all__ = [
    "STATUSES",
    "CalendarRules",
    "check_clauses",
    "documents_owed",
    "duty_calendar",
    "read_clauses",
]

CLAUSE_COLUMNS = ("key", "status", "evidence", "section", "evidence_en")

_CHECKS: dict[str, Callable[[Plan], Verdict]] = {
    "S1": structure.check_city,
    "S2a": structure.check_units,
    "S2b": structure.check_bureau,
    "S3": structure.check_work_areas,
    "S4": structure.check_grid_posts,
    "P1": cut.check_combination,
    "P2": cut.check_factors,
    "P3": cut.check_categories,
    "P4": cut.check_table,
    "P5": cut.check_sizes,
    "P6": cut.check_objects,
    "P7": cut.check_groomed,
    "P8": cut.check_borders,
    "P9": cut.check_clarity,
    "P10": cut.check_procedure,
    "P11": cut.check_routing,
    "P12": cut.check_zone,
    "P13": cut.check_upkeep,
    "M1": duties.check_hearings,
    "M2": duties.check_meetings,
    "M3": duties.check_year_plans,
    "M4": duties.check_activities,
    "M5": duties.check_reports,
    "M6": structure.check_staff,
    "M7": duties.check_four_haves,
    "M8": duties.check_ledgers,
    "M9": duties.check_contact,
    "M10": duties.check_documents,
    "F1": money.check_rate,
    "F2": money.check_bureau_payer,
    "F3": money.check_membership,
    "F4": money.check_purpose,
    "F5": money.check_floor,
    "F6": money.check_stars,
    "F7": money.check_rounding,
    "F8": money.check_persons,
    "F9": money.check_funding,
    "F10": money.check_appraisal,
    "F11": money.check_venue,
    "T1": lambda _: duties.check_dates(CalendarRules().prepare_month),
    "T2": lambda _: duties.check_dates(CalendarRules().operate_month),
    "T3": lambda _: duties.check_dates(CalendarRules().appraise_month),
}


def check_clauses(
    partition: Partition,
    roster: Roster,
    budget: Budget,
    choices: Iterable[Mapping[str, Any]] = (),
) -> pd.DataFrame:
    """Hold a plan against every clause of the policy.

    Parameters
    ----------
    partition, roster, budget
        The finished plan.
    choices
        The settings in force, as `list_choices` gives them; defaults where none.

    Returns
    -------
    DataFrame
        Columns `CLAUSE_COLUMNS`, one row per clause in the order of the policy;
        status `met`, `departed`, `choice` or `outside`, and the figures behind it.

    Examples
    --------
    >>> import gridopt as go
    >>> clauses = go.run_scenario(go.read_sample()).clauses
    >>> len(clauses), sorted(clauses["status"].unique())
    (42, ['choice', 'departed', 'met', 'outside'])
    """
    plan = Plan(partition, roster, budget, tuple(choices))
    rows = []
    for clause in read_clauses().itertuples():
        status, zh, en = _CHECKS[str(clause.key)](plan)
        rows.append((clause.key, status, zh, clause.section, en))
    return pd.DataFrame(rows, columns=list(CLAUSE_COLUMNS))


def read_clauses() -> pd.DataFrame:
    """Read the clauses: `key, section, kind, phrase, meaning_zh`.

    The phrase is the document's own, `…` where words are left out and empty where
    the document is silent; the meaning says 本项目理解 where it goes beyond them.

    Examples
    --------
    >>> len(read_clauses())
    42
    """
    path = files("gridopt.tables").joinpath("clauses.csv")
    with path.open(encoding="utf-8-sig") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)
