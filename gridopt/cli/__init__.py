"""The same from a terminal: every verb of the package as a command."""

from gridopt.cli import machine, money, plans, registers, several
from gridopt.cli.common import BAD_INPUT, BAD_USAGE, DONE, INTERRUPTED, app
from gridopt.cli.entry import main

ORDER = (
    *("run", "check", "verify", "budget", "compare", "frontier"),
    *("changes", "history", "synth", "doctor"),
)
"""How help lists the commands: the daily ones first."""

app.registered_commands.sort(key=lambda command: ORDER.index(str(command.name)))

__all__ = [
    "BAD_INPUT",
    "BAD_USAGE",
    "DONE",
    "INTERRUPTED",
    "app",
    "machine",
    "main",
    "money",
    "plans",
    "registers",
    "several",
]
