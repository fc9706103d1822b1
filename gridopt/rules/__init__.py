"""What a setting is, and how one that cannot be is told."""

from gridopt.rules.value import DOCUMENT, Rules, extra_of, list_choices, setting
from gridopt.rules.wording import (
    SettingError,
    accepted,
    path_of,
    unknown_key,
    word_fault,
)

__all__ = [
    "DOCUMENT",
    "Rules",
    "SettingError",
    "accepted",
    "extra_of",
    "list_choices",
    "path_of",
    "setting",
    "unknown_key",
    "word_fault",
]
