"""Opening a workspace and its flows: what is wrong is refused before anything is read; what was opened is closed."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from passerelle import contracts
from passerelle.engine.path.collecting import TOWARDS_API, Blocks
from passerelle.engine.path.selection import ContractSelection
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import FlowOverride, is_api, open_workspace
from passerelle.vocabulary.errors import UsageError

FOLDER = '{ kind = "folder", path = "sorties" }'
API = '{ kind = "api", base_url = "https://logiciel.example/", path = "v" }'


@pytest.fixture
def open_with(tmp_path):
    """Return a context: a workspace of one flow."""

    def call(destination=FOLDER, more="", connector="compani-interventions", purpose="portability"):
        (tmp_path / "passerelle.toml").write_text(
            f'[flow.un]\nconnector = "{connector}"\npurpose = "{purpose}"\n{more}\n'
            f'source = {{ kind = "folder", path = "entrees" }}\ndestination = {destination}\n',
            "utf-8",
        )
        return open_workspace(load_settings(tmp_path / "passerelle.toml"))

    return call


def test_the_state_is_created_for_this_account_alone(open_with):
    with open_with() as workspace:
        mode = stat.S_IMODE(workspace.settings.state.stat().st_mode)
    assert os.name != "posix" or mode & 0o077 == 0


@pytest.mark.parametrize(("name", "connector"), [("deux", "compani-interventions"), ("un", "nobody-export")])
def test_an_unknown_flow_or_connector_is_a_usage_error(open_with, name, connector):
    with open_with(connector=connector) as workspace, pytest.raises(UsageError), workspace.open_flow(name):
        pass


@pytest.mark.parametrize(("destination", "blocks"), [(FOLDER, Blocks()), (API, TOWARDS_API)])
def test_batches_are_short_towards_an_api(open_with, destination, blocks):
    with open_with(destination) as workspace, workspace.open_flow("un") as flow:
        assert is_api(flow.settings.destination) is (destination is API)
        assert flow.blocks == blocks


def test_sizes_in_the_settings_go_before_the_engine_s_own(open_with):
    with open_with(more="block_rows = 7") as workspace, workspace.open_flow("un") as flow:
        assert flow.blocks == Blocks(Blocks().bytes, 7)


def test_every_destination_is_closed_with_the_flow(open_with):
    closed = []

    class Target:
        def close(self):
            closed.append(self)

    with open_with() as workspace, workspace.open_flow("un") as flow:
        flow.opened.update({False: Target(), True: Target()})
        assert closed == []
    assert len(closed) == 2


def test_an_override_of_one_flow_is_in_its_policy_and_in_no_other(open_with):
    chosen = ContractSelection(frozenset({"visit/1"}))
    with open_with() as workspace:
        overridden = replace(workspace, overrides={"un": FlowOverride(selection=chosen)})
        with overridden.open_flow("un") as flow:
            assert flow.policy.selection == chosen
        with workspace.open_flow("un") as flow:
            assert flow.policy.selection == ContractSelection()


def test_records_beside_a_document_leave_under_the_rules_of_the_flow(open_with):
    layout = '{ kind = "folder", path = "sorties", layout = "esppadom-delivery", related = ["annuaire.ndjson"] }'
    # A processing that is declared, and states no ground for special categories.
    declared = 'processing = { recipient = { kind = "payer", name = "Payeur" } }'
    with open_with(layout, declared, purpose="billing") as workspace, workspace.open_flow("un") as flow:
        assert flow.related_records.release == flow.settings.make_release(date(2026, 1, 1))
        assert not flow.related_records.release.has_ground
    with open_with() as workspace, workspace.open_flow("un") as flow:
        assert flow.related_records.release.takes_everything
    with open_with(API) as workspace, workspace.open_flow("un") as flow:
        assert flow.related_records is None


def test_a_refusal_holds_records_beside_a_document_back(open_with):
    layout = '{ kind = "folder", path = "sorties", layout = "esppadom-delivery", related = ["annuaire.ndjson"] }'
    frame = pl.DataFrame({"ref": [["s:person:1"], ["s:person:2"]]})
    with open_with(layout, purpose="billing") as workspace, workspace.open_flow("un") as flow:
        workspace.consents.record("s:person:2", "billing", accepted=False, now=workspace.clock.now())
        assert set(flow.related_records.find_refused(frame, contracts.get("person/1"))) == {1}
