"""What a provider of identities says of itself, its keys, and what it gives for a code (OpenID Connect Discovery 1.0).

All of it comes over the house's client: one origin a call, no redirect, bounded. Nothing is believed of one issuer that
the document of another says: its name must be the one in the settings, letter by letter.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode, urlsplit

from passerelle.edges.http.address import parse_base_address
from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.policy import Policy
from passerelle.vocabulary.errors import FlowError, PasserelleError, TransientError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.vocabulary.ports import Clock, Reply

_SECONDS = 8.0
"""Somebody waits before a page meanwhile."""
_LARGEST = 512 * 1024
_USUAL_PLACE = "/.well-known/openid-configuration"
_FORM = "application/x-www-form-urlencoded"
_REFUSED = 400
_LONGEST_TOKEN = 64 * 1024


@dataclass(frozen=True, slots=True)
class IssuerDocument:
    """What a provider says of itself."""

    authorization: str
    token: str
    keys: str
    end_session: str
    """Where it signs people out; empty where it says nothing of that."""
    takes_secret_in_body: bool
    names_itself: bool
    """Whether its answers say whose they are (RFC 9207)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerAccess:
    """How a provider is reached, and as what it knows us."""

    issuer: str
    discovery: str = ""
    client_id: str
    client_secret: str = field(default="", repr=False)
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class OpenIdIssuer:
    """Asks one provider. Every method raises TransientError `incident.provider.unreachable` when it does not answer."""

    access: IssuerAccess
    clock: Clock

    def read_document(self) -> IssuerDocument:
        """Return what it says of itself. Raises FlowError `incident.provider.document`."""
        access = self.access
        told = self._read_json(self._place, "discovery")
        if told.get("issuer") != access.issuer:
            raise _make_defect("issuer")
        methods = told.get("token_endpoint_auth_methods_supported")
        challenges = told.get("code_challenge_methods_supported")
        if isinstance(challenges, list) and "S256" not in challenges:
            raise _make_defect("S256")
        end = told.get("end_session_endpoint")
        return IssuerDocument(
            authorization=self._check_address(told, "authorization_endpoint"),
            token=self._check_address(told, "token_endpoint"),
            keys=self._check_address(told, "jwks_uri"),
            end_session=self._check_address(told, "end_session_endpoint") if end else "",
            takes_secret_in_body=isinstance(methods, list)
            and "client_secret_post" in methods
            and "client_secret_basic" not in methods,
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        )

    def read_keys(self, document: IssuerDocument) -> tuple[dict[str, Any], ...]:
        """Return its public keys, as they stand in its document. Raises FlowError `incident.provider.document`."""
        keys = self._read_json(document.keys, "jwks_uri").get("keys")
        if not isinstance(keys, list):
            raise _make_defect("jwks_uri")
        return tuple(key for key in keys if isinstance(key, dict))

    def read_moment(self) -> datetime | None:
        """Return what time it has; None when it does not say."""
        told = self._call(self._place, "discovery").headers.get("date", "")
        try:
            moment = parsedate_to_datetime(told)
        except (ValueError, OverflowError):
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def _place(self) -> str:
        """Where it describes itself."""
        return self.access.discovery or self.access.issuer.rstrip("/") + _USUAL_PLACE

    def exchange_code(self, document: IssuerDocument, code: str, verifier: str, redirect_uri: str) -> str:
        """Return the ID token that it gives for a code.

        Raises UsageError `usage.provider.refused` for a code that it refuses, FlowError where it does not take us.
        """
        access = self.access
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"content-type": _FORM, "accept": "application/json"}
        if not access.client_secret:
            form["client_id"] = access.client_id
        elif document.takes_secret_in_body:
            form |= {"client_id": access.client_id, "client_secret": access.client_secret}
        else:
            pair = f"{quote_plus(access.client_id)}:{quote_plus(access.client_secret)}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        try:
            reply = self._call(document.token, "token_endpoint", urlencode(form).encode(), headers)
        except FlowError as error:
            if error.code in ("incident.credentials.refused", "incident.access.forbidden"):
                raise _make_defect("client_secret") from None
            raise
        if reply.status >= _REFUSED:
            raise UsageError("usage.provider.refused")
        token = _read_object(reply, "token_endpoint").get("id_token")
        if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN:
            raise UsageError("usage.provider.unproven", defect="id_token")
        return token

    def _check_address(self, told: Mapping[str, Any], name: str) -> str:
        """Return an address of the document. Raises FlowError for one that is in clear, or none."""
        address = told.get(name)
        try:
            # a provider that is itself on this machine, for a trial, may name addresses there; no other may
            parse_base_address(address if isinstance(address, str) else "", private=False)
        except PasserelleError:
            raise _make_defect(name) from None
        parts = urlsplit(str(address))
        if parts.username or parts.fragment or (parts.scheme == "http" and not self.access.issuer.startswith("http:")):
            raise _make_defect(name)
        return str(address)

    def _read_json(self, address: str, name: str) -> dict[str, Any]:
        reply = self._call(address, name)
        if reply.status >= _REFUSED:
            raise _make_defect(name)
        return _read_object(reply, name)

    def _call(
        self, address: str, name: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        policy = Policy(
            allowed_private=self.access.allow_private, deadline=_SECONDS, max_bytes=_LARGEST, attempts=2, per_second=0
        )
        parts = urlsplit(address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        client = HttpClient(f"{parts.scheme}://{parts.netloc}", policy=policy, clock=self.clock)
        try:
            return client.get(path) if body is None else client.post(path, body, headers)
        except TransientError:
            raise TransientError("incident.provider.unreachable") from None
        except FlowError as error:
            if body is not None and error.code.startswith(("incident.credentials", "incident.access")):
                raise
            raise _make_defect(name) from None
        finally:
            client.close()


def _read_object(reply: Reply, name: str) -> dict[str, Any]:
    try:
        told = json.loads(reply.content)
    except (ValueError, RecursionError):
        raise _make_defect(name) from None
    if not isinstance(told, dict):
        raise _make_defect(name)
    return told


def _make_defect(name: str) -> FlowError:
    """Return the error for what a document lacks; `name` is a word of the standard, or of our settings."""
    return FlowError("incident.provider.document", defect=name)
