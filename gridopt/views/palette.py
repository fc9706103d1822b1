"""Which colours and shapes figures are drawn with."""

from __future__ import annotations

from gridopt.colours import COLOURS, spread_colours

__all__ = ["ACCENT", "CHANGES", "COLOURS", "INK", "MARKERS", "PALE", "spread_colours"]

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""One shape per colour: what a grey print shows instead."""

INK = "#1F2933"
PALE = "#E7EBF0"
ACCENT = "#B42318"

CHANGES = {
    "moved": ("#D55E00", "o"),
    "forced": ("#0072B2", "s"),
    "entered": ("#009E73", "^"),
    "left": ("#4D4D4D", "X"),
}
"""Colour and shape of who changed; the shapes alone tell them apart in a grey print."""
