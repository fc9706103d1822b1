"""How two registers are compared: from where on a difference is a change (P13, M5)."""

from __future__ import annotations

from gridopt.rules import Rules, setting


class ChangeRules(Rules):
    """From where on a difference between two registers is a change, and a large one.

    Examples
    --------
    >>> ChangeRules().moved_m
    200.0
    """

    moved_m: float = setting(200.0, clause="P13", label="移动多少米以上算搬迁", ge=0)
    same_place_m: float = setting(
        200.0, clause="P13", label="换编号的企业应在多少米以内", ge=0
    )
    revision_share: float = setting(
        0.05,
        clause="P13",
        label="算分类修订：改变代码的占存续企业比例",
        gt=0,
        le=1,
    )
    revision_least: int = setting(
        20, clause="P13", label="算分类修订：改变代码的最少家数", ge=1
    )
    mapped_share: float = setting(
        0.01, clause="P13", label="算分类修订：整码改变的占存续企业比例", gt=0, le=1
    )
    mapped_least: int = setting(
        10, clause="P13", label="算分类修订：整码改变的最少家数", ge=1
    )
    major_weight: float = setting(
        5.0, clause="M5", label="须报告：填报工作量为中位数的倍数", gt=1
    )
    major_share: float = setting(
        0.2, clause="M5", label="须报告：一个单元一类企业进出的比例", gt=0, le=1
    )
    major_least: int = setting(
        5, clause="M5", label="须报告：一个单元一类企业进出的最少家数", ge=1
    )
    major_group: int = setting(
        3, clause="M5", label="须报告：同一集团同类变动的最少家数", ge=1
    )
