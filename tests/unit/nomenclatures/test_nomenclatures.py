"""Code lists are complete, ordered, dated, and say where they come from."""

from __future__ import annotations

import csv

import pytest

from passerelle import nomenclatures

OFFICIAL = {
    "serafin-ph": "serafin-ph",
    "gir": "gir",
    "medico-social-status": "statuts-medicosocial",
    "non-realisation-reasons": "motifs-non-realisation",
    "entry-modes": "modes-entree",
    "exit-modes": "modes-sortie",
    "esppadom-adjustment": "esppadom-ajustement",
    "ssiad-event-types": "types-evenement-ssiad",
    "health-cover": "couverture-sociale",
}


@pytest.mark.parametrize("name", nomenclatures.list_names())
def test_a_list_says_what_it_is_and_every_code_has_its_label(name):
    listed = nomenclatures.get(name)
    assert all((listed.fr, listed.en, listed.system, listed.source, listed.version, listed.licence))
    assert listed.date.year >= 2017
    assert len(listed) > 0
    for code in listed.codes:
        assert code == code.strip()
        assert listed.get_label(code)
        assert listed.get_label(code, "en")
        assert not listed.get_parent(code) or listed.get_parent(code) in listed


@pytest.mark.parametrize("name", nomenclatures.list_names())
def test_no_code_is_written_twice(name):
    listed = nomenclatures.get(name)
    with (nomenclatures.nomenclature._DATA / f"{name}.csv").open(encoding="utf-8") as stream:
        assert sum(1 for _ in stream) - 1 == len(listed)


def test_dotted_codes_are_sorted_as_numbers():
    codes = nomenclatures.get("serafin-ph").codes
    assert len(codes) == 107
    assert codes.index("1.1.10") == codes.index("1.1.9") + 1
    assert codes.index("2") < codes.index("3.1.1.1")


def test_a_list_without_english_labels_answers_in_french():
    assert nomenclatures.get("serafin-ph").get_label("1", "en") == "Besoins"
    assert nomenclatures.get("channels").get_label("phone", "en") == "Telephone"


def test_a_list_is_read_once_and_an_unknown_one_is_a_key_error():
    assert nomenclatures.get("gir") is nomenclatures.get("gir")
    with pytest.raises(KeyError):
        nomenclatures.get("no-such-list")


@pytest.mark.parametrize(("name", "file"), OFFICIAL.items())
def test_an_official_list_has_the_codes_and_labels_of_its_source(name, file, shared):
    with (shared / "nomenclatures" / f"{file}.csv").open(encoding="utf-8") as stream:
        rows = {row["code"]: row["libelle"] for row in csv.DictReader(stream, delimiter=";") if row["code"]}
    listed = nomenclatures.get(name)
    assert {code: listed.get_label(code) for code in listed.codes} == rows
