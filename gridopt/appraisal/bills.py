"""How likely each bill of a city is, and within which hard bounds it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.appraisal.chances import (
    FloatArray,
    binomial,
    convolve_all,
    mix_binomials,
    poisson_binomial,
    settle_mass,
    split_chance,
)
from gridopt.appraisal.groups import City, Group, Unit, count_group, count_unit
from gridopt.appraisal.law import Law, add_laws
from gridopt.appraisal.leniency import Nodes, place_city, place_unit
from gridopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridopt.appraisal.model import PassModel
    from gridopt.appraisal.tariff import Range, Tariff

MOST_POINTS = 2**25
"""Most sums told apart: with more an office computer would run out of memory."""
AT_ONCE = 2**22
"""How many chances are laid out at a time."""
MOST_CASES = 128
"""At how many leniencies at a time: they are weighed in square tables."""
_FEW = 8
"""Classes of so many members or fewer are added member by member."""


def find_bill(
    city: City, tariff: Tariff, model: PassModel, nodes: int | None = None
) -> tuple[Law, Range]:
    """Return the law of the bill of a city, one case, and its hard bounds.

    Parameters
    ----------
    city
        Its units, see `cut_city`.
    tariff
        Floor, pool and price.
    model
        What makes members pass together.
    nodes
        Gauss-Hermite nodes for each leniency; None for even rows as dense as needed.

    Raises
    ------
    InputError
        Where more than `MOST_POINTS` bills would have to be told apart.

    Examples
    --------
    >>> from gridopt.appraisal.model import PassModel
    >>> from gridopt.appraisal.tariff import read_tariff
    >>> from gridopt.awards import AwardRules
    >>> unit = ((((0.5, 2),), 1),)
    >>> tariff = read_tariff(AwardRules(floor="none"))
    >>> law, reach = find_bill(((unit, 1),), tariff, PassModel(0.5))
    >>> dict(zip(law.values.tolist(), law.chance[0].tolist(), strict=True))
    {0: 0.25, 1000: 0.5, 2000: 0.0, 3000: 0.25}
    >>> reach
    (0, 3000)
    """
    if not city:
        return Law(np.zeros(1, dtype=np.int64), np.ones((1, 1))), (0, 0)
    sizes = [count_unit(unit) for unit, times in city for _ in range(times)]
    largest = _find_largest(city, tariff)
    tariff = tariff.tabulate(largest)
    step = tariff.find_step("city", largest)
    reach = bound_bill(city, tariff)
    n_points = _count_points(city, tariff, "city", step, reach)
    years = place_city(model, sizes, nodes)
    mixed: float | FloatArray = 0.0
    for cases in _cut(years.points.size, n_points):
        year = Nodes(years.points[cases], years.weights[cases])
        units = [
            (_find_unit(unit, tariff, model, year, nodes), times)
            for unit, times in city
        ]
        law = add_laws(units, step)
        mixed = mixed + year.weights[np.newaxis] @ law.chance
    law = Law(law.values, settle_mass(np.asarray(mixed)))
    return tariff.convert(law, "city", sum(sizes)), reach


def _cut(n_cases: int, n_points: int) -> Iterator[slice]:
    n_at_once = min(MOST_CASES, max(1, AT_ONCE // n_points))
    for first in range(0, n_cases, n_at_once):
        yield slice(first, first + n_at_once)


def _find_largest(city: City, tariff: Tariff) -> int:
    # members of the largest pool
    if tariff.pool == "grid":
        return max(count_group(group) for unit, _ in city for group, _ in unit)
    sizes = [(count_unit(unit), times) for unit, times in city]
    if tariff.pool == "unit":
        return max(size for size, _ in sizes)
    return sum(size * times for size, times in sizes)


def _count_points(
    city: City, tariff: Tariff, level: str, step: int, reach: Range
) -> int:
    # how many sums of a level are told apart
    n_points = 1 + sum(times * count_unit(unit) for unit, times in city)
    if not tariff.adds_people(level):
        n_points = 1 + (reach[1] - reach[0]) // step
    if n_points > MOST_POINTS:
        raise InputError(
            f"须区分的金额有{n_points:,}个，超过{MOST_POINTS:,}个：各星级奖励的差额只有"
            f"公约数{step}元。请把奖励标准取为百元或千元的整数倍，或将评定范围 "
            "pool 设为 city，或改用抽样模拟。",
            f"{n_points:,} bills would have to be told apart, more than "
            f"{MOST_POINTS:,}: prizes have no common divisor above {step} yuan. Take "
            "prizes in hundreds or thousands, set pool to city, or use the simulation.",
        )
    return n_points


def _find_unit(
    unit: Unit, tariff: Tariff, model: PassModel, year: Nodes, nodes: int | None
) -> Law:
    # one case per leniency of the year; that of the unit is averaged out here
    n_members = count_unit(unit)
    sums, weights = place_unit(model, year, n_members, nodes)
    [(group, n_alike), *others] = unit
    if n_alike == 1 and not others and len(group) == 1:
        [[passing], [failing]] = _pass(group, model, sums)
        passes = mix_binomials(weights, n_members, passing, failing)
        law = tariff.convert(Law(np.arange(n_members + 1), passes), "grid", n_members)
    else:
        law = _mix_grids(unit, tariff, model, sums, weights)
    return tariff.convert(law, "unit", n_members)


def _mix_grids(
    unit: Unit,
    tariff: Tariff,
    model: PassModel,
    sums: FloatArray,
    weights: FloatArray,
) -> Law:
    city: City = ((unit, 1),)
    step = tariff.find_step("unit", _find_largest(city, tariff))
    mixed: float | FloatArray = 0.0
    reach = bound_bill(city, tariff)
    n_points = _count_points(city, tariff, "unit", step, reach)
    for cases in _cut(sums.size, n_points):
        law = add_laws(
            [
                (_find_group(group, tariff, model, sums[cases]), times)
                for group, times in unit
            ],
            step,
        )
        mixed = mixed + weights[:, cases] @ law.chance
    return Law(law.values, np.asarray(mixed))


def _find_group(
    group: Group, tariff: Tariff, model: PassModel, sums: FloatArray
) -> Law:
    # one case per sum of leniencies, given which all members are independent
    n_members = count_group(group)
    sizes = np.array([n for _, n in group])
    passing, failing = _pass(group, model, sums)
    is_few = sizes <= _FEW
    parts = [
        binomial(n, mine, not_mine)
        for n, mine, not_mine in zip(
            sizes[~is_few], passing[~is_few], failing[~is_few], strict=True
        )
    ]
    if is_few.any():
        each = np.repeat(passing[is_few], sizes[is_few], axis=0)
        parts.append(poisson_binomial(each.T))
    law = Law(np.arange(n_members + 1), convolve_all(parts))
    return tariff.convert(law, "grid", n_members)


def _pass(
    group: Group, model: PassModel, sums: FloatArray
) -> tuple[FloatArray, FloatArray]:
    # chances to pass and not to, shape (n_classes, n_sums)
    shares = np.array([share for share, _ in group])
    if not (model.unit_sd or model.city_sd):
        return shares[:, np.newaxis], 1 - shares[:, np.newaxis]
    bases = np.array([model.base_of(share) for share, _ in group])
    return split_chance(np.add.outer(bases, sums))


def bound_bill(city: City, tariff: Tariff) -> Range:
    """Return the least and the largest bill, whatever the results.

    They are those of `settle_awards`; under `controlled` the tighter ones of the city
    as a whole.

    Examples
    --------
    >>> from gridopt.appraisal.tariff import read_tariff
    >>> from gridopt.awards import AwardRules
    >>> unit = ((((0.9, 20),), 1),)
    >>> bound_bill(((unit, 2),), read_tariff(AwardRules()))
    (48000, 60000)
    """
    units = [(_bound_unit(unit, tariff), times) for unit, times in city]
    n_members = sum(times * count_unit(unit) for unit, times in city)
    return tariff.bound(_add(units), "city", n_members)


def _bound_unit(unit: Unit, tariff: Tariff) -> Range:
    groups = []
    for group, times in unit:
        n = count_group(group)
        groups.append((tariff.bound((0, n), "grid", n), times))
    return tariff.bound(_add(groups), "unit", count_unit(unit))


def _add(ranges: list[tuple[Range, int]]) -> Range:
    low = sum(times * each[0] for each, times in ranges)
    return low, sum(times * each[1] for each, times in ranges)
