"""Signs that a sample is doubtful, for the buyer to ask about; none of them changes a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import DataSubject
from passerelle.tender.scoring import score_labels
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.stages.translate.drift import Drift
    from passerelle.tender.scoring.gathering import Gatherer
    from passerelle.tender.scoring.scorecard import ScoredSample

_ENOUGH = 20
"""Records from which the same value everywhere is worth a question."""


def list_suspicions(
    gathered: Gatherer, samples: tuple[ScoredSample, ...], drifts: Iterable[tuple[str, Drift]]
) -> tuple[str, ...]:
    """Return sentences on what to ask about. `drifts`: by file, how its columns differ from those described."""
    renamed = _find_renamed(drifts)
    return (
        *_find_examples(gathered),
        *_find_same_files(samples),
        *renamed,
        *_find_constants(gathered),
        *_find_numbers(samples),
    )


def _find_renamed(drifts: Iterable[tuple[str, Drift]]) -> Iterator[str]:
    for file, drift in drifts:
        for old, new in drift.renamed:
            sentence = _("the column «{old}» is missing; it is probably «{new}» now.").format(old=old, new=new)
            yield format_labelled(file, sentence)


def _find_examples(gathered: Gatherer) -> Iterator[str]:
    for contract, number in gathered.examples.items():
        if number:
            sentence = translate_plural(
                "{contract}: {count} record is one of the published examples of the contract.",
                "{contract}: {count} records are published examples of the contract.",
                number,
            )
            yield sentence.format(contract=contract, count=format_count(number))


def _find_same_files(samples: tuple[ScoredSample, ...]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for one in samples:
        if one.digest in seen:
            yield _("«{one}» and «{other}» are the same file.").format(one=seen[one.digest], other=one.name)
        seen.setdefault(one.digest, one.name)


def _find_constants(gathered: Gatherer) -> Iterator[str]:
    for contract, tally in gathered.tallies.items():
        facts = tally.contract.describe_fields()
        for name, field in tally.fields.items():
            fact = facts.get(name)
            # A sample of one service names one organisation: that is no suspicion.
            alone = fact is not None and (fact.subject is DataSubject.ORGANISATION or fact.reference == "organisation")
            if field.only is None or field.varied or field.filled < _ENOUGH or alone:
                continue
            sentence = _("{contract}: «{field}» holds the same value in all {count} records that fill it.")
            filled = format_count(field.filled)
            yield sentence.format(contract=contract, field=score_labels.get_field_title(contract, name), count=filled)


def _find_numbers(samples: tuple[ScoredSample, ...]) -> Iterator[str]:
    for one in samples:
        for column in one.numbered:
            sentence = _(
                "«{file}»: the column «{column}», outside the contract, seems to hold social security numbers."
            )
            yield sentence.format(file=one.name, column=column)
