"""What the tables of categories say, and that a wrong table is told off wholly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridopt.classification import read_classification
from gridopt.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

GBT = read_classification("gbt4754")
SUBSECTOR = read_classification("naics-subsector")
FIVE = read_classification("naics-five")

# the table of the specification, division by division
SPANS_2017 = {
    "industry": [(6, 46)],
    "construction": [(47, 50)],
    "trade": [(51, 52), (61, 62)],
    "services": [(53, 60), (63, 65), (71, 90)],
    "": [(1, 5), (66, 69), (91, 97)],
}
SPANS_2011 = {
    **SPANS_2017,
    "services": [(53, 60), (63, 65), (71, 89)],
    "": [(1, 5), (66, 69), (90, 96)],
}
SECTIONS_2017 = {
    **{"A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50)},
    **{"F": (51, 52), "G": (53, 60), "H": (61, 62), "I": (63, 65), "J": (66, 69)},
    **{"K": (70, 70), "L": (71, 72), "M": (73, 75), "N": (76, 79), "O": (80, 82)},
    **{"P": (83, 83), "Q": (84, 85), "R": (86, 90), "S": (91, 96), "T": (97, 97)},
}


def one(table: object, code: str, edition: str = "") -> tuple[str, str]:
    """Look up one code: its category and its problem."""
    keys, problems = table.category_of([code], edition)
    return keys[0], problems[0]


@pytest.mark.parametrize(
    ("edition", "spans"), [("2017", SPANS_2017), ("2011", SPANS_2011)]
)
def test_every_division(edition: str, spans: dict) -> None:
    """Every division of both editions has the category of the specification."""
    wanted = {
        n: key for key, all_ in spans.items() for a, b in all_ for n in range(a, b + 1)
    }
    for division in range(1, 100):
        key, problem = one(GBT, f"{division:02d}", edition)
        if division == 70:
            assert (key, problem) == ("", "industry_too_short")
        elif division in wanted:
            assert key == wanted[division], division
            assert problem == ("" if key else "no_category")
        else:
            assert problem == "industry_unknown"


def test_sections_of_both_editions() -> None:
    """Letters go with their divisions; from O on those of 2011 are one lower."""
    for section, (first, last) in SECTIONS_2017.items():
        for division in range(first, last + 1):
            assert GBT.section_of(f"{division:02d}", "2017") == section
            if section >= "O":
                assert GBT.section_of(f"{division - 1:02d}", "2011") == section
            elif division != 79:
                assert GBT.section_of(f"{division:02d}", "2011") == section


@pytest.mark.parametrize("edition", ["2011", "2017"])
def test_real_estate_splits(edition: str) -> None:
    """7010 is real estate, its siblings are services, 70 and K ask for four digits."""
    assert one(GBT, "K7010", edition) == ("real_estate", "")
    for code in ("7020", "7030", "7040", "7090", "702", "K709"):
        assert one(GBT, code, edition) == ("services", "")
    for code in ("70", "K70", "K", "k"):
        assert one(GBT, code, edition) == ("", "industry_too_short")
    assert GBT.choices_below("K", edition) == (("real_estate", "services"), 4)


def test_edition_decides() -> None:
    """82 is education in 2011 and other services in 2017; 90 leaves the categories."""
    assert GBT.section_of("82", "2011") == "P"
    assert GBT.section_of("82", "2017") == "O"
    assert one(GBT, "90", "2017") == ("services", "")
    assert one(GBT, "90", "2011") == ("", "no_category")
    assert one(GBT, "34", "") == ("", "edition_missing")
    assert one(GBT, "34", "1994") == ("", "edition_unknown")


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("", "industry_missing"),
        ("34,35", "industry_several"),
        ("C3443/C3444", "industry_several"),
        ("3443 3444", "industry_several"),
        ("3443，3444；35", "industry_several"),
        ("34433", "industry_malformed"),
        ("CC34", "industry_malformed"),
        ("34-43", "industry_malformed"),
        ("３４", "industry_malformed"),
        ("G34", "industry_letter"),
        ("3", "industry_lost_zero"),
        ("C3", "industry_unknown"),
        ("Z", "industry_unknown"),
        ("0", "industry_unknown"),
        ("C", "industry_letter_only"),
        ("S", "no_category"),
    ],
)
def test_problems(code: str, problem: str) -> None:
    """Each kind of wrong code has a rule of its own."""
    assert one(GBT, code, "2017")[1] == problem


def test_longest_prefix_wins(tmp_path: Path) -> None:
    """A four-digit row of an own table beats the division above it."""
    table = tmp_path / "own.csv"
    table.write_text(
        "prefix,category,category_zh\n34,industry,工业\n3443,valves,阀门\n",
        encoding="utf-8",
    )
    own = read_classification(table)
    keys, _ = own.category_of(["3442", "3443", "34"])
    assert keys.tolist() == ["industry", "valves", "industry"]
    assert own.editions == ()
    assert own.name == "own"


def test_categories_and_relations() -> None:
    """Names, owner and relations are those of policy and specification."""
    assert [(c.key, c.name_zh) for c in GBT.categories if c.is_bureau] == [
        ("construction", "建筑业"),
        ("real_estate", "房地产"),
    ]
    related = {
        frozenset((a.key, b.key))
        for a in GBT.categories
        for b in GBT.categories
        if a != b and GBT.are_related(a.key, b.key)
    }
    assert related == {
        frozenset(("trade", "services")),
        frozenset(("construction", "real_estate")),
    }
    assert GBT.name_zh("trade") == "贸易"
    assert GBT.name_en("nobody") == "nobody"
    assert not GBT.are_related("industry", "nobody")


def test_naics_tables() -> None:
    """Subsectors are categories, related inside a sector; the five are P4's."""
    assert len(SUBSECTOR.categories) == 107
    assert one(SUBSECTOR, "325199") == ("325", "")
    assert one(SUBSECTOR, "32") == ("", "industry_too_short")
    assert SUBSECTOR.are_related("311", "339")
    assert SUBSECTOR.are_related("441", "459")
    assert SUBSECTOR.are_related("481", "493")
    assert not SUBSECTOR.are_related("423", "441")
    assert not any(category.is_bureau for category in SUBSECTOR.categories)
    wanted = {
        **{"21": "industry", "221": "industry", "339999": "industry"},
        **{"236": "construction", "42": "trade", "45": "trade", "722511": "trade"},
        **{"531210": "real_estate", "532": "services", "49": "services"},
        **{"813": "services", "11": "", "522110": "", "928110": ""},
    }
    for code, key in wanted.items():
        assert one(FIVE, code)[0] == key, code
    assert one(FIVE, "53")[1] == "industry_too_short"
    assert not FIVE.may_lack_zero("311")


