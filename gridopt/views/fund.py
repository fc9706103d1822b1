"""Where the year's award money goes: arrears, prizes, what is carried over (F9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.views.sheet import Formula, cell_name

if TYPE_CHECKING:
    from gridopt.budget import Budget
    from gridopt.views.settlement import Settled
    from gridopt.views.sheet import Sheet

_AMOUNT, _LAST = 5, 8


def write_fund(sheet: Sheet, budget: Budget, settled: Settled) -> None:
    """Write where the award money goes, once it is paid and was short or owed.

    Every sum follows from the two yellow cells, from what is due and what is paid.
    """
    payment, rules = budget.payment, budget.rules
    cap, arrears = rules.appropriation_yuan, rules.deferred_yuan
    if payment is None or (cap is None and not arrears):
        return
    sheet.section("五、星级奖励资金收支和结转")
    sheet.wide("年度可用资金先付以前年度未付的，再付本年度奖励。", "note")
    _write(sheet, ("事项", "金额（元）", "说明"), ("head", "head", "head"))
    money = _put(sheet, "年度可用资金", cap, "情景设定；空着为不设上限", "input")
    owed = _put(sheet, "以前年度未付", arrears, "情景设定", "input")
    is_full = payment.paid_yuan == payment.due_yuan
    total = Formula(f"={settled.total}", payment.paid_yuan)
    due = _put(
        sheet, "本年度应发", total if is_full else payment.due_yuan, "按评定结果"
    )
    first = _put(
        sheet, "支付以前年度未付",
        Formula(f'=IF({money}="",{owed},MIN({owed},{money}))',
                payment.arrears_paid_yuan), "先付",
    )  # fmt: skip
    paid = _put(sheet, "支付本年度奖励", total, "取自“星级奖励结算”")
    unpaid = f"{due}-{paid}"
    cut = 0 if rules.shortfall == "defer" else payment.due_yuan - payment.paid_yuan
    _put(
        sheet, "本年度核减（不再支付）",
        Formula(f"={unpaid}", cut) if rules.shortfall != "defer" else 0,
        "按比例折减或降低星级的差额",
    )  # fmt: skip
    carried = f"={owed}-{first}" + ("+" + unpaid if rules.shortfall == "defer" else "")
    _put(sheet, "结转下年度", Formula(carried, payment.deferred_yuan), "下年度最先支付")
    _put(
        sheet, "缺口",
        Formula(f'=IF({money}="",0,MAX(0,{paid}-({money}-{first})))',
                payment.gap_yuan), "支付超出可用资金的部分",
    )  # fmt: skip


def _put(
    sheet: Sheet, label: str, value: object, note: str, style: str = "yuan"
) -> str:
    _write(sheet, (label, value, note), ("text", style, "text"))
    return cell_name(sheet.row - 1, _AMOUNT, is_fixed=True)


def _write(
    sheet: Sheet, told: tuple[str, object, str], styles: tuple[str, str, str]
) -> None:
    """Write label, value and note on one row, label and note over several columns."""
    (label, value, note), row = told, sheet.row
    sheet.merge(row, (0, _AMOUNT - 1), label, styles[0])
    sheet.merge(row, (_AMOUNT + 1, _LAST), note, styles[2])
    sheet.put(row, _AMOUNT, value, styles[1])
    sheet.row += 1
