"""The notice of a flow for the persons whose data it carries (RGPD 13 and 14), in plain words, on A4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import FIGURES, DataSubject, Sensitivity
from passerelle.contracts.processing import Basis
from passerelle.contracts.release import LEAST, LEAST_SPECIAL
from passerelle.documents.blocks import Bullets, Heading, Paragraph
from passerelle.documents.plain_page import FactCard, PlainPage
from passerelle.faces.report.information_parts import iter_reasons, iter_recipients, iter_times, name_data
from passerelle.faces.report.plain_words import describe_day, describe_purpose, iter_authority, iter_controller
from passerelle.vocabulary.language import _, get_current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.documents.plain_page import PlainBlock
    from passerelle.faces.report.information_parts import Fact, NoticeSources

_PERSONS = (DataSubject.PERSON, DataSubject.RELATED)


def write_notice_for_persons(sources: NoticeSources) -> PlainPage:
    """Return the notice."""
    facts = [
        (_("This exchange"), describe_purpose(sources.processing)),
        (_("Persons were told on"), describe_day(sources.processing.informed_on)),
    ]
    return PlainPage(
        language=get_current(),
        title=_("What we do with your data"),
        sender=sources.controller.name,
        facts=tuple(facts),
        blocks=tuple(_iter_blocks(sources)),
        to_complete=_("to be completed"),
    )


def _iter_blocks(sources: NoticeSources) -> Iterator[PlainBlock]:
    yield Paragraph(_("We send some of your data to somebody else. This page says which, why, and what you can do."))
    yield Heading(1, _("Why"))
    yield FactCard("", tuple(iter_reasons(sources)))
    yield Heading(1, _("Which data"))
    yield from _iter_data(sources)
    yield Heading(1, _("To whom, and for how long"))
    yield FactCard("", (*iter_recipients(sources), *iter_times(sources)))
    yield Heading(1, _("Your rights"))
    yield from _iter_rights(sources)
    yield Heading(1, _("How"))
    yield Paragraph(_("Write to us, telephone, or tell a professional. It is free. We answer within one month."))
    yield FactCard("", tuple(iter_controller(sources.controller)))
    yield Paragraph(_("Not satisfied? You can complain to the CNIL, which protects personal data in France:"))
    yield FactCard("", tuple(iter_authority()))


def _iter_data(sources: NoticeSources) -> Iterator[PlainBlock]:
    activity = sources.activity
    own = [datum for datum in activity.sent if datum.subject in _PERSONS]
    facts: list[Fact] = [(_("Where your data come from"), (activity.supplier,))]
    if sources.processing.purpose in FIGURES:
        words = _(
            "These are figures: neither your name nor a number. A line shows something only if at least {least} people "
            "share it, {most} when it is sensitive."
        )
        yield Paragraph(words.format(least=LEAST, most=LEAST_SPECIAL))
    facts.append((_("What goes"), name_data(own) or (_("nothing about you"),)))
    if special := [datum for datum in own if datum.sensitivity is Sensitivity.SPECIAL]:
        facts.append((_("Of these, sensitive (health, private life)"), name_data(special)))
    if any(datum.is_nir for datum in own):
        legal_text = filter(None, [sources.processing.nir_text])
        facts.append((_("Your social security number (NIR)"), (_("it goes"), *legal_text)))
    elif any(datum.is_nir for datum in activity.kept):
        facts.append((_("Your social security number (NIR)"), (_("it does not go"),)))
    if kept := name_data(datum for datum in activity.kept if datum.subject in _PERSONS):
        facts.append((_("What does not go"), kept))
    yield FactCard("", tuple(facts))


def _iter_rights(sources: NoticeSources) -> Iterator[PlainBlock]:
    rights = [
        _("See: you can ask which data we have about you, and have a copy."),
        _("Correct: something is wrong or missing? We put it right."),
        _("Erase: you can ask us to erase your data. The law sometimes obliges us to keep some; we then say why."),
        _("Limit: you can ask that your data are no longer used while a question is being settled."),
    ]
    if sources.flow.consent == "required":
        rights.insert(0, _("Decide: nothing goes without your agreement, and you can take it back whenever you like."))
    else:
        rights.insert(0, _("Object: you can say no to this sending, whenever you like. Then nothing more goes."))
    if sources.processing.basis in (Basis.CONSENT, Basis.CONTRACT):
        rights.append(_("Take along: you can have your data in a form that other software can read."))
    yield Bullets(tuple(rights))
    yield Paragraph(_("No decision about you is taken by a machine here."))
