"""What must hold of the roster: the tree, its posts, and what is lacking."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gridopt.classification import read_classification
from gridopt.geography import (
    assume_work_areas,
    no_work_areas,
    read_units,
    read_villages,
    units_from_register,
)
from gridopt.grids import make_grids
from gridopt.officials import list_units, read_offices, root_of
from gridopt.partition import EXCEPTION_COLUMNS
from gridopt.problem import GridRules
from gridopt.roster import RoleRules, assign_roles
from gridopt.sample import read_sample

COLUMNS = [
    "grid_id",
    "level",
    "role",
    "person_id",
    "name",
    "unit",
    "parent_grid_id",
    "enterprise_id",
    "is_vacant",
    "post",
    "change",
    "change_reason",
    "previous_person_id",
]
YUCHENG, KANMEN, ISLE, ZONE = "331083001", "331083002", "331083201", "331083400"
GRIDS = {
    f"{YUCHENG}-industry-01": (4, f"{YUCHENG}002"),
    f"{YUCHENG}-industry-02": (4, f"{YUCHENG}003"),
    f"{YUCHENG}-trade-01": (3, ""),
    f"{KANMEN}-industry-01": (3, f"{YUCHENG}002"),
    f"{ISLE}-trade-01": (2, ""),
    "zjj-construction-01": (3, f"{KANMEN}001"),
}
"""Grid, its size, and the village of its medoid."""


def make_partition(**changes: object) -> SimpleNamespace:
    """Make a small plan by hand; `changes` replace parts of the register."""
    units = read_units("yuhuan")
    areas = assume_work_areas(read_villages(), units)
    rows, grids = [], {}
    for grid_id, (size, village) in GRIDS.items():
        unit, category, _ = grid_id.rsplit("-", 2)
        first = len(rows) + 1
        for k in range(first, first + size):
            rows.append((f"E{k:03d}", grid_id, unit, category, k == first, village))
        grids[grid_id] = {
            "block_id": f"{unit}-{category}",
            "unit": unit,
            "category": category,
            "size": size,
            "medoid_id": f"E{first:03d}",
            "grid_name": f"{units.get(unit).name}{category}第1网格",
        }
    names = ["enterprise_id", "grid_id", "unit", "category", "is_medoid", "village"]
    plan = pd.DataFrame(rows, columns=names).set_index("enterprise_id")
    plan["block_id"] = plan["grid_id"].str.rpartition("-")[0]
    n = len(plan)
    firms = pd.DataFrame(
        {
            "unit": plan["unit"].replace("zjj", KANMEN),
            "work_area": areas.area_of(plan["village"]),
            "longitude": 121.2 + 0.01 * np.arange(n) % 0.07,
            "latitude": 28.1 + 0.003 * np.arange(n),
            "status": "above_scale",
            "statistician_id": [f"T{i:02d}" for i in range(n)],
            "statistician_name": [f"某{i}" for i in range(n)],
            "last_star": np.nan,
            "last_score": np.nan,
        },
        index=plan.index,
    )
    register = {
        "enterprises": firms,
        "units": units,
        "classification": read_classification("gbt4754"),
        "work_areas": areas,
        **changes,
    }
    return SimpleNamespace(
        register=SimpleNamespace(**register),
        rules=GridRules(),
        enterprises=plan.drop(columns="village"),
        grids=pd.DataFrame.from_dict(grids, orient="index").rename_axis("grid_id"),
    )


def write_staff(path, *lines: str):
    """Write a staff table of these lines and return the rules that name it."""
    header = "unit,person_id,name,role,specialities,max_grids"
    file = path / "staff.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return RoleRules(staff=str(file))


HEADS = (
    "玉城街道,P01,甲,网格长,,",
    "玉城街道,P02,乙,网格长,,",
    "坎门街道,P03,丙,网格长,,",
    "鸡山乡,P04,丁,网格长,,1",
    "市住建局,P05,戊,网格长,,",
)
INSTRUCTORS = (
    "玉城街道,Q01,己,网格指导员,工业,",
    "市统计局,Q02,庚,网格指导员,工业;贸易、建筑业,",
)


def four(roster, role: str) -> pd.DataFrame:
    """Select the posts of one role of the enterprise grids, by grid."""
    posts = roster.posts
    return posts[(posts["level"] == 4) & (posts["role"] == role)].set_index("grid_id")


def test_tree_is_whole_and_ragged_at_the_bureau():
    """Every parent exists one level up; the bureau's grids hang under it directly."""
    posts = assign_roles(make_partition()).posts
    assert list(posts.columns) == COLUMNS
    level = posts.drop_duplicates("grid_id").set_index("grid_id")["level"]
    parent = posts.drop_duplicates("grid_id").set_index("grid_id")["parent_grid_id"]
    assert posts.groupby("grid_id")["parent_grid_id"].nunique().eq(1).all()
    assert set(level) == {1, 2, 3, 4}
    assert parent[parent == ""].index.tolist() == ["331083"]
    below = parent.drop("331083")
    gaps = level[below.index].to_numpy() - level[below].to_numpy()
    assert set(gaps[level[below.index] < 4]) == {1}
    assert parent["zjj-construction-01"] == "zjj"
    assert parent["zjj"] == "331083"
    assert not posts.loc[posts["level"] == 3, "unit"].eq("zjj").any()
    assert (level == 2).sum() == 13
    assert posts["grid_id"].is_monotonic_increasing


