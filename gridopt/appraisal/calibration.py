"""What last year's results say of the chances of passing, and how little that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.appraisal.model import NORMAL, PassModel
from gridopt.cards import Card, Shown
from gridopt.errors import InputError
from gridopt.findings import some, some_ids
from gridopt.results import DIGITS

if TYPE_CHECKING:
    from gridopt.results import Results

FloatArray = npt.NDArray[np.float64]

POINT_COLUMNS = ("pass_share", "unit_sd", "weight")
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_CITY_NODES, _CITY_WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_CITY_WEIGHTS = _CITY_WEIGHTS / _CITY_WEIGHTS.sum()
_SHARES = np.concatenate([np.linspace(0.02, 0.5, 13)[:-1], np.linspace(0.5, 0.998, 84)])
_SPREADS = np.linspace(0, 2, 41)
_LEAST_WEIGHT = 1e-3


@dataclass(frozen=True, repr=False)
class Calibration(Shown):
    """What was learnt of the model of who passes.

    Attributes
    ----------
    model
        The likeliest numbers; `city_sd` is a stated judgement, since one year of
        results cannot tell the year's leniency from the members' strength.
    points
        How believable other numbers are, columns `POINT_COLUMNS`, weights sum to 1;
        one row where there are no results.
    n_units, n_members, n_passed
        What it rests on, 0 where there are no results.
    source
        `none`, `counts` or `scores`.
    """

    model: PassModel
    points: pd.DataFrame
    n_units: int
    n_members: int
    n_passed: int
    source: str

    def interval(self, name: str, share: float = 0.9) -> tuple[float, float]:
        """Return where `pass_share` or `unit_sd` lies with this belief, both ends.

        Examples
        --------
        >>> counts = pd.DataFrame({"unit": ["a", "b"], "members": 20, "passed": 18})
        >>> low, high = calibrate_passes(counts).interval("pass_share")
        >>> bool(low < 0.9 < high)
        True
        """
        rows = self.points.groupby(name, as_index=False)["weight"].sum()
        below = rows["weight"].cumsum().to_numpy()
        tail = (1 - share) / 2
        at = np.searchsorted(below, [tail, 1 - tail]).clip(0, len(rows) - 1)
        low, high = rows[name].to_numpy()[at]
        return float(low), float(high)

    def card(self) -> Card:
        """Tell the likeliest model, and how far it may be believed."""
        model = self.model
        return Card(
            title="通过概率和宽严差异",
            brief=f"通过概率{model.pass_share:.1%}，各单位宽严差异{model.unit_sd:.2f}",
            facts=(
                ("通过概率", f"{model.pass_share:.1%}"),
                ("各单位宽严差异", f"{model.unit_sd:.2f}"),
                ("年度间的整体宽严", f"{model.city_sd:g}"),
                ("说明", self.remark_zh),
            ),
        )

    @property
    def remark_zh(self) -> str:
        """What an official has to know of the numbers, one sentence."""
        if self.source == "none":
            return (
                "没有以往的评定结果，通过概率和各单位宽严差异均为假定，只能据以试算；"
                "可以确定的只有奖励总额的上下限。"
            )
        low, high = self.interval("pass_share")
        sd_low, sd_high = self.interval("unit_sd")
        what = "合格人数" if self.source == "counts" else "得分"
        return (
            f"根据{self.n_units}个单位{self.n_members}人一年的{what}估计：通过概率约"
            f"{self.model.pass_share:.1%}（九成把握在{low:.1%}至{high:.1%}之间），"
            f"各单位宽严差异约{self.model.unit_sd:.2f}（{sd_low:.2f}至{sd_high:.2f}）；"
            f"年度间的整体宽严（{self.model.city_sd:g}）一年的结果无法估计，为判断值。"
        )


def assume(model: PassModel) -> Calibration:
    """State a model as an assumption, where there are no results to learn from.

    Examples
    --------
    >>> assume(PassModel(0.9)).source
    'none'
    """
    row = (model.pass_share, model.unit_sd, 1.0)
    points = pd.DataFrame([row], columns=list(POINT_COLUMNS))
    return Calibration(model, points, 0, 0, 0, "none")


def calibrate_passes(
    counts: pd.DataFrame, *, city_sd: float = 0.0, spread_sd: float = 0.5
) -> Calibration:
    """Learn the model from one year's pass counts by unit.

    The likelihood of each unit's count is a binomial mixed over its leniency
    (Gauss-Hermite); it is laid over a grid of pass shares and deviations. The point
    is its maximum. Belief in other points weighs it with a half-normal prior on
    `unit_sd`, since a handful of units says little of it.

    Parameters
    ----------
    counts
        One row per unit: `unit, members, passed`, whole numbers.
    city_sd
        Leniency of the year, a judgement: what the year hides is added to the doubt
        about the pass share.
    spread_sd
        Scale of the prior on `unit_sd`.

    Raises
    ------
    InputError
        Where a count is no whole number from 0, or more passed than there are; or
        there is nobody.

    Examples
    --------
    >>> counts = pd.DataFrame({"unit": list("abc"), "members": 100,
    ...     "passed": [95, 90, 80]})
    >>> calibration = calibrate_passes(counts)
    >>> 0.85 < calibration.model.pass_share < 0.92
    True
    """
    members, passed = _check_counts(counts)
    chances = _mix(members, passed)
    share, spread = np.unravel_index(np.argmax(chances), chances.shape)
    model = _model_of(_bases()[share, spread], _SPREADS[spread], city_sd)
    prior = np.exp(-0.5 * (_SPREADS / spread_sd) ** 2)
    belief = np.exp(chances - chances.max()) * _widths()[:, np.newaxis] * prior
    points = _list_points(belief, city_sd)
    return Calibration(
        model, points, len(members), int(members.sum()), int(passed.sum()), "counts"
    )


def _bases() -> FloatArray:
    """Give the constant of each pair of pass share and deviation, this year's."""
    probits = np.array([NORMAL.inv_cdf(share) for share in _SHARES])
    return probits[:, np.newaxis] * np.sqrt(1 + _SPREADS**2)


