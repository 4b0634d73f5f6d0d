"""The answer to a request for access as a page in plain words: the person's own data first, then where they go and why.

A director hands it over. So nothing in it is a technical name where a word exists, and what is not shown is said, with
its reason.
"""

from __future__ import annotations

from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts.access import Showing
from passerelle.contracts.field_meta import DataSubject
from passerelle.documents.blocks import Bullets, Heading, Paragraph
from passerelle.documents.plain_page import FactCard, PlainPage
from passerelle.faces.report.person_records import (
    count_fields,
    count_professionals,
    get_contract_title,
    iter_record_blocks,
    iter_reserved,
    name_asker,
)
from passerelle.faces.report.person_transfers import iter_transfer_blocks, list_suppliers
from passerelle.faces.report.plain_words import PURPOSES, format_days, iter_authority, iter_controller
from passerelle.stores.consents import ALL_PURPOSES_ANSWER
from passerelle.stores.statement_rules import ANYONE
from passerelle.vocabulary.formatting import format_count, format_day, join_clauses, typeset
from passerelle.vocabulary.language import N_, _, get_current, translate_plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from passerelle.documents.plain_page import PlainBlock
    from passerelle.engine.persons.person_access import PersonAccess, WaitingRow
    from passerelle.stores.consents import RecordedStatement

_ACTS: Mapping[str, str] = MappingProxyType(
    {
        "person.find": N_("somebody looked for your reference"),
        "person.export": N_("an answer like this one was made"),
        "quarantine.reveal": N_("somebody looked at a row about you that was set aside"),
        "quarantine.grant": N_("somebody looked at one value of a row about you that was set aside"),
        "quarantine.correct": N_("a value of a row about you was corrected"),
        "quarantine.replay": N_("a row about you that was set aside was taken up again"),
        "quarantine.discard": N_("a row about you was destroyed"),
        "exit_pack": N_("your data were put into an archive for other software"),
        "consent.accept": N_("your agreement was recorded"),
        "consent.refuse": N_("your refusal was recorded"),
        "consent.withdraw": N_("your agreement was withdrawn"),
        "consent.forget": N_("your earlier answers were ended"),
        "consent.reveal": N_("somebody read what you had answered"),
    }
)
_OTHER_ACT = N_("another act about you")
"""Acts of the audit trail, as who they are about reads them."""
_WITHHELD: Mapping[Showing, str] = MappingProxyType(
    {
        Showing.OTHERS: N_("Data of other persons, who are protected as you are:"),
        Showing.PROFESSIONAL: N_("Data of professionals, on their hours or their work:"),
        Showing.UNDESCRIBED: N_("What the software sends in columns that nobody here has described yet; ask us:"),
    }
)


def write_access(access: PersonAccess) -> PlainPage:
    """Return the page."""
    name = name_asker(access)
    facts = [(_("Date of this answer"), (_format_day(access.made_at),))]
    facts.append((_("About"), (name or _("the person under the reference below"),)))
    facts.append((_("Reference, to be quoted to us"), (access.ref,)))
    return PlainPage(
        language=get_current(),
        title=_("Your personal data: what we hold, and what we do with it"),
        sender=access.controller.name,
        facts=tuple(facts),
        blocks=tuple(chain(_iter_opening(access), _iter_body(access), _iter_rights(access))),
        to_complete=_("to be completed"),
    )


def _format_day(moment: datetime) -> str:
    return format_day(moment.astimezone().date().isoformat())


def _iter_opening(access: PersonAccess) -> Iterator[PlainBlock]:
    if not access.is_known:
        yield Paragraph(_("You asked what we know of you. We looked everywhere in our exchange software."))
        yield Paragraph(_("We hold no data about you there, under this reference."))
        yield Paragraph(
            _("If we know you under another number or in other software, tell us: we will look again. It is free.")
        )
        yield from (Paragraph(words) for words in _list_unreadable(access))
        return
    yield Paragraph(_("You asked which data we have about you. Here is the answer of our exchange software."))
    yield Paragraph(_("This software carries data from one software to another. It keeps them for a short time only."))
    if suppliers := list_suppliers(access):
        words = _("Your whole file is in other software ({software}). You can ask us for it too.")
        yield Paragraph(words.format(software=", ".join(suppliers)))


def _iter_body(access: PersonAccess) -> Iterator[PlainBlock]:
    if not access.is_known:
        return
    yield Heading(1, _("Your data"))
    if access.own_records:
        yield from iter_record_blocks(access.own_records)
    else:
        yield Paragraph(_("We have no record left that can be read. What follows says what we still know."))
    yield from iter_transfer_blocks(access)
    yield from _iter_statements(access)
    yield from _iter_waiting(access)
    yield from _iter_withheld(access)
    yield from _iter_kept(access)
    yield from _iter_acts(access)


def _iter_statements(access: PersonAccess) -> Iterator[PlainBlock]:
    yield Heading(1, _("What you told us: agreements and refusals"))
    if not access.statements:
        yield Paragraph(_("We have recorded no answer of yours."))
    for entry in access.statements:
        yield _make_statement_card(entry)


def _make_statement_card(entry: RecordedStatement) -> FactCard:
    said = entry.statement
    answers = {True: _("you agreed"), False: _("you refused"), None: _("earlier answers count no more")}
    everything = said.purpose == ALL_PURPOSES_ANSWER
    purpose = _("everything") if everything else _(PURPOSES.get(said.purpose, said.purpose))  # type: ignore[call-overload]  # a purpose's word
    facts = [
        (_("Your answer"), (answers[said.accepted],)),
        (_("For what"), (purpose,)),
        (_("Towards whom"), (_("everybody") if said.recipient == ANYONE else said.recipient,)),
    ]
    if said.until:
        facts.append((_("Until"), (_format_day(said.until),)))
    if said.text_version:
        facts.append((_("The text that you were shown"), (said.text_version,)))
    facts.append((_("Does it still count?"), (_("yes") if entry.counts else _("no"),)))
    return FactCard(_format_day(said.since), tuple(facts))


