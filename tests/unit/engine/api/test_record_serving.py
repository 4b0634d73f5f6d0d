"""Served records: through the gate, by handles, with whom each names, and never a half."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from live_api_room import make_visit, open_api

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.api.readings import open_reading
from passerelle.engine.api.record_serving import ServedRecords, count_subjects, serve_changes
from passerelle.engine.api.refusals import RequestRefusedError


@pytest.fixture
def room(tmp_path):
    with open_api(tmp_path) as opened:
        yield opened


def serve(room, **about):
    token = room.workspace.api.find_token(room.make_token(**about))
    reading = open_reading(room.workspace, room.shelf, token, Purpose(token.terms.purposes[0]), "visit/1")
    (view,) = reading.views
    return serve_changes(reading, view, room.shelf.read_changes(view.scope, 0, 100)), reading


def test_what_is_removed_has_no_record(room):
    room.shelf.put_record("visit/1", make_visit(1))
    room.shelf.put_record("visit/1", make_visit(2))
    room.shelf.remove("visit/1", "atelier:visit:V1")
    served, _reading = serve(room)
    assert served.places == [0]


def test_subjects_are_inner_references_also_of_fields_that_are_not_served(room):
    room.shelf.put_record("visit/1", make_visit(1, professional_ref="atelier:professional:R1"))
    served, reading = serve(room)
    assert (
        served.count_subjects()
        == count_subjects(served.list_subjects())
        == {"atelier:person:P1": 1, "atelier:professional:R1": 1}
    )
    assert "P1" not in served.encode(reading.contract)[0]


def test_who_is_named_by_a_handle_alone_is_withheld_for_nobody_knows_what_they_answered(room):
    handle = "atelier:person:" + "bcdfghjk" * 4
    room.shelf.put_record("visit/1", make_visit(1, person_ref=handle))
    room.shelf.put_record("visit/1", make_visit(2))
    served, _reading = serve(room)
    assert served.places == [1]


def test_what_is_no_record_of_its_contract_refuses_the_whole_page(room):
    room.shelf.put_record("visit/1", make_visit(1))
    room.shelf.put("visit/1", "atelier:visit:V2", b'{"ref":"atelier:visit:V2"')
    with pytest.raises(RequestRefusedError) as raised:
        serve(room)
    assert raised.value.code == "api.service.away"


def test_a_professional_who_objects_leaves_no_trace(room):
    traced = {"stamped_start": "2026-11-02T08:01:00+01:00", "professional_ref": "atelier:professional:R1"}
    room.shelf.put_record("visit/1", make_visit(1, **traced))
    now = room.workspace.clock.now()
    served, _reading = serve(room, purposes=("portability",))
    assert "stamped_start" in served.frame.columns
    room.workspace.consents.record("atelier:professional:R1", "portability", False, now)
    served, reading = serve(room, purposes=("portability",))
    assert "stamped_start" not in served.encode(reading.contract)[0]


_REFS = st.none() | st.sampled_from("abc")


@settings(max_examples=count_examples(60), deadline=None)
@given(st.lists(st.tuples(_REFS, _REFS, st.none() | st.lists(_REFS, max_size=3)), max_size=8))
def test_whom_many_records_name_is_counted_as_one_by_one(rows):
    columns = {"person_ref": pl.String(), "ref": pl.String(), "member_refs": pl.List(pl.String())}
    named = pl.DataFrame(rows, schema=columns, orient="row")
    served = ServedRecords(pl.DataFrame(), named)
    assert served.count_subjects() == count_subjects(served.list_subjects())
