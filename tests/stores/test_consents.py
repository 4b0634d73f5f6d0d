"""Consents: the latest answer counts, and the table names nobody."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import insert, text

from passerelle.stores import schema
from passerelle.stores.consents import ALL_PURPOSES_ANSWER, Consents, Statement
from passerelle.stores.database import open_database, open_reader, open_writer
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.ref_spelling import LOOSEST, SpellingRule

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
ANNE, BEN = "src:person:anne", "src:person:ben"


@pytest.fixture
def consents(engine, seal) -> Consents:
    return Consents(engine, seal)


def test_an_answer_counts_for_its_purpose_only(consents):
    consents.record(ANNE, "billing", False, NOW)
    assert consents.find_answers("billing", [ANNE, BEN], NOW) == {ANNE: False}
    assert consents.find_answers("support", [ANNE, BEN], NOW) == {}


def test_an_answer_for_everything_counts_for_every_purpose(consents):
    consents.record(ANNE, "*", False, NOW)
    assert (
        consents.find_answers("billing", [ANNE], NOW) == consents.find_answers("support", [ANNE], NOW) == {ANNE: False}
    )


def test_the_latest_answer_counts(consents):
    consents.record(ANNE, "*", False, NOW)
    consents.record(ANNE, "billing", True, NOW)
    assert consents.find_answers("billing", [ANNE], NOW) == {ANNE: True}
    assert consents.find_answers("support", [ANNE], NOW) == {ANNE: False}
    consents.record(ANNE, "*", False, NOW)
    assert consents.find_answers("billing", [ANNE], NOW) == {ANNE: False}
    consents.record(ANNE, "*", True, NOW)
    assert consents.find_answers("billing", [ANNE], NOW) == {ANNE: True}


def test_answers_are_counted_without_saying_who(consents):
    consents.record(ANNE, "billing", False, NOW)
    consents.record(BEN, "billing", False, NOW)
    consents.record(BEN, "*", True, NOW)
    assert consents.count_answers(NOW) == {("*", True): 1, ("billing", False): 1}


def test_a_forgotten_person_never_answered(consents):
    consents.record(ANNE, "billing", False, NOW)
    consents.record(ANNE, "support", True, NOW)
    assert consents.forget([ANNE], NOW) == {ANNE: 2}
    assert consents.forget([ANNE], NOW) == {ANNE: 0}
    assert consents.find_answers("billing", [ANNE], NOW) == {}


def test_many_persons_are_asked_at_once(consents, engine):
    for number in range(20):
        consents.record(f"src:person:{number}", "*", number % 2 == 0, NOW)
    answers = consents.find_answers("billing", [f"src:person:{number}" for number in range(12_000)], NOW)
    assert answers == {f"src:person:{number}": number % 2 == 0 for number in range(20)}
    with open_reader(engine) as connection:
        keys = connection.execute(text("SELECT subject FROM statement")).scalars().all()
    assert all(b"person" not in bytes(key) for key in keys)


@pytest.mark.parametrize("forms", [("NFD", "NFC"), ("NFC", "NFD"), ("NFD", "NFD")])
@pytest.mark.parametrize("encode", [quote, str])
def test_an_answer_binds_however_the_letters_of_the_reference_are_composed(consents, forms, encode):
    recorded, asked = (f"x:person:{encode(unicodedata.normalize(form, 'Hélène~Zoé'))}" for form in forms)
    consents.record(recorded, "steering", False, NOW)
    assert consents.find_answers("steering", [asked], NOW) == {asked: False}
    later = NOW + timedelta(days=1)
    consents.record(asked, "steering", True, later)
    assert consents.find_answers("steering", [recorded], later) == {recorded: True}
    assert consents.forget([recorded], later) == {recorded: 1}


def test_a_refusal_recorded_decomposed_by_an_earlier_version_binds_until_a_later_answer(consents, engine, seal):
    ref, was = (f"x:person:{quote(unicodedata.normalize(form, 'Hélène'))}" for form in ("NFC", "NFD"))
    old = {"subject": seal.pseudonymise("consent", was), "answer": 0, "since": NOW, "recorded_at": NOW}
    more = {"purpose": ALL_PURPOSES_ANSWER, "recipient": "*", "text_version": "", "proof": ""}
    with engine.begin() as connection:
        connection.execute(insert(schema.statement).values(**old, **more))
    assert consents.find_answers("steering", [ref], NOW) == {ref: False}
    later = NOW + timedelta(days=1)
    consents.record(ref, "steering", True, later)
    assert consents.find_answers("steering", [ref], later) == {ref: True}
    assert consents.find_answers("portability", [ref], later) == {ref: False}


def say(ref: str, accepted: bool | None, **more: Any) -> Statement:  # noqa: FBT001  the answer itself
    return Statement(subject=ref, accepted=accepted, **({"since": NOW} | more))


def test_nothing_that_was_said_is_overwritten(consents):
    paper = {"collected": "sur papier", "collected_by": "Mme Untel", "text_version": "notice-3", "proof": "ab" * 32}
    consents.append([say(ANNE, True, purpose="support", **paper)], NOW)
    consents.append([say(ANNE, False)], NOW + timedelta(days=1))
    consents.forget([ANNE], NOW + timedelta(days=2))
    history = consents.list_statements(ANNE, NOW + timedelta(days=3))
    assert [(entry.statement.accepted, entry.counts) for entry in history] == [
        (True, False),
        (False, False),
        (None, False),
    ]
    first = history[0].statement
    assert (first.collected, first.collected_by, first.text_version) == ("sur papier", "Mme Untel", "notice-3")
    assert (first.subject, first.proof) == (ANNE, "ab" * 32)
    assert "Untel" not in repr(history)


def test_an_answer_ends_on_its_day(consents):
    consents.append([say(ANNE, True, until=NOW + timedelta(days=30))], NOW)
    assert consents.find_answers("support", [ANNE], NOW + timedelta(days=29)) == {ANNE: True}
    assert consents.find_answers("support", [ANNE], NOW + timedelta(days=30)) == {}
    assert consents.count_answers(NOW + timedelta(days=30)) == {}


def test_an_answer_may_be_about_one_recipient(consents):
    consents.append([say(ANNE, False, recipient="departement")], NOW)
    assert consents.find_answers("support", [ANNE], NOW, recipients=("mairie",)) == {}
    assert consents.find_answers("support", [ANNE], NOW, recipients=("flux-3", "departement")) == {ANNE: False}
    # where nobody says who receives, it may be the one who was refused
    assert consents.find_answers("support", [ANNE], NOW) == {ANNE: False}


def test_an_acceptance_found_late_does_not_undo_a_refusal_said_after_it(consents):
    consents.append([say(ANNE, False, since=NOW)], NOW)
    consents.append([say(ANNE, True, since=NOW - timedelta(days=9))], NOW + timedelta(days=1))
    assert consents.find_answers("support", [ANNE], NOW + timedelta(days=2)) == {ANNE: False}


def test_a_refusal_recorded_under_a_clock_that_was_ahead_binds_at_once(consents):
    consents.append([say(ANNE, False, since=NOW + timedelta(days=999))], NOW + timedelta(days=999))
    assert consents.find_answers("support", [ANNE], NOW) == {ANNE: False}


@pytest.mark.parametrize(
    ("rule", "same", "other"),
    [
        (SpellingRule(ignores_case=True), ["x:person:ab12", "x:person:AB12"], "x:person:0ab12"),
        (SpellingRule(ignores_zeros=True), ["x:person:00042", "x:person:42"], "x:person:420"),
        (LOOSEST, ["x:person:00%C3%89A", "x:person:%c3%a9a", "x:person:%C3%89a"], "x:person:ea"),
    ],
)
def test_spellings_that_the_supplier_holds_to_be_one_are_one(engine, seal, rule, same, other):
    consents = Consents(engine, seal, lambda: {"x": rule})
    for recorded in same:
        consents.record(recorded, "*", False, NOW)
        assert consents.find_answers("support", [*same, other], NOW) == dict.fromkeys(same, False)
        consents.forget([same[0]], NOW)
        assert consents.find_answers("support", same, NOW) == {}


def test_without_a_rule_case_and_zeros_tell_persons_apart(consents):
    consents.record("x:person:ab", "*", False, NOW)
    assert consents.find_answers("support", ["x:person:AB", "x:person:0ab"], NOW) == {}


def test_erasing_leaves_refusals_alone_without_their_particulars(consents, engine):
    proved = {"collected": "sur papier", "collected_by": "Mme Petit", "proof": "a" * 64}
    for purpose, accepted in (("billing", True), ("support", False), ("pay", False)):
        consents.append([Statement(subject=ANNE, purpose=purpose, accepted=accepted, since=NOW, **proved)], NOW)
    consents.record(BEN, "billing", True, NOW)
    assert consents.erase_statements(ANNE) == 1
    assert consents.erase_statements(ANNE) == 0
    said = [entry.statement for entry in consents.list_statements(ANNE, NOW)]
    assert [(one.purpose, one.accepted, one.collected, one.collected_by, one.proof) for one in said] == [
        ("support", False, "", "", ""),
        ("pay", False, "", "", ""),
    ]
    assert consents.find_answers("billing", [ANNE, BEN], NOW) == {BEN: True}
    with open_reader(engine) as connection:
        kept = connection.execute(text("SELECT count(*) FROM statement WHERE words IS NOT NULL")).scalar_one()
    assert kept == 1, "that of somebody else"


def test_erasing_brings_no_refusal_back_that_was_forgotten(consents):
    consents.record(ANNE, "billing", False, NOW)
    consents.forget([ANNE], NOW)
    consents.record(ANNE, "support", False, NOW)
    assert consents.erase_statements(ANNE) == 2
    assert consents.find_answers("billing", [ANNE], NOW) == {}
    assert consents.find_answers("support", [ANNE], NOW) == {ANNE: False}


def test_erasing_reaches_the_spellings_that_a_supplier_holds_to_be_the_same(engine, seal):
    consents = Consents(engine, seal, lambda: {"src": LOOSEST})
    consents.record("src:person:0AB", "billing", True, NOW)
    assert consents.has_answered("src:person:ab")
    assert consents.erase_statements("src:person:ab") == 1
    assert not consents.has_answered("src:person:0AB")


def test_an_answer_and_its_entry_in_the_trail_are_one_transaction(consents, journal):
    def fail(_statement: Statement) -> AuditEntry:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        consents.append([say(ANNE, False)], NOW, fail)
    assert consents.find_answers("support", [ANNE], NOW) == {}
    consents.append([say(ANNE, False)], NOW, lambda item: AuditEntry(0, NOW, "consent.refuse", item.subject, "", "me"))
    assert [entry.subject for entry in journal.list_audit_entries()] == [ANNE]


def test_answers_of_an_earlier_version_are_statements_after_the_migration(url, seal):
    engine = open_database(url)
    old = (
        "CREATE TABLE consent (person {bytes} NOT NULL, purpose TEXT NOT NULL, accepted INTEGER NOT NULL, "
        "recorded_at BIGINT NOT NULL, PRIMARY KEY (person, purpose))"
    ).format(bytes="BLOB" if engine.dialect.name == "sqlite" else "BYTEA")
    with open_writer(engine) as connection:
        schema.statement.drop(connection)
        connection.execute(text(old))
        for purpose, accepted in (("billing", 1), ("*", 0)):
            row = {"person": seal.pseudonymise("consent", ANNE), "purpose": purpose, "accepted": accepted}
            connection.execute(text("INSERT INTO consent VALUES (:person, :purpose, :accepted, 1767225600000000)"), row)
        connection.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    engine.dispose()
    engine = open_database(url)
    consents = Consents(engine, seal)
    assert consents.find_answers("billing", [ANNE], NOW) == {ANNE: True}
    assert consents.find_answers("support", [ANNE], NOW) == {ANNE: False}
    assert [entry.statement.collected for entry in consents.list_statements(ANNE, NOW)] == ["", ""]
    engine.dispose()


def _say(subject: str, **about: Any) -> Statement:
    return Statement(subject=subject, purpose="billing", accepted=False, since=NOW, **about)


def test_an_answer_that_ends_is_told_again_after_a_clock_that_was_ahead(consents):
    day = timedelta(days=1)
    consents.append([_say(ANNE, until=NOW + day)], NOW)
    consents.keep_mark(consents.find_changed(NOW))
    ahead = consents.find_changed(NOW + 2 * day)
    assert len(ahead.numbers) == 1
    consents.keep_mark(ahead)
    # set right: the answer stands again, and ends when its time comes
    back = consents.find_changed(NOW)
    assert back.numbers == ahead.numbers
    consents.keep_mark(back)
    assert consents.find_changed(NOW).numbers == frozenset()
    assert consents.find_changed(NOW + day).numbers == ahead.numbers


def test_a_clock_that_was_ahead_hides_no_answer_that_is_recorded_since(consents):
    day = timedelta(days=1)
    consents.keep_mark(consents.find_changed(NOW + 9 * day))
    back = consents.find_changed(NOW)
    assert (back.numbers, back.goes_back) == (frozenset(), True)
    consents.keep_mark(back)
    consents.append([_say(ANNE, until=NOW + day)], NOW)
    first = consents.find_changed(NOW)
    consents.keep_mark(first)
    assert consents.find_changed(NOW + day).numbers == first.numbers
