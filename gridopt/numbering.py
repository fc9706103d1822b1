"""Which numbers grids were ever given, so that none is given twice."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from gridopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LAST_NUMBERS = "last_numbers"
"""Where a plan read from a run says the numbers ever given (`DataFrame.attrs`)."""


def count_numbers(
    grid_ids: Iterable[str], given: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Find the largest number ever given in each block, ascending by block.

    Parameters
    ----------
    grid_ids
        Grids that are known; ids of another make (`G1`) have no number of ours.
    given
        The largest numbers given before; a grid closed since counts in these only.

    Examples
    --------
    >>> count_numbers(["a-industry-03", "G1"], {"a-industry": 7, "b-trade": 1})
    {'a-industry': 7, 'b-trade': 1}
    """
    last = dict(given or {})
    for grid_id in grid_ids:
        block_id, _, digits = grid_id.rpartition("-")
        if block_id and re.fullmatch(r"\d+", digits):
            last[block_id] = max(last.get(block_id, 0), int(digits))
    return dict(sorted(last.items()))


def read_last_numbers(summary: Path) -> dict[str, int] | None:
    """Read the numbers ever given from a run's `summary.json`.

    Returns
    -------
    The largest number by block; None where there is no summary, or where it is of a
    release that did not write them.

    Raises
    ------
    InputError
        Where the file is damaged: numbers would be given twice.
    """
    if not summary.is_file():
        return None
    try:
        told = json.loads(summary.read_text(encoding="utf-8"))
        numbers = told.get(LAST_NUMBERS)
    except (OSError, ValueError, RecursionError, AttributeError) as fault:
        raise _damaged(summary, f"{type(fault).__name__}：{fault}") from fault
    if numbers is None:
        return None
    if not isinstance(numbers, dict) or not all(map(_is_number, numbers.values())):
        raise _damaged(summary, LAST_NUMBERS)
    return numbers


def _is_number(value: object) -> bool:
    return type(value) is int and value >= 0


def _damaged(summary: Path, what: str) -> InputError:
    return InputError(
        f"上期运行目录的 {summary} 已损坏（{what}），无法得知已撤销网格的编号。"
        "请恢复该文件；确已无法恢复的，请只把 partition.csv 复制到别处再使用。",
        f"{summary} of the previous run is damaged ({what}), so the ids of closed "
        "grids are unknown. Restore it; where that cannot be done, copy the "
        "partition.csv alone to another place and use that.",
    )
