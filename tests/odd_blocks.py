"""Small blocks with any mix of prices, past, wishes and places; trees of cases."""

from __future__ import annotations

import numpy as np

from gridopt.problem import NONE, Problem

FEATURES = (
    "size", "area", "linkage", "mover", "free", "fixed", "forbidden", "must_link",
    "cannot_link", "travel", "weights", "duplicates",
)  # fmt: skip
"""What a block may have beside places; each changes what the cheapest plan is."""

BANDS = ((2, 4), (3, 5), (2, 3), (1, 4), (3, 3), (2, 6))
_NO_PAIRS = np.empty((0, 2), dtype=np.int64)


def draw_features(rng):
    """Draw one feature alone, some, or all."""
    match rng.integers(4):
        case 0:
            return {FEATURES[rng.integers(len(FEATURES))]}
        case 1:
            return set(FEATURES)
        case _:
            return {name for name in FEATURES if rng.random() < 0.4}


def draw_block(seed, features=None, n=None, band=None):
    """Draw a block, of 4 to 12 enterprises if not told, whose band can be kept."""
    rng = np.random.default_rng(seed)
    has = draw_features(rng) if features is None else set(features)
    least, most = band or BANDS[rng.integers(len(BANDS))]
    while n is None or -(-n // most) > n // least:
        n = int(rng.integers(4, 13))
    reach = (8, 300, 30_000)[rng.integers(3)]
    places = rng.integers(0, reach, (n, 2))
    if "duplicates" in has:
        places = places[rng.integers(0, max(2, n // 2), n)]
    counts = draw_counts(rng, n, (least, most), is_free="free" in has)
    secret = rng.permutation(np.arange(n) % rng.integers(counts[0], counts[1] + 1))
    return Problem.of_points(
        f"odd-{seed}",
        places,
        least=least,
        most=most,
        target=int(rng.integers(2, most + 2)),
        n_grids=counts,
        areas=rng.integers(NONE, 3, n),
        groups=rng.integers(NONE, 3, n),
        weights=draw_weights(rng, n) if "weights" in has else np.ones(n),
        travel_dm=rng.integers(0, reach, (n, n)) if "travel" in has else None,
        **draw_prices(rng, reach, has),
        **draw_past(rng, secret, has),
        **draw_links(rng, secret, has),
    )


def draw_counts(rng, n, band, *, is_free):
    """Draw a number of grids that the band can keep, or a range of such."""
    fewest, most = -(-n // band[1]), n // band[0]
    low, high = sorted(rng.integers(fewest, most + 1, 2).tolist())
    return (low, high) if is_free else (low, low)


def draw_weights(rng, n):
    """Draw workloads, whole or not."""
    weights = rng.integers(1, 4, n).astype(float)
    return weights if rng.random() < 0.5 else weights / 2 + rng.random(n)


def draw_prices(rng, reach, has):
    """Draw each price that the block has, about as dear as the ways."""
    names = ("size", "area", "linkage", "mover")
    return {
        f"{name}_price": int(rng.integers(1, reach)) if name in has else 0
        for name in names
    }


def draw_past(rng, secret, has):
    """Draw previous grids, and wishes that a secret plan keeps, but for one in four."""
    if not has & {"mover", "fixed", "forbidden"}:
        return {}
    n, n_labels = len(secret), int(rng.integers(1, 4))
    past = {"n_labels": n_labels, "previous": rng.integers(NONE, n_labels, n)}
    for name in sorted(has & {"fixed", "forbidden"}):
        who = rng.integers(0, n, rng.integers(1, 4))
        label = rng.integers(0, n_labels, len(who))
        if name == "fixed" and rng.random() < 0.75:
            who = who[secret[who] < n_labels]
            label = secret[who]
        if name == "forbidden" and rng.random() < 0.75:
            who, label = who[label != secret[who]], label[label != secret[who]]
        past[name] = np.column_stack([who, label])
    return past


def draw_links(rng, secret, has):
    """Draw pairs that a secret plan keeps, but for one block in four."""
    links = {"must_link": _NO_PAIRS, "cannot_link": _NO_PAIRS}
    for name in sorted(has & set(links)):
        pairs = rng.integers(0, len(secret), (rng.integers(1, 9), 2))
        is_together = secret[pairs[:, 0]] == secret[pairs[:, 1]]
        if rng.random() < 0.75:
            pairs = pairs[is_together == (name == "must_link")]
        links[name] = pairs[:3]
    return links


def draw_tree(rng, n, n_rows):
    """Draw nested regions and cases over them, leaves with any of so many prices."""
    regions, waiting = [[0, n]], [(0, n)]
    while waiting and len(regions) < 8:
        start, stop = waiting.pop(rng.integers(len(waiting)))
        if stop - start > 1:
            middle = int(rng.integers(start + 1, stop))
            inside = [(start, middle), (middle, stop)]
            waiting += inside
            regions += [list(one) for one in inside if rng.random() < 0.8]
    steps, waiting = [], [0]
    while waiting:
        depth = waiting.pop()
        if depth < 5 and rng.random() < 0.7:
            steps.append([int(rng.integers(len(regions))), int(rng.integers(-1, 4))])
            waiting += [depth + 1, depth + 1]
        else:
            steps.append([-1, int(rng.integers(n_rows))])
    return {
        "order": rng.permutation(n),
        "regions": np.array(regions),
        "steps": np.array(steps),
    }
