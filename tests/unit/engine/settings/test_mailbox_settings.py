"""What the settings say of a mailbox, and what is refused: never everybody as a sender."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from passerelle.engine.settings.mailbox_settings import MailboxSourceSettings

GOOD = {"kind": "mailbox", "host": "imap.exemple.fr", "user": "exports", "password": "env:MOT"}
ADAPTER = TypeAdapter(MailboxSourceSettings)


@pytest.mark.parametrize("sender", ["export@editeur.fr", "@editeur.fr", "prenom.nom+x@sous.editeur.fr"])
def test_senders_are_addresses_or_domains(sender):
    found = ADAPTER.validate_python({**GOOD, "senders": [sender]})
    assert (found.senders, found.port, found.after, found.done) == ((sender,), 993, "archive", "Passerelle")
    assert found.references == ("env:MOT",)
    assert (found.server, found.account) == ("imap.exemple.fr", "imaps://exports@imap.exemple.fr")
    assert found.spot == ("mailbox", "imap.exemple.fr", "exports", "INBOX")


@pytest.mark.parametrize("senders", [[], ["*"], ["editeur.fr"], ["@"], ["@fr"], ["a@b.fr, c@d.fr"], ["Nom <a@b.fr>"]])
def test_everybody_is_no_sender_and_a_list_is_needed(senders):
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python({**GOOD, "senders": senders})
    # one mistake is told once
    assert len(caught.value.errors(include_input=False)) == 1


@pytest.mark.parametrize("changes", [{"senders": None}, {"password": "motdepasse"}, {"after": "keep"}, {"port": 0}])
def test_what_cannot_be_used_is_refused_by_its_key(changes):
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python({**GOOD, "senders": ["@editeur.fr"], **changes})
    assert {problem["loc"][0] for problem in caught.value.errors(include_input=False)} == set(changes)


@pytest.mark.parametrize(("folder", "done"), [("INBOX", "inbox"), ("Exports", "Exports"), ("Passerelle", "Passerelle")])
def test_a_mail_is_not_put_away_into_the_folder_it_was_taken_from(folder, done):
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python({**GOOD, "senders": ["@editeur.fr"], "folder": folder, "done": done})
    assert [problem["loc"] for problem in caught.value.errors(include_input=False)] == [("done",)]
    assert ADAPTER.validate_python({**GOOD, "senders": ["@editeur.fr"], "folder": "Exports", "done": "exports"})


def test_a_folder_of_the_name_that_mails_are_put_away_under_needs_another_name_for_that():
    with pytest.raises(ValidationError):
        ADAPTER.validate_python({**GOOD, "senders": ["@editeur.fr"], "folder": "Passerelle"})
    # mails that are deleted are put nowhere
    assert ADAPTER.validate_python({**GOOD, "senders": ["@editeur.fr"], "folder": "Passerelle", "after": "delete"})
