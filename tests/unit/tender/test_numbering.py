"""Numbers are given once, kept over rebuilds, and never given again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.tender import freezing, numbering
from passerelle.tender.requirement import BilingualText, Level, Measure, Proof, Requirement
from passerelle.vocabulary.errors import UsageError

TEXT = BilingualText("texte", "text")


def _draft(key):
    chapter = key.partition("/")[0]
    return Requirement(
        id="", key=key, level=Level.P, chapter=chapter, domain="hours", measure=Measure.ANSWER, weight=1,
        proof=Proof.SAMPLE, title=TEXT, statement=TEXT, evidence=TEXT,
    )  # fmt: skip


KEYS = st.lists(
    st.builds("{}/{}".format, st.sampled_from(["visit", "security", "person"]), st.integers(0, 12)), unique=True
)


@given(st.lists(KEYS, min_size=1, max_size=5))
def test_whatever_comes_and_goes_a_number_keeps_its_meaning(states):
    ledger, meanings = {}, {}
    for keys in states:
        numbered, ledger = numbering.number_requirements(map(_draft, keys), ledger)
        for one in numbered:
            assert meanings.setdefault(one.id, one.key) == one.key
        assert len({one.id for one in numbered}) == len(keys)


def test_a_newer_contract_keeps_numbers_and_adds_after_the_last(small):
    frozen, ledger = freezing.freeze(small, {}, language="fr")
    newer = small.model_copy(
        update={"contract": {**small.contract, "visit/1": small.contract["visit/1"].model_copy(
            update={"fields": {**small.contract["visit/1"].fields, "plan_ref": "I", "tasks": "-"}}
        )}}
    )  # fmt: skip
    again, later = freezing.freeze(newer, ledger, language="fr")
    before = {one.key: one.id for one in frozen.requirements}
    after = {one.key: one.id for one in again.requirements}
    assert {key: after[key] for key in before.keys() & after.keys()} == {
        key: before[key] for key in before.keys() & after.keys()
    }
    highest = max(number for key, number in before.items() if key.startswith("visit/"))
    assert after["visit/plan_ref/present"] > highest
    assert "visit/tasks/present" not in after
    assert later["visit/tasks/present"] == before["visit/tasks/present"]


def test_a_major_version_keeps_the_numbers_of_its_family(small):
    frozen, ledger = freezing.freeze(small, {}, language="fr")
    drafts = [replace(one, id="", contract="visit/2") for one in frozen.requirements if one.contract == "visit/1"]
    assert [one.id for one in numbering.number_requirements(drafts, ledger)[0]] == [
        one.id for one in frozen.requirements if one.contract == "visit/1"
    ]


def test_the_ledger_is_read_back(small, tmp_path):
    ledger = freezing.freeze(small, {}, language="fr")[1]
    (tmp_path / numbering.FILE).write_bytes(numbering.write(ledger))
    assert numbering.read(tmp_path) == ledger
    assert numbering.read(tmp_path / "elsewhere") == {}


@pytest.mark.parametrize("text", ["a = ", '"a/b" = "PAS-SEC-001"\n"a/c" = "PAS-SEC-001"\n', '"a/b" = "SEC-1"\n'])
def test_a_spoiled_ledger_is_refused(text, tmp_path):
    (tmp_path / numbering.FILE).write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        numbering.read(tmp_path)
    assert caught.value.code == "usage.tender.unreadable"
