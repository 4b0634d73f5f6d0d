"""Changes of supplier: what would become of each field, the worksheet of decisions down and, filled in, judged.

By the two descriptions, or weighed by the exports where somebody asked for it. No record is shown.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.responses import Response

from passerelle.documents import sections
from passerelle.faces.report import switch_plan
from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
    FactList,
    FormField,
    Heading,
    LinkList,
    PageForm,
    PageNotice,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.plain_words import TERMINAL
from passerelle.faces.web.rights import Right
from passerelle.faces.web.switch_act_pages import describe_work, find_work, read_change, require_whole
from passerelle.faces.web.switch_words import describe_sections, name_sides
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.stores.switch_findings import WEIGHED
from passerelle.switching import decision_worksheet
from passerelle.switching.change_overview import PlannedChange, find_named_change, list_changes, plan_change
from passerelle.switching.kept_details import read_plan
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain
from passerelle.vocabulary.safe_files import write_new

if TYPE_CHECKING:
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.switching.decisions import Decisions

_WORKSHEET, _PAGE = "decisions.xlsx", "plan.html"
_KINDS = {
    _WORKSHEET: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    _PAGE: "text/html; charset=utf-8",
}


def list_switches(visit: PageVisit) -> WebPage:
    """Return the changes of supplier that stand beside the settings."""
    require_whole(visit)
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (CellLink(name, f"/bascules/{name}"), *name_sides(find_named_change(visit.workspace, name)))
        for name in list_changes(visit.workspace)
    )
    heads = (_("change"), _("from"), _("to"))
    empty = _("No change of supplier is being prepared.")
    return WebPage(_("Changes of software"), [DataTable(_("Changes that are prepared"), heads, rows, empty)])


def show_switch(visit: PageVisit) -> WebPage:
    """Return one change: what stays behind, what arrives otherwise, what must be decided."""
    return _write_switch(visit, _plan(visit))


def take_file(visit: PageVisit) -> Response:
    """Answer with the plan as a page to keep, or with the worksheet of decisions: the same as the command writes."""
    name = visit.places["file"]
    if name not in _KINDS:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    planned = _plan(visit)
    content = _write_worksheet(planned) if name == _WORKSHEET else _write_page(planned).encode()
    told = {"Content-Type": _KINDS[name], "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=told)


def judge_worksheet(visit: PageVisit) -> WebPage:
    """Return what a worksheet that was filled in decides; whoever operates Passerelle puts it beside the settings."""
    planned = _plan(visit)
    if visit.upload is None or not visit.upload.content:
        return _write_switch(visit, planned, error=_("Choose a file that is not empty."))
    try:
        decisions = _read_worksheet(visit.upload.content)
    except UsageError as error:
        sentence, advice = explain(error.code, {**error.words, "file": _WORKSHEET})
        if TERMINAL.search(advice):
            advice = _("Take the worksheet from this page, and fill in nothing but its free columns.")
        return _write_switch(visit, planned, error=f"{sentence} {advice}")
    return _write_switch(visit, planned, decisions=decisions)


def _plan(visit: PageVisit) -> PlannedChange:
    """Return the change with its plan: weighed, where somebody had this one weighed."""
    name = read_change(visit)
    planned, kept = plan_change(visit.workspace, name), read_plan(visit.workspace, name)
    return PlannedChange(planned.change, kept.plan) if kept and kept.is_about(planned.plan) else planned


def _write_worksheet(planned: PlannedChange) -> bytes:
    with TemporaryDirectory(prefix="passerelle-") as folder:
        path = Path(folder) / _WORKSHEET
        decision_worksheet.write_worksheet(path, planned.plan, planned.change.decisions)
        return path.read_bytes()


def _read_worksheet(content: bytes) -> Decisions:
    with TemporaryDirectory(prefix="passerelle-") as folder:
        path = Path(folder) / _WORKSHEET
        write_new(path, content)
        return decision_worksheet.read_worksheet(path)


def _write_page(planned: PlannedChange) -> str:
    title = _("From {origin} to {target}: plan").format(origin=planned.plan.origin, target=planned.plan.target)
    return sections.write_page(title, switch_plan.build_sections(planned.plan))


def _write_switch(
    visit: PageVisit, planned: PlannedChange, *, error: str = "", decisions: Decisions | None = None
) -> WebPage:
    base, plan = f"/bascules/{visit.places['switch']}", planned.plan
    blocks: list[PageBlock] = []
    if error:
        blocks.append(PageNotice("fault", _("The form was not taken."), link=CellLink(error, "#fichier")))
    if decisions is not None:
        blocks += _describe_decisions(decisions)
    blocks += _list_ways(visit, base, planned)
    blocks += describe_sections(visit.workspace, switch_plan.build_sections(plan), planned.change)
    if visit.visitor.may(Right.DESCRIBE):
        field = FormField("fichier", _("The workbook, filled in"), error=error, kind="file")
        form = PageForm(f"{base}/decisions", _("Look what it decides"), (field,), has_file=True, is_quiet=True)
        blocks += [Heading(1, _("The workbook of decisions")), form]
    old, new = name_sides(planned.change)
    title = _("From {origin} to {target}").format(origin=old, target=new)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return WebPage(title, blocks, (CellLink(_("Changes of software"), "/bascules"),), status=status.value)


def _list_ways(visit: PageVisit, base: str, planned: PlannedChange) -> list[PageBlock]:
    """Return where one goes on from a change, and how its plan is weighed by the exports."""
    links = (
        CellLink(_("Comparisons of both softwares"), f"{base}/comparaisons"),
        CellLink(_("The proof"), f"{base}/preuves"),
        CellLink(_("Taking the move back"), f"{base}/retour"),
        CellLink(_("What must be decided, as a workbook"), f"{base}/{_WORKSHEET}"),
        CellLink(_("The plan as a page to keep"), f"{base}/{_PAGE}"),
    )
    work = find_work(visit, visit.places["switch"], WEIGHED)
    goes_on = work is not None and not work.is_over
    blocks: list[PageBlock] = [LinkList(links), *describe_work(visit, work)]
    kept = read_plan(visit.workspace, visit.places["switch"])
    if kept is not None and kept.plan == planned.plan:
        blocks.append(FactList(((_("weighed at"), tell_moment(kept.at)), (_("by"), kept.who))))
    elif kept is not None:
        told = _("Descriptions or decisions have changed since {moment}: have the plan weighed anew.")
        blocks.append(PageNotice("info", _("The plan is not weighed."), told.format(moment=tell_moment(kept.at))))
    if goes_on:
        blocks.append(LinkList((CellLink(_("Read the figures again"), base),)))
    elif planned.change.has_files and visit.visitor.may(Right.RUN):
        blocks.append(Paragraph(_("Weighed by the exports, the plan says how many records each loss concerns.")))
        blocks.append(PageForm(f"{base}/pesee", _("Weigh the plan by the exports"), is_quiet=True))
    return blocks


def _describe_decisions(decisions: Decisions) -> list[PageBlock]:
    """Return what a worksheet decides, in figures: nothing of it is kept."""
    told = _("Nothing is kept here: hand the workbook to the person who operates Passerelle.")
    return [
        PageNotice("done", _("The workbook can be read."), told),
        FactList(
            (
                (_("codes that become others"), len(decisions.codes)),
                (_("empty fields that are filled"), len(decisions.defaults)),
                (_("losses that somebody accepts"), len(decisions.accepted)),
            )
        ),
    ]
