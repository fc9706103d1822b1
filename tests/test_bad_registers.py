"""Bad registers: each kind is found, named with row and remedy, and nothing is lost."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from gridopt.errors import InputError
from gridopt.findings import COLUMNS, wordings
from gridopt.register import RegisterRules, UnitRules, read_findings, read_register

RULES = RegisterRules(coordinates="gcj02", industry_edition="2017")
ASIDE = RULES.model_copy(update={"quarantine": True})
HEADERS = (
    *("统一社会信用代码", "单位详细名称", "乡镇街道", "村(社区)代码", "行业代码"),
    *("经度", "纬度", "纳统状态", "营业状态", "统计员编号", "统计员姓名"),
    *("上年星级", "上年得分", "权重", "备注"),
)


def with_digit(body: str) -> str:
    """Add the check digit of a credit code."""
    from stdnum.cn import uscc

    return body + uscc.calc_check_digit(body)


IDS = [with_digit(f"91331083MA2DYJ4{k}X") for k in "ABCDEF"]


def base() -> pd.DataFrame:
    """Six good rows, rows 2 to 7 of a spreadsheet."""
    rows = [
        [one, f"玉环甲{k}阀门厂", "楚门镇", "331083102001", "3443", f"121.31{k}035"]
        + [f"28.22{k}586", "规上", "营业", f"t{k}", f"张{k}", "1", "88", "1", "x"]
        for k, one in enumerate(IDS, start=1)
    ]
    frame = pd.DataFrame(rows, columns=list(HEADERS), dtype=object)
    villages = pd.read_csv(
        Path(__file__).parents[1] / "gridopt/tables/villages-yuhuan.csv", dtype=str
    )
    of_town = villages.loc[villages["unit_code"] == "331083102", "code"]
    return frame.assign(**{"村(社区)代码": of_town.iloc[0]})


def put(row: int, **cells: str) -> pd.DataFrame:
    """Change cells of one spreadsheet row of the good register."""
    frame = base()
    for column, value in cells.items():
        name = next(head for head in HEADERS if head.startswith(column))
        frame.loc[row - 2, name] = value
    return frame


def write(frame: pd.DataFrame, folder: Path) -> Path:
    """Write a register as a bureau exports it."""
    path = folder / "名录.csv"
    frame.to_csv(path, index=False, encoding="utf-8-sig")
    return path


def add(frame: pd.DataFrame, row: list[str]) -> pd.DataFrame:
    """Append one row."""
    more = pd.DataFrame([row + [""] * (len(HEADERS) - len(row))], columns=list(HEADERS))
    return pd.concat([frame, more], ignore_index=True)


def doubled(**cells: str) -> pd.DataFrame:
    """Repeat the first row at the end, with changes."""
    return add(base(), list(put(2, **cells).iloc[0]))


def no_row_is_lost(register: object) -> None:
    """Every row read is eligible, left out for a reason, or set aside."""
    told = register.n + sum(register.left_out.values()) + len(register.quarantined)
    assert told == register.n_read
    assert not set(register.quarantined["row"]) & set(register.enterprises["row"])


# name of the case: register, rule, row, words of the Chinese message
ERRORS = {
    "no id": (put(4, 统一=""), "id_missing", 4, "没有填统一社会信用代码"),
    "id in scientific notation": (
        put(4, 统一="9.13311E+17"),
        "id_lost_digits",
        4,
        "“9.13311E+17”曾按数字存储",
    ),
    "id rounded by Excel": (
        put(4, 统一="913310837890123000"),
        "id_lost_digits",
        4,
        "第 15 位以后已丢失，无法恢复",
    ),
    "same id, other content": (
        doubled(单位="另一厂"),
        "id_repeated",
        8,
        "在第 2、8 行重复出现，内容不同",
    ),
    "unknown unit": (
        put(5, 乡镇="深圳街道"),
        "unit_unknown",
        5,
        "“深圳街道”不在单元表中",
    ),
    "no unit": (put(5, 乡镇=""), "unit_missing", 5, "没有填乡镇街道"),
    "old county code": (
        put(5, 乡镇="331021102"),
        "unit_old_code",
        5,
        "331083102 楚门镇",
    ),
    "whole county": (put(5, 乡镇="331083"), "unit_whole_county", 5, "整个玉环市的代码"),
    "department as unit": (
        put(5, 乡镇="市住建局"),
        "unit_department",
        5,
        "填了部门“市住建局”",
    ),
    "village of another unit": (
        put(5, 乡镇="玉城街道"),
        "village_elsewhere",
        5,
        "属于楚门镇，该行的乡镇街道却是玉城街道",
    ),
    "no industry": (put(3, 行业=""), "industry_missing", 3, "没有填行业代码"),
    "several codes": (
        put(3, 行业="3443;3360"),
        "industry_several",
        3,
        "“3443;3360”不止一个",
    ),
    "several codes, Chinese comma": (
        put(3, 行业="C3443、C3360"),
        "industry_several",
        3,
        "不止一个",
    ),
    "letters as code": (put(3, 行业="阀门"), "industry_malformed", 3, "“阀门”不合格式"),
    "code with a point": (put(3, 行业="3443.0"), "industry_malformed", 3, "“3443.0”"),
    "letter contradicts": (
        put(3, 行业="F3443"),
        "industry_letter",
        3,
        "按 2017 版，3443 属于 C 门类",
    ),
    "division 70 alone": (
        put(3, 行业="70"),
        "industry_too_short",
        3,
        "（房地产、服务业）。请填足 4 位",
    ),
    "section K alone": (put(3, 行业="K"), "industry_too_short", 3, "请填足 4 位"),
    "unknown division": (
        put(3, 行业="9900"),
        "industry_unknown",
        3,
        "“9900”不在行业分类表“gbt4754”（2017 版）中",
    ),
    "lost zero": (put(3, 行业="6"), "industry_lost_zero", 3, "应为“06”"),
    "no longitude": (put(6, 经度=""), "place_missing", 6, "没有填经度"),
    "no place": (put(6, 经度="", 纬度=""), "place_missing", 6, "没有填经纬度"),
    "degrees and minutes": (
        put(6, 经度="121°14′"),
        "place_not_number",
        6,
        "经度“121°14′”不是数字",
    ),
    "decimal comma": (
        put(6, 纬度="28,22"),
        "place_not_number",
        6,
        "纬度“28,22”不是数字",
    ),
    "not a number": (put(6, 纬度="nan?"), "place_not_number", 6, "“nan?”不是数字"),
    "zero, zero": (put(6, 经度="0", 纬度="0"), "place_zero", 6, "0,0（“0, 0”）"),
    "swapped axes": (
        put(6, 经度="28.2286", 纬度="121.3140"),
        "place_swapped",
        6,
        "经度和纬度写反了：28.2286, 121.3140",
    ),
    "out of range": (
        put(6, 经度="1213.140"),
        "place_out_of_range",
        6,
        "经度“1213.140”超出范围",
    ),
    "latitude out of range": (
        put(6, 纬度="282.286"),
        "place_out_of_range",
        6,
        "纬度“282.286”超出范围",
    ),
    "abroad": (
        put(6, 经度="-87.65", 纬度="41.88"),
        "place_abroad",
        6,
        "-87.65, 41.88 不在中国境内",
    ),
    "unknown status": (
        put(7, 纳统="大型"),
        "status_unknown",
        7,
        "纳统状态“大型”不认识",
    ),
    "no status": (put(7, 纳统=""), "status_missing", 7, "没有填纳统状态"),
    "unknown operating": (
        put(7, 营业="正在装修"),
        "operating_unknown",
        7,
        "营业状态“正在装修”不认识",
    ),
    "weight is a word": (put(2, 权重="重"), "weight_not_number", 2, "权重“重”不是数字"),
    "weight zero": (put(2, 权重="0"), "weight_not_positive", 2, "权重“0”不是正数"),
    "weight below zero": (put(2, 权重="-1.5"), "weight_not_positive", 2, "“-1.5”"),
    "four stars": (put(2, 上年星="4"), "star_out_of_range", 2, "“4”不是 0 至 3 的整数"),
    "half a star": (put(2, 上年星="1.5"), "star_out_of_range", 2, "“1.5”"),
    "score is a word": (put(2, 上年得="优"), "score_not_number", 2, "得分“优”不是数字"),
    "row of totals": (
        add(base(), ["合计", "6 家"]),
        "total_row",
        8,
        "“合计”像是合计行",
    ),
    "note below the table": (
        add(base(), ["注：数据截至年底"]),
        "incomplete_row",
        8,
        "只填了“注：数据截至年底”",
    ),
    "NUL inside": (put(3, 单位="玉环\0厂"), "nul_character", 3, "“玉环␀厂”含有空字符"),
    "spreadsheet error": (
        put(3, 行业="#REF!"),
        "spreadsheet_error",
        3,
        "单元格是公式错误（#REF!）。请改正公式后另存为数值",
    ),
}

WARNINGS = {
    "wrong check digit": (
        put(4, 统一=IDS[2][:17] + ("0" if IDS[2][17] != "0" else "1")),
        "credit_code_digit",
        4,
        f"校验位不对，应为“{IDS[2][17]}”",
    ),
    "small letters in the code": (
        put(4, 统一=IDS[2].lower()),
        "credit_code_form",
        4,
        "含小写字母",
    ),
    "letter I in the code": (
        put(4, 统一="91331083MI2DYJ4X0B"),
        "credit_code_form",
        4,
        "有不允许的字符",
    ),
    "old 15-digit number": (
        put(4, 统一="331021000012345"),
        "credit_code_form",
        4,
        "不是 18 位统一社会信用代码（有 15 位）",
    ),
    "ids differ by case": (
        doubled(统一=IDS[0].lower()),
        "id_case",
        8,
        "与第 2 行的",
    ),
    "identical rows": (doubled(), "id_repeated_same", 8, "与第 2 行完全相同"),
    "placeholder name": (put(3, 单位="待定"), "name_placeholder", 3, "“待定”像是占位"),
    "vacant": (put(3, 单位="VACANT"), "name_placeholder", 3, "“VACANT”像是占位"),
    "no name": (put(3, 单位=""), "name_missing", 3, "没有填单位名称"),
    "other spelling": (
        put(5, 乡镇="玉环市楚门镇人民政府"),
        "unit_spelling",
        5,
        "按“楚门镇”（331083102）读取",
    ),
    "unit without its kind": (put(5, 乡镇="楚门"), "unit_spelling", 5, "按“楚门镇”"),
    "twelve-digit unit": (put(5, 乡镇="331083102000"), "unit_spelling", 5, "楚门镇"),
    "full-width code": (
        put(5, 乡镇="３３１０８３１０２"),
        "full_width",
        5,
        "按“331083102”读取",
    ),
    "unknown village": (
        put(5, 村="331083102999"),
        "village_unknown",
        5,
        "“331083102999”不在村社区表中",
    ),
    "village under the old code": (
        put(5, 村="331021102001"),
        "village_old_code",
        5,
        "2017 年前的代码（331021）",
    ),
    "three digits among four": (
        put(3, 行业="311"),
        "industry_zero_doubt",
        3,
        "应为“0311”。按“311”读取",
    ),
    "section letter only": (
        put(3, 行业="C"),
        "industry_letter_only",
        3,
        "按该门类唯一的行业“工业”处理",
    ),
    "bank": (put(3, 行业="J6621"), "no_category", 3, "“J6621”不属于任何网格行业"),
    "far from the centre": (
        put(6, 经度="120.15", 纬度="30.28"),
        "place_far",
        6,
        "距楚门镇中心 2",
    ),
    "coarse place": (
        put(6, 经度="121.3", 纬度="28.22"),
        "place_coarse",
        6,
        "小数不足 3 位",
    ),
    "suspended": (put(7, 营业="歇业"), "suspended", 7, "“歇业”，仍纳入网格"),
    "two names of one statistician": (
        put(4, 统计员编="t1"),
        "statistician_two_names",
        2,
        "有不同姓名：张1、张3（第 2、4 行）",
    ),
    "damaged character": (
        put(4, 单位="玉环\ufffd厂"),
        "damaged_character",
        4,
        "含有无法辨认的字符",
    ),
    "blank padding": (
        put(4, 行业="\u3000 3443 "),
        "outer_blanks",
        4,
        "有 1 个单元格前后有空格",
    ),
    "word for nothing": (put(4, 上年星="无"), "blank_word", 4, "写作“无”，按空白处理"),
}


def only(findings: pd.DataFrame, rule: str, row: int) -> pd.Series:
    """Take the one finding of this rule at this row."""
    mine = findings[(findings["rule"] == rule) & (findings["row"] == row)]
    assert len(mine) == 1, findings[["row", "rule", "message_zh"]].to_string()
    return mine.iloc[0]


@pytest.mark.parametrize("case", ERRORS)
def test_error_stops_and_can_be_quarantined(case: str, tmp_path: Path) -> None:
    """An error names row, value and remedy; quarantine sets exactly such rows aside."""
    frame, rule, row, words = ERRORS[case]
    path = write(frame, tmp_path)
    with pytest.raises(InputError) as caught:
        read_register(path, RULES)
    finding = only(caught.value.findings, rule, row)
    assert finding["severity"] == "error"
    assert words in finding["message_zh"]
    assert words in str(caught.value)
    assert f"共 {len(frame)} 行" in str(caught.value)
    register = read_register(path, ASIDE)
    no_row_is_lost(register)
    assert row in set(register.quarantined["row"])
    assert register.n_read == len(frame)
    told = register.quarantined.set_index("row").loc[row, "message_zh"]
    assert words in told


@pytest.mark.parametrize("case", WARNINGS)
def test_warning_goes_on(case: str, tmp_path: Path) -> None:
    """A warning names row and value, and the run goes on with every row accounted."""
    frame, rule, row, words = WARNINGS[case]
    register = read_register(write(frame, tmp_path), RULES)
    finding = only(register.findings, rule, row)
    assert finding["severity"] == "warning"
    assert words in finding["message_zh"]
    assert register.quarantined.empty
    no_row_is_lost(register)


def test_good_register_has_no_findings(tmp_path: Path) -> None:
    """The register that all cases start from is without fault."""
    register = read_register(write(base(), tmp_path), RULES)
    assert register.findings.empty
    assert tuple(register.findings.columns) == COLUMNS
    assert register.n == register.n_read == 6


def test_identical_doubles_are_counted(tmp_path: Path) -> None:
    """Second copies of identical rows are left out as ``duplicate``, once each."""
    frame = add(doubled(), list(base().iloc[0]))
    register = read_register(write(frame, tmp_path), RULES)
    assert register.left_out == {"duplicate": 2}
    assert register.enterprises.loc[IDS[0], "row"] == 2
    no_row_is_lost(register)


def test_differing_doubles_take_all(tmp_path: Path) -> None:
    """Nobody knows which of the differing rows is right: all are set aside."""
    frame = add(doubled(单位="另一厂"), list(base().iloc[0]))
    register = read_register(write(frame, tmp_path), ASIDE)
    assert register.quarantined["row"].tolist() == [2, 8, 9]
    assert IDS[0] not in register.enterprises.index


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"纳统": "规下"}, "other_status"),
        ({"营业": "注销"}, "closed"),
        ({"营业": "已迁出"}, "moved"),
        ({"行业": "S9222"}, "no_category"),
    ],
)
def test_left_out_rows_are_counted(
    cells: dict[str, str], reason: str, tmp_path: Path
) -> None:
    """Rows that belong to no grid are counted by reason, and need no place."""
    frame = put(3, 经度="", **cells)
    register = read_register(write(frame, tmp_path), RULES)
    assert register.left_out == {reason: 1}
    assert register.n == 5
    no_row_is_lost(register)


def test_groomed_may_be_left_out(tmp_path: Path) -> None:
    """P7: groomed enterprises are in by default and out where the scenario says so."""
    path = write(put(3, 纳统="小升规"), tmp_path)
    assert read_register(path, RULES).enterprises.loc[IDS[1], "status"] == "groomed"
    out = RULES.model_copy(update={"groomed": "out"})
    assert read_register(path, out).left_out == {"groomed": 1}


def test_branches_are_left_out(tmp_path: Path) -> None:
    """P6: 产业活动单位 are out by default and rows of their own if asked."""
    kinds = ["法人单位"] * 5 + ["产业活动单位"]
    path = write(base().assign(单位类型=kinds), tmp_path)
    assert read_register(path, RULES).left_out == {"branch": 1}
    assert read_register(path, RULES.model_copy(update={"branches": "rows"})).n == 6


# --- whole files --------------------------------------------------------------------


def stopped(path: Path, rules: RegisterRules = ASIDE) -> InputError:
    """Read a register that cannot be used."""
    with pytest.raises(InputError) as caught:
        read_register(path, rules)
    error = caught.value
    assert re.search("[\u4e00-\u9fff]", error.message_zh)
    assert "{" not in str(error).replace("{xxx", "")
    assert len(error.findings)
    return error


def raw(folder: Path, content: bytes, name: str = "名录.csv") -> Path:
    """Write bytes as they are."""
    path = folder / name
    path.write_bytes(content)
    return path


def text_of(frame: pd.DataFrame) -> str:
    """Write a register as CSV text."""
    return frame.to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("名录.csv", b"", "是空的"),
        ("名录.csv", b"\xef\xbb\xbf\r\n \r\n", "是空的"),
        ("名录.docx", b"abc", "只能读取 CSV 和 xlsx"),
        ("名录.xls", b"\xd0\xcf\x11\xe0abc", "只能读取 CSV 和 xlsx"),
        ("名录.xlsx", b"\xd0\xcf\x11\xe0abc", "旧版 xls 或设有密码"),
        ("名录.xlsx", "统一,名称".encode(), "扩展名与内容不符"),
        ("名录.csv", b"PK\x03\x04abc", "内容是xlsx 工作簿"),
        ("名录.xlsx", b"PK\x03\x04abc", "已损坏或设有密码"),
        ("名录.csv", "统一\n".encode("utf-16"), "UTF-16"),
        ("名录.csv", b"a,b\n\xff\xff\xff,\x80\n", "第 2 行附近无法辨认"),
        (
            "名录.csv",
            "统一社会信用代码\n名称名称".encode() + b"\xe7\n",
            "第 2 行附近有损坏",
        ),
        ("名录.csv", b'a,b\n1,"2\n3,4\n', "引号不成对"),
        ("名录.csv", b'a,b\n1,"2"x\n', "第 2 行附近的引号"),
    ],
)
def test_unreadable_file(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    """A file that gives no table says in Chinese why, and what to do."""
    error = stopped(raw(tmp_path, content, name))
    assert words in error.message_zh
    assert name in error.message_zh or "引号" in error.message_zh
    found = read_findings(tmp_path / name, RULES)
    assert words in found.loc[0, "message_zh"]


def test_missing_file_and_folder(tmp_path: Path) -> None:
    """A file that is not there, and a folder, are told apart."""
    assert "找不到文件“没有.csv”" in stopped(tmp_path / "没有.csv").message_zh
    folder = tmp_path / "名录.csv"
    folder.mkdir()
    assert "是文件夹，不是文件" in stopped(folder).message_zh


def test_unreadable_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that another program holds says so."""
    path = write(base(), tmp_path)

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "无法打开文件" in stopped(path).message_zh


