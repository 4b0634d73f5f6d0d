"""Host keys, as people have them at hand."""

from __future__ import annotations

import contextlib

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.edges.places.host_keys import read_host_key

KINDS = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"]
KEYS = {kind: asyncssh.generate_private_key(kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_read_from_every_form_that_openssh_writes(kind):
    fingerprint = KEYS[kind].get_fingerprint()
    public = KEYS[kind].export_public_key().decode().strip()
    written = [
        f"{kind} {fingerprint}",
        public,
        f"{public} somebody@some-machine",
        f"sftp.exemple.fr {public}",
        f"[sftp.exemple.fr]:2222,192.0.2.1 {public}\n",
        f"|1|c2Vs|aGFjaGU= {public}",
        f"@revoked-is-no-key-kind {public}",
    ]
    for text in written:
        assert read_host_key(text).fingerprint == fingerprint
        assert read_host_key(text).kind == kind
    assert read_host_key(f"256 {fingerprint} comment (ED25519)").kind == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sftp.exemple.fr",
        "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        "SHA256:tooshort",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "ssh-ed25519 no base64!",
    ],
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  two libraries raise it, each in its own words
        read_host_key(text)


def test_a_key_under_the_name_of_another_kind_is_refused():
    body = KEYS["ssh-ed25519"].export_public_key().decode().split()[1]
    with pytest.raises(ValueError, match="kind"):
        read_host_key(f"ssh-rsa {body}")


@given(st.text())
def test_whatever_is_written_is_read_or_refused(text):
    with contextlib.suppress(ValueError):
        assert read_host_key(text).fingerprint.startswith("SHA256:")