def _iter_waiting(access: PersonAccess) -> Iterator[PlainBlock]:
    if not access.waiting:
        return
    yield Heading(1, _("What was set aside, and why"))
    yield Paragraph(_("These records about you were not sent to anybody. They wait until somebody has looked at them."))
    for row in access.waiting:
        title = get_contract_title(row.contract) if row.contract else _("A row that holds your number")
        yield FactCard(title, tuple(_iter_waiting_facts(row)))


def _iter_waiting_facts(row: WaitingRow) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield _("Why"), (explain(row.reason, row.details)[0],)
    yield _("Since"), (_format_day(row.since),)
    yield _("Destroyed at the latest on"), (_format_day(row.until),)
    if not row.is_readable:
        yield (
            _("What it holds"),
            (_("It cannot be read: it may be about you or about somebody else, so we do not show it."),),
        )


def _iter_withheld(access: PersonAccess) -> Iterator[PlainBlock]:
    yield Heading(1, _("What this answer does not show, and why"))
    items: list[str] = []
    if count := count_professionals(access.records):
        words = translate_plural(
            "The name of {count} professional: a number stands in its place.",
            "The names of {count} professionals: numbers stand in their place.",
            count,
        )
        items.append(words.format(count=format_count(count)))
    for showing, opening in _WITHHELD.items():
        if access.asker is DataSubject.WORKER and showing is Showing.OTHERS:
            opening = _("Data of the persons accompanied, in records that name you:")  # noqa: PLW2901  the same thing
        if found := count_fields(access.records, showing):
            listed = join_clauses(f"{label} ({format_count(count)})" for label, count in found.items())
            items.append(typeset(f"{_(opening)} {listed}."))
    if any(entry.statement.collected or entry.statement.collected_by for entry in access.statements):
        items.append(_("How and by whom your answers were collected: professionals may be named there; ask us."))
    items += _list_unreadable(access)
    yield Bullets(tuple(items)) if items else Paragraph(_("Nothing is left out."))
    if reserved := list(iter_reserved(access.records)):
        yield Heading(2, _("Notes reserved to who wrote them"))
        yield Paragraph(
            _("A professional wrote a note under secrecy in these records. Ask us: that person will see it with you.")
        )
        yield Bullets(tuple(dict.fromkeys(reserved)))


def _list_unreadable(access: PersonAccess) -> list[str]:
    items = []
    if unread := sum(not file.is_readable for file in access.files):
        words = translate_plural(
            "{count} received file holds your number in rows that cannot be read: they may be about somebody else.",
            "{count} received files hold your number in rows that cannot be read: they may be about somebody else.",
            unread,
        )
        items.append(words.format(count=format_count(unread)))
    if access.lost_flows:
        words = _(
            "Files of earlier exchanges that we can no longer read ({names}): we cannot say whether you are in them."
        )
        items.append(words.format(names=", ".join(access.lost_flows)))
    there = sum(entry.there for entry in access.transfers)
    if there:
        words = translate_plural(
            "Of {count} record that was sent we keep only a code, as proof. Who received it has the record.",
            "Of {count} records that were sent we keep only codes, as proof. Who received them has the records.",
            there,
        )
        items.append(words.format(count=format_count(there)))
    return items


def _iter_kept(access: PersonAccess) -> Iterator[PlainBlock]:
    yield Heading(1, _("How long our exchange software keeps your data"))
    facts = [
        (
            _("The files we receive"),
            (_("{time} after they were dealt with").format(time=format_days(access.days["received"])),),
        ),
        (_("What is set aside"), (format_days(access.days["quarantine"]),)),
        (_("Codes that say that you are known"), (format_days(access.days["known"]),)),
        (_("Your refusals"), (_("without end, so that they go on to count"),)),
    ]
    last = max((file.until for file in access.files if file.until), default=None)
    if last is not None:
        facts.append((_("The last file with your data is destroyed on"), (_format_day(last),)))
    yield FactCard("", tuple(facts))


def _iter_acts(access: PersonAccess) -> Iterator[PlainBlock]:
    if not access.acts:
        return
    yield Heading(1, _("Who looked, and what was done"))
    yield Paragraph(_("Each time somebody looks at your data here, it is written down. We know who it was, and why."))
    told = [(_format_day(act.at), _(_ACTS.get(act.action, _OTHER_ACT))) for act in access.acts]
    yield Bullets(tuple(_("{day}: {act}").format(day=day, act=words) for day, words in told))


def _iter_rights(access: PersonAccess) -> Iterator[PlainBlock]:
    yield Heading(1, _("Your rights"))
    if access.is_known:
        rights = [
            _("Correct: something is wrong or missing? We put it right."),
            _("Erase: you can ask us to erase your data. The law sometimes obliges us to keep some; we then say why."),
            _("Object: you can say no to the sending of your data, for one use or for all, whenever you like."),
            _("Limit: you can ask that your data are no longer used while a question is being settled."),
            _("Take along: you can have your data in a form that other software can read."),
        ]
        yield Bullets(tuple(rights))
        yield Paragraph(_("No decision about you is taken by a machine here."))
    yield Paragraph(_("Write to us, telephone, or tell a professional. It is free. We answer within one month."))
    yield FactCard("", tuple(iter_controller(access.controller)))
    yield Paragraph(_("Not satisfied? You can complain to the CNIL, which protects personal data in France:"))
    yield FactCard("", tuple(iter_authority()))
