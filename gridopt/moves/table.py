"""How a table of moves is read: which enterprise is to be in which grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.listing import Kind, open_listing, open_pasted
from gridopt.lookup import BLANKS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gridopt.listing import Listing

COLUMNS = {
    "enterprise_id": ("企业编号", "统一社会信用代码", "单位代码"),
    "grid_id": ("网格编号", "企业网格编号", "调入网格"),
}
"""Both columns of the table with the Chinese headers that stand for them."""

KIND = Kind(
    "人工调整表",
    "table of moves",
    "表头以下没有企业。",
    COLUMNS,
    may_be_empty=("grid_id",),
)


def read_moves(path: str | Path) -> dict[str, str]:
    r"""Read the moves that a planner asks for (`gridopt run --moves`).

    Parameters
    ----------
    path
        CSV or xlsx with the columns `enterprise_id` and `grid_id`; further columns
        are left alone. An empty `grid_id` means that the enterprise need no longer
        stay where it was once put by hand.

    Returns
    -------
    dict
        Grid of each enterprise, in the order of the rows.

    Raises
    ------
    InputError
        Where the table cannot be read, lacks a column, or a row names no enterprise
        or one that an earlier row puts elsewhere.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "moves.csv"
    >>> text = "企业编号,调入网格\nE1,331083001-trade-02\n"
    >>> _ = path.write_text(text, encoding="utf-8")
    >>> read_moves(path)
    {'E1': '331083001-trade-02'}
    """
    return _moves_of(open_listing(path, KIND))


def parse_moves(text: str) -> dict[str, str]:
    r"""Read the moves that were typed or pasted, checked as those of a file.

    Parameters
    ----------
    text
        A line each with an enterprise and its grid, parted by a blank, a comma or a
        tab, or a whole table with its header; a line with an enterprise alone says
        that it need no longer stay where it was put.

    Returns
    -------
    dict
        Grid of each enterprise, in the order of the lines.

    Raises
    ------
    InputError
        As `read_moves` does.

    Examples
    --------
    >>> parse_moves("E1 331083001-trade-02\nE2")
    {'E1': '331083001-trade-02', 'E2': ''}
    """
    return _moves_of(open_pasted(text, KIND)) if text.strip(BLANKS) else {}


def format_moves(moves: Mapping[str, str]) -> str:
    r"""Write moves as lines that `parse_moves` reads.

    Examples
    --------
    >>> format_moves({"E1": "331083001-trade-02", "E2": ""})
    'E1 331083001-trade-02\nE2'
    """
    return "\n".join(" ".join(filter(None, pair)) for pair in moves.items())


def _moves_of(listing: Listing) -> dict[str, str]:
    moves: dict[str, str] = {}
    first: dict[str, int] = {}
    rows = listing.rows[["row", "enterprise_id", "grid_id"]]
    for number, enterprise, grid in rows.itertuples(index=False):
        if not enterprise:
            listing.remarks.add(
                (number, "enterprise_id", ""),
                "missing_value",
                "缺少企业编号，请补填。",
                "The enterprise_id is missing.",
            )
        elif moves.setdefault(enterprise, grid) != grid:
            listing.remarks.add(
                (number, "grid_id", grid),
                "contradiction",
                f"企业 {enterprise} 在第{first[enterprise]}行已指定网格"
                f"“{moves[enterprise]}”，此处又指定“{grid}”，请只保留一行。",
                f"Enterprise {enterprise} is put into {moves[enterprise]!r} by row "
                f"{first[enterprise]} and into {grid!r} here; keep one row.",
            )
        first.setdefault(enterprise, number)
    listing.stop_on_errors()
    return moves
