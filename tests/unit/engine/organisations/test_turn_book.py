"""Workers that were started several times share one line, and who dies gives back what it held."""

from __future__ import annotations

import subprocess
import sys

import pytest

from passerelle.engine.organisations.turn_book import TurnBook
from passerelle.engine.organisations.turn_order import FlowTurn

ONE, TWO = FlowTurn("a", "visites"), FlowTurn("b", "visites")
HOLD = """
import sys, time
from pathlib import Path
from passerelle.engine.organisations.turn_book import TurnBook
held = TurnBook(Path(sys.argv[1])).take(lambda turn: True)
print(held.turn.organisation, flush=True)
time.sleep(600)
"""


@pytest.fixture
def book(tmp_path):
    return TurnBook.of(tmp_path / "passerelle.toml")


def take_all(turn) -> bool:
    return bool(turn)


def test_a_turn_that_is_held_is_taken_by_nobody_else_and_keeps_its_place(book):
    book.ask([ONE, TWO])
    first, second = book.take(take_all), book.take(take_all)
    assert (first.turn, second.turn, book.take(take_all)) == (ONE, TWO, None)
    book.end(first, has_more=True)
    book.end(second, has_more=False)
    again = book.take(take_all)
    assert (again.turn, again.goes_on) == (ONE, True)
    book.end(again, has_more=False)
    assert (book.take(take_all), book.read().places) == (None, {})


def test_what_is_not_wanted_here_is_left_to_others(book):
    book.ask([ONE, TWO])
    held = book.take(lambda turn: turn.organisation == "b")
    assert held.turn == TWO
    book.end(held, has_more=False)
    assert book.take(take_all).turn == ONE


def test_a_worker_that_is_killed_gives_its_turn_back(book):
    book.ask([ONE, TWO])
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(book.folder)], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    with child:
        assert child.stdout.readline().strip() == "a"
        other = book.take(take_all)
        assert other.turn == TWO
        child.kill()
        child.wait()
    assert book.take(take_all).turn == ONE


@pytest.mark.parametrize("content", ["", "[", "[[1]]", "{}", '[["a", "b", "x", 1]]', "null"])
def test_a_line_that_cannot_be_read_begins_anew(book, content):
    book.ask([ONE])
    (book.folder / "ordre.json").write_text(content, "utf-8")
    assert book.take(take_all) is None
    book.ask([TWO])
    assert book.take(take_all).turn == TWO


def test_the_line_holds_names_of_organisations_and_flows_alone(book):
    book.ask([ONE])
    assert (book.folder / "ordre.json").read_text("utf-8") == '[["a", "visites", 1, false]]'
