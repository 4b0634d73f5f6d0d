"""HTTP clients and API destinations made from a flow's settings, with their credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.edges.destinations.api import ApiDestination
from passerelle.edges.destinations.composed import ComposedDestination
from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.credentials import Basic, Bearer, Credentials, Header, NoCredentials, OAuth2
from passerelle.edges.http.policy import Policy
from passerelle.edges.http.sign_in import SignInCredentials
from passerelle.engine.settings.secrets import resolve
from passerelle.extension.supplier import Send
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from passerelle.engine.adapters.document_writing import Writer
    from passerelle.engine.settings import endpoint_settings as words
    from passerelle.engine.settings.setting_values import CredentialSettings
    from passerelle.extension.supplier import Access
    from passerelle.vocabulary.ports import Clock, Destination


def make_client(
    entry: words.ApiSourceSettings | words.SupplierDestinationSettings, access: Access, clock: Clock
) -> HttpClient:
    """Make a client for one supplier's address only, within the rate that its connector declares."""
    return HttpClient(
        entry.base_url,
        credentials=_make_sign_in(entry, access, clock),
        policy=Policy(allowed_private=entry.allow_private, per_second=access.per_second, in_flight=access.in_flight),
        clock=clock,
    )


def open_api_destination(entry: words.ApiDestinationSettings, clock: Clock, *, settle_unknown: bool) -> Destination:
    """Open an API that takes records in contract form."""
    return ApiDestination(
        entry.base_url,
        send=Send(
            path=entry.path,
            method=entry.method,
            lot=entry.lot,
            key_header=entry.key_header,
            delete_path=entry.delete_path,
        ),
        credentials=_make_credentials(entry, entry.scheme, entry.token_path, entry.header),
        policy=Policy(allowed_private=entry.allow_private, per_second=entry.per_second, in_flight=entry.in_flight),
        clock=clock,
        settle_unknown=settle_unknown,
    )


def open_supplier_destination(
    entry: words.SupplierDestinationSettings, writer: Writer, clock: Clock, *, settle_unknown: bool
) -> Destination:
    """Open a supplier's API that takes records in its own form. Raises FlowError when the connector cannot send."""
    connector = writer.connector
    send = connector.send
    if send is None or not connector.writes:
        raise FlowError("settings.connector.no_send", connector=connector.id)
    return ComposedDestination(
        make_client(entry, connector.access, clock),
        lambda delivery: writer.make_requests(delivery, send),
        send.says,
        in_flight=connector.access.in_flight,
        key_header=send.key_header,
        # without an idempotency key a second try could create the record twice: the first unknown is final
        settle_unknown=settle_unknown or not send.key_header,
        delete_path=send.delete_path,
    )


def make_destination_client(entry: words.ApiDestinationSettings, clock: Clock) -> HttpClient:
    """Make a client for the API of a destination, for requests that deliver nothing, such as a rollback."""
    return HttpClient(
        entry.base_url,
        credentials=_make_credentials(entry, entry.scheme, entry.token_path, entry.header),
        policy=Policy(allowed_private=entry.allow_private, per_second=entry.per_second, in_flight=entry.in_flight),
        clock=clock,
    )


def _make_sign_in(entry: CredentialSettings, access: Access, clock: Clock) -> Credentials:
    """Make the credentials that a connector asks for."""
    sign_in = access.sign_in
    if sign_in is None:
        return _make_credentials(entry, access.scheme, access.token_path, access.header)
    return SignInCredentials(
        path=access.token_path,
        form=sign_in.form,
        signs=sign_in.signs,
        repeats=sign_in.repeats,
        member=sign_in.member,
        life=sign_in.life,
        username=_reveal_needed(entry, "username", access.scheme),
        password=_reveal_needed(entry, "password", access.scheme),
        clock=clock,
    )


def _reveal_needed(entry: CredentialSettings, name: str, scheme: str) -> str:
    """Return a secret that a scheme needs. Raises FlowError when the settings name none."""
    reference = getattr(entry, name)
    if reference is None:
        raise FlowError("settings.credentials.incomplete", scheme=scheme, needed=name)
    return resolve(reference).reveal()


def _make_credentials(entry: CredentialSettings, scheme: str, token_path: str, header: str) -> Credentials:
    def reveal(name: str) -> str:
        return _reveal_needed(entry, name, scheme)

    match scheme:
        case "bearer":
            return Bearer(reveal("token"))
        case "basic":
            return Basic(reveal("username"), reveal("password"))
        case "header":
            return Header(header, reveal("token"))
        case "oauth2":
            return OAuth2(token_path, reveal("client_id"), reveal("client_secret"))
        case _:
            return NoCredentials()
