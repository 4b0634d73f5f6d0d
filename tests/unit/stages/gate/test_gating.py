"""Who and what may go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import ALL_PURPOSES, DataSubject, Purpose, Sensitivity, declare_field
from passerelle.contracts.field_types import list_columns
from passerelle.contracts.types import Text
from passerelle.stages.gate.gating import gate
from passerelle.stages.gate.minimising import check_purpose
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LINES = pl.Series([2, 3, 5, 8], dtype=pl.UInt32)
TABLE = TextTable("visites", pl.DataFrame({"A": list("abcd")}), LINES)
PERSONS = ["compani:person:1", "compani:person:2", None, "compani:person:1"]


def visits(**more: list[Any]) -> Records:
    fields = {"ref": [f"compani:visit:{row}" for row in range(4)], "person_ref": PERSONS, "status": ["done"] * 4} | more
    known = list_columns(contracts.get("visit/1"))
    frame = pl.DataFrame(
        {ROW: pl.Series(range(4), dtype=pl.UInt32)}
        | {name: pl.Series(cells, dtype=known[name] if name != "extra" else None) for name, cells in fields.items()}
    )
    return Records("visit/1", frame)


def let_through(records: Records, **changes: Any) -> Any:
    options = {"purpose": Purpose.PORTABILITY, "consent": "opposition", "answers": lambda _refs: {}}
    return gate(records, table=TABLE, **(options | changes))


def test_under_opposition_only_records_of_persons_who_refused_stay():
    gated = let_through(visits(), answers=lambda _refs: {"compani:person:1": False, "compani:person:2": True})
    assert gated.records.frame[ROW].to_list() == [1, 2]
    assert [(item.fate, item.reason, item.place.line, item.row) for item in gated.records.aside] == [
        (Fate.WITHHELD, "gate.consent.refused", 2, 0),
        (Fate.WITHHELD, "gate.consent.refused", 8, 3),
    ]
    assert {(item.place.member, item.place.field, item.contract) for item in gated.records.aside} == {
        ("visites", "person_ref", "visit/1")
    }


def test_where_consent_is_required_silence_is_not_consent():
    gated = let_through(visits(), consent="required", answers=lambda _refs: {"compani:person:2": True})
    assert gated.records.frame[ROW].to_list() == [1]
    assert [item.reason for item in gated.records.aside] == [
        "gate.consent.missing",
        "gate.consent.nobody",
        "gate.consent.missing",
    ]


def test_each_person_is_looked_up_once():
    asked: list[Sequence[str]] = []

    def answers(refs: Sequence[str]) -> Mapping[str, bool]:
        asked.append(refs)
        return {}

    let_through(visits(), answers=answers)
    assert asked == [["compani:person:1", "compani:person:2"]]


def test_the_record_of_a_person_is_about_its_own_ref():
    frame = pl.DataFrame({ROW: [0], "ref": ["compani:person:1"]}, schema={ROW: pl.UInt32, "ref": pl.String})
    gated = let_through(Records("person/1", frame), answers=lambda _refs: {"compani:person:1": False})
    assert gated.records.frame.height == 0
    assert gated.records.aside[0].place.field == "ref"


def test_a_record_about_no_person_needs_no_consent():
    frame = pl.DataFrame({ROW: [0], "ref": ["compani:organisation:1"]}, schema={ROW: pl.UInt32, "ref": pl.String})
    gated = let_through(Records("organisation/1", frame), consent="required")
    assert gated.records.frame.height == 1


def test_without_the_person_s_column_required_consent_withholds_everything():
    records = visits()
    records = Records(records.contract, records.frame.drop("person_ref"))
    gated = let_through(records, consent="required")
    assert {item.reason for item in gated.records.aside} == {"gate.consent.nobody"}
    assert gated.records.frame.height == 0


def test_fields_that_the_purpose_does_not_need_are_dropped_and_counted():
    records = visits(
        team=["Girafes", None, "Girafes", None],
        stamped_start=[None, "2024-12-31T08:00:00+01:00", None, None],
        planned_start=["2024-12-31T08:00:00+01:00"] * 4,
        tasks=[[{"code": "x"}, {"code": "y"}], [], [{"code": None}], None],
    )
    gated = let_through(records, purpose=Purpose.STEERING)
    assert gated.records.frame.columns == [ROW, "ref", "person_ref", "status", "planned_start"]
    assert gated.withheld_fields == {"team": 2, "stamped_start": 1, "tasks": 1}
    assert gated.withheld_values == 4


def test_values_of_withheld_records_are_not_counted_again():
    gated = let_through(
        visits(team=["a", "b", "c", "d"]),
        purpose=Purpose.SUPPORT,
        answers=lambda _refs: {"compani:person:1": False},
    )
    assert gated.withheld_fields == {"team": 2}


def test_what_is_outside_the_contract_goes_only_when_the_flow_says_so():
    extra = [{"compani": {"Équipe": "Girafes", "Motif": None}}, None, {"compani": {"Équipe": "x", "Motif": "y"}}, None]
    kept_back = let_through(visits(extra=extra), purpose=Purpose.BILLING)
    assert "extra" not in kept_back.records.frame.columns
    assert kept_back.withheld_fields == {"extra": 3}
    sent = let_through(visits(extra=extra), purpose=Purpose.BILLING, deliver_extra=True)
    assert "extra" in sent.records.frame.columns
    assert sent.withheld_values == 0


def test_portability_takes_everything():
    records = visits(team=["a", None, None, None], comment=["b", None, None, None])
    gated = let_through(records)
    assert gated.records.frame.equals(records.frame)
    assert gated.withheld_values == 0


def test_what_is_confirmed_to_be_nothing_tells_no_more_than_the_field_itself():
    gated = let_through(visits(confirmed_none=[["team", "status"], ["team"], None, []]), purpose=Purpose.BILLING)
    bodies = canonical.to_records(gated.records.frame, contracts.get("visit/1"))
    assert [body.get("confirmed_none") for body in bodies] == [["status"], None, None, None]
    assert gated.withheld_fields == {"confirmed_none": 2}


def test_an_empty_frame_passes():
    records = visits()
    gated = let_through(Records("visit/1", records.frame.clear()), consent="required", purpose=Purpose.STEERING)
    assert gated.records.frame.height == 0
    assert gated.withheld_values == 0


class Secret(Contract):
    about: ClassVar[ContractMeta] = ContractMeta(
        family="secret", version="1.2.0", fr_title="x", en_title="x", fr="x", en="x"
    )

    story: Text = declare_field(
        ...,
        subject=DataSubject.PERSON,
        sensitivity=Sensitivity.SPECIAL,
        purposes=(Purpose.SUPPORT,),
        **dict.fromkeys(("fr_title", "en_title", "fr", "en", "example"), "x"),
    )


def test_a_purpose_that_a_required_field_does_not_serve_stops_the_flow():
    with pytest.raises(FlowError) as caught:
        check_purpose(Secret, Purpose.BILLING)
    assert caught.value.code == "gate.purpose.unserved"
    assert caught.value.details == {"contract": "secret/1", "purpose": "billing", "fields": "story"}


@pytest.mark.parametrize("purpose", [Purpose.SUPPORT, Purpose.PORTABILITY])
def test_a_purpose_that_every_required_field_serves_is_accepted(purpose: Purpose):
    check_purpose(Secret, purpose)


@pytest.mark.parametrize("name", sorted(contracts.catalogue()))
def test_every_contract_can_be_taken_along(name: str):
    check_purpose(contracts.get(name), Purpose.PORTABILITY)


@pytest.mark.parametrize("purpose", ALL_PURPOSES)
def test_what_passes_check_purpose_keeps_its_required_fields(purpose: Purpose):
    contract = contracts.get("visit/1")
    check_purpose(contract, purpose)
    frame = let_through(visits(), purpose=purpose).records.frame
    required = {name for name, info in contract.model_fields.items() if info.is_required()}
    assert required <= set(frame.columns)
