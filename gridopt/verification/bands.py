"""Which sizes and numbers of grids a block may have: anew, from the scenario alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.certificate import Certificate
    from gridopt.problem import GridRules
    from gridopt.verification.claims import Ledger
    from gridopt.verification.folder import Folder

_OWN_BAND = ("widened_band", "undersized", "leftover")


def check_band(ledger: Ledger, rules: GridRules, certificate: Certificate) -> None:
    """Band and numbers of grids are the scenario's, or widened just enough."""
    ledger.n_claims += 1
    claim = (certificate.least, certificate.most, *certificate.n_grids)
    known = _bands(rules, certificate)
    if claim not in known:
        ledger.n_claims -= 1
        ledger.deny(
            "certificate.npz",
            None,
            "n_grids",
            claimed=_band_text(*claim),
            found=" 或 ".join(_band_text(*band) for band in known),
            about=certificate.block_id,
        )


def _band_text(least: int, most: int, fewest: int, greatest: int) -> str:
    return f"每网格 {least} 至 {most} 家、{fewest} 至 {greatest} 个网格"


def _bands(
    rules: GridRules, certificate: Certificate
) -> list[tuple[int, int, int, int]]:
    """List which band, least and most number of grids a block of this size may have."""
    n, least, most = len(certificate.enterprise_ids), rules.least, rules.most
    fewest, greatest = -(-n // most), n // least
    if fewest <= greatest:
        return [(least, most, *_n_grids(rules, certificate, fewest, greatest))]
    return [
        (min(least, n // k), max(most, -(-n // k)), k, k)
        for k in sorted({max(1, greatest), fewest})
    ]


def _n_grids(
    rules: GridRules, certificate: Certificate, fewest: int, greatest: int
) -> tuple[int, int]:
    number = rules.number
    if isinstance(number, dict):
        number = number.get(certificate.block_id, "by_target")
    if isinstance(number, int):
        return number, number
    if number == "free":
        return fewest, greatest
    n_previous = len(certificate.previous_ids)
    wished = (2 * len(certificate.enterprise_ids) + rules.target) // (2 * rules.target)
    if number == "by_target" and n_previous:
        wished = n_previous
    wished = min(max(wished, fewest), greatest)
    return wished, wished


def check_bands_listed(ledger: Ledger, folder: Folder, rows: pd.DataFrame) -> None:
    """Blocks off the scenario's band are the ones listed so, each with its size."""
    told = folder.exceptions
    listed = told[told["kind"].isin(_OWN_BAND)]
    claimed = {
        block_id: "、".join(sorted(own["kind"] + " " + own["n_enterprises"]))
        for block_id, own in listed.groupby("block_id")
    }
    sizes = rows.groupby("block_id").size()
    for block_id in sorted(set(claimed) | set(sizes.index)):
        ledger.hold(
            "exceptions.csv",
            "kind",
            claimed.get(block_id, ""),
            _departure(folder.scenario.grids, int(sizes.get(block_id, 0))),
            f"{block_id} 的家数例外",
        )


def _departure(rules: GridRules, n: int) -> str:
    """Name the departure of a block of n enterprises from the band, with n."""
    if -(-n // rules.most) <= n // rules.least:
        return ""
    if n < min(rules.viable_least, rules.least):
        return f"leftover {n}"
    return f"undersized {n}" if n < rules.least else f"widened_band {n}"
