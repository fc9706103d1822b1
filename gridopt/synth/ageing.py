"""What a year changes in a made-up register: who enters, leaves, moves, changes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.chance import draw
from gridopt.errors import InputError
from gridopt.findings import some, some_ids
from gridopt.lookup import shipped
from gridopt.synth.enterprises import (
    ALPHABET,
    GROOMED,
    HEADERS,
    ID,
    INDUSTRY,
    LATITUDE,
    LONGITUDE,
    MARK,
    PERSON,
    REMARK,
    STATUS,
    STATUS_WORDS,
    UNIT,
    VILLAGE,
    TextArray,
    complete,
    engage_statisticians,
    found_firms,
    locate,
    pick_industries,
)
from gridopt.synth.landscape import (
    CATEGORIES,
    SHARES,
    FloatArray,
    IntArray,
    Landscape,
    lay_out,
    pick_weighted,
)

ENTERED, LEFT, MOVED, CHANGED = 0.06, 0.05, 0.015, 0.013


def age_register(previous: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Make the next yearly snapshot: 6 % enter, 5 % leave, 1.5 % move, 1.3 % change.

    Who leaves, moves or changes industry hangs on the seed and the enterprise alone,
    not on the order of the rows.
    Everybody is appraised anew; newcomers resemble the enterprises that were there.

    Parameters
    ----------
    previous
        A register of `make_register`, also as read back from its file.
    seed
        Any integer, better another one than that of `previous`.

    Raises
    ------
    InputError
        If a column is missing or a row does not carry the synthetic mark.

    Examples
    --------
    >>> from gridopt.synth import make_register
    >>> old = make_register(400, seed=1)
    >>> len(age_register(old, seed=2))
    404
    """
    old = recognise(previous)
    land = lay_out(count_counties(old[VILLAGE]))
    leaving = choose(old["serial"], round_share(LEFT, old), "left", seed)
    stayed = old[~leaving].reset_index(drop=True)
    moving = choose(stayed["serial"], round_share(MOVED, old), "moved", seed)
    changing = choose(stayed["serial"], round_share(CHANGED, old), "changed", seed)
    stayed = move_firms(stayed, np.flatnonzero(moving), land, seed)
    stayed = change_industries(stayed, np.flatnonzero(changing), seed)
    entered = found_entrants(old, land, seed)
    return complete(pd.concat([stayed, entered], ignore_index=True), seed)


def recognise(previous: pd.DataFrame) -> pd.DataFrame:
    """Check that a register is synthetic and recall the serial number of each row."""
    missing = [header for header in HEADERS if header not in previous]
    if missing:
        raise InputError(
            f"只能为合成名录生成下一期：缺少列{some(missing)}。",
            "Only a synthetic register has a synthetic next one: columns"
            f" {some_ids(missing)} are missing.",
        )
    others = np.flatnonzero(previous[REMARK] != MARK)
    if len(others):
        raise InputError(
            f"只能为合成名录生成下一期：{len(previous)} 行中有 {len(others)} 行的"
            f"“{REMARK}”不是“{MARK}”（第 {some(others + 2)} 行）。",
            f"Only a synthetic register has a synthetic next one: {len(others)} of"
            f" {len(previous)} rows do not carry its mark (rows "
            f"{some_ids(others + 2)}).",
        )
    firms = previous.sort_values(ID, ignore_index=True)
    points = firms[[LONGITUDE, LATITUDE]].astype(float)
    return firms.assign(serial=read_serials(firms[ID]), **points)


def read_serials(codes: pd.Series) -> IntArray:
    """Read the serial numbers out of the credit codes."""
    value = {letter: digit for digit, letter in enumerate(ALPHABET)}
    digits = [[value[letter] for letter in code[10:16]] for code in codes]
    powers = 31 ** np.arange(5, -1, -1)
    return np.asarray(np.array(digits) @ powers, dtype=np.int64)


