"""Which category a code of industry means, and which categories are related."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.cards import Card, Shown
from gridopt.lookup import check_table, is_shipped, read_table, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

TextArray = npt.NDArray[np.object_]

NEEDED = ("prefix", "category")
OPTIONAL = (
    *("edition", "section", "title_zh", "title_en", "category_zh", "category_en"),
    *("related", "is_bureau", "most_digits"),
)
NO_CATEGORY = "no_category"
LETTER_ONLY = "industry_letter_only"

_SEVERAL = re.compile(r"[A-Za-z]?\d+(?:[\s,，;；、/|和及]+[A-Za-z]?\d+)+")
_CODE = re.compile(r"([A-Za-z]?)(\d*)")


@dataclass(frozen=True)
class Category:
    """One category of the plan: key, names, and who owns it (P4, P11).

    Attributes
    ----------
    related
        Categories with the same word here are related; "" is related to none.
    is_bureau
        True where its enterprises belong to the department (市住建局).
    """

    key: str
    name_zh: str
    name_en: str
    is_bureau: bool
    related: str = ""


@dataclass(frozen=True, repr=False)
class Classification(Shown):
    """A table of code prefixes, the longest of which decides the category (P4).

    Attributes
    ----------
    name
        Name of the table.
    categories
        In the order of the table.
    editions
        Editions of the codes; empty where the table knows only one.
    prefixes
        (edition, prefix) to (category key, section); key "" where a code has none.
    most_digits
        Length of the longest code.

    Examples
    --------
    >>> table = read_classification("gbt4754")
    >>> keys, problems = table.category_of(["C3443", "82", "70"], "2017")
    >>> keys.tolist(), problems.tolist()
    (['industry', 'services', ''], ['', '', 'industry_too_short'])
    """

    name: str
    categories: tuple[Category, ...]
    editions: tuple[str, ...]
    prefixes: Mapping[tuple[str, str], tuple[str, str]] = field(repr=False)
    most_digits: int

    def card(self) -> Card:
        """List the categories, with the number of prefixes that lead to each."""
        n_of = Counter(key for key, _ in self.prefixes.values())
        rows = tuple(
            (
                one.name_zh,
                one.name_en,
                f"{n_of[one.key]:,}",
                "是" if one.is_bureau else "否",
            )
            for one in self.categories
        )
        names = "、".join(one.name_zh for one in self.categories)
        editions = "、".join(one for one in self.editions if one) or "不分版本"
        return Card(
            title="行业分类表",
            brief=f"{self.name}：{names}",
            facts=(("表名", self.name), ("代码版本", editions)),
            headings=("门类", "英文", "代码（条）", "可归主管部门"),
            rows=rows,
        )

    def category_of(
        self, codes: npt.ArrayLike, editions: npt.ArrayLike = ""
    ) -> tuple[TextArray, TextArray]:
        """Find the category of each code.

        Parameters
        ----------
        codes
            Text as in the register (``C3443``, ``3443``, ``34``), shape (n,).
        editions
            Edition of each code, or one for all.

        Returns
        -------
        keys
            Category of each code, "" where it has none, shape (n,).
        problems
            Rule that each code breaks, "" where none; ``no_category`` for a good code
            outside all categories, ``industry_letter_only`` is a mere warning.
        """
        asked = np.asarray(codes, dtype=object)
        editions = np.broadcast_to(np.asarray(editions, dtype=object), asked.shape)
        pairs = list(zip(asked, editions, strict=True))
        answer = {pair: self._judge(*pair) for pair in dict.fromkeys(pairs)}
        keys = np.array([answer[pair][0] for pair in pairs], dtype=object)
        return keys, np.array([answer[pair][1] for pair in pairs], dtype=object)

    def digits_of(self, codes: npt.ArrayLike) -> TextArray:
        """Take the section letter off each code; a letter alone stays.

        Examples
        --------
        >>> read_classification("gbt4754").digits_of(["C3443", "34", "E"]).tolist()
        ['3443', '34', 'E']
        """
        asked = np.asarray(codes, dtype=object)
        bare = [code[1:] if code[:1].isalpha() and code[1:] else code for code in asked]
        return np.array(bare, dtype=object)

    def section_of(self, code: str, edition: str = "") -> str:
        """Find the section (letter or sector) of a code's digits, "" if unknown."""
        digits = self.digits_of([code])[0]
        known = self._longest(digits, self._edition(edition))
        below = self._below(digits, self._edition(edition))
        return known[1] if known else next((section for _, section in below), "")

    def choices_below(
        self, code: str, edition: str = ""
    ) -> tuple[tuple[str, ...], int]:
        """List the categories below a code that is too short, and the digits it needs.

        Examples
        --------
        >>> read_classification("gbt4754").choices_below("70", "2017")
        (('real_estate', 'services'), 4)
        """
        edition = self._edition(edition)
        prefixes = self._prefixes_below(code.upper(), edition)
        keys = dict.fromkeys(self.prefixes[edition, prefix][0] for prefix in prefixes)
        return tuple(keys), max((len(prefix) for prefix in prefixes), default=0)

    def may_lack_zero(self, code: str, edition: str = "") -> bool:
        """Tell whether a zero before an odd number of digits makes a known code."""
        is_odd = code.isascii() and code.isdigit() and len(code) % 2 == 1
        return is_odd and bool(self._longest("0" + code, self._edition(edition)))

    def are_related(self, a: str, b: str) -> bool:
        """Tell whether two categories are related, for small blocks (P3).

        Examples
        --------
        >>> read_classification("gbt4754").are_related("trade", "services")
        True
        """
        one, other = self.get(a), self.get(b)
        if one is None or other is None:
            return False
        return a == b or (one.related != "" and one.related == other.related)

    def get(self, key: str) -> Category | None:
        """Find a category by its key, None where there is none."""
        return next((one for one in self.categories if one.key == key), None)

    def name_zh(self, key: str) -> str:
        """Name a category in Chinese; an unknown key names itself."""
        known = self.get(key)
        return known.name_zh if known else key

    def name_en(self, key: str) -> str:
        """Name a category in English; an unknown key names itself."""
        known = self.get(key)
        return known.name_en if known else key

    def _edition(self, edition: str) -> str:
        return edition if self.editions else ""

    def _judge(self, code: str, edition: str) -> tuple[str, str]:
        if code == "":
            return "", "industry_missing"
        if _SEVERAL.fullmatch(code):
            return "", "industry_several"
        parts = _CODE.fullmatch(code)
        if parts is None or not code.isascii() or len(parts[2]) > self.most_digits:
            return "", "industry_malformed"
        if self.editions and edition not in self.editions:
            return "", "edition_unknown" if edition else "edition_missing"
        return self._look_up(parts[1].upper(), parts[2], self._edition(edition))

    def _look_up(self, letter: str, digits: str, edition: str) -> tuple[str, str]:
        known = self._longest(digits, edition)
        found = [known] if known else self._below(digits or letter, edition)
        is_foreign = letter != "" and len(found[0][1]) != 1 if found else True
        if is_foreign or len(digits) == 1:
            return "", self._unknown(letter, digits, edition)
        if letter and letter not in {section for _, section in found}:
            return "", "industry_letter"
        keys = {key for key, _ in found}
        if len(keys) > 1:
            return "", "industry_too_short"
        key = keys.pop()
        warned = LETTER_ONLY if not digits else ""
        return key, warned if key else NO_CATEGORY

    def _unknown(self, letter: str, digits: str, edition: str) -> str:
        if not letter and self.may_lack_zero(digits, edition):
            return "industry_lost_zero"
        return "industry_unknown"

    def _longest(self, digits: str, edition: str) -> tuple[str, str] | None:
        ends = range(len(digits), 0, -1)
        keys = ((edition, digits[:end]) for end in ends)
        return next((self.prefixes[key] for key in keys if key in self.prefixes), None)

    def _below(self, code: str, edition: str) -> list[tuple[str, str]]:
        below = self._prefixes_below(code, edition)
        return [self.prefixes[edition, prefix] for prefix in below]

    def _prefixes_below(self, code: str, edition: str) -> list[str]:
        mine = [(p, row) for (e, p), row in self.prefixes.items() if e == edition]
        if code.isalpha():
            return [prefix for prefix, (_, section) in mine if section == code]
        return [prefix for prefix, _ in mine if code and prefix.startswith(code)]


