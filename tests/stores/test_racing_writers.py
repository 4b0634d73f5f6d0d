"""Two processes that write the same at the same moment: what one decides from what is there, it decides alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Barrier, Event

import pytest
from sqlalchemy import select
from token_terms import NOW, act

from passerelle.stores.api_store import ApiStore
from passerelle.stores.consents import Consents, Statement
from passerelle.stores.database import open_database, open_reader
from passerelle.stores.description_drafts import DescriptionContent
from passerelle.stores.incidents import Incident
from passerelle.stores.journal import Journal
from passerelle.stores.schema import alert_message

TRIES = 6
CONTENT = DescriptionContent("logiciel", 'id = "logiciel"', {})


@pytest.fixture
def journals(journal_url, seal):
    engines = [open_database(journal_url) for _one in range(2)]
    yield [Journal(engine, seal) for engine in engines]
    for engine in engines:
        engine.dispose()


def race(journals, write):
    """Let both write at once; return what each was told."""
    together = Barrier(2)

    def one(journal):
        together.wait()
        return write(journal)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, journals))


def test_two_drafts_that_are_begun_at_once_have_two_numbers(journals):
    for _nth in range(TRIES):
        told = race(journals, lambda journal: journal.begin_description(CONTENT, who="marie", now=NOW))
        assert len(set(told)) == 2


def test_of_two_who_keep_the_same_version_one_is_told(journals):
    draft = journals[0].begin_description(CONTENT, who="marie", now=NOW)
    for nth in range(1, TRIES):
        told = race(
            journals,
            lambda journal, nth=nth: journal.keep_description(draft, CONTENT, before=nth, who="marie", now=NOW),
        )
        assert sorted(told) == [False, True]


def test_of_two_pages_that_sign_somebody_in_for_the_first_time_one_makes_the_account(journals):
    about = {"roles": "lecteur", "flows": "", "act": act("account.make")}
    for nth in range(TRIES):
        told = race(
            journals,
            lambda journal, nth=nth: journal.keep_group_account(
                f"marie{nth}", "https://compte.exemple", f"sujet{nth}", **about
            ),
        )
        assert sorted(told) == [False, True]


def test_who_is_invited_twice_at_once_has_one_account(journals):
    for nth in range(TRIES):
        race(
            journals,
            lambda journal, nth=nth: journal.keep_invitation(
                f"paul{nth}",
                roles="lecteur",
                flows="",
                invitation=f"lien{nth}",
                until=NOW + timedelta(days=1),
                act=act("account.invite"),
            ),
        )
    assert len(journals[0].list_accounts()) == TRIES


def test_a_fault_that_two_find_at_once_is_told_once(journals):
    for nth in range(TRIES):
        found = [Incident("visites", f"incident.essai.n{nth}", NOW)]
        told = race(journals, lambda journal, found=found: journal.compare_incidents(found, ("mail",), NOW))
        assert sorted(map(bool, told)) == [False, True]


def test_a_message_that_two_channels_take_at_once_is_forgotten(journals, engine):
    for nth in range(TRIES):
        found = [Incident("visites", f"incident.essai.n{nth}", NOW)]
        number = journals[0].compare_incidents(found, ("mail", "texto"), NOW)
        channels = iter(("mail", "texto"))
        race(journals, lambda journal, number=number, channels=channels: journal.mark_sent(number, next(channels)))
        with open_reader(engine) as connection:
            left = connection.execute(select(alert_message.c.id).where(alert_message.c.id == number)).all()
        assert left == []


def test_rules_and_marks_that_two_note_at_once_are_noted(journals, seal):
    books = [ApiStore(journal._engine, seal) for journal in journals]
    says = [Consents(journal._engine, seal) for journal in journals]
    for nth in range(TRIES):
        race(books, lambda book, nth=nth: book.keep_rules("run", {f"gens{nth}": "opposition True"}))
        race(says, lambda consents: consents.keep_mark(consents.find_changed(NOW)))
    assert len(books[0].list_rules("run")) == TRIES


def test_no_answer_is_passed_over_whose_transaction_ends_after_a_later_one(journals, seal):
    # whoever tells followers goes on from the number of the last answer that was there
    slow, quick = (Consents(journal._engine, seal) for journal in journals)
    goes_on, has_begun = Event(), Event()

    def describe(_statement):
        has_begun.set()
        assert goes_on.wait(30)
        return act("consent.record")

    answers = [Statement(subject=f"src:person:{name}", purpose="billing", accepted=False, since=NOW) for name in "ab"]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(slow.append, answers[:1], NOW, describe)
        assert has_begun.wait(30)
        second = pool.submit(quick.append, answers[1:], NOW)
        wait([second], timeout=0.3)
        told = quick.find_changed(NOW).numbers
        goes_on.set()
        first.result()
        second.result()
    later = frozenset(number for number in quick.find_changed(NOW).numbers if number > max(told, default=0))
    assert len(told | later) == 2
