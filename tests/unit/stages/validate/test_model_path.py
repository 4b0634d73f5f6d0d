"""What is wrong with a record is told with a reason, a place and shapes; never with a value."""

from __future__ import annotations

from string import Formatter
from typing import Any, ClassVar, Literal

import pytest
from pydantic import field_validator

from passerelle import contracts
from passerelle.contracts.contract import Contract, ContractMeta, Rule
from passerelle.contracts.field_meta import ALL_PURPOSES, DataSubject, Sensitivity, declare_field
from passerelle.contracts.types import (
    Address,
    Amount,
    Coded,
    Day,
    Flag,
    Identifier,
    Instant,
    Minutes,
    PartialDay,
    Quantity,
    Telecom,
    Text,
)
from passerelle.stages.validate.findings import ValidationFinding, explain
from passerelle.stages.validate.model_path import judge
from passerelle.vocabulary import language
from passerelle.vocabulary.reasons import REASONS


def _fact(*required: Any, example: Any = "x", **more: Any) -> Any:
    words = dict.fromkeys(("fr_title", "en_title", "fr", "en"), "x")
    return declare_field(
        *required,
        subject=DataSubject.PERSON,
        sensitivity=Sensitivity.ORDINARY,
        purposes=ALL_PURPOSES,
        example=example,
        **words,
        **more,
    )


def _fails(record: Any) -> bool:
    if record.title == "explode":
        raise RuntimeError(record.title)
    return record.title != "odd"


class Sheet(Contract):
    about: ClassVar[ContractMeta] = ContractMeta(
        family="sheet", version="1.0.0", fr_title="x", en_title="x", fr="x", en="x"
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("validate.record.inconsistent", ("title", "day"), _fails),
        Rule("validate.record.inconsistent", ("minutes",), lambda record: record.minutes != 13, warns=True),
    )

    title: Text = _fact(..., example="Toilette")
    day: Day | None = _fact(example="2024-12-31")
    born: PartialDay | None = _fact()
    starts_at: Instant | None = _fact()
    paid: Amount | None = _fact()
    hours: Quantity | None = _fact()
    minutes: Minutes | None = _fact()
    billed: Flag | None = _fact()
    status: Literal["planned", "done"] | None = _fact()
    method: Coded | None = _fact(example={"code": "x"}, codes="channels")
    strictly: Coded | None = _fact(codes="channels", open_codes=False)
    methods: list[Coded] | None = _fact(codes="channels")
    telecoms: list[Telecom] | None = _fact()
    addresses: list[Address] | None = _fact()

    @field_validator("title")
    @classmethod
    def _is_not_forbidden(cls, title: str) -> str:
        if title == "forbidden":
            raise ValueError(title)
        return title


PROVENANCE = {
    "supplier": "compani",
    "connector": "compani-interventions",
    "connector_version": "1.0.0",
    "parcel": "0" * 64,
    "row": 2,
    "received_at": "2024-12-31T08:00:00+01:00",
}
RIGHT: dict[str, Any] = {"ref": "compani:sheet:1", "title": "Toilette"}


def reasons_of(**changes: Any) -> list[tuple[str, str]]:
    return [(finding.reason, finding.details["path"]) for finding in judge(RIGHT | changes, Sheet)]


def test_a_right_record_gives_nothing_to_say():
    assert judge(RIGHT, Sheet) == ()


