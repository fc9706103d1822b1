"""Who is who in two registers: by id, or, as a proposal, by name and place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.geography import distance_m
from gridopt.register.cells import fold

if TYPE_CHECKING:
    from gridopt.change.settings import ChangeRules
    from gridopt.register import Register

TextArray = npt.NDArray[np.object_]

ENDED = ("closed", "moved")
"""Why an enterprise outside the grids may be there again under another id."""

COMMON_NAME = 20
"""A name that more enterprises than these bear identifies none of them."""


def fold_names(names: pd.Series) -> pd.Series:
    """Write names alike: width, case and blanks make no other name.

    Examples
    --------
    >>> fold_names(pd.Series(["玉环（甲） A", "玉环(甲)a"])).nunique()
    1
    """
    distinct = {name: fold(name) for name in names.unique().tolist()}
    return names.map(distinct)


def pair_by_id(
    old: Register, new: Register, renumbered: dict[str, str]
) -> pd.DataFrame:
    """Pair the survivors.

    Parameters
    ----------
    renumbered
        Accepted changes of id, old to new.

    Returns
    -------
    DataFrame
        Columns `old_id` and `new_id`, sorted by `new_id`.
    """
    same = old.enterprises.index.intersection(new.enterprises.index)
    old_ids = [*same, *renumbered]
    new_ids = [*same, *renumbered.values()]
    pairs = pd.DataFrame({"old_id": old_ids, "new_id": new_ids}, dtype=object)
    return pairs.sort_values("new_id", ignore_index=True)


def propose_pairs(old: Register, new: Register, rules: ChangeRules) -> pd.DataFrame:
    """Propose who among those gone and those come is the same under another id.

    The same name, at most `same_place_m` apart, and one to one: whoever has two
    possible partners has none.

    Returns
    -------
    DataFrame
        Columns `old_id`, `new_id`, `distance_m`, sorted by `new_id`.
    """
    gone = _candidates(old, new, "old")
    come = _candidates(new, old, "new")
    pairs = gone.merge(come, on="key")
    pairs["distance_m"] = distance_m(
        pairs["new_longitude"],
        pairs["new_latitude"],
        pairs["old_longitude"],
        pairs["old_latitude"],
    )
    near = pairs[pairs["distance_m"] <= rules.same_place_m]
    is_alone = ~near["old_id"].duplicated(keep=False)
    is_alone &= ~near["new_id"].duplicated(keep=False)
    found = near.loc[is_alone, ["old_id", "new_id", "distance_m"]]
    return found.sort_values("new_id", ignore_index=True)


def _candidates(register: Register, other: Register, side: str) -> pd.DataFrame:
    """List those whose id the other register does not know at all, by their names."""
    rows = register.enterprises
    # who lives on in the other file, though outside the grids, has kept the id
    outside = other.outside.index[~other.outside.isin(ENDED)]
    known = other.enterprises.index.union(outside)
    rows = rows[~rows.index.isin(known)]
    found = pd.DataFrame(
        {
            "key": fold_names(rows["name"]).to_numpy(dtype=object),
            f"{side}_id": rows.index.to_numpy(dtype=object),
            f"{side}_longitude": rows["longitude"].to_numpy(dtype=np.float64),
            f"{side}_latitude": rows["latitude"].to_numpy(dtype=np.float64),
        }
    )
    n_bearers = found.groupby("key")["key"].transform("size")
    return found[(found["key"] != "") & (n_bearers <= COMMON_NAME)]
