"""To whom the data of one person go, in plain words: one card a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.access import find_subject
from passerelle.contracts.field_meta import DataSubject
from passerelle.contracts.processing import is_outside_union
from passerelle.documents.blocks import Heading, Paragraph
from passerelle.documents.plain_page import BLANK, FactCard
from passerelle.faces.report.field_values import get_title
from passerelle.faces.report.person_records import get_contract_title
from passerelle.faces.report.plain_words import (
    describe_basis,
    describe_purpose,
    describe_recipient,
    describe_retention,
    join_titles,
)
from passerelle.vocabulary.formatting import format_count, format_day, format_labelled
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.documents.plain_page import PlainBlock
    from passerelle.engine.persons.person_access import PersonAccess
    from passerelle.engine.persons.person_recipients import ContractTransfer, PersonTransfer


_OF_RECORDS = (DataSubject.PERSON, DataSubject.ORGANISATION, DataSubject.NONE)


def list_suppliers(access: PersonAccess) -> list[str]:
    """Return the titles of the software that the person's records come from, each once."""
    return list(dict.fromkeys(transfer.supplier for transfer in access.transfers))


def iter_transfer_blocks(access: PersonAccess) -> Iterator[PlainBlock]:
    """Yield to whom records of the person go, and what of them."""
    yield Heading(1, _("To whom your data go, and why"))
    if not access.transfers:
        yield Paragraph(_("To nobody: no exchange that is in use concerns you."))
    held = {record.contract for record in access.records}
    for transfer in access.transfers:
        (purpose,) = describe_purpose(transfer.processing)
        yield FactCard(purpose[:1].upper() + purpose[1:], tuple(_iter_facts(transfer, held, access.asker)))


def _iter_facts(transfer: PersonTransfer, held: set[str], asker: DataSubject) -> Iterator[tuple[str, tuple[str, ...]]]:
    processing = transfer.processing
    yield _("To whom"), describe_recipient(processing)
    yield _("What allows it"), describe_basis(processing)
    yield _("Where your data come from"), (transfer.supplier,)
    if transfer.is_figures:
        yield _("What goes"), (_("figures without your name: nobody can find you in them"),)
    else:
        yield from _iter_fields(transfer, held, asker)
        # of records that only name a professional nothing says how many went
        if asker is not DataSubject.WORKER or transfer.there:
            yield _("What was sent"), _describe_sent(transfer)
    yield _("How long they are kept there"), describe_retention(processing)
    if is_outside_union(processing.recipient.country):
        country = processing.recipient.country
        yield (
            _("Outside the European Union ({country}), protected by").format(country=country),
            (processing.safeguards or BLANK,),
        )
    yield _("Your say"), (_describe_say(transfer, asker),)


def _describe_say(transfer: PersonTransfer, asker: DataSubject) -> str:
    """Return what a refusal does, as the gate decides it: a professional's silence or refusal holds no visit back."""
    if asker is DataSubject.WORKER:
        if not transfer.may_object:
            return _("the law or the pay obliges us to: ask us all the same")
        return _("you can object: your own record no longer goes, and your traces are emptied in others")
    if transfer.consent == "required":
        return _("nothing goes without your agreement")
    return _("you can refuse: then nothing more goes")


def _iter_fields(transfer: PersonTransfer, held: set[str], asker: DataSubject) -> Iterator[tuple[str, tuple[str, ...]]]:
    shown = [entry for entry in transfer.contracts if entry.contract in held or entry.there]
    sent = tuple(line for entry in shown if (line := _name_fields(entry, entry.sent, asker)))
    kept = tuple(line for entry in shown if (line := _name_fields(entry, entry.kept, asker)))
    yield _("What goes"), sent or (_("nothing about you"),)
    if kept:
        yield _("What does not go"), kept


def _name_fields(entry: ContractTransfer, names: tuple[str, ...], asker: DataSubject) -> str:
    """Return the titles of the asker's fields after that of their contract; references say nothing to anybody."""
    contract = contracts.get(entry.contract)
    meta = contract.describe_fields()
    # what a payer or nobody is the subject of stands in the records of the person
    subjects = _OF_RECORDS if asker is DataSubject.PERSON else (asker,)
    own = (name for name in names if not meta[name].reference and find_subject(contract, name) in subjects)
    titles = join_titles(get_title(contract, name) for name in own)
    return format_labelled(get_contract_title(entry.contract), titles) if titles else ""


def _describe_sent(transfer: PersonTransfer) -> tuple[str, ...]:
    count = transfer.there
    if not count:
        return (_("nothing up to now"),)
    lines = [translate_plural("{count} record", "{count} records", count).format(count=format_count(count))]
    days = [format_day(at.astimezone().date().isoformat()) for at in (transfer.first_at, transfer.last_at) if at]
    if len(set(days)) > 1:
        lines.append(_("received between {first} and {last}").format(first=days[0], last=days[1]))
    elif days:
        lines.append(_("received on {day}").format(day=days[0]))
    if withdrawn := sum(entry.withdrawn for entry in transfer.contracts):
        words = translate_plural("{count} was deleted there", "{count} were deleted there", withdrawn)
        lines.append(words.format(count=format_count(withdrawn)))
    return tuple(lines)
