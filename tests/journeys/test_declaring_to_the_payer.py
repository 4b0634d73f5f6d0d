"""Visits of one software declared to the payer in the words of a standard: the file, its codes, and what it lacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from journeying import HEADER, Workshop
from lxml import etree

from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import take
from passerelle.vocabulary.handle_texts import is_handle_text

if TYPE_CHECKING:
    from collections.abc import Iterator

NOMINAL = Path(__file__).parents[2] / "plugins/esppadom/samples/delivery/nominal.xml"
SAME = ("Period", "DateTime/", "TypeCode", "Quantity", "CadreIntervention", "SpecifiedCITradeProduct/ID", "VersionID")
"""Where two messages about the same visits say the same: periods, codes and quantities."""

PERSON, WORKER = "5ce2591c55400ac25387ee13", "5ce2422ab0aeeee1f03d4e5f"
VISITS = (
    ("2022/05/12 10:00:00", "2022/05/12 10:01:18", "2022/05/12 12:00:00", "2022/05/12 12:03:24", "2,00"),
    ("2022/05/13 10:00:00", "2022/05/13 10:02:00", "2022/05/13 11:30:00", "", "1,50"),
    ("2022/05/14 10:00:00", "", "2022/05/14 11:00:00", "", "1,00"),
)
"""Planned and stamped start, planned and stamped end, hours: the three visits of the message in production."""

LEFT = 3 * len(("planned_start", "planned_end", "billed"))
"""What a DELIVERY has no place for is told, value by value."""

RECORDS = (
    {
        "ref": f"compani:person:{PERSON}",
        "usual_name": "Inventée",
        "first_names": "Adèle",
        "birth_date": "1933-02-14",
        "addresses": [{"lines": ["1 rue des Essais"], "postcode": "99000", "city": "Ville-Inventée", "country": "FR"}],
        "identifiers": [{"system": "esppadom", "value": "P-2345"}],
    },
    {
        "ref": "compani:organisation:ici",
        "name": "Service inventé",
        "addresses": [{"lines": ["2 place du Modèle"], "postcode": "99000", "city": "Ville-Inventée"}],
        "identifiers": [{"system": "siret", "value": "40000000600009"}, {"system": "esppadom", "value": "990SAP1"}],
    },
    {"ref": "compani:organisation:cd99", "name": "Département inventé"},
    {"ref": f"compani:professional:{WORKER}", "last_name": "Modèle", "first_name": "Chloé"},
    {
        "ref": "compani:funded_plan:1",
        "person_ref": f"compani:person:{PERSON}",
        "payer_ref": "compani:organisation:cd99",
        "aid_type": {"code": "APA", "system": "aid-types"},
        "plan_number": "PA-2022-0001",
        "service": {"original": "Aide de vie"},
        "start_on": "2022-01-01",
        "end_on": "2022-12-31",
    },
    {
        "ref": "compani:funded_plan:2",
        "person_ref": f"compani:person:{PERSON}",
        "payer_ref": "compani:organisation:cd99",
        "plan_number": "PA-2023-0001",
        "service": {"original": "Aide de vie"},
        "start_on": "2023-01-01",
    },
)
SETTINGS = """
[passerelle]
state = "etat"

[flow.telegestion]
connector = "compani-interventions"
purpose = "effectivity"
processing = { recipient = { kind = "payer", name = "Département", country = "FR", secrecy = "CASF, L. 133-5" }, \
basis = "public_task", special_ground = "h", retention = { recipient_days = 1825, then = "erase" }, \
informed_on = 2020-01-15, council_consulted_on = 2020-01-15 }

[flow.telegestion.source]
kind = "folder"
path = "entrants"
quiet_seconds = 0

[flow.telegestion.destination]
kind = "folder"
path = "sortants"
layout = "esppadom-delivery"
related = ["annuaire.ndjson"]

