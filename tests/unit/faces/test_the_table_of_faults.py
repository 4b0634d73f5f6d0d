"""Each row of the table «fault → code → what is told» of the guide for operators happens, and is told so."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from people_flow import SUPPLIER

GUIDE = Path(__file__).parents[3] / "docs" / "exploiter.md"
# other chapters have tables of the same shape, whose rows happen on servers and are held where those run
_TABLE = GUIDE.read_text("utf-8").partition("| défaut | code de `run` |")[2].partition("\n\n")[0]
ROWS = re.findall(r"^\| ([^|]+) \| (\d+) \| ([^|]+) \| [^|]+ \|$", _TABLE, re.MULTILINE)
PUSH = "import pathlib, sys; pathlib.Path('recu.txt').open('ab').write(sys.stdin.buffer.read())"
SETTINGS = """
[passerelle]
suppliers = ["essai.toml"]
key_file = "cle"
[notify]
after = "{after}"
[notify.command]
run = [{python}, "-c", "{push}"]
[flow.un]
connector = "gens"
purpose = "support"
{more}
source = {{ kind = "folder", path = "entrees", quiet_seconds = 0 }}
destination = {destination}
"""


def write(folder, more="", after="1d", destination='{ kind = "folder", path = "sorties" }'):
    told = {"python": f'"{sys.executable}"', "push": PUSH, "after": after, "more": more, "destination": destination}
    (folder / "passerelle.toml").write_text(SETTINGS.format(**told), "utf-8")


def drop(folder, *rows, name="a.csv", header="id;nom;note"):
    (folder / "entrees" / name).write_text("\n".join([header, *rows]) + "\n", "utf-8")


def set_a_row_aside(folder, _run):
    drop(folder, "1;ALPHA;", ";SANS;")


def set_many_rows_aside(folder, _run):
    drop(folder, *(f"{number if number % 2 else ''};NOM;" for number in range(40)))


def park_a_file(folder, _run):
    (folder / "entrees" / "a.csv").write_bytes(b"ceci n'est pas un tableau\n")


def fall_silent(folder, run):
    drop(folder, "1;ALPHA;")
    run()
    write(folder, 'expected_every = "1m"')


def rename_the_export(folder, run):
    drop(folder, "1;ALPHA;")
    settings = folder / "passerelle.toml"
    asked = settings.read_text("utf-8").replace("quiet_seconds = 0", 'quiet_seconds = 0, glob = "*.txt"')
    settings.write_text(asked, "utf-8")
    run()


def spoil_the_source(folder, _run):
    (folder / "entrees").rmdir()
    (folder / "entrees").write_bytes(b"a file where the folder should be")


def lose_the_source(folder, _run):
    settings = folder / "passerelle.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("quiet_seconds = 0", "quiet_seconds = 0, away_days = 0"), "utf-8"
    )
    (folder / "entrees").rmdir()


def lose_the_destination(folder, run):
    drop(folder, "1;ALPHA;")
    # the day is over at once: the second night is one of those that last
    write(folder, destination='{ kind = "api", base_url = "http://127.0.0.1:9", path = "/x" }')
    run()


def spoil_the_destination(folder, _run):
    drop(folder, "1;ALPHA;")
    (folder / "sorties").write_bytes(b"a file where the folder should be")


def damage_the_database(folder, _run):
    drop(folder, "1;ALPHA;")
    (folder / "base.db").write_bytes(os.urandom(8192))
    write(folder, destination='{ kind = "database", url = "base.db" }')


def misname_the_server(folder, _run):
    drop(folder, "1;ALPHA;")
    (folder / "adresse").write_text("postgresql://u:p@nom..impossible/x", "utf-8")
    (folder / "adresse").chmod(0o600)
    write(folder, destination='{ kind = "database", url = "file:adresse" }')


def spoil_the_query(folder, _run):
    with closing(sqlite3.connect(folder / "metier.db")) as base:
        base.execute("CREATE TABLE gens (id, nom, note)")
    settings = folder / "passerelle.toml"
    source = '{ kind = "folder", path = "entrees", quiet_seconds = 0 }'
    query = '{ kind = "sql", url = "metier.db", query = "SELECT inconnue FROM gens" }'
    settings.write_text(settings.read_text("utf-8").replace(source, query), "utf-8")


def lose_a_secret(folder, _run):
    drop(folder, "1;ALPHA;")
    write(folder, destination='{ kind = "database", url = "file:adresse" }')


def take_the_key_of_another(folder, run):
    run()
    (folder / "cle").write_text("A" * 43 + "=", "utf-8")


def lose_the_keyring(folder, run):
    run()
    shutil.rmtree(folder / "etat-trousseau")


def lose_the_journal(folder, run):
    drop(folder, "1;ALPHA;")
    run()
    for part in (folder / "etat").glob("journal.sqlite3*"):
        part.unlink()


def lose_the_key(folder, run):
    run()
    (folder / "cle").unlink()


def damage_the_journal(folder, run):
    run()
    journal = folder / "etat" / "journal.sqlite3"
    journal.write_bytes(os.urandom(journal.stat().st_size))


def spoil_the_settings(folder, _run):
    with (folder / "passerelle.toml").open("a", encoding="utf-8") as file:
        file.write("inconnue = 1\n")


ARRANGEMENTS = {
    "incident.quarantine.waiting": set_a_row_aside,
    "incident.quarantine.grown": set_many_rows_aside,
    "le motif du colis": park_a_file,
    "silence.flow.late": fall_silent,
    "silence.folder.strays": rename_the_export,
    "incident.folder.unreadable": spoil_the_source,
    "incident.folder.lost": lose_the_source,
    "incident.flow.waits": lose_the_destination,
    "incident.folder.unwritable": spoil_the_destination,
    "incident.flow_database.damaged": damage_the_database,
    "incident.flow_database.host": misname_the_server,
    "incident.query.refused": spoil_the_query,
    "settings.secret.absent": lose_a_secret,
    "incident.key.missing": lose_the_key,
    "incident.keyring.locked": take_the_key_of_another,
    "incident.keyring.missing": lose_the_keyring,
    "incident.journal.gone": lose_the_journal,
    "incident.journal.corrupt": damage_the_journal,
    "leur motif": spoil_the_settings,
}
ELSEWHERE = {"certificate.source.ends`, `certificate.destination.ends"}
"""What needs a server of its own to happen: `test_certificates.py` holds it."""
TABLE = [(code, told.strip("` ")) for _fault, code, told in ROWS if told.strip("` ") in ARRANGEMENTS]
REASONS = {"le motif du colis": "translate.", "leur motif": "settings."}


def test_every_row_has_its_arrangement():
    told = sorted(told.strip("` ") for _fault, _code, told in ROWS)
    assert told == sorted([*ARRANGEMENTS, *ELSEWHERE])


@pytest.mark.parametrize(("code", "told"), TABLE, ids=[told for _code, told in TABLE])
def test_a_fault_of_the_table_ends_with_its_code_and_is_told(code, told, program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "essai.toml").write_text(SUPPLIER, "utf-8")
    (tmp_path / "entrees").mkdir()
    write(tmp_path)
    if told in ("silence.flow.late", "silence.folder.strays", "incident.flow.waits"):
        _let_two_days_pass(monkeypatch)
    ARRANGEMENTS[told](tmp_path, lambda: program("run"))
    assert program("run").code == int(code)
    message = (tmp_path / "recu.txt").read_text("utf-8")
    assert REASONS.get(told, told) in message
    assert "ALPHA" not in message


def _let_two_days_pass(monkeypatch):
    """Have the clock show two days more each time a command opens a workspace."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  only these rows need a clock

    from passerelle.engine.workspace import assembly  # noqa: PLC0415  see above

    nights = iter(range(100))

    class LaterClock(assembly.SystemClock):
        def __init__(self):
            self.shift = timedelta(days=2 * next(nights))

        def now(self):
            return datetime.now(UTC) + self.shift

    monkeypatch.setattr(assembly, "SystemClock", LaterClock)
