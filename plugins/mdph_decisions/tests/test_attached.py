"""A decision that SI-SdO attaches to a Bundle is the decision that came as a document."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import take

SAMPLES = Path(__file__).parents[1] / "samples" / "cda"


@pytest.mark.parametrize("kind", ["DocumentReference", "Binary"])
def test_a_document_in_base64_gives_the_same_records(kind):
    plain = SAMPLES / "nominal.xml"
    held = {"contentType": "text/xml", "data": base64.b64encode(plain.read_bytes()).decode()}
    resource = held if kind == "Binary" else {"content": [{"attachment": held}]}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": kind, **resource}}]}
    supplier, connector, _plugin = load_plugins().find_connector("mdph-cda")
    alone, attached = (
        take(content, supplier, connector) for content in (plain.read_bytes(), json.dumps(bundle).encode())
    )
    assert attached.records == alone.records
    assert len(attached.records) > 3
