"""How solved blocks become a partition: ids, distances, explanations, proofs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.blocks import route_units
from gridopt.certificate import Certificate, gap_share
from gridopt.formulation import remarks_on
from gridopt.numbering import count_numbers
from gridopt.partition import (
    BLOCK_COLUMNS,
    ENTERPRISE_COLUMNS,
    EXCEPTION_COLUMNS,
    GRID_COLUMNS,
    Partition,
    name_grid,
    sort_exceptions,
)
from gridopt.problem import NONE
from gridopt.tallies import tally_grids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.blocks import Block, Departure
    from gridopt.formulation import Past
    from gridopt.problem import GridRules, Problem
    from gridopt.register import Register
    from gridopt.solvers import Capped, Result


@dataclass(frozen=True)
class Cut:
    """All that is known once every block is solved, on the way to a partition.

    Attributes
    ----------
    register, rules, past
        What was cut, by what, and from which plan in force.
    blocks, labels, problems, results, runtimes_s
        Per block: its enterprises, the ids of its previous grids, its arrays, the
        answer and the seconds it took.
    capped
        Surcharge and allotments, where there is a cap on movers.
    band_before
        Least and most that the plan in force was cut by, None where unknown.
    """

    register: Register
    rules: GridRules
    past: Past
    blocks: Sequence[Block]
    labels: Sequence[tuple[str, ...]]
    problems: Sequence[Problem]
    results: Sequence[Result]
    runtimes_s: Sequence[float]
    capped: Capped
    band_before: tuple[int, int] | None

    def partition(self, seed: int, small_blocks: dict[str, object]) -> Partition:
        """Put the blocks' plans together, with ids, distances and explanations."""
        ids = self._grid_ids()
        enterprises = self._enterprises(ids)
        grids = self._grids(ids, enterprises)
        return Partition(
            register=self.register,
            rules=self.rules,
            enterprises=enterprises[list(ENTERPRISE_COLUMNS)],
            grids=grids[list(GRID_COLUMNS)].sort_index(),
            blocks=self._blocks(seed),
            exceptions=self._exceptions(ids),
            certificates=tuple(self._certificates()),
            small_blocks=small_blocks,
            remarks=tuple(remarks_on(self.past, self.rules, self.band_before)),
            last_numbers=count_numbers(grids.index, self.past.last_numbers),
        )

    def _grid_ids(self) -> list[list[str]]:
        """Name the grids: a carried label keeps its id, a new one gets the next."""
        used = self.past.last_numbers
        named = []
        for block, of_block, result in zip(
            self.blocks, self.labels, self.results, strict=True
        ):
            number = used.get(block.block_id, 0)
            ids = []
            for label in result.grid_labels.tolist():
                if label == NONE:
                    number += 1
                    ids.append(f"{block.block_id}-{number:02d}")
                else:
                    ids.append(of_block[label])
            named.append(ids)
        return named

    def _enterprises(self, ids: list[list[str]]) -> pd.DataFrame:
        rows = self.register.enterprises
        frame = pd.DataFrame(index=rows.index)
        frame["unit"] = route_units(self.register, bureau_owns=self.rules.bureau_owns)
        frame["category"] = rows["category"]
        grid_id = np.empty(len(rows), dtype=object)
        block_id = np.empty(len(rows), dtype=object)
        is_medoid = np.zeros(len(rows), dtype=bool)
        distance_dm = np.zeros(len(rows), dtype=np.int64)
        for block, problem, result, of_block in zip(
            self.blocks, self.problems, self.results, ids, strict=True
        ):
            block_id[block.members] = block.block_id
            grid_id[block.members] = np.array(of_block, dtype=object)[result.labels]
            is_medoid[block.members[result.medoids]] = True
            own = result.medoids[result.labels]
            distance_dm[block.members] = problem.straight_dm(own)
        frame["block_id"] = block_id
        frame["grid_id"] = grid_id
        frame["is_medoid"] = is_medoid
        frame["distance_m"] = distance_dm / 10
        frame["previous_grid_id"] = self.past.grid_of
        frame["name"] = rows["name"]
        frame["industry"] = rows["industry"]
        frame["industry_edition"] = self.register.rules.industry_edition or ""
        frame["kept_category"] = "" if self.past.kept is None else self.past.kept
        return frame

    def _grids(self, ids: list[list[str]], enterprises: pd.DataFrame) -> pd.DataFrame:
        host = pd.DataFrame(
            [
                (grid_id, block.block_id, block.unit, block.category)
                for block, of_block in zip(self.blocks, ids, strict=True)
                for grid_id in of_block
            ],
            columns=["grid_id", "block_id", "unit", "category"],
        ).set_index("grid_id")
        grids = tally_grids(host, enterprises, self.rules)
        grids["grid_name"] = [
            name_grid(self.register, str(grid_id)) for grid_id in grids.index
        ]
        return grids

    def _blocks(self, seed: int) -> pd.DataFrame:
        rows = []
        for block, result, runtime_s in zip(
            self.blocks, self.results, self.runtimes_s, strict=True
        ):
            rows.append(
                {
                    "block_id": block.block_id,
                    "n": len(block.members),
                    "n_grids": len(result.medoids),
                    "cost": result.cost,
                    "bound": result.bound,
                    "gap_share": gap_share(result.cost, result.bound),
                    "status": result.status,
                    "method": result.method,
                    "seed": seed,
                    "work": result.work,
                    "runtime_s": runtime_s,
                    "least": block.least,
                    "most": block.most,
                }
            )
        frame = pd.DataFrame(rows).set_index("block_id")[list(BLOCK_COLUMNS)]
        return frame.astype({"bound": "Int64", "gap_share": "Float64"})

    def _exceptions(self, ids: list[list[str]]) -> pd.DataFrame:
        rows = [
            _exception(departure, block, of_block)
            for block, of_block in zip(self.blocks, ids, strict=True)
            for departure in block.departures
        ]
        return sort_exceptions(pd.DataFrame(rows, columns=list(EXCEPTION_COLUMNS)))

    def _certificates(self) -> list[Certificate]:
        made = [
            _certificate(self.register, self.rules, *known)
            for known in zip(
                self.blocks, self.labels, self.problems, self.results, strict=True
            )
        ]
        surcharge, allotted = self.capped.surcharge, self.capped.allotments.tolist()
        return [
            replace(one, mover_surcharge=surcharge, mover_allotment=n)
            for one, n in zip(made, allotted, strict=True)
        ]


