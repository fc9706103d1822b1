"""What a good answer is: the rules of a cut, one block's arrays, and its score."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gridopt.cards import Card, Shown
from gridopt.rules import Rules, setting
from gridopt.words import sizes_text

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

NONE = -1
"""Position, label, area or group that an enterprise does not have."""


_POINTS: dict[str, Any] = {"ge": 0, "le": 1_000_000}


class SmallBlockPrices(Rules):
    """Points per enterprise that each way out for a small block costs (P3, P5, P8)."""

    related_category: int = setting(10, clause="P3", label="并入相近行业", **_POINTS)
    other_category: int = setting(20, clause="P3", label="并入其他行业", **_POINTS)
    other_unit: int = setting(40, clause="P8", label="并入邻近单元", **_POINTS)
    per_km: int = setting(1, clause="P8", label="并入邻近单元每公里加", **_POINTS)
    off_band: int = setting(5, clause="P5", label="超出家数区间每家", **_POINTS)
    undersized: int = setting(1, clause="P5", label="单一小网格每缺一家", **_POINTS)
    leftover: int = setting(100, clause="P5", label="零星留存网格每家", **_POINTS)
    changed_host: int = setting(5, clause="P13", label="存续企业换划分单元", **_POINTS)


class GridRules(Rules):
    """How grids are to be cut; prices are metres of travel per enterprise.

    Examples
    --------
    >>> GridRules(target=15, least=11, most=19).most
    19
    """

    target: int = setting(20, clause="P5", label="每网格目标家数", ge=2)
    least: int = setting(15, clause="P5", label="每网格最少家数", ge=1)
    most: int = setting(25, clause="P5", label="每网格最多家数", ge=2)
    number: Literal["by_target", "by_formula", "free"] | int | dict[str, int] = setting(
        "by_target",
        clause="P5",
        label="网格个数",
        words={
            "by_target": "按目标家数确定，有上期方案的沿用上期个数",
            "by_formula": "按目标家数确定",
            "free": "由模型确定",
        },
    )
    size_price_m: float = setting(
        0, clause="P5", label="偏离目标家数的代价（米/家）", ge=0
    )
    area_price_m: float | None = setting(
        None,
        clause="P2",
        label="跨工作管理片的代价（米/家）",
        words={"": "名录有村社区代码的200，没有的0"},
        ge=0,
    )
    linkage_price_m: float = setting(
        0, clause="P2", label="业务关联的代价（米/家）", ge=0
    )
    mover_price_m: float = setting(
        500, clause="P13", label="调整企业的代价（米/家）", ge=0
    )
    mover_cap: int | None = setting(
        None, clause="P13", label="调整企业上限（家）", words={"": "不设上限"}, ge=0
    )
    keep_revised: bool = setting(
        True, clause="P13", label="行业分类修订改变类别的企业留在原网格"
    )
    viable_least: int = setting(8, clause="P5", label="小网格最低家数", ge=1)
    small_block_prices: SmallBlockPrices = setting(
        SmallBlockPrices(), clause="P3", label="小单元处理的代价"
    )
    bureau_owns: bool = setting(True, clause="P11", label="建筑业、房地产归市住建局")
    frozen: tuple[str, ...] = setting((), clause="P13", label="冻结网格")
    fixed: tuple[tuple[str, str], ...] = setting((), clause="P2", label="指定网格")
    moved: tuple[tuple[str, str], ...] = setting((), clause="P2", label="人工调整")
    forbidden: tuple[tuple[str, str], ...] = setting((), clause="P2", label="禁止网格")
    must_link: tuple[tuple[str, str], ...] = setting((), clause="P2", label="必须同格")
    cannot_link: tuple[tuple[str, str], ...] = setting(
        (), clause="P2", label="不得同格"
    )


def _pairs() -> IntArray:
    return np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True)
class Score:
    """What an answer costs, in whole decimetres, and what the cost is made of."""

    cost: int
    travel: int
    size: int
    area: int
    linkage: int
    churn: int
    n_movers: int


@dataclass(frozen=True, repr=False)
class Problem(Shown):
    """One block as arrays: who stands where, what each wish costs, what must hold.

    Enterprises are integer positions 0 … n - 1, in the order of their
    `enterprise_id`; previous grids are integer labels 0 … n_labels - 1. All costs
    are whole decimetres.

    Attributes
    ----------
    key
        The block's id; the solver's random numbers derive from it and the seed.
    points_dm
        Places in the block's local plane, decimetres, shape (n, 2).
    weights
        Reporting workload w_i > 0, shape (n,).
    areas, groups, previous
        Work area, business group and previous grid of each enterprise as integers
        from 0, `NONE` where it has none, shape (n,).
    n_labels
        Number of previous grids of this block.
    least, most, target
        Band and wished number of enterprises per grid.
    n_grids
        Least and most number of grids, both ends included.
    size_price, area_price, linkage_price, mover_price
        Prices lambda, mu, rho and chi of the model.
    fixed, forbidden
        Pairs (enterprise, label), shape (m, 2): has to be, must not be in that grid.
    must_link, cannot_link
        Pairs of enterprises, shape (m, 2): the same grid, not the same grid.
    travel_dm
        Travel from member (row) to medoid (column), shape (n, n), in place of
        straight lines; None for straight lines.

    Examples
    --------
    >>> points = np.array([[0, 0], [30, 40], [0, 80]])
    >>> problem = Problem.of_points("toy", points, least=1, most=3, target=3)
    >>> problem.score(np.zeros(3, dtype=np.int64), np.array([1])).cost
    100
    """

    key: str
    points_dm: IntArray
    weights: FloatArray
    areas: IntArray
    groups: IntArray
    previous: IntArray
    n_labels: int
    least: int
    most: int
    target: int
    n_grids: tuple[int, int]
    size_price: int = 0
    area_price: int = 0
    linkage_price: int = 0
    mover_price: int = 0
    fixed: IntArray = field(default_factory=_pairs)
    forbidden: IntArray = field(default_factory=_pairs)
    must_link: IntArray = field(default_factory=_pairs)
    cannot_link: IntArray = field(default_factory=_pairs)
    travel_dm: IntArray | None = None

    def card(self) -> Card:
        """Tell how large the block is, and what must hold in it."""
        least, most = self.n_grids
        grids = f"{least}个" if least == most else f"{least}至{most}个"
        told = (
            ("指定在内", len(self.fixed)),
            ("指定不在", len(self.forbidden)),
            ("须同格", len(self.must_link)),
            ("不得同格", len(self.cannot_link)),
        )
        n = len(self.points_dm)
        return Card(
            title="划分单元的算题",
            brief=f"{self.key}：{n:,}家企业，{grids}网格",
            facts=(
                ("划分单元", self.key),
                ("企业", f"{n:,}家"),
                ("每网格家数", sizes_text(self.least, self.most)),
                ("网格个数", grids),
                *((word, f"{k:,}项") for word, k in told if k),
            ),
        )

    def __post_init__(self) -> None:
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @classmethod
    def of_points(
        cls,
        key: str,
        points_dm: npt.ArrayLike,
        *,
        least: int = 15,
        most: int = 25,
        target: int = 20,
        n_grids: int | tuple[int, int] | None = None,
        **settings: object,
    ) -> Problem:
        """Make a problem of places alone: weights 1, no areas, groups or past.

        Parameters
        ----------
        points_dm
            Shape (n, 2), rounded here to whole decimetres.
        n_grids
            A number, a range (least, most), or None for the number by target.
        """
        points = np.floor(np.asarray(points_dm, dtype=np.float64) + 0.5)
        n = len(points)
        if n_grids is None:
            n_grids = n_grids_by_target(n, least, most, target)
        span = (n_grids, n_grids) if isinstance(n_grids, int) else n_grids
        absent = np.full(n, NONE, dtype=np.int64)
        defaults = {
            "weights": np.ones(n),
            "areas": absent,
            "groups": absent.copy(),
            "previous": absent.copy(),
            "n_labels": 0,
        }
        return cls(
            key=key,
            points_dm=points.astype(np.int64),
            least=least,
            most=most,
            target=target,
            n_grids=span,
            **{**defaults, **settings},  # type: ignore[arg-type]
        )

    @property
    def n(self) -> int:
        """Number of enterprises."""
        return len(self.points_dm)

    def travel(self, members: IntArray, medoids: IntArray) -> IntArray:
        """Travel cost of each member to each medoid, shape (m, k): w * d, half up."""
        if self.travel_dm is not None:
            metres = self.travel_dm[np.ix_(members, medoids)].astype(np.float64)
        else:
            east, north = self.points_dm.T.astype(np.float64)
            metres = np.square(east[members, None] - east[medoids])
            metres += np.square(north[members, None] - north[medoids])
            np.sqrt(metres, out=metres)
        metres *= self.weights[members, None]
        metres += 0.5
        return np.floor(metres, out=metres).astype(np.int64)

    def member_costs(self, members: IntArray, medoids: IntArray) -> IntArray:
        """Cost of each member under each medoid, shape (m, k).

        Travel, work areas and linkage; without sizes and without the past.
        """
        cost = self.travel(members, medoids)
        if self.area_price:
            cost += self.area_price * self._area_differs(members, medoids)
        if self.linkage_price:
            cost += self.linkage_price * self._is_unlinked(members, medoids)
        return cost

    def size_costs(self, sizes: IntArray) -> IntArray:
        """Cost of grids of these sizes, same shape: lambda per head off target."""
        return self.size_price * np.abs(np.asarray(sizes) - self.target)

    def score(
        self,
        labels: IntArray,
        medoids: IntArray,
        grid_labels: IntArray | None = None,
    ) -> Score:
        """Price an answer.

        Parameters
        ----------
        labels
            Grid number 0 … k - 1 of each enterprise, shape (n,).
        medoids
            The enterprise at which each grid meets, shape (k,).
        grid_labels
            Previous label that each grid carries on, `NONE` for a new grid, shape
            (k,); None where all grids are new.
        """
        everyone = np.arange(self.n)
        own = medoids[labels]
        travel = int(self._travel_to(everyone, own).sum())
        area = int(self._area_differs_own(own).sum()) * self.area_price
        linkage = int(self._is_unlinked_own(own).sum()) * self.linkage_price
        sizes = np.bincount(labels, minlength=len(medoids))
        size = int(self.size_costs(sizes).sum())
        n_movers = self._n_movers(labels, medoids, grid_labels)
        churn = n_movers * self.mover_price
        cost = travel + size + area + linkage + churn
        return Score(cost, travel, size, area, linkage, churn, n_movers)

    def _n_movers(
        self, labels: IntArray, medoids: IntArray, grid_labels: IntArray | None
    ) -> int:
        if grid_labels is None:
            grid_labels = np.full(len(medoids), NONE, dtype=np.int64)
        is_survivor = self.previous != NONE
        return int((is_survivor & (grid_labels[labels] != self.previous)).sum())

    def straight_dm(self, places: IntArray) -> IntArray:
        """Straight line of each enterprise to a place, half up, shape (n,).

        Parameters
        ----------
        places
            Position of one enterprise for each, shape (n,).
        """
        gap = (self.points_dm - self.points_dm[places]).astype(np.float64)
        return np.floor(np.sqrt((gap * gap).sum(axis=1)) + 0.5).astype(np.int64)

    def _travel_to(self, members: IntArray, medoids: IntArray) -> IntArray:
        if self.travel_dm is not None:
            metres = self.travel_dm[members, medoids].astype(np.float64)
        else:
            gap = self.points_dm[members] - self.points_dm[medoids]
            metres = np.sqrt((gap * gap).sum(axis=1))
        return np.floor(self.weights[members] * metres + 0.5).astype(np.int64)

    def _area_differs(
        self, members: IntArray, medoids: IntArray
    ) -> npt.NDArray[np.bool_]:
        of_member = self.areas[members, None]
        of_medoid = self.areas[None, medoids]
        is_known = (of_member != NONE) & (of_medoid != NONE)
        return is_known & (of_member != of_medoid)

    def _area_differs_own(self, own: IntArray) -> npt.NDArray[np.bool_]:
        is_known = (self.areas != NONE) & (self.areas[own] != NONE)
        return is_known & (self.areas != self.areas[own])

    def _is_unlinked(
        self, members: IntArray, medoids: IntArray
    ) -> npt.NDArray[np.bool_]:
        of_member = self.groups[members, None]
        return (of_member != NONE) & (of_member != self.groups[None, medoids])

    def _is_unlinked_own(self, own: IntArray) -> npt.NDArray[np.bool_]:
        return (self.groups != NONE) & (self.groups != self.groups[own])


def n_grids_range(n: int, least: int, most: int) -> tuple[int, int]:
    """Least and most number of grids that n enterprises can be cut into.

    The range is empty (least above most) where no cut keeps the band.

    Examples
    --------
    >>> n_grids_range(60, 15, 25)
    (3, 4)
    >>> n_grids_range(27, 15, 25)
    (2, 1)
    """
    return -(-n // most), n // least


def n_grids_by_target(n: int, least: int, most: int, target: int) -> int:
    """Count the grids the document's target asks for: n / target, rounded half up.

    Raises
    ------
    ValueError
        Where no number of grids keeps the band.

    Examples
    --------
    >>> [n_grids_by_target(n, 15, 25, 20) for n in (30, 50, 90)]
    [2, 3, 5]
    """
    fewest, most_grids = n_grids_range(n, least, most)
    if fewest > most_grids:
        raise ValueError(
            f"{n} enterprises cannot be cut into grids of {least} to {most}: "
            "widen the band or merge the block"
        )
    by_target = (2 * n + target) // (2 * target)
    return min(max(by_target, fewest), most_grids)
