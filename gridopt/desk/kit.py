"""Where the controls come from: ipywidgets, an extra that need not be installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from gridopt.errors import InputError


def load_kit() -> Any:
    """Load ipywidgets, or say how to get it.

    Raises
    ------
    InputError
        Where it is not installed.

    Examples
    --------
    >>> load_kit().IntProgress.__name__
    'IntProgress'
    """
    try:
        return import_module("ipywidgets")
    except ImportError:
        raise InputError(
            "没有安装 ipywidgets，打不开情景台。请用 python start.py lab 打开 "
            "JupyterLab（会一并安装），或安装附加包 notebook。",
            "ipywidgets is not installed, so the desk cannot open. Start JupyterLab by "
            "python start.py lab, which installs it, or install the extra notebook.",
        ) from None
