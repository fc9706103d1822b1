"""The money of one year's plan, as a value whose sums agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridopt.accounts import Remark, find_breaks, kinds_of
from gridopt.cards import Card, Shown
from gridopt.rules import list_choices
from gridopt.terms import AWARD_PAYERS, BudgetRules, PaidTime
from gridopt.words import ITEMS, yuan_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from gridopt.awards.appraised import Settlement
    from gridopt.awards.shortfall import Payment


@dataclass(frozen=True, repr=False)
class Budget(Shown):
    """The money of one year's plan; cannot be made with sums that disagree.

    Attributes
    ----------
    lines
        Who pays what, columns `LINE_COLUMNS`, see `list_lines`; `fiscal_year` is empty
        where no year was given. A line without payer has nobody to bear it, or
        nobody yet known.
    awards
        The settlement pool by pool, columns `AWARD_COLUMNS`.
    grids
        Activity money grid by grid (F4), columns `GRID_COLUMNS`; no rows where the
        budget was made without grids.
    funding
        The award bill in the two readings of F6 and F9, columns `FUNDING_COLUMNS`:
        gross need, money to pool (empty: unknown), net new money, gap.
    award_least_yuan, award_most_yuan
        Hard bounds of the award bill, see `settle_awards`.
    remarks
        What must be said with the figures.
    rules
        The choices in force.
    time
        Which part of the year the activity money pays, at which rates.
    parts
        Activity money of each unit before it is rounded, in 1 / `terms.PARTS` yuan,
        by unit.
    year
        The year of the grids' work.
    settlement, payment
        Who gets which star, and what is paid of it: where the results are known.
    counts
        Members who count for the awards, as `settle_awards` takes them: in the
        planned case.
    """

    lines: pd.DataFrame
    awards: pd.DataFrame
    grids: pd.DataFrame
    funding: pd.DataFrame
    award_least_yuan: int
    award_most_yuan: int
    remarks: tuple[Remark, ...]
    rules: BudgetRules
    time: PaidTime
    parts: pd.Series
    year: int | None = None
    settlement: Settlement | None = None
    payment: Payment | None = None
    counts: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        """Refuse sums that disagree and a bill outside its bounds."""
        broken = find_breaks(self.lines, self.awards, self.grids, self.rules)
        paid = self.payment
        if paid is not None and paid.arrears_paid_yuan != self.arrears_yuan:
            broken.append("the arrears paid are not those of the lines")
        if not self.award_least_yuan <= self.award_yuan <= self.award_most_yuan:
            broken.append("the award bill lies outside its bounds")
        if broken:
            raise ValueError(f"A budget that cannot be: {'; '.join(broken)}.")

    @property
    def activity_yuan(self) -> int:
        """Activity money of the year, whole yuan."""
        return self._sum("activity")

    @property
    def award_yuan(self) -> int:
        """Award bill of the year, planned or settled, whole yuan."""
        return self._sum("award")

    @property
    def arrears_yuan(self) -> int:
        """Awards of earlier years that are paid with this year's, whole yuan."""
        return self._sum("arrears")

    def _sum(self, kind: str) -> int:
        is_kind = kinds_of(self.lines) == kind
        return int(self.lines.loc[is_kind, "amount_yuan"].sum())

    @property
    def total_yuan(self) -> int:
        """Activity money, awards and arrears, whole yuan."""
        return int(self.lines["amount_yuan"].sum())

    @property
    def least_yuan(self) -> int:
        """Least that the total can come to, whole yuan."""
        return self.activity_yuan + self.award_least_yuan + self.arrears_yuan

    @property
    def most_yuan(self) -> int:
        """Most that the total can come to, whole yuan."""
        return self.activity_yuan + self.award_most_yuan + self.arrears_yuan

    @property
    def totals(self) -> dict[str, int]:
        """Name every total as `summary.json` does; once paid, also what is left."""
        told = {
            "activity_yuan": self.activity_yuan,
            "award_yuan": self.award_yuan,
            "total_yuan": self.total_yuan,
            "least_yuan": self.least_yuan,
            "most_yuan": self.most_yuan,
            "arrears_paid_yuan": self.arrears_yuan,
        }
        if self.payment is not None:
            names = ("due_yuan", "paid_yuan", "deferred_yuan", "gap_yuan")
            told |= {name: getattr(self.payment, name) for name in names}
        return told

    def card(self) -> Card:
        """Tell the sums, within which bounds they lie, and who pays them.

        Examples
        --------
        >>> from gridopt.budget import budget_counts
        >>> print(budget_counts({"331083001": 20, "331083002": 23}, year=2025))
        经费预算
          年度：2025年
          网格工作活动经费：21,500元
          星级奖励（以奖代补）：58,000元
          合计：79,500元
          最低和最高可能：74,500元至85,500元
          测算依据：预计合格率90%
          资金承担单位           金额（元）
          市财政局                   58,000
          各二级统计网格（2个）      21,500
        """
        year = "未定" if self.year is None else f"{self.year}年"
        basis = f"预计合格率{self.rules.pass_percent}%"
        span = f"{yuan_text(self.least_yuan)}至{yuan_text(self.most_yuan)}"
        bounds: tuple[tuple[str, str], ...] = (("最低和最高可能", span),)
        if self.settlement is not None:
            basis, bounds = "评定结果", ()
        arrears = (ITEMS["arrears"], yuan_text(self.arrears_yuan))
        owed = (arrears,) if self.arrears_yuan else ()
        facts = (
            ("年度", year),
            (ITEMS["activity"], yuan_text(self.activity_yuan)),
            (ITEMS["award"], yuan_text(self.award_yuan)),
            *owed,
            ("合计", yuan_text(self.total_yuan)),
            *bounds,
            ("测算依据", basis),
        )  # fmt: skip
        return Card(
            title="经费预算",
            brief=f"{year}，合计{yuan_text(self.total_yuan)}",
            facts=facts,
            headings=("资金承担单位", "金额（元）"),
            rows=tuple(self._payers()),
        )

    def _payers(self) -> Iterable[tuple[str, str]]:
        """Name departments that pay; units, of which it has codes only, together."""
        sums = self.lines.groupby("payer")["amount_yuan"].sum()
        for payer, name in AWARD_PAYERS.items():
            if payer in sums:
                yield name, f"{sums[payer]:,}"
        units = sums.drop(["", *AWARD_PAYERS], errors="ignore")
        if len(units):
            yield f"各二级统计网格（{len(units)}个）", f"{units.sum():,}"
        if "" in sums:
            yield "承担单位未定", f"{sums['']:,}"

    @property
    def choices(self) -> list[dict[str, Any]]:
        """Every choice in force with its clause, see `list_choices`."""
        return list_choices(self.rules)
