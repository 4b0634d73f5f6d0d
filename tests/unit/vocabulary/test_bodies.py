"""Bodies kept as one text are what a list of them is, whole, cut, or with some left out."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from passerelle.vocabulary.bodies import Bodies

BODIES = st.lists(st.text(st.sampled_from('aé€"{}\\ '), min_size=1, max_size=6), max_size=12)


def kept(texts: list[str]) -> Bodies:
    return Bodies.from_lines(pl.Series([f"{text}\n" for text in texts], dtype=pl.String))


@given(BODIES, st.data())
def test_they_are_those_of_the_list(texts, data):
    encoded = [text.encode() for text in texts]
    places = sorted(data.draw(st.sets(st.integers(0, len(texts) - 1)))) if texts else []
    start, stop = (data.draw(st.integers(0, len(texts))) for _bound in range(2))
    whole = kept(texts)
    some = whole.select(np.array(places, dtype=np.int64))
    cut = whole[start:stop]
    for bodies, expected in (
        (whole, encoded),
        (some, [encoded[place] for place in places]),
        (cut, encoded[start:stop]),
    ):
        assert list(bodies) == expected
        assert len(bodies) == len(expected)
        assert b"".join(bodies.iter_lines()) == b"".join(body + b"\n" for body in expected)


@given(BODIES.filter(bool))
def test_bodies_that_stand_together_are_given_in_one_piece(texts):
    assert len(list(kept(texts).iter_lines())) == 1


@given(BODIES)
def test_a_head_is_a_body_without_its_last_bytes(texts):
    tails = np.array([min(len(text.encode()), 2) for text in texts], dtype=np.int64)
    heads = [text.encode()[: len(text.encode()) - tail] for text, tail in zip(texts, tails.tolist(), strict=True)]
    assert [bytes(head) for head in kept(texts).iter_without_tails(tails)] == heads


def test_nothing_of_them_is_shown():
    assert "Zz-canari" not in repr(kept(["Zz-canari"]))
