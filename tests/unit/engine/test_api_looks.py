"""A complete look at an API is one whole export, whatever its pages are; a look that was cut off says nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from whole_exports import Calendar

from passerelle import Connector, Json, Page, Supplier, Table, TransientError
from passerelle import convert as to
from passerelle.engine.assembly import open_workspace
from passerelle.engine.running import run_flows
from passerelle.engine.settings import load_settings
from passerelle.extension.loading import Plugins
from passerelle.extension.plugin_info import PluginInfo

_INFO = PluginInfo("essai", "essai", "1.0", "")
_FLOW = """
[flow.un]
connector = "essai-api"
purpose = "portability"
vanished = "delete"
most_vanished = 0.5
source = { kind = "api", base_url = "http://127.0.0.1:9" }
destination = { kind = "folder", path = "sorties" }
"""


def _write_page(ids: list[int]) -> bytes:
    return json.dumps({"gens": [{"id": str(number)} for number in ids]}).encode()


@pytest.fixture
def look(tmp_path):
    """Look at an API that gives these pages of ids, and breaks off after them when it is to; return the balance."""
    (tmp_path / "passerelle.toml").write_text(_FLOW, "utf-8")
    clock = Calendar()

    def look(*pages: list[int] | bytes, cut: bool = False):
        def collect(_client, _settings, _cursor):
            for page in pages:
                yield Page(page if isinstance(page, bytes) else _write_page(page))
            if cut:
                raise TransientError("incident.supplier.slow")

        connector = replace(_CONNECTOR, collect=collect)
        supplier = Supplier(id="essai", title="Essai", connectors=(connector,))
        plugins = Plugins((_INFO,), (supplier,), {connector.id: (supplier, connector, _INFO)})
        clock.moment += timedelta(days=1)
        with open_workspace(load_settings(tmp_path / "passerelle.toml"), clock=clock, plugins=plugins) as workspace:
            outcome = run_flows(workspace, ["un"], jobs=1).outcomes[0]
            reasons = {key.code for key in workspace.journal.count_reasons("un")}
        return outcome.balance.vanished, outcome.balance.withdrawn, reasons

    return look


_CONNECTOR = Connector(
    id="essai-api",
    title="Essai",
    dialect=Json(lists={"gens": ""}),
    whole=True,
    tables=(Table(contract="person/1", fields={"ref": to.Ref("id", system="essai", entity="person")}),),
)


def test_the_pages_of_a_look_are_one_export(look):
    assert look([1, 2], [3, 4])[:2] == (0, 0)
    assert look([1, 2], [3])[:2] == (1, 1), "page one is known already, and is present all the same"
    assert look([1, 2], [3])[:2] == (0, 0)
    assert look([1, 2])[:2] == (1, 1), "the last page is gone, and no page is new"


def test_a_look_that_was_cut_off_says_nothing(look):
    look([1, 2], [3, 4])
    assert look([1, 2], cut=True)[:2] == (0, 0)
    assert look([1, 2], [3, 4])[:2] == (0, 0)


def test_a_look_with_a_page_that_cannot_be_read_says_nothing_and_that_is_told(look):
    assert "whole.look.incomplete" not in look([1, 2], [3])[2]
    vanished, withdrawn, reasons = look([1, 2], b"{")
    assert (vanished, withdrawn, "whole.look.incomplete" in reasons) == (0, 0, True)
    assert look([1, 2], [3])[:2] == (0, 0)
