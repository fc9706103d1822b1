"""What was decided about proposed changes, and whether it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.change.events import KINDS
from gridopt.listing import Kind, Listing, Remarks, name_nearest, open_listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Events = dict[tuple[str, str], tuple[bool, str, str]]
"""By enterprise and kind: whether it needs a decision, old and new value."""

ACCEPT, REJECT = "accept", "reject"
WORDS = {
    "accept": ACCEPT,
    "接受": ACCEPT,
    "同意": ACCEPT,
    "reject": REJECT,
    "拒绝": REJECT,
    "不同意": REJECT,
}
"""What may stand in the column `decision`; an empty cell leaves it undecided."""

TABLE = Kind(
    "变动决定表",
    "table of decisions",
    "表中没有任何变动。",
    {
        "enterprise_id": ("统一社会信用代码", "企业编号"),
        "kind": ("变动类型",),
        "old_value": ("原值",),
        "new_value": ("新值",),
        "decision": ("决定",),
    },
    may_lack=("old_value", "new_value"),
    may_be_empty=("decision",),
)


@dataclass(frozen=True)
class Decisions:
    """What was decided: accepted and rejected events, as (enterprise_id, kind)."""

    accepted: frozenset[tuple[str, str]] = frozenset()
    rejected: frozenset[tuple[str, str]] = frozenset()

    def ids(self, kind: str, *, is_accepted: bool) -> tuple[str, ...]:
        """List the enterprises of one kind that were accepted, or rejected."""
        found = self.accepted if is_accepted else self.rejected
        return tuple(sorted(who for who, of_kind in found if of_kind == kind))


def read_decisions(
    decisions: str | Path | pd.DataFrame | None, proposed: pd.DataFrame
) -> Decisions:
    """Read and check decisions against the changes they are about.

    Parameters
    ----------
    decisions
        A file, or a frame, with the columns `enterprise_id`, `kind`, `decision` and,
        where they are to be checked, `old_value` and `new_value`.
    proposed
        The changes before anything is decided.

    Raises
    ------
    InputError
        Where a decision is about no change of these two registers, about one that
        needs none, in words of its own, or contradicts another: all at once.
    """
    if decisions is None:
        return Decisions()
    if isinstance(decisions, pd.DataFrame):
        listing = _of_frame(decisions)
    else:
        listing = open_listing(decisions, TABLE)
    named = [name for name in ("row", *TABLE.columns) if name in listing.rows]
    rows = listing.rows[named].astype(object).fillna("")
    events = _by_key(proposed)
    found = [key for row in _decided(rows) if (key := _judge(row, events, listing))]
    _explain_strangers(listing, proposed)
    listing.stop_on_errors()
    _check_contradictions(found, listing)
    listing.stop_on_errors()
    return Decisions(
        frozenset(key for _, key, word in found if word == ACCEPT),
        frozenset(key for _, key, word in found if word == REJECT),
    )


def _of_frame(frame: pd.DataFrame) -> Listing:
    remarks = Remarks("decisions", [])
    for name in ("enterprise_id", "kind", "decision"):
        if name not in frame:
            remarks.add(
                (None, name, ""),
                "missing_column",
                f"缺少列 {name}。",
                f"Column {name} is missing.",
            )
    listing = Listing(TABLE, frame.assign(row=range(2, len(frame) + 2)), remarks)
    listing.stop_on_errors()
    return listing


def _by_key(proposed: pd.DataFrame) -> Events:
    names = ("enterprise_id", "kind", "needs_decision", "old_value", "new_value")
    rows = zip(*(proposed[name] for name in names), strict=True)
    return {(who, kind): (needs, old, new) for who, kind, needs, old, new in rows}


def _decided(rows: pd.DataFrame) -> Iterator[dict[str, str]]:
    told = rows["decision"].astype(str).str.strip()
    yield from rows.assign(decision=told)[told != ""].to_dict("records")


def _judge(
    row: dict[str, str], events: Events, listing: Listing
) -> tuple[int, tuple[str, str], str] | None:
    """Check one decision; give its row, what it is about and its word."""
    who, kind, told = str(row["enterprise_id"]), str(row["kind"]), row["decision"]
    number, add = int(row["row"]), listing.remarks.add
    word = WORDS.get(told.lower())
    if word is None:
        near_zh, near_en = name_nearest(told, WORDS)
        add(
            (number, "decision", told),
            "decision_unknown",
            f"决定“{told}”不是 accept（接受）或 reject（拒绝）{near_zh}。",
            f"The decision {told!r} is neither accept nor reject{near_en}.",
        )
        return None
    if kind not in KINDS:
        near_zh, near_en = name_nearest(kind, KINDS)
        add(
            (number, "kind", kind),
            "kind_unknown",
            f"没有变动类型“{kind}”{near_zh}。",
            f"There is no kind of change {kind!r}{near_en}.",
        )
        return None
    if (who, kind) not in events:
        add(
            (number, "enterprise_id", who),
            "change_unknown",
            f"两期名录之间没有企业 {who} 的 {kind} 变动，请删去本行或核对名录。",
            f"The two registers show no change {kind} of {who}: delete the row, or "
            "check the registers.",
        )
        return None
    is_fit = _fits(row, events[who, kind], listing)
    return (number, (who, kind), word) if is_fit else None


def _fits(row: dict[str, str], event: tuple[bool, str, str], listing: Listing) -> bool:
    """Tell whether a decision is asked for, and about what is there now."""
    who, kind, number = row["enterprise_id"], row["kind"], int(row["row"])
    needs_decision, *values = event
    if not needs_decision:
        listing.remarks.add(
            (number, "decision", row["decision"]),
            "decision_needless",
            f"企业 {who} 的 {kind} 变动是名录中的事实，不需要决定；如有误请改名录。",
            f"The change {kind} of {who} is a fact of the registers and needs no "
            "decision; where it is wrong, correct the register.",
        )
        return False
    for name, now in zip(("old_value", "new_value"), values, strict=True):
        if name in row and str(row[name]) != now:
            listing.remarks.add(
                (number, name, str(row[name])),
                "decision_stale",
                f"企业 {who} 的 {kind} 变动，{name} 现为“{now}”，不是"
                f"“{row[name]}”；请按本次名录重新生成变动表后再决定。",
                f"The change {kind} of {who} has {name} {now!r} now, not "
                f"{row[name]!r}: make the table of changes anew and decide again.",
            )
            return False
    return True


def _explain_strangers(listing: Listing, proposed: pd.DataFrame) -> None:
    """Say first that the table is about other registers, where most of it is."""
    rows = listing.rows
    known = rows["enterprise_id"].isin(proposed["enterprise_id"])
    if not len(rows) or known.mean() >= 0.5:
        return
    n = int((~known).sum())
    listing.remarks.add(
        (None, "enterprise_id", ""),
        "decisions_elsewhere",
        f"表中 {len(rows)} 行有 {n} 行的企业在这两期名录之间没有变动，"
        "本表可能是为另两期名录所作的决定，请核对。",
        f"{n} of {len(rows)} rows are about enterprises that did not change between "
        "these registers: the table may belong to another pair.",
    )


def _check_contradictions(
    found: list[tuple[int, tuple[str, str], str]], listing: Listing
) -> None:
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for number, key, word in found:
        earlier_row, earlier = first.setdefault(key, (number, word))
        if earlier == word:
            continue
        who, kind = key
        listing.remarks.add(
            (number, "decision", word),
            "decision_contradictory",
            f"企业 {who} 的 {kind} 变动，第{earlier_row}行为 {earlier}，本行为 {word}，"
            "请只留一种决定。",
            f"The change {kind} of {who} has {earlier} in row {earlier_row} and {word} "
            "here: keep one.",
        )
