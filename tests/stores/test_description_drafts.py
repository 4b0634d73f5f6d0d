"""Every version of a description stays, sealed; who changes an older one than is there is told so."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from passerelle.stores.database import open_reader
from passerelle.stores.description_drafts import DescriptionContent

CONTENT = DescriptionContent("agenda", 'id = "agenda"', {"codes/agenda/motives.csv": {"Visite": "visit", "Zzyx": ""}})


def save(journal, make, draft: int, before: int, words: str) -> bool:
    content = DescriptionContent("agenda", words, {})
    return journal.keep_description(draft, content, before=before, who="ali", now=make.now + timedelta(hours=1))


def test_a_version_is_kept_behind_the_one_that_was_seen_alone(journal, make):
    draft = journal.begin_description(CONTENT, who="marie", now=make.now)
    assert save(journal, make, draft, 1, "id = 2")
    assert not save(journal, make, draft, 1, "id = 3")
    assert not save(journal, make, draft + 1, 1, "id = 3")
    last, before = journal.find_descriptions(draft)
    assert (last.version, last.who, last.content.text) == (2, "ali", "id = 2")
    assert (before.version, before.who, before.content) == (1, "marie", CONTENT)
    assert save(journal, make, draft, 2, "id = 4")
    assert [each.version for each in journal.find_descriptions(draft)] == [3, 2]


def test_drafts_are_listed_by_their_last_version_and_go_with_all_of_them(journal, make):
    first = journal.begin_description(CONTENT, who="marie", now=make.now)
    second = journal.begin_description(CONTENT, who="marie", now=make.now)
    save(journal, make, first, 1, "id = 2")
    assert [(each.id, each.version) for each in journal.list_descriptions()] == [(first, 2), (second, 1)]
    journal.remove_description(first)
    assert journal.find_descriptions(first) == ()
    assert [each.id for each in journal.list_descriptions()] == [second]


def test_no_word_of_a_draft_stands_in_clear(journal, make, engine):
    journal.begin_description(CONTENT, who="marie", now=make.now)
    with open_reader(engine) as connection:
        (row,) = connection.execute(text("SELECT * FROM description_draft"))
    assert not any(word in str(row) for word in ("Zzyx", "agenda", "marie"))
