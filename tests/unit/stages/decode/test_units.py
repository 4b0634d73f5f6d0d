"""The quick reader of XML gives what the exact one gives, or leaves the document to that."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from passerelle.documents.workbook_reader import open_rows
from passerelle.extension.loading import load_plugins
from passerelle.stages.decode import elements, row_blocks, units, well_formed
from passerelle.stages.decode.decoding import decode
from passerelle.stages.decode.dialects import Xml
from passerelle.vocabulary.errors import ParcelError

DOCUMENTS = int(os.environ.get("PASSERELLE_DOCUMENTS", "150"))
PLUGINS = Path(__file__).parents[4] / "plugins"
TEXTS = (
    *(
        "",
        "x",
        " y ",
        "\n",
        "é",
        "a&amp;b",
        "&#233;",
        "<![CDATA[c<d]]>",
        "<!-- c -->",
        "e<!-- c -->f",
        "<?pi x?>",
        "Ã‰",
    ),
    *("_row", "\t", "g\r\nh", "i\rj", "&lt;", "]]", "&#xFFFD;"),
)
INSERTED = (
    "<",
    ">",
    "&",
    "</B>",
    "<N>",
    "&nbsp;",
    "\x01",
    "&#1;",
    "<!DOCTYPE a>",
    '<N a="1" a="2"/>',
    "<x:y/>",
    "]]>",
    "\ufffe",
)
DIALECTS = (
    Xml(rows={"/R/B": "b"}),
    Xml(rows={"/R/B/C": "c", "/R/B": "b"}),
    Xml(rows={"/R/B/C": "c"}, above={"/R/B/C": ("..",)}),
    Xml(rows={"/R/B/C": "c", "/R/B/N": "n"}, above={"/R/B/C": ("../N", ".."), "/R/B/N": ("..",)}),
    Xml(rows={"/R/A/B/C": "c"}, above={"/R/A/B/C": ("../../N",)}),
    Xml(rows={"/R/A/B": "b", "/R/B": "b2"}, namespaces=("", "urn:x")),
    Xml(rows={"/R/B/C": "c"}, above={"/R/B/C": ("../../N",)}),
    Xml(rows={"/R/A/B/C": "c", "/R/A/N": "n"}),
    Xml(rows={"/S/B": "b"}),
)


def told(content: bytes, dialect: Xml, rows: int) -> object:
    """Return everything that can be seen of what was decoded."""
    try:
        batches = list(decode(BytesIO(content), dialect, block_bytes=1 << 20, block_rows=rows, open_workbook=open_rows))
    except ParcelError as error:
        return error.code, dict(error.details), repr(error.__context__)
    return [
        (
            *(one.number, one.table.member, one.table.frame.schema, one.table.frame.rows()),
            *(one.table.lines.to_list(), [(aside, aside.raw) for aside in one.aside], one.warned),
        )
        for one in batches
    ]


class Readers:
    """Both readers, on the same bytes; `quickly` counts what the quick one did not leave to the exact one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.quickly = 0
        survey = units.Units.survey

        def count(*given):
            yield from survey(*given)
            self.quickly += 1

        monkeypatch.setattr(units.Units, "survey", count)

    def compare(self, content: bytes, dialect: Xml, rows: int = 1000, chunk: int = 1 << 20) -> object:
        """Hold one against the other; return what both say."""
        self._patch.setattr(units, "_CHUNK", chunk)
        self._patch.setattr(elements, "QUICK", 1 << 60)
        exact = told(content, dialect, rows)
        self._patch.setattr(elements, "QUICK", 0)
        for room in (1 << 20, 0, 600):  # all rows are held, none, some
            self._patch.setattr(row_blocks, "ROOM", room)
            assert told(content, dialect, rows) == exact
        return exact


