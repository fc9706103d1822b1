"""How the reason of a change is put, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gridopt.names import name_unit
from gridopt.partition import name_grid

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.partition import Partition

_TEXTS = {
    "entered": ("本期新纳入划分", "New among the enterprises that belong to grids."),
    "left": (
        "本期名录纳入划分的企业中已没有该企业",
        "No longer among the enterprises that belong to grids.",
    ),
    "unknown": (
        "已不属于原网格所在的划分单元（上期方案没有写明单元和行业）",
        "It no longer belongs to the block of its old grid; the previous plan does "
        "not tell unit and category.",
    ),
    "new_block": (
        "单元、行业未变，所在小单元的合并方式与上期不同",
        "Unit and category are the same; its small block is joined otherwise now.",
    ),
    "new_unit": (
        "所属单元由{units[0]}变更为{units[1]}",
        "Its unit changed from {codes[0]} to {codes[1]}.",
    ),
    "new_category": (
        "行业由{kinds[0]}变更为{kinds[1]}",
        "Its category changed from {keys[0]} to {keys[1]}.",
    ),
    "new_unit_category": (
        "所属单元由{units[0]}变更为{units[1]}，行业由{kinds[0]}变更为{kinds[1]}",
        "Its unit changed from {codes[0]} to {codes[1]}, its category from {keys[0]} "
        "to {keys[1]}.",
    ),
    "by_hand": ("由人工调入{new}", "It was placed in the new grid by hand."),
    "wished": ("按情景中的指定要求调整", "As a wish of the scenario asks."),
    "dissolved": ("原网格撤销，并入其他网格", "Its old grid was closed."),
    "opened": ("所在划分单元新设网格", "A new grid was opened in its block."),
    "relocated": (
        "企业地址变化，现址离{new}的中心企业更近",
        "It has moved house and is nearer to the medoid of the new grid.",
    ),
    "overfull": (
        "{old}不作调整将有{n_old}家，超过上限{most}家",
        "Without moves its old grid would hold {n_old}, more than {most}.",
    ),
    "refilled": (
        "{new}不作调整只有{n_new}家，低于下限{least}家",
        "Without moves its new grid would hold {n_new}, fewer than {least}.",
    ),
    "nearer": (
        "离{new}的中心企业更近，缩短的距离超过调整一家的代价（{price:g}米）",
        "The new medoid is nearer by more than the price of a mover ({price:g} m).",
    ),
    "own_area": (
        "{new}的中心企业同属一个工作管理片，连同距离计算，超过调整一家的代价",
        "The new medoid lies in its own work area; with the distance that is worth "
        "more than the price of a mover.",
    ),
    "made_room": (
        "{old}调入其他企业后已满{most}家",
        "Its old grid is full ({most}) with others that were moved in.",
    ),
    "topped_up": (
        "{new}另有企业调出，缺该企业则低于下限{least}家",
        "Its new grid gave others away and would fall below {least} without it.",
    ),
    "rearranged": (
        "与同一划分单元的其他调整一并作出，没有单独的原因",
        "Part of the other moves of its block, with no reason of its own.",
    ),
}


def word_reasons(
    partition: Partition, rows: pd.DataFrame, flows: pd.DataFrame
) -> pd.DataFrame:
    """Word the reasons, once for all enterprises of which the same is to be said.

    Parameters
    ----------
    rows
        Changes with their `reason`.
    flows
        As `count_flows` gives them.

    Returns
    -------
    DataFrame
        `rows` with `reason_zh, reason_en`.
    """
    keys = ["reason", "previous_grid_id", "grid_id", "block_id"]
    keys += ["unit", "category", "unit_before", "category_before"]
    alike = rows.groupby(keys, sort=False)
    heads = alike.head(1)[keys].itertuples(index=False)
    words = [_word(partition, flows, row) for row in heads]
    texts = np.array(words, dtype=object).reshape(-1, 2)[alike.ngroup().to_numpy()]
    return rows.assign(reason_zh=texts[:, 0], reason_en=texts[:, 1])


def _word(partition: Partition, flows: pd.DataFrame, row: Any) -> tuple[str, str]:
    register, unmoved = partition.register, flows["unmoved_size"]
    least, most = 0, 0
    if row.block_id in partition.blocks.index:
        least, most = partition.blocks.loc[row.block_id, ["least", "most"]]
    codes, keys = (row.unit_before, row.unit), (row.category_before, row.category)
    facts = {
        "old": name_grid(register, row.previous_grid_id),
        "new": name_grid(register, row.grid_id),
        "n_old": unmoved.get(row.previous_grid_id, 0),
        "n_new": unmoved.get(row.grid_id, 0),
        "least": least,
        "most": most,
        "price": partition.rules.mover_price_m,
        "codes": codes,
        "keys": keys,
        "units": [name_unit(code, register.units) for code in codes],
        "kinds": [register.classification.name_zh(key) for key in keys],
    }
    zh, en = (text.format(**facts) for text in _TEXTS[row.reason])
    if row.reason == "new_category" and row.unit != row.unit_before:
        # a firm of the bureau, or one no more: its category alone moved it
        zh += "，由{units[0]}转至{units[1]}".format(**facts)
    return zh, en