def _widths() -> FloatArray:
    return np.gradient(_SHARES)


@cache
def _log_chances() -> tuple[FloatArray, FloatArray]:
    """Take logs of the chances to pass and to fail, shape (shares, spreads, nodes)."""
    latent = _bases()[:, :, np.newaxis] + _SPREADS[:, np.newaxis] * _NODES
    cdf = np.vectorize(NORMAL.cdf, otypes=[np.float64])
    # failing is the other tail, not one less the first: nothing cancels
    passing, failing = (
        np.log(np.maximum(cdf(sign * latent), 1e-300)) for sign in (1, -1)
    )
    return passing, failing


def _mix(members: npt.NDArray[np.int64], passed: npt.NDArray[np.int64]) -> FloatArray:
    """Log-likelihood of all counts at each share and deviation, (shares, spreads)."""
    passing, failing = _log_chances()
    total = np.zeros(passing.shape[:2])
    for m, k in zip(members, passed, strict=True):
        one = np.log(_WEIGHTS) + k * passing + (m - k) * failing
        top = one.max(axis=-1)
        total += top + np.log(np.exp(one - top[..., np.newaxis]).sum(axis=-1))
    return total


def _model_of(base: float, unit_sd: float, city_sd: float) -> PassModel:
    spread = sqrt(1 + unit_sd**2 + city_sd**2)
    return PassModel(NORMAL.cdf(base / spread), float(unit_sd), city_sd)


def _list_points(belief: FloatArray, city_sd: float) -> pd.DataFrame:
    """List what is believable, the year's hidden leniency spread over each point."""
    belief = belief / belief.sum()
    rows = []
    shifts = list(zip(city_sd * _CITY_NODES, _CITY_WEIGHTS, strict=True))
    for i, j in zip(*np.nonzero(belief > _LEAST_WEIGHT * belief.max()), strict=True):
        for shift, weight in shifts if city_sd else [(0.0, 1.0)]:
            model = _model_of(_bases()[i, j] - shift, _SPREADS[j], city_sd)
            rows.append((model.pass_share, model.unit_sd, belief[i, j] * weight))
    points = pd.DataFrame(rows, columns=list(POINT_COLUMNS))
    points["weight"] /= points["weight"].sum()
    return points


