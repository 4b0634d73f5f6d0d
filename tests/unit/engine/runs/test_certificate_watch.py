"""What a run saw of a certificate is a notice while it ends soon; of a server that was not seen, nothing changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from people_flow import open_people, settle_people
from tls_servers import make_trusted, serve_api

from passerelle.edges.http import network
from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.policy import Policy
from passerelle.engine.runs.certificate_watch import ENDS, format_end, is_near, iter_seen_ends, watch_certificates

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """An API whose certificate is valid for ten days; yields its port."""
    (certificate,) = make_trusted(tmp_path / "tls", monkeypatch, 10)
    with serve_api(certificate) as port:
        yield port
    network._make_tls_context.cache_clear()


@pytest.fixture
def workspace(tmp_path, server):
    path = settle_people(tmp_path)
    to_api = f'destination = {{ kind = "api", base_url = "https://127.0.0.1:{server}", path = "gens" }}'
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("destination = ")] + to_api, "utf-8")
    with open_people(path) as opened:
        yield opened


def _speak_to(server, clock):
    client = HttpClient(f"https://127.0.0.1:{server}", policy=Policy(deadline=5, per_second=0), clock=clock)
    assert client.get("a").status == 201
    client.close()


def _list_codes(workspace):
    return [(notice.code, notice.details) for notice in workspace.journal.list_notices("un")]


def test_only_what_was_seen_is_told_and_cleared(workspace, server):
    flow, now = workspace.settings.get_flow("un"), workspace.clock.now()
    watch_certificates(workspace.journal, flow, 21, now)
    assert _list_codes(workspace) == []
    # it was seen by an earlier process, and this one speaks to nobody
    workspace.journal.raise_notice("un", ENDS["destination"], {"day": "2026-12-01"}, NOW)
    workspace.journal.raise_notice("un", ENDS["source"], {"day": "2026-12-02"}, NOW)
    watch_certificates(workspace.journal, flow, 21, now)
    assert len(_list_codes(workspace)) == 2
    _speak_to(server, workspace.clock)
    ((side, end),) = iter_seen_ends(flow)
    assert (side, (end - now).days) == ("destination", 9)
    watch_certificates(workspace.journal, flow, 21, now)
    assert (ENDS["destination"], {"day": format_end(end)}) in _list_codes(workspace)
    watch_certificates(workspace.journal, flow, 5, now)
    # that of the source was not seen: what is known of it lasts
    assert _list_codes(workspace) == [(ENDS["source"], {"day": "2026-12-02"})]


@settings(max_examples=count_examples(60), deadline=None)
@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)), st.integers(0, 365), st.integers(0, 365))
def test_who_wants_to_know_earlier_is_told_whatever_the_others_are_told(rest, days, more):
    end = NOW + rest
    assert is_near(end, NOW, days) == (rest <= timedelta(days=days))
    assert not is_near(end, NOW, days) or is_near(end, NOW, days + more)
    assert not is_near(end, NOW, days) or is_near(end, NOW + timedelta(days=more), days)


def test_the_last_day_is_that_of_utc():
    assert format_end(datetime(2026, 12, 1, 0, 30, tzinfo=UTC)) == "2026-12-01"
