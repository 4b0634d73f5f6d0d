"""A server that speaks SFTP, a folder on it, and who may go there."""

from __future__ import annotations

import pytest
from sftp_server import run_sftp_server

from passerelle.edges.places.host_keys import read_host_key
from passerelle.edges.places.sftp_folder import SftpFolder
from passerelle.edges.places.sftp_session import SftpAccess, SftpSession


@pytest.fixture(scope="session")
def running_server(tmp_path_factory):
    with run_sftp_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def server(running_server):
    """The server, up again after tests that stop it."""
    if running_server.process is None:
        running_server.start()
    return running_server


@pytest.fixture
def depot(tmp_path):
    folder = tmp_path / "dépôt"
    folder.mkdir()
    return folder


@pytest.fixture
def make_access(server):
    def make(**changes):
        pinned = (read_host_key(server.fingerprint),)
        facts = {"host": "127.0.0.1", "port": server.port, "user": server.user, "host_keys": pinned, "key": server.key}
        return SftpAccess(**(facts | changes))

    return make


@pytest.fixture
def place(make_access, depot):
    found = SftpFolder(SftpSession(make_access()), str(depot))
    yield found
    found.close()
