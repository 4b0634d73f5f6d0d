"""What is measured of a field: of how many records it is asked, and how many hold it."""

from __future__ import annotations

import pytest

from passerelle.tender.requirement import Measure
from passerelle.tender.scoring.scorecard import BidVerdict

from .conftest import requirement


@pytest.mark.parametrize("filled", [0, 1, 20])
def test_a_required_field_is_held_by_the_records_that_fill_it_and_by_no_other(sample, scored, filled):
    some = sample(20, person_ref=lambda n: f"s:person:{n}" if n < filled else "")
    (result,) = scored([requirement(1, Measure.FILLED, "person_ref")], some).score.results
    assert (result.checked, result.held) == (20, filled)
    assert (result.verdict is BidVerdict.MET) is (filled == 20)
