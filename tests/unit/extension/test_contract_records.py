"""The connector of the house: each field of a record that stands whole in one cell, for every contract."""

from __future__ import annotations

import json

import pytest

from passerelle import contracts
from passerelle.contracts.publishing.examples import build_fullest
from passerelle.engine.path.plans import get_plan
from passerelle.extension.contract_records import RecordMember, describe_own, write_lines
from passerelle.extension.plugins import OWN, Plugins
from passerelle.stages.translate.converter import NONE, Fault
from passerelle.vocabulary.locality import NOWHERE


@pytest.mark.parametrize("contract_id", list(contracts.catalogue()))
def test_what_is_rendered_reads_back(contract_id):
    for name, value in build_fullest(contracts.get(contract_id)).items():
        member = RecordMember(name)
        assert member.parse(member.render(value)) == value
        assert member.parse(member.render(None)) is None


def test_what_is_confirmed_to_be_nothing_is_told_from_what_is_unknown():
    row = {"record": json.dumps({"ref": "a", "confirmed_none": ["telecoms", "ref"]})}
    assert RecordMember("telecoms").parse(row) is NONE
    assert RecordMember("ref").parse(row) == "a"
    assert RecordMember("other").parse(row) is None


@pytest.mark.parametrize("cell", ["{", "[]", "1", "[" * 100_000])
def test_a_cell_that_is_no_record_is_a_fault(cell):
    assert isinstance(RecordMember("ref").parse({"record": cell}), Fault)


def test_the_connector_is_found_by_its_name_without_any_plugin_and_reads_every_contract():
    supplier, connector, _info = Plugins().find_connector(OWN)
    assert (supplier, connector) == describe_own()[:2]
    assert {table.contract for table in connector.tables} == set(contracts.catalogue())
    assert get_plan(supplier.id, connector, NOWHERE)


def test_two_receipts_make_two_parcels_of_the_same_records():
    first, second = (write_lines("visit/1", receipt, [{"ref": "é"}]) for receipt in ("r1", "r2"))
    assert first != second
    assert json.loads(json.loads(first)["record"]) == {"ref": "é"}
