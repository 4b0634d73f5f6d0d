"""Reading by pages over a real connection: complete, or told by run, status and rehearsal, until a look is complete."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from turned_clock import TurnedClock

from passerelle import Connector, Json, Supplier, Table
from passerelle import convert as to
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.paging import Listing, walk_moments
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins
from passerelle.faces.cli import app
from passerelle.testing.exchanges import RecordedResponse
from passerelle.testing.player import serve_locally
from passerelle.vocabulary.outcomes import Fate

INFO = PluginInfo("essai", "essai", "1.0", "")


def answer(document: object) -> RecordedResponse:
    return RecordedResponse(200, json.dumps(document).encode())


@dataclass
class ContactLog:
    """A contact log of three contacts whose last page leads back to the first, until somebody mends it."""

    in_a_circle: bool = True

    def hear(self, request, _headers, _body):
        if request.path == "oauth/token":
            return answer({"access_token": "x", "token_type": "Bearer", "expires_in": 3600})
        after = int(dict(request.query)["after"])
        row = {"id": f"C-{after + 1}", "revision": after + 1, "created_at": "2024-11-04T09:00:00Z", "channel": "TEL"}
        if after >= 2:
            return answer({"contacts": [], "revision": 0 if self.in_a_circle else 2, "next": "x" * self.in_a_circle})
        return answer({"contacts": [row], "revision": after + 1, "next": "more"})


def test_a_circle_is_told_by_run_status_and_rehearsal_until_a_look_is_complete(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("X", "x")
    log = ContactLog()

    def call(*words):
        code = app.run(words)
        return code, "lien vers la page suivante" in " ".join(capsys.readouterr().out.split())

    with serve_locally(log) as address:
        (tmp_path / "passerelle.toml").write_text(
            "[flow.contacts]\n"
            'connector = "grc-contacts"\npurpose = "portability"\n'
            'destination = { kind = "folder", path = "sorties" }\n'
            f'source = {{ kind = "api", base_url = "{address}", client_id = "env:X", client_secret = "env:X" }}\n',
            "utf-8",
        )
        assert call("rehearse", "contacts", "--read-api") == (1, True)
        assert call("run") == (1, True)
        assert call("status") == (1, True)
        log.in_a_circle = False
        assert call("run") == (0, False)
        assert call("status") == (0, False)


@dataclass
class People:
    """Asked for who changed at a moment or later, three a page; a change may become visible late."""

    rows: list[tuple[str, str, str]]
    asked: list[str] = field(default_factory=list)

    def hear(self, request, _headers, _body):
        since = dict(request.query)["since"]
        self.asked.append(since)
        page = sorted(row for row in self.rows if row[0] >= since)[:3]
        return answer({"gens": [{"le": at, "id": one, "nom": name} for at, one, name in page]})


def collect(client, _settings, cursor):
    return walk_moments(
        lambda since: client.get("gens", {"since": since}),
        Listing(rows="gens", id=("id", "le")),
        "gens",
        first=cursor or "2024-01-01T00:00:00Z",
        find_last=lambda page: page["gens"][-1]["le"],
        size=3,
    )


CONNECTOR = Connector(
    id="essai-api",
    title="Essai",
    dialect=Json(lists={"gens": ""}),
    collect=collect,
    overlap=timedelta(minutes=10),
    ordered_by=to.Instant("le"),
    tables=(
        Table(
            contract="person/1",
            fields={"ref": to.Ref("id", system="essai", entity="person"), "birth_name": to.Text("nom")},
            waived={"le": "when it changed: it orders states"},
        ),
    ),
)


@pytest.fixture
def night(tmp_path):
    """Run a flow against people on a real server, and return the fates that had records."""
    clock = TurnedClock()
    supplier = Supplier(id="essai", title="Essai", connectors=(CONNECTOR,))
    plugins = Plugins((INFO,), (supplier,), {CONNECTOR.id: (supplier, CONNECTOR, INFO)})

    def run(people, overlap=""):
        with serve_locally(people) as address:
            more = f', overlap = "{overlap}"' if overlap else ""
            (tmp_path / "passerelle.toml").write_text(
                '[flow.un]\nconnector = "essai-api"\npurpose = "portability"\n'
                f'source = {{ kind = "api", base_url = "{address}"{more} }}\n'
                'destination = { kind = "database", url = "sortie.sqlite" }\n',
                "utf-8",
            )
            clock.moment += timedelta(days=1)
            with open_workspace(load_settings(tmp_path / "passerelle.toml"), clock=clock, plugins=plugins) as house:
                outcome = run_flows(house, ["un"], jobs=1).outcomes[0]
        assert not outcome.notices
        return {fate: count for fate, count in outcome.balance.fates.items() if count}

    run.folder = tmp_path
    return run


def read_names(folder):
    with sqlite3.connect(folder / "sortie.sqlite") as connection:
        return dict(connection.execute("SELECT ref, birth_name FROM passerelle_person_1"))


def test_ties_and_late_rows_come_with_the_overlap_and_nothing_is_delivered_twice(night):
    people = People([(f"2024-11-04T10:0{minute}:00Z", one, f"NOM {one}") for minute, one in ((1, "a"), (5, "b"))])
    assert night(people)[Fate.DELIVERED] == 2
    # one became visible late, another shares the moment of the cursor; what came before comes again and is unchanged
    people.rows += [("2024-11-04T10:03:00Z", "c", "NOM c"), ("2024-11-04T10:05:00Z", "d", "NOM d")]
    fates = night(people)
    assert fates[Fate.DELIVERED] == 2
    assert set(fates) <= {Fate.DELIVERED, Fate.UNCHANGED, Fate.DUPLICATE}
    assert read_names(night.folder) == {f"essai:person:{one}": f"NOM {one}" for one in "abcd"}
    assert night(people).get(Fate.DELIVERED) is None
    assert people.asked[-1] >= "2024-11-04T09:55:00Z", "no look goes back further than the overlap"


def test_a_late_page_never_takes_the_place_of_a_newer_state(night):
    people = People([("2024-11-04T10:05:00Z", "a", "NOUVEAU")])
    night(people)
    people.rows.append(("2024-11-04T09:58:00Z", "a", "ANCIEN"))
    fates = night(people)
    assert fates.get(Fate.DELIVERED) is None
    assert fates[Fate.WITHHELD] == 1
    assert read_names(night.folder) == {"essai:person:a": "NOUVEAU"}


def test_a_flow_may_set_a_longer_overlap_than_its_connector(night):
    people = People([("2024-11-04T10:05:00Z", "a", "NOM a")])
    night(people)
    people.rows.append(("2024-11-04T08:30:00Z", "b", "NOM b"))
    assert night(people).get(Fate.DELIVERED) is None
    assert night(people, overlap="2h")[Fate.DELIVERED] == 1
