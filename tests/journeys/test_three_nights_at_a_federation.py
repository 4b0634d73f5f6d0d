"""Three nights at a federation: what is away, wrong, silent or locked is told once, in French, and nothing is lost.

A server of files, a database to read, one to write, a server of mail: real ones, on this machine. Nights come when the
test says so.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from mail_sink import make_certificate, open_mail_sink
from people_flow import SUPPLIER
from postgresql_servers import run_guarded_server
from sftp_server import run_sftp_server
from sqlalchemy import create_engine, text

from passerelle.engine.workspace import assembly
from passerelle.faces.cli.app import run
from passerelle.faces.cli.display_language import speak

SETTINGS = """
[passerelle]
suppliers = ["essai.toml"]
language = "fr"
[notify]
after = "1h"
[notify.mail]
server = "127.0.0.1"
port = {mail}
sender = "passerelle@federation.example"
to = ["astreinte@federation.example"]

[flow.fichiers]
connector = "gens"
purpose = "support"
[flow.fichiers.source]
kind = "sftp"
host = "127.0.0.1"
port = {sftp}
user = {user}
host_key = {host_key}
key = {key}
path = {depot}
quiet_seconds = 0
[flow.fichiers.destination]
kind = "database"
url = "env:CIBLE"

[flow.requete]
connector = "gens"
purpose = "support"
source = {{ kind = "sql", url = "metier.db", query = "SELECT id, nom, note FROM gens" }}
destination = {{ kind = "folder", path = "sorties/requete" }}

[flow.partage]
connector = "gens"
purpose = "support"
source = {{ kind = "folder", path = "partage/entrees", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "sorties/partage" }}

