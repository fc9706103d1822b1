"""What we chose: a title, its basis, and every setting the document leaves open."""

from gridopt.scenario.reading import read_scenario
from gridopt.scenario.value import Scenario, list_choices, scenario_text
from gridopt.scenario.writing import write_scenario

__all__ = [
    "Scenario",
    "list_choices",
    "read_scenario",
    "scenario_text",
    "write_scenario",
]
