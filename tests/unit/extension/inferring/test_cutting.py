"""Cells that hold several things are cut, where nearly all show it and the file has no such part already."""

from __future__ import annotations

from passerelle.extension.inferring.contents import examine_cells
from passerelle.extension.inferring.cutting import cut_columns

TOWNS = ["75011 PARIS", "44000 NANTES", "29200 LE FAOU"]


def cut(family="person", **columns):
    return cut_columns(columns, {name: examine_cells(cells) for name, cells in columns.items()}, family)


def test_a_postcode_is_cut_from_its_town():
    found = cut(CPVille=TOWNS)
    assert found.cuts == {"CPVille": "{CP:5} {Ville}"}
    assert found.cells == {"CP": ["75011", "44000", "29200"], "Ville": ["PARIS", "NANTES", "LE FAOU"]}


def test_towns_abroad_have_postcodes_of_another_length():
    found = cut(CPVille=[*TOWNS, "1204 GENÈVE"])
    assert found.cuts == {"CPVille": ("{CP:5} {Ville}", "{CP:digits} {Ville}")}
    assert found.cells["CP"] == ["75011", "44000", "29200", "1204"]


def test_nothing_is_cut_where_the_parts_are_there():
    assert cut(CPVille=TOWNS, Ville=["PARIS", "NANTES", "LE FAOU"]).cuts == {}


def test_a_whole_name_is_cut_in_a_file_about_those_who_bear_it():
    names = ["Mme LE GOFF Jeanne", "M. ROUX Paul-Henri"]
    assert cut(Usager=names).cells["Nom"] == ["LE GOFF", "ROUX"]
    assert cut("professional", Usager=names).cuts == {}
