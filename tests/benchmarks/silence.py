"""What a reader changes without a word: its records beside the document as the standard library reads it, cell by cell.

Numbers are kept as they are written, so that `48.10` and `48.1` are two things; nulls and what is not there are not
cells.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Cells = dict[str, str]


class Number(str):
    """A number as it is written."""

    __slots__ = ()


class Repeated(dict[str, Any]):
    """A record in which a member stands twice; the last one is kept."""


@dataclass(frozen=True)
class Truth:
    """The records of a document by their name, and the names of those in which a member stands twice."""

    records: Mapping[str, Cells]
    repeated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Silence:
    """Of so many records and cells, how many came out otherwise than they are written, or did not come out."""

    records: int
    cells: int
    numbers: int
    """Numbers that are written otherwise."""
    words: int
    """Other values that are not the same."""
    missing: int
    """Cells that are nowhere."""
    lost: int
    """Records that are not there at all."""
    repeated: int
    """Records in which a member stands twice."""
    taken: int
    """Of these, those that came out as if nothing were."""
    bent: int
    """Members that are a list in some records and none in others."""


def load(text: str | bytes) -> Any:
    """Return what JSON says, numbers as written, objects with repeated members marked."""
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=Number, object_pairs_hook=_pair)


def _pair(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    inside = any(isinstance(value, Repeated) for value in made.values())
    return Repeated(made) if inside or len(made) < len(pairs) else made


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the cells of a record of JSON: path, and value as written."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inside is not None:
        for key, one in inside:
            yield from flatten(one, f"{path}.{key}" if path else str(key))
    elif value is not None:
        yield path, {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


def read_json_truth(path: Path) -> Truth:
    """Return the appointments of a document, by number."""
    records = load(path.read_bytes())["rdvs"]
    return Truth(
        {str(record["id"]): dict(flatten(record)) for record in records},
        frozenset(str(record["id"]) for record in records if isinstance(record, Repeated)),
    )


def read_xml_truth(path: Path) -> Truth:
    """Return the persons of a document, by place."""
    persons = ET.parse(path).getroot().iter("Personne")  # noqa: S314  our own document
    return Truth({str(place): dict(_walk(person, "")) for place, person in enumerate(persons)})


def _walk(element: ET.Element, path: str) -> Iterator[tuple[str, str]]:
    seen: dict[str, int] = defaultdict(int)
    for child in element:
        seen[child.tag] += 1
        name = child.tag if seen[child.tag] == 1 else f"{child.tag}#{seen[child.tag]}"
        yield from _walk(child, f"{path}/{name}" if path else name)
    if not len(element) and (text := (element.text or "").strip()):
        yield path, Number(text) if text.replace(".", "", 1).isdigit() else text


def _flatten_elements(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the cells of a record that was made of elements: a list is an element that is repeated."""
    if isinstance(value, dict):
        for key, one in value.items():
            for nth, each in enumerate(one if isinstance(one, list) else [one], 1):
                name = key if nth == 1 else f"{key}#{nth}"
                yield from _flatten_elements(each, f"{path}/{name}" if path else name)
    elif value is not None and (text := str(value).strip()):
        yield path, text


def read_records(lines: Iterable[str], form: str) -> tuple[dict[str, Cells], int]:
    """Return the records that a reader wrote, by number or place, and how many members change their shape."""
    shapes: dict[str, set[bool]] = defaultdict(set)
    found: dict[str, Cells] = {}
    for place, line in enumerate(lines):
        record = load(line)
        for key, is_list in _shape(record):
            shapes[key].add(is_list)
        cells = dict(_unpack(flatten(record)) if form == "json" else _flatten_elements(record))
        found[str(record["id"]) if form == "json" else str(place)] = cells
    return found, sum(len(kinds) > 1 for kinds in shapes.values())


def _shape(value: Any, path: str = "") -> Iterator[tuple[str, bool]]:
    """Yield for each member that holds members, or a list of them, whether it is a list."""
    inside = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else [value]
    if path and inside:
        yield path, isinstance(value, list)
    for one in inside:
        for key, member in one.items():
            if isinstance(member, (dict, list)):
                yield from _shape(member, f"{path}/{key}")


def _unpack(cells: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield cells; where one is a list that was kept as text, the cells of the list."""
    for path, value in cells:
        if value.startswith("[{") and value.endswith("]"):
            yield from flatten(load(value), path)
        else:
            yield path, value


def compare(truth: Truth, records: Mapping[str, Cells], bent: int = 0) -> Silence:
    """Count what is otherwise; records with a repeated member are counted apart."""
    plain = {name: cells for name, cells in truth.records.items() if name not in truth.repeated}
    counts = {"numbers": 0, "words": 0, "missing": 0}
    for name, cells in plain.items():
        told = records.get(name)
        for path, value in cells.items() if told is not None else ():
            if path not in told:
                counts["missing"] += 1
            elif told[path].strip() != value.strip():
                counts["numbers" if isinstance(value, Number) else "words"] += 1
    return Silence(
        records=len(truth.records),
        cells=sum(len(cells) for cells in plain.values()),
        **counts,
        lost=sum(name not in records for name in plain),
        repeated=len(truth.repeated),
        taken=sum(name in records for name in truth.repeated),
        bent=bent,
    )