def test_header_only(tmp_path: Path) -> None:
    """A header without rows is an error of its own."""
    error = stopped(write(base().iloc[:0], tmp_path))
    assert "只有表头，没有企业记录" in error.message_zh


def test_missing_columns_all_at_once(tmp_path: Path) -> None:
    """Every missing column is named, with the nearest header of the file."""
    frame = base().rename(columns={"行业代码": "行业代码表", "经度": "甲"})
    error = stopped(write(frame.drop(columns="乡镇街道"), tmp_path))
    rules = error.findings[error.findings["rule"] == "header_missing"]
    assert rules["column"].tolist() == ["unit", "industry", "longitude"]
    assert '“行业代码表”；如果是它，请在情景的 columns 中写 "行业代码表": industry' in (
        error.message_zh
    )
    assert set(rules["row"]) == {1}


def test_rows_are_checked_beside_a_missing_column(tmp_path: Path) -> None:
    """A missing column does not hide what is wrong in the rows."""
    error = stopped(write(put(3, 行业="70").drop(columns="经度"), tmp_path))
    assert set(error.findings["rule"]) == {"header_missing", "industry_too_short"}


def test_two_headers_for_one_column(tmp_path: Path) -> None:
    """Two headers that claim one column are an error that names both."""
    frame = base().assign(单位名称="乙")
    error = stopped(write(frame, tmp_path))
    assert "表头“单位详细名称”和“单位名称”都对应 name 列" in error.message_zh
    apart = ASIDE.model_copy(update={"columns": {"单位名称": ""}})
    register = read_register(write(frame, tmp_path), apart)
    assert register.enterprises["name"].iloc[0].startswith("玉环甲")


