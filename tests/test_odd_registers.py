"""Any register, however odd, ends in a verified partition or a clear refusal."""

from __future__ import annotations

import csv
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_registers import Shape, assert_true, reading, rows_of, shapes, simple_rows

from gridopt.archive import read_previous, write_run
from gridopt.errors import InputError
from gridopt.grids import make_grids
from gridopt.lookup import shipped
from gridopt.outcome import run_scenario
from gridopt.problem import GridRules
from gridopt.register import read_findings, read_register
from gridopt.scenario import Scenario
from gridopt.solvers import compact
from gridopt.verification import verify_run

PLAIN = reading(Shape(n=1, seed=1))


def read(rows, rules=PLAIN, folder=None):
    """Write rows to a file and read them as a register."""
    with TemporaryDirectory() as made:
        path = Path(folder or made) / "register.csv"
        rows.to_csv(path, index=False, encoding="utf-8-sig")
        return read_register(path, rules)


def run_and_verify(rows, rules, grids, folder, previous=None):
    """Go the whole way and hold plan and run folder to the contract."""
    register = read(rows, rules, folder)
    scenario = Scenario("怪名录", "P5", register=rules, grids=grids)
    plan = read_previous(previous) if previous else None
    outcome = run_scenario(register, scenario, plan)
    assert_true(outcome.partition)
    run = write_run(outcome, Path(folder) / "run", is_tables_only=True)
    found = verify_run(run, Path(folder) / "register.csv", previous)
    assert found.falsehoods == ()
    return outcome


grid_rules = st.builds(
    GridRules,
    number=st.sampled_from(["by_target", "by_formula", "free"]),
    size_price_m=st.sampled_from([0, 50]),
    linkage_price_m=st.sampled_from([0, 100]),
    bureau_owns=st.booleans(),
)


@settings(max_examples=15)
@given(shape=shapes(), grids=grid_rules)
def test_any_register_becomes_a_verified_partition(shape, grids):
    """Everybody is in one grid of one block, and the checker passes what is written."""
    with TemporaryDirectory() as folder:
        run_and_verify(rows_of(shape), reading(shape), grids, folder)


