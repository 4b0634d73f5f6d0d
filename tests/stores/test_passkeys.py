"""Passkeys on each database: kept with their entry in the trail, used once a count, gone with their account's past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from passerelle.stores.passkeys import MOST, Passkey
from passerelle.stores.trail import AuditEntry

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY = Passkey(
    account=7,
    credential=b"\x00\xff" * 16,
    public_key=b"public",
    name="ordinateur Zzyx",
    handle=b"handle",
    sign_count=3,
    may_be_copied=True,
    is_copied=False,
    made_at=NOW,
)


def act(action: str = "account.passkey_add") -> AuditEntry:
    return AuditEntry(0, NOW, action, "marie", "", "marie")


def test_a_passkey_is_found_as_it_was_kept_and_is_one_accounts(journal):
    assert journal.keep_passkey(KEY, act())
    assert journal.find_passkey(KEY.credential) == replace(KEY, id=1)
    assert journal.find_passkey(b"autre") is None
    assert not journal.keep_passkey(replace(KEY, account=8), act())
    assert journal.list_passkeys(8) == ()
    assert len(journal.list_audit_entries()) == 1


def test_what_a_passkey_showed_serves_once(journal):
    journal.keep_passkey(KEY, act())
    kept = journal.find_passkey(KEY.credential)
    later = NOW + timedelta(days=1)
    assert journal.use_passkey(kept, sign_count=4, is_copied=True, now=later)
    assert not journal.use_passkey(kept, sign_count=5, is_copied=True, now=later)
    used = journal.find_passkey(KEY.credential)
    assert (used.sign_count, used.is_copied, used.used_at) == (4, True, later)


def test_a_passkey_is_removed_by_its_account_alone(journal):
    journal.keep_passkey(KEY, act())
    assert not journal.drop_passkey(8, 1, act("account.passkey_remove"))
    assert journal.drop_passkey(7, 1, act("account.passkey_remove"))
    assert not journal.drop_passkey(7, 1, act("account.passkey_remove"))
    assert journal.list_passkeys(7) == ()
    assert [entry.action for entry in journal.list_audit_entries()] == ["account.passkey_add", "account.passkey_remove"]


def test_an_account_has_so_many_passkeys_and_none_after_it_began_anew(journal):
    until = NOW + timedelta(days=7)
    invite = lambda: journal.keep_invitation(  # noqa: E731  said twice
        "marie", roles="trieur", flows="", invitation="abc", until=until, act=act("account.invite")
    )
    invite()
    number = journal.find_account("marie").id
    kept = [
        journal.keep_passkey(replace(KEY, account=number, credential=bytes([nth])), act()) for nth in range(MOST + 1)
    ]
    assert kept == [True] * MOST + [False]
    invite()
    assert journal.list_passkeys(number) == ()
