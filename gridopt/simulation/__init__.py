"""What awards may cost and who may get them, drawn many times."""

from gridopt.simulation.case import Case, Scoring
from gridopt.simulation.estimates import Estimate
from gridopt.simulation.results import Simulation
from gridopt.simulation.scores import Draws
from gridopt.simulation.simulate import simulate_awards, simulate_scenarios
from gridopt.simulation.years import Years

__all__ = [
    "Case",
    "Draws",
    "Estimate",
    "Scoring",
    "Simulation",
    "Years",
    "simulate_awards",
    "simulate_scenarios",
]
