"""A federation's tender: one core, the same numbers for all, and members who may ask for more, never for less."""

from __future__ import annotations

import json

import pytest

from passerelle.tender import consultation, federation
from passerelle.tender.building import writing
from passerelle.vocabulary.errors import SettingsError, UsageError

MEMBER = """
[tender]
buyer = "Association L'Aube"
[volumes]
persons = 12
[contract."visit/1".fields]
service = "P"
stamped_start = "I"
[[requirement]]
name = "hors-reseau"
chapter = "technical"
level = "P"
title = "Sans réseau"
text = "Une journée sans réseau."
"""


@pytest.fixture
def folder(seen, tmp_path):
    (tmp_path / "tender.toml").write_bytes((seen / "tender.toml").read_bytes())
    (tmp_path / "membres").mkdir()
    (tmp_path / "membres" / "aube.toml").write_text(MEMBER, "utf-8")
    return tmp_path


def test_a_member_has_the_core_with_its_numbers_and_what_it_asks_for_besides(folder):
    made = writing.build(folder)
    core, mine = consultation.read(folder), consultation.read(folder / "membres" / "aube")
    assert made.members == ("aube",)
    assert (mine.buyer, mine.member, mine.core) == ("Association L'Aube", "aube", core.rules_digest)
    numbers = {one.key: one.id for one in mine.requirements}
    assert {one.key: one.id for one in core.requirements}.items() <= numbers.items()
    added = {one.key for one in mine.requirements} - {one.key for one in core.requirements}
    assert {"technical/own/hors-reseau", "visit/stamped_start/present"} <= added
    assert [one.count for one in mine.volumes if one.what == "persons"] == [12]
    assert {one.name for one in mine.systems} == {one.name for one in core.systems}


def test_the_document_says_what_each_member_asks_for(folder):
    writing.build(folder)
    page = (folder / "cahier-des-charges.html").read_text("utf-8")
    assert "Ce que chaque membre demande en plus" in page
    assert "Sans réseau" in page
    assert "Sans réseau" not in json.dumps(json.loads((folder / "exigences.json").read_text("utf-8")))


def test_building_again_changes_no_number_whoever_joins(folder):
    writing.build(folder)
    before = {one.key: one.id for one in consultation.read(folder / "membres" / "aube").requirements}
    (folder / "membres" / "zephyr.toml").write_text('[tender]\nbuyer = "Zéphyr"\n', "utf-8")
    assert writing.build(folder).members == ("aube", "zephyr")
    assert {one.key: one.id for one in consultation.read(folder / "membres" / "aube").requirements} == before


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[contract."visit/1".fields]\nplanned_end = "S"', "settings.member.less"),
        ('[contract."visit/1".fields]\ntasks = "-"', "settings.member.less"),
        ("[thresholds]\nothers = 0.91", "settings.member.less"),
        ('[contract."document/1".fields]\nref = "P"', "settings.member.contract"),
        ('[contract."visit/1".fields]\nnothing = "P"', "settings.supplier.unknown"),
        ("[tender\n", "settings.file.syntax"),
    ],
)
def test_a_member_that_asks_for_less_or_for_what_is_not_there_is_refused(folder, text, code):
    (folder / "membres" / "aube.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        writing.build(folder)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_name_that_cannot_be_a_folder_is_refused(folder):
    (folder / "membres" / "L Aube.toml").write_text("", "utf-8")
    with pytest.raises(UsageError) as caught:
        federation.list_member_files(folder)
    assert caught.value.code == "usage.member.name"


def test_a_tender_alone_has_no_members(seen):
    assert federation.list_member_files(seen) == []
    assert "membres" not in {path.name for path in seen.iterdir()}
