"""What is done about a change of supplier: weighed, compared time after time, taken back in thought; and its proof.

Whatever reads whole exports goes on behind the pages, in its turn. Nothing is removed from here: taking a move
back for good is for whoever operates Passerelle.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from passerelle.documents.charts import ChartSeries, GroupedBars
from passerelle.faces.report import switch_comparison
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
from passerelle.faces.web.plain_words import explain_plainly, name_contract
from passerelle.faces.web.rights import Right
from passerelle.faces.web.switch_words import describe_sections
from passerelle.faces.web.tender_pages import answer_file
from passerelle.faces.web.tender_score_pages import draw_chart
from passerelle.faces.web.turn_words import describe_turn
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.stores.switch_findings import COMPARED, ROLLED_BACK, WEIGHED
from passerelle.switching.change_acts import compare_change, count_rollback, weigh_plan
from passerelle.switching.change_overview import find_named_change, list_changes
from passerelle.switching.difference_kinds import KIND_LABELS, DifferenceKind
from passerelle.switching.kept_details import read_differences
from passerelle.switching.prove.dossier_verifying import verify_dossier
from passerelle.switching.prove.signing import DIFFERENCES, DOSSIER, PAGE, SIGNATURE
from passerelle.vocabulary.formatting import NOTHING, format_count, format_day, join_clauses
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from starlette.responses import Response

    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.run_starting import SwitchFound, SwitchWork
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.switch_findings import SwitchFinding

MOST_FINDINGS = 100
MOST_DRAWN = 12
_LARGEST_DOSSIER = 64 * 1024 * 1024
_LEFT = {
    "record": N_("records"),
    "file": N_("files"),
    "table": N_("rows of a table"),
    "unnamed": N_("records without a number"),
}


def require_whole(visit: PageVisit) -> None:
    """Raise VisitRefusedError for who may see some flows only: a change is about everything that the software holds."""
    for name in visit.workspace.settings.flows:
        visit.require_flow(name)


def read_change(visit: PageVisit) -> str:
    """Return the name of the change that the address names. Raises VisitRefusedError for one that is not there."""
    require_whole(visit)
    name = visit.places["switch"]
    if name not in list_changes(visit.workspace):
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return name


def weigh(visit: PageVisit) -> PageRedirect:
    """Have the plan weighed by the exports of the old software."""
    name, who = read_change(visit), visit.visitor.name
    act = lambda: weigh_plan(visit.workspace, name, who=who)  # noqa: E731  said once
    return _start(visit, name, WEIGHED, act, f"/bascules/{name}")


def compare(visit: PageVisit) -> PageRedirect:
    """Have both softwares read and compared."""
    name, who = read_change(visit), visit.visitor.name
    act = lambda: compare_change(visit.workspace, name, who=who)  # noqa: E731  said once
    return _start(visit, name, COMPARED, act, f"/bascules/{name}/comparaisons")


def count_back(visit: PageVisit) -> PageRedirect:
    """Have it counted what taking the move back would remove; nothing is removed."""
    name, who = read_change(visit), visit.visitor.name
    act = lambda: count_rollback(visit.workspace, name, who=who)  # noqa: E731  said once
    return _start(visit, name, ROLLED_BACK, act, f"/bascules/{name}/retour")


def _start(visit: PageVisit, name: str, kind: str, act: Callable[[], SwitchFound], href: str) -> PageRedirect:
    if visit.starter is None or not visit.starter.start_work(name, kind, act):
        return PageRedirect(href, _("This was asked for already, or too much waits: look again in a moment."))
    return PageRedirect(href)


def find_work(visit: PageVisit, name: str, kind: str) -> SwitchWork | None:
    """Return what was last asked for here."""
    return visit.starter.works.get((name, kind)) if visit.starter else None


def show_comparisons(visit: PageVisit) -> WebPage:
    """Return the comparisons of a change, time after time, and the differences of the latest."""
    name = read_change(visit)
    base = f"/bascules/{name}/comparaisons"
    work = find_work(visit, name, COMPARED)
    goes_on = work is not None and not work.is_over
    blocks: list[PageBlock] = [
        Paragraph(
            _("Both softwares are read back to the same contracts, and every difference is named. No value is shown.")
        ),
        LivePart("comparaison", describe_work(visit, work), f"{base}/chiffres" if goes_on else ""),
    ]
    if goes_on:
        blocks.append(LinkList((CellLink(_("Read the figures again"), base),)))
    elif visit.visitor.may(Right.RUN):
        blocks.append(PageForm(base, _("Compare both softwares now"), is_quiet=True))
    blocks += _describe_series(visit.workspace.journal.list_switch_findings(name, COMPARED, limit=MOST_FINDINGS))
    latest = read_differences(visit.workspace, name)
    if latest is not None:
        told = _("What follows is the comparison of {moment}.").format(moment=tell_moment(latest.at))
        blocks.append(Paragraph(told, is_note=True))
        sections = switch_comparison.build_sections(latest.comparison)
        blocks += describe_sections(visit.workspace, sections, find_named_change(visit.workspace, name))
    return WebPage(_("Comparisons of both softwares"), blocks, list_trail(name), has_script=goes_on)


def show_figures(visit: PageVisit) -> PagePart:
    """Return whether the comparison goes on, for its page to show in its place."""
    return PagePart(describe_work(visit, find_work(visit, read_change(visit), COMPARED)))


def show_rollbacks(visit: PageVisit) -> WebPage:
    """Return what taking the move back did, or would do, time after time."""
    name = read_change(visit)
    base = f"/bascules/{name}/retour"
    work = find_work(visit, name, ROLLED_BACK)
    blocks: list[PageBlock] = [
        Paragraph(_("Nothing is removed from here: the person who operates Passerelle takes a move back for good.")),
        *describe_work(visit, work),
    ]
    if work is not None and not work.is_over:
        blocks.append(LinkList((CellLink(_("Read the figures again"), base),)))
    elif visit.visitor.may(Right.RUN) and list_changes(visit.workspace)[name].deliver:
        blocks.append(PageForm(base, _("Count what would be taken back"), is_quiet=True))
    found = visit.workspace.journal.list_switch_findings(name, ROLLED_BACK, limit=MOST_FINDINGS)
    if not found:
        blocks.append(Paragraph(_("Nothing was taken back, and nothing was counted for it.")))
    for one in found:
        title = (
            _("What would be taken back, {moment}") if one.content["dry_run"] else _("What was taken back, {moment}")
        )
        blocks.append(_write_rollback(title.format(moment=tell_moment(one.at)), one))
    if found:
        blocks.append(LinkList((CellLink(_("The figures as a file"), f"{base}/retour.json"),)))
    return WebPage(_("Taking the move back"), blocks, list_trail(name))


def take_rollbacks(visit: PageVisit) -> Response:
    """Answer with what rollbacks did, in counts, the latest first."""
    found = visit.workspace.journal.list_switch_findings(read_change(visit), ROLLED_BACK, limit=MOST_FINDINGS)
    content = [{"at": one.at.isoformat(timespec="seconds"), "who": one.who, **one.content} for one in found]
    return answer_file("retour.json", (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode())


def show_proofs(visit: PageVisit) -> WebPage:
    """Return the signed dossiers of a change, each looked at now: whether it is as it was signed, by which key."""
    name = read_change(visit)
    blocks: list[PageBlock] = [
        Paragraph(_("A dossier holds digests and counts, and no value. Whoever has it can check it alone."))
    ]
    dossiers = _list_dossiers(visit, name)
    if not dossiers:
        blocks.append(Paragraph(_("No dossier was signed yet: the person who operates Passerelle makes it.")))
    for folder, content in dossiers.items():
        blocks += _describe_dossier(f"/bascules/{name}/preuves/{quote(folder.name)}", folder, content)
    return WebPage(_("The proof"), blocks, list_trail(name))


def take_proof(visit: PageVisit) -> Response:
    """Answer with a file of a dossier, as it stands."""
    dossiers = {folder.name: folder for folder in _list_dossiers(visit, read_change(visit))}
    folder, wanted = dossiers.get(visit.places["dossier"]), visit.places["file"]
    if folder is None or wanted not in _list_dossier_files(folder):
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return answer_file(wanted, (folder / wanted).read_bytes())


def list_trail(name: str) -> tuple[CellLink, ...]:
    """Return the pages above one of a change."""
    return CellLink(_("Changes of software"), "/bascules"), CellLink(_("This change"), f"/bascules/{name}")


def describe_work(visit: PageVisit, work: SwitchWork | None) -> list[PageBlock]:
    """Return how something that was asked for here ended, or that it goes on; nothing where nobody asked."""
    if work is None:
        return []
    began = FactList(((_("asked for at"), tell_moment(work.began)),))
    if not work.is_over:
        return [began, describe_turn(visit, work, _("The exports are being read."))]
    if work.found is None:
        code = work.failure.code if work.failure else "incident.plugin.failed"
        sentence, advice = explain_plainly(code, work.failure.words if work.failure else {})
        return [began, PageNotice("fault", _("It was cut off."), f"{sentence} {advice}")]
    return [began, PageNotice("done", _("It is done."))]


def _describe_series(found: Sequence[SwitchFinding]) -> list[PageBlock]:
    """Return comparisons time after time, as a picture of the latest and a table of all."""
    rows: list[tuple[PageCell, ...]] = []
    for one in found:
        counts = _sum_contracts(one.content["contracts"])
        kinds = (
            f"{_(KIND_LABELS[DifferenceKind(kind)])} {format_count(count)}"
            for kind, count in one.content["unexpected"].items()
        )
        unexpected = sum(one.content["unexpected"].values())
        cells = (*counts, unexpected, one.content["losses"], join_clauses(kinds) or NOTHING, one.who)
        rows.append((tell_moment(one.at), *cells))
    heads = (
        *(_("compared at"), _("old software"), _("new software"), _("found again"), _("unexpected differences")),
        *(_("losses to accept"), _("what differs"), _("who")),
    )
    title = _("Comparisons, the latest first")
    blocks: list[PageBlock] = [Heading(1, _("Time after time"))]
    drawn = list(reversed(found[:MOST_DRAWN]))
    if len(drawn) > 1:
        series = (
            ChartSeries(
                _("unexpected differences"), tuple(float(sum(one.content["unexpected"].values())) for one in drawn)
            ),
            ChartSeries(_("losses to accept"), tuple(float(one.content["losses"]) for one in drawn)),
        )
        labels = tuple(tell_moment(one.at) for one in drawn)
        blocks += draw_chart(GroupedBars(_("What is left to be settled, comparison by comparison"), labels, series))
    return [*blocks, DataTable(title, heads, tuple(rows), _("Both softwares were not compared yet."))]


def _sum_contracts(contracts: Mapping[str, Mapping[str, int]]) -> tuple[int, int, int]:
    origin, target, found = (sum(one[name] for one in contracts.values()) for name in ("origin", "target", "found"))
    return origin, target, found


def _write_rollback(title: str, one: SwitchFinding) -> DataTable:
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            name_contract(contract),
            counts["created"],
            counts["removed"],
            join_clauses(f"{_(_LEFT[kind])} {format_count(count)}" for kind, count in counts["left"].items())
            or NOTHING,
        )
        for contract, counts in one.content["contracts"].items()
    )
    removed = _("would be removed") if one.content["dry_run"] else _("removed")
    return DataTable(title, (_("kind"), _("created"), removed, _("left to people")), rows, _("Nothing had been moved."))


def _list_dossiers(visit: PageVisit, name: str) -> dict[Path, Mapping[str, Any]]:
    """Return the dossiers of a change that stand in folders beside the settings, with what they say."""
    found: dict[Path, Mapping[str, Any]] = {}
    for path in sorted(visit.workspace.settings.path.parent.glob(f"*/{SIGNATURE}")):
        try:
            document = path.with_name(DOSSIER)
            content = json.loads(document.read_bytes()) if document.stat().st_size < _LARGEST_DOSSIER else {}
        except (OSError, ValueError):
            continue
        if isinstance(content, dict) and content.get("switch") == name:
            found[path.parent] = content
    return found


def _list_dossier_files(folder: Path) -> list[str]:
    return [name for name in (PAGE, DOSSIER, SIGNATURE, DIFFERENCES) if (folder / name).is_file()]


def _describe_dossier(base: str, folder: Path, content: Mapping[str, Any]) -> list[PageBlock]:
    report = verify_dossier(folder)
    made = str(content.get("made_at", ""))[:10]
    blocks: list[PageBlock] = [Heading(1, _("Dossier of {day}").format(day=format_day(made)))]
    if report.is_as_signed:
        blocks.append(PageNotice("done", _("The dossier is as it was signed.")))
    for flaw in report.flaws:
        sentence, advice = explain_plainly(flaw.code, flaw.details)
        blocks.append(PageNotice("fault", sentence, advice))
    told = _("Compare it with the one that the signer gave you by another way.")
    facts = FactList(((_("fingerprint of the key"), report.fingerprint or NOTHING),))
    files = LinkList(tuple(CellLink(name, f"{base}/{name}") for name in _list_dossier_files(folder)))
    return [*blocks, facts, Paragraph(told, is_note=True), files]
