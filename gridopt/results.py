"""What an appraisal found of each member: score, pass or fail, time in post."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.cards import Card, Shown
from gridopt.listing import Kind, Remarks, name_nearest, open_listing, read_id

if TYPE_CHECKING:
    from gridopt.geography import Units

COLUMNS = {
    "person_id": ("人员编号", "统计员编号", "身份编号"),
    "enterprise_id": ("企业编号", "统一社会信用代码", "单位代码"),
    "unit": ("单位", "所在单位", "乡镇街道", "二级统计网格"),
    "score": ("得分", "评定得分", "考核得分"),
    "qualified": ("是否合格", "合格", "评定结果"),
    "since": ("任职日期", "到岗日期", "任职起始日期"),
    "until": ("离任日期", "离岗日期", "任职终止日期"),
}
"""Every column of the table with the Chinese headers that stand for it."""

KIND = Kind(
    "评定结果表",
    "table of results",
    "表头以下没有人员。",
    COLUMNS,
    may_lack=("score", "qualified", "since", "until"),
    may_be_empty=("score", "qualified", "since", "until"),
)
DIGITS = 6
"""Most decimals of a score; scores are kept as whole numbers of its last decimal."""

_PASSED = {
    "1": True,
    "是": True,
    "合格": True,
    "0": False,
    "否": False,
    "不合格": False,
}
_SCORE = r"\d{1,6}(?:\.\d{1,6}0*)?"
_DATE = r"\d{4}-\d{1,2}-\d{1,2}"


@dataclass(frozen=True, repr=False)
class Results(Shown):
    """The results of one year's appraisal.

    Attributes
    ----------
    posts
        One row per person and enterprise, sorted by person, enterprise and first
        day: `person_id, enterprise_id, unit, score` (whole, in units of
        10^-`DIGITS`; missing where none), `passed` (missing where not told),
        `since`, `until` (first and last day in post; missing: before the year, and
        still), `row`.
    file
        Name of the file.
    has_dates
        Whether the table tells any day at all; without, all serve the whole year.
    sha256
        Of the file; None where the results were made in memory.
    units
        The units that the table names, None where it was read without.
    """

    posts: pd.DataFrame
    file: str
    has_dates: bool
    sha256: str | None = None
    units: Units | None = None

    def card(self) -> Card:
        """Tell how many people have scores and passed, and whether days are told."""
        posts = self.posts
        people = posts.drop_duplicates("person_id")
        n, passed = len(people), people["passed"].dropna()
        facts = [
            ("文件", self.file),
            ("人员", f"{n:,}人"),
            ("岗位", f"{len(posts):,}个"),
        ]
        facts.append(("单位", f"{posts['unit'].nunique():,}个"))
        facts.append(("有得分的", f"{int(people['score'].notna().sum()):,}人"))
        if len(passed):
            facts.append(("填明合格的", f"{int(passed.astype(bool).sum()):,}人"))
        facts.append(("任职日期", "有" if self.has_dates else "没有，按全年在岗"))
        return Card("评定结果", f"{self.file}：{n:,}人", tuple(facts))


def read_results(path: str | Path, units: Units | None = None) -> Results:
    r"""Read the results of an appraisal (F5, F6, F10): CSV or xlsx, cells as text.

    Parameters
    ----------
    path
        Columns `person_id, enterprise_id, unit, score, qualified, since, until`, or
        the Chinese headers of `COLUMNS`. A line needs a score (0 to 999999, six
        decimals at most), 0 or 1 as `qualified`, or both, unless the person was not
        appraised; days are ISO (2022-12-31), empty where a post began before the
        year or has not ended.
    units
        The units that the table may name; any name goes where None.

    Raises
    ------
    InputError
        With every finding, where the table has an error.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "results.csv"
    >>> text = "person_id,enterprise_id,unit,score\np1,e1,a,85.5\n"
    >>> n_bytes = path.write_text(text, encoding="utf-8")
    >>> read_results(path).posts["score"].tolist()
    [85500000]
    """
    listing = open_listing(path, KIND)
    remarks = listing.remarks
    rows = listing.rows
    if "score" not in rows and "qualified" not in rows:
        remarks.add(
            (None, "score", ""),
            "no_results",
            "既没有“得分”（score）列，也没有“是否合格”（qualified）列；请核对是否选错了"
            "文件，或补上其中一列。",
            "There is neither a column score nor a column qualified: is it the right "
            "file? Add one of them.",
        )
        listing.stop_on_errors()
    texts = {name: _texts(rows, name) for name in COLUMNS}
    posts = pd.DataFrame(
        {
            "person_id": _read_ids(rows, texts["person_id"], remarks),
            "enterprise_id": _require(rows, "enterprise_id", texts, remarks),
            "unit": _read_units(rows, texts, units, remarks),
            "score": _read_scores(rows, texts["score"], remarks),
            "passed": _read_passes(rows, texts["qualified"], remarks),
            "since": _read_days(rows, "since", texts, remarks),
            "until": _read_days(rows, "until", texts, remarks),
            "row": rows["row"],
        }
    )
    _check_periods(posts, remarks)
    listing.stop_on_errors(dict(zip(rows["row"], texts["person_id"], strict=True)))
    by = ["person_id", "enterprise_id", "since", "row"]
    ordered = posts.sort_values(by, ignore_index=True, na_position="first")
    has_dates = bool((texts["since"] != "").any() or (texts["until"] != "").any())
    sha256 = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return Results(ordered, remarks.file, has_dates, sha256, units)


def _texts(rows: pd.DataFrame, name: str) -> pd.Series:
    if name in rows:
        return rows[name].astype(object)
    return pd.Series("", index=rows.index, dtype=object)


def _require(
    rows: pd.DataFrame, name: str, texts: dict[str, pd.Series], remarks: Remarks
) -> pd.Series:
    for row in rows.loc[texts[name] == "", "row"]:
        remarks.add(
            (int(row), name, ""),
            "missing_value",
            f"未填{COLUMNS[name][0]}（{name}）。",
            f"There is no {name}.",
        )
    return texts[name]


def _read_ids(rows: pd.DataFrame, texts: pd.Series, remarks: Remarks) -> pd.Series:
    _require(rows, "person_id", {"person_id": texts}, remarks)
    # lost digits show only where the cell was a number, or is written as one
    odd = rows["is_number"] | texts.str.contains("[eE]", regex=True)
    for i in np.flatnonzero(odd):
        read_id(
            int(rows["row"].iat[i]), texts.iat[i], rows["is_number"].iat[i], remarks
        )
    return texts


def _read_units(
    rows: pd.DataFrame,
    texts: dict[str, pd.Series],
    units: Units | None,
    remarks: Remarks,
) -> pd.Series:
    told = _require(rows, "unit", texts, remarks)
    if units is None:
        return told
    codes = {text: units.resolve(text) if text else "" for text in told.unique()}
    names = [unit.name for unit in units.members]
    is_unknown = told.map(lambda text: codes[text] is None)
    for row, text in zip(rows.loc[is_unknown, "row"], told[is_unknown], strict=True):
        zh, en = name_nearest(text, names)
        remarks.add(
            (int(row), "unit", text),
            "unknown_unit",
            f"单位“{text}”不在单位表中{zh}。",
            f"Unit {text!r} is not in the table of units{en}.",
        )
    return told.map(lambda text: codes[text] or "")


def _read_scores(rows: pd.DataFrame, texts: pd.Series, remarks: Remarks) -> pd.Series:
    is_good = texts.str.fullmatch(_SCORE)
    for row, text in _cells(rows, texts, (texts != "") & ~is_good):
        remarks.add(
            (row, "score", text),
            "not_a_score",
            f"得分“{text}”不是0至999999、至多{DIGITS}位小数的数，没有得分请空着。",
            f"The score {text!r} is not a number from 0 to 999999 with {DIGITS} "
            "decimals at most; leave it empty where there is none.",
        )
    # as texts: a decimal read as a float is another number
    whole, _, part = (
        texts.where(is_good, "0").str.partition(".")[i].astype(str) for i in range(3)
    )
    digits = whole + part.str[:DIGITS].str.pad(DIGITS, "right", "0")
    return digits.astype("int64").astype("Int64").where(is_good)


def _read_passes(rows: pd.DataFrame, texts: pd.Series, remarks: Remarks) -> pd.Series:
    for row, text in _cells(rows, texts, (texts != "") & ~texts.isin(_PASSED)):
        remarks.add(
            (row, "qualified", text),
            "not_a_pass",
            f"是否合格“{text}”应为1（合格）或0（不合格），未评定请空着。",
            f"The cell {text!r} should be 1 (qualified) or 0 (not); leave it empty "
            "where nothing was decided.",
        )
    return texts.map(_PASSED).astype("boolean")


def _read_days(
    rows: pd.DataFrame, name: str, texts: dict[str, pd.Series], remarks: Remarks
) -> pd.Series:
    told = texts[name].str.removesuffix(" 00:00:00")
    is_date = told.str.fullmatch(_DATE)
    days = pd.to_datetime(told.where(is_date), format="%Y-%m-%d", errors="coerce")
    for row, text in _cells(rows, told, (told != "") & days.isna()):
        remarks.add(
            (row, name, text),
            "not_a_day",
            f"{COLUMNS[name][0]}“{text}”不是有效日期，请写成2022-12-31的样子。",
            f"The {name} {text!r} is no day; write it like 2022-12-31.",
        )
    return days


def _cells(
    rows: pd.DataFrame, texts: pd.Series, is_bad: pd.Series
) -> list[tuple[int, str]]:
    chosen = is_bad.to_numpy(dtype=bool)
    return list(zip(map(int, rows["row"][chosen]), texts[chosen], strict=True))


def _check_periods(posts: pd.DataFrame, remarks: Remarks) -> None:
    turned = posts[posts["until"] < posts["since"]]
    for row, since, until in turned[["row", "since", "until"]].itertuples(index=False):
        remarks.add(
            (int(row), "until", f"{until:%Y-%m-%d}"),
            "turned_days",
            f"离任日期{until:%Y-%m-%d}早于任职日期{since:%Y-%m-%d}。",
            f"The post ends on {until:%Y-%m-%d}, before it begins on {since:%Y-%m-%d}.",
        )
    by = ["person_id", "enterprise_id"]
    named = posts[(posts["person_id"] != "") & (posts["enterprise_id"] != "")]
    ordered = named.sort_values([*by, "since", "row"], na_position="first")
    before = ordered.groupby(by, sort=False)
    since, last = ordered["since"], before["until"].shift()
    is_open = since.isna() | last.isna()
    is_doubled = before.cumcount().gt(0) & (is_open | (since <= last))
    first_rows = before["row"].shift()
    for i in np.flatnonzero(is_doubled):
        person, enterprise = ordered[by].iloc[i]
        row, other = int(ordered["row"].iat[i]), int(first_rows.iat[i])
        remarks.add(
            (row, "person_id", person),
            "doubled_post",
            f"人员“{person}”在企业“{enterprise}”的任职期与第{other}行重叠，同一任职"
            "只能列一行。",
            f"The time of {person!r} at {enterprise!r} overlaps with row {other}; one "
            "post is one row.",
        )


def score_text(scores: pd.Series) -> pd.Series:
    """Write whole scores as the decimals they stand for; missing ones as blanks.

    Examples
    --------
    >>> score_text(pd.Series([85500000, None], dtype="Int64")).tolist()
    ['85.5', '']
    """
    digits = scores.astype("string").str.zfill(DIGITS + 1)
    decimals = digits.str[:-DIGITS] + "." + digits.str[-DIGITS:]
    return decimals.str.rstrip("0").str.rstrip(".").fillna("").astype(object)
