"""Statistical grids: cut an enterprise register, staff the grids, budget the awards."""

from gridopt.adjustment import Adjustment, explain_adjustment
from gridopt.appraisal import (
    BillDistribution,
    PassModel,
    bill_distribution,
    tornado,
)
from gridopt.appraisal.calibration import calibrate_passes, calibrate_scores
from gridopt.appraisal.cuts import compare_cuts
from gridopt.appraisal.outlook import doubt_bill, look_ahead
from gridopt.awards import AwardRules, settle_awards
from gridopt.budget import Budget, budget_years, set_budget
from gridopt.certificate import Certificate
from gridopt.change import ChangeRules, RegisterChange, compare_registers
from gridopt.chronicle import history
from gridopt.clarity import measure_clarity
from gridopt.classification import Classification, read_classification
from gridopt.comparison import Comparison, compare_outcomes
from gridopt.compliance import check_clauses
from gridopt.errors import InputError
from gridopt.frontier import FORCED_PRICE_M, Frontier, trace_frontier
from gridopt.geography import Unit, Units, read_units
from gridopt.grids import make_grids
from gridopt.moves import read_moves
from gridopt.outcome import Outcome, run_scenario
from gridopt.partition import Partition
from gridopt.payments import budget_results
from gridopt.problem import GridRules, Problem, Score
from gridopt.register import Register, RegisterRules, read_register
from gridopt.release import VERSION
from gridopt.results import Results, read_results
from gridopt.roster import RoleRules, Roster, assign_roles
from gridopt.sample import read_sample
from gridopt.scenario import Scenario, read_scenario
from gridopt.simulation import (
    Simulation,
    Years,
    simulate_awards,
    simulate_scenarios,
)
from gridopt.terms import BudgetRules
from gridopt.verification import Verification, verify_run

__version__ = VERSION

__all__ = [
    "FORCED_PRICE_M",
    "Adjustment",
    "AwardRules",
    "BillDistribution",
    "Budget",
    "BudgetRules",
    "Certificate",
    "ChangeRules",
    "Classification",
    "Comparison",
    "Frontier",
    "GridRules",
    "InputError",
    "Outcome",
    "Partition",
    "PassModel",
    "Problem",
    "Register",
    "RegisterChange",
    "RegisterRules",
    "Results",
    "RoleRules",
    "Roster",
    "Scenario",
    "Score",
    "Simulation",
    "Unit",
    "Units",
    "Verification",
    "Years",
    "assign_roles",
    "bill_distribution",
    "budget_results",
    "budget_years",
    "calibrate_passes",
    "calibrate_scores",
    "check_clauses",
    "compare_cuts",
    "compare_outcomes",
    "compare_registers",
    "doubt_bill",
    "explain_adjustment",
    "history",
    "look_ahead",
    "make_grids",
    "measure_clarity",
    "read_classification",
    "read_moves",
    "read_register",
    "read_results",
    "read_sample",
    "read_scenario",
    "read_units",
    "run_scenario",
    "set_budget",
    "settle_awards",
    "simulate_awards",
    "simulate_scenarios",
    "tornado",
    "trace_frontier",
    "verify_run",
]
