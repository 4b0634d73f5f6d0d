"""Today: what waits for somebody, and what came in the last seven days."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from passerelle.engine.health.workspace_status import find_first_day, list_flow_notices
from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
    Heading,
    LinkList,
    PageNotice,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.day_charts import draw_days
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.plain_words import explain_plainly
from passerelle.faces.web.rights import Right
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.reasons import find_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.faces.web.blocks import PageBlock
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.books import RunRow
    from passerelle.stores.quarantine_causes import QuarantineCause

DAYS = 7


def show_today(visit: PageVisit) -> WebPage:
    """Return the first page: as much work as there are flows, causes and days, however many records wait."""
    flows = list_own_flows(visit)
    causes = [one for one in visit.workspace.quarantine.list_causes() if visit.visitor.may_see_flow(one.flow)]
    runs = visit.workspace.journal.list_runs(1)
    blocks: list[PageBlock] = [Heading(1, _("What waits for somebody"))]
    drafts = _count_drafts(visit)
    if drafts:
        words = translate_plural(
            "{count} correction waits for its release.", "{count} corrections wait for their release.", drafts
        )
        link = CellLink(_("Look at the corrections"), "/corrections")
        blocks.append(PageNotice("info", words.format(count=format_count(drafts)), link=link))
    attention = [notice for flow in flows for notice in iter_attention(visit, flow)]
    blocks += attention
    if causes:
        blocks += [_count_by_person(causes), LinkList((CellLink(_("Records set aside, by cause"), "/quarantaine"),))]
    elif not attention and not drafts:
        blocks.append(PageNotice("done", _("Nothing waits: no flow is stopped, no record is set aside.")))
    blocks += [Heading(1, _("The last seven days")), Paragraph(describe_run(next(iter(runs), None)))]
    names = {flow.name for flow in flows}
    first = find_first_day(visit.workspace.clock.now(), DAYS)
    days = [day for day in visit.workspace.journal.list_days(first) if day.flow in names]
    blocks += draw_days("jours", first, days, DAYS, _("Records received by day, all flows"))
    return WebPage(_("Today"), blocks)


def _count_drafts(visit: PageVisit) -> int:
    """Return how many corrections wait that the visitor may release."""
    if not visit.visitor.may(Right.CORRECT):
        return 0
    return sum(visit.visitor.may_see_flow(draft.flow) for draft in visit.workspace.quarantine.list_drafts())


def describe_run(run: RunRow | None) -> str:
    """Return when the last run began and ended. How it ended is what the notices and the counts say."""
    if run is None:
        return _("No run yet.")
    started, ended = tell_moment(run.started_at), tell_moment(run.ended_at)
    if run.ended_at is None:
        return _("Last run: number {run}, begun {started}, not ended or cut off.").format(run=run.id, started=started)
    words = _("Last run: number {run}, begun {started}, ended {ended}.")
    return words.format(run=run.id, started=started, ended=ended)


def list_own_flows(visit: PageVisit) -> list[Flow]:
    """Return the flows that concern the visitor, in the order of the settings."""
    flows = visit.workspace.settings.flows
    return [flow for name, flow in flows.items() if visit.visitor.may_see_flow(name)]


def iter_attention(visit: PageVisit, flow: Flow) -> Iterator[PageNotice]:
    """Yield why a flow does not run, and what a person should look at in it."""
    link = CellLink(_("Look at flow {flow}").format(flow=flow.name), f"/flux/{flow.name}")
    if suspension := visit.workspace.journal.find_suspension(flow.name):
        sentence, advice = explain_plainly(suspension.code, suspension.details)
        title = _("Flow {flow} is stopped since {since}.").format(flow=flow.name, since=tell_moment(suspension.since))
        yield PageNotice("fault", title, f"{sentence} {advice}", link)
    for notice in list_flow_notices(visit.workspace, flow):
        sentence, advice = explain_plainly(notice.code, notice.details)
        title = _("Flow {flow}: to be looked at since {since}.").format(flow=flow.name, since=tell_moment(notice.since))
        yield PageNotice("doubt", title, f"{sentence} {advice}", link)


def _count_by_person(causes: Iterable[QuarantineCause]) -> DataTable:
    """Return how many records wait for whom."""
    counts: Counter[str] = Counter()
    for cause in causes:
        counts[_(labels.PERSONS[find_reason(cause.reason).concerns])] += cause.count
    rows = tuple((who, count) for who, count in counts.most_common())
    return DataTable(_("Records set aside, by who can act"), (_("who can act"), _("records")), rows)
