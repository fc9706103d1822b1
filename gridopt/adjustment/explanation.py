"""How a re-cut is explained: read its past, count, give reasons, write letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.adjustment.before import read_before
from gridopt.adjustment.firms import list_changes
from gridopt.adjustment.flows import count_flows, describe_grids
from gridopt.adjustment.letters import describe_units, write_letters
from gridopt.adjustment.members import price_change
from gridopt.adjustment.reasons import give_reasons
from gridopt.adjustment.value import ENTERPRISE_COLUMNS, Adjustment
from gridopt.partition import Partition, name_grid

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from gridopt.register import Register
    from gridopt.terms import BudgetRules


def explain_adjustment(
    partition: Partition,
    previous: Partition | pd.DataFrame,
    *,
    register_before: Register | None = None,
    money: BudgetRules | None = None,
    date: dt.date | None = None,
) -> Adjustment:
    """Explain a re-cut: who changed grid, why, and what it does to the money (P13).

    Parameters
    ----------
    partition
        The new plan, as `make_grids` made it from `previous`.
    previous
        The plan in force: a partition, or its `partition.csv` as a frame.
    register_before
        The register of the previous plan, where that is not given as a partition.
        Without one neither former places nor the members of then are known: no
        enterprise is said to have moved house, and `money` stays None.
    money
        How activity money is counted; the defaults where None.
    date
        From when the new plan holds, for letters and money.

    Raises
    ------
    InputError
        Where the new plan was not made from this previous one, or the previous
        register is not the one that was cut.

    Examples
    --------
    >>> import gridopt as go
    >>> register = go.read_sample()
    >>> plan = go.make_grids(register)
    >>> again = go.make_grids(register, previous=plan)
    >>> go.explain_adjustment(again, plan).counts
    {'entered': 0, 'left': 0, 'forced': 0, 'moved': 0}
    """
    if register_before is None and isinstance(previous, Partition):
        register_before = previous.register
    before = read_before(partition, previous, register_before)
    changes = list_changes(partition, before)
    flows = count_flows(partition, before, changes)
    knows_places = register_before is not None
    reasoned = give_reasons(
        partition, before, changes, flows, knows_places=knows_places
    )
    grids = describe_grids(partition, before, changes, flows)
    enterprises = _name_grids(partition, reasoned, grids)
    effect = None
    if register_before is not None and _tells_units(before, register_before):
        effect = price_change(partition, before, register_before, money, date)
    units = describe_units(partition, grids)
    letters = write_letters(units, enterprises, grids, effect, date)
    return Adjustment(
        partition=partition,
        before=before,
        enterprises=enterprises,
        grids=grids,
        units=units.assign(letter_zh=[letters[unit].text for unit in units.index]),
        letters=letters,
        money=effect,
    )


def _tells_units(before: pd.DataFrame, register: Register) -> bool:
    """Tell whether the plan in force says who appraised each of its enterprises."""
    is_whole = len(before) == len(register.enterprises)
    return is_whole and bool((before["block_id"] != "").all())


def _name_grids(
    partition: Partition, rows: pd.DataFrame, grids: pd.DataFrame
) -> pd.DataFrame:
    frame = rows.copy()
    for column, mark in (("previous_grid_id", "previous_grid"), ("grid_id", "grid")):
        names = {g: name_grid(partition.register, g) for g in frame[column].unique()}
        frame[f"{mark}_name"] = frame[column].map(names)
        frame[f"{mark}_unit"] = frame[column].map(grids["unit"]).fillna("")
    return frame[list(ENTERPRISE_COLUMNS)]
