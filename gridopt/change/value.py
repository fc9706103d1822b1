"""What changed between two registers, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.cards import Card, Shown
from gridopt.change.events import KINDS
from gridopt.words import SYNTHETIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from gridopt.change.revision import Revision

KIND_WORDS = {
    "entered": "新增",
    "left": "退出",
    "reentered": "重新进入",
    "id_changed": "编号变更",
    "moved": "搬迁",
    "industry_changed": "行业变更",
    "revised": "行业分类修订",
    "status_changed": "状态变更",
    "renamed": "更名",
}
"""What people call each kind of change."""


@dataclass(frozen=True, repr=False)
class RegisterChange(Shown):
    """What changed between two registers (P13), and what of it is still undecided.

    Attributes
    ----------
    changes
        One row per event, columns of ``changes.csv``: `enterprise_id, kind, old_value,
        new_value, distance_m, needs_decision, is_major, old_row, new_row, name,
        old_category, new_category`, sorted by id and kind.
    revision
        Whether the classification was revised, by which rule, and whose codes.
    n_old, n_new, n_survivors
        Enterprises in grids before and after, and those among them that are the same.
    renumbered
        Accepted changes of id, old to new.
    turned
        Who was decided to have truly changed industry, and who to be merely revised,
        against what the codes look like.
    old_file, new_file
        Names of the two files.
    is_synthetic
        Whether either register is made up.
    """

    changes: pd.DataFrame
    revision: Revision
    n_old: int
    n_new: int
    n_survivors: int
    renumbered: Mapping[str, str]
    turned: tuple[tuple[str, ...], tuple[str, ...]]
    old_file: str
    new_file: str
    is_synthetic: bool

    @property
    def counts(self) -> dict[str, int]:
        """Number of events of each kind, in the order of `KINDS`."""
        found = self.changes["kind"].value_counts()
        return {kind: int(found.get(kind, 0)) for kind in KINDS}

    @property
    def proposals(self) -> pd.DataFrame:
        """Changes that wait for a decision."""
        return self.changes[self.changes["needs_decision"]]

    @property
    def majors(self) -> pd.DataFrame:
        """Changes with a large effect on the figures (M5)."""
        return self.changes[self.changes["is_major"]]

    def carry(self, previous: pd.DataFrame) -> pd.DataFrame:
        """Bring a plan over to today's ids and to what was decided of the codes.

        An accepted change of id gives the enterprise its new id in the plan, so that
        it is a survivor. Who truly changed industry in a year of revision no longer
        keeps the old category; who was merely revised does. Moves by hand that the
        plan hands on (its `attrs`) are brought over as well.

        Parameters
        ----------
        previous
            The plan's enterprises, `enterprise_id` as index or as a column.

        Returns
        -------
        DataFrame
            In the same form; `previous` stays as it was.

        Examples
        --------
        >>> import gridopt as go
        >>> register = go.read_sample()
        >>> plan = go.make_grids(register).enterprises
        >>> change = go.compare_registers(register, register)
        >>> change.carry(plan).equals(plan)
        True
        """
        is_indexed = previous.index.name == "enterprise_id"
        frame = previous.reset_index() if is_indexed else previous.copy()
        old_ids = frame["enterprise_id"]
        ids = self.renumber(old_ids)
        frame = self._with_decided_codes(frame.assign(enterprise_id=ids))
        frame = frame.set_index("enterprise_id") if is_indexed else frame
        frame.attrs = dict(previous.attrs)
        if frame.attrs.get("moved"):
            today = dict(zip(old_ids, ids, strict=True))
            moved = [(today.get(a, a), b) for a, b in frame.attrs["moved"]]
            frame.attrs["moved"] = tuple(sorted(moved))
        return frame

    def renumber(self, ids: pd.Series) -> pd.Series:
        """Give those whose change of id was accepted their new id."""
        known = set(ids)
        new_ids = {a: b for a, b in self.renumbered.items() if b not in known}
        if not new_ids:
            return ids
        # `map` by a dict leaves gaps for everybody else
        is_new = ids.isin(list(new_ids))
        return ids.mask(is_new, ids.map(new_ids).astype(object))

    def _with_decided_codes(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Write today's code beside those decided upon: it is news no more."""
        is_told = {"industry", "category"} <= set(frame)
        if not is_told or not any(self.turned):
            return frame
        ids = frame["enterprise_id"]
        is_own, is_not = (ids.isin(list(turned)) for turned in self.turned)
        coded = self.changes[self.changes["kind"].isin(["revised", "industry_changed"])]
        today = ids.map(coded.set_index("enterprise_id")["new_value"])
        if "kept_category" not in frame:
            frame = frame.assign(kept_category="")
        before = frame["kept_category"].where(
            frame["kept_category"] != "", frame["category"]
        )
        kept = np.where(is_not, before, np.where(is_own, "", frame["kept_category"]))
        code = today.where((is_own | is_not) & today.notna(), frame["industry"])
        return frame.assign(industry=code, kept_category=kept)

    def lines(self) -> list[str]:
        """Say it in a few Chinese lines: how many, of which kind, what is open."""
        told = [
            f"{self.old_file} 到 {self.new_file}：原有 {self.n_old:,} 家，"
            f"现有 {self.n_new:,} 家，存续 {self.n_survivors:,} 家。"
        ]
        n_open = int((self.proposals["kind"] == "id_changed").sum())
        for kind, n in self.counts.items():
            n_proposed = n_open if kind == "id_changed" else 0
            if n_proposed:
                told.append(f"{KIND_WORDS[kind]}：{n_proposed:,} 项（待确认）")
            if n > n_proposed:
                told.append(f"{KIND_WORDS[kind]}：{n - n_proposed:,} 家")
        if len(told) == 1 and not self.revision.is_recognised:
            told.append("没有变动。")
        if self.revision.is_recognised:
            told.append(revision_line(self.revision))
        if len(self.majors):
            told.append(
                f"对统计数据影响较大的变动 {len(self.majors):,} 项，"
                "须立即向市统计局报告（M5 · 三(三)3）。"
            )
        if len(self.proposals):
            told.append(
                f"待确认 {len(self.proposals):,} 项：把 changes.csv 另存一份，"
                "加一列 decision，填 accept（接受）或 reject（拒绝），"
                "再以 --decisions 给出。"
            )
        return told

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def card(self) -> Card:
        """Tell how many changed how, what must be reported, and what is undecided."""
        rows = tuple(
            (KIND_WORDS[kind], f"{n:,}") for kind, n in self.counts.items() if n
        )
        brief = f"{self.old_file} 到 {self.new_file}："
        brief += "，".join(f"{word}{n}" for word, n in rows) or "没有变动"
        facts = [("上期名录", self.old_file), ("本期名录", self.new_file)]
        counts = (self.n_old, self.n_new, self.n_survivors)
        facts += [
            (word, f"{n:,}家")
            for word, n in zip(("原有", "现有", "存续"), counts, strict=True)
        ]
        facts.append(("须立即报告的（M5）", f"{len(self.majors):,}项"))
        facts.append(("待确认的", f"{len(self.proposals):,}项"))
        if self.revision.is_recognised:
            facts.append(("行业分类修订", revision_line(self.revision)))
        return Card(
            title="名录变动",
            brief=brief,
            facts=tuple(facts),
            headings=("变动", "项") if rows else (),
            rows=rows,
            mark=SYNTHETIC if self.is_synthetic else "",
        )


def revision_line(revision: Revision) -> str:
    """Say which rule recognised a revision, with its figures."""
    n, share = revision.n_changed, revision.n_changed / max(revision.n_survivors, 1)
    seen = (
        f"存续企业 {revision.n_survivors:,} 家中有 {n:,} 家（{share:.1%}）行业代码改变"
    )
    why = {
        "declared": "两期名录声明的行业代码版本不同",
        "broad": "远多于正常的行业变更",
        "mapped": f"其中 {revision.n_whole:,} 家是整码改变",
    }[revision.reason]
    return (
        f"识别为行业分类修订：{seen}，{why}；"
        f"{revision.n_revised:,} 家按修订处理，不算行业变更，单凭代码修订不调整网格。"
    )
