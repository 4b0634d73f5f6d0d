"""Where an answer says what became of each record."""

from __future__ import annotations

import pytest

from passerelle.edges.destinations.response_rules import ResponseRules, read_response
from passerelle.vocabulary.outcomes import Fate

SAYS = ResponseRules(status="response.status")


@pytest.mark.parametrize(
    ("own", "fate"),
    [
        ("201 Created", Fate.DELIVERED),
        ("200", Fate.DELIVERED),
        (204, Fate.DELIVERED),
        ("412 Precondition Failed", Fate.REFUSED),
        (500, Fate.REFUSED),
        ("2010", Fate.UNKNOWN),
        ("Created", Fate.UNKNOWN),
        ("", Fate.UNKNOWN),
        (None, Fate.UNKNOWN),
    ],
)
def test_a_result_may_have_a_status_of_its_own(own, fate):
    assert read_response(SAYS, {"response": {"status": own}}, status=200, first=True).fate is fate


@pytest.mark.parametrize("result", [None, [], "201", {}])
def test_a_result_without_its_status_says_nothing(result):
    assert read_response(SAYS, result, status=200, first=True).fate is Fate.UNKNOWN


def test_a_refusal_of_the_whole_needs_no_status_of_its_own():
    assert read_response(SAYS, {}, status=422, first=True).fate is Fate.REFUSED


def test_what_is_kept_of_a_refusal_is_the_status_of_the_result():
    answer = read_response(SAYS, {"response": {"status": "409 Conflict"}}, status=200, first=True)
    assert dict(answer.details) == {"status": "409"}
