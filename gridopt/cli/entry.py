"""How a command begins and ends: in words and an exit status, never in a traceback."""

from __future__ import annotations

import os
import sys

from gridopt.cli.common import BAD_INPUT, BAD_USAGE, INTERRUPTED, app
from gridopt.console import DEBUG, print_defect, print_findings
from gridopt.errors import InputError

_USAGE = (
    "命令写得不对，问题见上面框内；各命令的写法：python start.py 命令 --help。 "
    "The command is not right, see the box above; python start.py WORD --help tells "
    "how it goes."
)
_KEYBOARD = 130
"""Exit status by which the command framework answers the keyboard."""


def main() -> None:
    """Run the command line; faults of the input end in words, never in a traceback."""
    try:
        _run()
    except BrokenPipeError:
        # whoever read has gone (`| head`): what is left to say goes nowhere
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        sys.exit(BAD_INPUT)


def _run() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app(prog_name="gridopt")
    except InputError as fault:
        print(fault.message_zh, file=sys.stderr)
        print(fault.message_en, file=sys.stderr)
        if fault.findings is not None and len(fault.findings):
            print_findings(fault.findings)
        sys.exit(BAD_INPUT)
    except SystemExit as end:
        if end.code == BAD_USAGE:  # the framework says it in English only
            print(_USAGE, file=sys.stderr)
        if end.code != _KEYBOARD:
            raise
        _end_interrupted()
    except KeyboardInterrupt:
        _end_interrupted()
    except BaseException as fault:  # a panic of a compiled part is no Exception
        if os.environ.get(DEBUG):
            raise
        print_defect(fault)
        sys.exit(BAD_INPUT)


def _end_interrupted() -> None:
    print("已中断，未写出结果。 Interrupted; nothing was written.", file=sys.stderr)
    sys.exit(INTERRUPTED)
