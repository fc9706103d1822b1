"""Which small register the examples use: two townships of the synthetic one."""

from __future__ import annotations

from importlib.resources import as_file, files

from gridopt.register import Register, RegisterRules, read_register


def read_sample() -> Register:
    """Read the small synthetic register that stands in the examples.

    The enterprises of 干江镇 and of the island township 鸡山乡, all made up.

    Examples
    --------
    >>> read_sample().is_synthetic
    True
    """
    rules = RegisterRules(coordinates="gcj02", industry_edition="2017")
    with as_file(files("gridopt.tables") / "sample-register.csv") as path:
        return read_register(path, rules)
