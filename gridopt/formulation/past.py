"""What the plan in force says of today's enterprises and blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.blocks import route_units
from gridopt.errors import InputError
from gridopt.homes import homes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.blocks import Block
    from gridopt.problem import GridRules
    from gridopt.register import Register

_SHOWN_LETTERS = 300


@dataclass(frozen=True)
class Past:
    """The plan in force, seen from the register of today.

    Attributes
    ----------
    grid_of
        Previous grid of each enterprise of the register, empty for a newcomer,
        shape (n,).
    host_of
        Block that the enterprise was in, shape (n,); empty for a newcomer, for who
        has changed unit or category since, and where the plan does not say.
    grid_ids
        All ids the previous plan used, ascending.
    n_enterprises
        How many enterprises the previous plan names.
    """

    grid_of: np.ndarray
    host_of: np.ndarray
    grid_ids: tuple[str, ...]
    n_enterprises: int = 0

    @property
    def n_survivors(self) -> int:
        """How many of today's enterprises had a grid."""
        return int((self.grid_of != "").sum())

    @classmethod
    def of(
        cls,
        register: Register,
        previous: pd.DataFrame | None,
        *,
        bureau_owns: bool = True,
    ) -> Past:
        """Read the past of a register's enterprises from a plan's enterprises.

        Parameters
        ----------
        previous
            The plan in force, None where there is none.
        bureau_owns
            Whether firms are routed to the bureau today (P11).

        Raises
        ------
        InputError
            Where the plan lacks a column, names an enterprise twice, shares no
            enterprise with the register, or was made under another classification.
        """
        n = len(register.enterprises)
        if previous is None:
            nowhere = np.full(n, "", dtype=object)
            return cls(nowhere, nowhere, ())
        frame = _checked_plan(previous)
        known = frame["grid_id"].reindex(register.enterprises.index)
        if known.isna().all():
            raise InputError(
                f"上期方案的 {len(frame)} 家企业无一在本期名录中，"
                "请核对是否为同一地区的方案。",
                f"None of the {len(frame)} enterprises of the previous plan stands in "
                "the register: check that both are of the same place.",
            )
        _refuse_classification(register, frame)
        return cls(
            grid_of=known.fillna("").to_numpy(dtype=object),
            host_of=_hosts_of(register, frame, bureau_owns),
            grid_ids=tuple(sorted(set(frame["grid_id"]) - {""})),
            n_enterprises=len(frame),
        )


def _refuse_classification(register: Register, plan: pd.DataFrame) -> None:
    """Refuse a plan whose categories are not those of today's classification."""
    if "category" not in plan:
        return
    found = plan["category"].fillna("").astype(str)
    known = {category.key for category in register.classification.categories}
    strange = found[~found.isin({*known, ""})]
    if strange.empty:
        return
    names = sorted(set(strange))
    shown = ", ".join(names[:3])
    raise InputError(
        f"上期方案按另一套行业分类划分：{len(plan)} 家企业中有 {len(strange)} 家"
        f"属于现行分类中没有的类别（共 {len(names)} 类，例如 {shown}）。请在情景文件 "
        "classification 一节改用当时的分类，或先用现行分类对上期名录重新划分，"
        "再以其结果作为上期方案。",
        f"The previous plan was made under another classification: {len(strange)} of "
        f"its {len(plan)} enterprises are of {len(names)} categories that today's does "
        f"not have, such as {shown}. Name that classification in the scenario, or cut "
        "the earlier register under today's first and start from that plan.",
    )


