"""What each connector writes, read by readers that are not ours: `csv`, `json` and `lxml`, held against its own sample.

The sample is read by us and written by us; then both files are opened by the other reader. A cell that went into the
wrong column, or a text that only our own decoder understands, shows here and in no round trip of our own.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from passerelle.edges.places.local_folder import LocalFolder
from passerelle.engine.adapters.layout_destinations import open_layout_destination
from passerelle.engine.settings.place_settings import FolderDestinationSettings
from passerelle.extension.connector_ways import list_ways
from passerelle.extension.loading import list_installed, load_plugins
from passerelle.stages.decode.dialects import Csv
from passerelle.testing.document_round_trip import make_delivery, write_documents
from passerelle.testing.samples import take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.extension.supplier import Connector

ROOT = Path(__file__).parents[3]
PLUGINS = load_plugins([info.name for info in list_installed()])
CONNECTORS = {one.id: one for supplier in PLUGINS.suppliers for one in supplier.connectors}
ROWS = [name for name, one in CONNECTORS.items() if {"write_import", "write_same"} & set(list_ways(one))]
DOCUMENTS = [name for name, one in CONNECTORS.items() if one.writes]
KNOWN = {
    # records of one contract that come from two tables of the export are written in the columns of the first
    "gaia-social-csv": {"DT_DEB", "NUM_ACTION"},
    # a year alone (`1991`) is written as those exports write a month and a day that nobody knows: `00/00/1991`
    "iodas-like-csv": {"Date de Naissance"},
    "cordia-like-csv": {"NAISSANCE"},
}
"""Columns in which something else is written than the export has, and why."""
_OF_RESOURCES = {"fullUrl", "profile", "type", "system", "valueString", "start", "authored", "date", "text"}
MADE = {
    "evv-visits": {"CallExternalID", "VisitTimeZone"},
    "evv-visits-ohio": {"CallExternalID", "TimeZone"},
    "grc-contacts": {"created_at"},
    "tddui-fhir": _OF_RESOURCES,
    "tddui-fhir-server": {*_OF_RESOURCES, "method", "url"},
    "urssaf-clients": {"numeroTelephonePortable"},
}
"""Members in which we write something that the sample has otherwise or not at all: names that we make (`fullUrl`, a
call's number), what a profile or R4 requires, a moment in another offset, a day without its time, a number in full."""


def _find_sample(connector: str) -> Path:
    """Return the nominal sample of a connector: the one that it accepts most of, among those of its plugin."""
    supplier, described, info = PLUGINS.find_connector(connector)
    folder = ROOT / "plugins" / info.name.replace("-", "_") / "samples"
    found = {}
    for path in sorted(folder.rglob("nominal.*")):
        if path.suffix in {".csv", ".zip", ".json", ".xml"}:
            try:
                found[path] = len(take(path.read_bytes(), supplier, described).records)
            except Exception:  # noqa: BLE001, S112  a sample of another connector of this plugin
                continue
    return max(found, key=lambda path: (len(path.parent.name) * (path.parent.name in connector), found[path]))


def _read_records(connector: str, sample: Path) -> dict[str, list[dict[str, Any]]]:
    supplier, described, _info = PLUGINS.find_connector(connector)
    by_contract: dict[str, list[dict[str, Any]]] = {}
    for line in take(sample.read_bytes(), supplier, described).records:
        by_contract.setdefault(line["contract"], []).append(line["record"])
    return by_contract


def _to_plain(text: str) -> str:
    """Write a cell without what may be written otherwise: capitals, marks, spaces, zeros, the order of a date."""
    if re.fullmatch(r"-?[0-9\s]*[0-9][.,][0-9]+", text):
        return "".join(text.split()).replace(",", ".").rstrip("0").rstrip(".")
    if day := re.match(r"([0-9]{2})[/-]([0-9]{2})[/-]([0-9]{4})(.*)", text, re.DOTALL):
        text = f"{day[3]}-{day[2]}-{day[1]}{day[4]}"
    if span := re.fullmatch(r"(?:([0-9]+)\s*h\s*)?(?:([0-9]+)(?:\s*min)?)?", text):
        text = f"{span[1] or 0}:{span[2] or 0:0>2}" if span[1] or "min" in text else text
    bare = unicodedata.normalize("NFKD", text)
    plain = "".join(re.findall(r"[^\W_]", "".join(one for one in bare if not unicodedata.combining(one)))).casefold()
    return plain.lstrip("0") or plain


def _read_rows(content: bytes, connector: Connector) -> Iterator[dict[str, str]]:
    """Read a file of text as `csv` does, whatever the connector says but its separator."""
    assert isinstance(connector.dialect, Csv)
    text = content.decode(connector.dialect.encoding or "utf-8-sig")
    yield from csv.DictReader(io.StringIO(text, newline=""), delimiter=connector.dialect.delimiter)


def _read_sample_rows(sample: Path, connector: Connector) -> list[dict[str, str]]:
    if sample.suffix != ".zip":
        return list(_read_rows(sample.read_bytes(), connector))
    with zipfile.ZipFile(sample) as archive:
        return [row for name in archive.namelist() for row in _read_rows(archive.read(name), connector)]


def _write_rows(connector: str, folder: Path, by_contract: dict[str, list[dict[str, Any]]]) -> list[bytes]:
    """Write records into a folder as a flow does, and return what stands there."""
    entry = FolderDestinationSettings(kind="folder", path=folder, layout=connector)
    destination = open_layout_destination(entry, LocalFolder(folder), connector, PLUGINS)
    deliveries = [make_delivery(bodies, contract) for contract, bodies in by_contract.items()]
    if begin := getattr(destination, "begin_batch", None):
        begin([(delivery, delivery.frame) for delivery in deliveries])
    for delivery in deliveries:
        destination.deliver(delivery)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def _join(column: str) -> str:
    """Return a name of a column on one line."""
    return " ".join(column.split())


@pytest.mark.parametrize("connector", ROWS)
def test_rows_that_are_written_say_what_the_sample_says(connector, tmp_path):
    described, sample = CONNECTORS[connector], _find_sample(connector)
    source = _read_sample_rows(sample, described)
    said = {(_join(column), _to_plain(cell)) for row in source for column, cell in row.items() if column and cell}
    columns = {_join(column) for row in source for column in row if column}
    files = _write_rows(connector, tmp_path, _read_records(connector, sample))
    written = [row for content in files for row in _read_rows(content, described)]
    assert written
    assert {_join(column) for row in written for column in row} <= columns
    cells = [(_join(column), cell) for row in written for column, cell in row.items() if cell]
    other = {column for column, cell in cells if (column, _to_plain(cell)) not in said}
    assert other == KNOWN.get(connector, set())


def _list_leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts of a JSON document with the names that lead to them, without places in lists."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _list_leaves(one, f"{path}/{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _list_leaves(one, path)
    elif value is not None:
        yield path, str(value)


def _list_elements(content: bytes) -> Iterator[tuple[str, str]]:
    for element in etree.fromstring(content).iter(etree.Element):
        names = [etree.QName(one).localname for one in (*reversed(list(element.iterancestors())), element)]
        if text := (element.text or "").strip():
            yield "/" + "/".join(names), text


def _get_last(path: str) -> str:
    return path.rpartition("/")[2]


def _list_texts(content: bytes) -> list[tuple[str, str]]:
    return list(_list_elements(content) if content.lstrip().startswith(b"<") else _list_leaves(json.loads(content)))


@pytest.mark.parametrize("connector", DOCUMENTS)
def test_documents_that_are_written_say_what_the_sample_says(connector):
    supplier, described, _info = PLUGINS.find_connector(connector)
    sample = _find_sample(connector)
    said = {(_get_last(path), _to_plain(text)) for path, text in _list_texts(sample.read_bytes())}
    documents = [content for _, content in write_documents(_read_records(connector, sample), supplier, described)]
    assert documents
    written = [(_get_last(path), text) for content in documents for path, text in _list_texts(content)]
    other = {name for name, text in written if (name, _to_plain(text)) not in said}
    assert other == MADE.get(connector, set()), "what we make ourselves, and nothing else, is not in the sample"
    assert len(written) > 10


def test_several_numbers_are_several_members_of_a_resource_and_never_one_text():
    supplier, described, _info = PLUGINS.find_connector("tddui-fhir")
    records = _read_records("tddui-fhir", _find_sample("tddui-fhir"))
    documents = (json.loads(content) for _, content in write_documents(records, supplier, described))
    resources = [entry["resource"] for bundle in documents for entry in bundle["entry"]]
    numbers = [[one["value"] for one in resource.get("telecom", ())] for resource in resources]
    assert max(map(len, numbers)) > 2
    assert not [number for several in numbers for number in several if " / " in number]


def test_every_connector_that_writes_is_read_by_another_reader():
    writing = {name for name, one in CONNECTORS.items() if set(list_ways(one)) - {"read_file", "read_api"}}
    assert writing == {*ROWS, *DOCUMENTS}
