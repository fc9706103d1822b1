"""How the few inner loops become machine code: once, for all later runs.

A change in one file alters the machine code of kernels in others, which numba's own
bookkeeping of single files would not see. So the code is kept in a folder named after
the contents of all files that kernels are made of.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Function = TypeVar("Function", bound="Callable[..., Any]")

if TYPE_CHECKING:
    whole = int
else:
    whole = np.int64
    """Makes a whole number of 64 bits: not a literal, for which numba compiles anew."""

_ROOM = Path(__file__).parent
_PREFIX = "kernels-"
_READY = "ready"
_CACHE_DIR = "CACHE_DIR"
_DISABLED = "DISABLE_JIT"
_CONSTANTS = ("problem", "prices", "result", "compiling")
"""Files whose constants are built into kernels."""


def kernel(function: Function) -> Function:
    """Compile a function that Python calls, and keep the machine code for later runs.

    No fast-math: floats are added in the order written, so every machine sees the
    same numbers. Where no folder can be written the code is compiled anew in each
    process.
    """
    return _compile(function, cache=FOLDER is not None, no_cfunc_wrapper=True)


def inner(function: Function) -> Function:
    """Compile a function that only kernels call; it becomes a part of theirs."""
    return _compile(function, no_cfunc_wrapper=True, no_cpython_wrapper=True)


def is_ready() -> bool:
    """Tell whether nothing has to be compiled: an earlier run has kept all kernels."""
    if _is_plain():
        return True
    return FOLDER is not None and (FOLDER / _READY).exists()


def note_ready() -> None:
    """Note that all kernels have been compiled and kept."""
    if FOLDER is not None and not _is_plain():
        (FOLDER / _READY).touch()


def _is_plain() -> bool:
    """Tell whether loops run as they are written, as a setting of numba asks for."""
    return bool(getattr(numba.config, _DISABLED))


def _compile(function: Function, **options: Any) -> Function:
    before = getattr(numba.config, _CACHE_DIR)
    setattr(numba.config, _CACHE_DIR, str(FOLDER or ""))
    try:
        compiled: Function = numba.njit(error_model="numpy", nogil=True, **options)(
            function
        )
    finally:
        setattr(numba.config, _CACHE_DIR, before)
    return compiled


def _find_folder() -> Path | None:
    """Find where machine code can be kept; None where nothing can be written."""
    name = _PREFIX + hashlib.sha256(b"\0".join(_sources())).hexdigest()[:16]
    for base in _bases():
        try:
            (base / name).mkdir(parents=True, exist_ok=True)
            (base / name / ".writable").touch()
        except OSError:
            continue
        _clear(base, name)
        return base / name
    return None


def _sources() -> Iterator[bytes]:
    """Yield the files that kernels are made of, constants included."""
    for path in (_ROOM.parent / "problem.py", *sorted(_ROOM.glob("*.py"))):
        text = path.read_bytes()
        is_kernel = b"\n@kernel\n" in text or b"\n@inner\n" in text
        if is_kernel or path.stem in _CONSTANTS:
            yield text


def _bases() -> Iterator[Path]:
    told = os.environ.get("NUMBA_CACHE_DIR")
    if told:
        yield Path(told)
    yield _ROOM / "__pycache__"
    for variable in ("LOCALAPPDATA", "XDG_CACHE_HOME"):
        if os.environ.get(variable):
            yield Path(os.environ[variable]) / "gridopt"
    try:
        yield Path.home() / ".cache" / "gridopt"
    except RuntimeError:  # nobody's home
        return


def _clear(base: Path, name: str) -> None:
    """Remove the code of earlier versions, but not where others may use it."""
    if base == _ROOM / "__pycache__":
        for old in base.glob(_PREFIX + "*"):
            if old.name != name:
                shutil.rmtree(old, ignore_errors=True)


FOLDER = _find_folder()
"""Where machine code is kept, None where nowhere."""
