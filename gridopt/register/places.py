"""Where an enterprise stands: its coordinates, in the one system of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.findings import some
from gridopt.geography import Units, distance_m
from gridopt.register.cells import to_numbers, translate
from gridopt.register.divisions import name_units

if TYPE_CHECKING:
    from gridopt.register.headers import Rows
    from gridopt.register.settings import RegisterRules

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
TextArray = npt.NDArray[np.object_]

CHINESE_SYSTEMS = ("gcj02", "bd09", "cgcs2000")
CHINA = (72.004, 137.8347, 0.8293, 55.8271)
"""West, east, south and north of the box outside which GCJ-02 is not defined."""

_DEGREES = re.compile(
    r"(?:东经|北纬|[东北EN])?\s*(\d{1,3}(?:\.\d+)?)\s*[°度º˚]\s*"
    r"(?:([0-5]?\d(?:\.\d+)?)\s*['′’分]\s*)?"
    r"(?:([0-5]?\d(?:\.\d+)?)\s*(?:[\"″”秒]|''|′′|’’)\s*)?[EN东北]?",
    re.IGNORECASE,
)
"""Degrees, minutes and seconds; the west and the south are not ours."""

_DECIMALS = re.compile(r"[+-]?\d+(?:\.(\d*))?")


@dataclass(frozen=True)
class Places:
    """Longitude and latitude of all rows in degrees, NaN where there is none."""

    longitude: FloatArray
    latitude: FloatArray
    located: BoolArray


def check_places(
    rows: Rows, live: BoolArray, codes: TextArray, units: Units, rules: RegisterRules
) -> tuple[Places, list[pd.DataFrame]]:
    """Read the coordinates and say what is wrong with them.

    Parameters
    ----------
    live
        Rows to look at, shape (n,).
    codes
        Unit of each row, "" where unknown, shape (n,).

    Returns
    -------
    places
        With `located` for the rows whose place can be used.
    findings
        One table per rule; rows without coordinates are left to `fill_places`.
    """
    if not (rows.has("longitude") and rows.has("latitude")):
        nowhere = np.full(rows.n, np.nan)
        return Places(nowhere, nowhere, np.zeros(rows.n, dtype=bool)), []
    longitude, latitude = (
        to_numbers(rows.text(axis)) for axis in ("longitude", "latitude")
    )
    shown = _pairs(rows)
    given = live & np.isfinite(longitude) & np.isfinite(latitude)
    zero = given & (longitude == 0) & (latitude == 0)
    rest = given & ~zero
    swapped = rest & _is_swapped(longitude, latitude, rules)
    outside = rest & ~swapped & ((np.abs(longitude) > 180) | (np.abs(latitude) > 90))
    abroad = rest & ~swapped & ~outside & _is_abroad(longitude, latitude, rules)
    usable = rest & ~swapped & ~outside & ~abroad
    km, turned_km = _distances(longitude, latitude, usable, codes, units)
    limit = rules.place_limit_km
    turned = usable & (km > limit) & (turned_km < limit)
    far = usable & ~turned & (km > limit)
    swapped |= turned
    usable &= ~turned
    off_axis = np.abs(longitude) > 180
    system = rules.coordinates or ""
    found = [
        *_check_numbers(rows, live, longitude, latitude),
        *_check_systems(rows, live, rules),
        rows.find(zero, "place_zero", "longitude", shown),
        rows.find(swapped, "place_swapped", "longitude", shown),
        *_out_of_range(rows, outside, off_axis),
        rows.find(abroad, "place_abroad", "longitude", shown, system=system),
        rows.find(
            far,
            "place_far",
            "longitude",
            shown,
            km=_rounded(km),
            unit=name_units(codes, units),
            limit=f"{limit:g}",
        ),
        rows.find(usable & _is_coarse(rows), "place_coarse", "longitude", shown),
        *_check_shared(rows, usable, longitude, latitude, rules),
    ]
    return Places(longitude, latitude, usable), found


def _pairs(rows: Rows) -> TextArray:
    pairs = zip(rows.text("longitude"), rows.text("latitude"), strict=True)
    return np.array([f"{east}, {north}" for east, north in pairs], dtype=object)


def _rounded(km: FloatArray) -> TextArray:
    return np.array([f"{one:.1f}" for one in km], dtype=object)


def _check_numbers(
    rows: Rows, live: BoolArray, longitude: FloatArray, latitude: FloatArray
) -> list[pd.DataFrame]:
    found = []
    for axis, degrees, zh, example in (
        ("longitude", longitude, "经度", "121.2437"),
        ("latitude", latitude, "纬度", "28.1372"),
    ):
        wrong = live & (rows.text(axis) != "") & ~np.isfinite(degrees)
        words = _meanings(rows.text(axis)[wrong])
        said = rows.find(
            wrong, "place_not_number", axis, column_zh=zh, example=example, **words
        )
        found.append(said)
    return found


def _meanings(texts: TextArray) -> dict[str, Any]:
    """Say in decimal degrees what texts in degrees and minutes mean, "" if none."""
    told = [_to_degrees(text) for text in texts]
    return {
        "meaning_zh": [f"（即 {one}）" if one else "" for one in told],
        "meaning_en": [f" (that is {one})" if one else "" for one in told],
    }


def _to_degrees(text: str) -> str:
    parts = _DEGREES.fullmatch(text)
    if parts is None:
        return ""
    degrees, minutes, seconds = (float(part or 0) for part in parts.groups())
    # six decimals are a tenth of a metre: as fine as seconds with two
    return f"{degrees + minutes / 60 + seconds / 3600:.6f}"


def _out_of_range(
    rows: Rows, outside: BoolArray, off_axis: BoolArray
) -> list[pd.DataFrame]:
    return [
        rows.find(mask, "place_out_of_range", axis, column_zh=zh)
        for mask, axis, zh in (
            (outside & off_axis, "longitude", "经度"),
            (outside & ~off_axis, "latitude", "纬度"),
        )
    ]


def _check_systems(
    rows: Rows, live: BoolArray, rules: RegisterRules
) -> list[pd.DataFrame]:
    said, _ = translate(rows.text("coordinates"), "coordinates")
    mixed = live & (said != "") & (said != (rules.coordinates or ""))
    if rules.coordinates is None:
        return []
    return [
        rows.find(mixed, "coordinates_mixed", "coordinates", system=rules.coordinates)
    ]


def _is_swapped(
    longitude: FloatArray, latitude: FloatArray, rules: RegisterRules
) -> BoolArray:
    """Tell places that make sense only the other way round."""
    beyond = (
        (np.abs(latitude) > 90) & (np.abs(latitude) <= 180) & (np.abs(longitude) <= 90)
    )
    if rules.coordinates not in CHINESE_SYSTEMS:
        return beyond
    return ~_in_china(longitude, latitude) & _in_china(latitude, longitude)


def _in_china(longitude: FloatArray, latitude: FloatArray) -> BoolArray:
    west, east, south, north = CHINA
    across = (longitude >= west) & (longitude <= east)
    return across & (latitude >= south) & (latitude <= north)


def _is_abroad(
    longitude: FloatArray, latitude: FloatArray, rules: RegisterRules
) -> BoolArray:
    is_chinese = rules.coordinates in CHINESE_SYSTEMS
    return ~_in_china(longitude, latitude) & is_chinese


def _distances(
    longitude: FloatArray,
    latitude: FloatArray,
    usable: BoolArray,
    codes: TextArray,
    units: Units,
) -> tuple[FloatArray, FloatArray]:
    """Measure to the unit's centre in km, as given and with the axes swapped.

    The centre is the table's, else the median of the unit's own enterprises.
    """
    east, north = _centres(longitude, latitude, usable, codes, units)
    with np.errstate(invalid="ignore"):
        straight = distance_m(longitude, latitude, east, north) / 1000
        turned = distance_m(latitude, longitude, east, north) / 1000
    return straight, turned


def _centres(
    longitude: FloatArray,
    latitude: FloatArray,
    usable: BoolArray,
    codes: TextArray,
    units: Units,
) -> tuple[FloatArray, FloatArray]:
    frame = pd.DataFrame({"unit": codes, "x": longitude, "y": latitude})[usable]
    centres = frame[frame["unit"] != ""].groupby("unit")[["x", "y"]].median()
    table = {unit.code: unit for unit in units.members if unit.longitude is not None}
    east = {**centres["x"].to_dict(), **{c: u.longitude for c, u in table.items()}}
    north = {**centres["y"].to_dict(), **{c: u.latitude for c, u in table.items()}}
    return (
        np.array([east.get(code, np.nan) for code in codes], dtype=np.float64),
        np.array([north.get(code, np.nan) for code in codes], dtype=np.float64),
    )


def _is_coarse(rows: Rows) -> BoolArray:
    """Tell places of which neither axis has three decimals."""
    coarse = np.ones(rows.n, dtype=bool)
    for axis in ("longitude", "latitude"):
        at = np.flatnonzero(coarse)
        parts = [_DECIMALS.fullmatch(text) for text in rows.text(axis)[at]]
        coarse[at] = [p is not None and len(p[1] or "") < 3 for p in parts]
    return coarse


def _check_shared(
    rows: Rows,
    usable: BoolArray,
    longitude: FloatArray,
    latitude: FloatArray,
    rules: RegisterRules,
) -> list[pd.DataFrame]:
    """Find points where a great many enterprises of no common group stand."""
    at = np.flatnonzero(usable)
    ids, groups = rows.text("enterprise_id")[at], rows.text("group_id")[at]
    frame = pd.DataFrame(
        {"x": longitude[at], "y": latitude[at], "id": ids, "row": rows.row[at]}
    )
    frame["owner"] = np.where(groups == "", "id:" + ids, "group:" + groups)
    n_owners = (
        frame.drop_duplicates(["x", "y", "owner"]).groupby(["x", "y"])["id"].size()
    )
    found = []
    for (x, y), n in n_owners[n_owners > rules.shared_point_limit].items():
        here = frame[(frame["x"] == x) & (frame["y"] == y)]
        shown = some(sorted(here["id"]))
        first = rows.row == here["row"].min()
        value = [f"{x:.6f}, {y:.6f}"]
        found.append(
            rows.find(first, "place_shared", "longitude", value, n=int(n), listed=shown)
        )
    return found


def fill_places(
    rows: Rows,
    live: BoolArray,
    places: Places,
    keys: tuple[TextArray, TextArray],
    rules: RegisterRules,
) -> tuple[Places, list[pd.DataFrame]]:
    """Say which rows have no place, or give them the mean one of village or unit.

    Parameters
    ----------
    keys
        Unit and village code of each row, "" where unknown, shape (n,) each.
    """
    if not (rows.has("longitude") and rows.has("latitude")):
        return places, []
    blank = {axis: live & (rows.text(axis) == "") for axis in ("longitude", "latitude")}
    missing = blank["longitude"] | blank["latitude"]
    if rules.place_missing == "error":
        return places, _say_missing(rows, blank)
    longitude, latitude = places.longitude.copy(), places.latitude.copy()
    found, left = [], missing
    for rule, key in zip(
        ("place_from_village", "place_from_unit"), reversed(keys), strict=True
    ):
        mean, n = _means(rows, places, key)
        has_mean = left & (n > 0)
        longitude[has_mean], latitude[has_mean] = mean[0][has_mean], mean[1][has_mean]
        shown = np.array(
            [f"{x:.6f}, {y:.6f}" for x, y in zip(*mean, strict=True)], dtype=object
        )
        found.append(rows.find(has_mean, rule, "longitude", shown, n=n))
        left = left & ~has_mean
    found.append(rows.find(left, "place_not_found", "longitude"))
    return Places(longitude, latitude, places.located | (missing & ~left)), found


def _say_missing(rows: Rows, blank: dict[str, BoolArray]) -> list[pd.DataFrame]:
    east, north = blank["longitude"], blank["latitude"]
    cases = (
        (east & north, "longitude", "经纬度", "place"),
        (east & ~north, "longitude", "经度", "longitude"),
        (north & ~east, "latitude", "纬度", "latitude"),
    )
    return [
        rows.find(mask, "place_missing", column, axes_zh=zh, axes_en=en)
        for mask, column, zh, en in cases
    ]


def _means(
    rows: Rows, places: Places, key: TextArray
) -> tuple[tuple[FloatArray, FloatArray], npt.NDArray[np.int64]]:
    """Average the located rows of each key; summed by id, so that order is nothing."""
    frame = pd.DataFrame({"x": places.longitude, "y": places.latitude, "key": key})
    frame["id"] = rows.text("enterprise_id")
    known = frame[places.located & (key != "")].sort_values("id", kind="stable")
    groups = known.groupby("key")
    mean, n = groups[["x", "y"]].mean(), groups.size()
    at = mean.reindex(key)
    counts = n.reindex(key).fillna(0).to_numpy().astype(np.int64)
    return (at["x"].to_numpy(), at["y"].to_numpy()), counts
