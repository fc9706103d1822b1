"""What share of the rooms that decide about people and money the tests have run."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

LEAST_PERCENT = 90
ROOMS = {
    "solvers/": ("gridopt/solvers/",),
    "blocks/": ("gridopt/blocks/",),
    "certificate/": ("gridopt/certificate/", "gridopt/evidence.py"),
    "awards/": ("gridopt/awards/",),
    "appraisal/": ("gridopt/appraisal/",),
    "simulation/": ("gridopt/simulation/",),
    "payments.py": ("gridopt/payments.py", "gridopt/results.py", "gridopt/terms.py"),
    "budget/": ("gridopt/accounts.py", "gridopt/budget/", "gridopt/headcounts.py"),
}


def main() -> int:
    """Print lines and branches run per room; 1 where one is below the floor."""
    text = Path(".coverage.json").read_text(encoding="utf-8")
    files = {
        name.replace("\\", "/"): entry["summary"]
        for name, entry in json.loads(text)["files"].items()
    }
    print(f"覆盖率（不低于 {LEAST_PERCENT}%） coverage, at least {LEAST_PERCENT} %")
    shares = [show_room(room, prefixes, files) for room, prefixes in ROOMS.items()]
    return int(min(shares) < LEAST_PERCENT)


def show_room(
    room: str, prefixes: tuple[str, ...], files: dict[str, dict[str, int]]
) -> float:
    """Print one room's shares and return the lower one, 0 to 100."""
    total = Counter[str]()
    for name, summary in files.items():
        if name.startswith(prefixes):
            total.update(summary)
    if not total["num_statements"]:
        print(f"  {room:<16} 没有找到 not found: {', '.join(prefixes)}")
        return 0.0
    lines = percent(total["covered_lines"], total["num_statements"])
    branches = percent(total["covered_branches"], total["num_branches"])
    print(f"  {room:<16} lines {lines:5.1f} %   branches {branches:5.1f} %")
    return min(lines, branches)


def percent(part: int, whole: int) -> float:
    """Return the share in per cent; of nothing, everything is done."""
    return 100 * part / whole if whole else 100.0


if __name__ == "__main__":
    sys.exit(main())
