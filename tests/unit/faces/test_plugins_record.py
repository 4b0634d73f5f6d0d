"""`plugins record`: what a live account says is scrubbed before anything is written, and can be played afterwards."""

from __future__ import annotations

import json

import pytest
from stdnum.fr import nir

from passerelle.extension.loading import load_plugins
from passerelle.testing import exchanges
from passerelle.testing.exchanges import Exchange, RecordedRequest, RecordedResponse, Recording
from passerelle.testing.playback import open_playback
from passerelle.testing.player import SECRET, Player, serve_locally

NIR = "2 87 05 75 116 042"
CANARIES = {
    "name": "CANARIDUPRE",
    "first": "Jeannecanari",
    "nir": f"{NIR} {97 - int(NIR.replace(' ', '')) % 97:02d}",
    "telephone": "06 12 34 98 76",
    "mail": "jeanne.canari@orange.example",
    "address": "12 impasse du Canari",
    "token": "tok-canari-9f8e7d6c5b",
    "identifier": "CANARI-778899",
    "text": "Madame Canari est tombée dans sa cuisine, sa fille Paulette passera demain matin.",
    "day": "1931-07-22",
}


def contact(number: int) -> dict:
    return {
        "id": f"{CANARIES['identifier']}-{number}",
        "revision": 41_000 + number,
        "created_at": f"{CANARIES['day']}T09:30:00+01:00",
        "channel": "TEL",
        "insured": {"id": CANARIES["nir"], "fund": CANARIES["name"]},
        "agent": {"id": CANARIES["telephone"], "team": CANARIES["address"]},
        "comment": CANARIES["text"],
        "unforeseen": {"who": CANARIES["first"], "to": [CANARIES["mail"]], CANARIES["name"]: {"age": 93}},
        "link": f"https://acme.example/people/{CANARIES['identifier']}?token={CANARIES['token']}",
    }


def live() -> Recording:
    """An account with two pages, canaries in bodies, headers, queries and cursors."""
    pages = []
    for after, last, following in (("0", 41_002, "v1/contacts?after=41002"), ("41002", 41_003, None)):
        rows = [contact(number) for number in ((1, 2) if following else (3,))]
        body = {"contacts": rows, "revision": last, "next": following}
        headers = {"content-type": "application/json", "x-request-id": CANARIES["token"], "set-cookie": "a=canari"}
        request = RecordedRequest("GET", "v1/contacts", (("after", after), ("limit", "2")))
        pages.append(Exchange(request, RecordedResponse(200, json.dumps(body, ensure_ascii=False).encode(), headers)))
    return Recording("grc-contacts", tuple(pages))


@pytest.fixture
def account(tmp_path, monkeypatch):
    """A folder with a flow that reads the account, which answers on this machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRC_ID", SECRET)
    access = load_plugins(["grc-contacts"]).find_connector("grc-contacts")[1].access
    with serve_locally(Player(live(), access)) as address:
        (tmp_path / "passerelle.toml").write_text(
            f"""
[flow.contacts]
connector = "grc-contacts"
purpose = "portability"
destination = {{ kind = "folder", path = "sorties" }}
[flow.contacts.source]
kind = "api"
base_url = "{address}"
client_id = "env:GRC_ID"
client_secret = "env:GRC_ID"
settings = {{ page_size = 2 }}

[flow.fichiers]
connector = "compani-interventions"
purpose = "effectivity"
source = {{ kind = "folder", path = "." }}
destination = {{ kind = "folder", path = "sorties" }}
"""
        )
        yield tmp_path


def pieces() -> list[str]:
    """Every word of a canary that would give it away, as it stands and without its blanks."""
    words = [word for value in CANARIES.values() for word in value.replace(",", " ").split() if len(word) > 4]
    return [*CANARIES.values(), *words, CANARIES["nir"].replace(" ", ""), "canari", "41002", "41_002", SECRET]


def test_no_canary_is_in_the_file_the_answer_or_the_log(account, program):
    done = program("plugins", "record", "grc-contacts", "--flow", "contacts", "--output", "grc-contacts.json")
    assert done.code == 0, done.err
    written = (account / "grc-contacts.json").read_text("utf-8")
    everything = (written + done.out + done.err).lower()
    assert [piece for piece in pieces() if piece.lower() in everything] == []
    assert not list(account.rglob("*.sqlite3"))


def test_the_recording_plays_and_keeps_the_shape_of_what_it_replaced(account, program):
    program("plugins", "record", "grc-contacts", "--flow", "contacts", "--output", "grc-contacts.json")
    recording = exchanges.read_exchanges(account / "grc-contacts.json")
    with open_playback(recording, load_plugins(["grc-contacts"])) as stage:
        pages = [json.loads(page) for page in stage.read().pages.values()]
        assert (len(pages), stage.player.strange) == (2, 0)
    rows = [row for page in pages for row in page["contacts"]]
    assert {row["channel"] for row in rows} == {"TEL"}
    (number,) = {row["insured"]["id"] for row in rows}
    assert nir.is_valid(number)
    assert len({row["id"] for row in rows}) == 3
    assert recording.settings == {"page_size": 2}
    headers = {name for one in recording.exchanges for name in one.response.headers}
    assert headers == {"content-type"}


def test_programs_read_how_many_exchanges_and_which_words_stayed(account, program):
    arguments = ("plugins", "record", "grc-contacts", "--flow", "contacts", "--output", "a.json", "--format", "json")
    told = program(*arguments).json
    assert told["schema"] == "passerelle.plugins.record/1"
    assert (told["exchanges"], told["kept"]) == (2, ["2", "TEL"])


@pytest.mark.parametrize(
    ("connector", "flow", "code"),
    [
        ("grc-contacts", "fichiers", "usage.recording.other"),
        ("compani-interventions", "fichiers", "usage.recording.other"),
        ("grc-contacts", "nulle-part", "usage.flow.unknown"),
        ("grc-contact", "contacts", "usage.connector.unknown"),
    ],
)
def test_another_flow_or_connector_is_wrong_usage(account, program, connector, flow, code):
    done = program("plugins", "record", connector, "--flow", flow, "--output", "a.json", "--format", "json")
    assert (done.code, done.json["code"]) == (64, code)
    assert not (account / "a.json").exists()


def test_a_file_that_is_there_is_left_as_it_is(account, program):
    (account / "a.json").write_text("mine")
    done = program("plugins", "record", "grc-contacts", "--flow", "contacts", "--output", "a.json")
    assert done.code == 64
    assert (account / "a.json").read_text() == "mine"


@pytest.mark.parametrize("bad", ["too long", "no JSON"])
def test_what_cannot_be_kept_leaves_no_file(account, program, monkeypatch, bad):
    if bad == "too long":
        monkeypatch.setattr("passerelle.testing.recording.MOST", 1)
    else:
        monkeypatch.setattr("passerelle.testing.scrubbing.json.loads", _not_json)
    done = program("plugins", "record", "grc-contacts", "--flow", "contacts", "--output", "a.json")
    assert done.code == 64
    assert not (account / "a.json").exists()


def _not_json(_content):
    raise ValueError
