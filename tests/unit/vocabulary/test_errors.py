"""What an error says: the whole of its sentence, with what it is about."""

from __future__ import annotations

import pytest

from passerelle.vocabulary.errors import UsageError


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UsageError("usage.parcel.unknown", flow="visites", parcel="abcdef"), ("visites", "abcdef")),
        (UsageError("usage.parcel.finished", parcel="abcdef-2"), ("abcdef-2",)),
        (UsageError("usage.recording.other", flow="visites", connector="xyz"), ("visites", "xyz")),
    ],
)
def test_a_sentence_names_what_the_error_is_about(error, words):
    says = str(error)
    assert all(word in says for word in words)
    assert "…" not in says
