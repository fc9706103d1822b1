"""How a move by hand is put to those who must agree to it: one exception for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.moves.placing import Moved

KIND, CLAUSE = "moved_by_hand", "P2"
"""Kind of the exceptions, and the clause whose balance the wish shifts."""


def explain_moves(moved: Moved, columns: Sequence[str]) -> pd.DataFrame:
    """List each move by hand as an exception, with what it costs (P2).

    Parameters
    ----------
    columns
        Columns of a table of exceptions.
    """
    rows = [
        {
            "clause": CLAUSE,
            "block_id": moved.enterprises.at[enterprise, "block_id"],
            "grid_id": row["grid_id"],
            "kind": KIND,
            "explanation_zh": _chinese(moved, enterprise, row),
            "explanation_en": _english(moved, enterprise, row),
            "n_enterprises": 1,
        }
        for enterprise, row in zip(
            moved.moves.index, moved.moves.to_dict("records"), strict=True
        )
    ]
    return pd.DataFrame(rows, columns=list(columns))


def price_lines(moves: pd.DataFrame) -> list[str]:
    """Say in a line each what all moves cost, and what all stays do.

    Parameters
    ----------
    moves
        The moves of a partition (`Partition.moves`).
    """
    is_stay = moves["grid_id"] == moves["from_grid_id"]
    told = (
        (moves[~is_stay], "调入其他网格 {} 家，较调整前"),
        (moves[is_stay], "固定不动 {} 家，较逐家放开"),
    )
    lines = []
    for rows, words in told:
        if len(rows):
            far_m, cost_m = rows[["travel_added_m", "cost_added_m"]].sum()
            lines.append(
                f"人工调整：{words.format(len(rows))}距离{_more_zh(far_m)}公里，"
                f"总代价{_more_zh(cost_m)}公里（折算为距离）"
            )
    return lines


def _chinese(moved: Moved, enterprise: str, row: dict) -> str:
    names, own = moved.grids["grid_name"], moved.enterprises.loc[enterprise]
    who = f"{own['name']}（{enterprise}）"
    now = _km(own["distance_m"])
    if row["from_grid_id"] == row["grid_id"]:
        price = "；其他企业不动时，家数区间之内没有代价更低的网格可调"
        if row["cost_added_m"] > 0:
            price = (
                f"；与单独放开这一家相比，距离合计{_more_zh(row['travel_added_m'])}公里，"
                f"总代价{_more_zh(row['cost_added_m'])}公里（折算为距离）"
            )
        return (
            f"按人工指定，{who}固定在{names[row['grid_id']]}，以后重新划分时不作调整，"
            f"距中心企业{now}公里{price}。"
        )
    before, after = names[row["from_grid_id"]], names[row["grid_id"]]
    medoids = row["medoids_replaced"].split()
    replaced = f"原中心企业{'、'.join(medoids)}改换；" if medoids else ""
    return (
        f"按人工指定，{who}由{before}调入{after}，距中心企业由"
        f"{_km(row['before_m'])}公里变为{now}公里；{replaced}所在划分单元距离合计"
        f"{_more_zh(row['travel_added_m'])}公里，总代价{_more_zh(row['cost_added_m'])}"
        "公里（折算为距离）。理论下界不含人工指定，与下界的差距包含这一代价。"
    )


def _english(moved: Moved, enterprise: str, row: dict) -> str:
    now = _km(moved.enterprises.at[enterprise, "distance_m"])
    if row["from_grid_id"] == row["grid_id"]:
        price = "; with all others in place no grid within the band would cost less"
        if row["cost_added_m"] > 0:
            price = (
                f"; against letting it alone go, travel is {_more(row, 'travel')} km, "
                f"cost {_more(row, 'cost')} km"
            )
        return (
            f"{enterprise} is fixed in {row['grid_id']} by hand and stays there in "
            f"later cuts, {now} km from its medoid{price}."
        )
    medoids = row["medoids_replaced"].split()
    replaced = f"; replaced as medoid: {', '.join(medoids)}" if medoids else ""
    return (
        f"{enterprise} was moved by hand from {row['from_grid_id']} to "
        f"{row['grid_id']}: {_km(row['before_m'])} km to its medoid became {now} km"
        f"{replaced}; travel of the block {_more(row, 'travel')} km, cost "
        f"{_more(row, 'cost')} km. The bound is that of the block without "
        "the wish, so the gap holds this price."
    )


def _km(metres: float) -> str:
    return f"{metres / 1000:.2f}"


def _more(row: dict, what: str) -> str:
    return f"{row[f'{what}_added_m'] / 1000:+.2f}"


def _more_zh(metres: float) -> str:
    word = "减少" if metres < 0 else "增加"
    return f"{word}{abs(metres) / 1000:.2f}"
