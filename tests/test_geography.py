"""Units and their spellings, work areas, and metres that are metres."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridopt.errors import InputError
from gridopt.geography import (
    assume_work_areas,
    distance_m,
    local_plane,
    no_work_areas,
    read_units,
    read_villages,
    read_work_areas,
    to_decimetres,
    units_from_register,
)

UNITS = read_units("yuhuan")
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "yuhuan"


def chord_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Straight line between two places of the WGS-84 ellipsoid, in space."""
    return float(np.linalg.norm(in_space(*a) - in_space(*b)))


def in_space(longitude: float, latitude: float) -> np.ndarray:
    """Place on the ellipsoid as three coordinates in metres."""
    flat = 1 / 298.257223563
    square = flat * (2 - flat)
    lam, phi = np.radians(longitude), np.radians(latitude)
    normal = 6378137 / np.sqrt(1 - square * np.sin(phi) ** 2)
    level = normal * np.cos(phi)
    height = normal * (1 - square) * np.sin(phi)
    return np.array([level * np.cos(lam), level * np.sin(lam), height])


# --- metres -------------------------------------------------------------------------


@given(
    st.floats(121.1, 121.4),
    st.floats(28.0, 28.3),
    st.floats(121.1, 121.4),
    st.floats(28.0, 28.3),
)
def test_local_plane_is_good_to_three_permille(
    x0: float, y0: float, x1: float, y1: float
) -> None:
    """Inside a county the plane's distances are those of the ellipsoid to 0.3 %."""
    plane = local_plane([x0, x1], [y0, y1], centre=(121.25, 28.15))
    true = chord_m((x0, y0), (x1, y1))
    assert np.hypot(*(plane[1] - plane[0])) == pytest.approx(true, rel=3e-3, abs=0.01)
    assert distance_m(x1, y1, x0, y0) == pytest.approx(true, rel=3e-3, abs=0.01)


def test_near_places_are_exact() -> None:
    """A hundred metres at the centre are a hundred metres to a millimetre."""
    plane = local_plane([121.25, 121.251], [28.15, 28.151], centre=(121.25, 28.15))
    true = chord_m((121.25, 28.15), (121.251, 28.151))
    assert np.hypot(*plane[1]) == pytest.approx(true, abs=0.01)


def test_centre_is_rounded_half_up() -> None:
    """The centre is the mean, half up to three decimals, whatever the order."""
    longitude, latitude = np.array([121.0005, 121.0005]), np.array([28.0, 28.001])
    given = local_plane(longitude, latitude)
    np.testing.assert_array_equal(
        given, local_plane(longitude, latitude, centre=(121.001, 28.001))
    )
    np.testing.assert_array_equal(given[::-1], local_plane(longitude, latitude[::-1]))


def test_local_plane_of_none_and_of_nan() -> None:
    """No place gives an empty plane; a place that is no number is refused."""
    assert local_plane([], []).shape == (0, 2)
    with pytest.raises(ValueError, match="finite"):
        local_plane([121.0, np.nan], [28.0, 28.0])


def test_decimetres_are_half_up() -> None:
    """Whole decimetres, half up on both sides of zero."""
    assert to_decimetres([0.05, 0.15, -0.05, -0.06]).tolist() == [1, 2, 0, -1]


# --- units --------------------------------------------------------------------------


def test_shipped_units_are_those_of_the_source() -> None:
    """Thirteen units with the centres, people and islands of their source."""
    if not SHARED.is_dir():
        pytest.skip(f"no shared data at {SHARED}")
    with (SHARED / "units.csv").open(encoding="utf-8-sig") as file:
        source = list(csv.DictReader(file))
    wgs = read_units("yuhuan", "wgs84")
    assert len(UNITS.members) == len(source) == 13
    for row in source[:12]:
        unit = UNITS.get(row["code"])
        assert unit.name == row["name"]
        assert unit.n_villages == int(row["villages"])
        assert unit.longitude == float(row["longitude_gcj02"])
        assert wgs.get(row["code"]).latitude == float(row["latitude_wgs84"])
        assert unit.is_island == (row["is_island"] == "1")
    with (SHARED / "villages.csv").open(encoding="utf-8-sig") as file:
        assert len(read_villages()) == len(list(csv.DictReader(file)))


