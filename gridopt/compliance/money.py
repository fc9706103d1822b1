"""What the clauses on money (F) say of a budget."""

from __future__ import annotations

from gridopt.compliance.plan import (
    Plan,
    Verdict,
    choice,
    departed,
    met,
    outside,
)
from gridopt.findings import some, some_ids

ACTIVITY_YUAN = 500
STAR_PERCENTS = (60, 30, 10)
PRIZES_YUAN = (1000, 2000, 3000)
FLOOR_PERCENT = 80


def check_rate(plan: Plan) -> Verdict:
    """F1: 500 yuan per member and year, in principle."""
    lines = plan.budget.lines
    rows = lines[lines["item"] == "activity"]
    rate = plan.setting("money.activity_yuan", ACTIVITY_YUAN)
    n, yuan = int(rows["members"].sum()), plan.budget.activity_yuan
    said, said_en = plan.chosen("F1")
    zh = f"网格工作活动经费{yuan:,}元，网格成员{n:,}人；{said}。"
    en = f"Activity money {yuan:,} yuan for {n} members; {said_en}."
    if rate != ACTIVITY_YUAN:
        zh = f"每人每年{rate}元，与文件的{ACTIVITY_YUAN}元不同（本情景选定）；{zh}"
        return departed(zh, en)
    is_default = all(r["is_default"] for r in plan.choices if r["clause"] == "F1")
    return met(zh, en) if is_default else choice(zh, en)


def check_bureau_payer(plan: Plan) -> Verdict:
    """F2: who pays for the bureau's grids is not said."""
    lines, bureaus = plan.budget.lines, plan.units(is_department=True)
    rows = lines[(lines["item"] == "activity") & lines["unit"].isin(bureaus)]
    if not len(rows):
        return choice(
            "市住建局没有企业网格，不涉及。", "The bureau has no grid: nothing to pay."
        )
    said, said_en = plan.chosen("F2")
    yuan = int(rows["amount_yuan"].sum())
    return choice(
        f"文件未写明；{said}，共{yuan:,}元。",
        f"Not in the text; {said_en}: {yuan:,} yuan.",
    )


def check_membership(plan: Plan) -> Verdict:
    """F3: joiners and leavers of the year."""
    return _open(plan, "F3")


def check_purpose(plan: Plan) -> Verdict:
    """F4: money for the grids' activities, budgeted grid by grid."""
    grids = plan.budget.grids
    yuan, total = int(grids["activity_yuan"].sum()), plan.budget.activity_yuan
    if yuan != total:
        return departed(
            f"按网格分列{yuan:,}元，与总数{total:,}元不符。",
            f"Grids sum to {yuan:,}, the total is {total:,} yuan.",
        )
    return met(
        f"按{len(grids)}个企业网格分列，合计{yuan:,}元，作为网格活动的经费，不列为"
        "个人报酬（本项目理解）。",
        f"Budgeted for {len(grids)} grids, {yuan:,} yuan, as no pay to a person "
        "(our reading).",
    )


def check_floor(plan: Plan) -> Verdict:
    """F5: at least 80 % qualified; what that means is open."""
    by_unit = plan.budget.awards.groupby("unit")[["members", "qualified"]].sum()
    short = by_unit[100 * by_unit["qualified"] < FLOOR_PERCENT * by_unit["members"]]
    said, said_en = plan.chosen("F5")
    n, q = int(by_unit["members"].sum()), int(by_unit["qualified"].sum())
    planned = "计划" if plan.budget.settlement is None else ""
    zh, en = (
        f"网格成员{n:,}人，{planned}合格{q:,}人；{said}。",
        f"{q:,} of {n:,} qualify; {said_en}.",
    )
    if not len(short):
        return choice(zh, en)
    names = some(plan.name_of(unit) for unit in short.index)
    zh = f"{len(short)}个单位{planned}合格率低于{FLOOR_PERCENT}%（{names}）；{zh}"
    return departed(zh, f"Below {FLOOR_PERCENT} %: {some_ids(short.index)}; {en}")


def check_stars(plan: Plan) -> Verdict:
    """F6: 60, 30 and 10 % of the qualified at 1000, 2000 and 3000 yuan."""
    awards = plan.budget.awards
    q = int(awards["qualified"].sum())
    stars = [int(awards[f"star{star}"].sum()) for star in (1, 2, 3)]
    shown = "、".join(f"{n:,}人" for n in stars)
    rules = (
        tuple(plan.setting("money.star_percents", STAR_PERCENTS)),
        tuple(plan.setting("money.prizes_yuan", PRIZES_YUAN)),
    )
    said, said_en = plan.chosen("F6")
    yuan = plan.budget.award_yuan
    zh = f"合格{q:,}人，一、二、三星级分别为{shown}，奖励{yuan:,}元；{said}。"
    en = f"{q:,} qualified, stars {stars[0]:,}/{stars[1]:,}/{stars[2]:,}, "
    en += f"{yuan:,} yuan; {said_en}."
    if rules == (STAR_PERCENTS, PRIZES_YUAN):
        return met(zh, en)
    percents, prizes = ("、".join(map(str, part)) for part in rules)
    zh = f"星级比例{percents}%、奖励{prizes}元，与文件不同（本情景选定）；{zh}"
    return departed(zh, f"Shares or prizes differ from the text; {en}")


def check_rounding(plan: Plan) -> Verdict:
    """F7: shares of a number that does not divide."""
    return _open(plan, "F7")


def check_persons(plan: Plan) -> Verdict:
    """F8: a person who serves several firms."""
    return _open(plan, "F8")


def check_funding(plan: Plan) -> Verdict:
    """F9: pooled with the departments' survey money; F6 names another payer."""
    yuan = plan.budget.award_yuan
    said, said_en = plan.chosen("F9")
    zh = f"以奖代补经费总需求{yuan:,}元；{said}；“所需经费由市财政局承担”与"
    zh += "“预算不再另行安排”两种口径均已列示。"
    en = f"Gross need {yuan:,} yuan; {said_en}; both readings (F6, F9) are shown."
    return choice(zh, en)


def check_appraisal(plan: Plan) -> Verdict:
    """F10: the second-level units appraise, the statistics bureau confirms."""
    n = plan.posts(2)["grid_id"].nunique()
    zh = f"年度绩效评定由{n}个二级统计网格负责、市统计局确认；"
    settlement = plan.budget.settlement
    if settlement is not None:
        m = len(settlement.stars)
        zh += f"本方案按其评定结果（{m:,}人）结算，不作评定。"
        return outside(zh, f"{n} units appraise; settled from {m:,} results.")
    zh += "本方案只按预计合格率测算，不作评定。"
    return outside(zh, f"{n} units appraise; this plan only assumes a pass rate.")


def check_venue(plan: Plan) -> Verdict:
    """F11: a venue where a township can afford one."""
    return outside(
        "“统计之家”由有条件的乡镇（街道）自行设置，本方案不列费用。",
        "The venue is for each township to decide; this plan budgets nothing.",
    )


def _open(plan: Plan, clause: str) -> Verdict:
    said, said_en = plan.chosen(clause)
    return choice(
        f"文件未定；{said or '取默认口径'}。", f"Open; {said_en or 'the default'}."
    )
