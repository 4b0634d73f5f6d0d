"""Changes of supplier: what would become of each field, the worksheet of decisions down and, filled in, judged.

By the two descriptions alone: no export is read here, and no record is shown.
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
from passerelle.faces.web.plain_words import TERMINAL, name_field
from passerelle.faces.web.rights import Right
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.switching import decision_worksheet
from passerelle.switching.change_overview import list_changes, plan_change
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain
from passerelle.vocabulary.safe_files import write_new

if TYPE_CHECKING:
    from passerelle.faces.web.blocks import PageBlock
    from passerelle.faces.web.visits import PageVisit
    from passerelle.switching.change_overview import PlannedChange
    from passerelle.switching.decisions import Decisions

_WORKSHEET, _PAGE = "decisions.xlsx", "plan.html"
_KINDS = {
    _WORKSHEET: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    _PAGE: "text/html; charset=utf-8",
}


def list_switches(visit: PageVisit) -> WebPage:
    """Return the changes of supplier that stand beside the settings."""
    _require_whole(visit)
    rows = tuple(
        (CellLink(name, f"/bascules/{name}"), one.origin, one.target)
        for name, one in list_changes(visit.workspace).items()
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


def _require_whole(visit: PageVisit) -> None:
    """Raise VisitRefusedError for who may see some flows only: a change is about everything that the software holds."""
    for name in visit.workspace.settings.flows:
        visit.require_flow(name)


def _plan(visit: PageVisit) -> PlannedChange:
    _require_whole(visit)
    name = visit.places["switch"]
    if name not in list_changes(visit.workspace):
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return plan_change(visit.workspace, name)


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
    blocks += [
        Paragraph(_("By the two descriptions alone: how many records each loss concerns is told by whoever operates.")),
        LinkList(
            (
                CellLink(_("What must be decided, as a workbook"), f"{base}/{_WORKSHEET}"),
                CellLink(_("The plan as a page to keep"), f"{base}/{_PAGE}"),
            )
        ),
    ]
    for section in switch_plan.build_sections(plan):
        blocks.append(Heading(1, section.title))
        blocks += [Paragraph(sentence) for sentence in section.sentences]
        if section.rows:
            blocks.append(DataTable(section.title, section.headers, _name_fields(section)))
    if visit.visitor.may(Right.DESCRIBE):
        field = FormField("fichier", _("The workbook, filled in"), error=error, kind="file")
        form = PageForm(f"{base}/decisions", _("Look what it decides"), (field,), has_file=True, is_quiet=True)
        blocks += [Heading(1, _("The workbook of decisions")), form]
    title = _("From {origin} to {target}").format(origin=plan.origin, target=plan.target)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return WebPage(title, blocks, (CellLink(_("Changes of software"), "/bascules"),), status=status.value)


def _name_fields(section: sections.Section) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a section with the titles of fields in place of their names."""
    places = {nth for nth, header in enumerate(section.headers) if header == _("field")}
    return tuple(
        tuple(name_field("", cell) if nth in places else cell for nth, cell in enumerate(row)) for row in section.rows
    )


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
