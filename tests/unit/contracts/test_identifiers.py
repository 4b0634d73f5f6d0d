"""Numbers are brought to one form and their keys are judged, never refused here. All numbers are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.contracts.identifiers import SYSTEMS, NumberCheck, check, normalise


@pytest.mark.parametrize(
    ("system", "value", "expected"),
    [
        ("nir", "2 76 05 92 050 628 83", NumberCheck.OK),
        ("nir", "276059205062865", NumberCheck.WRONG_KEY),
        ("nir", "2760592050628", NumberCheck.UNCHECKED),
        ("nir", "1 47 13 25 367 411 30", NumberCheck.MALFORMED),
        ("nir", "147720425367430", NumberCheck.OK),
        ("nir", "14772042536741X", NumberCheck.MALFORMED),
        ("nir", "27605920506288", NumberCheck.MALFORMED),
        ("ins", "276059205062883", NumberCheck.OK),
        ("ins", "2760592050628", NumberCheck.MALFORMED),
        ("siren", "732 829 320", NumberCheck.OK),
        ("siren", "732829321", NumberCheck.WRONG_KEY),
        ("siret", "73282932000074", NumberCheck.OK),
        ("siret", "73282932000075", NumberCheck.WRONG_KEY),
        ("siret", "7328293200007", NumberCheck.MALFORMED),
        ("siret", "35600000049837", NumberCheck.OK),
        ("finess", "750712184", NumberCheck.OK),
        ("finess_et", "480787529", NumberCheck.WRONG_KEY),
        ("finess_ej", "2A0000014", NumberCheck.OK),
        ("finess", "75071218", NumberCheck.MALFORMED),
        ("cog", "42218", NumberCheck.OK),
        ("cog", "2B033", NumberCheck.OK),
        ("cog", "99100", NumberCheck.OK),
        ("cog", "4221", NumberCheck.MALFORMED),
        ("iban", "FR14 2004 1010 0505 0001 3M02 606", NumberCheck.OK),
        ("iban", "FR14 2004 1010 0505 0001 3M02 607", NumberCheck.WRONG_KEY),
        ("caf", "1234567", NumberCheck.UNCHECKED),
    ],
)
def test_a_number_is_judged(system, value, expected):
    assert check(system, value) is expected


def test_exactly_one_last_digit_makes_a_luhn_number_right():
    assert sum(check("rpps", f"1000000000{digit}") is NumberCheck.OK for digit in range(10)) == 1


@pytest.mark.parametrize(("department", "stands_for"), [("2A", "19"), ("2B", "18")])
def test_corsica_counts_as_its_old_number(department, stands_for):
    body = f"15304{department}228003"
    key = 97 - int(f"15304{stands_for}228003") % 97
    assert check("nir", f"{body}{key:02}") is NumberCheck.OK
    assert check("nir", f"{body.lower()}{key:02}") is NumberCheck.OK


def test_digits_of_other_scripts_are_malformed():
    assert check("nir", "٢٧٦٠٥٩٢٠٥٠٦٢٨٨٣") is NumberCheck.MALFORMED
    assert check("siret", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤") is NumberCheck.MALFORMED


@given(st.sampled_from([*SYSTEMS, "caf"]), st.text(max_size=40))
def test_no_text_makes_it_fail_and_the_form_is_stable(system, value):
    assert check(system, value) is check(system, normalise(value))
    assert normalise(normalise(value)) == normalise(value)
