"""Where benchmarks write what they saw: one section each of `benchmarks/results.md`."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from gridopt.release import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FILE = Path(__file__).with_name("results.md")
TITLE = """# Measured

Every table is written by the command that stands above it, in one run on one machine.
"""


def write_section(name: str, text: str) -> None:
    """Put a section in the place of the one of that name, or at the end."""
    old = FILE.read_text(encoding="utf-8") if FILE.exists() else TITLE
    start, stop = f"<!-- {name} -->", f"<!-- end of {name} -->"
    section = f"{start}\n{text.strip()}\n{stop}"
    pattern = re.compile(re.escape(start) + ".*?" + re.escape(stop), re.DOTALL)
    if pattern.search(old):
        new = pattern.sub(lambda _: section, old)
    else:
        new = f"{old.rstrip()}\n\n{section}\n"
    FILE.write_text(new, encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(c) for c in row) + " |" for row in lines)


def machine(packages: Sequence[str]) -> str:
    """Name versions and the size of the machine."""
    told = [f"gridopt {VERSION}", f"Python {platform.python_version()}"]
    told += [f"{name} {_version(name)}" for name in packages]
    size = f"{os.cpu_count()} processors, {platform.machine()}, {platform.system()}"
    return f"{', '.join(told)}; {size}."


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