def test_grids_hang_under_the_work_area_of_their_medoid():
    """Parent is the medoid's work area, the unit where that is unknown or another's."""
    partition = make_partition()
    parent = four(assign_roles(partition), "head")["parent_grid_id"]
    area = partition.register.work_areas.villages["work_area"]
    assert parent[f"{YUCHENG}-industry-01"] == area[f"{YUCHENG}002"]
    assert parent[f"{YUCHENG}-industry-01"].startswith(f"{YUCHENG}-p")
    assert parent[f"{YUCHENG}-trade-01"] == YUCHENG
    assert parent[f"{KANMEN}-industry-01"] == KANMEN


def test_officials_are_offices_in_the_words_of_the_document():
    """Levels 1 to 3 name offices, no person, and none of them is vacant."""
    posts = assign_roles(make_partition()).posts
    above = posts[posts["level"] < 4]
    assert (above[["person_id", "name", "enterprise_id"]] == "").all(axis=None)
    assert not above["is_vacant"].any()
    city = above[above["level"] == 1].groupby("role")["post"].agg(list)
    assert city["head"] == ["市政府统计分管领导"]
    assert city["deputy"] == ["市府办联系统计工作副主任"]
    assert city["instructor"] == ["市统计局局长"]
    assert len(city["member"]) == 22
    assert {"市委编办主要负责人", "海山乡主要负责人"} <= set(city["member"])
    unit = above[above["grid_id"] == YUCHENG].groupby("role")["post"].agg(list)
    assert unit["head"] == ["玉城街道主要负责人"]
    assert unit["instructor"] == ["玉城街道分管统计工作的领导"]
    assert unit["member"] == ["玉城街道经济发展办（经济建设服务中心）人员"]
    areas = set(above.loc[above["parent_grid_id"] == YUCHENG, "grid_id"])
    assert len(unit["deputy"]) == len(areas) == 6
    bureau = above[above["grid_id"] == "zjj"].set_index("role")["post"]
    assert bureau.to_dict() == {
        "head": "市住建局主要领导人",
        "deputy": "市住建局分管统计的领导",
        "member": "市住建局相应科室人员",
    }
    third = above[above["level"] == 3]
    assert (third["role"] == "member").sum() == 222
    assert third["post"].str.contains("县前社区负责人").sum() == 1


def test_other_places_have_general_offices():
    """A register of other counties gets a tree of its own, without Yuhuan's offices."""
    units = units_from_register([YUCHENG, KANMEN, ISLE, "zjj", "COOK"])
    partition = make_partition(units=units, work_areas=no_work_areas())
    partition.register.enterprises["work_area"] = ""
    roster = assign_roles(partition)
    assert root_of(partition.register) == "city"
    posts = roster.posts
    assert set(posts["level"]) == {1, 2, 4}
    assert not posts["post"].str.contains("市府办|玉环|市统计局|经济发展办").any()
    assert set(posts["parent_grid_id"]) == {"", "city", *GRIDS_UNITS}
    assert (roster.needed["staff_least"] == 0).all()


