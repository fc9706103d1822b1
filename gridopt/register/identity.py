"""Who an enterprise is: ids, credit codes, doubles, names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength

from gridopt.findings import list_rows
from gridopt.register.cells import fold_all, words_of

if TYPE_CHECKING:
    from gridopt.register.headers import Rows

BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_LENGTH = 18
EXCEL_DIGITS = 15
_POWERS = np.array([*(pow(3, k, 31) for k in range(CODE_LENGTH - 1)), 1])
_VALUES = np.full(128, -1, dtype=np.int64)
_VALUES[[ord(letter) for letter in ALPHABET]] = np.arange(len(ALPHABET))
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")


def check_ids(
    rows: Rows, live: BoolArray, *, is_chinese: bool
) -> tuple[BoolArray, list[pd.DataFrame]]:
    """Check ids and names; say which rows are mere copies of an earlier one.

    Credit codes are checked where an id has 18 letters and digits; in a Chinese
    register (units with division codes, or a Chinese coordinate system) other ids
    are reported too, once for the file where most are of another kind.

    Parameters
    ----------
    live
        Rows to look at, shape (n,).

    Returns
    -------
    copies
        Rows identical to an earlier one, shape (n,).
    findings
        One table per rule.
    """
    if not rows.has("enterprise_id"):
        return np.zeros(rows.n, dtype=bool), _check_names(rows, live)
    ids = rows.text("enterprise_id")
    known = live & (ids != "")
    lost = known & _has_lost_digits(rows)
    # ids that lost their last digits are alike without being the same
    copies, doubles = _check_doubles(rows, known & ~lost)
    found = [
        rows.find(live & (ids == ""), "id_missing", "enterprise_id"),
        rows.find(lost, "id_lost_digits", "enterprise_id"),
        *_check_zeros(rows, known & ~lost),
        *doubles,
        *_check_case(rows, known & ~copies),
        *_check_credit_codes(rows, known & ~copies & ~lost, is_chinese=is_chinese),
        *_check_names(rows, live & ~copies),
    ]
    return copies, found


def _lengths(texts: TextArray) -> npt.NDArray[np.int64]:
    return np.array([len(text) for text in texts], dtype=np.int64)


def _has_lost_digits(rows: Rows) -> BoolArray:
    """Find ids that Excel stored as a number of more than 15 digits."""
    ids = rows.text("enterprise_id")
    written = np.array([bool(_SCIENTIFIC.fullmatch(text)) for text in ids], dtype=bool)
    rounded = np.array(
        [len(t) == CODE_LENGTH and t.isdecimal() and t.endswith("000") for t in ids],
        dtype=bool,
    )
    rounded &= ~_has_good_digit(ids)
    stored = rows.numbers["enterprise_id"] & (_lengths(ids) > EXCEL_DIGITS)
    return written | rounded | stored


def _check_zeros(rows: Rows, live: BoolArray) -> list[pd.DataFrame]:
    """Find numeric ids shorter than the one length that the text ids have."""
    ids = rows.text("enterprise_id")
    lengths = _lengths(ids)
    is_text = live & ~rows.numbers["enterprise_id"]
    if not is_text.any() or is_text.all():
        return []
    usual = np.bincount(lengths[is_text]).argmax()
    if (lengths[is_text] == usual).mean() < 0.5:
        return []
    short = live & rows.numbers["enterprise_id"] & (lengths < usual)
    return [
        rows.find(short, "id_lost_zero", "enterprise_id", n=lengths, length=int(usual))
    ]


def _check_doubles(
    rows: Rows, known: BoolArray
) -> tuple[BoolArray, list[pd.DataFrame]]:
    copies = np.zeros(rows.n, dtype=bool)
    ids = pd.Series(rows.text("enterprise_id"))
    at = np.flatnonzero(known)
    at = at[ids.iloc[at].duplicated(keep=False).to_numpy()]
    if not len(at):
        return copies, []
    same = rows.frame.iloc[at]
    is_copy = same.duplicated(keep="first").to_numpy()
    n_kinds = ids.iloc[at[~is_copy]].value_counts()
    differs = ids.iloc[at].map(n_kinds).to_numpy() > 1
    copies[at[is_copy & ~differs]] = True
    numbers = pd.Series(rows.row[at]).groupby(ids.iloc[at].to_numpy())
    listed = numbers.agg(list_rows)
    first = numbers.min()
    clash = np.zeros(rows.n, dtype=bool)
    clash[at[differs]] = True
    told = ids.iloc[np.flatnonzero(clash)].map(listed).tolist()
    kept = ids.iloc[np.flatnonzero(copies)].map(first).tolist()
    return copies, [
        rows.find(clash, "id_repeated", "enterprise_id", where=told),
        rows.find(copies, "id_repeated_same", "enterprise_id", first=kept),
    ]


def _check_case(rows: Rows, live: BoolArray) -> list[pd.DataFrame]:
    at = np.flatnonzero(live)
    ids = pd.Series(rows.text("enterprise_id")[at], index=at)
    folded = ids.str.upper()
    unlike = ids[folded.duplicated(keep=False)].drop_duplicates()
    twins = folded[unlike.index]
    twins = twins[twins.duplicated(keep=False)]
    if twins.empty:
        return []
    first = twins.groupby(twins).transform(lambda one: one.index[0])
    later = first[first != first.index]
    mask = np.isin(np.arange(rows.n), later.index)
    return [
        rows.find(
            mask,
            "id_case",
            "enterprise_id",
            twin=ids[later].tolist(),
            other=rows.row[later].tolist(),
        )
    ]


def _has_good_digit(ids: TextArray) -> BoolArray:
    """Tell well-formed credit codes with the right check digit (GB 32100-2015).

    A screen for many ids at once; what it rejects, python-stdnum explains.
    """
    fits = np.array(
        [len(text) == CODE_LENGTH and text.isascii() for text in ids], dtype=bool
    )
    good = np.zeros(len(ids), dtype=bool)
    if fits.any():
        letters = np.array(ids[fits], dtype=f"U{CODE_LENGTH}").view("U1")
        codes = letters.view(np.uint32).reshape(-1, CODE_LENGTH)
        values = _VALUES[codes]
        is_formed = (values >= 0).all(axis=1) & (values[:, :8] <= 9).all(axis=1)
        good[fits] = is_formed & ((values @ _POWERS) % 31 == 0)
    return good


def _check_credit_codes(
    rows: Rows, live: BoolArray, *, is_chinese: bool
) -> list[pd.DataFrame]:
    ids = rows.text("enterprise_id")
    of_length = np.array(
        [
            len(text) == CODE_LENGTH and text.isascii() and text.isalnum()
            for text in ids
        ],
        dtype=bool,
    )
    suspect = live & ~_has_good_digit(ids)
    other = suspect & ~of_length
    found = []
    if is_chinese and 2 * other.sum() > live.sum():
        shown, n, total = ids[other][0], int(other.sum()), int(live.sum())
        found.append(
            rows.say("credit_codes_other", "enterprise_id", shown, n=n, total=total)
        )
    asked = suspect & (of_length if not is_chinese or found else True)
    at = np.flatnonzero(asked)
    verdicts = [_verdict(text) for text in ids[at]]
    wrong = [bool(expected) for expected, _, _ in verdicts]
    digit, form = at[wrong], at[~np.array(wrong, dtype=bool)]
    expected = [one for one, _, _ in verdicts if one]
    reasons = [(zh, en) for one, zh, en in verdicts if not one]
    is_digit, is_form = np.zeros(rows.n, dtype=bool), np.zeros(rows.n, dtype=bool)
    is_digit[digit], is_form[form] = True, True
    zh, en = [one for one, _ in reasons], [one for _, one in reasons]
    return [
        *found,
        rows.find(is_digit, "credit_code_digit", "enterprise_id", expected=expected),
        rows.find(
            is_form, "credit_code_form", "enterprise_id", reason_zh=zh, reason_en=en
        ),
    ]


def _verdict(code: str) -> tuple[str, str, str]:
    """Ask python-stdnum what is wrong: the right check digit, else the reason."""
    try:
        uscc.validate(code)
    except InvalidChecksum:
        return uscc.calc_check_digit(code[:17]), "", ""
    except InvalidLength:  # before InvalidFormat, of which it is one
        return "", f"有 {len(code)} 位", f"it has {len(code)} characters"
    except InvalidFormat:
        return "", "有不允许的字符", "it has a character that is not allowed"
    return "", "含小写字母、空格或连字符", "it has small letters, blanks or hyphens"


def _check_names(rows: Rows, live: BoolArray) -> list[pd.DataFrame]:
    if not rows.has("name"):
        return []
    names = rows.text("name")
    words = words_of("name")
    vacant = np.array([word in words for word in fold_all(names)], dtype=bool)
    return [
        rows.find(live & (names == ""), "name_missing", "name"),
        rows.find(live & vacant, "name_placeholder", "name"),
    ]
