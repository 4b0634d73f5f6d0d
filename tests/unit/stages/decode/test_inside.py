"""Lists whose items become columns: by their place, by a word of theirs, or by another word that means it."""

from __future__ import annotations

from passerelle.stages.decode.dialects import Json
from passerelle.stages.decode.inside import Inside

ITEMS = [{"system": "urn:a", "value": "1"}, {"system": "urn:x", "value": "2"}, {"system": "urn:a", "value": "3"}]


def test_items_are_named_by_a_declared_word_or_by_their_place():
    inside = Inside.of(Json(named={"identifier": ("system", "urn:a")}))
    assert inside.to_object("identifier", ITEMS) == {"urn:a": ITEMS[0], "1": ITEMS[1], "urn:a#2": ITEMS[2]}


def test_a_list_that_is_spread_is_named_by_places_and_any_other_stays_a_list():
    inside = Inside.of(Json(spread=("agents",)))
    assert inside.to_object("agents", ["a", "b"]) == {"0": "a", "1": "b"}
    assert inside.to_object("others", ["a"]) == ["a"]


def test_an_alias_never_makes_a_name_that_nobody_declared():
    aliases = {"identifier": {"system": {"urn:x": "urn:a", "urn:a": "urn:never"}}}
    inside = Inside.of(Json(named={"identifier": ("system", "urn:a")}, aliases=aliases))
    assert inside.to_object("identifier", ITEMS[:2]) == {"0": ITEMS[0], "urn:a": ITEMS[1]}


def test_an_item_without_the_place_that_would_name_it_is_named_by_its_own():
    inside = Inside.of(Json(named={"identifier": ("codings.1.system", "urn:a")}))
    items = [{"codings": [{}, {"system": "urn:a"}]}, {"codings": [{"system": "urn:a"}]}, {"codings": []}, {}]
    assert list(inside.to_object("identifier", items)) == ["urn:a", "1", "2", "3"]
