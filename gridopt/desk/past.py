"""Which plan in force the desk starts from, with its people and its register."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gridopt.adjustment import check_register_before
from gridopt.archive import read_previous, read_previous_roster
from gridopt.formulation import check_plan
from gridopt.outcome import Outcome
from gridopt.partition import Partition

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.register import Register
    from gridopt.roster import Roster


@dataclass(frozen=True)
class PlanInForce:
    """The previous plan, as `make_grids` and `conclude_scenario` take its parts.

    Attributes
    ----------
    plan
        A partition, or a run's `partition.csv` as a frame.
    roster
        Its people, where they are known.
    register
        Its register, where that is known and not part of the plan.
    name
        What it is called at the desk.
    """

    plan: Partition | pd.DataFrame
    roster: Roster | pd.DataFrame | None
    register: Register | None
    name: str

    @property
    def card(self) -> str:
        """Tell its name and how much it holds, in Chinese."""
        frame = self.plan.enterprises if isinstance(self.plan, Partition) else self.plan
        grids = frame["grid_id"].fillna("").astype(str)
        n_grids = grids[grids != ""].nunique()
        return f"{self.name}，{len(frame):,}家企业、{n_grids:,}个网格"


def open_plan(
    previous: Outcome | Partition | pd.DataFrame | str | Path,
    register_before: Register | None = None,
) -> PlanInForce:
    """Take a previous plan however it is given, and refuse at once what is none.

    Parameters
    ----------
    previous
        An earlier outcome, a partition, a frame of one, or a run folder (or the
        `partition.csv` in it), from which the roster is read too.
    register_before
        Its register, where `previous` does not hold it.

    Raises
    ------
    InputError
        Where it is no plan, or the register is not the one that was cut.

    Examples
    --------
    >>> import gridopt as go
    >>> open_plan(go.make_grids(go.read_sample())).card
    '给定方案，106家企业、6个网格'
    """
    found = _take(previous, register_before)
    if not isinstance(found.plan, Partition):
        check_plan(found.plan)
    if register_before is not None:
        check_register_before(found.plan, register_before)
    return found


def _take(
    previous: Outcome | Partition | pd.DataFrame | str | Path,
    register: Register | None,
) -> PlanInForce:
    if isinstance(previous, Outcome):
        title = previous.scenario.title
        return PlanInForce(previous.partition, previous.roster, register, title)
    if isinstance(previous, (str, Path)):
        plan = read_previous(previous)
        people = read_previous_roster(previous, plan)
        return PlanInForce(plan, people, register, str(previous))
    return PlanInForce(previous, None, register, "给定方案")
