"""Where made-up enterprises lie: counties like Yuhuan, villages, parks, buildings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.chance import draw
from gridopt.lookup import shipped

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

COUNTY_SIZE = 2100
CATEGORIES = ("industry", "trade", "services", "construction", "real_estate")
SHARES = np.array([65.0, 17.0, 9.0, 5.0, 4.0])
DEGREE_M = np.array([98_000.0, 110_850.0])
IN_PARK, IN_OFFICE = 0.35, 0.3


@dataclass(frozen=True)
class Landscape:
    """The units and villages of one or more counties, and where they lie.

    Attributes
    ----------
    units
        One row per unit: code, name, kind, registered_people, longitude, latitude,
        is_island, industry_tilt, county (position), prefix of enterprise names,
        n_villages, first (position of its first village).
    villages
        One row per village, those of a unit together: code, unit (position), x_m and
        y_m from the unit's centre, weight.
    """

    units: pd.DataFrame
    villages: pd.DataFrame


# --- chance -------------------------------------------------------------------------


def draw_offsets(seed: int, purpose: str, keys: npt.ArrayLike) -> FloatArray:
    """Draw bell-shaped offsets (n, 2) between -1 and 1, with sums and products only."""
    x, y = (
        sum(draw(seed, f"{purpose}/{axis}{part}", keys) for part in range(3)) / 1.5 - 1
        for axis in "xy"
    )
    return np.stack([x, y], axis=1)


def pick_weighted(draws: FloatArray, weights: npt.ArrayLike) -> IntArray:
    """Pick one position per draw, each as likely as its whole-number weight."""
    ends = np.cumsum(np.asarray(weights, dtype=np.int64))
    return np.searchsorted(ends, (draws * ends[-1]).astype(np.int64), side="right")


def apportion(weights: FloatArray, totals: IntArray) -> IntArray:
    """Share each total over its row of weights by largest remainders, (rows, k).

    Examples
    --------
    >>> apportion(np.array([[1.0, 1.0, 1.0]]), np.array([5]))
    array([[2, 2, 1]])
    """
    exact = weights / weights.sum(axis=1, keepdims=True) * totals[:, None]
    counts = np.floor(exact).astype(np.int64)
    missing = totals - counts.sum(axis=1)
    order = np.argsort(counts - exact, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    return counts + (rank < missing[:, None])


# --- the map ------------------------------------------------------------------------


def lay_out(n_counties: int) -> Landscape:
    """Lay out Yuhuan and, north and west of it, made-up counties of its shape."""
    unit, village = read_county()
    county = np.repeat(np.arange(n_counties), len(unit))
    units = pd.concat([unit] * n_counties, ignore_index=True)
    made_up = np.array([f"合成县{number:03d}" for number in county], dtype=object)
    units["code"] = rename_county(units["code"], county)
    units["name"] = np.where(county, made_up, "") + units["name"]
    units["prefix"] = np.where(county, made_up, "玉环")
    units["county"] = county
    side = max(number for number in range(1, 200) if (number - 1) ** 2 < n_counties)
    units["longitude"] -= county % side * 0.5
    units["latitude"] += county // side * 0.5
    units["first"] = units["n_villages"].cumsum() - units["n_villages"]
    villages = pd.concat([village] * n_counties, ignore_index=True)
    county = np.repeat(np.arange(n_counties), len(village))
    villages["unit"] += county * len(unit)
    villages["code"] = rename_county(villages["code"], county)
    return Landscape(units, scatter_villages(villages, units["n_villages"].to_numpy()))


def read_county() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the twelve units of Yuhuan and its villages, whose unit is a position."""
    units = shipped("units-yuhuan")
    tilt = shipped("synthetic-units").set_index("unit")["industry_tilt"]
    units = units[units["code"].isin(tilt.index)].reset_index(drop=True)
    units["industry_tilt"] = units["code"].map(tilt).astype(float)
    units["people"] = pd.to_numeric(units["registered_people"]).fillna(0)
    units["is_island"] = units["is_island"] == "1"
    units["longitude"] = units["longitude_gcj02"].astype(float)
    units["latitude"] = units["latitude_gcj02"].astype(float)
    villages = shipped("villages-yuhuan")
    position = pd.Series(units.index, index=units["code"])
    villages["unit"] = villages["unit_code"].map(position).astype(np.int64)
    units["n_villages"] = np.bincount(villages["unit"])
    villages = villages.sort_values(["unit", "code"], ignore_index=True)
    return units, villages[["code", "unit"]]


def rename_county(codes: pd.Series, county: IntArray) -> npt.NDArray[np.object_]:
    """Give the codes of a further county a made-up beginning (99 is no province)."""
    renamed = [
        f"99{number:04d}{code[6:]}" if number else code
        for code, number in zip(codes, county.tolist(), strict=True)
    ]
    return np.array(renamed, dtype=object)


