"""What the clauses on the cut (P) say of a partition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.compliance.plan import (
    Plan,
    Verdict,
    choice,
    departed,
    met,
    outside,
)
from gridopt.findings import some, some_ids
from gridopt.geography import local_plane

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.partition import Partition
    from gridopt.problem import GridRules

TARGET = 20
"""Number of enterprises that P5 speaks of."""

OWN_TABLE = "gbt4754"
"""The shipped classification with the five categories that P4 lists."""


def check_combination(plan: Plan) -> Verdict:
    """P1: area and industry together make the blocks."""
    blocks = plan.partition.grids.drop_duplicates("block_id")
    n, n_units = len(blocks), blocks["unit"].nunique()
    n_categories = blocks["category"].nunique()
    zh = f"设有企业网格的{n_units}个二级统计网格与{n_categories}类行业相结合，"
    zh += f"成{n}个划分单元。"
    return met(zh, f"{n_units} units by {n_categories} categories: {n} blocks.")


def check_factors(plan: Plan) -> Verdict:
    """P2: count, industry, area, and, where chosen, business linkage."""
    price = plan.setting("grids.linkage_price_m", 0)
    pairs = ("must_link", "cannot_link", "fixed", "forbidden", "moved")
    n_wishes = sum(len(plan.setting(f"grids.{key}", ()) or ()) for key in pairs)
    has_groups = bool(price)
    zh = "家数、行业、距离均已计入；业务关联"
    zh += f"按集团编号计入（每家{price:g}米）" if has_groups else "未计入（默认）"
    zh += f"，另有指定要求{n_wishes}条。" if n_wishes else "。"
    en = "Count, industry and distance are in the cost; linkage "
    en += f"by group id at {price:g} m" if has_groups else "is not used (default)"
    return choice(zh, f"{en}; {n_wishes} hand-made wishes.")


def check_categories(plan: Plan) -> Verdict:
    """P3: one category per grid, in principle."""
    grids = plan.partition.grids
    mixed = grids[grids["n_other_category"] > 0]
    if not len(mixed):
        zh = f"{len(grids)}个企业网格内的企业行业性质均相同。"
        return met(zh, f"All {len(grids)} grids hold one category each.")
    n = int(mixed["n_other_category"].sum())
    zh = f"{len(mixed)}个网格并有其他行业企业{n}家（{some(mixed['grid_name'])}），"
    zh += "理由见例外说明。"
    en = f"{len(mixed)} grids hold {n} enterprises of another category "
    return departed(zh, f"{en}({some_ids(mixed.index)}); see the exceptions.")


def check_table(plan: Plan) -> Verdict:
    """P4: the five categories, or another table."""
    table = plan.partition.register.classification
    names = "、".join(category.name_zh for category in table.categories[:6])
    n = len(table.categories)
    zh = f"按分类表 {table.name} 分为{n}类：{names}{'等' if n > 6 else ''}。"
    en = f"{n} categories of the table {table.name}."
    return met(zh, en) if table.name == OWN_TABLE else choice(zh, en)


def check_sizes(plan: Plan) -> Verdict:
    """P5: about twenty enterprises a grid; the band is ours."""
    grids, rules = plan.partition.grids, plan.partition.rules
    band = f"目标{rules.target}家、{rules.least}至{rules.most}家"
    off = grids[(grids["size"] < rules.least) | (grids["size"] > rules.most)]
    spread = f"{grids['size'].min()}至{grids['size'].max()}家" if len(grids) else "无"
    en = f"{len(grids)} grids, target {rules.target}, "
    en += f"band {rules.least} to {rules.most}"
    if len(off):
        zh = f"{len(grids)}个网格中{len(off)}个不在{rules.least}至{rules.most}家之内"
        zh += f"（{some(off['grid_name'])}），理由见例外说明；"
        zh += f"其余按{band}划分（区间为本项目理解）"
        zh += f"{_at_the_ends(grids['size'], rules)}。"
        return departed(zh, f"{en}; {len(off)} outside ({some_ids(off.index)}).")
    zh = f"{len(grids)}个网格家数为{spread}；{band}为本项目对“20家左右”的理解"
    zh += f"{_at_the_ends(grids['size'], rules)}。"
    verdict = met if rules.target == TARGET else choice
    return verdict(zh, f"{en}; none outside. The band is our reading.")


def _at_the_ends(sizes: pd.Series, rules: GridRules) -> str:
    """Own up to the grids at the ends of the band: nothing draws them to the target."""
    n_least, n_most = (int((sizes == end).sum()) for end in (rules.least, rules.most))
    if not n_least + n_most:
        return ""
    return f"，其中{rules.least}家的{n_least}个、{rules.most}家的{n_most}个"


def check_objects(plan: Plan) -> Verdict:
    """P6: one row is one legal unit; branches left out or rows of their own."""
    n = plan.partition.register.left_out.get("branch", 0)
    if plan.setting("register.branches", "out") == "out":
        zh = f"一个法人单位为一户，产业活动单位不单列（默认），未纳入{n}家。"
        return choice(
            zh, f"One row is one legal unit (default); {n} branches left out."
        )
    return choice(
        "法人单位和产业活动单位各为一户（本情景选定）。",
        "Legal units and branches are rows of their own (chosen here).",
    )


def check_groomed(plan: Plan) -> Verdict:
    """P7: statisticians of above-scale and of groomed firms are members."""
    register = plan.partition.register
    counts = register.enterprises["status"].value_counts()
    n_above, n_groomed = (int(counts.get(k, 0)) for k in ("above_scale", "groomed"))
    zh = f"“四上”企业{n_above:,}家、小升规培育企业{n_groomed:,}家入网格"
    en = f"{n_above:,} above-scale and {n_groomed:,} groomed firms are in grids"
    if plan.setting("register.groomed", "in") == "out":
        n_out = register.left_out.get("groomed", 0)
        zh += f"；小升规培育企业{n_out}家按本情景未纳入，与文件所列网格成员不一致。"
        return departed(zh, f"{en}; {n_out} groomed firms are left out by choice.")
    if not plan.setting("money.groomed_paid", True):
        zh += "；后者不计入经费（本情景选定）。"
        return choice(zh, f"{en}; the latter are not paid for.")
    if assumed := plan.setting("register.status"):
        word = {"above_scale": "“四上”企业", "groomed": "小升规培育企业"}.get(assumed)
        zh += f"，均计入经费；名录无纳统状态的，按情景一律视同{word or assumed}。"
        return choice(zh, f"{en}, all paid for; unknown status read as {assumed}.")
    return met(f"{zh}，均计入经费。", f"{en}, all of them paid for.")


def check_borders(plan: Plan) -> Verdict:
    """P8: no grid crosses the border of a second-level unit."""
    grids = plan.partition.grids
    crossing = grids[grids["n_other_unit"] > 0]
    if not len(crossing):
        return met("企业网格均不跨二级统计网格。", "No grid crosses a unit's border.")
    n = int(crossing["n_other_unit"].sum())
    zh = f"{len(crossing)}个网格跨二级统计网格，涉及企业{n}家"
    zh += f"（{some(crossing['grid_name'])}），理由见例外说明。"
    en = f"{len(crossing)} grids hold {n} enterprises of another unit "
    return departed(zh, f"{en}({some_ids(crossing.index)}); see the exceptions.")


def check_clarity(plan: Plan) -> Verdict:
    """P9: every enterprise in exactly one grid, and how clear the borders are."""
    partition = plan.partition
    expected = partition.register.enterprises.index
    placed = partition.enterprises
    n_known = int(placed["grid_id"].isin(partition.grids.index).sum())
    is_true = placed.index.is_unique and set(placed.index) == set(expected)
    if not is_true or n_known != len(expected):
        zh = f"应划企业{len(expected)}家，划入且只划入一个网格的不是全部，请复核。"
        return departed(zh, f"Not all {len(expected)} enterprises are in one grid.")
    share = share_nearer_elsewhere(partition)
    zh = f"{len(expected):,}家企业各属一个网格；离同一划分单元内另一网格中心企业"
    zh += f"更近的占{share:.1%}（界限清晰程度，本项目的量度）。"
    en = f"{len(expected):,} enterprises, each in one grid; {share:.1%} are nearer to "
    return met(zh, f"{en}another medoid of their block.")


def share_nearer_elsewhere(partition: Partition) -> float:
    """Share of enterprises nearer to another grid's medoid of their block, 0 to 1.

    Straight lines in the local plane; closer by less than 0.1 m does not count.
    """
    places = partition.register.enterprises.loc[partition.enterprises.index]
    plane = local_plane(
        places["longitude"].to_numpy(float), places["latitude"].to_numpy(float)
    )
    grid_id = partition.enterprises["grid_id"].to_numpy()
    is_medoid = partition.enterprises["is_medoid"].to_numpy(bool)
    blocks = partition.enterprises.groupby("block_id", sort=True).indices
    n_nearer = 0
    for members in blocks.values():
        medoids = members[is_medoid[members]]
        gaps = plane[members, None, :] - plane[None, medoids, :]
        metres = np.sqrt((gaps * gaps).sum(axis=2))
        is_own = grid_id[members, None] == grid_id[None, medoids]
        own = np.where(is_own, metres, np.inf).min(axis=1, initial=np.inf)
        other = np.where(is_own, np.inf, metres).min(axis=1, initial=np.inf)
        n_nearer += int((other < own - 0.1).sum())
    return n_nearer / len(grid_id) if len(grid_id) else 0.0


def check_procedure(plan: Plan) -> Verdict:
    """P10: the bureau arranges, the units carry out: plan per unit, check citywide."""
    grids = plan.partition.grids
    n = grids["unit"].nunique()
    n_all = len(plan.partition.register.units.codes)
    zh = f"方案按二级统计网格分列（共{n_all}个，其中{n}个设有企业网格），全市"
    zh += f"{len(grids)}个企业网格统一核对；实施由各部门、乡镇（街道）负责，"
    zh += "以实际情况为准。"
    en = f"{len(grids)} grids, planned by unit ({n} of {n_all} have grids)"
    return met(zh, f"{en} and checked citywide.")


def check_routing(plan: Plan) -> Verdict:
    """P11: which firms are the bureau's own; the text does not say."""
    departments = plan.units(is_department=True)
    n = int(plan.partition.grids["unit"].isin(departments).sum())
    if not departments:
        return outside("单位表中没有市住建局。", "The units table has no such bureau.")
    if not plan.setting("grids.bureau_owns", True):
        return choice(
            "建筑业、房地产企业由所在乡镇（街道）管理（本情景选定）。",
            "The townships keep construction and real estate (chosen here).",
        )
    return choice(
        f"建筑业、房地产企业归市住建局（默认），共{n}个企业网格，跨乡镇（街道）划分。",
        f"Construction and real estate are the bureau's (default): {n} grids.",
    )


