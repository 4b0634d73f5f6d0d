"""Records in the ledger of a batch what the destination answered for each record."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from passerelle.engine.records.record_comparison import encode_moments
from passerelle.stores.settlement import DeliveredRecords
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.place import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.records.ledger import Ledger
    from passerelle.engine.records.record_comparison import BatchComparison
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import TextTable


def record_comparison(comparison: BatchComparison, ledger: Ledger, *, is_late: bool, ordered_by: str) -> None:
    """Record the fates of the records that need not go, and what they say of those that the destination has.

    `is_late`: something newer was taken before, and nothing tells which of two states of a record is the newer.
    `ordered_by`: the column that should tell it.
    """
    contract = comparison.delivery.contract
    changes = comparison.changes
    if comparison.unsaid is not None:
        ledger.warn(comparison.unsaid.iter_warnings(ledger.member))
    ledger.count(Fate.UNCHANGED, comparison.unchanged)
    ledger.count(Fate.DUPLICATE, comparison.duplicate)
    ledger.count_withheld("compare.record.older", contract, int(changes.older.sum()))
    ledger.count_withheld("whole.record.outlived", contract, int(changes.outlived.sum()))
    ledger.warn_of("compare.record.undated", contract, int(changes.undated.sum()), column=ordered_by)
    confirmed = comparison.confirm(np.arange(len(changes.same)))
    if confirmed is not None:
        ledger.known.append(confirmed)  # before what changes the same refs later in this batch
    if is_late:
        ledger.warn_of("collect.parcel.older", contract, comparison.count_changed())


def record_answers(answers: Sequence[Answer], comparison: BatchComparison, table: TextTable, ledger: Ledger) -> None:
    """Record the fate that the destination gave each record, what it could not hold, and what it has now."""
    delivery, moments = comparison.delivery, comparison.moments
    if len(answers) != len(delivery):
        message = "a destination gives one answer a record"
        raise ValueError(message)
    first = answers[0]
    # Files and tables take every record alike: then nothing is built record by record.
    is_plain = first.fate is Fate.DELIVERED and not first.remote_id and not first.version
    if is_plain and answers.count(first) == len(answers):
        ledger.count(Fate.DELIVERED, len(delivery))
        keys, contents = comparison.ref_keys.tobytes(), comparison.contents.tobytes()
        made, about = encode_moments(moments), comparison.subjects
        known = DeliveredRecords(delivery.contract, keys, contents, delivery.versions, moments=made, subjects=about)
        ledger.known.append(known)
        _keep_on_shelf(comparison, None, ledger)
        each = Counter(first.unmapped)
        ledger.count_unmapped({name: count * len(delivery) for name, count in each.items()}, delivery.contract)
        return
    taken = [index for index, answer in enumerate(answers) if answer.fate is Fate.DELIVERED]
    ledger.count(Fate.DELIVERED, len(taken))
    remote_ids = [answers[index].remote_id for index in taken]
    ledger.known.append(
        DeliveredRecords(
            delivery.contract,
            comparison.ref_keys[taken].tobytes(),
            comparison.contents[taken].tobytes(),
            # the version that is there, so that the next one goes on from it
            [answers[index].version or delivery.versions[index] for index in taken],
            remote_ids if any(remote_ids) else (),
            encode_moments(None if moments is None else moments[taken]),
            None if comparison.subjects is None else comparison.subjects[taken],
        )
    )
    _keep_on_shelf(comparison, taken, ledger)
    rows = delivery.frame.get_column(ROW).to_list()
    for answer, row in zip(answers, rows, strict=True):
        if answer.fate is not Fate.DELIVERED:
            place = Place(table.lines[row], member=table.member)
            ledger.set_aside(
                [SetAside(answer.fate, answer.reason, place, row, details=answer.details, contract=delivery.contract)]
            )
    # a refused record has lost no value: it is not at the destination at all
    ledger.count_unmapped(Counter(name for index in taken for name in answers[index].unmapped), delivery.contract)


def _keep_on_shelf(comparison: BatchComparison, taken: Sequence[int] | None, ledger: Ledger) -> None:
    """Note what goes on the shelf, where the flow has one: the records that were taken (None: all)."""
    if comparison.shelf is None:
        return
    known = ledger.known[-1]
    pile = comparison.shelf if taken is None else comparison.shelf.select(np.array(taken, dtype=np.int64))
    if known.versions:
        ledger.shelved.append(pile.make_entries(known.contract, known.versions))
