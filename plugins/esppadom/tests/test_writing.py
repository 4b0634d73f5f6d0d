"""Records of other software in ESPPADOM's words: numbers, periods, codes, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from passerelle import contracts
from passerelle.extension.loading import load_plugins
from passerelle.testing.document_round_trip import read_back, write_documents

if TYPE_CHECKING:
    from collections.abc import Mapping

PERSON = {
    "ref": "logiciel:person:1",
    "usual_name": "Inventée",
    "first_names": "Adèle",
    "identifiers": [{"system": "esppadom", "value": "P-1"}],
}
SERVICE = {"ref": "logiciel:organisation:s", "name": "Service inventé"}
PAYER = {
    "ref": "logiciel:organisation:f",
    "name": "Département inventé",
    "identifiers": [{"system": "esppadom", "value": "CD99"}],
}
VISIT = {
    "ref": "logiciel:visit:1",
    "person_ref": PERSON["ref"],
    "organisation_ref": SERVICE["ref"],
    "payer_ref": PAYER["ref"],
    "status": "done",
    "planned_start": "2024-11-04T08:00:00+01:00",
    "planned_end": "2024-11-04T09:30:00+01:00",
}
PLAN = {
    "ref": "logiciel:funded_plan:7",
    "person_ref": PERSON["ref"],
    "organisation_ref": SERVICE["ref"],
    "payer_ref": PAYER["ref"],
    "plan_number": "PA-7",
    "service": {"original": "Aide"},
    "hours": "12",
}
INVOICE = {
    "ref": "logiciel:invoice:88",
    "number": "F-88",
    "issued_on": "2024-12-01",
    "person_ref": PERSON["ref"],
    "payer_ref": PAYER["ref"],
    "organisation_ref": SERVICE["ref"],
    "total_incl_tax": "30.00",
}
LINE = {
    "ref": "logiciel:invoice_line:1",
    "invoice_ref": INVOICE["ref"],
    "person_ref": PERSON["ref"],
    "plan_ref": PLAN["ref"],
    "quantity": "1",
    "unit": "hour",
    "amount_incl_tax": "30.00",
}
BESIDE = {"person/1": [PERSON], "organisation/1": [SERVICE, PAYER]}


def _canonical(contract: str, record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in contracts.get(contract).list_fields() if record.get(name) is not None}


def _all(name: str, records: Mapping[str, list[dict[str, Any]]]) -> tuple[Any, Any, Any]:
    supplier, connector, _ = load_plugins().find_connector(f"esppadom-{name}")
    every = {key: [_canonical(key, one) for one in value] for key, value in {**BESIDE, **records}.items()}
    return every, supplier, connector


def _read(name: str, contract: str, **records: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Write records and read the only one of a contract again; None when it was refused."""
    back = read_back(*_all(name, {key.replace("_1", "/1"): value for key, value in records.items()}))
    return next((record for (kind, _ref), record in back.items() if kind == contract), None)


def _visit(**more: Any) -> dict[str, Any] | None:
    return _read("delivery", "visit/1", visit_1=[{**VISIT, **more}])


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"stamped_start": "2024-11-04T08:01:00+01:00", "stamped_end": "2024-11-04T09:31:00+01:00"}, None),
        ({"stamped_start": "2024-11-04T08:01:00+01:00"}, "COD"),
        ({"stamped_end": "2024-11-04T09:31:00+01:00"}, "COA"),
        ({}, "CRE"),
        ({"status": "cancelled"}, "SUP"),
        ({"status": "missed"}, "SUP"),
        ({"adjustment": {"code": "MDT", "system": "esppadom-adjustment"}}, "MDT"),
    ],
)
def test_the_adjustment_says_which_stamp_is_missing(more, code):
    visit = _visit(**more)
    assert visit.get("adjustment", {}).get("code") == code
    assert visit["status"] == ("cancelled" if code == "SUP" else "done")