def check_zone(plan: Plan) -> Verdict:
    """P12: the development zone is a unit like a township."""
    codes = plan.units(is_department=False)
    zones = [code for code in codes if plan.kind_of(code) == "zone"]
    if not zones:
        return outside("单位表中没有开发区。", "The units table has no zone.")
    n = int((plan.partition.enterprises["unit"].isin(zones)).sum())
    names = some(plan.name_of(code) for code in zones)
    zh = f"{names}按二级统计网格对待，所属企业{n}家。"
    return met(zh, f"The zone is a unit of its own, with {n} enterprises.")


def check_upkeep(plan: Plan) -> Verdict:
    """P13: register and staff list kept current."""
    placed = plan.partition.enterprises
    previous = placed["previous_grid_id"].fillna("")
    is_survivor = previous != ""
    n = int(is_survivor.sum())
    if not n:
        return choice(
            "首次划分，未用上期方案；名录按月或按年更新后可据此重划。",
            "A first cut, without a previous plan; monthly or yearly updates follow.",
        )
    n_moved = int((is_survivor & (previous != placed["grid_id"])).sum())
    return choice(
        f"承接上期方案：存续企业{n:,}家，其中调整企业{n_moved:,}家。",
        f"Carried on from a previous plan: {n:,} survivors, {n_moved:,} movers.",
    )
