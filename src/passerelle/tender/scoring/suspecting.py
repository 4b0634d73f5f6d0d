"""Signs that a sample is doubtful, for the buyer to ask about; none of them changes a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.contracts import field_types
from passerelle.contracts.field_meta import DataSubject
from passerelle.contracts.types import FieldKind
from passerelle.tender.scoring import score_labels
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.contracts.field_meta import FieldMeta
    from passerelle.stages.translate.drift import Drift
    from passerelle.tender.scoring.gathering import Gatherer
    from passerelle.tender.scoring.scorecard import ScoredSample

_ENOUGH = 20
"""Records from which the same value everywhere is worth a question."""
_ONES_OWN = frozenset({"addresses", "birth_name", "first_name", "first_names", "identifiers", "last_name", "telecoms"})
"""Fields that are each person's or professional's own. A tax, a tariff, a payer, a unit, a code may be one for all."""


def list_suspicions(
    gathered: Gatherer, samples: tuple[ScoredSample, ...], drifts: Iterable[tuple[str, Drift]]
) -> tuple[str, ...]:
    """Return sentences on what to ask about. `drifts`: by file, how its columns differ from those described."""
    found = []
    for contract, number in gathered.examples.items():
        if number:
            sentence = translate_plural(
                "{contract}: {count} record is one of the published examples of the contract.",
                "{contract}: {count} records are published examples of the contract.",
                number,
            )
            found.append(sentence.format(contract=contract, count=format_count(number)))
    first: dict[str, str] = {}
    for one in samples:
        if one.digest in first:
            sentence = _("«{one}» and «{other}» are the same file.")
            found.append(sentence.format(one=first[one.digest], other=one.name))
        first.setdefault(one.digest, one.name)
    for file, drift in drifts:
        for old, new in drift.renamed:
            sentence = _("the column «{old}» is missing; it is probably «{new}» now.").format(old=old, new=new)
            found.append(format_labelled(file, sentence))
    found += _find_constants(gathered)
    numbers = _("«{file}»: the column «{column}», outside the contract, seems to hold social security numbers.")
    found += [numbers.format(file=one.name, column=column) for one in samples for column in one.numbered]
    return tuple(found)


def _find_constants(gathered: Gatherer) -> Iterator[str]:
    for contract, tally in gathered.tallies.items():
        facts, shapes = tally.contract.describe_fields(), field_types.list_shapes(tally.contract)
        for name, field in tally.fields.items():
            if field.only is None or field.varied or field.filled < _ENOUGH:
                continue
            if not _is_ones_own(name, facts.get(name), shapes[name].kind):
                continue
            sentence = _("{contract}: «{field}» holds the same value in all {count} records that fill it.")
            filled = format_count(field.filled)
            yield sentence.format(contract=contract, field=score_labels.get_field_title(contract, name), count=filled)


def _is_ones_own(name: str, fact: FieldMeta | None, kind: FieldKind) -> bool:
    """Whether records of one service differ in a field: moments, births, references to people, what is one's own."""
    if kind is FieldKind.URN:
        return fact is not None and fact.subject in (DataSubject.PERSON, DataSubject.WORKER)
    return name in _ONES_OWN or kind in (FieldKind.INSTANT, FieldKind.PARTIAL_DAY)
