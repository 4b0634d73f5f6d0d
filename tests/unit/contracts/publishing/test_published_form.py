"""The folder `contracts/` is what the models say, and every file in it does what it is for."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from open_data_contract_standard.model import OpenDataContractStandard
from openapi_spec_validator import validate as validate_openapi
from python_calamine import CalamineWorkbook

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.contracts.evolution.edition import read_edition
from passerelle.contracts.evolution.edition_archive import EDITIONS
from passerelle.contracts.evolution.inclusion import FORMATS
from passerelle.contracts.publishing import FILES, build_files, write_files
from passerelle.contracts.types import FieldKind
from passerelle.stages.validate.model_path import judge
from passerelle.vocabulary.reasons import REASONS

CATALOGUE = contracts.catalogue()
EACH = pytest.mark.parametrize("contract_id", list(CATALOGUE))
FOLDER = Path(__file__).parents[4] / "contracts"


@cache
def made() -> dict[str, bytes]:
    return build_files()


def lines(contract_id: str, name: str) -> list[Any]:
    return [json.loads(line) for line in made()[f"{contract_id}/{name}"].decode().splitlines()]


def test_the_folder_is_what_the_models_say():
    files = [path for path in FOLDER.rglob("*") if path.is_file() and FOLDER / EDITIONS not in path.parents]
    there = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in files}
    assert sorted(there) == sorted(made())
    assert [name for name, content in made().items() if there[name] != content] == [], "run `make contracts`"


def test_making_it_again_gives_the_same_bytes(tmp_path):
    write_files(tmp_path)
    assert {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.*")} == made()


@EACH
def test_a_contract_has_all_its_files_and_reads_back_as_an_edition(contract_id, tmp_path):
    for name in FILES:
        (tmp_path / name).write_bytes(made()[f"{contract_id}/{name}"])
    edition = read_edition(tmp_path)
    contract = CATALOGUE[contract_id]
    assert (edition.name, edition.version) == (contract.about.family, contract.about.version)
    assert set(edition.fields) == set(contract.model_fields)
    assert edition.fields["ref"]["key"] is True


@EACH
def test_accepted_records_are_accepted_without_a_word(contract_id):
    emission = Draft202012Validator(json.loads(made()[f"{contract_id}/schema.json"]), format_checker=FORMATS)
    for record in lines(contract_id, "accepted.jsonl"):
        assert judge(record, CATALOGUE[contract_id]) == ()
        emission.validate(record)


@EACH
def test_doubtful_records_are_accepted_with_the_stated_warning(contract_id):
    emission = Draft202012Validator(json.loads(made()[f"{contract_id}/schema.json"]), format_checker=FORMATS)
    for line in lines(contract_id, "doubtful.jsonl"):
        findings = judge(line["record"], CATALOGUE[contract_id])
        assert line["reason"] in {finding.reason for finding in findings if finding.warns}
        emission.validate(line["record"])


@EACH
def test_refused_records_are_refused_for_the_stated_reason_by_the_model_and_by_the_schema(contract_id):
    emission = Draft202012Validator(json.loads(made()[f"{contract_id}/schema.json"]), format_checker=FORMATS)
    for line in lines(contract_id, "refused.jsonl"):
        assert line["reason"] in REASONS
        findings = [finding for finding in judge(line["record"], CATALOGUE[contract_id]) if not finding.warns]
        assert line["reason"] in {finding.reason for finding in findings}, line["field"]
        assert emission.is_valid(line["record"]) == line.get("rule", False), line["field"]


@EACH
def test_the_standard_s_own_models_load_the_odcs_file(contract_id):
    document = OpenDataContractStandard.from_string(made()[f"{contract_id}/odcs.yaml"].decode())
    contract = CATALOGUE[contract_id]
    assert document.version == contract.about.version
    assert [entry.name for entry in document.schema_[0].properties] == list(contract.list_fields())
    assert [entry.name for entry in document.schema_[0].properties if entry.primaryKey] == ["ref"]


def test_the_openapi_document_is_valid_and_speaks_of_every_contract():
    document = json.loads(made()["openapi.json"])
    validate_openapi(document)
    paths = {f"/{contract_id}{rest}" for contract_id in CATALOGUE for rest in ("", "/{ref}", "/$check")}
    assert set(document["paths"]) == {*paths, "/$bulk", "/receipts/{receipt}"}


@EACH
def test_a_dictionary_speaks_of_every_field_in_each_language(contract_id):
    for name, language in (("dictionnaire.md", "fr"), ("dictionary.md", "en")):
        page = made()[f"{contract_id}/{name}"].decode()
        for field, entry in CATALOGUE[contract_id].describe_fields().items():
            assert page.count(f"| `{field}` |") >= 2
            assert (entry.fr if language == "fr" else entry.en) in page


def _nested(flat: dict[str, str], contract: Any) -> dict[str, Any]:
    """Put a flat row together again: numbered columns are items, dotted ones are members."""
    record: dict[str, Any] = {}
    for path, value in flat.items():
        if value != "":
            *above, last = path.split(".")
            place: Any = record
            for part in above:
                place = place.setdefault(part, {})
            place[last] = value
    shapes = field_types.list_shapes(contract)
    return {name: _typed(value, shapes[name].kind) for name, value in record.items()}


def _typed(value: Any, kind: FieldKind) -> Any:
    if isinstance(value, dict):
        inner = {key: _typed(item, FieldKind.TEXT) for key, item in value.items()}
        return list(inner.values()) if all(key.isdigit() for key in inner) else inner
    if kind is FieldKind.FLAG:
        return value == "true"
    return int(value) if kind is FieldKind.INTEGER else value


@EACH
def test_the_example_row_of_the_csv_template_is_an_accepted_record(contract_id):
    text = made()[f"{contract_id}/modele.csv"].decode("utf-8-sig")
    assert "\r\n" in text
    (row,) = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    assert judge(_nested(row, CATALOGUE[contract_id]), CATALOGUE[contract_id]) == ()


@EACH
def test_the_workbook_has_the_columns_of_the_csv_and_text_in_every_cell(contract_id):
    book = CalamineWorkbook.from_filelike(io.BytesIO(made()[f"{contract_id}/modele.xlsx"]))
    family = CATALOGUE[contract_id].about.family
    assert book.sheet_names == [family, "Lisez-moi", "Listes"]
    head, example = book.get_sheet_by_name(family).to_python()
    text = made()[f"{contract_id}/modele.csv"].decode("utf-8-sig")
    assert [head, example] == list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert all(isinstance(cell, str) for cell in example)
