"""Tenders: what was asked and decided, what is required, the papers to take away, a sample to be scored."""

from __future__ import annotations

import mimetypes
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response

from passerelle.contracts.publishing.published_texts import get_label
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
from passerelle.faces.web.plain_words import name_contract
from passerelle.faces.web.rights import Right
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.tender import tender_overview
from passerelle.tender.bilingual_texts import load_texts
from passerelle.tender.questions import list_questions
from passerelle.tender.requirement import Level
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import summary
from passerelle.tender.trades import get_trade
from passerelle.vocabulary.formatting import NOTHING, format_count, format_day
from passerelle.vocabulary.language import _, get_current

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.tender.consultation import Consultation
    from passerelle.tender.tender_overview import HeldTender

MOST_SAMPLES = 10
GRID = "grille"


def list_tenders(visit: PageVisit) -> WebPage:
    """Return the tenders whose folders stand beside the settings."""
    require_whole(visit)
    rows: list[tuple[PageCell, ...]] = []
    for name, folder in tender_overview.list_tenders(_find_root(visit)).items():
        tender = tender_overview.open_tender(folder).consultation
        scores = len(tender_overview.list_scores(folder))
        cells = (tender.buyer, format_day(tender.date), len(tender.requirements), scores)
        rows.append((CellLink(tender.title or name, write_base(name)), *cells))
    heads = (_("tender"), _("buyer"), _("frozen on"), _("requirements"), _("scores kept"))
    empty = _("No tender is prepared.")
    blocks: list[PageBlock] = [DataTable(_("Tenders that are prepared"), heads, tuple(rows), empty)]
    if visit.visitor.may(Right.DESCRIBE):
        blocks.append(LinkList((CellLink(_("Begin a tender"), "/consultations/nouvelle"),)))
    return WebPage(_("Tenders"), blocks)


def show_tender(visit: PageVisit) -> WebPage:
    """Return one tender: its questions with what was answered, its requirements, its papers, the scores kept."""
    return write_tender(visit, find_tender(visit))


def take_paper(visit: PageVisit) -> Response:
    """Answer with a file that was built: the bytes that stand in the folder."""
    held = find_tender(visit)
    name = visit.places["file"]
    if name not in held.list_papers():
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return answer_file(name, (held.folder / name).read_bytes())


