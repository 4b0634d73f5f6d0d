"""Accounts on each database: found by a sealed name, changed with their entry in the trail, a step used once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from passerelle.stores.trail import AuditEntry

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def act(action: str) -> AuditEntry:
    return AuditEntry(0, NOW, action, "marie", "", "racine")


def invite(journal, name: str = "marie", invitation: str = "abc") -> None:
    journal.keep_invitation(
        name, roles="trieur", flows="", invitation=invitation, until=NOW + timedelta(days=7), act=act("account.invite")
    )


def test_an_account_is_found_by_its_name_and_there_once(journal):
    invite(journal)
    invite(journal, invitation="def")
    invite(journal, "ali")
    assert [one.name for one in journal.list_accounts()] == ["marie", "ali"]
    account = journal.find_account("marie")
    assert (account.invitation, account.roles, account.flows, account.is_open) == ("def", ("trieur",), (), False)
    assert journal.get_account(account.id) == account
    assert journal.find_account("léa") is None
    assert journal.get_account(99) is None


def test_an_invitation_is_taken_once_and_a_step_used_once(journal):
    invite(journal)
    number = journal.find_account("marie").id
    assert not journal.take_invitation(number, invitation="autre", secret="s", code_key="k")
    assert journal.take_invitation(number, invitation="abc", secret="s", code_key="k")
    assert not journal.take_invitation(number, invitation="abc", secret="t", code_key="l")
    assert [journal.use_step(number, step) for step in (5, 5, 4, 6)] == [True, False, False, True]
    assert journal.find_account("marie").is_open


def test_an_account_that_is_closed_stays_closed_when_its_roles_change(journal):
    invite(journal)
    number = journal.find_account("marie").id
    journal.take_invitation(number, invitation="abc", secret="s", code_key="k")
    journal.update_account(number, act("account.disable"), disabled_at=NOW)
    journal.update_account(number, act("account.change"), roles="lecteur", flows="visites absences")
    account = journal.get_account(number)
    assert (account.is_open, account.roles, account.flows) == (False, ("lecteur",), ("visites", "absences"))
    assert len(journal.list_audit_entries()) == 3
