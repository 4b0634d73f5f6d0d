"""`passerelle subscription`, as it is typed, with a real receiver; and the agenda that follows the API."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from event_receiver import receive_events

from passerelle.faces.cli.app import run
from passerelle.vocabulary.failpoints import VARIABLE

ROOT = Path(__file__).parents[3]
HEAD = "N°;Personne;Jour;Début;Fin\n"
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
NEW_TOKEN = ("token", "new", "agenda", "--contract", "visit/1", "--purpose", "planning", "--days", "90")


@pytest.fixture
def room(tmp_path, capsys):
    """A folder with a shelf that holds one visit, and a token for it; called, it runs a command there."""
    for path in (ROOT / "examples" / "agenda").glob("*.toml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "entrees").mkdir()

    def call(*words: str, code: int = 0) -> dict:
        assert run(["-s", str(tmp_path / "passerelle.toml"), *words, "--format", "json"]) == code
        return json.loads(capsys.readouterr().out)

    def put(*numbers: int) -> None:
        lines = "".join(f"V{number};P1;0{number}/11/2026;08:00;09:00\n" for number in numbers)
        (tmp_path / "entrees" / f"{numbers}.csv").write_text(HEAD + lines, encoding="utf-8")
        call("run")

    call.put = put
    put(1)
    call(*NEW_TOKEN, "--why", "agenda du service")
    return call


def test_a_run_tells_who_subscribed_and_every_step_is_told(room):
    with receive_events() as receiver:
        made = room("subscription", "add", receiver.url, "--token", "1", "--why", "agenda du service")
        receiver.secret = made["secret"]
        assert room("subscription", "list")["subscriptions"][0]["state"] == "new"
        room("subscription", "begin", "1")
        room.put(1, 2)
        assert [event["type"] for event in receiver.events] == ["fr.passerelle.visit.1.changed"]
        (told,) = room("subscription", "list")["subscriptions"]
        assert (told["state"], told["failures"], told["code"]) == ("active", 0, None)
        attempts = room("subscription", "attempts", "1")["attempts"]
        assert [(one["events"], one["outcome"]) for one in attempts] == [(1, "204"), (1, "200")]
        room("subscription", "replay", "1")
        assert room("subscription", "send")["sent"] == 4, "two visits, between the two marks of a replay"
        receiver.secret = room("subscription", "secret", "1")["secret"]
        receiver.answer = lambda _number: 500
        room.put(1, 2, 3)
        (told,) = room("subscription", "list")["subscriptions"]
        assert told["failures"] == 1
        room("subscription", "pause", "1")
        assert room("subscription", "send") == {"schema": "passerelle.subscription.send/1", "sent": 0, "failed": 0}
        room("subscription", "end", "1")
        assert room("subscription", "begin", "1", code=64)["code"] == "usage.subscription.unknown"


def test_the_commands_of_the_page_are_those_of_the_program(room):
    lines = re.findall(r"^\$ passerelle (subscription .*)$", PAGE, re.MULTILINE)
    assert len(lines) == 4
    with receive_events() as receiver:
        for line in lines:
            words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line)]
            made = room(*(receiver.url if word.startswith("https://") else word for word in words))
            receiver.secret = made.get("secret", receiver.secret)


def test_what_people_read_names_no_code_and_no_address(room, capsys, tmp_path):
    with receive_events() as receiver:
        made = room("subscription", "add", receiver.url, "--token", "1", "--why", "agenda du service")
        receiver.secret = made["secret"]
        room("subscription", "begin", "1")
        receiver.answer = lambda _number: 410
        room.put(1, 2)
        for words in (("list",), ("attempts", "1")):
            assert run(["-s", str(tmp_path / "passerelle.toml"), "subscription", *words]) == 0
            shown = capsys.readouterr().out
            assert "410" in shown
            assert receiver.url not in shown
            assert "subscription.receiver" not in shown


@pytest.mark.skipif(os.name != "posix", reason="killed by SIGKILL")
@pytest.mark.parametrize(("place", "again"), [("events.posted", 1), ("events.taken", 0)])
def test_who_is_killed_while_telling_tells_the_same_again_under_the_same_id_and_nothing_twice(
    room, tmp_path, place, again
):
    with receive_events() as receiver:
        made = room("subscription", "add", receiver.url, "--token", "1", "--why", "agenda du service")
        receiver.secret = made["secret"]
        room("subscription", "begin", "1")
        (tmp_path / "entrees" / "later.csv").write_text(HEAD + "V2;P1;02/11/2026;08:00;09:00\n", encoding="utf-8")
        line = [sys.executable, "-m", "passerelle.faces.cli.main", "-s", str(tmp_path / "passerelle.toml"), "run"]
        killed = subprocess.run(
            line, env={**os.environ, VARIABLE: place}, capture_output=True, check=False, timeout=120
        )
        assert killed.returncode == -signal.SIGKILL
        assert room("subscription", "send")["sent"] == again
        assert len(receiver.ids) == 1 + again
        assert len(set(receiver.ids)) == 1
        assert room("subscription", "send")["sent"] == 0


@pytest.mark.slow
def test_the_agenda_is_killed_and_ends_equal(tmp_path):
    line = [sys.executable, str(ROOT / "examples" / "api_demo.py"), str(tmp_path / "out"), "3"]
    done = subprocess.run(line, capture_output=True, text=True, encoding="utf-8", check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("=")
