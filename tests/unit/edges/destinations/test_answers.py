"""What a reply says: whatever it holds, the outcome is an answer or one of our errors, and nothing of it is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.edges.destinations.answers import read_answer, read_lot_answers
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.ports import Reply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "code", "errors", "results", "status", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)
BODIES = st.binary(max_size=40) | JSON.map(lambda document: json.dumps(document).encode())


@given(st.integers(200, 499), BODIES)
def test_any_reply_to_a_record_is_an_answer_or_one_of_our_errors(status, body):
    try:
        answer = read_answer(Reply(status, {}, body))
    except PasserelleError:
        assert status >= 400
    else:
        assert answer.fate is (Fate.DELIVERED if status < 400 else Fate.REFUSED)
        assert answer.remote_id.isprintable()


@given(st.integers(200, 299), BODIES, st.integers(1, 3))
def test_any_reply_to_a_lot_gives_one_answer_a_record_or_one_of_our_errors(status, body, size):
    try:
        answers = read_lot_answers(Reply(status, {}, body), size)
    except PasserelleError:
        return
    assert len(answers) == size


@pytest.mark.parametrize(
    ("remote", "kept"), [("a1", "a1"), (7, "7"), (True, ""), ("nul\x00", ""), ("x" * 201, ""), (None, "")]
)
def test_an_id_is_kept_when_it_can_be_stored_and_shown(remote, kept):
    assert read_answer(Reply(201, {}, json.dumps({"id": remote}).encode())).remote_id == kept
