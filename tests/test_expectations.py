"""Each shipped scenario comes to what the table beside it says, figure by figure."""

from __future__ import annotations

import importlib.util

import pytest
from conftest import ROOT

from gridopt.archive import read_table, write_table

SPEC = importlib.util.spec_from_file_location(
    "expectations", ROOT / "benchmarks" / "expectations.py"
)
expectations = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(expectations)

PATHS = expectations.list_scenarios()
EXPECTED = ROOT / "scenarios" / "expected"


@pytest.fixture(scope="module")
def outcomes():
    """Run them all on the shipped register; who cuts alike shares the cut."""
    return expectations.run_all()


@pytest.fixture(scope="module")
def figures():
    """Read what is expected: {scenario: {measure: text}}."""
    tables = {path.stem: read_table(path) for path in EXPECTED.glob("*.csv")}
    return {
        name: dict(zip(table["measure"], table["value"], strict=True))
        for name, table in tables.items()
    }


def test_every_scenario_has_its_table(figures):
    """No scenario without its figures, no figures without a scenario."""
    assert set(figures) == {path.stem for path in PATHS}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_scenario_comes_to_its_figures(outcomes, path, tmp_path):
    """Whoever moves a figure moves it in the table, too."""
    write_table(expectations.tabulate(outcomes[path.stem]), tmp_path / "now.csv")
    now = read_table(tmp_path / "now.csv")
    told = read_table(EXPECTED / path.name.replace(".yaml", ".csv"))
    assert now.to_dict("records") == told.to_dict("records"), (
        "write the tables anew by: python benchmarks/expectations.py"
    )


def test_the_parts_of_the_money_are_the_total(figures):
    """Activity money, awards and what is paid of earlier years: nothing else."""
    for name, told in figures.items():
        parts = ("activity_yuan", "award_yuan", "arrears_yuan")
        total = sum(int(told.get(part, 0)) for part in parts)
        assert total == int(told["total_yuan"]), name


def test_the_figures_say_what_the_scenarios_are_about(figures):
    """What a planner expects of each choice, and sums anybody can do again."""
    base = figures["yuhuan-2022"]

    def moved(name, measure):
        return float(figures[name][measure]) - float(base[measure])

    assert moved("target-15", "n_grids") > 0 > moved("target-30", "n_grids")
    assert moved("target-15", "travel_km") < 0 < moved("target-30", "travel_km")
    assert moved("boundary-firm", "travel_km") > 0 > moved("boundary-free", "travel_km")
    assert moved("number-free", "n_grids") > 0
    assert moved("sizes-near-20", "travel_km") > 0
    assert float(figures["small-blocks-stay"].get("exceptions:P3", 0)) == 0
    assert float(figures["small-blocks-stay"].get("exceptions:P8", 0)) == 0
    assert moved("small-blocks-mix", "exceptions:P3") > 0
    assert moved("small-blocks-cross", "exceptions:P8") > 0
    assert "payer_yuan:zjj" not in figures["township-keeps"]
    assert moved("pass-80", "award_yuan") < 0 < moved("pass-100", "award_yuan")
    # 60 yuan for each of 2,100 firms and twelve months; 1,000 yuan for all who pass
    assert int(figures["yishui-2020"]["total_yuan"]) == 60 * 12 * 2100
    assert int(figures["yishui-2020"]["most_yuan"]) == 60 * 12 * 2100
    assert int(figures["huangpu-2023"]["most_yuan"]) == (1000 + 500) * 2020
    assert int(figures["huangpu-2023"]["award_yuan"]) % 1000 == 0
