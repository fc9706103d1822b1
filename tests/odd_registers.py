"""Registers as no bureau would make them on purpose, and what a true partition is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from gridopt.register import RegisterRules, UnitRules

YUHUAN = ("331083001", "坎门街道", "331083101", "331083201", "海山乡", "331083400")
"""Units of the shipped table, by code and by name; two of them are islands."""

ODD_UNITS = ("玉-城", "A-B", 'say "hi"', "La Salle, IL", "县/乡", "--x", "=1+1", "0-01")
"""Units that name themselves, with every sign that ids and files might trip over."""

INDUSTRIES = ("3443", "5211", "7010", "4710", "8111")
ID_FORMS = ("E{:04d}", "{:05d}", "a b {}", "=1+{}", "@{},x", '"{}"', "企业{}号", "-{}")
NAMES = ("厂{}", "=SUM(A{})", "a,b{}", '"{}"', "两\n行{}", "<b>{}</b>", "{} ", "'{}")
VILLAGES = ("331083001001", "331083001040", "331083101001", "", "")


@dataclass(frozen=True)
class Shape:
    """What is odd about a register; `seed` draws the rest."""

    n: int
    seed: int
    n_units: int = 3
    n_industries: int = 5
    spread: float = 0.02
    is_named_by_rows: bool = False
    id_form: str = "E{:04d}"
    has_villages: bool = False
    has_groups: bool = False
    weights: tuple[str, ...] = ("1",)
    n_people: int = 0


def shapes(most: int = 60) -> st.SearchStrategy[Shape]:
    """Draw shapes of registers of up to `most` enterprises."""
    return st.builds(
        Shape,
        n=st.integers(1, most),
        seed=st.integers(0, 10_000),
        n_units=st.integers(1, 6),
        n_industries=st.integers(1, 5),
        spread=st.sampled_from([0.0, 0.001, 0.02, 0.3]),
        is_named_by_rows=st.booleans(),
        id_form=st.sampled_from(ID_FORMS),
        has_villages=st.booleans(),
        has_groups=st.booleans(),
        weights=st.sampled_from([("1",), ("1", "1000"), ("0.001", "2.5")]),
        n_people=st.sampled_from([0, 3, 40]),
    )


def rows_of(shape: Shape) -> pd.DataFrame:
    """Make the rows of a register."""
    rng = np.random.default_rng(shape.seed)
    units = (ODD_UNITS if shape.is_named_by_rows else YUHUAN)[: shape.n_units]
    rows = []
    for i in range(shape.n):
        # the least is drawn by far most often, so that sizes differ
        unit = units[min(rng.geometric(0.5) - 1, len(units) - 1)]
        industry = INDUSTRIES[min(rng.geometric(0.5) - 1, shape.n_industries - 1)]
        person = f"t{rng.integers(shape.n_people)}" if shape.n_people else ""
        rows.append(
            {
                "enterprise_id": shape.id_form.format(i),
                "name": NAMES[rng.integers(len(NAMES))].format(i),
                "unit": unit,
                "village": _village(rng, unit) if shape.has_villages else "",
                "industry": industry,
                "longitude": f"{121.24 + rng.normal(0, 1) * shape.spread:.6f}",
                "latitude": f"{28.15 + rng.normal(0, 1) * shape.spread:.6f}",
                "status": "groomed" if rng.random() < 0.2 else "above_scale",
                "statistician_id": person if rng.random() < 0.9 else "",
                "group_id": f"g{rng.integers(4)}" if shape.has_groups else "",
                "weight": shape.weights[rng.integers(len(shape.weights))],
            }
        )
    return pd.DataFrame(rows)


def _village(rng: np.random.Generator, unit: str) -> str:
    found = [village for village in VILLAGES if village.startswith(unit)]
    return found[rng.integers(len(found))] if found else ""


def reading(shape: Shape) -> RegisterRules:
    """Say how such a register is to be read."""
    return RegisterRules(
        coordinates="gcj02",
        industry_edition="2017",
        place_limit_km=1000,
        units=UnitRules(from_register=shape.is_named_by_rows),
    )


def simple_rows(n: int, **cells: object) -> pd.DataFrame:
    """Make n industrial firms of one street, some of whose columns are as given."""
    shape = Shape(n=n, seed=n, n_units=1, n_industries=1)
    return rows_of(shape).assign(**cells)


def assert_true(partition) -> None:
    """Hold a partition to the contract: who, where, how many, and what is listed."""
    enterprises, grids = partition.enterprises, partition.grids
    register = partition.register
    assert list(enterprises.index) == list(register.enterprises.index)
    assert grids.index.is_unique
    assert grids.index.is_monotonic_increasing
    assert set(enterprises["grid_id"]) == set(grids.index)
    assert (enterprises.groupby("grid_id")["block_id"].nunique() == 1).all()
    home = enterprises["grid_id"].map(grids["block_id"])
    assert (home == enterprises["block_id"]).all()
    sizes = enterprises.groupby("grid_id").size()
    assert (sizes == grids["size"]).all()
    _assert_medoids(enterprises, grids)
    _assert_bands(partition)
    _assert_blocks(partition)
    left_out = sum(register.left_out.values()) + len(register.quarantined)
    assert len(enterprises) + left_out == register.n_read


def _assert_medoids(enterprises: pd.DataFrame, grids: pd.DataFrame) -> None:
    medoids = enterprises[enterprises["is_medoid"]]
    at = pd.Series(medoids.index, medoids["grid_id"]).sort_index()
    assert at.index.is_unique
    assert (at == grids["medoid_id"]).all()
    assert (medoids["distance_m"] == 0).all()
    travel = enterprises.groupby("grid_id")["distance_m"].sum().round(1)
    assert (travel == grids["travel_m"]).all()
    far = enterprises.groupby("grid_id")["distance_m"].max()
    assert (far == grids["radius_m"]).all()


def _assert_bands(partition) -> None:
    """Keep the block's band; list it where it is not the rules'."""
    rules, blocks, told = partition.rules, partition.blocks, partition.exceptions
    least = partition.grids["block_id"].map(blocks["least"])
    most = partition.grids["block_id"].map(blocks["most"])
    assert partition.grids["size"].between(least, most).all()
    is_own = (blocks["least"] != rules.least) | (blocks["most"] != rules.most)
    listed = told.loc[told["clause"] == "P5", "block_id"]
    assert set(blocks.index[is_own]) == set(listed)
    mixed = partition.grids["n_other_category"] + partition.grids["n_other_unit"] > 0
    merged = told.loc[told["clause"].isin(["P3", "P8"]), "block_id"]
    assert set(partition.grids.loc[mixed, "block_id"]) == set(merged)


def _assert_blocks(partition) -> None:
    blocks = partition.blocks
    by_block = partition.enterprises.groupby("block_id")
    assert (by_block.size() == blocks["n"]).all()
    assert (by_block["grid_id"].nunique() == blocks["n_grids"]).all()
    assert (blocks["bound"] <= blocks["cost"]).all()
    assert list(blocks.index) == [c.block_id for c in partition.certificates]
