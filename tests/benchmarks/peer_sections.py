"""What `make bench-peers` measures: peers beside the product, for documents and for the job, and what each lets pass.

What is let pass is counted, not claimed: records are compared with the document as the standard library reads it, and
rows with those that the plain loop sets aside, with which the product agrees row by row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import documents
import measuring
import silence
from document_sections import LIBRARY, VARIED_JSON, VARIED_XML
from sections import PLAIN, PRODUCT, exported, in_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from document_sections import Document
    from measuring import Measure
    from sections import Contenders, Options
    from silence import Silence

_DOCUMENTS = measuring.HERE / "peer_documents.py"
_DECODED = measuring.HERE / "decoded.py"
_ODD = 2_000_000
"""Bytes of the documents in which what is changed is counted."""
DOCUMENT_PEERS = {
    VARIED_JSON: ("polars.read_json", "duckdb read_json", "pandas.json_normalize"),
    VARIED_XML: ("xmltodict", "pandas.read_xml"),
}


@dataclass(frozen=True)
class Reading:
    """One reader of documents: what it changed in silence, and what it did with documents at fault."""

    silence: Silence
    twice: str
    """Of records in which a member stands twice; empty where the form allows it."""
    cut: str
    """Of a document that is cut off."""


@dataclass(frozen=True)
class Readers:
    """The readers of one kind of document: what each took, the library alone among them, and what each did."""

    measures: dict[str, Measure]
    readings: dict[str, Reading]


def peers_of_documents(
    size: int, options: Options, peers: Mapping[Document, tuple[str, ...]] = DOCUMENT_PEERS
) -> dict[str, Readers]:
    """Measure readers of varied documents, in turn, and count what each changes without a word."""
    found = {}
    for kind, names in peers.items():
        with TemporaryDirectory() as name:
            folder = Path(name)
            path = folder / kind.file
            kind.write(path, size)
            measures = in_turn(_contend(kind, path, names, options), min(options.times, 3))
            found[kind.file] = Readers(measures, _count(kind, folder, names, options))
    return found


def _contend(kind: Document, path: Path, names: tuple[str, ...], options: Options) -> Contenders:
    peers = options.peers or Path()
    contenders: Contenders = {
        PRODUCT: lambda room: measuring.checking(("check", str(path), "--connector", kind.connector), room),
        LIBRARY: lambda room: measuring.python((measuring.HERE / "documents.py", kind.library, path), room),
    }
    for reader in names:
        contenders[reader] = lambda room, reader=reader: measuring.python(
            (_DOCUMENTS, reader, path), room, interpreter=peers
        )
    return contenders


def _count(kind: Document, folder: Path, names: tuple[str, ...], options: Options) -> dict[str, Reading]:
    """Return for each reader what it changes, and what it does with a member that is twice and with a broken end."""
    form = kind.file.rsplit(".", 1)[1]
    odd, twice, cut = (folder / f"{name}.{form}" for name in ("odd", "twice", "cut"))
    if form == "json":
        documents.write_odd_json(odd, _ODD)
        documents.write_odd_json(twice, _ODD, twice=True)
    else:
        kind.write(odd, _ODD)
    kind.write(cut, _ODD)
    documents.cut_off(cut)
    read_truth = silence.read_json_truth if form == "json" else silence.read_xml_truth
    readers = {PRODUCT: _read_ourselves(kind, folder), **{one: _let_read(one, folder, options) for one in names}}
    found = {}
    for name, read in readers.items():
        told = read(odd)
        if told is None:
            raise SystemExit(f"{name} does not read a sound document")
        records, bent = silence.read_records(told, form)
        found[name] = Reading(
            silence.compare(read_truth(odd), records, bent),
            _tell_twice(read_truth(twice), read(twice), form) if form == "json" else "",
            "refused" if read(cut) is None else "taken",
        )
    return found


def _let_read(name: str, folder: Path, options: Options) -> Callable[[Path], list[str] | None]:
    return lambda path: _run((_DOCUMENTS, name, path), folder, options.peers or Path())


def _read_ourselves(kind: Document, folder: Path) -> Callable[[Path], list[str] | None]:
    return lambda path: _run((_DECODED, path, kind.connector), folder, None)


def _run(words: tuple[str | Path, ...], folder: Path, interpreter: Path | None) -> list[str] | None:
    """Return what a reader writes, line by line; nothing where it refuses the document."""
    out = folder / "out.ndjson"
    out.unlink(missing_ok=True)
    chosen = {} if interpreter is None else {"interpreter": interpreter}
    try:
        measuring.python((*words, out), folder / "room", **chosen)
    except RuntimeError:
        return None
    return out.read_text("utf-8").splitlines()


def _tell_twice(truth: silence.Truth, told: list[str] | None, form: str) -> str:
    if told is None:
        return "document refused"
    records, _bent = silence.read_records(told, form)
    seen = silence.compare(truth, records)
    return f"{seen.taken:,} of {seen.repeated:,} taken"


@dataclass(frozen=True)
class Passing:
    """A contender of the job: what it took, and which rows it judges otherwise than the whole job does."""

    measure: Measure
    through: int
    """Bad rows that it lets through."""
    bad: int
    lost: int
    """Good rows that do not come out."""
    reasons: bool
    """Whether what it sets aside is kept, each row with a reason."""


JOB_PEERS = {
    "dlt": ("peer_dlt.py", False),
    "singer": ("peer_singer.py", False),
    "petl": ("peer_petl.py", True),
    "polars script": ("peer_polars.py", True),
    "frictionless": ("peer_frictionless.py", True),
}
"""Each peer's script, and whether rows that it does not let through are kept with a reason."""


