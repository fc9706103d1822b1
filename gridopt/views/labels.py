"""What ids are called in Chinese, on every page, sheet and figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gridopt.errors import InputError
from gridopt.names import name_unit
from gridopt.views import english
from gridopt.words import (
    ANSWER_STATUS,
    CHANGE_KINDS,
    CLAUSE_STATUS,
    FATES,
    FORCED_MEANING,
    ITEMS,
    KINDS,
    LEFT_OUT,
    LEVELS,
    NO_UNIT,
    ROLES,
    SYNTHETIC,
    gap_text,
    metres_text,
    printable,
    share_text,
    value_text,
    yuan_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from gridopt.budget import Budget
    from gridopt.geography import Units
    from gridopt.partition import Partition
    from gridopt.register import Register

__all__ = [
    "ANSWER_STATUS",
    "CHANGE_KINDS",
    "CLAUSE_STATUS",
    "FATES",
    "FORCED_MEANING",
    "ITEMS",
    "KINDS",
    "LEFT_OUT",
    "LEVELS",
    "NO_UNIT",
    "ROLES",
    "SYNTHETIC",
    "Language",
    "award_basis_name",
    "award_basis_text",
    "block_name",
    "category_name",
    "change_kind_name",
    "change_name",
    "gap_text",
    "grid_names",
    "in_language",
    "item_name",
    "length_text",
    "mark_of",
    "metres_text",
    "money_unit",
    "name_unit",
    "payer_name",
    "place_name",
    "pool_name",
    "printable",
    "role_name",
    "share_text",
    "unit_name",
    "value_text",
    "yuan_text",
]


Language = Literal["zh", "en"]
"""Language of a figure's words; names of places and people stay as they are."""


def in_language(language: str) -> Callable[[str, str], str]:
    """Give what picks the words of a figure: of the Chinese and the English ones.

    Raises
    ------
    InputError
        Where the language is neither ``zh`` nor ``en``.

    Examples
    --------
    >>> say = in_language("en")
    >>> say("网格", "Grids")
    'Grids'
    """
    if language not in ("zh", "en"):
        raise InputError(
            f"图的语言只能是 zh（中文）或 en（英文），不能是 {language!r}。",
            f"The language of a figure is zh or en, not {language!r}.",
        )
    return lambda zh, en: zh if language == "zh" else en


def mark_of(register: Register | None, language: Language) -> str:
    """Say that a register is made up, where it is known and is."""
    if register is None or not register.is_synthetic:
        return ""
    return in_language(language)(SYNTHETIC, "Synthetic data, no real enterprises")


def category_name(register: Register, key: str, language: Language) -> str:
    """Name a category in the language of a figure."""
    names = register.classification
    return names.name_zh(key) if language == "zh" else names.name_en(key)


def grid_names(
    partition: Partition, grids: pd.DataFrame, language: Language
) -> list[str]:
    """Name grids in the language of a figure."""
    if language == "zh":
        return [str(name) for name in grids["grid_name"]]
    register = partition.register
    names = []
    for grid_id, row in zip(grids.index, grids.itertuples(), strict=True):
        number = str(grid_id).rpartition("-")[2]
        kind = category_name(register, str(row.category), language)
        unit = unit_name(register, str(row.unit), language)
        own = f"{unit} {kind} {number.lstrip('0')}"
        # an id of another make names itself
        names.append(own if number.isdecimal() else str(grid_id))
    return names


def place_name(
    partition: Partition,
    grids: pd.DataFrame,
    chosen: tuple[str | None, str | None],
    language: Language,
) -> str:
    """Name what a map shows: the unit and the category that were asked for.

    Parameters
    ----------
    grids
        The grids shown.
    chosen
        Unit and category as asked for; None where all are shown.
    """
    say, register = in_language(language), partition.register
    unit, category = chosen
    place = say("全市", "All units")
    if unit is not None:
        place = unit_name(register, grids["unit"].iloc[0], language)
    if category is None:
        return place
    branch = category_name(register, grids["category"].iloc[0], language)
    return f"{place}{say('', ' ')}{branch}"


def length_text(metres: float, language: Language) -> str:
    """Write a length as `metres_text` does, in the language of a figure.

    Examples
    --------
    >>> length_text(2_000, "zh"), length_text(2_000, "en"), length_text(50, "en")
    ('2公里', '2 km', '50 m')
    """
    return (
        metres_text(metres) if language == "zh" else metres_text(metres, (" m", " km"))
    )


def change_name(change: str, label_zh: str, language: Language) -> str:
    """Name a change of `tornado` in the language of a figure."""
    return label_zh if language == "zh" else english.CHANGES.get(change, label_zh)


def change_kind_name(kind: str, language: Language) -> str:
    """Name how an enterprise changed in the language of a figure."""
    return CHANGE_KINDS[kind] if language == "zh" else english.CHANGE_KINDS[kind]


def item_name(item: str, language: Language) -> str:
    """Name an item of the budget in the language of a figure."""
    return ITEMS[item] if language == "zh" else english.ITEMS[item]


def role_name(role: str, language: Language) -> str:
    """Name a post in the language of a figure."""
    return ROLES[role] if language == "zh" else english.ROLES[role]


def payer_name(code: str, units: Units | None, language: Language) -> str:
    """Name who pays in the language of a figure; nobody yet where the code is empty."""
    if not code:
        return in_language(language)("承担单位未定", "payer not settled")
    if language == "en" and code in english.PAYERS:
        return english.PAYERS[code]
    return name_unit(code, units)


def money_unit(language: Language) -> tuple[int, str]:
    """Give how many yuan a figure's unit of money has, and its word.

    Examples
    --------
    >>> money_unit("zh"), money_unit("en")
    ((10000, '万元'), (1000, 'thousand yuan'))
    """
    return (10_000, "万元") if language == "zh" else (1_000, "thousand yuan")


def unit_name(register: Register, code: str, language: Language = "zh") -> str:
    """Name a unit; payers and pools that are no unit get their own words."""
    if language == "en" and code in english.PAYERS:
        return english.PAYERS[code]
    return name_unit(code, register.units)


def block_name(partition: Partition, block_id: str) -> str:
    """Name a block by unit and category; some exceptions are about no block at all."""
    register, grids = partition.register, partition.grids
    of_block = grids[grids["block_id"] == block_id]
    if of_block.empty:
        return unit_name(register, block_id) if block_id else "见说明"
    unit, category = of_block[["unit", "category"]].iloc[0]
    return unit_name(register, unit) + register.classification.name_zh(category)


def pool_name(register: Register, grids: pd.DataFrame, pool: str) -> str:
    """Name a pool of the star awards: a grid, a unit or the whole city."""
    if pool in grids.index:
        return str(grids.at[pool, "grid_name"])
    return unit_name(register, pool)


def award_basis_text(budget: Budget) -> str:
    """Say what the award bill rests on: an assumed pass rate, or results."""
    if budget.settlement is not None:
        return "按评定结果结算"
    return f"按预计合格率{budget.rules.pass_percent}%测算"


def award_basis_name(budget: Budget, language: Language) -> str:
    """Say what the awards of a figure rest on, in its language."""
    if language == "zh":
        return f"星级奖励{award_basis_text(budget)}"
    if budget.settlement is not None:
        return "awards settled by results"
    return f"awards at an assumed pass rate of {budget.rules.pass_percent} %"
