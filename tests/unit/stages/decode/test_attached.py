"""XML documents that a JSON document holds as base64 are read as if each had come alone, or park the whole."""

from __future__ import annotations

import base64
import json

import pytest

from passerelle.stages.decode import attached
from passerelle.stages.decode.dialects import Xml
from passerelle.vocabulary.errors import ParcelError

DIALECT = Xml(
    rows={"/D/row": "rows"},
    kind={"/D/kind": "decision"},
    attached=("entry.resource.content.attachment", "entry.resource", "content.attachment", ""),
)


def _document(*names: str, kind: str = "decision") -> str:
    rows = "".join(f"<row><id>{name}</id></row>" for name in names)
    return f"<D><kind>{kind}</kind>{rows}</D>"


def _hold(text: str | bytes, said: str | None = "text/xml") -> dict[str, object]:
    data = base64.b64encode(text.encode() if isinstance(text, str) else text).decode()
    return {"data": data} | ({"contentType": said} if said else {})


def _refer(*holders: object) -> dict[str, object]:
    return {"resourceType": "DocumentReference", "content": [{"attachment": holder} for holder in holders]}


def _bundle(*resources: object) -> dict[str, object]:
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}


def _binary(holder: dict[str, object]) -> dict[str, object]:
    return {"resourceType": "Binary", **holder}


@pytest.fixture(name="read")
def _read(outcome):
    return lambda value: outcome(value if isinstance(value, bytes) else json.dumps(value).encode(), DIALECT)


def _list_ids(found) -> list[str]:
    return [name for one in found.batches for name in one.table.frame.get_column("id").to_list()]


@pytest.mark.parametrize(
    "value",
    [
        _bundle(_refer(_hold(_document("a", "b"))), _binary(_hold(_document("c")))),
        _bundle(_refer(_hold(_document("a", "b")), _hold(_document("c"), None))),
        _refer(_hold(_document("a", "b")), _hold(_document("c"), "application/XML; charset=utf-8")),
        _binary(_hold(_document("a", "b", "c"))),
    ],
    ids=["reference and binary", "several in one", "a reference alone", "a binary alone"],
)
def test_what_is_attached_is_read_in_its_order(read, value):
    found = read(value)
    assert _list_ids(found) == ["a", "b", "c"]
    assert [one.number for one in found.batches] == list(range(len(found.batches)))


def test_the_same_document_alone_gives_the_same_rows(read):
    text = _document("a", "b")
    assert _list_ids(read(text.encode())) == _list_ids(read(_bundle(_binary(_hold(text)))))


def test_what_is_no_xml_or_of_another_kind_is_passed_by_and_counted(read):
    value = _bundle(
        _refer(_hold(b"%PDF-1.7", "application/pdf")),
        _refer(_hold(_document("x", kind="evaluation"))),
        _refer(_hold(_document("a"))),
    )
    found = read(value)
    assert _list_ids(found) == ["a"]
    told = [(one.reason, one.place.column, one.details["count"]) for one in found.warned]
    assert ("decode.unread.element", "entry.resource.content.attachment.data", "2") in told


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (_bundle(), "decode.member.none"),
        (_bundle(_refer(_hold(_document("x", kind="evaluation")))), "decode.document.other_kind"),
        (_bundle(_refer({"data": "no base64!", "contentType": "text/xml"})), "decode.parcel.malformed"),
        (
            _bundle(_binary(_hold(_document("a"))), _binary(_hold("<D><kind>decision</kind>"))),
            "decode.parcel.cut",
        ),
        (_bundle(_binary(_hold("<!DOCTYPE D [<!ENTITY e 'x'>]>" + _document("a")))), "decode.parcel.document_type"),
        (b'{"entry": [', "decode.parcel.cut"),
        (b'{"entry": NaN}', "decode.parcel.flawed"),
        (b"[" * 100_000, "decode.parcel.too_deep"),
    ],
    ids=["nothing", "another kind", "no base64", "cut inside", "a document type", "cut", "no number", "deep"],
)
def test_a_fault_in_any_parks_the_whole(read, value, code):
    with pytest.raises(ParcelError) as parked:
        read(value)
    assert parked.value.code == code


def test_what_holds_the_others_has_a_limit(read, monkeypatch):
    value = _bundle(_binary(_hold(_document("a"))))
    size = len(json.dumps(value).encode())
    monkeypatch.setattr(attached, "MOST_BYTES", size)
    assert _list_ids(read(value)) == ["a"]
    monkeypatch.setattr(attached, "MOST_BYTES", size - 1)
    with pytest.raises(ParcelError) as parked:
        read(value)
    assert parked.value.code == "decode.parcel.too_big"


def test_a_dialect_without_attachments_takes_no_json(outcome):
    with pytest.raises(ParcelError) as parked:
        outcome(json.dumps(_binary(_hold(_document("a")))).encode(), Xml(rows={"/D/row": "rows"}))
    assert parked.value.code == "decode.parcel.malformed"
