"""How uncertain the bill is: the model of who passes."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from gridopt.appraisal import PassModel, bill_distribution
from gridopt.errors import InputError
from gridopt.simulation import simulate_awards


def test_the_model_refuses_every_number_out_of_range_at_once() -> None:
    """A per cent where a share is wanted, a negative deviation and a text are named."""
    with pytest.raises(InputError) as caught:
        PassModel(90, unit_sd=-0.1, city_sd="0.3")  # type: ignore[arg-type]
    for told in ("pass_share=90", "unit_sd=-0.1", "city_sd='0.3'"):
        assert told in str(caught.value)
    with pytest.raises(InputError, match="nan"):
        PassModel(math.nan)


def test_nobody_or_everybody_passes_without_a_finite_base() -> None:
    """The chances 0 and 1 are allowed and lead to infinite constants."""
    assert PassModel(0).base == -math.inf
    assert PassModel(1).base == math.inf


@pytest.mark.parametrize("yuan", [0, -1, 1.5, True])
def test_no_appropriation_is_asked_about(yuan) -> None:
    """An appropriation of nothing, or of no whole yuan, is refused by both engines."""
    counts = pd.DataFrame({"unit": ["a"], "members": [20]})
    for bill in (bill_distribution(counts), simulate_awards(counts, replications=50)):
        with pytest.raises(InputError, match=f"appropriation_yuan={yuan!r}"):
            bill.sufficiency(yuan)
