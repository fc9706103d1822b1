"""Who stays in a category that is no longer theirs, and how that is explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.blocks.departures import Departure
from gridopt.findings import some, some_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gridopt.blocks.block import Block
    from gridopt.register import Register

IntArray = npt.NDArray[np.int64]
TextArray = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Kept:
    """Who keeps an old category after a revision of the classification (P13).

    Attributes
    ----------
    categories
        The category kept, empty for everybody else, shape (n,).
    units
        Unit of each enterprise by its own category of today, shape (n,).
    """

    register: Register
    categories: TextArray
    units: TextArray

    def count(self, block: Block) -> int:
        """Count those of a base block who are in it by a category that was theirs."""
        return int((self.categories[block.members] != "").sum())

    def departures(self, bases: Sequence[Block], host: Block) -> Iterator[Departure]:
        """List the kept of a joined block: off its category, or off its unit.

        Parameters
        ----------
        bases
            Base blocks that it consists of, the host among them.
        """
        members = np.sort(np.concatenate([block.members for block in bases]))
        members = members[self.categories[members] != ""]
        own = self.register.enterprises["category"].to_numpy(dtype=object)[members]
        pairs = sorted({*zip(self.categories[members], own, strict=True)})
        for before, now in pairs:
            is_pair = (self.categories[members] == before) & (own == now)
            if now != host.category:
                yield self._off_category(host.block_id, members[is_pair], before, now)
        # a guest of another unit is listed with its base block
        at_home = [block.members for block in bases if block.unit == host.unit]
        members = np.intersect1d(members, np.concatenate(at_home))
        members = members[self.units[members] != host.unit]
        if len(members):
            yield self._off_unit(host, members)

    def _off_category(
        self, block_id: str, members: IntArray, before: str, now: str
    ) -> Departure:
        n, (names, ids) = len(members), self._names(members)
        table = self.register.classification
        old_zh, new_zh = table.name_zh(before), table.name_zh(now)
        zh = (
            f"行业分类修订后，{n}家企业的行业代码改变，所属类别由{old_zh}变为{new_zh}，"
            f"企业本身没有变化，按口径留在原类别的网格（{names}）；"
            "不再保留的，设 grids.keep_revised: false。"
        )
        who = "1 enterprise" if n == 1 else f"{n} enterprises"
        en = (
            f"A revision of the classification changed the codes of {who} from "
            f"{table.name_en(before)} to {table.name_en(now)}; nothing else changed, "
            f"so they stay where they were ({ids}). "
            "grids.keep_revised: false ends that."
        )
        return Departure("P3", "merged_category", block_id, n, zh, en)

    def _off_unit(self, host: Block, members: IntArray) -> Departure:
        n, (names, ids) = len(members), self._names(members)
        found = sorted({*self.units[members].tolist()})
        known = [self.register.units.get(code) for code in [*found, host.unit]]
        told = [
            unit.name if unit is not None else code
            for unit, code in zip(known, [*found, host.unit], strict=True)
        ]
        zh = (
            f"行业分类修订后，{n}家企业按现行类别应归{'、'.join(told[:-1])}，"
            f"企业本身没有变化，按口径留在{told[-1]}原网格（{names}）。"
        )
        who = "1 enterprise" if n == 1 else f"{n} enterprises"
        en = (
            f"After a revision of the classification {who} would belong to "
            f"{', '.join(found)}; nothing else changed, so they stay in {host.unit} "
            f"({ids})."
        )
        return Departure("P8", "merged_unit", host.block_id, n, zh, en)

    def _names(self, members: IntArray) -> tuple[str, str]:
        """Name the first few, in Chinese and in English."""
        ids = self.register.enterprises.index[members]
        return some(ids), some_ids(ids)
