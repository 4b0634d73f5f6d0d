"""A flow that is tried: what a run would do now, with nothing taken from its source and nothing delivered."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
    FactList,
    Heading,
    LinkList,
    LivePart,
    PageForm,
    PageNotice,
    PagePart,
    PageRedirect,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.plain_words import explain_plainly, name_contract, name_field
from passerelle.faces.web.turn_words import describe_turn
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.stores.settlement import WARNING
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import NOTHING, format_count, show_name
from passerelle.vocabulary.language import _
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import REASONS, find_reason

if TYPE_CHECKING:
    from passerelle.engine.rehearsal.rehearsing import Rehearsal
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.run_starting import FlowTrial
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.settlement import ReasonKey

MOST_CAUSES = 50
_HOLE = re.compile(r"\{(\w+)\}")


def start_trial(visit: PageVisit) -> PageRedirect:
    """Have a flow tried, in its turn."""
    name = _read_flow(visit)
    if visit.starter is None or not visit.starter.start_trial(name):
        return PageRedirect(
            f"/flux/{name}", _("This was asked for already, or too much waits: look again in a moment.")
        )
    return PageRedirect(f"/flux/{name}/essai")


def show_trial(visit: PageVisit) -> WebPage:
    """Return the last trial of a flow; while it goes on, it is read again every two seconds, or at each reload."""
    name = _read_flow(visit)
    trial = visit.starter.trials.get(name) if visit.starter else None
    goes_on = trial is not None and not trial.is_over
    part = LivePart("essai", _describe_trial(visit, trial), f"/flux/{name}/essai/chiffres" if goes_on else "")
    blocks: list[PageBlock] = [
        Paragraph(_("What a run would do now: nothing is taken from the source, and nothing is delivered.")),
        part,
    ]
    if goes_on:
        blocks.append(LinkList((CellLink(_("Read the figures again"), f"/flux/{name}/essai"),)))
    else:
        blocks.append(PageForm(f"/flux/{name}/essai", _("Try this flow"), is_quiet=True))
    trail = (CellLink(_("Flows"), "/flux"), CellLink(name, f"/flux/{name}"))
    return WebPage(_("Trial of the flow {flow}").format(flow=name), blocks, trail, has_script=goes_on)


def show_figures(visit: PageVisit) -> PagePart:
    """Return what a trial found alone, for its page to show in its place."""
    name = _read_flow(visit)
    return PagePart(_describe_trial(visit, visit.starter.trials.get(name) if visit.starter else None))


def _read_flow(visit: PageVisit) -> str:
    name = visit.places["flow"]
    visit.require_flow(name)
    if name not in visit.workspace.settings.flows:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return name


def _describe_trial(visit: PageVisit, trial: FlowTrial | None) -> list[PageBlock]:
    if trial is None:
        return [Paragraph(_("This flow was not tried since the workbench was opened."))]
    began = FactList(((_("tried at"), tell_moment(trial.began)),))
    if not trial.is_over:
        return [began, describe_turn(visit, trial, _("The trial goes on."))]
    if trial.rehearsal is None:
        code = trial.failure.code if trial.failure else "incident.plugin.failed"
        sentence, advice = explain_plainly(code, trial.failure.words if trial.failure else {})
        return [began, PageNotice("fault", _("The trial was cut off."), f"{sentence} {advice}")]
    return [began, *_describe_rehearsal(trial.rehearsal)]


def _describe_rehearsal(made: Rehearsal) -> list[PageBlock]:
    balance = made.outcome.balance
    blocks: list[PageBlock] = [*_list_notices(made)]
    facts: tuple[tuple[str, PageCell], ...] = (
        (_("records read"), format_count(balance.received)),
        (_("set aside"), format_count(balance.aside)),
        (_("with a doubt"), format_count(balance.warnings)),
        (_("parcels that would be parked"), made.outcome.parked),
    )
    fates = tuple((_(labels.FATES[fate]), balance.fates[fate]) for fate in Fate if balance.fates.get(fate))
    changes = tuple(
        (name_contract(contract), change.new, change.changed, change.deleted)
        for contract, change in made.changes.items()
    )
    sent = (_("kind"), _("new ones"), _("changed ones"), _("deleted ones"))
    blocks += [
        FactList(facts),
        DataTable(_("What would become of the records"), (_("outcome"), _("records")), fates, _("Nothing came.")),
        DataTable(_("What the destination would be sent"), sent, changes, _("Nothing would be sent.")),
        Heading(1, _("What is to be looked at")),
    ]
    # what is set aside comes before doubts that stop nothing
    causes = sorted(made.causes.items(), key=lambda one: (one[0].fate == WARNING, -one[1]))[:MOST_CAUSES]
    rows = tuple(_describe_cause(key, count) for key, count in causes)
    heads = (_("cause"), _("number"), _("column"), _("field"), _("who can act"))
    return [*blocks, DataTable(_("Causes, the gravest first"), heads, rows, _("Nothing."))]


def _list_notices(made: Rehearsal) -> list[PageNotice]:
    """Return what keeps the figures from being those of a run, or would end it."""
    outcome, notices = made.outcome, []
    if made.suspended:
        told = _("The flow is stopped now; it was tried as if it went on.")
        notices.append(PageNotice("doubt", told, " ".join(explain_plainly(made.suspended, made.suspended_details))))
    if made.api_unread:
        told = _("The other software was not asked: only what was received before is counted here.")
        notices.append(PageNotice("info", told))
    for code in dict.fromkeys(filter(None, (outcome.suspended, outcome.trouble, outcome.failed))):
        sentence, advice = explain_plainly(code, outcome.find_details(code))
        notices.append(PageNotice("fault", sentence, advice))
    notices += [PageNotice("doubt", *explain_plainly(one.code, one.words)) for one in outcome.questions]
    return notices


def _describe_cause(key: ReasonKey, count: int) -> tuple[PageCell, ...]:
    """Return the cells of a cause. A rehearsal keeps no details: a sentence with holes is not said."""
    known = {"column": key.column, "field": key.field, "contract": key.contract, "member": key.member}
    is_whole = set(_HOLE.findall(REASONS[key.code].sentence)) <= set(known)
    sentence = explain_plainly(key.code, known, key.contract)[0] if is_whole else _(labels.FATES[key.fate])
    return (
        sentence,
        count,
        show_name(key.column) or NOTHING,
        name_field(key.contract, key.field),
        _(labels.PERSONS[find_reason(key.code).concerns]),
    )
