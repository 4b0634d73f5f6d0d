"""Long documents for the bench: a département's RSA flow (XML) and appointments of an API (JSON), of a given size.

python documents.py lxml|json FILE   goes through a file and does nothing else: the floor.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

PLUGINS = Path(__file__).parents[2] / "plugins"
_XML = PLUGINS / "cnaf_rsa" / "samples" / "nominal.xml"
_JSON = PLUGINS / "rdv_solidarites" / "samples" / "rdvs" / "nominal.json"
_ROW = "InfosFoyerRSA"


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
        json.loads(path.read_bytes())
        return
    from lxml import etree  # noqa: PLC0415  the other form does not need it

    for _event, element in etree.iterparse(path):
        element.clear()


if __name__ == "__main__":
    go_through(sys.argv[1], Path(sys.argv[2]))
