"""What an element holds, as cells by path."""

from __future__ import annotations

from random import Random
from xml.etree.ElementTree import fromstring

import pytest

from passerelle.stages.decode import gathering
from passerelle.stages.decode.gathering import ElementGatherer, LocalNames


def test_attributes_texts_and_repeated_elements_are_cells_the_second_time_as_the_first():
    gatherer = ElementGatherer(LocalNames())
    for _time in range(2):
        cells: dict[str, str | None] = {}
        gatherer.gather(fromstring('<r k="1">t<a>x</a><a><b/></a><_row>y</_row></r>'), "", cells)  # noqa: S314  ours
        assert cells == {"@k": "1", ".": "t", "a": "x", "a#2/b": "", "_row#2": "y"}


def gather(gatherer: ElementGatherer, *texts: str) -> dict[str, str | None]:
    """Return the cells of elements, one after the other into the same."""
    cells: dict[str, str | None] = {}
    for text in texts:
        gatherer.gather(fromstring(text), "", cells)  # noqa: S314  ours
    return cells


PERSON = "<r><a>{0}</a><b k='{0}'><c>{0}</c>\n<c/></b></r>"


def test_an_element_that_holds_what_one_before_it_held_is_taken_in_one_go():
    gatherer = ElementGatherer(LocalNames())
    for number in range(3):
        text = str(number)
        assert gather(gatherer, PERSON.format(text)) == {"a": text, "b/@k": text, "b/c": text, "b/c#2": ""}
    assert gatherer.taken == 3


def test_text_beside_elements_is_written_though_their_shape_is_known():
    gatherer = ElementGatherer(LocalNames())
    gather(gatherer, PERSON.format(1))
    assert gather(gatherer, "<r><a>1</a><b k='1'>x<c>2</c>y<c/></b></r>")["b"] == "xy"
    assert gather(gatherer, "<r>z<a>1</a><b k='1'><c>2</c>\n<c/></b></r>")["."] == "z"


def test_names_that_are_taken_get_the_same_numbers_from_a_known_shape():
    gatherer = ElementGatherer(LocalNames())
    first = gather(gatherer, PERSON.format(1), PERSON.format(2), PERSON.format(3))
    assert first == gather(gatherer, PERSON.format(1), PERSON.format(2), PERSON.format(3))
    assert [first["a"], first["a#2"], first["a#3"], first["b/@k#3"]] == ["1", "2", "3", "3"]


def test_where_hardly_two_are_alike_no_shape_is_remembered_any_more(monkeypatch):
    monkeypatch.setattr(gathering, "_TRIALS", 4)
    gatherer = ElementGatherer(LocalNames())
    for number in range(9):
        inside = "<x/>" * (number + 1)
        assert len(gather(gatherer, f"<r>{inside}</r>")) == number + 1
    assert gatherer.taken == 4
    assert gather(gatherer, "<r><x/></r>") == {"x": ""}


def write(chance: Random, depth: int) -> str:
    inside = "".join(write(chance, depth - 1) for _child in range(chance.choice([0, 1, 2]))) if depth else ""
    name = chance.choice(["a", "b", "_row", "n:a"])
    key = chance.choice(["", "", " k='1'", " n:k='2' k='3'"])
    text, tail = (chance.choice(["", "", "\n", "t"]) for _place in range(2))
    return f"<{name}{key}>{text}{inside}</{name}>{tail}"


@pytest.mark.parametrize("limit", [2, 1_000])
def test_what_is_taken_in_one_go_is_what_is_taken_level_by_level(monkeypatch, limit):
    monkeypatch.setattr(gathering, "_MAX_PATTERN", limit)
    chance = Random(5)  # noqa: S311  a seed that fails has to fail again
    quick, slow = ElementGatherer(LocalNames()), ElementGatherer(LocalNames())
    everything = gathering._EVERYTHING
    for _time in range(2_000):
        cells: dict[str, str | None] = {}
        expected: dict[str, str | None] = {}
        for prefix in ("", chance.choice(["", "a/"])):
            inside = "".join(write(chance, 2) for _child in range(chance.choice([0, 1, 2])))
            element = fromstring(f"<r xmlns:n='urn:n'>{inside}</r>")  # noqa: S314  ours
            quick.gather(element, prefix, cells)
            slow.gather(element, prefix, expected, (), everything)
        assert list(cells.items()) == list(expected.items())
    assert slow.taken == 0
    assert quick.taken > 1_000