def count_counties(villages: pd.Series) -> int:
    """Count the counties that a register needs, by its village codes."""
    counties = villages.str[:6].astype(np.int64).to_numpy()
    return int(np.where(counties // 10_000 == 99, counties % 10_000, 0).max()) + 1


def round_share(share: float, firms: pd.DataFrame) -> int:
    """Turn a yearly rate into a whole number of enterprises."""
    return int(share * len(firms) + 0.5)


def choose(
    serials: pd.Series, number: int, purpose: str, seed: int
) -> npt.NDArray[np.bool_]:
    """Mark the `number` enterprises whose draw is lowest."""
    draws = draw(seed, purpose, serials)
    marked = np.zeros(len(draws), dtype=bool)
    marked[np.argsort(draws, kind="stable")[:number]] = True
    return marked


def move_firms(
    firms: pd.DataFrame, rows: IntArray, land: Landscape, seed: int
) -> pd.DataFrame:
    """Move the enterprises at `rows`: two in three inside their unit."""
    moved = firms.iloc[rows]
    serials = moved["serial"].to_numpy()
    units = find_units(land, moved[UNIT])
    n_villages = len(land.villages) // (int(land.units["county"].max()) + 1)
    village = (draw(seed, "far village", serials) * n_villages).astype(np.int64)
    village += land.units["county"].to_numpy()[units] * n_villages
    far = draw(seed, "far", serials) < 1 / 3
    units = np.where(far, land.villages["unit"].to_numpy()[village], units)
    is_industry = find_categories(moved[INDUSTRY]) == 0
    return replace_rows(firms, rows, locate(land, units, is_industry, serials, seed))


def change_industries(firms: pd.DataFrame, rows: IntArray, seed: int) -> pd.DataFrame:
    """Change the industry at `rows`: a third of them look beyond their category."""
    changed, table = firms.iloc[rows], shipped("synthetic-industries")
    serials, old = changed["serial"].to_numpy(), find_categories(changed[INDUSTRY])
    anywhere = pick_weighted(draw(seed, "new category", serials), SHARES)
    new = np.where(draw(seed, "beyond", serials) < 1 / 3, anywhere, old)
    industry = pick_industries(table, new, draw(seed, "new industry", serials))
    codes = table["code"].to_numpy(dtype=object)
    same = codes[industry] == changed[INDUSTRY].to_numpy(dtype=object)
    is_last = industry + 1 == len(table)
    industry += np.where(same, np.where(is_last, -1, 1), 0)
    new = find_categories(pd.Series(codes[industry]))
    stays_groomed = (changed[STATUS].to_numpy() == GROOMED) & (new == 0)
    status = np.where(stays_groomed, GROOMED, STATUS_WORDS[new])
    return replace_rows(firms, rows, {INDUSTRY: codes[industry], STATUS: status})


def replace_rows(
    firms: pd.DataFrame, rows: IntArray, columns: dict[str, TextArray | FloatArray]
) -> pd.DataFrame:
    """Replace the values of some columns at `rows`, in a copy."""
    firms = firms.copy()
    for header, values in columns.items():
        firms.loc[rows, header] = values
    return firms


def find_units(land: Landscape, names: pd.Series) -> IntArray:
    """Find the position of each unit by its name."""
    position = pd.Series(land.units.index, index=land.units["name"])
    return np.array(position.loc[names], dtype=np.int64)


def find_categories(codes: pd.Series) -> IntArray:
    """Find the position of the category of each industry code."""
    table = shipped("synthetic-industries").set_index("code")["category"]
    position = {category: i for i, category in enumerate(CATEGORIES)}
    return np.array(codes.map(table.map(position)), dtype=np.int64)


def found_entrants(old: pd.DataFrame, land: Landscape, seed: int) -> pd.DataFrame:
    """Found the newcomers, each in unit and category like some enterprise of old."""
    number = round_share(ENTERED, old)
    serials = int(old["serial"].max()) + 1 + np.arange(number)
    like = (draw(seed, "like", serials) * len(old)).astype(np.int64)
    units = find_units(land, old[UNIT].iloc[like])
    categories = find_categories(old[INDUSTRY].iloc[like])
    firms = found_firms(land, units, categories, serials, seed)
    first = int(old[PERSON].str.removeprefix("tjy-").astype(np.int64).max()) + 1
    return engage_statisticians(firms, first, seed)
