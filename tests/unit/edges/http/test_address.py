"""Addresses of calls: where clouds hand out credentials, and paths that climb, are never asked."""

from __future__ import annotations

from ipaddress import ip_address

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.edges.http.address import resolve_address
from passerelle.edges.http.network import is_reachable
from passerelle.vocabulary.errors import FlowError

BASE = httpx.URL("https://api.example/v1/home")


@pytest.mark.parametrize(
    "address",
    [
        "fd00:ec2::254",
        "fd20:ce::254",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:db8::5efe:a9fe:a9fe",
        "2001:db8::200:5efe:a9fe:a9fe",
        "::ffff:100.100.100.200",
    ],
)
def test_addresses_that_hand_out_credentials_are_never_reached(address):
    for private in (False, True):
        assert not is_reachable(ip_address(address), private=private, loopback=True)


@pytest.mark.parametrize(
    "path",
    [
        "../admin",
        "a/../../b",
        "a/..",
        "./a",
        "%2e%2e/admin",
        "%2E./admin",
        "..%2fadmin",
        "%252e%252e%252fadmin",
        "..\\admin",
        "a/..;x=1/b",
        "a/.%0a./b",
        "https://api.example/v1/../admin",
        "/../admin?x=1",
    ],
)
def test_a_path_that_climbs_is_refused(path):
    with pytest.raises(FlowError) as raised:
        resolve_address(BASE, path)
    assert raised.value.code == "incident.address.climbing"


@pytest.mark.parametrize(
    "path", ["a/b", "a..b/c.d", "...", "a?next=../b", "a%20b", ".well-known/x", "https://api.example/v1/home?p=2", ""]
)
def test_other_paths_are_followed(path):
    assert resolve_address(BASE, path).host == "api.example"


@given(st.lists(st.sampled_from(["..", ".", "%2e%2e", "a", "/", "%2f", "\\", ";", "%25"])).map("".join))
def test_whatever_is_followed_stays_below_the_base(path):
    try:
        url = resolve_address(BASE, path)
    except FlowError:
        return
    assert url.path.startswith("/v1/home")
