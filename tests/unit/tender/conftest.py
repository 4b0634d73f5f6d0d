"""A small tender, built once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from passerelle.tender import order, order_file
from passerelle.tender.building import writing

SMALL = """
[tender]
id = "2027-07"
title = "Logiciel de télégestion | essai"
buyer = "Association <des Lilas> & Cie"
date = "2027-01-15"
trade = "saad"
context = "Une structure inventée."
purposes = ["effectivity", "billing"]

[volumes]
persons = 450

[answers]
consent = "Par une feuille lue ensemble."

[levels]
"workers/no-ranking" = "P"
"technical/offline" = "-"

[[system]]
name = "Département"
direction = "to"
contracts = ["visit/1"]
purpose = "effectivity"

[contract."organisation/1"]
fields = { ref = "P", name = "P" }

[contract."visit/1"]
filled = ["planned_start"]
[contract."visit/1".fields]
organisation_ref = "P"
planned_start = "P"
planned_end = "P"
service = "I"
cancellation_reason = "I"
tasks = "S"
stamped_place = "X"

[[requirement]]
name = "velo"
chapter = "technical"
level = "S"
title = "À vélo"
text = "Le téléphone se lit au soleil."
"""


@pytest.fixture
def small() -> order.TenderOrder:
    """Give the order of a small tender."""
    return order_file.parse(SMALL)


@pytest.fixture(scope="session")
def _built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tender")
    (folder / order_file.FILE).write_text(SMALL, "utf-8")
    writing.build(folder)
    return folder


@pytest.fixture
def built(_built: Path, tmp_path: Path) -> Path:
    """Give a folder in which the small tender was built."""
    return Path(shutil.copytree(_built, tmp_path / "tender"))


@pytest.fixture
def seen(_built: Path) -> Path:
    """Give the same folder, to be read only."""
    return _built