def test_centres_follow_the_coordinate_system() -> None:
    """GCJ-02 lies some 546 m off WGS-84, BD-09 further; CGCS2000 is WGS-84 here."""
    gcj, wgs, bd = (
        read_units("yuhuan", s).get("331083001") for s in ("gcj02", "wgs84", "bd09")
    )
    off = distance_m(gcj.longitude, gcj.latitude, wgs.longitude, wgs.latitude)
    assert 400 < off < 700
    off = distance_m(bd.longitude, bd.latitude, gcj.longitude, gcj.latitude)
    assert 700 < off < 1100
    assert read_units("yuhuan", "cgcs2000").get("331083001") == wgs
    assert read_units("yuhuan", None).get("331083001").longitude is None


def test_bureau_is_a_department_without_place() -> None:
    """市住建局 is the unit ``zjj``, a department, and no place."""
    bureau = UNITS.department
    assert (bureau.code, bureau.name, bureau.longitude) == ("zjj", "市住建局", None)
    assert len(UNITS.places) == 12
    assert {u.name for u in UNITS.members if u.is_island} == {"鸡山乡", "海山乡"}


@pytest.mark.parametrize(
    ("text", "rule", "code"),
    [
        ("331083001", "", "331083001"),
        ("玉城街道", "", "331083001"),
        ("玉城", "unit_spelling", "331083001"),
        ("玉环市玉城街道", "unit_spelling", "331083001"),
        ("玉环市 玉城街道办事处", "unit_spelling", "331083001"),
        ("浙江省台州市玉环市楚门镇", "unit_spelling", "331083102"),
        ("玉环县楚门镇人民政府", "unit_spelling", "331083102"),
        ("331083001000", "unit_spelling", "331083001"),
        ("开发区", "unit_spelling", "331083400"),
        ("玉环经济开发区管委会", "unit_spelling", "331083400"),
        ("331021102", "unit_old_code", "331083102"),
        ("331083", "unit_whole_county", None),
        ("331021", "unit_whole_county", None),
        ("住建局", "unit_department", "zjj"),
        ("331083999", "unit_unknown", None),
        ("玉", "unit_unknown", None),
        ("", "unit_unknown", None),
    ],
)
def test_spellings_of_units(text: str, rule: str, code: str | None) -> None:
    """Codes and names are exact; other spellings are told apart from wrong ones."""
    match = UNITS.recognise(text)
    assert match.rule == rule
    assert (match.codes[0] if match.codes else None) == code


def test_resolve() -> None:
    """Resolve gives a code where the text is clear, and None where it is not."""
    assert UNITS.resolve("坎门街道") == "331083002"
    assert UNITS.resolve("zjj") == "zjj"
    assert UNITS.resolve("331021102") is None
    assert UNITS.get("nowhere") is None


@given(st.permutations(["COOK", "COOK", "LA SALLE", "LASALLE", "LASALLE", "ST. CLAIR"]))
def test_units_from_register_ignore_order(names: list[str]) -> None:
    """Units of a register without a table do not hang on the order of its rows."""
    units = units_from_register(names)
    assert units.codes == ("COOK", "LASALLE", "ST. CLAIR")
    assert units.resolve("st clair") == "ST. CLAIR"
    assert units.department is None


def test_hyphens_leave_the_codes() -> None:
    """Codes carry no hyphen, because block ids join code and category with one."""
    units = units_from_register(["WINSTON-SALEM"])
    assert units.codes == ("WINSTON_SALEM",)
    assert units.resolve("WINSTON-SALEM") == "WINSTON_SALEM"


