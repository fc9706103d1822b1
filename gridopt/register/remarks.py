"""What a remark in a header means: how to fill a column in, or what it holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gridopt.register.cells import fold, words_of

if TYPE_CHECKING:
    from gridopt.register.settings import RegisterRules

_FILLING = re.compile(
    r"[填选]|必录|可空|为空|格式|文本|数字|数值|小数|下拉|示例|全称|[如例]\W|^\W*如"
    r"|[\d一二三四五六七八九十]\s*位|required|optional|mandatory",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"[如例].*", re.DOTALL)
_MARKS = "()（）[]【】〔〕*＊★☆▲● "
_SETTINGS = {
    "longitude": "coordinates",
    "latitude": "coordinates",
    "industry": "industry_edition",
}
"""Setting of the scenario that a remark on a column may contradict."""


class Contradiction(NamedTuple):
    """A remark says one thing, the scenario's setting another."""

    setting: str
    said: str
    asked: str


def is_about_filling(remark: str) -> bool:
    """Tell whether a remark only says how to fill a column in.

    Examples
    --------
    >>> is_about_filling("（必填）"), is_about_filling("（电话）")
    (True, False)
    """
    return bool(_FILLING.search(remark)) or not remark.strip(_MARKS)


def find_contradiction(
    column: str, remark: str, rules: RegisterRules
) -> Contradiction | None:
    """Find what a remark says against the scenario.

    Examples
    --------
    >>> from gridopt.register.settings import RegisterRules
    >>> rules = RegisterRules(coordinates="gcj02")
    >>> find_contradiction("longitude", "（WGS-84）", rules)
    Contradiction(setting='coordinates', said='wgs84', asked='gcj02')
    """
    setting = _SETTINGS.get(column, "")
    asked = getattr(rules, setting) if setting else None
    # 2011 is an edition, and as an example it is a code
    text, words = fold(_EXAMPLE.sub("", remark)), words_of(setting)
    said = dict.fromkeys(word for alias, word in words.items() if alias in text)
    if asked is None or not said or asked in said:
        return None
    return Contradiction(setting, "、".join(said), asked)
