"""Who somebody is to a provider: bound once by an invitation, or made for a group, and gone when they begin anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from passerelle.stores.identities import Identity
from passerelle.stores.trail import AuditEntry

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ISSUER = "https://identite.exemple.fr"


def act(action: str = "account.bind") -> AuditEntry:
    return AuditEntry(0, NOW, action, "marie", "", "racine")


def invite(journal, name: str = "marie", invitation: str = "abc") -> int:
    until = NOW + timedelta(days=7)
    journal.keep_invitation(name, roles="trieur", flows="", invitation=invitation, until=until, act=act())
    return journal.find_account(name).id


def test_a_subject_is_bound_by_an_invitation_once(journal):
    number = invite(journal)
    assert not journal.bind_identity(number, ISSUER, "s1", invitation="autre", act=act())
    assert not journal.bind_identity(number, ISSUER, "s1", invitation="", act=act())
    assert journal.find_identity(ISSUER, "s1") is None
    assert not journal.get_account(number).is_open
    assert journal.bind_identity(number, ISSUER, "s1", invitation="abc", act=act())
    assert journal.find_identity(ISSUER, "s1") == Identity(number, by_groups=False)
    assert journal.find_identity("https://autre.exemple.fr", "s1") is None
    assert journal.get_account(number).is_open
    assert journal.has_identity(number)
    # one that was used opens nothing more, and a subject has one account
    assert not journal.bind_identity(number, ISSUER, "s2", invitation="abc", act=act())
    other = invite(journal, "ali", "def")
    assert not journal.bind_identity(other, ISSUER, "s1", invitation="def", act=act())
    assert not journal.has_identity(other)
    assert len(journal.list_audit_entries()) == 3


def test_an_account_that_is_closed_is_bound_to_nobody(journal):
    number = invite(journal)
    journal.update_account(number, act(), disabled_at=NOW)
    assert not journal.bind_identity(number, ISSUER, "s1", invitation="abc", act=act())


def test_who_begins_anew_is_unknown_to_the_provider_and_signed_out(journal):
    number = invite(journal)
    journal.bind_identity(number, ISSUER, "s1", invitation="abc", act=act())
    journal.keep_session("a" * 64, number, NOW, oldest=NOW)
    assert invite(journal, invitation="ghi") == number
    assert journal.find_identity(ISSUER, "s1") is None
    assert journal.find_kept_session("a" * 64) is None
    assert not journal.get_account(number).is_open


def test_an_account_for_a_group_takes_nobody_elses_name(journal):
    invite(journal)
    keep = lambda name, subject: journal.keep_group_account(  # noqa: E731  said three times
        name, ISSUER, subject, roles="lecteur", flows="visites", act=act()
    )
    assert not keep("marie", "s1")
    assert keep("ali", "s1")
    assert not keep("lea", "s1")
    account = journal.find_account("ali")
    assert (account.roles, account.flows, account.is_open) == (("lecteur",), ("visites",), True)
    assert journal.find_identity(ISSUER, "s1") == Identity(account.id, by_groups=True)
