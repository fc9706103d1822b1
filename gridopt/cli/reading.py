"""What commands read: scenarios, their registers, the names of their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.errors import InputError
from gridopt.findings import join_errors

if TYPE_CHECKING:
    from pathlib import Path

    from gridopt.geography import Units
    from gridopt.register import Register
    from gridopt.scenario import Scenario


def register_of(scenario: Scenario, scenario_file: Path) -> Register:
    """Read the register that a scenario names.

    Raises
    ------
    InputError
        Where it names none, or the register cannot be read.
    """
    from gridopt.register import read_register

    if not scenario.register.file:
        raise InputError(
            f"情景 {scenario_file.name} 没有写明名录文件（register: file），"
            "请用 --register 指定。",
            f"The scenario {scenario_file.name} names no register file: give one "
            "with --register.",
        )
    return read_register(scenario.register.file, scenario.register)


def read_scenarios(files: list[Path], register: Path | None) -> list[Scenario]:
    """Read several scenarios; what is wrong with any of them is said at once."""
    from gridopt.scenario import read_scenario

    scenarios, faults = [], []
    for file in files:
        try:
            scenarios.append(read_scenario(file, register_file=register))
        except InputError as fault:
            faults.append(fault)
    if faults:
        raise join_errors(
            faults,
            f"{len(files)} 个情景中有 {len(faults)} 个无法读取，未作比较。",
            f"{len(faults)} of {len(files)} scenarios cannot be read; nothing was "
            "compared.",
        )
    return scenarios


def registers_of(scenarios: list[Scenario], files: list[Path]) -> list[Register]:
    """Read the register of each scenario, once where several read it alike."""
    found: list[Register] = []
    for at, (scenario, file) in enumerate(zip(scenarios, files, strict=True)):
        like = [known.register == scenario.register for known in scenarios[:at]]
        same = found[like.index(True)] if True in like else None
        found.append(same or register_of(scenario, file))
    return found


def units_of(scenario: Scenario) -> Units | None:
    """Read the table of units of a scenario; None where the register tells them."""
    from gridopt.geography import read_units

    told = scenario.register.units
    return None if told.from_register else read_units(told.table)
