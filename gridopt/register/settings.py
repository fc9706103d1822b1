"""How a register is to be read: columns, systems, editions, what counts (P6, P7)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, field_validator

from gridopt.lookup import shipped
from gridopt.rules import Rules, setting


class UnitRules(Rules):
    """Which second-level units there are (S2a, P12).

    Examples
    --------
    >>> UnitRules().table
    'yuhuan'
    """

    table: str = setting(
        "yuhuan", clause="S2a", label="单元表", words={"yuhuan": "玉环市（随附）"}
    )
    villages: str | None = setting(
        None, clause="S3", label="村社区表", words={"": "随附的村社区表"}
    )
    from_register: bool = setting(False, clause="S2a", label="单元取自名录")
    islands: bool = setting(False, clause="P8", label="海岛可与陆上单元合并")


class ClassificationRules(Rules):
    """Which table turns industry codes into categories (P4)."""

    table: str = setting(
        "gbt4754",
        clause="P4",
        label="行业分类表",
        words={
            "gbt4754": "国民经济行业分类（GB/T 4754），分五类",
            "naics-subsector": "NAICS 前三位",
            "naics-five": "NAICS，分五类",
        },
    )


class WorkAreaRules(Rules):
    """Where the work areas come from (S3); without a file they are assumed."""

    file: str | None = setting(
        None, clause="S3", label="工作管理片表", words={"": "未提供，按村社区数暂定"}
    )


def _text(value: Any) -> Any:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_whole else value


class RegisterRules(Rules):
    """How one register is to be read.

    Examples
    --------
    >>> rules = RegisterRules(coordinates="gcj02", industry_edition="2017")
    >>> rules.place_limit_km
    20.0
    """

    file: str | None = setting(None, label="名录文件")
    columns: dict[str, str] = setting({}, label="表头对应")
    coordinates: Literal["gcj02", "bd09", "wgs84", "cgcs2000"] | None = setting(
        None, label="坐标系"
    )
    industry_edition: Annotated[str | None, BeforeValidator(_text)] = setting(
        None, clause="P4", label="行业代码版本"
    )
    status: Literal["above_scale", "groomed", "other"] | None = setting(
        None,
        clause="P7",
        label="纳统状态（名录无此列时）",
        words={
            "above_scale": "“四上”企业",
            "groomed": "小升规培育企业",
            "other": "其他",
        },
    )
    place_missing: Literal["error", "village"] = setting(
        "error", label="缺经纬度的处理"
    )
    quarantine: bool = setting(False, label="有错误的行另存")
    groomed: Literal["in", "out"] = setting(
        "in",
        clause="P7",
        label="小升规培育企业",
        words={"in": "划入网格", "out": "不划入网格"},
    )
    branches: Literal["out", "rows"] = setting(
        "out",
        clause="P6",
        label="产业活动单位",
        words={"out": "不单独划入", "rows": "各按一家划入"},
    )
    place_limit_km: float = setting(20.0, label="距单元中心的限度（公里）", gt=0)
    shared_point_limit: int = setting(50, label="同一点企业数的限度", ge=1)
    units: UnitRules = setting(UnitRules(), clause="S2a", label="单元")
    classification: ClassificationRules = setting(
        ClassificationRules(), clause="P4", label="行业分类"
    )
    work_areas: WorkAreaRules = setting(
        WorkAreaRules(), clause="S3", label="工作管理片"
    )

    @field_validator("columns")
    @classmethod
    def _are_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        known = set(shipped("header-aliases")["column"])
        wrong = {
            head: name for head, name in columns.items() if name not in known | {""}
        }
        if wrong:
            told = ", ".join(f"{head}: {name}" for head, name in wrong.items())
            raise ValueError(
                f"columns 的值应为本软件的列名，不是 {told} / "
                f"columns must map to columns of ours, not {told}; "
                f"these are {', '.join(sorted(known))}"
            )
        return columns
