"""A small finished plan, made by hand, for the tests of the views.

Three units and the bureau, twelve grids: one too small, one with guests of another
category, vacancies, names that a spreadsheet or a browser might run.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import numpy as np
import pandas as pd

from gridopt.budget import Budget, budget_members
from gridopt.outcome import Outcome, run_scenario
from gridopt.register import RegisterRules, read_register
from gridopt.scenario import Scenario
from gridopt.synth import write_synthetic
from gridopt.terms import BudgetRules

HOSTILE = (
    '=HYPERLINK("http://evil.example","点我")',
    "<script>alert(1)</script>",
    "@SUM(A1:A9)",
    "-2+3 & 'quoted' \"double\"",
    "+86 测试有限公司",
    "\t制表符公司",
    "\r回车公司",
)

UNITS = {
    "331083001": ("玉城街道", "street", 121.2477, 28.1461),
    "331083002": ("坎门街道", "street", 121.2548, 28.0893),
    "331083200": ("鸡山乡", "township", 121.2900, 28.0700),
    "zjj": ("市住建局", "department", None, None),
}
CATEGORIES = {
    "industry": ("工业", False),
    "trade": ("贸易", False),
    "construction": ("建筑业", True),
}
SIZES = {
    ("331083001", "industry"): (21, 20, 20),
    ("331083001", "trade"): (20, 19),
    ("331083002", "industry"): (20, 20, 19),
    ("331083002", "trade"): (18,),
    ("331083200", "industry"): (9,),
    ("zjj", "construction"): (17, 16),
}


def make_outcome(
    *,
    n_extra: int = 0,
    is_synthetic: bool = True,
    rules: BudgetRules | None = None,
) -> SimpleNamespace:
    """Make the plan; `n_extra` firms more stand in the first grid (a big map)."""
    enterprises, register = _enterprises(n_extra)
    grids = _grids(enterprises)
    register_value = _register(register, is_synthetic)
    partition = _partition(register_value, enterprises, grids)
    posts = _posts(partition)
    budget = _budget(enterprises, grids, rules or BudgetRules())
    summary = _summary(partition, budget)
    return SimpleNamespace(
        scenario=_scenario(),
        register=register_value,
        partition=partition,
        roster=SimpleNamespace(posts=posts),
        budget=budget,
        clauses=_clauses(),
        choices=_choices(),
        summary=summary,
        adjustment=None,
    )


@cache
def real_outcome() -> Outcome:
    """Run the whole way on a small synthetic register."""
    with TemporaryDirectory() as folder:
        file = write_synthetic(160, 5, Path(folder) / "synthetic.csv")
        rules = RegisterRules(coordinates="gcj02", industry_edition="2017")
        register = read_register(file, rules)
    return run_scenario(register, Scenario(date=dt.date(2025, 3, 15)))


def _enterprises(n_extra: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(7)
    rows, register = [], []
    n = 0
    for (unit, category), sizes in SIZES.items():
        _, _, lon, lat = UNITS[unit if unit != "zjj" else "331083001"]
        for g, size in enumerate(sizes, 1):
            centre = np.array([lon + 0.02 * g - 0.04, lat + 0.01 * rng.random()])
            size += (
                n_extra if (unit, category, g) == ("331083001", "industry", 1) else 0
            )
            for place in centre + rng.normal(0, 0.004, (size, 2)):
                n += 1
                key = f"91331083{n:010d}"
                is_guest = (unit, category, g) == ("331083002", "trade", 1)
                own = "industry" if is_guest and n % 6 == 0 else category
                name = HOSTILE[n - 1] if n <= len(HOSTILE) else f"玉环样例{n}有限公司"
                block = f"{unit}-{category}"
                rows.append((key, unit, own, block, f"{block}-{g:02d}", name))
                register.append((key, name, unit, own, *place.round(6)))
    plan = pd.DataFrame(
        rows,
        columns=["enterprise_id", "unit", "category", "block_id", "grid_id", "name"],
    ).set_index("enterprise_id")
    firms = pd.DataFrame(
        register,
        columns=["enterprise_id", "name", "unit", "category", "longitude", "latitude"],
    ).set_index("enterprise_id")
    firms["statistician_id"] = [f"T{i:04d}" for i in range(len(firms))]
    firms["statistician_name"] = [f"统计员{i}" for i in range(len(firms))]
    firms["status"] = "above_scale"
    firms.iloc[8::17, firms.columns.get_loc("statistician_id")] = ""
    plan["previous_grid_id"] = ""
    plan["is_medoid"] = ~plan["grid_id"].duplicated()
    plan["distance_m"] = np.where(plan["is_medoid"], 0.0, 431.5)
    return plan, firms


def _grids(enterprises: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for grid_id, group in enterprises.groupby("grid_id", sort=True):
        unit, category, number = grid_id.rsplit("-", 2)
        rows[grid_id] = {
            "block_id": f"{unit}-{category}",
            "unit": unit,
            "category": category,
            "size": len(group),
            "medoid_id": group.index[group["is_medoid"]][0],
            "travel_m": round(float(group["distance_m"].sum()), 1),
            "radius_m": float(group["distance_m"].max()),
            "grid_name": UNITS[unit][0]
            + f"{CATEGORIES[category][0]}第{int(number)}网格",
            "n_other_category": int((group["category"] != category).sum()),
            "n_other_unit": 0,
            "is_exception": len(group) < 15 or (group["category"] != category).any(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("grid_id")


def _register(firms: pd.DataFrame, is_synthetic: bool) -> SimpleNamespace:
    units = {
        code: SimpleNamespace(code=code, name=name, kind=kind)
        for code, (name, kind, _, _) in UNITS.items()
    }
    return SimpleNamespace(
        enterprises=firms,
        findings=pd.DataFrame({"severity": ["warning", "warning"]}),
        quarantined=pd.DataFrame(),
        left_out={"other_status": 12, "closed": 3},
        n_read=len(firms) + 15,
        units=SimpleNamespace(codes=tuple(units), get=units.get),
        classification=SimpleNamespace(
            name="gbt4754",
            categories=tuple(
                SimpleNamespace(key=k, name_zh=zh, is_bureau=b)
                for k, (zh, b) in CATEGORIES.items()
            ),
            name_zh=lambda key: CATEGORIES[key][0],
        ),
        sha256="0" * 64,
        file="yuhuan-synthetic.csv",
        is_synthetic=is_synthetic,
    )


def _partition(
    register: SimpleNamespace, enterprises: pd.DataFrame, grids: pd.DataFrame
) -> SimpleNamespace:
    blocks = grids.groupby("block_id").agg(
        n=("size", "sum"), n_grids=("size", "size"), cost=("travel_m", "sum")
    )
    blocks["cost"] = (blocks["cost"] * 10).round().astype(int)
    blocks["bound"] = (blocks["cost"] * 0.99).round()
    blocks["status"] = "bounded"
    blocks.loc["331083002-trade", ["bound", "status"]] = [np.nan, "feasible"]
    blocks["gap_share"] = 1 - blocks["bound"] / blocks["cost"]
    blocks = blocks.assign(method="flow", seed=0, work=10, runtime_s=0.1)
    blocks = blocks.assign(least=15, most=25)
    exceptions = pd.DataFrame(
        [
            ("P3", "331083002-trade", "331083002-trade-01", "merged_category",
             "坎门街道工业3家并入贸易网格：两行业相近。", "Three firms join.", 3),
            ("P5", "331083200-industry", "331083200-industry-01", "undersized",
             "鸡山乡工业仅9家，不足15家，单独成格。", "Only nine firms.", 9),
            ("S4", "331083001-industry", "331083001-industry-01", "role_vacant",
             "未提供工作人员表，网格长暂缺。", "No staff table.", 0),
        ],
        columns=["clause", "block_id", "grid_id", "kind", "explanation_zh",
                 "explanation_en", "n_enterprises"],
    )  # fmt: skip
    return SimpleNamespace(
        register=register,
        rules=SimpleNamespace(target=20, least=15, most=25),
        enterprises=enterprises,
        grids=grids,
        blocks=blocks,
        exceptions=exceptions,
        certificates=(),
        small_blocks={"status": "optimal", "points": 87, "bound": 87},
        travel_m=float(grids["travel_m"].sum()),
        cost=int(blocks["cost"].sum()),
        bound=None,
        gap_share=None,
        status="feasible",
    )


def _posts(partition: SimpleNamespace) -> pd.DataFrame:
    rows = [
        ("331083", 1, "head", "", "", "", "", "", False, "市政府统计分管领导"),
        ("331083001", 2, "head", "", "", "331083001", "331083", "", False,
         "主要负责人"),
        ("331083001-p01", 3, "head", "", "", "331083001", "331083001", "", False,
         "工作管理片负责人"),
    ]  # fmt: skip
    firms = partition.register.enterprises
    for grid_id, grid in partition.grids.iterrows():
        unit, parent = grid["unit"], grid["unit"]
        rows.append((grid_id, 4, "head", "", "空缺", unit, parent, "", True, ""))
        medoid = grid["medoid_id"]
        rows.append((grid_id, 4, "deputy", firms["statistician_id"][medoid],
                     firms["statistician_name"][medoid], unit, parent, medoid, False,
                     ""))  # fmt: skip
        rows.append((grid_id, 4, "instructor", "", "空缺", unit, parent, "", True, ""))
        members = partition.enterprises.index[partition.enterprises.grid_id == grid_id]
        for key in members:
            person = firms["statistician_id"][key]
            rows.append((grid_id, 4, "member", person, firms["statistician_name"][key],
                         unit, parent, key, False, ""))  # fmt: skip
    posts = pd.DataFrame(
        rows,
        columns=["grid_id", "level", "role", "person_id", "name", "unit",
                 "parent_grid_id", "enterprise_id", "is_vacant", "post"],
    )  # fmt: skip
    return posts.assign(change="", change_reason="", previous_person_id="")


def _budget(
    enterprises: pd.DataFrame, grids: pd.DataFrame, rules: BudgetRules
) -> Budget:
    units = enterprises["grid_id"].map(grids["unit"])
    members = pd.DataFrame(
        {
            "unit": units,
            "place_unit": units.where(units != "zjj", "331083001"),
            "grid_id": enterprises["grid_id"],
            "status": "above_scale",
        }
    )
    return budget_members(members, rules, year=2025)


def _summary(partition: SimpleNamespace, budget: Budget) -> dict[str, object]:
    return {
        "status": "feasible",
        "n_read": partition.register.n_read,
        "n_eligible": len(partition.enterprises),
        "n_left_out": dict(partition.register.left_out),
        "n_quarantined": 0,
        "n_blocks": len(partition.blocks),
        "n_grids": len(partition.grids),
        "n_exceptions": len(partition.exceptions),
        "travel_m": partition.travel_m,
        "cost": partition.cost,
        "bound": None,
        "gap_share": None,
        "small_blocks": partition.small_blocks,
        "activity_yuan": budget.activity_yuan,
        "award_yuan": budget.award_yuan,
        "total_yuan": budget.total_yuan,
        "least_yuan": budget.least_yuan,
        "most_yuan": budget.most_yuan,
        "n_movers": None,
        "n_forced": None,
        "hashes": {"register": "0" * 64, "scenario": "1" * 64},
        "versions": {"gridopt": "0.1.0"},
        "seed": 0,
    }


def _clauses() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("P3", "departed", "1个网格含其他行业企业3家。", "三(一)"),
            ("P5", "departed", "1个网格不足15家。", "三(一)"),
            ("F6", "choice", "舍入规则：累计四舍五入。", "三(四)5"),
            ("M8", "outside", "由企业自行设置统计台账，不在本方案范围内。", "三(四)4"),
            ("P11", "met", "建筑业由市住建局统一划分。", "三(二)2"),
        ],
        columns=["key", "status", "evidence", "section"],
    )


def _choices() -> list[dict[str, object]]:
    return [
        {"clause": "P5", "setting": "grids.target", "label": "每网格目标家数",
         "value": 20, "is_default": True},
        {"clause": "F7", "setting": "money.rounding", "label": "星级名额取整规则",
         "value": "cum_half_up", "is_default": True},
        {"clause": "F5", "setting": "money.pass_percent", "label": "预计合格率（%）",
         "value": 90, "is_default": False},
    ]  # fmt: skip


def _scenario() -> SimpleNamespace:
    return SimpleNamespace(
        title="玉环市基层统计网格划分（样例）",
        author="市统计局",
        date="2025-03-15",
        basis="玉政办发〔2022〕18号；预计合格率90%为本方案假设。",
        seed=0,
    )