def test_own_table_of_units(tmp_path: Path) -> None:
    """An own table may bring plain centres, aliases and nothing else."""
    table = tmp_path / "units.csv"
    table.write_text(
        "code,name,longitude,latitude,aliases\nA,甲镇,121.2,28.1,老甲;旧甲\nB,乙乡,,,\n",
        encoding="utf-8-sig",
    )
    units = read_units(table, "gcj02")
    assert units.get("A").latitude == 28.1
    assert units.get("B").longitude is None
    assert units.resolve("旧甲") == "A"
    assert units.frame["longitude"].isna().tolist() == [False, True]


def test_wrong_table_of_units(tmp_path: Path) -> None:
    """Every fault of a table of units is told at once."""
    table = tmp_path / "units.csv"
    table.write_text(
        "code,name,kind,is_island,longitude,n_villages\n"
        "A-1,甲镇,town,0,121.2,3\nB,甲镇,village,yes,东经,x\nB,,,,,\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_units(table)
    for words in (
        "第 2 行 code“A-1”应为不含空格和连字符的代码",
        "第 3 行 code“B”重复",
        "第 4 行 name“”不能为空",
        "第 3 行 name“甲镇”重复",
        "第 3 行 kind“village”应为",
        "第 3 行 is_island“yes”应为 0 或 1",
        "第 3 行 longitude“东经”应为十进制度",
        "第 3 行 n_villages“x”应为整数",
    ):
        assert words in caught.value.message_zh, words


# --- work areas ---------------------------------------------------------------------


def test_assumed_work_areas() -> None:
    """Each unit has max(1, half-up(villages / 8)) areas of near-equal runs, marked."""
    areas = assume_work_areas(read_villages(), UNITS)
    counts = areas.frame.groupby("unit")["n_villages"].agg(list).to_dict()
    for unit in UNITS.places:
        sizes = counts[unit.code]
        assert len(sizes) == max(1, int(unit.n_villages / 8 + 0.5))
        assert sum(sizes) == unit.n_villages
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[0] - sizes[-1] <= 1
    assert areas.is_assumed
    assert areas.frame["name"].str.endswith("（暂定）").all()
    runs = areas.villages.sort_index()["work_area"]
    assert (runs != runs.shift()).sum() == runs.nunique()
    assert "zjj" not in counts


def test_areas_of_villages() -> None:
    """A village has its area, an unknown one has none."""
    areas = assume_work_areas(read_villages(), UNITS)
    first = read_villages()["code"].iloc[0]
    assert areas.area_of([first, "0", ""]).tolist() == ["331083001-p01", "", ""]
    assert no_work_areas().area_of([first]).tolist() == [""]


def test_given_work_areas(tmp_path: Path) -> None:
    """Given areas replace the assumed ones; villages not named have no area."""
    codes = read_villages()["code"].tolist()
    table = tmp_path / "areas.csv"
    lines = [f"{code},east,东片" for code in codes[:3]]
    table.write_text(
        "village,work_area,work_area_name\n" + "\n".join(lines), encoding="utf-8"
    )
    areas = read_work_areas(table, read_villages(), UNITS)
    assert areas.frame.loc["east", ["unit", "name"]].tolist() == ["331083001", "东片"]
    assert not areas.is_assumed
    assert areas.area_of(codes[2:4]).tolist() == ["east", ""]


def test_wrong_work_areas(tmp_path: Path) -> None:
    """Doubled and unknown villages and areas in two units are told at once."""
    codes = read_villages()["code"].tolist()
    table = tmp_path / "areas.csv"
    rows = [
        *(f"{codes[0]},east,东片", f"{codes[0]},east,东片"),
        *(f"{codes[-1]},east,西片", "999,west,西片"),
    ]
    table.write_text(
        "village,work_area,work_area_name\n" + "\n".join(rows), encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        read_work_areas(table, read_villages(), UNITS)
    told = caught.value.message_zh
    assert f"第 3 行 village“{codes[0]}”为空或重复" in told
    assert "第 5 行村社区“999”不认识" in told
    assert "工作管理片 east 的 unit 应只有一个" in told
    assert "工作管理片 east 的 work_area_name 应只有一个：东片, 西片" in told
