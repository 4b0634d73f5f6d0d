"""Invoices and their lines, watched over a whole parcel: in any order, cut in any way, the same warnings."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from parcel_piles import pile, shorten

from passerelle.engine.watches.invoice_watch import DIFFER, InvoiceWatch


def invoice(number, **totals):
    return {"ref": f"demo:invoice:{number}", **totals}


def line(number, of, **amounts):
    return {"ref": f"demo:invoice_line:{number}", "invoice_ref": f"demo:invoice:{of}", **amounts}


def watched(*piles):
    watch = InvoiceWatch.of(("invoice/1", "invoice_line/1"))
    for records, table in piles:
        watch.observe(records, table)
    return shorten(watch.list_warnings())


def test_lines_that_add_up_to_the_total_are_not_shorten():
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


@settings(max_examples=count_examples(40), deadline=None)
@given(
    cents=st.lists(st.integers(-99_999, 99_999), min_size=1, max_size=8),
    error=st.sampled_from([0, 0, 1, -1, 500]),
    cut=st.integers(0, 8),
)
def test_only_an_invoice_that_is_wrong_to_the_cent_is_shorten(cents, error, cut):
    amounts = [f"{Decimal(one) / 100:.2f}" for one in cents]
    rows = [line(index, 1, amount_incl_tax=amount) for index, amount in enumerate(amounts)]
    piles = [pile("invoice_line/1", *part) for part in (rows[:cut], rows[cut:]) if part]
    total = f"{Decimal(sum(cents) + error) / 100:.2f}"
    found = watched(*piles, pile("invoice/1", invoice(1, total_incl_tax=total)))
    assert bool(found) == bool(error)
