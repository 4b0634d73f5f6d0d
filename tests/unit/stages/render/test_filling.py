"""What fills a document: its cells, its groups, and facts that are the same whenever it is written again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.render.filling import DocumentFacts, DocumentLine, Scope, is_unwritable, make_record_urn
from passerelle.stages.render.shape import Given

FACTS = DocumentFacts(datetime(2024, 12, 31, 8, 5, 6, tzinfo=UTC), "abc-00000")


def scope(*amounts, first=0, record=None):
    lines = [DocumentLine({"m": text}, record or {}, nth) for nth, text in enumerate(amounts)]
    return Scope(lines, FACTS, first)


@pytest.mark.parametrize(
    ("given_fact", "text"),
    [
        (Given("issued_at"), "2024-12-31T08:05:06"),
        (Given("issued_stamp"), "20241231080506"),
        (Given("number"), "4"),
        (Given("transaction", prefix="I"), "I202412310805064"),
        (Given("count"), "2"),
        (Given("batch"), "abc-00000"),
        (Given("field", of="no"), "F1"),
        (Given("field", of="absent"), ""),
        (Given("uuid", of="absent"), ""),
        (Given("uuid", of="no"), make_record_urn("F1")),
    ],
)
def test_a_fact_is_told_of_the_document_and_of_its_first_record(given_fact, text):
    assert scope("1", "2", first=4, record={"no": "F1"}).resolve(given_fact) == text


def test_a_document_without_records_has_facts_but_no_cell():
    empty = Scope((), FACTS)
    assert (empty.get_cell("m"), empty.resolve(Given("count")), empty.resolve(Given("field", of="no"))) == ("", "0", "")


@given(st.lists(st.integers(-(10**9), 10**9), max_size=6))
def test_a_total_is_exact_to_the_cent(cents):
    amounts = [f"{'-' * (one < 0)}{abs(one) // 100}.{abs(one) % 100:02}" for one in cents]
    total = scope(*amounts).resolve(Given("total", of="m"))
    assert round(float(total) * 100) == sum(cents)


def test_what_is_no_number_adds_nothing_to_a_total():
    assert scope("1.50", "", "beaucoup", "2.00").resolve(Given("total", of="m")) == "3.50"


@given(st.lists(st.sampled_from(["A", "B", None]), max_size=8))
def test_groups_hold_every_record_once_in_the_order_of_their_first_ones(words):
    lines = [DocumentLine({}, {"no": word}, nth) for nth, word in enumerate(words)]
    parts = list(Scope(lines, FACTS).split(("no",)))
    assert sorted(line.index for part in parts for line in part.lines) == list(range(len(words)))
    assert [part.lines[0].record["no"] for part in parts] == list(dict.fromkeys(words))
    assert [part.first for part in parts] == [sum(len(one.lines) for one in parts[:nth]) for nth in range(len(parts))]


def test_without_fields_to_share_each_record_stands_alone_with_its_number():
    assert [(part.first, part.get_cell("m")) for part in scope("1", "2", first=7).split(())] == [(7, "1"), (8, "2")]


@pytest.mark.parametrize(
    ("sign", "refused"), [("\x0b", True), ("\x00", True), ("\ufffe", True), ("\t", False), ("\U0001f642", False)]
)
def test_a_cell_is_refused_for_a_character_that_xml_does_not_know(sign, refused):
    assert is_unwritable({"a": "x", "b": f"x{sign}"}) is refused


def test_no_value_of_a_record_is_shown_where_its_line_is():
    assert "Zz-canari-zZ" not in repr(DocumentLine({"a": "Zz-canari-zZ"}, {"b": "Zz-canari-zZ"}, 0))
