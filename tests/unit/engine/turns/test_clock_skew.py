"""A clock that is far from the database's: nothing is done with it."""

from __future__ import annotations

import pytest

from passerelle.engine.turns.clock_skew import check_skew
from passerelle.vocabulary.errors import FatalError


@pytest.mark.parametrize("seconds", [61, -61, 3_600, -86_400])
def test_a_clock_that_is_apart_is_refused(seconds):
    with pytest.raises(FatalError) as caught:
        check_skew(seconds)
    assert caught.value.code == "incident.clock.apart"


@pytest.mark.parametrize("seconds", [0, 59.9, -59.9])
def test_a_clock_that_is_near_enough_is_not(seconds):
    check_skew(seconds)