GRIDS_UNITS = {grid_id.rsplit("-", 2)[0] for grid_id in GRIDS}


def test_bureau_is_no_second_level_where_townships_keep_all():
    """With bureau_owns off the bureau is listed only if it has a grid."""
    partition = make_partition()
    partition.rules = GridRules(bureau_owns=False)
    assert "zjj" in list_units(partition)
    partition.grids = partition.grids.drop("zjj-construction-01")
    assert "zjj" not in list_units(partition)
    partition.rules = GridRules()
    assert "zjj" in list_units(partition)


def test_members_cover_every_enterprise():
    """Each enterprise is one member row of its own grid; unnamed ones say 未登记."""
    partition = make_partition()
    firms = partition.register.enterprises
    firms.loc["E002", ["statistician_id", "statistician_name"]] = ""
    firms.loc["E003", ["statistician_id", "statistician_name"]] = ["T00", "某0"]
    roster = assign_roles(partition)
    members = four(roster, "member").reset_index().set_index("enterprise_id")
    assert members.index.is_unique
    own = partition.enterprises["grid_id"].reindex(members.index)
    assert members["grid_id"].eq(own).all()
    assert sorted(members.index) == sorted(firms.index)
    assert members.loc["E002", ["person_id", "name"]].tolist() == ["", "未登记"]
    assert not members["is_vacant"].any()
    assert roster.members[f"{YUCHENG}-industry-01"] == 3
    assert roster.members.sum() == 18


def test_without_staff_vacancies_are_named_and_counted():
    """Heads and instructors are 空缺, one line per unit says how many are needed."""
    roster = assign_roles(make_partition(), RoleRules(grids_per_head=2))
    for role in ("head", "instructor"):
        posts = four(roster, role)
        assert posts["is_vacant"].all()
        assert (posts["name"] == "空缺").all()
        assert (posts["person_id"] == "").all()
    assert roster.needed.loc[YUCHENG, "n_grids"] == 3
    assert roster.needed.loc[YUCHENG, "heads_needed"] == 2
    assert roster.needed.loc[ZONE, ["n_grids", "heads_needed"]].tolist() == [0, 0]
    assert roster.needed.loc[ZONE, "staff_least"] == 3
    assert roster.needed.loc["zjj", "staff_least"] == 0
    assert roster.needed["staff_missing"].isna().all()
    rows = roster.exceptions
    assert list(rows.columns) == list(EXCEPTION_COLUMNS)
    assert len(rows) == 4
    assert rows["explanation_zh"].iloc[0] == (
        "未提供人员表，玉城街道3个企业网格的网格长、网格指导员空缺；"
        "按每名网格长负责2个网格测算，需网格长2人。"
    )
    assert rows["n_enterprises"].tolist() == [11, 3, 2, 3]
    assert roster.load.empty
    assert roster.searches.empty


def test_heads_belong_to_the_unit_and_share_its_grids(tmp_path):
    """A grid is led by its own unit's staff; the load is as even as can be."""
    roster = assign_roles(make_partition(), write_staff(tmp_path, *HEADS))
    heads = roster.heads
    assert set(heads[heads.index.str.startswith(YUCHENG)]) == {"P01", "P02"}
    assert heads[f"{KANMEN}-industry-01"] == "P03"
    assert heads["zjj-construction-01"] == "P05"
    load = roster.load.set_index("person_id")["n_grids"]
    assert sorted(load[["P01", "P02"]]) == [1, 2]
    search = roster.searches.loc[YUCHENG]
    assert (search["largest_load"], search["status"]) == (2, "optimal")
    assert search["distance_m"] == search["bound_m"] > 0
    posts = four(roster, "head")
    assert posts.loc[f"{KANMEN}-industry-01", "name"] == "丙"
    assert posts["post"].iloc[0] == "玉城街道经济发展办（经济建设服务中心）人员"
    assert posts.loc["zjj-construction-01", "post"] == "市住建局相关统计科室人员"


