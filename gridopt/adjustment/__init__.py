"""What a re-cut changed, and why: firm by firm, grid by grid, unit by unit."""

from gridopt.adjustment.before import check_register_before
from gridopt.adjustment.explanation import explain_adjustment
from gridopt.adjustment.letters import MONEY_TITLE, SUMMARY_TITLE, Letter, day_text
from gridopt.adjustment.reasons import FORCED, MOVED
from gridopt.adjustment.value import (
    FLOW_WORDS,
    FLOWS,
    KINDS,
    MONEY_COLUMNS,
    Adjustment,
)

__all__ = [
    "FLOWS",
    "FLOW_WORDS",
    "FORCED",
    "KINDS",
    "MONEY_COLUMNS",
    "MONEY_TITLE",
    "MOVED",
    "SUMMARY_TITLE",
    "Adjustment",
    "Letter",
    "check_register_before",
    "day_text",
    "explain_adjustment",
]
