"""Archives that are cut, empty or one in the other are parked, whatever is wrong with them; nothing else goes up."""

from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stages.decode.dialects import Csv
from passerelle.vocabulary.errors import ParcelError

DIALECT = Csv(members={"personnes*.csv": ""})


def _zip(*entries: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries:
            made.writestr(name, data)
    return stream.getvalue()


SOUND = _zip(("personnes.csv", b"a;b\n1;2\n" * 9), ("autres.csv", b"c\n1\n"))


@given(cut=st.integers(0, len(SOUND) - 1), keep=st.integers(0, len(SOUND)), byte=st.integers(0, 255))
@settings(max_examples=count_examples(300), deadline=None)
def test_a_damaged_archive_is_read_or_parked(outcome, cut, keep, byte):
    for data in (SOUND[:cut], SOUND[:cut] + bytes([byte]) + SOUND[cut + 1 :], SOUND[:cut] + SOUND[keep:]):
        with contextlib.suppress(ParcelError):
            outcome(data, DIALECT)


@pytest.mark.parametrize("name", ["x.zip", "personnes.csv.zip", "dossier/x.7z"])
def test_an_archive_in_the_archive_is_parked(outcome, name):
    with pytest.raises(ParcelError) as refused:
        outcome(_zip(("personnes.csv", b"a\n1\n"), (name, SOUND)), DIALECT)
    assert refused.value.code == "decode.archive.nested"


def test_an_archive_under_the_name_of_a_table_is_parked(outcome):
    with pytest.raises(ParcelError) as refused:
        outcome(_zip(("personnes.csv", SOUND)), DIALECT)
    assert refused.value.code == "decode.parcel.not_declared"
