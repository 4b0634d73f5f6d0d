"""Names compared as words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.extension.inferring.code_guessing import guess_codes
from passerelle.extension.inferring.name_likeness import compare_names, list_variants


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("N° dossier", "numéro de dossier"),
        ("Dt naiss.", "date de naissance"),
        ("Né(e) le", "date de naissance"),
        ("Bénéf.", "usager"),
        ("id_usager", "identifiant personne"),
        ("birthDate", "date de naissance"),
        ("CP", "code postal"),
        ("Tél. fixe", "téléphone fixe"),
    ],
)
def test_the_same_thing_said_otherwise_is_recognised(name, phrase):
    assert compare_names(name, phrase) > 0.9


@pytest.mark.parametrize(
    ("name", "phrase"),
    [("Nom", "nom du financeur"), ("Date", "date de l'acompte"), ("Couleur", "commentaire"), ("", "date")],
)
def test_a_vague_word_is_not_enough(name, phrase):
    assert compare_names(name, phrase) < 0.5


def test_a_short_form_is_understood_in_each_of_its_senses():
    assert {"intervention", "professionnel"} <= {word for one in list_variants("Interv.") for word in one}


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_a_share_and_does_not_depend_on_the_order(one, other):
    assert 0 <= compare_names(one, other) <= 1
    assert compare_names(one, other) == pytest.approx(compare_names(other, one))


def test_words_of_a_list_are_recognised_by_label_synonym_and_piece_of_label():
    words = ("Réalisée", "effectuée", "NON RÉALISÉE", "Bleue")
    assert guess_codes(words, "visit-status") == {"Réalisée": "done", "effectuée": "done", "NON RÉALISÉE": "missed"}
    assert guess_codes(("Moyen",), "action-nature") == {"Moyen": "means"}
    assert guess_codes(("Oui",), "no-such-list") == {}
