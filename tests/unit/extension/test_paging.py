"""Reading by pages is complete or says that it is not, whatever happens to the list while it is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from paged_apis import MovingList, draw_changes, look_at, make_reply, make_rows

from passerelle import TransientError
from passerelle.edges.sources.overlapping import Overlap
from passerelle.extension.paging import Listing, read_page, walk_moments, walk_numbers, walk_places, walk_positions

ROWS = st.integers(0, 12).map(make_rows)
SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=5)
PLAIN = Listing(rows="rows", id="id")
COUNTED = Listing(rows="rows", id="id", total="total")


def numbers(api, *, total=False, last=False):
    listing = Listing(rows="rows", id="id", total="total" if total else "", last="last" if last else "")
    return lambda _cursor: walk_numbers(lambda number: api.numbered(number, total=total, last=last), listing, "rows")


def positions(api, *, total=False, size=4):
    listing = COUNTED if total else PLAIN

    def walk(_cursor):
        api.begin_look()
        return walk_positions(lambda *place: api.positioned(*place, total=total), listing, "rows", size=size)

    return walk


def keys(api):
    listing = Listing(rows="rows", id="id", more="more")
    return lambda cursor: walk_places(
        api.keyed, listing, "rows", first=cursor, find_next=lambda said: str(said["rows"][-1]["id"])
    )


def assert_complete_or_told(api, look):
    """The law of pages: what was there all along was read, and nothing that never was, or the look says a reason."""
    assert set(look.ids) <= api.ever
    if look.report.is_complete:
        assert api.lasting <= set(look.ids)


@given(ROWS, draw_changes(), st.lists(st.integers(2, 5), min_size=1, max_size=5), st.booleans())
@example(
    rows=make_rows(4),
    changes=[
        [("insert", 1)],
        [("insert", 2), ("insert", 3), ("delete", 0)],
        [("delete", 0)] * 2,
        [("delete", 0)] * 3,
        [("delete", 0)],
    ],
    sizes=[3],
    total=False,
)
def test_positions_bring_every_row_that_was_there_all_along_or_say_so(rows, changes, sizes, total):
    api = MovingList(rows, changes, sizes)
    assert_complete_or_told(api, look_at(positions(api, total=total)))


@given(ROWS, draw_changes(), SIZES)
def test_keys_bring_every_row_that_was_there_all_along(rows, changes, sizes):
    api = MovingList(rows, changes, sizes)
    look = look_at(keys(api))
    assert_complete_or_told(api, look)
    assert look.report.is_complete


@given(ROWS, draw_changes(), SIZES, st.booleans(), st.booleans())
def test_numbered_pages_of_a_whole_list_bring_every_row_or_say_so(rows, changes, sizes, total, last):
    # without a total, nothing could show what a size that changes between two requests makes of the last pages
    api = MovingList(rows, changes, sizes if total else sizes[:1])
    assert_complete_or_told(api, look_at(numbers(api, total=total, last=last), confirms=True))


@given(ROWS, st.one_of(draw_changes(["insert"]), draw_changes(["delete"])), st.integers(1, 5))
def test_numbered_pages_with_a_total_bring_every_row_of_a_list_that_grows_or_shrinks_or_say_so(rows, changes, size):
    api = MovingList(rows, changes, [size])
    assert_complete_or_told(api, look_at(numbers(api, total=True)))


@given(ROWS, SIZES, st.booleans())
def test_pages_that_get_smaller_or_larger_lose_no_row_of_a_quiet_list_unsaid(rows, sizes, last):
    for walk in (numbers, positions):
        api = MovingList(list(rows), [], sizes)
        look = look_at(walk(api, total=True, **({"last": last} if walk is numbers else {})))
        assert set(look.ids) == set(rows) or look.codes


@given(ROWS, st.integers(1, 5), st.booleans(), st.booleans())
def test_a_quiet_list_is_read_once_and_nothing_is_said(rows, size, total, confirms):
    for walk in (numbers, positions):
        api = MovingList(list(rows), [], [size])
        look = look_at(walk(api, total=total), confirms=confirms)
        assert (set(look.ids), look.codes) == (set(rows), set())


def test_a_page_size_that_the_server_lowers_for_good_loses_nothing_and_is_not_told():
    for walk in (numbers, positions):
        api = MovingList(make_rows(11), [], [2])
        look = look_at(walk(api, total=True, **({"size": 100} if walk is positions else {})))
        assert (set(look.ids), look.codes) == (set(make_rows(11)), set())


def test_a_page_size_that_changes_between_two_pages_is_told_where_no_total_shows_what_it_did():
    api = MovingList(make_rows(12), [], [3, 4])
    assert look_at(numbers(api)).codes == {"pages.page.uneven", "pages.rows.repeated"}


def test_a_total_that_moves_has_the_list_read_again_once():
    api = MovingList(make_rows(6), [(), [("delete", 0)]], [2])
    look = look_at(numbers(api, total=True))
    assert (look.codes, set(look.ids)) == (set(), set(make_rows(6)[1:]))
    assert look.report.passed > 0


def test_a_total_that_never_fits_is_told_with_its_numbers():
    def answer(number):
        return make_reply({"rows": [{"id": number}] if number < 4 else [], "total": 5})

    look = look_at(lambda _cursor: walk_numbers(answer, COUNTED, "rows"))
    assert [(one.code, one.details) for one in look.report.defects] == [
        ("pages.total.unmet", {"received": "3", "total": "5"})
    ]


def test_an_empty_page_in_the_middle_ends_nothing_when_the_api_says_how_many_pages_there_are():
    pages = {1: [1, 2], 2: [], 3: [3]}

    def read(listing, **says):
        answers = {number: {"rows": [{"id": one} for one in ids], "last": 3, **says} for number, ids in pages.items()}
        return look_at(lambda _cursor: walk_numbers(lambda number: make_reply(answers[number]), listing, "rows"))

    look = read(Listing(rows="rows", id="id", last="last"))
    assert (look.ids, look.codes, look.pages) == ([1, 2, 3], {"pages.page.empty"}, 2)
    counted = read(Listing(rows="rows", id="id", last="last", total="total"), total=3)
    assert (counted.ids, counted.codes) == ([1, 2, 3], set()), "as many as announced: nothing is missing"


def test_a_total_without_any_row_is_told():
    look = look_at(lambda _cursor: walk_numbers(lambda _n: make_reply({"rows": [], "total": 9}), COUNTED, "rows"))
    assert (look.pages, look.codes) == (0, {"pages.total.unmet"})


def test_an_api_that_gives_its_last_page_for_every_later_number_is_left_and_that_is_told():
    asked = []

    def answer(number):
        asked.append(number)
        return make_reply({"rows": [{"id": min(number, 3)}]})

    look = look_at(lambda _cursor: walk_numbers(answer, PLAIN, "rows"))
    assert "pages.cursor.repeated" in look.codes
    assert set(look.ids) == {1, 2, 3}
    assert len(asked) == 5


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 12), min_size=1), st.booleans())
def test_links_end_whatever_circle_they_lead_in_and_a_circle_is_told(links, is_cursor):
    asked = []

    def ask(place):
        asked.append(place)
        following = links.get(int(place), "")
        return make_reply({"rows": [{"id": place}], "next": str(following)})

    def walk(_cursor):
        listing = Listing(rows="rows", id="id", more="next")
        return walk_places(ask, listing, "rows", first="0", find_next=lambda said: said["next"], is_cursor=is_cursor)

    look = look_at(walk)
    assert len(asked) <= 13
    ends, place, been = False, 0, set()
    while place not in been and not ends:
        been.add(place)
        ends, place = place not in links, links.get(place, 0)
    assert bool(look.codes & {"pages.link.repeated", "pages.cursor.repeated"}) == (not ends)
    assert {int(one) for one in look.ids} <= been


MOMENTS = datetime(2024, 11, 4, 12, tzinfo=UTC)
LATEST = 5
CHANGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 20), st.integers(0, LATEST)), max_size=14)
"""Which record, at which minute, and how many minutes later it can be seen."""


def write_moment(minute):
    return (MOMENTS + timedelta(minutes=minute)).isoformat()


class Changes:
    """A journal of the last change of each record, asked for what changed at a moment or later."""

    def __init__(self, changes, size):
        self.changes, self.size, self.minute = changes, size, 0

    def now(self):
        return MOMENTS + timedelta(minutes=self.minute)

    @property
    def states(self):
        """Return the last state of each record that can be seen now."""
        seen = [(at, one) for one, at, late in self.changes if at + late <= self.minute]
        return {one: at for at, one in sorted(seen)}

    def ask(self, since):
        rows = [(write_moment(at), one) for one, at in self.states.items()]
        page = sorted(row for row in rows if row[0] >= since)[: self.size]
        return make_reply({"rows": [{"id": one, "at": at} for at, one in page]})

    def walk(self, cursor, name="id"):
        listing = Listing(rows="rows", id=(name, "at"))
        return walk_moments(
            self.ask, listing, "rows", first=cursor, find_last=lambda said: said["rows"][-1]["at"], size=self.size
        )


@given(CHANGES, st.integers(1, 4), st.lists(st.integers(0, 30), max_size=5).map(sorted))
def test_ties_and_late_rows_come_within_the_overlap_or_the_look_says_so(changes, size, minutes):
    api, cursor, received, told = Changes(changes, size), "", set(), False
    for api.minute in (*minutes, 40):
        look = look_at(api.walk, cursor=cursor, overlap=Overlap(timedelta(minutes=LATEST)), clock=api)
        cursor, told = look.cursor, bool(look.codes)
        received |= {(one, at) for one in look.ids for at in [api.states[one]]}
    assert told or received >= set(api.states.items())


def test_without_an_overlap_a_late_row_is_missed_which_is_why_connectors_declare_one():
    for overlap, found in ((timedelta(0), {1}), (timedelta(minutes=LATEST), {1, 2})):
        api, cursor, received = Changes([(1, 10, 0), (2, 8, 4)], 3), "", set()
        for api.minute in (11, 13):
            look = look_at(api.walk, cursor=cursor, overlap=Overlap(overlap), clock=api)
            cursor = look.cursor
            received |= set(look.ids)
        assert received == found


def test_more_rows_of_one_moment_than_a_page_holds_are_told():
    api = Changes([(one, 3, 0) for one in range(5)], 2)
    api.minute = 10
    look = look_at(api.walk)
    assert (look.codes, look.cursor) == ({"pages.cursor.repeated"}, "")


def test_changed_rows_without_an_id_are_all_brought_and_end_the_walk():
    api = Changes([(one, 2 * one, 0) for one in range(6)], 4)
    api.minute = 20
    look = look_at(partial(api.walk, name="unknown"))
    assert (set(look.ids), look.codes) == (set(range(6)), set())


@pytest.mark.parametrize("document", [7, {"rows": "x"}, {"rows": [{"id": 1}]}, {"rows": [{"id": 1}], "total": "many"}])
def test_an_answer_that_is_not_of_the_shape_that_was_declared_waits(document):
    with pytest.raises(TransientError) as caught:
        read_page(make_reply(document), COUNTED)
    assert caught.value.code == "incident.supplier.garbled"


def test_rows_without_an_id_count_as_rows():
    answer = read_page(make_reply({"rows": {"0": {}, "1": {"id": 4}, "2": {}}, "total": "3"}), COUNTED)
    assert (len(set(answer.ids)), answer.total) == (3, 3)
    assert json.loads(answer.content)["total"] == "3"