[flow.hebdo]
connector = "gens"
purpose = "support"
expected_every = "12h"
source = {{ kind = "folder", path = "hebdo", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "sorties/hebdo" }}
"""
PEOPLE = 40


class Federation:
    """The installation, its servers, and what its people were mailed."""

    def __init__(self, folder, sftp, address, sink, monkeypatch, capsys):
        self.folder, self.address, self.sink = folder, address, sink
        self.monkeypatch, self.capsys = monkeypatch, capsys
        self.night, self.read = 0, 0
        self.depot, self.share, self.weekly = folder / "depot", folder / "partage" / "entrees", folder / "hebdo"
        for path in (self.depot, self.share, self.weekly):
            path.mkdir(parents=True)
        (folder / "essai.toml").write_text(SUPPLIER, "utf-8")
        words = {
            "user": sftp.user,
            "host_key": sftp.fingerprint,
            "key": f"file:{sftp.folder / 'key'}",
            "depot": str(self.depot),
        }
        quoted = {name: json.dumps(word) for name, word in words.items()}
        settings = SETTINGS.format(mail=sink.port, sftp=sftp.port, **quoted)
        (folder / "passerelle.toml").write_text(settings, "utf-8")
        with closing(sqlite3.connect(folder / "metier.db")) as connection, connection:
            connection.execute("CREATE TABLE gens (id INTEGER PRIMARY KEY, nom TEXT, note TEXT)")
        self.open_database("le-bon")

    def open_database(self, password):
        self.monkeypatch.setenv("CIBLE", f"postgresql://postgres:{password}@{self.address}/postgres")

    def ask(self, *arguments):
        """Run a command; return its code and what it said."""
        speak("fr")
        self.capsys.readouterr()
        code = run(list(arguments), language_asked=True)
        said = self.capsys.readouterr()
        return int(code), said.out + said.err

    def turn(self):
        """Let a day pass, run, and return the code and the mails of that night."""
        self.night += 1
        code, _said = self.ask("run")
        mails = [f"{mail['subject']}\n{mail.get_content()}" for mail in self.sink.mails[self.read :]]
        self.read = len(self.sink.mails)
        return code, mails

    def write_people(self, path, first, count=PEOPLE):
        rows = [f"{number};NOM{number};" for number in range(first, first + count)]
        path.write_text("\n".join(["id;nom;note", *rows]) + "\n", "utf-8")

    def fill_database(self, first, count=PEOPLE):
        with closing(sqlite3.connect(self.folder / "metier.db")) as connection, connection:
            connection.executemany(
                "INSERT INTO gens VALUES (?, ?, '')",
                [(number, f"NOM{number}") for number in range(first, first + count)],
            )

    def shrink_database(self, last):
        with closing(sqlite3.connect(self.folder / "metier.db")) as connection, connection:
            connection.execute("DELETE FROM gens WHERE id > ?", (last,))
            connection.execute("UPDATE gens SET note = 'vu'")

    def count_table(self):
        engine = create_engine(f"postgresql+psycopg://postgres:le-bon@{self.address}/postgres")
        with engine.connect() as connection:
            count = connection.execute(text("SELECT count(*) FROM passerelle_person_1")).scalar()
        engine.dispose()
        return count

    def list_refs(self, flow):
        files = (self.folder / "sorties" / flow).glob("*.ndjson")
        return {json.loads(line)["ref"] for file in files for line in file.read_text("utf-8").splitlines()}


@contextmanager
def _lock(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


@pytest.fixture
def federation(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mail").mkdir()
    (tmp_path / "sshd").mkdir()
    certificate = make_certificate(tmp_path / "mail")
    # as an administrator adds the authority of the federation's own servers
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with (
        run_sftp_server(tmp_path / "sshd") as sftp,
        run_guarded_server() as address,
        open_mail_sink(certificate) as sink,
    ):
        house = Federation(tmp_path, sftp, address, sink, monkeypatch, capsys)

        class NightClock(assembly.SystemClock):
            def now(self):
                return datetime.now(UTC) + timedelta(days=house.night)

        monkeypatch.setattr(assembly, "SystemClock", NightClock)
        yield house


def _count(mails, *words):
    """Count the mails that say all these words."""
    return sum(all(word in mail for word in words) for mail in mails)


def test_three_nights_with_all_that_can_be_wrong_are_told_once_and_lose_nothing(federation):
    spend_a_good_night(federation)
    spend_a_bad_night(federation)
    spend_the_same_night_again(federation)
    spend_a_night_when_all_is_back(federation)
    assert federation.ask("run")[0] == 0
    assert len(federation.sink.mails) == 3
    assert federation.count_table() == 2 * PEOPLE
    assert {flow: len(federation.list_refs(flow)) for flow in ("partage", "hebdo", "requete")} == dict.fromkeys(
        ("partage", "hebdo", "requete"), 2 * PEOPLE
    )


def spend_a_good_night(federation):
    federation.write_people(federation.depot / "lundi.csv", 1)
    federation.write_people(federation.share / "lundi.csv", 101)
    federation.write_people(federation.weekly / "lundi.csv", 201)
    federation.fill_database(301)
    assert federation.ask("doctor")[0] == 0
    assert federation.turn() == (0, [])
    assert federation.count_table() == PEOPLE


def spend_a_bad_night(federation):
    """A wrong password, a share that is away, a source that is silent, an export that shrinks."""
    federation.write_people(federation.depot / "mardi.csv", 1001)
    federation.open_database("le-mauvais")
    federation.share.rename(federation.folder / "ailleurs")
    federation.share.parent.rmdir()
    federation.shrink_database(310)
    assert federation.ask("doctor")[0] != 0
    code, mails = federation.turn()
    assert code == 2
    assert _count(mails, "fichiers", "incident.flow_database.credentials") == 1
    assert _count(mails, "hebdo", "silence.flow.late") == 1
    assert _count(mails, "requete", "silence.parcel.shrunk") == 1
    assert not any(word in mail for mail in mails for word in ("le-mauvais", "NOM"))


def spend_the_same_night_again(federation):
    """Only the share is told: by now it has lasted. Then somebody holds the journal, and a run waits its turn."""
    code, mails = federation.turn()
    assert code == 2
    assert _count(mails, "partage", "incident.flow.waits") == 1
    assert _count(mails, "credentials") + _count(mails, "silence.") == 0
    with _lock(federation.folder / "etat" / "journal.sqlite3"):
        assert federation.ask("run", "hebdo")[0] == 75


def spend_a_night_when_all_is_back(federation):
    federation.open_database("le-bon")
    federation.share.parent.mkdir()
    (federation.folder / "ailleurs").rename(federation.share)
    federation.write_people(federation.share / "mercredi.csv", 2101)
    federation.write_people(federation.weekly / "mercredi.csv", 2201)
    federation.fill_database(2301)
    assert federation.ask("flow", "resume", "fichiers")[0] == 0
    code, mails = federation.turn()
    assert code == 0, federation.ask("status")
    (mail,) = mails
    told = [line.partition("\xa0: Résolu")[0] for line in mail.splitlines() if "\xa0: Résolu" in line]
    assert sorted(told) == ["fichiers", "hebdo", "partage", "requete"]
