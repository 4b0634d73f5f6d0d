"""The decode stage: the same numbers whatever is skipped, and the columns of each member known beforehand."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from passerelle.documents.workbook_reader import open_rows
from passerelle.stages.decode.decoding import decode, peek
from passerelle.stages.decode.dialects import Csv, Json, Xml
from passerelle.vocabulary.errors import ParcelError

PEOPLE = b'{"gens": [{"id": 1}, {"id": 2, "nom": "A"}, {"id": 3}], "lieux": []}'
SAMPLES = {
    "csv": (Csv(), b"id;nom\n1;a\n2;b\n3;c\n", 4),
    "json": (Json(lists={"gens": "gens", "lieux": "lieux"}), PEOPLE, 1),
    "lines": (Json(lines=True), b'{"id": 1}\n{"id": 2}\n{"id": 3}\n', 1),
    "xml": (Xml(rows={"/a/b": ""}), b"<a><b><id>1</id></b><b><id>2</id></b><b><id>3</id></b></a>", 1),
}


def decode_all(dialect, data, size, skip=frozenset()):
    return list(decode(io.BytesIO(data), dialect, block_bytes=size, block_rows=1, open_workbook=open_rows, skip=skip))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_batch_that_is_skipped_takes_its_number_and_changes_no_other(name):
    every = decode_all(*SAMPLES[name])
    assert [batch.number for batch in every] == list(range(len(every)))
    assert len(every) > 2
    some = decode_all(*SAMPLES[name], skip={1})
    assert [batch.number for batch in some] == [batch.number for batch in every if batch.number != 1]
    for batch in some:
        assert batch.table.frame.equals(every[batch.number].table.frame)
        assert batch.table.lines.equals(every[batch.number].table.lines)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_columns_that_are_peeked_are_those_that_are_decoded(name):
    dialect, data, size = SAMPLES[name]
    columns = {}
    for batch in decode_all(dialect, data, size):
        columns.setdefault(batch.table.member, {}).update(dict.fromkeys(batch.table.frame.columns))
    peeked = peek(io.BytesIO(data), dialect, open_rows)
    assert {member: set(names) for member, names in peeked.items()} == {m: set(names) for m, names in columns.items()}


def test_a_member_without_rows_has_a_batch_all_the_same():
    members = {batch.table.member: batch.received for batch in decode_all(*SAMPLES["json"])}
    assert members["lieux"] == 0


def test_of_a_text_only_the_header_is_read_for_its_columns():
    assert peek(io.BytesIO(b'id;nom\n1;"never closed'), Csv(), open_rows) == {"": ("id", "nom")}
    with pytest.raises(ParcelError):
        peek(io.BytesIO(b""), Csv(), open_rows)


def test_no_reader_is_imported_before_a_parcel_needs_it():
    program = (
        "import sys; import passerelle.stages.decode.decoding; "
        "print([name for name in sys.modules if name.split('.')[-1] in "
        "{'delimited', 'sheets', 'documents', 'elements'} and 'decode' in name])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
