"""Zips with a password: what is read of them is the same files without it, or they are handed on as they came."""

from __future__ import annotations

import io
import zipfile

import pytest
import pyzipper
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.documents.archives import CSV_LIMITS, open_judged
from passerelle.edges.sources.locked_zip import open_locked_zip
from passerelle.vocabulary.errors import FlowError

PASSWORD = "épreuve du soir"
OLDER = (
    "UEsDBAoACQAAACGlfl2dKKvAIQAAABUAAAAFABwAYS5jc3ZVVAkAA17fDWte3w1rdXgLAAEEAAAAAAQAAAAA9oytUt2kDQNs0bGc"
    "cpEKO7NHUVNJSGpT6HkIpOmrwpVJUEsHCJ0oq8AhAAAAFQAAAFBLAQIeAwoACQAAACGlfl2dKKvAIQAAABUAAAAFABgAAAAAAAEA"
    "AACkgQAAAABhLmNzdlVUBQADXt8Na3V4CwABBAAAAAAEAAAAAFBLBQYAAAAAAQABAEsAAABwAAAAAAA="
)
"""A zip of the older encryption, as Info-ZIP writes it."""
FILES = {"visites.csv": b"a;b\n" * 1000, "dossier/é.csv": b"x", "vide.csv": b""}


def make(files, *, password=PASSWORD, **options) -> bytes:
    held = io.BytesIO()
    with pyzipper.AESZipFile(held, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES, **options) as archive:
        archive.setpassword(password.encode())
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


class Unseekable(io.RawIOBase):
    """A file of another machine."""

    def __init__(self, content):
        self._inner = io.BytesIO(content)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._inner.readinto(buffer)


def read_files(content: bytes) -> dict[str, bytes]:
    with open_judged(io.BytesIO(content), CSV_LIMITS) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def unlock(content: bytes, password: str = PASSWORD) -> bytes:
    with open_locked_zip(io.BytesIO(content), password) as stream:
        return stream.read()


@pytest.mark.parametrize("strength", [128, 192, 256])
def test_files_are_read_as_they_were_put_in(strength):
    held = io.BytesIO()
    with pyzipper.AESZipFile(held, "w", pyzipper.ZIP_DEFLATED) as archive:
        archive.setpassword(PASSWORD.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=strength)
        for name, content in FILES.items():
            archive.writestr(name, content)
    assert {
        name: content for name, content in read_files(unlock(held.getvalue())).items() if "rien" not in name
    } == FILES


def test_the_same_file_read_again_gives_the_same_bytes_from_a_network_as_from_a_disk():
    content = make(FILES)
    with open_locked_zip(io.BufferedReader(Unseekable(content)), PASSWORD) as stream:
        assert stream.read() == unlock(content)


def test_a_wrong_password_is_told_and_nothing_of_it_shown():
    with pytest.raises(FlowError) as caught:
        unlock(make(FILES), "faux")
    assert caught.value.code == "incident.file.password"
    assert caught.value.__cause__ is None


def test_a_damaged_file_is_never_read_as_if_it_were_whole():
    content = bytearray(make({"a.csv": b"a;b\n" * 1000}))
    content[60] ^= 0xFF
    with pytest.raises(FlowError) as caught:
        unlock(bytes(content))
    assert caught.value.code == "incident.file.password"


def make_plain(files) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a;b\n1;2\n",
        b"PK",
        make_plain(FILES),
        make({"bombe.csv": b"0" * (200 << 20)}, compresslevel=9)[: 1 << 20],
        make({"interne.zip": b"x"}),
        make({"../ailleurs.csv": b"x"}),
        make({f"{nth}.csv": b"" for nth in range(1001)}),
    ],
    ids=["empty", "csv", "two letters", "no password", "bomb", "nested", "name that climbs", "too many"],
)
def test_what_needs_no_password_or_is_not_plain_is_handed_on_as_it_came(content):
    assert unlock(content) == content


@settings(max_examples=count_examples(60))
@given(st.binary(max_size=60).map(lambda tail: b"PK\x03\x04" + tail))
def test_whatever_looks_like_a_zip_is_handed_on_or_told(content):
    assert unlock(content) == content


@settings(max_examples=count_examples(40), deadline=None)
@given(
    st.dictionaries(st.from_regex(r"[a-zé]{1,8}\.csv", fullmatch=True), st.binary(max_size=200), min_size=1, max_size=3)
)
def test_any_files_come_out_as_they_went_in(files):
    assert read_files(unlock(make(files))) == files