def test_heads_take_the_nearest_grids(tmp_path):
    """Among equal loads one head's grids are those whose medoids lie together."""
    partition = make_partition()
    firms = partition.register.enterprises
    places = {"E001": 121.20, "E005": 121.30, "E009": 121.21}
    firms["latitude"] = 28.1
    for medoid, longitude in places.items():
        firms.loc[medoid, "longitude"] = longitude
    heads = assign_roles(partition, write_staff(tmp_path, *HEADS)).heads
    assert heads[f"{YUCHENG}-industry-01"] == heads[f"{YUCHENG}-trade-01"]
    assert heads[f"{YUCHENG}-industry-02"] != heads[f"{YUCHENG}-trade-01"]


def test_units_without_heads_and_full_heads_are_explained(tmp_path):
    """A unit without heads is one line, a grid beyond all limits a line of its own."""
    lines = ("玉城街道,P01,甲,网格长,,1", "玉城街道,P02,乙,网格长,,1")
    roster = assign_roles(make_partition(), write_staff(tmp_path, *lines))
    rows = roster.exceptions
    zh = rows["explanation_zh"]
    assert zh.str.startswith("人员表中没有").sum() == 4
    full = rows[zh.str.contains("均已达上限")]
    assert len(full) == 1
    grid_id = full["grid_id"].iloc[0]
    assert roster.heads[grid_id] == ""
    assert full["block_id"].iloc[0] == grid_id.rsplit("-", 1)[0]
    assert roster.needed.loc[YUCHENG, "heads_missing"] == 1


def test_deputies_are_the_best_above_scale_statisticians():
    """Last star, then last score, then the medoid, then the smallest id."""
    partition = make_partition()
    firms = partition.register.enterprises
    firms.loc[["E002", "E003"], "last_star"] = 2.0
    firms.loc[["E002", "E003"], "last_score"] = [80.0, 91.5]
    firms.loc["E004", ["last_star", "status"]] = [3.0, "groomed"]
    firms.loc[["E006", "E008"], "last_score"] = 70.0
    partition.enterprises.loc["E009", "is_medoid"] = False
    partition.enterprises.loc["E011", "is_medoid"] = True
    firms.loc["E015", ["statistician_id", "statistician_name"]] = ""
    deputies = four(assign_roles(partition), "deputy")["enterprise_id"]
    assert deputies[f"{YUCHENG}-industry-01"] == "E003"
    assert deputies[f"{YUCHENG}-industry-02"] == "E006"
    assert deputies[f"{YUCHENG}-trade-01"] == "E011"
    assert deputies["zjj-construction-01"] == "E017"


def test_unnamed_deputy_is_not_vacant():
    """A firm that names nobody still has a statistician, who may be deputy."""
    partition = make_partition()
    firms = partition.register.enterprises
    firms[["statistician_id", "statistician_name"]] = ""
    posts = four(assign_roles(partition), "deputy")
    assert posts.loc["zjj-construction-01", "enterprise_id"] == "E017"
    assert (posts["name"] == "未登记").all()
    assert not posts["is_vacant"].any()


def test_one_person_is_deputy_of_one_grid():
    """Who serves several grids is deputy once, so that the fewest posts stay open."""
    partition = make_partition()
    firms = partition.register.enterprises
    named = ["statistician_id", "statistician_name", "last_star"]
    for key in ("E001", "E002", "E005", "E009"):
        firms.loc[key, named] = ["T00", "某0", 3.0]
    firms.loc[["E010", "E011"], "status"] = "groomed"
    deputies = assign_roles(partition).deputies
    assert deputies[f"{YUCHENG}-trade-01"] == "T00"
    assert (deputies == "T00").sum() == 1
    assert (deputies != "").all()


