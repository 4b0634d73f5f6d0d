"""Decoding of XML: every element of a named path is a row, its attributes and descendants are columns by path."""

from __future__ import annotations

from collections import ChainMap, Counter
from functools import partial
from io import SEEK_END
from itertools import islice
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

from lxml import etree

from passerelle.stages.decode.gathering import ITSELF
from passerelle.stages.decode.header import MAX_COLUMNS, make_free_name
from passerelle.stages.decode.malformed import explain_malformed_xml
from passerelle.stages.decode.row_blocks import cut_blocks, hold_blocks, iter_batches, restore_batches
from passerelle.stages.decode.surroundings import (
    ALL,
    UP,
    Path,
    Surroundings,
    get_local_name,
    replace_controls,
    split_path,
)
from passerelle.stages.decode.tables import add_warnings
from passerelle.stages.decode.units import OddXmlError, RefusedXmlError, Units, is_readable
from passerelle.stages.decode.well_formed import MAX_DEPTH, PARSING, explain_fault, find_fault, is_surely_cut
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from lxml.etree import _Element

    from passerelle.stages.decode.dialects import Xml
    from passerelle.stages.decode.numbering import Numbering
    from passerelle.stages.decode.row_blocks import Block
    from passerelle.vocabulary.outcomes import RowWarning
    from passerelle.vocabulary.parcels import DecodedBatch

MAX_ELEMENTS = 100_000
"""Elements that one row may hold."""
_OURS: dict[str, str | None] = {ROW: None}
"""Names that no cell may have."""
_PROLOG = 1 << 20
"""Bytes in which the root element must begin."""
_CHUNK = 1 << 16
QUICK = 64 << 10
"""Bytes from which the quick reader is tried first."""
_UNFINISHED = frozenset(
    expat.errors.codes[words]
    for words in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)
"""expat's codes for a text that ends too early."""
_PAGE = "html"
"""The root element of a web page."""


class _RootElement(Exception):  # noqa: N818  not an error: how the scan of the prolog ends
    """The root element begins, and no document type came before it."""


