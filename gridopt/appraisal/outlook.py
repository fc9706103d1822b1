"""What a budget has to reckon with: the bill's risk, assumptions, other readings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridopt.appraisal.calibration import assume
from gridopt.appraisal.distribution import BillDistribution, bill_distribution
from gridopt.appraisal.model import PassModel
from gridopt.appraisal.sensitivity import Change, tornado
from gridopt.awards.rules import FLOOR_WORDS, LEVEL_WORDS, ROUNDING_WORDS
from gridopt.cards import Card, Shown

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.appraisal.calibration import Calibration
    from gridopt.awards.rules import AwardRules
    from gridopt.terms import BudgetRules


@dataclass(frozen=True, repr=False)
class Outlook(Shown):
    """The award bill of a year whose results are not known yet.

    Attributes
    ----------
    distribution
        What the bill may be.
    changes, readings
        Tables of `tornado`: other assumptions, and other readings of the document.
    remark_zh
        What the chances rest on, one sentence.
    """

    distribution: BillDistribution
    changes: pd.DataFrame
    readings: pd.DataFrame
    remark_zh: str

    def card(self) -> Card:
        """Tell the distribution of the bill, and what its chances rest on."""
        card = self.distribution.card()
        return replace(card, facts=(*card.facts, ("说明", self.remark_zh)))


def look_ahead(counts: pd.DataFrame, rules: BudgetRules) -> Outlook:
    """Say what the award bill may come to under a budget's assumptions (F5 to F7).

    Parameters
    ----------
    counts
        As in `settle_awards`: `unit, members` and, where known, `grid_id`.
    rules
        The choices in force; members pass with the chance `pass_percent`, under the
        leniencies `unit_sd` and `city_sd` (0 where not set).

    Raises
    ------
    InputError
        As `bill_distribution`: where the floor is kept over several pools at once.

    Examples
    --------
    >>> import pandas as pd
    >>> from gridopt.terms import BudgetRules
    >>> counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    >>> outlook = look_ahead(counts, BudgetRules())
    >>> outlook.distribution.quantile(0.95)
    63000
    """
    model = model_of(rules)
    remark = assume(model).remark_zh
    if rules.unit_sd is None and rules.city_sd is None:
        remark += "未设各单位、各年度的宽严差异，各人视为互不相关，风险因此偏小。"
    return Outlook(
        distribution=bill_distribution(counts, rules, model),
        changes=tornado(counts, rules, model),
        readings=tornado(counts, rules, model, list_readings(rules, counts)),
        remark_zh=remark,
    )


def model_of(rules: BudgetRules) -> PassModel:
    """Return the model that a budget's settings describe."""
    return PassModel(
        rules.pass_percent / 100, rules.unit_sd or 0.0, rules.city_sd or 0.0
    )


def list_readings(rules: AwardRules, counts: pd.DataFrame) -> list[Change]:
    """List the other readings of the document that can be reckoned exactly (F5 to F7).

    Pools, roundings and floors other than the chosen ones, one at a time; where the
    pool is finer than the level of the floor, the floor moves with it.
    """
    readings = [
        Change(f"rounding_{key}", f"取整：{words}", rules={"rounding": key})
        for key, words in ROUNDING_WORDS.items()
        if key != rules.rounding
    ]
    readings += [
        Change(f"floor_{key}", f"最低合格率——{words}", rules={"floor": key})
        for key, words in FLOOR_WORDS.items()
        if key != rules.floor
    ]
    levels = ["city", "unit"] + (["grid"] if "grid_id" in counts else [])
    for level in levels:
        if level != rules.pool:
            both = {"pool": level, "floor_level": level}
            text = f"评定范围和最低合格率均按{LEVEL_WORDS[level]}"
            readings.append(Change(f"pool_{level}", text, rules=both))
    return readings


@dataclass(frozen=True, repr=False)
class Doubt(Shown):
    """The bill under everything that last year's results leave believable.

    Attributes
    ----------
    distribution
        The bill, members' luck and doubt about the model together.
    process_sd_yuan
        Standard deviation that would be left if the model were known.
    parameter_sd_yuan
        Standard deviation of the expected bill over believable models.
    """

    distribution: BillDistribution
    process_sd_yuan: float
    parameter_sd_yuan: float

    def card(self) -> Card:
        """Tell the distribution of the bill, and how much of it is doubt."""
        card = self.distribution.card()
        told = (
            ("模型已知时的标准差", f"{self.process_sd_yuan:,.0f}元"),
            ("模型未定引起的标准差", f"{self.parameter_sd_yuan:,.0f}元"),
        )
        return replace(card, facts=(*card.facts, *told))


def doubt_bill(
    counts: pd.DataFrame, rules: AwardRules, calibration: Calibration
) -> Doubt:
    """Mix the bill over the models that are believable after a calibration.

    Parameters
    ----------
    counts, rules
        As in `bill_distribution`.
    calibration
        Its `points` are gathered into cells of half a per cent and a tenth of a
        deviation and mixed by weight; cells of less than a thousandth are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> from gridopt.appraisal.calibration import calibrate_passes
    >>> from gridopt.awards import AwardRules
    >>> counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    >>> found = calibrate_passes(counts.assign(passed=[18, 20]))
    >>> doubt = doubt_bill(counts, AwardRules(), found)
    >>> doubt.parameter_sd_yuan > 0
    True
    """
    points = _gather(calibration.points)
    city_sd = calibration.model.city_sd
    bills = [
        bill_distribution(counts, rules, PassModel(share, unit_sd, city_sd))
        for share, unit_sd in points[["pass_share", "unit_sd"]].itertuples(index=False)
    ]
    weights = points["weight"].to_numpy()
    yuan = np.unique(np.concatenate([bill.yuan for bill in bills]))
    chance = np.zeros(yuan.size)
    for weight, bill in zip(weights, bills, strict=True):
        chance[np.searchsorted(yuan, bill.yuan)] += weight * bill.chance
    means = np.array([bill.mean_yuan for bill in bills])
    mean = float(weights @ means)
    within = float(weights @ np.array([bill.sd_yuan**2 for bill in bills]))
    return Doubt(
        distribution=BillDistribution(
            yuan,
            chance / chance.sum(),
            min(bill.least_yuan for bill in bills),
            max(bill.most_yuan for bill in bills),
            rules,
            calibration.model,
        ),
        process_sd_yuan=within**0.5,
        parameter_sd_yuan=float(weights @ (means - mean) ** 2) ** 0.5,
    )


def _gather(points: pd.DataFrame) -> pd.DataFrame:
    """Put believable points into cells of half a point and a tenth, by their means."""
    cells = [(points["pass_share"] * 200).round(), (points["unit_sd"] * 10).round()]
    weighed = points.assign(
        pass_share=points["pass_share"] * points["weight"],
        unit_sd=points["unit_sd"] * points["weight"],
    )
    sums = weighed.groupby(cells, sort=True).sum()
    for name in ("pass_share", "unit_sd"):
        sums[name] /= sums["weight"]
    kept = sums[sums["weight"] > 1e-3]
    return kept.assign(weight=kept["weight"] / kept["weight"].sum())
