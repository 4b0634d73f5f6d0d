"""Patterns as automata: both ends of each class of characters, of each repetition and of what is unanchored."""

from __future__ import annotations

import re

import pytest

from passerelle.contracts.evolution.patterns import HIGHEST, Language, UndecidableError, find_outside

CLASSES = {
    "[b-d]": ("bcd", "ae"),
    "[^b-d]": ("ae\x00" + chr(HIGHEST), "bcd"),
    "[^b]": ("ac\x00" + chr(HIGHEST), "b"),
    r"[^\x00-\U0010fffe]": (chr(HIGHEST), "a" + chr(HIGHEST - 1)),
    "[^bd]": ("ace" + chr(HIGHEST), "bd"),
    r"\d": ("09", "/:"),
    r"\D": ("/:", "09"),
    r"\w": ("09AZaz_", "/:@[`{^"),
    r"\W": ("/:@[`{^", "09AZaz_"),
    r"\s": ("\t\n\r \u00a0", "\x08\x0e!"),
    r"\S": ("\x08\x0e!", "\t\r \u00a0"),
    r"[^\d]": ("/:", "09"),
    ".": ("\t\x0b" + chr(HIGHEST), "\n"),
    "(?:a|c)": ("ac", "b"),
}
COUNTS = {
    "a*": ({0, 1, 5}, set()),
    "a+": ({1, 5}, {0}),
    "a?": ({0, 1}, {2}),
    "a{2}": ({2}, {1, 3}),
    "a{2,}": ({2, 3, 9}, {1}),
    "a{2,4}": ({2, 3, 4}, {1, 5}),
    "a{0,1}": ({0, 1}, {2}),
}


def accepts(pattern: str, text: str) -> bool:
    return find_outside(Language(f"^{re.escape(text)}$"), Language(pattern)) is None


@pytest.mark.parametrize("pattern", CLASSES)
def test_a_class_of_characters_ends_where_it_says(pattern):
    inside, beside = CLASSES[pattern]
    for character in inside:
        assert accepts(f"^{pattern}$", character), character
    for character in beside:
        assert not accepts(f"^{pattern}$", character), character


@pytest.mark.parametrize("pattern", COUNTS)
def test_a_repetition_has_its_lowest_and_its_highest_count(pattern):
    inside, beside = COUNTS[pattern]
    assert {count for count in inside | beside if accepts(f"^{pattern}$", "a" * count)} == inside


@pytest.mark.parametrize(
    ("pattern", "text", "is_accepted"),
    [
        ("a", "bab", True),
        ("^a", "ab", True),
        ("^a", "ba", False),
        ("a$", "ba", True),
        ("a$", "ab", False),
        ("", "x", True),
    ],
)
def test_a_pattern_is_searched_unless_it_is_anchored(pattern, text, is_accepted):
    assert accepts(pattern, text) is is_accepted


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "a^b", r"\bx", "("])
def test_what_is_outside_the_subset_is_undecidable(pattern):
    with pytest.raises(UndecidableError):
        find_outside(Language("^a$"), Language(pattern))


def test_the_counter_example_is_the_shortest_and_within_the_lengths():
    assert find_outside(Language("^a*$", 3, 9), Language("^a{0,4}$")) == "aaaaa"
    assert find_outside(Language("^a*$", 3, 4), Language("^a{0,4}$")) is None
    assert find_outside(Language("^a*$"), Language(None, 0, 2)) == "aaa"
    assert find_outside(Language("^a*$"), Language(None, 1)) == ""
