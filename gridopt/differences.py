"""What each scenario changes: a sentence to quote, settings and figures that differ."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from gridopt.measures import UNIT_WORDS

if TYPE_CHECKING:
    from gridopt.comparison import Comparison


class _Headline(NamedTuple):
    """A figure that the sentence quotes: what it is called, and how it grows."""

    label: str
    more: str
    less: str


HEADLINES = {
    "n_grids": _Headline("企业网格", "多", "少"),
    "travel_mean_m": _Headline("平均每家到中心企业距离", "长", "短"),
    "n_exceptions": _Headline("例外", "多", "少"),
    "heads_needed": _Headline("需配网格长", "多", "少"),
    "total_yuan": _Headline("经费合计", "多", "少"),
}
"""Measures that the sentences and the picture of a comparison tell, in this order."""

_SUMS = {"exceptions": "n_exceptions", "payer_yuan": "total_yuan"}
"""What the figures of a clause or a payer, called ``NAME:KEY``, are parts of."""

UNKNOWN = "未知"
"""What stands for a figure that cannot be told."""

_NONE = "不涉及"
"""What stands for a setting that a scenario has no use for."""


def tell_differences(comparison: Comparison) -> tuple[str, ...]:
    """Say in one sentence a scenario what it comes to, and what that changes.

    Returns
    -------
    tuple of str
        Chinese, in the order of the scenarios; the baseline only says what it
        comes to.

    Examples
    --------
    >>> import gridopt as go
    >>> register = go.read_sample()
    >>> wide = go.Scenario("宽", "P5", grids=go.GridRules(most=30), name="wide")
    >>> two = [go.run_scenario(register), go.run_scenario(register, wide)]
    >>> first, second = tell_differences(go.compare_outcomes(two))
    >>> second.split("，")[0], second.split("，")[-1]
    ('wide', '企业网格、例外、需配网格长、经费合计不变。')
    """
    results = comparison.results.set_index("measure")
    return tuple(_tell(comparison, results, name) for name in comparison.names)


def _tell(comparison: Comparison, results: pd.DataFrame, name: str) -> str:
    if name == comparison.base_name:
        all_told = (_quote(results.loc[key], name, key) for key in HEADLINES)
        return f"{name}（基准情景）：{'，'.join(all_told)}。"
    told: list[str] = []
    same: list[str] = []
    for key, headline in HEADLINES.items():
        row = results.loc[key]
        is_same = row[name] == row[comparison.base_name]
        (same if is_same else told).append(
            headline.label if is_same else _quote(row, name, key) + _grow(row, name)
        )
    n = count_changed(comparison, name)
    told += [f"同格企业有变化的{n:,}家"] if n else []
    told += [f"{'、'.join(same)}不变"] if same else []
    told += [] if n else ["各企业的同格企业没有变化"]
    return f"{name}，与基准情景相比：{'，'.join(told)}。"


def _quote(row: pd.Series, name: str, key: str) -> str:
    value, unit = known(row[name]), UNIT_WORDS[row["unit_of_measure"]]
    if value is None:
        return f"{HEADLINES[key].label}{UNKNOWN}"
    return f"{HEADLINES[key].label}{write_measure(value)}{unit}"


def _grow(row: pd.Series, name: str) -> str:
    """Say in brackets by how much a figure differs, where that is known."""
    difference = known(row[f"difference:{name}"])
    if difference is None:
        return ""
    unit = UNIT_WORDS[row["unit_of_measure"]]
    headline = HEADLINES[str(row.name)]
    word = headline.more if difference > 0 else headline.less
    return f"（{word}{write_measure(abs(difference))}{unit}）"


def write_measure(value: float) -> str:
    """Write a figure with thousands; what is no whole number with one digit more.

    Examples
    --------
    >>> write_measure(12345), write_measure(847.2)
    ('12,345', '847.2')
    """
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def known(value: Any) -> float | None:
    """Give a figure of `Comparison.results`, None where it is unknown.

    Examples
    --------
    >>> known(float("nan")), known(3)
    (None, 3)
    """
    return None if value is None or pd.isna(value) else value


def count_changed(comparison: Comparison, name: str) -> int:
    """Count the enterprises whose companions differ from those in the baseline."""
    rows = comparison.companions
    counts = rows[[f"n_lost:{name}", f"n_gained:{name}"]]
    # whom only one of the two takes in changed, whom neither does is a third one's
    has_grid = rows[[f"grid_id:{one}" for one in (comparison.base_name, name)]].notna()
    return int(((counts.fillna(1) != 0).any(axis=1) & has_grid.any(axis=1)).sum())


def is_changed(comparison: Comparison) -> pd.Series:
    """Mark the results that differ from the baseline in any scenario.

    Returns
    -------
    pandas.Series
        Of booleans, aligned with `Comparison.results`; what is unknown on one side
        only counts as different.
    """
    base = comparison.results[comparison.base_name]
    marks = pd.Series(False, index=comparison.results.index)
    for other in comparison.others:
        mine = comparison.results[other]
        marks |= (mine != base) & ~(mine.isna() & base.isna())
    return marks


def is_told(comparison: Comparison) -> pd.Series:
    """Mark the results that differ in any scenario, and the sums they are parts of.

    Returns
    -------
    pandas.Series
        Of booleans, aligned with `Comparison.results`; a part (其中) never stands
        without its sum, though that be the same everywhere.
    """
    marks, keys = is_changed(comparison), comparison.results["measure"]
    sums = keys[marks].str.split(":").str[0].map(_SUMS)
    return marks | keys.isin(sums.dropna())


def list_inputs(comparison: Comparison) -> list[list[str]]:
    """List the settings that differ as people read them.

    Returns
    -------
    list of list of str
        Label, clause, and what each scenario chose, aligned with `Comparison.inputs`.

    Examples
    --------
    >>> import gridopt as go
    >>> register = go.read_sample()
    >>> free = go.Scenario("定", "P11", grids=go.GridRules(bureau_owns=False))
    >>> two = [go.run_scenario(register), go.run_scenario(register, free)]
    >>> list_inputs(go.compare_outcomes(two))
    [['建筑业、房地产归市住建局', 'P11', '是', '否']]
    """
    told = [
        {row["setting"]: row["value_zh"].rstrip("。") for row in outcome.choices}
        for outcome in comparison.outcomes
    ]
    return [
        [row["label"], row["clause"], *(one.get(row["setting"], _NONE) for one in told)]
        for _, row in comparison.inputs.iterrows()
    ]


def list_results(comparison: Comparison) -> list[list[str]]:
    """List the results as people read them, each difference behind its figure.

    Returns
    -------
    list of list of str
        Label, unit, and a figure per scenario, aligned with `Comparison.results`; a
        figure without brackets is the baseline's or the same as that.

    Examples
    --------
    >>> import gridopt as go
    >>> register = go.read_sample()
    >>> dear = go.Scenario("贵", "F1", money=go.BudgetRules(activity_yuan=600))
    >>> two = [go.run_scenario(register), go.run_scenario(register, dear)]
    >>> rows = {row[0]: row[1:] for row in list_results(go.compare_outcomes(two))}
    >>> rows["网格工作活动经费"]
    ['元', '51,500', '61,800（+10,300）']
    """
    return [
        [
            row["label"],
            UNIT_WORDS[row["unit_of_measure"]],
            *(_figure(row, name, comparison.base_name) for name in comparison.names),
        ]
        for _, row in comparison.results.iterrows()
    ]


def _figure(row: pd.Series, name: str, base_name: str) -> str:
    value, base = (known(row[key]) for key in (name, base_name))
    if value is None:
        return UNKNOWN
    # what is measured has two decimals in every scenario
    is_whole = all(isinstance(one, int) for one in (value, base) if one is not None)
    told = _rounded(value, is_whole=is_whole)
    if name == base_name or value == base:
        return told
    if base is None:
        return f"{told}（基准未知）"
    return f"{told}（{_rounded(value - base, '+', is_whole=is_whole)}）"


def _rounded(value: float, sign: str = "", *, is_whole: bool) -> str:
    """Round as a spreadsheet does, a half away from zero; 0 stands where exact only."""
    exact = Decimal(str(value))
    if exact == 0:
        return "0"
    places = 0 if is_whole else 2
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:{sign},.{places}f}"
