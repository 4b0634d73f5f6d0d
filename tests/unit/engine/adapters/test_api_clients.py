"""Clients and destinations made from settings: the credentials that are asked for, and a no where something lacks."""

from __future__ import annotations

import pytest

from passerelle import Connector, Csv
from passerelle.contracts.field_meta import Purpose
from passerelle.edges.destinations.composed import ComposedDestination
from passerelle.edges.http.credentials import Basic, Bearer, Header, NoCredentials, OAuth2
from passerelle.edges.http.sign_in import SignInCredentials
from passerelle.engine.adapters.api_clients import (
    make_client,
    make_destination_client,
    open_api_destination,
    open_supplier_destination,
)
from passerelle.engine.adapters.document_writing import Writer
from passerelle.engine.adapters.related_records import RelatedRecords
from passerelle.engine.clock import SystemClock
from passerelle.engine.settings.endpoint_settings import (
    ApiDestinationSettings,
    ApiSourceSettings,
    SupplierDestinationSettings,
)
from passerelle.extension.supplier import Access, Send, SignIn, Supplier
from passerelle.extension.writing import Writing
from passerelle.stages.render.shape import Cell, JsonShape, Rows
from passerelle.vocabulary.errors import FlowError

CLOCK = SystemClock()
SECRETS = ("token", "username", "password", "client_id", "client_secret")
URL = "https://logiciel.example/"


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    for name in SECRETS:
        monkeypatch.setenv(f"TEST_{name.upper()}", f"invented-{name}")


def source(*names):
    references = {name: f"env:TEST_{name.upper()}" for name in names or SECRETS}
    return ApiSourceSettings(kind="api", base_url=URL, **references)


@pytest.mark.parametrize(
    ("access", "kind"),
    [
        (Access(), NoCredentials),
        (Access(scheme="bearer"), Bearer),
        (Access(scheme="basic"), Basic),
        (Access(scheme="header", header="X-Key"), Header),
        (Access(scheme="oauth2", token_path="token"), OAuth2),
        (Access(scheme="sign_in", token_path="login", sign_in=SignIn(form={})), SignInCredentials),
    ],
)
def test_a_connector_gets_the_credentials_that_it_asks_for(access, kind):
    client = make_client(source(), access, CLOCK)
    assert type(client._credentials) is kind
    assert "invented" not in repr(client._credentials)


@pytest.mark.parametrize(
    ("access", "given_names", "needed"),
    [
        (Access(scheme="bearer"), ("username",), "token"),
        (Access(scheme="basic"), ("username",), "password"),
        (Access(scheme="oauth2", token_path="t"), ("client_id",), "client_secret"),
        (Access(scheme="sign_in", token_path="t", sign_in=SignIn(form={})), ("password",), "username"),
    ],
)
def test_a_secret_that_the_settings_do_not_name_stops_the_flow_and_is_named(access, given_names, needed):
    with pytest.raises(FlowError) as refused:
        make_client(source(*given_names), access, CLOCK)
    assert refused.value.code == "settings.credentials.incomplete"
    assert refused.value.details == {"scheme": access.scheme, "needed": needed}


def test_a_client_keeps_the_pace_that_its_connector_or_its_settings_declare():
    asked = make_client(source(), Access(per_second=3.0, in_flight=2), CLOCK)._policy
    assert (asked.per_second, asked.in_flight, asked.allowed_private) == (3.0, 2, False)
    entry = ApiDestinationSettings(kind="api", base_url=URL, path="v", per_second=7, in_flight=5, allow_private=True)
    told = make_destination_client(entry, CLOCK)._policy
    assert (told.per_second, told.in_flight, told.allowed_private) == (7, 5, True)


def make_writer(*, send, writes=True):
    shape = JsonShape(root=Rows({"id": Cell("id")}))
    writing = (Writing(contract="person/1", shape=shape),) if writes else ()
    connector = Connector(id="demo-api", title="Demo", dialect=Csv(), tables=(), send=send, writes=writing)
    supplier = Supplier(id="demo", title="Demo", connectors=(connector,))
    return Writer(supplier, connector, RelatedRecords((), Purpose.SUPPORT), {})


SUPPLIER = SupplierDestinationSettings(kind="supplier", connector="demo-api", base_url=URL)


@pytest.mark.parametrize("lacking", [{"send": None}, {"send": Send(path="p"), "writes": False}])
def test_a_connector_that_cannot_send_or_has_nothing_to_write_is_refused_by_its_name(lacking):
    with pytest.raises(FlowError) as refused:
        open_supplier_destination(SUPPLIER, make_writer(**lacking), CLOCK, settle_unknown=False)
    assert (refused.value.code, refused.value.details) == ("settings.connector.no_send", {"connector": "demo-api"})


@pytest.mark.parametrize(
    ("key_header", "settle_unknown", "final"), [("", False, True), ("Key", False, False), ("Key", True, True)]
)
def test_without_a_key_what_got_no_answer_is_never_sent_again(key_header, settle_unknown, final):
    writer = make_writer(send=Send(path="p", key_header=key_header))
    opened = open_supplier_destination(SUPPLIER, writer, CLOCK, settle_unknown=settle_unknown)
    assert isinstance(opened, ComposedDestination)
    assert opened._settle_unknown is final
    opened.close()


def test_an_api_in_contract_form_is_told_its_path_and_how_many_records_go_at_once():
    entry = ApiDestinationSettings(
        kind="api", base_url=URL, path="v", method="PUT", lot=50, key_header="", scheme="bearer", token="env:TEST_TOKEN"
    )
    opened = open_api_destination(entry, CLOCK, settle_unknown=False)
    assert (opened._rules.path, opened._rules.method, opened._rules.lot) == ("v", "PUT", 50)
    assert opened._settle_unknown
    opened.close()
