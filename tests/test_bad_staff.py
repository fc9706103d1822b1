"""What must hold of bad staff tables: every error listed at once, nothing guessed."""

from __future__ import annotations

import pytest
import xlsxwriter

from gridopt.classification import read_classification
from gridopt.errors import InputError
from gridopt.findings import COLUMNS
from gridopt.geography import read_units
from gridopt.staff import read_staff

HEADER = "unit,person_id,name,role,specialities,max_grids"
GOOD = "玉城街道,P01,甲,网格长,,3"
UNITS = read_units("yuhuan")
TABLE = read_classification("gbt4754")


def read(path, *lines: str, header: str = HEADER):
    """Write these lines below the header and read them."""
    file = path / "staff.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_staff(file, UNITS, TABLE)


def refuse(path, *lines: str, header: str = HEADER) -> InputError:
    """Read a table that must be refused and return the error."""
    with pytest.raises(InputError) as caught:
        read(path, *lines, header=header)
    return caught.value


def test_good_table_is_keyed_and_sorted(tmp_path):
    """People are sorted by id; units, roles, specialities and limits are read."""
    staff = read(
        tmp_path,
        "市统计局,Q2,己,网格指导员,工业；services、房地产,",
        GOOD,
        "331083001,P00,甲,head,,",
        "玉城街道,P01,甲,网格指导员,建筑,0",
    )
    people = staff.people
    assert people["person_id"].tolist() == ["P00", "P01", "P01", "Q2"]
    assert people["unit"].tolist() == ["331083001"] * 3 + ["tjj"]
    assert people["role"].tolist() == ["head", "head", "instructor", "instructor"]
    assert people["specialities"].iloc[3] == ("industry", "services", "real_estate")
    assert people["specialities"].iloc[2] == ("construction",)
    assert people["max_grids"].isna().tolist() == [True, False, False, True]
    assert people["max_grids"].iloc[1:3].tolist() == [3, 0]
    assert staff.n_people("331083001") == 2
    assert staff.findings.empty


def test_xlsx_chinese_headers_and_numbers(tmp_path):
    """An xlsx with Chinese headers reads alike; whole numbers lose their .0."""
    file = tmp_path / "人员.xlsx"
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    heads = ["所在单位", "人员编号", "姓名", "职务", "专业", "负责网格上限", "备注"]
    sheet.write_row(0, 0, heads)
    sheet.write_row(1, 0, ["楚门镇", 7, "甲", "网格长", "", 4, "兼职"])
    book.close()
    people = read_staff(file, UNITS, TABLE).people
    assert people["person_id"].tolist() == ["7"]
    assert people["max_grids"].tolist() == [4]


def test_gb18030_is_read(tmp_path):
    """A table saved by an older spreadsheet is read as it was meant."""
    file = tmp_path / "staff.csv"
    file.write_bytes(f"{HEADER}\r\n{GOOD}\r\n".encode("gb18030"))
    assert read_staff(file, UNITS, TABLE).people["name"].tolist() == ["甲"]


