"""What the plan in force says, in one shape whichever way it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.errors import InputError
from gridopt.findings import some, some_ids
from gridopt.formulation import check_plan
from gridopt.partition import Partition

if TYPE_CHECKING:
    from gridopt.register import Register

_TEXTS = ("grid_id", "unit", "category", "block_id", "name")


def read_before(
    partition: Partition,
    previous: Partition | pd.DataFrame,
    register_before: Register | None,
) -> pd.DataFrame:
    """Read the plan in force: who was in a grid then, where, and what is known of it.

    Returns
    -------
    DataFrame
        As `Adjustment.before`, sorted by `enterprise_id`.

    Raises
    ------
    InputError
        Where the new plan does not start from this one, or the previous register
        is not the one that was cut.
    """
    plan = previous.enterprises if isinstance(previous, Partition) else previous
    frame = _shape(check_plan(plan))
    _refuse_other_plan(partition, frame)
    if register_before is not None:
        check_register_before(previous, register_before)
    places = _places(partition.register, register_before).reindex(frame.index)
    frame[["longitude", "latitude"]] = places
    return frame[frame["grid_id"] != ""].sort_index(kind="stable")


def _shape(plan: pd.DataFrame) -> pd.DataFrame:
    """Give a plan, read from a file or from memory, all columns and their types."""
    texts = {
        name: plan[name].fillna("").astype(str) if name in plan else ""
        for name in _TEXTS
    }
    frame = pd.DataFrame(texts, index=plan.index)
    frame["is_medoid"] = False
    if "is_medoid" in plan:
        frame["is_medoid"] = plan["is_medoid"].astype(str).isin(["1", "True"])
    far = plan.get("distance_m", pd.Series(np.nan, index=plan.index))
    frame["distance_m"] = pd.to_numeric(far, errors="coerce")
    return frame


def _places(now: Register, before: Register | None) -> pd.DataFrame:
    return (before or now).enterprises[["longitude", "latitude"]].astype(float)


def _refuse_other_plan(partition: Partition, before: pd.DataFrame) -> None:
    told = partition.enterprises["previous_grid_id"]
    known = before["grid_id"].reindex(told.index).fillna("")
    odd = told.index[told != known]
    if not len(odd):
        return
    raise InputError(
        f"本方案不是由所给的上期方案得出的：{len(told)} 家企业中有 {len(odd)} 家的上期"
        f"网格不同，例如 {some(odd)}。请给出划分时所用的上期方案。",
        f"The plan was not made from this previous plan: the previous grids of "
        f"{len(odd)} of {len(told)} enterprises differ, for example {some_ids(odd)}. "
        "Give the one that it was made from.",
    )


def check_register_before(
    previous: Partition | pd.DataFrame, register: Register
) -> None:
    """Refuse a previous register that is not the one the plan in force was cut from.

    Raises
    ------
    InputError
        Where an enterprise stands only in one of plan and register.
    """
    plan = previous.enterprises if isinstance(previous, Partition) else previous
    before = check_plan(plan)
    odd = before.index.symmetric_difference(register.enterprises.index)
    if not len(odd):
        return
    raise InputError(
        f"上期名录 {register.file} 与上期方案不一致：{len(before)} 家企业中有 "
        f"{len(odd)} 家缺失或多出，例如 {some(odd)}。请给出上期划分所用的名录，"
        "并按同样的口径读入。",
        f"The previous register {register.file} is not the one that was cut: "
        f"{len(odd)} enterprises stand only in one of register and plan "
        f"({len(before)}), for example {some_ids(odd)}. Give the register of "
        "the previous plan, read by the same rules.",
    )