@pytest.mark.parametrize(
    ("changes", "reason", "path"),
    [
        ({"title": ""}, "validate.text.too_short", "title"),
        ({"title": "x" * 256}, "validate.text.too_long", "title"),
        ({"title": "a\x07"}, "validate.text.characters", "title"),
        ({"title": 12}, "validate.value.wrong_type", "title"),
        ({"title": "forbidden"}, "validate.record.inconsistent", "title"),
        ({"title": "odd"}, "validate.record.inconsistent", "title, day"),
        ({"ref": "compani:sheet:1\n"}, "validate.reference.malformed", "ref"),
        ({"day": "31/12/2024"}, "validate.day.malformed", "day"),
        ({"day": "2024-02-30"}, "validate.day.impossible", "day"),
        ({"day": 20241231}, "validate.value.wrong_type", "day"),
        ({"born": "1947-13"}, "validate.day.malformed", "born"),
        ({"starts_at": "2024-12-31T08:00:00"}, "validate.instant.malformed", "starts_at"),
        ({"starts_at": "2023-02-29T08:00:00+01:00"}, "validate.instant.impossible", "starts_at"),
        ({"paid": "12,50"}, "validate.amount.malformed", "paid"),
        ({"hours": "1,75"}, "validate.quantity.malformed", "hours"),
        ({"minutes": -1}, "validate.value.out_of_bounds", "minutes"),
        ({"minutes": True}, "validate.value.wrong_type", "minutes"),
        ({"billed": "oui"}, "validate.value.wrong_type", "billed"),
        ({"status": "Done"}, "validate.word.unknown", "status"),
        ({"method": {"label": "x"}}, "validate.code.empty", "method"),
        ({"telecoms": [{"kind": "phone"}]}, "validate.field.missing", "telecoms[0].value"),
        ({"telecoms": [{"kind": "pigeon", "value": "x"}]}, "validate.word.unknown", "telecoms[0].kind"),
        ({"source": PROVENANCE | {"parcel": "x"}}, "validate.value.malformed", "source.parcel"),
        ({"telecoms": {}}, "validate.value.wrong_type", "telecoms"),
        ({"addresses": [{}, {"lines": ["x"] * 7}]}, "validate.list.too_long", "addresses[1].lines"),
        ({"addresses": [{"town": "x"}]}, "validate.field.unknown", "addresses[0]"),
        ({"extra": {"compani": {"Motif": 3}}}, "validate.value.wrong_type", "extra"),
    ],
)
def test_each_fault_has_its_reason_and_its_place(changes: dict[str, Any], reason: str, path: str):
    assert reasons_of(**changes) == [(reason, path)]
    assert reason in REASONS


def test_what_is_required_and_not_there_is_missing():
    assert [(found.reason, found.field) for found in judge({}, Sheet)] == [
        ("validate.field.missing", "ref"),
        ("validate.field.missing", "title"),
    ]


def test_the_field_is_told_without_the_item():
    (finding,) = judge(RIGHT | {"telecoms": [{"kind": "phone"}]}, Sheet)
    assert finding.field == "telecoms.value"


def test_an_unknown_name_is_answered_with_the_nearest_known_one():
    (finding,) = judge(RIGHT | {"titel": "x"}, Sheet)
    assert finding.reason == "validate.field.unknown"
    assert finding.details["expected"] == "«title»"


def test_all_faults_of_a_record_are_told():
    assert len(judge({"ref": "x", "title": "", "minutes": -1}, Sheet)) == 3


def test_a_rule_that_warns_does_not_refuse():
    (finding,) = judge(RIGHT | {"minutes": 13}, Sheet)
    assert finding.warns


@pytest.mark.parametrize("record", [None, [], "x", 12])
def test_what_is_no_object_is_told_so(record: Any):
    assert [finding.reason for finding in judge(record, Sheet)] == ["validate.value.wrong_type"]


def test_a_rule_that_breaks_costs_its_record_and_tells_no_value():
    (finding,) = judge(RIGHT | {"title": "explode"}, Sheet)
    assert finding.reason == "validate.record.unjudged"
    assert finding.details["cause"] == "RuntimeError"
    assert "explode" not in repr(finding)


def test_a_code_that_an_open_list_does_not_have_is_kept_with_a_warning():
    (finding,) = judge(RIGHT | {"method": {"code": "pigeon"}}, Sheet)
    assert (finding.reason, finding.field, finding.warns) == ("validate.code.unknown", "method.code", True)
    assert finding.details == {"path": "method.code", "list": "channels", "found": finding.details["found"]}