def read_classification(table: str | Path = "gbt4754") -> Classification:
    """Read a table of categories: a shipped one by name, or an own file.

    Parameters
    ----------
    table
        ``gbt4754`` (GB/T 4754-2011 and -2017), ``naics-subsector``, ``naics-five``,
        or the path of a CSV file with at least the columns prefix and category.

    Raises
    ------
    InputError
        If the table has unknown columns, doubled prefixes, categories without a
        name, or names that contradict each other; all of it at once.

    Examples
    --------
    >>> [one.key for one in read_classification("naics-five").categories]
    ['industry', 'construction', 'trade', 'services', 'real_estate']
    """
    name = str(table)
    if is_shipped(name):
        frame = shipped(name)
        frame = frame.assign(row=np.arange(len(frame)) + 2)
    else:
        frame, name = read_table(table, NEEDED, OPTIONAL), Path(table).name
    check_table(name, _table_problems(frame))
    return _make_classification(Path(name).stem, frame)


def _make_classification(name: str, frame: pd.DataFrame) -> Classification:
    named = frame[frame["category"] != ""].groupby("category", sort=False)
    first = named[["category_zh", "category_en", "related", "is_bureau"]].agg(
        _first_word
    )
    categories = tuple(
        Category(str(key), zh, en or str(key), is_bureau == "1", related)
        for key, zh, en, related, is_bureau in first.itertuples()
    )
    editions = tuple(sorted(set(frame["edition"]) - {""}))
    keys = zip(frame["edition"], frame["prefix"], strict=True)
    found = zip(frame["category"], frame["section"], strict=True)
    most = frame["most_digits"].replace("", "6").astype(int).max()
    prefixes = dict(zip(keys, found, strict=True))
    return Classification(name, categories, editions, prefixes, int(most))


