"""What makes a file unreadable: the one finding that says why there is no table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridopt.findings import make_findings

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


class UnreadableError(Exception):
    """A file that gives no table; carries the one finding that says why."""

    def __init__(self, finding: pd.DataFrame) -> None:
        super().__init__(finding.loc[0, "message_zh"])
        self.finding = finding


def refuse(rule: str, path: Path, **words: Any) -> UnreadableError:
    """Word the finding about a file; the caller raises it."""
    finding = make_findings(rule, file=path.name, values=[path.name], **words)
    return UnreadableError(finding)
