"""A run and a check tell what only the whole parcel shows, also when the run was interrupted in the middle."""

from __future__ import annotations

import io
import json

import pytest

from passerelle import Connector, Csv, Supplier, Table, Where
from passerelle import convert as to
from passerelle.engine import log
from passerelle.engine.rehearsal.file_check import check
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins
from passerelle.faces.report import text
from passerelle.stores.settlement import ReasonKey
from passerelle.vocabulary import language

EXPORT = Connector(
    id="demo-export",
    title="Export",
    dialect=Csv(delimiter=";", encoding="utf-8"),
    tables=(
        Table(
            contract="person/1",
            where=(Where("Genre", ("P",)),),
            fields={"ref": to.Ref("Id", system="demo", entity="person"), "birth_name": to.Text("Nom")},
        ),
        Table(
            contract="note/1",
            where=(Where("Genre", ("N",)),),
            fields={
                "ref": to.Ref("Id", system="demo", entity="note"),
                "person_ref": to.Ref("Personne", system="demo", entity="person"),
                "text": to.Text("Nom", max_length=20000),
                "written_on": to.Date("Jour", formats=("%d/%m/%Y",)),
            },
        ),
    ),
)
SUPPLIER = Supplier(id="demo", title="Demo", connectors=(EXPORT,))
PLUGINS = Plugins(
    suppliers=(SUPPLIER,),
    connectors={"demo-export": (SUPPLIER, EXPORT, PluginInfo("demo", "passerelle-plugin-demo", "1.0.0", ""))},
)
SETTINGS = """
[flow.dossiers]
connector = "demo-export"
purpose = "portability"
block_bytes = {size}
source = {{ kind = "folder", path = "in", glob = "*.csv", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "out" }}
"""
HEAD = "Genre;Id;Nom;Personne;Jour\n"
LOST = ReasonKey("note/1", "", "validate.reference.unresolved", "", "person_ref", "warning")


def export(persons, notes):
    rows = [f"N;{index};Visite;{person};01/03/2026" for index, person in enumerate(notes, start=1)]
    rows += [f"P;{person};DURAND;;" for person in persons]
    return HEAD + "".join(f"{row}\n" for row in rows)


@pytest.fixture
def night(tmp_path):
    """Run the flow over what is dropped; a progress that raises stops it after a batch."""
    for name in ("in", "out"):
        (tmp_path / name).mkdir()

    def go(name="", content="", *, size=4096, progress=lambda _progress: None):
        (tmp_path / "passerelle.toml").write_text(SETTINGS.format(size=size), "utf-8")
        if name:
            (tmp_path / "in" / name).write_text(content, "utf-8")
        with open_workspace(load_settings(tmp_path / "passerelle.toml"), plugins=PLUGINS) as house:
            run = house.journal.begin_run(["dossiers"], house.clock.now())
            outcome = run_flow(house, "dossiers", run=run, progress=progress)
            return outcome.balance, house.journal.count_reasons("dossiers"), house.journal.list_balances("dossiers")

    return go


def test_a_run_counts_what_leads_nowhere_in_the_journal_and_in_its_balance(night):
    balance, reasons, books = night("a.csv", export([1, 2], [1, 2, 9, 9, 8]))
    assert reasons == {LOST: 2}
    assert balance.warnings == sum(book.balance.warnings for book in books) == 2
    assert balance.aside == 0


def test_what_an_earlier_parcel_brought_is_resolved(night):
    assert night("a.csv", export([1, 2], [1]))[1] == {}
    assert night("b.csv", export([], [2, 1, 7]))[1] == {LOST: 1}


def test_a_run_stopped_after_its_first_batch_tells_the_same_when_it_goes_on(night):
    def stop(_progress):
        raise KeyboardInterrupt

    lines = export(range(200, 300), [*range(200, 250), 91, *range(250, 300), 92])
    with pytest.raises(KeyboardInterrupt):
        night("a.csv", lines, size=1024, progress=stop)
    seen = []
    balance, reasons, books = night(size=1024, progress=seen.append)
    assert len(seen) > 1
    assert reasons == {LOST: 2}
    assert balance.warnings == sum(book.balance.warnings for book in books) == 2


def test_the_log_names_the_parcel_and_nobody_in_it(night, capsys):
    log.configure(form="json")
    try:
        night("a.csv", export([1], [1, "GHISLAINE-TREMEUR"]))
    finally:
        log._current.clear()
    told = capsys.readouterr().err
    lines = [json.loads(line) for line in told.splitlines()]
    (line,) = [line for line in lines if line["event"] == "parcel_doubtful"]
    assert (line["code"], line["contract"], line["count"]) == ("validate.reference.unresolved", "note/1", 1)
    assert "TREMEUR" not in told


def test_a_check_says_where_a_reference_leads_nowhere(monkeypatch):
    monkeypatch.setenv("PASSERELLE_LANG", "en")
    language.set_language("")
    report = check(io.BytesIO(export([1], [1, 9]).encode()), "demo", EXPORT)
    (cause,) = report.causes.values()
    assert (cause.key, cause.count, [place.line for place in cause.places]) == (LOST, 1, [3])
    assert report.balance.warnings == 1
    assert "line 3" in text.write(report)
    assert check(io.BytesIO(export([1, 9], [1, 9]).encode()), "demo", EXPORT).causes == {}
