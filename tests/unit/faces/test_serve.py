"""`passerelle serve`: one command shows a link, the link opens the workbench, a signal ends it in order."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import httpx
import pytest
from old_software import settle_in

LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/entrer\?lien=([\w-]+)")


@pytest.fixture
def serving(tmp_path):
    """Start the command in a folder of its own; give its process and the link that it showed."""
    settings = settle_in(tmp_path)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "passerelle.faces.cli.main",
            "-s",
            settings,
            "serve",
            "--port",
            "0",
            "--role",
            "lecteur",
        ],
        env=os.environ | {"PASSERELLE_LANG": "fr", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines = [process.stdout.readline() for _line in range(2)]
    yield process, LINK.search("".join(lines))
    process.kill()
    process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no signal to another process")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_the_link_that_is_shown_opens_once_and_a_signal_ends_the_command_in_order(serving, kind):
    process, link = serving
    address, token = link.groups()
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=60) as client:
        assert client.post("/entrer", data={"lien": token}).status_code == 303
        assert "Aujourd’hui" in client.get("/").text
        assert client.post("/entrer", data={"lien": token}).status_code == 403
        # another name for this machine is a page that was rebound to it
        assert client.get("/", headers={"Host": "rebond.example"}).status_code == 421
    process.send_signal(kind)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert token not in out + err


def test_a_port_that_is_taken_is_told(serving, tmp_path_factory):
    _process, link = serving
    settings = settle_in(tmp_path_factory.mktemp("autre"))
    command = [sys.executable, "-m", "passerelle.faces.cli.main", "-s", settings, "serve"]
    taken = subprocess.run(
        [*command, "--port", link[1].rpartition(":")[2]],
        env=os.environ | {"PASSERELLE_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert taken.returncode == 3
    assert "port" in taken.stderr