def _check_counts(
    counts: pd.DataFrame,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    missing = [name for name in ("unit", "members", "passed") if name not in counts]
    if missing:
        raise InputError(
            f"合格人数表缺少列：{'、'.join(missing)}，现有列：{'、'.join(counts)}。",
            f"The table of passes lacks {', '.join(missing)}; it has "
            f"{', '.join(counts)}.",
        )
    wrong = [
        f"{unit}（members={m!r}，passed={k!r}）"
        for unit, m, k in counts[["unit", "members", "passed"]].itertuples(index=False)
        if not (_is_count(m) and _is_count(k) and k <= m)
    ]
    if wrong or counts.empty or not counts["members"].sum():
        raise InputError(
            f"合格人数表有{len(wrong)}行不对：{some(wrong) or '没有人员'}。"
            "人数须为整数，合格人数不超过人数。",
            f"{len(wrong)} rows of passes are wrong: {some_ids(wrong) or 'nobody'}. "
            "Counts are whole numbers, and no more pass than there are.",
        )
    is_filled = counts["members"] > 0
    members, passed = (
        counts.loc[is_filled, name].to_numpy(dtype=np.int64)
        for name in ("members", "passed")
    )
    return members, passed


def _is_count(value: object) -> bool:
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return is_whole and 0 <= int(value) <= 10**8  # type: ignore[call-overload]


def calibrate_scores(
    results: Results, pass_score: int, *, city_sd: float = 0.0
) -> Calibration:
    """Learn the model from one year's individual scores.

    A one-way analysis of variance: members vary around their unit's mean with one
    deviation, units around the city's with another; the latter over the former is
    `unit_sd`. Belief is normal in the mean and scaled chi-squared in the units'
    deviation (Searle, Casella, McCulloch 1992, Variance Components).

    Parameters
    ----------
    results
        Results with a score for each person, once.
    pass_score
        Score from which a member passes.
    city_sd
        As in `calibrate_passes`.

    Raises
    ------
    InputError
        Where there are fewer than two units or all scores of each unit are equal.
    """
    rows = results.posts.dropna(subset=["score"]).drop_duplicates("person_id")
    score = rows["score"].to_numpy(dtype=np.float64) / 10**DIGITS
    groups = pd.Series(score).groupby(rows["unit"].to_numpy())
    sizes, means = groups.size().to_numpy(), groups.mean().to_numpy()
    within = float(((score - groups.transform("mean").to_numpy()) ** 2).sum())
    n, u = score.size, sizes.size
    if u < 2 or n <= u or within == 0:
        raise InputError(
            f"用得分估计须有两个以上单位且单位内得分有高低；现有{u}个单位、{n}个得分。",
            f"Scores of two units and more, not all equal, are needed; found {u} units "
            f"and {n} scores.",
        )
    member_var = within / (n - u)
    even = (n - (sizes**2).sum() / n) / (u - 1)
    between = float((sizes * (means - score.mean()) ** 2).sum()) / (u - 1)
    unit_var = max(0.0, (between - member_var) / even)
    above = (score.mean() - pass_score) / sqrt(member_var)
    unit_sd = sqrt(unit_var / member_var)
    model = _model_of(above, unit_sd, city_sd)
    belief = _believe_scores(above, (u, n), (between, member_var, float(even)))
    n_passed = int((score >= pass_score).sum())
    return Calibration(model, _list_points(belief, city_sd), u, n, n_passed, "scores")


def _believe_scores(
    above: float, sizes: tuple[int, int], spread: tuple[float, float, float]
) -> FloatArray:
    """Weigh each share and deviation by how well it explains means and variances."""
    (n_units, n_members), (between, member_var, even) = sizes, spread
    expected = 1 + even * _SPREADS**2
    freedom = n_units - 1
    ratio = between / member_var / expected
    of_spread = freedom / 2 * (np.log(ratio) - ratio)
    mean_var = 1 / n_members + _SPREADS**2 / n_units
    apart = (_bases() - above) ** 2 / mean_var
    chances = of_spread - 0.5 * apart - 0.5 * np.log(mean_var)
    weights: FloatArray = np.exp(chances - chances.max()) * _widths()[:, np.newaxis]
    return weights
