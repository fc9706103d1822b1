"""Where things are: units, villages, work areas, centres, and a plane in metres."""

from gridopt.geography.areas import (
    WorkAreas,
    assume_work_areas,
    no_work_areas,
    read_villages,
    read_work_areas,
)
from gridopt.geography.plane import (
    SYSTEMS,
    distance_m,
    gcj_to_bd,
    local_plane,
    mean_place,
    to_decimetres,
)
from gridopt.geography.units import (
    DEPARTMENT,
    Match,
    Unit,
    Units,
    read_units,
    units_from_register,
)

__all__ = [
    "DEPARTMENT",
    "SYSTEMS",
    "Match",
    "Unit",
    "Units",
    "WorkAreas",
    "assume_work_areas",
    "distance_m",
    "gcj_to_bd",
    "local_plane",
    "mean_place",
    "no_work_areas",
    "read_units",
    "read_villages",
    "read_work_areas",
    "to_decimetres",
    "units_from_register",
]
