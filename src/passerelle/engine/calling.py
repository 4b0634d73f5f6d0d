"""Calling other machines: clients and API destinations as a flow's settings ask for them, with their credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.edges.destinations.api import ApiDestination
from passerelle.edges.destinations.composed import ComposedDestination
from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.credentials import Basic, Bearer, Credentials, Header, NoCredentials, OAuth2
from passerelle.edges.http.policy import Policy
from passerelle.edges.http.sign_in import SignInCredentials
from passerelle.engine.secrets import resolve
from passerelle.extension.supplier import Send
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from passerelle.engine import settings as words
    from passerelle.engine.writing import Writer
    from passerelle.extension.supplier import Access
    from passerelle.vocabulary.ports import Clock, Destination


def client(
    entry: words.ApiSourceSettings | words.SupplierDestinationSettings, access: Access, clock: Clock
) -> HttpClient:
    """Make the client that may speak to one supplier only, as politely as its connector asks."""
    return HttpClient(
        entry.base_url,
        credentials=_access(entry, access, clock),
        policy=Policy(allowed_private=entry.allow_private, per_second=access.per_second, in_flight=access.in_flight),
        clock=clock,
    )


def destination(entry: words.ApiDestinationSettings, clock: Clock, *, settle_unknown: bool) -> Destination:
    """Open an API where records go out."""
    return ApiDestination(
        entry.base_url,
        send=Send(path=entry.path, method=entry.method, lot=entry.lot, key_header=entry.key_header),
        credentials=_credentials(entry, entry.scheme, entry.token_path, entry.header),
        policy=Policy(allowed_private=entry.allow_private, per_second=entry.per_second, in_flight=entry.in_flight),
        clock=clock,
        settle_unknown=settle_unknown,
    )


def composed(
    entry: words.SupplierDestinationSettings, writer: Writer, clock: Clock, *, settle_unknown: bool
) -> Destination:
    """Open a supplier's API where records go out in its own words. Raises FlowError when the connector cannot send."""
    connector = writer.connector
    send = connector.send
    if send is None or not connector.writes:
        raise FlowError("settings.connector.no_send", connector=connector.id)
    return ComposedDestination(
        client(entry, connector.access, clock),
        lambda ready: writer.requests(ready, send),
        send.says,
        in_flight=connector.access.in_flight,
        key_header=send.key_header,
        settle_unknown=settle_unknown or not send.key_header,
    )


def towards(entry: words.ApiDestinationSettings, clock: Clock) -> HttpClient:
    """Make a client towards an API where records go out, for what is not a delivery."""
    return HttpClient(
        entry.base_url,
        credentials=_credentials(entry, entry.scheme, entry.token_path, entry.header),
        policy=Policy(allowed_private=entry.allow_private, per_second=entry.per_second, in_flight=entry.in_flight),
        clock=clock,
    )


def _access(entry: words.CredentialSettings, access: Access, clock: Clock) -> Credentials:
    """Make the credentials that a connector asks for."""
    how = access.sign_in
    if how is None:
        return _credentials(entry, access.scheme, access.token_path, access.header)
    return SignInCredentials(
        path=access.token_path,
        form=how.form,
        signs=how.signs,
        repeats=how.repeats,
        member=how.member,
        life=how.life,
        username=_given(entry, "username", access.scheme),
        password=_given(entry, "password", access.scheme),
        clock=clock,
    )


def _given(entry: words.CredentialSettings, name: str, scheme: str) -> str:
    reference = getattr(entry, name)
    if reference is None:
        raise FlowError("settings.credentials.incomplete", scheme=scheme, needed=name)
    return resolve(reference).reveal()


def _credentials(entry: words.CredentialSettings, scheme: str, token_path: str, header: str) -> Credentials:
    def given(name: str) -> str:
        return _given(entry, name, scheme)

    match scheme:
        case "bearer":
            return Bearer(given("token"))
        case "basic":
            return Basic(given("username"), given("password"))
        case "header":
            return Header(header, given("token"))
        case "oauth2":
            return OAuth2(token_path, given("client_id"), given("client_secret"))
        case _:
            return NoCredentials()