def test_mapped_header_is_missing(tmp_path: Path) -> None:
    """A header that the scenario maps and the file has not is named."""
    rules = ASIDE.model_copy(update={"columns": {"行业代玛": "industry"}})
    error = stopped(write(base(), tmp_path), rules)
    assert "写了表头“行业代玛”，文件中没有" in error.message_zh
    assert '请改写为 "行业代码": industry' in error.message_zh


def test_columns_must_be_ours() -> None:
    """A scenario that maps a header to no column of ours is refused."""
    with pytest.raises(ValueError, match="industri"):
        RegisterRules(columns={"naics": "industri"})


def test_wrong_separator(tmp_path: Path) -> None:
    """A file with semicolons says so instead of missing every column."""
    text = text_of(base()).replace(",", ";")
    error = stopped(raw(tmp_path, text.encode()))
    assert len(error.findings[error.findings["severity"] == "error"]) >= 1
    assert "像是用“;”分隔的" in error.message_zh


def test_coordinate_system_not_named(tmp_path: Path) -> None:
    """Without the name of the coordinate system nothing is read."""
    rules = RegisterRules(industry_edition="2017", quarantine=True)
    error = stopped(write(base(), tmp_path), rules)
    assert "没有说明经纬度的坐标系" in error.message_zh
    assert len(error.findings) == 1


def test_coordinate_systems_are_not_mixed(tmp_path: Path) -> None:
    """A row in another coordinate system than the scenario's is an error."""
    systems = ["火星坐标", "gcj02", "GCJ-02", "百度", "", "gcj02"]
    register = read_register(write(base().assign(坐标系=systems), tmp_path), ASIDE)
    assert register.quarantined["row"].tolist() == [5]
    finding = only(register.findings, "coordinates_mixed", 5)
    assert "本行的坐标系是“百度”" in finding["message_zh"]


