"""A defect of a description: English in a trace, the reader's language where a person reads it."""

from __future__ import annotations

import pytest

from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.language import get_current, set_language


@pytest.fixture
def in_french():
    before = get_current()
    set_language("fr")
    yield
    set_language(before)


def test_a_defect_is_english_in_a_trace_and_french_for_who_reads_french(in_french):
    error = DefectError("field «{field}» takes exactly one converter", field="ref")
    assert str(error) == "field «ref» takes exactly one converter"
    assert error.explain() == "le champ «\u00a0ref\u00a0» prend exactement un convertisseur"
    assert error.explain(field="sex") == "le champ «\u00a0sex\u00a0» prend exactement un convertisseur"