def test_wrong_table_says_all(tmp_path: Path) -> None:
    """An own table with many faults is refused with every one of them at once."""
    table = tmp_path / "own.csv"
    table.write_text(
        "prefix,category,category_zh,is_bureau\n"
        "34,industry,工业,0\n34,trade,,2\nx,industry,制造,0\n35,a b,甲,0\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_classification(table)
    told = caught.value.message_zh
    for words in (
        "表“own.csv”有",
        "第 2 行 prefix“34”在同一版本中重复",
        "第 3 行 prefix“34”在同一版本中重复",
        "第 3 行 is_bureau“2”应为 0 或 1",
        "第 4 行 prefix“x”应为数字",
        "第 5 行 category“a b”只能用",
        "类别 trade 没有名称",
        "类别 industry 的 category_zh 不一致：制造, 工业",
    ):
        assert words in told, words


def test_wrong_columns_of_a_table(tmp_path: Path) -> None:
    """Missing, unknown and doubled columns are named together."""
    table = tmp_path / "own.csv"
    table.write_text("prefix,kategorie,prefix\n34,x,34\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_classification(table)
    told = caught.value.message_zh
    assert "缺少列 category" in told
    assert "不认识的列“kategorie”" in told
    assert "列 prefix 重复" in told


@pytest.mark.parametrize("content", [b"", b"prefix,category\n", b"\xff\xff\x80\n"])
def test_empty_and_undecodable_tables(content: bytes, tmp_path: Path) -> None:
    """An empty or undecodable table is refused without a traceback."""
    table = tmp_path / "own.csv"
    table.write_bytes(content)
    with pytest.raises(InputError, match=r"own\.csv"):
        read_classification(table)
    with pytest.raises(InputError, match=r"无法读取表“nowhere\.csv”"):
        read_classification(tmp_path / "nowhere.csv")


def test_table_in_gb18030(tmp_path: Path) -> None:
    """An own table saved by a Chinese spreadsheet is read."""
    table = tmp_path / "own.csv"
    text = "prefix,category,category_zh\n34,industry,工业\n"
    table.write_bytes(text.encode("gb18030"))
    assert read_classification(table).name_zh("industry") == "工业"


@given(st.lists(st.text("0123456789CFK,x ", max_size=6), max_size=20))
def test_any_text_has_an_answer(codes: list[str]) -> None:
    """Whatever a cell holds: a category, or a problem, or both only for a letter."""
    keys, problems = GBT.category_of(np.array(codes, dtype=object), "2017")
    for key, problem in zip(keys, problems, strict=True):
        assert (key != "") == (problem in ("", "industry_letter_only"))
