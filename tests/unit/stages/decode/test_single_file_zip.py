"""A zip of one file is that file, judged before it is opened, whatever the dialect."""

from __future__ import annotations

import io
import zipfile

import pytest

from passerelle.stages.decode.dialects import Csv, Json, Xml
from passerelle.vocabulary.errors import ParcelError


def _zip(*entries: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return target.getvalue()


CASES = [
    (b"Nom;Ville\r\nA;Albi\r\n", Csv(delimiter=";")),
    (b'[{"Nom": "A", "Ville": "Albi"}]', Json()),
    (b"<R><P><Nom>A</Nom><Ville>Albi</Ville></P></R>", Xml(rows={"/R/P": ""})),
]


@pytest.mark.parametrize(("content", "dialect"), CASES)
def test_the_file_in_a_zip_is_read_as_the_file_alone(outcome, content, dialect):
    zipped = outcome(_zip(("__MACOSX/._export", b"x"), ("export", content)), dialect)
    alone = outcome(content, dialect)
    assert (zipped.columns, zipped.rows) == (alone.columns, alone.rows)


@pytest.mark.parametrize(("content", "dialect"), CASES)
def test_a_zip_of_several_files_is_parked(outcome, content, dialect):
    with pytest.raises(ParcelError):
        outcome(_zip(("a", content), ("b", content)), dialect)


@pytest.mark.parametrize(("content", "dialect"), CASES)
def test_a_bomb_is_parked_before_it_is_opened(outcome, content, dialect):
    with pytest.raises(ParcelError) as raised:
        outcome(_zip(("a", content + b" " * (8 << 20))), dialect)
    assert raised.value.code == "decode.archive.bomb"
