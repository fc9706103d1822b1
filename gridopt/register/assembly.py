"""Who exists: the register as a value, put together from what was examined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.cards import Card, Shown
from gridopt.findings import errors_of
from gridopt.words import LEFT_OUT, SYNTHETIC

if TYPE_CHECKING:
    from gridopt.classification import Classification
    from gridopt.geography import Units, WorkAreas
    from gridopt.register.examination import Examined
    from gridopt.register.headers import Rows
    from gridopt.register.settings import RegisterRules

SYNTHETIC_HEADER, SYNTHETIC_MARK = "数据说明", "合成数据"
OURS = (
    *("name", "unit", "village", "work_area", "industry", "category"),
    *("longitude", "latitude", "status", "operating"),
    *("statistician_id", "statistician_name", "last_star", "last_score"),
    *("group_id", "weight", "row"),
)
"""Columns of `Register.enterprises`, before the unknown columns of the file."""


@dataclass(frozen=True, repr=False)
class Register(Shown):
    """Who exists: the enterprises that belong to grids, and what became of the rest.

    Attributes
    ----------
    enterprises
        Eligible enterprises, index ``enterprise_id`` in ascending order; the columns
        of `OURS`, then the file's unknown columns untouched.
    findings
        One row per finding, columns of ``findings.csv``.
    quarantined
        Rows set aside, as read, with row, rule and messages.
    left_out
        Number of good rows that belong to no grid, by reason: ``other_status``,
        ``groomed``, ``closed``, ``moved``, ``branch``, ``no_category``, and
        ``duplicate`` for second copies of identical rows.
    n_read
        Rows read, blank ones not counted: the sum of eligible, left out and
        quarantined.
    sha256
        Of the file's bytes.
    outside
        Why an enterprise of the file belongs to no grid: a key of `left_out`, or
        ``quarantined``; index ``enterprise_id`` in ascending order, each once.
    """

    enterprises: pd.DataFrame
    findings: pd.DataFrame
    quarantined: pd.DataFrame
    left_out: dict[str, int]
    n_read: int
    units: Units
    classification: Classification
    work_areas: WorkAreas
    rules: RegisterRules
    sha256: str
    file: str
    is_synthetic: bool
    outside: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))

    @property
    def n(self) -> int:
        """Number of eligible enterprises."""
        return len(self.enterprises)

    def card(self) -> Card:
        """Tell the file, how many of its rows belong to grids, and where the rest went.

        Examples
        --------
        >>> import gridopt as go
        >>> print(go.read_sample().card().title)
        企业名录
        """
        facts = [("文件", self.file), ("读入单位", f"{self.n_read:,}家")]
        facts += [("纳入划分的企业", f"{self.n:,}家")]
        facts += [
            (f"未纳入：{LEFT_OUT.get(reason, reason)}", f"{n:,}家")
            for reason, n in sorted(self.left_out.items())
        ]
        facts += [("隔离待核", f"{len(self.quarantined):,}条")]
        facts += [("名录提醒", f"{len(self.findings):,}条")]
        units = self.enterprises["unit"].nunique()
        facts += [("涉及二级统计网格", f"{units:,}个"), ("行业", self._categories())]
        return Card(
            title="企业名录",
            brief=f"{self.file}：读入{self.n_read:,}家，纳入划分{self.n:,}家",
            facts=tuple(facts),
            mark=SYNTHETIC if self.is_synthetic else "",
        )

    def _categories(self) -> str:
        counts = self.enterprises["category"].value_counts().sort_index()
        names = map(self.classification.name_zh, counts.index)
        return "、".join(
            f"{name}{n:,}家" for name, n in zip(names, counts, strict=True)
        )


def assemble(examined: Examined, rules: RegisterRules) -> Register:
    """Put the register together, its enterprises sorted by id."""
    rows, tables = examined.rows, examined.tables
    return Register(
        enterprises=_enterprises(examined),
        findings=examined.findings,
        quarantined=_quarantined(examined),
        left_out=examined.left_out,
        n_read=rows.n,
        units=tables.units,
        classification=tables.classification,
        work_areas=tables.work_areas,
        rules=rules,
        sha256=examined.sheet.sha256,
        file=rows.file,
        is_synthetic=_is_synthetic(rows),
        outside=_outside(examined),
    )


def _outside(examined: Examined) -> pd.Series:
    reasons = np.where(examined.is_bad, "quarantined", examined.reasons)
    ids = pd.Index(examined.rows.text("enterprise_id"), name="enterprise_id")
    found = pd.Series(reasons, index=ids, dtype=object)
    eligible = ids[examined.is_eligible]
    found = found[(found != "") & (ids != "") & ~ids.isin(eligible)]
    return found[~found.index.duplicated()].sort_index(kind="stable")


def _enterprises(examined: Examined) -> pd.DataFrame:
    rows, kept = examined.rows, examined.is_eligible
    read = examined.columns
    columns = {name: read[name] if name in read else rows.text(name) for name in OURS}
    columns["row"] = rows.row.astype(np.int64)
    extra = [name for name in rows.frame.columns if name not in rows.numbers]
    columns |= {name: rows.frame[name].to_numpy(dtype=object) for name in extra}
    ids = pd.Index(rows.text("enterprise_id")[kept], name="enterprise_id")
    frame = pd.DataFrame({name: one[kept] for name, one in columns.items()}, index=ids)
    return frame.sort_index(kind="stable")


def _quarantined(examined: Examined) -> pd.DataFrame:
    """Set the rows with errors aside as they were read, each with its errors."""
    sheet, bad = examined.sheet, examined.is_bad
    heads = [head or f"第{at + 1}列" for at, head in enumerate(sheet.header)]
    frame = pd.DataFrame(
        dict(enumerate(cells[bad] for cells in sheet.cells)), dtype=object
    ).set_axis(heads, axis=1)
    wrong = errors_of(examined.findings)
    said = wrong.groupby("row")[["rule", "message_zh", "message_en"]].agg(" ".join)
    numbers = examined.rows.row[bad]
    told = said.reindex(numbers).reset_index(drop=True)
    row = pd.DataFrame({"row": numbers.astype(np.int64)})
    return pd.concat([frame, row, told], axis=1)


def _is_synthetic(rows: Rows) -> bool:
    marks = rows.frame.get(SYNTHETIC_HEADER)
    is_marked = marks is not None and bool((marks == SYNTHETIC_MARK).any())
    return is_marked or "synthetic" in rows.file.lower()
