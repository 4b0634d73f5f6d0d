"""Whose contact data a column holds: never the beneficiary's because nothing says otherwise."""

from __future__ import annotations

import pytest

from passerelle.extension.inferring.contents import examine_cells
from passerelle.extension.inferring.parties import find_foreign


def foreign(*columns, family="person"):
    return find_foreign(dict.fromkeys(columns, examine_cells(["x"])), family)


@pytest.mark.parametrize(
    "column",
    [
        "Tél. référent",
        "Mail du médecin traitant",
        "Aidant - Téléphone",
        "Téléphone personne à prévenir",
        "Nom conjoint",
    ],
)
def test_what_is_another_partys_is_not_the_persons(column):
    assert foreign("Nom", "Prénom", column) == {column}


def test_a_bare_contact_beside_another_party_is_nobodys():
    assert foreign("Nom", "Référent", "Téléphone") == {"Référent", "Téléphone"}
    assert foreign("Email", "Id aidant", "Bénéficiaire - Nom") == {"Email", "Id aidant"}


def test_a_bare_contact_beside_the_person_is_the_persons():
    assert foreign("Nom", "Téléphone", "Courriel", "Adresse", "Situation familiale", "Nombre d'enfants") == set()


def test_the_helper_is_the_subject_of_a_file_of_helpers():
    assert foreign("Nom salarié", "Mobile salarié", family="professional") == set()
    assert foreign("Nom bénéficiaire", family="professional") == {"Nom bénéficiaire"}


def test_bare_names_beside_those_of_the_subject_are_somebody_elses_and_so_may_be_what_stands_bare():
    of_persons = ("Nom usager", "Prénom usager", "Code usager", "Nom", "Prénom", "Lien", "Téléphone", "Courriel")
    assert foreign(*of_persons) == {"Nom", "Prénom", "Téléphone", "Courriel"}
    of_helpers = ("Code usager", "Nom", "Prénom", "Nom de l'aidant", "Prénom de l'aidant", "Téléphone")
    assert foreign(*of_helpers, family="related_contact") == {"Code usager", "Nom", "Prénom", "Téléphone"}


def test_one_name_of_the_subject_that_is_another_name_leaves_the_bare_one_to_it():
    assert foreign("Code usager", "Nom", "Prénom", "Nom d'usage usager", "Téléphone") == set()


def test_helpers_are_known_in_english_too():
    assert foreign("last_name", "helper_last_name", "caregiver_phone") == {"helper_last_name", "caregiver_phone"}
