"""One quarantined row: without values, then under a grant; corrected while its verdict is shown, kept as a draft."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from passerelle.engine.quarantine import drafting
from passerelle.faces.web.blocks import (
    CellEntry,
    CellLink,
    DataTable,
    FactList,
    FormField,
    Heading,
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
from passerelle.faces.web.rights import Right
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary import labels
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import NOTHING, show_name
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import find_reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.quarantine.drafting import RowCell, RowGrant
    from passerelle.engine.quarantine.trying import RowFinding, RowVerdict
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.quarantine_rows import QuarantineRow


def show_row(visit: PageVisit) -> WebPage:
    """Return one row, without a value: what is wrong with it, where it stood, until when it is kept."""
    return _write_row(visit, _find_row(visit))


def grant_access(visit: PageVisit) -> WebPage | PageRedirect:
    """Allow somebody to see the row, or its column, for ten minutes: the reason is in the audit trail before."""
    row = _find_row(visit)
    why, is_whole = visit.form.get("motif", "").strip(), visit.form.get("etendue") == "ligne"
    try:
        grant = drafting.grant_row(visit.workspace, row.id, is_whole=is_whole, why=why, who=visit.visitor.name)
    except UsageError as error:
        if error.code != "usage.reveal.unexplained":
            raise
        return _write_row(visit, row, typed=why, error=_("Say why in two words at least: it is recorded."))
    visit.signed.row_grants[row.id] = grant
    return PageRedirect(f"/quarantaine/lignes/{row.id}/correction")


def show_correction(visit: PageVisit) -> WebPage | PageRedirect:
    """Return the cells of a row with a place beside each, and what would become of it as it stands."""
    row = _find_row(visit)
    grant = _find_grant(visit, row.id)
    if grant is None:
        return PageRedirect(f"/quarantaine/lignes/{row.id}")
    cells = drafting.read_row(visit.workspace, grant)
    verdict = drafting.try_texts(visit.workspace, grant, {}) if cells else None
    return _write_correction(visit, row, cells, verdict)


def try_row(visit: PageVisit) -> PagePart | PageRedirect:
    """Return what would become of the row with what is typed, for its page to show; nothing is kept."""
    row = _find_row(visit)
    grant = _find_grant(visit, row.id)
    if grant is None:
        return PageRedirect(f"/quarantaine/lignes/{row.id}")
    cells = drafting.read_row(visit.workspace, grant)
    verdict = drafting.try_texts(visit.workspace, grant, _read_texts(visit, cells))
    return PagePart(_describe_verdict(verdict))


def keep(visit: PageVisit) -> WebPage | PageRedirect:
    """Keep what is typed as a draft, or only say what would become of it when that button was chosen."""
    row = _find_row(visit)
    grant = _find_grant(visit, row.id)
    if grant is None:
        raise UsageError("usage.grant.over")
    cells = drafting.read_row(visit.workspace, grant)
    texts = _read_texts(visit, cells)
    if visit.form.get("faire") == "essayer":
        typed = [drafting.RowCell(cell.column, cell.text, texts.get(cell.column, cell.corrected)) for cell in cells]
        return _write_correction(visit, row, typed, drafting.try_texts(visit.workspace, grant, texts))
    before = visit.read_number(visit.form.get("version", ""))
    verdict = drafting.keep_draft(visit.workspace, grant, texts, before=before)
    kept = _("Kept as a draft: it would be accepted.") if not verdict.reason else _("Kept as a draft: not right yet.")
    return PageRedirect("/corrections", kept)


def _find_row(visit: PageVisit) -> QuarantineRow:
    """Return the waiting row that the address names. Raises VisitRefusedError for one that is not the visitor's."""
    rows = visit.workspace.quarantine.list_rows(ids=(visit.read_number(visit.places["item"]),))
    if not rows:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    visit.require_flow(rows[0].flow)
    return rows[0]


def _find_grant(visit: PageVisit, item: int) -> RowGrant | None:
    grant = visit.signed.row_grants.get(item)
    return grant if grant is not None and grant.is_open(visit.workspace.clock.now()) else None


def _read_texts(visit: PageVisit, cells: Sequence[RowCell]) -> dict[str, str]:
    """Return what was typed by column: a form names a column by its place, for its name is a supplier's word."""
    return {cell.column: visit.form[f"c-{place}"] for place, cell in enumerate(cells) if f"c-{place}" in visit.form}


