"""The quick reader of JSON gives what the exact one gives, word for word and place for place, or leaves it to that."""

from __future__ import annotations

import json
import os
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from random_documents import choose_dialect, write_document

from passerelle.documents.workbook_reader import open_rows
from passerelle.extension.loading import load_plugins
from passerelle.stages.decode import documents, outline, packed, part_tables, quick
from passerelle.stages.decode.decoding import decode
from passerelle.stages.decode.dialects import Json
from passerelle.vocabulary.errors import ParcelError

DOCUMENTS = int(os.environ.get("PASSERELLE_DOCUMENTS", "150"))
PLUGINS = Path(__file__).parents[4] / "plugins"
NEVER = 1 << 60


def told(content: bytes, dialect: Json, rows: int) -> object:
    """Return everything that can be seen of what was decoded."""
    try:
        batches = list(decode(BytesIO(content), dialect, block_bytes=1 << 20, block_rows=rows, open_workbook=open_rows))
    except ParcelError as error:
        return error.code, dict(error.details), error.__context__
    return [
        (
            *(one.number, one.table.member, one.table.frame.schema, one.table.frame.rows()),
            *(one.table.lines.to_list(), [(aside, aside.raw) for aside in one.aside], one.warned, one.consumed),
        )
        for one in batches
    ]


