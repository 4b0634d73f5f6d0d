"""What is done about a cause beside correcting it: somebody follows it, notes what for, or destroys its records."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from passerelle.engine.quarantine.cause_acts import LONGEST_NOTE, discard_cause, follow_cause
from passerelle.engine.quarantine.value_grants import MOST_ITEMS
from passerelle.faces.web.blocks import (
    CellLink,
    FactList,
    FormField,
    Heading,
    LinkList,
    PageForm,
    PageNotice,
    PageRedirect,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.plain_words import explain_plainly
from passerelle.faces.web.rights import Right, Role
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import NOTHING, format_count
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from passerelle.faces.web.blocks import PageBlock
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.quarantine_causes import QuarantineCause


def describe_follow_up(visit: PageVisit, cause: QuarantineCause) -> list[PageBlock]:
    """Return who follows a cause and what was noted, with the form to change it and the way to its end."""
    kept = visit.workspace.quarantine.list_cause_notes(cause.id).get(cause.id)
    blocks: list[PageBlock] = [Heading(1, _("Follow-up"))]
    if not visit.visitor.may(Right.CORRECT):
        # a note is for those who act on the cause
        return [*blocks, FactList(((_("followed by"), (kept.assignee if kept else "") or NOTHING),))]
    if kept is not None:
        told = _("Written by {who}, {moment}.").format(who=kept.who, moment=tell_moment(kept.at))
        blocks.append(Paragraph(told, is_note=True))
    assignee = kept.assignee if kept else ""
    names = dict.fromkeys(filter(None, (visit.visitor.name, *_list_colleagues(visit, cause.flow), assignee)))
    choices = (("", _("nobody")), *((name, name) for name in names))
    hint = _("For instance: the supplier answers on Friday. No name of a person who is followed, no value.")
    fields = (
        FormField("suivi", _("Who follows it?"), kind="choice", choices=choices, text=assignee, is_required=False),
        FormField(
            "note",
            _("Note"),
            hint,
            text=kept.note if kept else "",
            kind="lines",
            is_required=False,
            most=LONGEST_NOTE,
        ),
    )
    base, version = f"/quarantaine/causes/{cause.id}", str(kept.version if kept else 0)
    blocks.append(
        PageForm(f"{base}/suivi", _("Keep the follow-up"), fields, hidden=(("version", version),), is_quiet=True)
    )
    blocks.append(LinkList((CellLink(_("Destroy these records"), f"{base}/destruction"),)))
    return blocks


def _list_colleagues(visit: PageVisit, flow: str) -> list[str]:
    """Return the names of the accounts whose owners may correct the records of a flow."""
    return [
        one.name
        for one in visit.workspace.journal.list_accounts()
        if one.is_open and Role.TRIAGER.value in one.roles and (not one.flows or flow in one.flows)
    ]


def keep_follow_up(visit: PageVisit) -> PageRedirect:
    """Keep who follows a cause, and the note beside it."""
    cause = find_own_cause(visit)
    assignee, note = visit.form.get("suivi", "").strip(), visit.form.get("note", "").strip()
    kept = visit.workspace.quarantine.list_cause_notes(cause.id).get(cause.id)
    known = {"", visit.visitor.name, kept.assignee if kept else "", *_list_colleagues(visit, cause.flow)}
    if assignee not in known:
        raise VisitRefusedError(HTTPStatus.BAD_REQUEST)
    before = visit.read_number(visit.form.get("version", ""))
    follow_cause(visit.workspace, cause.id, assignee=assignee, note=note, before=before, who=visit.visitor.name)
    return PageRedirect(f"/quarantaine/causes/{cause.id}", _("The follow-up is kept."))


def show_destruction(visit: PageVisit) -> WebPage:
    """Return the page on which the records of a cause are destroyed: how many, and that none comes back."""
    return _write_destruction(visit, find_own_cause(visit))


def destroy(visit: PageVisit) -> WebPage | PageRedirect:
    """Destroy the records that the page showed; the reason is in the audit trail before."""
    cause = find_own_cause(visit)
    why, last = visit.form.get("raison", "").strip(), visit.read_number(visit.form.get("dernier", ""))
    if visit.form.get("sur") != "oui":
        return _write_destruction(visit, cause, typed=why, sure_error=_("Confirm that these records are destroyed."))
    try:
        count = discard_cause(visit.workspace, cause.id, last=last, why=why, who=visit.visitor.name)
    except UsageError as error:
        if error.code != "usage.reveal.unexplained":
            raise
        wrong = _("Say why in two words at least: it is recorded.")
        return _write_destruction(visit, cause, typed=why, error=wrong)
    words = translate_plural("{count} record is destroyed.", "{count} records are destroyed.", count)
    return PageRedirect(f"/quarantaine/causes/{cause.id}", words.format(count=format_count(count)))


def find_own_cause(visit: PageVisit) -> QuarantineCause:
    """Return the cause that the address names. Raises VisitRefusedError for one that does not concern the visitor."""
    cause = visit.workspace.quarantine.find_cause(visit.read_number(visit.places["cause"]))
    if cause is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    visit.require_flow(cause.flow)
    return cause


def _write_destruction(
    visit: PageVisit, cause: QuarantineCause, *, typed: str = "", error: str = "", sure_error: str = ""
) -> WebPage:
    trail = (
        CellLink(_("Quarantine"), "/quarantaine"),
        CellLink(_("This cause"), f"/quarantaine/causes/{cause.id}"),
    )
    title = _("Destroy these records")
    ids = visit.workspace.quarantine.list_cause_ids(cause.id, limit=MOST_ITEMS)
    if not ids:
        return WebPage(title, [PageNotice("done", _("Nothing waits for this cause any more."))], trail)
    sentence, _advice = explain_plainly(cause.reason, cause.details, cause.contract)
    words = translate_plural(
        "{count} record would be destroyed for good.",
        "{count} records would be destroyed for good.",
        len(ids),
    )
    told = _("Nobody can take them up again; they stay counted as set aside.")
    blocks: list[PageBlock] = []
    if wrong := error or sure_error:
        target = CellLink(wrong, "#raison" if error else "#sur")
        blocks.append(PageNotice("fault", _("The form was not taken."), link=target))
    blocks += [Paragraph(sentence), PageNotice("doubt", words.format(count=format_count(len(ids))), told)]
    hint = _("For instance: a test export, which nobody needs.")
    choices = (("", _("no")), ("oui", _("yes, destroy them")))
    fields = (
        FormField("raison", _("Why are they destroyed?"), hint, error, typed),
        FormField("sur", _("Are you sure?"), error=sure_error, kind="choice", choices=choices, is_required=False),
    )
    action = f"/quarantaine/causes/{cause.id}/destruction"
    blocks.append(PageForm(action, _("Destroy these records"), fields, hidden=(("dernier", str(ids[-1])),)))
    return WebPage(title, blocks, trail, HTTPStatus.UNPROCESSABLE_ENTITY.value if wrong else 200)
