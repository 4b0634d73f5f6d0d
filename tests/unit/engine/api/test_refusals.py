"""Problems: every code of the API has one status, and is told in both languages without a value."""

from __future__ import annotations

import pytest

from passerelle.contracts.publishing.api_answers import RESPONSES
from passerelle.engine.api.refusals import STATUSES, ApiFault, RequestRefusedError
from passerelle.vocabulary.reasons import REASONS


@pytest.mark.parametrize("code", STATUSES)
def test_a_refusal_is_a_problem_as_the_standard_says(code):
    problem = RequestRefusedError(code, day="2026-11-30", formats="application/json").describe()
    assert problem["type"] == f"urn:passerelle:motif:{code}"
    assert problem["status"] == STATUSES[code]
    assert problem["title"] == STATUSES[code].phrase
    assert problem["detail"]
    assert problem["advice"]
    assert "errors" not in problem


def test_every_code_of_the_api_has_a_status_and_every_status_is_documented():
    own = {code for code in REASONS if code.startswith("api.")} - {"api.shelf.absent"}
    assert set(STATUSES) == own
    assert {int(status) for status in STATUSES.values()} <= {int(name[-3:]) for name in RESPONSES}


def test_several_faults_are_told_together_and_the_first_gives_the_name():
    refusal = RequestRefusedError.of([ApiFault("api.query.value", "ref"), ApiFault("api.query.unknown")])
    problem = refusal.describe()
    assert (problem["code"], problem["field"]) == ("api.query.value", "ref")
    assert [one["code"] for one in problem["errors"]] == ["api.query.value", "api.query.unknown"]
    assert "field" not in problem["errors"][1]
