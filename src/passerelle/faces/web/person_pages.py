"""Persons: found under a reason, what is known of them without a value, what they answer, and what is handed to them.

A reference is in no address: a session knows whom it found by numbers of its own, for ten minutes.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.documents.plain_page import write_plain_page
from passerelle.engine.persons import subject_finding
from passerelle.engine.persons.consent_answers import ACCEPT, REFUSE, WITHDRAW, AnswerParticulars, record_answers
from passerelle.engine.persons.person_access import answer_access
from passerelle.engine.quarantine.value_grants import GRANT_TIME
from passerelle.engine.workspace.subject_references import TypedReference
from passerelle.faces.report.person_access import write_access
from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
    FormField,
    Heading,
    PageForm,
    PageNotice,
    PageRedirect,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.sessions import FoundPerson
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.stores.consents import ALL_PURPOSES_ANSWER
from passerelle.stores.statement_rules import ANYONE
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import NOTHING, format_count, show_text
from passerelle.vocabulary.language import _, get_current, translate_plural

if TYPE_CHECKING:
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.consents import RecordedStatement

_ANSWERS = (ACCEPT, REFUSE, WITHDRAW)
_MOST_FOUND = 50


def show_persons(visit: PageVisit) -> WebPage:
    """Return the place to look for somebody, and how many answers stand."""
    return _write_search(visit)


def find_person(visit: PageVisit) -> WebPage | PageRedirect:
    """Look for somebody by the supplier's own number; the reason is in the audit trail before."""
    typed, why, flow = (visit.form.get(name, "").strip() for name in ("numero", "motif", "flux"))
    if not typed:
        return _write_search(visit, number_error=_("Write the number that the software gives the person."), why=why)
    try:
        found = subject_finding.find_by_id(visit.workspace, typed, why=why, who=visit.visitor.name, flow=flow)
    except UsageError as error:
        if error.code != "usage.reveal.unexplained":
            raise
        wrong = _("Say why in two words at least: it is recorded.")
        return _write_search(visit, number=typed, why=why, why_error=wrong)
    ends = visit.workspace.clock.now() + GRANT_TIME
    visit.signed.keep_subjects(FoundPerson(one.ref, one.flows, ends) for one in found[:_MOST_FOUND])
    return PageRedirect("/personnes", "" if found else _("Nobody is named there."))


def show_person(visit: PageVisit) -> WebPage | PageRedirect:
    """Return what is known of somebody, without any value, and what can be done for them."""
    person = _find_subject(visit)
    if person is None:
        return PageRedirect("/personnes", _("Look for the person again: ten minutes have passed."))
    return _write_person(visit, person)


def record_answer(visit: PageVisit) -> PageRedirect:
    """Record what somebody answered; a withdrawal is taken to the recipients at once."""
    person = _find_subject(visit)
    if person is None:
        return PageRedirect("/personnes", _("Look for the person again: ten minutes have passed."))
    act = visit.form.get("reponse", "")
    purpose = visit.form.get("finalite", "") or ALL_PURPOSES_ANSWER
    if act not in _ANSWERS or (purpose != ALL_PURPOSES_ANSWER and purpose not in set(Purpose)):
        raise VisitRefusedError(HTTPStatus.BAD_REQUEST)
    particulars = AnswerParticulars(
        purpose=purpose,
        recipient=visit.form.get("destinataire", "") or ANYONE,
        collected=visit.form.get("recueilli", "").strip(),
        collected_by=visit.form.get("par", "").strip(),
        text_version=visit.form.get("texte", "").strip(),
    )
    recorded = record_answers(
        visit.workspace, [TypedReference(person.ref, 1)], particulars, act, who=visit.visitor.name
    )
    told = _("The answer is recorded.")
    if recorded.withdrawal is not None and recorded.withdrawal.remaining:
        words = translate_plural(
            "{count} record is left to be deleted by its recipient: tell the person who operates Passerelle.",
            "{count} records are left to be deleted by their recipients: tell the person who operates Passerelle.",
            recorded.withdrawal.remaining,
        )
        told = f"{told} {words.format(count=format_count(recorded.withdrawal.remaining))}"
    return PageRedirect(f"/personnes/{visit.places['person']}", told)


def answer_request(visit: PageVisit) -> WebPage | PageRedirect | Response:
    """Answer a request for access with the page to hand over; the reason is in the audit trail before."""
    person = _find_subject(visit)
    if person is None:
        return PageRedirect("/personnes", _("Look for the person again: ten minutes have passed."))
    why = visit.form.get("raison", "").strip()
    try:
        access = answer_access(visit.workspace, person.ref, why=why, who=visit.visitor.name)
    except UsageError as error:
        if error.code != "usage.reveal.unexplained":
            raise
        return _write_person(visit, person, error=_("Say why in two words at least: it is recorded."), typed=why)
    told = {"Content-Type": "text/html; charset=utf-8", "Content-Disposition": 'attachment; filename="reponse.html"'}
    return Response(write_plain_page(write_access(access)), headers=told)


def _find_subject(visit: PageVisit) -> FoundPerson | None:
    """Return somebody whom this session found less than ten minutes ago."""
    person = visit.signed.subjects.get(visit.read_number(visit.places["person"]))
    return person if person is not None and visit.workspace.clock.now() < person.ends else None


