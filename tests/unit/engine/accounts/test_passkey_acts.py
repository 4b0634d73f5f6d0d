"""What a passkey signed is read as others wrote it; without the library the settings say what lacks."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from soft_passkey import SoftPasskey, encode

from passerelle.engine.accounts.passkey_acts import PasskeyPlace, describe_proof, find_shown, read_challenge
from passerelle.vocabulary.errors import SettingsError

PLACE = PasskeyPlace("localhost", "http://localhost:1")
_NAMES = ["id", "rawId", "response", "clientDataJSON", "challenge", "signature", "type"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), one, max_size=4),
    max_leaves=8,
)


class Nobody:
    """A journal that knows no passkey."""

    def find_passkey(self, _credential: bytes) -> None:
        return None


class Empty:
    """A workspace without any account."""

    journal = Nobody()


@settings(max_examples=count_examples(60), deadline=None)
@given(told=_JSON)
def test_whatever_a_browser_sends_is_read_without_a_fault(told):
    answer = json.dumps(told)
    assert find_shown(Empty(), answer) is None
    assert isinstance(read_challenge(answer), bytes)


def test_a_challenge_is_read_unless_a_frame_of_another_site_asked():
    options = {"challenge": encode(b"x" * 48)}
    device = SoftPasskey(PLACE.origin)
    assert read_challenge(device.show(options)) == b"x" * 48
    device.told = {"crossOrigin": True}
    assert read_challenge(device.show(options)) == b""
    assert read_challenge("x" * 20_001) == b""
    assert read_challenge("[" * 10_000) == b""


def test_without_the_library_the_settings_say_what_lacks(monkeypatch):
    monkeypatch.setitem(sys.modules, "webauthn", None)
    with pytest.raises(SettingsError) as caught:
        describe_proof(PLACE, b"x" * 48)
    assert caught.value.code == "settings.passkeys.no_library"
