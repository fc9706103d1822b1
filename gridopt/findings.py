"""What a finding is: one row of ``findings.csv``, worded from a table of rules."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COLUMNS = (
    *("row", "column", "rule", "value", "severity"),
    *("message_zh", "message_en", "file", "enterprise_id"),
)
"""Columns of a table of findings, in the order of ``findings.csv``."""

ERROR, WARNING = "error", "warning"
_SHOWN_ROWS = 5
_SHOWN = 3
_MORE = re.compile(r" 等 (\d+)")
_LISTS = ("where", "listed", "names", "choices", "known")


class Wording(NamedTuple):
    """How grave a rule's breach is, and the words for it, with ``{value}`` inside."""

    severity: str
    message_zh: str
    message_en: str


@cache
def wordings() -> dict[str, Wording]:
    """Read the words of every rule from the shipped table.

    Examples
    --------
    >>> wordings()["place_zero"].severity
    'error'
    """
    table = files("gridopt.tables") / "register-findings.csv"
    with table.open(encoding="utf-8-sig") as file:
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    return {row.rule: Wording(*row[1:]) for row in frame.itertuples(index=False)}


def make_findings(
    rule: str,
    *,
    file: str,
    column: str | Sequence[str] = "",
    rows: Sequence[int | None] | npt.NDArray[np.int64] = (None,),
    values: Sequence[str] | npt.NDArray[np.object_] = ("",),
    ids: Sequence[str] | npt.NDArray[np.object_] | None = None,
    **words: Any,
) -> pd.DataFrame:
    """Word one finding per row.

    Parameters
    ----------
    rule
        Name of the rule, as in the shipped table of wordings.
    file, column
        Where the findings stand; one column for all, or one for each.
    rows, values, ids
        Row number (None where the whole file is meant), bad value and enterprise of
        each finding, all of one length.
    **words
        What else the message names; a list is taken one by one.

    Examples
    --------
    >>> found = make_findings("file_empty", file="a.csv", values=["a.csv"])
    >>> found.loc[0, "message_zh"]
    '文件“a.csv”是空的。请核对是否选错了文件。'
    """
    n = len(rows)
    wording = wordings()[rule]
    columns = [column] * n if isinstance(column, str) else list(column)
    told = {"value": list(values), "row": list(rows), "column": columns}
    told |= {name: _spread(word, n) for name, word in words.items()}
    each_row = zip(*told.values(), strict=True)
    filled = [dict(zip(told, one, strict=True)) for one in each_row]
    return pd.DataFrame(
        {
            "row": pd.array(list(rows), dtype="Int64"),
            "column": columns,
            "rule": rule,
            "value": told["value"],
            "severity": wording.severity,
            "message_zh": [wording.message_zh.format(**one) for one in filled],
            "message_en": [
                wording.message_en.format(**_english(one)) for one in filled
            ],
            "file": file,
            "enterprise_id": [""] * n if ids is None else list(ids),
        }
    )


def _spread(word: object, n: int) -> list[object]:
    is_each = isinstance(word, list | tuple | np.ndarray)
    return list(word) if is_each else [word] * n  # type: ignore[call-overload]


def _english(words: dict[str, object]) -> dict[str, object]:
    """Punctuate the lists among the words as English does."""
    lists = {name: str(words[name]) for name in _LISTS if name in words}
    return words | {
        name: _MORE.sub(r" … (\1 in all)", text.replace("、", ", ")).replace("等", " …")
        for name, text in lists.items()
    }


def list_rows(rows: Iterable[int]) -> str:
    """List row numbers, five at most; of more, say how many there are.

    Examples
    --------
    >>> list_rows([2, 8]), list_rows(range(2, 402))
    ('2、8', '2、3、4、5、6 等 400')
    """
    numbers = [str(row) for row in rows]
    told = "、".join(numbers[:_SHOWN_ROWS])
    return told if len(numbers) <= _SHOWN_ROWS else f"{told} 等 {len(numbers)}"


def some(names: Iterable[object]) -> str:
    """Name the first three, and say that there are more.

    Examples
    --------
    >>> some(["甲", "乙", "丙", "丁"])
    '甲、乙、丙等'
    """
    found = [str(name) for name in names]
    return "、".join(found[:_SHOWN]) + ("等" if len(found) > _SHOWN else "")


def some_ids(ids: Iterable[object]) -> str:
    """Name the first three ids for English readers.

    Examples
    --------
    >>> some_ids(["a", "b"])
    'a, b'
    """
    found = [str(one) for one in ids]
    return ", ".join(found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")


@cache
def nothing_found() -> pd.DataFrame:
    """Return the empty table of findings; one object for all, so copy it to change it.

    Examples
    --------
    >>> len(nothing_found())
    0
    """
    return make_findings("file_empty", file="", rows=(), values=())


def join_findings(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join tables of findings into one, by row; whole-file findings stand first.

    Examples
    --------
    >>> list(join_findings([]).columns) == list(COLUMNS)
    True
    """
    found = [part for part in parts if len(part)]
    if not found:
        return nothing_found().copy()
    joined = pd.concat(found, ignore_index=True)
    return joined.sort_values(
        "row", kind="stable", na_position="first", ignore_index=True
    )


def join_errors(
    faults: Sequence[InputError], message_zh: str = "", message_en: str = ""
) -> InputError:
    r"""Join errors into one, a line each below a sentence on them all, if any.

    Examples
    --------
    >>> join_errors([InputError("甲。", "A."), InputError("乙。", "B.")]).message_en
    'A.\nB.'
    """
    return InputError(
        "\n".join(filter(None, [message_zh, *(one.message_zh for one in faults)])),
        "\n".join(filter(None, [message_en, *(one.message_en for one in faults)])),
    )


def errors_of(findings: pd.DataFrame) -> pd.DataFrame:
    """Keep the errors of a table of findings."""
    return findings[findings["severity"] == ERROR]