def answer_file(name: str, content: bytes) -> Response:
    """Return an answer that a browser keeps as a file."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, headers={"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'})


def require_whole(visit: PageVisit) -> None:
    """Raise VisitRefusedError for who may see some flows only: a tender is about everything that will be bought."""
    if visit.visitor.flows is not None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)


def find_tender(visit: PageVisit) -> HeldTender:
    """Return the tender that the address names. Raises VisitRefusedError for one that is not there."""
    require_whole(visit)
    folder = tender_overview.list_tenders(_find_root(visit)).get(visit.places["tender"])
    if folder is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return tender_overview.open_tender(folder)


def write_base(name: str) -> str:
    """Return the address of a tender."""
    return f"/consultations/{quote(name)}"


def list_trail(held: HeldTender | None = None) -> tuple[CellLink, ...]:
    """Return the pages above one of tenders; of a page below a tender, that tender too."""
    own = (CellLink(_("This tender"), write_base(held.folder.name)),) if held else ()
    return (CellLink(_("Tenders"), "/consultations"), *own)


def _find_root(visit: PageVisit) -> Path:
    return visit.workspace.settings.path.parent


def write_tender(visit: PageVisit, held: HeldTender, *, error: str = "") -> WebPage:
    """Return the page of a tender; `error`: why a sample was not taken."""
    tender = held.consultation
    blocks: list[PageBlock] = []
    if error:
        blocks.append(PageNotice("fault", _("The form was not taken."), link=CellLink(error, "#fichiers")))
    blocks += [FactList(_list_facts(tender)), *_describe_volumes(tender)]
    blocks += _describe_scores(visit, held)
    blocks += [Heading(1, _("Score a sample")), *_write_sample_form(visit, held, error)]
    blocks += [Heading(1, _("The questions before the choice")), *_describe_answers(held)]
    blocks += [Heading(1, _("What is required")), *_describe_requirements(tender)]
    base = write_base(held.folder.name)
    papers = tuple(CellLink(name, f"{base}/fichiers/{quote(name)}") for name in held.list_papers())
    if papers:
        blocks += [Heading(1, _("Papers to take away")), LinkList(papers)]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return WebPage(tender.title, blocks, list_trail(), status=status.value)


def _list_facts(tender: Consultation) -> tuple[tuple[str, PageCell], ...]:
    language = get_current()
    return (
        (_("buyer"), tender.buyer),
        (_("reference"), tender.id),
        (_("frozen on"), format_day(tender.date)),
        (_("trade"), get_trade(tender.trade).title.of(language)),
        (_("kinds of records"), ", ".join(name_contract(one.id) for one in tender.contracts)),
        (_("what the data serve"), ", ".join(get_label(one, language) for one in tender.purposes) or NOTHING),
        (_("software to be wired"), ", ".join(one.name for one in tender.systems) or NOTHING),
    )


def _describe_volumes(tender: Consultation) -> list[PageBlock]:
    labels, language = load_texts("document")["volumes"], get_current()
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (labels[one.what][language] if one.what in labels else one.what, one.count)
        for one in tender.volumes
        if one.count
    )
    return [DataTable(_("How much there is"), (_("of what"), _("number")), rows)] if rows else []


def _describe_scores(visit: PageVisit, held: HeldTender) -> list[PageBlock]:
    """Return the notes that are kept; whoever keeps them also opens them and compares: prices stand there."""
    opens = visit.visitor.may(Right.DESCRIBE)
    base = write_base(held.folder.name)
    rows: list[tuple[PageCell, ...]] = []
    for name, score in tender_overview.read_scores(held.folder).items():
        title = summary.write_title(score)
        link = CellLink(title, f"{base}/notes/{quote(name)}") if opens else title
        rows.append((link, score_labels.write_interval(score.note), summary.write_gate(score), format_day(score.date)))
    heads = (_("bidder"), _("note"), _("primordial requirements"), _("scored on"))
    blocks: list[PageBlock] = [
        Heading(1, _("The bidders")),
        DataTable(_("Scores that are kept"), heads, tuple(rows), _("No score is kept yet.")),
    ]
    if len(rows) > 1 and opens:
        blocks.append(LinkList((CellLink(_("Compare the bidders"), f"{base}/comparaison"),)))
    return blocks


def _write_sample_form(visit: PageVisit, held: HeldTender, error: str) -> list[PageBlock]:
    connectors = visit.workspace.plugins.connectors
    named = sorted((connector.title, name) for name, (_owner, connector, _plugin) in connectors.items())
    choices = (("", _("the templates of the tender")), *((name, title) for title, name in named))
    fields = [
        FormField(
            "fichiers",
            _("The bidder's files, several at once if need be"),
            _("At most {count}.").format(count=format_count(MOST_SAMPLES)),
            error=error,
            kind="files",
        ),
        FormField("connecteur", _("In which form are they?"), kind="choice", is_required=False, choices=choices),
        FormField(GRID, _("The answer grid that the bidder filled in"), kind="file", is_required=False),
        FormField("candidat", _("Who hands them in?"), is_required=False, most=100),
        FormField("produit", _("Which software?"), is_required=False, most=100),
    ]
    if visit.visitor.may(Right.DESCRIBE):
        keeps = (("", _("only show it")), ("oui", _("keep it, to compare the bidders")))
        hint = _("The score is kept, the files are not.")
        fields.append(FormField("garder", _("And the score?"), hint, kind="choice", is_required=False, choices=keeps))
    told = _("The files take the path of a real run; nothing is delivered, and no value of them is shown or kept.")
    action = f"{write_base(held.folder.name)}/notes"
    return [Paragraph(told), PageForm(action, _("Score these files"), tuple(fields), has_file=True)]


def _describe_answers(held: HeldTender) -> list[PageBlock]:
    """Return the questions that come before the choice of requirements, with what the buyer wrote."""
    if held.order is None:
        return [Paragraph(_("The buyer's own decisions are not here: only what was frozen."))]
    language = get_current()
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (one.title.of(language), held.order.answers.get(one.key, "") or _("not answered yet"))
        for one in list_questions()
    )
    return [DataTable(_("What the buyer was asked, and answered"), (_("question"), _("answer")), rows)]


def _describe_requirements(tender: Consultation) -> list[PageBlock]:
    """Return how many requirements there are of each level, and all of them, chapter by chapter."""
    levels = list(Level)
    counts: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            _(score_labels.LEVELS[level]),
            sum(one.level is level for one in tender.requirements),
            sum(one.level is level and one.is_measured for one in tender.requirements),
            tender.weights[level.value],
        )
        for level in levels
    )
    heads = (_("level"), _("requirements"), _("measured on a sample"), _("weight"))
    blocks: list[PageBlock] = [DataTable(_("Requirements by level"), heads, counts)]
    language = get_current()
    for chapter, lines in summary.group_by_chapter(tender.requirements).items():
        rows: tuple[tuple[PageCell, ...], ...] = tuple(
            (one.id, one.title.of(language), one.statement.of(language), _(score_labels.LEVELS[one.level]))
            for one in lines
        )
        heads = (_("No."), _("requirement"), _("what is asked"), _("level"))
        opener = f"{chapter} ({format_count(len(rows))})"
        blocks.append(DataTable(chapter, heads, rows, opener=opener))
    return blocks
