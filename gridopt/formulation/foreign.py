"""Whether the plan in force is one of this place, band and classification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.errors import InputError
from gridopt.findings import some, some_ids

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.formulation.past import Past
    from gridopt.problem import GridRules
    from gridopt.register import Register


def refuse_classification(register: Register, plan: pd.DataFrame) -> None:
    """Refuse a plan whose categories are not those of today's classification.

    Raises
    ------
    InputError
        With how many enterprises of how many such categories, and the ways out.
    """
    if "category" not in plan:
        return
    found = plan["category"].fillna("").astype(str)
    known = {category.key for category in register.classification.categories}
    strange = found[~found.isin({*known, ""})]
    if strange.empty:
        return
    names = sorted(set(strange))
    raise InputError(
        f"上期方案按另一套行业分类划分：{len(plan)} 家企业中有 {len(strange)} 家"
        f"属于现行分类中没有的类别（共 {len(names)} 类，例如 {some(names)}）。"
        "请在情景文件 classification 一节改用当时的分类，或先用现行分类对上期名录"
        "重新划分，再以其结果作为上期方案。",
        f"The previous plan was made under another classification: {len(strange)} of "
        f"its {len(plan)} enterprises are of {len(names)} categories that today's does "
        f"not have, such as {some_ids(names)}. Name that classification in the "
        "scenario, or cut the earlier register under today's first and start "
        "from that plan.",
    )


def remarks_on(
    past: Past, rules: GridRules, band: tuple[int, int] | None
) -> list[tuple[str, str]]:
    """Say in Chinese and English what is odd about a plan in force, if anything.

    Another band, and few enterprises in common, are no errors, nor passed over.

    Parameters
    ----------
    band
        Least and most that the plan in force was cut by, None where unknown.
    """
    remarks = []
    now = (rules.least, rules.most)
    if band is not None and band != now:
        then_text, now_text = (f"{least}–{most}" for least, most in (band, now))
        remarks.append(
            (
                f"上期方案按每网格 {then_text} 家划分，本期区间为 {now_text} 家，"
                "不合本期区间的网格按本期区间调整。",
                f"The previous plan was cut into grids of {then_text}; today's band is "
                f"{now_text}, by which grids that do not keep it are cut anew.",
            )
        )
    if 2 * past.n_survivors < past.n_enterprises:
        remarks.append(
            (
                f"上期方案的 {past.n_enterprises} 家企业中，仅 {past.n_survivors} 家在"
                "本期名录中，请核对是否为同一地区、同一口径的名录。",
                f"Only {past.n_survivors} of the {past.n_enterprises} enterprises of "
                "the previous plan are in the register: check that both are of one "
                "place and one kind.",
            )
        )
    return remarks
