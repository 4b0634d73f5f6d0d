"""Long documents for the bench: a département's RSA flow (XML) and appointments of an API (JSON), of a given size.

python documents.py lxml|json FILE   goes through a file and does nothing else: the floor. Of a document that is cut
                                     off, it goes as far as there is something.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

PLUGINS = Path(__file__).parents[2] / "plugins"
_XML = PLUGINS / "cnaf_rsa" / "samples" / "nominal.xml"
_JSON = PLUGINS / "rdv_solidarites" / "samples" / "rdvs" / "nominal.json"
_ROW = "InfosFoyerRSA"
_LEFT_OUT = ("Activite", "DossierPoleEmploi", "MontantCalculDroitRSAPersonne", "Ressources")
"""What a person need not have."""


def write_xml(path: Path, size: int) -> None:
    """Repeat the households of the plugin's invented sample until the file has so many bytes."""
    text = _XML.read_text("cp1252")
    first, last = text.index(f"<{_ROW}"), text.rindex(f"</{_ROW}>") + len(f"</{_ROW}>")
    households = text[first:last].encode("cp1252")
    with path.open("wb") as stream:
        stream.write(text[:first].encode("cp1252"))
        for _time in range(size // len(households)):
            stream.write(households)
        stream.write(text[last:].encode("cp1252"))


def write_varied_xml(path: Path, size: int) -> None:
    """Write households of which no two are alike, with one to five persons, resources, states and parts left out."""
    text = _XML.read_text("cp1252")
    first, last = text.index(f"<{_ROW}"), text.rindex(f"</{_ROW}>") + len(f"</{_ROW}>")
    patterns = [_cut_household(found) for found in re.findall(f"<{_ROW}>.*?</{_ROW}>", text, re.DOTALL)]
    chance = random.Random(11)
    written = number = 0
    with path.open("wb") as stream:
        stream.write(text[:first].encode("cp1252"))
        while written < size:
            number += 1
            written += stream.write(_vary_household(chance.choice(patterns), number, chance).encode("cp1252"))
        stream.write(text[last:].encode("cp1252"))


def _cut_household(household: str) -> tuple[str, list[str], str]:
    """Return what stands before the persons, each person, and what stands behind them."""
    persons = re.findall(r"<Personne>.*?</Personne>\n?", household, re.DOTALL)
    first, last = household.index("<Personne>"), household.rindex("</Personne>") + len("</Personne>")
    return household[:first], persons, household[last:]


def _vary_household(pattern: tuple[str, list[str], str], number: int, chance: random.Random) -> str:
    before, persons, behind = pattern
    count = chance.choice([1, 1, 1, 2, 2, 3, 4, 5])
    family = "".join(chance.choices("ABCDEILMNORSTU", k=chance.randint(4, 12)))
    people = "".join(
        _vary_person(chance.choice(persons), f"{family} {nth}", number + nth, chance) for nth in range(count)
    )
    before = _fill(before, "MATRICULE", f"{900000000000000 + number:015}")
    before = _fill(before, "NUMDEMRSA", f"0{chance.randrange(10**10):010}")
    before = _fill(before, "DTDEMRSA", _draw_day(chance, 2015, 2024))
    behind = _fill(behind, "NUMVOIE", str(chance.randint(1, 300)))
    behind = _fill(
        behind, "NOMVOIE", f"DES ESSAIS {''.join(chance.choices('AEIOUST', k=chance.randint(0, 9)))}".strip()
    )
    behind = _fill(behind, "DDSITFAM", _draw_day(chance, 1990, 2024))
    complement = r"<COMPL(?:IDE)?ADR>[^<]*</COMPL(?:IDE)?ADR>\n"
    behind = re.sub(complement, lambda found: found[0] if chance.random() < 0.6 else "", behind)
    return f"{before}{people.rstrip()}{behind}\n"


def _vary_person(person: str, name: str, number: int, chance: random.Random) -> str:
    person = _fill(person, "NOM", name)
    person = _fill(person, "PRENOM", f"P{''.join(chance.choices('AEILMNORST', k=chance.randint(2, 8)))}")
    born = _draw_day(chance, 1940, 2005)
    person = _fill(person, "DTNAI", born)
    person = _fill(person, "NIR", _make_nir("2" if "<SEXE>2<" in person else "1", born, chance))
    person = _fill(person, "DDACT", _draw_day(chance, 2010, 2024))
    person = _fill(person, "IDASSEDIC", f"{number % 10_000_000:07}X")
    amount = r"(?<=<MTNATRESSMEN>)[^<]*"
    person = re.sub(amount, lambda _found: f"{chance.randrange(200_000) / 100:010.2f}", person)
    left_out = chance.choice(("", "", "", *_LEFT_OUT))
    person = re.sub(f"<{left_out}>.*</{left_out}>\n", "", person, flags=re.DOTALL) if left_out else person
    month = re.search(r"<RessourcesMensuelles>.*?</RessourcesMensuelles>\n", person, re.DOTALL)
    return person.replace(month[0], month[0] * chance.randint(0, 2), 1) if month else person


def _make_nir(sex: str, born: str, chance: random.Random) -> str:
    """Return a number with its key that agrees with a birth; of a commune that there is not, so nobody's."""
    body = f"{sex}{born[2:4]}{born[5:7]}99{chance.randint(1, 990):03}{chance.randint(1, 999):03}"
    return f"{body}{97 - int(body) % 97:02}"


def _fill(text: str, name: str, value: str) -> str:
    return re.sub(f"<{name}>[^<]*</{name}>", f"<{name}>{value}</{name}>", text)


def _draw_day(chance: random.Random, first: int, last: int) -> str:
    return f"{chance.randint(first, last)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


def cut_off(path: Path) -> None:
    """Take its last bytes from a document: a transfer that broke off."""
    os.truncate(path, path.stat().st_size - 40)


def write_json(path: Path, size: int) -> None:
    """Repeat the first appointment of the plugin's invented sample, each time under another number."""
    record = json.loads(_JSON.read_text("utf-8"))["rdvs"][0]
    written = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"rdvs": [')
        number = 0
        while written < size:
            number += 1
            text = json.dumps({**record, "id": number}, ensure_ascii=False)
            written += stream.write(text if number == 1 else f",\n{text}")
        stream.write("]}")


def write_varied_json(path: Path, size: int) -> None:
    """Write appointments of which no two are alike, each with other members, lists and nulls than the one before."""
    record = json.loads(_JSON.read_text("utf-8"))["rdvs"][0]
    chance = random.Random(7)
    written = number = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"rdvs": [')
        while written < size:
            number += 1
            text = json.dumps(_vary(record, number, chance), ensure_ascii=False)
            written += stream.write(text if number == 1 else f",\n{text}")
        stream.write("]}")


def write_odd_json(path: Path, size: int, *, twice: bool = False) -> None:
    """Write varied appointments with numbers as others write them: degrees keep their last nought, keys have 20 digits.

    If asked, the status of one record in a hundred stands there twice.
    """
    record = json.loads(_JSON.read_text("utf-8"))["rdvs"][0]
    chance = random.Random(13)
    written = number = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"rdvs": [')
        while written < size:
            number += 1
            varied = _vary(record, number, chance)
            if isinstance(varied.get("lieu"), dict):
                varied["lieu"]["latitude"] = f"#{chance.randint(4100, 5100) / 100:.2f}#"
            if chance.random() < 0.1:
                varied["external_id"] = f"#{chance.randrange(10**19, 10**20)}#"
            text = re.sub('"#([0-9.]+)#"', r"\1", json.dumps(varied, ensure_ascii=False))
            if twice and number % 100 == 50:
                text = text.replace('"status": "', '"status": "unknown", "status": "', 1)
            written += stream.write(text if number == 1 else f",\n{text}")
        stream.write("]}")


def _vary(record: dict[str, Any], number: int, chance: random.Random) -> dict[str, Any]:
    day = f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    hour = chance.randint(8, 17)
    status = chance.choice(["seen", "seen", "seen", "noshow", "excused", "revoked"])
    agent, taking_part = record["agents"][0], record["participations"][0]
    varied = {
        **record,
        "id": number,
        "uuid": f"{chance.getrandbits(128):032x}",
        "status": status,
        "starts_at": f"{day} {hour:02}:00:00 +0100",
        "ends_at": f"{day} {hour:02}:30:00 +0100",
        "cancelled_at": f"{day} 07:00:00 +0100" if status in {"excused", "revoked"} else None,
        "address": f"{chance.randint(1, 200)} rue du Modèle, 99{chance.randint(0, 999):03} Ville-Inventée",
        "context": chance.choice([None, "", f"Vient avec sa sœur n° {number}.", f"Deux lignes\n« d’ici » {number}"]),
        "lieu": chance.choice([None, record["lieu"], {**record["lieu"], "latitude": chance.randint(0, 9999) / 100}]),
        "agents": [{**agent, "id": chance.randint(1, 99_999)} for _one in range(chance.randint(0, 2))],
        "participations": [{**taking_part, "id": chance.randint(1, 999_999)} for _one in range(chance.randint(0, 3))],
        "users": [{"id": number, "first_name": f"P{number % 999}"} for _one in range(chance.randint(0, 2))],
    }
    leaving_out = {"context", "lieu", "name", "collectif", "max_participants_count", "created_by_id"}
    return {key: value for key, value in varied.items() if key not in leaving_out or chance.random() < 0.92}


def go_through(form: str, path: Path) -> None:
    """Read a document with the library alone."""
    if form == "json":
        with suppress(ValueError):
            json.loads(path.read_bytes())
        return
    from lxml import etree  # noqa: PLC0415  the other form does not need it

    with suppress(etree.XMLSyntaxError):
        for _event, element in etree.iterparse(path):
            element.clear()


if __name__ == "__main__":
    go_through(sys.argv[1], Path(sys.argv[2]))
