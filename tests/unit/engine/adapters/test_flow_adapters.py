"""What a connector cannot do is refused when the flow is opened: the flow is suspended, and says which of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

SAMPLES = Path(__file__).parents[4] / "plugins" / "compani" / "samples" / "interventions"
FOLDER = '{ kind = "folder", path = "entrees", quiet_seconds = 0 }'
FILES = '{ kind = "folder", path = "sorties" }'
API = '{ kind = "api", base_url = "https://logiciel.example/" }'
PUSHED = '{ kind = "inbox", secret = "env:PUSH_SECRET" }'


@pytest.fixture
def suspended(tmp_path, monkeypatch):
    """Run one flow, with one export at its door, and give why it is suspended: a code, empty when it is not."""
    monkeypatch.setenv("PUSH_SECRET", "a-secret-drawn-at-random")

    def call(connector: str, source: str = FOLDER, destination: str = FILES) -> str:
        (tmp_path / "entrees").mkdir()
        shutil.copy(SAMPLES / "nominal.csv", tmp_path / "entrees")
        path = tmp_path / "passerelle.toml"
        path.write_text(
            f'[flow.un]\nconnector = "{connector}"\npurpose = "portability"\n'
            f"source = {source}\ndestination = {destination}\n",
            "utf-8",
        )
        with open_workspace(load_settings(path)) as house:
            run = house.journal.begin_run(["un"], house.clock.now())
            outcome = run_flow(house, "un", run=run)
            kept = house.journal.find_suspension("un")
        assert (kept.code if kept else "") == outcome.suspended, "the journal holds it for the next run"
        return outcome.suspended

    return call


def test_a_connector_that_receives_no_messages_cannot_have_an_inbox(suspended):
    assert suspended("compani-interventions", source=PUSHED) == "settings.connector.no_push"


def test_a_connector_that_receives_them_can(suspended):
    assert suspended("rdv-solidarites-rdvs-pushed", source=PUSHED) == ""


def test_a_connector_of_files_cannot_be_asked_over_an_api(suspended):
    assert suspended("compani-interventions", source=API) == "settings.connector.no_api"


@pytest.mark.parametrize("connector", ["compani-interventions", "tddui-fhir"])
def test_a_connector_that_says_no_address_cannot_be_sent_to(suspended, connector):
    destination = f'{{ kind = "supplier", connector = "{connector}", base_url = "https://logiciel.example/" }}'
    found = suspended("compani-interventions", destination=destination)
    assert found == "settings.connector.no_send"


def test_a_flow_of_files_is_not_suspended(suspended):
    assert suspended("compani-interventions") == ""


def test_a_database_file_whose_folder_went_away_is_waited_for_and_made_nowhere_else(tmp_path, suspended):
    base = '{ kind = "database", url = "partage/base.sqlite3" }'
    assert suspended("compani-interventions", destination=base) == ""
    shutil.move(tmp_path / "partage", tmp_path / "ailleurs")
    nominal = (SAMPLES / "nominal.csv").read_bytes()
    (tmp_path / "entrees" / "encore.csv").write_bytes(nominal + b"\n")
    with open_workspace(load_settings(tmp_path / "passerelle.toml")) as house:
        outcome = run_flow(house, "un", run=house.journal.begin_run(["un"], house.clock.now()))
        waiting = [row.code for row in house.journal.list_parcels("un") if row.state == "waiting"]
    assert (outcome.waiting, waiting) == (1, ["incident.folder.away"])
    assert not (tmp_path / "partage").exists()