def test_edition_not_named_or_unknown(tmp_path: Path) -> None:
    """Without its edition a two-digit code is ambiguous: error, said once."""
    path = write(base(), tmp_path)
    error = stopped(path, RegisterRules(coordinates="gcj02"))
    assert "没有说明行业代码的版本" in error.message_zh
    assert len(error.findings) == 1
    error = stopped(path, RegisterRules(coordinates="gcj02", industry_edition="2002"))
    assert "是“2002”，行业分类表“gbt4754”中只有 2011、2017" in error.message_zh


def test_edition_column(tmp_path: Path) -> None:
    """The edition may stand in each row; a blank or strange one is an error."""
    editions = ["2017", "GB/T 4754-2011", "2017版", "", "1994", "2011"]
    frame = base().assign(行业代码="82", 行业代码版本=editions)
    rules = RegisterRules(coordinates="gcj02", quarantine=True)
    register = read_register(write(frame, tmp_path), rules)
    assert (
        "没有填行业代码版本" in only(register.findings, "edition_missing", 5).message_zh
    )
    assert (
        "版本“1994”不认识" in only(register.findings, "edition_unknown", 6).message_zh
    )
    assert set(register.enterprises["category"]) == {"services"}
    no_row_is_lost(register)


def test_status_needs_column_or_scenario(tmp_path: Path) -> None:
    """A file without status needs the scenario's; a blank cell takes it, warned."""
    path = write(base().drop(columns="纳统状态"), tmp_path)
    assert "没有“纳统状态”列" in stopped(path).message_zh
    rules = RULES.model_copy(update={"status": "groomed"})
    assert set(read_register(path, rules).enterprises["status"]) == {"groomed"}
    register = read_register(write(put(3, 纳统=""), tmp_path), rules)
    assert only(register.findings, "status_default", 3)["severity"] == "warning"
    assert register.enterprises.loc[IDS[1], "status"] == "groomed"


def test_no_eligible_enterprise(tmp_path: Path) -> None:
    """A register of which nobody is left is an error, with the reasons counted."""
    frame = base().assign(纳统状态="其他")
    frame.loc[0, ["纳统状态", "营业状态"]] = "规上", "注销"
    frame.loc[1, ["纳统状态", "行业代码"]] = "规上", "70"
    error = stopped(write(frame, tmp_path))
    assert (
        "6 行中没有一家可纳入网格的企业"
        "（已注销、吊销或关闭 1 家、非“四上”、非小升规培育企业 4 家、有错误 1 家）"
    ) in error.message_zh
    assert "(closed 1, other status 4, with errors 1)" in error.message_en


def test_reasons_of_nobody_have_words() -> None:
    """Whatever leaves rows out is worded where nobody is left."""
    from gridopt.register.examination import _REASONS

    known = {"other_status", "groomed", "closed", "moved", "branch"}
    assert known | {"no_category", "duplicate", "bad"} == set(_REASONS)


def test_no_good_row(tmp_path: Path) -> None:
    """Where every row has errors, that stands last and is not counted as one more."""
    error = stopped(write(base().assign(行业代码="70"), tmp_path))
    assert error.message_zh.startswith(
        "名录“名录.csv”共 6 行，有 6 处错误，涉及 6 行。"
    )
    assert error.message_zh.endswith(
        "全部 6 行都有错误，见上。其余 3 处见问题清单。请改正后重试。"
    )
    assert error.message_en.endswith("3 more stand in the findings. Correct them.")
    assert error.findings["rule"].iloc[-1] == "no_good_row"


def test_three_rows_are_shown_with_or_without_id(tmp_path: Path) -> None:
    """The message shows the first three wrong rows, and rows without id are rows."""
    frame = base()
    frame.loc[1:4, "统一社会信用代码"] = ""
    error = stopped(write(frame, tmp_path), RULES)
    assert "共 6 行，有 4 处错误，涉及 4 行。第 2" not in error.message_zh
    assert "第 3 行：没有填统一社会信用代码" in error.message_zh
    assert "第 5 行" in error.message_zh
    assert "第 6 行" not in error.message_zh
    assert "其余 1 处见问题清单。请改正后重试；个别行的错误" in error.message_zh


def test_ambiguous_unit(tmp_path: Path) -> None:
    """A spelling that two units share is an error that names both."""
    table = tmp_path / "units.csv"
    table.write_text("code,name\n1,城关镇\n2,城关乡\n3,楚门镇\n", encoding="utf-8")
    rules = ASIDE.model_copy(update={"units": UnitRules(table=str(table))})
    register = read_register(write(put(5, 乡镇="城关"), tmp_path), rules)
    finding = only(register.findings, "unit_ambiguous", 5)
    assert "可能是城关镇或城关乡" in finding["message_zh"]
    assert register.quarantined["row"].tolist() == [5]


def test_two_spellings_in_the_register(tmp_path: Path) -> None:
    """Units taken from the register join spellings of one name, with a warning."""
    frame = base().assign(乡镇街道=["LASALLE", "LA SALLE", "LaSalle", *["LASALLE"] * 3])
    rules = ASIDE.model_copy(update={"units": UnitRules(from_register=True)})
    register = read_register(write(frame, tmp_path), rules)
    assert register.units.codes == ("LASALLE",)
    assert only(register.findings, "unit_spelling", 3)["value"] == "LA SALLE"
    assert only(register.findings, "unit_spelling", 4)["value"] == "LaSalle"


# --- rows of the file ---------------------------------------------------------------


def test_ragged_rows(tmp_path: Path) -> None:
    """A row with too many cells is an error, one with too few a warning."""
    lines = text_of(base()).splitlines()
    lines[2] += ",多出"
    lines[4] = lines[4].removesuffix(",x")
    lines[5] += ",,"
    register = read_register(raw(tmp_path, "\n".join(lines).encode()), ASIDE)
    assert "有 16 个单元格，表头只有 15 列，多出“多出”" in (
        only(register.findings, "ragged_row", 3).message_zh
    )
    assert "只有 14 个单元格" in only(register.findings, "short_row", 5).message_zh
    assert len(register.findings) == 2
    no_row_is_lost(register)


def test_quoted_line_break_starts_no_new_row(tmp_path: Path) -> None:
    """Row numbers are those of a spreadsheet: a break inside quotes counts nothing."""
    frame = put(5, 行业="70")
    frame.loc[0, "备注"] = "第一行\n第二行\r\n第三行"
    register = read_register(write(frame, tmp_path), ASIDE)
    only(register.findings, "industry_too_short", 5)


def test_blank_rows_keep_row_numbers(tmp_path: Path) -> None:
    """Blank rows are skipped with one warning and do not shift row numbers."""
    lines = text_of(put(4, 行业="70")).splitlines()
    lines[3:3] = ["", "," * 14]
    register = read_register(raw(tmp_path, "\n".join(lines).encode()), ASIDE)
    only(register.findings, "industry_too_short", 6)
    assert "有 2 个空行，已跳过（首个是第 4 行）" in (
        only(register.findings, "blank_rows", 4).message_zh
    )
    assert register.n_read == 6


def test_blank_rows_above_the_header(tmp_path: Path) -> None:
    """Blank rows above the header are said, and row numbers count them."""
    text = "\n,\n" + text_of(put(4, 行业="70"))
    register = read_register(raw(tmp_path, text.encode()), ASIDE)
    only(register.findings, "industry_too_short", 6)
    assert (
        "按第 3 行是表头读取"
        in only(register.findings, "header_not_first", 3).message_zh
    )


