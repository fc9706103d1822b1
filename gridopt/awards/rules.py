"""Which choices the award rule leaves open, and what each accepts (F5, F6, F7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StrictInt, field_validator

from gridopt.awards.rounding import check_shares
from gridopt.rules import Rules, extra_of, setting

if TYPE_CHECKING:
    from pydantic import ValidationInfo

Percent = Annotated[StrictInt, Field(ge=0, le=100)]
Prize = Annotated[StrictInt, Field(ge=0, le=1_000_000)]
Yuan = Annotated[StrictInt, Field(ge=0, le=1_000_000_000_000)]

LEVEL_WORDS = {
    "unit": "各二级统计网格",
    "grid": "各企业网格",
    "city": "全市",
}
ROUNDING_WORDS = {
    "cum_half_up": "由高星级累计，四舍五入",
    "cum_floor": "由高星级累计，向下取整",
    "cum_ceil": "由高星级累计，向上取整",
    "floor_low": "三星级、二星级向下取整，其余为一星级",
    "floor_unfilled": "各星级均向下取整，其余不奖",
    "half_up": "三星级、二星级四舍五入，其余为一星级",
    "half_even": "三星级、二星级四舍六入五成双，其余为一星级",
    "ceil_top": "三星级、二星级向上取整，其余为一星级",
    "largest_remainder_low": "最大余数法，余数相同归低星级",
    "largest_remainder_high": "最大余数法，余数相同归高星级",
    "webster": "除数法（Webster），相同归低星级",
    "dhondt": "除数法（D'Hondt），相同归低星级",
    "adams": "除数法（Adams），相同归低星级",
    "controlled": "统筹取整：各评定范围上下取整，全市合计由高星级累计、四舍五入",
    "random": "抽签取整：每个评定范围抽一次签，由高星级累计",
}
COMPARABILITY_WORDS = {
    "percentile": "按本单位内的名次百分位比较",
    "raw": "直接按得分比较",
    "centred": "按本单位内的标准化得分比较",
}
TIE_WORDS = {
    "key": "按所列顺序依据排先后",
    "lift": "同分的都上",
    "drop": "同分的都不上",
    "lottery": "抽签",
}
KEY_WORDS = {
    "since": "任职日期早者在先",
    "months": "当年在岗月数多者在先",
    "row": "按结果表中的先后",
    "person_id": "人员编号小者在先",
}
BASIS_WORDS = {
    "statisticians": "按人计：每名企业统计员计一次，兼任副网格长的不重复计",
    "posts": "按岗位计：一人任职几家企业计几次",
}
SERVICE_WORDS = {
    "in_post": "12月31日在岗且当年在岗满规定月数",
    "any": "当年在岗满规定月数，年内离岗的也计",
}
SHORTFALL_WORDS = {
    "none": "不调整奖励，列明缺口",
    "scale": "按同一比例折减",
    "defer": "按同一比例折减，差额列下年度优先支付",
    "reduce": "由低到高依次降低星级",
}
FLOOR_WORDS = {
    "guarantee": "保底：不足最低合格率的，补足到最低合格率",
    "standard": "门槛：达不到最低合格率的，不予奖励",
    "none": "不设：按实际合格人数",
    "exact": "恰好：合格人数按最低合格率确定",
    "cap": "封顶：合格人数不超过最低合格率",
}


class AwardRules(Rules):
    """How stars are counted among the members of a pool (F5, F6, F7).

    Ties, comparability and minimum service matter once the results of an appraisal
    are known; the planned case needs numbers of people only.

    Examples
    --------
    >>> AwardRules(rounding="floor_low").pool
    'unit'
    """

    pool: str = setting("unit", clause="F6", label="评定范围", words=LEVEL_WORDS)
    rounding: str = setting(
        "cum_half_up", clause="F7", label="星级人数取整", words=ROUNDING_WORDS
    )
    floor: str = setting(
        "guarantee", clause="F5", label="最低合格率的含义", words=FLOOR_WORDS
    )
    floor_percent: Percent = setting(80, clause="F5", label="最低合格率（%）")
    floor_level: str = setting(
        "unit", clause="F5", label="最低合格率的考核范围", words=LEVEL_WORDS
    )
    star_percents: tuple[Percent, Percent, Percent] = setting(
        (60, 30, 10), clause="F6", label="一、二、三星级比例（%）"
    )
    prizes_yuan: tuple[Prize, Prize, Prize] = setting(
        (1000, 2000, 3000), clause="F6", label="一、二、三星级奖励（元/人）"
    )
    pass_percent: Percent = setting(90, clause="F5", label="预计合格率（%）")
    pass_basis: str = setting(
        "文件只规定合格率不低于80%，未给出预期值；此数为本测算自行假定。",
        clause="F5",
        label="预计合格率的依据",
        min_length=1,
    )

    award_basis: str = setting(
        "statisticians", clause="F8", label="星级奖励的人数口径", words=BASIS_WORDS
    )
    award_service: str = setting(
        "in_post", clause="F3", label="参加评定的在岗要求", words=SERVICE_WORDS
    )
    award_least_months: Annotated[StrictInt, Field(ge=0, le=12)] = setting(
        6, clause="F3", label="参加评定的最少在岗月数"
    )
    pass_score: Annotated[StrictInt, Field(ge=0, le=999_999)] | None = setting(
        None, clause="F5", label="合格分数线（结果表未写明是否合格时）"
    )
    comparability: str = setting(
        "percentile", clause="F10", label="跨单位得分的可比", words=COMPARABILITY_WORDS
    )
    ties: str = setting("key", clause="F7", label="同分的处理", words=TIE_WORDS)
    tie_key: tuple[str, ...] = setting(
        ("since",), clause="F7", label="同分时的先后依据", words=KEY_WORDS
    )
    draw_seed: Annotated[StrictInt, Field(ge=0)] = setting(
        0, clause="F7", label="抽签的随机种子"
    )

    appropriation_yuan: Annotated[Yuan, Field(ge=1)] | None = setting(
        None, clause="F9", label="星级奖励年度可用资金（元）"
    )
    deferred_yuan: Yuan = setting(
        0, clause="F9", label="以前年度未付、须先支付的奖励（元）"
    )
    shortfall: str = setting(
        "none", clause="F9", label="资金不足时的处理", words=SHORTFALL_WORDS
    )

    @property
    def arrears_paid_yuan(self) -> int:
        """What is paid of earlier years' arrears: all, as far as the money goes."""
        if self.appropriation_yuan is None:
            return self.deferred_yuan
        return min(self.deferred_yuan, self.appropriation_yuan)

    @property
    def prize_money_yuan(self) -> int | None:
        """What the appropriation leaves for this year's prizes; None: no limit."""
        if self.appropriation_yuan is None:
            return None
        return self.appropriation_yuan - self.arrears_paid_yuan

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_unknown(cls, value: Any, info: ValidationInfo) -> Any:
        words = extra_of(cls.model_fields[str(info.field_name)]).get("words")
        if not words:
            return value
        told = value if isinstance(value, list | tuple | dict) else [value]
        for one in told:
            if isinstance(one, str) and one in words:
                continue
            accepted_zh = "、".join(f"{key}（{words[key]}）" for key in words)
            raise ValueError(
                f"{info.field_name} 不接受 {one!r}，可用的值：{accepted_zh}。 / "
                f"{info.field_name} does not take {one!r}; use one of: "
                f"{', '.join(words)}."
            )
        return value

    @field_validator("star_percents")
    @classmethod
    def _sum_to_hundred(cls, value: tuple[int, int, int]) -> tuple[int, int, int]:
        check_shares(value)
        return value

    @field_validator("prizes_yuan")
    @classmethod
    def _never_falling(cls, value: tuple[int, int, int]) -> tuple[int, int, int]:
        # the bounds and every rule of choice B take the higher star for the dearer
        if list(value) != sorted(value):
            found = "、".join(map(str, value))
            raise ValueError(
                f"星级越高奖励不得越低；现为{found}元。 / "
                f"A higher star must not earn less; found {value} yuan."
            )
        return value