BAD = {
    "unknown_unit": (
        "玉成街道,P1,甲,网格长,,",
        "单位“玉成街道”不在单位表中，是否为“玉城街道”",
    ),
    "missing_value": (",P1,甲,网格长,,", "未填单位（unit）"),
    "no_id": ("玉城街道,,甲,网格长,,", "未填人员编号（person_id）"),
    "no_name": ("玉城街道,P1,,网格长,,", "未填姓名（name）"),
    "no_role": ("玉城街道,P1,甲,,,", "未填职务（role）"),
    "unknown_role": (
        "玉城街道,P1,甲,副网格长,,",
        "职务“副网格长”无法识别，应为网格长、网格指导员",
    ),
    "unknown_speciality": (
        "市统计局,P1,甲,网格指导员,工业;贸意,",
        "专业“贸意”不在行业类别表中",
    ),
    "negative_limit": (
        "玉城街道,P1,甲,网格长,,-1",
        "负责网格上限“-1”不是0至999999的整数",
    ),
    "broken_limit": ("玉城街道,P1,甲,网格长,,2.5", "负责网格上限“2.5”不是"),
    "worded_limit": ("玉城街道,P1,甲,网格长,,不限", "不设上限请空着"),
    "head_of_bureau": ("市统计局,P1,甲,网格长,,", "网格长甲的单位为“市统计局”"),
    "no_speciality": ("市统计局,P1,甲,网格指导员,,", "网格指导员甲未填专业"),
    "lost_digits": (
        "玉城街道,3.31E+17,甲,网格长,,",
        "“3.31E+17”存成了数字，位数已丢失",
    ),
    "ragged_row": ("玉城街道,P1,甲,网格长,,3,多余", "多出“多余”"),
    "other_name": (
        "玉城街道,P01,乙,网格指导员,工业,",
        "“P01”的姓名为“乙”，第2行为“甲”；同一编号须为同一人",
    ),
    "other_unit": ("楚门镇,P01,甲,网格指导员,工业,", "“P01”的单位为“331083102”"),
    "other_limit": (
        "玉城街道,P01,甲,网格长,,4",
        "“P01”的负责网格上限为“4”，第2行为“3”",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_line_is_named_with_row_value_and_remedy(tmp_path, kind):
    """One bad line: the message gives the count, the row and the value."""
    line, words = BAD[kind]
    error = refuse(tmp_path, GOOD, line)
    assert words in error.message_zh
    assert "人员表“staff.csv”共2行" in error.message_zh
    assert "第3行" in error.message_zh
    assert "row 3" in error.message_en
    found = error.findings[error.findings["severity"] == "error"]
    assert list(found.columns) == list(COLUMNS)
    assert found["row"].tolist() == [3]


def test_all_errors_come_at_once(tmp_path):
    """Five bad lines are five findings; the message shows three and counts the rest."""
    lines = [f"玉城街道,P{i},甲{i},网格长,,x{i}" for i in range(5)]
    error = refuse(tmp_path, GOOD, *lines)
    assert len(error.findings) == 5
    assert error.findings["value"].tolist() == ["x0", "x1", "x2", "x3", "x4"]
    assert "有5处错误，涉及5行" in error.message_zh
    assert "第3行（P0）：负责网格上限“x0”" in error.message_zh
    assert "其余2处见问题清单" in error.message_zh
    assert "“x3”" not in error.message_zh


def test_missing_columns_are_all_named(tmp_path):
    """Every missing column is named together with those there are."""
    error = refuse(tmp_path, "玉城街道,甲", header="unit,name")
    assert error.findings["column"].tolist() == [
        "person_id",
        "role",
        "specialities",
        "max_grids",
    ]
    assert "缺少列“人员编号”（person_id），现有列为：unit、name。" in error.message_zh


def test_two_headers_for_one_column(tmp_path):
    """Two headers that claim one column are an error."""
    error = refuse(tmp_path, GOOD + ",王", header=HEADER + ",姓名")
    assert "“name、姓名”都对应列 name" in error.message_zh


def test_table_without_people(tmp_path):
    """A header alone is an error, not an empty office."""
    assert "表头以下没有人员" in refuse(tmp_path).message_zh


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("staff.csv", b"", "是空的"),
        ("staff.pdf", b"%PDF", "只能读取 CSV 和 xlsx"),
        ("staff.xlsx", b"PK\x03\x04broken", "已损坏"),
        ("staff.csv", "单位\n".encode("utf-16"), "UTF-16"),
        ("staff.csv", f'{HEADER}\n"玉城"街道,P1\n'.encode(), "引号不成对"),
    ],
)
def test_unreadable_files_say_what_to_do(tmp_path, name, content, words):
    """A file that gives no table ends in a message with the file's name."""
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_staff(file, UNITS, TABLE)
    assert caught.value.message_zh.startswith("人员表无法读取：")
    assert words in caught.value.message_zh
    assert len(caught.value.findings) == 1


def test_missing_file(tmp_path):
    """A path that leads nowhere is said with its name."""
    with pytest.raises(InputError, match="找不到文件“nobody.csv”"):
        read_staff(tmp_path / "nobody.csv", UNITS, TABLE)


def test_repeated_line_is_a_warning_and_counts_once(tmp_path):
    """The same line twice is kept once, with a warning that names both rows."""
    staff = read(tmp_path, GOOD, GOOD)
    assert len(staff.people) == 1
    assert staff.findings["severity"].tolist() == ["warning"]
    assert "与第2行相同，只计一次" in staff.findings["message_zh"].iloc[0]


def test_one_name_in_two_posts_is_two_people(tmp_path):
    """People are keyed by id: the same name under two ids stays two people."""
    staff = read(tmp_path, GOOD, "玉城街道,P02,甲,网格长,,")
    assert staff.n_people("331083001") == 2
