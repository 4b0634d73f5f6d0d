"""Checks a file that somebody drops: the path of a run without delivery. Nothing of it is kept, no value is shown."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from passerelle.engine.clock import find_local_day
from passerelle.engine.rehearsal.file_check import check
from passerelle.faces.report.findings import format_drifts, order_causes
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
from passerelle.faces.web.plain_words import explain_plainly, name_contract, name_field
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.faces.web.work_queues import QueueFullError, WorkQueue
from passerelle.vocabulary import labels
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.formatting import NOTHING, format_count, join_clauses, show_name
from passerelle.vocabulary.language import _
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import find_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.rehearsal.file_check import CheckCause, CheckReport
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit

MOST_CAUSES = 100
_PLACES = 5
_PATIENCE = 60
"""Seconds that somebody with an account waits for a place."""
_ALONE = WorkQueue(1)
"""For a workbench behind which nothing is started."""


def show_form(visit: PageVisit) -> WebPage:
    """Return the page on which a file is dropped."""
    return _write_form(visit)


def show_public_form(visit: PageVisit) -> WebPage:
    """Return the same page for somebody without an account, where the settings allow it."""
    _require_open(visit)
    return _write_form(visit)


def check_public_file(visit: PageVisit) -> WebPage:
    """Check the file of somebody without an account, where the settings allow it."""
    _require_open(visit)
    return check_file(visit)


def check_file(visit: PageVisit) -> WebPage:
    """Check the file that was sent, and say what a run would make of it."""
    connector = visit.form.get("connecteur", "")
    if connector not in visit.workspace.plugins.connectors:
        raise VisitRefusedError(HTTPStatus.BAD_REQUEST)
    if visit.upload is None or not visit.upload.content:
        return _write_form(visit, chosen=connector, error=_("Choose a file that is not empty."))
    if visit.session is None and not visit.doorkeeper.may_check():
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    owner, described, _plugin = visit.workspace.plugins.find_connector(connector)
    try:
        with take_place(visit):
            today = find_local_day(visit.workspace.clock.now())
            stream = BytesIO(visit.upload.content)
            report = check(stream, owner.id, described, received_on=today, name=visit.upload.name)
    except ParcelError as error:
        sentence, advice = explain_plainly(error.code, error.words)
        blocks: list[PageBlock] = [PageNotice("fault", sentence, advice), _make_link_again(visit)]
        return WebPage(_("The file cannot be read"), blocks, status=HTTPStatus.UNPROCESSABLE_ENTITY.value)
    return WebPage(_("What the file is worth"), [*describe_report(report), _make_link_again(visit)])


@contextmanager
def take_place(visit: PageVisit) -> Iterator[None]:
    """Hold one of the few places for files that are dropped. Raises VisitRefusedError when none becomes free."""
    queue = visit.starter.checks if visit.starter else _ALONE
    try:
        # whoever has an account waits a little; nobody else may hold a thread of the server
        with queue.hold_place(_PATIENCE if visit.session is not None else 0):
            yield
    except QueueFullError as full:
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS, ahead=full.ahead) from None


def _require_open(visit: PageVisit) -> None:
    """Raise VisitRefusedError where the settings open the check to nobody else."""
    if not visit.workspace.settings.web.public_check:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)


def _write_form(visit: PageVisit, *, chosen: str = "", error: str = "") -> WebPage:
    connectors = visit.workspace.plugins.connectors
    choices = sorted((connector.title, name) for name, (_owner, connector, _plugin) in connectors.items())
    fields = (
        FormField(
            "connecteur",
            _("What kind of export is it?"),
            text=chosen,
            kind="choice",
            choices=tuple((name, title) for title, name in choices),
        ),
        FormField("fichier", _("The file, as the software wrote it"), error=error, kind="file"),
    )
    blocks: list[PageBlock] = [
        Paragraph(_("The file takes the path of a real run, but nothing is delivered and nothing of it is kept.")),
        Paragraph(_("The answer says what would be accepted, what not and why. It repeats no value of the file.")),
        PageForm(_find_path(visit), _("Check the file"), fields, has_file=True),
    ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return WebPage(_("Check a file"), blocks, status=status.value)


def describe_report(report: CheckReport) -> list[PageBlock]:
    """Return what a file is worth: counts, what would be accepted, what is to be looked at. No value is in it."""
    accepted = report.balance.fates.get(Fate.DELIVERED, 0)
    is_well = not report.balance.aside and accepted
    title = _("The whole file would be accepted.") if is_well else _("Something is to be looked at.")
    figures = FactList(
        (
            (_("rows read"), format_count(report.rows)),
            (_("records accepted"), format_count(accepted)),
            (_("set aside"), format_count(report.balance.aside)),
            (_("with a doubt"), format_count(report.balance.warnings)),
        )
    )
    kinds: tuple[tuple[PageCell, ...], ...] = tuple(
        (name_contract(contract), count) for contract, count in report.accepted.items()
    )
    blocks: list[PageBlock] = [PageNotice("done" if is_well else "doubt", title), figures]
    blocks += [Paragraph(sentence) for sentence in format_drifts(report)]
    empty = _("No record would be accepted.")
    blocks.append(DataTable(_("What would be accepted"), (_("kind"), _("records")), kinds, empty))
    blocks.append(Heading(1, _("What is to be looked at")))
    heads = (_("cause"), _("number"), _("column"), _("field"), _("where"), _("who can act"))
    rows = tuple(map(_describe_cause, order_causes(report)[:MOST_CAUSES]))
    blocks.append(DataTable(_("Causes, the gravest first"), heads, rows, _("Nothing.")))
    return blocks


def _describe_cause(cause: CheckCause) -> tuple[PageCell, ...]:
    key = cause.key
    sentence, advice = explain_plainly(key.code, cause.details, key.contract)
    places = join_clauses([labels.format_place(place) for place in cause.places[:_PLACES]])
    return (
        f"{sentence} {advice}",
        cause.count,
        show_name(key.column) or NOTHING,
        name_field(key.contract, key.field),
        places or NOTHING,
        _(labels.PERSONS[find_reason(key.code).concerns]),
    )


def _make_link_again(visit: PageVisit) -> LinkList:
    return LinkList((CellLink(_("Check another file"), _find_path(visit)),))


def _find_path(visit: PageVisit) -> str:
    return "/controler" if visit.session is not None else "/verifier"
