"""`doctor` ends with 0 where `run` works, and only there: over set-ups that are broken, and some that only look so."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from people_flow import SUPPLIER

from passerelle.engine.runs.receiving import Receiver
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.stores.filelock import FileLock
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from pathlib import Path

TWO_TABLES = """
[connector.deux]
title = "Deux"
[connector.deux.dialect]
kind = "csv"
[connector.deux.table.o]
contract = "organisation/1"
[connector.deux.table.o.fields]
ref = { kind = "ref", column = "id", entity = "organisation", opaque = true }
name = { kind = "text", column = "nom" }
"""
SOURCE = '{ kind = "folder", path = "entrees", quiet_seconds = 0 }'
DATABASE = '{ kind = "database", url = "base.db" }'


@dataclass
class SetUp:
    """A folder with settings, what they say, and what was started beside it."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    general: dict[str, str] = field(default_factory=dict)
    flow: dict[str, str] = field(default_factory=lambda: {"source": SOURCE, "destination": DATABASE})
    more: str = ""
    status: int = 201

    def write(self):
        lines = [
            "[passerelle]",
            'suppliers = ["essai.toml"]',
            *(f"{key} = {text}" for key, text in self.general.items()),
        ]
        flow = {"connector": '"gens"', "purpose": '"support"', **self.flow}
        lines += ["[flow.un]", *(f"{key} = {text}" for key, text in flow.items()), self.more]
        (self.folder / "passerelle.toml").write_text("\n".join(lines), "utf-8")

    def open(self):
        """Have the state made, as an earlier run would, and write the settings."""
        self.write()
        with open_workspace(load_settings(self.folder / "passerelle.toml")) as workspace:
            yield workspace

    @contextmanager
    def opened(self):
        yield from self.open()

    def settle(self):
        with self.opened():
            pass

    def deliver(self):
        """Have a run deliver what waits, and let more wait."""
        with self.opened() as workspace:
            run_flow(workspace, "un", run=workspace.journal.begin_run(["un"], workspace.clock.now()))
        (self.folder / "entrees" / "2.csv").write_text("id;nom;note\n3;GAMMA;\n", "utf-8")

    def api(self, **more):
        values = {"base_url": f"http://127.0.0.1:{self.port}", "path": "/gens", **more}
        told = ", ".join(f"{key} = {json.dumps(text)}" for key, text in values.items())
        self.flow["destination"] = f'{{ kind = "api", {told} }}'

    port: int = 0


# each breaks one thing, and says nothing of what doctor or run should answer


def sound(place):
    """Nothing is broken, and nothing was made yet."""


def sound_and_run_before(place):
    place.settle()


def destination_folder_that_run_makes(place):
    place.flow["destination"] = '{ kind = "folder", path = "sorties/du/soir" }'


def destination_database_in_a_folder_that_run_makes(place):
    place.flow["destination"] = '{ kind = "database", url = "bases/soir.db" }'


def state_and_key_in_folders_that_run_makes(place):
    place.general |= {"state": '"a/b/etat"', "key_file": '"etat/cle"'}


def state_that_others_may_read(place):
    (place.folder / "etat").mkdir(mode=0o755)


def anchor_in_a_folder_that_is_not_there(place):
    place.general["audit_anchor"] = '"partage/tetes"'


def destination_api_that_answers(place):
    place.api()


def disabled_flow_that_is_broken(place):
    place.more = '[flow.deux]\nconnector = "gens"\npurpose = "support"\nenabled = false\n'
    place.more += (
        'source = { kind = "folder", path = "nulle-part" }\ndestination = { kind = "database", url = "env:RIEN" }'
    )


def two_flows_on_one_folder(place):
    place.more = f'[flow.deux]\nconnector = "gens"\npurpose = "support"\nsource = {SOURCE}\ndestination = {DATABASE}'


def source_folder_that_is_not_there(place):
    shutil.rmtree(place.folder / "entrees")


def source_that_is_a_file(place):
    shutil.rmtree(place.folder / "entrees")
    (place.folder / "entrees").write_text("x", "utf-8")


def source_that_is_a_link_to_nowhere(place):
    shutil.rmtree(place.folder / "entrees")
    (place.folder / "entrees").symlink_to("ailleurs")


def archives_that_is_a_file(place):
    (place.folder / "entrees" / "archives").write_text("x", "utf-8")