def read(stream: IO[bytes], dialect: Xml, block_rows: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    """Read the rows of all named paths, each path into its own batches.

    A fault anywhere parks the parcel before any of it is used: rows are held until the end of the document, or where
    there is no room for them, it is parsed twice.
    """
    return add_warnings(*read_document(stream, dialect, block_rows, numbering))


def read_document(
    stream: IO[bytes], dialect: Xml, block_rows: int, numbering: Numbering
) -> tuple[Iterator[DecodedBatch], tuple[RowWarning, ...]]:
    """Check a whole document, and return its batches and what is to say of it. Raises ParcelError as `read` does."""
    paths = {split_path(path): member for path, member in dialect.rows.items()}
    above = {split_path(path): wanted for path, wanted in dialect.above.items()}
    check_prolog(stream)
    cut = partial(cut_blocks, members=paths.values(), block_rows=block_rows)
    takes_all = any(way.endswith(ALL) for ways in above.values() for way in ways)
    is_refused = False
    if not dialect.kind and not takes_all and stream.seek(0, SEEK_END) >= QUICK and is_readable(stream):
        survey = Surroundings(dialect, paths, above)
        is_refused = is_surely_cut(stream, _list_roots(paths))
        try:
            if not is_refused:
                return _read_quickly(
                    Units(stream, paths, above), survey, stream, cut, numbering
                ), survey.list_warnings()
        except OddXmlError as odd:
            is_refused = isinstance(odd, RefusedXmlError)
    stream, warned = _survey(stream, dialect, paths, above, is_refused=is_refused)
    rows = _iter_rows(stream, paths, above)
    return iter_batches(cut(rows, stream=stream), numbering), warned


def _read_quickly(
    units: Units, survey: Surroundings, stream: IO[bytes], cut: Callable[..., Iterator[Block]], numbering: Numbering
) -> Iterator[DecodedBatch]:
    """Check the whole document by the quick reader, and return its batches. Raises OddXmlError where it is not sure."""
    rows = units.survey(survey)
    held = hold_blocks(cut(rows, stream=stream), stream)
    if held is not None:
        return restore_batches(held, numbering)
    units.gathers = False
    for _none in rows:
        pass  # to the end of the document
    return iter_batches(cut(units.iter_rows(), stream=stream), numbering)


def _survey(
    stream: IO[bytes], dialect: Xml, paths: dict[Path, str], above: dict[Path, tuple[str, ...]], *, is_refused: bool
) -> tuple[IO[bytes], tuple[RowWarning, ...]]:
    """Check the whole document; return it, without control characters if it has some, and what is to say of it.

    `is_refused`: it is hardly well formed, so that is looked at first.
    """
    survey = Surroundings(dialect, paths, above)
    try:
        if is_refused and (found := find_fault(stream, _list_roots(paths))):
            raise found
        _check_document(stream, paths, survey)
    except ParcelError as fault:
        if fault.code != "decode.parcel.flawed" or (mended := replace_controls(stream)) is None:
            raise
        # A control character costs the row that it stands in: there it reads as a lost character.
        stream, survey = mended, Surroundings(dialect, paths, above)
        if is_refused and (found := find_fault(stream, _list_roots(paths))):
            raise found from None
        _check_document(stream, paths, survey)
    return stream, survey.list_warnings()


def _list_roots(paths: Iterable[Path]) -> frozenset[str]:
    return frozenset(path[0] for path in paths)


def check_prolog(stream: IO[bytes]) -> None:
    """Refuse a document type before the parser that could expand its entities sees it, whatever the encoding."""
    stream.seek(0)
    parser = expat.ParserCreate()

    def refuse_document_type(name: str, *_rest: object) -> None:
        if name.lower() == _PAGE:
            raise ParcelError("decode.parcel.web_page", declared="XML")
        raise ParcelError("decode.parcel.document_type")

    def reach_root(*_element: object) -> None:
        raise _RootElement

    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.StartElementHandler = reach_root
    if not stream.read(1):
        raise ParcelError("decode.parcel.empty")
    stream.seek(0)
    line, is_unfinished = 1, False
    try:
        for _chunk in range(0, _PROLOG, _CHUNK):
            data = stream.read(_CHUNK)
            parser.Parse(data, not data)
    except _RootElement:
        return
    except expat.ExpatError as error:
        line, is_unfinished = error.lineno, error.code in _UNFINISHED
    except (LookupError, ValueError):
        line = 1
    if not is_unfinished:
        raise ParcelError("decode.parcel.malformed", declared="XML", line=str(line))
    raise explain_malformed_xml(stream, line, is_unfinished=True)


def _parse(stream: IO[bytes]) -> Iterator[tuple[str, _Element]]:
    """Yield start and end events of a hardened parser. Raises ParcelError: foreign errors hold text of the document."""
    stream.seek(0)
    events = etree.iterparse(stream, events=("start", "end"), **PARSING)
    line, codes = 0, set[int]()
    try:
        yield from events
    except etree.XMLSyntaxError as error:
        line, codes = error.lineno or 1, {error.code, *(entry.type for entry in events.error_log)}
    if line:
        raise explain_fault(stream, line, codes)


def _check_document(stream: IO[bytes], paths: dict[Path, str], survey: Surroundings) -> None:
    """Refuse a document that is malformed, too deep, of another kind, or has another root than every named path."""
    depth = 0
    for event, element in _parse(stream):
        if event == "end":
            survey.end(element)
            depth -= 1
            _free(element)
            continue
        depth += 1
        survey.start(element)
        if depth > MAX_DEPTH:
            raise ParcelError("decode.parcel.too_deep", limit=str(MAX_DEPTH))
        # expat and libxml2 may disagree on where the prolog ends: what reads the rows is asked as well.
        if depth == 1 and element.getroottree().docinfo.doctype:
            raise ParcelError("decode.parcel.document_type")
        if depth == 1 and (root := get_local_name(element.tag)) not in _list_roots(paths):
            if root.lower() == _PAGE:
                raise ParcelError("decode.parcel.web_page", declared="XML")
            raise ParcelError("decode.member.none")
    survey.check_kind()


def _iter_rows(
    stream: IO[bytes], paths: dict[Path, str], above: dict[Path, tuple[str, ...]]
) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Yield the cells of each row as soon as all elements they are taken from are complete.

    Elements are freed as soon as no row takes anything from them.
    """
    steps_up = {path: max((way.split("/").count(UP) for way in above.get(path, ())), default=0) for path in paths}
    # A row waits for the highest element from which one of its cells comes.
    holders = {path: path[: len(path) - steps_up[path]] for path in paths}
    watched = {*paths, *holders.values()}
    path: list[str] = []
    waiting: list[tuple[Path, _Element]] = []
    opened = elements = 0
    for event, element in _parse(stream):
        if event == "start":
            path.append(get_local_name(element.tag))
            opened += tuple(path) in watched
            elements += 1
            if elements > MAX_ELEMENTS:
                raise ParcelError("decode.record.too_many_cells", limit=str(MAX_COLUMNS))
            continue
        here = tuple(path)
        if here in paths:
            waiting.append((here, element))
        if here in watched:
            opened -= 1
            rows = {row for _path, row in waiting}
            yield from (
                (paths[at], _collect_cells(row, above.get(at, ()), rows)) for at, row in waiting if holders[at] == here
            )
            waiting = [(at, row) for at, row in waiting if holders[at] != here]
        path.pop()
        if not opened:
            elements = 0
            _free(element)


def _free(element: _Element) -> None:
    element.clear(keep_tail=True)  # counted as text of its parent, at the event that follows
    # lxml keeps emptied elements in their parent: without this, memory grows with the document.
    while element.getprevious() is not None:
        del element.getparent()[0]


def _collect_cells(row: _Element, above: tuple[str, ...], rows: set[_Element]) -> dict[str, str | None]:
    cells: dict[str, str | None] = {}
    _gather(row, "", cells)
    for way in above:
        for path, element in _find_above(row, way):
            _gather(element, f"{path}/", cells, rows)
    return cells


def _find_above(row: _Element, way: str) -> Iterator[tuple[str, _Element]]:
    """Yield what a row takes from above, with its path: the first element, or each one that the last step names."""
    path = way.removesuffix(ALL)
    found: Iterator[_Element] = iter((row,))
    for step in path.split("/"):
        element = next(found, None)
        if element is None:
            return
        parent = element.getparent()
        found = element.iterchildren("{*}" + step) if step != UP else iter(() if parent is None else (parent,))
    for nth, element in enumerate(found if way.endswith(ALL) else islice(found, 1), start=1):
        yield (path if nth == 1 else f"{path}#{nth}"), element


def _gather(
    element: _Element, prefix: str, cells: dict[str, str | None], rows: Container[_Element] = frozenset()
) -> None:
    """Write an element's attributes, text and descendants, without `rows`, as cells named by their path."""
    for name, value in element.attrib.items():
        cells[make_free_name(f"{prefix}@{get_local_name(name)}", cells)] = value
    children = list(element)
    text = element.text or ""
    if children:
        text = "".join([text, *(child.tail or "" for child in children)]).strip()
    if text or not children:
        cells[make_free_name(prefix.removesuffix("/") or ITSELF, ChainMap(_OURS, cells))] = text
    counts: Counter[str] = Counter()
    for child in children:
        if child in rows:
            continue
        name = get_local_name(child.tag)
        counts[name] += 1
        step = name if counts[name] == 1 else f"{name}#{counts[name]}"
        _gather(child, f"{prefix}{step}/", cells, rows)
