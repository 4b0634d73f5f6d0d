"""The documents of the bench are what it says of them: varied, of a real shape, sound, or cut off."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from lxml import etree

sys.path.insert(0, str(Path(__file__).parent))

import document_sections
import documents
import export
import measuring
import shaped

pytestmark = pytest.mark.slow
_VISIT = "{urn:un:unece:uncefact:data:standard:CrossIndustryDespatchAdvice:2}CrossIndustryDespatchAdvice"


def check(path: Path, connector: str, room: Path, *, code: int = 0) -> dict:
    words = ("check", str(path), "--connector", connector, "--format", "json")
    measuring.checking(words, room, codes=(code,))
    return json.loads((room / "words.txt").read_text("utf-8"))


def test_varied_records_are_never_alike_and_all_accepted(tmp_path):
    documents.write_varied_json(tmp_path / "a.json", 100_000)
    documents.write_varied_xml(tmp_path / "a.xml", 100_000)
    records = json.loads((tmp_path / "a.json").read_text("utf-8"))["rdvs"]
    assert len({json.dumps({**one, "id": 0, "uuid": ""}) for one in records}) == len(records) > 50
    households = [etree.tostring(one) for one in etree.parse(tmp_path / "a.xml").getroot().iter("InfosFoyerRSA")]
    assert len(set(households)) == len(households) > 20
    for file, connector in (("a.json", "rdv-solidarites-rdvs"), ("a.xml", "cnaf-rsa-flux")):
        assert check(tmp_path / file, connector, tmp_path / connector)["balance"]["rejected"] == 0


def test_a_month_holds_so_many_visits_of_so_many_persons_and_is_accepted(tmp_path):
    shaped.write_month(tmp_path / "a.xml", 20, 150)
    visits = [etree.tostring(one) for one in etree.parse(tmp_path / "a.xml").getroot().iter(_VISIT)]
    assert len(set(visits)) == 150
    told = check(tmp_path / "a.xml", "esppadom-delivery", tmp_path / "room")
    assert told["balance"]["received"] == 4 * 150


def test_a_bundle_holds_a_case_file_for_each_person_and_is_accepted(tmp_path):
    shaped.write_bundle(tmp_path / "a.json", 12)
    resources = [one["resource"] for one in json.loads((tmp_path / "a.json").read_text("utf-8"))["entry"]]
    patients = [one for one in resources if one["resourceType"] == "Patient"]
    assert len({json.dumps(one) for one in patients}) == 12
    told = check(tmp_path / "a.json", "tddui-fhir", tmp_path / "room")
    assert told["balance"]["received"] == len(resources)


@pytest.mark.parametrize("kind", document_sections.LONG, ids=lambda kind: kind.file)
def test_a_document_that_is_cut_off_is_refused(tmp_path, kind):
    path = tmp_path / kind.file
    kind.write(path, 60_000)
    documents.cut_off(path)
    check(path, kind.connector, tmp_path / "room", code=1)


def test_a_wide_file_has_its_columns_in_every_row(tmp_path):
    export.write_wide(tmp_path / "a.csv", 12, 40)
    lines = (tmp_path / "a.csv").read_text("cp1252").splitlines()
    assert len(lines) == 13
    assert lines[0].count(";") == len(export.HEADER) + 40 - 1
    assert all(line.count(";") >= lines[0].count(";") for line in lines)
