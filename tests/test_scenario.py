"""Scenarios say only what differs, lie on one another, and survive a run folder."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from gridopt.problem import GridRules
from gridopt.rules import Rules
from gridopt.scenario import Scenario, list_choices, read_scenario, scenario_text
from gridopt.scenario.value import SECTIONS

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
POLICY = ROOT.parent / "shared" / "policy" / "yuzhengbanfa-2022-18.zh.txt"
HEAD = "title: 甲\nbasis: P5\n"


def write(path: Path, text: str) -> Path:
    """Write a file, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_silence_means_the_defaults(tmp_path: Path) -> None:
    """A scenario with title and basis alone has every setting at its default."""
    scenario = read_scenario(write(tmp_path / "a.yaml", HEAD))
    for key, model in SECTIONS.items():
        assert getattr(scenario, key) == model()
    assert (scenario.author, scenario.date, scenario.seed) == ("", None, 0)
    assert scenario.name == "a"


def test_every_key_reaches_its_setting(tmp_path: Path) -> None:
    """Heading, nested groups and lists arrive with the types of the rules."""
    text = (
        f"{HEAD}author: 乙\ndate: 2025-12-31\nseed: 7\n"
        "units: {islands: true}\n"
        "grids:\n"
        "  must_link: [[91331083000000000, 0311], [a, b]]\n"
        "  number: {331083001-industry: 4}\n"
        "  small_block_prices: {per_km: 3}\n"
        "  mover_cap: null\n"
        "money: {star_percents: [100, 0, 0]}\n"
    )
    scenario = read_scenario(write(tmp_path / "a.yaml", text))
    assert scenario.date == dt.date(2025, 12, 31)
    assert (scenario.author, scenario.seed) == ("乙", 7)
    assert scenario.register.units.islands
    assert scenario.grids.must_link == (("91331083000000000", "0311"), ("a", "b"))
    assert scenario.grids.number == {"331083001-industry": 4}
    assert scenario.grids.small_block_prices.per_km == 3
    assert scenario.money.star_percents == (100, 0, 0)


def test_unquoted_edition_is_a_text(tmp_path: Path) -> None:
    """An edition or id written without quotes keeps the digits it was written in."""
    text = f"{HEAD}register: {{industry_edition: 2017, columns: {{01: name}}}}\n"
    register = read_scenario(write(tmp_path / "a.yaml", text)).register
    assert register.industry_edition == "2017"
    assert register.columns == {"01": "name"}


def test_extends_joins_mappings_and_replaces_lists(tmp_path: Path) -> None:
    """Along a chain mappings join key by key; lists and values are replaced."""
    write(
        tmp_path / "a.yaml",
        f"{HEAD}seed: 1\ngrids:\n  least: 10\n  most: 30\n  must_link: [[a, b]]\n"
        "  small_block_prices: {per_km: 2, leftover: 50}\n",
    )
    write(
        tmp_path / "b.yaml",
        f"{HEAD}extends: a.yaml\nauthor: 乙\ngrids:\n  least: 12\n"
        "  small_block_prices: {leftover: 60}\n",
    )
    path = write(
        tmp_path / "c.yaml",
        "title: 丙\nbasis: F7\nextends: b.yaml\ngrids: {must_link: [[c, d]]}\n",
    )
    scenario = read_scenario(path)
    assert (scenario.title, scenario.author, scenario.seed) == ("丙", "乙", 1)
    assert (scenario.grids.least, scenario.grids.most) == (12, 30)
    assert scenario.grids.must_link == (("c", "d"),)
    prices = scenario.grids.small_block_prices
    assert (prices.per_km, prices.leftover) == (2, 60)


def test_paths_start_from_the_file_that_says_them(tmp_path: Path) -> None:
    """An inherited path is relative to the parent, an overridden one to the caller."""
    write(tmp_path / "base" / "a.yaml", f"{HEAD}register: {{file: r.csv}}\n")
    path = write(tmp_path / "b.yaml", f"{HEAD}extends: base/a.yaml\n")
    assert read_scenario(path).register.file == str(tmp_path / "base" / "r.csv")
    given = read_scenario(path, register_file=tmp_path / "own.csv", seed=5)
    assert given.register.file == str(tmp_path / "own.csv")
    assert given.seed == 5


def test_windows_separators(tmp_path: Path) -> None:
    """A path written on Windows is found on every machine."""
    write(tmp_path / "tables" / "desks.csv", "prefix,category\n")
    text = f"{HEAD}classification: {{table: tables\\desks.csv}}\n"
    scenario = read_scenario(write(tmp_path / "a.yaml", text))
    wanted = str(tmp_path / "tables" / "desks.csv")
    assert scenario.register.classification.table == wanted


