"""References and invoices, watched over a whole parcel: in any order, cut in any way, the same warnings."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.engine.invoice_watch import DIFFER, InvoiceWatch
from passerelle.engine.reference_watch import UNRESOLVED, ReferenceWatch
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW

PRODUCED = ("person/1", "visit/1", "planned_visit/1")


def pile(contract, *rows, first_line=2, member=""):
    """Give rows as records, with the table they come from."""
    frame = pl.DataFrame(list(rows), infer_schema_length=None).with_columns(
        pl.int_range(pl.len()).cast(pl.UInt32).alias(ROW)
    )
    lines = pl.Series([first_line + index for index in range(len(rows))], dtype=pl.UInt32)
    return Records(contract, frame), TextTable(member, pl.DataFrame({"x": [""] * len(rows)}), lines)


def visit(number, person, **more):
    return {"ref": f"demo:visit:{number}", "person_ref": f"demo:person:{person}", **more}


def person(number):
    return {"ref": f"demo:person:{number}"}


def told(warnings):
    return [
        (warning.key.code, warning.key.contract, warning.key.field, warning.key.member, warning.lines)
        for warning in warnings
    ]


def test_a_reference_to_a_record_of_the_same_parcel_is_resolved_in_any_order():
    watch = ReferenceWatch.of(PRODUCED)
    watch.observe(*pile("visit/1", visit(1, 1), visit(2, 2)))
    watch.observe(*pile("person/1", person(2), person(1)))
    assert watch.list_warnings() == []


def test_a_reference_that_leads_nowhere_is_counted_once_with_the_line_where_it_was_first_met():
    watch = ReferenceWatch.of(PRODUCED)
    watch.observe(*pile("person/1", person(1)))
    watch.observe(*pile("visit/1", visit(1, 1), visit(2, 9), visit(3, 9), visit(4, 8), member="visites.csv"))
    assert told(watch.list_warnings()) == [(UNRESOLVED, "visit/1", "person_ref", "visites.csv", (3, 5))]


def test_what_the_destination_has_from_earlier_is_resolved():
    asked = []

    def known(contract, keys):
        asked.append(contract)
        return {key for key in keys if key == b"demo:person:1"}

    watch = ReferenceWatch.of(PRODUCED, digest_refs=lambda refs: [ref.encode() for ref in refs], find_delivered=known)
    watch.observe(*pile("person/1", person(3)))
    watch.observe(*pile("visit/1", visit(1, 1), visit(2, 2)))
    assert told(watch.list_warnings()) == [(UNRESOLVED, "visit/1", "person_ref", "", (3,))]
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


@settings(max_examples=40, deadline=None)
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


def invoice(number, **totals):
    return {"ref": f"demo:invoice:{number}", **totals}


def line(number, of, **amounts):
    return {"ref": f"demo:invoice_line:{number}", "invoice_ref": f"demo:invoice:{of}", **amounts}


def watched(*piles):
    watch = InvoiceWatch.of(("invoice/1", "invoice_line/1"))
    for records, table in piles:
        watch.observe(records, table)
    return told(watch.list_warnings())


def test_lines_that_add_up_to_the_total_are_not_told():
    lines = pile("invoice_line/1", line(1, 1, amount_incl_tax="10.10"), line(2, 1, amount_incl_tax="-0.50"))
    assert watched(lines, pile("invoice/1", invoice(1, total_incl_tax="9.60"))) == []


def test_an_invoice_of_which_the_lines_differ_is_told_by_its_line_and_its_total():
    invoices = pile("invoice/1", invoice(1, total_incl_tax="10.00"), invoice(2, total_incl_tax="5.00"))
    lines = pile("invoice_line/1", line(1, 1, amount_incl_tax="10.00"), line(2, 2, amount_incl_tax="5.01"))
    assert watched(invoices, lines) == [(DIFFER, "invoice/1", "total_incl_tax", "", (3,))]


@pytest.mark.parametrize(
    "piles",
    [
        (pile("invoice/1", invoice(1, total_incl_tax="10.00")),),
        (pile("invoice_line/1", line(1, 1, amount_incl_tax="10.00")),),
        (pile("invoice/1", invoice(1)), pile("invoice_line/1", line(1, 1, amount_incl_tax="10.00"))),
        (
            pile("invoice/1", invoice(1, total_incl_tax="10.00")),
            pile("invoice_line/1", line(1, 1, amount_incl_tax="1.00"), line(2, 1, amount_incl_tax=None)),
        ),
        (
            pile("invoice/1", invoice(1, total_incl_tax="10.00")),
            pile("invoice_line/1", line(1, 1, amount_excl_tax="1.00")),
        ),
    ],
    ids=["no line", "no invoice", "no total", "a line without amount", "another amount"],
)
def test_an_invoice_is_not_judged_on_what_is_not_there(piles):
    assert watched(*piles) == []


def test_a_line_that_comes_twice_counts_once():
    first = pile("invoice_line/1", line(1, 1, amount_incl_tax="10.00"), line(1, 1, amount_incl_tax="10.00"))
    again = pile("invoice_line/1", line(1, 1, amount_incl_tax="10.00"))
    assert watched(first, again, pile("invoice/1", invoice(1, total_incl_tax="10.00"))) == []


@settings(max_examples=40, deadline=None)
@given(
    cents=st.lists(st.integers(-99_999, 99_999), min_size=1, max_size=8),
    error=st.sampled_from([0, 0, 1, -1, 500]),
    cut=st.integers(0, 8),
)
def test_only_an_invoice_that_is_wrong_to_the_cent_is_told(cents, error, cut):
    amounts = [f"{Decimal(one) / 100:.2f}" for one in cents]
    rows = [line(index, 1, amount_incl_tax=amount) for index, amount in enumerate(amounts)]
    piles = [pile("invoice_line/1", *part) for part in (rows[:cut], rows[cut:]) if part]
    total = f"{Decimal(sum(cents) + error) / 100:.2f}"
    found = watched(*piles, pile("invoice/1", invoice(1, total_incl_tax=total)))
    assert bool(found) == bool(error)
