"""Where a planner puts an enterprise by hand: the wish checked, priced and kept."""

from gridopt.moves.keeping import MovesInForce, keep_moves
from gridopt.moves.placing import Moved, move_enterprises
from gridopt.moves.table import format_moves, parse_moves, read_moves
from gridopt.moves.telling import KIND, price_lines

__all__ = [
    "KIND",
    "Moved",
    "MovesInForce",
    "format_moves",
    "keep_moves",
    "move_enterprises",
    "parse_moves",
    "price_lines",
    "read_moves",
]
