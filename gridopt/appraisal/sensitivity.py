"""What each assumption is worth: the bill with one of them changed at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.appraisal.distribution import BillDistribution, bill_distribution, to_yuan
from gridopt.appraisal.groups import check_counts, scale_members
from gridopt.appraisal.model import PassModel
from gridopt.appraisal.tariff import read_tariff
from gridopt.awards.rules import AwardRules
from gridopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COLUMNS = (
    *("change", "label_zh", "mean_yuan", "sd_yuan", "p95_yuan"),
    *("mean_difference_yuan", "p95_difference_yuan"),
)


@dataclass(frozen=True)
class Change:
    """One assumption taken otherwise.

    Attributes
    ----------
    change, label_zh
        Its id, and what a planner reads.
    members_percent
        Every unit has hu(m x members_percent / 100) members.
    rules, model
        Fields of `AwardRules` and of `PassModel` with the values they take; a
        `pass_share` here is that of every member, in place of any column.
    """

    change: str
    label_zh: str
    members_percent: int = 100
    rules: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a change of what there is not, or to a value out of range."""
        percent = self.members_percent
        try:
            AwardRules(**self.rules)
            PassModel(**self.model)
            if isinstance(percent, bool) or not isinstance(percent, int) or percent < 0:
                raise TypeError(f"members_percent={percent!r}")
        except (TypeError, InputError) as fault:
            zh, en = (
                getattr(fault, f"message_{key}", f"{fault}") for key in ("zh", "en")
            )
            raise InputError(
                f"敏感性分析的变动 {self.change} 无法采用：{zh.rstrip('。')}。",
                f"The change {self.change} cannot be made: {en.rstrip('.')}.",
            ) from fault


CHANGES = (
    Change("members_90", "成员减少10%", members_percent=90),
    Change("members_110", "成员增加10%", members_percent=110),
    Change("members_105", "计入副网格长（成员增加5%）", members_percent=105),
    Change(
        "members_115",
        "计入副网格长、网格长和网格指导员（成员增加15%）",
        members_percent=115,
    ),
    Change("pass_80", "通过概率80%", model={"pass_share": 0.80}),
    Change("pass_85", "通过概率85%", model={"pass_share": 0.85}),
    Change("pass_95", "通过概率95%", model={"pass_share": 0.95}),
    Change("pass_98", "通过概率98%", model={"pass_share": 0.98}),
    Change("floor_low", "三星级、二星级向下取整", rules={"rounding": "floor_low"}),
    Change("cum_ceil", "由高星级累计，向上取整", rules={"rounding": "cum_ceil"}),
    Change("floor_none", "不设最低合格率", rules={"floor": "none"}),
    Change("floor_standard", "最低合格率为门槛", rules={"floor": "standard"}),
    Change("floor_exact", "合格人数恰为最低合格率", rules={"floor": "exact"}),
    Change("unit_sd_0", "各单位宽严一致", model={"unit_sd": 0.0}),
    Change("unit_sd_1", "各单位宽严标准差为1", model={"unit_sd": 1.0}),
    Change("city_sd_0", "各年宽严一致", model={"city_sd": 0.0}),
    Change("city_sd_60", "各年宽严标准差为0.6", model={"city_sd": 0.6}),
)
"""What is open in the text, or least known (F5, F6, F7)."""


def tornado(
    counts: pd.DataFrame,
    rules: AwardRules | None = None,
    model: PassModel | None = None,
    changes: Iterable[Change] | None = None,
) -> pd.DataFrame:
    """Return what the bill becomes when one assumption changes at a time, exactly.

    Parameters
    ----------
    counts, rules, model
        The base, as in `bill_distribution`.
    changes
        `CHANGES` where None.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, the base in the first row, then the changes in their order.
        Whole yuan; expectations and their differences are rounded half up at the end.

    Raises
    ------
    InputError
        As `bill_distribution`, for the base or for any change.

    Examples
    --------
    >>> counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    >>> table = tornado(counts, changes=[Change("half", "减半", members_percent=50)])
    >>> table[["change", "mean_yuan", "p95_difference_yuan"]].to_numpy().tolist()
    [['base', 58434, 0], ['half', 30045, -30000]]
    """
    rules, model = rules or AwardRules(), model or PassModel()
    check_counts(counts, read_tariff(rules).is_by_grid)
    base = Change("base", "基准")
    listed = [base, *(CHANGES if changes is None else changes)]
    bills = [_find(counts, rules, model, change) for change in listed]
    rows = [
        _compare(change, bill, bills[0])
        for change, bill in zip(listed, bills, strict=True)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _find(
    counts: pd.DataFrame, rules: AwardRules, model: PassModel, change: Change
) -> BillDistribution:
    if change.members_percent != 100:
        counts = scale_members(counts, change.members_percent)
    if "pass_share" in change.model:
        counts = counts.drop(columns="pass_share", errors="ignore")
    changed = rules.model_copy(update=dict(change.rules))
    return bill_distribution(counts, changed, replace(model, **change.model))


def _compare(
    change: Change, bill: BillDistribution, base: BillDistribution
) -> tuple[object, ...]:
    p95 = bill.quantile(0.95)
    return (
        change.change,
        change.label_zh,
        to_yuan(bill.mean_yuan),
        to_yuan(bill.sd_yuan),
        p95,
        to_yuan(bill.mean_yuan - base.mean_yuan),
        p95 - base.quantile(0.95),
    )
