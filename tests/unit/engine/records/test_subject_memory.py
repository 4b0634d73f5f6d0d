"""Everybody whom a batch names is remembered once, and for good only once the journal has them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.engine.records import subject_memory
from passerelle.engine.records.handles import pseudonymise_refs
from passerelle.engine.records.record_comparison import KnownRecords
from passerelle.engine.records.subject_memory import LIKENESS, SUBJECT, make_known_subjects
from passerelle.stores.seal import Seal

SEAL = Seal(b"k" * 32)


class Memory:
    """A journal that knows pseudonyms, and counts those it is asked for."""

    def __init__(self) -> None:
        self.known: set[bytes] = set()
        self.asked = 0

    def recall(self, _flow, _kind, keys):
        each = _split(keys)
        self.asked += len(each)
        return SimpleNamespace(versions=np.array([int(key in self.known) for key in each]))

    def settle(self, records):
        for entry in records:
            if entry.contract == SUBJECT:
                self.known.update(_split(entry.ref_keys))


def _split(keys: bytes) -> list[bytes]:
    return [keys[place : place + 16] for place in range(0, len(keys), 16)]


def _open(memory: Memory) -> KnownRecords:
    return KnownRecords(flow="un", journal=memory, seal=SEAL, supplier="s", connector="c", connector_version="1")


def _count(records) -> dict[str, int]:
    return {entry.contract: len(_split(entry.ref_keys)) for entry in records}


NAMES = st.lists(st.lists(st.integers(0, 9).map("s:person:{}".format), max_size=6), max_size=3)


@settings(max_examples=count_examples(100))
@given(st.lists(st.tuples(NAMES, st.booleans()), max_size=8))
def test_everybody_is_known_once_settled_whatever_came_before_and_failed(batches):
    memory = Memory()
    known = _open(memory)
    settled: set[str] = set()
    for piles, succeeds in batches:
        fresh = {name for pile in piles for name in pile} - settled
        made = make_known_subjects(piles, known)
        assert _count(made) == ({SUBJECT: len(fresh), LIKENESS: len(fresh)} if fresh else {})
        if succeeds:
            memory.settle(made)
            settled |= fresh
    assert len(memory.known) == len(settled)


def test_who_was_seen_to_be_known_is_not_asked_for_again():
    memory = Memory()
    known = _open(memory)
    piles = [["s:person:1", "s:person:2"], ["s:person:1"]]
    for _batch in range(4):
        memory.settle(make_known_subjects(piles, known))
    assert memory.asked == 4  # two when they were new, two when they were seen to be known


def test_more_people_than_are_kept_in_memory_are_known_all_the_same(monkeypatch):
    monkeypatch.setattr(subject_memory, "_MOST_MET", 1)
    memory = Memory()
    known = _open(memory)
    piles = [[f"s:person:{number}" for number in range(5)], ["s:person:9"]]
    for _batch in range(3):
        memory.settle(make_known_subjects(piles, known))
    assert make_known_subjects([["s:person:77"]], known) != []
    assert len(memory.known) == 6


@pytest.mark.parametrize("other", ["s:person:007", "s:person:7", "S:PERSON:7"])
def test_spellings_that_people_confuse_share_a_likeness(other):
    first, second = (
        next(entry for entry in make_known_subjects([[name]], _open(Memory())) if entry.contract == LIKENESS)
        for name in ("s:person:7", other)
    )
    assert first.ref_keys == second.ref_keys


def test_a_subject_is_known_by_the_pseudonym_of_its_reference():
    made = make_known_subjects([["s:person:7"]], _open(Memory()))
    assert made[0].ref_keys == pseudonymise_refs(SEAL, pl.Series(["s:person:7"])).tobytes()
