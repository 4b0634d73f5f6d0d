"""What an answer means, and how long to wait after it."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from passerelle.edges.http.reply_judging import Trouble, compute_pause, judge_reply, read_retry_after
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.ports import Reply

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@given(
    st.text(max_size=40)
    | st.integers(-10, 10**15).map(str)
    | st.datetimes().map(lambda d: f"{d:%a, %d %b} {d.year} 00:00:00")
)
def test_any_retry_after_is_no_hint_or_some_seconds(text):
    hint = read_retry_after({"retry-after": text}, NOW)
    assert hint is None or hint >= 0


@given(st.integers(1, 8), st.floats(0, 100) | st.none())
def test_a_hint_is_never_undercut_and_a_guess_never_beyond_the_longest(attempt, hint):
    pause = compute_pause(attempt, Trouble("incident.supplier.busy", maybe_done=False, hint=hint), 5.0)
    assert pause >= hint if hint is not None else 0 <= pause <= 5.0


@given(st.integers(200, 599))
def test_only_a_server_s_own_fault_may_hide_an_effect(status):
    try:
        trouble = judge_reply(Reply(status, {}, b""), NOW)
    except FlowError:
        assert status in (301, 308, 401, 403)
        return
    if trouble is not None:
        assert trouble.maybe_done == (status >= 500)
    else:
        assert 200 <= status < 300 or 400 <= status < 500