def _write_search(
    visit: PageVisit, *, number: str = "", why: str = "", number_error: str = "", why_error: str = ""
) -> WebPage:
    flows = tuple((name, name) for name in visit.workspace.settings.flows)
    fields = (
        FormField("numero", _("The person's number in the software"), error=number_error, text=number),
        FormField(
            "flux",
            _("As this flow writes it"),
            kind="choice",
            is_required=False,
            choices=(("", _("every flow")), *flows),
        ),
        FormField(
            "motif",
            _("Why do you look for this person?"),
            _("For instance: answer a request for access."),
            why_error,
            why,
        ),
    )
    blocks: list[PageBlock] = [
        Paragraph(_("Your name, the moment and your reason are recorded. Do not write anybody's name in the reason.")),
        PageForm("/personnes", _("Look for"), fields),
    ]
    now = visit.workspace.clock.now()
    found = {key: one for key, one in visit.signed.subjects.items() if now < one.ends}
    if found:
        rows: tuple[tuple[PageCell, ...], ...] = tuple(
            (CellLink(show_text(one.ref), f"/personnes/{key}"), ", ".join(one.flows) or _("not known here"))
            for key, one in found.items()
        )
        blocks.append(DataTable(_("Who was found"), (_("reference"), _("known in")), rows))
    blocks.append(Heading(1, _("Answers that stand")))
    counts = visit.workspace.consents.count_answers(now)
    counted: tuple[tuple[PageCell, ...], ...] = tuple(
        (_name_purpose(purpose), _("accepted") if accepted else _("refused"), count)
        for (purpose, accepted), count in counts.items()
    )
    heads = (_("purpose"), _("answer"), _("number"))
    blocks.append(DataTable(_("By purpose, without persons"), heads, counted, _("No answer is recorded.")))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if number_error or why_error else HTTPStatus.OK
    return WebPage(_("Persons"), blocks, status=status.value)


def _write_person(visit: PageVisit, person: FoundPerson, *, error: str = "", typed: str = "") -> WebPage:
    summary = subject_finding.describe_subject(visit.workspace, person.ref)
    blocks: list[PageBlock] = []
    if error:
        blocks.append(PageNotice("fault", _("The form was not taken."), link=CellLink(error, "#raison")))
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            entry.flow,
            _name_purpose(entry.purpose) if entry.purpose else NOTHING,
            entry.recipient or NOTHING,
            _("yes") if entry.has_own_record else _("no"),
            summary.waiting.get(entry.flow, 0),
        )
        for entry in summary.flows
    )
    heads = (_("flow"), _("purpose"), _("recipient"), _("own record"), _("in quarantine"))
    empty = _("Nobody is known here by this reference.")
    blocks.append(DataTable(_("Where this person is known"), heads, rows, empty))
    said = tuple(map(_describe_statement, summary.statements))
    heads = (_("since"), _("answer"), _("purpose"), _("recipient"), _("counts"))
    blocks.append(DataTable(_("What this person answered"), heads, said, _("No answer is recorded.")))
    base = f"/personnes/{visit.places['person']}"
    blocks += [
        Heading(1, _("Record an answer")),
        PageForm(f"{base}/reponse", _("Record the answer"), _list_answer_fields(visit)),
        Heading(1, _("Answer a request for access")),
        Paragraph(_("The answer is a page to read, then to hand over. It takes a moment: every kept file is read.")),
        PageForm(
            f"{base}/export",
            _("Make the answer"),
            (FormField("raison", _("Why is it made?"), _("For instance: request of 3 October."), error, typed),),
            is_quiet=True,
        ),
    ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    trail = (CellLink(_("Persons"), "/personnes"),)
    return WebPage(_("One person"), blocks, trail, status=status.value)


def _list_answer_fields(visit: PageVisit) -> tuple[FormField, ...]:
    language = get_current()
    purposes = tuple((purpose.value, get_label(purpose, language)) for purpose in Purpose)
    flows = tuple((name, name) for name in visit.workspace.settings.flows)
    answers = (
        (ACCEPT, _("agrees")),
        (REFUSE, _("refuses, from now on")),
        (WITHDRAW, _("withdraws: what was delivered is taken back too")),
    )
    return (
        FormField("reponse", _("The person"), kind="choice", choices=answers, text=REFUSE),
        FormField(
            "finalite", _("For what"), kind="choice", is_required=False, choices=(("", _("every purpose")), *purposes)
        ),
        FormField(
            "destinataire", _("Towards whom"), kind="choice", is_required=False, choices=(("", _("everybody")), *flows)
        ),
        FormField(
            "recueilli", _("How it was collected"), _("For instance: on paper, in an interview."), is_required=False
        ),
        FormField("par", _("Who collected it"), is_required=False),
        FormField("texte", _("Which text the person was shown"), is_required=False),
    )


def _describe_statement(entry: RecordedStatement) -> tuple[PageCell, ...]:
    said = entry.statement
    answers = {True: _("accepted"), False: _("refused"), None: _("forgotten")}
    return (
        tell_moment(said.since),
        answers[said.accepted],
        _name_purpose(said.purpose),
        _("everybody") if said.recipient == ANYONE else said.recipient,
        _("yes") if entry.counts else _("no"),
    )


def _name_purpose(code: str) -> str:
    if code == ALL_PURPOSES_ANSWER:
        return _("every purpose")
    return get_label(Purpose(code), get_current()) if code in set(Purpose) else code
