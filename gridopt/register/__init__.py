"""Who exists: the enterprises of a register, read, checked, with every finding."""

from gridopt.register.assembly import (
    OURS,
    SYNTHETIC_HEADER,
    SYNTHETIC_MARK,
    Register,
)
from gridopt.register.reading import read_findings, read_register
from gridopt.register.settings import (
    ClassificationRules,
    RegisterRules,
    UnitRules,
    WorkAreaRules,
)
from gridopt.register.titles import title_of

__all__ = [
    "OURS",
    "SYNTHETIC_HEADER",
    "SYNTHETIC_MARK",
    "ClassificationRules",
    "Register",
    "RegisterRules",
    "UnitRules",
    "WorkAreaRules",
    "read_findings",
    "read_register",
    "title_of",
]
