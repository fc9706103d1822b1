"""What is wrong inside single cells: blanks, widths, damage, words for nothing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.findings import make_findings
from gridopt.lookup import BLANKS, shipped

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from gridopt.register.headers import Rows

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]

CODES = (
    *("enterprise_id", "unit", "village", "industry", "industry_edition"),
    *("longitude", "latitude", "statistician_id", "group_id"),
    *("weight", "last_star", "last_score"),
)
"""Columns of codes and numbers, in which full-width signs are read as half-width."""

_WIDE = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
_HALF_WIDTH = {wide: wide - 0xFEE0 for wide in [*_WIDE, 0xFF0B, 0xFF0D, 0xFF0E]}
"""Digits, letters, plus, minus and point; other signs are not touched."""

LONGEST_WORD = 16
"""No word for nothing or for a total is longer than this."""

_ERRORS = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")


def is_formula_error(text: str) -> bool:
    """Tell whether a cell shows that its formula failed.

    Examples
    --------
    >>> is_formula_error("#N/A"), is_formula_error("#1")
    (True, False)
    """
    return bool(_ERRORS.fullmatch(text))


@cache
def words_of(column: str) -> dict[str, str]:
    """Map the spellings of a column's values to our words."""
    table = shipped("value-aliases")
    mine = table[table["column"] == column]
    return {
        fold(alias): value
        for alias, value in zip(mine["alias"], mine["value"], strict=True)
    }


