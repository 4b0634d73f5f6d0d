"""The seal: what is sealed opens only where it belongs, and only with its key."""

from __future__ import annotations

import base64
import stat
import threading

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stores.keyring import Keyring
from passerelle.stores.seal import NONCE_BYTES, WRAPPED_BYTES, Seal
from passerelle.vocabulary.errors import FatalError

SEAL = Seal(bytes(range(32)))


@settings(max_examples=count_examples(50), deadline=None)
@given(st.binary(max_size=2000), st.binary(max_size=50))
def test_what_is_sealed_opens_where_it_belongs(plain, about):
    assert SEAL.open(SEAL.seal(plain, about=about), about=about) == plain


def test_a_moved_ciphertext_does_not_open():
    with pytest.raises(FatalError) as caught:
        SEAL.open(SEAL.seal(b"x", about=b"row 1"), about=b"row 2")
    assert caught.value.code == "incident.seal.broken"


@settings(max_examples=count_examples(60), deadline=None)
@given(st.data())
def test_no_changed_byte_goes_unseen(data):
    sealed = SEAL.seal(b"forty-two little words", about=b"row")
    position = data.draw(st.integers(0, len(sealed) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = sealed[:position] + bytes([sealed[position] ^ flip]) + sealed[position + 1 :]
    with pytest.raises(FatalError):
        SEAL.open(changed, about=b"row")


@pytest.mark.parametrize("cut", [0, 1, 20, 61, 70])
def test_a_cut_ciphertext_does_not_open(cut):
    with pytest.raises(FatalError):
        SEAL.open(SEAL.seal(b"content of some length", about=b"row")[:cut], about=b"row")


def test_another_key_does_not_open_it():
    with pytest.raises(FatalError):
        Seal(bytes(32)).open(SEAL.seal(b"x", about=b"row"), about=b"row")


def test_the_same_content_never_gives_the_same_ciphertext():
    assert SEAL.seal(b"x", about=b"row") != SEAL.seal(b"x", about=b"row")


@settings(max_examples=count_examples(50), deadline=None)
@given(st.lists(st.text(max_size=200), max_size=5))
def test_pseudonyms_are_the_standard_cmac(texts):
    assert SEAL.pseudonymise_each("ref", texts) == [_cmac("ref", text.encode()) for text in texts]


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 31, 32, 33, 4096])
def test_texts_that_end_at_a_block_get_the_standard_cmac_too(size):
    texts = ["x" * size, "", "y" * (size + 1)]
    assert SEAL.pseudonymise_each("ref", texts) == [_cmac("ref", text.encode()) for text in texts]


def _cmac(purpose, text):
    authentication = CMAC(AES(SEAL._derive_key(f"pseudonym/{purpose}")))
    authentication.update(text)
    return authentication.finalize()


def test_pseudonyms_of_two_purposes_or_two_keys_cannot_be_linked():
    given = SEAL.pseudonymise("ref", "a:person:1")
    assert given == SEAL.pseudonymise("ref", "a:person:1")
    assert given != SEAL.pseudonymise("consent", "a:person:1")
    assert given != Seal(bytes(32)).pseudonymise("ref", "a:person:1")


def test_a_key_file_is_made_once_and_private(tmp_path):
    path = tmp_path / "new" / "key"
    first = Seal.from_key_file(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]
    again = Seal.from_key_file(path, create=True)
    assert first.pseudonymise("ref", "x") == again.pseudonymise("ref", "x")


def test_several_starting_together_agree_on_one_key(tmp_path):
    seen: list[bytes] = []

    def start() -> None:
        seen.append(Seal.from_key_file(tmp_path / "key", create=True).pseudonymise("ref", "x"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


def _code(path) -> str:
    with pytest.raises(FatalError) as caught:
        Seal.from_key_file(path, create=False)
    return caught.value.code


def test_a_key_that_is_missing_exposed_or_malformed_is_refused(tmp_path):
    path = tmp_path / "key"
    assert _code(path) == "incident.key.missing"
    path.write_bytes(base64.b64encode(bytes(32)))
    path.chmod(0o640)
    assert _code(path) == "incident.key.exposed"
    path.chmod(0o600)
    path.write_bytes(base64.b64encode(bytes(16)))
    assert _code(path) == "incident.key.malformed"
    path.write_bytes(b"not a key!")
    assert _code(path) == "incident.key.malformed"


def test_no_key_shows_in_a_repr():
    secret = bytes(range(65, 97))
    shown = repr(Seal(secret))
    assert secret.decode() not in shown
    assert secret.hex() not in shown


def test_contents_sealed_together_open_each_at_its_own_place_and_share_no_key():
    places = (b"row 1", b"row 2")
    sealed = SEAL.seal_each([(b"same words", about) for about in places])
    pairs = list(zip(sealed, places, strict=True))
    assert [SEAL.open(one, about=about) for one, about in pairs] == [b"same words"] * 2
    assert len({SEAL.unwrap(one[1 : 1 + WRAPPED_BYTES], about=about) for one, about in pairs}) == 2
    assert len({one[1 : 1 + NONCE_BYTES] for one in sealed}) == 2
    with pytest.raises(FatalError):
        SEAL.open(sealed[0], about=b"row 2")
    assert SEAL.seal_each([]) == []


def test_what_was_sealed_with_a_key_of_the_keyring_does_not_open_without_one(tmp_path):
    keyring = Keyring.open(tmp_path, SEAL.derive_keyring_key(), create=True)
    sealed = SEAL.attach(keyring).seal(b"x", about=b"row")
    with pytest.raises(FatalError) as caught:
        SEAL.open(sealed, about=b"row")
    assert caught.value.code == "incident.seal.broken"
    keyring.close()
