"""What units, payers and pools are called in Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.terms import AWARD_PAYERS

if TYPE_CHECKING:
    from gridopt.geography import Units


def name_unit(code: str, units: Units | None) -> str:
    """Name a unit, payer or pool; by its code where no name is known.

    Examples
    --------
    >>> name_unit("czj", None), name_unit("331083001", None)
    ('市财政局', '331083001')
    """
    if "+" in code:
        return "、".join(name_unit(part, units) for part in code.split("+"))
    unit = None if units is None else units.get(code)
    if unit is not None:
        return str(unit.name)
    if code in ("city", "331083"):
        return "全市"
    return AWARD_PAYERS.get(code, code)
