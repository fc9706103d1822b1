"""How blocks become problems: places, prices, past and wishes as arrays."""

from gridopt.formulation.foreign import remarks_on
from gridopt.formulation.frozen import check_frozen
from gridopt.formulation.past import Past, check_plan, labels_of_blocks
from gridopt.formulation.problems import (
    AREA_PRICE_M,
    area_price_m,
    make_problem,
    make_problems,
    price_dm,
)
from gridopt.formulation.wishes import check_wishes

__all__ = [
    "AREA_PRICE_M",
    "Past",
    "area_price_m",
    "check_frozen",
    "check_plan",
    "check_wishes",
    "labels_of_blocks",
    "make_problem",
    "make_problems",
    "price_dm",
    "remarks_on",
]
