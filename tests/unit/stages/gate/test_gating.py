"""Who and what may go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import ALL_PURPOSES, DataSubject, Purpose, Sensitivity, declare_field
from passerelle.contracts.field_types import list_columns
from passerelle.contracts.release_policy import ExtraColumn, ReleasePolicy
from passerelle.contracts.types import Text, Urn
from passerelle.stages.gate.gating import gate
from passerelle.stages.gate.minimising import check_purpose
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORDS = dict.fromkeys(("fr_title", "en_title", "fr", "en", "example"), "x")
STAFF = ["compani:professional:1", "compani:professional:2"]
SUBJECTS = ["compani:person:1", "compani:person:2", *STAFF]
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
    policy = replace(ReleasePolicy.of_purpose(changes.pop("purpose", Purpose.PORTABILITY)), is_consulted=True)
    options: dict[str, Any] = {"policy": policy, "consent": "opposition", "answers": lambda _refs: {}}
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


class Meeting(Contract):
    about: ClassVar[ContractMeta] = ContractMeta(
        family="meeting", version="1.0.0", fr_title="x", en_title="x", fr="x", en="x"
    )
    rules: ClassVar[tuple[Any, ...]] = ()

    person_ref: Urn | None = declare_field(
        **WORDS,
        subject=DataSubject.PERSON,
        sensitivity=Sensitivity.IDENTIFYING,
        purposes=ALL_PURPOSES,
        reference="person",
    )
    present: list[Urn] | None = declare_field(
        **WORDS,
        subject=DataSubject.PERSON,
        sensitivity=Sensitivity.IDENTIFYING,
        purposes=ALL_PURPOSES,
        reference="related_contact",
    )


def meet(monkeypatch, **options: Any) -> Any:
    monkeypatch.setattr(contracts, "get", lambda _name: Meeting)
    frame = pl.DataFrame(
        {
            ROW: pl.Series(range(4), dtype=pl.UInt32),
            "ref": [f"x:meeting:{number}" for number in range(4)],
            "person_ref": ["x:person:1", "x:person:1", "x:person:2", None],
            "present": [["x:related_contact:7"], None, ["x:related_contact:8", "x:related_contact:7"], []],
        }
    )
    return gate(
        Records("meeting/1", frame),
        table=TABLE,
        **({"policy": ReleasePolicy.of_purpose(Purpose.SUPPORT), "consent": "opposition"} | options),
    )


def test_a_record_about_several_persons_needs_each_of_them(monkeypatch):
    gated = meet(monkeypatch, answers=lambda _refs: {"x:related_contact:7": False, "x:person:1": True})
    assert gated.records.frame[ROW].to_list() == [1, 3]
    assert [(item.row, item.reason, item.place.field) for item in gated.records.aside] == [
        (0, "gate.consent.refused", "present"),
        (2, "gate.consent.refused", "present"),
    ]


def test_where_consent_is_required_each_of_several_persons_has_to_give_it(monkeypatch):
    said = {"x:person:1": True, "x:person:2": True, "x:related_contact:8": True}
    gated = meet(monkeypatch, consent="required", answers=lambda _refs: said)
    assert gated.records.frame[ROW].to_list() == [1]
    assert [(item.row, item.reason, item.place.field) for item in gated.records.aside] == [
        (0, "gate.consent.missing", "present"),
        (2, "gate.consent.missing", "present"),
        (3, "gate.consent.nobody", "person_ref"),
    ]


def test_everybody_whom_records_name_is_looked_up_and_told(monkeypatch):
    asked: list[Sequence[str]] = []

    def answers(refs: Sequence[str]) -> Mapping[str, bool]:
        asked.append(refs)
        return {}

    gated = meet(monkeypatch, answers=answers)
    everybody = ["x:person:1", "x:person:2", "x:related_contact:7", "x:related_contact:8"]
    assert asked == [everybody]
    assert gated.subjects == everybody


@given(
    st.sets(st.sampled_from(SUBJECTS)), st.sets(st.sampled_from(SUBJECTS)), st.sampled_from(SUBJECTS),
    st.sampled_from(["opposition", "required"]),
)  # fmt: skip
def test_one_more_refusal_never_lets_more_leave(accepted, refused, more, consent):
    traced = {"stamped_start": ["2024-12-31T08:00:00+01:00"] * 4, "professional_ref": [*STAFF, *STAFF]}

    def leave(refusals: set[str]) -> list[dict[str, Any]]:
        said = dict.fromkeys(accepted, True) | dict.fromkeys(refusals, False)
        gated = let_through(
            visits(**traced),
            purpose=Purpose.EFFECTIVITY,
            consent=consent,
            answers=lambda refs: {ref: said[ref] for ref in refs if ref in said},
        )
        return gated.records.frame.to_dicts()

    def tell(records: list[dict[str, Any]]) -> set[tuple[int, str, str]]:
        return {
            (record[ROW], name, str(value)) for record in records for name, value in record.items() if value is not None
        }

    assert tell(leave(refused | {more})) <= tell(leave(refused))


def test_what_traces_a_professional_who_objects_is_emptied_and_counted():
    records = visits(
        professional_ref=["compani:professional:1", "compani:professional:2", None, "compani:professional:1"],
        stamped_start=["2024-12-31T08:00:00+01:00"] * 4,
        stamped_end=[None, "2024-12-31T09:00:00+01:00", None, "2024-12-31T09:00:00+01:00"],
        confirmed_none=[None] * 4,
    )
    said = {"compani:professional:1": False}
    gated = let_through(records, purpose=Purpose.EFFECTIVITY, answers=lambda _refs: said)
    frame = gated.records.frame
    assert frame.height == 4
    assert frame["stamped_start"].is_null().to_list() == [True, False, False, True]
    assert frame["stamped_end"].is_null().to_list() == [True, False, True, True]
    assert frame["status"].null_count() == 0
    assert gated.withheld_fields["stamped_start"] == 2
    assert gated.withheld_fields["stamped_end"] == 1
    obliged = let_through(records, purpose=Purpose.EFFECTIVITY, answers=lambda _refs: said, may_object=False)
    assert obliged.records.frame["stamped_start"].null_count() == 0


def test_the_own_record_of_a_professional_who_objects_is_withheld():
    refs = ["compani:professional:1", "compani:professional:2"]
    frame = pl.DataFrame({ROW: [0, 1], "ref": refs}, schema={ROW: pl.UInt32, "ref": pl.String})
    records = Records("professional/1", frame)
    gated = let_through(records, consent="required", answers=lambda _refs: {refs[0]: False})
    # a professional's silence holds nothing back: consent is no basis for what an employer asks
    assert gated.records.frame["ref"].to_list() == refs[1:]
    assert [(item.reason, item.place.field) for item in gated.records.aside] == [("gate.objection.professional", "ref")]
    assert let_through(records, answers=lambda _refs: {refs[0]: False}, may_object=False).records.aside == ()


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
    gated = let_through(records, purpose=Purpose.RIGHTS)
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


def test_what_is_outside_the_contract_goes_by_the_name_of_its_column_and_as_that_is_described():
    extra = [{"compani": {"Équipe": "Girafes", "Motif": None}}, None, {"compani": {"Équipe": "x", "Motif": "y"}}, None]
    kept_back = let_through(visits(extra=extra), purpose=Purpose.BILLING)
    assert "extra" not in kept_back.records.frame.columns
    assert kept_back.withheld_fields == {"extra": 3}
    team = ExtraColumn(
        title="Équipe",
        subject=DataSubject.ORGANISATION,
        sensitivity=Sensitivity.ORDINARY,
        purposes=(Purpose.BILLING,),
    )
    named = replace(ReleasePolicy.of_purpose(Purpose.BILLING), columns={"Équipe": team})
    sent = let_through(visits(extra=extra), policy=named)
    assert sent.records.frame["extra"].to_list() == [
        {"compani": {"Équipe": "Girafes"}},
        None,
        {"compani": {"Équipe": "x"}},
        None,
    ]
    assert sent.withheld_fields == {"extra": 1}


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
        check_purpose(Secret, ReleasePolicy.of_purpose(Purpose.BILLING))
    assert caught.value.code == "gate.purpose.unserved"
    assert caught.value.details == {"contract": "secret/1", "purpose": "billing", "fields": "story"}


@pytest.mark.parametrize("purpose", [Purpose.SUPPORT, Purpose.PORTABILITY])
def test_a_purpose_that_every_required_field_serves_is_accepted(purpose: Purpose):
    check_purpose(Secret, ReleasePolicy.of_purpose(purpose))


@pytest.mark.parametrize("name", sorted(contracts.catalogue()))
def test_every_contract_can_be_taken_along(name: str):
    check_purpose(contracts.get(name), ReleasePolicy.of_purpose(Purpose.PORTABILITY))


@pytest.mark.parametrize("purpose", ALL_PURPOSES)
def test_what_passes_check_purpose_keeps_its_required_fields(purpose: Purpose):
    contract, policy = contracts.get("visit/1"), ReleasePolicy.of_purpose(purpose)
    check_purpose(contract, policy)
    frame = let_through(visits(), purpose=purpose).records.frame
    required = {name for name, info in contract.model_fields.items() if info.is_required()}
    # figures need nothing that links records of one person
    assert required - ({"person_ref"} if policy.is_figures else set()) <= set(frame.columns)


@pytest.mark.parametrize("whose", ["person_ref", "ref"], ids=["visits of one person", "states of one visit"])
def test_many_records_of_one_person_are_told_from_by_no_figures(whose: str):
    records = visits()
    many = pl.concat([records.frame] * 10).with_columns(pl.int_range(40, dtype=pl.UInt32).alias(ROW))
    many = many.with_columns(
        pl.format("compani:visit:{}", ROW).alias("ref"),
        pl.format("compani:person:{}", ROW).alias("person_ref"),
        pl.lit("done").alias("status"),
        pl.lit("2024-12-31T08:30:00+01:00").alias("planned_start"),
    )
    if whose == "ref":
        # A flow may read records that name nobody: their states are one record all the same.
        many = many.with_columns(pl.lit(None, pl.String).alias("person_ref"))
    table = TextTable("visites", pl.DataFrame({"A": ["a"] * 40}), pl.Series(range(2, 42), dtype=pl.UInt32))
    policy = ReleasePolicy.of_purpose(Purpose.STEERING)

    def count_going(frame: pl.DataFrame) -> int:
        read = Records("visit/1", frame)
        return gate(
            read, table=table, policy=policy, consent="opposition", answers=lambda _refs: {}
        ).records.frame.height

    assert count_going(many) == 40
    assert count_going(many.with_columns(pl.lit("compani:visit:1").alias(whose))) == 0


def test_figures_know_neither_person_nor_professional_nor_the_order_of_the_export():
    records = visits()
    ten = pl.concat([records.frame] * 10).with_columns(pl.int_range(40, dtype=pl.UInt32).alias(ROW))
    ten = ten.with_columns(
        pl.format("compani:visit:{}", ROW).alias("ref"),
        pl.Series("professional_ref", [f"compani:professional:{row // 20}" for row in range(40)]),
        pl.Series("stamped_start", ["2024-12-31T08:00:00+01:00"] * 40),
        pl.Series("planned_start", [f"2024-12-31T{8 + row % 9:02}:30:00+01:00" for row in range(40)]),
    )
    table = TextTable("visites", pl.DataFrame({"A": ["a"] * 40}), pl.Series(range(2, 42), dtype=pl.UInt32))
    policy = replace(ReleasePolicy.of_purpose(Purpose.STEERING), is_consulted=True)
    gated = gate(Records("visit/1", ten), table=table, policy=policy, consent="opposition", answers=lambda _refs: {})
    assert gated.records.frame.columns == [ROW, "ref", "status", "planned_start"]
    assert gated.records.frame["planned_start"].unique().to_list() == ["2024-12-31T00:00:00+01:00"]
    assert gated.records.frame[ROW].to_list() != list(range(40))
    assert sorted(gated.records.frame[ROW]) == list(range(40))


def test_a_record_that_stands_alone_among_figures_stays_and_is_counted_not_kept():
    gated = let_through(visits(status=["done", "done", "done", "planned"]), purpose=Purpose.STEERING)
    assert gated.records.frame.height == 0
    assert [(item.reason, item.needs_quarantine) for item in gated.records.aside] == [("gate.group.small", False)] * 4


def test_a_word_that_the_connector_s_table_lacks_does_not_leave_but_for_portability():
    coded = [
        {"code": "car", "system": "travel-modes", "label": None, "original": "Voiture"},
        {"code": "car", "system": "travel-modes", "label": None, "original": "avec M. Durand"},
        {"code": None, "system": None, "label": None, "original": "M. Durand"},
        None,
    ]
    words = {"travel_mode": frozenset({"Voiture"})}
    everything = let_through(visits(travel_mode=coded), words=words)
    assert everything.records.frame["travel_mode"].to_list() == coded
    planned = let_through(visits(travel_mode=coded), purpose=Purpose.PLANNING, words=words)
    assert planned.records.frame["travel_mode"].to_list() == [coded[0], {**coded[1], "original": None}, None, None]
    assert planned.withheld_fields == {"travel_mode": 2}
