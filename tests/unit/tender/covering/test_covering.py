"""Coverage from a description alone."""

from __future__ import annotations

import json

import pytest

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.extension.supplier import Connector, Send, Supplier
from passerelle.stages.decode.dialects import Csv, Json
from passerelle.stages.translate.converters.choices import Constant, PerRecord
from passerelle.stages.translate.converters.references import Ref
from passerelle.stages.translate.converters.texts import Text
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.stages.translate.table import Table
from passerelle.tender.covering import forms
from passerelle.tender.covering.coverage import cover, to_content
from passerelle.tender.scoring import score_labels


def _supplier(dialect, send=None):
    fields = {
        "ref": Ref("Id", system="s", entity="note"),
        "person_ref": Ref("Personne", system="s", entity="person"),
        "type": PerRecord(["Genre"], parse=lambda _row: None),
        "text": Text("Texte", max_length=20000),
        "urgent": Constant(True),
    }
    table = Table(contract="note/1", fields=fields)
    connector = Connector(id="s-notes", title="", dialect=dialect, tables=(table,), send=send)
    return Supplier(id="s", title="S", connectors=(connector,))


def test_a_field_is_filled_taken_back_or_neither():
    (one,) = cover(_supplier(Csv())).contracts
    fields = {field.name: field for field in one.fields}
    assert set(fields) == set(field_types.list_columns(contracts.get("note/1"))) - set(PIPELINE_FIELDS)
    assert (fields["ref"].filled, fields["ref"].returned, fields["ref"].columns) == (True, True, ("Id",))
    assert "identifiers" in one.list_names(filled=False)


def test_plain_python_without_a_way_back_is_not_taken_back():
    (one,) = cover(_supplier(Csv())).contracts
    (by_hand,) = [field for field in one.fields if field.columns == ("Genre",)]
    assert (by_hand.name, by_hand.filled, by_hand.returned) == ("type", True, False)
    assert one.list_names(returned=False) == ("type",)


@pytest.mark.parametrize(
    ("dialect", "send", "writable"), [(Csv(), None, True), (Json(), None, False), (Json(), Send(path="/x"), True)]
)
def test_nothing_is_taken_back_by_a_layout_that_cannot_be_written(dialect, send, writable):
    (one,) = cover(_supplier(dialect, send)).contracts
    assert one.writable is writable
    assert bool(one.list_names(returned=True)) is writable


def test_text_page_and_json_say_the_same_fields():
    made = cover(_supplier(Csv()))
    with score_labels.speak_language("en"):
        assert "note/1" in forms.write_text(made)
        assert "<script" not in forms.write_html(made).decode()
    assert json.loads(json.dumps(to_content(made)))["contracts"][0]["contract"] == "note/1"
