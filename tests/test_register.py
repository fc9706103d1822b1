"""A register is the same whatever its order and format, and real ones are read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from gridopt.errors import InputError
from gridopt.findings import COLUMNS
from gridopt.register import (
    ClassificationRules,
    RegisterRules,
    UnitRules,
    WorkAreaRules,
    read_findings,
    read_register,
)
from gridopt.register.cells import fold, fold_all
from gridopt.register.identity import _has_good_digit
from gridopt.synth import make_register

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
RULES = RegisterRules(
    coordinates="gcj02",
    industry_edition="2017",
    quarantine=True,
    place_missing="village",
)
SMALL = make_register(40, seed=7).astype(object).fillna("").map(str).astype(object)
FEW = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])


def read(
    frame: pd.DataFrame, suffix: str = ".csv", encoding: str = "utf-8-sig"
) -> object:
    """Write a frame in some format and read it as a register."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"名录{suffix}"
        if suffix == ".xlsx":
            frame.to_excel(path, index=False, engine="xlsxwriter")
        else:
            frame.to_csv(path, index=False, encoding=encoding)
        return read_register(path, RULES)


def dirty() -> pd.DataFrame:
    """A register with one fault of many kinds."""
    frame = SMALL.copy()
    frame.loc[1, "行业代码"] = "70"
    frame.loc[2, ["乡镇街道", "村(社区)代码"]] = frame.loc[
        12, ["乡镇街道", "村(社区)代码"]
    ]
    frame.loc[2, ["经度", "纬度"]] = ""
    frame.loc[3, "纳统状态"] = "其他"
    frame.loc[4, "经度"] = "0"
    frame.loc[5, "统计员编号"] = frame.loc[6, "统计员编号"]
    frame.loc[7, "单位详细名称"] = "待定"
    frame.loc[8, "行业代码"] = "J66"
    frame["乡镇街道"] = frame["乡镇街道"].replace("楚门镇", "楚门")
    return pd.concat([frame, frame.iloc[[9, 10]]], ignore_index=True)


@FEW
@given(st.permutations(range(42)))
def test_shuffled_rows_give_the_same_register(order: list[int]) -> None:
    """The order of the rows changes row numbers and nothing else."""
    plain, mixed = read(dirty()), read(dirty().iloc[order])
    pd.testing.assert_frame_equal(
        plain.enterprises.drop(columns="row"), mixed.enterprises.drop(columns="row")
    )
    assert (
        plain.left_out
        == mixed.left_out
        == {
            "duplicate": 2,
            "no_category": 1,
            "other_status": 1,
        }
    )
    keys = ["rule", "column", "enterprise_id"]
    both = [
        one.findings[keys].sort_values(keys).to_numpy().tolist()
        for one in (plain, mixed)
    ]
    rules = [row[0] for row in both[0]]
    assert rules == [row[0] for row in both[1]]
    assert len(plain.quarantined) == len(mixed.quarantined) == 2


NAMES = st.text(
    st.characters(
        codec="gb18030", exclude_characters="\0\r\ufffd", exclude_categories=["Cs"]
    ),
    min_size=1,
    max_size=12,
)


@FEW
@given(st.lists(NAMES, min_size=40, max_size=40))
def test_formats_give_the_same_register(names: list[str]) -> None:
    """CSV in UTF-8 and GB18030 give one frame, whatever the names and remarks hold."""
    frame = SMALL.assign(备注=names)
    one, other = read(frame), read(frame, encoding="gb18030")
    pd.testing.assert_frame_equal(one.enterprises, other.enterprises)
    ids = SMALL["统一社会信用代码"].tolist()
    kept = one.enterprises.loc[ids, "备注"].tolist()
    assert kept == names


def test_workbook_gives_the_same_register() -> None:
    """Xlsx gives the frame that CSV gives, findings and row numbers included."""
    text, book = read(dirty()), read(dirty(), suffix=".xlsx")
    pd.testing.assert_frame_equal(text.enterprises, book.enterprises)
    assert text.findings["message_zh"].tolist() == [
        message.replace("名录.xlsx", "名录.csv")
        for message in book.findings["message_zh"]
    ]


def test_numbers_in_a_workbook_read_as_text_does() -> None:
    """Coordinates and codes stored as numbers read as if written as text."""
    typed = SMALL.copy()
    for column in ("经度", "纬度", "上年得分"):
        typed[column] = pd.to_numeric(typed[column])
    typed["行业代码"] = typed["行业代码"].astype(int)
    one, other = read(SMALL, suffix=".xlsx"), read(typed, suffix=".xlsx")
    pd.testing.assert_frame_equal(one.enterprises, other.enterprises)


def test_shape_of_the_register() -> None:
    """Index, columns and types are those everybody builds on."""
    register = read(SMALL)
    frame = register.enterprises
    assert frame.index.name == "enterprise_id"
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique
    assert list(frame.columns) == [
        *("name", "unit", "village", "work_area", "industry", "category"),
        *("longitude", "latitude", "status", "operating"),
        *("statistician_id", "statistician_name", "last_star", "last_score"),
        *("group_id", "weight", "row", "数据说明"),
    ]
    assert frame["row"].dtype == np.int64
    for column in ("longitude", "latitude", "last_star", "last_score", "weight"):
        assert frame[column].dtype == np.float64
    assert (frame["weight"] == 1).all()
    assert tuple(register.findings.columns) == COLUMNS
    assert register.is_synthetic
    assert register.file == "名录.csv"
    assert len(register.sha256) == 64
    assert (frame["work_area"] != "").all()
    assert not frame.isin([None]).any().any()


