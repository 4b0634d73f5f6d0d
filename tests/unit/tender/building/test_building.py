"""What a folder holds after a build: the same bytes each time, and a log of what changed."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from passerelle.documents.packing import pack, repack
from passerelle.tender import consultation, freezing, order, order_file
from passerelle.tender.building import changes, writing
from passerelle.vocabulary.errors import UsageError


def _bytes(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_building_again_changes_not_one_byte(built):
    before = _bytes(built)
    assert set(writing.list_file_names("fr")) < set(before)
    made = writing.build(built)
    assert _bytes(built) == before
    assert not made.changes


def test_another_language_and_day_stand_beside_and_keep_numbers_and_rules(built):
    french = consultation.read(built)
    english = writing.build(built, language="en", date="2027-02-01").consultation
    assert english.rules_digest == french.rules_digest
    assert [one.id for one in english.requirements] == [one.id for one in french.requirements]
    page = (built / "tender-specification.html").read_text("utf-8")
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert "1\u00a0February\u00a02027" in page
    assert (built / "cahier-des-charges.html").exists()


def test_what_changed_is_logged_above_what_changed_before(built):
    text = (built / order_file.FILE).read_text("utf-8")
    text = text.replace('planned_end = "P"', 'planned_end = "S"').replace('tasks = "S"', 'recurrence = "S"')
    (built / order_file.FILE).write_text(text, "utf-8")
    made = writing.build(built)
    log = (built / changes.FILE).read_text("utf-8")
    changed = {after.field: (before.level, after.level) for before, after in made.changes.changed}
    assert changed["planned_end"] == ("P", "S")
    assert [one.field for one in made.changes.added] == ["recurrence"]
    assert [one.field for one in made.changes.retired] == ["planned_end", "tasks"], "forms are asked of essentials only"
    for one in (*made.changes.added, *made.changes.retired):
        assert one.id in log
    assert "niveau P → S" in log
    assert log.index("niveau P") < log.index("Première édition")


def test_a_newer_contract_is_told_with_both_versions_and_moves_no_number(small):
    new, ledger = freezing.freeze(small, {}, language="fr")
    older = tuple(
        replace(one, version="0.9.0", digest="0" * 64) if one.id == "visit/1" else one for one in new.contracts
    )
    old = replace(new, contracts=older, requirements=new.requirements[:-3])
    told = changes.compare_states(old, new)
    assert told.contracts == (("visit/1", "0.9.0", "1.0.0"),)
    assert told.added == new.requirements[-3:]
    assert "version 0.9.0 → 1.0.0" in changes.write_log("", old, new, "fr")
    assert freezing.freeze(small, ledger, language="fr")[0].requirements == new.requirements


def test_changed_weights_are_told(small):
    old, _ledger = freezing.freeze(small, {}, language="fr")
    heavier = small.model_copy(update={"weights": order.LevelWeights(P=9)})
    new, _ledger = freezing.freeze(heavier, _ledger, language="fr")
    assert changes.compare_states(old, new).weights
    assert "poids" in changes.write_log("", old, new, "fr")


def test_only_words_that_changed_do_not_touch_the_note(small):
    old, ledger = freezing.freeze(small, {}, language="fr")
    own = (small.requirement[0].model_copy(update={"text": "Mieux dit."}),)
    new, _ledger = freezing.freeze(small.model_copy(update={"requirement": own}), ledger, language="fr")
    told = changes.compare_states(old, new)
    assert [one.key for one in told.reworded] == ["technical/own/velo"]
    assert not told.changed
    assert old.rules_digest == new.rules_digest


def test_an_altered_state_is_built_anew_with_the_same_numbers_and_the_log_says_so(built):
    before = (built / consultation.FILE).read_bytes()
    (built / consultation.FILE).write_bytes(before.replace(b'"weight": 5', b'"weight": 6', 1))
    writing.build(built)
    assert (built / consultation.FILE).read_bytes() == before
    assert "altéré" in (built / changes.FILE).read_text("utf-8")


def test_a_folder_that_cannot_be_written_is_told(built):
    target = built / "cahier-des-charges.docx"
    target.unlink()
    target.mkdir()
    with pytest.raises(UsageError) as caught:
        writing.build(built)
    assert caught.value.code == "usage.file.unreadable"


def test_packing_depends_on_content_only():
    files = {"b.txt": b"2", "[Content_Types].xml": b"0", "a.txt": b"1"}
    content = pack(files)
    assert pack(dict(reversed(files.items()))) == content == repack(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["[Content_Types].xml", "a.txt", "b.txt"]
