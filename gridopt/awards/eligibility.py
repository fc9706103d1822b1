"""Whom the appraisal of a year covers, and what it found of them (F3, F5, F8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gridopt.awards.service import list_service
from gridopt.errors import InputError
from gridopt.findings import some, some_ids
from gridopt.results import DIGITS

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    import numpy.typing as npt

    from gridopt.awards.rules import AwardRules
    from gridopt.results import Results

LEFT_OUT_COLUMNS = (
    *("person_id", "enterprise_id", "unit", "months", "reason_zh", "reason_en"),
)


def list_appraised(
    results: Results, rules: AwardRules, year: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List who is appraised for a year, and who served in it and is not (F3).

    Returns
    -------
    tuple of DataFrame
        The appraised, columns `service.MEMBER_COLUMNS`; and who is left out, columns
        `LEFT_OUT_COLUMNS`.

    Raises
    ------
    InputError
        Where two posts of one member tell different scores or passes.
    """
    is_once = rules.award_basis == "statisticians"
    _refuse_contradictions(results, is_once)
    members, _ = list_service(results.posts, year, is_once=is_once)
    served = members[members["served"]]
    least = rules.award_least_months
    is_long = served["months"] >= least
    is_there = served["is_in_post"] | (rules.award_service == "any")
    gone, short = served[~is_there], served[is_there & ~is_long]
    left_out = pd.concat(
        [
            gone.assign(
                reason_zh=f"{year}年12月31日已不在岗",
                reason_en=f"not in post on 31 December {year}",
            ),
            short.assign(
                reason_zh=f"当年在岗不满{least}个月",
                reason_en=f"in post for less than {least} months of the year",
            ),
        ]
    )
    ordered = left_out.sort_values(["person_id", "enterprise_id"], ignore_index=True)
    chosen = served[is_there & is_long].reset_index(drop=True)
    return chosen, ordered[list(LEFT_OUT_COLUMNS)]


def _refuse_contradictions(results: Results, is_once: bool) -> None:
    if not is_once:
        return
    told = results.posts.groupby("person_id")[["score", "passed"]].nunique()
    torn = told.index[(told > 1).any(axis=1)]
    if not len(torn):
        return
    rows = results.posts.groupby("person_id")["row"]
    shown = [
        f"{person}（第{'、'.join(map(str, rows.get_group(person)))}行）"
        for person in torn
    ]
    raise InputError(
        f"{len(torn)}人任职几家企业且各行得分或是否合格不一致："
        f"{some(shown)}。星级奖励按人计（award_basis: "
        "statisticians），同一人只能有一个结果；请改为一致，或将其余各行空着，或按岗位"
        "计（award_basis: posts）。",
        f"{len(torn)} people serve several firms with different results: "
        f"{some_ids(torn)}. Awards count people "
        "(award_basis: statisticians), so one person has one result: make them agree, "
        "leave the others empty, or count posts (award_basis: posts).",
    )


def decide_passes(members: pd.DataFrame, rules: AwardRules) -> npt.NDArray[np.bool_]:
    """Decide who passed: as told, else by the score and the rules' pass mark (F5).

    Raises
    ------
    InputError
        Where somebody has neither, or only a score and the rules have no pass mark.
    """
    passed = members["passed"].astype("boolean")
    mark = rules.pass_score
    if mark is not None:
        by_score = members["score"] >= mark * 10**DIGITS
        passed = passed.fillna(by_score.astype("boolean"))
    has_score = members["score"].notna()
    undecided = members[passed.isna()]
    if undecided.empty:
        return passed.to_numpy(dtype=bool)
    who, rows = undecided["person_id"].tolist(), undecided["row"]
    scored = int(has_score[passed.isna()].sum())
    raise InputError(
        f"应参加评定的{len(members)}人中有{len(who)}人没有合格与否的结果"
        f"（其中{scored}人有得分）：{some(who)}（第{some(rows)}行）。"
        "请补填“是否合格”；只有得分的，在情景中设定合格分数线 pass_score。",
        f"{len(who)} of {len(members)} members to be appraised have no result "
        f"({scored} of them a score): {some_ids(who)} (rows {some_ids(rows)}). "
        "Fill in `qualified`, or set pass_score where there are only scores.",
    )


def are_scored(members: pd.DataFrame) -> bool:
    """Tell whether everybody has a score; nobody is the only other answer.

    Raises
    ------
    InputError
        Where some have a score and some do not.
    """
    has_score = members["score"].notna()
    if has_score.all() or not has_score.any():
        return bool(has_score.all())
    bare = members[~has_score]
    who, rows = bare["person_id"], bare["row"]
    raise InputError(
        f"应参加评定的{len(members)}人中有{len(bare)}人没有得分："
        f"{some(who)}（第{some(rows)}行）。评星级须人人有得分；请补填，或全部空着"
        "（只计各星级人数）。",
        f"{len(bare)} of {len(members)} members to be appraised have no score: "
        f"{some_ids(who)} (rows {some_ids(rows)}). Stars need a score of "
        "everybody: fill them in, or leave all empty to count stars only.",
    )


def refuse_strangers(rows: pd.DataFrame, known: Collection[str]) -> None:
    """Refuse rows whose enterprise a partition does not have.

    Parameters
    ----------
    rows
        Columns `enterprise_id` and `row`.
    known
        Enterprises of the partition.

    Raises
    ------
    InputError
        With how many rows, the first three enterprises and where they stand.
    """
    lost = rows[~rows["enterprise_id"].isin(known)]
    if lost.empty:
        return
    firms, numbers = lost["enterprise_id"], lost["row"]
    raise InputError(
        f"评定结果表共{len(rows)}行，有{len(lost)}行的企业不在网格划分方案中："
        f"{some(firms)}（第{some(numbers)}行）。请核对企业编号或"
        "划分方案。",
        f"{len(lost)} of {len(rows)} rows of results name enterprises that are not in "
        f"the partition: {some_ids(firms)} (rows {some_ids(numbers)}). Check the "
        "ids, or the plan.",
    )
