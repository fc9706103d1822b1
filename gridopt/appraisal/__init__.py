"""How uncertain the bill is: chances of passing, the bill's distribution, draws."""

from gridopt.appraisal.capacity import (
    Carried,
    largest_membership,
    largest_pass_share,
    prize_scale,
)
from gridopt.appraisal.distribution import BillDistribution, bill_distribution
from gridopt.appraisal.model import PassModel
from gridopt.appraisal.sensitivity import Change, tornado

__all__ = [
    "BillDistribution",
    "Carried",
    "Change",
    "PassModel",
    "bill_distribution",
    "largest_membership",
    "largest_pass_share",
    "prize_scale",
    "tornado",
]
