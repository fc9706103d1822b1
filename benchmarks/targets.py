"""What the cut is expected to reach, row by row, and whether it was seen to."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

from instances import BEST_KNOWN_M, FORGIVEN_SHARE, SKETCH_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from measures import Row

_MOST_MB = 300


class Target(NamedTuple):
    """One row: what is expected, what was measured, met or missed."""

    text: str
    measured: str
    verdict: str


def targets_of(rows: dict[str, list[Row]]) -> list[Target]:
    """Hold what was measured against every target; parts not run are said to be so."""
    fresh = [*rows.get("fresh", [])]
    return [
        *_quality(rows.get("reference", [])),
        *_small(rows.get("small", [])),
        *(_sized(fresh, *told) for told in _SIZED),
        *_city(rows.get("register", [])),
        *_churn(rows.get("churn", [])),
        *_workers(rows.get("workers", [])),
    ]


def _quality(rows: list[Row]) -> list[Target]:
    told = []
    for row in rows:
        best, seconds = BEST_KNOWN_M[row["n"]], SKETCH_S[row["n"]]
        text = f"n = {row['n']}: at most {best} m in at most {seconds:g} s"
        is_met = row["ours_m"] <= best * (1 + FORGIVEN_SHARE)
        is_met = is_met and row["ours_s"] <= seconds
        measured = f"{row['ours_m']:.0f} m in {row['ours_s']:.2f} s"
        told.append(_judged(text, measured, is_met))
        if row["n"] == 5000:
            text, measured = (
                f"n = 5000: under {_MOST_MB} MB",
                f"{row['peak_mb']:.0f} MB",
            )
            told.append(_judged(text, measured, row["peak_mb"] < _MOST_MB))
    return told


def _small(rows: list[Row]) -> list[Target]:
    if not rows:
        return []
    least = [row for row in rows if row["n"] <= 39]
    rest = [row for row in rows if row["n"] >= 40]
    proven = _share(least, lambda row: row["status"] == "optimal")
    seconds = statistics.median(row["ours_s"] for row in least)
    in_time = _share(rest, lambda r: r["status"] == "optimal" and r["ours_s"] <= 1)
    return [
        _judged(
            "n to 39: 99 % proven, median 10 ms",
            f"{proven:.1%} proven, median {1000 * seconds:.1f} ms",
            proven >= 0.99 and seconds <= 0.010,
        ),
        _judged(
            "n 40 to 60: 95 % proven within 1 s",
            f"{in_time:.1%} proven within 1 s",
            in_time >= 0.95,
        ),
    ]


_SIZED = (
    (100, "plain", 0.005, 1.0),
    (100, "shared", 0.005, 1.0),
    (200, "plain", 0.005, 10.0),
    (200, "shared", 0.005, 10.0),
    (400, "plain", 0.003, 5.0),
    (400, "shared", 0.003, 5.0),
    (1000, "plain", 0.005, 10.0),
    (1000, "shared", 0.005, 10.0),
    (3000, "plain", 0.008, 20.0),
    (3000, "shared", 0.008, 20.0),
)


def _sized(rows: list[Row], n: int, kind: str, gap: float, seconds: float) -> Target:
    text = f"n = {n}, {kind}: median gap at most {gap:.1%} in {seconds:g} s"
    text += ", mostly proven in 30 s" if n == 100 else ""
    own = [row for row in rows if row["key"].startswith(f"fresh-{n}-{kind}-")]
    if not own:
        return Target(text, "not run", "")
    median = statistics.median(row["gap"] for row in own)
    spent = statistics.median(row["ours_s"] for row in own)
    met = _share(own, lambda row: row["gap"] <= gap and row["ours_s"] <= seconds)
    proven = _share(own, lambda row: row["status"] == "optimal" and row["ours_s"] <= 30)
    worst = max(row["gap"] for row in own)
    measured = (
        f"{median:.3%} in {spent:.2f} s; worst seed {worst:.3%}; {met:.0%} of the "
        f"seeds meet it; {proven:.0%} proven"
    )
    is_met = median <= gap and spent <= seconds and (n != 100 or proven > 0.5)
    return _judged(text, measured, is_met)


def _city(rows: list[Row]) -> list[Target]:
    return [
        _judged(
            f"a register of {row['n']}: total gap at most 0.5 %, partition in 10 s",
            f"{row['gap']:.3%}, {row['n_proven']} of {row['n_blocks']} blocks proven, "
            f"{row['ours_s']:.1f} s",
            row["gap"] <= 0.005 and row["ours_s"] <= 10,
        )
        for row in rows
    ]


def _churn(rows: list[Row]) -> list[Target]:
    told = []
    for n in dict.fromkeys(row["n"] for row in rows):
        own = [row for row in rows if row["n"] == n]
        moved = statistics.mean(row["moved"] for row in own)
        dearer = statistics.mean(row["dearer"] for row in own)
        ratio = sum(row["again_s"] for row in own) / sum(row["anew_s"] for row in own)
        told.append(
            _judged(
                f"n = {n}, 3 % changed: at most 3 % move, at most 1 % dearer than a "
                "fresh cut, in at most twice its time",
                f"{moved:.2%} move, {dearer:+.2%}, {ratio:.2f} times",
                moved <= 0.03 and dearer <= 0.01 and ratio <= 2,
            )
        )
    return told


def _workers(rows: list[Row]) -> list[Target]:
    if not rows:
        return []
    text = "the same bytes run to run and for 1, 2 and 4 workers"
    kinds = len({row["sha256"] for row in rows})
    return [_judged(text, f"{kinds} kind(s) of bytes in {len(rows)} runs", kinds == 1)]


def _share(rows: list[Row], holds: Callable[[Row], bool]) -> float:
    return sum(map(holds, rows)) / len(rows) if rows else 0.0


def _judged(text: str, measured: str, is_met: bool) -> Target:
    return Target(text, measured, "met" if is_met else "MISSED")
