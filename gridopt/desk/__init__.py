"""What a planner can turn: settings as controls, a run, its picture, a file."""

from gridopt.desk.desk import Desk, open_desk

__all__ = ["Desk", "open_desk"]
