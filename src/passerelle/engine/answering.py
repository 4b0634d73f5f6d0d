"""What a destination said of each record, entered into the batch's book."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from passerelle.stores.settlement import DeliveredRecords
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.place import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.comparing import BatchComparison
    from passerelle.engine.ledger import Ledger
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import TextTable


def record_answers(answers: Sequence[Answer], comparison: BatchComparison, table: TextTable, ledger: Ledger) -> None:
    """Record the fate that the destination gave each record, what it could not hold, and what it has now."""
    ready = comparison.delivery
    if len(answers) != len(ready):
        message = "a destination gives one answer a record"
        raise ValueError(message)
    if _is_all_taken(answers):
        ledger.count(Fate.DELIVERED, len(ready))
        keys, contents = comparison.ref_keys.tobytes(), comparison.contents.tobytes()
        ledger.known.append(DeliveredRecords(ready.contract, keys, contents, ready.versions))
        each = Counter(answers[0].unmapped)
        ledger.count_unmapped({name: count * len(ready) for name, count in each.items()}, ready.contract)
        return
    taken = [index for index, answer in enumerate(answers) if answer.fate is Fate.DELIVERED]
    ledger.count(Fate.DELIVERED, len(taken))
    remotes = [answers[index].remote_id for index in taken]
    ledger.known.append(
        DeliveredRecords(
            ready.contract,
            comparison.ref_keys[taken].tobytes(),
            comparison.contents[taken].tobytes(),
            [ready.versions[index] for index in taken],
            remotes if any(remotes) else (),
        )
    )
    rows = ready.frame.get_column(ROW).to_list()
    for answer, row in zip(answers, rows, strict=True):
        if answer.fate is not Fate.DELIVERED:
            place = Place(table.lines[row], member=table.member)
            ledger.set_aside(
                [SetAside(answer.fate, answer.reason, place, row, details=answer.details, contract=ready.contract)]
            )
    # only what was delivered left something behind: of a refused record nothing is there
    ledger.count_unmapped(Counter(name for index in taken for name in answers[index].unmapped), ready.contract)


def _is_all_taken(answers: Sequence[Answer]) -> bool:
    """Whether the destination took every record and says the same of each: what files and tables do."""
    first = answers[0]
    return first.fate is Fate.DELIVERED and not first.remote_id and answers.count(first) == len(answers)
