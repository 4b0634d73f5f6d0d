"""The flow held to its own schema: a copy that its holder gives, read in place here."""

from __future__ import annotations

import pytest

from passerelle.engine.workspace.xml_schemas import set_schema
from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import take


@pytest.fixture
def judged(shared):
    """Read the sample flow, held to its schema and free."""
    folder = shared / "samples" / "cnaf-rsa"
    supplier, connector, _ = load_plugins().find_connector("cnaf-rsa-flux")

    def reading(change=lambda content: content):
        content = change((folder / "RSABEM.xml").read_bytes())
        return take(content, supplier, set_schema(connector, folder / "vrsb0801.xsd")), take(
            content, supplier, connector
        )

    return reading


def test_the_sample_flow_keeps_to_its_schema(judged):
    held, free = judged()
    assert (held.records, held.messages) == (free.records, free.messages)


def test_a_flow_that_departs_from_it_is_read_all_the_same_and_says_where(judged, shared):
    held, free = judged(lambda content: content.replace(b"<CODEPOS>", b"<CODEPOS>9999999", 1))
    assert held.records == free.records
    told = [line for line in held.messages if line not in free.messages]
    assert [(line["fate"], line["reason"], line["column"]) for line in told] == [
        ("warning", "decode.schema.departed", "CODEPOS")
    ]
    content = (shared / "samples" / "cnaf-rsa" / "RSABEM.xml").read_bytes()
    assert told[0]["line"] == content[: content.index(b"<CODEPOS>")].count(b"\n") + 1
