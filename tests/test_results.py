"""The table of results: read as told, every fault at once, nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import gridopt as go
from gridopt.errors import InputError
from gridopt.geography import read_units
from gridopt.partition import list_members
from gridopt.results import Results, read_results
from gridopt.synth.appraisals import make_results

ROOT = Path(__file__).parents[1]

HEADER = "person_id,enterprise_id,unit,score,qualified,since,until"


def read(path, *lines: str, header: str = HEADER, units=None) -> Results:
    """Write these lines below the header and read them."""
    file = path / "results.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_results(file, units)


def refuse(path, *lines: str, header: str = HEADER, units=None) -> InputError:
    """Read a table that must be refused and return the error."""
    with pytest.raises(InputError) as caught:
        read(path, *lines, header=header, units=units)
    return caught.value


def test_scores_are_read_exactly(tmp_path) -> None:
    """A score is the decimal that was written, never the nearest float."""
    lines = [
        f"p{i},e1,a,{text},,," for i, text in enumerate(["0.1", "85", "85.500000"])
    ]
    posts = read(tmp_path, *lines, "p3,e1,a,,1,,").posts
    assert posts["score"].tolist()[:3] == [100_000, 85_000_000, 85_500_000]
    assert posts["score"].isna().tolist() == [False, False, False, True]
    assert posts["passed"].isna().tolist() == [True, True, True, False]


def test_days_and_passes_are_read(tmp_path) -> None:
    """Days are days, empty ones missing; 0, 1 and the words for them are known."""
    units = read_units("yuhuan")
    results = read(
        tmp_path,
        "p2,e2,玉城街道,,合格,2022-07-01,",
        "p1,e1,331083001,60,0,,2022-5-31",
        units=units,
    )
    assert results.has_dates
    posts = results.posts
    assert posts["person_id"].tolist() == ["p1", "p2"]
    assert posts["unit"].tolist() == ["331083001"] * 2
    assert posts["passed"].tolist() == [False, True]
    assert posts["until"].tolist()[0] == pd.Timestamp("2022-05-31")
    assert posts["since"].isna().tolist() == [True, False]


def test_a_table_without_days_or_scores_is_read(tmp_path) -> None:
    """Columns that nobody filled need not be there."""
    header = "person_id,enterprise_id,unit,qualified"
    results = read(tmp_path, "p1,e1,a,1", header=header)
    assert not results.has_dates
    assert results.posts["score"].isna().all()


def test_chinese_headers_are_known(tmp_path) -> None:
    """The table may be headed as an office heads it."""
    header = "人员编号,统一社会信用代码,所在单位,评定得分,是否合格"
    posts = read(tmp_path, "p1,e1,a,90,是", header=header).posts
    assert posts.loc[0, ["person_id", "enterprise_id", "unit"]].tolist() == [
        *("p1", "e1", "a")
    ]


BAD = {
    "a word for a score": ("p1,e1,玉城街道,优秀,,,", "score", "优秀"),
    "a score with its unit": ("p1,e1,玉城街道,85分,,,", "score", "85分"),
    "a negative score": ("p1,e1,玉城街道,-3,,,", "score", "-3"),
    "no number": ("p1,e1,玉城街道,nan,,,", "score", "nan"),
    "seven decimals": ("p1,e1,玉城街道,1.0000001,,,", "score", "1.0000001"),
    "a pass of two": ("p1,e1,玉城街道,,2,,", "qualified", "2"),
    "no such day": ("p1,e1,玉城街道,60,,2022-02-30,", "since", "2022-02-30"),
    "a day in another order": ("p1,e1,玉城街道,60,,,31.12.2022", "until", "31.12.2022"),
    "days turned round": (
        *("p1,e1,玉城街道,60,,2022-07-01,2022-03-01", "until", "2022-03-01"),
    ),
    "nobody": (",e1,玉城街道,60,,,", "person_id", ""),
    "no enterprise": ("p1,,玉城街道,60,,,", "enterprise_id", ""),
    "no unit": ("p1,e1,,60,,,", "unit", ""),
    "an unknown unit": ("p1,e1,玉城街,60,,,", "unit", "玉城街"),
    "an id that lost digits": ("3.30E+17,e1,玉城街道,60,,,", "person_id", "3.30E+17"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_fault_is_told_with_its_place_and_value(tmp_path, case: str) -> None:
    """Row, column and value of a fault stand in the findings."""
    line, column, value = BAD[case]
    error = refuse(tmp_path, "p0,e0,玉城街道,70,,,", line, units=read_units("yuhuan"))
    assert error.findings is not None
    assert len(error.findings) == 1
    finding = error.findings.iloc[0]
    assert (finding["row"], finding["column"], finding["value"]) == (3, column, value)
    assert "第3行" in error.message_zh


def test_all_faults_come_at_once(tmp_path) -> None:
    """Every faulty cell of a table is listed in one error."""
    lines = [line for line, *_ in BAD.values()]
    error = refuse(tmp_path, *lines, units=read_units("yuhuan"))
    assert error.findings is not None
    # the lines share a person and an enterprise, which is a fault of its own
    own = error.findings[error.findings["rule"] != "doubled_post"]
    assert len(own) == len(BAD)


@pytest.mark.parametrize(
    ("one", "two", "is_good"),
    [
        ("p1,e1,a,60,,,2022-03-31", "p1,e1,a,60,,2022-04-01,", True),
        ("p1,e1,a,60,,,2022-04-01", "p1,e1,a,60,,2022-04-01,", False),
        ("p1,e1,a,60,,2022-04-01,", "p1,e1,a,60,,2022-05-01,", False),
        ("p1,e1,a,60,,,", "p1,e1,a,60,,,", False),
        ("p1,e1,a,60,,,", "p1,e2,a,60,,,", True),
    ],
)
def test_one_post_is_one_row(tmp_path, one: str, two: str, is_good: bool) -> None:
    """A person may leave and return, and serve two firms; no day counts twice."""
    if is_good:
        assert len(read(tmp_path, one, two).posts) == 2
        return
    error = refuse(tmp_path, one, two)
    assert "第2行" in error.message_zh
    assert "第3行" in error.message_zh


def test_a_missing_column_is_named(tmp_path) -> None:
    """Without a unit nothing can be settled, and the header is shown."""
    error = refuse(tmp_path, "p1,e1", header="person_id,enterprise_id")
    assert "缺少列“单位”（unit）" in error.message_zh


def test_a_table_of_something_else_is_told_so(tmp_path) -> None:
    """A register, or any table with neither score nor pass, holds no results."""
    header = "person_id,enterprise_id,unit"
    error = refuse(tmp_path, "p1,e1,a", "p2,e2,a", header=header)
    assert "选错了文件" in error.message_zh
    assert error.findings is not None
    assert len(error.findings) == 1


def test_a_workbook_is_read(tmp_path) -> None:
    """An xlsx with day cells and number cells reads as its CSV does."""
    import xlsxwriter

    file = tmp_path / "results.xlsx"
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, HEADER.split(","))
    sheet.write_row(1, 0, ["p1", "e1", "a", 85.5, 1])
    sheet.write_datetime(1, 5, pd.Timestamp("2022-07-01"), day)
    book.close()
    posts = read_results(file).posts
    assert posts["score"].tolist() == [85_500_000]
    assert posts["since"].tolist() == [pd.Timestamp("2022-07-01")]


def test_the_shipped_results_come_out_of_the_shipped_register() -> None:
    """The sample is what `make_results` gives, byte for byte, and it settles."""
    scenario = go.read_scenario(ROOT / "scenarios" / "yuhuan-2022.yaml")
    register = go.read_register(scenario.register.file, scenario.register)
    plan = go.make_grids(register, scenario.grids).enterprises
    posts = list_members(register, plan, is_once=False)
    names = {unit.code: unit.name for unit in register.units.members}
    posts = posts.assign(unit=posts["unit"].map(names))
    made = make_results(posts[["person_id", "enterprise_id", "unit"]], 2025, seed=2025)
    text = made.to_csv(index=False, lineterminator="\n")
    path = ROOT / "data" / "yuhuan-synthetic-results-2025.csv"
    assert path.read_bytes() == text.encode("utf-8-sig")
    results = read_results(path, register.units)
    budget = go.budget_results(results, scenario.money, year=2025)
    assert budget.settlement is not None
    assert budget.settlement.stars["star"].isin([0, 1, 2, 3]).all()


def test_made_up_results_hang_on_nobody_else() -> None:
    """Leaving some people out changes nobody else's score or days."""
    posts = pd.DataFrame(
        {
            "person_id": [f"p{i}" for i in range(40)],
            "enterprise_id": [f"e{i}" for i in range(40)],
            "unit": ["a", "b"] * 20,
        }
    )
    every, some = make_results(posts, 2025, seed=1), make_results(posts[5:], 2025, 1)
    kept = every[every["person_id"].isin(some["person_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, some)
    other = make_results(posts, 2025, seed=2)
    assert (other["score"] != every["score"]).any()