class Readers:
    """Both readers, on the same bytes; `quickly` counts what the quick one did not leave to the exact one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.quickly = 0
        read = quick.read

        def count(*given, **named):
            batches = read(*given, **named)
            self.quickly += batches is not None
            return batches

        monkeypatch.setattr(quick, "read", count)

    def compare(self, content: bytes, dialect: Json, rows: int = 1000) -> object:
        """Hold one against the other; return what both say."""
        self._patch.setattr(documents, "QUICK", NEVER)
        exact = told(content, dialect, rows)
        self._patch.setattr(documents, "QUICK", 0)
        assert told(content, dialect, rows) == exact
        return exact

    def cut(self, *, part: int = 1 << 20, small: int = 0, room: int = 1 << 20, long: int = 8 << 20) -> None:
        """Set sizes that make much of little."""
        self._patch.setattr(outline, "PART", part)
        self._patch.setattr(part_tables, "_SMALL", small)
        self._patch.setattr(packed, "ROOM", room)
        self._patch.setattr(documents, "LONG", long)


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> Readers:
    return Readers(monkeypatch)


def test_random_documents_are_read_as_the_exact_reader_reads_them(readers):
    for seed in range(DOCUMENTS):
        chance = Random(seed)  # noqa: S311  a seed that fails has to fail again
        readers.cut(
            part=chance.choice([7, 40, 200, 1 << 20]),
            small=chance.choice([0, 100]),
            room=chance.choice([0, 3000, 1 << 20]),
            long=chance.choice([0, 8 << 20]),
        )
        readers.compare(write_document(chance), choose_dialect(chance), chance.choice([2, 5, 1000]))
    assert readers.quickly > DOCUMENTS / 5


def test_samples_of_all_plugins_are_read_as_before(readers):
    readers.cut(part=300)
    compared = 0
    for _supplier, connector, info in load_plugins().connectors.values():
        samples = PLUGINS / info.name.replace("-", "_") / "samples"
        if isinstance(connector.dialect, Json) and not connector.dialect.lines:
            for sample in sorted(samples.rglob("*.json")):
                compared += 1
                readers.compare(sample.read_bytes(), connector.dialect, 2)
    assert readers.quickly > 5
    assert compared > 20


def list_records(count: int, **odd: object) -> bytes:
    """Return a list of `count` plain records; the one in the middle has other members, too."""
    records = [{"id": place, "b": {"c": f"n{place}", "d": None}} for place in range(count)]
    records[count // 2] |= odd
    return json.dumps(records).encode()


@pytest.mark.parametrize(
    "text",
    [
        *("-0", "-0.0", "1.50", "1E5", "0e1", "12345678901234567890", "9" * 4301),
        *('"\\ud800"', '"\\ud83d\\ude00"', '"\\u0000"', '"\\u00c3\\u00a9"', '"é"', '"É"', '"Ã‰"', '"\ufffd"', '"l‚e"'),
        *("NaN", "-Infinity", '"a\tb"', "[]", "{}", "[{}]", "[1.50,null,true]", '{"z":1,"z":2}', "[" * 90 + "]" * 90),
        *('{"c":1}', '{"":{"":1}}', '{"c":[]}', "null", "true"),
    ],
)
def test_what_a_record_may_hold_is_read_as_it_was_written(readers, text):
    content = list_records(200, e="HERE").replace(b'"HERE"', text.encode())
    readers.compare(content, Json(spread=("e",)), 30)
    assert readers.quickly == 1


def test_a_column_without_a_name_keeps_none(readers):
    readers.compare(json.dumps([{"": place, "column_0": "x"} for place in range(20)]).encode(), Json())
    assert readers.quickly == 1


def test_members_that_meet_under_one_name_are_told_apart(readers):
    readers.compare(json.dumps([{"a": {"b": 1}, "a.b": place, "_row": 2} for place in range(20)]).encode(), Json())
    assert readers.quickly == 1


def test_bytes_that_are_no_utf_8_cost_their_own_record(readers):
    readers.compare(list_records(50, e="HERE").replace(b"HERE", b"\xe9"), Json())
    assert readers.quickly == 1


@pytest.mark.parametrize("keys", [1, 10])
def test_records_of_which_no_two_are_alike_are_not_looked_at_for_each_members_sake(readers, keys):
    records = [{f"k{place}_{key}": "x" for key in range(keys)} for place in range(90)]
    readers.compare(json.dumps(records).encode(), Json())
    assert readers.quickly == 1


def test_more_columns_than_a_table_may_have_are_left_to_the_exact_reader(readers):
    readers.compare(json.dumps([{f"k{place}_{key}": 1 for key in range(1000)} for place in range(5)]).encode(), Json())
    assert readers.quickly == 0


@pytest.mark.parametrize(
    "content",
    [
        b'[{"a":1},]',
        b'[{"a":1}{"a":2}]',
        b'[{"a":1},,{"a":2}]',
        b'[,{"a":1}]',
        b'[{"a":1}}',
        b'[{"a":1}',
        b'[{"a":1}] x',
    ],
)
@pytest.mark.parametrize("part", [3, 1 << 20])
def test_what_is_not_json_is_refused_wherever_it_was_cut(readers, content, part):
    readers.cut(part=part)
    assert readers.compare(content, Json())[0] in {"decode.parcel.malformed", "decode.parcel.cut"}
    assert readers.quickly == 0


def test_what_finds_no_room_is_read_once_more(readers):
    readers.cut(part=100, room=0)
    readers.compare(list_records(200, e="é\ufffd"), Json(), 30)
    assert readers.quickly == 1


def test_a_short_document_is_not_tried_at_all(readers, monkeypatch):
    monkeypatch.setattr(documents, "QUICK", 1000)
    told(list_records(3), Json(), 10)
    assert readers.quickly == 0


@pytest.mark.parametrize(
    ("text", "tries"), [(b'{"rdvs": [{"id": 1}, {"id"', 0), (b'{"rdvs": [{"id": 1}]}\n', 1), (b"[1]}", 0)]
)
def test_a_document_that_is_surely_cut_off_is_not_tried(readers, monkeypatch, text, tries):
    tried = []
    read = quick.read

    def count(*given, **options):
        tried.append(given)
        return read(*given, **options)

    dialect = Json(lists={"rdvs": "r"})
    exact = readers.compare(text, dialect)
    monkeypatch.setattr(quick, "read", count)
    assert told(text, dialect, 1000) == exact
    assert len(tried) == tries
