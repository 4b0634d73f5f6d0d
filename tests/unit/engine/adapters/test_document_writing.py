"""Records become documents: grouped, named, refused or counted, the same whenever a batch is written."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from lxml import etree

from passerelle import Connector, Json, Send, Supplier, Table, Xml, writing
from passerelle import convert as to
from passerelle.contracts.field_meta import Purpose
from passerelle.edges.destinations.documents import DocumentDestination
from passerelle.engine.adapters.document_writing import Writer, make_path
from passerelle.engine.adapters.related_records import RelatedRecords
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey, Delivery
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

E = writing.Element
MONTH = writing.Month(("retained_start", "planned_start"))
FIELDS = {
    "ref": to.Ref("Id", system="papier", entity="visit"),
    "person_ref": to.Ref("Personne/Id", system="papier", entity="person"),
    "status": to.Word("Etat", table={"F": "done"}),
    "comment": to.Text("Note"),
    "planned_start": to.Instant("Debut"),
}
SHAPE = writing.XmlShape(
    root=E(
        "Envoi",
        writing.Rows(
            E("Visite", E("Id"), E("Personne", E("Id", needed=True), E("Nom")), E("Etat"), E("Debut"), E("Cle"))
        ),
    )
)


def _completed(record: Mapping[str, Any], _related: Mapping[str, Any]) -> Mapping[str, Any]:
    if record.get("comment") == "boum":
        raise ValueError(record["comment"])
    return {"extra": {"papier": {"Cle": f"{record['status']}!"}}}


def _connector(**more: Any) -> Connector:
    return Connector(
        id="papier-xml",
        title="Papier",
        dialect=Xml(rows={"/Envoi/Visite": "visites", "/Envoi/Visite/Personne": "personnes"}),
        tables=(
            Table(contract="visit/1", member="visites", fields=FIELDS, carried=("Cle",)),
            Table(
                contract="person/1",
                member="personnes",
                fields={"ref": to.Ref("Id", system="papier", entity="person"), "usual_name": to.Text("Nom")},
            ),
        ),
        writes=(writing.Writing(contract="visit/1", shape=SHAPE, **more),),
    )


def _writer(fill: Mapping[str, Any] | None = None, *, beside: tuple[Path, ...] = (), **more: Any) -> Writer:
    connector = _connector(**more)
    supplier = Supplier(id="papier", title="Papier", connectors=(connector,))
    return Writer(supplier, connector, RelatedRecords(beside, Purpose.SUPPORT), fill or {})


def _visit(number: int, **more: Any) -> dict[str, Any]:
    start = f"2024-0{1 + number % 2}-03T08:00:00+01:00"
    person = f"papier:person:{number}"
    return {"ref": f"papier:visit:{number}", "person_ref": person, "status": "done", "planned_start": start, **more}


def _ready(*records: dict[str, Any]) -> Delivery:
    names = list(dict.fromkeys(name for record in records for name in record))
    frame = pl.DataFrame([{name: record.get(name) for name in names} for record in records], infer_schema_length=None)
    source = pl.Series("source", [{"received_at": "2024-12-31T07:30:00+00:00"}] * len(records))
    frame = frame.with_columns(source, pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW))
    keys = [str(number) for number in range(len(records))]
    return Delivery(
        "flux", "visit/1", BatchKey("ab" * 32, 3), frame, (b"{}",) * len(records), keys, (1,) * len(records)
    )


def _written(writer: Writer, *records: dict[str, Any]) -> dict[str, etree._Element]:
    made = writer.write(_ready(*records))
    return {one.part: etree.fromstring(b"".join(one.content)) for one in made.documents}


def test_cells_stand_where_the_connector_would_read_them():
    ((part, root),) = _written(_writer(), _visit(1)).items()
    assert part == ""
    assert [(one.tag, one.text) for one in root.iter() if one.text and one.text.strip()] == [
        ("Id", "1"),
        ("Id", "1"),
        ("Etat", "F"),
        ("Debut", "2024-02-03T08:00:00+01:00"),
    ]


def test_a_record_without_what_the_document_needs_is_refused_and_says_what():
    writer = _writer()
    made = writer.write(_ready(_visit(1), _visit(2, person_ref=None), _visit(3, comment="x\x00")))
    assert {index: (answer.fate, answer.reason) for index, answer in made.refused.items()} == {
        1: (Fate.REFUSED, "deliver.document.incomplete"),
        2: (Fate.REFUSED, "deliver.text.unencodable"),
    }
    assert made.refused[1].details == {"element": "/Envoi/Visite/Personne/Id"}


def test_what_plugin_code_raises_costs_one_record():
    made = _writer(complete=_completed).write(_ready(_visit(1, comment="boum"), _visit(2, comment="")))
    assert {index: answer.reason for index, answer in made.refused.items()} == {0: "translate.plugin.failed"}
    (document,) = made.documents
    assert etree.fromstring(b"".join(document.content)).findtext(".//Cle") == "done!"


def test_what_the_flow_says_of_every_record_fills_what_is_empty_only():
    written = _written(_writer({"person_ref": "papier:person:x"}), _visit(1), _visit(2, person_ref=None))
    assert [one.text for one in written[""].iterfind(".//Personne/Id")] == ["1", "x"]


def test_records_of_one_month_and_person_share_a_document_named_without_their_words():
    visits = [_visit(number, person_ref="papier:person:DUPONT") for number in range(4)]
    written = _written(_writer(per=(MONTH, "person_ref")), *visits)
    assert [part[:7] for part in written] == ["202401-", "202402-"]
    assert not any("DUPONT" in part for part in written)
    assert [len(root) for root in written.values()] == [2, 2]


@pytest.mark.parametrize(
    ("services", "documents"),
    [
        (({"code": "lever", "original": "Lever"}, {"code": "lever", "original": "Aide au lever"}), 1),
        (({"code": "lever", "original": "Aide"}, {"code": "repas", "original": "Aide"}), 2),
        (({"code": None, "original": "Aide"}, {"code": None, "original": "Aide"}), 1),
        (({"code": None, "original": "Aide"}, {"code": None, "original": "Repas"}), 2),
        ((None, {"code": None, "original": "Repas"}), 2),
    ],
)
def test_records_of_one_code_share_a_document_and_of_one_word_where_there_is_no_code(services, documents):
    visits = [_visit(number, service=service) for number, service in enumerate(services)]
    assert len(_written(_writer(per=("service",)), *visits)) == documents


def test_the_same_batch_gives_the_same_files_and_nothing_else_stays(tmp_path):
    writer = _writer(per=(MONTH,))
    destination = DocumentDestination(tmp_path, writer.extension, writer.write)
    ready = _ready(*[_visit(number) for number in range(4)], _visit(5, person_ref=None))
    answers = destination.deliver(ready)
    assert [answer.fate for answer in answers] == [Fate.DELIVERED] * 4 + [Fate.REFUSED]
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert destination.deliver(ready) == answers
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert len(before) == 2
    assert all(name.startswith("flux-visit-1-abababababab-00003-2024") for name in before)
    destination.close()


def test_what_has_no_place_is_counted_field_by_field():
    visits = [_visit(1, comment="perdu", team="Nord"), _visit(2, comment=None, team="Sud"), _visit(3)]
    assert _writer().write(_ready(*visits)).unmapped() == {0: ("comment", "team"), 1: ("team",)}


def test_a_refused_record_leaves_nothing_behind(tmp_path):
    writer, lost = _writer(), {"comment": "perdu", "team": "Nord"}
    ready = _ready(_visit(1, **lost), _visit(2, person_ref=None, **lost))
    answers = DocumentDestination(tmp_path, writer.extension, writer.write).deliver(ready)
    assert [answer.unmapped for answer in answers] == [("comment", "team"), ()]
    assert writer.preview(ready, for_api=False).unmapped == {0: ("comment", "team")}


def test_what_the_plugin_takes_out_of_a_record_is_named_and_what_only_the_flow_fills_in_is_not():
    without_person = {"person_ref": None}
    writer = _writer({"person_ref": "papier:person:x"}, complete=lambda _record, _related: without_person)
    shape = writing.XmlShape(root=E("Envoi", writing.Rows(E("Visite", E("Id"), E("Etat"), E("Debut")))))
    (wanted,) = writer.connector.writes
    writer = replace(writer, connector=replace(writer.connector, writes=(replace(wanted, shape=shape),)))
    made = writer.write(_ready(_visit(1), _visit(2, person_ref=None)))
    assert made.unmapped() == {0: ("person_ref",)}


def test_a_contract_that_is_not_written_is_a_mistake_of_the_settings():
    with pytest.raises(FlowError) as caught:
        _writer().find_writing("person/1")
    assert caught.value.code == "settings.layout.no_table"


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """Give a file of records in contract form."""
    lines = [
        {"ref": "papier:person:1", "usual_name": "Ancien"},
        {"ref": "papier:person:1", "usual_name": "Dupré", "household": "Seule"},
        {"ref": "papier:funded_plan:9", "person_ref": "papier:person:1", "start_on": "2024-02-01"},
        {"ref": "papier:funded_plan:8", "person_ref": "papier:person:1", "end_on": "2024-01-31"},
    ]
    path = tmp_path / "annuaire.ndjson"
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines), "utf-8")
    return path


def test_a_document_tells_of_the_records_that_it_refers_to(beside):
    related = (writing.Related(contract="person/1", by="person_ref", member="personnes"),)
    written = _written(_writer(beside=(beside,), related=related), _visit(1), _visit(2))
    assert [one.text for one in written[""].iterfind(".//Nom")] == ["Dupré"]


def test_a_record_that_nothing_refers_to_is_found_by_what_it_shares_and_the_day_it_covers(beside):
    related = (
        writing.Related(contract="funded_plan/1", by="plan_ref", match=("person_ref",), during=("planned_start",)),
    )
    register = RelatedRecords((beside,), Purpose.BILLING)
    february, january, nobody = _visit(1), {**_visit(2), "person_ref": "papier:person:1"}, _visit(3)
    found = register.find_related([february, january, nobody], related)
    assert [one.get("plan_ref", {}).get("ref") for one in found] == [
        "papier:funded_plan:9",
        "papier:funded_plan:8",
        None,
    ]
    assert february["plan_ref"] == "papier:funded_plan:9"
    assert "plan_ref" not in nobody


def test_a_record_may_be_referred_to_by_one_that_is_found_itself(beside):
    related = (
        writing.Related(contract="funded_plan/1", by="plan_ref"),
        writing.Related(contract="person/1", by="person_ref", through="plan_ref"),
    )
    visit = {"ref": "papier:visit:1", "plan_ref": "papier:funded_plan:9"}
    nobody = {"ref": "papier:visit:2", "plan_ref": None}
    found, nothing = RelatedRecords((beside,), Purpose.BILLING).find_related([visit, nobody], related)
    assert found["person_ref"]["usual_name"] == "Dupré"
    assert nothing == {}


def test_only_what_serves_the_purpose_is_read_from_beside(beside):
    related = (writing.Related(contract="person/1", by="person_ref"),)
    (found,) = RelatedRecords((beside,), Purpose.BILLING).find_related([_visit(1)], related)
    assert set(found["person_ref"]) == {"ref", "usual_name"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "settings.related.absent"),
        ("[]\n", "settings.related.unreadable"),
        ("{\n", "settings.related.unreadable"),
    ],
)
def test_files_that_are_no_records_stop_the_flow(tmp_path, content, code):
    if content is not None:
        (tmp_path / "a.ndjson").write_text(content)
    related = (writing.Related(contract="person/1", by="person_ref"),)
    with pytest.raises(FlowError) as caught:
        RelatedRecords((tmp_path / "*.ndjson",), Purpose.SUPPORT).find_related([_visit(1)], related)
    assert caught.value.code == code


def test_columns_are_named_from_the_root_whatever_the_dialect():
    xml = Xml(rows={"/a/b/c": "m"})
    assert make_path(xml, "m", "../d/@e") == "/a/b/d/@e"
    assert make_path(xml, "m", ".") == "/a/b/c"
    json_dialect = Json(lists={"entry": "m"}, above=("meta.at",))
    assert make_path(json_dialect, "m", "resource.id") == "entry.resource.id"
    assert make_path(json_dialect, "m", "../meta.at") == "meta.at"


def _by_api(own: str = "Id") -> Writer:
    shape = writing.JsonShape(root={"etat": writing.Cell("Etat"), "qui": writing.Given("field", of="comment")})
    fields = {name: converter for name, converter in FIELDS.items() if name != "comment"}
    connector = Connector(
        id="papier-json",
        title="Papier",
        dialect=Json(),
        tables=(Table(contract="visit/1", fields=fields),),
        send=Send(path="visites", own=own, own_path="visites/{id}"),
        writes=(writing.Writing(contract="visit/1", shape=shape),),
    )
    supplier = Supplier(id="papier", title="Papier", connectors=(connector,))
    return Writer(supplier, connector, RelatedRecords((), Purpose.SUPPORT), {})


def _asked(writer: Writer, ready: Delivery) -> list[tuple[str, str]]:
    assert writer.connector.send
    return [(one.method, one.path) for one in writer.make_requests(ready, writer.connector.send).requests]


def test_a_record_goes_under_the_number_that_the_supplier_has_for_it():
    new = replace(_ready(_visit(1), _visit(2, ref="autre:visit:2")), versions=(1, 1), remote_ids=("", ""))
    assert _asked(_by_api(), new) == [("PATCH", "visites/1"), ("POST", "visites")]
    later = replace(new, versions=(2, 2), remote_ids=("90", "9/1"))
    assert _asked(_by_api(), later) == [("PATCH", "visites/1"), ("PATCH", "visites/9%2F1")]
    assert _asked(_by_api(own=""), later) == [("POST", "visites")] * 2


def test_what_a_request_tells_in_its_path_or_without_a_cell_is_not_left_behind():
    assert _unmapped(_visit(1, comment="elle-même")) == {"person_ref", "planned_start"}
    assert _unmapped(_visit(1, ref="autre:visit:1")) == {"ref", "person_ref", "planned_start"}


def _unmapped(record: dict[str, Any]) -> set[str]:
    writer = _by_api()
    assert writer.connector.send
    return set(writer.make_requests(_ready(record), writer.connector.send).unmapped()[0])


def test_what_a_document_refers_to_only_by_a_record_beside_is_not_left_behind(beside):
    related = (
        writing.Related(contract="funded_plan/1", by="plan_ref", match=("person_ref",), during=("planned_start",)),
    )
    writer = _writer(beside=(beside,), related=related)
    visits = [_visit(1), _visit(1, ref="papier:visit:2", plan_ref="papier:funded_plan:9")]
    assert writer.write(_ready(*visits)).unmapped() == {1: ("plan_ref",)}
