"""What is paid where the bill is larger than the money there is (choice I)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.awards.rounding import IntArray, share_out

if TYPE_CHECKING:
    from gridopt.awards.rules import AwardRules


@dataclass(frozen=True)
class Payment:
    """What is paid of a bill, and what becomes of the rest.

    Attributes
    ----------
    star, amount_yuan
        Star and payment of each person, shape (n,).
    due_yuan, paid_yuan
        Sum of the prizes as settled, and of the payments.
    deferred_yuan
        First claim on next year's money: of this year's prizes and of earlier arrears.
    gap_yuan
        What is due and neither paid nor deferred, where the payments exceed the
        appropriation too: what the rule leaves open.
    arrears_paid_yuan
        Arrears of earlier years that this year's money pays, before any prize.
    """

    star: IntArray
    amount_yuan: IntArray
    due_yuan: int
    paid_yuan: int
    deferred_yuan: int
    gap_yuan: int
    arrears_paid_yuan: int


def pay(star: IntArray, rank: IntArray, rules: AwardRules) -> Payment:
    """Pay the stars out of the appropriation (F9).

    Parameters
    ----------
    star
        Star of each person, 0 to 3, shape (n,).
    rank
        The lower, the better the person, shape (n,), all different.
    rules
        With `appropriation_yuan` (None: no limit), `deferred_yuan` (arrears of
        earlier years, paid first) and `shortfall`: `none` pays in full and reports the
        gap; `scale` pays everybody the same part, whole yuan by largest remainder,
        ties to the better; `defer` does so and carries the rest over; `reduce` takes
        a star from the lowest of three stars upward, then of two, until it suffices.

    Examples
    --------
    >>> from gridopt.awards import AwardRules
    >>> rules = AwardRules(appropriation_yuan=5000, shortfall="reduce")
    >>> paid = pay(np.array([3, 2, 1]), np.array([0, 1, 2]), rules)
    >>> paid.star.tolist(), paid.paid_yuan, paid.gap_yuan
    ([2, 2, 1], 5000, 0)
    """
    prizes = np.array([0, *rules.prizes_yuan], dtype=np.int64)
    due = int(prizes[star].sum())
    arrears, arrears_paid = rules.deferred_yuan, rules.arrears_paid_yuan
    cap = rules.prize_money_yuan
    if cap is None:
        return Payment(star, prizes[star], due, due, 0, 0, arrears)
    if rules.shortfall == "reduce":
        star = _reduce(star, rank, prizes, cap)
    amount = prizes[star]
    if rules.shortfall in ("scale", "defer") and due > cap:
        order = np.argsort(rank, kind="stable")
        amount = np.empty_like(amount)
        amount[order] = share_out(cap, prizes[star][order])
    paid = int(amount.sum())
    owed = due - paid if rules.shortfall == "defer" else 0
    return Payment(
        star=star,
        amount_yuan=amount,
        due_yuan=due,
        paid_yuan=paid,
        deferred_yuan=owed + arrears - arrears_paid,
        gap_yuan=max(0, paid - cap),
        arrears_paid_yuan=arrears_paid,
    )


def _reduce(star: IntArray, rank: IntArray, prizes: IntArray, cap: int) -> IntArray:
    reduced = star.copy()
    for level in (3, 2):
        excess = int(prizes[reduced].sum()) - cap
        saving = int(prizes[level] - prizes[level - 1])
        if excess <= 0 or not saving:
            continue
        holders = np.flatnonzero(reduced == level)
        lowest_first = holders[np.argsort(-rank[holders], kind="stable")]
        reduced[lowest_first[: -(-excess // saving)]] = level - 1
    return reduced