def destination_folder_that_is_a_file(place):
    place.flow["destination"] = '{ kind = "folder", path = "sorties" }'
    (place.folder / "sorties").write_text("x", "utf-8")


def destination_folder_where_nothing_can_be_made(place):
    place.flow["destination"] = '{ kind = "folder", path = "/proc/passerelle/sorties" }'


def destination_folder_that_is_a_link_to_nowhere(place):
    place.flow["destination"] = '{ kind = "folder", path = "sorties" }'
    (place.folder / "sorties").symlink_to("/proc/passerelle")


def destination_folder_that_went_away(place):
    place.flow["destination"] = '{ kind = "folder", path = "partage/sorties" }'
    place.deliver()
    shutil.rmtree(place.folder / "partage")


def database_whose_folder_went_away(place):
    place.flow["destination"] = '{ kind = "database", url = "partage/base.db" }'
    (place.folder / "partage").mkdir()
    place.deliver()
    shutil.rmtree(place.folder / "partage")


def database_that_is_no_database(place):
    (place.folder / "base.db").write_bytes(os.urandom(8192))


def database_that_is_a_folder(place):
    (place.folder / "base.db").mkdir()


def database_where_nothing_can_be_made(place):
    place.flow["destination"] = '{ kind = "database", url = "/proc/passerelle/base.db" }'


def database_that_somebody_holds(place):
    held = sqlite3.connect(place.folder / "base.db", isolation_level=None, check_same_thread=False)
    held.execute("BEGIN EXCLUSIVE")
    place.held = held


def database_address_that_is_not_there(place):
    place.flow["destination"] = '{ kind = "database", url = "env:PASSERELLE_RIEN" }'


def database_address_that_is_none(place):
    place.monkeypatch.setenv("PASSERELLE_BASE", "db2://u:p@db/x")
    place.flow["destination"] = '{ kind = "database", url = "env:PASSERELLE_BASE" }'


def database_server_that_does_not_answer(place):
    place.monkeypatch.setenv("PASSERELLE_BASE", "postgresql://u:p@127.0.0.1:9/x?connect_timeout=2")
    place.flow["destination"] = '{ kind = "database", url = "env:PASSERELLE_BASE" }'


def _name_database(place, address, more=""):
    place.monkeypatch.setenv("PASSERELLE_BASE", address)
    place.flow["destination"] = f'{{ kind = "database", url = "env:PASSERELLE_BASE"{more} }}'


def mysql_server_that_does_not_answer(place):
    _name_database(place, "mysql://u:p@127.0.0.1:9/x")


def mysql_server_whose_name_cannot_exist(place):
    _name_database(place, "mariadb://u:p@nom..impossible/x")


def mysql_certificate_that_is_not_there(place):
    _name_database(place, "mysql://u:p@127.0.0.1:9/x?ssl_ca=/nulle/part.pem")


def mysql_address_with_a_word_of_nobody(place):
    _name_database(place, "mysql://u:p@127.0.0.1:9/x?mot=x")


def mysql_way_of_protecting_that_does_not_exist(place):
    _name_database(place, "mysql://u:p@127.0.0.1:9/x?ssl_mode=perhaps")


def oracle_server_that_does_not_answer(place):
    _name_database(place, "oracle://u:p@127.0.0.1:9/x")


def database_whose_driver_is_not_installed(place):
    place.monkeypatch.setattr("passerelle.edges.databases.server_kinds.find_spec", lambda _name: None)
    _name_database(place, "oracle://u:p@127.0.0.1:9/x")


def database_with_views_that_run_makes(place):
    place.flow["destination"] = '{ kind = "database", url = "base.db", views = true }'
    place.settle()


def collector_that_is_down(place):
    place.more = '[metrics]\nendpoint = "http://127.0.0.1:9/v1/metrics"'


def collector_whose_secret_is_not_there(place):
    place.more = '[metrics]\nendpoint = "http://127.0.0.1:9/v1/metrics"\nheaders = { x = "env:PASSERELLE_RIEN" }'


def collector_in_clear_elsewhere(place):
    place.more = '[metrics]\nendpoint = "http://collecteur.exemple.fr/v1/metrics"'


def query_in_a_file_that_is_not_there(place):
    place.flow["source"] = '{ kind = "sql", url = "metier.db", query = "gens.sql" }'


def query_of_a_database_that_is_not_there(place):
    place.flow["source"] = '{ kind = "sql", url = "metier.db", query = "SELECT id, nom, note FROM gens" }'