def test_a_code_that_a_closed_list_does_not_have_is_refused():
    (finding,) = judge(RIGHT | {"strictly": {"code": "pigeon"}}, Sheet)
    assert (finding.reason, finding.warns) == ("validate.code.unknown", False)


def test_codes_are_looked_up_in_each_item_of_a_list():
    (finding,) = judge(RIGHT | {"methods": [{"original": "x"}, {"code": "pigeon"}]}, Sheet)
    assert finding.details["path"] == "methods[1].code"


def test_a_code_of_somebody_else_s_list_is_not_looked_up():
    assert judge(RIGHT | {"method": {"code": "pigeon", "system": "compani-channels"}}, Sheet) == ()


@pytest.mark.parametrize(
    ("number", "reason"),
    [("255081416802539", "validate.identifier.wrong_key"), ("12", "validate.identifier.malformed")],
)
def test_a_doubtful_number_warns_unless_the_flow_is_strict(number: str, reason: str):
    record = RIGHT | {"identifiers": [{"system": "NIR", "value": number}]}
    (finding,) = judge(record, Sheet)
    assert (finding.reason, finding.field, finding.warns) == (reason, "identifiers.value", True)
    assert finding.details["system"] == "nir"
    (finding,) = judge(record, Sheet, strict=(reason,))
    assert not finding.warns


CANARIES = ["255081416802538", "Zoé Kanarienvogel", "zoe@kanarien.example", "0612345678", "12 rue du Kanari", "K" * 400]


@pytest.mark.parametrize("canary", CANARIES)
def test_no_value_is_ever_told(canary: str):
    for field in Sheet.model_fields:
        for value in (canary, [canary], {canary: canary}, [{"kind": canary, "value": [canary], canary: 1}]):
            for finding in judge(RIGHT | {field: value}, Sheet):
                assert canary not in repr(finding)
                assert canary not in explain(finding)
                assert canary[:9] not in repr(finding)
    assert canary not in repr(judge(RIGHT | {canary: canary}, Sheet))


@pytest.mark.parametrize("tongue", ["fr", "en"])
def test_a_finding_explains_itself_in_words(tongue: str):
    before = language.get_current()
    language.set_language(tongue)
    try:
        (finding,) = judge(RIGHT | {"day": "31/12/2024"}, Sheet)
        told = explain(finding)
    finally:
        language.set_language(before)
    assert "day" in told
    assert "99/99/9999" in told
    assert "{" not in told
    assert "…" not in told
    assert finding.details["example"] == "2024-12-31"


def _words_of(finding: ValidationFinding) -> set[str]:
    entry = REASONS[finding.reason]
    return {name for text in (entry.sentence, entry.advice) for _text, name, *_rest in Formatter().parse(text) if name}


def test_every_sentence_finds_its_words():
    records = [{}, {"ref": "x", "titel": 1}, RIGHT | {"method": {"code": "?"}, "minutes": 13}, RIGHT | {"title": "odd"}]
    records += [RIGHT | {"title": "explode"}, RIGHT | {"identifiers": [{"system": "nir", "value": "12"}]}]
    findings = [finding for record in records for finding in judge(record, Sheet)]
    assert [finding.reason for finding in findings if _words_of(finding) - set(finding.details)] == []


@pytest.mark.parametrize("name", sorted(contracts.catalogue()))
def test_every_contract_refuses_an_empty_record_in_words(name: str):
    findings = judge({}, contracts.get(name))
    assert findings[0].field == "ref"
    assert {finding.reason for finding in findings} == {"validate.field.missing"}


def test_an_identifier_without_its_parts_is_the_contract_s_business():
    assert Identifier.model_fields["value"].is_required()
    assert reasons_of(identifiers=[{"system": "nir"}]) == [("validate.field.missing", "identifiers[0].value")]
