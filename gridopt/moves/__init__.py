"""Where a planner puts an enterprise by hand: the wish checked, priced and kept."""

from gridopt.moves.keeping import MovesInForce, keep_moves
from gridopt.moves.placing import Moved, move_enterprises
from gridopt.moves.table import read_moves

__all__ = ["Moved", "MovesInForce", "keep_moves", "move_enterprises", "read_moves"]
