"""What the clauses on the four levels (S) and on staff (M6) say of a roster."""

from __future__ import annotations

import pandas as pd

from gridopt.compliance.plan import (
    Plan,
    Verdict,
    choice,
    departed,
    met,
    outside,
)
from gridopt.findings import some, some_ids

N_DEPARTMENTS = 10
"""Departments that S1 names, from 市委编办 to 市市场监管局."""

YUHUAN = "331083"

STAFF_LEAST = {"street": 5, "town": 5, "township": 5, "zone": 3}
"""What M6 asks for; the scenario may ask for less."""

ROLE_WORDS = {
    "head": "网格长",
    "deputy": "副网格长",
    "instructor": "网格指导员",
    "member": "网格员",
}


def check_city(plan: Plan) -> Verdict:
    """S1: one head, deputy and instructor; departments and units as members."""
    posts = plan.posts(1)
    if not len(posts):
        return departed("名册未列一级统计网格。", "The roster has no first level.")
    n, n_units = _n_by_role(posts), len(plan.units(is_department=False))
    # the ten departments are named for Yuhuan alone; elsewhere nobody listed them
    n_departments = N_DEPARTMENTS if (posts["grid_id"] == YUHUAN).all() else 0
    wanted = {"head": 1, "deputy": 1, "instructor": 1}
    wanted["member"] = n_departments + n_units
    whose = f"{n_departments}个部门、" if n_departments else ""
    whose += f"{n_units}个二级统计网格的主要负责人"
    zh = f"一级统计网格1个：网格长{n['head']}名、副网格长{n['deputy']}名、"
    zh += f"网格指导员{n['instructor']}名、网格员{n['member']}名"
    en = f"{n['head']} head, {n['deputy']} deputy, {n['instructor']} instructor, "
    en += f"{n['member']} members"
    if n != wanted:
        zh += f"，应为前三项各1名、网格员{wanted['member']}名（{whose}）。"
        return departed(zh, f"{en}; {wanted['member']} members were due.")
    return met(f"{zh}（{whose}），均按职务列名。", f"{en}, all named by office.")


def check_units(plan: Plan) -> Verdict:
    """S2a: every territorial unit has a head, an instructor and members."""
    units = plan.units(is_department=False)
    lacking = _lacking(plan, units, ("head", "instructor", "member"))
    if lacking:
        return _lacking_verdict(plan, lacking, len(units))
    n = _n_by_role(_of_units(plan, units))
    zh = f"{len(units)}个{plan.territory}均列网格长、网格指导员和网格员；"
    if n["deputy"]:
        zh += f"副网格长共{n['deputy']}名，由工作管理片负责人担任。"
    else:
        zh += "没有工作管理片，副网格长未列。"
    en = f"All {len(units)} units have head, instructor and members; "
    return met(zh, f"{en}{n['deputy']} deputies, the heads of the work areas.")


def check_bureau(plan: Plan) -> Verdict:
    """S2b: the bureau has a head and a deputy, and no instructor."""
    units = plan.units(is_department=True)
    if not units:
        return outside(
            "单位表中没有部门类二级统计网格。", "The units table has no department."
        )
    if not plan.setting("grids.bureau_owns", True):
        return choice(
            "建筑业、房地产企业由乡镇（街道）管理（本情景选定），市住建局不设企业网格。",
            "The townships keep construction and real estate (grids.bureau_owns = "
            "False): the bureau has no enterprise grid.",
        )
    if not plan.partition.grids["unit"].isin(units).any():
        return outside(
            "名录中没有归市住建局的企业，名册不列。",
            "No enterprise of the register is the bureau's.",
        )
    lacking = _lacking(plan, units, ("head", "deputy", "member"))
    if lacking:
        return _lacking_verdict(plan, lacking, len(units))
    return met(
        "市住建局列网格长、副网格长和网格员；文件未设网格指导员，名册亦不设。",
        "The bureau has head, deputy and members; no instructor, as in the text.",
    )


def check_work_areas(plan: Plan) -> Verdict:
    """S3: work areas below the townships; assumed where nobody gave them."""
    posts = plan.posts(3)
    n = posts["grid_id"].nunique()
    if not n:
        return outside(
            "未提供工作管理片，单位表也没有村（社区），名册不列三级统计网格。",
            "No work areas and no villages are known: there is no third level.",
        )
    astray = sorted(set(posts["unit"]) - set(plan.units(is_department=False)))
    if astray:
        return departed(
            f"工作管理片只应设在乡镇（街道），名册中另有{some(astray)}。",
            f"Work areas outside the townships: {some_ids(astray)}.",
        )
    if plan.partition.register.work_areas.is_assumed:
        return choice(
            f"工作管理片名单未提供，按每8个村（社区）约1片暂定{n}片，请以实际名单替换。",
            f"{n} work areas are assumed, one per eight villages; give the real list.",
        )
    return met(f"按提供的名单列工作管理片{n}片。", f"{n} work areas as given.")


