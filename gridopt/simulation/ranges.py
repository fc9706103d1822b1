"""What a number of a setting may be, and how to say that it is not."""

from __future__ import annotations

from numbers import Integral, Real
from typing import NamedTuple

from gridopt.errors import InputError


class Range(NamedTuple):
    """A number of a setting and what it may be."""

    name: str
    value: object
    least: float
    most: float
    is_whole: bool = False

    def __str__(self) -> str:
        kind = "整数" if self.is_whole else ""
        return f"{self.name}={self.value!r}（{kind}{self.least:g}–{self.most:g}）"

    @property
    def is_kept(self) -> bool:
        """Whether the value is a number of its kind inside the range."""
        value, kind = self.value, Integral if self.is_whole else Real
        if isinstance(value, bool) or not isinstance(value, kind):
            return False
        return self.least <= float(value) <= self.most


def check_ranges(about_zh: str, about_en: str, *ranges: Range) -> None:
    """Refuse numbers out of range, and what is no number, all at once.

    Parameters
    ----------
    about_zh, about_en
        What the numbers belong to.

    Raises
    ------
    InputError
        Naming every setting that is wrong, its value and its range.

    Examples
    --------
    >>> check_ranges("年度", "years", Range("n", 3, 1, 50, is_whole=True))
    """
    wrong = "、".join(str(each) for each in ranges if not each.is_kept)
    if wrong:
        raise InputError(
            f"{about_zh}的参数超出范围：{wrong}。请改为括号内的范围。",
            f"Numbers of {about_en} out of range (in brackets): {wrong}.",
        )
