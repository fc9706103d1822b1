"""How columns are headed: their titles, other spellings, numbers and remarks."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from gridopt.lookup import BLANKS, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NUMBERED = re.compile(r"^\W*\d{1,3}\s*[.、．):）:：\s]\s*(?=\D)")
_SIGNS = re.compile(r"[\s_*＊'\"“”]+")
_ROUND = r"[（(][^（()）]*(?:[（(][^（()）]*[)）][^（()）]*)*[)）]"
_SQUARE = r"[【〔\[][^【〔\[\]〕】]*[\]〕】]"
_REMARK = re.compile(rf"^(?:{_ROUND}|{_SQUARE})|(?:{_ROUND}|{_SQUARE}|[*＊])$")
_MOST_REMARKS = 4


def title_of(column: str) -> str:
    """Name a column of ours in Chinese, as a bureau heads it.

    Examples
    --------
    >>> title_of("unit")
    '乡镇街道'
    """
    return titles().get(column, column)


@cache
def titles() -> dict[str, str]:
    """Read the Chinese title of each column of ours."""
    return dict(shipped("header-aliases").drop_duplicates("column").to_numpy())


@cache
def aliases() -> dict[str, str]:
    """Read which column of ours each spelling means."""
    table = shipped("header-aliases")
    return {plain_of(alias): column for column, alias in table.to_numpy()}


def plain_of(header: str) -> str:
    """Reduce a header to what tells it apart: no case, width, blanks or signs."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    return _SIGNS.sub("", folded)


def recognise(head: str, mapped: Mapping[str, str]) -> tuple[str, str, str]:
    """Say which column of ours a header means, "" for none, and how it was read.

    Parameters
    ----------
    mapped
        The scenario's own headers, which come first; "" maps one to nothing.

    Returns
    -------
    column
        The column of ours.
    rule
        Name of the finding that says what was taken off, "" for nothing.
    text
        What was left of the header.

    Examples
    --------
    >>> recognise("12. 经度", {}), recognise("乡镇街道（必填）", {})
    (('longitude', 'header_numbered', '经度'), ('unit', 'header_trimmed', '乡镇街道'))
    """
    for rule, text in _readings(head):
        column = mapped[text] if text in mapped else aliases().get(plain_of(text), "")
        if column or text in mapped:
            return column, rule, text
    return "", "", head


def _readings(head: str) -> Iterator[tuple[str, str]]:
    """List a header as it stands, then without its number, then without remarks."""
    bare = _NUMBERED.sub("", head)
    yield "", head
    if bare != head:
        yield "header_numbered", bare
    for text in dict.fromkeys((head, bare)):
        # one remark at a time: the brackets of 村(社区) are none
        for rest in islice(_take_off(text), _MOST_REMARKS):
            yield "header_trimmed", rest


def _take_off(text: str) -> Iterator[str]:
    """Take off one remark after the other, from both ends."""
    rest = _REMARK.sub("", text, count=1).strip(BLANKS)
    while rest not in ("", text):
        yield rest
        text, rest = rest, _REMARK.sub("", rest, count=1).strip(BLANKS)


def on_one_line(head: str) -> str:
    r"""Write a header without line breaks.

    Examples
    --------
    >>> on_one_line("乡镇\n街道")
    '乡镇街道'
    """
    return "".join(head.splitlines())


def quoted(head: str) -> str:
    """Write a header as a YAML key: quoted, on one line.

    Examples
    --------
    >>> print(quoted("代码"))
    "代码"
    """
    return json.dumps(head, ensure_ascii=False)
