"""XML: rows by path, columns by path, no document type."""

from __future__ import annotations

import pytest

from passerelle.stages.decode.dialects import Xml
from passerelle.vocabulary.errors import ParcelError

FLOW = """<?xml version="1.0" encoding="{encoding}"?>
<f:Flux xmlns:f="urn:x" xmlns:y="urn:y"><!-- vide -->
 <f:Foyer num="1" y:num="2"><NOM>Noël </NOM><Vide/><P><NOM>A</NOM></P><P role="x"><NOM>B</NOM><NOM>C</NOM></P>
 mot</f:Foyer>
 <Autre/>
 <f:Foyer><NOM><![CDATA[<b>]]></NOM></f:Foyer>
</f:Flux>"""
FOYERS = Xml(rows={"/Flux/Foyer": "foyer"})


def refusal(outcome, data: bytes, dialect: Xml = FOYERS) -> ParcelError:
    with pytest.raises(ParcelError) as refused:
        outcome(data, dialect)
    return refused.value


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "iso-8859-15", "utf-16"])
def test_descendants_and_attributes_are_columns_by_path(outcome, encoding):
    found = outcome(FLOW.format(encoding=encoding).encode(encoding), FOYERS)
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    assert rows[0] == {
        "@num": "1",
        "@num#2": "2",
        ".": "mot",
        "NOM": "Noël ",
        "Vide": "",
        "P/NOM": "A",
        "P#2/@role": "x",
        "P#2/NOM": "B",
        "P#2/NOM#2": "C",
    }
    assert {name: cell for name, cell in rows[1].items() if cell is not None} == {"NOM": "<b>"}
    assert found.lines == [1, 2]


def test_a_row_inside_a_row_is_also_a_row_of_its_own_member(outcome):
    dialect = Xml(rows={"/Flux/Foyer": "foyer", "/Flux/Foyer/P": "personne"})
    found = outcome(FLOW.format(encoding="utf-8").encode(), dialect, block_rows=1)
    assert [(batch.number, batch.table.member) for batch in found.batches] == [
        (0, "personne"),
        (1, "personne"),
        (2, "foyer"),
        (3, "foyer"),
    ]
    assert "P/NOM" in found.batches[2].table.frame.columns


def test_a_document_without_rows_gives_one_batch_without_rows(outcome):
    found = outcome(b"<Flux/>", FOYERS)
    assert [batch.received for batch in found.batches] == [0]


def test_batches_hold_the_declared_number_of_rows(outcome):
    data = b"<Flux>" + b"<Foyer><N>1</N></Foyer>" * 25 + b"</Flux>"
    found = outcome(data, FOYERS, block_rows=10)
    assert [batch.received for batch in found.batches] == [10, 10, 5]
    assert found.lines == list(range(1, 26))
    assert found.batches[-1].consumed == len(data)


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE Flux>",
        '<!DOCTYPE Flux SYSTEM "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE Flux [<!ENTITY a "b">]>',
        '<!DOCTYPE Flux [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Flux [<!ENTITY a "' + "x" * 50 + '"><!ENTITY b "' + "&a;" * 50 + '">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_any_encoding(outcome, declaration, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n{declaration}<Flux><Foyer><N>&a;</N></Foyer></Flux>'
    assert refusal(outcome, text.encode(encoding)).code == "decode.parcel.document_type"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "decode.parcel.empty"),
        (b"<Flux><Foyer>", "decode.parcel.cut"),
        (b"<Flux><Foyer></Flux>", "decode.parcel.malformed"),
        (b"<Flux>&undeclared;</Flux>", "decode.parcel.flawed"),
        (b"a;b\n1;2\n", "decode.parcel.malformed"),
        (b"<?xml version='1.0' encoding='utf-7'?>+ADwAIQ-DOCTYPE", "decode.parcel.malformed"),
        (b"<?xml version='1.0' encoding='none-such'?><Flux/>", "decode.parcel.malformed"),
        (b" " * (2 << 20) + b"<Flux/>", "decode.parcel.malformed"),
        (b"<Flux>" * 120 + b"</Flux>" * 120, "decode.parcel.too_deep"),
        (b"<Autre/>", "decode.member.none"),
        (b"<Flux><Foyer>" + b"<a/>" * 100_001 + b"</Foyer></Flux>", "decode.record.too_many_cells"),
    ],
)
def test_what_is_not_the_declared_xml_parks_the_parcel(outcome, data, code):
    assert refusal(outcome, data).code == code


def test_the_refusal_says_the_line_and_keeps_no_foreign_error(outcome):
    refused = refusal(outcome, b"<Flux>\n<NOM>Martin</NOX>\n</Flux>")
    assert refused.details == {"declared": "XML", "line": "2"}
    assert refused.__context__ is None


def test_a_fault_at_the_end_parks_the_parcel_before_any_row_is_given(outcome):
    refused = refusal(outcome, b"<Flux>" + b"<Foyer/>" * 50 + b"<oops></Flux>")
    assert refused.code == "decode.parcel.malformed"


