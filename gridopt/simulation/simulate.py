"""What awards may cost, and who may get them, drawn many times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from gridopt.appraisal.model import PassModel
from gridopt.awards.rules import AwardRules
from gridopt.simulation.case import Case, Scoring, check_words
from gridopt.simulation.draws import NET_SIZE
from gridopt.simulation.engines import ENGINE_WORDS, make_engines, name_tables
from gridopt.simulation.luck import SAMPLING_WORDS, Luck, Source
from gridopt.simulation.ranges import Range, check_ranges
from gridopt.simulation.results import Simulation
from gridopt.simulation.tally import Tally, list_persons, list_units
from gridopt.simulation.years import Years

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from gridopt.simulation.counting import Drawn
    from gridopt.simulation.engines import Engine
    from gridopt.simulation.scores import ScoreModel

OnProgress = Callable[[int, int], None]
MOST_REPLICATIONS = 100_000_000
_AT_ONCE = 1 << 18
"""Numbers drawn at a time: much more would not stay in the processor's cache."""
_KEPT_BYTES = 31 << 20


def simulate_awards(
    members: pd.DataFrame,
    rules: AwardRules | None = None,
    model: PassModel | None = None,
    *,
    replications: int = 10_000,
    seed: int = 0,
    years: Years | None = None,
    scoring: Scoring | None = None,
    grid_sd: float = 0.0,
    sampling: str = "plain",
    engine: str = "auto",
    score: ScoreModel | None = None,
    with_expectation: bool = False,
    block: int | None = None,
    workers: int = 1,
    on_progress: OnProgress | None = None,
) -> Simulation:
    """Draw what a city pays in awards, and with persons who gets how many stars.

    Parameters
    ----------
    members
        Counts as `settle_awards` takes them (`unit, members`, where wanted `grid_id`
        and `pass_share`), of which numbers of passes are drawn; or one row per member
        (`person_id, unit`, where wanted `grid_id`, `pass_share` and `quality`), for
        whom scores are drawn and ranked.
    rules, model, scoring, grid_sd
        What is supposed, see `Case`.
    replications, seed, years, sampling, engine, score, with_expectation
        See `simulate_scenarios`.
    block, workers, on_progress
        See `simulate_scenarios`.

    Returns
    -------
    Simulation
        The same bytes for the same seed, whatever `block` and `workers`.

    Raises
    ------
    InputError
        Naming rows, values and remedies, where anything cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> members = pd.DataFrame({"unit": ["a", "b"], "members": [200, 30]})
    >>> model = PassModel(0.9, unit_sd=0.5, city_sd=0.3)
    >>> drawn = simulate_awards(members, model=model, replications=2000)
    >>> mean = drawn.mean()
    >>> round(mean.value / 1000), round(mean.se / 1000, 1)
    (315, 0.5)
    """
    case = Case(
        rules or AwardRules(), model or PassModel(), grid_sd, scoring or Scoring()
    )
    return simulate_scenarios(
        members,
        {"": case},
        replications=replications,
        seed=seed,
        years=years,
        sampling=sampling,
        engine=engine,
        score=score,
        with_expectation=with_expectation,
        block=block,
        workers=workers,
        on_progress=on_progress,
    )[""]


def simulate_scenarios(
    members: pd.DataFrame | Mapping[str, pd.DataFrame],
    cases: Mapping[str, Case],
    *,
    replications: int = 10_000,
    seed: int = 0,
    years: Years | None = None,
    sampling: str = "plain",
    engine: str = "auto",
    score: ScoreModel | None = None,
    with_expectation: bool = False,
    block: int | None = None,
    workers: int = 1,
    on_progress: OnProgress | None = None,
) -> dict[str, Simulation]:
    """Draw several scenarios with the same draws, so that their differences are sharp.

    What scenarios share is drawn once: leniency always, passes or scores where the
    model is the same. No scenario's result hangs on the others.

    Parameters
    ----------
    members
        One table for all, or one for each scenario by name; see `simulate_awards`.
    cases
        Suppositions of each scenario by name.
    replications
        1 to `MOST_REPLICATIONS`.
    seed
        Any whole number.
    years
        How many years are drawn, and what they have in common; one where None.
    sampling
        `plain`: independent replications. `net`: leniency is spread evenly over each
        1,024 replications (see `draw_net`), so that means err far less.
    engine
        `auto` ranks where there are persons and counts otherwise; `counting` counts
        persons too.
    score
        A score model of one's own: called with `Draws` and the table, it returns
        scores of shape (n_replications, n_persons); who has 0 or more passes. It must
        not mind how many replications it is asked for at a time.
    with_expectation
        Whether the mean is to be taken over expected bills given leniency, which
        errs less. Possible where each row is a floor and a pool of its own.
    block
        Replications drawn at a time; memory grows with it.
    workers
        Threads.
    on_progress
        Called with the replications done and wanted after each block.

    Returns
    -------
    dict of Simulation
        By name. After a keyboard interrupt they hold what was drawn before it and
        say so (`is_interrupted`); where nothing was, the interrupt goes on.

    Raises
    ------
    InputError
        Where anything cannot be used.

    Examples
    --------
    >>> from gridopt.awards import AwardRules
    >>> import pandas as pd
    >>> members = pd.DataFrame({"unit": ["a", "b"], "members": [200, 30]})
    >>> cases = {"保底": Case(), "不设": Case(AwardRules(floor="none"))}
    >>> drawn = simulate_scenarios(members, cases, replications=1000)
    >>> drawn["保底"].compare(drawn["不设"])["label_zh"].iloc[0]
    '期望'
    """
    years = years or Years()
    _check_options(replications, seed, block, workers, sampling, engine)
    tables = name_tables(members, cases)
    engines = make_engines(tables, cases, years, engine, score, with_expectation)
    source = Source(int(seed), sampling)
    stretches = _cut(replications, block or _size_block(engines))
    drawn = _draw_all(engines, source, stretches, workers)
    tallies = _tally(drawn, stretches, on_progress)
    return {
        name: _sum_up(each, tally, tables[name], source)
        for (name, each), tally in zip(engines.items(), tallies, strict=True)
    }


