"""What a setting is, and how one that cannot be is told."""

from gridopt.rules.value import DOCUMENT, Rules, extra_of, list_choices, setting
from gridopt.rules.wording import (
    SettingError,
    accepted,
    dotted,
    errors_by_path,
    unknown_key,
    word_fault,
)

__all__ = [
    "DOCUMENT",
    "Rules",
    "SettingError",
    "accepted",
    "dotted",
    "errors_by_path",
    "extra_of",
    "list_choices",
    "setting",
    "unknown_key",
    "word_fault",
]
