"""The award rule as spreadsheet formulas that an auditor can follow and recompute."""

from __future__ import annotations

from dataclasses import dataclass

_FLOOR = "INT({x}/100)"
_CEIL = "INT(({x}+99)/100)"
_HALF_UP = "INT((2*{x}+100)/200)"
_HALF_EVEN = _HALF_UP + "-IF(AND(MOD(2*{x},200)=100,MOD(" + _HALF_UP + ",2)=1),1,0)"
_CUMULATIVE = {"cum_floor": _FLOOR, "cum_half_up": _HALF_UP, "cum_ceil": _CEIL}
_SEPARATE = {
    "floor_low": _FLOOR,
    "half_up": _HALF_UP,
    "half_even": _HALF_EVEN,
    "ceil_top": _CEIL,
}
_REMAINDER = {"largest_remainder_low": (3, 2, 1), "largest_remainder_high": (1, 2, 3)}

LIVE_ROUNDINGS = (*_CUMULATIVE, *_SEPARATE, *_REMAINDER, "floor_unfilled")
"""Rounding rules that a spreadsheet can compute cell by cell."""


@dataclass(frozen=True)
class Cells:
    """Names of the cells that hold the parameters: shares in per cent, prizes."""

    shares: tuple[str, str, str]
    prizes: tuple[str, str, str]
    floor_percent: str
    pass_percent: str


def star_formulas(rounding: str, q: str, cells: Cells) -> tuple[str, str, str]:
    """Write the numbers of one, two and three stars among `q` as formulas (F6, F7).

    Parameters
    ----------
    rounding
        One of `LIVE_ROUNDINGS`.
    q
        Cell, or expression, of the number of qualified people.

    Examples
    --------
    >>> cells = Cells(("A1", "A2", "A3"), ("B1", "B2", "B3"), "C1", "C2")
    >>> star_formulas("cum_floor", "F9", cells)[2]
    'INT((A3*F9)/100)'
    """
    one, two, three = (f"({share}*{q})" for share in cells.shares)
    if rounding == "floor_unfilled":
        n1, n2, n3 = (_FLOOR.format(x=x) for x in (one, two, three))
        return n1, n2, n3
    if rounding in _CUMULATIVE:
        quotient = _CUMULATIVE[rounding]
        top = quotient.format(x=three)
        both = quotient.format(x=f"(({cells.shares[1]}+{cells.shares[2]})*{q})")
        return f"{q}-{both}", f"{both}-{top}", top
    if rounding in _SEPARATE:
        quotient = _SEPARATE[rounding]
        top = f"MIN({q},{quotient.format(x=three)})"
        middle = f"MIN({q}-{top},{quotient.format(x=two)})"
        return f"{q}-{top}-{middle}", middle, top
    return _by_remainder((one, two, three), q, _REMAINDER[rounding])


def _by_remainder(
    targets: tuple[str, str, str], q: str, preference: tuple[int, int, int]
) -> tuple[str, str, str]:
    """Floors first, then one person each in falling order of remainder."""
    floors = [_FLOOR.format(x=x) for x in targets]
    ranks = [f"(4*MOD({x},100)+{p})" for x, p in zip(targets, preference, strict=True)]
    left = f"({q}-{'-'.join(floors)})"
    n1, n2, n3 = (
        f"{floors[i]}+IF({_places_above(ranks, i)}<{left},1,0)" for i in range(3)
    )
    return n1, n2, n3


def _places_above(ranks: list[str], i: int) -> str:
    others = (rank for j, rank in enumerate(ranks) if j != i)
    return "(" + "+".join(f"IF({rank}>{ranks[i]},1,0)" for rank in others) + ")"


def bill_formula(rounding: str, q: str, cells: Cells) -> str:
    """Write the bill of `q` qualified people as one formula, yuan."""
    counts = star_formulas(rounding, q, cells)
    parts = zip(cells.prizes, counts, strict=True)
    return "+".join(f"{prize}*({count})" for prize, count in parts)


def passed_formula(members: str, cells: Cells) -> str:
    """Write the planned passes, hu(m x per cent / 100) (F5)."""
    return _HALF_UP.format(x=f"({cells.pass_percent}*{members})")


def least_formula(members: str, cells: Cells) -> str:
    """Write the fewest qualified people that keep the floor (F5)."""
    return _CEIL.format(x=f"({cells.floor_percent}*{members})")


def qualified_formula(floor: str, passed: str, least: str) -> str:
    """Write how many are qualified once the floor is applied (F5).

    Examples
    --------
    >>> qualified_formula("guarantee", "D9", "E9")
    'MAX(D9,E9)'
    """
    return {
        "guarantee": f"MAX({passed},{least})",
        "standard": f"IF({passed}>={least},{passed},0)",
        "none": passed,
        "exact": least,
        "cap": f"MIN({passed},{least})",
    }[floor]


def bound_people(floor: str, members: str, least: str) -> tuple[str, str]:
    """Name the fewest and the most people that may be qualified (hard bounds)."""
    fewest = least if floor in ("guarantee", "exact") else "0"
    return fewest, least if floor in ("exact", "cap") else members
