"""What stands on each sheet of the workbook but the settlement and the money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridopt.tenure import CHANGES, REASONS
from gridopt.views.labels import (
    ANSWER_STATUS,
    CLAUSE_STATUS,
    KINDS,
    LEVELS,
    ROLES,
    block_name,
    metres_text,
    unit_name,
    value_text,
)
from gridopt.views.sheet import Column

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.outcome import Outcome
    from gridopt.views.sheet import Sheet

ROSTER = (
    Column("网格编号", "id", 23),
    Column("网格名称", "text", 25),
    Column("职务", "centre", 11),
    Column("姓名", "text", 13.5),
    Column("人员编号", "id", 14),
    Column("企业编号", "id", 21),
    Column("企业名称（一至三级为任职岗位）", "text", 42),
    Column("距中心企业\n（米）", "metres", 11),
    Column("备注", "text", 17),
    Column("签名", "text", 12),
)
EXCEPTIONS = (
    Column("序号", "int", 6),
    Column("条款", "centre", 8),
    Column("类型", "centre", 14),
    Column("划分单元", "text", 20),
    Column("网格", "text", 24),
    Column("涉及企业\n（家）", "int", 10),
    Column("说明", "text", 62),
    Column("市统计局意见", "text", 18),
)
CHOICES = (
    Column("条款", "centre", 8),
    Column("事项", "text", 30),
    Column("采用的口径", "text", 46),
    Column("是否默认", "centre", 10),
    Column("情景文件中的名称", "id", 34),
)
CLAUSES = (
    Column("条款", "centre", 8),
    Column("文件出处", "centre", 14),
    Column("情况", "centre", 16),
    Column("说明", "text", 96),
)


def write_roster(sheet: Sheet, outcome: Outcome) -> None:
    """Write who does what: levels one to three, then every grid with its members."""
    sheet.wide(
        "一至三级统计网格按任职岗位列名，不列具体人员；每个企业网格一行小结，其下为网格长、"
        "副网格长、网格指导员和网格成员，可按左侧分级符号折叠。距离为企业到本网格中心企业的直线距离。",
        "note",
    )
    sheet.headings([column.heading for column in ROSTER], is_kept=True)
    styles = [column.style for column in ROSTER]
    posts = outcome.roster.posts
    for row in posts[posts["level"] < 4].itertuples():
        sheet.cells(_official(row, outcome), styles)
    firms = outcome.partition.enterprises
    facts = firms[["name", "is_medoid", "distance_m", "category", "unit"]]
    facts = facts.rename(columns={"name": "name_firm", "unit": "unit_firm"})
    people = posts[posts["level"] == 4].join(facts, on="enterprise_id")
    sheet.page.outline_settings(True, False, True, False)
    first = sheet.row - len(posts[posts["level"] < 4]) - 1
    by_grid = dict(iter(people.groupby("grid_id", sort=False)))
    for grid_id, grid in outcome.partition.grids.iterrows():
        _write_grid(sheet, str(grid_id), grid, by_grid.get(grid_id))
    sheet.page.autofilter(first, 0, sheet.row - 1, len(ROSTER) - 1)


def _official(row: Any, outcome: Outcome) -> list[object]:
    place = unit_name(outcome.register, row.unit) if row.unit else "全市"
    name = row.name if not row.is_vacant else "空缺"
    # the document says 网格员 on its first two levels, 网格成员 on the others
    role = "网格员" if row.role == "member" and row.level < 3 else ROLES[row.role]
    return [
        row.grid_id, place, role, name, row.person_id, "", row.post, None,
        LEVELS[row.level], "",
    ]  # fmt: skip


def _write_grid(
    sheet: Sheet, grid_id: str, grid: Any, people: pd.DataFrame | None
) -> None:
    summary = (
        f"{grid['grid_name']}：{grid['size']}家企业，合计行程{metres_text(grid['travel_m'])}，"
        f"最远{metres_text(grid['radius_m'])}"
    )
    if grid["is_exception"]:
        summary += "（有例外，见“例外说明”）"
    line = sheet.cells([grid_id, summary] + [""] * 8, ["band"] * len(ROSTER))
    sheet.merge(line, (1, len(ROSTER) - 1), summary, "band")
    if people is None:
        return
    styles = [column.style for column in ROSTER]
    for person in people.itertuples():
        sheet.fold(sheet.cells(_person(person, grid), styles))


def _person(person: Any, grid: Any) -> list[object]:
    has_firm = bool(person.enterprise_id)
    return [
        person.grid_id,
        grid["grid_name"],
        ROLES[person.role],
        "空缺" if person.is_vacant else person.name,
        person.person_id,
        person.enterprise_id,
        person.name_firm if has_firm else person.post,
        float(person.distance_m) if has_firm else None,
        "；".join([*_marks(person, grid, has_firm), *_succession(person)]),
        "",
    ]


def _succession(person: Any) -> list[str]:
    """Say of a post that did not stay with its holder what became of it, and why."""
    if person.change in ("", "kept", "vacant"):
        return []
    reason = REASONS.get(person.change_reason, "")
    return [CHANGES[person.change] + (f"：{reason}" if reason else "")]


def _marks(person: Any, grid: Any, has_firm: bool) -> list[str]:
    if not has_firm:
        return []
    remarks = []
    if person.is_medoid:
        remarks.append("中心企业")
    if person.category != grid["category"]:
        remarks.append("其他行业并入")
    if person.unit_firm != grid["unit"]:
        remarks.append("其他单元并入")
    return ["、".join(remarks)] if remarks else []


def write_exceptions(sheet: Sheet, outcome: Outcome) -> None:
    """Write every departure from the document with its clause and its reason."""
    rows = outcome.partition.exceptions
    grids = outcome.partition.grids
    sheet.wide(
        f"共{len(rows)}项。文件用语为“原则上”，凡与原则不一致之处逐项列出理由，供市统计局审定。"
        + POINTS,
        "note",
    )
    lines = [
        [
            i,
            row.clause,
            KINDS.get(row.kind, row.kind),
            block_name(outcome.partition, str(row.block_id)),
            grids.at[row.grid_id, "grid_name"] if row.grid_id in grids.index else "",
            int(row.n_enterprises),
            row.explanation_zh,
            "",
        ]
        for i, row in enumerate(rows.itertuples(), 1)
    ]
    sheet.table(EXCEPTIONS, lines, is_kept=True)
    if not lines:
        sheet.wide("没有例外。", "note")
    sheet.signatures(["编制人", "审核人", "市统计局负责人"])


def write_choices(sheet: Sheet, outcome: Outcome) -> None:
    """Write every setting that interprets a clause, with the value in force."""
    sheet.wide(
        "文件未明确之处，均列为口径，并注明所依条款；“否”表示与默认口径不同。", "note"
    )
    lines = [
        [
            choice["clause"],
            choice["label"],
            choice.get("value_zh") or value_text(choice["value"]),
            "是" if choice["is_default"] else "否",
            choice["setting"],
        ]
        for choice in outcome.choices
    ]
    sheet.table(CHOICES, lines, is_kept=True)


def write_clauses(sheet: Sheet, outcome: Outcome) -> None:
    """Write what each clause of the document says of this plan."""
    counts = outcome.clauses["status"].value_counts()
    text = "，".join(
        f"{word}{counts.get(key, 0)}条" for key, word in CLAUSE_STATUS.items()
    )
    sheet.wide(
        f"共{len(outcome.clauses)}条：{text}。条款代号为本项目编号，出处为文件原有章节。"
        + STATUS_MEANING,
        "note",
    )
    lines = [
        [row.key, row.section, CLAUSE_STATUS.get(row.status, row.status), row.evidence]
        for row in outcome.clauses.itertuples()
    ]
    sheet.table(CLAUSES, lines, is_kept=True)


def answer_text(outcome: Outcome) -> str:
    """Say how good the cut is and what exactly is claimed (house: every gap)."""
    summary, blocks = outcome.summary, outcome.partition.blocks
    status = ANSWER_STATUS.get(str(summary["status"]), str(summary["status"]))
    counts = blocks["status"].value_counts()
    parts = "、".join(
        f"{counts[key]}个{word}" for key, word in ANSWER_STATUS.items() if key in counts
    )
    n_open = int(blocks["bound"].isna().sum())
    text = f"总体：{status}。{len(blocks)}个划分单元中，{parts}。"
    if n_open:
        text += f"有{n_open}个尚无理论下界，因此不给出总差距。"
    return text


def small_blocks_text(outcome: Outcome) -> str:
    """Say how well the choice which small blocks join is proven."""
    small = outcome.partition.small_blocks
    status = ANSWER_STATUS.get(str(small.get("status")), str(small.get("status")))
    bound = small.get("bound")
    text = f"小单元如何合并：{status}，例外代价{small.get('points')}分"
    return f"{text}，理论下界{bound}分。" if bound is not None else f"{text}。"


POINTS = (
    "“代价”是比较各种处理办法的计分，不是金额，分值见“口径与选择”；"
    "处理办法以全部代价合计最小为目标统筹选定，单独一项的代价不一定最低。"
)
STATUS_MEANING = "“符合”指本方案已按该条编制或作出安排，不表示已经执行。"
CLAIM = (
    "以上结论针对既定的划分单元、既定的网格个数区间和取整到分米的代价："
    "在这些前提下，任何方案的总代价都不会低于理论下界。"
    "哪些小单元合并由另一模型确定，其状态单列。"
)