def test_the_planned_period_is_retained_where_no_other_is_and_the_quantity_follows_it():
    visit = _visit()
    assert (visit["retained_start"], visit["retained_end"]) == (VISIT["planned_start"], VISIT["planned_end"])
    assert (visit["billed_quantity"], visit["billed_unit"]) == ("1.5", "hour")
    corrected = _visit(retained_start="2024-11-04T08:15:00+01:00", billed_quantity="75", billed_unit="minute")
    assert (corrected["retained_start"], corrected["billed_quantity"]) == ("2024-11-04T08:15:00+01:00", "1.25")


@pytest.mark.parametrize(
    "more",
    [
        {"status": "in_progress"},
        {"billed_quantity": "1", "billed_unit": "flat_rate"},
        {"payer_ref": None},
        {"organisation_ref": None},
        {"planned_end": None},
    ],
)
def test_a_visit_that_the_payer_could_not_take_is_refused(more):
    assert _visit(**more) is None


def test_stamps_made_by_a_hand_are_no_badge():
    method = {"code": "manual", "system": "stamp-methods"}
    visit = _visit(stamped_start="2024-11-04T08:01:00+01:00", stamped_start_method=method)
    assert visit["stamped_start"] == "2024-11-04T08:01:00+01:00"
    assert "stamped_start_method" not in visit


def test_numbers_that_the_payer_gave_go_before_those_of_the_software():
    visit = _visit()
    assert visit["ref"] == "esppadom:visit:1"
    assert visit["person_ref"] == "esppadom:person:P-1"
    assert visit["payer_ref"] == "esppadom:organisation:CD99"
    assert visit["organisation_ref"] == "esppadom:organisation:s"


def test_a_number_made_of_several_stays_one_number():
    visit = _visit(ref="logiciel:visit:a~2024/11/04%208%3A00~b")
    assert visit["ref"] == "esppadom:visit:a%7E2024/11/04%208%3A00%7Eb"


def test_a_plan_of_other_software_is_ordered():
    plan = _read("order", "funded_plan/1", funded_plan_1=[PLAN])
    assert (plan["ref"], plan["plan_number"], plan["hours"], plan["nature"]) == (
        "esppadom:funded_plan:7",
        "PA-7",
        "12",
        "hourly",
    )
    assert plan["payer"] == "Département inventé"
    assert _read("order", "funded_plan/1", funded_plan_1=[{**PLAN, "hours": None}]) is None


def test_a_line_of_other_software_is_invoiced_with_what_its_invoice_says():
    records = {"invoice_1": [INVOICE], "invoice_line_1": [LINE], "funded_plan_1": [PLAN]}
    line, invoice = (_read("invoice", f"{kind}/1", **records) for kind in ("invoice_line", "invoice"))
    assert (line["ref"], line["invoice_ref"]) == ("esppadom:invoice_line:F-88~1", "esppadom:invoice:F-88")
    assert line["plan_ref"] == "esppadom:funded_plan:PA-7"
    assert (invoice["number"], invoice["total_incl_tax"]) == ("F-88", "30.00")
    assert (invoice["payer_ref"], invoice["organisation_ref"]) == (
        "esppadom:organisation:CD99",
        "esppadom:organisation:s",
    )


def test_a_line_without_its_invoice_or_not_in_hours_is_refused():
    assert _read("invoice", "invoice_line/1", invoice_line_1=[LINE]) is None
    by_km = {**LINE, "unit": "km"}
    assert _read("invoice", "invoice_line/1", invoice_1=[INVOICE], invoice_line_1=[by_km]) is None


def test_documents_are_cut_by_month():
    december = {**VISIT, "ref": "logiciel:visit:2", "planned_start": "2024-12-01T08:00:00+01:00"}
    december["planned_end"] = "2024-12-01T09:00:00+01:00"
    made = list(write_documents(*_all("delivery", {"visit/1": [VISIT, december]})))
    assert len(made) == 2
    assert [len(etree.fromstring(content)) for _contract, content in made] == [1, 1]
