"""The first method, without compiled loops: the yardstick of the second."""

from gridopt.solvers.flow.method import solve_by_flow

__all__ = ["solve_by_flow"]
