"""The organisations of an installation in numbers: as text, for programs, as a page, for a monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.faces.cli.failures import describe_error, format_error
from passerelle.faces.report.flow_status import describe_run
from passerelle.vocabulary.formatting import NOTHING, format_count, format_labelled, format_moment, show_name
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.engine.organisations.overview import OrganisationState
    from passerelle.faces.web.blocks import PageBlock, PageCell


def name_state(state: OrganisationState) -> str:
    """Return the state of an organisation in a few words: the most pressing of what it needs."""
    words = (
        _("a failure"),
        _("a flow is suspended"),
        _("to be looked at"),
        _("records wait"),
        _("waits for the other side"),
        _("in service") if state.counts.last_run else _("has not run yet"),
    )
    return words[state.rank]


def to_content(state: OrganisationState) -> dict[str, Any]:
    """Return one organisation of `passerelle.organisations.status/1`."""
    counts = state.counts
    run = describe_run(counts.last_run)
    return {
        "organisation": state.organisation,
        "error": describe_error(state.error) if state.error else None,
        "flows": counts.flows,
        "suspended": counts.suspended,
        "parked": counts.parked,
        "notices": counts.notices,
        "waiting": counts.waiting,
        "withheld": counts.withheld,
        "away": counts.away,
        "since": counts.since.isoformat() if counts.since else None,
        # without its flows: the overview names none
        "last_run": {name: fact for name, fact in run.items() if name != "flows"} if run else None,
    }


def format_text(states: Sequence[OrganisationState]) -> str:
    """Write a line for each organisation, and why those that failed did."""
    rows = [
        tuple(format_count(cell) if isinstance(cell, int) else str(cell) for cell in _list_cells(state))
        for state in states
    ]
    lines = [format_total(states), "", write_table(_list_heads(), rows)]
    for state in states:
        if state.error is not None:
            lines += ["", format_labelled(show_name(state.organisation), format_error(state.error))]
    return "\n".join(lines)


def format_total(states: Sequence[OrganisationState]) -> str:
    """Write how many organisations there are, and how many of them need a person."""
    needing = sum(state.rank < _AWAY for state in states)
    words = translate_plural("{count} organisation", "{count} organisations", len(states))
    told = translate_plural("{count} needs somebody", "{count} need somebody", needing)
    return f"{words.format(count=format_count(len(states)))}, {told.format(count=format_count(needing))}"


_AWAY = 4
"""The rank from which on nobody has to act."""


def _list_heads() -> tuple[str, ...]:
    numbers = (_("flows"), _("flows suspended"), _("parcels parked"), _("records waiting"))
    return _("organisation"), _("state"), _("since"), *numbers, _("last run")


def _list_cells(state: OrganisationState) -> tuple[PageCell, ...]:
    counts = state.counts
    last = format_moment(counts.last_run.started_at if counts.last_run else None)
    since = format_moment(counts.since) if counts.since else NOTHING
    numbers = (counts.flows, counts.suspended, counts.parked, counts.waiting)
    return show_name(state.organisation), name_state(state), since, *numbers, last


def write_page(states: Sequence[OrganisationState], *, place: str, now: datetime) -> str:
    """Write the overview as a page that stands alone; `place` names the installation."""
    from passerelle.faces.web.blocks import DataTable, PageNotice, Paragraph, WebPage  # noqa: PLC0415  only pages
    from passerelle.faces.web.rendering import write_single_page  # noqa: PLC0415  see above

    blocks: list[PageBlock] = [
        Paragraph(_("Written {moment}. {total}.").format(moment=format_moment(now), total=format_total(states)))
    ]
    for state in states:
        if state.error is not None:
            title = _("{organisation} cannot be worked for").format(organisation=show_name(state.organisation))
            blocks.append(PageNotice("fault", title, " ".join(format_error(state.error).split("\n"))))
    rows = tuple(map(_list_cells, states))
    blocks.append(DataTable(_("Each organisation in one line"), _list_heads(), rows, _("No organisation yet.")))
    title = _("Organisations of {place}").format(place=show_name(place)) if place else _("Organisations")
    foot = _("No value of a record and no name of a person is on this page: counts alone.")
    return write_single_page(WebPage(title, blocks), foot)


def write_series(states: Sequence[OrganisationState]) -> str:
    """Write the overview for a Prometheus monitor, in English alone as its other figures."""
    from passerelle.faces.report.monitor_series import format_sample  # noqa: PLC0415  only monitors

    lines = []
    for name, says, find in _SERIES:
        # of what cannot be opened nothing is known but that
        known = [state for state in states if state.error is None or name.endswith("_failed")]
        samples = [(state, figure) for state in known if (figure := find(state)) is not None]
        if samples:
            lines += [f"# HELP {name} {says}", f"# TYPE {name} gauge"]
            lines += [format_sample(name, {"organisation": state.organisation}, figure) for state, figure in samples]
    return "\n".join(lines)


def _note_moment(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


_SERIES = (
    (
        "passerelle_organisation_failed",
        "Whether the organisation cannot be opened, or its last run failed.",
        lambda state: int(state.has_failed),
    ),
    ("passerelle_organisation_flows", "Flows that are enabled.", lambda state: state.counts.flows),
    (
        "passerelle_organisation_suspended_flows",
        "Flows that are suspended until somebody acts.",
        lambda state: state.counts.suspended,
    ),
    ("passerelle_organisation_parked_parcels", "Parcels that are parked.", lambda state: state.counts.parked),
    ("passerelle_organisation_notices", "Notices somebody should look at.", lambda state: state.counts.notices),
    (
        "passerelle_organisation_waiting_records",
        "Records in quarantine that wait for somebody.",
        lambda state: state.counts.waiting,
    ),
    ("passerelle_organisation_away_flows", "Flows that wait for the other side.", lambda state: state.counts.away),
    (
        "passerelle_organisation_needs_since_timestamp_seconds",
        "Since when the oldest of what needs a person does.",
        lambda state: _note_moment(state.counts.since),
    ),
    (
        "passerelle_organisation_last_run_start_timestamp_seconds",
        "When its last run began.",
        lambda state: _note_moment(state.counts.last_run.started_at if state.counts.last_run else None),
    ),
)
