"""Which money rules are in force when: choices, amendments, the first year."""

from __future__ import annotations

import calendar
import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self, TypeVar

import numpy as np
from pydantic import Field, StrictBool, StrictInt, field_validator, model_validator

from gridopt.awards.rules import BASIS_WORDS, AwardRules, Prize, Yuan
from gridopt.rules import setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridopt.awards.rounding import IntArray

PARTS = 24 * 365 * 366
"""A month, half a month and a day of any year are whole numbers of these of a year."""

Deviation = Annotated[float, Field(ge=0, le=10)]
AnyTerms = TypeVar("AnyTerms", bound="BudgetRules")

AWARD_PAYERS = {
    "czj": "市财政局",
    "departments": "各相关部门",
    "tjj": "市统计局",
    "zjj": "市住建局",
}
MEMBERSHIP_WORDS = {
    "person_months": "按在岗月数（无任职日期的，按在册人员全年在岗）",
    "snapshot": "按年末在岗人员",
    "ever": "年内任职过的都计",
}
PRORATION_WORDS = {
    "months": "按月：当月最后一天已施行的，计整月",
    "half_months": "按月：当月16日及以后施行的，计半个月",
    "days": "按天：施行日至年末的天数占全年天数",
    "whole": "不分月：施行当年计全年",
}
BUREAU_PAYER_WORDS = {
    "bureau": "市住建局",
    "township": "企业所在乡镇（街道）、玉环经济开发区",
    "none": "不安排",
}


class BudgetRules(AwardRules):
    """What is paid for whom and by whom; the scenario's `money`, one flat mapping.

    Planned from the members on the register's date, nobody joins or leaves during
    the year and everybody has served long enough for an award.

    Examples
    --------
    >>> BudgetRules(pass_percent=95, bureau_payer="township").activity_yuan
    500
    """

    activity_yuan: Prize = setting(
        500, clause="F1", label="网格工作活动经费（元/人·年）"
    )
    activity_basis: str = setting(
        "statisticians", clause="F1", label="活动经费的网格员口径", words=BASIS_WORDS
    )
    groomed_paid: StrictBool = setting(
        True, clause="P7", label="小升规培育企业统计员计入经费"
    )
    membership: str = setting(
        "person_months", clause="F3", label="人员进出", words=MEMBERSHIP_WORDS
    )
    activity_months: Annotated[StrictInt, Field(ge=1, le=12)] = setting(
        12, clause="F3", label="本年度计发活动经费的月数"
    )
    bureau_payer: str = setting(
        "bureau",
        clause="F2",
        label="市住建局网格活动经费的承担单位",
        words=BUREAU_PAYER_WORDS,
    )
    award_payer: str = setting(
        "czj",
        clause="F6",
        label="星级奖励的承担单位",
        words={"czj": AWARD_PAYERS["czj"]},
    )
    award_percents: dict[str, StrictInt] = setting(
        {}, clause="F9", label="星级奖励由各单位分担的比例（%）", words=AWARD_PAYERS
    )
    award_year_offset: Annotated[StrictInt, Field(ge=0, le=1)] = setting(
        1, clause="T3", label="星级奖励在评定后第几年列支（0为当年）"
    )
    pooled_yuan: Yuan | None = setting(
        None, clause="F9", label="可统筹的部门统计调查经费（元）"
    )
    unit_sd: Deviation | None = setting(
        None, clause="F5", label="各单位评定宽严的差异（标准差，个人差异为1）"
    )
    city_sd: Deviation | None = setting(
        None, clause="F5", label="各年度评定宽严的差异（标准差，个人差异为1）"
    )
    in_force: str = setting("2022-06-20", clause="F3", label="施行日期")
    proration: str = setting(
        "months", clause="F3", label="施行当年的活动经费", words=PRORATION_WORDS
    )
    amendments: tuple[dict[str, Any], ...] = setting(
        (), clause="F1", label="以后修订的口径（日期、依据和各项取值）"
    )

    @field_validator("award_percents")
    @classmethod
    def _share_whole(cls, value: dict[str, int]) -> dict[str, int]:
        wrong = [key for key, part in value.items() if not 0 < part <= 100]
        if value and (wrong or sum(value.values()) != 100):
            raise ValueError(
                f"各单位分担的比例须为1至100的整数百分数，合计100；现为{value}，"
                f"合计{sum(value.values())}。 / The per cents of the payers must be "
                f"whole, 1 to 100, and sum to 100; found {value}."
            )
        return value

    @field_validator("in_force")
    @classmethod
    def _is_day(cls, value: str) -> str:
        _read_day("in_force", value)
        return value

    @model_validator(mode="after")
    def _check_amendments(self) -> Self:
        """Refuse what no settings could be, before any year is settled by it."""
        days = []
        for number, told in enumerate(self.amendments, 1):
            name = f"amendments[{number}]"
            if not isinstance(told.get("basis"), str) or not told["basis"].strip():
                raise ValueError(f"{name} 须写明依据 basis。 / {name} needs its basis.")
            days.append(_read_day(f"{name}.since", told.get("since")))
            _amended(self, told)
        if days != sorted(set(days)):
            raise ValueError(
                "amendments 须按 since 由早到晚排列，日期不得重复。 / "
                "amendments must stand in the order of since, no day twice."
            )
        return self

    def on(self, day: dt.date) -> Self:
        """Return the values in force on a day, with no amendments left.

        Examples
        --------
        >>> later = {"since": "2024-01-01", "basis": "假设", "activity_yuan": 600}
        >>> rules = BudgetRules(amendments=(later,))
        >>> [rules.on(dt.date(year, 12, 31)).activity_yuan for year in (2023, 2024)]
        [500, 600]
        """
        rules = self
        for told in self.amendments:
            if dt.date.fromisoformat(told["since"]) <= day:
                rules = _amended(rules, told)
        return rules.model_copy(update={"amendments": ()}) if self.amendments else self

    def at_end_of(self, year: int | None) -> Self:
        """Return the values by which a year is settled: those of its last day.

        Where no year is given nothing is amended.
        """
        if year is None:
            return self.model_copy(update={"amendments": ()})
        return self.on(dt.date(year, 12, 31))