def query_that_changes_something(place):
    sqlite3.connect(place.folder / "metier.db").executescript("CREATE TABLE gens (id, nom, note)").connection.close()
    place.flow["source"] = '{ kind = "sql", url = "metier.db", query = "DELETE FROM gens" }'


def query_of_a_column_that_is_not_there(place):
    sqlite3.connect(place.folder / "metier.db").executescript("CREATE TABLE gens (id, nom, note)").connection.close()
    place.flow["source"] = '{ kind = "sql", url = "metier.db", query = "SELECT ne, note FROM gens" }'


def query_in_order(place):
    sqlite3.connect(place.folder / "metier.db").executescript("CREATE TABLE gens (id, nom, note)").connection.close()
    place.flow["source"] = '{ kind = "sql", url = "metier.db", query = "SELECT id, nom, note FROM gens" }'


def file_whose_name_needs_a_layout_of_two_flows(place):
    place.flow["destination"] = '{ kind = "folder", path = "sorties", format = "csv", file_name = "gens.csv" }'
    place.more = "[flow.deux]\n" + "\n".join(
        f"{key} = {text}" for key, text in {"connector": '"gens"', "purpose": '"support"', **place.flow}.items()
    )


def database_server_whose_name_cannot_exist(place):
    place.monkeypatch.setenv("PASSERELLE_BASE", "postgresql://u:p@nom..impossible/x")
    place.flow["destination"] = '{ kind = "database", url = "env:PASSERELLE_BASE" }'


def api_that_is_down(place):
    place.port = 9
    place.api()


def api_that_refuses_our_credentials(place):
    place.monkeypatch.setenv("PASSERELLE_JETON", "jeton")
    place.api(scheme="bearer", token="env:PASSERELLE_JETON")
    place.status = 401


def api_that_forbids(place):
    place.status = 403
    place.api()


def api_that_fails(place):
    place.status = 503
    place.api()


def api_that_moved(place):
    place.status = 301
    place.api()


def api_whose_token_is_not_there(place):
    place.api(scheme="bearer", token="env:PASSERELLE_RIEN")


def api_whose_token_file_is_not_there(place):
    place.api(scheme="bearer", token="file:jeton")


def api_whose_token_no_header_can_carry(place):
    place.monkeypatch.setenv("PASSERELLE_JETON", "un\ndeux")
    place.api(scheme="bearer", token="env:PASSERELLE_JETON")


def api_in_a_private_network_that_is_not_allowed(place):
    place.api(base_url="https://10.0.0.1")


def api_with_a_certificate_of_nobody(place):
    place.api(base_url=f"https://127.0.0.1:{place.port}")


def layout_without_a_place_for_the_contract(place):
    place.flow["destination"] = '{ kind = "folder", path = "sorties", layout = "deux" }'


def layout_that_does_not_exist(place):
    place.flow["destination"] = '{ kind = "folder", path = "sorties", layout = "trois" }'


def connector_that_does_not_exist(place):
    place.flow["connector"] = '"personne"'


def connector_that_reads_no_messages(place):
    place.monkeypatch.setenv("PASSERELLE_SECRET", "un-secret-tire-au-sort")
    place.flow["source"] = '{ kind = "inbox", secret = "env:PASSERELLE_SECRET" }'


def connector_that_reads_no_api(place):
    place.flow["source"] = '{ kind = "api", base_url = "https://api.example.org" }'


def purpose_that_the_contract_does_not_serve(place):
    place.flow |= {"purpose": '"billing"', "processing": '{ recipient = { kind = "partner" } }'}


def schema_for_a_connector_without_xml(place):
    place.flow["schema_file"] = '"x.xsd"'


def plugin_that_is_not_installed(place):
    place.general["plugins"] = '["personne"]'


def supplier_that_is_not_described(place):
    (place.folder / "essai.toml").unlink()


def unknown_key_in_the_settings(place):
    place.flow["destinations"] = '"x"'


def settings_that_are_no_toml(place):
    place.more = "[flow"


def state_that_is_a_file(place):
    (place.folder / "etat").write_text("x", "utf-8")


def state_where_nothing_can_be_made(place):
    place.general["state"] = '"/proc/passerelle/etat"'


def key_that_is_lost(place):
    place.general["key_file"] = '"cle"'
    place.settle()
    (place.folder / "cle").unlink()


