"""What an enterprise does: industry code, its edition, its category (P4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gridopt.classification import NO_CATEGORY, Classification
from gridopt.register.cells import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from gridopt.register.headers import Rows
    from gridopt.register.settings import RegisterRules

BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]


def check_industries(
    rows: Rows,
    live: BoolArray,
    classification: Classification,
    rules: RegisterRules,
    *,
    is_lenient: bool,
) -> tuple[dict[str, TextArray], list[pd.DataFrame]]:
    """Find each row's category and what is wrong with its code.

    Returns
    -------
    columns
        industry (digits) and category ("" where none), shape (n,) each.
    findings
        One table per rule; ``no_category`` is a warning for each row.
    """
    editions, found = _read_editions(rows, classification, rules, is_lenient=is_lenient)
    codes = rows.text("industry")
    if not rows.has("industry"):
        return {"industry": codes, "category": codes.copy()}, found
    keys, problems = classification.category_of(codes, editions)
    if found or is_lenient:  # said once for the file
        problems[problems == "edition_missing"] = ""
    lost = live & _lost_zeros(rows, classification, editions)
    problems[lost] = "industry_lost_zero"
    for rule in sorted(set(problems[live]) - {""}):
        mask = live & (problems == rule)
        found.append(_word(rows, mask, rule, classification, editions))
    found.append(_doubt_zeros(rows, live & (problems == ""), classification, editions))
    columns = {"industry": classification.digits_of(codes), "category": keys}
    return columns, found


def left_out_of(problems: pd.DataFrame, n_rows: npt.NDArray[np.int64]) -> BoolArray:
    """Mark the rows that have no category."""
    rows = problems.loc[problems["rule"] == NO_CATEGORY, "row"]
    return np.isin(n_rows, rows.to_numpy(dtype=np.int64))


def _read_editions(
    rows: Rows,
    classification: Classification,
    rules: RegisterRules,
    *,
    is_lenient: bool,
) -> tuple[TextArray, list[pd.DataFrame]]:
    given = rules.industry_edition or ""
    if not classification.editions:
        return np.full(rows.n, "", dtype=object), []
    known = "、".join(classification.editions)
    if given and given not in classification.editions:
        table = classification.name
        words = {"table": table, "known": known}
        said = rows.say("edition_not_offered", "industry_edition", given, **words)
        return np.full(rows.n, "", dtype=object), [said]
    if rows.has("industry_edition"):
        written, _ = translate(rows.text("industry_edition"), "industry_edition")
        return np.where(written == "", given, written), []
    if given or is_lenient:
        return np.full(rows.n, given, dtype=object), []
    said = rows.say("edition_unnamed", "industry_edition", known=known)
    return np.full(rows.n, "", dtype=object), [said]


def _word(
    rows: Rows,
    mask: BoolArray,
    rule: str,
    classification: Classification,
    editions: TextArray,
) -> pd.DataFrame:
    codes, used = rows.text("industry")[mask], editions[mask]
    known = "、".join(classification.editions)
    words: dict[str, Any] = {"table": classification.name, "known": known}
    words["digits"] = classification.most_digits
    words["edition"] = [edition or "各" for edition in used]
    if rule.startswith("edition"):
        shown = list(used)
        return rows.find(mask, rule, "industry_edition", shown, **words)
    if rule == "industry_letter":
        words["digits_of"] = list(classification.digits_of(codes))
        words["section"] = _each(classification.section_of, codes, used)
    if rule == "industry_too_short":
        below = _each(classification.choices_below, codes, used)
        words["choices"] = [_names(classification, keys) for keys, _ in below]
        words["needed"] = [n_digits for _, n_digits in below]
    if rule == "industry_letter_only":
        keys, _ = classification.category_of(codes, used)
        words["category"] = [classification.name_zh(key) for key in keys]
    return rows.find(mask, rule, "industry", **words)


def _each(
    verb: Callable[[str, str], Any], codes: TextArray, editions: TextArray
) -> list[Any]:
    pairs = list(zip(codes, editions, strict=True))
    answer = {pair: verb(*pair) for pair in dict.fromkeys(pairs)}
    return [answer[pair] for pair in pairs]


def _names(classification: Classification, keys: tuple[str, ...]) -> str:
    return "、".join(classification.name_zh(key) if key else "无" for key in keys)


def _lost_zeros(
    rows: Rows, classification: Classification, editions: TextArray
) -> BoolArray:
    """Find codes stored as numbers to which a leading zero may belong."""
    stored = rows.numbers["industry"]
    if not stored.any():
        return stored
    codes = rows.text("industry")
    return stored & np.array(
        _each(classification.may_lack_zero, codes, editions), dtype=bool
    )


def _doubt_zeros(
    rows: Rows, live: BoolArray, classification: Classification, editions: TextArray
) -> pd.DataFrame:
    """Warn of three digits in a column of four: a zero may have gone unseen."""
    codes = rows.text("industry")
    lengths = np.array([len(code) for code in codes], dtype=np.int64)
    is_long = (live & (lengths >= 4)).sum() * 2 > live.sum()
    short = live & (lengths == 3) & ~rows.numbers["industry"] & is_long
    at = np.flatnonzero(short)
    lacks = _each(classification.may_lack_zero, codes[at], editions[at])
    short[at] = np.array(lacks, dtype=bool)
    return rows.find(short, "industry_zero_doubt", "industry")
