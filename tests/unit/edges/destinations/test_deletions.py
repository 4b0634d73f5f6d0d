"""Deletions at an API: what is gone already is deleted, and a refusal says the status that it had."""

from __future__ import annotations

import pytest

from passerelle.edges.destinations.deletions import Deletions
from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.credentials import NoCredentials
from passerelle.edges.http.policy import Policy
from passerelle.vocabulary.outcomes import Answer, Fate


@pytest.fixture
def deletions(server, clock):
    policy = Policy(deadline=3, connect=1, attempts=1, per_second=0)
    client = HttpClient(server.url, credentials=NoCredentials(), policy=policy, clock=clock)
    yield Deletions(client, "visits/{id}", in_flight=1)
    client.close()


@pytest.mark.parametrize("status", [200, 204, 404, 410])
def test_a_record_that_is_not_there_any_more_is_deleted(server, deletions, status):
    server.follows(server.reply(status, {}))
    assert deletions.delete("a/b") == Answer(Fate.DELIVERED)
    assert (server.asked[0].method, server.asked[0].target) == ("DELETE", "/visits/a%2Fb")


@pytest.mark.parametrize("status", [409, 422])
def test_a_refusal_says_its_status(server, deletions, status):
    server.follows(server.reply(status, {}))
    answer = deletions.delete("7")
    assert (answer.fate, answer.reason, answer.details) == (
        Fate.REFUSED,
        "deliver.record.refused",
        {"status": str(status)},
    )


@pytest.mark.parametrize("remote_id", ["", ".", ".."])
def test_what_would_name_the_whole_collection_is_never_asked_for(server, deletions, remote_id):
    assert deletions.delete(remote_id).fate is not Fate.DELIVERED
    assert server.asked == []