def key_that_others_may_read(place):
    place.general["key_file"] = '"cle"'
    place.settle()
    (place.folder / "cle").chmod(0o644)


def key_of_another_installation(place):
    place.general["key_file"] = '"cle"'
    place.settle()
    (place.folder / "cle").unlink()
    (place.folder / "cle").touch(mode=0o600)
    (place.folder / "cle").write_text("A" * 43 + "=", "utf-8")


def key_that_is_no_key(place):
    place.general["key_file"] = '"cle"'
    (place.folder / "cle").touch(mode=0o600)
    (place.folder / "cle").write_text("clé", "utf-8")


def keyring_that_is_lost(place):
    place.settle()
    shutil.rmtree(place.folder / "etat-trousseau")


def journal_that_is_damaged(place):
    place.settle()
    journal = place.folder / "etat" / "journal.sqlite3"
    journal.write_bytes(os.urandom(journal.stat().st_size))


def journal_that_is_gone(place):
    place.settle()
    (place.folder / "etat" / "journal.sqlite3").unlink()
    (place.folder / "etat" / "depot" / "ab").mkdir(parents=True)


def journal_that_somebody_holds(place):
    place.settle()
    place.monkeypatch.setattr("passerelle.stores.database._GATE_SECONDS", 0)
    place.held = FileLock(place.folder / "etat" / "journal.sqlite3-gate")
    assert place.held.acquire()


def flow_that_is_suspended(place):
    with place.opened() as workspace:
        workspace.journal.suspend("un", "incident.credentials.refused", workspace.clock.now())


def webhook_secret_that_is_not_there(place):
    _receive(place, "env:PASSERELLE_RIEN")


def webhook_secret_that_is_too_short(place):
    place.monkeypatch.setenv("PASSERELLE_SECRET", "court")
    _receive(place, "env:PASSERELLE_SECRET")


def webhook_secret_of_two_flows(place):
    place.monkeypatch.setenv("PASSERELLE_SECRET", "un-secret-tire-au-sort")
    _receive(place, "env:PASSERELLE_SECRET")
    place.more = "[flow.deux]\n" + "\n".join(f"{key} = {text}" for key, text in place.flow.items())


def webhook_in_order(place):
    place.monkeypatch.setenv("PASSERELLE_SECRET", "un-secret-tire-au-sort")
    _receive(place, "env:PASSERELLE_SECRET")


def _receive(place, reference):
    place.flow |= {
        "connector": '"rdv-solidarites-rdvs-pushed"',
        "purpose": '"support"',
        "source": f'{{ kind = "inbox", secret = "{reference}" }}',
    }


class _Answers(BaseHTTPRequestHandler):
    """Answers every request with the status of the set-up."""

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(self.server.place.status)
        if self.server.place.status == 301:
            self.send_header("location", "https://example.org/")
        self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_HEAD = do_GET = answer  # noqa: N815  the names that http.server asks for

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    (tmp_path / "essai.toml").write_text(SUPPLIER + TWO_TABLES, "utf-8")
    (tmp_path / "entrees").mkdir()
    (tmp_path / "entrees" / "1.csv").write_text("id;nom;note\n1;ALPHA;\n2;BETA;\n", "utf-8")
    place = SetUp(tmp_path, monkeypatch)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.place, place.port = place, server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield place
    server.shutdown()
    server.server_close()
    held = getattr(place, "held", None)
    if held is not None:
        getattr(held, "release", held.close if hasattr(held, "close") else None)()


def _can_listen(path):
    """Whether messages could be taken: what a run of such a flow leaves to `listen`."""
    try:
        with open_workspace(load_settings(path)) as workspace:
            if any(flow.source.kind == "inbox" for flow in workspace.settings.flows.values()):
                Receiver(workspace)
    except PasserelleError:
        return False
    return True


