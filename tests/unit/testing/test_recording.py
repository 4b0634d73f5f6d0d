"""A recording of every API in the box, taken from its saved exchanges, plays like them and repeats none of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from passerelle.extension.loading import load_plugins
from passerelle.testing import exchanges
from passerelle.testing.playback import open_playback
from passerelle.testing.recording import record
from passerelle.testing.samples import take
from passerelle.testing.scrubbing import PAGING, Scrubber
from passerelle.vocabulary.errors import UsageError

SAVED = sorted((Path(__file__).parents[3] / "plugins").glob("*/tests/exchanges/*.json"))


def leaves(value, member=""):
    """Every text and number, with the name of the member in which it stands."""
    match value:
        case dict():
            return [leaf for name, one in value.items() for leaf in leaves(one, name)]
        case list():
            return [leaf for one in value for leaf in leaves(one, member)]
        case None | bool():
            return []
        case _:
            return [(member, str(value))]


@pytest.mark.parametrize("file", SAVED, ids=lambda file: file.stem)
def test_a_recording_plays_and_repeats_no_value(file):
    real = exchanges.read_exchanges(file)
    plugins = load_plugins([file.parents[2].name.replace("_", "-")])
    supplier, connector, info = plugins.find_connector(file.stem)
    scrubber = Scrubber(connector)
    with open_playback(real, plugins) as stage:
        expected = len(stage.read().pages)
    with open_playback(real, plugins) as stage:
        made = record(stage.entry, connector, info, stage.clock, scrubber)
    with open_playback(made, plugins) as stage:
        pages = stage.read().pages.values()
        assert len(pages) == expected
        assert not stage.player.strange
    taken = [take(page, supplier, connector) for page in pages]
    assert all(one.balanced for one in taken)
    assert any(one.records for one in taken)
    before, after = (
        {leaf for one in which.exchanges for leaf in leaves(json.loads(one.response.body))} for which in (real, made)
    )
    same = {text for member, text in before & after if member.lower() not in PAGING and len(text) >= 4}
    assert same - scrubber.kept - {text for text in same if not text.strip("0.:-")} == set()


def test_there_are_saved_exchanges_to_record():
    assert len(SAVED) >= 7


def test_answers_through_which_the_connector_finds_no_way_are_not_kept():
    file = next(file for file in SAVED if file.stem == "ogust-customers")
    plugins = load_plugins(["ogust"])
    _supplier, connector, info = plugins.find_connector("ogust-customers")

    class Clumsy(Scrubber):
        def scrub_body(self, content):
            return super().scrub_body(content).replace(b'"OK"', b'"AB"')

    with open_playback(exchanges.read_exchanges(file), plugins) as stage, pytest.raises(UsageError) as caught:
        record(stage.entry, connector, info, stage.clock, Clumsy(connector))
    assert caught.value.code == "usage.recording.unplayable"
