"""What we chose: a title, its basis, and every setting the document leaves open."""

from gridopt.scenario.reading import read_scenario
from gridopt.scenario.value import Scenario, list_choices, scenario_text

__all__ = ["Scenario", "list_choices", "read_scenario", "scenario_text"]
