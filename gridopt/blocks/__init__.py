"""Who may share a grid: units, categories, and the small blocks that must join."""

from gridopt.blocks.block import Block, route_units, split_blocks
from gridopt.blocks.candidates import merge_options
from gridopt.blocks.composition import join_blocks
from gridopt.blocks.departures import Departure
from gridopt.blocks.kept import Kept
from gridopt.blocks.options import MergeChoice, MergeOptions, price_sizes

__all__ = [
    "Block",
    "Departure",
    "Kept",
    "MergeChoice",
    "MergeOptions",
    "join_blocks",
    "merge_options",
    "price_sizes",
    "route_units",
    "split_blocks",
]
