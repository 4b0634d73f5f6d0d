"""A plugin prints, warns, logs, raises and leaves, each time with a value of the row: nothing of it is told or kept."""

from __future__ import annotations

import json

import pytest
from inventing_plugins import install
from marked_values import MARKS, find_marks

PLUGIN = """
import logging, sys, warnings

import structlog

from passerelle import Connector, Csv, Supplier, Table, convert as to, hookimpl


class Loud(Exception):
    def __str__(self):
        return " ".join(self.args)


def _raise_with_a_note(word):
    error = Loud(word)
    error.add_note(word)
    raise error


def _raise_from_another(word):
    try:
        int(word)
    except ValueError as error:
        raise RuntimeError(word) from error


def _raise_several(word):
    raise ExceptionGroup(word, [ValueError(word)])


WAYS = {
    "print": print,
    "print to the error stream": lambda word: print(word, file=sys.stderr),
    "write bytes": lambda word: sys.stdout.buffer.write(word.encode()),
    "warn": lambda word: warnings.warn(word, stacklevel=1),
    "log": lambda word: logging.getLogger("talker").error("%s", word),
    "log with structlog": lambda word: structlog.get_logger().error(word, value=word),
    "raise": lambda word: int(word),
    "raise with a note": _raise_with_a_note,
    "raise from another": _raise_from_another,
    "raise several": _raise_several,
    "leave": lambda word: sys.exit(word),
    "leave with a number": lambda word: sys.exit(0),
}


def talk(row):
    way, _colon, word = row["Nom"].partition(":")
    if way in WAYS:
        WAYS[way](word)
    return "said"


FIELDS = {"ref": to.Ref("ID", system="talker", entity="person"), "birth_name": to.PerRecord("Nom", parse=talk)}
PEOPLE = Connector(
    id="talker-people", title="Talker", dialect=Csv(), tables=(Table(contract="person/1", fields=FIELDS),)
)


@hookimpl
def provide_suppliers():
    print(MARK)
    return [Supplier(id="talker", title="Talker", connectors=(PEOPLE,))]
"""
SETTINGS = """
[passerelle]
state = "etat"
plugins = ["talker"]
[flow.gens]
connector = "talker-people"
purpose = "support"
source = { kind = "folder", path = "entrants", quiet_seconds = 0 }
destination = { kind = "folder", path = "sortants" }
"""
TALKS = ("print", "print to the error stream", "write bytes", "warn", "log", "log with structlog")
FAILS = (
    *("raise", "raise with a note", "raise from another", "raise several"),
    *("leave", "leave with a number"),
)


@pytest.fixture
def talker(workshop, tmp_path, monkeypatch):
    (tmp_path / "plugins").mkdir()
    install(tmp_path / "plugins", monkeypatch, talker=f"MARK = {MARKS[0]!r}\n{PLUGIN}")
    workshop.write(SETTINGS)
    rows = [f"{nth};{way}:{MARKS[nth]}" for nth, way in enumerate((*TALKS, *FAILS, "nothing"), 1)]
    (workshop.folder / "entrants" / "gens.csv").write_text("\n".join(["ID;Nom", *rows, ""]), "utf-8")
    return workshop


def test_nothing_that_a_plugin_says_of_a_row_is_told_or_kept(talker):
    commands = (["run"], ["status", "--format", "json"], ["quarantine", "list", "--format", "json"], ["doctor"])
    done = [talker.command(*words) for words in commands]
    assert [find_marks((one.stdout + one.stderr).encode()) for one in done] == [[]] * len(done)
    kept = [path for path in (talker.folder / "etat").rglob("*") if path.is_file()]
    assert {path.name: found for path in kept if (found := find_marks(path.read_bytes()))} == {}
    # what fails costs its row, also where the plugin asks the whole program to end
    assert talker.balance("gens") == {"delivered": len(TALKS) + 1, "rejected": len(FAILS)}
    assert done[0].returncode == 1
    assert json.loads(done[1].stdout)["flows"], "what a plugin prints would make this answer no JSON"
    assert "foreign_words_dropped" in done[0].stderr


def test_a_check_of_a_file_tells_nothing_of_it_either(talker):
    file = str(talker.folder / "entrants" / "gens.csv")
    done = talker.command("check", file, "--connector", "talker-people", "--format", "json")
    assert find_marks((done.stdout + done.stderr).encode()) == []
    assert json.loads(done.stdout)
    assert done.returncode == 1


def test_a_plugin_that_leaves_as_it_is_imported_is_named_and_says_nothing(talker, tmp_path, monkeypatch):
    (tmp_path / "more").mkdir()
    install(tmp_path / "more", monkeypatch, leaver=f"raise SystemExit({MARKS[0]!r})")
    talker.write(SETTINGS.replace('["talker"]', '["talker", "leaver"]'))
    done = talker.command("run")
    assert find_marks((done.stdout + done.stderr).encode()) == []
    assert (done.returncode, "incident.plugin.failed" in done.stderr) == (3, True)
