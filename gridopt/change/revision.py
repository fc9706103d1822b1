"""Whether a classification was revised between snapshots, and whose code it changed.

Enterprises change what they do one by one, one or two in a hundred a year. A revision
changes many codes at once, or whole codes at once; that is what the rule looks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from gridopt.change.settings import ChangeRules

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

Reason = Literal["", "declared", "broad", "mapped"]

WHOLE_HOLDERS, WHOLE_PERCENT = 3, 80
"""A code moved as a whole where so many had it and so many of them share a new one."""

STAYED_HOLDERS, STAYED_PERCENT = 10, 95
"""A code was left alone where so many had it and so many of them still have it."""


@dataclass(frozen=True)
class Revision:
    """What the codes of the survivors say about a revision of the classification.

    Attributes
    ----------
    reason
        `declared` where the two editions differ by declaration, `broad` where too many
        codes changed for true changes, `mapped` where whole codes moved, empty where
        there was no revision.
    is_revised
        Whose code the revision changed, in the order of the survivors, shape (n,),
        read-only; nobody's where there was none.
    n_changed
        How many of the survivors have another code, for whatever cause.
    n_whole
        How many of these left a code that moved as a whole, together with the others.
    """

    reason: Reason
    is_revised: BoolArray
    n_changed: int
    n_whole: int

    def __post_init__(self) -> None:
        """Make the array read-only."""
        self.is_revised.flags.writeable = False

    @property
    def is_recognised(self) -> bool:
        """Whether there was a revision."""
        return self.reason != ""

    @property
    def n_survivors(self) -> int:
        """Number of survivors whose codes were compared."""
        return len(self.is_revised)

    @property
    def n_revised(self) -> int:
        """Number of survivors whose code the revision changed."""
        return int(self.is_revised.sum())


def find_revision(
    old: npt.ArrayLike,
    new: npt.ArrayLike,
    rules: ChangeRules,
    *,
    is_declared: bool = False,
) -> Revision:
    """Find out whether the classification was revised, from the survivors' codes.

    It was where the editions differ by declaration; or where at least
    `revision_share` of the survivors and `revision_least` of them have another code
    (true changes are one to two per cent a year); or where at least `mapped_share` and
    `mapped_least` left a code that moved as a whole: three holders or more, four in
    five of whom share one new code.

    In a revision of the last kind only those who moved with a whole code are revised.
    In the others everybody with another code is, except who went elsewhere than
    the holders of a code that moved as a whole, and who left a code that was plainly
    left alone (ten holders or more, 95 % of whom still have it): these changed
    industry.

    Parameters
    ----------
    old, new
        Code of each survivor in both snapshots, digits as text, shape (n,).

    Examples
    --------
    >>> from gridopt.change.settings import ChangeRules
    >>> old = ["3511"] * 30 + ["5211"] * 70
    >>> find_revision(old, ["3512"] * 30 + ["5211"] * 70, ChangeRules()).reason
    'broad'
    """
    before, after = np.asarray(old, dtype=object), np.asarray(new, dtype=object)
    counts = _Counts.of(before, after)
    is_changed = before != after
    is_whole = is_changed & counts.is_whole
    n, n_changed, n_whole = len(before), int(is_changed.sum()), int(is_whole.sum())
    reason = _reason((n, n_changed, n_whole), rules, is_declared=is_declared)
    by_reason = {
        "": np.zeros(n, dtype=bool),
        "mapped": is_whole,
        "broad": is_changed & ~counts.is_against,
        "declared": is_changed & ~counts.is_against,
    }
    return Revision(reason, by_reason[reason], n_changed, n_whole)


def _reason(
    counts: tuple[int, int, int], rules: ChangeRules, *, is_declared: bool
) -> Reason:
    n, n_changed, n_whole = counts
    if is_declared:
        return "declared"
    if n_changed >= max(rules.revision_least, rules.revision_share * n):
        return "broad"
    if n_whole >= max(rules.mapped_least, rules.mapped_share * n):
        return "mapped"
    return ""


@dataclass(frozen=True)
class _Counts:
    """What became of the other holders of each survivor's old code, shape (n,).

    Attributes
    ----------
    is_whole
        The old code moved as a whole, and this one went with the others.
    is_against
        The others' way says that this one's change is its own.
    """

    is_whole: BoolArray
    is_against: BoolArray

    @classmethod
    def of(cls, before: np.ndarray, after: np.ndarray) -> _Counts:
        n = len(before)
        codes, names = pd.factorize(np.concatenate([before, after]))
        old, new = codes[:n].astype(np.int64), codes[n:].astype(np.int64)
        _, pair, sizes = np.unique(
            old * max(len(names), 1) + new, return_inverse=True, return_counts=True
        )
        n_holders = np.bincount(old, minlength=max(len(names), 1))[old]
        n_together = sizes[pair]
        moved_as_whole = (
            (old != new)
            & (n_holders >= WHOLE_HOLDERS)
            & (100 * n_together >= WHOLE_PERCENT * n_holders)
        )
        has_way = _any_of(old, moved_as_whole)
        n_stayed = np.bincount(old[old == new], minlength=max(len(names), 1))[old]
        was_left_alone = (n_holders >= STAYED_HOLDERS) & (
            100 * n_stayed >= STAYED_PERCENT * n_holders
        )
        return cls(moved_as_whole, (has_way & ~moved_as_whole) | was_left_alone)


def _any_of(groups: IntArray, is_so: BoolArray) -> BoolArray:
    """Tell for each whether it is so of anybody of the same group."""
    found: BoolArray = np.isin(groups, groups[is_so])
    return found
