"""Who is with whom: the enterprises of a register in their grids."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.cards import Card, Shown
from gridopt.certificate import gap_share
from gridopt.errors import refuse_kind
from gridopt.geography import local_plane
from gridopt.homes import homes_of
from gridopt.moves import move_enterprises
from gridopt.moves.placing import no_moves
from gridopt.numbering import LAST_NUMBERS
from gridopt.sketch import draw_sketch
from gridopt.words import ANSWER_STATUS, SYNTHETIC, gap_text, metres_text, sizes_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridopt.certificate import Certificate
    from gridopt.problem import GridRules
    from gridopt.register import Register

ENTERPRISE_COLUMNS = (
    "unit",
    "category",
    "block_id",
    "grid_id",
    "is_medoid",
    "distance_m",
    "previous_grid_id",
    "name",
    "industry",
    "industry_edition",
    "kept_category",
)
GRID_COLUMNS = (
    "block_id",
    "unit",
    "category",
    "size",
    "medoid_id",
    "travel_m",
    "radius_m",
    "grid_name",
    "n_other_category",
    "n_other_unit",
    "is_exception",
)
BLOCK_COLUMNS = (
    "n",
    "n_grids",
    "cost",
    "bound",
    "gap_share",
    "status",
    "method",
    "seed",
    "work",
    "runtime_s",
    "least",
    "most",
)
MOST_SKETCHED = 1_000
"""With more grids than this a card has no map."""

EXCEPTION_COLUMNS = (
    "clause",
    "block_id",
    "grid_id",
    "kind",
    "explanation_zh",
    "explanation_en",
    "n_enterprises",
)


@dataclass(frozen=True, repr=False)
class Partition(Shown):
    """A register cut into grids, with what each cut costs and what proves it.

    Attributes
    ----------
    register
        The register that was cut.
    rules
        The rules it was cut by.
    enterprises
        One row per enterprise, index `enterprise_id`, columns
        `ENTERPRISE_COLUMNS`; `unit` and `category` are the enterprise's own after
        routing (P11); `kept_category` is the one by whose grids it stays although a
        revision of the classification gave it another (P13), empty for the others.
    grids
        One row per grid, index `grid_id`, columns `GRID_COLUMNS`.
    blocks
        One row per block, index `block_id`, columns `BLOCK_COLUMNS`; `cost` and
        `bound` in whole decimetres, `bound` and `gap_share` empty where none is
        proven.
    exceptions
        Every departure from P3, P5 and P8, columns `EXCEPTION_COLUMNS`.
    certificates
        One certificate per block, in the order of `blocks`.
    small_blocks
        Status, points and bound of the choice which small blocks join (plain data).
    remarks
        What is odd about the plan in force that it started from, Chinese and English.
    last_numbers
        The largest number that a grid of each block ever had, closed grids included:
        the next one goes on from there.
    moves
        What was placed by hand and what it costs, index `enterprise_id`: grid now and
        before, metres to the medoid before, what it adds to the block's travel and
        cost (both in metres; for who stays, against letting it alone go), and the
        medoids that it replaced.
    """

    register: Register
    rules: GridRules
    enterprises: pd.DataFrame
    grids: pd.DataFrame
    blocks: pd.DataFrame
    exceptions: pd.DataFrame
    certificates: tuple[Certificate, ...]
    small_blocks: dict[str, object]
    remarks: tuple[tuple[str, str], ...] = ()
    last_numbers: dict[str, int] = field(default_factory=dict)
    moves: pd.DataFrame = field(default_factory=no_moves)

    @property
    def travel_m(self) -> float:
        """Sum of all distances to the medoids, metres."""
        return round(float(self.grids["travel_m"].sum()), 1)

    @property
    def cost(self) -> int:
        """Sum of the blocks' costs, whole decimetres, all prices included."""
        return int(self.blocks["cost"].sum())

    @property
    def bound(self) -> int | None:
        """Sum of the blocks' bounds, decimetres; None where a block proves none."""
        if self.blocks["bound"].isna().any():
            return None
        return int(self.blocks["bound"].sum())

    @property
    def gap_share(self) -> float | None:
        """Share of the cost that is not proven to be needed, 0 to 1; None: unknown."""
        return gap_share(self.cost, self.bound)

    @property
    def status(self) -> str:
        """Say what is proven of the whole: the weakest status of its blocks."""
        found = set(self.blocks["status"])
        for status in ("interrupted", "feasible", "bounded"):
            if status in found:
                return status
        return "optimal"

    def as_plan(self) -> pd.DataFrame:
        """Give the enterprises as a plan in force, as `read_previous` reads one.

        Its `attrs` carry the band that it was cut by, the moves by hand that it hands
        on, and the numbers ever given to grids.
        """
        plan = self.enterprises.copy()
        plan.attrs |= {
            "band": (self.rules.least, self.rules.most),
            "moved": self.rules.moved,
            LAST_NUMBERS: dict(self.last_numbers),
        }
        return plan

    def with_exceptions(self, rows: pd.DataFrame) -> Partition:
        """Return the same partition with more exceptions listed (roles, staff)."""
        parts = [frame for frame in (self.exceptions, rows) if len(frame)]
        if not parts:
            return self
        return replace(self, exceptions=sort_exceptions(pd.concat(parts)))

    def with_moves(self, moves: Mapping[str, str]) -> Partition:
        """Return the partition with enterprises put into other grids by hand (P2).

        Exactly these move; the grids concerned meet where it is best for them, and
        everybody else stays. Each move is listed as an exception with its price and
        kept as a fixed member when the partition is cut anew (`make_grids`). Posts
        must be assigned anew (`assign_roles`), so exceptions about them are dropped.

        Parameters
        ----------
        moves
            Grid of each enterprise. The grid that it is in already keeps it there;
            an empty one ends a placing by hand, and moves nobody. Who was held in its
            previous grid is let go by a cut anew only, as the proof may rest on it.

        Raises
        ------
        InputError
            Where a move names an unknown enterprise or grid or a grid of another
            block, leaves the band, or breaks a wish; all faults at once.

        Examples
        --------
        >>> import gridopt as go
        >>> plan = go.make_grids(go.read_sample())
        >>> there, here = plan.grids.index[:2]
        >>> who = plan.enterprises.index[plan.enterprises["grid_id"] == here][0]
        >>> moved = plan.with_moves({who: there})
        >>> bool(moved.enterprises["grid_id"][who] == there)
        True
        """
        refuse_kind("企业编号到网格编号的对照", "dict", moves, "items")
        found = replace(self, **vars(move_enterprises(self, moves)))
        return replace(found, exceptions=sort_exceptions(found.exceptions))

    def card(self) -> Card:
        """Tell grids, sizes, distances, proof and exceptions, with a map in a notebook.

        Examples
        --------
        >>> import gridopt as go
        >>> partition = go.make_grids(go.read_sample())
        >>> partition.card().facts[0]
        ('企业', '106家')
        """
        n, sizes = len(self.enterprises), self.grids["size"]
        answer = ANSWER_STATUS.get(self.status, self.status)
        band = sizes_text(int(sizes.min()), int(sizes.max())) if len(sizes) else "无"
        mean = n / max(len(sizes), 1)
        facts = (
            ("企业", f"{n:,}家"),
            ("划分单元", f"{len(self.blocks):,}个"),
            ("企业网格", f"{len(sizes):,}个，每个{band}，平均{mean:.1f}家"),
            ("到中心企业距离", f"合计{metres_text(self.travel_m)}，"
             f"平均{metres_text(self.travel_m / max(n, 1))}"),
            ("与理论下界的差距", f"{gap_text(self.gap_share)}（{answer}）"),
            ("例外", f"{len(self.exceptions):,}项"),
        )  # fmt: skip
        return Card(
            title="网格划分方案",
            brief=f"{n:,}家企业划为{len(sizes):,}个网格，{answer}",
            facts=facts,
            mark=SYNTHETIC if self.register.is_synthetic else "",
            picture=self._sketch(),
        )

    def _sketch(self) -> str:
        """Draw the map of the card; the same places as on any other map."""
        grids, enterprises = self.grids, self.enterprises
        if not 0 < len(grids) <= MOST_SKETCHED:
            return ""
        places = self.register.enterprises.loc[enterprises.index]
        points = local_plane(
            places["longitude"].to_numpy(), places["latitude"].to_numpy()
        )
        labels = grids.index.get_indexer(enterprises["grid_id"])
        medoids = points[enterprises.index.get_indexer(grids["medoid_id"])]
        return draw_sketch(points, labels, medoids, grids["category"].tolist())