def test_numbered_header(tmp_path: Path) -> None:
    """A numbered header is read with a warning."""
    frame = base().rename(columns={"纬度": "12. LATITUDE", "经度": "(11) 经度"})
    register = read_register(write(frame, tmp_path), RULES)
    told = register.findings
    assert told["rule"].tolist() == ["header_numbered"] * 2
    assert "“12. LATITUDE”去掉编号后按 latitude 列" in " ".join(told["message_zh"])


def test_unknown_columns_stay_untouched(tmp_path: Path) -> None:
    """Unknown columns come last, as they were, blanks and doubled headers included."""
    frame = base()
    frame["备注"] = " a ０ "
    frame.insert(0, "row", "7")
    frame["空"] = "z"
    frame = frame.rename(columns={"空": ""})
    text = text_of(frame).replace(",备注,", ",备注,", 1)
    register = read_register(raw(tmp_path, text.encode()), RULES)
    assert list(register.enterprises.columns[-3:]) == ["row(2)", "备注", "第17列"]
    assert set(register.enterprises["备注"]) == {" a ０ "}
    assert set(register.findings["rule"]) == {"header_renamed", "header_blank"}


def test_many_at_one_point(tmp_path: Path) -> None:
    """More than 50 unrelated enterprises at one point: one warning names the point."""
    n = 60
    ids = [with_digit(f"91331083MA2{k:05d}X"[:17].ljust(17, "0")) for k in range(n)]
    frame = pd.concat([base().iloc[:1]] * n, ignore_index=True)
    frame["统一社会信用代码"] = ids
    frame["统计员编号"] = [f"t{k}" for k in range(n)]
    path = write(frame, tmp_path)
    register = read_register(path, RULES)
    assert "60 家互无业务关联的企业都在同一点 121.311035, 28.221586" in (
        only(register.findings, "place_shared", 2).message_zh
    )
    linked = frame.assign(集团编号="g1")
    assert read_register(write(linked, tmp_path), RULES).findings.empty


def test_statistician_of_many_and_of_nobody(tmp_path: Path) -> None:
    """One id for a dozen firms is doubted; firms without one are counted unnamed."""
    ids = [with_digit(f"91331083MA2{k:05d}X"[:17].ljust(17, "0")) for k in range(14)]
    frame = pd.concat([base().iloc[:1]] * 14, ignore_index=True)
    frame["统一社会信用代码"] = ids
    frame.loc[12:, ["统计员编号", "统计员姓名"]] = ""
    told = read_register(write(frame, tmp_path), RULES).findings
    assert "“t1”负责 12 家企业" in only(told, "statistician_serves_many", 2).message_zh
    unnamed = told[told["rule"] == "statistician_unnamed"].iloc[0]
    assert pd.isna(unnamed["row"])
    assert unnamed["message_zh"].startswith("2 家企业没有统计员编号")


def test_internal_ids_are_said_once(tmp_path: Path) -> None:
    """A register with ids of its own is not drowned in credit-code warnings."""
    frame = base().assign(统一社会信用代码=[f"E{k}" for k in range(6)])
    told = read_register(write(frame, tmp_path), RULES).findings
    assert told["rule"].tolist() == ["credit_codes_other"]
    assert "6 个编号（共 6 个）不是 18 位" in told.loc[0, "message_zh"]


# --- places that are missing --------------------------------------------------------


def test_place_missing_village(tmp_path: Path) -> None:
    """A missing place takes the village's mean, else the unit's, else is an error."""
    rules = ASIDE.model_copy(update={"place_missing": "village"})
    frame = put(3, 经度="", 纬度="")
    frame.loc[2, ["村(社区)代码", "经度"]] = ""
    frame.loc[3, ["乡镇街道", "村(社区)代码", "经度", "纬度"]] = "沙门镇", "", "", ""
    register = read_register(write(frame, tmp_path), rules)
    told = register.findings
    assert (
        "同村（社区）3 家企业的平均位置"
        in only(told, "place_from_village", 3).message_zh
    )
    assert "同一单元 3 家企业的平均位置" in only(told, "place_from_unit", 4).message_zh
    assert "也没有有位置的企业" in only(told, "place_not_found", 5).message_zh
    mean = np.mean([121.311035, 121.315035, 121.316035])
    assert register.enterprises.loc[IDS[1], "longitude"] == pytest.approx(mean)
    assert register.quarantined["row"].tolist() == [5]
    no_row_is_lost(register)


# --- workbooks ----------------------------------------------------------------------


def workbook(folder: Path, frame: pd.DataFrame, **numbers: dict[int, float]) -> Path:
    """Write an xlsx register as text, with some cells stored as numbers."""
    path = folder / "名录.xlsx"
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    sheet = book.add_worksheet("名录")
    sheet.write_row(0, 0, list(frame.columns))
    for at, row in enumerate(frame.itertuples(index=False), start=1):
        for column, cell in enumerate(row):
            sheet.write_string(at, column, cell)
    for head, cells in numbers.items():
        column = next(k for k, name in enumerate(HEADERS) if name.startswith(head))
        for row, value in cells.items():
            sheet.write_number(row - 1, column, value)
    book.close()
    return path


def test_id_stored_as_number(tmp_path: Path) -> None:
    """An 18-digit id stored as an Excel number has lost digits: an error."""
    path = workbook(tmp_path, base(), 统一={4: 913310837890123456})
    register = read_register(path, ASIDE)
    finding = only(register.findings, "id_lost_digits", 4)
    assert finding["value"].startswith("91331083789012")
    assert register.quarantined["row"].tolist() == [4]


def test_numeric_id_that_lost_zeros(tmp_path: Path) -> None:
    """A numeric id shorter than all the others may have lost its zeros: an error."""
    frame = base().assign(统一社会信用代码=[f"00{k}17" for k in range(6)])
    path = workbook(tmp_path, frame, 统一={4: 217})
    finding = only(read_register(path, ASIDE).findings, "id_lost_zero", 4)
    assert "“217”按数字存储，只有 3 位，其他编号有 5 位" in finding["message_zh"]


def test_numeric_code_that_lost_its_zero(tmp_path: Path) -> None:
    """0311 stored as 311 is an error; 3443 stored as a number is none."""
    path = workbook(tmp_path, base(), 行业={4: 311, 5: 3443}, 经度={5: 121.314035})
    register = read_register(path, ASIDE)
    assert "可能丢了开头的 0（应为“0311”？）" in (
        only(register.findings, "industry_lost_zero", 4).message_zh
    )
    assert register.enterprises.loc[IDS[3], "industry"] == "3443"
    assert register.enterprises.loc[IDS[3], "longitude"] == 121.314035
    assert len(register.findings) == 1


def test_several_sheets_and_merged_cells(tmp_path: Path) -> None:
    """The first sheet with content is read; merged cells are named by address."""
    path = tmp_path / "名录.xlsx"
    frame = base()
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("空表")
    hidden = book.add_worksheet("隐藏")
    hidden.write(0, 0, "x")
    hidden.hide()
    for name in ("名录", "说明"):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, list(frame.columns))
        for at, row in enumerate(frame.itertuples(index=False), start=1):
            sheet.write_row(at, 0, list(row))
    book.get_worksheet_by_name("名录").merge_range(
        2, 2, 3, 2, "楚门镇", book.add_format()
    )
    book.get_worksheet_by_name("空表").activate()
    book.close()
    register = read_register(path, ASIDE)
    told = register.findings
    assert (
        "有 2 张有内容的工作表（名录、说明），只读取了“名录”"
        in (told.loc[told["rule"] == "sheet_choice", "message_zh"].iloc[0])
    )
    assert "区域 C3:C4 是合并单元格" in only(told, "merged_cells", 3).message_zh
    assert "没有填乡镇街道" in only(told, "unit_missing", 4).message_zh
    no_row_is_lost(register)