def _first_word(words: pd.Series) -> str:
    return next((word for word in words if word), "")


def _table_problems(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """List what is wrong with a table of categories, in Chinese and English."""
    if frame.empty:
        return [("没有内容", "it is empty")]
    return _cell_problems(frame) + _edition_problems(frame) + _name_problems(frame)


def _cell_problems(frame: pd.DataFrame) -> list[tuple[str, str]]:
    most = frame["most_digits"].where(frame["most_digits"].str.fullmatch("[1-9]"), "9")
    tests = (
        ("prefix", ~frame["prefix"].str.fullmatch(r"\d+"), "应为数字", "is not digits"),
        ("prefix", frame["prefix"].str.len() > most.astype(int), "过长", "is too long"),
        (
            "prefix",
            frame.duplicated(["edition", "prefix"], keep=False),
            "在同一版本中重复",
            "is doubled in its edition",
        ),
        (
            "category",
            ~frame["category"].str.fullmatch(r"[A-Za-z0-9_]*"),
            "只能用字母、数字和下划线",
            "may have letters, digits and underscores only",
        ),
        (
            "is_bureau",
            ~frame["is_bureau"].isin(["", "0", "1"]),
            "应为 0 或 1",
            "is not 0 or 1",
        ),
        (
            "most_digits",
            ~frame["most_digits"].str.fullmatch("[1-9]?"),
            "应为 1 至 9",
            "is not 1 to 9",
        ),
    )
    return [
        (f"第 {row} 行 {column}“{value}”{zh}", f"row {row}: {column} {value!r} {en}")
        for column, mask, zh, en in tests
        for row, value in frame.loc[mask, ["row", column]].itertuples(index=False)
    ]


def _edition_problems(frame: pd.DataFrame) -> list[tuple[str, str]]:
    bare = frame.loc[frame["edition"] == "", "row"]
    if bare.empty or len(bare) == len(frame):
        return []
    return [(f"第 {row} 行没有 edition", f"row {row} has no edition") for row in bare]


def _name_problems(frame: pd.DataFrame) -> list[tuple[str, str]]:
    problems = []
    for key, rows in frame[frame["category"] != ""].groupby("category", sort=False):
        for column in ("category_zh", "category_en", "related", "is_bureau"):
            words = sorted(set(rows[column]) - {""})
            if not words and column == "category_zh":
                problems.append(
                    (f"类别 {key} 没有名称 category_zh", f"{key} has no category_zh")
                )
            if len(words) > 1:
                listed = ", ".join(words)
                problems.append(
                    (
                        f"类别 {key} 的 {column} 不一致：{listed}",
                        f"{key}: {column} is {listed}",
                    )
                )
    return problems
