"""How uncertain the bill is: chances of passing, the bill's distribution, draws."""

from gridopt.appraisal.case import Case, Scoring
from gridopt.appraisal.estimates import Estimate
from gridopt.appraisal.model import PassModel
from gridopt.appraisal.results import Simulation
from gridopt.appraisal.scores import Draws
from gridopt.appraisal.simulation import simulate_awards, simulate_scenarios
from gridopt.appraisal.years import Years

__all__ = [
    "Case",
    "Draws",
    "Estimate",
    "PassModel",
    "Scoring",
    "Simulation",
    "Years",
    "simulate_awards",
    "simulate_scenarios",
]
