"""Answers that Ogust once gave, as others published them: every record accounted for, or a reason for the whole."""

from pathlib import Path

import pytest

from passerelle import ParcelError
from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import Taken, take


def taken(connector_id: str, sample: Path) -> Taken:
    supplier, connector, _ = load_plugins().connector(connector_id)
    return take(sample.read_bytes(), supplier, connector)


@pytest.mark.parametrize(
    ("connector", "name", "records", "warned"),
    [
        ("ogust-services", "getService", 1, set()),
        ("ogust-customers", "getCustomer", 1, set()),
        ("ogust-customers", "searchCustomer", 2, {("translate.code.unknown", "title")}),
        ("ogust-employees", "getEmployee", 1, set()),
        ("ogust-employees", "searchEmployee", 2, set()),
    ],
)
def test_each_published_answer_is_read_whole(shared, connector, name, records, warned):
    found = taken(connector, shared / "samples" / "ogust" / f"{name}.json")
    assert found.balanced
    assert len(found.records) == records
    assert {line["fate"] for line in found.sayings} <= {"warning"}
    assert {(line["reason"], line.get("column")) for line in found.sayings} == warned


@pytest.mark.parametrize(
    ("connector", "name"),
    [("ogust-services", "searchService"), ("ogust-customers", "searchCustomer-employee")],
)
def test_an_answer_that_is_not_json_parks_with_its_reason(shared, connector, name):
    with pytest.raises(ParcelError) as parked:
        taken(connector, shared / "samples" / "ogust" / f"{name}.malformed.txt")
    assert parked.value.code == "decode.parcel.malformed"
