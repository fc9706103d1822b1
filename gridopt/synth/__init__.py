"""What a made-up register is: Yuhuan of any size, the next year, and their files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gridopt.errors import InputError, tell_reason
from gridopt.synth.ageing import age_register
from gridopt.synth.enterprises import MARK, make_register

__all__ = ["MARK", "age_register", "make_register", "write_synthetic"]


def write_synthetic(
    n_enterprises: int, seed: int, out: Path | str, after: Path | str | None = None
) -> Path:
    """Write a synthetic register, or the next snapshot of the one in `after`.

    Parameters
    ----------
    n_enterprises
        Rows wanted; where `after` is given, its own rates decide instead.
    seed
        Any integer.
    out
        The CSV file to write (utf-8-sig, LF); an existing file is replaced.
    after
        A synthetic register to age by one year.

    Raises
    ------
    InputError
        If `out` is no ``.csv`` or cannot be written, or `after` cannot be read or is
        not synthetic.
    """
    out = Path(out)
    if out.suffix.lower() != ".csv":
        raise InputError(
            f"合成名录只写成 .csv 文件，不能写成“{out.name}”。",
            f"A synthetic register is written as .csv, not as “{out.name}”.",
        )
    if after is None:
        register = make_register(n_enterprises, seed=seed)
    else:
        register = age_register(read_synthetic(Path(after)), seed=seed)
    text = register.to_csv(index=False, lineterminator="\n", float_format="%.6f")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(text.encode("utf-8-sig"))
    except OSError as error:
        reason_zh, reason_en = tell_reason(error)
        raise InputError(
            f"无法写入“{out}”：{reason_zh}。请另选一个文件。",
            f"“{out}” cannot be written: {reason_en}. Choose another file.",
        ) from error
    return out


def read_synthetic(path: Path) -> pd.DataFrame:
    """Read a file of `write_synthetic` back, as text."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(
            f"读不出上一期合成名录“{path}”：{error}。"
            "请给出由 gridopt synth 生成的文件。",
            f"The previous synthetic register “{path}” cannot be read: {error}. Give a"
            " file that gridopt synth made.",
        ) from error