def remarks_on(
    past: Past, rules: GridRules, band: tuple[int, int] | None
) -> list[tuple[str, str]]:
    """Say in Chinese and English what is odd about a plan in force, if anything.

    Another band, and few enterprises in common, are no errors, nor passed over.

    Parameters
    ----------
    band
        Least and most that the plan in force was cut by, None where unknown.
    """
    remarks = []
    now = (rules.least, rules.most)
    if band is not None and band != now:
        then_text, now_text = (f"{least}–{most}" for least, most in (band, now))
        remarks.append(
            (
                f"上期方案按每网格 {then_text} 家划分，本期区间为 {now_text} 家，"
                "不合本期区间的网格按本期区间调整。",
                f"The previous plan was cut into grids of {then_text}; today's band is "
                f"{now_text}, by which grids that do not keep it are cut anew.",
            )
        )
    if 2 * past.n_survivors < past.n_enterprises:
        remarks.append(
            (
                f"上期方案的 {past.n_enterprises} 家企业中，仅 {past.n_survivors} 家在"
                "本期名录中，请核对是否为同一地区、同一口径的名录。",
                f"Only {past.n_survivors} of the {past.n_enterprises} enterprises of "
                "the previous plan are in the register: check that both are of one "
                "place and one kind.",
            )
        )
    return remarks


def _hosts_of(register: Register, plan: pd.DataFrame, bureau_owns: bool) -> np.ndarray:
    now = register.enterprises
    if not {"unit", "category", "block_id"} <= set(plan.columns):
        return np.full(len(now), "", dtype=object)
    then = plan[["unit", "category", "block_id"]].reindex(now.index).fillna("")
    unit = route_units(register, bureau_owns=bureau_owns)
    stays = (then["unit"] == unit) & (then["category"] == now["category"])
    return then["block_id"].where(stays, "").to_numpy(dtype=object)


def _checked_plan(previous: pd.DataFrame) -> pd.DataFrame:
    frame = previous
    if frame.index.name != "enterprise_id" and "enterprise_id" in frame:
        frame = frame.set_index("enterprise_id")
    if "grid_id" not in frame or frame.index.name != "enterprise_id":
        found = "、".join(map(str, previous.columns))[:_SHOWN_LETTERS]
        raise InputError(
            f"上期方案缺少列 enterprise_id 或 grid_id，现有列：{found}。"
            "请使用上期运行目录中的 partition.csv。",
            f"The previous plan needs the columns enterprise_id and grid_id; it has "
            f"{', '.join(map(str, previous.columns))[:_SHOWN_LETTERS]}: give a run's "
            "partition.csv.",
        )
    frame = frame.assign(grid_id=frame["grid_id"].fillna("").astype(str))
    twice = frame.index[frame.index.duplicated()].unique()
    if len(twice):
        shown = ", ".join(map(str, twice[:3]))
        raise InputError(
            f"上期方案中有 {len(twice)} 家企业出现不止一次，例如 {shown}。"
            "请每家只保留一行。",
            f"{len(twice)} enterprises stand more than once in the previous plan, for "
            f"example {shown}: keep one row each.",
        )
    return frame


def labels_of_blocks(blocks: Sequence[Block], past: Past) -> list[tuple[str, ...]]:
    """Give each previous grid to the block that holds most of its survivors.

    Ties go to the smaller block id; a grid with no survivor belongs to none.

    Returns
    -------
    list of tuple
        Per block the ids of its previous grids, ascending.
    """
    labels: list[list[str]] = [[] for _ in blocks]
    if past.grid_ids:
        for grid_id, block in _homes(blocks, past):
            labels[block].append(grid_id)
    return [tuple(sorted(of_block)) for of_block in labels]


def _homes(blocks: Sequence[Block], past: Past) -> list[tuple[str, int]]:
    """Pair each previous grid that has survivors with the position of its block."""
    by_id = sorted(range(len(blocks)), key=lambda at: blocks[at].block_id)
    members = np.concatenate([blocks[at].members for at in by_id])
    rank = np.repeat(np.arange(len(by_id)), [len(blocks[at].members) for at in by_id])
    grids, names = pd.factorize(past.grid_of[members])
    found = zip(names.tolist(), rank[homes_of(grids, rank)].tolist(), strict=True)
    return [(grid_id, by_id[at]) for grid_id, at in found if grid_id]
