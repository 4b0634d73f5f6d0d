"""Accounts: somebody is invited on the command line, chooses a secret in the browser, and proves both to sign in.

Whether a name is unknown, a secret wrong or a code too old is never told apart: the work is the same, and so are the
words.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from passerelle.engine.accounts.second_factor import find_step, make_code_key
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from argon2 import PasswordHasher

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.accounts import Account

INVITATION_TIME = timedelta(days=7)
SHORTEST_SECRET = 12
"""Characters. Length is what protects; nothing is asked of their kind (NIST SP 800-63B, ANSSI)."""
LONGEST_SECRET = 200
LONGEST_NAME = 80
_HASHING = threading.BoundedSemaphore(2)
"""Hashes at the same time: each takes 64 MiB, and a crowd at the door may not take the memory of a run."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What somebody who was invited has chosen, until the first code shows that their telephone has the key."""

    account: int
    name: str
    invitation: str = field(repr=False)
    secret: str = field(repr=False)
    """Its hash."""
    code_key: str = field(repr=False)


def issue_invitation(
    workspace: Workspace, name: str, *, roles: Collection[str], flows: Collection[str], who: str
) -> str:
    """Make an account, or have its owner begin anew, and return the code that opens it once.

    Raises UsageError for a name that cannot be one, without a role, and for an unknown flow.
    """
    name = normalise_name(name)
    if not name:
        raise UsageError("usage.account.name")
    check_roles(roles)
    named = [workspace.settings.get_flow(flow).name for flow in flows]
    code, now = secrets.token_hex(10), workspace.clock.now()
    workspace.journal.keep_invitation(
        name,
        roles=" ".join(sorted(roles)),
        flows=" ".join(named),
        invitation=_digest(code),
        until=now + INVITATION_TIME,
        act=AuditEntry(0, now, "account.invite", name, " ".join(sorted(roles)), who),
    )
    return code


def replace_roles(workspace: Workspace, name: str, *, roles: Collection[str], flows: Collection[str], who: str) -> None:
    """Replace the roles and flows of an account. Raises UsageError: unknown account or flow, no role."""
    account = _get_account(workspace, name)
    check_roles(roles)
    named = [workspace.settings.get_flow(flow).name for flow in flows]
    text = " ".join(sorted(roles))
    act = AuditEntry(0, workspace.clock.now(), "account.change", account.name, text, who)
    workspace.journal.update_account(account.id, act, roles=text, flows=" ".join(named))


def disable(workspace: Workspace, name: str, *, who: str) -> None:
    """Disable an account: its sessions end with their next page. Raises UsageError for an unknown one."""
    account, now = _get_account(workspace, name), workspace.clock.now()
    act = AuditEntry(0, now, "account.disable", account.name, "", who)
    workspace.journal.update_account(account.id, act, disabled_at=now)


def begin_enrolment(workspace: Workspace, name: str, code: str, secret: str) -> Enrolment | None:
    """Return what an invited person has chosen, with a new key of codes; None when nothing invites them so.

    Raises UsageError `usage.account.secret` for a secret that is too short, or too long.
    """
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        raise UsageError("usage.account.secret", least=str(SHORTEST_SECRET))
    account = workspace.journal.find_account(normalise_name(name))
    with _HASHING:
        hashed = _get_hasher().hash(secret)
    given = _digest(code.strip())
    known = account.invitation if account is not None and account.disabled_at is None else ""
    is_meant = hmac.compare_digest(known or _digest(""), given) and bool(known)
    if account is None or not is_meant:
        return None
    if account.invited_until is None or account.invited_until <= workspace.clock.now():
        return None
    return Enrolment(account.id, account.name, account.invitation, hashed, make_code_key())


def end_enrolment(workspace: Workspace, enrolment: Enrolment, code: str) -> Account | None:
    """Open the account once the telephone shows the right code, and return it; None for a wrong code."""
    step = find_step(enrolment.code_key, code, workspace.clock.now())
    if step is None:
        return None
    journal = workspace.journal
    if not journal.take_invitation(
        enrolment.account, invitation=enrolment.invitation, secret=enrolment.secret, code_key=enrolment.code_key
    ):
        return None
    journal.use_step(enrolment.account, step)
    return journal.get_account(enrolment.account)


def prove_owner(workspace: Workspace, name: str, secret: str, code: str) -> Account | None:
    """Return the account of somebody who knows its secret and has its telephone; None in every other case."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415  only who signs in pays for it

    account = workspace.journal.find_account(normalise_name(name))
    # an account may have no secret: its owner signs in through a provider
    is_there = account is not None and account.is_open and bool(account.secret)
    # the same work for a name that nobody has
    hashed = account.secret if account is not None and is_there else _make_decoy()
    is_right = True
    try:
        with _HASHING:
            _get_hasher().verify(hashed, secret[:LONGEST_SECRET])
    except (VerificationError, InvalidHashError):
        is_right = False
    if account is None or not is_there or not is_right:
        return None
    step = find_step(account.code_key, code, workspace.clock.now())
    if step is None or not workspace.journal.use_step(account.id, step):
        return None
    return account


def normalise_name(name: str) -> str:
    """Return a name as it is kept; empty when it cannot be one: names stand in the audit trail, and in tables."""
    text = " ".join(unicodedata.normalize("NFC", name).casefold().split())
    return text if 0 < len(text) <= LONGEST_NAME and text.isprintable() else ""


def check_roles(roles: Collection[str]) -> None:
    """Raise UsageError without a role, and where an administrator would see values of records."""
    if not roles:
        raise UsageError("usage.account.roles")
    if {"administrateur", "trieur"} <= set(roles):
        raise UsageError("usage.account.both")


def _get_account(workspace: Workspace, name: str) -> Account:
    account = workspace.journal.find_account(normalise_name(name))
    if account is None:
        raise UsageError("usage.account.unknown")
    return account


@cache
def _get_hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # noqa: PLC0415  only who signs in pays for it

    return PasswordHasher()


@cache
def _make_decoy() -> str:
    return _get_hasher().hash(secrets.token_hex(16))


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
