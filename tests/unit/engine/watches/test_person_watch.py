"""What a whole parcel shows of persons: one reference for several, one NIR for several references."""

from __future__ import annotations

import polars as pl

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_types import list_columns
from passerelle.engine.watches.person_watch import SHARED_NIR, SHARED_REF, PersonWatch
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW


def observed(*batches):
    watch = PersonWatch.of(("person/1", "visit/1"))
    line = 1
    for rows in batches:
        columns = {name: dtype for name, dtype in list_columns(get("person/1")).items() if name in rows[0]}
        frame = pl.DataFrame(rows, schema=columns).with_row_index(ROW)
        lines = pl.Series([line + place for place in range(len(rows))], dtype=pl.UInt32)
        watch.observe(Records("person/1", frame), TextTable("p", pl.DataFrame(), lines))
        line += len(rows)
    return {warning.key.code: warning.lines for warning in watch.list_warnings()}


def person(ref, name=None, born=None, nir=None):
    numbers = [{"system": "nir", "value": nir, "use": None}] if nir else None
    return {"ref": f"demo:person:{ref}", "birth_name": name, "birth_date": born, "identifiers": numbers}


def test_one_reference_with_another_name_or_birth_date_is_told_once_a_person():
    first = person(1, "DURAND", "1947-04-03"), person(2, "PETIT"), person(1, "MARTIN", "1960-02-01")
    assert observed(first, [person(1, "MARTIN", "1960-02-01"), person(2, "PETIT")]) == {SHARED_REF: (3,)}
    assert observed([person(1, "DURAND", "1947-04-03")], [person(1, "DURAND", "1948-04-03")]) == {SHARED_REF: (2,)}


def test_spelling_and_what_is_less_known_make_no_other_person():
    rows = [person(1, "DUPONT-MÉRÈS", "1947-04-03"), person(1, "Dupont Meres", "1947"), person(1, None, None)]
    assert observed(rows) == {}
    assert observed([person(1, "DURAND", "1947")], [person(1, "DURAND", "1948-01-01")]) == {SHARED_REF: (2,)}


def test_one_nir_of_two_references_is_told_whatever_its_key_and_form():
    rows = [person(1, nir="247044221810864"), person(1, nir="247044221810864")], [person(2, nir="2470442218108")]
    assert observed(*rows) == {SHARED_NIR: (3,)}


def test_without_persons_nothing_is_watched():
    assert not PersonWatch.of(("visit/1", "professional/1")).is_needed
