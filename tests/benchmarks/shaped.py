"""Documents of the shapes that services really exchange, with invented values: an ESPPADOM month, a FHIR bundle."""

from __future__ import annotations

import json
import random
import re
from calendar import monthrange
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import documents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DELIVERY = documents.PLUGINS / "esppadom" / "samples" / "delivery" / "nominal.xml"
_BUNDLE = documents.PLUGINS / "tddui" / "samples" / "fhir" / "nominal.json"
_VISIT = "ns:CrossIndustryDespatchAdvice"
_FAMILIES = ("ÉBAUCHE", "MODÈLE", "INVENTÉE", "EXEMPLE", "FACTICE", "D'ÉPREUVE", "PARANGON", "MAQUETTE")
_FIRST_NAMES = ("Adèle", "Bruno", "Chloé", "Denise", "Élise", "Farid", "Ginette", "Hélène", "Irène", "Jean-Noël")
_ADJUSTMENTS = ("",) * 80 + ("COA",) * 4 + ("COD",) * 4 + ("CRE",) * 4 + ("MDT",) * 3 + ("SUP",) * 4 + ("HOR",)
"""Of a hundred visits: eighty as stamped, the rest put right by hand, taken back, or with raw stamps only."""
_NOT_STAMPED = {
    "COA": "StartDateTime",
    "COD": "EndDateTime",
    **dict.fromkeys(("CRE", "SUP"), "AdditionalReferencedCIReferencedDocument"),
}
"""The element that is not there: nobody stamped."""
_YEAR, _MONTH = 2024, 11


def write_month(path: Path, persons: int, visits: int) -> None:
    """Write a month of an association for its payers as ESPPADOM's DELIVERY: of its visits no two are alike."""
    text = _DELIVERY.read_text("utf-8")
    first, last = text.index(f"<{_VISIT}>"), text.rindex(f"</{_VISIT}>") + len(f"</{_VISIT}>")
    pattern = text[first : text.index(f"</{_VISIT}>") + len(f"</{_VISIT}>")]
    chance = random.Random(17)
    people = [_invent_person(number, chance) for number in range(1, persons + 1)]
    workers = [(f"{number:06X}", f"{chance.choice(_FAMILIES)} {chance.choice(_FIRST_NAMES)}") for number in range(60)]
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text[:first])
        for number in range(1, visits + 1):
            # a person is visited up to several times a day, some hardly ever
            person = people[int(persons * chance.random() ** 1.6)]
            stream.write(_write_visit(pattern, number, person, chance.choice(workers), chance) + "\n")
        stream.write(text[last:])


def _invent_person(number: int, chance: random.Random) -> dict[str, str]:
    family, first_name = chance.choice(_FAMILIES), chance.choice(_FIRST_NAMES)
    return {
        "P1": f"P{number}",
        "Adèle INVENTÉE": f"{first_name} {family}",
        "<pie:FirstName>Adèle<": f"<pie:FirstName>{first_name}<",
        "<pie:LastName>Inventée<": f"<pie:LastName>{family.title()}<",
        "1933-02-14": f"{chance.randint(1925, 1960)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "1 rue des Essais": f"{chance.randint(1, 200)} rue des Essais",
        "99000": f"99{chance.randint(0, 9)}00",
        "PA-1": f"PA-{number}",
        "CD99-1": f"CD99-{chance.randint(1, 3)}",
        ">APA<": f">{chance.choice(('APA', 'APA', 'APA', 'PCH'))}<",
    }


def _write_visit(
    pattern: str, number: int, person: dict[str, str], worker: tuple[str, str], chance: random.Random
) -> str:
    day = chance.randint(1, monthrange(_YEAR, _MONTH)[1])
    start = datetime(_YEAR, _MONTH, day, chance.randint(7, 19), chance.choice((0, 15, 30, 45)))  # noqa: DTZ001  a local time, as in the message
    quarters = chance.randint(2, 10)
    end = start + timedelta(minutes=15 * quarters)
    adjustment = chance.choice(_ADJUSTMENTS)
    came, left = (moment + timedelta(seconds=chance.randint(-600, 600)) for moment in (start, end))
    replaced = {
        **person,
        ">V1<": f">V{number}<",
        "I20241201103001": f"I20241201{number:06}",
        "3D4E51": worker[0],
        "MODÈLE Chloé": worker[1],
        "2024-11-04T08:00:00": start.isoformat(),
        "2024-11-04T09:30:00": end.isoformat(),
        "2024-11-04T08:02:11": came.isoformat(),
        "2024-11-04T09:29:40": left.isoformat(),
        'ADJUST"></ram:TypeCode>': f'ADJUST">{adjustment}</ram:TypeCode>',
        ">1.5<": f">{0 if adjustment == 'SUP' else quarters / 4}<",
    }
    # in one go, longest first: what was put in is not looked at again
    found = "|".join(map(re.escape, sorted(replaced, key=len, reverse=True)))
    visit = re.sub(found, lambda match: replaced[match[0]], pattern)
    gone = _NOT_STAMPED.get(adjustment)
    return re.sub(f"<ram:{gone}>.*?</ram:{gone}>", "", visit) if gone else visit


