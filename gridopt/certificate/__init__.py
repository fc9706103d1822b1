"""Why to believe an answer: the duals of a block and an independent check of them.

Nothing here is shared with the solvers or with the building of a `Problem`: places,
distances, costs and the bound are computed anew, from the register's own columns.
"""

from gridopt.certificate.bound import proven_bound
from gridopt.certificate.costs import claimed_cost, distances_dm, places_dm
from gridopt.certificate.value import (
    SCALE,
    Certificate,
    Evidence,
    gap_share,
    homes_of_grids,
)

__all__ = [
    "SCALE",
    "Certificate",
    "Evidence",
    "claimed_cost",
    "distances_dm",
    "gap_share",
    "homes_of_grids",
    "places_dm",
    "proven_bound",
]
