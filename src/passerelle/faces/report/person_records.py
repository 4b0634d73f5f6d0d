"""The records of one person as cards: what each field is called, what it holds, what it held before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.contracts.access import Showing
from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import FieldKind
from passerelle.documents.blocks import Heading
from passerelle.documents.plain_page import FactCard
from passerelle.engine.persons.person_records import NumberedProfessional, find_day
from passerelle.faces.report.field_values import format_field, get_title
from passerelle.faces.report.plain_words import join_titles
from passerelle.vocabulary.formatting import format_count, format_day, format_labelled
from passerelle.vocabulary.language import _, get_current, translate_plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from passerelle.documents.plain_page import PlainBlock
    from passerelle.engine.persons.person_access import PersonAccess
    from passerelle.engine.persons.person_records import PersonRecord, RecordState

_LONG = 255
"""Length from which a text is a narrative: somebody else may be in it, so it is read before it is handed over."""
_FEW = 5
"""Records of one contract that are written line by line; more would fill a page each, a year of visits fifty."""
_NAMES = ("used_first_name", "first_names", "first_name"), ("usual_name", "birth_name", "last_name")


def get_contract_title(contract_id: str) -> str:
    """Return the title of a contract in the language in use."""
    about = contracts.get(contract_id).about
    return about.fr_title if get_current() == "fr" else about.en_title


def name_asker(access: PersonAccess) -> str:
    """Return the name of who asked, as their own record has it; empty where none is readable."""
    for record in access.own_records:
        if record.is_own and record.contract.partition("/")[0] in ("person", "related_contact", "professional"):
            values = record.latest.values
            parts = (next((str(values[name]) for name in some if name in values), "") for some in _NAMES)
            return " ".join(filter(None, parts))
    return ""


def iter_record_blocks(records: Sequence[PersonRecord]) -> Iterator[PlainBlock]:
    """Yield the records, those of one contract under one heading."""
    by_contract: dict[str, list[PersonRecord]] = {}
    for record in records:
        by_contract.setdefault(record.contract, []).append(record)
    for contract_id, some in by_contract.items():
        title = get_contract_title(contract_id)
        yield Heading(2, title if len(some) == 1 else f"{title} ({format_count(len(some))})")
        for record in some:
            yield make_card(record, is_alone=len(some) == 1, is_compact=len(some) > _FEW)


def make_card(record: PersonRecord, *, is_alone: bool = False, is_compact: bool = False) -> FactCard:
    """Return the card of one record: the state that came last, and what other states say otherwise."""
    latest = record.latest
    facts = [(label, lines) for _name, label, lines in _iter_facts(record.contract, latest)]
    for state in record.states:
        if state is not latest:
            facts += _iter_differences(record.contract, latest, state)
    day = find_day(record)
    title = format_day(day) if day else ""
    if not is_alone:
        title = title or get_contract_title(record.contract)
    reasons = sorted({reason for state in record.states for reason in state.reasons})
    says = " ".join(explain(code, dict(details))[0] for code, details in reasons)
    aside = _("Set aside: {why}").format(why=says) if says else ""
    # what two earlier states say alike is told once
    return FactCard(title, tuple(dict.fromkeys(facts)), aside, is_compact=is_compact)


def _iter_facts(contract_id: str, state: RecordState) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    contract = contracts.get(contract_id)
    for name in contract.list_fields():
        if name in state.values:
            yield name, get_title(contract, name), format_field(contract_id, name, state.values[name])
        elif name in state.as_received:
            words = _("{text} (as we received it; it could not be read)").format(text=state.as_received[name])
            yield name, get_title(contract, name), (words,)


def _iter_differences(
    contract_id: str, latest: RecordState, state: RecordState
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what another state that is still held says otherwise than the one that came last."""
    shown = {name: lines for name, _label, lines in _iter_facts(contract_id, latest)}
    moment = min(state.received, default=None)
    for name, label, lines in _iter_facts(contract_id, state):
        if shown.get(name) != lines:
            if moment is None:
                words = _("{field}, in a row that was set aside").format(field=label)
            else:
                day = format_day(moment.date().isoformat())
                words = _("{field}, in the file of {day}").format(field=label, day=day)
            yield words, lines


def count_narratives(records: Iterable[PersonRecord]) -> int:
    """Count the free texts of records: whoever hands them over has to read them, for others may be named in them."""
    return sum(
        1
        for record in records
        for state in record.states
        for name in state.values
        if name != "extra" and is_narrative(record.contract, name)
    )


def is_narrative(contract_id: str, name: str) -> bool:
    """Whether a field is a long free text."""
    shape = list_shapes(contracts.get(contract_id))[name]
    return shape.kind is FieldKind.TEXT and shape.max_length > _LONG


def count_fields(records: Iterable[PersonRecord], showing: Showing) -> dict[str, int]:
    """Count records in which something is withheld for one reason, by contract and fields in words."""
    counts: dict[str, int] = {}
    for record in records:
        contract = contracts.get(record.contract)
        names = record.withheld.get(showing, set())
        if names:
            # the title of `extra` says nothing to anybody: the record it came with does
            known = (name for name in contract.list_fields() if name in names and name != "extra")
            titles = join_titles(get_title(contract, name) for name in known)
            kind = get_contract_title(record.contract)
            label = format_labelled(kind, titles) if titles else kind
            counts[label] = counts.get(label, 0) + 1
    return counts


def count_professionals(records: Iterable[PersonRecord]) -> int:
    """Count the professionals who stand in records by a number."""
    found = {value.number for one in records for state in one.states for value in _flatten(state.values.values())}
    return len(found)


def _flatten(values: Iterable[Any]) -> Iterator[NumberedProfessional]:
    for value in values:
        items = value if isinstance(value, list) else [value]
        yield from (item for item in items if isinstance(item, NumberedProfessional))


def iter_reserved(records: Iterable[PersonRecord]) -> Iterator[str]:
    """Yield the records in which a text is reserved to the professional who wrote it: what and when, never the text."""
    for record in records:
        if Showing.RESERVED in record.withheld:
            title, day = get_contract_title(record.contract), find_day(record)
            yield _("{record}, {day}").format(record=title, day=format_day(day)) if day else title


def count_words(count: int) -> str:
    """Return how many records, in words."""
    return translate_plural("{count} record", "{count} records", count).format(count=format_count(count))
