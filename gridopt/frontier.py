"""What each further mover would buy: from the fewest moves to the shortest ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.cards import Card, Shown
from gridopt.errors import InputError
from gridopt.findings import some, some_ids
from gridopt.grids import make_grids
from gridopt.movers import count_movers
from gridopt.problem import GridRules
from gridopt.words import SYNTHETIC, gap_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.partition import Partition
    from gridopt.problem import FloatArray, IntArray
    from gridopt.register import Register

FORCED_PRICE_M = 1_000_000.0
"""Price that no detour in a county is worth: only those move who have to."""
FREE_PRICE_M = 0.1
"""Price of the unit in which ways are counted: as from scratch, but for ties."""
PRICES_M = (FORCED_PRICE_M, 5000.0, 2000.0, 1000.0, 500.0, 200.0, 100.0, FREE_PRICE_M)

POINT_COLUMNS = (
    "price_m",
    "n_movers",
    "n_forced",
    "n_survivors",
    "travel_m",
    "saved_m",
    "saved_per_mover_m",
    "gap_share",
    "status",
    "is_best",
    "is_knee",
)


@dataclass(frozen=True, repr=False)
class Frontier(Shown):
    """Plans of one register between the fewest moves and the shortest ways (P13).

    Attributes
    ----------
    points
        One row per price, dearest first, columns `POINT_COLUMNS`: `saved_m` is what
        is saved against the first row, `saved_per_mover_m` what each mover more than
        in the best row before saves; `is_best` where no other row has both fewer
        movers and shorter ways, `is_knee` at the row that is suggested.
    partitions
        The plans, in the order of the rows; each is valid and certified.
    """

    points: pd.DataFrame
    partitions: tuple[Partition, ...]

    @property
    def knee(self) -> Partition | None:
        """The plan that is suggested, None where the curve has no bend."""
        found = np.flatnonzero(self.points["is_knee"])
        return self.partitions[int(found[0])] if len(found) else None

    def card(self) -> Card:
        """Tell what each price of a mover costs in kilometres, the knee marked."""
        rows = tuple(
            (
                "只作必须的调整"
                if row.price_m == FORCED_PRICE_M
                else f"{row.price_m:g}",
                *(f"{row.n_movers:,}", f"{row.travel_m / 1000:,.1f}"),
                *(gap_text(row.gap_share), "建议考虑" if row.is_knee else ""),
            )
            for row in self.points.itertuples()
        )
        movers = self.points["n_movers"]
        span = f"调整{movers.min():,}至{movers.max():,}家" if len(rows) else "没有方案"
        is_made_up = any(one.register.is_synthetic for one in self.partitions)
        return Card(
            title="调整家数与距离的取舍",
            brief=f"{len(rows)}个方案，{span}",
            headings=("代价（米/家）", "调整（家）", "距离合计（公里）", "差距", ""),
            rows=rows,
            mark=SYNTHETIC if is_made_up else "",
        )

    def __str__(self) -> str:
        """Tell the rows in Chinese, the knee marked."""
        lines = ["调整家数与距离的取舍（每行一个可行方案）："]
        for row in self.points.itertuples():
            mark = "　← 建议考虑" if row.is_knee else ""
            price = f"代价 {row.price_m:g} 米/家"
            if row.price_m == FORCED_PRICE_M:
                price = "只作必须的调整"
            lines.append(
                f"{price}：调整 {row.n_movers} 家"
                f"（另有 {row.n_forced} 家因单元或行业变化必须调整），"
                f"距离合计 {row.travel_m / 1000:,.1f} 公里{mark}"
            )
        return "\n".join(lines)


def trace_frontier(
    register: Register,
    rules: GridRules | None,
    previous: Partition | pd.DataFrame,
    prices_m: Sequence[float] = PRICES_M,
    *,
    seed: int = 0,
    workers: int = 1,
    is_shown: bool = False,
) -> Frontier:
    """Cut a register at several prices of a mover, from forced moves only to free ones.

    Parameters
    ----------
    register, rules, previous
        As `make_grids` takes them; the rules' own price and cap on movers are left
        out of account.
    prices_m
        Prices of a mover, metres, above 0; taken from the dearest to the cheapest.
    seed, workers, is_shown
        As `make_grids` takes them.

    Returns
    -------
    Frontier
        Interrupted, it ends with the plans found so far.

    Raises
    ------
    InputError
        Where there is no price, a price is not above 0, or as `make_grids` says.

    Examples
    --------
    >>> import gridopt as go
    >>> register = go.read_sample()
    >>> first = go.make_grids(register)
    >>> go.trace_frontier(register, None, first, [1000, 1]).points["n_movers"].tolist()
    [0, 0]
    """
    told = _checked(prices_m)
    rules = rules or GridRules()
    found: list[tuple[float, Partition]] = []
    for price_m in told:
        own = rules.model_copy(update={"mover_price_m": price_m, "mover_cap": None})
        partition = make_grids(
            register, own, previous, seed=seed, workers=workers, is_shown=is_shown
        )
        is_cut_short = partition.status == "interrupted"
        if found and is_cut_short:
            break
        found.append((price_m, partition))
        if is_cut_short:
            break
    return Frontier(_points(found), tuple(partition for _, partition in found))


def _checked(prices_m: Sequence[float]) -> list[float]:
    odd = [f"{price:g}" for price in prices_m if not 0 < price <= FORCED_PRICE_M]
    if odd or not len(prices_m):
        raise InputError(
            f"调整代价应大于 0、不超过 {FORCED_PRICE_M:,.0f} 米，至少给一个；"
            f"现有 {len(odd)} 个不符：{some(odd) or '（一个也没有）'}。",
            "Prices of a mover are above 0 and at most "
            f"{FORCED_PRICE_M:,.0f} m, one at least; {len(odd)} are not: "
            f"{some_ids(odd) or '(none given)'}.",
        )
    return sorted({float(price) for price in prices_m}, reverse=True)


def _points(found: list[tuple[float, Partition]]) -> pd.DataFrame:
    counts = [count_movers(partition) for _, partition in found]
    movers = np.array([one["n_movers"] or 0 for one in counts], dtype=np.int64)
    travel = np.array([partition.travel_m for _, partition in found])
    is_best = _is_best(movers, travel)
    frame = pd.DataFrame(
        {
            "price_m": [price for price, _ in found],
            "n_movers": movers,
            "n_forced": [one["n_forced"] or 0 for one in counts],
            "n_survivors": [one["n_survivors"] or 0 for one in counts],
            "travel_m": travel,
            "saved_m": (travel[0] - travel).round(1),
            "saved_per_mover_m": _per_mover(movers, travel, is_best),
            "gap_share": [partition.gap_share for _, partition in found],
            "status": [partition.status for _, partition in found],
            "is_best": is_best,
            "is_knee": _is_knee(movers, travel, is_best),
        }
    )
    return frame[list(POINT_COLUMNS)]


def _is_best(movers: IntArray, travel: FloatArray) -> np.ndarray:
    """Find the rows that no other beats in both; of equal ones the first."""
    fewer = movers[:, None] <= movers
    shorter = travel[:, None] <= travel
    is_same = (movers[:, None] == movers) & (travel[:, None] == travel)
    earlier = np.arange(len(movers))[:, None] < np.arange(len(movers))
    beats = fewer & shorter & (~is_same | earlier)
    return ~beats.any(axis=0)


def _per_mover(movers: IntArray, travel: FloatArray, is_best: np.ndarray) -> np.ndarray:
    """Ways that each mover more saves, from best row to best row; else unknown."""
    saved = np.full(len(movers), np.nan)
    at = np.flatnonzero(is_best)
    at = at[np.argsort(movers[at], kind="stable")]
    more = np.diff(movers[at])
    saved[at[1:]] = (-np.diff(travel[at]) / np.maximum(more, 1)).round(1)
    return saved


def _is_knee(movers: IntArray, travel: FloatArray, is_best: np.ndarray) -> np.ndarray:
    """Find the best row farthest below the chord of the curve (Satopää et al. 2011)."""
    is_knee = np.zeros(len(movers), dtype=bool)
    at = np.flatnonzero(is_best)
    spans = np.ptp(movers[at]), np.ptp(travel[at])
    if len(at) < 3 or 0 in spans:
        return is_knee
    moved = (movers[at] - movers[at].min()) / spans[0]
    way = (travel[at] - travel[at].min()) / spans[1]
    below = 1 - moved - way
    if below.max() > 0:
        is_knee[at[int(below.argmax())]] = True
    return is_knee
