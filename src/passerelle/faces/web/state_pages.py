"""Whether everything is well: for people who signed in, and, in one word, for a program that watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from passerelle.engine.health.health_checks import compare_clock
from passerelle.faces.web.blocks import DataTable, Heading, PageNotice, Paragraph, WebPage
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.today_page import describe_run, iter_attention, list_own_flows
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from passerelle.faces.web.blocks import PageBlock
    from passerelle.faces.web.visits import PageVisit

RUNS = 20


def show_state(visit: PageVisit) -> WebPage:
    """Return what can be told at once, without asking anybody else: clock, flows, the last runs.

    The file of the journal is checked by a run and by `doctor`: that takes as long as it is large.
    """
    workspace = visit.workspace
    runs = workspace.journal.list_runs(RUNS)
    blocks: list[PageBlock] = []
    findings = compare_clock(runs[0], workspace.clock.now(), workspace.settings.idle_days) if runs else ()
    blocks += [PageNotice("doubt", finding.sentence, finding.advice) for finding in findings]
    blocks += [notice for flow in list_own_flows(visit) for notice in iter_attention(visit, flow)]
    if not blocks:
        blocks.append(PageNotice("done", _("Everything that can be seen from here is well.")))
    blocks += [Heading(1, _("Runs")), Paragraph(describe_run(runs[0] if runs else None))]
    rows = tuple((str(run.id), tell_moment(run.started_at), tell_moment(run.ended_at)) for run in runs)
    heads = (_("run"), _("begun"), _("ended"))
    blocks.append(DataTable(_("The last runs, the latest first"), heads, rows, _("No run yet.")))
    return WebPage(_("Health"), blocks)


def answer_health(visit: PageVisit) -> JSONResponse:
    """Return that the workbench answers and its journal opens; no figure and no name."""
    visit.workspace.journal.list_runs(1)
    return JSONResponse({"schema": "passerelle.health/1", "status": "ok"})


def declare_accessibility(visit: PageVisit) -> WebPage:
    """Return what is held of accessibility, how it is looked at, and whom to tell of what does not work."""
    del visit
    blocks: list[PageBlock] = [
        Paragraph(_("These pages are written to meet RGAA 4.1 and WCAG 2.2, level AA.")),
        Paragraph(_("No audit by people has been made yet: the conformity is not established.")),
        Heading(1, _("How it is looked at")),
        Paragraph(
            _("Each page is examined by a program at each change, at three widths, light and dark, without a fault.")
        ),
        Paragraph(_("A program finds about a third of what can be wrong. Journeys are also made by keyboard alone.")),
        Heading(1, _("What does not work")),
        Paragraph(_("Tell the person who operates Passerelle what hinders you, and on which page.")),
        Paragraph(_("If no answer helps, you may write to the Défenseur des droits.")),
    ]
    return WebPage(_("Accessibility: not established"), blocks)
