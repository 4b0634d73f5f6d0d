"""References, watched over a whole parcel: in any order, cut in any way, the same warnings."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from parcel_piles import pile, shorten

from passerelle.engine.watches.reference_watch import UNRESOLVED, ReferenceWatch

PRODUCED = ("person/1", "visit/1", "planned_visit/1")


def visit(number, person, **more):
    return {"ref": f"demo:visit:{number}", "person_ref": f"demo:person:{person}", **more}


def person(number):
    return {"ref": f"demo:person:{number}"}


def test_a_reference_to_a_record_of_the_same_parcel_is_resolved_in_any_order():
    watch = ReferenceWatch.of(PRODUCED)
    watch.observe(*pile("visit/1", visit(1, 1), visit(2, 2)))
    watch.observe(*pile("person/1", person(2), person(1)))
    assert watch.list_warnings() == []


def test_a_reference_that_leads_nowhere_is_counted_once_with_the_line_where_it_was_first_met():
    watch = ReferenceWatch.of(PRODUCED)
    watch.observe(*pile("person/1", person(1)))
    watch.observe(*pile("visit/1", visit(1, 1), visit(2, 9), visit(3, 9), visit(4, 8), member="visites.csv"))
    assert shorten(watch.list_warnings()) == [(UNRESOLVED, "visit/1", "person_ref", "visites.csv", (3, 5))]


def test_what_the_destination_has_from_earlier_is_resolved():
    asked = []

    def known(contract, keys):
        asked.append(contract)
        return {key for key in keys if key == b"demo:person:1"}

    watch = ReferenceWatch.of(PRODUCED, digest_refs=lambda refs: [ref.encode() for ref in refs], find_delivered=known)
    watch.observe(*pile("person/1", person(3)))
    watch.observe(*pile("visit/1", visit(1, 1), visit(2, 2)))
    assert shorten(watch.list_warnings()) == [(UNRESOLVED, "visit/1", "person_ref", "", (3,))]
    assert asked == ["person/1"]
    assert watch.brought == {}


def test_what_the_connector_does_not_produce_is_not_watched():
    watch = ReferenceWatch.of(("visit/1",))
    assert not watch.is_needed
    watch.observe(*pile("visit/1", visit(1, 9)))
    assert watch.list_warnings() == []


def test_a_field_that_the_purpose_left_out_or_that_is_empty_is_not_watched():
    watch = ReferenceWatch.of(PRODUCED)
    watch.observe(*pile("visit/1", {"ref": "demo:visit:1"}))
    watch.observe(*pile("visit/1", visit(1, 1, planned_visit_ref=None)))
    watch.observe(*pile("person/1", person(1)))
    assert watch.list_warnings() == []


def test_no_ref_is_kept_in_clear():
    watch = ReferenceWatch.of(PRODUCED)
    watch.observe(*pile("visit/1", visit(1, "GHISLAINE-TREMEUR")))
    assert "TREMEUR" not in repr(watch) + repr(watch.list_warnings())


@settings(max_examples=count_examples(40), deadline=None)
@given(
    persons=st.lists(st.integers(0, 6), max_size=6, unique=True),
    visits=st.lists(st.integers(0, 9), min_size=1, max_size=12),
    cuts=st.lists(st.integers(0, 12), max_size=3),
    persons_first=st.booleans(),
)
def test_however_a_parcel_is_cut_and_ordered_the_same_references_lead_nowhere(persons, visits, cuts, persons_first):
    watch = ReferenceWatch.of(PRODUCED)
    given_persons = [pile("person/1", *map(person, persons))] if persons else []
    edges = sorted({0, len(visits), *(min(cut, len(visits)) for cut in cuts)})
    piles = [
        pile("visit/1", *(visit(index, visits[index]) for index in range(start, end)), first_line=2 + start)
        for start, end in pairwise(edges)
    ]
    for records, table in (given_persons + piles) if persons_first else (piles + given_persons):
        watch.observe(records, table)
    lost = sorted(2 + visits.index(one) for one in set(visits) - set(persons))
    assert [warning.lines for warning in watch.list_warnings()] == ([tuple(lost)] if lost else [])
