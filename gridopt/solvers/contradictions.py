"""Which hard wishes cannot stand together: named before anything is solved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers.packing import fits
from gridopt.solvers.wishes import Wishes

if TYPE_CHECKING:
    from gridopt.problem import IntArray, Problem


@dataclass(frozen=True)
class Clash:
    """One contradiction: which enterprises, which labels, what is wrong.

    Attributes
    ----------
    kind
        `fixed_twice`, `fixed_and_forbidden`, `linked_and_parted`, `too_many_linked`,
        `too_many_fixed`, `too_many_labels` or `together`.
    enterprises, labels
        Positions and previous labels concerned, ascending.
    """

    kind: str
    enterprises: tuple[int, ...]
    labels: tuple[int, ...]
    message_zh: str
    message_en: str


class Contradiction(ValueError):
    """Wishes that cannot all be kept, all found before solving.

    Attributes
    ----------
    clashes
        The contradictions, in the order they were found.
    enterprises
        Positions of all enterprises concerned, ascending.
    """

    def __init__(self, clashes: tuple[Clash, ...]) -> None:
        super().__init__(
            "; ".join(
                f"{clash.message_zh} / {clash.message_en} {list(clash.enterprises)}"
                for clash in clashes
            )
        )
        self.clashes = clashes
        named = {i for clash in clashes for i in clash.enterprises}
        self.enterprises = tuple(sorted(named))


_MESSAGES = {
    "fixed_twice": ("同一企业被指定到多个网格", "fixed to more than one grid"),
    "fixed_and_forbidden": (
        "企业被指定到禁止其进入的网格",
        "fixed to a grid that is forbidden to it",
    ),
    "linked_and_parted": (
        "企业既须同格又不得同格",
        "must be and must not be in one grid",
    ),
    "linked_fixed_apart": (
        "须同格的企业被指定到不同网格",
        "linked, but fixed to different grids",
    ),
    "too_many_linked": (
        "须同格的企业超过网格最多家数",
        "more linked enterprises than a grid may hold",
    ),
    "too_many_fixed": (
        "指定到同一网格的企业超过网格最多家数",
        "more enterprises fixed to a grid than it may hold",
    ),
    "too_many_labels": (
        "被指定的网格多于可设网格",
        "more grids asked for than may be cut",
    ),
    # the search for room has a limit of work: what it did not find may yet exist
    "together": (
        "这些要求不能同时满足，或在计算量上限内找不到同时满足的方案",
        "no plan that keeps these wishes together exists, or none was found within "
        "the work budget",
    ),
}


def _clash(kind: str, enterprises: IntArray, labels: IntArray | None = None) -> Clash:
    zh, en = _MESSAGES[kind]
    named = [] if labels is None else np.unique(labels).tolist()
    return Clash(kind, tuple(np.unique(enterprises).tolist()), tuple(named), zh, en)


def feasible_counts(problem: Problem) -> list[int]:
    """Numbers of grids for which band and wishes can be kept, ascending.

    Raises
    ------
    Contradiction
        Where wishes contradict one another or the band; all that are found, at once.
    ValueError
        Where the band alone leaves no number of grids.
    """
    counts = _counts_in_band(problem)
    wishes = Wishes(problem)
    if not wishes.is_bound.any():
        return counts
    clashes = _plain_clashes(wishes, max(counts))
    if clashes:
        raise Contradiction(tuple(clashes))
    kept = [k for k in counts if fits(problem, k)]
    if not kept:
        raise Contradiction((_together(problem, counts),))
    return kept


def unplaced(problem: Problem) -> Contradiction:
    """Name all bound enterprises: none of the searches found room for them."""
    bound = np.flatnonzero(Wishes(problem).is_bound)
    return Contradiction((_clash("together", bound),))


def _counts_in_band(problem: Problem) -> list[int]:
    fewest, most = problem.n_grids
    counts = [
        k
        for k in range(max(fewest, 1), most + 1)
        if problem.least * k <= problem.n <= problem.most * k and k <= problem.n
    ]
    if not counts:
        raise ValueError(
            f"{problem.key}: {problem.n} enterprises cannot be cut into {fewest} to "
            f"{most} grids of {problem.least} to {problem.most}"
        )
    return counts


def _plain_clashes(wishes: Wishes, most_grids: int) -> list[Clash]:
    """Contradictions that can be read off the wishes without a search."""
    problem = wishes.problem
    fixed, component = np.unique(problem.fixed, axis=0), wishes.component
    clashes = []
    twice = np.flatnonzero(np.bincount(fixed[:, 0], minlength=1) > 1)
    for i in twice.tolist():
        own = fixed[fixed[:, 0] == i, 1]
        clashes.append(_clash("fixed_twice", np.array([i]), own))
    barred = {tuple(pair) for pair in problem.forbidden.tolist()}
    for i, label in fixed.tolist():
        if (i, label) in barred:
            clashes.append(
                _clash("fixed_and_forbidden", np.array([i]), np.array([label]))
            )
    for i, j in problem.cannot_link.tolist():
        if component[i] == component[j]:
            clashes.append(_clash("linked_and_parted", np.array([i, j])))
    clashes += _crowded(wishes, fixed)
    required = wishes.required_labels
    if len(required) > most_grids:
        clashes.append(_clash("too_many_labels", fixed[:, 0], required))
    return clashes


def _crowded(wishes: Wishes, fixed: IntArray) -> list[Clash]:
    """Items too large for a grid, and labels that are asked for by too many."""
    problem, component = wishes.problem, wishes.component
    clashes = []
    for item in wishes.items:
        if len(item) > problem.most:
            clashes.append(_clash("too_many_linked", item))
        own = fixed[np.isin(fixed[:, 0], item)]
        if len(np.unique(own[:, 1])) > 1 and len(np.unique(own[:, 0])) > 1:
            clashes.append(_clash("linked_fixed_apart", own[:, 0], own[:, 1]))
    for label in wishes.required_labels.tolist():
        asked = fixed[fixed[:, 1] == label, 0]
        held = np.flatnonzero(np.isin(component, component[asked]))
        if len(held) > problem.most:
            clashes.append(_clash("too_many_fixed", held, np.array([label])))
    return clashes


def _together(problem: Problem, counts: list[int]) -> Clash:
    """Name a smallest set of wishes that cannot stand: drop what is not needed."""
    names = ("fixed", "forbidden", "must_link", "cannot_link")
    wishes = [
        (name, tuple(pair))
        for name in names
        for pair in getattr(problem, name).tolist()
    ]
    for wish in list(wishes):
        fewer = [other for other in wishes if other != wish]
        if not any(fits(_with_wishes(problem, fewer), k) for k in counts):
            wishes = fewer
    named = [
        i
        for name, pair in wishes
        for i in (pair if name.endswith("link") else pair[:1])
    ]
    labels = [pair[1] for name, pair in wishes if not name.endswith("link")]
    return _clash("together", np.array(named), np.array(labels, dtype=np.int64))


def _with_wishes(problem: Problem, wishes: list[tuple[str, tuple]]) -> Problem:
    kept = {
        name: np.array(
            [pair for own, pair in wishes if own == name], dtype=np.int64
        ).reshape(-1, 2)
        for name in ("fixed", "forbidden", "must_link", "cannot_link")
    }
    return replace(problem, **kept)  # type: ignore[arg-type]