def scatter_villages(villages: pd.DataFrame, n_villages: IntArray) -> pd.DataFrame:
    """Scatter each village around its unit's centre, seeded by its code."""
    keys = villages["code"].astype(np.int64).to_numpy()
    reach_m = 900 * np.sqrt(n_villages[villages["unit"]])
    offsets = draw_offsets(0, "village", keys) * reach_m[:, None]
    weight = 200 + (1000 * draw(0, "weight", keys) ** 2).astype(np.int64)
    return villages.assign(x_m=offsets[:, 0], y_m=offsets[:, 1], weight=weight)


# --- who lies where -----------------------------------------------------------------


def populate(land: Landscape, n: int, seed: int) -> tuple[IntArray, IntArray]:
    """Say of each of `n` enterprises its unit and its category, as two positions.

    The shares of the categories are kept over all, tilted to industry unit by unit
    (iterative proportional fitting).
    """
    sizes = size_units(land.units, n, seed)
    tilt = land.units["industry_tilt"].to_numpy()[:, None]
    weights: FloatArray = np.where(np.arange(len(SHARES)) == 0, SHARES * tilt, SHARES)
    for _ in range(30):
        weights *= SHARES / 100 * n / weights.sum(axis=0)
        weights *= (np.maximum(sizes, 1e-6) / weights.sum(axis=1))[:, None]
    counts = apportion(weights, sizes).ravel()
    cells = np.repeat(np.arange(counts.size), counts)
    return cells // len(SHARES), cells % len(SHARES)


def size_units(units: pd.DataFrame, n: int, seed: int) -> IntArray:
    """Size the units: 3 to 8 on an island, 30 to 60 in the zone, others by people."""
    n_counties = int(units["county"].max()) + 1
    of_county = apportion(np.ones((1, n_counties)), np.array([n]))[0]
    is_zone = (units["kind"] == "zone").to_numpy()
    is_island = units["is_island"].to_numpy()
    drawn = draw(seed, "size", units["code"].astype(np.int64))
    fixed = np.where(is_zone, 30 + np.floor(31 * drawn), 0)
    fixed = np.where(is_island, 3 + np.floor(6 * drawn), fixed)
    fixed *= np.minimum(1, of_county / 1000)[units["county"]]
    fixed = np.floor(fixed + 0.5).astype(np.int64)
    rest = of_county - fixed.reshape(n_counties, -1).sum(axis=1)
    people = (units["people"] * units["industry_tilt"]).to_numpy()
    shared = np.where(is_zone | is_island, 0, people).reshape(n_counties, -1)
    return fixed + apportion(shared, rest).ravel()


def settle(
    land: Landscape,
    units: IntArray,
    is_industry: npt.NDArray[np.bool_],
    keys: npt.ArrayLike,
    seed: int,
) -> tuple[IntArray, FloatArray]:
    """Give each enterprise a village (position) and a point (n, 2) in degrees, GCJ-02.

    A third of industry sits in parks, a third of the others in office buildings; who
    shares a building has exactly its coordinates.
    """
    villages = pick_villages(land, units, draw(seed, "village", keys))
    shares = draw(seed, "shared", keys) < np.where(is_industry, IN_PARK, IN_OFFICE)
    site = draw(seed, "site", keys)
    host, building_m = pick_buildings(land, units, is_industry, site)
    villages = np.where(shares, host, villages)
    scattered_m = 500 * draw_offsets(seed, "point", keys)
    offset_m = np.where(shares[:, None], building_m, scattered_m)
    offset_m += land.villages[["x_m", "y_m"]].to_numpy()[villages]
    centre = land.units[["longitude", "latitude"]].to_numpy()[units]
    return villages, np.round(centre + offset_m / DEGREE_M, 6)


def pick_villages(land: Landscape, units: IntArray, draws: FloatArray) -> IntArray:
    """Pick a village of each enterprise's unit, larger villages more often."""
    ends = np.cumsum(land.villages["weight"].to_numpy())
    first = land.units["first"].to_numpy()
    last = first + land.units["n_villages"].to_numpy() - 1
    start = (ends - land.villages["weight"].to_numpy())[first]
    within = draws * (ends[last] - start)[units]
    return np.searchsorted(ends, start[units] + within.astype(np.int64), side="right")


def pick_buildings(
    land: Landscape,
    units: IntArray,
    is_industry: npt.NDArray[np.bool_],
    draws: FloatArray,
) -> tuple[IntArray, FloatArray]:
    """Pick a shared building: its village (position) and its place there, in metres.

    A unit has one park of ten buildings per ten villages, and six office buildings
    in its first village.
    """
    n_villages = land.units["n_villages"].to_numpy()[units]
    first = land.units["first"].to_numpy()[units]
    n_parks = (n_villages + 9) // 10
    site = np.where(is_industry, draws * n_parks * 10, draws * 6).astype(np.int64)
    park, building = site // 10, site % 10
    host = np.where(is_industry, first + (park * n_villages + 4) // n_parks, first)
    host = np.minimum(host, first + n_villages - 1)
    corner_m = np.where(is_industry, 400.0, -60.0)
    x_m = corner_m + building % 5 * 90.0
    y_m = corner_m + building // 5 * 110.0
    return host, np.stack([x_m, y_m], axis=1)
