"""How a plan gets better part by part, until no part can be cut cheaper.

    windows      each small part is cut anew with as many grids, the one that may save
                 most first
    exchanges    two parts that lie apart are cut anew, one with a grid more, one with a
                 grid less; no window sees this, however well each is cut

What the whole block's prices rule out is never tried; what was tried is remembered by
its members, so that only parts that have changed are tried again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers.windows import NEVER, Prospect, Recut, put, recut, windows_of

if TYPE_CHECKING:
    from gridopt.problem import BoolArray, IntArray
    from gridopt.solvers.ascent import Reached
    from gridopt.solvers.ground import Ground
    from gridopt.solvers.result import Plan
    from gridopt.solvers.windows import Window
    from gridopt.solvers.work import Work

LESS, SAME, MORE = -1, 0, 1
"""How many grids more a window is to have."""


@dataclass
class Parts:
    """A plan whose parts are cut anew in turn.

    Attributes
    ----------
    volume
        Steps of windows that are left, each counted as the square of its members.
    n_grids
        Grids of a window.
    known
        What came of each small block that was cut.
    windows
        The parts around the grids, as the plan stands.
    """

    ground: Ground
    prospect: Prospect
    plan: Plan
    volume: int
    work: Work
    n_grids: int = 2
    known: dict[tuple[int, bytes], Recut] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)

    def look(self) -> None:
        """Gather the windows of the plan as it stands."""
        self.windows = windows_of(self.ground, self.plan, self.n_grids)

    def may_save(self, change: int) -> IntArray:
        """Bound what each window can save with so many grids more, in their order."""
        problem, saved = self.ground.problem, []
        for window in self.windows:
            k = window.k + change
            most = window.most_saved(problem, self.prospect, k)
            found = self.known.get(window.key(k))
            saved.append(most if found is None else min(most, window.cost - found.cost))
        return np.array(saved, dtype=np.int64)

    def cut(self, at: int, change: int, wanted: int) -> Recut | None:
        """Cut a window with so many grids more; None where no work is left."""
        window = self.windows[at]
        k = window.k + change
        if self.volume <= 0 or not self.work.step():
            return None
        aim = k, window.cost - wanted
        found = recut(self.ground, self.prospect, window.members, aim, self.work)
        self.volume -= found.volume
        if self.work.is_interrupted and found.plan is None:
            return None
        self.known[window.key(k)] = found
        return found

    def is_apart(self) -> BoolArray:
        """Whether two windows share no grid, shape (w, w)."""
        held = np.zeros((len(self.windows), self.plan.n_grids))
        for row, window in zip(held, self.windows, strict=True):
            row[window.grids] = 1
        return held @ held.T == 0


def improve_parts(
    ground: Ground,
    plan: Plan,
    reached: Reached,
    effort: tuple[tuple[int, ...], int],
    work: Work,
) -> Plan:
    """Cut parts of a plan anew until no part, and no two parts apart, get cheaper.

    Parameters
    ----------
    plan
        A plan without labels.
    reached
        Good prices of the whole block.
    effort
        Grids of a window, small ones first as they are cheap, and the volume of all
        windows together.

    Returns
    -------
    A plan of as many grids that costs no more.
    """
    sizes, volume = effort
    if plan.n_grids < 2 or work.is_interrupted or volume <= 0:
        return plan
    prospect = Prospect.of_reached(ground, reached)
    parts = Parts(ground, prospect, plan, volume, work)
    for size in sizes:
        parts.n_grids = size
        sweep(parts)
        while exchange(parts):
            sweep(parts)
    return parts.plan


def sweep(parts: Parts) -> None:
    """Cut windows anew with as many grids until none gets cheaper."""
    parts.look()
    saves = parts.may_save(SAME)
    while saves.max() > 0:
        at = int(saves.argmax())
        found, window = parts.cut(at, SAME, 0), parts.windows[at]
        if found is None:
            return
        saves[at] = 0
        if found.plan is not None:
            parts.plan = put(parts.plan, window, window.grids, found.plan)
            # cut as well as can be, as far as its cases went
            parts.known[window.key(window.k)] = Recut(None, found.cost)
            parts.look()
            saves = parts.may_save(SAME)


def exchange(parts: Parts) -> bool:
    """Find two windows apart that are cheaper with a grid more and a grid less."""
    saves = {change: parts.may_save(change) for change in (MORE, LESS)}
    is_apart = parts.is_apart()
    while (pair := _best_pair(saves, is_apart)) is not None:
        larger, smaller = _known(parts, pair[0], MORE), _known(parts, pair[1], LESS)
        if larger is not None and smaller is not None:
            _swap(parts, pair, (larger, smaller))
            return True
        change = MORE if larger is None else LESS
        at = pair[0] if larger is None else pair[1]
        # what is saved here has to make up for what the best partner loses
        wanted = -int(np.where(is_apart[at], saves[-change], NEVER).max())
        found = parts.cut(at, change, wanted)
        if found is None:
            return False
        saves[change][at] = parts.windows[at].cost - found.cost
    return False


def _best_pair(
    saves: dict[int, IntArray], is_apart: BoolArray
) -> tuple[int, int] | None:
    """Find the windows apart that may save most together; None where none may."""
    sums = np.where(is_apart, saves[MORE][:, None] + saves[LESS], NEVER)
    one, other = np.unravel_index(sums.argmax(), sums.shape)
    return (int(one), int(other)) if sums[one, other] > 0 else None


def _known(parts: Parts, at: int, change: int) -> Plan | None:
    """Plan of a window with so many grids more, where one was found."""
    window = parts.windows[at]
    found = parts.known.get(window.key(window.k + change))
    return None if found is None else found.plan


def _swap(parts: Parts, at: tuple[int, int], cuts: tuple[Plan, Plan]) -> None:
    """Put both windows into the plan; a number of the one goes to the other."""
    larger, smaller = parts.windows[at[0]], parts.windows[at[1]]
    given = smaller.grids[-1:]
    plan = put(parts.plan, smaller, smaller.grids[:-1], cuts[1])
    grids = np.append(larger.grids, given)
    parts.plan = put(plan, larger, grids, cuts[0])
