"""Every error type of pydantic-core has a reason, and no other."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic_core import core_schema

from passerelle.stages.validate.error_types import REASON_OF, UNJUDGED
from passerelle.vocabulary.reasons import REASONS

TYPES = get_args(core_schema.ErrorType)


def test_all_types_are_mapped_and_no_other():
    assert set(REASON_OF) == set(TYPES)
    assert len(TYPES) == 112


@pytest.mark.parametrize("error_type", TYPES)
def test_each_leads_to_a_declared_reason(error_type: str):
    assert REASON_OF[error_type] in REASONS


def test_only_technical_ones_are_left_unjudged():
    assert len([error_type for error_type, reason in REASON_OF.items() if reason == UNJUDGED]) == 12
