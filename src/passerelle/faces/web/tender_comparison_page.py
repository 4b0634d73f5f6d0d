"""The bidders of a tender side by side: pictures, each with its figures, and the same files as the command writes."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from markupsafe import Markup

from passerelle.documents.charts import ChartSeries, GroupedBars
from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
    Heading,
    LinkList,
    PageNotice,
    PagePicture,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.plain_words import name_contract
from passerelle.faces.web.tender_pages import answer_file, find_tender, list_trail, write_base
from passerelle.faces.web.tender_score_pages import draw_chart
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.tender import tender_overview
from passerelle.tender.comparing import forms
from passerelle.tender.comparing.written_forms import FILES, WRITERS, compare_folders
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import drawing, summary
from passerelle.vocabulary.formatting import NOTHING, format_count, format_number, join_clauses
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from starlette.responses import Response

    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.tender.comparing.comparison import BidComparison
    from passerelle.tender.tender_overview import HeldTender


def show_comparison(visit: PageVisit) -> WebPage:
    """Return the bidders whose scores are kept, side by side."""
    held = find_tender(visit)
    made = _compare(held)
    with score_labels.speak_language(made.language):
        base = f"{write_base(held.folder.name)}/comparaison"
        blocks: list[PageBlock] = [
            Paragraph(_("In the order of what is proved. Same contracts, same rules, same weights for all.")),
            *(PageNotice("doubt", _("To ask about"), one) for one in made.suspicions),
            LinkList(tuple(CellLink(name, f"{base}/{name}") for name in FILES.values())),
            *_describe_bidders(made),
            *_describe_domains(made),
            *_describe_gaps(made),
            *_describe_give_backs(made),
            *_describe_requirements(made),
        ]
        title = _("Comparison of bidders")
    return WebPage(title, blocks, list_trail(held))


def take_file(visit: PageVisit) -> Response:
    """Answer with a form of the comparison: the bytes that the command writes."""
    held = find_tender(visit)
    wanted = visit.places["file"]
    form = next((form for form, name in FILES.items() if name == wanted), "")
    if not form:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    made = _compare(held)
    with score_labels.speak_language(made.language):
        return answer_file(wanted, WRITERS[form](made))


def _compare(held: HeldTender) -> BidComparison:
    folders = list(tender_overview.list_scores(held.folder).values())
    if not folders:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return compare_folders(folders)


def _describe_bidders(made: BidComparison) -> list[PageBlock]:
    names = tuple(one.name for one in made.bidders)
    title = _("Notes, out of 100")
    series = (
        ChartSeries(_("Proved"), tuple(one.note.floor for one in made.bidders)),
        ChartSeries(_("At best"), tuple(one.note.ceiling for one in made.bidders)),
    )
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            one.name,
            one.product or NOTHING,
            score_labels.write_interval(one.note),
            forms.write_gate(one),
            forms.write_costs(one),
            ", ".join(one.undecided) or NOTHING,
            forms.write_price(one) or NOTHING,
        )
        for one in made.bidders
    )
    heads = (
        *(_("bidder"), _("product"), _("note"), _("primordial requirements"), _("points not proved")),
        *(_("not told apart yet from"), _("price")),
    )
    return [*draw_chart(GroupedBars(title, names, series)), DataTable(title, heads, rows)]


def _describe_domains(made: BidComparison) -> list[PageBlock]:
    domains = list(dict.fromkeys(one.domain for bidder in made.bidders for one in bidder.domains))
    notes = [{one.domain: one.note for one in bidder.domains} for bidder in made.bidders]
    titles = tuple(_(score_labels.DOMAINS.get(domain, domain)) for domain in domains)
    series = tuple(
        ChartSeries(bidder.name, tuple(mine[domain].floor if domain in mine else 0.0 for domain in domains))
        for bidder, mine in zip(made.bidders, notes, strict=True)
    )
    title = _("What each proves, by domain, out of 100")
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (name, *(score_labels.write_interval(mine[domain]) if domain in mine else NOTHING for mine in notes))
        for name, domain in zip(titles, domains, strict=True)
    )
    heads = (_("domain"), *(one.name for one in made.bidders))
    return [Heading(1, _("By domain")), *draw_chart(GroupedBars(title, titles, series)), DataTable(title, heads, rows)]


def _describe_gaps(made: BidComparison) -> list[PageBlock]:
    blocks: list[PageBlock] = [Heading(1, _("The most costly gaps"))]
    heads = (_("requirement"), _("No."), _("fact"), _("points"), _("what to do"))
    for bidder in made.bidders:
        rows: tuple[tuple[PageCell, ...], ...] = tuple(
            (
                one.title,
                one.id,
                score_labels.write_verdict(one.verdict),
                format_number(one.cost, 1),
                one.remedy or NOTHING,
            )
            for one in bidder.gaps
        )
        blocks.append(DataTable(bidder.name, heads, rows, _("None.")))
    return blocks


def _describe_give_backs(made: BidComparison) -> list[PageBlock]:
    """Return which fields that are asked for each bidder's sample does not hold."""
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            bidder.name,
            name_contract(one.contract),
            f"{format_count(one.shown)} / {format_count(one.asked)}",
            summary.write_fields(one.contract, one.missing),
            summary.write_fields(one.contract, one.lost),
        )
        for bidder in made.bidders
        for one in bidder.given
        if one.is_shown
    )
    heads = (
        *(_("bidder"), _("kind of record"), _("fields shown, of those asked for")),
        *(_("not shown by the sample"), _("lost there and back")),
    )
    title = _("What each did not show to be able to give back")
    return [Heading(1, title), DataTable(title, heads, rows, _("No bidder shows a record."))]


def _describe_requirements(made: BidComparison) -> list[PageBlock]:
    """Return a map of verdicts for each chapter, with the same verdicts in words."""
    places = [str(place) for place in range(1, len(made.bidders) + 1)]
    blocks: list[PageBlock] = [
        Heading(1, _("Requirement by requirement")),
        Paragraph(" ".join(score_labels.write_verdict(name) + "." for name in score_labels.MARKS), is_note=True),
        Paragraph(join_clauses(f"{place} = {one.name}" for place, one in zip(places, made.bidders, strict=True))),
    ]
    heads = (_("requirement"), _("No."), *(one.name for one in made.bidders))
    for chapter, lines in summary.group_by_chapter(made.lines).items():
        cells = [(line.id, line.verdicts) for line in lines]
        heat = Markup(drawing.draw_heat_map(places, cells, chapter))  # noqa: S704  escaped where it is drawn
        rows: tuple[tuple[PageCell, ...], ...] = tuple(
            (line.title, line.id, *(score_labels.write_verdict(one) for one in line.verdicts)) for line in lines
        )
        opener = f"{chapter} ({format_count(len(rows))})"
        blocks += [PagePicture(chapter, heat), DataTable(chapter, heads, rows, opener=opener)]
    return blocks
