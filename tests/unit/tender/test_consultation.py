"""A frozen tender: read as it was written, refused when it was changed."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from passerelle.tender import consultation, freezing
from passerelle.tender.requirement import Measure
from passerelle.vocabulary.errors import UsageError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def frozen(small):
    return freezing.freeze(small, {}, language="fr")[0]


def test_what_is_written_is_read_back(frozen, tmp_path):
    (tmp_path / consultation.FILE).write_bytes(consultation.write(frozen))
    again = consultation.read(tmp_path)
    assert again == frozen
    assert again.rules_digest == frozen.rules_digest


def test_what_is_written_fits_its_published_schema(frozen):
    jsonschema.Draft202012Validator(consultation.make_json_schema()).validate(json.loads(consultation.write(frozen)))


def test_contracts_are_pinned_by_the_digests_of_the_archive(frozen):
    listed = (ROOT / "contracts" / "editions" / "DIGESTS").read_text("utf-8")
    for one in frozen.contracts:
        family = one.id.partition("/")[0]
        assert f"{one.digest}  {family}/{one.version}/schema.json" in listed


@pytest.mark.parametrize("part", ["level", "weight", "green", "measure", "field"])
def test_the_digest_of_the_rules_depends_on_whatever_decides_a_note(frozen, part, tmp_path):
    content = json.loads(consultation.write(frozen))
    other = {"level": "S", "weight": 7, "green": 0.5, "measure": "answer", "field": "ref"}[part]
    asked = next(one for one in content["requirements"] if one[part] != other)
    asked[part] = other
    (tmp_path / consultation.FILE).write_text(json.dumps(content), "utf-8")
    with pytest.raises(UsageError) as caught:
        consultation.read(tmp_path)
    assert caught.value.code == "usage.tender.unreadable"


def test_a_tender_that_was_frozen_for_an_earlier_method_is_to_be_built_again(frozen, tmp_path):
    content = json.loads(consultation.write(frozen)) | {"rules_digest": frozen.compute_rules_digest("1")}
    (tmp_path / consultation.FILE).write_text(json.dumps(content), "utf-8")
    with pytest.raises(UsageError, match=r"earlier|ancienne"):
        consultation.read(tmp_path)


def test_words_can_be_corrected_without_changing_the_rules(frozen, tmp_path):
    content = json.loads(consultation.write(frozen))
    content["requirements"][0]["title"]["fr"] = "Mieux dit"
    (tmp_path / consultation.FILE).write_text(json.dumps(content), "utf-8")
    assert consultation.read(tmp_path).requirements[0].title.fr == "Mieux dit"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": "passerelle.tender/2"}', '{"schema": "passerelle.tender/1", "id": 3}']
)
def test_what_is_no_tender_is_told_as_such(text, tmp_path):
    (tmp_path / consultation.FILE).write_text(text, "utf-8")
    with pytest.raises(UsageError, match=r"exigences\.json"):
        consultation.read(tmp_path)


def test_a_folder_without_a_tender_is_told_as_such(tmp_path):
    with pytest.raises(UsageError) as caught:
        consultation.read(tmp_path)
    assert caught.value.code == "usage.tender.missing"


def test_a_contract_of_another_version_is_named(frozen):
    assert consultation.list_changed_contracts(frozen.contracts) == []
    other = consultation.PinnedContract("visit/1", "1.4.0", "0" * 64)
    gone = consultation.PinnedContract("unheard_of/9", "9.0.0", "0" * 64)
    assert consultation.list_changed_contracts([other, gone]) == ["visit/1", "unheard_of/9"]


def test_fields_that_are_asked_for_are_in_the_order_of_the_grid(frozen):
    assert frozen.list_asked_fields("visit/1")[:3] == ("ref", "person_ref", "organisation_ref")
    assert "stamped_place" not in frozen.list_asked_fields("visit/1")
    assert {one.measure for one in frozen.list_requirements_of("visit/1") if one.field == "stamped_place"} == {
        Measure.MINIMAL
    }
