"""Logging in to a real server: whom we trust, who we are, and what becomes of each way to fail."""

from __future__ import annotations

import logging
import socket
import threading
import time

import asyncssh
import pytest

from passerelle.edges.places import sftp_session
from passerelle.edges.places.host_keys import read_host_key
from passerelle.edges.places.sftp_session import SftpAccess, SftpSession
from passerelle.vocabulary.errors import FlowError, TransientError


def look(access: SftpAccess) -> str:
    """Return where the login leads."""
    session = SftpSession(access)
    try:
        return session.run(lambda client: client.realpath("."))
    finally:
        session.close()


def test_a_pinned_server_and_a_known_key_let_us_in(make_access):
    assert look(make_access()).startswith("/")


def test_the_whole_public_key_pins_as_well_and_one_of_several_is_enough(make_access, server):
    other = read_host_key("SHA256:" + "A" * 43)
    assert look(make_access(host_keys=(other, read_host_key(server.host_key_line))))


def test_a_server_that_is_not_pinned_is_told_and_never_trusted(make_access, server):
    with pytest.raises(FlowError) as caught:
        look(make_access(host_keys=()))
    assert caught.value.code == "incident.sftp.unpinned"
    assert caught.value.details == {"shown": f"ssh-ed25519 {server.fingerprint}"}
    # what is told can be written into the settings as it stands
    assert look(make_access(host_keys=(read_host_key(caught.value.details["shown"]),)))


def test_a_server_with_another_key_is_refused_before_we_say_who_we_are(make_access, server):
    seen = (server.folder / "log").stat().st_size
    with pytest.raises(FlowError) as caught:
        look(make_access(host_keys=(read_host_key("SHA256:" + "A" * 43),)))
    assert caught.value.code == "incident.sftp.host_key"
    assert server.fingerprint in caught.value.details["shown"]
    said = (server.folder / "log").read_bytes()[seen:]
    assert server.user.encode() not in said


def test_a_server_of_another_kind_of_key_is_told_as_another_key(make_access):
    rsa = asyncssh.generate_private_key("ssh-rsa").export_public_key().decode()
    with pytest.raises(FlowError) as caught:
        look(make_access(host_keys=(read_host_key(rsa),)))
    assert caught.value.code == "incident.sftp.host_key"


def test_a_key_that_the_server_does_not_know_suspends_the_flow(make_access):
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    with pytest.raises(FlowError) as caught:
        look(make_access(key=stranger))
    assert caught.value.code == "incident.credentials.refused"


def test_a_wrong_password_suspends_the_flow(make_access):
    with pytest.raises(FlowError) as caught:
        look(make_access(key=None, password="faux"))
    assert caught.value.code == "incident.credentials.refused"


@pytest.mark.parametrize("key", ["", "no key at all", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_private_key_suspends_the_flow(make_access, key):
    with pytest.raises(FlowError) as caught:
        look(make_access(key=key))
    assert caught.value.code == "settings.sftp.key"


def test_a_key_that_asks_for_a_passphrase_suspends_the_flow(make_access):
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key("pkcs8-pem", passphrase="secret").decode()
    with pytest.raises(FlowError) as caught:
        look(make_access(key=key))
    assert caught.value.code == "settings.sftp.key"


def test_a_machine_where_nothing_listens_is_waited_for(make_access):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(TransientError) as caught:
            look(make_access(port=free.getsockname()[1]))
    assert caught.value.code == "incident.sftp.unreachable"


def test_a_name_that_nobody_knows_is_waited_for(make_access):
    with pytest.raises(TransientError) as caught:
        look(make_access(host="sftp.invalid"))
    assert caught.value.code == "incident.sftp.unreachable"


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n"])
def test_a_server_that_says_nothing_or_nonsense_is_left_in_time(make_access, monkeypatch, greeting):
    monkeypatch.setattr(sftp_session, "CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = []

        def serve() -> None:
            connection, _address = listener.accept()
            taken.append(connection)
            connection.sendall(greeting)

        thread = threading.Thread(target=serve)
        thread.start()
        begun = time.monotonic()
        with pytest.raises((TransientError, FlowError)):
            look(make_access(port=listener.getsockname()[1]))
        assert time.monotonic() - begun < 20
        thread.join()
        taken[0].close()


def test_a_connection_that_was_lost_is_made_anew_for_what_may_be_repeated(make_access, server):
    session = SftpSession(make_access())
    assert session.run(lambda client: client.realpath("."))
    server.hang_up()
    assert session.run(lambda client: client.realpath("."))
    server.hang_up()
    with pytest.raises(TransientError) as caught:
        session.run(lambda client: client.realpath("."), repeats=False)
    assert caught.value.code == "incident.sftp.unreachable"
    session.close()


def test_a_server_that_stays_away_after_a_loss_is_waited_for(make_access, server):
    session = SftpSession(make_access())
    session.run(lambda client: client.realpath("."))
    server.stop()
    with pytest.raises(TransientError) as caught:
        session.run(lambda client: client.realpath("."))
    assert caught.value.code == "incident.sftp.unreachable"
    session.close()


def test_nothing_secret_is_shown_and_nothing_is_logged(make_access, caplog):
    access = make_access()
    assert access.key not in repr(access)
    assert "faux" not in repr(make_access(password="faux"))
    with caplog.at_level(logging.DEBUG):
        look(access)
    assert access.user not in caplog.text