def _write_row(visit: PageVisit, row: QuarantineRow, *, typed: str = "", error: str = "") -> WebPage:
    sentence, advice = explain_plainly(row.reason, row.details, row.contract)
    blocks: list[PageBlock] = []
    if error:
        blocks.append(PageNotice("fault", _("The form was not taken."), link=CellLink(error, "#motif")))
    draft = visit.workspace.quarantine.find_draft(row.id)
    facts: list[tuple[str, PageCell]] = [
        (_("flow"), CellLink(row.flow, f"/flux/{row.flow}")),
        (_("where"), labels.format_place(row.place)),
        (_("kind"), name_contract(row.contract) if row.contract else NOTHING),
        (_("column"), show_name(row.place.column) or NOTHING),
        (_("field"), name_field(row.contract, row.place.field)),
        (_("who can act"), _(labels.PERSONS[find_reason(row.reason).concerns])),
        (_("set aside at"), tell_moment(row.created_at)),
        (_("kept until"), tell_moment(row.expires_at)),
        (_("draft"), f"{draft.who}, {tell_moment(draft.at)}" if draft else NOTHING),
    ]
    blocks += [Paragraph(advice), FactList(tuple(facts))]
    if visit.visitor.may(Right.REVEAL):
        whole = ("ligne", _("the whole row"))
        choices = (("colonne", _("this column alone")), whole) if row.place.column else (whole,)
        hint = _("For instance: correct the visit of 3 October. You see it for ten minutes.")
        fields = (
            FormField("motif", _("Why do you have to see this row?"), hint, error, typed),
            FormField("etendue", _("What do you have to see?"), kind="choice", choices=choices),
        )
        blocks.append(Heading(1, _("Correct this row")))
        blocks.append(PageForm(f"/quarantaine/lignes/{row.id}/acces", _("See and correct"), fields))
        if draft is not None:
            blocks.append(PageForm(f"/corrections/{row.id}/retrait", _("Remove the draft"), is_quiet=True))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    title = _("Record No. {number}: {sentence}").format(number=row.id, sentence=sentence)
    return WebPage(title, blocks, (CellLink(_("Quarantine"), "/quarantaine"),), status=status.value)


def _write_correction(
    visit: PageVisit, row: QuarantineRow, cells: Sequence[RowCell], verdict: RowVerdict | None
) -> WebPage:
    trail = (CellLink(_("Quarantine"), "/quarantaine"), CellLink(_("This record"), f"/quarantaine/lignes/{row.id}"))
    title = _("Correct record No. {number}").format(number=row.id)
    until = _("You see these values until {moment}: your reason is in the audit trail.")
    ends = visit.signed.row_grants[row.id].ends
    blocks: list[PageBlock] = [PageNotice("info", until.format(moment=tell_moment(ends)))]
    if verdict is None:
        blocks.append(Paragraph(_("The row could not be read: it has no cells. Have the software write it again.")))
        return WebPage(title, blocks, trail)
    label = _("Corrected value of «{name}»")
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            show_name(cell.column),
            cell.text,
            CellEntry(f"c-{place}", label.format(name=show_name(cell.column)), cell.corrected),
        )
        for place, cell in enumerate(cells)
    )
    draft = visit.workspace.quarantine.find_draft(row.id)
    heads = (_("column"), _("value as it came"), _("corrected value"))
    base = f"/quarantaine/lignes/{row.id}"
    form = PageForm(
        f"{base}/correction",
        _("Keep as a draft"),
        table=DataTable(_("The row, cell by cell"), heads, rows),
        hidden=(("version", str(draft.version if draft else 0)),),
        verdict=f"{base}/verdict",
        also=(("faire", "essayer", _("Look what would become of it")),),
    )
    blocks += [LivePart("verdict", _describe_verdict(verdict)), form]
    return WebPage(title, blocks, trail, has_script=True)


def _describe_verdict(verdict: RowVerdict) -> list[PageBlock]:
    """Return what a run would say of the row as it is written now."""
    if not verdict.reason and verdict.accepted:
        kinds = ", ".join(name_contract(contract) for contract in verdict.accepted)
        said: list[PageBlock] = [PageNotice("done", _("It would be accepted: {kinds}.").format(kinds=kinds))]
    else:
        said = [PageNotice("doubt", _("It would be set aside again."))]
    return [*said, *(describe_finding(finding) for finding in verdict.findings)]


def describe_finding(finding: RowFinding) -> PageBlock:
    """Return what a run would say of a row; without any value."""
    sentence, advice = explain_plainly(finding.reason, finding.details, finding.contract)
    column = show_name(finding.place.column)
    title = _("Column «{name}»: {sentence}").format(name=column, sentence=sentence) if column else sentence
    return PageNotice("fault" if finding.fate else "doubt", title, advice)
