"""What a parcel holds beside what is declared is counted and named, whatever it is written in."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from passerelle.stages.decode import documents
from passerelle.stages.decode.dialects import Csv, Json, Xml
from passerelle.stages.decode.unread import MAX_NAMES, count_values


def _told(found) -> dict[tuple[str, str], int]:
    return {
        (item.reason, item.place.column or item.place.member): int(item.details["count"])
        for item in found.warned
        if item.reason.startswith("decode.unread.")
    }


@pytest.fixture(params=[False, True], ids=["in memory", "streamed"], name="read_json")
def _read_json(request, outcome, monkeypatch):
    if request.param:
        monkeypatch.setattr(documents, "LONG", 4)
    return lambda value, dialect, **sizes: outcome(json.dumps(value).encode(), dialect, **sizes)


def test_a_list_beside_the_declared_one_is_counted_value_by_value(read_json):
    value = {"users": [{"id": 1}], "absences": [{"id": 1, "motif": "congés"}, {"id": 2, "motif": None, "notes": ["a"]}]}
    assert _told(read_json(value, Json(lists={"users": ""}))) == {("decode.unread.list", "absences"): 4}


def test_what_stands_beside_on_the_way_is_named_by_its_path(read_json):
    value = {"data": {"people": [{"id": 1}], "total": 3, "visits": [{"id": 9}]}, "next": "p2", "empty": [], "no": None}
    assert _told(read_json(value, Json(lists={"data.people": ""}))) == {
        ("decode.unread.element", "data.total"): 1,
        ("decode.unread.list", "data.visits"): 1,
        ("decode.unread.element", "next"): 1,
    }


def test_what_stands_beside_the_records_in_a_list_on_the_way_is_counted_together(read_json):
    value = {"entry": [{"r": {"id": 1}, "url": "a"}, {"r": {"id": 2}, "url": "b"}, {"link": ["x", "y"]}]}
    assert _told(read_json(value, Json(lists={"entry.r": ""}))) == {
        ("decode.unread.element", "entry.url"): 2,
        ("decode.unread.list", "entry.link"): 2,
    }


def test_lists_of_several_members_what_is_taken_from_above_and_the_kind_are_read(read_json):
    value = {"a": [{"x": 1}], "b": [{"y": 1}], "meta": {"event": "new", "at": "noon"}, "type": "t"}
    dialect = Json(lists={"a": "m", "b": "n"}, above=("meta.event",), kind={"type": "t"})
    assert _told(read_json(value, dialect)) == {("decode.unread.element", "meta.at"): 1}


def test_a_document_that_is_one_record_or_one_list_has_nothing_beside_it(read_json):
    assert not _told(read_json({"id": 1, "tags": ["a"]}, Json()))
    assert not _told(read_json([{"id": 1}, {"id": 2}], Json()))


def test_a_declared_list_of_another_document_changes_nothing(read_json):
    value = {"users": [{"id": 1}], "cars": [{"id": 7}]}
    assert _told(read_json(value, Json(lists={"user": "", "users": ""}))) == {("decode.unread.list", "cars"): 1}


@pytest.mark.parametrize(("value", "name"), [({"people": 3}, "data.people"), ("x", "data")])
def test_a_value_that_ends_the_way_too_early_is_named_by_where_it_stands(read_json, value, name):
    found = read_json({"data": value, "more": [{"id": 1}]}, Json(lists={"data.people.rows.all": "", "more": "n"}))
    assert _told(found) == {("decode.unread.element", name): 1}


def test_names_without_end_come_under_one(outcome):
    value = {"users": [{"id": 1}], **{f"k{n}": n + 1 for n in range(MAX_NAMES + 50)}}
    told = _told(outcome(json.dumps(value).encode(), Json(lists={"users": ""})))
    assert told["decode.unread.element", "…"] == 50
    assert len(told) == MAX_NAMES + 1


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_lines_count_what_stands_beside_their_list_batch_by_batch(outcome, rows):
    data = b"".join(b'{"items":[{"id":%d}],"other":{"a":1,"b":""}}\n' % n for n in range(5))
    found = outcome(data, Json(lines=True, lists={"items": ""}), block_rows=rows)
    assert len(found.rows) == 5
    assert sum(int(item.details["count"]) for item in found.warned) == 5
    assert {(item.reason, item.place.column) for item in found.warned} == {("decode.unread.element", "other")}


def test_values_are_texts_numbers_and_booleans_however_deep():
    deep: list = []
    for _level in range(100_000):
        deep = [deep]
    assert count_values([1, "a", False, None, "", {"x": [2, {}]}, deep]) == 4


ROWS = {"/Envoi/Lot/Personne": "p"}


def _xml(inside: str, head: str = "") -> bytes:
    return f"<Envoi{head}><Lot><Personne><Nom>A</Nom></Personne>{inside}</Lot></Envoi>".encode()


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<Annulation motif='x'><Id>1</Id><Vide/></Annulation>", {"/Envoi/Lot/Annulation": 2}),
        ("<A><Id>1</Id></A><A><Id>2</Id></A>", {"/Envoi/Lot/A": 2}),
        ("<A><B><C>1</C><C>2</C></B></A>", {"/Envoi/Lot/A": 2}),
        ("<Vide/>", {}),
        ("texte", {"/Envoi/Lot": 1}),
    ],
)
def test_elements_beside_the_rows_are_counted(outcome, inside, told):
    found = outcome(_xml(inside), Xml(rows=ROWS))
    assert _told(found) == {("decode.unread.element", name): count for name, count in told.items()}
    assert len(found.rows) == 1


def test_attributes_on_the_way_to_rows_are_values_and_the_machinery_of_xml_is_none(outcome):
    head = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" xml:lang="fr" version="2"'
    assert _told(outcome(_xml("", head), Xml(rows=ROWS))) == {("decode.unread.element", "/Envoi/@version"): 1}


def test_what_a_row_takes_from_above_is_read_and_its_repetition_is_not(outcome):
    inside = "<Id><Num>7</Num><Cle>1</Cle></Id><Id><Num>8</Num></Id>"
    dialect = Xml(rows=ROWS, above={"/Envoi/Lot/Personne": ("../Id/Num",)})
    found = outcome(_xml(inside), dialect)
    assert found.columns == ["Nom", "../Id/Num"]
    assert _told(found) == {
        ("decode.unread.element", "/Envoi/Lot/Id/Cle"): 1,
        ("decode.unread.element", "/Envoi/Lot/Id"): 1,
    }


def test_a_row_that_takes_all_of_its_parent_leaves_nothing_beside(outcome):
    assert not _told(outcome(_xml("<Autre>1</Autre>"), Xml(rows=ROWS, above={"/Envoi/Lot/Personne": ("..",)})))


def test_every_one_of_several_rows_is_read(outcome):
    found = outcome(
        _xml("<Personne><Nom>B</Nom></Personne>"), Xml(rows=ROWS, above={"/Envoi/Lot/Personne": ("../../X",)})
    )
    assert len(found.rows) == 2
    assert not _told(found)


def _zip(**entries: str | bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name.replace("__", "."), data)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "count"),
    [
        ("a;b\n1;2\n3;\n", 3),
        ("a;b\r\n1;2\r\n;\r\n", 2),
        ('a;b\n"1";""\n', 1),
        ("a;b", 1),
        (b"%PDF-1.7\0\1\2\n", 1),
    ],
)
def test_a_file_of_an_archive_that_nobody_asks_for_is_named_and_its_cells_counted(outcome, content, count):
    found = outcome(_zip(personnes__csv="a\n1\n", absences__csv=content), Csv(members={"personnes*.csv": ""}))
    assert _told(found) == {("decode.unread.member", "absences.csv"): count}


def test_what_archivers_add_by_themselves_is_nobodys_data(outcome):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name in ("personnes.csv", "__MACOSX/._personnes.csv", "x/.DS_Store", "Thumbs.db"):
            made.writestr(name, "a\n1\n")
    found = outcome(stream.getvalue(), Csv(members={"personnes*.csv": ""}))
    assert not found.warned