def test_truncated_workbook(tmp_path: Path) -> None:
    """A workbook cut off in the middle is damaged, not empty."""
    whole = workbook(tmp_path, base())
    cut = tmp_path / "断.xlsx"
    cut.write_bytes(whole.read_bytes()[:900])
    assert "“断.xlsx”已损坏" in stopped(cut).message_zh


def test_workbook_rows_keep_numbers(tmp_path: Path) -> None:
    """Blank rows of a workbook are skipped and counted in the row numbers."""
    frame = put(4, 行业="70")
    blank = pd.DataFrame([[""] * len(HEADERS)] * 2, columns=list(HEADERS))
    path = workbook(tmp_path, pd.concat([frame.iloc[:1], blank, frame.iloc[1:]]))
    only(read_register(path, ASIDE).findings, "industry_too_short", 6)


# --- where the header stands --------------------------------------------------------


def table(frame: pd.DataFrame) -> list[list[str]]:
    """Lay a register out as rows of cells, its header first."""
    return [list(frame.columns), *frame.to_numpy().tolist()]


def save(folder: Path, rows: list[list[str]], kind: str, *more: list) -> Path:
    """Write rows of cells as CSV or xlsx; each further table is a sheet of its own."""
    path = folder / f"名录.{kind}"
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return path
    book = xlsxwriter.Workbook(str(path))
    for at, cells in enumerate((rows, *more), start=1):
        sheet = book.add_worksheet(f"表{at}")
        for row, texts in enumerate(cells):
            sheet.write_row(row, 0, texts)
    book.close()
    return path


KINDS = pytest.mark.parametrize("kind", ["csv", "xlsx"])


def refused(path: Path, rule: str) -> str:
    """Read a file whose header stands elsewhere: one finding, no empty numbers."""
    error = stopped(path)
    assert error.findings["rule"].tolist() == [rule]
    assert error.message_zh.startswith(f"名录“{path.name}”有 1 处错误。")
    assert error.message_en.startswith(f"The register {path.name!r} has 1 error. ")
    assert error.message_zh.endswith("。请改正后重试。")
    assert error.message_en.endswith(" Correct it.")
    told = read_findings(path)
    assert told["message_zh"].tolist() == error.findings["message_zh"].tolist()
    return error.message_zh


TITLES = {
    "one title": ([["玉环市企业名录"]], "第 1 行"),
    "title and unit": (
        [["玉环市企业名录"], ["填报单位：统计局", "", "单位：家"]],
        "第 1 至 2 行",
    ),
    "a word of ours": ([["单位名称", "玉环市统计局", "2025年"]], "第 1 行"),
    "title and blank row": ([["玉环市企业名录"], [""]], "第 1 至 2 行"),
    "groups of columns": ([["基本情况", *[""] * 4, "位置", "", "统计"]], "第 1 行"),
}


@KINDS
@pytest.mark.parametrize("case", TITLES)
def test_title_above_the_header(case: str, kind: str, tmp_path: Path) -> None:
    """A title row is named, and so is the header's; without the title all is well."""
    above, rows = TITLES[case]
    path = save(tmp_path, [*above, *table(base())], kind)
    top = len(above) + 1
    words = f"第 1 行像标题，表头在第 {top} 行；请删除{rows}（表头须在第 1 行）。"
    assert words in refused(path, "header_below")
    assert read_register(save(tmp_path, table(base()), kind), RULES).findings.empty


@KINDS
def test_title_above_headers_of_the_scenario(kind: str, tmp_path: Path) -> None:
    """Headers that the scenario maps are a header, too, where a title stands above."""
    own = {"统一社会信用代码": "编码", "单位详细名称": "厂名", "乡镇街道": "属地"}
    columns = {"编码": "enterprise_id", "厂名": "name", "属地": "unit"}
    rows = table(base()[list(own)].rename(columns=own))
    path = save(tmp_path, [["玉环市企业名录"], *rows], kind)
    rules = ASIDE.model_copy(update={"columns": columns})
    assert (
        "第 1 行像标题，表头在第 2 行；请删除第 1 行" in stopped(path, rules).message_zh
    )
    unmapped = set(stopped(path).findings["rule"])
    assert "header_missing" in unmapped
    assert "header_below" not in unmapped


def split_header(frame: pd.DataFrame, *below: str) -> list[list[str]]:
    """Lay a register out with the headers `below` in a second row."""
    heads = list(frame.columns)
    first = next(head for head in heads if head in below)
    upper = [head if head not in below else "" for head in heads]
    upper[heads.index(first)] = "所在位置"
    lower = [head if head in below else "" for head in heads]
    return [upper, lower, *table(frame)[1:]]


@KINDS
@pytest.mark.parametrize("above", [[], [["玉环市企业名录"]]])
def test_header_of_two_rows(above: list, kind: str, tmp_path: Path) -> None:
    """A header of two rows is named with what stands in the second, title or not."""
    rows = split_header(base(), "乡镇街道", "经度", "纬度")
    told = refused(save(tmp_path, [*above, *rows], kind), "header_two_rows")
    first, second = len(above) + 1, len(above) + 2
    assert (
        f"第 {first} 行和第 {second} 行像是两层表头（“乡镇街道、经度、纬度”写在第 "
        f"{second} 行）；请合并为一行（表头须在第 1 行）。"
    ) in told


def test_header_of_two_rows_with_merged_cells(tmp_path: Path) -> None:
    """Cells merged over both rows of a header change nothing in what is said."""
    path = tmp_path / "名录.xlsx"
    rows = split_header(base(), "经度", "纬度")
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("名录")
    for at, texts in enumerate(rows):
        sheet.write_row(at, 0, texts)
    for at, head in enumerate(rows[0]):
        if head not in ("所在位置", ""):
            sheet.merge_range(0, at, 1, at, head, book.add_format())
    sheet.merge_range(0, 5, 0, 6, "所在位置", book.add_format())
    book.close()
    assert "（“经度、纬度”写在第 2 行）" in refused(path, "header_two_rows")


def test_header_on_another_sheet(tmp_path: Path) -> None:
    """A register on a later sheet is named by place and name; moved, it is read."""
    notes = [["填报说明"], ["一、统一社会信用代码为18位"], ["二、经纬度为高德坐标"]]
    path = save(tmp_path, notes, "xlsx", [["目录"]], table(base()))
    told = refused(path, "header_elsewhere")
    assert "表头在第 3 张工作表“表3”；请把它移到最前，或另存为单独的文件。" in told
    register = read_register(save(tmp_path, table(base()), "xlsx", notes), RULES)
    assert register.findings["rule"].tolist() == ["sheet_choice"]


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        (";", "像是用“;”分隔的"),
        ("\t", "像是用制表符分隔的"),
        ("，", "像是用“，”分隔的"),
        ("|", "像是用“|”分隔的"),
    ],
)
def test_strange_separators(sign: str, words: str, tmp_path: Path) -> None:
    """A separator that is no comma is named, the long header cut short."""
    path = raw(tmp_path, text_of(base()).replace(",", sign).encode())
    told = refused(path, "header_separator")
    assert words in told
    assert "表头只有一个单元格“统一社会信用代码" in told
    assert "备注" not in told


# --- remarks in the header ----------------------------------------------------------


REMARKS = {
    "乡镇街道": "乡镇街道（必填）",
    "行业代码": "行业代码\n（GB/T 4754—2017，4位）",
    "经度": "5.经度(GCJ-02)",
    "单位详细名称": "【必填】单位详细名称*",
    "村(社区)代码": "村(社区)代码（如：331083102（楚门镇））",
    "统计员编号": "统计员编号[选填]",
}


