"""Parts of cells and cells glued from parts: inside only; everybody else sees the supplier's own columns."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.stages.translate import AddressOf, Ref, Table, Text
from passerelle.stages.translate.drift import detect_drift
from passerelle.stages.translate.plan import compile_plan
from passerelle.stages.translate.rendering import find_unmapped, render
from passerelle.stages.translate.shaped import Parts
from passerelle.stages.translate.translation import translate
from passerelle.vocabulary.parcels import TextTable

PERSON = Table(
    contract="person/1",
    fields={
        "ref": Ref("id", system="demo", entity="person"),
        "usual_name": Text("Nom"),
        "first_names": Text("Prénom"),
        "birth_commune": Text("COG"),
        "addresses": (AddressOf(lines=("Rue",), postcode="CP", city="Ville"),),
    },
    cut={"Personne": "{Nom:capitals} {Prénom?}", "CP VILLE": "{CP:5} {Ville}"},
    glue={"COG": ("{Dépt:971|972|973|974|976}{Commune:02}", "{Dépt:02}{Commune:03}")},
)
ROW = {
    "id": "1",
    "Personne": "LE GOFF Anne",
    "Rue": "1 rue X",
    "CP VILLE": "75007 PARIS",
    "Dépt": "75",
    "Commune": "56",
}


def without_commune():
    return Table(
        contract=PERSON.contract,
        fields={name: entry for name, entry in PERSON.fields.items() if name != "birth_commune"},
        cut=PERSON.cut,
    )


def pile(*changes):
    rows = [ROW | change for change in changes]
    frame = pl.DataFrame(rows, dict.fromkeys(ROW, pl.String))
    return TextTable("", frame, pl.int_range(2, len(rows) + 2, dtype=pl.UInt32, eager=True))


def read(*changes, table=None):
    return translate(pile(*changes), compile_plan([table or without_commune()], supplier="demo"))


def test_parts_fill_fields_and_the_cells_they_come_from_are_read_not_carried():
    (records,) = read({}).records
    (person,) = records.frame.to_dicts()
    assert (person["usual_name"], person["first_names"]) == ("LE GOFF", "Anne")
    assert (person["addresses"][0]["postcode"], person["addresses"][0]["city"]) == ("75007", "PARIS")
    assert sorted(person["extra"]["demo"]) == ["Commune", "Dépt"]


def test_a_cell_of_another_shape_sets_its_row_aside_and_names_the_column_of_the_file():
    translation = read({}, {"CP VILLE": "PARIS"})
    (item,) = translation.aside
    assert (item.reason, item.place.column, item.place.field) == ("translate.cell.uncut", "CP VILLE", "addresses")
    assert item.details == {"expected": "CP Ville"}
    assert translation.records[0].frame.height == 1


def test_an_empty_cell_has_empty_parts():
    (records,) = read({"CP VILLE": "", "Personne": " "}).records
    assert records.frame["usual_name"].to_list() == [None]


def test_drift_knows_the_columns_of_the_file_and_not_the_parts():
    plan = compile_plan([without_commune()], supplier="demo")
    drift = detect_drift(["id", "Rue", "CP VILLE", "Dépt", "Commune"], "", plan)
    assert (drift.missing, drift.unknown) == (("Personne",), ("Dépt", "Commune"))


def test_a_part_that_nobody_reads_is_refused_unless_it_is_waived():
    fields = {name: without_commune().fields[name] for name in ("ref", "usual_name")}
    with pytest.raises(ValueError, match="Prénom"):
        compile_plan([Table(contract="person/1", fields=fields, cut={"P": "{Nom} {Prénom}"})], supplier="demo")


def test_a_column_that_would_be_made_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        Parts.of({"a": "{X} {Y}", "b": "{X}"}, {})
    with pytest.raises(ValueError, match="twice"):
        Parts.of({"X": "{X} {Y}"}, {})


def test_written_back_parts_are_one_cell_again_and_what_has_no_place_is_told():
    table = without_commune()
    (records,) = read({}).records
    frame = records.frame.drop("extra")
    (row,) = render(frame, table, supplier="demo").to_dicts()
    assert row == {name: ROW[name] for name in ("id", "Personne", "Rue", "CP VILLE")}
    assert find_unmapped(frame, table, supplier="demo") == {}
    nameless = frame.with_columns(pl.lit(None, pl.String).alias("usual_name"))
    assert find_unmapped(nameless, table, supplier="demo") == {0: ("first_names",)}


def test_glued_parts_come_back_to_their_columns():
    (records,) = read({}, {"Dépt": "971", "Commune": "5"}, table=PERSON).records
    assert records.frame["birth_commune"].to_list() == ["75056", "97105"]
    rows = render(records.frame, PERSON, supplier="demo").to_dicts()
    assert [(row["Dépt"], row["Commune"]) for row in rows] == [("75", "056"), ("971", "05")]


def test_what_means_nothing_alone_is_told_and_what_does_not_fit_is_a_fault():
    translation = read({"Commune": ""}, {"Commune": "75056"}, {"Dépt": "", "Commune": ""}, table=PERSON)
    (warning,) = translation.warned
    assert (warning.reason, warning.place.column) == ("translate.cell.lonely", "Dépt")
    (item,) = translation.aside
    assert (item.reason, item.place.line) == ("translate.cell.unglued", 3)
    assert translation.records[0].frame["birth_commune"].to_list() == [None, None]


def test_a_cell_is_put_back_from_the_parts_that_there_are():
    parts = Parts.of({"CP VILLE": ("{CP:5} {Ville}", "{Ville}")}, {})
    assert parts.put_back({"CP": "75007", "Ville": "PARIS"}) == {"CP VILLE": "75007 PARIS"}
    assert parts.put_back({"CP": "", "Ville": "PARIS"}) == {"CP VILLE": "PARIS"}
    assert parts.put_back({"CP": "", "Ville": ""}) == {"CP VILLE": ""}
