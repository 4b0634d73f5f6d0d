"""The quarantine by cause: advice, lines, and what may be done with a cause; its values are on a page of their own."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from passerelle.engine.quarantine import value_grants
from passerelle.faces.report.person_records import get_contract_title
from passerelle.faces.web import cause_follow_up
from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
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
from passerelle.faces.web.plain_words import explain_plainly, name_field
from passerelle.faces.web.rights import Right
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary import labels
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import NOTHING, format_count, show_name
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.reasons import find_reason

if TYPE_CHECKING:
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.cause_notes import CauseNote
    from passerelle.stores.quarantine_causes import QuarantineCause

MOST_CAUSES = 100
PAGE = 50


def list_causes(visit: PageVisit) -> WebPage:
    """Return the causes for which records wait, the most frequent first; of one flow when the address names it."""
    flow = visit.query.get("flux", "")
    if flow:
        visit.require_flow(flow)
    # chosen here, not by the database: what an address holds is no word for it
    seen = visit.visitor.may_see_flow
    causes = [one for one in visit.workspace.quarantine.list_causes() if seen(one.flow) and flow in ("", one.flow)]
    notes = visit.workspace.quarantine.list_cause_notes()
    rows = tuple(_describe_cause(cause, notes.get(cause.id)) for cause in causes[:MOST_CAUSES])
    heads = (
        _("cause"),
        _("number"),
        _("kind"),
        _("flow"),
        _("column"),
        _("outcome"),
        _("who can act"),
        _("followed by"),
    )
    empty = _("Nothing waits in quarantine.")
    blocks: list[PageBlock] = [DataTable(_("Causes, the most frequent first"), heads, rows, empty)]
    if len(causes) > MOST_CAUSES:
        words = _("{count} rarer causes are not shown: choose a flow, or decide on those above first.")
        blocks.append(Paragraph(words.format(count=format_count(len(causes) - MOST_CAUSES))))
    total = sum(cause.count for cause in causes)
    told = translate_plural("{count} record is set aside.", "{count} records are set aside.", total)
    return WebPage(_("Quarantine"), [Paragraph(told.format(count=format_count(total))), *blocks])


def show_cause(visit: PageVisit) -> WebPage:
    """Return one cause: what is wrong, what to do, and what the visitor may do here."""
    return _write_cause(visit, find_cause(visit))


def list_rows(visit: PageVisit) -> WebPage:
    """Return the next records of a cause, without values: where each stands, and until when it is kept."""
    cause = find_cause(visit)
    after = visit.read_number(visit.query.get("apres", "0"))
    found = visit.workspace.quarantine.list_cause_rows(cause.id, after=after, limit=PAGE + 1)
    rows = tuple(
        (
            CellLink(str(row.id), f"/quarantaine/lignes/{row.id}"),
            labels.format_place(row.place),
            tell_moment(row.created_at),
            tell_moment(row.expires_at),
        )
        for row in found[:PAGE]
    )
    heads = (_("No."), _("where"), _("set aside at"), _("kept until"))
    blocks: list[PageBlock] = [DataTable(_("Records, the oldest first"), heads, rows, _("No further record waits."))]
    if len(found) > PAGE:
        href = f"/quarantaine/causes/{cause.id}/lignes?apres={found[PAGE - 1].id}"
        blocks.append(LinkList((CellLink(_("Next records"), href),)))
    return WebPage(_("Records of this cause"), blocks, list_trail(cause))


def grant_access(visit: PageVisit) -> WebPage | PageRedirect:
    """Allow somebody to see the values of a cause for ten minutes: the reason is in the audit trail before."""
    cause = find_cause(visit)
    why = visit.form.get("motif", "").strip()
    try:
        grant = value_grants.grant_values(visit.workspace, cause.id, why=why, who=visit.visitor.name)
    except UsageError as error:
        if error.code != "usage.reveal.unexplained":
            raise
        return _write_cause(visit, cause, typed=why, error=_("Say why in two words at least: it is recorded."))
    visit.signed.grants[cause.id] = grant
    return PageRedirect(f"/quarantaine/causes/{cause.id}/valeurs")


def replay(visit: PageVisit) -> WebPage | PageRedirect:
    """Register the records of a cause as they are: what was wrong was set right elsewhere."""
    cause = find_cause(visit)
    why = visit.form.get("raison", "").strip()
    try:
        count = value_grants.replay_cause(visit.workspace, cause.id, why=why, who=visit.visitor.name)
    except UsageError as error:
        if error.code != "usage.reveal.unexplained":
            raise
        wrong = _("Say what was set right in two words at least: it is recorded.")
        return _write_cause(visit, cause, replay_typed=why, replay_error=wrong)
    return PageRedirect(f"/quarantaine/causes/{cause.id}", tell_replay(count))


def find_cause(visit: PageVisit) -> QuarantineCause:
    """Return the cause that the address names. Raises VisitRefusedError for one that does not concern the visitor."""
    cause = visit.workspace.quarantine.find_cause(visit.read_number(visit.places["cause"]))
    if cause is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    visit.require_flow(cause.flow)
    return cause


def _write_cause(
    visit: PageVisit,
    cause: QuarantineCause,
    *,
    typed: str = "",
    error: str = "",
    replay_typed: str = "",
    replay_error: str = "",
) -> WebPage:
    sentence, advice = explain_plainly(cause.reason, cause.details, cause.contract)
    blocks: list[PageBlock] = []
    if wrong := error or replay_error:
        field_link = CellLink(wrong, "#motif" if error else "#raison")
        blocks.append(PageNotice("fault", _("The form was not taken."), link=field_link))
    blocks += [Paragraph(advice), FactList(_list_facts(visit, cause))]
    if not cause.count:
        blocks.append(PageNotice("done", _("Nothing waits for this cause any more.")))
        return WebPage(sentence, blocks, list_trail())
    blocks.append(LinkList((CellLink(_("The records, one by one"), f"/quarantaine/causes/{cause.id}/lignes"),)))
    base = f"/quarantaine/causes/{cause.id}"
    if cause.column and visit.visitor.may(Right.REVEAL):
        hint = _("For instance: correct the codes of the October export. You see one column, for ten minutes.")
        field = FormField("motif", _("Why do you have to see these values?"), hint, error, typed)
        blocks += [Heading(1, _("Correct by value")), PageForm(f"{base}/acces", _("See the values"), (field,))]
    if visit.visitor.may(Right.CORRECT):
        hint = _("For instance: the supplier's code was added to the connector.")
        field = FormField("raison", _("What was set right elsewhere?"), hint, replay_error, replay_typed)
        form = PageForm(f"{base}/reprise", _("Take up again as they are"), (field,), is_quiet=True)
        blocks += [Heading(1, _("Take up again without correcting")), form]
    blocks += cause_follow_up.describe_follow_up(visit, cause)
    return WebPage(sentence, blocks, list_trail(), HTTPStatus.UNPROCESSABLE_ENTITY.value if wrong else 200)


def _list_facts(visit: PageVisit, cause: QuarantineCause) -> tuple[tuple[str, PageCell], ...]:
    oldest = visit.workspace.quarantine.find_oldest(cause.id)
    return (
        (_("records"), cause.count),
        (_("kind"), _name_kind(cause)),
        (_("flow"), CellLink(cause.flow, f"/flux/{cause.flow}")),
        (_("column"), show_name(cause.column) or NOTHING),
        (_("field"), name_field(cause.contract, cause.field)),
        (_("outcome"), _(labels.FATES[cause.fate])),
        (_("who can act"), _(labels.PERSONS[find_reason(cause.reason).concerns])),
        (_("oldest"), tell_moment(oldest)),
    )


def _name_kind(cause: QuarantineCause) -> str:
    """Return what the records of a cause are about, in words: a visit, a person; – for rows that are no record yet."""
    return get_contract_title(cause.contract) if cause.contract else NOTHING


def _describe_cause(cause: QuarantineCause, note: CauseNote | None) -> tuple[PageCell, ...]:
    sentence, _advice = explain_plainly(cause.reason, cause.details, cause.contract)
    return (
        CellLink(sentence, f"/quarantaine/causes/{cause.id}"),
        cause.count,
        _name_kind(cause),
        cause.flow,
        show_name(cause.column) or NOTHING,
        _(labels.FATES[cause.fate]),
        _(labels.PERSONS[find_reason(cause.reason).concerns]),
        (note.assignee if note else "") or NOTHING,
    )


def list_trail(cause: QuarantineCause | None = None) -> tuple[CellLink, ...]:
    """Return the pages above one of the quarantine; of a page below a cause, that cause too."""
    own = (CellLink(_("This cause"), f"/quarantaine/causes/{cause.id}"),) if cause else ()
    return (CellLink(_("Quarantine"), "/quarantaine"), *own)


def tell_replay(count: int) -> str:
    """Return how many records go on their way again, in words."""
    words = translate_plural(
        "{count} record is taken up again by the next run.",
        "{count} records are taken up again by the next run.",
        count,
    )
    return words.format(count=format_count(count))