def check_grid_posts(plan: Plan) -> Verdict:
    """S4: every enterprise grid has head, deputy, instructor and members."""
    posts = plan.posts(4)
    grids = plan.partition.grids
    kept = posts[~posts["is_vacant"].astype(bool)]
    vacant = {
        role: grids.index.difference(
            pd.Index(kept.loc[kept["role"] == role, "grid_id"])
        )
        for role in ROLE_WORDS
    }
    found = {role: ids for role, ids in vacant.items() if len(ids)}
    n = len(grids)
    if not found:
        zh = f"{n}个企业网格均配有网格长、副网格长、网格指导员和网格成员。"
        return met(zh, f"All {n} grids have head, deputy, instructor and members.")
    words = {**ROLE_WORDS, "member": "网格成员"}
    zh = "；".join(
        f"{words[role]}全部空缺"
        if len(ids) == n
        else f"{words[role]}空缺{len(ids)}个（{some(grids['grid_name'].reindex(ids))}）"
        for role, ids in found.items()
    )
    why = "（未提供人员表）" if plan.roster.staff is None else ""
    en = "; ".join(f"{len(ids)} without {role}" for role, ids in found.items())
    return departed(f"共{n}个企业网格{why}：{zh}。", f"Of {n} grids: {en}.")


def check_staff(plan: Plan) -> Verdict:
    """M6: at least five statistics staff per township, three in the zone."""
    n = len(plan.units(is_department=False))
    lower = {
        kind: plan.setting(f"roles.staff_least.{kind}", least)
        for kind, least in STAFF_LEAST.items()
        if plan.setting(f"roles.staff_least.{kind}", least) < least
    }
    if lower:
        zh = f"本情景的人员下限低于文件（{'、'.join(map(str, lower.values()))}人）。"
        return departed(zh, f"The scenario asks for less than the text: {lower}.")
    if plan.roster.staff is None:
        return outside(
            f"未提供统计人员表，无法核对{n}个单位的人员数；请提供后重新测算。",
            f"No staff table was given: the staff of {n} units cannot be checked.",
        )
    rows = plan.roster.exceptions
    rows = rows[rows["kind"] == "staff_minimum"]
    if not len(rows):
        zh = f"{n}个二级统计网格的统计人员数均不低于规定。"
        return met(zh, f"All {n} units have the staff asked for.")
    zh = "；".join(_bare(text) for text in rows["explanation_zh"][:3])
    zh = f"{len(rows)}处不符：{zh}。"
    en = "; ".join(_bare(t) for t in rows["explanation_en"][:3])
    return departed(zh, f"{len(rows)} shortfalls in {n} units: {en}.")


def _bare(sentence: str) -> str:
    return str(sentence).rstrip("。.")


def _n_by_role(posts: pd.DataFrame) -> dict[str, int]:
    counts = posts["role"].value_counts()
    return {role: int(counts.get(role, 0)) for role in ROLE_WORDS}


def _of_units(plan: Plan, units: list[str]) -> pd.DataFrame:
    posts = plan.posts(2)
    return posts[posts["unit"].isin(units)]


def _lacking(plan: Plan, units: list[str], roles: tuple[str, ...]) -> dict[str, str]:
    """Say of each unit the first of these roles that its second level lacks."""
    posts = _of_units(plan, units)
    found: dict[str, str] = {}
    for role in reversed(roles):
        kept = set(posts.loc[posts["role"] == role, "unit"])
        found |= {unit: role for unit in units if unit not in kept}
    return found


def _lacking_verdict(plan: Plan, lacking: dict[str, str], n: int) -> Verdict:
    zh = some(f"{plan.name_of(u)}缺{ROLE_WORDS[r]}" for u, r in lacking.items())
    en = some_ids(f"{unit} has no {role}" for unit, role in lacking.items())
    return departed(
        f"{n}个二级统计网格中{len(lacking)}个职务不全：{zh}。",
        f"{len(lacking)} of {n} second-level grids are incomplete: {en}.",
    )
