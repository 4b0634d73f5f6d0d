"""Damage of texts: what was lost or garbled is named; sound text in any language is not suspected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.decode import damage
from passerelle.stages.decode.damage import count_mojibake, find_damage, find_suspects
from passerelle.vocabulary.reasons import REASONS


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\0b", "nul"),
        ("a\x80b", "control"),
        ("a\ufffdb", "replaced"),
        ("caf\u201a", ""),
        ("caf\u201ateria", "code_page"),
        ("fran\u2021ais", "code_page"),
        ("cafÃ©", "mojibake"),
        ("lâ€™aide", "mojibake"),
        ("Å“uvre", "mojibake"),
        ("plain\tascii\r\n", ""),
    ],
)
def test_the_first_damage_of_a_text_is_named(text, code):
    expected = code and f"decode.text.{code}"
    assert find_damage(text) == expected
    assert expected in {"", *REASONS}


@pytest.mark.parametrize(
    "text",
    [
        "Élodie",
        "Þórður",
        "Łódź",
        "Ångström",
        "l’aide",
        "« à »",
        "5 ‰",
        "Âge",
        "Ça",
        "ÀÉÈ",
        "Œuvre",
        "Ahmet Şahin",
        "2 €",
    ],
)
def test_sound_text_is_not_damaged(text):
    assert find_damage(text) == ""
    assert count_mojibake(text) == 0


SIGNS = st.sampled_from("ab é Ã©Â âÅ€\u201a\u0192\u2020\u2030\u2039\u02c6\x80\x9f\0\ufffd\u00a0™œ")


@given(st.text(SIGNS, min_size=1, max_size=12))
def test_no_damage_escapes_the_search_over_bytes(text):
    data = np.frombuffer(text.encode("utf-8"), dtype=np.uint8)
    if find_damage(text):
        assert find_suspects(data).size


@given(st.text("abcéèàç «»-'", max_size=20))
def test_what_people_usually_write_is_not_even_looked_at(text):
    assert not find_suspects(np.frombuffer(text.encode(), dtype=np.uint8)).size


def test_every_garbled_letter_counts():
    assert count_mojibake("Ã©tÃ© Ã\u00a0 lâ€™aube") == 4


@given(st.text(SIGNS, max_size=12))
def test_the_quick_search_for_a_first_sign_passes_nothing_over(text):
    match = damage._DAMAGE.search(text)
    assert find_damage(text) == (damage._CODES[match.lastindex] if match else "")
