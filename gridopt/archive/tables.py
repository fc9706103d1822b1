"""How a table and a summary are written: the same bytes on any machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

_DECIMALS = {"_m": 1, "_s": 3, "_share": 6}


def write_table(frame: pd.DataFrame, path: Path) -> None:
    r"""Write one table: utf-8-sig, comma, LF, RFC 4180 quotes.

    Columns `_m` get one decimal, `_s` three, `_share` six; flags are 1 and 0;
    what is unknown is empty.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "t.csv"
    >>> write_table(pd.DataFrame({"travel_m": [1.25], "is_medoid": [True]}), path)
    >>> path.read_text(encoding="utf-8-sig")
    'travel_m,is_medoid\n1.2,1\n'
    """
    shown = pd.DataFrame({name: _as_text(frame[name]) for name in frame.columns})
    shown.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _as_text(column: pd.Series) -> pd.Series:
    name = str(column.name)
    if pd.api.types.is_bool_dtype(column):
        return column.astype(int)
    places = [n for suffix, n in _DECIMALS.items() if name.endswith(suffix)]
    if places and pd.api.types.is_numeric_dtype(column):
        known = column.notna()
        texts = column[known].map(f"{{:.{places[-1]}f}}".format)
        return column.astype(object).where(~known, texts)
    return column


def write_json(told: dict[str, Any], path: Path) -> None:
    """Write what a run says of itself, keys in the order given."""
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_bytes(f"{text}\n".encode())
