"""Pages and streams: whoever reads them, stopping anywhere, ends with what is there and with nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from journeying import count_examples
from live_api_room import ApiRoom, make_visit, open_api

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.api import record_pages
from passerelle.engine.api.cursors import ReadingPosition, begin_list
from passerelle.engine.api.readings import open_reading
from passerelle.engine.api.record_pages import RecordPages
from passerelle.engine.api.refusals import RequestRefusedError

if TYPE_CHECKING:
    from passerelle.stores.tokens import ApiToken

FLOWS = ("tout", "autre")
SETTINGS_OF_TWO = """
[passerelle]
state = "etat"

[api]

[flow.tout]
connector = "atelier-contacts"
purpose = "portability"
source = { kind = "folder", path = "entrees", glob = "*.csv", quiet_seconds = 0 }
destination = { kind = "folder", path = "sorties" }

[flow.autre]
connector = "atelier-contacts"
purpose = "portability"
source = { kind = "folder", path = "entrees", glob = "*.csv", quiet_seconds = 0 }
destination = { kind = "folder", path = "sorties" }
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with open_api(tmp_path_factory.mktemp("pages"), settings=SETTINGS_OF_TWO) as opened:
        yield opened


class _Readers(RuleBasedStateMachine):
    """Writers of two shelves, and a reader who stops and goes on anywhere."""

    room: ApiRoom
    token: ApiToken

    @initialize()
    def begin(self):
        self.room.shelf.scopes.clear()
        self.room.shelf.changes.clear()
        self.state: dict[str, str] = {}
        for flow in FLOWS:
            self.put(flow, 0)
        self.own: dict[str, str] = {}
        self.position: ReadingPosition | None = None
        self.is_list = True

    def read(self):
        return open_reading(self.room.workspace, self.room.shelf, self.token, Purpose.PORTABILITY, "visit/1")

    @rule(flow=st.sampled_from(FLOWS), number=st.integers(0, 5))
    def put(self, flow, number):
        ref = f"atelier:visit:{flow}{number}"
        self.room.shelf.put_record("visit/1", make_visit(number, ref=ref), flow=flow)
        self.state[ref] = ref

    @rule(flow=st.sampled_from(FLOWS), number=st.integers(0, 5))
    def remove(self, flow, number):
        ref = f"atelier:visit:{flow}{number}"
        if self.state.pop(ref, None):
            self.room.shelf.remove("visit/1", ref, flow=flow)

    @rule(flow=st.sampled_from(FLOWS))
    def forget(self, flow):
        self.room.shelf.forget("visit/1", flow=flow)

    @rule(limit=st.integers(1, 4))
    def look(self, limit):
        reading, pages = self.read(), RecordPages(self.room.shelf)
        try:
            if self.is_list:
                page = pages.read_list(reading, self.position or begin_list(reading, ""), limit)
            else:
                page = pages.read_changes(reading, self.position, limit)
        except RequestRefusedError as refusal:
            assert refusal.code == "api.cursor.expired"  # noqa: PT017  the reader goes on after it
            self.own, self.position, self.is_list = {}, None, True
            return
        assert len(page.items) <= limit
        for item in page.items:
            if item.body is None:
                self.own.pop(item.ref, None)
            else:
                self.own[item.ref] = item.ref
        if self.is_list and page.is_last:
            self.is_list, self.position = False, ReadingPosition(page.position.begun)
        else:
            self.position = page.position

    def teardown(self):
        for _look in range(60):
            self.look(4)
            reading = self.read()
            if not self.is_list and all(self.position.reached[one.name] == one.scope.last for one in reading.views):
                break
        assert self.own == self.state


def test_whoever_reads_a_list_and_then_follows_has_exactly_what_is_there(room):
    """Law 1, of readers: writers of two shelves, readers that stop and go on anywhere."""
    chosen = settings(
        max_examples=count_examples(60), stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    token = room.workspace.api.find_token(room.make_token(purposes=("portability",)))
    run_state_machine_as_test(type("Readers", (_Readers,), {"room": room, "token": token}), settings=chosen)


def test_a_filter_that_keeps_few_records_ends_its_page_before_it_has_looked_at_everything(room, monkeypatch):
    room.shelf.scopes.clear()
    room.shelf.changes.clear()
    for number in range(200):
        room.shelf.put_record("visit/1", make_visit(number))
    monkeypatch.setattr(record_pages, "_LOOKED", 64)
    with room.ask(purposes=("portability",)) as client:
        query = {"person_ref": "atelier:person:P199"}
        first = client.get("/v1/visit/1", params=query).json()
        assert first["records"] == []
        pages, found = 1, []
        while "next" in first:
            first = client.get("/v1/visit/1", params={**query, "cursor": first["next"]}).json()
            found += first["records"]
            pages += 1
        assert [one["ref"] for one in found] == ["atelier:visit:V199"]
        assert pages > 2
