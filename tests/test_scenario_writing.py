"""What a written scenario must be: the differences, and the same scenario again."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gridopt.errors import InputError
from gridopt.problem import GridRules, SmallBlockPrices
from gridopt.scenario import Scenario, read_scenario, write_scenario
from gridopt.scenario.value import SECTIONS
from gridopt.terms import BudgetRules

SCENARIOS = Path(__file__).parents[1] / "scenarios"
BASE = "yuhuan-2022.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped scenarios, to be written beside."""
    return Path(shutil.copytree(SCENARIOS, tmp_path / "情景"))


@pytest.fixture
def base(folder: Path) -> Scenario:
    """The scenario that the new ones extend."""
    return read_scenario(folder / BASE)


SHIPPED = sorted(SCENARIOS.glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_every_shipped_scenario_can_be_written_as_differences(folder, path) -> None:
    """Written over the base and read again, a scenario is the same in every setting."""
    scenario = read_scenario(folder / path.name)
    file = write_scenario(replace(scenario, name="again"), folder / BASE)
    again = read_scenario(file)
    for key in SECTIONS:
        assert getattr(again, key).model_dump() == getattr(scenario, key).model_dump()
    heads = ("title", "author", "basis", "date", "seed")
    assert [getattr(again, k) for k in heads] == [getattr(scenario, k) for k in heads]


def test_only_differences_are_written(folder, base) -> None:
    """What the base says already does not stand in the new file; nested keys do."""
    prices = SmallBlockPrices(off_band=7)
    rules = base.grids.model_copy(update={"target": 18, "small_block_prices": prices})
    new = replace(base, title="十八家", author="统计科", basis="甲\n乙", grids=rules)
    file = write_scenario(replace(new, name="十八家"), folder / BASE)
    assert file == folder / "十八家.yaml"
    assert file.read_text(encoding="utf-8") == (
        "title: 十八家\nauthor: 统计科\nbasis: |\n  甲\n  乙\n"
        "extends: yuhuan-2022.yaml\n"
        "grids:\n  target: 18\n  small_block_prices:\n    off_band: 7\n"
    )


def test_what_is_back_at_the_default_is_written(folder, base) -> None:
    """A default that differs from the base is a difference; null takes a value away."""
    dear = replace(base, basis="甲", grids=GridRules(area_price_m=50), name="dear")
    lower = write_scenario(dear, folder / BASE)
    plain = replace(base, basis="乙", date=None, grids=GridRules(), name="plain")
    file = write_scenario(plain, lower)
    assert "area_price_m:\n" in file.read_text(encoding="utf-8")
    again = read_scenario(file)
    assert again.grids.area_price_m is None
    assert again.date is None


def test_what_cannot_be_written_is_said_and_no_file_is_left(folder, base) -> None:
    """An entry of a mapping that the base has cannot be taken away: a sentence."""
    shared = base.money.model_copy(update={"award_percents": {"czj": 60, "tjj": 40}})
    lower = write_scenario(
        replace(base, money=shared, basis="甲", name="shared"), folder / BASE
    )
    alone = base.money.model_copy(update={"award_percents": {"czj": 100}})
    before = sorted(folder.iterdir())
    with pytest.raises(InputError, match=r"1项设置.*money\.award_percents"):
        write_scenario(replace(base, money=alone, basis="乙", name="alone"), lower)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    "name", ["", "a/b", "..", "../x", "con", "x?", "名称 ", "长" * 81]
)
def test_a_name_no_system_takes_is_refused(folder, base, name) -> None:
    """A file name that Windows refuses is refused everywhere, with the name."""
    before = sorted(folder.rglob("*"))
    with pytest.raises(InputError, match="文件名"):
        write_scenario(replace(base, name=name), folder / BASE)
    assert sorted(folder.rglob("*")) == before


def test_a_file_that_exists_stays_as_it_is(folder, base) -> None:
    """A scenario is never overwritten; heading and name are complained of at once."""
    text = (folder / "target-15.yaml").read_bytes()
    silent = replace(base, title=" ", basis="", name="target-15")
    with pytest.raises(InputError) as told:
        write_scenario(silent, folder / BASE)
    for word in ("标题", "依据", "target-15.yaml"):
        assert word in told.value.message_zh
    assert (folder / "target-15.yaml").read_bytes() == text


def test_paths_are_written_from_the_new_files_folder(folder, base) -> None:
    """A register elsewhere is named by a relative path that leads to it."""
    below = folder / "下级"
    below.mkdir()
    register = base.register.model_copy(update={"file": str(below / "名录.csv")})
    new = replace(base, title="甲", basis="乙", register=register, seed=3)
    new = replace(new, date=dt.date(2026, 1, 1), money=BudgetRules(pass_percent=91))
    file = write_scenario(replace(new, name="new"), folder / BASE, below)
    text = file.read_text(encoding="utf-8")
    assert "file: 名录.csv\n" in text
    assert "extends: ../yuhuan-2022.yaml\n" in text
    assert read_scenario(file).register.file == str(below / "名录.csv")


def test_a_folder_that_is_a_file_is_refused_in_words(folder, base) -> None:
    """Nothing can be written into a file: a sentence, and no second fault."""
    changed = replace(base, title="另", name="other")
    with pytest.raises(InputError, match="不能在"):
        write_scenario(changed, folder / BASE, folder / BASE)
