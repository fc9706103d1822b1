"""Who keeps an old category, and may he: recounted from the two plans' codes alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from gridopt.change.settings import ChangeRules
    from gridopt.register import Register
    from gridopt.verification.claims import Ledger
    from gridopt.verification.folder import Folder

_COLUMNS = ("unit", "category", "industry", "kept_category", "industry_edition")


def check_kept(
    ledger: Ledger,
    folder: Folder,
    register: Register,
    rows: pd.DataFrame,
    previous: pd.DataFrame | None,
) -> None:
    """Nobody keeps a category but survivors whose code a revision changed (P3, P13).

    The category kept is that of the grid before; whoever keeps one stands in the block
    of its kind; and codes and edition, from which the next plan tells a revision, are
    those of the register.
    """
    industry = register.enterprises["industry"].loc[rows.index]
    ledger.hold_column("partition.csv", rows, "industry", industry)
    edition = pd.Series(register.rules.industry_edition or "", index=rows.index)
    ledger.hold_column("partition.csv", rows, "industry_edition", edition)
    if "kept_category" not in rows:
        ledger.hold("partition.csv", "kept_category", "（缺列）", "应有此列")
        return
    told = rows[rows["kept_category"] != ""]
    allowed = _allowed(folder, register, previous).reindex(told.index).fillna("")
    ledger.n_claims += len(told)
    wrong = told[told["kept_category"] != allowed]
    ledger.n_claims -= len(wrong)
    for enterprise_id, one in wrong.iterrows():
        ledger.deny(
            "partition.csv",
            int(one["_row"]),
            "kept_category",
            claimed=str(one["kept_category"]),
            found=str(allowed[enterprise_id]),
            about=f"{enterprise_id} 没有因分类修订留在原类别的依据",
        )
    _check_placed(ledger, folder, register, rows)


def _allowed(
    folder: Folder, register: Register, previous: pd.DataFrame | None
) -> pd.Series:
    """Category that each survivor may keep, by what the two plans say."""
    nothing = pd.Series(dtype=object)
    if previous is None or not folder.scenario.grids.keep_revised:
        return nothing
    if not {"category", "industry"} <= set(previous.columns):
        return nothing
    then = previous.reindex(columns=list(_COLUMNS)).fillna("")
    then = then[then["industry"] != ""]
    now = register.enterprises.reindex(
        then.index.intersection(register.enterprises.index)
    )
    then = then.loc[now.index]
    is_revision = _was_revised(then, now, register, folder.scenario.changes)
    then = then[_is_same_unit(folder, register, then)]
    now = now.loc[then.index]
    of_grid = then["kept_category"].mask(then["kept_category"] == "", then["category"])
    is_changed = then["industry"] != now["industry"]
    may = (then["kept_category"] != "") & ~is_changed
    if is_revision:
        may |= is_changed
    return of_grid[may & (of_grid != now["category"])]


def _is_same_unit(folder: Folder, register: Register, then: pd.DataFrame) -> pd.Series:
    """Tell who lies where the plan before had it, by its category of then (P11)."""
    unit = register.enterprises["unit"].loc[then.index]
    return _routed(folder, register, unit, then["category"]) == then["unit"]


def _routed(
    folder: Folder, register: Register, unit: pd.Series, category: pd.Series
) -> pd.Series:
    departments = [
        code
        for code in register.units.codes
        if (known := register.units.get(code)) and known.kind == "department"
    ]
    if not departments or not folder.scenario.grids.bureau_owns:
        return unit
    bureau = [c.key for c in register.classification.categories if c.is_bureau]
    return unit.mask(category.isin(bureau), departments[0])


def _was_revised(
    then: pd.DataFrame, now: pd.DataFrame, register: Register, rules: ChangeRules
) -> bool:
    """Tell whether so many codes, or whole codes, changed that it was a revision."""
    edition = register.rules.industry_edition or ""
    told = set(then["industry_edition"])
    if edition and len(told) == 1 and told.isdisjoint({"", edition}):
        return True
    n = len(then)
    is_changed = then["industry"] != now["industry"]
    if is_changed.sum() >= max(rules.revision_least, rules.revision_share * n):
        return True
    by_code = now["industry"].groupby(then["industry"])
    most = by_code.agg(lambda codes: codes.value_counts().iloc[0])
    goal = by_code.agg(lambda codes: codes.value_counts().index[0])
    holders = by_code.size()
    whole = (holders >= 3) & (most >= 0.8 * holders) & (goal != goal.index)
    return bool(most[whole].sum() >= max(rules.mapped_least, rules.mapped_share * n))


def _check_placed(
    ledger: Ledger, folder: Folder, register: Register, rows: pd.DataFrame
) -> None:
    """All of one unit and category, kept or own, stand in one block."""
    placed = rows["kept_category"].mask(rows["kept_category"] == "", rows["category"])
    unit = register.enterprises["unit"].loc[rows.index]
    base = _routed(folder, register, unit, placed) + "-" + placed
    by_hand = folder.exceptions.query("kind == 'moved_by_hand'")["block_id"]
    asked = ~rows["block_id"].isin(by_hand)
    blocks = rows.loc[asked, "block_id"].groupby(base[asked])
    n_blocks = blocks.nunique()
    ledger.n_claims += len(n_blocks)
    for name in n_blocks.index[n_blocks > 1]:
        ledger.n_claims -= 1
        ledger.deny(
            "partition.csv",
            None,
            "block_id",
            claimed="、".join(sorted(set(blocks.get_group(name)))),
            found="1",
            about=f"{name} 的企业应在同一划分单元",
        )