[flow.telegestion.destination.fill]
organisation_ref = "compani:organisation:ici"
payer_ref = "compani:organisation:cd99"
"""


def _export() -> str:
    method = '"QR Code"'
    rows = [HEADER]
    for start, arrived, end, gone, hours in VISITS:
        stamps = f'"{arrived}";{method if arrived else ""};;"{end}";"{gone}";{method if gone else ""};;'
        rows.append(
            f'"Intervention";;"Aide de vie";"{start}";{stamps}"{hours}";"Jamais";;;"Équipe 1";'
            f'{WORKER};;"Chloé";"MODÈLE";"Non";{PERSON};"Mme";"INVENTÉE";"Adèle";"";"Oui";'
            f'"Non";;'
        )
    return "\ufeff" + "\r\n".join(rows) + "\r\n"


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> etree._Element:
    """Run the flow as people do; give the one message it writes."""
    workshop = Workshop.at(tmp_path_factory.mktemp("telegestion"))
    (workshop.folder / "annuaire.ndjson").write_text(
        "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in RECORDS), "utf-8"
    )
    (workshop.folder / "entrants/interventions.csv").write_text(_export(), "utf-8")
    workshop.write(SETTINGS)
    ran = workshop.command("run")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    books = workshop.flows()["telegestion"]
    assert (books["balance"]["delivered"], books["balance"]["adds_up"]) == (3, True)
    assert books["balance"]["warnings"] == LEFT
    (file,) = (workshop.folder / "sortants").iterdir()
    assert file.name.startswith("telegestion-visit-1-")
    assert "-202205-" in file.name
    return etree.parse(file).getroot()


def _told(advice: etree._Element) -> list[tuple[str, str]]:
    """Give the path and the text of every element and attribute of a message, in order."""
    return list(_walk(advice, ""))


def _walk(element: etree._Element, above: str) -> Iterator[tuple[str, str]]:
    path = f"{above}/{etree.QName(element).namespace.rpartition(':')[0][-30:]}|{etree.QName(element).localname}"
    yield path, (element.text or "").strip()
    yield from ((f"{path}/@{name}={value}", value) for name, value in sorted(element.attrib.items()))
    for child in element:
        yield from _walk(child, path)


def _same(told: list[tuple[str, str]]) -> list[tuple[str, str]]:
    short = (("/".join(step.rpartition("|")[2] for step in path.split("/")), text) for path, text in told)
    return [(path, text) for path, text in short if any(mark in path for mark in SAME)]


def test_what_is_declared_has_the_structure_order_and_codes_of_the_message_in_production(declared, shared):
    production = etree.parse(shared / "samples/esppadom/delivery-1.4.xml").getroot()
    assert (declared.tag, dict(declared.attrib)) == (production.tag, dict(production.attrib))
    assert declared.nsmap == production.nsmap
    assert len(declared) == len(production) == 3
    for ours, theirs in zip(declared, production, strict=True):
        assert [path for path, _text in _told(ours)] == [path for path, _text in _told(theirs)]
        assert _same(_told(ours)) == _same(_told(theirs))


def test_what_is_declared_has_the_structure_of_our_own_sample(declared):
    sample = etree.parse(NOMINAL).getroot()
    assert [path for path, _text in _told(declared[0])] == [path for path, _text in _told(sample[0])]
    assert [advice.findtext(".//{*}ActualDespatchCISupplyChainEvent/{*}TypeCode") or "" for advice in declared] == [
        "",
        "COD",
        "CRE",
    ]
    assert [advice.findtext(".//{*}BilledQuantity") for advice in declared] == ["2", "1.5", "1"]
    assert {advice.findtext(".//{*}OrderLineID") for advice in declared} == {"PA-2022-0001"}


def test_what_is_declared_is_read_again_as_the_same_visits(declared):
    supplier, connector, _ = load_plugins().find_connector("esppadom-delivery")
    taken = take(etree.tostring(declared, encoding="utf-8"), supplier, connector)
    visits = [line["record"] for line in taken.records if line["contract"] == "visit/1"]
    assert taken.messages == []
    assert [visit["retained_start"] for visit in visits] == [
        "2022-05-12T10:00:00+02:00",
        "2022-05-13T10:00:00+02:00",
        "2022-05-14T10:00:00+02:00",
    ]
    assert visits[0]["stamped_end"] == "2022-05-12T12:03:24+02:00"
    assert {visit["person_ref"] for visit in visits} == {"esppadom:person:P-2345"}
    numbers = [element.text for element in declared.iterfind(".//{*}CIDDHExchangedDocument/{*}ID")]
    assert {visit["ref"] for visit in visits} == {f"esppadom:visit:{number}" for number in numbers}
    # the key of a visit is made of its person, its day and its worker, which stay inside
    assert len(set(numbers)) == 3
    assert all(map(is_handle_text, numbers))
