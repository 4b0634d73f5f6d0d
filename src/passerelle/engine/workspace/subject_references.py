"""References of persons and professionals as people type them: read with care, refused by line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field, fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.contracts.types import URN
from passerelle.stages.gate.subjects import SUBJECTS, find_subject_fields
from passerelle.stages.translate.converters.references import Ref
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import join_clauses
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.ref_spelling import EXACT, SpellingRule, normalise_ref

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.supplier import Connector

_URN = re.compile(URN)
_MOST_FAULTS = 20
"""Lines named in one refusal."""


class ReferenceFault(StrEnum):
    """What is wrong with a line that should be a reference."""

    NO_REFERENCE = N_("not a reference: write system:person:number")
    BARE_ID = N_("a number alone: «passerelle person find» makes the reference from it")
    OTHER_ENTITY = N_("the reference of something else than a person or a professional")
    MALFORMED = N_("not written as references are: copy it from a record, or use «passerelle person find»")


@dataclass(frozen=True, slots=True)
class TypedReference:
    """A reference that somebody typed, and on which line."""

    ref: str = field(repr=False)
    line: int


@dataclass(frozen=True, slots=True)
class SubjectSystems:
    """What the connectors of the settings say of references: systems, entities, spelling."""

    rules: Mapping[str, SpellingRule]
    """By system that some flow reads; `EXACT` where no connector says more."""
    entities: frozenset[str]
    """What stands in a reference for a person, or a professional."""


def read_references(lines: Iterable[str], entities: Collection[str] = SUBJECTS) -> list[TypedReference]:
    """Return the references of persons and professionals, one a line, without empty lines; each once, in order.

    Raises UsageError `usage.references.invalid`, which names every line that is none: nothing is to be done of a file
    of which one line cannot be read, since it may be the refusal of somebody.
    """
    typed: dict[str, TypedReference] = {}
    faults: dict[int, ReferenceFault] = {}
    for number, line in enumerate(lines, 1):
        # spreadsheets begin their text files with a mark, and people leave spaces
        text = line.strip().removeprefix("\ufeff").strip()
        if not text:
            continue
        fault = _find_fault(text, entities)
        if fault is None:
            ref = normalise_ref(text)
            typed.setdefault(ref, TypedReference(ref, number))
        else:
            faults[number] = fault
    if faults:
        raise UsageError("usage.references.invalid", count=str(len(faults)), faults=_name_faults(faults))
    if not typed:
        raise UsageError("usage.references.none")
    return list(typed.values())


def find_systems(settings: Settings, plugins: Plugins) -> SubjectSystems:
    """Return what the connectors of all flows say of references. A flow whose connector is missing says nothing."""
    rules: dict[str, SpellingRule] = {}
    entities = set(SUBJECTS)
    for name in {flow.connector for flow in settings.flows.values()}:
        if (found := plugins.get_connector(name)) is None:
            continue
        _supplier, connector, _plugin = found
        rule = SpellingRule(connector.ids_ignore_case, connector.ids_ignore_zeros)
        for ref in iter_subject_refs(connector):
            rules[ref.system] = rules.get(ref.system, EXACT) | rule
            entities.add(ref.entity)
    return SubjectSystems(rules, frozenset(entities))


def iter_subject_refs(connector: Connector) -> Iterator[Ref]:
    """Yield the converters that make references of persons and professionals."""
    for table in connector.tables:
        names = find_subject_fields(contracts.get(table.contract)).all
        for name in names:
            yield from _iter_refs(table.fields.get(name))


def _iter_refs(converter: Any) -> Iterator[Ref]:
    if isinstance(converter, Ref):
        yield converter
    elif isinstance(converter, Sequence) and not isinstance(converter, str):
        for part in converter:
            yield from _iter_refs(part)
    elif is_dataclass(converter):
        # a converter of converters: the first that is filled, for example
        for entry in fields(converter):
            yield from _iter_refs(getattr(converter, entry.name))


def _find_fault(text: str, entities: Collection[str]) -> ReferenceFault | None:
    system, colon, rest = text.partition(":")
    if not colon:
        is_id = not any(map(str.isspace, text)) and any(map(str.isdigit, text))
        return ReferenceFault.BARE_ID if is_id else ReferenceFault.NO_REFERENCE
    entity, colon, local = rest.partition(":")
    if not colon or not local.strip() or not system.strip():
        return ReferenceFault.NO_REFERENCE
    if _URN.fullmatch(normalise_ref(text)) is None:
        return ReferenceFault.MALFORMED
    return None if entity in entities else ReferenceFault.OTHER_ENTITY


def _name_faults(faults: Mapping[int, ReferenceFault]) -> str:
    """Return what is wrong with which lines, never what stands in them."""
    shown = list(faults.items())[:_MOST_FAULTS]
    named = [_("line {line}: {fault}").format(line=line, fault=_(fault)) for line, fault in shown]
    return join_clauses(named) + (" …" if len(faults) > _MOST_FAULTS else "")