BREAKERS = [
    *(sound, sound_and_run_before, destination_folder_that_run_makes, destination_database_in_a_folder_that_run_makes),
    *(state_and_key_in_folders_that_run_makes, state_that_others_may_read, anchor_in_a_folder_that_is_not_there),
    *(destination_api_that_answers, disabled_flow_that_is_broken, two_flows_on_one_folder, webhook_in_order),
    *(database_with_views_that_run_makes, collector_that_is_down, collector_whose_secret_is_not_there, query_in_order),
    *(
        source_folder_that_is_not_there,
        source_that_is_a_file,
        source_that_is_a_link_to_nowhere,
        archives_that_is_a_file,
    ),
    *(destination_folder_that_is_a_file, destination_folder_where_nothing_can_be_made),
    *(destination_folder_that_went_away, database_whose_folder_went_away),
    *(destination_folder_that_is_a_link_to_nowhere, database_that_is_no_database, database_that_is_a_folder),
    *(database_where_nothing_can_be_made, database_that_somebody_holds, database_address_that_is_not_there),
    *(database_address_that_is_none, database_server_that_does_not_answer, api_that_is_down),
    database_server_whose_name_cannot_exist,
    *(mysql_server_that_does_not_answer, mysql_server_whose_name_cannot_exist, mysql_certificate_that_is_not_there),
    *(mysql_address_with_a_word_of_nobody, mysql_way_of_protecting_that_does_not_exist),
    *(oracle_server_that_does_not_answer, database_whose_driver_is_not_installed, collector_in_clear_elsewhere),
    *(query_in_a_file_that_is_not_there, query_of_a_database_that_is_not_there, query_that_changes_something),
    *(query_of_a_column_that_is_not_there, file_whose_name_needs_a_layout_of_two_flows),
    *(api_that_refuses_our_credentials, api_that_forbids, api_that_fails, api_that_moved, api_whose_token_is_not_there),
    *(api_whose_token_file_is_not_there, api_whose_token_no_header_can_carry),
    *(api_in_a_private_network_that_is_not_allowed, api_with_a_certificate_of_nobody),
    *(layout_without_a_place_for_the_contract, layout_that_does_not_exist, connector_that_does_not_exist),
    *(connector_that_reads_no_messages, connector_that_reads_no_api, purpose_that_the_contract_does_not_serve),
    *(schema_for_a_connector_without_xml, plugin_that_is_not_installed, supplier_that_is_not_described),
    *(unknown_key_in_the_settings, settings_that_are_no_toml, state_that_is_a_file, state_where_nothing_can_be_made),
    *(
        key_that_is_lost,
        key_that_others_may_read,
        key_of_another_installation,
        key_that_is_no_key,
        keyring_that_is_lost,
    ),
    *(journal_that_is_damaged, journal_that_is_gone, journal_that_somebody_holds, flow_that_is_suspended),
    *(webhook_secret_that_is_not_there, webhook_secret_that_is_too_short, webhook_secret_of_two_flows),
]
SOUND = BREAKERS[:15]


def test_there_are_more_than_forty_broken_set_ups_each_another():
    assert len({*BREAKERS} - {*SOUND}) == len(BREAKERS) - len(SOUND) > 40


@pytest.mark.parametrize("breaker", BREAKERS, ids=lambda breaker: breaker.__name__)
def test_doctor_is_content_exactly_where_run_works(breaker, place, program):
    breaker(place)
    place.write()
    said = program("doctor", "--format", "json")
    wrong = [one for one in said.json["findings"] if one["verdict"] == "wrong"]
    ran = program("run")
    works = ran.code in (0, 1) and _can_listen(place.folder / "passerelle.toml")
    assert works is (breaker in SOUND), ran
    assert (said.code == 0) is works, (wrong, ran.err[-600:], ran.out[-600:])
    assert all(one["advice"] and "…" not in one["says"] for one in wrong), wrong


def test_everything_that_is_wrong_is_told_at_once(place, program):
    source_folder_that_is_not_there(place)
    place.api(scheme="basic", username="env:PASSERELLE_RIEN", password="env:PASSERELLE_RIEN_NON_PLUS")
    place.more = '[flow.deux]\nconnector = "personne"\npurpose = "support"\n'
    place.more += f'source = {SOURCE}\ndestination = {{ kind = "database", url = "/proc/x/base.db" }}'
    place.write()
    wrong = [one["says"] for one in program("doctor", "--format", "json").json["findings"] if one["verdict"] == "wrong"]
    for word in ("PASSERELLE_RIEN", "PASSERELLE_RIEN_NON_PLUS", "personne", "/proc" and "x", "entrees"):
        assert any(word in says for says in wrong), (word, wrong)
    assert len(wrong) >= 5


def test_what_was_tried_leaves_nothing_behind(place, program):
    destination_folder_that_run_makes(place)
    place.write()
    before = sorted(path.relative_to(place.folder) for path in place.folder.rglob("*"))
    assert program("doctor").code == 0
    assert sorted(path.relative_to(place.folder) for path in place.folder.rglob("*")) == before
