"""Results of an appraisal, made of a few rows."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gridopt.results import DIGITS, Results


def results_of(rows: list[dict[str, Any]], *, has_dates: bool = False) -> Results:
    """Make results of rows; what a row does not tell is as a blank cell."""
    blank = {"unit": "u", "score": None, "passed": None, "since": None, "until": None}
    told = [
        {**blank, "person_id": f"p{i:02d}", "enterprise_id": f"e{i:02d}", "row": i + 2}
        | row
        for i, row in enumerate(rows)
    ]
    posts = pd.DataFrame(told)
    posts["score"] = posts["score"].map(
        lambda score: pd.NA if pd.isna(score) else int(score * 10**DIGITS)
    )
    for day in ("since", "until"):
        posts[day] = pd.to_datetime(posts[day])
    posts = posts.astype({"score": "Int64", "passed": "boolean"})
    return Results(posts, "results.csv", has_dates)


def scored(*scores: float, line: float = 60, **more: Any) -> list[dict[str, Any]]:
    """Make one row per score; from the line on all pass."""
    return [{"score": score, "passed": score >= line, **more} for score in scores]
