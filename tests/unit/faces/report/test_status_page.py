"""The page of the state says what the journal says, holds no value, obeys no foreign word, and needs nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from single_pages import SinglePage
from workbench_room import FLOW, OTHER_FLOW, PLUGINS, SETTINGS, WRONG, export_contacts, settle_in

from passerelle.engine.health.workspace_status import read_status
from passerelle.engine.incidents.incident_finding import BECAUSE, WAITS
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.notify_settings import NotifySettings
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.faces.report import flow_status, status_page
from passerelle.stores.incidents import Incident
from passerelle.vocabulary.formatting import format_day
from passerelle.vocabulary.language import set_language

SECRET = "Zzyx-valeur-marquée"
FIRST = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)


class TurnedClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.moment = FIRST

    def now(self) -> datetime:
        return self.moment


@pytest.fixture(autouse=True)
def _french():
    set_language("fr")


@pytest.fixture
def clock():
    return TurnedClock()


@pytest.fixture
def workspace(tmp_path, clock):
    """A month of two flows: one that works and sets aside, one that falls silent behind a file nobody can read."""
    watched = SETTINGS.replace(f"[flow.{OTHER_FLOW}]", f'[flow.{OTHER_FLOW}]\nexpected_every = "2d"')
    path = settle_in(tmp_path, watched)
    with open_workspace(load_settings(path), plugins=PLUGINS, clock=clock) as opened:
        for nth in range(3):
            clock.moment = FIRST + timedelta(days=8 * nth)
            export_contacts(tmp_path, FLOW, ["Visite"] * (20 + nth) + [WRONG] * (2 * nth) + [SECRET], name=f"{nth}.csv")
            export_contacts(tmp_path, OTHER_FLOW, ["Appel"] * 5, name="seul.csv")
            run_flows(opened, [FLOW, OTHER_FLOW])
        clock.moment = FIRST + timedelta(days=18)
        (tmp_path / f"entrees-{OTHER_FLOW}" / "autre.csv").write_bytes(b"n'importe;quoi\n1;2\n")
        run_flows(opened, [OTHER_FLOW])
        clock.moment = FIRST + timedelta(days=27)
        yield opened


def _look(workspace, place="association"):
    status = read_status(workspace)
    text = status_page.write(status, place=place)
    return SinglePage(text), {flow["flow"]: flow for flow in map(flow_status.to_content, status.flows)}


def test_the_figures_of_each_day_are_those_of_the_journal(workspace):
    page, content = _look(workspace)
    for name in (FLOW, OTHER_FLOW):
        table = page.find_table(f"Flux {name} : enregistrements reçus par jour")
        balances = [(day["day"], day["balance"]) for day in content[name]["days"]]
        assert len(balances) >= 2
        assert table.list_numbers() == [
            (
                format_day(day, "fr").replace("\N{NO-BREAK SPACE}", " "),
                str(books["received"]),
                str(books["delivered"]),
                str(books["unchanged"] + books["duplicate"]),
                str(sum(books[fate] for fate in ("unreadable", "rejected", "withheld", "refused", "unknown"))),
            )
            for day, books in balances
        ]
        assert sum(books["received"] for _day, books in balances) == content[name]["balance"]["received"]


def test_what_waits_is_what_is_in_quarantine_by_cause(workspace):
    page, content = _look(workspace)
    waiting = content[FLOW]["waiting"]
    rows = page.find_table(f"Flux {FLOW} : enregistrements en quarantaine").list_numbers()
    assert [row[1] for row in rows] == [str(cause["count"]) for cause in waiting["causes"]]
    assert waiting["count"] == sum(cause["count"] for cause in waiting["causes"]) > 0
    line = page.find_table("Chaque flux").find_row(FLOW)
    assert line["en quarantaine"] == str(waiting["count"])
    assert line["état"] == "à regarder"


def test_a_flow_says_when_it_is_suspended_away_silent_and_what_stands_still(workspace, clock):
    workspace.journal.suspend(FLOW, "incident.access.forbidden", clock.now())
    workspace.journal.note_away(FLOW, "destination", clock.now())
    page, content = _look(workspace)
    assert page.find_table("Chaque flux").find_row(FLOW)["état"] == "suspendu"
    told = "\n".join(page.notices)
    assert "Suspendu depuis 2026-11-29" in told
    assert f"passerelle flow resume {FLOW}" in told
    assert "Absent depuis 2026-11-29" in told
    assert content[FLOW]["away"] == {"destination": clock.now().isoformat()}
    silences = [text for label, text in page.facts if label == "silence"]
    assert silences[0] == "pas surveillé : les réglages n’attendent rien"
    assert silences[1] == "rien n’est venu à temps ; attendu au moins tous les 2d"
    (parked,) = page.find_table(f"Flux {OTHER_FLOW} : colis qui attendent").rows[1:]
    assert parked[2] == "garé"
    assert content[OTHER_FLOW]["notices"][0]["reason"] == "silence.flow.late"


def test_a_flow_that_waits_for_the_other_side_says_why_where_somebody_is_told_of_it(workspace, clock):
    waits = Incident(FLOW, WAITS, clock.now(), {BECAUSE: "incident.supplier.unreachable"})
    workspace.journal.compare_incidents([waits], ["command"], clock.now())
    assert read_status(workspace).flows[0].waits is None, "what nobody is told of any more may be over"
    command = NotifySettings.model_validate({"command": {"run": ["cat"]}})
    workspace = replace(workspace, settings=replace(workspace.settings, notify=command))
    page, content = _look(workspace)
    assert "Attend l’autre côté depuis 2026-11-29" in "\n".join(page.notices)
    assert "L’autre système est injoignable." in "\n".join(page.notices)
    assert content[FLOW]["waits"]["reason"] == WAITS
    assert content[OTHER_FLOW]["waits"] is None
    assert "Attend l’autre côté depuis" in flow_status.format_all(read_status(workspace))


def test_the_last_run_of_a_flow_is_its_own(workspace):
    page, content = _look(workspace)
    assert content[FLOW]["last_run"]["run"] + 1 == content[OTHER_FLOW]["last_run"]["run"]
    assert content[FLOW]["last_run"]["exit"] == 1
    line = page.find_table("Chaque flux").find_row(FLOW)
    assert line["dernier passage"].startswith("2026-11-18")
    assert page.find_table("Chaque flux").find_row(OTHER_FLOW)["dernier passage"].startswith("2026-11-20")


def test_no_value_is_on_the_page(workspace):
    text = status_page.write(read_status(workspace), place="")
    assert SECRET not in text
    assert WRONG not in text


def test_the_page_needs_nothing_else_and_runs_nothing(workspace):
    page, _content = _look(workspace)
    assert not {"script", "link", "img", "iframe", "object", "form", "base", "image", "use", "a"} & set(page.tags)
    fetching = [
        name for _tag, name, _value in page.attributes if name in {"src", "href", "xlink:href", "action", "style"}
    ]
    assert fetching == []
    assert [name for _tag, name, _value in page.attributes if name.startswith("on")] == []
    assert "url(" not in page.styles
    assert "@import" not in page.styles
    assert "prefers-color-scheme: dark" in page.styles
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert ("meta", "content", policy) in page.attributes


def test_headings_captions_and_pictures_say_what_they_are(workspace):
    page, _content = _look(workspace)
    levels = [level for level, _text in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    captions = [table.caption for table in page.tables]
    assert all(captions)
    assert len(set(captions)) == len(captions)
    assert len(page.pictures) == 2
    for picture, name in zip(page.pictures, (FLOW, OTHER_FLOW), strict=True):
        assert name in picture["title"]
        assert picture["desc"].startswith("En 30 jours : reçus ")
    ids = [value for _tag, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    named = {word for _tag, name, value in page.attributes if name == "aria-labelledby" for word in value.split()}
    assert named <= set(ids)


def test_a_flow_that_is_switched_off_or_never_ran_is_said_to_be_so(tmp_path, clock):
    path = settle_in(tmp_path, SETTINGS.replace(f"[flow.{FLOW}]", f"[flow.{FLOW}]\nenabled = false"))
    with open_workspace(load_settings(path), plugins=PLUGINS, clock=clock) as opened:
        page, content = _look(opened)
    assert page.find_table("Chaque flux").find_row(FLOW)["état"] == "désactivé"
    assert page.find_table("Chaque flux").find_row(OTHER_FLOW)["état"] == "n’a pas encore tourné"
    assert "Rien n’attend" in "".join(page.notices)
    assert page.pictures == []
    assert page.words.count("Rien n’est venu pendant ces jours.") == 2
    assert (content[FLOW]["last_run"], content[FLOW]["last_arrival"], content[FLOW]["days"]) == (None, None, [])


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "\u202enom", "{{ 7*7 }}"])
def test_a_foreign_word_is_shown_and_acts_on_nothing(workspace, hostile):
    facts = {"columns": hostile, "name": hostile}
    workspace.journal.suspend(FLOW, "translate.column.missing", FIRST, facts)
    workspace.journal.raise_notice(OTHER_FLOW, "translate.column.missing", facts, FIRST)
    page, _content = _look(workspace, place=hostile)
    assert {"script", "img"} & set(page.tags) == set()
    assert [name for _tag, name, _value in page.attributes if name.startswith("on")] == []
    assert "\u202e" not in page.words
    assert "49" not in page.headings[0][1]
    seen = hostile.replace("\u202e", "\N{REPLACEMENT CHARACTER}")
    assert page.headings[0][1] == f"Flux de {seen}"
