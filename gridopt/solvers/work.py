"""How much work a block has had, and whether somebody asked to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Work:
    """The work spent, in steps that are the same on every machine.

    Parameters
    ----------
    should_stop
        Asked between steps; once it says yes, the work is over for good.
    on_progress
        Told the cost and the bound (whole decimetres) whenever one of them improves.
    """

    def __init__(
        self,
        should_stop: Callable[[], bool] | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.spent = 0
        self.is_interrupted = False
        self._should_stop = should_stop
        self._on_progress = on_progress

    def step(self, n: int = 1) -> bool:
        """Count n steps; False once somebody asked to stop."""
        self.spent += n
        return self.go_on()

    def add(self, n: int) -> None:
        """Count n steps."""
        self.spent += n

    def go_on(self) -> bool:
        """Ask whether to go on; False once somebody asked to stop."""
        if self._should_stop is not None and not self.is_interrupted:
            self.is_interrupted = bool(self._should_stop())
        return not self.is_interrupted

    def tell(self, cost: int, bound: int) -> None:
        """Tell whoever waits how far it is."""
        if self._on_progress is not None:
            self._on_progress(cost, bound)
