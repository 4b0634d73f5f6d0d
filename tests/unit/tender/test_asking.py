"""Texts: whole in both languages, and no law without its source and its warning."""

from __future__ import annotations

import re

import pytest

from passerelle.tender import bilingual_texts, questions, trades
from passerelle.tender.consultation import WEIGHTS
from passerelle.tender.numbering import get_prefix

FIGURES = {"delay_days": "30", "retrieval_days": "90", "rehearsals": "1"}
LEGAL = re.compile(r"\b(art\.|article|CCAG|RGPD|GDPR|loi n|décret|règlement \(UE\)|Regulation \(EU\))", re.IGNORECASE)


def _hand_written():
    levels = dict.fromkeys(questions.list_requirement_keys(), "P")
    return list(questions.iter_hand_written("saad", levels, WEIGHTS, FIGURES))


def test_every_requirement_has_its_words_in_both_languages():
    for one in _hand_written():
        for said in (one.title, one.statement, one.evidence):
            assert said.fr
            assert said.en
            assert "{" not in said.fr + said.en


def test_every_requirement_belongs_to_its_chapter_and_every_key_is_its_own():
    keys = questions.list_requirement_keys()
    assert len(set(keys)) == len(keys)
    assert {key.partition("/")[0] for key in keys} <= set(questions.list_chapter_keys())


def test_every_law_carries_its_source_and_asks_for_a_lawyer():
    for law in questions.get_laws().values():
        assert law.title.fr
        assert law.says.fr
        assert law.source.fr
        assert law.source.en
        assert "juriste" in law.warning.fr
        assert "lawyer" in law.warning.en


def test_every_law_that_is_cited_exists_and_every_law_is_cited():
    from passerelle.tender.building.chapters import ALWAYS  # noqa: PLC0415  the documents' own list

    cited = {law for one in _hand_written() for law in one.laws} | set(ALWAYS)
    assert cited == set(questions.get_laws())


def test_nothing_is_printed_as_law_outside_the_legal_references():
    loose = [text for one in _hand_written() for text in (one.statement.fr, one.statement.en) if LEGAL.search(text)]
    loose += [
        text
        for chapter in questions.list_chapters()
        for text in (chapter.text.fr, chapter.text.en)
        if LEGAL.search(text)
    ]
    assert loose == []


def test_a_standard_that_is_named_comes_with_or_equivalent():
    for one in _hand_written():
        if re.search(r"ESPPADOM|RGAA|DUI|ANSSI|HDS", one.statement.fr):
            assert "équivalent" in one.statement.fr, one.key
            assert "equivalent" in one.statement.en, one.key


def test_the_questions_of_field_workers_are_there():
    asked = " ".join(question.title.fr for question in questions.list_questions())
    for word in ("À quoi sert", "Qui voit", "compter", "ne verra pas", "décident", "surveillance", "discutés"):
        assert word in asked


def test_prefixes_are_different():
    names = [*questions.list_chapter_keys(), *questions.PREFIXES_OF_CONTRACTS]
    prefixes = [get_prefix(name) for name in names]
    assert len(set(prefixes)) == len(prefixes)
    assert all(re.fullmatch(r"[A-Z]{3}", prefix) for prefix in prefixes)


def test_every_contract_has_letters_of_its_own():
    from passerelle.contracts.catalogue import catalogue  # noqa: PLC0415  only here

    assert {contract.about.family for contract in catalogue().values()} <= set(questions.PREFIXES_OF_CONTRACTS)


def test_a_trade_leaves_out_what_is_for_another_and_a_level_brings_it_in():
    usual = {one.key for one in questions.iter_hand_written("ccas", {}, WEIGHTS, FIGURES)}
    assert "effectivity/three-times" not in usual
    brought = questions.iter_hand_written("ccas", {"effectivity/three-times": "S"}, WEIGHTS, FIGURES)
    assert {one.key: one.weight for one in brought}["effectivity/three-times"] == 1


def test_an_unknown_trade_is_an_error():
    with pytest.raises(KeyError):
        trades.get_trade("unheard-of")


def test_every_volume_that_a_trade_proposes_has_a_name():
    known = bilingual_texts.load_texts("document")["volumes"]
    assert {what for name in trades.list_trades() for what in trades.get_trade(name).volumes} <= set(known)


@pytest.mark.parametrize(
    ("trade", "has", "lacks"),
    [
        ("saad", {"accounting", "existing", "project", "incidents", "pricing"}, {"health", "social"}),
        ("esms", {"health", "accounting", "project"}, {"social"}),
        ("ccas", {"social", "project"}, {"health", "accounting"}),
        ("federation", {"accounting", "project"}, {"health", "social"}),
    ],
)
def test_each_trade_has_chapters_of_its_own_and_none_of_another(trade, has, lacks):
    chapters = {key.partition("/")[0] for key, _level, _title in questions.iter_proposals(trade)}
    assert has <= chapters
    assert not lacks & chapters
    optional = {chapter.key for chapter in questions.list_chapters() if chapter.is_optional}
    assert lacks <= optional