LONG = b"<R>" + b"<B><C>1</C></B>\n" * 9_000
FAULTS = {
    "cut off": (LONG[:-9], "decode.parcel.cut"),
    "cut off between elements": (LONG, "decode.parcel.cut"),
    "cut off behind a comment": (LONG + b"<!-- </R> -->", "decode.parcel.cut"),
    "an element that is not closed": (LONG + b"<B>" + LONG[3:] + b"</R>", "decode.parcel.malformed"),
    "another root at the end": (LONG + b"</S>", "decode.parcel.malformed"),
    "a letter behind the root": (LONG + b"</R>x", "decode.parcel.cut"),
    "a control character": (LONG + b"<B>\1</B>" + LONG[3:], "decode.parcel.flawed"),
    "a sign of its own": (LONG + b"<B>a & b</B></R>", "decode.parcel.flawed"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_no_look_at_each_element(readers, monkeypatch, name):
    content, code = FAULTS[name]
    dialect = Xml(rows={"/R/B": "b"})
    exact = readers.compare(content, dialect)
    if code != "decode.parcel.flawed":
        assert exact[0] == code
    found = []

    def find(stream, roots):
        found.append(well_formed.find_fault(stream, roots))
        return found[-1]

    def look(*_given):
        raise AssertionError

    monkeypatch.setattr(elements, "find_fault", find)
    if code != "decode.parcel.flawed":
        monkeypatch.setattr(elements, "_check_document", look)
    assert told(content, dialect, 1000) == exact
    assert [one and one.code for one in found][:1] == [code]


def test_a_document_that_is_surely_cut_off_is_not_begun(readers, monkeypatch):
    monkeypatch.setattr(elements, "Units", lambda *_given: pytest.fail("begun"))
    for name in ("cut off", "cut off between elements", "another root at the end", "a letter behind the root"):
        readers.compare(FAULTS[name][0], Xml(rows={"/R/B": "b"}))


@pytest.mark.parametrize(
    "wrong",
    [b"<x:y/>", b"&nbsp;", b"<B/>" * 3 + b"<D>" * 101 + b"</D>" * 101, b"<!DOCTYPE R>", b"<x:y/>&nbsp;<", b"&a;<x:y/>"],
)
def test_what_a_parser_without_a_tree_sees_otherwise_is_left_to_the_exact_reader(readers, wrong):
    for behind in (b"</R>", b"<B></R>", b"\1</R>"):
        readers.compare(LONG[:400] + wrong + LONG[3:400] + behind, Xml(rows={"/R/B": "b"}), chunk=100)


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> Readers:
    return Readers(monkeypatch)


def write_element(name: str, chance: Random, depth: int) -> str:
    """Return an element with attributes, texts and others in it, at random."""
    attributes = "".join(
        f' {key}="{chance.choice(("", "1", "é", "a&#10;b"))}"' for key in "vw" if chance.random() < 0.2
    )
    inside = chance.choice(TEXTS)
    if depth > 0:
        for _child in range(chance.choice([0, 1, 2, 4])):
            inside += write_element(chance.choice("ABCN"), chance, depth - 1) + chance.choice((*TEXTS, "\n", "\n"))
    return f"<{name}{attributes}>{inside}</{name}>" if inside or chance.random() < 0.5 else f"<{name}{attributes}/>"


def write_document(chance: Random) -> bytes:
    """Return a document; a third of them are spoilt in one place."""
    inside = "".join(write_element(chance.choice("ABBN"), chance, 4) + "\n" for _one in range(chance.choice([0, 2, 9])))
    encoding = chance.choice(["utf-8", "windows-1252", "iso-8859-1", "utf-16"])
    root = chance.choice(["R", "R", 'R xmlns="urn:x"', 'R xmlns="urn:y" k="1"'])
    text = f'<?xml version="1.0" encoding="{encoding}"?><{root}>{inside}</R>'
    if chance.random() < 0.35:
        at = chance.randrange(40, len(text))
        text = text[:at] + chance.choice((*INSERTED, "")) + text[at + chance.choice([0, 1, 9]) :]
    return text.encode(encoding, "xmlcharrefreplace")


def test_random_documents_are_read_as_the_exact_reader_reads_them(readers):
    for seed in range(DOCUMENTS):
        chance = Random(seed)  # noqa: S311  a seed that fails has to fail again
        chunk = chance.choice([3, 50, 1 << 20])
        readers.compare(write_document(chance), chance.choice(DIALECTS), chance.choice([2, 1000]), chunk)
    assert readers.quickly > 3 * DOCUMENTS / 5


def test_samples_of_all_plugins_are_read_as_before(readers):
    compared = 0
    for _supplier, connector, info in load_plugins().connectors.values():
        if isinstance(connector.dialect, Xml):
            for sample in sorted((PLUGINS / info.name.replace("-", "_") / "samples").rglob("*.xml")):
                compared += 1
                readers.compare(sample.read_bytes(), connector.dialect, 2, 100)
    assert readers.quickly > 9
    assert compared > 5


def test_what_many_rows_take_of_one_holder_is_gathered_once(readers, monkeypatch):
    monkeypatch.setattr(elements, "QUICK", 0)
    content = b"<R><B>" + b"<C><N>1</N></C>" * 20_000 + b"<N>2</N></B></R>"
    found = told(content, Xml(rows={"/R/B/C": "c"}, above={"/R/B/C": ("..",)}), 100_000)
    assert readers.quickly == 1
    assert found[0][3] == [("1", "2")] * 20_000


@pytest.mark.parametrize(
    ("encoding", "is_sure"),
    [("UTF-8", True), ("iso-8859-1", True), ("iso-8859-15", False), ("x-iso-8859-1", False), ("utf-16", False)],
)
@pytest.mark.parametrize("mark", ['"', "'"])
def test_only_encodings_that_both_parsers_surely_read_alike_are_read_quickly(encoding, is_sure, mark):
    document = f"<?xml version={mark}1.0{mark} encoding={mark}{encoding}{mark}?><R/>"
    assert units.is_readable(BytesIO(document.encode())) is is_sure


@pytest.mark.parametrize(("most", "quickly"), [(900, 0), (10_000, 3)])
def test_a_unit_that_goes_on_and_on_is_left_to_the_exact_reader(readers, monkeypatch, most, quickly):
    monkeypatch.setattr(units, "MAX_PENDING", most)
    readers.compare(b"<R><B><C>" + b"x" * 2_000 + b"</C></B><B/></R>", Xml(rows={"/R/B": "b"}), chunk=100)
    assert readers.quickly == quickly
