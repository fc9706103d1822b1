"""What the grids cost, who pays it, and within which hard bounds it must lie."""

from gridopt.budget.making import (
    budget_counts,
    budget_members,
    budget_years,
    set_budget,
)
from gridopt.budget.value import Budget

__all__ = ["Budget", "budget_counts", "budget_members", "budget_years", "set_budget"]
