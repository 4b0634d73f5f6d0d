"""What a supplier pushes is proven, registered before it is answered, and worked on by the next run."""

from __future__ import annotations

import hmac
import http.client
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
MESSAGE = (ROOT / "plugins/rdv_solidarites/samples/rdvs-pushed/nominal.json").read_bytes()
SECRET, BEFORE = "a-secret-drawn-at-random", "the-secret-of-last-year"
SETTINGS = """\
[flow.rdv]
connector = "rdv-solidarites-rdvs-pushed"
purpose = "support"
source = { kind = "inbox", secret = "env:RDV_SECRET", previous_secret = "env:RDV_SECRET_BEFORE" }
destination = { kind = "folder", path = "sortie" }
"""


class House:
    """A folder with settings, and `passerelle` in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "passerelle.toml").write_text(SETTINGS, encoding="utf-8")
        self.environment = {**os.environ, "RDV_SECRET": SECRET, "RDV_SECRET_BEFORE": BEFORE, "PASSERELLE_LANG": "en"}

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "passerelle.faces.cli.main", *words]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words)
        said, complained = process.communicate(timeout=120)
        return process.returncode, said, complained

    def records(self) -> list[dict[str, object]]:
        files = sorted((self.folder / "sortie").rglob("*.ndjson"))
        return [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def listening(house: House):
    process = house.start("listen", "--port", "0")
    line = process.stdout.readline()
    assert ": http://" in line, process.stderr.read()
    yield line.split(": ", 1)[1].strip()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode in (0, 3)


def signed(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def push(url: str, body: bytes, **headers: str) -> int:
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310  loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  loopback
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def proof(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Lapin-Signature": signed(body, secret)}


def test_a_message_is_taken_once_however_often_it_comes_and_the_next_run_delivers_it(house: House, listening: str):
    assert [push(listening, MESSAGE, **proof(MESSAGE)) for _turn in range(3)] == [202, 202, 202]
    assert house.run("run")[0] == 0
    assert [record["ref"] for record in house.records()] == ["rdv-solidarites:appointment:1"]


def test_only_who_knows_the_secret_or_the_one_before_is_heard(house: House, listening: str):
    other = MESSAGE.replace(b'"id": 1,', b'"id": 2,', 1)
    assert push(listening, other, **proof(other, BEFORE)) == 202
    changed = other.replace(b"2024", b"2023")
    assert push(listening, changed, **proof(other)) == 401
    assert push(listening, MESSAGE, **proof(MESSAGE, "a-secret-of-somebody-else")) == 401
    assert push(listening, MESSAGE) == 401
    assert house.run("run")[0] == 0
    assert [record["ref"] for record in house.records()] == ["rdv-solidarites:appointment:2"]


def test_what_is_too_big_or_addressed_to_nobody_is_refused(listening: str):
    assert push(listening + "-autre", MESSAGE, **proof(MESSAGE)) == 404
    assert push(listening.rsplit("/", 2)[0] + "/etat", MESSAGE, **proof(MESSAGE)) == 404
    assert announce(listening, (1 << 20) + len(MESSAGE)) == 413


def announce(url: str, length: int) -> int:
    """Say how long a message will be, and return the answer before any of it is sent: it is refused by that alone."""
    place = urlsplit(url)
    with closing(http.client.HTTPConnection(place.hostname, place.port, timeout=30)) as connection:
        connection.putrequest("POST", place.path)
        connection.putheader("content-length", str(length))
        connection.endheaders()
        return connection.getresponse().status


def test_a_secret_that_can_be_guessed_is_refused_before_anything_is_heard(house: House):
    house.environment["RDV_SECRET"] = "short"
    code, _said, complained = house.run("listen", "--port", "0")
    assert code == 2
    assert "fewer than 16" in complained


def test_listening_for_nobody_says_which_kind_of_source_is_missing(house: House):
    settings = SETTINGS.replace(
        'kind = "inbox", secret = "env:RDV_SECRET", previous_secret = "env:RDV_SECRET_BEFORE"',
        'kind = "folder", path = "."',
    )
    (house.folder / "passerelle.toml").write_text(settings, encoding="utf-8")
    code, _said, complained = house.run("listen")
    assert code == 64
    assert "inbox" in complained