def activity_parts(rules: BudgetRules, year: int | None) -> IntArray:
    """Return what a member's months are worth, in 1 / `PARTS` yuan, shape (12,) (F3).

    Each month follows the rate in force on its last day; the last `activity_months`
    of the year count, and in the year in which the document comes into force what
    `proration` leaves of them.

    Examples
    --------
    >>> int(activity_parts(BudgetRules(), 2023).sum()) // PARTS
    500
    >>> int(activity_parts(BudgetRules(proration="days"), 2022).sum()) * 365 // PARTS
    97500
    """
    parts = np.zeros(12, dtype=np.int64)
    for month, rate, share in _paid_months(rules, year):
        worth = rate * share * PARTS
        assert worth.denominator == 1
        parts[month - 1] = int(worth)
    return parts


class PaidTime(NamedTuple):
    """What of a year is paid, counted in twelfths, 24ths or days of it (F3).

    Attributes
    ----------
    whole
        How many of them a whole year has: 12, 24, 365 or 366.
    spans
        The rates of the year, yuan per member and whole year, each with how many are
        paid at it.
    """

    whole: int
    spans: tuple[tuple[int, int], ...]

    @property
    def paid(self) -> int:
        """How many are paid at any rate."""
        return sum(n for _, n in self.spans)


def paid_time(rules: BudgetRules, year: int | None) -> PaidTime:
    """Tell which part of a year is paid at which rate, as `activity_parts` does.

    Examples
    --------
    >>> paid_time(BudgetRules(), 2023), paid_time(BudgetRules(proration="days"), 2022)
    (PaidTime(whole=12, spans=((500, 12),)), PaidTime(whole=365, spans=((500, 195),)))
    """
    is_first_year = year == _read_day("in_force", rules.in_force).year
    whole = 12
    if is_first_year and year is not None:
        n_days = 366 if calendar.isleap(year) else 365
        whole = {"half_months": 24, "days": n_days}.get(rules.proration, 12)
    spans: dict[int, Fraction] = {}
    for _, rate, share in _paid_months(rules, year):
        spans[rate] = spans.get(rate, Fraction(0)) + whole * share
    return PaidTime(whole, tuple((rate, int(n)) for rate, n in spans.items()))


def _paid_months(
    rules: BudgetRules, year: int | None
) -> list[tuple[int, int, Fraction]]:
    """List the months that count, with their rate and their part of a year."""
    in_force = _read_day("in_force", rules.in_force)
    months = range(13 - rules.at_end_of(year).activity_months, 13)
    if year is None:
        return [(month, rules.activity_yuan, Fraction(1, 12)) for month in months]
    return [
        (
            month,
            rules.on(_month_end(year, month)).activity_yuan,
            _share_of_month(year, month, in_force, rules.proration),
        )
        for month in months
    ]


def _share_of_month(year: int, month: int, since: dt.date, proration: str) -> Fraction:
    """Return which part of a year's money falls on a month."""
    first, last = dt.date(year, month, 1), _month_end(year, month)
    is_first_year = since.year == year
    if since.year > year:
        return Fraction(0)
    if proration == "days" and is_first_year:
        n_days = max(0, (last - max(first, since)).days + 1)
        return Fraction(n_days, 366 if calendar.isleap(year) else 365)
    if proration == "whole" or not is_first_year or since <= first:
        return Fraction(1, 12)
    if since > last:
        return Fraction(0)
    is_half = proration == "half_months" and since.day > 15
    return Fraction(1, 24) if is_half else Fraction(1, 12)


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _amended(rules: AnyTerms, told: Mapping[str, Any]) -> AnyTerms:
    changes = {key: each for key, each in told.items() if key not in ("since", "basis")}
    unknown = [key for key in changes if key not in type(rules).model_fields]
    if unknown or "amendments" in changes or not changes:
        shown = "、".join(unknown) or "（无）"
        raise ValueError(
            f"修订 {told.get('since')} 的取值项有误：{shown}；须为 money 的设置项，至少"
            f"一项。 / The amendment of {told.get('since')} must change settings of "
            f"money, at least one; not {', '.join(unknown) or 'none'}."
        )
    values = rules.model_dump(exclude_unset=True) | changes | {"amendments": ()}
    return type(rules).model_validate(values)


def _read_day(name: str, text: object) -> dt.date:
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(
            f"{name} 须写成 2022-06-20 这样的日期，现为 {text!r}。 / {name} must be a "
            f"day like 2022-06-20, not {text!r}."
        ) from None
