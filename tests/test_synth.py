"""What the synthetic registers must look like, and that they are always the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from stdnum.cn import uscc

from gridopt.chance import draw
from gridopt.errors import InputError
from gridopt.lookup import shipped
from gridopt.register import RegisterRules, read_register
from gridopt.synth import age_register, make_register, write_synthetic

if TYPE_CHECKING:
    import pandas as pd

DATA = Path(__file__).parents[1] / "data"
ISLANDS = ["鸡山乡", "海山乡"]


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    """The shipped register, made anew."""
    return make_register(2100, seed=2025)


@pytest.fixture(scope="module")
def aged(register: pd.DataFrame) -> pd.DataFrame:
    """The shipped register one year on, next to what it was (``_old``)."""
    return register.merge(
        age_register(register, seed=2026),
        on="统一社会信用代码",
        how="outer",
        suffixes=("_old", ""),
        indicator=True,
    )


def find_category(codes: pd.Series) -> pd.Series:
    """Look the category up in the generator's own table."""
    table = shipped("synthetic-industries")
    return codes.map(table.set_index("code")["category"])


def check_organisation(code: str) -> str:
    """Compute the ninth character of an organisation code as GB 11714 says."""
    total = sum(
        int(letter, 36) * weight
        for letter, weight in zip(code, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def test_credit_codes_are_valid_unique_and_of_yuhuan(register: pd.DataFrame) -> None:
    """Every id passes both check characters and carries a county code of Yuhuan."""
    ids = register["统一社会信用代码"]
    assert ids.is_unique
    assert all(uscc.is_valid(code) for code in ids)
    assert all(check_organisation(code[8:16]) == code[16] for code in ids)
    places = ids.str[2:8].value_counts(normalize=True)
    assert set(places.index) == {"331083", "331021"}
    assert 0.3 < places["331021"] < 0.5


def test_categories_have_the_shares_of_a_real_county(register: pd.DataFrame) -> None:
    """Industry 65, trade 17, services 9, construction 5, real estate 4 in a hundred."""
    shares = find_category(register["行业代码"]).value_counts(normalize=True)
    wanted = {
        "industry": 0.65,
        "trade": 0.17,
        "services": 0.09,
        "construction": 0.05,
        "real_estate": 0.04,
    }
    assert shares.to_dict() == pytest.approx(wanted, abs=0.01)


def test_the_leading_divisions_lead(register: pd.DataFrame) -> None:
    """Divisions 33 to 36 and 40 hold most of industry; each of them is present."""
    industry = register[find_category(register["行业代码"]) == "industry"]
    shares = industry["行业代码"].str[:2].value_counts(normalize=True)
    leaders = shares[["33", "34", "35", "36", "40"]]
    assert leaders.sum() > 0.65
    assert leaders.min() > 0.04


def test_category_of_every_code_is_the_classification_s() -> None:
    """The generator's categories are those of the shipped GB/T 4754-2017 table."""
    rules = shipped("gbt4754").query("edition == '2017'")
    category_of = dict(zip(rules["prefix"], rules["category"], strict=True))
    table = shipped("synthetic-industries")
    for code, category in zip(table["code"], table["category"], strict=True):
        prefixes = (code[:length] for length in range(len(code), 1, -1))
        assert category_of[next(p for p in prefixes if p in category_of)] == category


def test_units_have_their_sizes(register: pd.DataFrame) -> None:
    """All twelve units occur; islands hold 3 to 8 enterprises, the zone 30 to 60."""
    sizes = register["乡镇街道"].value_counts()
    assert len(sizes) == 12
    assert sizes[ISLANDS].between(3, 8).all()
    assert 30 <= sizes["玉环经济开发区"] <= 60
    assert sizes.idxmax() == "玉城街道"


def test_groomed_firms_are_a_tenth_of_industry(register: pd.DataFrame) -> None:
    """10 to 15 % of industry is groomed (小升规), and nothing outside industry."""
    is_groomed = register["纳统状态"] == "小升规"
    is_industry = find_category(register["行业代码"]) == "industry"
    assert not (is_groomed & ~is_industry).any()
    assert 0.10 <= is_groomed[is_industry].mean() <= 0.15


def test_every_firm_has_a_statistician_and_some_share_one(
    register: pd.DataFrame,
) -> None:
    """Some 3 % of the statisticians serve two or three enterprises, of one unit."""
    served = register.groupby("统计员编号").size()
    assert register["统计员编号"].str.fullmatch(r"tjy-\d{5}").all()
    assert served.max() == 3
    assert 0.02 < (served > 1).mean() < 0.04
    assert (register.groupby("统计员编号")["乡镇街道"].nunique() == 1).mean() > 0.99


def test_an_appraisal_belongs_to_the_person(register: pd.DataFrame) -> None:
    """Star and score are one per person, known for most, and agree with each other."""
    people = register.groupby("统计员编号")[["上年星级", "上年得分"]]
    assert (people.nunique(dropna=False) == 1).all(axis=None)
    assert 0.8 < register["上年星级"].notna().mean() < 0.95
    known = register.dropna(subset="上年星级")
    assert known.groupby("上年星级")["上年得分"].min().is_monotonic_increasing
    assert set(known["上年星级"]) == {0, 1, 2, 3}


def test_some_enterprises_share_a_building(register: pd.DataFrame) -> None:
    """A quarter or more of all enterprises share their exact point with another."""
    sharing = register.groupby(["经度", "纬度"]).size()
    assert sharing[sharing > 1].sum() / len(register) > 0.2
    assert sharing.max() < 30


def test_places_belong_together(register: pd.DataFrame) -> None:
    """The village lies in the unit, and the point within 10 km of the unit's centre."""
    units = shipped("units-yuhuan").set_index("name")
    unit = units.loc[register["乡镇街道"]]
    assert (register["村(社区)代码"].str[:9].to_numpy() == unit["code"]).all()
    x_km = (register["经度"].to_numpy() - unit["longitude_gcj02"].astype(float)) * 98
    y_km = (register["纬度"].to_numpy() - unit["latitude_gcj02"].astype(float)) * 111
    assert np.hypot(x_km, y_km).max() < 10


def test_nothing_passes_for_a_real_register(register: pd.DataFrame) -> None:
    """Every row says that it is synthetic, in a column and in the name."""
    assert (register["数据说明"] == "合成数据").all()
    assert register["单位详细名称"].str.endswith("（合成）").all()
    assert register["单位详细名称"].is_unique


@pytest.mark.parametrize("year", [2025, 2026])
def test_shipped_files_are_what_the_command_makes(year: int, tmp_path: Path) -> None:
    """The generator writes the shipped snapshots again, byte for byte."""
    name = f"yuhuan-synthetic-{year}.csv"
    after = DATA / "yuhuan-synthetic-2025.csv" if year == 2026 else None
    made = write_synthetic(2100, year, tmp_path / name, after=after)
    assert made.read_bytes() == (DATA / name).read_bytes()


def test_draws_do_not_depend_on_each_other() -> None:
    """A draw hangs on seed, purpose and key alone, and the draws fill [0, 1) evenly."""
    all_of_them = draw(7, "moves", np.arange(10_000))
    assert draw(7, "moves", [123, 45]).tolist() == all_of_them[[123, 45]].tolist()
    assert (draw(8, "moves", np.arange(10_000)) != all_of_them).all()
    assert (draw(7, "exits", np.arange(10_000)) != all_of_them).all()
    tenths = np.histogram(all_of_them, bins=10, range=(0, 1))[0]
    assert tenths.min() > 900
    assert tenths.max() < 1100


def test_a_year_changes_what_it_should(aged: pd.DataFrame) -> None:
    """6 % enter, 5 % leave, 1.5 % move, 1.3 % change industry; ids and names stay."""
    counts = aged["_merge"].value_counts()
    assert counts.to_dict() == {"both": 1995, "right_only": 126, "left_only": 105}
    both = aged[aged["_merge"] == "both"]
    moved = (both["经度"] != both["经度_old"]) | (both["纬度"] != both["纬度_old"])
    assert moved.sum() == round(0.015 * 2100 + 1e-9)
    assert (both["行业代码"] != both["行业代码_old"]).sum() == round(0.013 * 2100)
    assert (both["单位详细名称"] == both["单位详细名称_old"]).all()
    assert (both["统计员编号"] == both["统计员编号_old"]).all()
    changed_unit = both["乡镇街道"] != both["乡镇街道_old"]
    assert 0 < changed_unit.sum() < moved.sum()


def test_newcomers_reuse_nothing(aged: pd.DataFrame) -> None:
    """A newcomer brings an id, a name and a statistician that were not there before."""
    new = aged[aged["_merge"] == "right_only"]
    old = aged[aged["_merge"] != "right_only"]
    assert all(uscc.is_valid(code) for code in new["统一社会信用代码"])
    assert not new["统计员编号"].isin(old["统计员编号_old"]).any()
    assert not new["单位详细名称"].isin(old["单位详细名称_old"]).any()


def test_ageing_does_not_depend_on_the_rows_order(
    register: pd.DataFrame, tmp_path: Path
) -> None:
    """Ageing a file whose rows were shuffled writes the same bytes."""
    written = [tmp_path / "sorted.csv", tmp_path / "shuffled.csv"]
    register.to_csv(written[0], index=False, encoding="utf-8-sig")
    register.sample(frac=1, random_state=3).to_csv(
        written[1], index=False, encoding="utf-8-sig"
    )
    made = [write_synthetic(0, 5, tmp_path / f"{i}.csv", written[i]) for i in (0, 1)]
    assert made[0].read_bytes() == made[1].read_bytes()


def test_a_prefecture_has_further_counties() -> None:
    """More enterprises than a county holds fill made-up counties of their own codes."""
    register = make_register(13_000, seed=1)
    counties = register["村(社区)代码"].str[:6].unique()
    assert sorted(counties) == ["331083"] + [f"99{n:04d}" for n in range(1, 6)]
    assert register["统一社会信用代码"].is_unique
    assert register["乡镇街道"].nunique() == 72
    assert len(age_register(register, seed=2)) == 13_130


@pytest.mark.parametrize("n", [1, 2, 13, 300])
def test_any_size_can_be_made(n: int) -> None:
    """Even the smallest registers have their number of rows, and age."""
    register = make_register(n, seed=1)
    assert len(register) == n
    assert len(age_register(register, seed=2)) >= n - 1


@pytest.mark.parametrize("n", [0, -3, 20_000_001])
def test_impossible_sizes_are_refused(n: int) -> None:
    """A number of enterprises out of range is named in the message."""
    with pytest.raises(InputError, match=str(n)):
        make_register(n, seed=1)


def test_only_synthetic_registers_age(register: pd.DataFrame) -> None:
    """A register with rows that are not marked is refused with their row numbers."""
    foreign = register.astype({"数据说明": object})
    foreign.loc[[3, 8], "数据说明"] = ""
    with pytest.raises(InputError, match=r"2100 行中有 2 行.*第 5、10 行"):
        age_register(foreign, seed=1)
    with pytest.raises(InputError, match="缺少列乡镇街道"):
        age_register(register.drop(columns="乡镇街道"), seed=1)


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    """An output that is no CSV and an input that is not there are named."""
    with pytest.raises(InputError, match=r"register\.xlsx"):
        write_synthetic(10, 1, tmp_path / "register.xlsx")
    with pytest.raises(InputError, match=r"none\.csv"):
        write_synthetic(10, 1, tmp_path / "out.csv", after=tmp_path / "none.csv")


@pytest.mark.parametrize(("year", "n"), [(2025, 2100), (2026, 2121)])
def test_shipped_registers_read_without_a_finding(year: int, n: int) -> None:
    """Both snapshots are read whole, without error or warning, as synthetic."""
    rules = RegisterRules(coordinates="gcj02", industry_edition="2017")
    register = read_register(DATA / f"yuhuan-synthetic-{year}.csv", rules)
    assert len(register.enterprises) == register.n_read == n
    assert len(register.findings) == 0
    assert register.is_synthetic


def test_larger_registers_read_too(tmp_path: Path) -> None:
    """A prefecture of made-up counties reads with units from the register itself."""
    path = write_synthetic(5000, 3, tmp_path / "prefecture.csv")
    rules = RegisterRules(
        coordinates="gcj02", industry_edition="2017", units={"from_register": True}
    )
    register = read_register(path, rules)
    assert len(register.enterprises) == 5000
    assert register.findings.query("severity == 'error'").empty