@KINDS
def test_remarks_in_headers_are_taken_off(kind: str, tmp_path: Path) -> None:
    """A header with a remark is read, with a warning that names the column."""
    path = save(tmp_path, table(base().rename(columns=REMARKS)), kind)
    register = read_register(path, RULES)
    told = register.findings
    assert set(told["rule"]) == {"header_trimmed"}
    assert set(told["row"]) == {1}
    assert len(told) == len(REMARKS)
    assert register.enterprises["village"].str.startswith("331083102").all()
    words = " ".join(told["message_zh"])
    assert (
        "“乡镇街道（必填）”去掉说明后，按“乡镇街道”列（unit）读取。如果不是，" in words
    )
    assert "表头“行业代码（GB/T 4754—2017，4位）”去掉" in words


@pytest.mark.parametrize(
    ("head", "remark", "column", "words"),
    [
        (
            "经度",
            "（WGS84坐标）",
            "longitude",
            "是 wgs84，情景的 coordinates 写的是 gcj02",
        ),
        ("纬度", "（百度）", "latitude", "是 bd09，情景的 coordinates 写的是 gcj02"),
        (
            "行业代码",
            "(2011版)",
            "industry",
            "是 2011，情景的 industry_edition 写的是 2017",
        ),
    ],
)
def test_remark_against_the_scenario(
    head: str, remark: str, column: str, words: str, tmp_path: Path
) -> None:
    """A remark that contradicts the scenario stops the run, whoever may be right."""
    path = write(base().rename(columns={head: head + remark}), tmp_path)
    error = stopped(path)
    assert f"表头“{head}{remark}”注明的{words}" in error.message_zh
    assert only(error.findings, "header_contradicts", 1)["severity"] == "error"
    assert "header_contradicts" not in set(read_findings(path)["rule"])
    rules = RULES.model_copy(update={"columns": {head + remark: column}})
    assert read_register(path, rules).findings.empty


@pytest.mark.parametrize("remark", ["（4位，如2011）", "(GB/T 4754-2017)", "（小类）"])
def test_remark_with_the_scenario_or_beside_it(remark: str, tmp_path: Path) -> None:
    """A remark that agrees, or gives an example, contradicts nothing."""
    path = write(base().rename(columns={"行业代码": f"行业代码{remark}"}), tmp_path)
    told = read_register(path, RULES).findings
    assert set(told["rule"]) <= {"header_trimmed"}


def test_remark_that_may_mean_another_column(tmp_path: Path) -> None:
    """A column we can do without is not taken for ours by a remark of unknown sense."""
    frame = base().drop(columns="统计员姓名")
    frame["统计员（电话）"] = "13800000000"
    frame["单位类型（登记注册）"] = "有限责任公司"
    register = read_register(write(frame, tmp_path), RULES)
    told = register.findings
    assert told["rule"].tolist() == ["header_unread"] * 2
    words = told.loc[0, "message_zh"]
    assert "表头“统计员（电话）”像是“统计员编号”列" not in words
    assert "表头“统计员（电话）”像是“统计员姓名”列（statistician_name）" in words
    assert '在情景的 columns 中写 "统计员（电话）": statistician_name。' in words
    assert set(register.enterprises["统计员（电话）"]) == {"13800000000"}
    assert set(register.enterprises["statistician_name"]) == {""}


def test_remark_beside_the_plain_header(tmp_path: Path) -> None:
    """Where a header names a column outright, one with a remark stays what it was."""
    frame = base()
    frame["统一社会信用代码（集团）"] = "x"
    frame["经度（WGS84）"] = "120"
    register = read_register(write(frame, tmp_path), RULES)
    assert register.findings.empty
    assert set(register.enterprises["经度（WGS84）"]) == {"120"}


def test_remarks_tell_no_two_columns_apart(tmp_path: Path) -> None:
    """Two headers that differ in their remarks only are an error that names both."""
    frame = base().rename(columns={"乡镇街道": "乡镇街道（注册地）"})
    frame["乡镇街道（经营地）"] = "楚门镇"
    error = stopped(write(frame, tmp_path))
    assert "表头“乡镇街道（注册地）”和“乡镇街道（经营地）”都对应 unit 列" in (
        error.message_zh
    )
    rules = RULES.model_copy(update={"columns": {"乡镇街道（注册地）": ""}})
    register = read_register(write(frame, tmp_path), rules)
    assert register.findings["rule"].tolist() == ["header_trimmed"]


def test_mapped_header_with_an_unread_remark(tmp_path: Path) -> None:
    """A mapped header that only a remark of unknown sense comes near is missing."""
    frame = base().rename(columns={"权重": "工作量（旧表）"})
    rules = ASIDE.model_copy(update={"columns": {"工作量": "weight"}})
    error = stopped(write(frame, tmp_path), rules)
    assert "写了表头“工作量”，文件中没有" in error.message_zh


# --- cells as offices write them ----------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"经度": "121°14′37.2″"}, "经度“121°14′37.2″”不是数字（即 121.243667）。"),
        ({"经度": "121度14分"}, "经度“121度14分”不是数字（即 121.233333）。"),
        (
            {"经度": "东经121°14'37\""},
            "（即 121.243611）。请写成十进制度，如 121.2437，",
        ),
        ({"经度": "121.2437°E"}, "（即 121.243700）"),
        ({"纬度": "北纬28°8′14″"}, "（即 28.137222）。请写成十进制度，如 28.1372，"),
        ({"纬度": "N28°8.5′"}, "（即 28.141667）"),
        ({"经度": "121°74′"}, "经度“121°74′”不是数字。请写成"),
        ({"经度": "121°14′W"}, "经度“121°14′W”不是数字。请写成"),
        ({"纬度": "28 8 14"}, "纬度“28 8 14”不是数字。请写成"),
    ],
)
@KINDS
def test_degrees_and_minutes_are_explained(
    cells: dict[str, str], words: str, kind: str, tmp_path: Path
) -> None:
    """Degrees, minutes and seconds are refused with their decimal value, if clear."""
    path = save(tmp_path, table(put(6, **cells)), kind)
    error = stopped(path, RULES)
    assert words in only(error.findings, "place_not_number", 6)["message_zh"]
    assert ("(that is " in error.message_en) == ("（即 " in words)


def formula_book(folder: Path, frame: pd.DataFrame, errors: dict) -> Path:
    """Write an xlsx register in which some formulas failed, by row and column."""
    path = folder / "名录.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("目录").hide()
    sheet = book.add_worksheet("名 & 录")
    for at, texts in enumerate(table(frame)):
        sheet.write_row(at, 0, texts)
    for (row, column), error in errors.items():
        sheet.write_formula(row - 1, column, "=1/0", None, error)
    book.close()
    return path


@pytest.mark.parametrize(
    "sign", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"]
)
def test_failed_formula_in_a_workbook(sign: str, tmp_path: Path) -> None:
    """A formula that failed is named with its error, and not as a missing value."""
    path = formula_book(tmp_path, base(), {(4, 4): sign, (5, 3): sign})
    error = stopped(path, RULES)
    assert error.findings["rule"].tolist() == ["spreadsheet_error"] * 2
    told = only(error.findings, "spreadsheet_error", 4)
    assert told["message_zh"] == f"单元格是公式错误（{sign}）。请改正公式后另存为数值。"
    assert (told["column"], told["value"]) == ("industry", sign)
    assert only(error.findings, "spreadsheet_error", 5)["column"] == "village"
    assert read_register(path, ASIDE).quarantined["row"].tolist() == [4, 5]


