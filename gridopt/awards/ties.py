"""Who comes first among equals, and which equals had to be told apart (choice G)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from gridopt.awards.settlement import CITY
from gridopt.errors import InputError
from gridopt.findings import some

if TYPE_CHECKING:
    from gridopt.awards.choosing import Boundary
    from gridopt.awards.rounding import IntArray
    from gridopt.awards.rules import AwardRules
    from gridopt.geography import Units

TIE_COLUMNS = (
    *("pool", "boundary", "wanted", "taken", "n_tied", "rule", "person_ids"),
)
BOUNDARY_WORDS = {
    "qualified": "合格",
    "star1": "一星级",
    "star2": "二星级",
    "star3": "三星级",
}
_SHOWN = 3


class Tie(NamedTuple):
    """A tied boundary and which one it is."""

    boundary: str
    pool: str
    rule: str
    found: Boundary


def order_equals(members: pd.DataFrame, rules: AwardRules) -> IntArray:
    """Give each member a number: among equals the lower comes first, shape (n,).

    The lottery draws by a hash of seed, person and enterprise, so that nobody's lot
    depends on who else takes part.
    """
    if rules.ties == "lottery":
        texts = [
            hashlib.sha256(
                f"{rules.draw_seed}/lottery/{who}/{firm}".encode()
            ).hexdigest()
            for who, firm in zip(
                members["person_id"], members["enterprise_id"], strict=True
            )
        ]
        return pd.Series(texts, dtype=object).rank(method="dense").to_numpy(np.int64)
    columns = {
        # an empty day is before the year: it comes first
        "since": members["since"].fillna(pd.Timestamp("1900-01-01")),
        "months": -members["months"],
        "row": members["row"],
        "person_id": members["person_id"],
    }
    keys = pd.DataFrame({name: columns[name] for name in rules.tie_key})
    if keys.empty:
        return np.zeros(len(members), dtype=np.int64)
    codes: IntArray = keys.groupby(list(keys), sort=True).ngroup().to_numpy(np.int64)
    return codes


def refuse_unseparated(
    ties: list[Tie], members: pd.DataFrame, units: Units | None
) -> None:
    """Refuse ties that the key leaves open.

    Parameters
    ----------
    units
        What pools are named by; they are told by their codes where None.

    Raises
    ------
    InputError
        With the boundaries, how many are equal there, and who.
    """
    open_ties = [
        tie
        for tie in ties
        if tie.rule in ("key", "lottery") and not tie.found.is_separated
    ]
    if not open_ties:
        return
    told_zh, told_en = [], []
    for tie in open_ties[:_SHOWN]:
        who = members["person_id"].iloc[tie.found.tied]
        line, (pool_zh, pool_en) = BOUNDARY_WORDS[tie.boundary], _name(tie.pool, units)
        told_zh.append(f"{pool_zh}的{line}界线处{len(who)}人同分（{some(who)}）")
        told_en.append(f"{len(who)} equals at {tie.boundary} of {pool_en}")
    more = f"，共{len(open_ties)}处" if len(open_ties) > _SHOWN else ""
    raise InputError(
        f"同分而顺序依据 tie_key 分不出先后：{'；'.join(told_zh)}{more}。请在 tie_key "
        "中补充依据（since、months、row、person_id），或将 ties 改为 lift（同分的都"
        "上）、drop（同分的都不上）、lottery（抽签）。",
        f"Equals that tie_key does not separate: {'; '.join(told_en)}. Add to tie_key "
        "(since, months, row, person_id), or set ties to lift, drop or lottery.",
    )


def _name(pool: str, units: Units | None) -> tuple[str, str]:
    """Name a pool by its unit and its code, in Chinese and English."""
    if pool == CITY:
        return "全市", "the whole city"
    code, has_more, _ = pool.partition("-")  # a grid's id begins with its unit
    unit = None if units is None else units.get(code)
    if unit is None:
        return pool, pool
    if has_more:
        return f"{unit.name}网格{pool}", f"grid {pool} of {unit.name}"
    return f"{unit.name}（{pool}）", f"{unit.name} ({pool})"


def list_ties(ties: list[Tie], members: pd.DataFrame) -> pd.DataFrame:
    """List tied boundaries, columns `TIE_COLUMNS`, by pool and boundary."""
    who = members["person_id"].to_numpy()
    rows = [
        (
            tie.pool,
            tie.boundary,
            tie.found.wanted,
            tie.found.taken,
            tie.found.tied.size,
            tie.rule,
            " ".join(who[tie.found.tied]),
        )
        for tie in ties
    ]
    frame = pd.DataFrame(rows, columns=list(TIE_COLUMNS))
    return frame.sort_values(["pool", "boundary"], ignore_index=True)
