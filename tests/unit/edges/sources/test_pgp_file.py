"""Files encrypted with OpenPGP: what is in them is read, or they are handed on as they came."""

from __future__ import annotations

import io
import os

import pysequoia
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.edges.sources import pgp_file
from passerelle.edges.sources.pgp_file import open_pgp_file, try_key
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.openpgp import is_message


def make_key() -> tuple[str, pysequoia.Cert]:
    key = pysequoia.Tsk.generate("Essai <essai@exemple.fr>")
    return str(key), key.extract_certificate()


KEY, CERTIFICATE = make_key()
OTHER, _OTHER = make_key()


def encrypt(content: bytes, *, armor: bool = True) -> bytes:
    return pysequoia.encrypt(content, recipients=[CERTIFICATE], armor=armor)


def read(content: bytes, key: str = KEY) -> bytes:
    with open_pgp_file(io.BytesIO(content), key) as stream:
        return stream.read()


class Unseekable(io.RawIOBase):
    """A file of another machine."""

    def __init__(self, content):
        self._inner = io.BytesIO(content)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._inner.readinto(buffer)


@pytest.mark.parametrize("armor", [True, False])
@pytest.mark.parametrize("size", [0, 5, 3 << 20])
def test_what_was_encrypted_for_us_is_read(armor, size):
    content = os.urandom(size)
    message = encrypt(content, armor=armor)
    assert is_message(message[:64])
    assert read(message) == content
    with open_pgp_file(io.BufferedReader(Unseekable(message)), KEY) as stream:
        assert stream.read() == content


def test_a_message_for_somebody_else_is_told_and_nothing_of_it_shown():
    with pytest.raises(FlowError) as caught:
        read(encrypt(b"a;b\n"), OTHER)
    assert caught.value.code == "incident.file.key"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("key", ["", "mot de passe", str(CERTIFICATE)], ids=["nothing", "no key", "public half"])
def test_what_is_no_private_key_is_told_as_that(key):
    with pytest.raises(FlowError) as caught:
        read(encrypt(b"a;b\n"), key)
    assert caught.value.code == "settings.pgp.key"


@pytest.mark.parametrize("key", ["", "mot de passe", str(CERTIFICATE)], ids=["nothing", "no key", "public half"])
def test_a_key_is_tried_without_a_message(key):
    try_key(KEY)
    with pytest.raises(FlowError) as caught:
        try_key(key)
    assert caught.value.code == "settings.pgp.key"


def test_a_damaged_message_is_never_read_as_if_it_were_whole():
    message = bytearray(encrypt(b"a;b\n" * 1000, armor=False))
    message[-10] ^= 0xFF
    with pytest.raises(FlowError) as caught:
        read(bytes(message))
    assert caught.value.code == "incident.file.key"


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", b"PK\x03\x04", "Ábc;d\n".encode("latin-1"), b"\xc1"])
def test_what_is_no_message_is_handed_on_as_it_came_from_a_network_as_from_a_disk(content):
    assert read(content) == content
    with open_pgp_file(io.BufferedReader(Unseekable(content)), KEY) as stream:
        assert stream.read() == content


@pytest.mark.parametrize("bound", ["bytes", "memory"])
def test_a_message_that_asks_for_more_than_an_honest_one_is_handed_on_as_it_came(monkeypatch, bound):
    message = encrypt(b"a;b\n" * (12 << 20), armor=False)
    if bound == "bytes":
        monkeypatch.setattr(pgp_file, "MOST_BYTES", 10)
    else:
        monkeypatch.setattr(pgp_file, "LIMITS", {"memory": 160 << 20, "seconds": 60})
    assert read(message) == message


@settings(max_examples=count_examples(100))
@given(st.binary(max_size=64))
def test_whatever_a_file_begins_with_is_judged(head):
    assert is_message(head) in (True, False)
