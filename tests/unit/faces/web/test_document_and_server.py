"""What the document of a token says and what the server answers are one: schemathesis looks for a status too many.

A short look each time. A long one, over every operation with many more requests:

    PASSERELLE_LONG=1 python -m pytest tests/unit/faces/web/test_document_and_server.py
"""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from live_api_room import SETTINGS, make_visit, open_api
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from passerelle.engine.runs.running import run_flows

TAKING = """
[flow.remis]
connector = "contract-records"
purpose = "portability"
source = { kind = "handed" }
vanished = "delete"
destination = { kind = "shelf", days = 400 }
"""
REQUESTS = 400 if os.environ.get("PASSERELLE_LONG") else 3
"""Requests of each operation."""


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    # the longest wait of a write would be waited for
    with open_api(tmp_path_factory.mktemp("api"), settings=SETTINGS + TAKING, is_real=True) as opened:
        with opened.ask(purposes=("portability",), may_write=True) as client:
            for number in range(3):
                client.put(f"/v1/visit/1/agenda:visit:{number}", json=make_visit(number, ref=f"agenda:visit:{number}"))
        run_flows(opened.workspace, ["remis"])
        yield opened


def test_no_status_is_answered_that_the_document_of_the_token_lacks(room):
    purposes = ("planning", "portability")
    token = room.make_token(purposes=purposes, may_write=True, may_bulk=True, recipient="self")
    sent = {"Authorization": f"Bearer {token}", "Passerelle-Purpose": purposes[0]}
    with room.make_client(token, Passerelle_Purpose=purposes[0]) as client:
        document = client.get("/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    statuses = set()
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:

        @settings(
            max_examples=REQUESTS,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case):
            # whoever waits for a run is told after ten seconds: tried elsewhere
            case.headers = {
                name: text for name, text in (case.headers or {}).items() if name.lower() != "prefer"
            } | sent
            answer = case.call(base_url=f"{room.url}/v1")
            statuses.add(answer.status_code)
            case.validate_response(
                answer, checks=[status_code_conformance, content_type_conformance, response_schema_conformance]
            )
            assert answer.status_code != 500

        ask()
    assert len(operations) >= 7
    assert statuses & {200, 202}
    assert statuses & {400, 404, 422}
