"""What the page says of documents, messages, wide files and cores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from document_sections import EXACT, FEW_CORES, LIBRARY, count_cores
from page_table import write_table
from sections import PRODUCT

if TYPE_CHECKING:
    from page import Results

_LIBRARIES = {"json": "json.loads", "xml": "lxml"}


def _name_library(file: str) -> str:
    return _LIBRARIES[file.rsplit(".", 1)[1]]


def write_documents(results: Results) -> str:
    """Return the table of long documents."""
    rows = [
        f"{file} | {one[PRODUCT].wall:.1f} | {one[PRODUCT].cpu:.1f} | {one[PRODUCT].peak:,.0f} MiB "
        f"| {_name_library(file)} | {one[LIBRARY].cpu:.1f} | {one[LIBRARY].peak:,.0f} MiB "
        f"| {one[PRODUCT].cpu / one[LIBRARY].cpu:.1f} ×"
        for file, one in results.documents.items()
    ]
    header = (
        f"{results.document_size / 1e6:,.0f} MB | passerelle check, seconds | processor seconds | peak memory "
        "| library alone | processor seconds | peak memory | processor time of the library"
    )
    after = (
        "Where a name says «varied», no two records are alike, in members, lists and values; the others repeat what a"
        " sample holds, which flatters whoever keeps what it has seen. The library goes through the document and does"
        " nothing with it; `check` also translates, judges and accounts for every record."
    )
    return write_table("Long documents", header, rows, after) if rows else ""


def write_malformed(results: Results) -> str:
    """Return the table of documents that are cut off."""
    rows = [
        f"{file}, cut off at its end | {one[PRODUCT].cpu:.1f} | {one[EXACT].cpu:.1f} "
        f"| {one[PRODUCT].cpu / one[EXACT].cpu:.2f} × | {one[LIBRARY].cpu:.1f} "
        f"| {one[PRODUCT].cpu / one[LIBRARY].cpu:.1f} × | {one[PRODUCT].peak:,.0f} MiB"
        for file, one in results.malformed.items()
    ]
    header = (
        f"{results.document_size / 1e6:,.0f} MB | passerelle check, processor seconds | exact readers alone | to these"
        " | library alone, up to the fault | to the library | peak memory"
    )
    after = (
        "A document that is not sound is refused whole, with the place of the fault: the quick readers find out at its"
        " end and leave the words to the exact ones, the only ones there were before. Both say the same words, which"
        " is compared before anything is printed."
    )
    return write_table("Long documents that break off", header, rows, after) if rows else ""


def write_shapes(results: Results) -> str:
    """Return the table of documents of real shapes."""
    rows = [
        f"{file} | {one.size / 1e6:.1f} MB | {one.measures[PRODUCT].wall:.1f} | {one.measures[PRODUCT].cpu:.1f} "
        f"| {one.measures[PRODUCT].peak:,.0f} MiB | {_name_library(file)} | {one.measures[LIBRARY].cpu:.2f} "
        f"| {one.measures[PRODUCT].cpu / one.measures[LIBRARY].cpu:.1f} ×"
        for file, one in results.shapes.items()
    ]
    header = (
        "document | size | passerelle check, seconds | processor seconds | peak memory | library alone "
        "| processor seconds | processor time of the library"
    )
    after = (
        "`esppadom.xml` is the month of an association in the shape of the plugin's messages, `fhir.json` the case"
        " files of a service as one bundle; values are invented, no two visits and no two persons are alike. Start-up"
        " is a part of each figure."
    )
    return write_table("Documents of a real shape", header, rows, after) if rows else ""


def write_wide(results: Results) -> str:
    """Return the table of the wide file."""
    if results.wide is None:
        return ""
    one = results.wide
    rows = [f"{results.wide_columns:,} | {one.wall:.2f} | {one.cpu:.2f} | {one.peak:,.0f} MiB"]
    after = "Each unknown column is named in the report, and its values go on under the name that the supplier gave it."
    header = "unknown columns | passerelle run, seconds | processor seconds | peak memory"
    return write_table("A wide file of twelve rows", header, rows, after)


def write_messages(results: Results) -> str:
    """Return the table of waiting messages."""
    if results.messages is None:
        return ""
    one = results.messages
    rows = [f"{one.count:,} | {one.milliseconds:.1f} ms | {one.peak:,.0f} MiB"]
    after = (
        "Messages of one record, received before and worked on in one run towards a folder: processor time inside the"
        " process, without what starting costs."
    )
    return write_table("Waiting messages", "messages | processor time of each | peak memory", rows, after)


def write_cores(results: Results) -> str:
    """Return the table of cores, or one sentence where there are too few."""
    if results.cores is None:
        return ""
    title = f"{results.cores_rows:,} rows on more and more cores"
    if not results.cores:
        why = f"it takes {FEW_CORES} cores, and a system that keeps a process to some; this machine has {count_cores()}"
        return f"## {title}\n\nNot measured: {why}.\n"
    alone = results.cores[min(results.cores)]
    rows = [
        f"{number} | {one.wall:.1f} | {one.cpu:.1f} | {alone.wall / one.wall:.2f} × | {one.peak:,.0f} MiB"
        for number, one in results.cores.items()
    ]
    after = "The process is kept to so many cores by the system; its settings are the usual ones each time."
    header = "cores | seconds | processor seconds | faster than on one | peak memory"
    return write_table(title, header, rows, after)