def _exception(
    departure: Departure, block: Block, grid_ids: Sequence[str]
) -> tuple[object, ...]:
    # a block of one grid: the departure can only be that grid's
    grid_id = departure.grid_id or (grid_ids[0] if len(grid_ids) == 1 else "")
    return (
        departure.clause,
        block.block_id,
        grid_id,
        departure.kind,
        departure.explanation_zh,
        departure.explanation_en,
        departure.n_enterprises,
    )


def _certificate(
    register: Register,
    rules: GridRules,
    block: Block,
    labels: tuple[str, ...],
    problem: Problem,
    result: Result,
) -> Certificate:
    ids = tuple(register.enterprises.index[block.members].tolist())
    tree = result.tree
    inside = set(ids)

    def held(wishes: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple((a, b) for a, b in wishes if a in inside)

    return Certificate(
        block_id=block.block_id,
        enterprise_ids=ids,
        least=problem.least,
        most=problem.most,
        target=problem.target,
        n_grids=problem.n_grids,
        size_price=problem.size_price,
        area_price=problem.area_price,
        linkage_price=problem.linkage_price,
        mover_price=problem.mover_price,
        pi=tree.pi,
        sigma=tree.sigma,
        order=tree.order,
        regions=tree.regions,
        steps=tree.steps,
        previous_ids=labels,
        frozen=tuple(grid_id for grid_id in labels if grid_id in rules.frozen),
        fixed=held(rules.fixed),
        forbidden=held(rules.forbidden),
        must_link=held(rules.must_link),
        cannot_link=held(rules.cannot_link),
        cost=result.cost,
        bound=result.bound,
    )
