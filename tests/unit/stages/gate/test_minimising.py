"""Minimisation: a field goes only to the purposes that need it, and what does not go is counted, not named."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose, RecipientKind
from passerelle.contracts.field_types import list_columns
from passerelle.contracts.release import NEVER
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.stages.gate.minimising import check_purpose, list_required
from passerelle.stages.gate.minimising import minimise as drop
from passerelle.vocabulary.errors import FlowError

PERSON = contracts.get("person/1")
TEXTS = [name for name, dtype in list_columns(PERSON).items() if dtype == pl.String]


def served(purpose: Purpose) -> set[str]:
    releases = ReleasePolicy.of_purpose(purpose).find_releases(PERSON)
    return {name for name, release in releases.items() if release != NEVER}


UNSERVED = next(
    (ReleasePolicy.of_purpose(purpose), name)
    for purpose in Purpose
    for name in TEXTS
    if name not in served(purpose) and not PERSON.model_fields[name].is_required()
)


def minimise(frame, contract, policy):
    """Count by field what each row loses."""
    needed, counts = drop(frame, contract, policy)
    return needed, {column.name: total for column in counts if (total := int(column.sum()))}


def frame_of(**cells) -> pl.DataFrame:
    schema = {name: list_columns(PERSON).get(name) for name in cells}
    return pl.DataFrame(cells, schema={name: dtype for name, dtype in schema.items() if dtype is not None} or None)


def test_a_field_that_the_purpose_does_not_need_is_dropped_and_its_known_values_are_counted():
    policy, name = UNSERVED
    needed, counts = minimise(
        frame_of(ref=["a:person:1", "a:person:2", "a:person:3"], **{name: ["x", None, "y"]}),
        PERSON,
        policy,
    )
    assert (needed.columns, counts) == (["ref"], {name: 2})


def test_a_field_without_any_known_value_is_dropped_and_not_counted():
    policy, name = UNSERVED
    needed, counts = minimise(frame_of(ref=["a:person:1"], **{name: [None]}), PERSON, policy)
    assert (needed.columns, counts) == (["ref"], {})


def test_a_field_that_the_purpose_needs_stays_as_it_is():
    policy = ReleasePolicy.of_purpose(next(purpose for purpose in Purpose if "birth_name" in served(purpose)))
    frame = frame_of(ref=["a:person:1"], birth_name=["MATHY"])
    needed, counts = minimise(frame, PERSON, policy)
    assert needed.equals(frame)
    assert counts == {}


def test_an_explicit_nothing_of_a_field_that_may_not_go_is_not_delivered_either():
    policy, name = UNSERVED
    frame = pl.DataFrame({"ref": ["a:person:1", "a:person:2"], "confirmed_none": [[name, "ref"], ["ref"]]})
    needed, counts = minimise(frame, PERSON, policy)
    assert needed["confirmed_none"].to_list() == [["ref"], ["ref"]]
    assert counts == {"confirmed_none": 1}


@pytest.mark.parametrize(
    ("purpose", "counts"), [(one, {} if one is Purpose.PORTABILITY else {"extra": 3}) for one in Purpose]
)
def test_extra_goes_with_portability_alone_and_else_each_of_its_cells_is_counted(purpose, counts):
    extra = [{"compani": {"Équipe": "Nord", "Motif": "x"}}, {"compani": {"Équipe": None, "Motif": "y"}}, None]
    frame = pl.DataFrame({"ref": ["a:person:1", "a:person:2", "a:person:3"], "extra": extra})
    needed, found = minimise(frame, PERSON, ReleasePolicy.of_purpose(purpose))
    assert ("extra" in needed.columns, found) == (not counts, counts)


REQUIRED = [
    (
        contract,
        policy,
        [name for name in list_required(contract, policy) if policy.find_releases(contract)[name] == NEVER],
    )
    for contract in contracts.catalogue().values()
    for policy in map(ReleasePolicy.of_purpose, Purpose)
]


def test_a_purpose_that_all_required_fields_serve_is_accepted():
    served = [(contract, policy) for contract, policy, missing in REQUIRED if not missing]
    assert served
    for contract, policy in served:
        check_purpose(contract, policy)


def test_a_purpose_that_a_required_field_does_not_serve_is_refused_with_the_names_of_the_fields():
    unserved = [entry for entry in REQUIRED if entry[2]]
    assert unserved
    for contract, policy, missing in unserved:
        with pytest.raises(FlowError) as refused:
            check_purpose(contract, policy)
        assert (refused.value.code, refused.value.details["fields"]) == ("gate.purpose.unserved", ", ".join(missing))


def test_a_processing_that_states_no_ground_stops_a_flow_that_requires_a_special_category_and_says_what_to_add():
    policy = replace(ReleasePolicy.of_purpose(Purpose.RIGHTS), has_ground=False)
    with pytest.raises(FlowError) as refused:
        check_purpose(contracts.get("entitlement/1"), policy)
    assert (refused.value.code, refused.value.details["fields"]) == ("gate.ground.missing", "type")
    check_purpose(contracts.get("person/1"), policy)


def test_figures_require_nothing_that_names_or_links_and_still_what_they_count():
    policy = ReleasePolicy.of_purpose(Purpose.STEERING)
    assert list_required(contracts.get("invoice/1"), policy) == ["ref"]
    assert list_required(contracts.get("visit/1"), policy) == ["ref", "status"]


def test_a_recipient_who_can_have_nothing_for_the_purpose_stops_the_flow_and_says_who_can():
    policy = replace(ReleasePolicy.of_purpose(Purpose.PAY), recipient_kind=RecipientKind.PAYER)
    with pytest.raises(FlowError) as refused:
        check_purpose(contracts.get("visit/1"), policy)
    assert (refused.value.code, refused.value.details["known"]) == (
        "gate.recipient.excluded",
        "authority, processor, self",
    )
