"""Words about values hold no value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.contracts.types import FieldKind
from passerelle.stages.validate.contract_tree import Node
from passerelle.stages.validate.shape_descriptions import describe_expected, describe_value, mask
from passerelle.vocabulary import language


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PASSERELLE_LANG", "en")
    language.set_language("")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        ("", "an empty text"),
        ("255081416802538", "15 digits"),
        ("7", "1 digit"),
        ("31/12/2024", "«99/99/9999»"),
        ("Jeanne Dupont", "«Aa… Aa…»"),
        ("06 12 34 56 78", "«99 99 99 99 99»"),
        ("a\x00b", "«a?a»"),
        ("x" * 300, "text of 300 characters"),
        (True, "true or false"),
        (-5, "a negative whole number"),
        (12, "a whole number of 2 digits"),
        (10**400, "a whole number of 401 digits"),
        (1.5, "a number with decimals"),
        ([1, 2], "a list of 2 items"),
        ({"a": 1}, "an object"),
        (object(), "something else"),
    ],
)
def test_a_value_is_told_by_its_shape(value: object, words: str):
    assert describe_value(value) == words


@given(st.text(max_size=40))
def test_a_mask_is_short_and_made_of_marks_only(text: str):
    assert set(mask(text)) <= set("aA9?… -/.,:;+'@()_")
    assert len(mask(text)) <= 20


@given(st.text(alphabet="éèçßñœæøåłđğışžůőćńśźżĂȘȚ€§µ🙂", min_size=1, max_size=60))
def test_no_sign_of_a_text_is_told(text: str):
    assert not set(describe_value(text)) & set(text)


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (None, "nothing"),
        (Node(FieldKind.TEXT), "a text"),
        (Node(FieldKind.TEXT, min_length=1, max_length=5), "a text of 1 to 5 characters"),
        (Node(FieldKind.TEXT, patterns=("^a$",)), "a text of the form ^a$"),
        (Node(FieldKind.INTEGER), "a whole number"),
        (Node(FieldKind.INTEGER, minimum=0, maximum=9), "a whole number from 0 to 9"),
        (Node(FieldKind.LIST), "a list"),
        (Node(FieldKind.LIST, max_length=6), "a list of at most 6 items"),
        (Node(FieldKind.LIST, min_length=1, max_length=6), "a list of 1 to 6 items"),
        (Node(FieldKind.WORD, words=("a", "b")), "one of a, b"),
        (Node(FieldKind.OBJECT, fields={"a": Node(FieldKind.TEXT)}), "an object with a"),
        (
            Node(FieldKind.OBJECT, fields=dict.fromkeys(("code", "original"), Node(FieldKind.TEXT))),
            "a word of a code list",
        ),
    ],
)
def test_what_is_expected_is_told_from_the_contract(node: Node | None, words: str):
    assert describe_expected(node) == words


@pytest.mark.parametrize("kind", FieldKind)
def test_every_kind_has_words(kind: FieldKind):
    assert describe_expected(Node(kind))
