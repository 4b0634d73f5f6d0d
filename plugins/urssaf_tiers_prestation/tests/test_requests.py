"""What is sent is what was read, invoice by invoice."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.field_types import list_columns
from passerelle.edges.destinations.response_rules import find_results, read_response
from passerelle.engine.adapters.document_writing import Writer
from passerelle.engine.adapters.related_records import RelatedRecords
from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import read_expected
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey, Delivery
from passerelle.vocabulary.place import ROW

SAMPLE = Path(__file__).parents[1] / "samples" / "requests" / "nominal.json"


def _records(contract: str) -> list[dict[str, object]]:
    return [line["record"] for line in read_expected(SAMPLE) if line.get("contract") == contract]


def _ready(records: list[dict[str, object]]) -> Delivery:
    source = {"supplier": "urssaf", "received_at": "2024-11-05T08:00:00Z"}
    rows = [{**record, ROW: nth, "source": source} for nth, record in enumerate(records)]
    schema = {**list_columns(contracts.get("invoice_line/1")), ROW: pl.UInt32}
    names = {name for row in rows for name in row}
    overrides = {name: kind for name, kind in schema.items() if name in names - {"source", "extra"}}
    frame = pl.DataFrame(rows, schema_overrides=overrides, infer_schema_length=None)
    keys = [f"key-{nth}" for nth in range(len(rows))]
    return Delivery(
        "demandes", "invoice_line/1", BatchKey("0" * 64, 0), frame, [b"{}"] * len(rows), keys, [1] * len(rows)
    )


def _writer(tmp_path: Path) -> Writer:
    beside = []
    for contract in ("invoice/1", "person/1"):
        path = tmp_path / f"{contract.partition('/')[0]}.ndjson"
        path.write_text("".join(json.dumps(record) + "\n" for record in _records(contract)), encoding="utf-8")
        beside.append(path)
    supplier, connector, _plugin = load_plugins(None).find_connector("urssaf-payment-requests")
    return Writer(supplier, connector, RelatedRecords(tuple(beside), Purpose.PORTABILITY), {})


def test_the_lines_of_an_invoice_go_out_together_as_they_came(tmp_path):
    writer = _writer(tmp_path)
    made = writer.make_requests(_ready(_records("invoice_line/1")), writer.connector.send)
    assert not made.refused
    (request,) = made.requests
    assert request.groups == ((0,), (1, 2, 3), (4,))
    assert request.path == "atp/v1/tiersPrestations/demandePaiement"
    for sent, came in zip(json.loads(request.body), json.loads(SAMPLE.read_text("utf-8")), strict=True):
        lines = [{**line} for line in came.pop("inputPrestations")]
        for line in lines:
            del line["complement2"]
        assert sent.pop("inputPrestations") == [{**line} for line in lines]
        assert sent == {name: value for name, value in came.items() if value is not None}


def test_a_line_whose_invoice_is_unknown_is_refused_before_anything_is_sent(tmp_path):
    writer = _writer(tmp_path)
    lost = {**_records("invoice_line/1")[0], "invoice_ref": "urssaf:invoice:nowhere"}
    made = writer.make_requests(_ready([lost]), writer.connector.send)
    assert [answer.fate for answer in made.refused.values()] == [Fate.REFUSED]
    assert list(made.requests) == []


def test_an_invoice_that_urssaf_knows_already_is_delivered_once_and_refused_when_it_changed():
    _supplier, connector, _plugin = load_plugins(None).find_connector("urssaf-payment-requests")
    says = connector.send.says
    answer = [{"idDemandePaiement": "d-1", "statut": "10"}, {"errors": [{"code": "ERR_FACTURE_DOUBLON"}]}]
    taken, known = find_results(says, answer, 2)
    assert read_response(says, taken, status=200, first=True).remote_id == "d-1"
    assert read_response(says, known, status=200, first=True).fate is Fate.DELIVERED
    changed = read_response(says, known, status=200, first=False)
    assert (changed.fate, changed.details["code"]) == (Fate.REFUSED, "ERR_FACTURE_DOUBLON")
