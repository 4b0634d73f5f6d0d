"""Killed ten times at random places and run again, a move ends as one that nobody disturbed."""

from __future__ import annotations

import random
import re
import signal

import pytest
from killed_moves import move
from new_software import NewSoftware
from old_software import CONTACTS, PEOPLE, contacts, people, settle_in

SWITCH = """
[side.ancien]
exports = [
  {{ connector = "{contacts}", path = "exports/contacts*.csv" }},
  {{ connector = "{people}", path = "exports/personnes*.csv" }},
]

[side.nouveau]
exports = [{{ contract = "person/1", path = "retour/*.jsonl" }}]

[switch.bascule]
from = "ancien"
to = "nouveau"

[[switch.bascule.deliver]]
destination = {{ kind = "api", base_url = "{url}", path = "{{family}}s", per_second = 10000 }}
"""
PLACES = (
    "collect.registered",
    "decode.batch",
    "deliver.sent",
    "deliver.answered",
    "settle.before",
    "settle.quarantined",
)
LATER = ("settle.committed", "parcel.closed", "collect.copied", "collect.acknowledged")
OURS = re.compile(r"^nouveau:[a-z]+:(.*)$")


def _prepare(folder, url):
    people(folder / "exports", *((n, f"NOM{n}", 500 + n % 5) for n in range(1, 21)))
    rows = [
        (
            100 + n,
            1 + n % 20,
            500 + n % 5,
            f"{1 + n % 28:02d}/05/2024",
            101 + n if n % 7 == 0 else "",
            "Suivi",
            f"PRO{n % 5}",
        )
        for n in range(40)
    ]
    contacts(folder / "exports", *rows)
    settle_in(folder)
    text = SWITCH.format(contacts=CONTACTS, people=PEOPLE, url=url)
    (folder / "switch.toml").write_text(text, "utf-8")


def _told(software: NewSoftware) -> dict[tuple[str, str], dict]:
    """What the new software holds, in the words of the old one: the ids that it gives depend on who came first."""
    names = {number.replace(" ", "%20"): ref for (_path, ref), number in software.ids.items()}
    held = {}
    for (path, _number), body in software.held.items():
        said = {
            name: names[OURS.match(value)[1]] if isinstance(value, str) and OURS.match(value) else value
            for name, value in body.items()
            if name != "source"
        }
        held[path, body["ref"]] = said
    return held


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calme")
    with NewSoftware() as software:
        _prepare(folder, software.url)
        assert move(folder) == 0
        return _told(software)


def test_killed_ten_times_and_run_again_a_move_ends_as_one_that_nobody_disturbed(undisturbed, tmp_path):
    draw = random.Random(20261121)  # noqa: S311  a seeded test
    killed = 0
    with NewSoftware() as software:
        _prepare(tmp_path, software.url)
        for _turn in range(10):
            place = f"{draw.choice((*PLACES, *LATER))}:{draw.randrange(1, 4)}"
            killed += move(tmp_path, place) == -signal.SIGKILL
        assert move(tmp_path) == 0
        assert _told(software) == undisturbed
        assert len(software.held) == len(undisturbed)
    assert killed >= 5
