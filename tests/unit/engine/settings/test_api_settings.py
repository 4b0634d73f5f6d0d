"""The table `[api]`: an address of this machine, or one in front of which a server that speaks TLS is stated."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from passerelle.engine.settings.api_settings import ApiSettings


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [("127.0.0.1:8486", "127.0.0.1", 8486), ("[::1]:0", "::1", 0), ("127.9.0.1:1", "127.9.0.1", 1)],
)
def test_an_address_of_this_machine_is_taken(address, host, port):
    settings = ApiSettings(address=address)
    assert (settings.host, settings.port) == (host, port)


@pytest.mark.parametrize(
    "address", ["localhost:8486", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:²", ":80"]
)
def test_what_is_no_address_with_a_port_is_refused(address):
    with pytest.raises(ValidationError) as raised:
        ApiSettings(address=address)
    assert [error["type"] for error in raised.value.errors()] == ["api_address"]


def test_elsewhere_it_answers_only_behind_a_server_that_is_stated():
    with pytest.raises(ValidationError) as raised:
        ApiSettings(address="10.0.0.5:8486")
    assert [error["type"] for error in raised.value.errors()] == ["api_open"]
    assert ApiSettings(address="10.0.0.5:8486", public_url="https://api.exemple.fr").host == "10.0.0.5"
    with pytest.raises(ValidationError):
        ApiSettings(address="10.0.0.5:8486", public_url="http://api.exemple.fr")
