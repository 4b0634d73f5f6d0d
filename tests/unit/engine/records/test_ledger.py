"""The books of one batch: what is entered is found again under its cause, at its place, and adds up."""

from __future__ import annotations

from passerelle.engine.records.ledger import Ledger
from passerelle.stores.settlement import WARNING, ReasonKey
from passerelle.vocabulary.outcomes import Fate, RowWarning, SetAside
from passerelle.vocabulary.place import Place

REASON = "validate.field.missing"


def aside(place: Place, contract: str = "visit/1") -> SetAside:
    return SetAside(Fate.REJECTED, REASON, place, contract=contract)


def test_a_cause_is_counted_at_the_member_that_its_place_names_else_at_that_of_the_batch():
    ledger = Ledger("visites.csv")
    ledger.set_aside([aside(Place(2, member="personnes.csv", field="ref")), aside(Place(3, column="Statut"))])
    assert ledger.causes == {
        ReasonKey("visit/1", "personnes.csv", REASON, "", "ref", "rejected"): 1,
        ReasonKey("visit/1", "visites.csv", REASON, "Statut", "", "rejected"): 1,
    }


def test_the_same_cause_on_many_lines_is_counted_once_for_each():
    ledger = Ledger("")
    items = [aside(Place(line, field="ref")) for line in (2, 3, 4)]
    ledger.set_aside(items)
    assert list(ledger.causes.values()) == [3]
    assert ledger.fates == {Fate.REJECTED: 3}
    assert ledger.aside == items


def test_a_warning_counts_as_often_as_it_says_and_sets_nothing_aside():
    ledger = Ledger("")
    ledger.warn([RowWarning("decode.encoding.assumed", Place(1), {"count": "3"}), RowWarning(REASON, Place(2), {})])
    assert sorted(ledger.causes.values()) == [1, 3]
    assert {(key.fate, key.contract) for key in ledger.causes} == {(WARNING, "")}
    assert (ledger.make_balance().warnings, ledger.aside, dict(ledger.fates)) == (4, [], {})


def test_values_without_a_place_at_the_destination_are_warnings_by_field():
    ledger = Ledger("visites")
    ledger.count_unmapped({"comment": 2, "travel_km": 1}, "visit/1")
    ledger.count_unmapped({"comment": 3}, "visit/1")
    assert ledger.causes[ReasonKey("visit/1", "visites", "deliver.value.left", "", "comment", WARNING)] == 5
    assert ledger.make_balance().warnings == 6


def test_the_books_hold_what_came_in_how_it_ended_and_what_was_withheld():
    ledger = Ledger("", received=4)
    ledger.count(Fate.DELIVERED, 2)
    ledger.count(Fate.UNCHANGED)
    ledger.count(Fate.DUPLICATE, 0)
    ledger.withheld_values += 7
    assert Fate.DUPLICATE not in ledger.fates
    assert not ledger.make_balance().adds_up
    ledger.set_aside([aside(Place(2))])
    balance = ledger.make_balance()
    assert balance.adds_up
    assert (balance.received, balance.withheld_values, balance.warnings) == (4, 7, 0)
    assert balance.fates == {Fate.DELIVERED: 2, Fate.UNCHANGED: 1, Fate.REJECTED: 1}
