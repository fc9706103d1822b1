"""What a map is as a picture in memory, drawn without any global figure."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from gridopt.views.maps import plot_map

if TYPE_CHECKING:
    from gridopt.partition import Partition

_INCHES = (9.5, 7.0)


def render_map(
    partition: Partition, *, unit: str | None = None, dots_per_inch: int = 90
) -> bytes:
    """Draw a map as a PNG; it may be called from any thread.

    Parameters
    ----------
    unit
        Draw only the grids of this unit (code or name).
    dots_per_inch
        How fine; the picture is 9.5 by 7 inches.

    Returns
    -------
    bytes
        The PNG file.

    Raises
    ------
    InputError
        Where no such grid exists, or no font draws Chinese.

    Examples
    --------
    >>> import gridopt as go
    >>> picture = render_map(go.make_grids(go.read_sample()), dots_per_inch=30)
    >>> picture[1:4]
    b'PNG'
    """
    figure = Figure(figsize=_INCHES, layout="constrained")
    plot_map(partition, ax=figure.subplots(), unit=unit)
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=dots_per_inch)
    return held.getvalue()
