"""Whether the sums of a budget's workbook agree, and what it was made with."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from gridopt.awards.floors import least_qualified
from gridopt.release import VERSION
from gridopt.views.sheet import Column, Formula, cell_name

if TYPE_CHECKING:
    from gridopt.budget import Budget
    from gridopt.views.money import Money
    from gridopt.views.settlement import Settled
    from gridopt.views.sheet import Sheet

COLUMNS = (
    Column("核对事项", "text", 44),
    Column("表内数", "yuan", 18),
    Column("应为", "yuan", 18),
    Column("结果", "check", 10),
    Column("说明", "text", 60),
)
_PACKAGES = ("numpy", "ortools", "pandas")


def write_checks(sheet: Sheet, budget: Budget, spent: Money, settled: Settled) -> None:
    """Write which sums must agree, live where they stand in the workbook.

    Parameters
    ----------
    spent, settled
        Where the totals of the budget and of the settlement stand.
    """
    sheet.wide("“表内数”和“应为”相等的为“符合”；改动黄色单元格后自动重新核对。", "note")
    sheet.headings([column.heading for column in COLUMNS], is_kept=True)
    fixed, award = budget.activity_yuan + budget.arrears_yuan, budget.award_yuan
    owed = "＋以前年度未付" if budget.arrears_yuan else ""
    _write(
        sheet, f"经费预算合计＝活动经费＋星级奖励结算合计{owed}",
        Formula(f"={spent.total}", budget.total_yuan),
        Formula(f"={fixed}+{settled.total}", fixed + award), "公式相加",
    )  # fmt: skip
    _write(
        sheet, "星级奖励结算合计＝系统测算", Formula(f"={settled.total}", award), award,
        "改动输入后不再相等，属正常",
    )  # fmt: skip
    for what, found, wanted, why in _engine_checks(budget):
        _write(sheet, what, found, wanted, why)
    sheet.section("测算依据")
    told = [
        ("抽签的随机种子", str(budget.rules.draw_seed)),
        ("同分处数", "无评定结果" if budget.settlement is None
         else str(len(budget.settlement.ties))),
        ("软件版本", "，".join([f"gridopt {VERSION}", *map(_tell, _PACKAGES)])),
    ]  # fmt: skip
    for name, value in told:
        sheet.cells([name, value, "", "", ""], ["text", "sign", "sign", "sign", "sign"])


def _engine_checks(budget: Budget) -> list[tuple[str, int, int, str]]:
    pools = budget.awards
    qualified = int(pools["qualified"].sum())
    stars = int(pools[["star1", "star2", "star3"]].to_numpy().sum())
    rules = budget.rules
    by_pool = int(pools["amount_yuan"].sum())
    why = "两张表相加"
    found = [
        ("各评定范围奖励之和＝各承担单位星级奖励之和", by_pool, budget.award_yuan, why)
    ]
    if len(budget.grids):
        by_grid = int(budget.grids["activity_yuan"].sum())
        why = "按网格分列的活动经费"
        found.append(
            ("各企业网格活动经费之和＝活动经费", by_grid, budget.activity_yuan, why)
        )
    if rules.rounding != "floor_unfilled" and qualified:
        why = "人人有星级；降低星级不减少人数"
        found.append(("各星级人数之和＝合格人数", stars, qualified, why))
    if rules.floor == "guarantee" and rules.floor_level == rules.pool:
        least = least_qualified(pools["members"].to_numpy(), rules.floor_percent)
        n_kept = int(np.sum(pools["qualified"].to_numpy() >= least))
        why = f"保底{rules.floor_percent}%"
        found.append(("达到最低合格率的评定范围（个）", n_kept, len(pools), why))
    return found


def _write(sheet: Sheet, what: str, found: object, wanted: object, why: str) -> None:
    one, two = (cell_name(sheet.row, column) for column in (1, 2))
    check = Formula(f'=IF({one}={two},"符合","不符")', "符合")
    styles = [column.style for column in COLUMNS]
    sheet.cells([what, found, wanted, check, why], styles)


def _tell(package: str) -> str:
    return f"{package} {version(package)}"
