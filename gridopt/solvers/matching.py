"""How people are matched to posts by minimum-cost flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

IntArray = npt.NDArray[np.int64]

NONE = -1
"""A post without a person, a person without a limit."""


@dataclass(frozen=True)
class Matching:
    """Who holds which post: a position per post, `NONE` where vacant, shape (n,)."""

    people: IntArray
    n_vacant: int
    cost: int
    largest_load: int


def match_people(
    posts: npt.ArrayLike,
    people: npt.ArrayLike,
    costs: npt.ArrayLike,
    limits: npt.ArrayLike,
    *,
    n_posts: int,
) -> Matching:
    """Fill posts by minimum-cost flow: fewest vacant, least cost, least largest load.

    Parameters
    ----------
    posts, people, costs
        One entry per possible pair: post 0 … n_posts - 1, position of the person,
        cost as a whole number from 0; shape (m,).
    limits
        Most posts of each person, `NONE` for no limit, shape (p,).

    Examples
    --------
    >>> match_people([0, 1, 1], [0, 0, 1], [0, 0, 1], [1, 1], n_posts=2).people.tolist()
    [0, 1]
    """
    arcs = [np.asarray(part, dtype=np.int64) for part in (posts, people, costs)]
    most = np.asarray(limits, dtype=np.int64)
    most = np.where(most == NONE, n_posts, np.minimum(most, n_posts))
    best = _flow(arcs, most, n_posts)
    low, high = 0, best.largest_load
    while low < high:
        middle = (low + high) // 2
        tried = _flow(arcs, np.minimum(most, middle), n_posts)
        if (tried.n_vacant, tried.cost) == (best.n_vacant, best.cost):
            best, high = tried, min(middle, tried.largest_load)
        else:
            low = middle + 1
    return best


def _flow(arcs: list[IntArray], most: IntArray, n_posts: int) -> Matching:
    """Nodes: the posts, then the people, then the sink."""
    posts, people, costs = arcs
    n_people = len(most)
    sink = n_posts + n_people
    vacancy = int(costs.max(initial=0)) * n_posts + 1
    flow = min_cost_flow.SimpleMinCostFlow()
    pair_arcs = flow.add_arcs_with_capacity_and_unit_cost(
        posts, people + n_posts, np.ones_like(posts), costs
    )
    for person in range(n_people):
        flow.add_arc_with_capacity_and_unit_cost(
            n_posts + person, sink, int(most[person]), 0
        )
    for post in range(n_posts):
        flow.add_arc_with_capacity_and_unit_cost(post, sink, 1, vacancy)
        flow.set_node_supply(post, 1)
    flow.set_node_supply(sink, -n_posts)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise AssertionError(f"the flow of {n_posts} posts ended with {status}")
    is_used = np.asarray(flow.flows(pair_arcs), dtype=np.int64) > 0
    holders = np.full(n_posts, NONE, dtype=np.int64)
    holders[posts[is_used]] = people[is_used]
    loads = np.bincount(people[is_used], minlength=1)
    holders.flags.writeable = False
    return Matching(
        people=holders,
        n_vacant=int((holders == NONE).sum()),
        cost=int(costs[is_used].sum()),
        largest_load=int(loads.max()),
    )
