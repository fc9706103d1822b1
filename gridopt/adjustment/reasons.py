"""Why each enterprise changed grid: one reason each, from facts that can be checked.

A forced enterprise is told what of it changed. For a moved one the first reason that
is true counts, in the order of `MOVED`: what somebody asked for, what the number of
grids made necessary, what the enterprise itself did, what the band demands, what is
nearer, and at last what only makes sense together with other moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.adjustment.firms import distances_m
from gridopt.adjustment.wording import word_reasons
from gridopt.formulation import area_price_m
from gridopt.partition import appraisers_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from gridopt.partition import Partition

    BoolArray = npt.NDArray[np.bool_]

FORCED = ("new_unit", "new_category", "new_unit_category", "new_block", "unknown")
"""What of a forced enterprise changed; `new_block`: only with whom it shares grids."""

MOVED = (
    *("by_hand", "wished", "dissolved", "opened", "relocated", "overfull", "refilled"),
    *("nearer", "own_area", "made_room", "topped_up", "rearranged"),
)
"""Reasons of moved enterprises, the first that is true counts.

`by_hand`: somebody placed it there. `wished`: the scenario fixes, forbids or links it.
`dissolved`: its old grid is no more. `opened`: its new grid is new. `relocated`: it has
moved house, and the move pays at its new place only. `overfull`: with all its survivors
and newcomers the old grid would exceed the band. `refilled`: with no more than those
the new one would fall below it. `nearer`: the distance saved exceeds the price of a
mover. `own_area`: together with the work area it does. `made_room`: the old grid has
since been filled to the brim by others. `topped_up`: the new one would fall below the
band without it, since others were moved away. `rearranged`: none of these.
"""


def give_reasons(
    partition: Partition,
    before: pd.DataFrame,
    changes: pd.DataFrame,
    flows: pd.DataFrame,
    *,
    knows_places: bool,
) -> pd.DataFrame:
    """Give each change its `reason`, and the words for it in both languages.

    Parameters
    ----------
    flows
        As `count_flows` gives them.
    knows_places
        Whether the places in `before` are those of the previous register.

    Returns
    -------
    DataFrame
        `changes` with `reason, reason_zh, reason_en`.
    """
    frame = changes.copy()
    frame["reason"] = frame["kind"]
    forced = frame["kind"] == "forced"
    frame.loc[forced, "reason"] = _forced(frame[forced], _bureau(partition))
    moved = frame["kind"] == "moved"
    frame.loc[moved, "reason"] = _moved(
        partition, before if knows_places else None, frame[moved], flows
    )
    return word_reasons(partition, frame, flows)


def _bureau(partition: Partition) -> str:
    department = partition.register.units.department
    return "" if department is None else department.code


def _forced(rows: pd.DataFrame, bureau: str) -> npt.NDArray[np.object_]:
    is_known = (rows["unit_before"] != "") & (rows["category_before"] != "")
    of_unit = rows["unit"] != rows["unit_before"]
    of_category = rows["category"] != rows["category_before"]
    # the bureau's firms are its own by category: the unit only follows
    is_routed = (rows["unit"] == bureau) != (rows["unit_before"] == bureau)
    facts = [
        ~is_known,
        of_category & is_routed,
        of_unit & of_category,
        of_unit,
        of_category,
    ]
    keys = ["unknown", "new_category", "new_unit_category", "new_unit", "new_category"]
    return np.select(facts, keys, "new_block").astype(object)


def _moved(
    partition: Partition,
    before: pd.DataFrame | None,
    rows: pd.DataFrame,
    flows: pd.DataFrame,
) -> npt.NDArray[np.object_]:
    old, new = rows["previous_grid_id"], rows["grid_id"]
    bands = partition.blocks.loc[rows["block_id"], ["least", "most"]]
    least, most = bands.to_numpy(dtype=np.int64).T
    unmoved, size = flows["unmoved_size"], flows["size"]
    price = partition.rules.mover_price_m
    gain = _gains_m(partition, rows, rows["saved_m"])
    by_hand = dict(partition.rules.moved)
    facts = {
        "by_hand": np.array([by_hand.get(a) == g for a, g in new.items()], dtype=bool),
        "wished": _is_wished(partition, rows),
        "dissolved": ~old.isin(partition.grids.index),
        "opened": flows["previous_size"].loc[new].to_numpy() == 0,
        "relocated": _is_relocated(partition, before, rows, gain),
        "overfull": unmoved.loc[old].to_numpy() > most,
        "refilled": unmoved.loc[new].to_numpy() < least,
        "nearer": _weighed(partition, rows, rows["saved_m"]) > price,
        "own_area": gain > price,
        "made_room": size.loc[old].to_numpy() + 1 > most,
        "topped_up": size.loc[new].to_numpy() - 1 < least,
    }
    found = np.select([facts[key] for key in MOVED[:-1]], MOVED[:-1], MOVED[-1])
    return found.astype(object)


def _weighed(partition: Partition, rows: pd.DataFrame, metres: pd.Series) -> pd.Series:
    weight = partition.register.enterprises["weight"].astype(float)
    return metres.astype(float) * weight.reindex(rows.index)


def _gains_m(partition: Partition, rows: pd.DataFrame, saved: pd.Series) -> pd.Series:
    """Add to the distance saved what the work area is worth (P2)."""
    register = partition.register
    area, medoids = register.enterprises["work_area"], partition.grids["medoid_id"]
    own = area.reindex(rows.index)
    price_m = area_price_m(register, partition.rules)

    def is_off(column: str) -> pd.Series:
        other = rows[column].map(medoids).map(area).fillna("")
        return (own != "") & (other != "") & (own != other)

    step = is_off("previous_grid_id").astype(int) - is_off("grid_id").astype(int)
    # the bureau's grids know no work areas (S2b)
    is_bureau = appraisers_of(rows["block_id"]) == _bureau(partition)
    return _weighed(partition, rows, saved) + price_m * step.mask(is_bureau, 0)


def _is_relocated(
    partition: Partition,
    before: pd.DataFrame | None,
    rows: pd.DataFrame,
    gain: pd.Series,
) -> BoolArray:
    """Tell whose move pays, and would not have paid at the place it has left."""
    found = np.zeros(len(rows), dtype=bool)
    price = partition.rules.mover_price_m
    medoids = partition.grids["medoid_id"]
    old, new = (rows[c].map(medoids) for c in ("previous_grid_id", "grid_id"))
    asked = np.flatnonzero((gain > price).to_numpy() & old.notna().to_numpy())
    if before is None or not len(asked):
        return found
    who = rows.iloc[asked]
    places = before.loc[who.index, ["longitude", "latitude"]]
    far_old = distances_m(partition, places, old.iloc[asked])
    far_new = distances_m(partition, places, new.iloc[asked])
    saved_then = pd.Series(far_old - far_new, who.index)
    here = partition.register.enterprises.loc[who.index, ["longitude", "latitude"]]
    has_left = (here.astype(float).to_numpy() != places.to_numpy()).any(axis=1)
    paid = _gains_m(partition, who, saved_then).to_numpy() > price
    found[asked] = has_left & ~paid
    return found


def _is_wished(partition: Partition, rows: pd.DataFrame) -> BoolArray:
    """Tell whom a wish of the scenario binds to its new grid or bars from the old."""
    rules = partition.rules
    grid_of = partition.enterprises["grid_id"]
    old = dict(zip(rows.index, rows["previous_grid_id"], strict=True))
    new = dict(zip(rows.index, rows["grid_id"], strict=True))
    bound = {a for a, grid_id in rules.fixed if new.get(a) == grid_id}
    bound |= {a for a, grid_id in rules.forbidden if old.get(a) == grid_id}
    for pairs, place in ((rules.must_link, new), (rules.cannot_link, old)):
        for a, b in (*pairs, *((b, a) for a, b in pairs)):
            if a in place and place[a] == grid_of.get(b):
                bound.add(a)
    return rows.index.isin(sorted(bound))
