"""Pages of an API and rows out of quarantine, as arrivals like any other."""

from __future__ import annotations

from collections import namedtuple

from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.policy import Policy
from passerelle.edges.sources.api import ApiSource
from passerelle.edges.sources.replay import ReplaySource

Page = namedtuple("Page", "content cursor name")  # noqa: PYI024  the port asks for attributes and no more


def collect(client, settings, cursor):
    page = int(cursor or 0)
    while True:
        reply = client.get(settings["path"], {"page": str(page)})
        if not reply.json():
            return
        page += 1
        yield Page(reply.content, str(page), f"page {page}")


def test_pages_are_fetched_one_at_a_time_with_their_cursor(server, clock):
    server.follows(server.reply(200, [1]), server.reply(200, [2]), server.reply(200, []))
    client = HttpClient(server.url, policy=Policy(per_second=0), clock=clock)
    arrivals = ApiSource(collect, client, {"path": "items"}).iter_arrivals("")
    first = next(arrivals)
    assert len(server.asked) == 1
    assert (first.open().read(), first.open().read(), first.cursor) == (b"[1]", b"[1]", "1")
    first.acknowledge()
    assert [arrival.cursor for arrival in arrivals] == ["2"]
    assert [asked.target for asked in server.asked] == ["/items?page=0", "/items?page=1", "/items?page=2"]
    client.close()


def test_a_cursor_goes_on_from_where_it_was(server, clock):
    server.follows(server.reply(200, []))
    client = HttpClient(server.url, policy=Policy(per_second=0), clock=clock)
    assert list(ApiSource(collect, client, {"path": "items"}).iter_arrivals("7")) == []
    assert server.asked[0].target == "/items?page=7"
    client.close()


def test_replayed_lines_are_one_parcel_that_brings_its_items_back():
    (arrival,) = ReplaySource([b"one\n", b"two\n"], (7, 9)).iter_arrivals("")
    assert arrival.open().read() == b"one\ntwo\n"
    assert arrival.open().read() == b"one\ntwo\n"
    assert (arrival.items, arrival.cursor) == ((7, 9), "")
    arrival.acknowledge()
