"""A complete look at an API is one whole export, whatever its pages are; a look that was cut off says nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from turned_clock import TurnedClock

from passerelle import Connector, Json, Page, Supplier, Table, TransientError
from passerelle import convert as to
from passerelle.engine.health.workspace_status import read_status
from passerelle.engine.runs.run_state import RunState
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins

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
    clock = TurnedClock()

    def look(*pages: list[int] | bytes | Page, cut: bool = False):
        def collect(_client, _settings, cursor):
            look.began.append(cursor)
            for page in pages:
                if isinstance(page, Page):
                    yield page
                else:
                    yield Page(page if isinstance(page, bytes) else _write_page(page))
            if cut:
                raise TransientError("incident.supplier.slow")

        connector = replace(_CONNECTOR, collect=collect)
        supplier = Supplier(id="essai", title="Essai", connectors=(connector,))
        plugins = Plugins((_INFO,), (supplier,), {connector.id: (supplier, connector, _INFO)})
        clock.moment += timedelta(days=1)
        with open_workspace(load_settings(tmp_path / "passerelle.toml"), clock=clock, plugins=plugins) as workspace:
            report = run_flows(workspace, ["un"], jobs=1)
            reasons = {key.code for key in workspace.journal.count_reasons("un")}
            look.told = [(notice.code, notice.details) for notice in read_status(workspace).flows[0].notices]
        look.state = report.state
        balance = report.outcomes[0].balance
        return balance.vanished, balance.withdrawn, reasons

    look.began = []
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


def _claim(ids: list[int], **says: object) -> Page:
    return Page(_write_page(ids), **{"ids": tuple(map(str, ids)), "steady": True, **says})


def test_a_look_that_brings_fewer_rows_than_announced_deletes_nothing_and_is_told_until_one_is_complete(look):
    look(_claim([1, 2], total=4), _claim([3, 4], total=4))
    assert (look.state, look.told) == (RunState.SETTLED, [])
    vanished, withdrawn, reasons = look(_claim([1, 2], total=4), _claim([3], total=4))
    assert (vanished, withdrawn, "whole.look.incomplete" in reasons) == (0, 0, True)
    assert look.state is RunState.ASIDE
    assert look.told == [("pages.total.unmet", {"received": "3", "total": "4"})]
    assert look(_claim([1, 2], total=3), _claim([3], total=3))[:2] == (1, 1), "now it is known that one is gone"
    assert (look.state, look.told) == (RunState.SETTLED, [])


def test_a_look_that_moves_is_read_again_and_then_told(look):
    look([1, 2], [3, 4])
    before = len(look.began)
    assert look(_claim([1, 2], total=3), _claim([3, 4], total=3))[:2] == (0, 0)
    assert len(look.began) == before + 3, "absence counts in this flow: read again twice, then told"
    assert [code for code, _details in look.told] == ["pages.total.unmet"]


def test_a_cursor_goes_back_to_where_the_look_began_when_rows_may_be_missing(look):
    look(_claim([1], cursor="1"), _claim([2], cursor="2"))
    look(_claim([3], cursor="3", total=5))
    look(_claim([3], cursor="3", total=1))
    look()
    assert look.began == ["", *["2"] * 3, "2", "3"]


def test_a_cursor_that_leads_in_a_circle_ends_the_look_and_is_told(look):
    look(*[page for _round in range(50) for page in (_claim([1], cursor="1"), _claim([2], cursor="2"))])
    assert [code for code, _details in look.told] == ["pages.cursor.repeated", "pages.rows.repeated"]
    assert look.state is RunState.ASIDE


def test_a_look_with_a_page_that_cannot_be_read_says_nothing_and_that_is_told(look):
    assert "whole.look.incomplete" not in look([1, 2], [3])[2]
    vanished, withdrawn, reasons = look([1, 2], b"{")
    assert (vanished, withdrawn, "whole.look.incomplete" in reasons) == (0, 0, True)
    assert look([1, 2], [3])[:2] == (0, 0)
