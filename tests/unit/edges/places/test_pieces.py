"""What is sent is cut into pieces, and what is read goes on after a loss: no byte too many, none too few."""

from __future__ import annotations

from io import BufferedReader

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.edges.places.pieces import iter_pieces
from passerelle.edges.places.resumed_file import ResumedFile
from passerelle.vocabulary.errors import TransientError


@settings(max_examples=count_examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=12), max_size=12), st.integers(1, 9))
def test_pieces_hold_every_byte_in_order_and_all_but_the_last_are_full(parts, size):
    pieces = list(iter_pieces(parts, size))
    assert b"".join(pieces) == b"".join(parts)
    assert all(len(piece) == size for piece in pieces[:-1])
    assert all(pieces)


def open_losing(content: bytes, loses: list[int], size: int):
    """Return what opens the content at an offset, in pieces, and loses each connection after so many of them."""
    rest = list(loses)

    def open_at(offset):
        left = rest.pop(0) if rest else None
        for start in range(offset, len(content), size):
            if left == 0:
                raise TransientError("incident.place.unreachable")
            left = None if left is None else left - 1
            yield content[start : start + size]

    return open_at


@settings(max_examples=count_examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=60), st.lists(st.integers(1, 4), max_size=6), st.integers(1, 9), st.integers(1, 16))
def test_a_file_is_read_to_its_last_byte_whatever_connections_are_lost_after_some_progress(content, loses, size, read):
    file = ResumedFile(open_losing(content, loses, size), len(content), lambda: True)
    file.begin()
    with BufferedReader(file, read) as stream:
        assert stream.read() == content


def test_a_server_that_lets_nothing_come_is_asked_once_more_and_no_further():
    file = ResumedFile(open_losing(b"abcdef", [1, 0, 0], 2), 6, lambda: True)
    file.begin()
    with BufferedReader(file, 2) as stream, pytest.raises(TransientError) as caught:
        stream.read()
    assert caught.value.code == "incident.place.unreachable"


@pytest.mark.parametrize(("size", "is_same"), [(3, False), (9, True)])
def test_what_changed_or_is_shorter_than_it_was_said_is_not_taken(size, is_same):
    file = ResumedFile(open_losing(b"abc", [], 2), size, lambda: is_same)
    file.begin()
    with BufferedReader(file, 2) as stream, pytest.raises(TransientError) as caught:
        stream.read()
    assert caught.value.code == "incident.file.unreadable"
