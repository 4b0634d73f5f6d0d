"""Samples in contract form are recognised by themselves and read to the last field."""

from __future__ import annotations

import io
import json
from contextlib import closing

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts import canonical, field_types
from passerelle.contracts.publishing.examples import build_fullest, iter_accepted
from passerelle.contracts.publishing.fill_in_templates import write_csv_template, write_xlsx_template
from passerelle.engine.rehearsal.file_check import check
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.tender.requirement import Measure
from passerelle.tender.scoring.contract_form import ObjectConverter, recognise_form
from passerelle.tender.scoring.examining import BidEntry, score_bid

from .conftest import consultation, requirement

EVERY = tuple(contracts.catalogue())


def _first_items(value):
    """Keep what a template shows: the first item of each list."""
    match value:
        case dict():
            return {name: _first_items(part) for name, part in value.items()}
        case list():
            return [_first_items(value[0])] if value else value
        case _:
            return value


def _read(content: bytes, wanted=EVERY):
    stream = io.BytesIO(content)
    connector = recognise_form(stream, wanted)
    bodies = []

    def see(records, _table):
        contract = contracts.get(records.contract)
        bodies.extend((records.contract, body) for body in canonical.to_records(records.frame, contract))

    stream.seek(0)
    report = check(stream, "contract", connector, on_records=see)
    assert report.balance.aside == 0, [cause.key for cause in report.causes.values()]
    return bodies


def _ours(record):
    return {name: value for name, value in record.items() if name not in PIPELINE_FIELDS}


@pytest.mark.parametrize("contract_id", EVERY)
def test_the_published_template_is_read_as_the_record_that_it_shows(contract_id):
    contract = contracts.get(contract_id)
    expected = [(contract_id, _first_items(_ours(build_fullest(contract))))]
    assert _read(write_csv_template(contract)) == expected


@pytest.mark.parametrize("contract_id", ["person/1", "visit/1", "invoice_line/1", "interaction/1", "consent/1"])
def test_records_as_json_lines_are_read_as_they_are(contract_id):
    records = [_ours(record) for record in iter_accepted(contracts.get(contract_id))]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
    assert _read(lines) == [(contract_id, record) for record in records]


def test_the_published_workbook_is_read_too():
    contract = contracts.get("visit/1")
    assert _read(write_xlsx_template(contract)) == [("visit/1", _first_items(_ours(build_fullest(contract))))]


def test_a_list_of_records_as_json_is_read_too():
    records = [_ours(record) for record in iter_accepted(contracts.get("person/1"))]
    assert [body for _id, body in _read(json.dumps(records).encode())] == records


@pytest.mark.parametrize(
    "content", [b"", b"a;b\r\n1;2\r\n", b"PK\x03\x04", b'{"id": 1}\n', b"ref;x\r\n1;2\r\n", b"\xff\xfe"]
)
def test_what_is_in_no_form_of_a_contract_is_not_recognised(content):
    assert recognise_form(io.BytesIO(content), EVERY) is None


def test_only_contracts_that_are_asked_for_are_recognised():
    assert recognise_form(io.BytesIO(write_csv_template(contracts.get("visit/1"))), ("person/1",)) is None


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_item_of_a_list_is_read_from_its_own_column_to_the_last(count):
    items = [{"original": f"Motif {place}"} for place in range(1, count + 1)]
    columns = [f"motives.{place}.original" for place in range(1, count + 1)]
    head = ["ref", "person_ref", "occurred_on", "channel.code", *columns]
    cells = ["s:interaction:1", "s:person:1", "2026-09-01", "phone", *(item["original"] for item in items)]
    ((contract_id, record),) = _read(f"{';'.join(head)}\r\n{';'.join(cells)}\r\n".encode())
    assert (contract_id, record["motives"]) == ("interaction/1", items)


@pytest.mark.parametrize("called", ["retained_strt", "debut_retenu", "Début retenu", "Retained start"])
def test_a_field_whose_column_was_renamed_is_asked_about_by_its_name_or_its_title(tmp_path, called):
    path = tmp_path / "visit.csv"
    path.write_text(f"ref;person_ref;status;{called}\ns:visit:1;s:person:1;done;2026-09-01T08:00:00+02:00\n", "utf-8")
    with closing(score_bid(consultation(requirement(1, Measure.FORM)), BidEntry(samples=[path]))) as scored:
        assert any("retained_start" in one and called in one for one in scored.score.suspicions)


def test_a_column_that_is_like_no_field_is_not_taken_for_one(tmp_path):
    path = tmp_path / "visit.csv"
    path.write_text("ref;person_ref;status;couleur\ns:visit:1;s:person:1;done;bleu\n", "utf-8")
    with closing(score_bid(consultation(requirement(1, Measure.FORM)), BidEntry(samples=[path]))) as scored:
        assert not any("couleur" in one for one in scored.score.suspicions)


@pytest.mark.parametrize("contract_id", EVERY)
def test_what_is_written_into_the_columns_of_an_object_is_read_back_as_it_was(contract_id):
    contract = contracts.get(contract_id)
    fullest, columns = _ours(build_fullest(contract)), field_types.list_columns(contract)
    objects = {name: dtype for name, dtype in columns.items() if isinstance(dtype, pl.Struct) and name in fullest}
    for name, dtype in objects.items():
        converter = ObjectConverter(name, dtype, tuple(list_paths(name, fullest[name])))
        cells = converter.render(fullest[name])
        assert all(cells.values())
        assert converter.render(converter.parse(cells)) == cells


def list_paths(path: str, value: object) -> list[str]:
    """Return the columns that an object has in contract form."""
    if isinstance(value, dict):
        return [one for name, part in value.items() for one in list_paths(f"{path}.{name}", part)]
    if isinstance(value, list):
        return [one for nth, part in enumerate(value, start=1) for one in list_paths(f"{path}.{nth}", part)]
    return [path]
