"""What is learnt from last year's results, and that no more is claimed than known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gridopt.appraisal.calibration import (
    assume,
    calibrate_passes,
    calibrate_scores,
)
from gridopt.appraisal.model import NORMAL, PassModel
from gridopt.errors import InputError
from gridopt.results import DIGITS, Results

C13 = np.array([263, 211, 187, 219, 138, 61, 73, 109, 47, 7, 5, 122, 58])
CDF = np.vectorize(NORMAL.cdf, otypes=[float])


def draw_counts(model: PassModel, seed: int) -> pd.DataFrame:
    """Draw one year of pass counts of the running example."""
    rng = np.random.default_rng(seed)
    leniency = rng.normal(0, model.unit_sd, C13.size) + rng.normal(0, model.city_sd)
    passed = rng.binomial(C13, CDF(model.base + leniency))
    return pd.DataFrame({"unit": range(13), "members": C13, "passed": passed})


def test_the_point_is_the_likeliest_of_all() -> None:
    """No share and deviation nearby explains the counts better, by plain quadrature."""
    counts = draw_counts(PassModel(0.9, unit_sd=0.5), 1)
    found = calibrate_passes(counts).model

    def likelihood(share: float, unit_sd: float) -> float:
        base = NORMAL.inv_cdf(share) * (1 + unit_sd**2) ** 0.5
        at = np.linspace(-8, 8, 801)
        density = np.exp(-0.5 * at**2)
        density /= density.sum()
        chance = CDF(base + unit_sd * at)
        logs = 0.0
        for m, k in zip(counts["members"], counts["passed"], strict=True):
            terms = chance ** int(k) * (1 - chance) ** int(m - k)
            logs += np.log((density * terms).sum())
        return float(logs)

    best = likelihood(found.pass_share, found.unit_sd)
    for share in (-0.02, -0.007, 0.007, 0.02):
        assert likelihood(found.pass_share + share, found.unit_sd) < best
    for unit_sd in (-0.1, 0.1):
        assert likelihood(found.pass_share, found.unit_sd + unit_sd) < best


def test_belief_is_as_wide_as_the_doubt() -> None:
    """Nine times in ten the truth lies in the nine-tenths interval, roughly."""
    truth = PassModel(0.9, unit_sd=0.5)
    inside = np.zeros(2)
    for seed in range(60):
        calibration = calibrate_passes(draw_counts(truth, seed))
        for i, name in enumerate(("pass_share", "unit_sd")):
            low, high = calibration.interval(name)
            inside[i] += low <= getattr(truth, name) <= high
    # 54 expected, four standard errors are 9
    assert (inside >= 45).all()
    assert inside[0] < 60


def test_a_hidden_year_widens_the_belief() -> None:
    """With a leniency of the year one year's share says less of the next."""
    counts = draw_counts(PassModel(0.9, unit_sd=0.3), 2)
    spans = []
    for city_sd in (0.0, 0.3):
        low, high = calibrate_passes(counts, city_sd=city_sd).interval("pass_share")
        spans.append(high - low)
    assert spans[1] > 1.5 * spans[0]


def test_few_units_say_little() -> None:
    """A third of the units leaves a wider interval than all of them."""
    counts = draw_counts(PassModel(0.9, unit_sd=0.5), 3)
    few, all_of_them = (
        calibrate_passes(rows).interval("unit_sd") for rows in (counts[:4], counts)
    )
    assert few[1] - few[0] > all_of_them[1] - all_of_them[0]


def test_weights_are_a_distribution() -> None:
    """Belief sums to one and is nowhere negative, with and without results."""
    counts = draw_counts(PassModel(0.9, unit_sd=0.5), 4)
    for calibration in (calibrate_passes(counts, city_sd=0.2), assume(PassModel(0.8))):
        assert calibration.points["weight"].sum() == pytest.approx(1)
        assert (calibration.points["weight"] > 0).all()


def test_without_results_it_says_so() -> None:
    """An assumption is called one, in words an official can quote."""
    assert "没有以往的评定结果" in assume(PassModel(0.9)).remark_zh


def results_of(scores: np.ndarray, units: np.ndarray) -> Results:
    """Make results of scores, one person each."""
    n = scores.size
    posts = pd.DataFrame(
        {
            **{"person_id": [f"p{i}" for i in range(n)], "unit": units},
            **{"enterprise_id": [f"e{i}" for i in range(n)], "passed": pd.NA},
            **{"since": pd.NaT, "until": pd.NaT, "row": range(2, n + 2)},
            "score": np.round(scores * 10**DIGITS).astype(np.int64),
        }
    ).astype({"score": "Int64", "passed": "boolean"})
    return Results(posts, "results.csv", False)


def test_scores_give_back_the_deviation_of_units() -> None:
    """Of scores drawn with a deviation of units the estimate is near, on average."""
    rng = np.random.default_rng(6)
    found = []
    for _ in range(40):
        units = np.repeat(np.arange(13), C13)
        leniency = rng.normal(0, 4, 13)[units]
        scores = 70 + leniency + rng.normal(0, 8, units.size)
        found.append(calibrate_scores(results_of(scores, units), 60).model)
    assert np.mean([model.unit_sd for model in found]) == pytest.approx(0.5, abs=0.06)
    truth = NORMAL.cdf(10 / 8 / (1 + 0.5**2) ** 0.5)
    shares = np.mean([model.pass_share for model in found])
    assert shares == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("a", 10, 11)], "a（members=10，passed=11）"),
        ([("a", -1, 0)], "members=-1"),
        ([("a", 10, 2.5)], "passed=2.5"),
        ([], "没有人员"),
        ([("a", 0, 0)], "没有人员"),
    ],
)
def test_counts_that_cannot_be_are_named(rows, said) -> None:
    """A count that is none is shown with its unit; nothing is learnt of nobody."""
    counts = pd.DataFrame(rows, columns=["unit", "members", "passed"])
    with pytest.raises(InputError, match=said):
        calibrate_passes(counts)
    with pytest.raises(InputError, match="passed"):
        calibrate_passes(pd.DataFrame({"unit": ["a"], "members": [1]}))


def test_scores_of_one_unit_are_too_few() -> None:
    """One unit says nothing of how units differ."""
    with pytest.raises(InputError, match="两个以上单位"):
        calibrate_scores(results_of(np.arange(9.0), np.zeros(9, dtype=int)), 60)
