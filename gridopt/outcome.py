"""What one scenario leads to: partition, roster, budget, clauses, in one value."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from gridopt.adjustment import check_register_before, explain_adjustment
from gridopt.awards.eligibility import refuse_strangers
from gridopt.budget import set_budget
from gridopt.cards import Card, Shown
from gridopt.compliance import check_clauses
from gridopt.errors import refuse_kind
from gridopt.grids import make_grids
from gridopt.movers import count_movers
from gridopt.payments import budget_results, list_enterprises
from gridopt.release import VERSION
from gridopt.roster import assign_roles
from gridopt.scenario import Scenario, list_choices, scenario_text
from gridopt.words import CLAUSE_STATUS, metres_text, yuan_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from gridopt.adjustment import Adjustment
    from gridopt.budget import Budget
    from gridopt.partition import Partition
    from gridopt.register import Register
    from gridopt.results import Results
    from gridopt.roster import Roster

_SHOWN_VERSIONS = ("numba", "numpy", "ortools", "pandas")


@dataclass(frozen=True, repr=False)
class Outcome(Shown):
    """Everything a scenario leads to on one register.

    Attributes
    ----------
    scenario, register
        What was chosen, and for whom.
    partition, roster, budget
        Who is with whom, who leads, what it costs.
    clauses
        What each clause of the policy says of this plan: `key, status, evidence,
        section`.
    choices
        Every setting that interprets a clause, with its value in force.
    summary
        The content of `summary.json`.
    adjustment
        Who changed grid since the plan in force, and why; None where there is none.
    """

    scenario: Scenario
    register: Register
    partition: Partition
    roster: Roster
    budget: Budget
    clauses: pd.DataFrame
    choices: tuple[dict[str, Any], ...]
    summary: dict[str, Any]
    adjustment: Adjustment | None = None

    def card(self) -> Card:
        """Tell what was cut, how well it is proven and what it costs.

        Examples
        --------
        >>> import gridopt as go
        >>> go.run_scenario(go.read_sample()).card().facts[1]
        ('企业网格', '106家企业划为6个网格，已证明最优')
        """
        cut, roster, budget = self.partition.card(), self.roster, self.budget
        met = self.clauses["status"].value_counts()
        people = f"网格成员{int(roster.members.sum()):,}人"
        facts = (
            ("名录", self.register.card().brief),
            ("企业网格", cut.brief),
            ("到中心企业距离", f"合计{metres_text(self.partition.travel_m)}"),
            ("例外", f"{len(self.partition.exceptions):,}项"),
            ("人员", people),
            ("经费", f"合计{yuan_text(budget.total_yuan)}，{_span(budget)}"),
            ("条款", "，".join(f"{word}{met.get(key, 0)}条"
                             for key, word in CLAUSE_STATUS.items())),
        )  # fmt: skip
        title = "：".join(filter(None, ("测算结果", self.scenario.title)))
        return Card(title, cut.brief, facts, mark=cut.mark, picture=cut.picture)


def _span(budget: Budget) -> str:
    """Tell within which bounds the total lies; a settled one has none."""
    if budget.settlement is not None:
        return "按评定结果"
    return f"可能在{yuan_text(budget.least_yuan)}至{yuan_text(budget.most_yuan)}之间"


def run_scenario(
    register: Register,
    scenario: Scenario | None = None,
    previous: Outcome | Partition | pd.DataFrame | None = None,
    *,
    previous_roster: Roster | pd.DataFrame | None = None,
    results: Results | None = None,
    register_before: Register | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    is_shown: bool = False,
    time_limit_s: float | None = None,
) -> Outcome:
    """Cut, staff and budget a register as a scenario says: the whole way in one.

    Parameters
    ----------
    register
        The register, read with `scenario.register`.
    scenario
        The choices; the defaults where None.
    previous
        What is in force, where there is something: an earlier outcome, with its
        people; or a plan alone.
    previous_roster
        The roster in force, where `previous` is a plan; its people are kept.
    results
        Results of the appraisal of the scenario's year: the money is then settled
        from them, on the grids just made, and not planned.
    register_before
        The register that plan was made of, where it is not given as a partition: for
        the change report, see `explain_adjustment`.
    workers
        Number of processes for the cut; the answer does not depend on it.
    scheduler
        Address of a dask scheduler whose workers cut the blocks instead.
    is_shown
        Show progress on standard error.
    time_limit_s
        Seconds after which the cut ends with its best plan, marked `interrupted`.

    Raises
    ------
    InputError
        Where staff, wishes, the previous plan or its register cannot be used; where
        the results cannot be settled, before the cut if it does not hang on the grids.

    Examples
    --------
    >>> import gridopt as go
    >>> outcome = go.run_scenario(go.read_sample())
    >>> outcome.summary["n_grids"] == len(outcome.partition.grids)
    True
    """
    scenario = scenario or Scenario()
    refuse_kind("名录", "Register", register, "sha256")
    refuse_kind("情景", "Scenario", scenario, "grids")
    if isinstance(previous, Outcome):
        if previous_roster is None:
            previous_roster = previous.roster
        previous = previous.partition
    if results is not None:
        _refuse_early(register, scenario, results)
    if previous is not None and register_before is not None:
        check_register_before(previous, register_before)
    partition = make_grids(
        register,
        scenario.grids,
        previous,
        changes=scenario.changes,
        seed=scenario.seed,
        workers=workers,
        scheduler=scheduler,
        is_shown=is_shown,
        time_limit_s=time_limit_s,
    )
    return conclude_scenario(
        partition,
        scenario,
        previous,
        previous_roster=previous_roster,
        results=results,
        register_before=register_before,
    )


def run_scenarios(
    pairs: Sequence[tuple[Register, Scenario]],
    *,
    workers: int = 1,
    is_shown: bool = False,
) -> list[Outcome]:
    """Run several scenarios; those that cut the same register alike share the cut.

    Parameters
    ----------
    pairs
        Each scenario with its register; a register that several share is to be the
        very same object.
    workers, is_shown
        As `run_scenario` takes them.

    Examples
    --------
    >>> import gridopt as go
    >>> register, money = go.read_sample(), go.BudgetRules(floor="none")
    >>> two = [(register, go.Scenario()), (register, go.Scenario(money=money))]
    >>> one, other = run_scenarios(two)
    >>> one.partition.blocks is other.partition.blocks
    True
    """
    cuts: list[Partition] = []
    outcomes = []
    for register, scenario in pairs:
        partition = next(
            (one for one in cuts if _is_cut(one, register, scenario)), None
        )
        if partition is None:
            partition = make_grids(
                register,
                scenario.grids,
                seed=scenario.seed,
                workers=workers,
                is_shown=is_shown,
            )
            cuts.append(partition)
        outcomes.append(conclude_scenario(partition, scenario))
    return outcomes


def _is_cut(partition: Partition, register: Register, scenario: Scenario) -> bool:
    """Tell whether a fresh partition is the one that a scenario asks for."""
    is_same = partition.register is register and partition.rules == scenario.grids
    return is_same and set(partition.blocks["seed"]) <= {scenario.seed}


def conclude_scenario(
    partition: Partition,
    scenario: Scenario,
    previous: Partition | pd.DataFrame | None = None,
    *,
    previous_roster: Roster | pd.DataFrame | None = None,
    results: Results | None = None,
    register_before: Register | None = None,
) -> Outcome:
    """Staff and budget a partition as a scenario says: the way without the cut.

    Parameters
    ----------
    partition
        The plan, cut from `previous` where there is one.
    previous
        The plan in force: what has changed since is explained.
    previous_roster, results, register_before
        As `run_scenario` takes them.

    Raises
    ------
    InputError
        Where the staff cannot be used, or the plan was not made from `previous`.
    """
    if partition.rules != scenario.grids:  # moves by hand of the plan in force
        scenario = replace(scenario, grids=partition.rules)
    roster = assign_roles(partition, scenario.roles, previous_roster)
    partition = partition.with_exceptions(roster.exceptions)
    budget = _budget(partition, scenario, results)
    choices = tuple(list_choices(scenario))
    clauses = check_clauses(partition, roster, budget, choices)
    summary = _summary(scenario, partition, budget, choices)
    summary["hashes"] |= {
        "previous": _hash_of(previous),
        "previous_roster": _hash_of(previous_roster),
        "results": None if results is None else results.sha256,
    }
    if register_before is not None:
        summary["hashes"]["register_before"] = register_before.sha256
    adjustment = None
    if previous is not None:
        adjustment = explain_adjustment(
            partition,
            previous,
            register_before=register_before,
            money=scenario.money,
            date=scenario.date,
        )
    return Outcome(
        scenario,
        partition.register,
        partition,
        roster,
        budget,
        clauses,
        choices,
        summary,
        adjustment,
    )


def _refuse_early(register: Register, scenario: Scenario, results: Results) -> None:
    """Refuse results that no cut could mend, before the long work."""
    refuse_strangers(results.posts, register.enterprises.index)
    rules, year = scenario.money, scenario.year
    if year is None or "grid" not in (rules.pool, rules.floor_level):
        places = list_enterprises(register)
        budget_results(results, rules, year=year, enterprises=places)


def _budget(
    partition: Partition, scenario: Scenario, results: Results | None
) -> Budget:
    rules, year = scenario.money, scenario.year
    if results is None:
        return set_budget(partition, rules, year=year)
    places = list_enterprises(partition.register, partition.enterprises)
    return budget_results(results, rules, year=year, enterprises=places)


def _summary(
    scenario: Scenario,
    partition: Partition,
    budget: Budget,
    choices: tuple[dict[str, Any], ...],
) -> dict[str, Any]:
    register = partition.register
    gap = partition.gap_share
    return {
        "status": partition.status,
        "title": scenario.title,
        "date": scenario.date.isoformat() if scenario.date else "",
        "is_synthetic": register.is_synthetic,
        "n_read": register.n_read,
        "n_eligible": len(register.enterprises),
        "n_left_out": dict(sorted(register.left_out.items())),
        "n_quarantined": len(register.quarantined),
        "n_blocks": len(partition.blocks),
        "n_grids": len(partition.grids),
        "n_exceptions": len(partition.exceptions),
        "travel_m": partition.travel_m,
        "cost": partition.cost,
        "bound": partition.bound,
        "gap_share": None if gap is None else round(gap, 6),
        "small_blocks": dict(partition.small_blocks),
        **count_movers(partition),
        "previous_remarks": [zh for zh, _ in partition.remarks],
        "last_numbers": dict(partition.last_numbers),
        **budget.totals,
        "choices": [_shown_choice(row) for row in choices],
        "hashes": {
            "register": register.sha256,
            "scenario": hashlib.sha256(scenario_text(scenario)).hexdigest(),
        },
        "versions": _versions(),
        "seed": scenario.seed,
    }


def _versions() -> dict[str, str]:
    # the package need not be installed, so it tells its version itself
    others = {name: version(name) for name in _SHOWN_VERSIONS}
    return {"gridopt": VERSION, **others}


def _hash_of(previous: object) -> str | None:
    """SHA-256 of the file that was read; what comes from memory has none."""
    return getattr(previous, "attrs", {}).get("sha256")


def _shown_choice(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "clause": row["clause"],
        "setting": row["setting"],
        "value": row["value"],
        "is_default": row["is_default"],
    }
