"""Who stands in a made-up register: names, codes, industries, statisticians."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.chance import draw
from gridopt.errors import InputError
from gridopt.lookup import shipped
from gridopt.synth.landscape import (
    CATEGORIES,
    COUNTY_SIZE,
    FloatArray,
    IntArray,
    Landscape,
    lay_out,
    pick_weighted,
    populate,
    settle,
)

TextArray = npt.NDArray[np.object_]

MARK = "合成数据"
"""What the last column of every row says, so that nobody takes it for a register."""

ID, NAME, UNIT, VILLAGE = "统一社会信用代码", "单位详细名称", "乡镇街道", "村(社区)代码"
INDUSTRY, LONGITUDE, LATITUDE = "行业代码", "经度", "纬度"
STATUS, OPERATING, GROUP = "纳统状态", "营业状态", "集团编号"
PERSON, PERSON_NAME = "统计员编号", "统计员姓名"
STAR, SCORE, REMARK = "上年星级", "上年得分", "数据说明"
HEADERS = [
    *(ID, NAME, UNIT, VILLAGE, INDUSTRY, LONGITUDE, LATITUDE, STATUS, OPERATING),
    *(PERSON, PERSON_NAME, GROUP, STAR, SCORE, REMARK),
]

MOST = 20_000_000
GROOMED, GROOMED_SHARE = "小升规", 0.125
STATUS_WORDS = np.array(["规上", "限上", "规上", "资质内", "四上"], dtype=object)
STAR_ENDS = [0.10, 0.64, 0.91]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]


def make_register(n_enterprises: int, *, seed: int) -> pd.DataFrame:
    """Make a register that looks like Yuhuan's, every row marked synthetic.

    Up to some 3,000 enterprises lie in the twelve units of Yuhuan; more fill further
    made-up counties of the same shape (``合成县001`` …), so that a province or the
    whole country can be tried.

    Parameters
    ----------
    n_enterprises
        Rows wanted, 1 to 20,000,000.
    seed
        Any integer; the same seed makes the same bytes on every machine.

    Returns
    -------
    pandas.DataFrame
        Chinese headers as a bureau exports them, sorted by credit code; coordinates
        are GCJ-02 degrees, industry codes GB/T 4754-2017, unknown stars missing.

    Raises
    ------
    InputError
        If the number is out of range.

    Examples
    --------
    >>> register = make_register(600, seed=2025)
    >>> register["乡镇街道"].nunique()
    12
    >>> register["数据说明"].unique().tolist()
    ['合成数据']
    """
    if not 1 <= n_enterprises <= MOST:
        raise InputError(
            f"合成名录的企业数须为 1 至 {MOST}，现为 {n_enterprises}。",
            f"A synthetic register has 1 to {MOST} enterprises, not {n_enterprises}.",
        )
    land = lay_out(max(1, (2 * n_enterprises + COUNTY_SIZE) // (2 * COUNTY_SIZE)))
    units, categories = populate(land, n_enterprises, seed)
    serials = np.arange(1, n_enterprises + 1)
    order = np.argsort(draw(seed, "order", serials), kind="stable")
    firms = found_firms(land, units[order], categories[order], serials, seed)
    return complete(engage_statisticians(firms, 1, seed), seed)


def found_firms(
    land: Landscape, units: IntArray, categories: IntArray, serials: IntArray, seed: int
) -> pd.DataFrame:
    """Found one enterprise per serial number, without statistician or appraisal."""
    table = shipped("synthetic-industries")
    industry = pick_industries(table, categories, draw(seed, "industry", serials))
    groomed = draw(seed, "groomed", serials) < GROOMED_SHARE
    prefixes = land.units["prefix"].to_numpy(dtype=object)[units]
    words = table["word"].to_numpy(dtype=object)[industry]
    named = zip(prefixes, serials.tolist(), words, strict=True)
    firms = pd.DataFrame(
        {
            "serial": serials,
            ID: make_credit_codes(land, units, serials, seed),
            NAME: [f"{a}虚构{b:05d}{c}有限公司（合成）" for a, b, c in named],
            INDUSTRY: table["code"].to_numpy(dtype=object)[industry],
            STATUS: np.where(
                groomed & (categories == 0), GROOMED, STATUS_WORDS[categories]
            ),
            GROUP: make_groups(units, serials, seed),
            OPERATING: "营业",
        }
    )
    return firms.assign(**locate(land, units, categories == 0, serials, seed))


def locate(
    land: Landscape,
    units: IntArray,
    is_industry: npt.NDArray[np.bool_],
    serials: IntArray,
    seed: int,
) -> dict[str, TextArray | FloatArray]:
    """Give the enterprises unit, village and coordinates, as columns of a register."""
    villages, points = settle(land, units, is_industry, serials, seed)
    return {
        UNIT: land.units["name"].to_numpy(dtype=object)[units],
        VILLAGE: land.villages["code"].to_numpy(dtype=object)[villages],
        LONGITUDE: points[:, 0],
        LATITUDE: points[:, 1],
    }


def pick_industries(
    table: pd.DataFrame, categories: IntArray, draws: FloatArray
) -> IntArray:
    """Pick a row of the industry table for each category, heavy ones more often."""
    weights = table["weight"].astype(np.int64)
    rows = np.zeros(len(categories), dtype=np.int64)
    for position, category in enumerate(CATEGORIES):
        here = categories == position
        share = weights * (table["category"] == category)
        rows[here] = pick_weighted(draws[here], share)
    return rows


def make_credit_codes(
    land: Landscape, units: IntArray, serials: IntArray, seed: int
) -> list[str]:
    """Make valid credit codes (GB 32100-2015) around ``HC`` and a serial number.

    Four in ten of Yuhuan's were registered under its code of before 2017, 331021.
    """
    county = land.units["code"].str[:6].to_numpy(dtype=object)[units]
    is_old = draw(seed, "registered", serials) < 0.4
    county = np.where(is_old & (county == "331083"), "331021", county)
    digits = np.zeros((len(serials), 18), dtype=np.int64)
    digits[:, :2] = 9, 1
    digits[:, 2:8] = county.astype(np.int64)[:, None] // 10 ** np.arange(5, -1, -1) % 10
    digits[:, 8:10] = [ALPHABET.index(letter) for letter in "HC"]
    digits[:, 10:16] = serials[:, None] // 31 ** np.arange(5, -1, -1) % 31
    digits[:, 16] = check_organisations(digits[:, 8:16])
    digits[:, 17] = -(digits[:, :17] @ np.array(CODE_WEIGHTS)) % 31
    letters = np.array([ord(letter) for letter in ALPHABET], dtype=np.uint32)[digits]
    return letters.view("U18").ravel().tolist()


def check_organisations(digits: IntArray) -> IntArray:
    """Compute the check character of organisation codes (GB 11714-1997), as digits."""
    values = np.array([int(letter, 36) for letter in ALPHABET])[digits]
    check = -(values @ np.array(ORGANISATION_WEIGHTS)) % 11
    return np.where(check == 10, ALPHABET.index("X"), check)


def make_groups(units: IntArray, serials: IntArray, seed: int) -> TextArray:
    """Join every tenth enterprise to a group of two to four of its unit."""
    groups = np.full(len(serials), "", dtype=object)
    order = np.lexsort((draw(seed, "group", serials), units))
    joined = order[draw(seed, "joins", serials)[order] < 0.1]
    run = deal_runs(len(joined), (0.0, 0.5, 0.3), f"{seed}/groups")
    first = serials[joined][np.searchsorted(run, run)]
    is_group = np.bincount(run)[run] > 1
    names = np.array([f"jt-{serial:05d}" for serial in first], dtype=object)
    groups[joined[is_group]] = names[is_group]
    return groups


def deal_runs(n: int, shares: tuple[float, ...], purpose: str) -> IntArray:
    """Deal out `n` numbers in runs of 1, 2, 3 … long, as frequent as `shares` says.

    Examples
    --------
    >>> deal_runs(5, (0.0, 1.0), "pairs").tolist()
    [0, 0, 1, 1, 2]
    """
    draws = draw(0, purpose, np.arange(n))
    lengths = 1 + np.searchsorted(np.cumsum(shares), draws, side="right")
    return np.searchsorted(np.cumsum(lengths), np.arange(n), side="right")


def engage_statisticians(firms: pd.DataFrame, first: int, seed: int) -> pd.DataFrame:
    """Give every enterprise its statistician; 3 % of them serve two firms or three."""
    serials = firms["serial"].to_numpy()
    order = np.lexsort((draw(seed, "person", serials), firms[VILLAGE].str[:9]))
    number = np.zeros(len(firms), dtype=np.int64)
    number[order] = first + deal_runs(len(firms), (0.97, 0.02), f"{seed}/persons")
    firms = firms.copy()
    firms[PERSON] = [f"tjy-{n:05d}" for n in number.tolist()]
    firms[PERSON_NAME] = [f"统计员{n:05d}" for n in number.tolist()]
    return firms


def complete(firms: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Add last year's star and score per statistician, and the mark; sort by code.

    Twelve in a hundred have no appraisal yet; of the others 10 % did not qualify,
    and the stars of those who did are 60 : 30 : 10.
    """
    persons = firms[PERSON].str.removeprefix("tjy-").astype(np.int64)
    star = np.searchsorted(STAR_ENDS, draw(seed, "star", persons), side="right")
    low, high = np.array([40, 60, 85, 95])[star], np.array([59, 84, 94, 100])[star]
    within = (draw(seed, "score", persons) * (high - low + 1)).astype(np.int64)
    known = draw(seed, "appraised", persons) >= 0.12
    firms = firms.copy()
    firms[STAR] = pd.Series(star, index=firms.index, dtype="Int64").where(known)
    firms[SCORE] = pd.Series(low + within, firms.index, dtype="Int64").where(known)
    firms[REMARK] = MARK
    return firms.sort_values(ID, ignore_index=True)[HEADERS]
