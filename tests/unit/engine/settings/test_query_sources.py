"""A flow whose source is a query: read, delivered, and known again, through settings and program."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from people_flow import SUPPLIER, open_people

from passerelle.engine.health.findings import Severity
from passerelle.engine.health.flow_trials import try_flows
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.query_sources import SqlSourceSettings, read_rows_of_query
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.stages.decode.dialects import Csv
from passerelle.vocabulary.errors import FlowError, SettingsError

CANARY = "CANARI1850578006084"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "essai.toml").write_text(SUPPLIER, "utf-8")
    with sqlite3.connect(tmp_path / "metier.db") as base:
        base.execute("CREATE TABLE usagers (id INTEGER, nom TEXT, note TEXT, vu INTEGER)")
        base.execute("INSERT INTO usagers VALUES (1, 'ALPHA', NULL, 10), (2, 'BETA', '', 20)")
    base.close()
    return tmp_path


def settle(place, source):
    (place / "passerelle.toml").write_text(
        '[passerelle]\nsuppliers = ["essai.toml"]\n[flow.un]\nconnector = "gens"\npurpose = "support"\n'
        f'source = {{ kind = "sql", url = "metier.db", {source} }}\n'
        'destination = { kind = "database", url = "base.db" }\n',
        "utf-8",
    )
    return place / "passerelle.toml"


def change(place, statement):
    with sqlite3.connect(place / "metier.db") as base:
        base.execute(statement)
    base.close()


def run(path):
    """Run the flow and return its outcome, and how many parcels there are."""
    with open_people(path) as workspace:
        outcome = run_flow(workspace, "un", run=workspace.journal.begin_run(["un"], workspace.clock.now()))
        return outcome, len(workspace.journal.list_parcels("un"))


def read(place):
    with sqlite3.connect(place / "base.db") as base:
        rows = base.execute("SELECT birth_name, comment FROM passerelle_person_1 ORDER BY birth_name").fetchall()
    base.close()
    return rows


def test_what_a_query_returns_is_delivered_and_the_same_result_is_the_same_arrival(place):
    path = settle(place, 'query = "SELECT id, nom, note FROM usagers ORDER BY id"')
    assert run(path)[1] == 1
    assert read(place) == [("ALPHA", None), ("BETA", None)]
    assert run(path)[1] == 1
    change(place, "UPDATE usagers SET note = 'vue' WHERE id = 1")
    assert run(path)[1] == 2
    change(place, "UPDATE usagers SET note = NULL WHERE id = 1")
    assert run(path)[1] == 3, "what is changed back is news"
    assert read(place) == [("ALPHA", None), ("BETA", None)]


def test_a_query_in_a_file_goes_on_from_its_cursor(place):
    (place / "usagers.sql").write_text("-- ce que nous lisons\nSELECT * FROM usagers;\n", "utf-8")
    path = settle(place, 'query = "usagers.sql", cursor = "vu"')
    assert run(path)[1] == 1
    change(place, "INSERT INTO usagers VALUES (3, 'GAMMA', '', 20), (4, 'DELTA', '', 30), (5, 'ANCIEN', '', 5)")
    run(path)
    assert [name for name, _note in read(place)] == ["ALPHA", "BETA", "DELTA", "GAMMA"]
    count = run(path)[1]
    assert run(path)[1] == count, "nothing new costs a look"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (f"query = \"DELETE FROM usagers WHERE nom = '{CANARY}'\"", "incident.query.not_one_select"),  # noqa: S608  our own words
        ('query = "SELECT rien FROM usagers"', "incident.query.refused"),
        ('query = "absente.sql"', "incident.query.unreadable"),
        ("query = \"SELECT id, x'00' AS nom FROM usagers\"", "incident.query.untextual"),
        ('query = "SELECT * FROM usagers", cursor = "vu", whole = true', "settings.query.not_whole"),
    ],
)
def test_doctor_says_what_a_run_would_be_stopped_by(place, source, code):
    path = settle(place, source)
    with open_people(path) as workspace:
        findings = list(try_flows(workspace.settings, workspace.plugins, offline=True))
    outcome, _count = run(path)
    assert outcome.suspended == code
    assert any(finding.severity is Severity.WRONG for finding in findings)
    assert CANARY not in str(findings) + str(outcome)
    assert read_count(place) == 2


def read_count(place):
    with sqlite3.connect(place / "metier.db") as base:
        (count,) = base.execute("SELECT count(*) FROM usagers").fetchone()
    base.close()
    return count


def test_a_sound_query_is_sound_and_is_not_run_away_with(place):
    path = settle(place, 'query = "SELECT * FROM usagers"')
    with open_people(path) as workspace:
        findings = list(try_flows(workspace.settings, workspace.plugins, offline=True))
    assert [finding.severity for finding in findings] == [Severity.GOOD]


def test_a_password_in_the_settings_is_refused(place):
    path = settle(place, 'query = "SELECT 1"')
    path.write_text(path.read_text("utf-8").replace("metier.db", f"postgresql://u:{CANARY}@h/x"), "utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings(path)
    assert CANARY not in str(refused.value.problems)


def test_a_connector_of_one_table_reads_a_query_whatever_it_reads_else(place):
    path = settle(place, 'query = "SELECT 1 AS id"')
    with open_people(path) as workspace:
        connector = workspace.plugins.find_connector("gens")[1]
    source = load_settings(path).flows["un"].source
    assert isinstance(source, SqlSourceSettings)
    named = tuple(replace(table, member="Feuille") for table in connector.tables)
    adapted = read_rows_of_query(replace(connector, tables=named), source)
    assert isinstance(adapted.dialect, Csv)
    assert {table.member for table in adapted.tables} == {""}
    two = (*named, replace(named[0], member="Autre"))
    with pytest.raises(FlowError) as refused:
        read_rows_of_query(replace(connector, tables=two), source)
    assert refused.value.code == "settings.query.many_tables"
    assert read_rows_of_query(connector, object()) is connector