def write_bundle(path: Path, persons: int) -> None:
    """Write the case files of a service as a FHIR bundle of TDDUI: each person with more or fewer resources."""
    entries = json.loads(_BUNDLE.read_text("utf-8"))["entry"]
    chance = random.Random(19)
    own, shared = (0, 4, 7, 9, 11, 12, 13, 14), (2, 3)
    patterns = {place: json.dumps(entries[place], ensure_ascii=False) for place in own}
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"resourceType": "Bundle", "type": "transaction", "entry": [\n')
        stream.write(",\n".join(json.dumps(entries[place], ensure_ascii=False) for place in shared))
        for number in range(1, persons + 1):
            for text in _write_case(patterns, number, chance):
                stream.write(",\n" + text)
        stream.write("\n]}\n")


def _write_case(patterns: dict[int, str], number: int, chance: random.Random) -> Iterator[str]:
    """Yield the resources of one person: the case file, then as many events as come."""
    case, events = [place for place in patterns if place != 7], chance.randint(0, 24)
    needs = chance.random() < 0.8  # goals and actions lead to a need: all three are there, or none
    kept = [place for place in case if place in (0, 4) or (needs if place in (11, 12, 13) else chance.random() < 0.7)]
    for place, nth in [*((place, 0) for place in kept), *((7, nth) for nth in range(events))]:
        # the organisation and the worker are everybody's: their addresses stay
        text = re.sub(
            r"urn:uuid:00000000-0000-4000-8000-0000000000(?!03|04)(\d\d)",
            lambda found, nth=nth: f"urn:uuid:{number:08x}-{nth:04x}-4000-8000-0000000000{found[1]}",
            patterns[place],
        )
        # whatever the number of an event, its person's address is the first
        text = re.sub(rf"{number:08x}-{nth:04x}(-4000-8000-000000000001)", rf"{number:08x}-0000\1", text)
        for pattern, own in (("/4711", f"/{number}"), ("EVN-32", f"EVN-{nth + 1}"), ("IPP-88", f"IPP-{number}")):
            text = text.replace(pattern, own)
        yield json.dumps(_vary_resource(json.loads(text), number, chance), ensure_ascii=False)


def _vary_resource(entry: dict[str, Any], number: int, chance: random.Random) -> dict[str, Any]:
    resource = entry["resource"]
    day = f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    if resource["resourceType"] == "Patient":
        _vary_patient(resource, number, chance)
    if resource["resourceType"] == "Encounter" and "start" in resource["period"] and "end" not in resource["period"]:
        hour = chance.randint(8, 17)
        resource["period"] = {"start": f"{day}T{hour:02}:00:00Z", "end": f"{day}T{hour + 1:02}:00:00Z"}
        resource["status"] = chance.choice(("planned", "finished", "cancelled"))
    for member in ("note", "reasonCode", "target", "item", "telecom", "hospitalization"):
        if member in resource and chance.random() < 0.3:
            del resource[member]
    for member in ("description", "authoredOn"):
        if isinstance(resource.get(member), str):
            resource[member] = day if member == "authoredOn" else f"{resource[member]} n° {chance.randint(1, 9999)}"
    return entry


def _vary_patient(resource: dict[str, Any], number: int, chance: random.Random) -> None:
    year, month = chance.randint(1930, 1999), chance.randint(1, 12)
    female = chance.random() < 0.6
    place = f"99{chance.randint(1, 990):03}"
    body = f"{1 + female}{year % 100:02}{month:02}{place}{chance.randint(1, 999):03}"
    resource["extension"][1]["valueAddress"]["extension"][0]["valueCoding"]["code"] = place
    resource["identifier"][0]["value"] = f"{body}{97 - int(body) % 97:02}"
    resource["gender"] = "female" if female else "male"
    resource["birthDate"] = f"{year}-{month:02}-{chance.randint(1, 28):02}"
    resource["name"][0] |= {"family": f"{chance.choice(_FAMILIES)}", "given": [chance.choice(_FIRST_NAMES)]}
    resource["name"] = resource["name"][: chance.randint(1, 2)]
    resource["telecom"] = chance.sample(resource["telecom"], chance.randint(0, len(resource["telecom"])))
    resource["address"][0]["line"] = [f"{number} impasse des Essais", *chance.choice(([], ["Bât. B"]))]
    if chance.random() < 0.9:
        del resource["deceasedDateTime"]
