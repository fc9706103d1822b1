"""What fixed keys are called in figures whose words are English."""

from __future__ import annotations

CHANGES = {
    "members_90": "10 % fewer members",
    "members_105": "deputies count (5 % more members)",
    "members_110": "10 % more members",
    "members_115": "deputies, heads, instructors count (15 % more)",
    "pass_80": "chance to pass 80 %",
    "pass_85": "chance to pass 85 %",
    "pass_95": "chance to pass 95 %",
    "pass_98": "chance to pass 98 %",
    "floor_low": "three and two stars rounded down",
    "cum_ceil": "cumulated from the top, rounded up",
    "floor_none": "no least pass rate",
    "floor_standard": "least pass rate as a threshold",
    "floor_exact": "exactly the least pass rate passes",
    "floor_guarantee": "least pass rate guaranteed",
    "floor_cap": "least pass rate as a cap",
    "pool_city": "pools and least pass rate: city",
    "pool_grid": "pools and least pass rate: grids",
    "pool_unit": "pools and least pass rate: units",
    "rounding_cum_half_up": "cumulated from the top, half up",
    "rounding_cum_floor": "cumulated from the top, rounded down",
    "rounding_cum_ceil": "cumulated from the top, rounded up",
    "rounding_floor_low": "three and two stars rounded down",
    "rounding_floor_unfilled": "all stars rounded down, rest unpaid",
    "rounding_half_up": "three and two stars rounded half up",
    "rounding_half_even": "three and two stars rounded half to even",
    "rounding_ceil_top": "three and two stars rounded up",
    "rounding_largest_remainder_low": "largest remainders, ties to fewer stars",
    "rounding_largest_remainder_high": "largest remainders, ties to more stars",
    "rounding_webster": "divisors of Webster",
    "rounding_dhondt": "divisors of D'Hondt",
    "rounding_adams": "divisors of Adams",
    "rounding_controlled": "controlled rounding over all pools",
    "rounding_random": "rounding by lot",
    "unit_sd_0": "all units equally lenient",
    "unit_sd_1": "leniency of units: deviation 1",
    "city_sd_0": "all years equally lenient",
    "city_sd_60": "leniency of years: deviation 0.6",
}
ITEMS = {
    "activity": "activity money",
    "award": "star awards",
    "arrears": "awards of earlier years",
}
PAYERS = {
    "czj": "Finance bureau",
    "departments": "Departments concerned",
    "tjj": "Statistics bureau",
    "zjj": "Housing bureau",
}
ROLES = {
    "head": "head",
    "deputy": "deputy",
    "instructor": "instructor",
    "member": "member",
}
CHANGE_KINDS = {
    "moved": "moved",
    "forced": "had to move",
    "entered": "entered",
    "left": "left",
}
MEASURES = {
    "n_grids": "grids",
    "travel_mean_m": "mean distance to the medoid",
    "n_exceptions": "exceptions",
    "heads_needed": "heads needed",
    "total_yuan": "money in all",
}
UNITS = {"grids": "number", "exceptions": "number"}
"""Units of measure that English says otherwise than the tables do."""