def test_failed_look_up_of_nobody(tmp_path: Path) -> None:
    """No statistician found by a look-up is an empty cell, in a workbook as in CSV."""
    path = formula_book(tmp_path, base(), {(4, 9): "#N/A", (4, 10): "#N/A"})
    told = read_register(path, RULES).findings
    assert set(told["rule"]) == {"blank_word", "statistician_unnamed"}


@KINDS
def test_formulas_drawn_down_too_far(kind: str, tmp_path: Path) -> None:
    """Rows of nothing but errors below the table are skipped with one warning."""
    rows = table(base())
    more = [["", "#N/A", *[""] * 12, "#REF!"]] * 3
    path = save(tmp_path, [*rows, *more], "csv")
    if kind == "xlsx":
        cells = {(row, 1): "#N/A" for row in (8, 9, 10)}
        path = formula_book(tmp_path, base(), cells)
    register = read_register(path, RULES)
    assert only(register.findings, "error_rows", 8)["message_zh"] == (
        "表格末尾的第 8 至 10 行只有公式错误（#N/A），没有其他内容，按空行跳过。"
        "请删除多余的公式。"
    )
    assert (register.n_read, len(register.findings)) == (6, 1)


@KINDS
def test_rows_of_errors_only(kind: str, tmp_path: Path) -> None:
    """A row of errors above the last good one, or where none is good, is an error."""
    lost = ["#REF!"] * len(HEADERS)
    rows = table(base())
    register = read_register(save(tmp_path, [*rows[:3], lost, *rows[3:]], kind), ASIDE)
    assert register.quarantined["row"].tolist() == [4]
    assert register.n_read == 7
    error = stopped(save(tmp_path, [rows[0], lost, lost], kind))
    assert "全部 2 行都有错误，见上。" in error.message_zh
    assert "单元格是公式错误（#REF!）" in error.message_zh


def test_row_of_foreign_columns_is_shown(tmp_path: Path) -> None:
    """A row that holds nothing of ours is shown by what it does hold."""
    path = write(add(base(), [""] * 14 + ["以上为四上企业"]), tmp_path)
    told = only(read_findings(path, RULES), "incomplete_row", 8)
    assert "本行只填了“以上为四上企业”" in told["message_zh"]


def test_many_doubles_are_listed_short(tmp_path: Path) -> None:
    """Of many rows with one id, five are listed and all are counted."""
    frame = pd.concat([base().iloc[:1]] * 400, ignore_index=True)
    frame["备注"] = [str(k) for k in range(400)]
    told = stopped(write(frame, tmp_path), RULES)
    words = f"编号“{IDS[0]}”在第 2、3、4、5、6 等 400 行重复出现，内容不同"
    assert words in told.message_zh
    assert "rows 2, 3, 4, 5, 6 … (400 in all) with different content" in told.message_en
    assert len(told.message_zh) < 600


def test_statistician_of_many_rows_is_listed_short(tmp_path: Path) -> None:
    """Of many rows with two names of one statistician, five are listed."""
    ids = [with_digit(f"91331083MA2{k:05d}X"[:17].ljust(17, "0")) for k in range(8)]
    frame = pd.concat([base().iloc[:1]] * 8, ignore_index=True)
    frame = frame.assign(
        统一社会信用代码=ids, 统计员姓名=[f"张{k}" for k in "abcdefgh"]
    )
    told = read_register(write(frame, tmp_path), RULES).findings
    words = only(told, "statistician_two_names", 2)["message_zh"]
    assert "（第 2、3、4、5、6 等 8 行）" in words


def test_ids_that_lost_their_digits_are_no_doubles(tmp_path: Path) -> None:
    """Ids that rounding made alike are said to be lost, not to be repeated."""
    numbers = {row: 913310837890123456 + row for row in range(2, 8)}
    error = stopped(workbook(tmp_path, base(), 统一=numbers), RULES)
    rules = error.findings["rule"].tolist()
    assert rules == ["id_lost_digits"] * 6 + ["no_good_row"]
    assert "其余 3 处见问题清单" in error.message_zh
    text = write(base().assign(统一社会信用代码="9.13311E+17"), tmp_path)
    assert set(stopped(text).findings["rule"]) == {"id_lost_digits", "no_good_row"}


def merged_book(
    folder: Path, frame: pd.DataFrame, *areas: tuple[int, int, int, int]
) -> Path:
    """Write a register with some areas merged over the cells below the first."""
    path = folder / "名录.xlsx"
    rows = table(frame)
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("名录")
    for at, texts in enumerate(rows):
        sheet.write_row(at, 0, texts)
    for top, left, bottom, right in areas:
        text, plain = rows[top - 1][left], book.add_format()
        sheet.merge_range(top - 1, left, bottom - 1, right, text, plain)
    book.close()
    return path


def test_merged_cells_are_told_as_the_cause(tmp_path: Path) -> None:
    """What is missing below a merged cell is told together with the merged cell."""
    path = merged_book(tmp_path, base(), (3, 2, 5, 2), (6, 8, 7, 8))
    error = stopped(path, RULES)
    told = error.message_zh
    assert told.startswith("名录“名录.xlsx”共 6 行，有 2 处错误，涉及 2 行。第 4 行")
    assert (
        "没有填乡镇街道。请补填。区域 C3:C5 是合并单元格，只有左上角一格有值，" in told
    )
    assert "请取消合并并逐行填写。请改正后重试；" in told
    assert "I6:I7" not in told
    assert "Cells C3:C5 are merged" in error.message_en


def test_merged_cells_elsewhere_are_no_cause(tmp_path: Path) -> None:
    """A merged cell that left nothing missing stays a warning in the list."""
    path = merged_book(tmp_path, base(), (3, 14, 5, 14))
    assert read_register(path, RULES).findings["rule"].tolist() == ["merged_cells"]
    # its first row has the value, and the rows around it are not in it
    for row in (2, 3, 6):
        path = merged_book(tmp_path, put(row, 乡镇=""), (3, 14, 5, 14))
        error = stopped(path, RULES)
        only(error.findings, "unit_missing", row)
        assert "合并" not in error.message_zh


# --- tables of the user -------------------------------------------------------------


def test_every_rule_has_both_languages() -> None:
    """Each rule of the shipped table speaks Chinese and English and has a severity."""
    for rule, words in wordings().items():
        assert re.fullmatch(r"[a-z0-9_]+", rule)
        assert words.severity in ("error", "warning")
        assert re.search("[\u4e00-\u9fff]", words.message_zh), rule
        assert not re.search("[\u4e00-\u9fff，。：]", words.message_en), rule
        asked = [set(re.findall(r"\{(\w+)", one)) for one in words[1:]]
        shared = [
            {one.removesuffix("_zh").removesuffix("_en") for one in a} for a in asked
        ]
        assert shared[0] >= shared[1] - {"column", "listed"}, rule


def test_check_without_scenario(tmp_path: Path) -> None:
    """Without a scenario the check leaves out what needs one, and says so."""
    frame = put(3, 行业="3443;70").drop(columns="纳统状态")
    told = read_findings(write(frame, tmp_path))
    assert set(told["rule"]) == {"needs_scenario", "industry_several"}
    assert "坐标系 (coordinates)" in told.loc[0, "value"]
    shutil.rmtree(tmp_path)


def test_a_stray_cell_in_the_last_corner_is_named(tmp_path):
    """One cell at the end of the sheet is said, before it takes all memory."""
    path = tmp_path / "stray.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "企业")
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    found = read_findings(path)
    assert found["rule"].tolist() == ["file_sparse"]
    assert "17,179,869,184" in found.loc[0, "message_zh"]