def _sum_up(
    engine: Engine, tally: Tally, table: pd.DataFrame, source: Source
) -> Simulation:
    """Make the result of one scenario from what was drawn."""
    n, members = tally.n, engine.members
    is_one_pool = engine.case.rules.pool == "city"
    net_size = NET_SIZE if source.sampling == "net" else None
    is_ranked = tally.stars is not None
    return Simulation(
        case=engine.case,
        years=engine.years,
        seed=source.seed,
        sampling=source.sampling,
        years_yuan=tally.years_yuan[:, :n],
        expected_yuan=_first(tally.expected_yuan, n),
        n_ties=_first(tally.n_ties, n),
        units=list_units(tally, members, is_one_pool=is_one_pool, net_size=net_size),
        persons=list_persons(tally, members, table) if is_ranked else None,
        members=members.counts,
        is_interrupted=n < tally.years_yuan.shape[1],
    )


def _tally(
    drawn: Iterator[list[Drawn]],
    stretches: list[range],
    on_progress: OnProgress | None,
) -> list[Tally]:
    """Add up all stretches, or those that an interrupt lets come."""
    wanted = stretches[-1].stop
    tallies: list[Tally] = []
    try:
        for stretch, results in zip(stretches, drawn, strict=True):
            before = tallies or [Tally.start(wanted, each) for each in results]
            # at one blow, so that an interrupt finds all scenarios equally far
            tallies = [
                tally.add(each) for tally, each in zip(before, results, strict=True)
            ]
            if on_progress:
                on_progress(stretch.stop, wanted)
    except KeyboardInterrupt:
        if not tallies:
            raise
    return tallies


def _draw_all(
    engines: Mapping[str, Engine],
    source: Source,
    stretches: list[range],
    workers: int,
) -> Iterator[list[Drawn]]:
    """Draw stretch after stretch, all scenarios of one with the same luck."""
    # freed at once: the C library then keeps arrays of up to this size instead of
    # giving each back to the system, which may take a third of the time
    np.empty(_KEPT_BYTES, dtype=np.uint8)

    def draw(stretch: range) -> list[Drawn]:
        luck = Luck(source, stretch)
        return [engine.draw(luck) for engine in engines.values()]

    if workers == 1:
        yield from map(draw, stretches)
        return
    pool = ThreadPoolExecutor(workers)
    try:
        yield from pool.map(draw, stretches)
    finally:
        pool.shutdown(cancel_futures=True)


def _cut(replications: int, size: int) -> list[range]:
    return [
        range(first, min(first + size, replications))
        for first in range(0, replications, size)
    ]


def _size_block(engines: Mapping[str, Engine]) -> int:
    most = max(len(engine.members) for engine in engines.values())
    return max(1, min(NET_SIZE * 8, _AT_ONCE // most))


def _first(values: Any, n: int) -> Any:
    return None if values is None else values[:n]


def _check_options(
    replications: object,
    seed: object,
    block: object,
    workers: object,
    sampling: str,
    engine: str,
) -> None:
    check_ranges(
        "模拟",
        "a simulation",
        Range("replications", replications, 1, MOST_REPLICATIONS, is_whole=True),
        Range("seed", seed, -(2**63), 2**63, is_whole=True),
        Range("block", 1 if block is None else block, 1, 2**31, is_whole=True),
        Range("workers", workers, 1, 1024, is_whole=True),
    )
    check_words(
        ("sampling", sampling, SAMPLING_WORDS), ("engine", engine, ENGINE_WORDS)
    )
