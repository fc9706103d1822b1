"""What changed between two registers: events, revisions, proposals and decisions."""

from gridopt.change.comparing import compare_registers
from gridopt.change.events import COLUMNS, KINDS
from gridopt.change.keeping import KEEPING, kept_categories, revision_since
from gridopt.change.revision import Revision, find_revision
from gridopt.change.settings import ChangeRules
from gridopt.change.value import KIND_WORDS, RegisterChange, revision_line

__all__ = [
    "COLUMNS",
    "KEEPING",
    "KINDS",
    "KIND_WORDS",
    "ChangeRules",
    "RegisterChange",
    "Revision",
    "compare_registers",
    "find_revision",
    "kept_categories",
    "revision_line",
    "revision_since",
]
