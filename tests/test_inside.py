"""What the pictures of a cut's inside must show."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from gridopt.errors import InputError
from gridopt.views import plot_gap, plot_travel, render_map


@pytest.fixture(autouse=True)
def close_figures():
    """Leave no figure behind."""
    yield
    plt.close("all")


def test_the_gap_is_drawn_as_it_was_told() -> None:
    """Cost and bound are drawn in kilometres, one point per step, and the gap told."""
    ax = plot_gap([(120_000, 90_000), (110_000, 100_000), (105_000, 105_000)])
    cost, bound = (line.get_ydata().tolist() for line in ax.lines)
    assert cost == [12, 11, 10.5]
    assert bound == [9, 10, 10.5]
    assert ax.get_title() == "差距由25.00%收窄到0"


def test_no_steps_are_a_sentence() -> None:
    """A block that is proven at once tells no steps: said, not drawn."""
    with pytest.raises(InputError, match="没有计算进程"):
        plot_gap([])


def test_the_heaviest_grids_are_drawn_on_top(small_outcome) -> None:
    """Bars are the longest travels, ascending from below, with firms and share told."""
    partition = small_outcome.partition
    ax = plot_travel(partition, n_most=5)
    lengths = [bar.get_width() for bar in ax.patches]
    longest = partition.grids["travel_m"].nlargest(5) / 1000
    assert lengths == pytest.approx(sorted(longest))
    top = partition.grids.loc[longest.index[0]]
    assert ax.texts[-1].get_text() == f"{longest.iloc[0]:,.1f}公里，{top['size']}家"
    share = longest.sum() * 1000 / partition.grids["travel_m"].sum()
    assert f"{share:.0%}" in ax.get_title()


def test_a_map_in_memory_leaves_no_figure_open(small_outcome) -> None:
    """The picture is a PNG and touches no global figure; an unknown unit is said."""
    before = plt.get_fignums()
    assert render_map(small_outcome.partition, dots_per_inch=40).startswith(b"\x89PNG")
    assert plt.get_fignums() == before
    with pytest.raises(InputError):
        render_map(small_outcome.partition, unit="没有的街道")