def name_grid(register: Register, grid_id: str) -> str:
    """Name a grid after the block it was born in; a foreign id names itself.

    Examples
    --------
    >>> import gridopt as go
    >>> name_grid(go.read_sample(), "331083001-industry-03")
    '玉城街道工业第3网格'
    """
    block_id, _, number = grid_id.rpartition("-")
    code, _, category = block_id.rpartition("-")
    unit = register.units.get(code)
    industry = register.classification.get(category)
    if unit is None or industry is None or not re.fullmatch(r"\d+", number):
        return grid_id
    return f"{unit.name}{industry.name_zh}第{int(number)}网格"


def sort_exceptions(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort exceptions by clause, block, grid and kind; columns as in the contract."""
    ordered = rows.reindex(columns=list(EXCEPTION_COLUMNS))
    by = ["clause", "block_id", "grid_id", "kind", "explanation_zh"]
    return ordered.sort_values(by, kind="stable", ignore_index=True)


def count_members(partition: Partition, *, is_once: bool = True) -> pd.DataFrame:
    """List the members of a partition's grids, see `list_members`."""
    return list_members(partition.register, partition.enterprises, is_once=is_once)


def list_members(
    register: Register, enterprises: pd.DataFrame, *, is_once: bool = True
) -> pd.DataFrame:
    """List the members of the grids: the enterprises' statisticians (P7, F1, F8).

    A person who serves several enterprises is one member, of the grid that holds
    most of them (ties: the grid of the smallest enterprise id). A firm that names
    nobody counts one person of its own.

    Parameters
    ----------
    register
        Who the statisticians are.
    enterprises
        Index `enterprise_id`, columns `block_id` and `grid_id`, for every enterprise
        of the register.
    is_once
        Count a person once; otherwise once per enterprise (choice F8).

    Returns
    -------
    DataFrame
        One row per member, sorted by `person_key`: `person_key, person_id, name,
        enterprise_id, grid_id, unit, place_unit, status`; `unit` is the one that
        appraises, `place_unit` the one the enterprise lies in.
    """
    who = register.enterprises
    rows = _serving(who, enterprises.reindex(who.index))
    if not is_once:
        return rows.sort_values(["person_key", "enterprise_id"], ignore_index=True)
    return _at_home(rows.sort_values("enterprise_id", ignore_index=True))


def _serving(who: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """List every enterprise with its statistician, in the order of the register."""
    return pd.DataFrame(
        {
            "person_key": person_keys(who),
            "person_id": who["statistician_id"].array,
            "name": who["statistician_name"].array,
            "enterprise_id": who.index.array,
            "grid_id": plan["grid_id"].array,
            "unit": appraisers_of(plan["block_id"]),
            "place_unit": who["unit"].array,
            "status": who["status"].array,
        }
    )


def person_keys(who: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Name the person who reports for each firm: its statistician, else its own.

    Examples
    --------
    >>> who = pd.DataFrame({"statistician_id": ["s1", ""]}, index=["e1", "e2"])
    >>> person_keys(who).tolist()
    ['s1', 'enterprise:e2']
    """
    keys = who["statistician_id"].to_numpy(dtype=object).copy()
    unnamed = np.flatnonzero(keys == "")
    keys[unnamed] = "enterprise:" + who.index[unnamed].to_numpy(dtype=object)
    return keys


def appraisers_of(block_ids: pd.Series) -> npt.NDArray[np.object_]:
    """Read the unit that appraises off each block id."""
    distinct = block_ids.dropna().unique().tolist()
    units = {block_id: block_id.rpartition("-")[0] for block_id in distinct}
    return block_ids.map(units).to_numpy(dtype=object)


def _at_home(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep each person's row in the grid of most firms; rows stand by enterprise."""
    person, keys = pd.factorize(rows["person_key"], sort=True)
    home = homes_of(person, pd.factorize(rows["grid_id"])[0])
    # a person is paid for where one of the firms is above scale, groomed else (P7)
    is_above = np.zeros(len(keys), dtype=bool)
    is_above[person[(rows["status"] == "above_scale").to_numpy()]] = True
    members = rows.iloc[home].reset_index(drop=True)
    return members.assign(status=members["status"].mask(is_above, "above_scale"))
