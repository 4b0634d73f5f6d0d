"""Minimisation: a field goes only to the purposes that need it, and what does not go is counted, not named."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.field_types import list_columns
from passerelle.stages.gate.minimising import check_purpose, minimise
from passerelle.vocabulary.errors import FlowError

PERSON = contracts.get("person/1")
SERVED = {
    purpose: {name for name, fact in PERSON.describe_fields().items() if fact.serves(purpose)} for purpose in Purpose
}
TEXTS = [name for name, dtype in list_columns(PERSON).items() if dtype == pl.String]
UNSERVED = next(
    (purpose, name)
    for purpose in Purpose
    for name in TEXTS
    if name not in SERVED[purpose] and not PERSON.model_fields[name].is_required()
)


def frame_of(**cells) -> pl.DataFrame:
    schema = {name: list_columns(PERSON).get(name) for name in cells}
    return pl.DataFrame(cells, schema={name: dtype for name, dtype in schema.items() if dtype is not None} or None)


def test_a_field_that_the_purpose_does_not_need_is_dropped_and_its_known_values_are_counted():
    purpose, name = UNSERVED
    needed, counts = minimise(
        frame_of(ref=["a:person:1", "a:person:2", "a:person:3"], **{name: ["x", None, "y"]}),
        PERSON,
        purpose,
        deliver_extra=False,
    )
    assert (needed.columns, counts) == (["ref"], {name: 2})


def test_a_field_without_any_known_value_is_dropped_and_not_counted():
    purpose, name = UNSERVED
    needed, counts = minimise(frame_of(ref=["a:person:1"], **{name: [None]}), PERSON, purpose, deliver_extra=False)
    assert (needed.columns, counts) == (["ref"], {})


def test_a_field_that_the_purpose_needs_stays_as_it_is():
    purpose = next(purpose for purpose in Purpose if "birth_name" in SERVED[purpose])
    frame = frame_of(ref=["a:person:1"], birth_name=["MATHY"])
    needed, counts = minimise(frame, PERSON, purpose, deliver_extra=False)
    assert needed.equals(frame)
    assert counts == {}


def test_an_explicit_nothing_of_a_field_that_may_not_go_is_not_delivered_either():
    purpose, name = UNSERVED
    frame = pl.DataFrame({"ref": ["a:person:1", "a:person:2"], "confirmed_none": [[name, "ref"], ["ref"]]})
    needed, counts = minimise(frame, PERSON, purpose, deliver_extra=False)
    assert needed["confirmed_none"].to_list() == [["ref"], ["ref"]]
    assert counts == {"confirmed_none": 1}


@pytest.mark.parametrize("deliver", [True, False])
def test_extra_goes_when_the_flow_says_so_and_each_of_its_cells_is_counted_when_it_does_not(deliver):
    purpose = next(purpose for purpose in Purpose if "extra" not in SERVED[purpose])
    extra = [{"compani": {"Équipe": "Nord", "Motif": "x"}}, {"compani": {"Équipe": None, "Motif": "y"}}, None]
    frame = pl.DataFrame({"ref": ["a:person:1", "a:person:2", "a:person:3"], "extra": extra})
    needed, counts = minimise(frame, PERSON, purpose, deliver_extra=deliver)
    assert ("extra" in needed.columns, counts) == ((True, {}) if deliver else (False, {"extra": 3}))


REQUIRED = [
    (contract, purpose, [name for name in needed if not contract.describe_fields()[name].serves(purpose)])
    for contract in contracts.catalogue().values()
    for needed in ([name for name, info in contract.model_fields.items() if info.is_required()],)
    for purpose in Purpose
]


def test_a_purpose_that_all_required_fields_serve_is_accepted():
    served = [(contract, purpose) for contract, purpose, missing in REQUIRED if not missing]
    assert served
    for contract, purpose in served:
        check_purpose(contract, purpose)


def test_a_purpose_that_a_required_field_does_not_serve_is_refused_with_the_names_of_the_fields():
    unserved = [entry for entry in REQUIRED if entry[2]]
    assert unserved
    for contract, purpose, missing in unserved:
        with pytest.raises(FlowError) as refused:
            check_purpose(contract, purpose)
        assert (refused.value.code, refused.value.details["fields"]) == ("gate.purpose.unserved", ", ".join(missing))
