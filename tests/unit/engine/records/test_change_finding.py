"""Which records of a batch go: all compared at once, and of one ref each in its turn, as if it had come alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.engine.records.change_finding import BatchStates, find_repeated
from passerelle.stores.ref_index import RecalledRecords

HERE, BEFORE = 9, 4


@dataclass(frozen=True)
class Known:
    """What the destination has of a ref; version 0: nothing."""

    content: str = ""
    version: int = 0
    parcel: int = 0
    moment: int = 0


def digest(words):
    return np.array([list(word.ljust(16).encode()) for word in words], dtype=np.uint8).reshape(-1, 16)


def find(records, known, *, ordered=True, redelivers=None, parcels=None):
    """Compare records (ref, content, moment) with what is known of their refs."""
    before = [known.get(ref, Known()) for ref, _content, _moment in records]
    return BatchStates(
        ref_keys=digest([ref for ref, _content, _moment in records]),
        contents=digest([content for _ref, content, _moment in records]),
        moments=np.array([moment for _ref, _content, moment in records], dtype=np.int64) if ordered else None,
        before=RecalledRecords(
            digest([state.content for state in before]),
            np.array([state.version for state in before], dtype=np.int64),
            np.array([state.parcel for state in before], dtype=np.int64),
            np.array([state.moment for state in before], dtype=np.int64) if ordered else None,
        ),
        parcels=np.full(len(records), HERE) if parcels is None else np.array(parcels, dtype=np.int64),
        redelivers=redelivers,
    ).find_changes()


RECORD = st.tuples(st.sampled_from("pqr"), st.sampled_from("AB"), st.integers(0, 3))
STATES = st.dictionaries(
    st.sampled_from("pq"),
    st.builds(Known, st.sampled_from("AB"), st.integers(1, 3), st.just(BEFORE), st.integers(0, 3)),
)


@given(st.lists(RECORD, min_size=1, max_size=6), STATES, st.booleans())
def test_of_a_ref_that_comes_several_times_each_fares_as_if_it_had_come_alone(records, known, ordered):
    together = find(records, known, ordered=ordered)
    states = dict(known)
    for index, (ref, content, moment) in enumerate(records):
        alone = find([records[index]], states, ordered=ordered)
        assert together.versions[index] == alone.versions[0]
        assert (together.same[index], together.older[index]) == (alone.same[0], alone.older[0])
        assert together.duplicate[index] == alone.duplicate[0]
        state = states.get(ref, Known())
        latest = max(moment, state.moment) if ordered else 0
        if alone.versions[0]:
            states[ref] = Known(content, int(alone.versions[0]), HERE, latest)
        elif alone.same[0]:
            states[ref] = replace(state, moment=latest)


@given(st.lists(RECORD, min_size=1, max_size=6), STATES)
def test_a_record_goes_or_is_the_same_or_is_older_and_never_two_of_them(records, known):
    changes = find(records, known)
    fates = np.stack([changes.versions > 0, changes.same, changes.older])
    assert (fates.sum(axis=0) == 1).all()
    assert not (changes.duplicate & ~changes.same).any()
    assert not (changes.confirmed & ~changes.same).any()


@pytest.mark.parametrize(
    ("content", "moment", "fate"),
    [("B", 2, "goes"), ("B", 0, "goes"), ("B", 1, "older"), ("A", 3, "confirmed"), ("A", 2, "same"), ("A", 1, "same")],
)
def test_a_state_is_older_only_when_both_moments_are_known(content, moment, fate):
    changes = find([("p", content, moment)], {"p": Known("A", 1, BEFORE, 2)})
    assert {
        "goes": changes.versions[0] == 2,
        "older": bool(changes.older[0]),
        "confirmed": bool(changes.same[0] and changes.confirmed[0]),
        "same": bool(changes.same[0] and not changes.confirmed[0]),
    }[fate]


def test_there_and_back_again_is_three_versions_though_the_first_is_known():
    changes = find([("p", "B", 0), ("p", "A", 0), ("p", "A", 0)], {"p": Known("A", 1, BEFORE)})
    assert (changes.versions.tolist(), changes.duplicate.tolist()) == ([2, 3, 0], [False, False, True])


@pytest.mark.parametrize(
    ("parcel", "goes", "older"), [(BEFORE, True, False), (BEFORE + 1, False, True), (HERE, False, False)]
)
def test_what_is_delivered_anew_goes_once_and_gives_way_to_what_came_later(parcel, goes, older):
    changes = find([("p", "A", 0)], {"p": Known("A", 3, parcel)}, redelivers=BEFORE)
    assert (changes.versions[0] == 4, bool(changes.older[0])) == (goes, older)


def test_refs_that_share_a_beginning_are_not_taken_for_one():
    keys = digest(["12345678-a", "12345678-b", "12345678-a", "x"])
    assert find_repeated(keys) == [[0, 2]]
    assert find_repeated(digest(["12345678-a", "12345678-b"])) == []
    assert find_repeated(digest([])) == []


@given(st.lists(st.tuples(RECORD, st.integers(0, 3)), min_size=1, max_size=6), STATES, st.booleans())
def test_parcels_that_share_a_batch_fare_as_if_each_had_been_settled_before_the_next(drawn, known, ordered):
    drawn = sorted(drawn, key=lambda pair: pair[1])
    records, parcels = [record for record, _nth in drawn], [HERE + nth for _record, nth in drawn]
    together = find(records, known, ordered=ordered, parcels=parcels)
    states = dict(known)
    for parcel in sorted(set(parcels)):
        places = [place for place, number in enumerate(parcels) if number == parcel]
        alone = find([records[place] for place in places], states, ordered=ordered, parcels=[parcel] * len(places))
        for name in ("versions", "same", "duplicate", "older", "confirmed", "current"):
            assert getattr(together, name)[places].tolist() == getattr(alone, name).tolist(), name
        for nth, place in enumerate(places):
            ref, content, _moment = records[place]
            if alone.versions[nth] or alone.confirmed[nth]:
                moment = int(alone.moments[nth]) if ordered else 0
                version = int(alone.versions[nth] or alone.current[nth])
                states[ref] = Known(content, version, parcel, moment)
                if ordered:
                    assert together.moments[place] == moment
