"""What changed between the plan in force and the new one, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridopt.cards import Card, Shown
from gridopt.words import CHANGE_KINDS, SYNTHETIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gridopt.adjustment.letters import Letter
    from gridopt.partition import Partition

ENTERPRISE_COLUMNS = (
    *("name", "unit", "category", "previous_grid_id", "grid_id", "kind"),
    *("reason", "reason_zh", "reason_en", "saved_m"),
    *("previous_grid_name", "grid_name", "previous_grid_unit", "grid_unit"),
)
FLOWS = (
    *("previous_size", "left", "moved_out", "forced_out"),
    *("entered", "moved_in", "forced_in", "size"),
)
GRID_COLUMNS = (
    *("grid_name", "block_id", "unit", "category", "fate"),
    *FLOWS,
    *("previous_medoid_id", "medoid_id", "previous_travel_m", "travel_m"),
    *("reason_zh", "reason_en"),
)
UNIT_COLUMNS = (
    *("unit_name", "n_grids_previous", "n_opened", "n_closed", "n_grids"),
    *FLOWS,
    "letter_zh",
)
MONEY_COLUMNS = (
    *("unit", "payer", "members_before", "members_after"),
    *("before_yuan", "after_yuan", "difference_yuan", "yearly_difference_yuan"),
)

KINDS = ("entered", "left", "forced", "moved")

FLOW_WORDS = dict(
    zip(
        FLOWS,
        ("上期", "退出", "调出", "转出", "新纳入", "调入", "转入", "本期"),
        strict=True,
    )
)
"""Columns of the flows, in households' order: what was, out, in, what is."""


@dataclass(frozen=True, repr=False)
class Adjustment(Shown):
    """A re-cut told from its past: who changed grid and why, grid by grid, in money.

    Attributes
    ----------
    partition
        The new plan.
    before
        The plan in force, index `enterprise_id`: `grid_id, unit, category, block_id,
        name, is_medoid, distance_m, longitude, latitude`; empty where it does not
        say. Places are those of the previous register where that is known, else
        today's, and unknown for who left.
    enterprises
        One row per enterprise that entered, left or changed grid, index
        `enterprise_id`, columns `ENTERPRISE_COLUMNS`. `kind` is one of `KINDS`;
        `forced`: the block that holds its old grid is no longer its own.
        `saved_m` is how much nearer it is to its medoid than it would be to that of
        its old grid as that is now, empty where there is none.
    grids
        One row per grid of either plan, index `grid_id`, columns `GRID_COLUMNS`:
        previous_size - left - moved_out - forced_out + entered + moved_in +
        forced_in = size. `fate`: `kept`, `split` (lives on, and gave firms to a new
        grid), `opened`, `closed`.
    units
        The same flows by unit, index `unit`, columns `UNIT_COLUMNS`; a grid that
        lives on counts to its unit of today. `letter_zh` is the text to send.
    letters
        The same letters part by part, by unit.
    money
        What the change does to the activity money, columns `MONEY_COLUMNS`; None
        where the members of the plan in force are unknown.
    """

    partition: Partition
    before: pd.DataFrame
    enterprises: pd.DataFrame
    grids: pd.DataFrame
    units: pd.DataFrame
    letters: Mapping[str, Letter]
    money: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        """Refuse flows that do not add up."""
        for frame in (self.grids, self.units):
            out = frame[["left", "moved_out", "forced_out"]].sum(axis=1)
            come = frame[["entered", "moved_in", "forced_in"]].sum(axis=1)
            odd = frame.index[frame["previous_size"] - out + come != frame["size"]]
            if len(odd):
                raise ValueError(f"Flows that do not add up: {', '.join(odd[:3])}.")

    @property
    def counts(self) -> dict[str, int]:
        """Number of enterprises of each kind, all of `KINDS` named."""
        found = self.enterprises["kind"].value_counts()
        return {kind: int(found.get(kind, 0)) for kind in KINDS}

    def card(self) -> Card:
        """Tell how many changed grid, and the flows of every unit."""
        n, fates = self.counts, self.grids["fate"].value_counts()
        told = "，".join(f"{word}{n[kind]:,}家" for kind, word in CHANGE_KINDS.items())
        facts = [(word, f"{n[kind]:,}家") for kind, word in CHANGE_KINDS.items()]
        for fate, word in (("opened", "新设网格"), ("closed", "撤销网格")):
            facts.append((word, f"{int(fates.get(fate, 0)):,}个"))
        if self.money is not None:
            yuan = int(self.money["yearly_difference_yuan"].sum())
            facts.append(("活动经费每个整年增减", f"{yuan:+,}元" if yuan else "0元"))
        sizes = self.units[list(FLOWS)].map("{:,}".format)
        names = self.units["unit_name"].astype(str)
        return Card(
            title="变动说明",
            brief=told,
            facts=tuple(facts),
            headings=("二级统计网格（家）", *FLOW_WORDS.values()),
            rows=tuple(zip(names, *map(sizes.get, FLOWS), strict=True)),
            mark=SYNTHETIC if self.partition.register.is_synthetic else "",
        )
