"""How certificates are kept in a file: plain arrays, no objects, the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.certificate import Certificate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_NUMBERS = (
    "least",
    "most",
    "target",
    "size_price",
    "area_price",
    "linkage_price",
    "mover_price",
    "mover_surcharge",
    "mover_allotment",
    "cost",
)
_ARRAYS = ("pi", "sigma", "order", "regions", "steps")
"""Kept flat; how wide they are follows from the ids, two for regions and steps."""
_TEXTS = ("block_id", "enterprise_ids", "previous_ids", "frozen")
_PAIRS = ("fixed", "forbidden", "must_link", "cannot_link")


def save_certificates(certificates: Sequence[Certificate], path: Path) -> None:
    """Write certificates: per block numbers, and runs of ids, duals and wishes."""
    arrays: dict[str, np.ndarray] = {
        "block_id": _texts([c.block_id for c in certificates]),
        "least_grids": _integers([c.n_grids[0] for c in certificates]),
        "most_grids": _integers([c.n_grids[1] for c in certificates]),
        "has_bound": np.array([c.bound is not None for c in certificates], dtype=bool),
        "bound": _integers([c.bound or 0 for c in certificates]),
    }
    for name in _NUMBERS:
        arrays[name] = _integers([getattr(c, name) for c in certificates])
    for name in _TEXTS[1:]:
        _add_runs(arrays, name, [_texts(getattr(c, name)) for c in certificates])
    for name in _ARRAYS:
        _add_runs(arrays, name, [getattr(c, name).ravel() for c in certificates])
    for name in _PAIRS:
        _add_runs(arrays, name, [_text_pairs(getattr(c, name)) for c in certificates])
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def _texts(values: Sequence[str]) -> np.ndarray:
    return np.array(list(values), dtype=np.str_)


def _text_pairs(values: Sequence[tuple[str, str]]) -> np.ndarray:
    return np.array(list(values), dtype=np.str_).reshape(-1, 2)


def _integers(values: Sequence[int]) -> np.ndarray:
    return np.array(list(values), dtype=np.int64)


def _add_runs(
    arrays: dict[str, np.ndarray], name: str, runs: Sequence[np.ndarray]
) -> None:
    """Store arrays one after another, and the length of each."""
    arrays[name] = np.concatenate(runs)
    arrays[f"{name}_length"] = _integers([len(run) for run in runs])


def load_certificates(path: Path) -> list[Certificate]:
    """Read certificates back.

    Raises
    ------
    ValueError, KeyError, OSError
        Where the file is none of ours, or damaged.
    """
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: _checked(name, file[name]) for name in file.files}
    certificates = [_certificate(arrays, i) for i in range(len(arrays["block_id"]))]
    n_blocks = len({certificate.block_id for certificate in certificates})
    if n_blocks < len(certificates):
        raise ValueError(f"{len(certificates)} certificates for {n_blocks} blocks")
    for name in (*_TEXTS, *_ARRAYS, *_PAIRS):
        lengths = arrays.get(f"{name}_length")
        if lengths is not None and not _adds_up(lengths, len(arrays[name])):
            raise ValueError(f"{name} is not as long as it is said to be")
    return certificates


def _checked(name: str, array: np.ndarray) -> np.ndarray:
    """Take an array as it was written; what would have to be converted is refused."""
    kind = "iu"
    if name in (*_TEXTS, *_PAIRS):
        kind = "U"
    elif name == "has_bound":
        kind = "b"
    is_whole = kind != "iu" or np.can_cast(array.dtype, np.int64)
    if array.dtype.kind not in kind or not is_whole:
        raise ValueError(f"{name} holds values of kind {array.dtype}")
    if array.ndim != (2 if name in _PAIRS else 1):
        raise ValueError(f"{name} has {array.ndim} dimensions")
    return array


def _adds_up(lengths: np.ndarray, total: int) -> bool:
    return bool((lengths >= 0).all()) and sum(lengths.tolist()) == total


def _certificate(arrays: dict[str, np.ndarray], i: int) -> Certificate:
    numbers = {name: int(arrays[name][i]) for name in _NUMBERS}
    pairs = {
        name: tuple((str(a), str(b)) for a, b in _run(arrays, name, i))
        for name in _PAIRS
    }
    flat = {name: _run(arrays, name, i).astype(np.int64) for name in _ARRAYS}
    n_ids, n_labels = (
        int(arrays[f"{name}_length"][i]) for name in ("enterprise_ids", "previous_ids")
    )
    n_rows = len(flat["pi"]) // max(n_ids, 1)
    return Certificate(
        block_id=str(arrays["block_id"][i]),
        enterprise_ids=tuple(map(str, _run(arrays, "enterprise_ids", i))),
        previous_ids=tuple(map(str, _run(arrays, "previous_ids", i))),
        frozen=tuple(map(str, _run(arrays, "frozen", i))),
        n_grids=(int(arrays["least_grids"][i]), int(arrays["most_grids"][i])),
        pi=flat["pi"].reshape(n_rows, n_ids),
        sigma=flat["sigma"].reshape(n_rows, n_labels),
        order=flat["order"],
        regions=flat["regions"].reshape(-1, 2),
        steps=flat["steps"].reshape(-1, 2),
        bound=int(arrays["bound"][i]) if arrays["has_bound"][i] else None,
        **numbers,  # type: ignore[arg-type]
        **pairs,  # type: ignore[arg-type]
    )


def _run(arrays: dict[str, np.ndarray], name: str, i: int) -> np.ndarray:
    lengths = arrays[f"{name}_length"]
    start = int(lengths[:i].sum())
    return arrays[name][start : start + int(lengths[i])]
