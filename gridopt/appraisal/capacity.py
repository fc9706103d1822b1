"""What an appropriation can carry: how many passes, how many members, which prizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.appraisal.distribution import (
    BillDistribution,
    bill_distribution,
    check_appropriation,
)
from gridopt.appraisal.groups import check_counts, scale_members
from gridopt.appraisal.model import PassModel
from gridopt.appraisal.tariff import read_tariff
from gridopt.awards.extremes import PERIOD
from gridopt.awards.rounding import half_up
from gridopt.awards.rules import AwardRules

if TYPE_CHECKING:
    import pandas as pd

Find = Callable[[int], BillDistribution]
MOST_MEMBERS_PERCENT = 300
"""Largest membership that is tried, in per cent of today's."""


@dataclass(frozen=True)
class Carried:
    """The largest whole per cent of something that an appropriation carries.

    Attributes
    ----------
    percent
        The answer; None where not even 0 % is carried.
    most_percent
        Largest per cent that was tried; an answer equal to it may be no limit.
    members
        Members of all units at the answer; 0 where there is none.
    bill
        Distribution of the bill at the answer; None where there is none.
    is_scanned
        False where the bill rises with the per cent: found by bisection, and every
        smaller per cent is carried too. True where it need not under these choices:
        every per cent was tried from the largest down, and a smaller one may fail.
    """

    percent: int | None
    most_percent: int
    members: int
    bill: BillDistribution | None
    is_scanned: bool

    @property
    def note_zh(self) -> str:
        """What must be said with the answer, in Chinese."""
        if self.percent is None:
            return "该拨款以所要求的把握连0%也承担不起。"
        if self.percent == self.most_percent:
            return f"试算到{self.most_percent}%为止，仍然足额。"
        if self.is_scanned:
            return "所选口径下金额不一定随比例上升，已逐一试算；较小的比例未必都足额。"
        return "金额随比例上升，凡不超过此比例的都足额。"


def largest_pass_share(
    appropriation_yuan: int,
    counts: pd.DataFrame,
    rules: AwardRules | None = None,
    model: PassModel | None = None,
    confidence: float = 0.95,
) -> Carried:
    """Return the largest chance to pass that an appropriation carries (F5, F9).

    Parameters
    ----------
    appropriation_yuan
        Whole yuan.
    counts, rules, model
        As in `bill_distribution`. One chance is sought for all members, in place of
        the model's and of any column `pass_share`; the leniencies stay.
    confidence
        Least chance that the appropriation suffices, above 0 and below 1.

    Returns
    -------
    Carried
        In whole per cent, 0 to 100.

    Raises
    ------
    InputError
        As `bill_distribution`, and where appropriation or confidence is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    >>> largest_pass_share(60_000, counts).percent
    86
    """
    rules, model = rules or AwardRules(), model or PassModel()
    is_rising = _check(appropriation_yuan, counts, rules)
    alike = counts.drop(columns="pass_share", errors="ignore")

    def find(percent: int) -> BillDistribution:
        chances = PassModel(percent / 100, model.unit_sd, model.city_sd)
        return bill_distribution(alike, rules, chances)

    percent = _search(find, appropriation_yuan, confidence, 100, is_rising)
    members = int(counts["members"].sum())
    return _tell(find, percent, 100, members, not is_rising)


def largest_membership(
    appropriation_yuan: int,
    counts: pd.DataFrame,
    rules: AwardRules | None = None,
    model: PassModel | None = None,
    confidence: float = 0.95,
) -> Carried:
    """Return the largest membership that an appropriation carries (F5, F9).

    Parameters
    ----------
    appropriation_yuan
        Whole yuan.
    counts, rules, model
        As in `bill_distribution`; every unit has hu(m x percent / 100) members.
    confidence
        Least chance that the appropriation suffices, above 0 and below 1.

    Returns
    -------
    Carried
        In whole per cent of today's members, 0 to `MOST_MEMBERS_PERCENT`.

    Raises
    ------
    InputError
        As `bill_distribution`, and where appropriation or confidence is wrong.

    Notes
    -----
    Under `standard` a further member may make a unit miss the floor; and where a unit
    has several rows, a row may lose a member when the unit gains one (the paradox of
    largest remainders). Then every per cent is tried.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    >>> carried = largest_membership(120_000, counts)
    >>> carried.percent, carried.members
    (197, 84)
    """
    rules = rules or AwardRules()
    is_rising = (
        _check(appropriation_yuan, counts, rules)
        and rules.floor != "standard"
        and bool(counts["unit"].is_unique)
    )

    def find(percent: int) -> BillDistribution:
        return bill_distribution(scale_members(counts, percent), rules, model)

    most = MOST_MEMBERS_PERCENT
    percent = _search(find, appropriation_yuan, confidence, most, is_rising)
    members = int(scale_members(counts, percent or 0)["members"].sum())
    return _tell(find, percent, most, members, not is_rising)


def prize_scale(
    appropriation_yuan: int,
    counts: pd.DataFrame,
    rules: AwardRules | None = None,
    model: PassModel | None = None,
    confidence: float = 0.95,
) -> Carried:
    """Return the largest share of the prizes that keeps the bill within a cap (F9).

    Parameters
    ----------
    appropriation_yuan
        The cap, whole yuan.
    counts, rules, model
        As in `bill_distribution`; every prize is hu(prize x percent / 100) yuan.
    confidence
        Least chance that the cap holds, above 0 and below 1.

    Returns
    -------
    Carried
        In whole per cent of today's prizes, 0 to 100. The bill never falls when
        prizes rise, so this is a bisection under every rule.

    Raises
    ------
    InputError
        As `bill_distribution`, and where appropriation or confidence is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    >>> prize_scale(60_000, counts).percent
    95
    """
    rules = rules or AwardRules()
    _check(appropriation_yuan, counts, rules)

    def find(percent: int) -> BillDistribution:
        prizes = half_up(np.array(rules.prizes_yuan) * percent, 100)
        scaled = rules.model_copy(update={"prizes_yuan": tuple(prizes.tolist())})
        return bill_distribution(counts, scaled, model)

    percent = _search(find, appropriation_yuan, confidence, 100, is_rising=True)
    return _tell(find, percent, 100, int(counts["members"].sum()), is_scanned=False)


def _check(appropriation_yuan: int, counts: pd.DataFrame, rules: AwardRules) -> bool:
    # refuse what is wrong; tell whether the bill never falls when more people pass
    tariff = read_tariff(rules)
    check_appropriation(appropriation_yuan)
    check_counts(counts, tariff.is_by_grid)
    # two periods: the few people of a small pool are an exception in the first only
    bills = tariff.price(np.arange(2 * PERIOD + 1))
    return bool((np.diff(bills, axis=-1) >= 0).all())


def _search(
    find: Find, cap_yuan: int, confidence: float, most: int, is_rising: bool
) -> int | None:
    def fits(percent: int) -> bool:
        return find(percent).appropriation_for(confidence) <= cap_yuan

    if not is_rising:
        return next((x for x in range(most, -1, -1) if fits(x)), None)
    carried, failing = -1, most + 1
    while failing - carried > 1:
        middle = (carried + failing) // 2
        if fits(middle):
            carried = middle
        else:
            failing = middle
    return None if carried < 0 else carried


def _tell(
    find: Find, percent: int | None, most: int, members: int, is_scanned: bool
) -> Carried:
    if percent is None:
        return Carried(None, most, 0, None, is_scanned)
    return Carried(percent, most, members, find(percent), is_scanned)