def test_run_folder_reads_again(tmp_path: Path) -> None:
    """The scenario of a run folder, with its inputs, is the same scenario again."""
    for folder in ("one", "two"):
        write(tmp_path / folder / "t.csv", folder)
    text = (
        "title: 甲\nauthor: 'no'\ndate: 2025-01-31\n"
        "basis: |\n  第一句。\n  第二句: “引”。\n"
        "register: {file: one/r.csv, industry_edition: '2017', columns: {a: name}}\n"
        "units: {table: one/t.csv}\nclassification: {table: two/t.csv}\n"
        "work_areas: {file: one/t.csv}\nroles: {staff: two/t.csv}\n"
        "grids: {mover_cap: null, must_link: [['01', b]]}\n"
    )
    scenario = read_scenario(write(tmp_path / "a.yaml", text), seed=3)
    run = tmp_path / "elsewhere"
    (run / "inputs").mkdir(parents=True)
    (run / "scenario.yaml").write_bytes(scenario_text(scenario))
    for name, path in scenario.inputs.items():
        shutil.copyfile(path, run / "inputs" / name)
    again = read_scenario(run / "scenario.yaml")
    assert scenario_text(again) == scenario_text(scenario)
    assert again.inputs.keys() == scenario.inputs.keys()
    assert again.grids == scenario.grids
    assert again.money == scenario.money
    assert (again.title, again.author, again.basis) == ("甲", "no", scenario.basis)
    assert (again.seed, again.date) == (3, dt.date(2025, 1, 31))
    units = Path(again.register.units.table).read_text(encoding="utf-8")
    desks = Path(again.register.classification.table).read_text(encoding="utf-8")
    assert (units, desks) == ("one", "two")


def test_run_folder_names_no_machine(tmp_path: Path) -> None:
    """No folder of the machine is written, and `extends` is gone."""
    write(tmp_path / "base.yaml", f"{HEAD}register: {{file: data/r.csv}}\n")
    path = write(tmp_path / "a.yaml", f"{HEAD}extends: base.yaml\n")
    text = scenario_text(read_scenario(path)).decode()
    assert str(tmp_path) not in text
    assert tmp_path.name not in text
    assert "extends" not in text
    assert YAML(typ="safe").load(text)["register"] == {"file": "r.csv"}


def test_only_what_is_said_is_written() -> None:
    """A scenario made in a notebook writes its differences alone, in order."""
    scenario = Scenario("甲", "P5", grids=GridRules(target=15, least=11, most=19))
    assert list(scenario.source) == ["title", "basis", "seed", "grids"]
    assert scenario.source["grids"] == {"target": 15, "least": 11, "most": 19}


def _clauses_of(model: type[Rules]) -> int:
    n = 0
    for told in model.model_fields.values():
        if isinstance(told.default, Rules):
            n += _clauses_of(type(told.default))
        elif isinstance(told.json_schema_extra, dict):
            n += bool(told.json_schema_extra["clause"])
    return n


def test_choices_list_every_setting_with_a_clause(tmp_path: Path) -> None:
    """Every setting that reads a clause is listed once, default or not."""
    text = f"{HEAD}grids: {{target: 15, least: 11}}\nroles: {{staff: s.csv}}\n"
    write(tmp_path / "s.csv", "")
    rows = list_choices(read_scenario(write(tmp_path / "a.yaml", text)))
    by_setting = {row["setting"]: row for row in rows}
    assert len(by_setting) == len(rows) == sum(map(_clauses_of, SECTIONS.values()))
    changed = {key for key, row in by_setting.items() if not row["is_default"]}
    assert changed == {"grids.target", "grids.least", "roles.staff"}
    assert by_setting["grids.target"]["value"] == 15
    assert by_setting["roles.staff"]["value"] == "s.csv"  # no path of the machine
    assert by_setting["classification.table"]["clause"] == "P4"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios_read(path: Path) -> None:
    """Every shipped scenario reads, names its author, and cites a clause or source."""
    scenario = read_scenario(path)
    assert scenario.author
    assert re.search(r"[SPMFT]\d|EPA", scenario.basis)
    assert scenario_text(scenario) == scenario_text(read_scenario(path))
    # variants of the baseline are of its day, but for that of the next register
    if path.stem not in ("yuhuan-2022", "tri-illinois", "register-2026"):
        base = read_scenario(path.with_name("yuhuan-2022.yaml"))
        assert scenario.date == base.date
        assert scenario.source != base.source


def test_enough_scenarios_are_shipped() -> None:
    """The default reading and at least six other readings are shipped."""
    assert {"yuhuan-2022", "tri-illinois"} <= {path.stem for path in SHIPPED}
    assert len(SHIPPED) >= 8


def test_default_reading_states_its_own_assumption() -> None:
    """yuhuan-2022 plans with 90 % and says that nobody gave it that figure."""
    money = read_scenario(ROOT / "scenarios" / "yuhuan-2022.yaml").money
    assert money.pass_percent == 90
    assert "自行假定" in money.pass_basis


@pytest.mark.skipif(not POLICY.is_file(), reason="the policy's text is not at hand")
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_scenarios_quote_the_document_exactly(path: Path) -> None:
    """What stands in quotes after a clause key is the document's own wording."""
    text = POLICY.read_text(encoding="utf-8")
    for line in read_scenario(path).basis.splitlines():
        if found := re.match(r"[SPMFT]\d+ · [^：]+：“(.*?)”(?:[，；。、写]|$)", line):
            assert found[1] in text
