"""Scores: a sample that is dropped is scored as the command scores it; its score is shown, and kept where asked.

The files lie in memory and are let go; a score holds places and counts, and no value of them.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from passerelle.documents import charts
from passerelle.documents.charts import ChartSeries, GroupedBars
from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
    FactList,
    Heading,
    LinkList,
    PageNotice,
    PagePicture,
    PageRedirect,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.check_pages import take_place
from passerelle.faces.web.plain_words import explain_plainly
from passerelle.faces.web.rights import Right
from passerelle.faces.web.tender_pages import GRID, answer_file, find_tender, list_trail, write_base, write_tender
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.tender import tender_overview
from passerelle.tender.scoring import deciding, pricing, score_labels, scorecard
from passerelle.tender.scoring.examining import BidEntry, score_bid
from passerelle.tender.scoring.forms import pictures, summary
from passerelle.tender.scoring.forms.written_forms import FILES
from passerelle.tender.scoring.reading import HeldSample, SampleReader
from passerelle.vocabulary.errors import ParcelError, UsageError
from passerelle.vocabulary.formatting import NOTHING, format_count, format_number
from passerelle.vocabulary.language import _
from passerelle.vocabulary.safe_files import write_new

if TYPE_CHECKING:
    from starlette.responses import Response

    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.tender.consultation import Consultation
    from passerelle.tender.scoring.offered_prices import OfferedPrices
    from passerelle.tender.scoring.scorecard import BidReply, Score
    from passerelle.tender.tender_overview import HeldTender

MOST_CAUSES = 100


def score_sample(visit: PageVisit) -> WebPage | PageRedirect:
    """Score the files that were sent, and show the score; keep it where that was asked."""
    held = find_tender(visit)
    samples = [HeldSample(one.name, one.content) for one in visit.uploads if one.place != GRID and one.content]
    if not samples:
        return write_tender(visit, held, error=_("Choose a file that is not empty."))
    keeps = visit.form.get("garder") == "oui"
    if keeps and not visit.visitor.may(Right.DESCRIBE):
        raise VisitRefusedError(HTTPStatus.FORBIDDEN)
    try:
        entry = _make_entry(visit, held.consultation, samples)
        with take_place(visit):
            scored = score_bid(held.consultation, entry)
        try:
            name = tender_overview.keep_score(held.folder, scored) if keeps else ""
        finally:
            scored.close()
    except (ParcelError, UsageError) as error:
        return write_tender(visit, held, error=" ".join(explain_plainly(error.code, error.words)))
    if keeps:
        return PageRedirect(f"{write_base(held.folder.name)}/notes/{quote(name)}", _("The score is kept."))
    return write_score(scored.score, held)


def show_score(visit: PageVisit) -> WebPage:
    """Return a score that is kept."""
    held, folder = _find_score(visit)
    return write_score(scorecard.read(folder), held, folder)


def take_file(visit: PageVisit) -> Response:
    """Answer with a form of a kept score: the bytes that the command writes."""
    _held, folder = _find_score(visit)
    name = visit.places["file"]
    if name not in _list_files(folder):
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return answer_file(name, (folder / name).read_bytes())


def _find_score(visit: PageVisit) -> tuple[HeldTender, Path]:
    held = find_tender(visit)
    folder = tender_overview.list_scores(held.folder).get(visit.places["score"])
    if folder is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return held, folder


def _list_files(folder: Path) -> list[str]:
    return [name for name in FILES.values() if (folder / name).is_file()]


def _make_entry(visit: PageVisit, tender: Consultation, samples: list[HeldSample]) -> BidEntry:
    connector = visit.form.get("connecteur", "")
    readers = []
    if connector:
        if connector not in visit.workspace.plugins.connectors:
            raise VisitRefusedError(HTTPStatus.BAD_REQUEST)
        owner, described, plugin = visit.workspace.plugins.find_connector(connector)
        readers.append(SampleReader(owner.id, described, plugin.version))
    replies, prices = _read_grid(visit, tender)
    return BidEntry(
        samples=samples,
        readers=readers,
        bidder=visit.form.get("candidat", "").strip(),
        product=visit.form.get("produit", "").strip(),
        replies=replies,
        prices=prices,
    )


def _read_grid(visit: PageVisit, tender: Consultation) -> tuple[dict[str, BidReply], OfferedPrices | None]:
    """Return what the bidder answered in its grid, and which prices it wrote there; nothing without one."""
    grid = next((one for one in visit.uploads if one.place == GRID and one.content), None)
    if grid is None:
        return {}, None
    with TemporaryDirectory(prefix="passerelle-") as folder:
        path = Path(folder) / "grille.xlsx"
        write_new(path, grid.content)
        replies = deciding.read_replies(path, tender)
        return replies, pricing.read_prices(path, tender, replies)


def write_score(score: Score, held: HeldTender, folder: Path | None = None) -> WebPage:
    """Return the page of a score; `folder`: where it is kept."""
    with score_labels.speak_language(score.language):
        blocks: list[PageBlock] = [
            FactList(
                (
                    (_("note"), score_labels.write_interval(score.note)),
                    (_("primordial requirements"), summary.write_gate(score)),
                    (_("files"), ", ".join(sample.name for sample in score.samples)),
                    (_("rows read"), format_count(sum(sample.rows for sample in score.samples))),
                )
            ),
            *(Paragraph(sentence) for sentence in summary.write_conclusion(score)),
            Paragraph(
                _("The note and the gate state facts; only the buyer draws a consequence from them."), is_note=True
            ),
            *(PageNotice("doubt", _("To ask about"), one) for one in score.suspicions),
            *(
                PageNotice(
                    "doubt", _("Hard to believe: to ask about"), f"{summary.write_doubt(one)} {one.cause.advice}"
                )
                for one in score.doubts
            ),
        ]
        if folder is not None:
            base = f"{write_base(held.folder.name)}/notes/{quote(folder.name)}"
            blocks.append(LinkList(tuple(CellLink(name, f"{base}/{quote(name)}") for name in _list_files(folder))))
        blocks += [*_describe_domains(score), *_describe_gaps(score), *_describe_pictures(score)]
        blocks += [*_describe_causes(score), *_describe_grid(score)]
        title = _("Score of {bidder}").format(bidder=summary.write_title(score))
    return WebPage(title, blocks, list_trail(held))


def _describe_domains(score: Score) -> list[PageBlock]:
    names = [_(score_labels.DOMAINS.get(one.domain, one.domain)) for one in score.domains]
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (name, score_labels.write_interval(one.note), one.requirements, one.unseen)
        for name, one in zip(names, score.domains, strict=True)
    )
    title = _("Notes by domain, out of 100")
    series = (
        ChartSeries(_("Proved"), tuple(one.note.floor for one in score.domains)),
        ChartSeries(_("At best"), tuple(one.note.ceiling for one in score.domains)),
    )
    heads = (_("domain"), _("note"), _("requirements"), _("not evaluated"))
    return [
        Heading(1, _("Summary by domain")),
        *draw_chart(GroupedBars(title, tuple(names), series)),
        DataTable(title, heads, rows),
    ]


def _describe_gaps(score: Score) -> list[PageBlock]:
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (one.title, one.id, score_labels.write_verdict(one.verdict), format_number(one.cost, 1), one.remedy or NOTHING)
        for one in summary.list_costly(score)
    )
    heads = (_("requirement"), _("No."), _("fact"), _("points"), _("what to do"))
    return [DataTable(_("The most costly gaps"), heads, rows, _("None."))]


def _describe_pictures(score: Score) -> list[PageBlock]:
    """Return what the samples look like, each picture with its figures."""
    blocks: list[PageBlock] = []
    same = _("The same figures")
    for chart, read, first in pictures.iter_charts(score):
        rows: tuple[tuple[PageCell, ...], ...] = tuple(pictures.list_figures(chart))
        heads = (first, *(one.name for one in chart.series))
        blocks += [*draw_chart(chart), Paragraph(read, is_note=True), DataTable(chart.title, heads, rows, opener=same)]
    filled = pictures.make_fill_map(score)
    if filled is not None:
        drawing = charts.draw_fill_map(filled.columns, filled.rows, filled.title, is_styled=False)
        shares: tuple[tuple[PageCell, ...], ...] = tuple(pictures.list_filled(score))
        table = DataTable(filled.title, (_("kind of record"), *score.filled.months), shares, opener=same)
        blocks += [PagePicture(filled.title, Markup(drawing)), table]  # noqa: S704  escaped where it is drawn
    return [Heading(1, _("What the sample looks like")), *blocks] if blocks else []


def draw_chart(chart: GroupedBars) -> list[PageBlock]:
    """Return the picture of some figures; none where there is nothing to draw."""
    if chart.is_empty:
        return []
    drawing = Markup(charts.draw_bars(chart, is_styled=False))  # noqa: S704  escaped where it is drawn
    return [PagePicture(chart.title, drawing)]


def _describe_causes(score: Score) -> list[PageBlock]:
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (cause.title, cause.finding, cause.count, score_labels.write_places(cause), cause.advice, ", ".join(ids))
        for cause, ids in summary.group_causes(score)[:MOST_CAUSES]
    )
    heads = (_("cause"), _("what was found"), _("number"), _("where"), _("what to do"), _("counts against"))
    return [
        Heading(1, _("Anomalies, by cause")),
        DataTable(_("Causes, the most frequent first"), heads, rows, _("None.")),
    ]


def _describe_grid(score: Score) -> list[PageBlock]:
    blocks: list[PageBlock] = [Heading(1, _("Requirement by requirement"))]
    heads = (_("requirement"), _("No."), _("level"), _("fact"), _("measure"), _("weight"))
    for chapter, results in summary.group_by_chapter(score.results).items():
        rows: tuple[tuple[PageCell, ...], ...] = tuple(
            (
                one.title,
                one.id,
                _(score_labels.LEVELS[one.level]),
                score_labels.write_verdict(one.verdict),
                " ".join(filter(None, (score_labels.write_measure(one) if one.checked else "", one.why))) or NOTHING,
                one.weight,
            )
            for one in results
        )
        blocks.append(DataTable(chapter, heads, rows, opener=f"{chapter} ({format_count(len(rows))})"))
    return blocks