def test_shared_person_is_deputy_at_home():
    """Where grids could do as well with another, a person serves at home."""
    partition = make_partition()
    firms = partition.register.enterprises
    named = ["statistician_id", "statistician_name", "last_star"]
    for key in ("E001", "E005", "E006"):
        firms.loc[key, named] = ["T00", "某0", 3.0]
    deputies = assign_roles(partition).deputies
    assert deputies[f"{YUCHENG}-industry-02"] == "T00"
    assert deputies[f"{YUCHENG}-industry-01"] == "T01"


def test_grid_without_above_scale_firm_has_no_deputy_and_says_why():
    """The vacancy is a line of its own, with clause, block, grid and reason."""
    partition = make_partition()
    partition.register.enterprises.loc[["E015", "E016"], "status"] = "groomed"
    roster = assign_roles(partition)
    grid_id = f"{ISLE}-trade-01"
    post = four(roster, "deputy").loc[grid_id]
    assert (post["name"], post["is_vacant"], post["person_id"]) == ("空缺", True, "")
    row = roster.exceptions.set_index("grid_id").loc[grid_id]
    assert row[["clause", "kind", "block_id", "n_enterprises"]].tolist() == [
        "S4",
        "role_vacant",
        f"{ISLE}-trade",
        2,
    ]
    assert "没有“四上”企业，副网格长空缺" in row["explanation_zh"]
    assert "四上" in row["explanation_en"]


def test_grid_whose_people_are_deputies_elsewhere_says_so():
    """Where the only candidate serves another grid, the vacancy says that."""
    partition = make_partition()
    firms = partition.register.enterprises
    firms.loc[["E015", "E016", "E012", "E013", "E014"], "statistician_id"] = "T90"
    roster = assign_roles(partition)
    assert roster.deputies[f"{KANMEN}-industry-01"] == "T90"
    row = roster.exceptions.set_index("grid_id").loc[f"{ISLE}-trade-01"]
    assert "均已任其他网格副网格长" in row["explanation_zh"]


def test_instructors_have_the_grids_speciality(tmp_path):
    """The unit's own instructor first, then the bureau's; never another speciality."""
    rules = write_staff(tmp_path, *HEADS, *INSTRUCTORS)
    roster = assign_roles(make_partition(), rules)
    found = roster.instructors
    assert found[f"{YUCHENG}-industry-01"] == found[f"{YUCHENG}-industry-02"] == "Q01"
    assert found[f"{KANMEN}-industry-01"] == "Q02"
    assert found[f"{YUCHENG}-trade-01"] == found["zjj-construction-01"] == "Q02"
    posts = four(roster, "instructor")["post"]
    assert posts[f"{YUCHENG}-trade-01"] == "本级统计机构贸易专业人员"


def test_missing_speciality_is_one_line_per_category(tmp_path):
    """Nobody for a category: one line that names the units and counts the grids."""
    only = "市统计局,Q02,庚,网格指导员,工业,2"
    roster = assign_roles(make_partition(), write_staff(tmp_path, *HEADS, only))
    zh = roster.exceptions["explanation_zh"]
    trade = zh[zh.str.contains("没有贸易专业")]
    assert len(trade) == 1
    assert "玉城街道、鸡山乡共2个贸易网格" in trade.iloc[0]
    assert (zh.str.contains("相应专业的网格指导员负责的网格数均已达上限")).sum() == 1
    assert (roster.instructors == "Q02").sum() == 2


def test_staff_minimum_is_checked_per_unit(tmp_path):
    """M6: five people per township, three in the zone, each once; not the bureau."""
    lines = [f"坎门街道,K{i},坎{i},统计人员,," for i in range(4)]
    lines += ["坎门街道,K0,坎0,网格指导员,工业,"]
    lines += [f"玉环经济开发区,Z{i},开{i},统计人员,," for i in range(3)]
    roster = assign_roles(make_partition(), write_staff(tmp_path, *HEADS, *lines))
    rows = roster.exceptions[roster.exceptions["kind"] == "staff_minimum"]
    zh = rows["explanation_zh"]
    assert (rows["clause"] == "M6").all()
    assert not zh.str.contains("坎门|开发区|住建").any()
    assert "玉城街道人员表列有统计人员2人，按规定不少于5人，尚缺3人。" in zh.iloc[0]
    assert roster.needed.loc[KANMEN, ["staff_named", "staff_missing"]].tolist() == [
        5,
        0,
    ]
    assert roster.needed.loc[ZONE, "staff_missing"] == 0


