"""Long documents for the bench: a département's RSA flow (XML) and appointments of an API (JSON), of a given size.

python documents.py lxml|json FILE   goes through a file and does nothing else: the floor.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

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
