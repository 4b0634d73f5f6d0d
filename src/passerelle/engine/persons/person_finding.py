"""Finds what the stores hold of persons: records delivered, rows in quarantine, files in the depot, lists, answers.

Rows are translated as a run translates them, so that a person is found under whatever the supplier calls them. A row
that cannot be translated is taken for theirs when it holds all parts of their number: what is kept only for being
replayed is rather destroyed once too often.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import unquote

import polars as pl

from passerelle import contracts
from passerelle.engine.path.batch_stream import decode_shaped
from passerelle.engine.path.collecting import Blocks
from passerelle.engine.persons.subject_lookup import list_variants
from passerelle.engine.quarantine.replaying import read_cells
from passerelle.engine.records.subject_memory import SUBJECT
from passerelle.stages.decode.replay import write_replay_line
from passerelle.stages.gate.subjects import SUBJECTS
from passerelle.stages.translate.translation import translate
from passerelle.stores.parcels import LOOK, REPLAY, WITHDRAWN
from passerelle.stores.settlement import QuarantineState
from passerelle.stores.whole_lists import read_pieces
from passerelle.vocabulary.composition import compose, list_ref_forms
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.place import ROW
from passerelle.vocabulary.ref_spelling import EXACT, list_spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import IO

    from passerelle.engine.workspace.assembly import OpenFlow, Workspace
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.stages.translate.translation import Translation
    from passerelle.vocabulary.parcels import DecodedBatch
    from passerelle.vocabulary.ref_spelling import SpellingRule

_KEPT = frozenset({ROW, "ref", "person_ref"})
_AT_ONCE = 5_000
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class SoughtPersons:
    """The persons that are looked for: each reference in every form in which it may have been recorded."""

    refs: tuple[str, ...] = field(repr=False)
    forms: Mapping[str, str] = field(repr=False)
    """By form: the reference that was asked for."""
    numbers: Mapping[tuple[str, ...], str] = field(repr=False)
    """By the parts of a supplier's own number: the reference."""

    @classmethod
    def of(cls, refs: Iterable[str], rules: Mapping[str, SpellingRule] = MappingProxyType({})) -> SoughtPersons:
        """Return the persons of some references, each once; `rules` say by system which spellings are one id."""
        own, forms = tuple(dict.fromkeys(refs)), dict[str, str]()
        for ref in own:
            rule = rules.get(ref.partition(":")[0], EXACT)
            variants = () if rule == EXACT else list_variants(ref, rule)
            forms |= dict.fromkeys((*list_spellings(ref), *list_ref_forms(ref), *variants), ref)
        numbers = {_split_number(form): ref for form, ref in forms.items()}
        return cls(own, forms, {parts: ref for parts, ref in numbers.items() if all(parts)})

    def find_in_cells(self, cells: Iterable[str | None]) -> set[str]:
        """Return the persons all parts of whose number are among the cells of a row."""
        there = {compose(cell.strip()) for cell in cells if cell}
        return {ref for parts, ref in self.numbers.items() if there.issuperset(parts)}

    def find_in_text(self, text: str) -> set[str]:
        """Return the persons all parts of whose number stand in a text."""
        composed = compose(text)
        return {
            ref
            for parts, ref in self.numbers.items()
            if all(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", composed) for part in parts)
        }


def _split_number(ref: str) -> tuple[str, ...]:
    """Return the parts of the supplier's own number in a reference."""
    return tuple(compose(unquote(part)) for part in ref.split(":", 2)[-1].split("~"))


@dataclass(slots=True)
class PersonTraces:
    """What the stores hold of the persons looked for."""

    records: dict[tuple[str, str], set[str]] = field(default_factory=dict, repr=False)
    """By flow and contract: refs of records about them that may have been delivered."""
    items: set[int] = field(default_factory=set)
    """Numbers of quarantined rows."""
    deposits: set[str] = field(default_factory=set)
    """Digests of files in the depot."""
    found: set[str] = field(default_factory=set, repr=False)
    """Those of the persons of whom there is anything."""

    def add_records(self, flow: str, contract: str, refs: Iterable[str]) -> None:
        """Add refs of records."""
        self.records.setdefault((flow, contract), set()).update(refs)


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceSource:
    """Where rows stand that are looked through: a file in the depot, or the quarantine."""

    flow: str
    digest: str = ""
    """Of the file; empty in quarantine."""
    received_at: datetime | None = None


class TraceWitness(Protocol):
    """Sees every batch that is looked through, with all fields of rows that were set aside too."""

    def observe(
        self, source: TraceSource, plan: TranslationPlan, decoded: DecodedBatch, translation: Translation
    ) -> None:
        """Take what is wanted of a batch; it is let go afterwards."""
        ...


Observe: TypeAlias = "Callable[[DecodedBatch, Translation], None]"


def find_traces(workspace: Workspace, persons: SoughtPersons, witness: TraceWitness | None = None) -> PersonTraces:
    """Find what the stores hold of persons. Every file that is kept is read: minutes, where there are many."""
    traces, journal = PersonTraces(), workspace.journal
    for (flow, contract), frame in journal.find_records_about(tuple(persons.forms)).items():
        traces.add_records(flow, contract, frame.get_column("ref"))
        traces.found |= {persons.forms[form] for form in frame.get_column("person").unique()}
    _find_known(workspace, persons, traces)
    _find_words(workspace, persons, traces)
    for name in workspace.settings.flows:
        with workspace.open_flow(name, jobs=1, delivers=False) as open_flow:
            _find_items(workspace, open_flow, persons, traces, witness)
            _find_deposits(workspace, open_flow, persons, traces, witness)
    return traces


def _find_known(workspace: Workspace, persons: SoughtPersons, traces: PersonTraces) -> None:
    """Find the persons' own records by their pseudonyms: these need no list of whom records are about."""
    forms = list(persons.forms)
    keys = b"".join(workspace.seal.pseudonymise_each("ref", forms))
    for flow, contract in workspace.journal.list_scopes():
        if contract == SUBJECT or _is_of_persons(contract):
            known = workspace.journal.recall(flow, contract, keys).versions > 0
            own = [form for form, is_known in zip(forms, known.tolist(), strict=True) if is_known]
            traces.found |= {persons.forms[form] for form in own}
            if own and contract != SUBJECT:
                traces.add_records(flow, contract, own)


def _is_of_persons(contract: str) -> bool:
    """Whether each record of a contract is a person or a professional."""
    return contract in contracts.catalogue() and "ref" in _list_person_fields(contract)


def _list_person_fields(contract: str) -> tuple[str, ...]:
    """Return the fields that say whom a record is about: of a contact, both the person and the contact."""
    about = contracts.get(contract).about
    own = "ref" if about.family in SUBJECTS else ""
    return tuple(dict.fromkeys(filter(None, (about.person, own))))


def _find_words(workspace: Workspace, persons: SoughtPersons, traces: PersonTraces) -> None:
    """Find persons in answers, in the audit trail and in lists of whole exports."""
    subjects = {word for entry in workspace.journal.list_audit_entries() for word in entry.list_words()}
    answered = (ref for ref in persons.refs if workspace.consents.has_answered(ref))
    named = (ref for form, ref in persons.forms.items() if form in subjects)
    traces.found.update(chain(answered, named))
    for row in workspace.journal.list_whole_lists():
        try:
            for contract, piece in read_pieces(workspace.wholes, row.digest):
                own = set(piece.get_column("ref").filter(piece.get_column("ref").is_in(list(persons.forms))))
                if own and _is_of_persons(contract):
                    traces.found |= {persons.forms[form] for form in own}
        except ParcelError:
            continue  # a list that does not open holds nobody


def _find_items(
    workspace: Workspace,
    open_flow: OpenFlow,
    persons: SoughtPersons,
    traces: PersonTraces,
    witness: TraceWitness | None,
) -> None:
    observe = _bind_witness(witness, open_flow, TraceSource(flow=open_flow.flow))
    states = (QuarantineState.WAITING, QuarantineState.REPLAYING)
    # their numbers alone: a quarantine may hold a million
    ids = [row.id for state in states for row in workspace.quarantine.iter_rows(flow=open_flow.flow, state=state)]
    for start in range(0, len(ids), _AT_ONCE):
        lines = []
        payloads = workspace.quarantine.open_payloads(ids[start : start + _AT_ONCE])
        for item, payload in payloads.items():
            cells, origin = read_cells(payload), json.loads(payload)
            if cells:
                lines.append(write_replay_line(item, origin["member"], origin["line"], cells))
            elif own := persons.find_in_text(origin.get("raw") or ""):
                traces.items.add(item)
                traces.found |= own
        if lines:
            pairs = _find_in_stream(BytesIO(b"".join(lines)), open_flow, persons, traces, kind=REPLAY, observe=observe)
            traces.items |= {item for item, _ref in pairs}
            traces.found |= {ref for _item, ref in pairs}


def _bind_witness(witness: TraceWitness | None, open_flow: OpenFlow, source: TraceSource) -> Observe | None:
    return partial(witness.observe, source, open_flow.policy.plan) if witness is not None else None


def _find_deposits(
    workspace: Workspace,
    open_flow: OpenFlow,
    persons: SoughtPersons,
    traces: PersonTraces,
    witness: TraceWitness | None,
) -> None:
    parcels = {row.digest: row for row in workspace.journal.list_parcels(open_flow.flow)}
    for digest, row in parcels.items():
        if row.kind in (LOOK, WITHDRAWN) or not workspace.depot.has(digest):
            continue
        source = TraceSource(flow=open_flow.flow, digest=digest, received_at=row.received_at)
        observe = _bind_witness(witness, open_flow, source)
        try:
            with workspace.depot.open(digest) as stream:
                pairs = _find_in_stream(stream, open_flow, persons, traces, kind=row.kind, observe=observe)
            own = {ref for _item, ref in pairs}
        except ParcelError:
            own = _find_in_bytes(workspace, digest, persons)
        if own:
            traces.deposits.add(digest)
            traces.found |= own


def _find_in_bytes(workspace: Workspace, digest: str, persons: SoughtPersons) -> set[str]:
    """Look for persons in a file that no connector reads; empty when it does not open at all."""
    own: set[str] = set()
    before = ""
    try:
        with workspace.depot.open(digest) as stream:
            while piece := stream.read(_PIECE):
                text = piece.decode("utf-8", "replace")
                own |= persons.find_in_text(before + text)
                before = text[-200:]
    except ParcelError:
        return set()
    return own


def _find_in_stream(
    stream: IO[bytes],
    open_flow: OpenFlow,
    persons: SoughtPersons,
    traces: PersonTraces,
    *,
    kind: str,
    observe: Observe | None,
) -> set[tuple[int, str]]:
    """Return the persons in a file, each with the quarantine item of the row (0 where it is of none).

    Refs of records about them are added to the traces. Raises ParcelError when the file cannot be read.
    """
    policy, own = open_flow.policy, set[tuple[int, str]]()
    dialect = open_flow.connector.dialect
    keep = _KEPT
    if observe is not None:
        keep |= {field.name for entry in policy.plan.tables for field in entry.fields}
    for decoded in decode_shaped(stream, dialect, policy, blocks=Blocks(), kind=kind):
        strict = policy.doubts.strict
        translation = translate(decoded.table, policy.plan, columnar=policy.columnar, strict=strict, keep=keep)
        if observe is not None:
            observe(decoded, translation)
        for row, ref in _iter_rows(translation, decoded, open_flow.flow, persons, traces):
            own.add((decoded.items[row] if decoded.items and row >= 0 else 0, ref))
    return own


def _iter_rows(
    translation: Translation, decoded: DecodedBatch, flow: str, persons: SoughtPersons, traces: PersonTraces
) -> Iterator[tuple[int, str]]:
    """Yield the rows about persons: their number in the batch (-1: it is no row), and the person."""
    named: set[int] = set()
    for contract, frame in _iter_frames(translation):
        for name in _list_person_fields(contract):
            if frame.schema.get(name) != pl.String():
                continue
            if ROW in frame.columns:
                named.update(frame.filter(pl.col(name).is_not_null()).get_column(ROW))
            mine = frame.filter(pl.col(name).is_in(list(persons.forms)))
            if mine.height and "ref" in mine.columns:
                traces.add_records(flow, contract, mine.get_column("ref").drop_nulls())
            rows: Sequence[int] = mine.get_column(ROW).to_list() if ROW in mine.columns else [-1] * mine.height
            yield from zip(rows, (persons.forms[form] for form in mine.get_column(name)), strict=True)
    # a row that names somebody is about nobody else, whatever numbers are in it
    unnamed = (aside for aside in translation.aside if aside.row not in named)
    for aside in chain(decoded.aside, unnamed):
        cells = decoded.table.frame.row(aside.row) if aside.row is not None and aside.raw is None else ()
        own = persons.find_in_cells(cells) if cells else persons.find_in_text(aside.raw or "")
        yield from ((aside.row if aside.row is not None else -1, ref) for ref in own)


def _iter_frames(translation: Translation) -> Iterator[tuple[str, pl.DataFrame]]:
    for records in translation.records:
        yield records.contract, records.frame
    yield from translation.faulty
    yield from translation.deleted