def test_a_damaged_text_costs_its_row(outcome):
    data = "<Flux><Foyer><N>Ã©</N></Foyer><Foyer><N>é</N></Foyer></Flux>".encode()
    found = outcome(data, FOYERS)
    assert (found.rows, found.lines) == ([("é",)], [2])
    assert found.faults == [("decode.text.mojibake", 1, 0)]


HOUSES = b"""<R><H><ID>1</ID><P><N>A</N><Q><K>x</K></Q><Q><K>y</K></Q></P><P><N>B</N></P><S>after</S></H>
<H><ID>2</ID><P><N>C</N></P></H></R>"""


def cells(found, member: str) -> list[dict[str, str]]:
    rows = [
        dict(zip(one.table.frame.columns, row, strict=True))
        for one in found.batches
        if one.table.member == member
        for row in one.table.frame.iter_rows()
    ]
    return [{name: cell for name, cell in row.items() if cell is not None} for row in rows]


def test_a_row_takes_what_its_parent_holds_beside_the_other_rows_even_what_comes_after(outcome):
    found = outcome(HOUSES, Xml(rows={"/R/H/P": "p"}, above={"/R/H/P": ("..",)}), block_rows=2)
    assert [(row["N"], row["../ID"], row.get("../S")) for row in cells(found, "p")] == [
        ("A", "1", "after"),
        ("B", "1", "after"),
        ("C", "2", None),
    ]
    assert not [name for row in cells(found, "p") for name in row if name.startswith("../P")]


def test_a_row_takes_named_elements_from_higher_up(outcome):
    dialect = Xml(rows={"/R/H/P/Q": "q", "/R/H/P": "p"}, above={"/R/H/P/Q": ("../N", "../../ID", "../../None")})
    found = outcome(HOUSES, dialect)
    assert cells(found, "q") == [
        {"K": "x", "../N": "A", "../../ID": "1"},
        {"K": "y", "../N": "A", "../../ID": "1"},
    ]
    assert [row["N"] for row in cells(found, "p")] == ["A", "B", "C"]


def test_a_row_takes_every_element_of_a_name_where_the_way_says_so(outcome):
    content = b"<R><H><ID>1</ID><ID t='x'>2</ID><P><N>A</N></P><P/></H><H><P/></H></R>"
    found = outcome(content, Xml(rows={"/R/H/P": "p"}, above={"/R/H/P": ("../ID#*", "../../None#*")}))
    both = {"../ID": "1", "../ID#2": "2", "../ID#2/@t": "x"}
    # an element without anything in it is an empty cell
    assert cells(found, "p") == [{"N": "A", **both}, {".": "", **both}, {".": ""}]


def test_the_quick_reader_leaves_ways_that_take_every_element_to_the_exact_one(outcome):
    content = b"<R>" + b"<H><ID>1</ID><ID>2</ID><P>A</P></H>" * 3000 + b"</R>"
    found = outcome(content, Xml(rows={"/R/H/P": "p"}, above={"/R/H/P": ("../ID#*",)}))
    assert len(cells(found, "p")) == 3000
    assert all(row["../ID#2"] == "2" for row in cells(found, "p"))


def test_how_many_elements_a_row_holds_is_counted_anew_for_each_row(outcome, monkeypatch):
    monkeypatch.setattr("passerelle.stages.decode.elements.MAX_ELEMENTS", 4)
    content = b"<F>" + b"<V><W><Id>7</Id></W></V>" * 20 + b"</F>"
    decoded = outcome(content, Xml(rows={"/F/V/W": ""}, above={"/F/V/W": ("..",)}))
    assert len(decoded.rows) == 20


OWN, OTHER = "<a:Foyer><a:NOM>A</a:NOM></a:Foyer>", "<a:Foyer><b:NOM>B</b:NOM><a:NOM>A</a:NOM></a:Foyer>"


@pytest.mark.parametrize("times", [1, 3000], ids=["read exactly", "read quickly"])
def test_elements_of_one_name_and_several_namespaces_are_told(outcome, times):
    document = f'<a:Flux xmlns:a="urn:a" xmlns:b="urn:b">{OWN * times}{OTHER}</a:Flux>'
    found = outcome(document.encode(), FOYERS)
    told = [(one.reason, one.place.column, one.details["count"]) for one in found.warned]
    assert told == [("decode.element.namespaces", "/Flux/Foyer/NOM", "1")]


@pytest.mark.parametrize("times", [1, 3000])
def test_one_name_at_several_places_may_come_from_several_namespaces(outcome, times):
    rows = "<a:Foyer><a:NOM><b:ID>1</b:ID></a:NOM><a:ID>2</a:ID></a:Foyer>" * times
    assert not outcome(f'<a:Flux xmlns:a="urn:a" xmlns:b="urn:b">{rows}</a:Flux>'.encode(), FOYERS).warned