def fold(text: str) -> str:
    """Reduce a word to what tells it apart: no case, width or inner blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def fold_all(texts: TextArray) -> list[str]:
    """Fold many words.

    Examples
    --------
    >>> fold_all(np.array(["Ｎ / Ａ", "", "无 "], dtype=object))
    ['n/a', '', '无']
    """
    return _change_all(texts, fold)


def _change_all(texts: TextArray, change: Callable[[str], str]) -> list[str]:
    """Change many texts as one long text, which takes a tenth of the time.

    NUL parts them: no change of ours takes it for anything but a sign like others.
    """
    changed = change("\0".join(texts)).split("\0")
    return changed if len(changed) == len(texts) else [change(text) for text in texts]


def translate(texts: TextArray, column: str) -> tuple[TextArray, BoolArray]:
    """Turn spellings into our words; unknown ones stay and are marked.

    Examples
    --------
    >>> texts = np.array(["规上", "小升规", "?", ""], dtype=object)
    >>> translate(texts, "status")[0].tolist()
    ['above_scale', 'groomed', '?', '']
    """
    words = words_of(column)
    meaning = {text: words.get(fold(text)) for text in dict.fromkeys(texts)}
    said = [meaning[text] for text in texts]
    unknown = [
        word is None and text != "" for word, text in zip(said, texts, strict=True)
    ]
    known = [
        text if word is None else word for word, text in zip(said, texts, strict=True)
    ]
    return np.array(known, dtype=object), np.array(unknown, dtype=bool)


def to_numbers(texts: TextArray) -> FloatArray:
    """Read decimal numbers exactly; what is none becomes NaN.

    Examples
    --------
    >>> texts = np.array(["121.25", "1,5", "nan", ""], dtype=object)
    >>> to_numbers(texts).tolist()
    [121.25, nan, nan, nan]
    """
    is_number = _NUMBER.fullmatch
    return np.array(
        [float(t) if is_number(t) else np.nan for t in texts], dtype=np.float64
    )


def tidy(rows: Rows) -> tuple[Rows, list[pd.DataFrame]]:
    """Clean our columns where the meaning is plain, and report what was done.

    Outer blanks go, full-width digits become half-width, words for nothing become
    empty; damaged rows are marked broken. Nothing else is repaired.
    """
    found = []
    cells = {}
    broken = rows.broken.copy()
    for column in rows.numbers:
        texts = rows.text(column)
        damaged = np.zeros(rows.n, dtype=bool)
        for mask, finding in _find_damage(rows, column, texts):
            damaged |= mask
            found.append(finding)
        broken |= damaged
        cells[column], said = _clean(rows, column, texts, damaged)
        found += said
    frame = rows.frame.assign(**cells)
    rows = replace(rows, frame=frame, broken=broken)
    strays, said = _find_strays(rows)
    return replace(rows, broken=broken | strays), found + said


def _find_damage(
    rows: Rows, column: str, texts: TextArray
) -> list[tuple[BoolArray, pd.DataFrame]]:
    has_nul, is_error = _contain(texts, "\0"), _contain(texts, "#")
    if is_error.any():
        at = np.flatnonzero(is_error)
        is_error[at] = [is_formula_error(text) for text in texts[at]]
    if column in ("statistician_id", "statistician_name", "group_id"):
        is_error &= texts != "#N/A"
    tests = (("nul_character", has_nul), ("spreadsheet_error", is_error))
    return [
        (mask, rows.find(mask, rule, column, [_shown(text) for text in texts[mask]]))
        for rule, mask in tests
        if mask.any()
    ]


def _shown(text: str) -> str:
    return text.replace("\0", "␀")


def _contain(texts: TextArray, letter: str) -> BoolArray:
    """Mark the texts with a rare letter; one look at all of them mostly does."""
    if letter not in "\n".join(texts):
        return np.zeros(len(texts), dtype=bool)
    return np.array([letter in text for text in texts], dtype=bool)


def _clean(
    rows: Rows, column: str, texts: TextArray, damaged: BoolArray
) -> tuple[TextArray, list[pd.DataFrame]]:
    bare = _strip(texts)
    found = [_once(rows, bare != texts, "outer_blanks", column, texts)]
    found.append(rows.find(_contain(bare, "\ufffd"), "damaged_character", column, bare))
    if column in CODES and not "".join(bare).isascii():
        plain = np.array(_change_all(bare, _half_width), dtype=object)
        at = np.flatnonzero(plain != bare)
        wide, nothing = np.zeros(rows.n, dtype=bool), _saying("blank", bare[at])
        wide[at] = [text not in nothing for text in bare[at]]
        found.append(rows.find(wide, "full_width", column, bare, plain=plain))
        bare = plain
    if column == "name":
        return bare, found
    nothing = _saying("blank", bare)
    for word in sorted(nothing):
        # #N/A is such a word, too, and may have been said as a formula's error
        mask = (bare == word) & ~damaged
        found.append(_once(rows, mask, "blank_word", column, bare))
    if nothing:
        bare = np.array(["" if t in nothing else t for t in bare], dtype=object)
    return bare, found


def _strip(texts: TextArray) -> TextArray:
    """Take outer blanks off; where no text holds any, one look at all says so."""
    whole = "\0".join(texts)
    if not any(blank in whole for blank in BLANKS):
        return texts
    return np.array([text.strip(BLANKS) for text in texts], dtype=object)


def _half_width(text: str) -> str:
    return text.translate(_HALF_WIDTH)


def _saying(meaning: str, texts: TextArray) -> set[str]:
    """Find the texts that are words for nothing ("blank") or for a "total"."""
    words = {word for word, said in words_of("*").items() if said == meaning}
    folded = fold_all(texts)
    if words.isdisjoint(folded):
        return set()
    return {
        text
        for text, word in zip(texts, folded, strict=True)
        if word in words and len(text) <= LONGEST_WORD
    }


def _once(
    rows: Rows, mask: BoolArray, rule: str, column: str, values: TextArray
) -> pd.DataFrame:
    """Word one finding for a whole column: how often, and where first."""
    at = np.flatnonzero(mask)
    first, n = at[:1], len(at)
    return make_findings(
        rule,
        file=rows.file,
        column=column,
        rows=rows.row[first].tolist(),
        values=values[first],
        ids=rows.text("enterprise_id")[first],
        n=n,
    )


def _find_strays(rows: Rows) -> tuple[BoolArray, list[pd.DataFrame]]:
    """Find rows that are no enterprises: totals, titles, notes."""
    texts = [rows.text(column) for column in rows.numbers]
    if not texts:
        return np.zeros(rows.n, dtype=bool), []
    n_filled = np.sum([column != "" for column in texts], axis=0)
    # a row of nothing in our columns is shown by what stands in the others
    every = [*texts, *(rows.frame[name] for name in rows.frame.columns[len(texts) :])]
    shown = np.array(
        [next(filter(None, one), "") for one in zip(*every, strict=True)], dtype=object
    )
    is_total = np.zeros(rows.n, dtype=bool)
    for column in ("enterprise_id", "name"):
        if said := _saying("total", rows.text(column)):
            is_total |= [text in said for text in rows.text(column)]
    is_total &= ~rows.broken
    is_alone = (n_filled <= 1) & (len(texts) > 2) & ~is_total & ~rows.broken
    return is_total | is_alone, [
        rows.find(is_total, "total_row", "enterprise_id", shown),
        rows.find(is_alone, "incomplete_row", "enterprise_id", shown),
    ]
