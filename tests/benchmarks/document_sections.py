"""What `make bench` measures of documents, messages, wide files and cores; contenders take turns here too."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import documents
import export
import measuring
import shaped
import small_parcels
from sections import PRODUCT, exported, in_turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from measuring import Measure
    from sections import Contenders, Options

LIBRARY, DECODED, EXACT = "library", "decoded", "exact"
FEW_CORES = 4
_SCRIPT = measuring.HERE / "documents.py"


@dataclass(frozen=True)
class Document:
    """A kind of document: how it is written in a size, which connector reads it, which library goes through it."""

    file: str
    write: Callable[[Path, int], None]
    connector: str
    library: str


XML = Document("flux.xml", documents.write_xml, "cnaf-rsa-flux", "lxml")
VARIED_XML = Document("flux-varied.xml", documents.write_varied_xml, "cnaf-rsa-flux", "lxml")
JSON = Document("rdvs.json", documents.write_json, "rdv-solidarites-rdvs", "json")
VARIED_JSON = Document("rdvs-varied.json", documents.write_varied_json, "rdv-solidarites-rdvs", "json")
LONG = (JSON, VARIED_JSON, XML, VARIED_XML)


@dataclass(frozen=True)
class Shaped:
    """A document of a real shape: what it holds, in bytes, and what going through it took."""

    size: int
    measures: dict[str, Measure]


def _alone(kind: Document, path: Path) -> Callable[[Path], Measure]:
    return lambda room: measuring.python((_SCRIPT, kind.library, path), room)


def _contend(kind: Document, path: Path) -> Contenders:
    words = (measuring.HERE / "decoded.py", path, kind.connector)
    return {
        PRODUCT: lambda room: measuring.checking(("check", str(path), "--connector", kind.connector), room),
        DECODED: lambda room: measuring.python(words, room),
        LIBRARY: _alone(kind, path),
    }


def long_documents(size: int, options: Options) -> dict[str, dict[str, Measure]]:
    """Check long documents; beside each, the product's reading of it alone, and the library that goes through it.

    A document of one record, over and over, flatters its reader: that of records of which no two are alike does not.
    """
    found = {}
    with TemporaryDirectory() as name:
        for kind in LONG:
            path = Path(name) / kind.file
            kind.write(path, size)
            found[kind.file] = in_turn(_contend(kind, path), min(options.times, 3))
            path.unlink()
    return found


def malformed(size: int, options: Options) -> dict[str, dict[str, Measure]]:
    """Check varied documents that are cut off at the end, as the exact readers alone do it too; both say the same."""
    found = {}
    with TemporaryDirectory() as name:
        for kind in (VARIED_JSON, VARIED_XML):
            path = Path(name) / kind.file
            kind.write(path, size)
            documents.cut_off(path)
            words = (measuring.HERE / "exact.py", "check", path, "--connector", kind.connector)
            contenders: Contenders = {
                PRODUCT: _refused(kind, path),
                EXACT: lambda room, words=words: measuring.python(words, room, codes=_REFUSED),
                LIBRARY: _alone(kind, path),
            }
            found[kind.file] = in_turn(contenders, min(options.times, 3), _compare_words)
            path.unlink()
    return found


_REFUSED = (1,)
"""How `check` ends when a document cannot be read."""


def _refused(kind: Document, path: Path) -> Callable[[Path], Measure]:
    words = ("check", str(path), "--connector", kind.connector)
    return lambda room: measuring.checking(words, room, codes=_REFUSED)


def _compare_words(folder: Path) -> str:
    quick, exact = ((folder / name / "words.txt").read_text("utf-8") for name in (PRODUCT, EXACT))
    return "" if quick == exact else "the quick reader and the exact one say different things of a document"


def real_shapes(month: tuple[int, int], cases: int, options: Options) -> dict[str, Shaped]:
    """Check an ESPPADOM month of so many persons and visits, and a FHIR bundle of so many case files."""
    found = {}
    kinds = (
        Document("esppadom.xml", lambda path, _size: shaped.write_month(path, *month), "esppadom-delivery", "lxml"),
        Document("fhir.json", lambda path, _size: shaped.write_bundle(path, cases), "tddui-fhir", "json"),
    )
    with TemporaryDirectory() as name:
        for kind in kinds:
            path = Path(name) / kind.file
            kind.write(path, 0)
            measures = in_turn(_contend(kind, path), min(options.times, 3))
            found[kind.file] = Shaped(path.stat().st_size, measures)
    return found


def wide(rows: int, columns: int, options: Options) -> Measure:
    """Run a file of few rows and very many columns that the connector does not know."""
    with TemporaryDirectory() as name:
        source = Path(name)
        export.write_wide(source / "export.csv", rows, columns)
        return in_turn({PRODUCT: lambda room: measuring.product(source, room)}, options.times)[PRODUCT]


@dataclass(frozen=True)
class Parcels:
    """A night of small parcels: how many, milliseconds of processor for each, peak in MiB."""

    count: int
    milliseconds: float
    peak: float


def messages(count: int, options: Options) -> Parcels:
    """Work on so many waiting messages of one record each, in one run."""
    found = [small_parcels.measure("messages", count, "folder") for _nth in range(options.times)]
    if any(one["parcels"] != count for one in found):
        raise SystemExit("not every message was worked on")
    return Parcels(count, *(median(one[name] for one in found) for name in ("milliseconds", "peak_mib")))


def count_cores() -> int:
    """Return on how many cores this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cores(rows: int, options: Options, *, few: int = FEW_CORES) -> dict[int, Measure]:
    """Run the job on one core, two and four; nothing where there are fewer than `few`, or where none can be chosen."""
    if count_cores() < few or not hasattr(os, "sched_setaffinity"):
        return {}
    asked = [number for number in (1, 2, 4) if number <= count_cores()]
    with exported(rows) as source:
        contenders: Contenders = {
            str(number): lambda room, number=number: measuring.product(source, room, cores=number) for number in asked
        }
        return {int(number): one for number, one in in_turn(contenders, options.times).items()}
