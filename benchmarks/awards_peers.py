"""What others make of the same draws of awards: each peer as a function of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from gridopt.awards.rounding import IntArray

UNIT_SD, CITY_SD, BASE = 0.5, 0.3, 1.483503
"""The model of every measurement: 90 % pass, units and years are lenient or strict."""


def pandas_bills(members: pd.DataFrame, n: int) -> IntArray:
    """Loop over replications with one group-by each: bills in yuan, shape (n,)."""
    rng = np.random.default_rng(0)
    frame, bills = members[["unit"]].copy(), []
    for _ in range(n):
        frame["score"] = _draw_scores(rng, frame["unit"])
        frame["passed"] = frame["score"] >= 0
        bills.append(int(_settle(frame)["yuan"].sum()))
    return np.array(bills)


def pandas_stars(members: pd.DataFrame, n: int) -> tuple[IntArray, IntArray]:
    """Rank every person in every replication: bills, and how often each got stars."""
    rng = np.random.default_rng(0)
    frame, bills = members[["unit"]].copy(), []
    stars = np.zeros((3, len(frame)), dtype=np.int64)
    for _ in range(n):
        frame["score"] = _draw_scores(rng, frame["unit"])
        frame["passed"] = frame["score"] >= 0
        units = _settle(frame)
        ranks = frame.groupby("unit")["score"].rank(ascending=False, method="first")
        for star, column in enumerate(("qualified", "two", "three")):
            stars[star] += ranks <= frame["unit"].map(units[column])
        bills.append(int(units["yuan"].sum()))
    return np.array(bills), stars


def openfisca_bills(members: pd.DataFrame, n: int) -> IntArray:
    """Let OpenFisca-core calculate each replication: bills in yuan, shape (n,)."""
    from openfisca_core.simulations import SimulationBuilder

    rng = np.random.default_rng(0)
    codes, names = pd.factorize(members["unit"])
    builder = SimulationBuilder()
    builder.create_entities(system := _openfisca_system())
    builder.declare_person_entity("person", members["person_id"].tolist())
    units = builder.declare_entity("unit", list(names))
    builder.join_with_persons(units, codes, roles=["member"] * len(members))
    simulation, bills = builder.build(system), []
    for _ in range(n):
        simulation.set_input("score", "2025", _draw_scores(rng, members["unit"]))
        bills.append(int(simulation.calculate("award", "2025").sum()))
        for name in ("score", "qualified", "award"):
            simulation.delete_arrays(name, "2025")
    return np.array(bills)


def _openfisca_system() -> Any:
    """Write the award rule down as OpenFisca does a law."""
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    person = build_entity("person", "persons", "", is_person=True)
    roles = [{"key": "member", "plural": "members", "label": "", "doc": ""}]
    unit = build_entity("unit", "units", "", roles=roles)

    class score(Variable):  # noqa: N801
        value_type, entity, definition_period = float, person, DateUnit.YEAR
        label = "score"

    class qualified(Variable):  # noqa: N801
        value_type, entity, definition_period = int, unit, DateUnit.YEAR
        label = "people qualified"

        def formula(unit: Any, period: Any) -> Any:  # noqa: N805
            passed = unit.sum(unit.members("score", period) >= 0)
            return np.maximum(passed, (4 * unit.nb_persons() + 4) // 5)

    class award(Variable):  # noqa: N801
        value_type, entity, definition_period = int, unit, DateUnit.YEAR
        label = "yuan"

        def formula(unit: Any, period: Any) -> Any:  # noqa: N805
            people = unit("qualified", period)
            return 1000 * (people + (8 * people + 10) // 20 + (2 * people + 10) // 20)

    system = TaxBenefitSystem([person, unit])
    system.add_variables(score, qualified, award)
    return system


def apportionment_stars(people: IntArray, method: str) -> IntArray:
    """Let `apportionment` share people over three stars, pool by pool, shape (n, 3)."""
    from apportionment.methods import compute

    return np.array([compute(method, [60, 30, 10], int(q)) for q in people])


def aggregate_moments(sizes: list[int]) -> tuple[float, float, float]:
    """Let `aggregate` find mean, sd and P95 of the bill of independent members, k yuan.

    Exact shares and no floor: 1.5 k for each member who passes.
    """
    from aggregate import build

    lines = "\n".join(
        f"\tagg U{i} {size} claims dsev [0 1.5] [1/10 9/10] fixed"
        for i, size in enumerate(sizes)
    )
    bill = build(f"port Awards\n{lines}", bs=1 / 2, log2=13)
    return bill.agg_m, bill.agg_sd, float(bill.q(0.95))


def _draw_scores(rng: np.random.Generator, unit: pd.Series) -> Any:
    names = unit.unique()
    lenience = pd.Series(UNIT_SD * rng.standard_normal(len(names)), index=names)
    own = rng.standard_normal(len(unit))
    shared = BASE + CITY_SD * rng.standard_normal()
    return shared + unit.map(lenience).to_numpy() + own


def _settle(frame: pd.DataFrame) -> pd.DataFrame:
    units = frame.groupby("unit")["passed"].agg(["size", "sum"])
    least = (4 * units["size"] + 4) // 5
    units["qualified"] = np.maximum(units["sum"], least)
    units["two"] = (8 * units["qualified"] + 10) // 20
    units["three"] = (2 * units["qualified"] + 10) // 20
    units["yuan"] = 1000 * units[["qualified", "two", "three"]].sum(axis=1)
    return units
