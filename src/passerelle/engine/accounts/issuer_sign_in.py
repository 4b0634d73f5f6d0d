"""Signing in through a provider of identities: authorization code, PKCE, state and nonce (OpenID Connect Core 1.0).

Whose account it is, is never what a name or an address says: a subject of the provider is bound to an account once, by
an invitation, by a proven address where the settings allow it, or by a group that the settings give a role.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from passerelle.engine.accounts.account_acts import check_roles, normalise_name
from passerelle.engine.accounts.identity_tokens import has_unknown_key, prove_token
from passerelle.engine.adapters.identity_issuer import make_access
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.edges.http.openid_issuer import IssuerDocument, OpenIdIssuer
    from passerelle.engine.settings.oidc_settings import OidcSettings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.accounts import Account
    from passerelle.vocabulary.ports import Clock

_KEPT = timedelta(hours=1)
"""How long what a provider says of itself is believed."""
_AGAIN = timedelta(minutes=1)
"""How soon its keys are read again, when a token names another."""


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """What a provider was asked, until it answers."""

    redirect_uri: str
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    account: int = 0
    """Whose invitation is taken up with the answer; 0: nobody's."""
    invitation: str = field(default="", repr=False)


class IdentityIssuer:
    """The provider of the settings. What it says of itself is kept for an hour. Safe for several threads."""

    def __init__(self, settings: OidcSettings, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._document: tuple[IssuerDocument, datetime] | None = None
        self._keys: tuple[tuple[dict[str, Any], ...], datetime] = (), clock.now() - _KEPT

    def make_address(self, asked: SignInRequest, state: str) -> str:
        """Return where the browser asks the provider. Raises as `OpenIdIssuer.read_document`."""
        settings = self.settings
        digest = hashlib.sha256(asked.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": asked.redirect_uri,
            "scope": " ".join(dict.fromkeys(("openid", *settings.scopes))),
            "state": state,
            "nonce": asked.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        if settings.acr:
            query["acr_values"] = " ".join(settings.acr)
        return _add_query(self._read_document().authorization, query)

    def prove(self, asked: SignInRequest, answer: Mapping[str, str]) -> dict[str, Any]:
        """Return the claims of whoever comes back with an answer. Raises UsageError, TransientError, FlowError."""
        document = self._read_document()
        named = answer.get("iss")
        # an answer of another provider, whose code would be asked of this one
        if (named is None and document.names_itself) or (named is not None and named != self.settings.issuer):
            raise UsageError("usage.provider.unproven", defect="iss")
        if not (code := answer.get("code", "")):
            raise UsageError("usage.provider.refused")
        token = self._make_client().exchange_code(document, code, asked.verifier, asked.redirect_uri)
        keys = self._read_keys(document, token)
        return prove_token(token, keys, self.settings, asked.nonce, self._clock.now())

    def make_leaving(self, back: str) -> str:
        """Return where somebody leaves the provider too; empty where it says nothing of that."""
        end = self._read_document().end_session
        # no token is named: it would have to be kept, and would stand in an address
        return _add_query(end, {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}) if end else ""

    def _make_client(self) -> OpenIdIssuer:
        return make_access(self.settings, self._clock)

    def _read_document(self) -> IssuerDocument:
        now = self._clock.now()
        if self._document is None or not timedelta(0) <= now - self._document[1] < _KEPT:
            document = self._make_client().read_document()
            with self._lock:
                self._document = document, now
        return self._document[0]

    def _read_keys(self, document: IssuerDocument, token: str) -> tuple[dict[str, Any], ...]:
        """Return its keys, read again when a token names one that is not among them, though not for each such token."""
        now = self._clock.now()
        keys, read = self._keys
        age = now - read
        if not timedelta(0) <= age < _KEPT or (age >= _AGAIN and has_unknown_key(token, keys)):
            keys = self._make_client().read_keys(document)
            with self._lock:
                self._keys = keys, now
        return keys


def find_invited(workspace: Workspace, name: str, code: str) -> Account | None:
    """Return the account that an invitation opens; None for every other name and code alike."""
    account = workspace.journal.find_account(normalise_name(name))
    given = hashlib.sha256(code.strip().encode("utf-8", "surrogatepass")).hexdigest()
    known = account.invitation if account is not None and is_waiting(account, workspace.clock.now()) else ""
    is_meant = hmac.compare_digest(known or "-" * len(given), given)
    return account if is_meant else None


def is_waiting(account: Account, now: datetime) -> bool:
    """Whether an account waits for its owner still."""
    until = account.invited_until
    return bool(account.invitation) and account.disabled_at is None and until is not None and now < until


def find_owner(
    workspace: Workspace, settings: OidcSettings, claims: Mapping[str, Any], asked: SignInRequest
) -> Account:
    """Return the account of somebody whom the provider has proven. Raises UsageError `usage.provider.…`."""
    journal, subject = workspace.journal, str(claims["sub"])
    identity = journal.find_identity(settings.issuer, subject)
    if identity is None:
        waiting = _find_waiting(workspace, settings, claims, asked)
        if waiting is not None:
            _bind(workspace, settings, subject, waiting)
        else:
            _admit_by_group(workspace, settings, claims)
        identity = journal.find_identity(settings.issuer, subject)
    account = journal.get_account(identity.account) if identity is not None else None
    if identity is None or account is None or not account.is_open:
        raise UsageError("usage.provider.unknown")
    if identity.by_groups:
        account = _follow_groups(workspace, settings, claims, account)
    return account


def _find_waiting(
    workspace: Workspace, settings: OidcSettings, claims: Mapping[str, Any], asked: SignInRequest
) -> Account | None:
    """Return the account that waits for somebody: by the invitation that was typed, or by a proven address."""
    now = workspace.clock.now()
    if asked.account:
        account = workspace.journal.get_account(asked.account)
        is_meant = account is not None and account.invitation == asked.invitation
        return account if account is not None and is_meant and is_waiting(account, now) else None
    address = claims.get("email")
    if not settings.verified_email or claims.get("email_verified") is not True or not isinstance(address, str):
        return None
    account = workspace.journal.find_account(normalise_name(address)) if "@" in address else None
    # an account that somebody has is nobody else's, whatever address a provider gives
    return account if account is not None and not account.secret and is_waiting(account, now) else None


def _bind(workspace: Workspace, settings: OidcSettings, subject: str, account: Account) -> None:
    act = AuditEntry(0, workspace.clock.now(), "account.bind", account.name, settings.title, account.name)
    workspace.journal.bind_identity(account.id, settings.issuer, subject, invitation=account.invitation, act=act)


def _admit_by_group(workspace: Workspace, settings: OidcSettings, claims: Mapping[str, Any]) -> None:
    """Make an account for somebody of a group that has a role."""
    roles, flows = read_rights(settings, claims)
    if not roles:
        return
    given = claims.get(settings.name_claim)
    name = normalise_name(given) if isinstance(given, str) else ""
    act = AuditEntry(0, workspace.clock.now(), "account.bind", name, " ".join((*roles, settings.title)), name)
    if not name or not workspace.journal.keep_group_account(
        name, settings.issuer, str(claims["sub"]), roles=" ".join(roles), flows=" ".join(flows), act=act
    ):
        raise UsageError("usage.provider.name")


def _follow_groups(
    workspace: Workspace, settings: OidcSettings, claims: Mapping[str, Any], account: Account
) -> Account:
    """Have an account that was made for a group do what its groups may now; nothing, once they may nothing."""
    roles, flows = read_rights(settings, claims)
    if (roles, flows) != (account.roles, account.flows):
        act = AuditEntry(0, workspace.clock.now(), "account.change", account.name, " ".join(roles), settings.title)
        workspace.journal.update_account(account.id, act, roles=" ".join(roles), flows=" ".join(flows))
    found = workspace.journal.get_account(account.id)
    if found is None or not roles:
        raise UsageError("usage.provider.unknown")
    return found


def read_rights(settings: OidcSettings, claims: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the roles and flows of the groups that claims tell. Raises UsageError `usage.account.both`.

    Where one group is for certain flows, another does not widen that: the same person has one set of flows.
    """
    told: Any = claims
    for part in settings.groups_claim.split("."):
        told = told.get(part) if isinstance(told, dict) else None
    names = {one for one in told if isinstance(one, str)} if isinstance(told, list) else set()
    rights = [right for name, right in settings.groups.items() if name in names]
    roles = tuple(sorted({right.role for right in rights}))
    if roles:
        check_roles(roles)
    return roles, tuple(sorted({flow for right in rights for flow in right.flows}))


def _add_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
