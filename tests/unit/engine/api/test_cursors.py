"""Cursors: opaque, authenticated, of one client, contract and purpose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from live_api_room import make_visit, open_api

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.api.cursors import ReadingPosition, begin_list, open_cursor, seal_cursor
from passerelle.engine.api.readings import open_reading
from passerelle.engine.api.refusals import RequestRefusedError


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    with open_api(tmp_path_factory.mktemp("curseurs")) as room:
        room.shelf.put_record("visit/1", make_visit(1))
        token = room.workspace.api.find_token(room.make_token(purposes=("planning", "support"), recipient="self"))
        yield room, token, open_reading(room.workspace, room.shelf, token, Purpose.PLANNING, "visit/1")


def test_a_cursor_reads_back_as_the_position_that_it_was_made_of_and_shows_none_of_it(opened):
    room, _token, reading = opened
    position = begin_list(reading, "list x")
    text = seal_cursor(room.workspace.seal, reading, position)
    assert open_cursor(room.workspace.seal, reading, text) == position
    assert "tout" not in text
    assert "visit" not in text


@settings(max_examples=count_examples(100))
@given(st.data())
def test_a_cursor_of_which_anything_is_changed_is_none(opened, data):
    room, _token, reading = opened
    text = seal_cursor(room.workspace.seal, reading, begin_list(reading, ""))
    # the last letters of base64 have bits that say nothing
    place = data.draw(st.integers(0, len(text) - 4))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEF0123456789-_ é.").filter(text[place].__ne__))
    with pytest.raises(RequestRefusedError) as raised:
        open_cursor(room.workspace.seal, reading, text[:place] + letter + text[place + 1 :])
    assert raised.value.code == "api.cursor.unreadable"


def test_other_sealed_words_of_the_house_are_no_cursors(opened):
    room, _token, reading = opened
    word = room.workspace.seal.seal_word("Zzyx").partition(":")[2] or room.workspace.seal.seal_word("Zzyx")
    for text in (word, "", "x" * 9_000):
        with pytest.raises(RequestRefusedError):
            open_cursor(room.workspace.seal, reading, text)


def test_a_cursor_of_another_purpose_is_refused_and_one_of_a_shelf_that_was_begun_anew_is_too_old(opened):
    room, token, reading = opened
    text = seal_cursor(room.workspace.seal, reading, ReadingPosition({reading.views[0].name: 1}))
    other = open_reading(room.workspace, room.shelf, token, Purpose.SUPPORT, "visit/1")
    with pytest.raises(RequestRefusedError) as raised:
        open_cursor(room.workspace.seal, other, text)
    assert raised.value.code == "api.cursor.unreadable"
    scope = reading.views[0].scope
    anew = replace(reading.views[0], scope=replace(scope, since=room.workspace.clock.now()))
    with pytest.raises(RequestRefusedError) as raised:
        open_cursor(room.workspace.seal, replace(reading, views=(anew,)), text)
    assert raised.value.code == "api.cursor.expired"


def test_a_shelf_that_came_since_is_read_from_its_beginning(opened):
    room, _token, reading = opened
    text = seal_cursor(room.workspace.seal, reading, ReadingPosition({reading.views[0].name: 1}))
    came = replace(reading.views[0], scope=replace(reading.views[0].scope, flow="autre"))
    both = replace(reading, views=(reading.views[0], came))
    assert open_cursor(room.workspace.seal, both, text).reached == {reading.views[0].name: 1, came.name: 0}
