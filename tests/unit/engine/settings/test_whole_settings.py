"""Whole exports are a switch or a table in the settings, and the same setting either way."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from passerelle.engine.settings.whole_settings import SourceSettings


@pytest.mark.parametrize(
    ("written", "enabled", "per"),
    [
        (True, True, "day"),
        (False, False, "day"),
        ({"per": "month"}, True, "month"),
        ({"enabled": False}, False, "day"),
    ],
)
def test_whole_is_written_as_a_switch_or_as_a_table(written, enabled, per):
    whole = SourceSettings.model_validate({"whole": written}).whole
    assert (whole.enabled, whole.per) == (enabled, per)


def test_a_word_that_is_neither_is_refused():
    with pytest.raises(ValidationError):
        SourceSettings.model_validate({"whole": "yes"})
