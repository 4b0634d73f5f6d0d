"""The checks on APIs: saved exchanges are played, faults and all, and whoever cuts corners is caught."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from passerelle import Access, Page, Send, TransientError, writing
from passerelle.extension.loading import load_plugins
from passerelle.extension.plugins import Plugins
from passerelle.testing import delivery_checks, exchanges
from passerelle.testing.api_checks import ApiChecks
from passerelle.testing.conformance import conforms
from passerelle.testing.delivery_checks import DeliveryChecks
from passerelle.testing.exchanges import Exchange, RecordedRequest, RecordedResponse, Recording
from passerelle.testing.grades import list_checks
from passerelle.testing.player import SECRET, Player, TruncatedResponse, replay_request
from passerelle.vocabulary.errors import PasserelleError
from passerelle_plugin_grc_contacts import CONTACTS, collect

PLUGINS = Path(__file__).parents[3] / "plugins"
SAMPLES = PLUGINS / "grc_contacts" / "samples"
NAMES = [check.name for check in list_checks(ApiChecks)]


def suite(part=ApiChecks, **changes):
    """Make the suite of the contact log, with something about its connector changed."""
    supplier, connector, info = load_plugins(["grc-contacts"]).find_connector("grc-contacts")
    changed = replace(connector, **changes)
    plugins = Plugins((info,), (supplier,), {connector.id: (supplier, changed, info)})
    nominal, oddities = SAMPLES / "nominal.json", SAMPLES / "oddities.json"
    return conforms(connector.id, nominal, oddities, grade="gold", plugins=plugins, part=part)()


def broken(**changes):
    """Name the checks that are not kept."""
    examined, found = suite(**changes), set()
    for name in NAMES:
        try:
            getattr(examined, name)()
        except (AssertionError, PasserelleError):
            found.add(name.removeprefix("test_"))
    return found


def one_page(client, settings, cursor):
    yield next(collect(client, settings, cursor))


def swallows(client, settings, cursor):
    try:
        yield from collect(client, settings, cursor)
    except TransientError:
        return


def runs_ahead(client, settings, cursor):
    for page in collect(client, settings, cursor):
        yield replace(page, cursor=str(int(page.cursor) + 2))


def stamps(client, settings, cursor):
    stamps.count += 1
    for page in collect(client, settings, cursor):
        yield replace(page, content=json.dumps({**json.loads(page.content), "read": stamps.count}).encode())


stamps.count = 0


def wraps(client, settings, cursor):
    for page in collect(client, settings, cursor):
        yield Page(b'{"other": []}', page.cursor, page.name)


@pytest.mark.parametrize(
    ("connector", "caught"),
    [
        (collect, set()),
        (one_page, {"it_reads_to_the_last_page"}),
        (swallows, {"it_waits_until_the_moment_it_is_told"}),
        (runs_ahead, {"stopped_between_two_pages_it_goes_on"}),
        (stamps, {"the_same_pages_again_are_nothing_new"}),
        (wraps, {"it_reads_what_it_collects"}),
    ],
    ids=["right", "first page only", "swallows trouble", "cursor ahead", "stamps pages", "another shape"],
)
def test_whoever_cuts_a_corner_is_caught_by_the_check_on_it(connector, caught):
    found = broken(collect=connector)
    assert found >= caught
    assert bool(found) == bool(caught)


def test_a_fixed_key_that_expires_suspends_the_flow():
    access = Access(scheme="bearer")
    suite(access=access).test_an_expired_token_is_asked_for_anew_or_suspends_the_flow()


def test_what_is_not_asked_says_why():
    files = {check.name: suite(collect=None).explain_absence(check) for check in list_checks(ApiChecks)}
    assert set(files.values()) == {"It reads no API."}
    open_door = suite(access=Access())
    told = {check.name: open_door.explain_absence(check) for check in list_checks(ApiChecks)}
    assert [name for name, why in told.items() if why] == [
        "test_an_expired_token_is_asked_for_anew_or_suspends_the_flow"
    ]


def test_an_api_without_saved_exchanges_is_not_gold(tmp_path):
    nominal = tmp_path / "a" / "b" / "c" / "d" / "nominal.json"
    examined = conforms("grc-contacts", nominal, nominal, grade="gold")()
    with pytest.raises(AssertionError, match=r"tests/exchanges/grc-contacts\.json"):
        examined.test_it_reads_to_the_last_page()


REFUSES = writing.ResponseRules(refused={"outcome.state": ("no",)}, code=("why.0.code",), id=("made.id",))
SENDS = {
    "one by one, refused by status": Send(path="v1/contacts"),
    "one by one, refused in words": Send(path="v1/contacts", says=REFUSES),
    "one by one, refused by a list of errors": Send(path="v1/contacts", says=writing.ResponseRules(errors="errors")),
    "in lots": Send(path="v1/contacts", lot=3, says=replace(REFUSES, results="done.each")),
    "in lots, the answer is the list": Send(path="v1/contacts", lot=2, says=replace(REFUSES, results="")),
}
CELLS = {name: writing.Cell(f"contacts.{name}") for name in ("id", "created_at", "channel", "comment")}


def sending(send):
    """Make the suite of a contact log that takes contacts as well."""
    shape = writing.JsonShape(root={"contacts": writing.Rows(CELLS)})
    return suite(DeliveryChecks, send=send, writes=(writing.Writing(contract="interaction/1", shape=shape),))


@pytest.mark.parametrize("send", SENDS.values(), ids=SENDS)
@pytest.mark.parametrize("check", [check.name for check in list_checks(DeliveryChecks)])
def test_what_is_sent_is_done_once_and_a_refusal_costs_one(send, check):
    getattr(sending(send), check)()


def test_a_refusal_that_the_connector_takes_for_a_success_is_caught():
    says = replace(REFUSES, already=("unwanted",))
    with pytest.raises(AssertionError):
        sending(Send(path="v1/contacts", says=says)).test_a_refused_record_costs_no_other()


def test_keys_that_change_are_done_twice_and_caught(monkeypatch):
    send_batch = delivery_checks.send_batch

    def under_other_keys(ready, *about):
        under_other_keys.count += 1
        return send_batch(replace(ready, keys=[f"{under_other_keys.count}-{key}" for key in ready.keys]), *about)

    under_other_keys.count = 0
    monkeypatch.setattr(delivery_checks, "send_batch", under_other_keys)
    with pytest.raises(AssertionError):
        sending(Send(path="v1/contacts")).test_what_is_sent_again_is_done_once()


def test_without_keys_only_the_refusal_is_asked_and_without_a_shape_nothing():
    examined = sending(Send(path="v1/contacts", key_header=""))
    whys = {check.name: examined.explain_absence(check) for check in list_checks(DeliveryChecks)}
    assert [bool(why) for why in whys.values()] == [True, False]
    examined.test_a_refused_record_costs_no_other()
    unwritten = suite(DeliveryChecks, send=Send(path="v1/contacts"), writes=())
    assert all(unwritten.explain_absence(check) for check in list_checks(DeliveryChecks))


RECORDING = Recording(
    "acme-list",
    (
        Exchange(
            RecordedRequest("GET", "v1/list", (("page", "1"),), headers=("accept",)),
            RecordedResponse(200, b'{"more": true}'),
        ),
        Exchange(
            RecordedRequest("POST", "v1/list", body={"page": 2}),
            RecordedResponse(200, b"the end", {"content-type": "text/plain"}),
        ),
    ),
    {"page_size": 2},
)


def test_a_recording_is_read_as_it_was_written(tmp_path):
    file = tmp_path / "acme-list.json"
    file.write_text(exchanges.format_exchanges(RECORDING), "utf-8")
    assert exchanges.read_exchanges(file) == RECORDING


@pytest.mark.parametrize("content", [b"", b"[]", b'{"format": "passerelle.exchanges/9", "exchanges": []}', b"{}"])
def test_another_file_is_refused_without_its_words(tmp_path, content):
    file = tmp_path / "secret-name.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="this is not a file of the format") as caught:
        exchanges.read_exchanges(file)
    assert caught.value.__cause__ is None


def test_saved_exchanges_can_be_played_through_pytest_httpx(httpx_mock):
    player = Player(RECORDING, Access())

    def answer(request):
        target = request.url.raw_path.decode()
        said = replay_request(player, request.method, target, dict(request.headers), request.content)
        return httpx.Response(said.status, headers=dict(said.headers), content=said.body)

    httpx_mock.add_callback(answer, is_reusable=True)
    with httpx.Client(base_url="https://acme.example") as client:
        assert client.get("/v1/list?page=1").json() == {"more": True}
        assert client.post("/v1/list", json={"page": 2}).text == "the end"
        assert client.get("/v1/list?page=3").status_code == 404
    assert (dict(player.asked), player.strange) == ({0: 1, 1: 1}, 1)


@pytest.mark.parametrize(
    ("access", "headers", "status"),
    [
        (Access(), {}, 200),
        (Access(scheme="bearer"), {"authorization": f"Bearer {SECRET}"}, 200),
        (Access(scheme="bearer"), {}, 401),
        (Access(scheme="header", header="X-Key"), {"x-key": SECRET}, 200),
        (Access(scheme="oauth2", token_path="jeton"), {"authorization": "Bearer made-up"}, 401),
        (CONTACTS.access, {"authorization": f"Bearer {SECRET}-0"}, 200),
    ],
)
def test_the_player_lets_in_whoever_shows_what_the_connector_says(access, headers, status):
    assert replay_request(Player(RECORDING, access), "GET", "/v1/list?page=1", headers, b"").status == status


def test_a_fault_comes_before_the_saved_answer_and_once():
    player = Player(RECORDING, Access())
    player.faults[0] = deque([RecordedResponse(500), None])
    said = [replay_request(player, "GET", "/v1/list?page=1", {}, b"") for _ in range(3)]
    assert [type(one) for one in said] == [RecordedResponse, TruncatedResponse, RecordedResponse]
    assert (said[0].status, said[2].status) == (500, 200)


def test_the_guide_lists_every_check_on_apis_and_shows_the_format(tmp_path):
    guide = (PLUGINS.parent / "docs" / "ecrire-un-connecteur.md").read_text("utf-8")
    for part in (ApiChecks, DeliveryChecks):
        assert [check.name for check in list_checks(part) if f"`{check.name.removeprefix('test_')}`" not in guide] == []
    shown = guide.partition("<!-- shape: passerelle.exchanges/1 -->\n```json\n")[2].partition("```")[0]
    (tmp_path / "shown.json").write_text(shown, "utf-8")
    assert exchanges.read_exchanges(tmp_path / "shown.json").exchanges[0].request.query == (
        ("after", "0"),
        ("limit", "2"),
    )
