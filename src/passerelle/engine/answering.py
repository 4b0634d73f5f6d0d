"""What a destination said of each record, entered into the batch's book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.stores.settlement import KnownRecords
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.parcels import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.comparing import Comparison
    from passerelle.engine.ledger import Ledger
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import TextTable


def enter(answers: Sequence[Answer], comparison: Comparison, table: TextTable, ledger: Ledger) -> None:
    """Enter each record under the fate that the destination gave it, and remember those that it has now."""
    ready = comparison.ready
    taken = _taken(answers, len(ready))
    ledger.count(Fate.DELIVERED, len(taken))
    remotes = [answers[index].remote for index in taken]
    ledger.known.append(
        KnownRecords(
            ready.contract,
            comparison.ref_keys[taken].tobytes(),
            comparison.contents[taken].tobytes(),
            [ready.versions[index] for index in taken],
            remotes if any(remotes) else (),
        )
    )
    if len(taken) == len(ready):
        return
    rows = ready.frame.get_column(ROW).to_list()
    for answer, row in zip(answers, rows, strict=True):
        if answer.fate is not Fate.DELIVERED:
            place = Place(table.lines[row], member=table.member)
            ledger.set_aside(
                [SetAside(answer.fate, answer.reason, place, row, facts=answer.facts, contract=ready.contract)]
            )


def _taken(answers: Sequence[Answer], expected: int) -> Sequence[int]:
    """Give the places of the records that the destination took; most often it says the same of all."""
    if len(answers) != expected:
        message = "a destination gives one answer a record"
        raise ValueError(message)
    if answers[0].fate is Fate.DELIVERED and answers.count(answers[0]) == expected:
        return range(expected)
    return [index for index, answer in enumerate(answers) if answer.fate is Fate.DELIVERED]
