"""Where the desk's scenarios are run: what is read and cut once serves again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.errors import InputError
from gridopt.grids import make_grids
from gridopt.outcome import conclude_scenario
from gridopt.register import read_register

if TYPE_CHECKING:
    from gridopt.desk.past import PlanInForce
    from gridopt.outcome import Outcome
    from gridopt.partition import Partition
    from gridopt.register import Register
    from gridopt.scenario import Scenario
    from gridopt.solvers import Watch

STOPPED = "已停止，没有采用未算完的方案；下面仍是上一次的结果。"
"""How the sentence begins that ends a run which was stopped."""

_MOST_CUTS = 8


class Bench:
    """Runs scenarios on one register from one plan in force, as `run_scenario` does.

    Parameters
    ----------
    base
        The scenario that `register` was read by.
    register
        The register; read from the file that a scenario names where None.
    past
        The plan in force, where there is one.
    """

    def __init__(
        self, base: Scenario, register: Register | None, past: PlanInForce | None
    ) -> None:
        self._base, self._given, self._past = base, register, past
        self._read: dict[str, Register] = {}
        self._cuts: dict[str, Partition] = {}

    def outcome_of(self, scenario: Scenario, watch: Watch) -> Outcome:
        """Cut, staff and budget.

        Raises
        ------
        InputError
            As `run_scenario` does, and where it was stopped.
        """
        cut, past = self._cut_of(scenario, watch), self._past
        outcome = conclude_scenario(
            cut,
            scenario,
            past.plan if past else None,
            previous_roster=past.roster if past else None,
            register_before=past.register if past else None,
        )
        _refuse_stopped(watch)
        return outcome

    def _cut_of(self, scenario: Scenario, watch: Watch) -> Partition:
        """Cut; scenarios that cut alike share the cut.

        Without a plan in force moves by hand follow the cut, whose search knows
        nothing of them: so the next wish, or a corrected one, needs no other.
        """
        rules, pairs = scenario.grids, scenario.grids.moved
        is_after = self._past is None and len(dict(pairs)) == len(pairs)
        if is_after:
            rules = rules.model_copy(update={"moved": ()})
        key = f"{scenario.register!r} {rules!r} {scenario.changes!r} {scenario.seed}"
        if key not in self._cuts:
            try:
                cut = make_grids(
                    self._register_of(scenario),
                    rules,
                    self._past.plan if self._past else None,
                    changes=scenario.changes,
                    seed=scenario.seed,
                    watch=watch,
                )
            finally:  # what a stopped cut lacks is no fault of the input
                _refuse_stopped(watch)
            self._cuts = dict([*self._cuts.items(), (key, cut)][-_MOST_CUTS:])
        found = self._cuts[key]
        return found.with_moves(dict(pairs)) if is_after and pairs else found

    def _register_of(self, scenario: Scenario) -> Register:
        """Read the register by the scenario's rules, once for the same rules."""
        if self._given is not None and scenario.register == self._base.register:
            return self._given
        file = scenario.register.file
        if file is None:
            raise InputError(
                "基准情景没有写名录文件（register.file），不能按新的口径重读名录；"
                "请在情景文件中写明。",
                "The base scenario names no register (register.file), so none can be "
                "read by the new settings; name it in the scenario.",
            )
        key = scenario.register.model_dump_json()
        if key not in self._read:
            self._read[key] = read_register(file, scenario.register)
        return self._read[key]


def _refuse_stopped(watch: Watch) -> None:
    if watch.stop_file.exists():
        raise InputError(STOPPED, "Stopped; the results below are the last run's.")
