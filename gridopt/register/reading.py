"""How a file becomes a register, or a list of what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gridopt.errors import refuse_no_path
from gridopt.register.assembly import Register, assemble
from gridopt.register.examination import examine
from gridopt.register.refusal import stop_on_errors, stopped
from gridopt.register.settings import RegisterRules
from gridopt.register.sheet import UnreadableError

if TYPE_CHECKING:
    import pandas as pd


def read_register(path: str | Path, rules: RegisterRules | None = None) -> Register:
    r"""Read a register of enterprises and check it.

    Nothing is guessed and nothing is dropped in silence: what is wrong stands in the
    findings, all of it at once.

    Parameters
    ----------
    path
        CSV (UTF-8 or GB18030) or xlsx file.
    rules
        How to read it; the coordinate system, the edition of the industry codes
        and, where the file has no status, the status must be named.

    Raises
    ------
    InputError
        If there are errors and no ``quarantine: true``, if the file as a whole cannot
        be used, or if no eligible enterprise is left; `findings` holds all of them.

    Examples
    --------
    >>> import tempfile
    >>> text = "id,name,unit,industry,lon,lat\n1,阀门厂,楚门镇,3443,121.3140,28.2286"
    >>> rules = RegisterRules(
    ...     coordinates="gcj02", industry_edition="2017", status="above_scale"
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mine.csv"
    ...     _ = path.write_text(text, encoding="utf-8")
    ...     read_register(path, rules).enterprises.loc["1", "category"]
    'industry'
    """
    refuse_no_path(path, "名录.xlsx")
    rules = rules or RegisterRules()
    try:
        examined = examine(path, rules, is_lenient=False)
    except UnreadableError as bad:
        raise stopped(Path(path).name, bad.finding) from None
    stop_on_errors(examined, rules)
    return assemble(examined, rules)


def read_findings(path: str | Path, rules: RegisterRules | None = None) -> pd.DataFrame:
    """Check a register and return its findings, never raising for what it holds.

    Parameters
    ----------
    rules
        As for `read_register`; without them what needs a scenario (coordinate
        system, edition, a status for all) is left out, and a finding says so.

    Raises
    ------
    InputError
        If a table that the rules name cannot be used.
    """
    try:
        asked = rules or RegisterRules()
        return examine(path, asked, is_lenient=rules is None).findings
    except UnreadableError as bad:
        return bad.finding
