"""What has to be said beside the money of a year whose results are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.accounts import Remark
from gridopt.findings import some, some_ids

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.awards.appraised import Settlement
    from gridopt.awards.shortfall import Payment
    from gridopt.results import Results
    from gridopt.terms import BudgetRules

NO_DATES = Remark(
    "F3",
    "评定结果表没有任职、离任日期，按全部人员全年在岗计算。",
    "The table of results has no days: everybody is taken to have served all year.",
)
NO_SCORES = Remark(
    "F6",
    "评定结果表没有得分，只计各星级人数，未确定到人。",
    "The table of results has no scores: stars are counted, not given to people.",
)
UNPAID = Remark(
    "F9",
    "星级奖励年度可用资金不足；未定到人，不能按所选办法处理，只列缺口。",
    "The appropriation does not suffice; stars are not given to people, so the rule "
    "chosen cannot be applied and only the gap is shown.",
)


def tell_results(
    results: Results, rules: BudgetRules, enterprises: pd.DataFrame | None
) -> list[Remark]:
    """Tell what the results leave out, and where they differ from the plan (F3, F10).

    Parameters
    ----------
    enterprises
        See `payments.list_enterprises`; nothing is compared where None.
    """
    told = [] if results.has_dates else [NO_DATES]
    if enterprises is not None:
        told += _tell_unnamed(results, rules, enterprises)
        told += _tell_elsewhere(results, enterprises)
    return told


def tell_payment(
    settlement: Settlement, payment: Payment | None, rules: BudgetRules
) -> list[Remark]:
    """Tell whether stars are given to people, and what was short (F6, F9)."""
    if payment is None:
        cap = rules.prize_money_yuan
        is_short = cap is not None and settlement.awards.amount_yuan > cap
        return [NO_SCORES, UNPAID] if is_short else [NO_SCORES]
    if payment.due_yuan > payment.paid_yuan or payment.gap_yuan:
        return [_tell_shortfall(payment, rules)]
    return []


def _tell_unnamed(
    results: Results, rules: BudgetRules, enterprises: pd.DataFrame
) -> list[Remark]:
    """Tell which enterprises of the plan the results name nobody of."""
    known = enterprises
    if not rules.groomed_paid:
        known = known[known["status"] != "groomed"]
    bare = known.index.difference(results.posts["enterprise_id"])
    if bare.empty:
        return []
    return [
        Remark(
            "F3",
            f"网格划分方案的{len(known)}家企业中有{len(bare)}家在评定结果表中没有人员"
            f"（{some(bare)}），其人员未计经费；有人在岗的，请补入评定结果表。",
            f"The results name nobody of {len(bare)} of the {len(known)} enterprises "
            f"in the plan ({some_ids(bare)}): no money is counted for them. Add "
            "whoever served there.",
        )
    ]


def _tell_elsewhere(results: Results, enterprises: pd.DataFrame) -> list[Remark]:
    """Tell which rows name another unit than the one whose grid the firm is in."""
    if "unit" not in enterprises:
        return []
    posts = results.posts
    appraiser = posts["enterprise_id"].map(enterprises["unit"])
    other = posts[posts["unit"] != appraiser]
    if other.empty:
        return []
    firms, rows = other["enterprise_id"], other["row"]
    return [
        Remark(
            "F10",
            f"评定结果表共{len(posts)}行，有{len(other)}行的单位不是网格划分方案中负责"
            f"该企业的二级统计网格（{some(firms)}，第{some(rows)}行）；奖励和经费均按"
            "评定结果表所列单位计算，请核对。",
            f"{len(other)} of {len(posts)} rows of results name another unit than the "
            f"one whose grid the enterprise is in ({some_ids(firms)}; rows "
            f"{some_ids(rows)}). Money follows the results; please check.",
        )
    ]


def _tell_shortfall(payment: Payment, rules: BudgetRules) -> Remark:
    cap = rules.appropriation_yuan or 0
    before = payment.arrears_paid_yuan
    return Remark(
        "F9",
        f"星级奖励应发{payment.due_yuan:,}元，可用资金{cap:,}元"
        + (f"（其中先付以前年度{before:,}元）" if before else "")
        + f"，实发{payment.paid_yuan:,}元，列下年度{payment.deferred_yuan:,}元，"
        f"缺口{payment.gap_yuan:,}元。",
        f"Due {payment.due_yuan:,} yuan, appropriation {cap:,}"
        + (f" ({before:,} of it for earlier years)" if before else "")
        + f", paid {payment.paid_yuan:,}, deferred {payment.deferred_yuan:,}, gap "
        f"{payment.gap_yuan:,}.",
    )