def peers_of_the_job(
    rows: int, options: Options, peers: Mapping[str, tuple[str, bool]] = JOB_PEERS
) -> dict[str, Passing]:
    """Measure the job done by peers, in turn, and count what each lets pass that the whole job does not."""
    counted: dict[str, tuple[int, int, int]] = {}

    def count(folder: Path) -> str:
        if problem := measuring.disagreement(folder / PRODUCT, folder / PLAIN):
            return problem
        bad = _read_bad_rows(folder / PLAIN / "aside.ndjson")
        good = {str(number) for number in range(1, rows + 1)} - bad
        for name in (PRODUCT, PLAIN, *peers):
            told = set(_read_accepted(folder / name, rows))
            counted[name] = (len(told & bad), len(bad), len(good - told))
        return ""

    with exported(rows) as source:
        file = source / "export.csv"
        contenders: Contenders = {
            PRODUCT: lambda room: measuring.product(source, room),
            PLAIN: lambda room: measuring.plain(file, room),
        }
        for name, (script, _reasons) in peers.items():
            words = (measuring.HERE / script, file)
            contenders[name] = lambda room, words=words: measuring.python(
                (*words, room), room, interpreter=options.peers or Path()
            )
        measures = in_turn(contenders, options.times, count)
    reasons = {PRODUCT: True, PLAIN: True, **{name: keeps for name, (_script, keeps) in peers.items()}}
    return {name: Passing(one, *counted[name], reasons[name]) for name, one in measures.items()}


def _read_bad_rows(aside: Path) -> set[str]:
    with aside.open(encoding="utf-8") as lines:
        return {json.loads(line)["cells"][0] for line in lines}


def _read_accepted(room: Path, rows: int) -> Iterator[str]:
    """Yield the number of each row that came out; frictionless writes none, and says which are wrong."""
    if (room / "report.json").exists():
        report = json.loads((room / "report.json").read_text("utf-8"))
        wrong = {error["rowNumber"] for task in report["tasks"] for error in task["errors"] if "rowNumber" in error}
        yield from (str(number) for number in range(1, rows + 1) if number + 1 not in wrong)
        return
    files = [*room.rglob("accepted.ndjson"), *room.glob("out/**/*.jsonl"), *room.glob("out/*.ndjson")]
    for file in files:
        with file.open(encoding="utf-8") as lines:
            yield from (record["ref"].rsplit(":", 1)[1] for line in lines if "ref" in (record := json.loads(line)))
