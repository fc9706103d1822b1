"""What a comparison lists: settings that differ, results, who sits with others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridopt.differences import UNKNOWN, count_changed, known, list_inputs
from gridopt.measures import UNIT_WORDS
from gridopt.views.sheet import Column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gridopt.comparison import Comparison

AS_BASE = "同基准情景"
"""What stands in the place of a setting that the baseline has too."""

RESULTS = "测算结果"
INCOMPARABLE = "—"
"""What stands for a difference that cannot be told."""


@dataclass(frozen=True)
class Contrast:
    """One table of a comparison, as workbook, page and report show it.

    Attributes
    ----------
    title, notes
        Its heading, and how it may be read.
    columns
        Headings and widths.
    rows
        Values as they are, one list a row.
    styles
        Style of each cell, by the names of `Formats`.
    """

    title: str
    notes: list[str]
    columns: list[Column]
    rows: list[list[object]]
    styles: list[list[str]]

    @property
    def marked_rows(self) -> Iterator[tuple[list[object], list[str]]]:
        """Each row with the styles of its cells."""
        return zip(self.rows, self.styles, strict=True)


def list_tables(comparison: Comparison) -> list[Contrast]:
    """List what is shown: settings that differ, results, companions."""
    return [
        list_settings(comparison),
        _results(comparison),
        list_companions(comparison),
    ]


def list_settings(comparison: Comparison) -> Contrast:
    """List the settings that differ; what the baseline has too is not said again."""
    pairs = zip(comparison.names, comparison.outcomes, strict=True)
    notes = [
        f"{name}：{outcome.scenario.title}"
        + ("（基准情景）" if i == comparison.baseline else "")
        for i, (name, outcome) in enumerate(pairs)
    ]
    columns = [Column("设置", "text", 34), Column("条款", "centre", 8)]
    columns += [
        Column(head_of(comparison, name), "text", 30) for name in comparison.names
    ]
    rows: list[list[object]] = []
    for label, clause, *words in list_inputs(comparison):
        base = words[comparison.baseline]
        cells = [
            word if word != base or at == comparison.baseline else AS_BASE
            for at, word in enumerate(words)
        ]
        rows.append([label, clause, *cells])
    return Contrast("设置差异", notes, columns, rows, _alike(columns, rows))


def head_of(comparison: Comparison, name: str) -> str:
    """Head the column of a scenario; the baseline says that it is one."""
    return f"{name}\n（基准）" if name == comparison.base_name else name


def _results(comparison: Comparison) -> Contrast:
    others = comparison.others
    columns = [Column("指标", "text", 30), Column("单位", "centre", 8)]
    columns += [
        Column(head_of(comparison, name), "int", 18) for name in comparison.names
    ]
    columns += [Column(f"{name}\n较基准增减", "int", 18) for name in others]
    changes = [f"difference:{name}" for name in others]
    rows: list[list[object]] = []
    styles: list[list[str]] = []
    for _, row in comparison.results.iterrows():
        values = [row[name] for name in comparison.names]
        # whole numbers stay whole; what is measured has two decimals throughout
        kind = "decimal" if any(isinstance(v, float) for v in values) else "int"
        told = [_or(value, UNKNOWN) for value in values]
        told += [_or(row[key], INCOMPARABLE) for key in changes]
        rows.append([row["label"], UNIT_WORDS[row["unit_of_measure"]], *told])
        of_row = [kind] * len(values) + [f"{kind}_change"] * len(changes)
        styles.append(["text", "centre", *of_row])
    return Contrast(RESULTS, explain_results(comparison), columns, rows, styles)


def _or(value: object, word: str) -> object:
    return word if known(value) is None else value


def explain_results(comparison: Comparison) -> list[str]:
    """Say how the results may be read, and how not."""
    notes = [
        "增减为该情景减去基准情景；合计下限、上限按口径允许的最少、最多合格人数测算，"
        "不是估计误差。",
        "与理论下界的差距只针对各情景自己的划分单元和网格个数，增减以百分点计，"
        "不说明哪个情景更好。",
    ]
    n_grids = {outcome.summary["n_grids"] for outcome in comparison.outcomes}
    if len(n_grids) > 1:
        notes.append(
            "各情景的网格个数不同：网格越多，企业到中心企业的距离合计通常越短，"
            "距离的增减包含这一影响。"
        )
    risk = comparison.results.set_index("measure").loc["award_p95_yuan"]
    if risk[list(comparison.names)].isna().any():
        notes.append(
            "“星级奖励（95%的把握不超过）”为未知的，其口径不能精确推算概率，"
            "可在笔记本中用 go.simulate_awards 模拟。"
        )
    return notes


def list_companions(comparison: Comparison) -> Contrast:
    """List the enterprises that sit with others, by the names of their grids."""
    names = comparison.names
    columns = [Column("企业编号", "id", 21), Column("企业名称", "text", 34)]
    columns += [Column(f"{name}\n所在网格", "text", 24) for name in names]
    keys = ["enterprise_id", "name", *(f"grid_id:{name}" for name in names)]
    for name in comparison.others:
        for kind, word in (("lost", "减少"), ("gained", "新增")):
            columns.append(Column(f"{name}\n{word}（家）", "int", 13))
            keys.append(f"n_{kind}:{name}")
    shown = comparison.companions[keys].astype(object)
    for name, outcome in zip(names, comparison.outcomes, strict=True):
        grid_names = outcome.partition.grids["grid_name"]
        shown[f"grid_id:{name}"] = (
            shown[f"grid_id:{name}"].map(grid_names).fillna("未划入")
        )
    rows = shown.where(shown.notna(), None).to_numpy(dtype=object).tolist()
    notes = [
        "同格企业指同在一个网格的其他企业；减少、新增为该情景较基准情景的家数，"
        "只有一个情景划入的企业不计。",
        *(_changed(comparison, name) for name in comparison.others),
    ]
    return Contrast("同格企业变化", notes, columns, rows, _alike(columns, rows))


def _changed(comparison: Comparison, name: str) -> str:
    n = count_changed(comparison, name)
    if not n:
        return f"{name}：与基准情景相比，没有企业的同格企业发生变化。"
    return f"{name}：与基准情景相比，{n:,}家企业的同格企业发生变化。"


def _alike(columns: Sequence[Column], rows: Sequence[object]) -> list[list[str]]:
    return [[column.style for column in columns]] * len(rows)
