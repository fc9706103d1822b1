"""How two registers are compared, and which cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.change.decisions import Decisions, read_decisions
from gridopt.change.effects import flag_major
from gridopt.change.events import (
    Pair,
    join_events,
    list_come,
    list_gone,
    list_renumbered,
    list_survivors_events,
)
from gridopt.change.pairing import pair_by_id, propose_pairs
from gridopt.change.settings import ChangeRules
from gridopt.change.value import RegisterChange
from gridopt.errors import InputError
from gridopt.words import join_both

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from gridopt.register import Register

_ALIKE = {"cgcs2000": "wgs84"}
"""Coordinate systems that are equal at the precision of a register."""


def compare_registers(
    old: Register,
    new: Register,
    *,
    decisions: str | Path | pd.DataFrame | None = None,
    earlier: Sequence[Register] = (),
    rules: ChangeRules | None = None,
) -> RegisterChange:
    """List what changed between two registers (P13; M5).

    Enterprises are the same where their ids are. The same name at the same place
    under another id is proposed, never assumed. A revision of the classification is
    told from changes of industry, see `find_revision`.

    Parameters
    ----------
    old, new
        The two registers, as `read_register` gives them.
    decisions
        The table of changes with a column `decision` (`accept`, `reject`): a file or
        a frame.
    earlier
        Older registers, the latest last: who is in one of them and not in `old` comes
        back.
    rules
        From where on a difference counts; the defaults where None.

    Raises
    ------
    InputError
        Where the two cannot be compared (no id in common, coordinates in different
        systems, different tables of categories), or a decision does not hold.

    Examples
    --------
    >>> import gridopt as go
    >>> register = go.read_sample()
    >>> len(go.compare_registers(register, register).changes)
    0
    """
    rules = rules or ChangeRules()
    _refuse_strangers(old, new)
    proposed = propose_pairs(old, new, rules)
    both = old, new, rules
    undecided = _conclude(both, proposed, Decisions(), earlier)
    if decisions is None:
        return undecided
    decided = read_decisions(decisions, undecided.changes)
    return _conclude(both, proposed, decided, earlier)


def _conclude(
    both: tuple[Register, Register, ChangeRules],
    proposed: pd.DataFrame,
    decided: Decisions,
    earlier: Sequence[Register],
) -> RegisterChange:
    """Apply the decisions: who is who, and whose code truly changed."""
    is_same = proposed["new_id"].isin(decided.ids("id_changed", is_accepted=True))
    is_other = proposed["new_id"].isin(decided.ids("id_changed", is_accepted=False))
    accepted, still = proposed[is_same], proposed[~is_same & ~is_other]
    renumbered = dict(zip(accepted["old_id"], accepted["new_id"], strict=True))
    pair = _pair(*both, renumbered)
    turned = (_turned(decided, is_own=True), _turned(decided, is_own=False))
    events = join_events(
        [
            *list_survivors_events(pair, turned),
            list_gone(pair),
            list_come(pair, earlier),
            list_renumbered(pair, accepted, needs_decision=False),
            list_renumbered(pair, still, needs_decision=True),
        ]
    )
    return RegisterChange(
        changes=flag_major(events, pair),
        revision=pair.revision,
        n_old=pair.old.n,
        n_new=pair.new.n,
        n_survivors=len(pair.survivors),
        renumbered=renumbered,
        turned=turned,
        old_file=pair.old.file,
        new_file=pair.new.file,
        is_synthetic=pair.old.is_synthetic or pair.new.is_synthetic,
    )


def _turned(decided: Decisions, *, is_own: bool) -> tuple[str, ...]:
    """List whose change of code was decided to be their own, or the revision's."""
    taken = decided.ids("industry_changed", is_accepted=is_own)
    refused = decided.ids("revised", is_accepted=not is_own)
    return tuple(sorted({*taken, *refused}))


def _pair(
    old: Register, new: Register, rules: ChangeRules, renumbered: dict[str, str]
) -> Pair:
    editions = (old.rules.industry_edition, new.rules.industry_edition)
    is_declared = all(editions) and editions[0] != editions[1]
    return Pair(old, new, pair_by_id(old, new, renumbered), rules, is_declared)


def _refuse_strangers(old: Register, new: Register) -> None:
    """Refuse two registers that cannot be compared, all reasons at once."""
    faults = list(_faults(old, new))
    if faults:
        zh, en = join_both(faults)
        raise InputError(
            f"名录“{old.file}”与“{new.file}”无法比较：{zh}。",
            f"The registers {old.file!r} and {new.file!r} cannot be compared: {en}.",
        )


def _faults(old: Register, new: Register) -> Iterator[tuple[str, str]]:
    systems = [str(one.rules.coordinates) for one in (old, new)]
    if len({_ALIKE.get(system, system) for system in systems}) > 1:
        yield (
            f"坐标系不同（{systems[0]}、{systems[1]}），同一地点会相差数百米，"
            "请先换算到同一坐标系，并在情景中写明",
            f"their coordinates are in different systems ({systems[0]}, {systems[1]}), "
            "which lie hundreds of metres apart: convert one of them first",
        )
    tables = [one.classification.name for one in (old, new)]
    if tables[0] != tables[1]:
        yield (
            f"行业分类表不同（{tables[0]}、{tables[1]}），请用同一张表读入两期名录",
            f"their tables of categories differ ({tables[0]}, {tables[1]}): read both "
            "by the same one",
        )
    if not old.enterprises.index.isin(new.enterprises.index).any():
        first = "、".join(
            map(str, [old.enterprises.index[0], new.enterprises.index[0]])
        )
        yield (
            f"原有 {old.n:,} 家与现有 {new.n:,} 家没有一个相同的编号（例如 {first}），"
            "请核对是否为同一地区、编号是否用了同一种代码",
            f"of {old.n:,} and {new.n:,} enterprises no two share an id (such as "
            f"{first}): check that both are of one place and use the same kind of id",
        )
