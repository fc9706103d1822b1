"""Which engine draws a scenario, and whether it can do what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gridopt.errors import InputError
from gridopt.simulation.case import Scoring
from gridopt.simulation.counting import CountingEngine, is_row_alone
from gridopt.simulation.members import Members, read_members
from gridopt.simulation.ranking import RankingEngine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridopt.simulation.case import Case
    from gridopt.simulation.scores import ScoreModel
    from gridopt.simulation.years import Years

ENGINE_WORDS = {
    "auto": "按人员表：一人一行的排名次，其余只计人数",
    "counting": "只计合格人数",
    "ranking": "逐人打分排名次",
}

Engine = CountingEngine | RankingEngine


def name_tables(
    members: pd.DataFrame | Mapping[str, pd.DataFrame], cases: Mapping[str, Case]
) -> dict[str, pd.DataFrame]:
    """Give each scenario its table of members.

    Raises
    ------
    InputError
        Where there is no scenario, or none of its tables.

    Examples
    --------
    >>> from gridopt.simulation.case import Case
    >>> list(name_tables(pd.DataFrame(), {"base": Case()}))
    ['base']
    """
    if not cases:
        raise InputError("没有情景可模拟。", "There is no scenario to draw.")
    if isinstance(members, pd.DataFrame):
        return dict.fromkeys(cases, members)
    lacking = [name for name in cases if name not in members]
    if lacking:
        raise InputError(
            f"缺少以下情景的人员表：{'、'.join(lacking)}。",
            f"Scenarios without a table of members: {', '.join(lacking)}.",
        )
    return {name: members[name] for name in cases}


def make_engines(
    tables: Mapping[str, pd.DataFrame],
    cases: Mapping[str, Case],
    years: Years,
    engine: str,
    score: ScoreModel | None,
    with_expectation: bool,
) -> dict[str, Engine]:
    """Make the engine of each scenario; scenarios of one table share its reading.

    Raises
    ------
    InputError
        Where a table is wrong, or the engine cannot do what is asked.

    Examples
    --------
    >>> from gridopt.simulation.case import Case
    >>> from gridopt.simulation.years import Years
    >>> tables = {"base": pd.DataFrame({"unit": ["a"], "members": [20]})}
    >>> made = make_engines(tables, {"base": Case()}, Years(), "auto", None, False)
    >>> type(made["base"]).__name__
    'CountingEngine'
    """
    read: dict[tuple[int, bool], Members] = {}
    engines: dict[str, Engine] = {}
    for name, case in cases.items():
        table = tables[name]
        has_persons = "person_id" in table
        is_ranked = engine == "ranking" or (engine == "auto" and has_persons)
        _check_case(table, case, years, is_ranked, score)
        key = id(table), is_ranked
        if key not in read:
            needs_grids = any(
                other.needs_grids for at, other in cases.items() if tables[at] is table
            )
            read[key] = _read(table, needs_grids, is_ranked)
        found = read[key]
        if is_ranked:
            engines[name] = RankingEngine(found, case, years, table, score)
        else:
            engines[name] = CountingEngine(found, case, years, with_expectation)
        if with_expectation:
            _check_expectation(found, case, years, is_ranked)
    return engines


def _read(table: pd.DataFrame, needs_grids: bool, is_ranked: bool) -> Members:
    found = read_members(table, needs_grids=needs_grids)
    if is_ranked or "person_id" not in table:
        return found
    counted = table.drop(columns="person_id").assign(members=1)
    return read_members(counted, needs_grids=needs_grids)


def _check_case(
    table: pd.DataFrame,
    case: Case,
    years: Years,
    is_ranked: bool,
    score: ScoreModel | None,
) -> None:
    """Refuse what the engine of this table cannot do."""
    needs_persons = {
        "score": score is not None,
        "quality": "quality" in table,
        "quality_share": bool(years.quality_share),
        "scoring": case.scoring != Scoring(),
    }
    named = [name for name, is_told in needs_persons.items() if is_told]
    if is_ranked and "person_id" not in table:
        raise InputError(
            "逐人排名次（engine=ranking）须一人一行，有列 person_id。",
            "Engine ranking needs one row per person, with a column person_id.",
        )
    if is_ranked and years.has_growth:
        raise InputError(
            "人数增长（growth_share、growth_sd）只能用于各组人数，不能用于一人一行的人员表。",
            "growth_share and growth_sd need a table of counts, not of persons.",
        )
    if named and not is_ranked:
        raise InputError(
            f"{'、'.join(named)} 须逐人排名次：请给一人一行的人员表，engine 用 ranking "
            "或 auto。",
            f"{', '.join(named)} need persons to be ranked: give one row per person, "
            "and engine ranking or auto.",
        )


def _check_expectation(
    members: Members, case: Case, years: Years, is_ranked: bool
) -> None:
    if is_ranked or years.has_growth or not is_row_alone(members, case.rules):
        raise InputError(
            "with_expectation 只适用于只计人数、人数不增长，且每行自成一个评定范围和"
            "考核范围的情形（如各二级统计网格一行、pool 和 floor_level 均为 unit）。",
            "with_expectation is for counts without growth whose rows are each a pool "
            "and a floor of their own, such as one row per unit with pool and "
            "floor_level unit.",
        )
