"""Whether an enterprise counts: status, operating, unit type (P6, P7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.register.cells import translate

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.register.headers import Rows
    from gridopt.register.settings import RegisterRules

BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]


def check_standing(
    rows: Rows, live: BoolArray, rules: RegisterRules, *, is_lenient: bool
) -> tuple[dict[str, TextArray], TextArray, list[pd.DataFrame]]:
    """Read status, operating and unit type, and say who is left out and why.

    Returns
    -------
    columns
        status and operating in our words, shape (n,) each.
    reasons
        Why a row is left out (a key of ``left_out``), "" where it is not.
    findings
        One table per rule.
    """
    status, found = _read_status(rows, live, rules, is_lenient=is_lenient)
    operating, odd = translate(rows.text("operating"), "operating")
    kind, strange = translate(rows.text("unit_type"), "unit_type")
    reasons = np.full(rows.n, "", dtype=object)
    reasons[status == "other"] = "other_status"
    if rules.groomed == "out":
        reasons[status == "groomed"] = "groomed"
    for word in ("closed", "moved"):
        reasons[(operating == word) & (reasons == "")] = word
    if rules.branches == "out":
        reasons[(kind == "branch") & (reasons == "")] = "branch"
    in_scope = live & (reasons == "")
    found += [
        rows.find(live & odd, "operating_unknown", "operating"),
        rows.find(in_scope & (operating == "suspended"), "suspended", "operating"),
        rows.find(live & strange, "unit_type_unknown", "unit_type"),
    ]
    return {"status": status, "operating": operating}, reasons, found


def _read_status(
    rows: Rows, live: BoolArray, rules: RegisterRules, *, is_lenient: bool
) -> tuple[TextArray, list[pd.DataFrame]]:
    if not rows.has("status"):
        silent = bool(rules.status) or is_lenient
        found = [] if silent else [rows.say("status_unnamed", "status")]
        return np.full(rows.n, rules.status or "", dtype=object), found
    status, odd = translate(rows.text("status"), "status")
    blank = live & (status == "")
    found = [rows.find(live & odd, "status_unknown", "status")]
    if rules.status is None:
        return status, [*found, rows.find(blank, "status_missing", "status")]
    shown = np.full(rows.n, rules.status, dtype=object)
    found.append(rows.find(blank, "status_default", "status", shown))
    return np.where(status == "", rules.status, status), found
