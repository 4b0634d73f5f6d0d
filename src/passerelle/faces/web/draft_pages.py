"""Drafts: corrected rows that wait for their release, and the release of all that would be accepted, by flow."""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from typing import TYPE_CHECKING

from passerelle.engine.quarantine import drafting
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
from passerelle.faces.web.plain_words import explain_plainly
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.reasons import REASONS

if TYPE_CHECKING:
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.drafts import ItemDraft

MOST_SHOWN = 200


def list_drafts(visit: PageVisit) -> WebPage:
    """Return the drafts that wait, by flow, without a value."""
    return _write_drafts(visit)


def release(visit: PageVisit) -> WebPage | PageRedirect:
    """Register the drafts of a flow that would be accepted for its next run."""
    flow = visit.form.get("flux", "")
    why = next((text for name, text in visit.form.items() if name.startswith("raison-")), "").strip()
    visit.require_flow(flow)
    ids = [draft.item for draft in _list_own(visit).get(flow, []) if not draft.verdict]
    try:
        counts = drafting.release_drafts(
            visit.workspace, ids, why=why, who=visit.visitor.name, four_eyes=visit.workspace.settings.web.four_eyes
        )
    except UsageError as error:
        if error.code != "usage.reveal.unexplained":
            raise
        return _write_drafts(visit, wrong=flow, typed=why)
    count = sum(counts.values())
    words = translate_plural(
        "{count} record is taken up again by the next run.",
        "{count} records are taken up again by the next run.",
        count,
    )
    return PageRedirect("/corrections", words.format(count=format_count(count)))


def remove(visit: PageVisit) -> PageRedirect:
    """Remove a draft: its row waits as it came."""
    item = visit.read_number(visit.places["item"])
    draft = visit.workspace.quarantine.find_draft(item)
    if draft is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    visit.require_flow(draft.flow)
    visit.workspace.quarantine.remove_draft(item)
    return PageRedirect("/corrections", _("The draft is gone; the row waits as it came."))


def _list_own(visit: PageVisit) -> dict[str, list[ItemDraft]]:
    by_flow: defaultdict[str, list[ItemDraft]] = defaultdict(list)
    for draft in visit.workspace.quarantine.list_drafts():
        if visit.visitor.may_see_flow(draft.flow):
            by_flow[draft.flow].append(draft)
    return by_flow


def _write_drafts(visit: PageVisit, *, wrong: str = "", typed: str = "") -> WebPage:
    blocks: list[PageBlock] = [
        Paragraph(_("Rows that somebody corrected one by one. Nothing leaves before they are released.")),
    ]
    if wrong:
        blocks.append(
            PageNotice("fault", _("The form was not taken."), text=_("Say why in two words at least: it is recorded."))
        )
    by_flow = _list_own(visit)
    for flow, drafts in by_flow.items():
        blocks.append(Heading(1, _("Flow {flow}").format(flow=flow)))
        rows = tuple(map(_describe_draft, drafts[:MOST_SHOWN]))
        heads = (_("No."), _("what would become of it"), _("by"), _("at"))
        blocks.append(DataTable(_("Drafts of flow {flow}").format(flow=flow), heads, rows))
        if ready := sum(not draft.verdict for draft in drafts):
            error = _("Say why in two words at least: it is recorded.") if flow == wrong else ""
            # several forms may stand on the page: the number of the first draft tells their fields apart
            name = f"raison-{drafts[0].item}"
            field = FormField(name, _("Why do these corrections go?"), error=error, text=typed if error else "")
            words = translate_plural("Release {count} correction", "Release {count} corrections", ready)
            blocks.append(
                PageForm("/corrections", words.format(count=format_count(ready)), (field,), hidden=(("flux", flow),))
            )
    if not by_flow:
        blocks.append(PageNotice("done", _("No correction waits.")))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return WebPage(_("Corrections"), blocks, status=status.value)


def _describe_draft(draft: ItemDraft) -> tuple[PageCell, ...]:
    verdict = _write_verdict(draft.verdict) if draft.verdict else _("it would be accepted")
    row = CellLink(str(draft.item), f"/quarantaine/lignes/{draft.item}")
    return row, verdict, draft.who, tell_moment(draft.at)


def _write_verdict(code: str) -> str:
    """Return why a row is not right yet. A draft keeps no details: its sentence may have no holes."""
    if "{" in REASONS[code].sentence:
        return _("It would be set aside again.")
    return explain_plainly(code, {})[0]