def change(rows, shape, rng):
    """Let some leave, arrive, move to another unit and change their industry."""
    kept = rows[rng.random(len(rows)) > 0.15]
    new = rows_of(replace(shape, seed=shape.seed + 1, n=1 + shape.n // 5))
    new["enterprise_id"] = "N" + new["enterprise_id"]
    after = pd.concat([kept, new], ignore_index=True)
    moves = rng.random(len(after)) < 0.1
    after.loc[moves, "unit"] = after["unit"].iloc[0]
    after.loc[moves, "village"] = ""
    after.loc[rng.random(len(after)) < 0.1, "industry"] = "5211"
    return after if len(kept) else pd.concat([after, rows[:1]], ignore_index=True)


@settings(max_examples=10)
@given(shape=shapes(), grids=grid_rules)
def test_the_past_lives_on(shape, grids):
    """With itself nobody moves; after changes ids persist and never name another."""
    rules, rng = reading(shape), np.random.default_rng(shape.seed)
    rows = rows_of(shape)
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        before = run_and_verify(rows, rules, grids, first)
        plan = Path(first) / "run" / "partition.csv"
        again = make_grids(before.register, grids, before.partition)
        if grids.number == "by_target":
            kept = again.enterprises["grid_id"] == before.partition.enterprises.grid_id
            assert kept.all()
        after = run_and_verify(change(rows, shape, rng), rules, grids, second, plan)
    assert_ids_persist(after.partition, set(before.partition.grids.index))


def assert_ids_persist(partition, old):
    """Hold that each old id has one home, and that new grids have new numbers."""
    homes = Counter(g for c in partition.certificates for g in c.previous_ids)
    assert set(homes) <= old
    assert all(n == 1 for n in homes.values())
    home = {g: c.block_id for c in partition.certificates for g in c.previous_ids}
    used = Counter()
    for grid_id in old:
        born, _, number = grid_id.rpartition("-")
        used[born] = max(used[born], int(number))
    for grid_id, block_id in partition.grids["block_id"].items():
        if grid_id in old:
            assert home[grid_id] == block_id
        else:
            born, _, number = grid_id.rpartition("-")
            assert born == block_id
            assert int(number) > used[born]


def draw_wishes(ids, grid_of, seed):
    """Draw wishes of every kind, some of which contradict each other."""
    draw = random.Random(seed)
    grids = sorted(set(grid_of.values()))

    def pairs(others):
        return tuple((draw.choice(ids), draw.choice(others)) for _ in range(n_each))

    n_each = draw.randint(0, 3)
    return GridRules(
        least=3,
        most=8,
        target=5,
        fixed=pairs(grids),
        forbidden=pairs(grids),
        must_link=pairs(ids),
        cannot_link=pairs(ids),
    )


@settings(max_examples=40)
@given(n=st.integers(6, 24), seed=st.integers(0, 10_000))
def test_wishes_are_kept_or_refused_by_name(n, seed):
    """A plan keeps every wish; where none can, the refusal names an enterprise."""
    register = read(simple_rows(n))
    ids = register.enterprises.index.tolist()
    before = make_grids(register, GridRules(least=3, most=8, target=5))
    rules = draw_wishes(ids, before.enterprises["grid_id"].to_dict(), seed)
    try:
        with pytest.MonkeyPatch.context() as patch:  # any plan will do, not the best
            patch.setattr(compact, "_DETERMINISTIC_LIMIT", 0.2)
            after = make_grids(register, rules, before)
    except InputError as refusal:
        assert any(enterprise_id in refusal.message_zh for enterprise_id in ids)
        assert any(enterprise_id in refusal.message_en for enterprise_id in ids)
        return
    assert_true(after)
    grid = after.enterprises["grid_id"]
    assert all(grid[a] == b for a, b in rules.fixed)
    assert all(grid[a] != b for a, b in rules.forbidden)
    assert all(grid[a] == grid[b] for a, b in rules.must_link)
    assert all(grid[a] != grid[b] for a, b in rules.cannot_link)


ODD_GRID = "331083001-industry-09"


@pytest.mark.parametrize(
    ("wishes", "named"),
    [
        (
            {"must_link": (("E0000", "E0001"),), "cannot_link": (("E0001", "E0000"),)},
            ("E0000", "E0001"),
        ),
        ({"cannot_link": (("E0002", "E0002"),)}, ("E0002",)),
        (
            {"must_link": tuple((f"E{i:04d}", "E0000") for i in range(1, 27))},
            ("27", "E0000", "E0001", "E0002"),
        ),
        ({"must_link": (("E0000", "nobody"),)}, ("nobody",)),
        ({"fixed": (("E0000", ODD_GRID),)}, (ODD_GRID,)),
    ],
)
def test_impossible_wishes_name_their_ids(wishes, named):
    """Whoever contradicts himself reads the ids concerned, in both languages."""
    register = read(simple_rows(40))
    with pytest.raises(InputError) as refusal:
        make_grids(register, GridRules(**wishes))
    for message in (refusal.value.message_zh, refusal.value.message_en):
        assert all(one in message for one in named)


@pytest.mark.parametrize(
    ("n", "sizes", "kind"),
    [
        (1, [1], "leftover"),
        (5, [5], "leftover"),
        (7, [7], "leftover"),
        (8, [8], "undersized"),
        (14, [14], "undersized"),
        (15, [15], None),
        (26, [26], "widened_band"),
        (27, [27], "widened_band"),
        (28, [14, 14], "widened_band"),
        (29, [14, 15], "widened_band"),
        (30, [15, 15], None),
    ],
)
def test_awkward_sizes(n, sizes, kind, tmp_path):
    """A block that no band of 15 to 25 fits is cut all the same, and listed so."""
    partition = run_and_verify(simple_rows(n), PLAIN, GridRules(), tmp_path).partition
    assert sorted(partition.grids["size"]) == sizes
    told = partition.exceptions.query("clause == 'P5'")["kind"].tolist()
    assert told == ([kind] if kind else [])


def blocks_of(**counts):
    """Make so many firms per block, such as ``a_trade=4`` in unit a."""
    units = {"a": "331083001", "b": "331083002", "x": "331083201", "y": "331083202"}
    codes = {"industry": "3443", "trade": "5211", "services": "8111"}
    codes |= {"construction": "4710", "estate": "7010"}
    parts = []
    for key, n in counts.items():
        unit, category = key.split("_")
        cells = {"unit": units[unit], "industry": codes[category], "village": ""}
        parts.append(simple_rows(n, **cells))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(enterprise_id=[f"E{i:04d}" for i in range(len(rows))])


ODD = {
    "two units with one firm each": (blocks_of(a_industry=1, b_industry=1), {}),
    "small blocks only": (blocks_of(a_industry=3, a_trade=4, b_trade=6, b_services=7),
                          {}),
    "bureau firms only": (blocks_of(a_estate=9, a_construction=30, b_construction=4),
                          {}),
    "no bureau": (blocks_of(a_estate=9, a_construction=30, b_construction=4),
                  {"bureau_owns": False}),
    "islands only": (blocks_of(x_industry=4, y_industry=6, x_trade=2), {}),
    "related categories": (blocks_of(a_trade=4, a_services=9), {}),
    "exactly five each": (simple_rows(25), {"least": 5, "most": 5, "target": 5}),
    "not five each": (simple_rows(23), {"least": 5, "most": 5, "target": 5}),
    "any size": (simple_rows(30), {"least": 1, "most": 60, "number": "free"}),
    "free": (simple_rows(60), {"number": "free"}),
    "one block fixed": (simple_rows(60), {"number": {"331083001-industry": 4}}),
    "huge size price": (simple_rows(55), {"size_price_m": 1e6}),
    "linkage": (simple_rows(55, group_id=[f"g{i % 3}" for i in range(55)]),
                {"linkage_price_m": 300}),
    "weights 1000 to 1": (simple_rows(45, weight=["1", "1000", "1"] * 15), {}),
    "heavy and far": (rows_of(Shape(n=40, seed=4, n_units=1, n_industries=1,
                                    spread=0.3, weights=("1000",))), {}),
    "one tower": (simple_rows(300, longitude="121.24", latitude="28.15"), {}),
    "half in a tower": (simple_rows(90).assign(
        longitude=lambda f: f["longitude"].where(f.index % 2 == 0, "121.24"),
        latitude=lambda f: f["latitude"].where(f.index % 2 == 0, "28.15")), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_cases_end_in_a_verified_plan(name, tmp_path):
    """Each odd case gives a plan that keeps the contract and passes the checker."""
    rows, grids = ODD[name]
    run_and_verify(rows, PLAIN, GridRules(**grids), tmp_path)


@pytest.mark.parametrize(
    ("grids", "words"),
    [
        ({"number": 9}, "只能设 2 至 2 个网格"),
        ({"number": 0}, "设定为 0 个"),
        ({"number": {"nowhere": 2}}, "没有划分单元 nowhere"),
        ({"least": 30, "most": 20}, "least"),
        ({"size_price_m": 1e12}, "代价过大"),
        ({"area_price_m": 1e300}, "代价过大"),
    ],
)
def test_impossible_rules_are_refused_in_words(grids, words):
    """Rules that no plan can keep are refused with their value, never a traceback."""
    register = read(simple_rows(40))
    with pytest.raises(InputError, match=words):
        make_grids(register, GridRules(**grids))


def test_a_weight_beyond_all_bounds_is_refused():
    """A weight so large that sums would not be exact is named."""
    register = read(simple_rows(33, weight=["1e12"] + ["1"] * 32))
    with pytest.raises(InputError, match=r"最大权重 1e\+12"):
        make_grids(register)


def test_rows_set_aside_are_counted(tmp_path):
    """With quarantine the bad rows are no member of any grid, and n_read adds up."""
    rows = simple_rows(40)
    rows.loc[3, "unit"] = "火星街道"
    rows.loc[7, "longitude"] = ""
    rules = PLAIN.model_copy(update={"quarantine": True})
    outcome = run_and_verify(rows, rules, GridRules(), tmp_path)
    told = outcome.summary
    assert (told["n_read"], told["n_eligible"], told["n_quarantined"]) == (40, 38, 2)


# --- odd headers: a file that can be read is never doubted --------------------------

HEADINGS = {"header_below", "header_two_rows", "header_elsewhere", "header_separator"}
ALIASES = shipped("header-aliases")["alias"].tolist()
FULL = ("统一社会信用代码", "单位详细名称", "乡镇街道", "行业代码", "经度", "纬度")
FULL += ("村(社区)代码", "纳统状态", "营业状态", "统计员编号", "统计员姓名", "权重")
GOOD = ("E1", "阀门厂", "玉城街道", "3443", "121.231", "28.131", "", "规上", "", "")
OWN = ("编码X", "厂名", "属地", "小类", "X坐标", "Y坐标")
OWN_COLUMNS = dict(
    zip(
        OWN,
        ("enterprise_id", "name", "unit", "industry", "longitude", "latitude"),
        strict=True,
    )
)


def write_sheets(folder, kind, *tables):
    """Write tables as the sheets of a workbook, or the first of them as CSV."""
    path = Path(folder) / f"名录.{kind}"
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(tables[0])
        return path
    book = xlsxwriter.Workbook(str(path))
    for cells in tables:
        sheet = book.add_worksheet()
        for row, texts in enumerate(cells):
            sheet.write_row(row, 0, texts)
    book.close()
    return path


def rules_found(path, **rules):
    """Check a file and give the rules that speak."""
    scenario = PLAIN.model_copy(update={"status": "above_scale", **rules})
    return set(read_findings(path, scenario)["rule"])


words = st.lists(st.sampled_from([*ALIASES, *FULL, "", "合计"]), max_size=14)


@settings(max_examples=60, deadline=None)
@given(
    head=st.permutations(FULL),
    n_own=st.integers(6, 12),
    rows=st.lists(words, max_size=12),
    kind=st.sampled_from(["csv", "xlsx"]),
)
def test_a_full_header_is_the_header_whatever_stands_below(head, n_own, rows, kind):
    """No words in the rows, and no other sheet, make another row the header."""
    kept = [one for one in head if one in FULL[:6] or FULL.index(one) < n_own]
    with TemporaryDirectory() as folder:
        table = [kept, *rows]
        path = write_sheets(folder, kind, table, [ALIASES, GOOD], [FULL, GOOD])
        assert not rules_found(path) & HEADINGS


@settings(max_examples=60, deadline=None)
@given(
    tables=st.lists(st.lists(words, min_size=1, max_size=12), min_size=1, max_size=3),
    kind=st.sampled_from(["csv", "xlsx"]),
)
def test_any_words_end_in_findings(tables, kind):
    """Whatever stands in the cells, there are findings, and an error says why."""
    with TemporaryDirectory() as folder:
        path = write_sheets(folder, kind, *tables)
        found = read_findings(path, PLAIN)
        assert (found["severity"] == "error").any()
        assert not found["message_zh"].str.contains("[{}]").any()
        if HEADINGS & set(found["rule"]):
            assert len(found) == 1


CODES = [["单位", "乡镇街道", "代码"], *[["", f"街道{k}", str(k)] for k in range(20)]]
CONTACTS = [["单位名称", "乡镇街道", "单位编号", "统计员姓名"], ["甲", "乙", "1", "张"]]
READABLE = {
    "header again on each page": ([FULL, GOOD, FULL, GOOD], {}, []),
    "names in Chinese below those in English": (
        [("id", "name", "unit", "industry", "lon", "lat", *"甲乙丙丁戊己"), FULL, GOOD],
        {},
        [],
    ),
    "own headers only": ([OWN, GOOD[:6]], OWN_COLUMNS, []),
    "own headers, a fuller sheet beside": (
        [OWN, GOOD[:6]],
        OWN_COLUMNS,
        [[FULL, GOOD], [ALIASES, GOOD]],
    ),
    "own headers, words of ours below": (
        [OWN, FULL[:6], GOOD[:6]],
        OWN_COLUMNS,
        [],
    ),
    "own headers, few mapped": (
        [("编码X", *FULL[1:6]), GOOD[:6]],
        {"编码X": "enterprise_id"},
        [CODES],
    ),
    "a code table beside": ([FULL, GOOD], {}, [CODES]),
    "last year beside": ([FULL[:6], GOOD[:6]], {}, [[FULL, GOOD]]),
    "firms named as headers": ([FULL[:6], ("E2", *FULL[1:6]), GOOD[:6]], {}, []),
}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("case", READABLE)
def test_odd_headers_that_can_be_read(case, kind, tmp_path):
    """A header complete by itself or by the scenario's columns is read, quarantined."""
    table, columns, others = READABLE[case]
    path = write_sheets(tmp_path, kind, table, *others)
    told = {"columns": columns, "status": "above_scale", "quarantine": True}
    register = read_register(path, PLAIN.model_copy(update=told))
    assert register.enterprises["name"].tolist() == ["阀门厂"]
    assert not set(register.findings["rule"]) & HEADINGS


MISSING = {
    "a column less, a word of it below": (
        [(*FULL[:2], *FULL[3:6], "类型"), (*GOOD[:2], *GOOD[3:6], "街道")],
        {},
        [],
        {"unit"},
    ),
    "own headers, one of them ours": (
        [("编码X", "厂名", "营业状态", "类型"), ("E1", "阀门厂", "营业", "街道")],
        {},
        [],
        set(OWN_COLUMNS.values()),
    ),
    "own headers, contacts beside": (
        [OWN, GOOD[:6]],
        {},
        [CONTACTS],
        set(OWN_COLUMNS.values()),
    ),
    "own headers, an empty form beside": (
        [OWN, GOOD[:6]],
        {},
        [[FULL], [FULL, [""]]],
        set(OWN_COLUMNS.values()),
    ),
    "one own header mapped, a fuller sheet beside": (
        [OWN, GOOD[:6]],
        {"编码X": "enterprise_id"},
        [[FULL, GOOD]],
        set(OWN_COLUMNS.values()) - {"enterprise_id"},
    ),
    "a column less, last year complete beside": (
        [FULL[:5], GOOD[:5]],
        {},
        [[FULL, GOOD]],
        {"latitude"},
    ),
    "a column less, words of ours below": (
        [FULL[1:6], FULL[:5], ("甲", "统计员", *FULL[:3])],
        {},
        [],
        {"enterprise_id"},
    ),
    "a title alone": ([["名录"], ["甲"], ["乙"]], {}, [], set(OWN_COLUMNS.values())),
}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("case", MISSING)
def test_missing_columns_are_not_explained_away(case, kind, tmp_path):
    """Where the first row is the header, what it lacks is said and nothing else."""
    table, columns, others, missing = MISSING[case]
    path = write_sheets(tmp_path, kind, table, *others)
    found = read_findings(path, PLAIN.model_copy(update={"columns": columns}))
    assert not set(found["rule"]) & HEADINGS
    assert set(found.loc[found["rule"] == "header_missing", "column"]) == missing
