"""Who counts as the recipient of a flow that names none."""

from __future__ import annotations

import pytest

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.processing import NARROWEST_RECIPIENT
from passerelle.contracts.release import NEVER, RECIPIENTS, find_release


@pytest.mark.parametrize("purpose", Purpose)
def test_no_other_recipient_of_a_purpose_has_less_than_the_narrowest_one(purpose):
    kinds = RECIPIENTS[purpose]
    given = {
        kind: {
            (contract.about.id, name)
            for contract in contracts.catalogue().values()
            for name in contract.model_fields
            if find_release(contract, name, purpose, kind) != NEVER
        }
        for kind in kinds
    }
    narrowest = NARROWEST_RECIPIENT[purpose]
    assert narrowest in kinds
    assert all(given[narrowest] <= given[kind] for kind in kinds)
