"""What a newcomer is told: the README's few commands name what is really there."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[1]


def load_script():
    """Load the script that times a newcomer's way."""
    path = ROOT / "benchmarks" / "newcomer.py"
    spec = importlib.util.spec_from_file_location("newcomer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_leads_to_three_scenarios_in_ten_lines() -> None:
    """Under its heading stand a comparison of three scenarios and a notebook."""
    script = load_script()
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split(script.HEADING)[1].split("\n## ")[0]
    assert len(section.strip().splitlines()) <= 10
    compare, lab = script.read_commands(text)
    assert (compare[2], lab[2]) == ("compare", "lab")
    files = [word for word in compare + lab if word.endswith((".yaml", ".ipynb"))]
    assert len(files) == 4
    assert all((ROOT / file).is_file() for file in files)