def test_staff_minimum_reads_as_a_limit_on_grids_per_head(tmp_path):
    """Our reading of M6: beyond the least staff's share is reported, or not allowed."""
    alone = write_staff(tmp_path, "玉城街道,P01,甲,网格长,,")
    told = assign_roles(make_partition(), alone)
    rows = told.exceptions[told.exceptions["kind"] == "staff_minimum"]
    assert (told.heads == "P01").sum() == 3
    assert (
        "本项目理解：该单位3个企业网格由规定的5人分担，每人不超过1个"
        in (rows["explanation_zh"].iloc[0])
    )
    strict = assign_roles(
        make_partition(), alone.model_copy(update={"load_limit": "limit"})
    )
    assert (strict.heads == "P01").sum() == 1


def test_shuffled_staff_gives_the_same_roster(tmp_path):
    """The order of the staff table's lines changes nothing but row numbers."""
    lines = [*HEADS, *INSTRUCTORS, "玉城街道,P09,癸,网格长,,"]
    expected = assign_roles(make_partition(), write_staff(tmp_path, *lines))
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(lines))
        rules = write_staff(tmp_path, *(lines[i] for i in order))
        found = assign_roles(make_partition(), rules)
        pd.testing.assert_frame_equal(found.posts, expected.posts)
        pd.testing.assert_frame_equal(found.load, expected.load)
        assert found.departures == expected.departures


def test_inputs_stay_as_they_were(tmp_path):
    """Neither the partition nor the register is changed."""
    partition = make_partition()
    before = partition.register.enterprises.copy(), partition.grids.copy()
    assign_roles(partition, write_staff(tmp_path, *HEADS, *INSTRUCTORS))
    pd.testing.assert_frame_equal(partition.register.enterprises, before[0])
    pd.testing.assert_frame_equal(partition.grids, before[1])


def test_roster_of_a_real_partition_is_whole(tmp_path):
    """The same holds of the shipped sample, cut by `make_grids`."""
    partition = make_grids(read_sample())
    rules = write_staff(tmp_path, "干江镇,P01,甲,网格长,,", *INSTRUCTORS)
    roster = assign_roles(partition, rules)
    posts = roster.posts
    assert set(posts["parent_grid_id"]) - {""} <= set(posts["grid_id"])
    members = four(roster, "member")["enterprise_id"]
    assert sorted(members) == sorted(partition.enterprises.index)
    for role in ("head", "deputy", "instructor"):
        assert four(roster, role).index.tolist() == partition.grids.index.tolist()
    home = partition.grids["unit"] == "331083103"
    assert (roster.heads[home] == "P01").all()
    assert roster.members.sum() == members.index.size - n_shared(partition)
    kinds = posts[["level", "is_vacant"]].dtypes.astype(str)
    assert kinds.tolist() == ["int64", "bool"]


def n_shared(partition) -> int:
    """Count the enterprises beyond the first of each statistician."""
    people = partition.register.enterprises["statistician_id"]
    return int(people[people != ""].duplicated().sum())


def test_settings_carry_clause_and_label():
    """Every setting has a clause and Chinese words; unknown keys are refused."""
    for name, known in RoleRules.model_fields.items():
        assert known.json_schema_extra["clause"] in ("S4", "M6"), name
        assert known.json_schema_extra["label"], name
    with pytest.raises(ValueError, match="stuff.*最接近的键是 staff"):
        RoleRules(stuff="x.csv")


def test_offices_of_the_table_are_complete():
    """Both sets of offices fill the same posts, but for the city's ten departments."""
    own = {(o.level, o.kind, o.role, o.each) for o in read_offices("331083")}
    general = {(o.level, o.kind, o.role, o.each) for o in read_offices("city")}
    assert own - general == {(1, "", "member", "")}
    assert general <= own