def test_given_work_areas_are_used(tmp_path: Path) -> None:
    """A file of work areas replaces the assumed ones in the register."""
    village = SMALL["村(社区)代码"].iloc[0]
    areas = tmp_path / "areas.csv"
    areas.write_text(
        f"village,work_area,work_area_name\n{village},w1,东片\n", encoding="utf-8"
    )
    path = tmp_path / "synthetic.csv"
    SMALL.to_csv(path, index=False, encoding="utf-8-sig")
    rules = RULES.model_copy(update={"work_areas": WorkAreaRules(file=str(areas))})
    frame = read_register(path, rules).enterprises
    assert set(frame.loc[frame["village"] == village, "work_area"]) == {"w1"}
    assert set(frame.loc[frame["village"] != village, "work_area"]) == {""}


@given(st.lists(st.text("0123456789ABCIX男", min_size=17, max_size=19), max_size=8))
def test_screen_of_credit_codes_agrees_with_stdnum(codes: list[str]) -> None:
    """The fast screen passes exactly the codes that python-stdnum passes."""
    bodies = [code[:17] for code in codes if not set("I男") & set(code[:17])]
    whole = [body + uscc.calc_check_digit(body) for body in bodies]
    everything = np.array([*codes, *whole], dtype=object)
    wanted = [uscc.is_valid(code) for code in everything]
    assert _has_good_digit(everything).tolist() == wanted


def test_swapped_axes_abroad(tmp_path: Path) -> None:
    """Where both axes fit either range, the unit's other firms tell a swap."""
    n = 9
    frame = pd.DataFrame(
        {
            "id": [f"f{k}" for k in range(n)],
            "name": "works",
            "unit": "COOK",
            "industry": "325199",
            "longitude": [f"-87.65{k}123" for k in range(n)],
            "latitude": [f"41.88{k}456" for k in range(n)],
        }
    )
    frame.loc[4, ["longitude", "latitude"]] = ["41.880456", "-87.650123"]
    path = tmp_path / "us.csv"
    frame.to_csv(path, index=False)
    rules = RegisterRules(
        coordinates="wgs84",
        status="above_scale",
        quarantine=True,
        units=UnitRules(from_register=True),
        classification=ClassificationRules(table="naics-subsector"),
    )
    register = read_register(path, rules)
    errors = register.findings[register.findings["severity"] == "error"]
    assert errors[["row", "rule"]].to_numpy().tolist() == [[6, "place_swapped"]]


def test_error_message_counts_and_names_three(tmp_path: Path) -> None:
    """The error tells how many, out of how many, the first three ids, what to do."""
    frame = SMALL.copy()
    frame.loc[[3, 5, 8, 13], "行业代码"] = "70"
    path = tmp_path / "名录.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(InputError) as caught:
        read_register(path, RULES.model_copy(update={"quarantine": False}))
    told = caught.value.message_zh
    assert "“名录.csv”共 40 行，有 4 处错误，涉及 4 行" in told
    for row in (5, 7, 10):
        assert f"第 {row} 行 {SMALL.loc[row - 2, '统一社会信用代码']}：" in told
    assert "第 15 行" not in told
    assert "其余 1 处见问题清单" in told
    assert "quarantine: true" in told
    assert len(caught.value.findings) == 4
    assert "has 40 rows and 4 errors in 4 of them" in caught.value.message_en


def test_quarantine_keeps_rows_as_read() -> None:
    """Rows set aside keep the file's own headers and cells, with what is wrong."""
    frame = SMALL.copy()
    frame.loc[3, "行业代码"] = " 70 "
    aside = read(frame).quarantined
    assert list(aside.columns) == [
        *SMALL.columns,
        "row",
        "rule",
        "message_zh",
        "message_en",
    ]
    assert aside.loc[0, "行业代码"] == " 70 "
    assert aside.loc[0, ["row", "rule"]].tolist() == [5, "industry_too_short"]


def test_findings_do_not_raise(tmp_path: Path) -> None:
    """A check returns what reading would raise."""
    path = tmp_path / "名录.csv"
    dirty().to_csv(path, index=False)
    found = read_findings(path, RULES)
    assert (
        found["rule"].tolist() == read_register(path, RULES).findings["rule"].tolist()
    )


@pytest.mark.parametrize("year", range(2010, 2019))
def test_real_register(year: int) -> None:
    """Nine yearly snapshots of a real register: only doubled ids are set aside."""
    path = SHARED / "tri-illinois" / f"facilities_{year}.csv"
    if not path.is_file():
        pytest.skip(f"no shared data at {path.parent}")
    rules = RegisterRules(
        columns={"facility_id": "enterprise_id", "county": "unit", "naics": "industry"},
        coordinates="wgs84",
        status="above_scale",
        quarantine=True,
        place_limit_km=60,
        units=UnitRules(from_register=True),
        classification=ClassificationRules(table="naics-subsector"),
    )
    register = read_register(path, rules)
    source = pd.read_csv(path, dtype=str)
    n_doubled = int(source["facility_id"].duplicated(keep=False).sum())
    assert register.n_read == len(source)
    assert len(register.quarantined) == n_doubled
    assert register.n == len(source) - n_doubled
    assert register.left_out == {}
    assert set(register.findings["rule"]) <= {"id_repeated", "statistician_unnamed"}
    assert list(register.enterprises.columns[-2:]) == ["address", "city"]
    assert set(register.enterprises["unit"]) <= set(register.units.codes)


@given(st.lists(st.text("aÀＡ\u0301\0\n \u3000ǆßΣ가\u11a8/無-", max_size=4)))
def test_folding_many_is_folding_each(texts):
    """Texts folded as one long text are those folded one by one, NUL and all."""
    together = fold_all(np.array(texts, dtype=object))
    assert together == [fold(text) for text in texts]
