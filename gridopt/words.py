"""What keys, amounts and lengths are called when people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

ROLES = {
    "head": "网格长",
    "deputy": "副网格长",
    "instructor": "网格指导员",
    "member": "网格成员",
}
LEVELS = {1: "一级统计网格", 2: "二级统计网格", 3: "三级统计网格", 4: "四级统计网格"}
KINDS = {
    "undersized": "家数不足",
    "merged_category": "跨行业合并",
    "merged_unit": "跨单元合并",
    "widened_band": "放宽家数区间",
    "leftover": "零星留存",
    "role_vacant": "职务空缺",
    "staff_minimum": "人员不足",
    "moved_by_hand": "人工调整",
}
CLAUSE_WORDS = {
    "P2": "人工调整",
    "P3": "跨行业合并",
    "P5": "家数不在区间",
    "P8": "跨单元合并",
    "S4": "职务空缺",
    "M6": "人员不足",
}
"""What an exception from each clause is about."""
ITEMS = {
    "activity": "网格工作活动经费",
    "award": "星级奖励（以奖代补）",
    "arrears": "以前年度未付星级奖励",
}
NO_UNIT = "不分单元"
"""What stands where money is not told by unit."""
CLAUSE_STATUS = {
    "met": "符合",
    "departed": "有例外",
    "choice": "按口径选择",
    "outside": "不在本方案范围",
}
ANSWER_STATUS = {
    "optimal": "已证明最优",
    "bounded": "已给出理论下界",
    "feasible": "可行（尚无理论下界）",
    "interrupted": "提前中止（取当时最好方案）",
}
LEFT_OUT = {
    "other_status": "非“四上”、非小升规培育企业",
    "closed": "停业、注销等",
    "groomed": "小升规培育企业（按口径不纳入）",
    "no_category": "行业不在划分类别内",
    "branch": "产业活动单位",
    "moved": "已迁出",
    "duplicate": "与前面的行完全相同",
    "quarantined": "登记有误，已隔离",
}
CHANGE_KINDS = {
    "moved": "调整",
    "forced": "变更转格",
    "entered": "新纳入",
    "left": "退出",
}
FATES = {"kept": "沿用", "split": "分出新网格", "opened": "新设", "closed": "撤销"}
FORCED_MEANING = (
    "“调整”指仍属原划分单元而更换网格；“变更转格”指单元、行业或小单元的合并方式变化，"
    "不再属于原网格所在的划分单元。"
)
SYNTHETIC = "合成数据，仅供演示，不是真实企业"


def value_text(value: object) -> str:
    """Write a setting's value as a planner reads it.

    Examples
    --------
    >>> value_text(True), value_text(None), value_text((60, 30, 10))
    ('是', '未设', '60、30、10')
    """
    if value is None or value == "" or value == () or value == {}:
        return "未设"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return "、".join(value_text(part) for part in value)
    if isinstance(value, dict):
        pairs = (f"{key}：{value_text(part)}" for key, part in value.items())
        return "；".join(pairs)
    return str(value)


def join_both(told: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Join what is told in Chinese and English, each as its language does.

    Examples
    --------
    >>> join_both([("甲", "a"), ("乙", "b")])
    ('甲；乙', 'a; b')
    """
    pairs = list(told)
    return "；".join(zh for zh, _ in pairs), "; ".join(en for _, en in pairs)


def metres_text(metres: float, units: tuple[str, str] = ("米", "公里")) -> str:
    """Write a length in metres below one kilometre, else in kilometres.

    Examples
    --------
    >>> metres_text(431.52), metres_text(12_345), metres_text(2_000)
    ('432米', '12.3公里', '2公里')
    >>> metres_text(999.7), metres_text(50, (" m", " km"))
    ('1.0公里', '50 m')
    """
    if metres < 999.5:
        return f"{metres:.0f}{units[0]}"
    digits = 0 if metres % 1000 == 0 else 1
    return f"{metres / 1000:,.{digits}f}{units[1]}"


def yuan_text(yuan: int) -> str:
    """Write money with thousands: 1,234,500元."""
    return f"{yuan:,}元"


def share_text(share: float | None) -> str:
    """Write a share as per cent with two digits; 未知 where it is unknown.

    Examples
    --------
    >>> share_text(0.0123), share_text(None)
    ('1.23%', '未知')
    """
    if share is None or pd.isna(share):
        return "未知"
    return f"{share * 100:.2f}%"


def gap_text(share: float | None) -> str:
    """Write a gap: 0 only where the plan is proven optimal, never a rounded one.

    Examples
    --------
    >>> gap_text(0.0), gap_text(0.00001), gap_text(0.0123), gap_text(None)
    ('0', '小于0.01%', '1.23%', '未知')
    """
    if share is None or pd.isna(share):
        return "未知"
    if share == 0:
        return "0"
    return share_text(share) if share >= 0.00005 else "小于0.01%"


def sizes_text(least: int, most: int) -> str:
    """Write a range of numbers of enterprises; one number where they are equal.

    Examples
    --------
    >>> sizes_text(15, 25), sizes_text(9, 9)
    ('15至25家', '9家')
    """
    return f"{least}家" if least == most else f"{least}至{most}家"


def printable(text: str) -> str:
    r"""Put a space for each control character but the line feed.

    Examples
    --------
    >>> printable("\t网格")
    ' 网格'
    """
    return "".join(c if c >= " " or c == "\n" else " " for c in text)
