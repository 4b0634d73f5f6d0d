"""A NIR against sex, birth date and birthplace, with what history and unfinished registrations allow."""

from __future__ import annotations

import pytest

from passerelle.contracts.catalogue import get
from passerelle.stages.validate.nir_coherence import iter_incoherences


def contradicted(nir, system="nir", **record):
    record |= {"ref": "demo:person:1", "identifiers": [{"system": system, "value": nir}]}
    for name in ("sex", "title"):
        if name in record:
            record[name] = {"code": record[name]}
    return [finding.field for finding in iter_incoherences(record, get("person/1"))]


@pytest.mark.parametrize(
    ("nir", "record"),
    [
        ("2470442218108", {"sex": "F", "birth_date": "1947-04-03", "birth_commune": "42218", "birth_country": "FR"}),
        ("2470442218108", {"sex": "U", "birth_date": "1947"}),
        ("7470442218108", {"sex": "M"}),
        ("8470442218108", {"sex": "F", "title": "M"}),
        ("2479942218108", {"birth_date": "1947-04"}),
        ("250032A004001", {"birth_commune": "2A004"}),
        ("2500320004001", {"birth_commune": "2B033"}),
        ("2500397411001", {"birth_commune": "97411", "birth_country": "RE"}),
        ("2500398511001", {"birth_commune": "97608", "birth_country": "YT"}),
        ("2500397411001", {"birth_commune": "98735"}),
        ("2500398501001", {"birth_country": "KM"}),
        ("2500399352001", {"birth_commune": "99352", "birth_country": "DZ"}),
        ("2500399352001", {"birth_country": "99352"}),
        ("2500391352001", {"birth_country": "DZ", "birth_date": "1950-03-01"}),
        ("2500375066001", {"birth_commune": "93066", "birth_date": "1950-03-01"}),
        ("2500338290001", {"birth_commune": "69290", "birth_date": "1950-03-01"}),
    ],
)
def test_what_agrees_or_may_have_changed_since_is_no_contradiction(nir, record):
    assert contradicted(nir, **record) == []


@pytest.mark.parametrize(
    ("nir", "record", "fields"),
    [
        ("2470442218108", {"sex": "M"}, ["sex"]),
        ("2470442218108", {"title": "M"}, ["title"]),
        ("2470442218108", {"birth_date": "1946-04-03"}, ["birth_date"]),
        ("2470442218108", {"birth_date": "1947-05-03"}, ["birth_date"]),
        ("2470442218108", {"birth_commune": "43157"}, ["birth_commune"]),
        ("2470442218108", {"birth_commune": "99352"}, ["birth_commune"]),
        ("2470442218108", {"birth_country": "BE"}, ["birth_country"]),
        ("2500397411001", {"birth_commune": "42218"}, ["birth_commune"]),
        ("250032A004001", {"birth_commune": "13055"}, ["birth_commune"]),
        ("2500313055001", {"birth_commune": "2A004"}, ["birth_commune"]),
        ("3500313055001", {"sex": "F"}, ["sex"]),
        ("2500399352001", {"birth_country": "FR"}, ["birth_country"]),
        ("2800391352001", {"birth_country": "DZ", "birth_date": "1980-03-01"}, ["birth_country"]),
        ("1470442218108", {"sex": "F", "birth_date": "1950-01-01"}, ["sex", "birth_date"]),
    ],
)
def test_a_contradiction_names_the_field(nir, record, fields):
    assert contradicted(nir, **record) == fields
    assert contradicted(nir, system="INS", **record) == []  # an INS has its key: without, it is malformed already


def test_a_number_that_is_wrong_already_is_not_doubted_twice():
    assert contradicted("247044221810899", sex="M") == []


def test_the_number_of_somebody_else_says_nothing_about_the_record():
    record = {"ref": "demo:professional:1", "identifiers": [{"system": "nir", "value": "2470442218108"}]}
    assert list(iter_incoherences(record | {"title": {"code": "M"}}, get("professional/1"))) == []
