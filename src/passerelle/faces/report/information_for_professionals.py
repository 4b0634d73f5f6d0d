"""The notice of a flow for professionals and the works council: what goes about work, to whom, and what never does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.field_meta import FIGURES, DataSubject, Purpose, Sensitivity
from passerelle.contracts.release import LEAST, LEAST_SPECIAL, Condition
from passerelle.documents.blocks import Bullets, Heading, Paragraph
from passerelle.documents.plain_page import FactCard, PlainPage
from passerelle.engine.clock import SystemClock
from passerelle.engine.workspace.assembly import may_object
from passerelle.faces.report.information_parts import iter_reasons, iter_recipients, iter_times, name_data
from passerelle.faces.report.plain_words import describe_day, describe_purpose, iter_authority, iter_controller
from passerelle.vocabulary.language import _, get_current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.documents.plain_page import PlainBlock
    from passerelle.faces.report.information_parts import NoticeSources
    from passerelle.tender.register.recording import Datum


def write_notice_for_professionals(sources: NoticeSources) -> PlainPage:
    """Return the notice. What waits for the consultation of the works council is named as such."""
    processing = sources.processing
    facts = [
        (_("This exchange"), describe_purpose(processing)),
        (_("Works council consulted on"), describe_day(processing.council_consulted_on)),
        (_("Professionals were told on"), describe_day(processing.professionals_informed_on)),
    ]
    return PlainPage(
        language=get_current(),
        title=_("What goes about your work: for professionals and the works council"),
        sender=sources.controller.name,
        facts=tuple(facts),
        blocks=tuple(_iter_blocks(sources)),
        to_complete=_("to be completed"),
    )


def _iter_blocks(sources: NoticeSources) -> Iterator[PlainBlock]:
    yield Heading(1, _("Why"))
    yield FactCard("", tuple(iter_reasons(sources)))
    yield Heading(1, _("What goes about professionals"))
    yield FactCard("", tuple(_iter_data(sources)))
    yield Heading(1, _("What is never done"))
    yield Bullets(tuple(_iter_never(sources)))
    yield Heading(1, _("To whom, and for how long"))
    yield FactCard("", (*iter_recipients(sources), *iter_times(sources)))
    yield Heading(1, _("Your rights"))
    yield from _iter_rights(sources)
    yield FactCard("", tuple(iter_controller(sources.controller)))
    yield Paragraph(_("Not satisfied? You can complain to the CNIL, which protects personal data in France:"))
    yield FactCard("", tuple(iter_authority()))
    yield Paragraph(
        _("Texts: labour code, L. 1121-1, L. 1222-4 and L. 2312-38; GDPR, articles 13, 14, 15 and 21."), is_note=True
    )


def _iter_data(sources: NoticeSources) -> Iterator[tuple[str, tuple[str, ...]]]:
    activity = sources.activity
    own = [datum for datum in activity.sent if datum.subject is DataSubject.WORKER]
    traces = [datum for datum in own if datum.sensitivity is Sensitivity.SURVEILLANCE]
    rest = [datum for datum in own if datum.sensitivity is not Sensitivity.SURVEILLANCE]
    yield _("Where the data come from"), (activity.supplier,)
    yield _("What goes"), name_data(rest) or (_("nothing of this kind"),)
    if any(_is_reference(datum) for datum in own):
        yield _("Who did the work"), _describe_references(sources)
    yield _("Traces of work (hours, badge, kilometres)"), name_data(traces) or (_("none"),)
    if held := name_data(_list_held(sources)):
        yield _("Traces that wait for the works council: none goes before it is consulted"), held
    if kept := name_data(_list_kept(sources)):
        yield _("What is read and does not go"), kept


def _is_reference(datum: Datum) -> bool:
    reference = contracts.get(datum.contract).describe_fields()[datum.field].reference
    return reference == "professional" or (datum.contract.startswith("professional/") and datum.field == "ref")


def _describe_references(sources: NoticeSources) -> tuple[str, ...]:
    """Return how a professional is named to the recipient."""
    if sources.processing.purpose is Purpose.PORTABILITY:
        return (_("the number that the software gives you, as it is: our own data go along whole"),)
    return (
        _("a code in place of your number, another one for each recipient"),
        _("a number of the software that says nothing of you may go as it is"),
    )


def _list_held(sources: NoticeSources) -> list[Datum]:
    """Return what would go if the settings said when the works council was consulted."""
    policy = sources.flow.make_release(SystemClock().now().date())
    return [
        datum
        for datum in sources.activity.kept
        if datum.field in policy.list_held_back(contracts.get(datum.contract), Condition.CONSULTATION)
    ]


def _list_kept(sources: NoticeSources) -> list[Datum]:
    held = _list_held(sources)
    return [one for one in sources.activity.kept if one.subject is DataSubject.WORKER and one not in held]


def _iter_never(sources: NoticeSources) -> Iterator[str]:
    yield _("Nobody is ranked: no figure that is made here puts one professional before another.")
    if sources.processing.purpose in FIGURES:
        words = _(
            "No line leads to you: no name, no number, no hour. A line shows something only if the records of at least "
            "{least} persons share it, {most} when it is sensitive."
        )
        yield words.format(least=LEAST, most=LEAST_SPECIAL)
    # what is taken along to other software is all that the old one holds, in columns that nobody described too
    if not sources.activity.sends_outside:
        yield _("No position on a map, no photograph, no appreciation of you is in what is exchanged.")
    yield _("A visit without a badge is not a visit that did not take place: nobody may conclude that from these data.")


def _iter_rights(sources: NoticeSources) -> Iterator[PlainBlock]:
    rights = []
    if may_object(sources.flow):
        rights.append(
            _(
                "Object: tell us. Your own record no longer goes, and your traces are emptied in all others; the visit "
                "itself goes, for it is about the person first."
            )
        )
    else:
        rights.append(_("Object: not to this exchange, which the law or the pay obliges us to. Ask us all the same."))
    rights += [
        _("See: you can ask which data we have about you, and have a copy."),
        _("Correct: something is wrong or missing? We put it right. A correction has its reason, which protects you."),
    ]
    yield Bullets(tuple(rights))
