"""What is sent is what was read, under the id that the tool has for it."""

from __future__ import annotations

import json
from pathlib import Path

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.adapters.document_writing import Writer
from passerelle.engine.adapters.related_records import RelatedRecords
from passerelle.extension.loading import load_plugins
from passerelle.testing.document_round_trip import make_delivery
from passerelle.testing.samples import read_expected

SAMPLE = Path(__file__).parents[1] / "samples" / "nominal.json"


def _requests(*records):
    supplier, connector, _plugin = load_plugins().find_connector("grc-contacts")
    writer = Writer(supplier, connector, RelatedRecords((), Purpose.PORTABILITY))
    return writer.make_requests(make_delivery(records, "interaction/1"), connector.send)


def test_a_contact_of_the_tool_goes_back_as_it_came():
    came = {contact["id"]: contact for contact in json.loads(SAMPLE.read_text("utf-8"))["contacts"]}
    made = _requests(*(line["record"] for line in read_expected(SAMPLE) if "record" in line))
    assert not made.refused
    assert len(made.requests) == len(came)
    for request in made.requests:
        assert request.method == "PATCH"
        contact = came[request.path.removeprefix("v1/contacts/")]
        sent = json.loads(request.body)
        for name in ("channel", "direction", "outcome", "duration_minutes", "call_back_on", "comment"):
            assert sent.get(name) == contact[name]


def test_a_contact_of_another_software_is_a_new_one():
    record = next(line["record"] for line in read_expected(SAMPLE) if "record" in line)
    (request,) = _requests({**record, "ref": "gaia:interaction:1"}).requests
    assert (request.method, request.path) == ("POST", "v1/contacts")


def test_a_contact_without_a_channel_is_refused_before_anything_is_sent():
    record = next(line["record"] for line in read_expected(SAMPLE) if "record" in line)
    made = _requests({name: value for name, value in record.items() if name != "channel"})
    assert not made.requests
    assert [answer.reason for answer in made.refused.values()] == ["deliver.document.incomplete"]
