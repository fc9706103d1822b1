"""Where labels beside points stand, so that none lies on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection
from matplotlib.transforms import IdentityTransform

from gridopt.views.fonts import chinese_font, drawable
from gridopt.views.palette import INK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

_RINGS_PT = (7.0, 12.0, 18.0, 28.0)
"""The first clears the point and the gap around a label; one of 5.5 never did."""
_POINT_PT = 5.0
"""Half the width of what is drawn at a point."""

_SIDES = ((1, 1), (-1, 1), (1, -1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1))
_GAP_PX = 1.5
_NEAR_PT = 9.0
"""A label farther from its point than this is joined to it by a line."""


def place_labels(
    ax: Axes,
    texts: Sequence[str],
    points: npt.NDArray[np.float64],
    *,
    around: Sequence[Text] = (),
    size_pt: float = 8.5,
) -> None:
    """Write labels beside points; they find their places when the figure is drawn.

    Only then is it known how large the axes and the letters are. A label that finds
    room only at a distance is joined to its point; one that finds none near it within
    the axes is left out.

    Parameters
    ----------
    points
        In data units, shape (n, 2).
    around
        Texts that stand already, to be kept clear of.
    """
    if not texts:
        return
    labels = [
        ax.annotate(
            drawable(text), (x, y), xytext=(0, 0), textcoords="offset points",
            fontproperties=chinese_font(size_pt), color=INK, zorder=5,
            bbox={"boxstyle": "round,pad=0.12", "fc": "white", "ec": "none",
                  "alpha": 0.75},
        )
        for text, (x, y) in zip(texts, points, strict=True)
    ]  # fmt: skip
    for label in labels:
        label.set_in_layout(False)
    ax.add_artist(_Placer(ax, labels, points, around))


class _Placer(Artist):
    """Draws nothing, but is drawn before the labels and moves them apart."""

    def __init__(
        self,
        ax: Axes,
        labels: Sequence[Text],
        points: npt.NDArray[np.float64],
        around: Sequence[Text],
    ) -> None:
        super().__init__()
        self.set_zorder(-1)
        self.set_in_layout(False)
        self._on, self._labels, self._points = ax, labels, points
        self._around = around
        self._leaders = LineCollection(
            [], colors=INK, linewidths=0.5, transform=IdentityTransform(), zorder=4.9
        )
        self._leaders.set_in_layout(False)
        ax.add_artist(self._leaders)

    def draw(self, renderer: RendererBase) -> None:
        """Give each label the first free place around its point."""
        pt = renderer.points_to_pixels(1.0)
        frame = self._on.get_window_extent(renderer)
        centres = self._on.transData.transform(self._points)
        around = [_edges(text.get_window_extent(renderer)) for text in self._around]
        half = _POINT_PT * pt
        taken = [*around, *np.hstack([centres - half, centres + half])]
        leaders = []
        for label, centre in zip(self._labels, centres, strict=True):
            label.set_visible(True)
            box = label.get_window_extent(renderer)
            corner = _find_room(centre, box.size, pt, _edges(frame), np.array(taken))
            label.set_visible(corner is not None)
            if corner is not None:
                shift = (corner - box.min) / pt
                label.set_position(tuple(label.get_position() + shift))
                taken.append(np.concatenate([corner, corner + box.size]))
                end = np.clip(centre, corner, corner + box.size)
                if np.abs(end - centre).max() > _NEAR_PT * pt:
                    leaders.append([centre, end])
        self._leaders.set_segments(leaders)


def _edges(box: Bbox) -> npt.NDArray[np.float64]:
    return np.asarray(box.extents, dtype=np.float64)


def _find_room(
    centre: npt.NDArray[np.float64],
    size: npt.NDArray[np.float64],
    pt: float,
    frame: npt.NDArray[np.float64],
    taken: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64] | None:
    """Find the lower left corner of the first free place around a point, in pixels."""
    rings = np.repeat(_RINGS_PT, len(_SIDES)) * pt
    sides = np.tile(np.array(_SIDES, dtype=np.float64), (len(_RINGS_PT), 1))
    middles = centre + sides * (rings[:, None] + size / 2)
    low, high = middles - size / 2 - _GAP_PX, middles + size / 2 + _GAP_PX
    is_free = np.all((low >= frame[:2]) & (high <= frame[2:]), axis=1)
    if len(taken):
        is_apart = (low[:, None] >= taken[None, :, 2:]) | (
            high[:, None] <= taken[None, :, :2]
        )
        is_free &= np.all(is_apart.any(axis=2), axis=1)
    if not is_free.any():
        return None
    return np.asarray(low[int(is_free.argmax())] + _GAP_PX)
