"""Reading the API page by page, and going on from where one stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from passerelle import FlowError, Reply
from passerelle_plugin_grc_contacts import Settings, collect


@dataclass
class Api:
    """Answers like the supplier: contacts after a revision, `limit` at a time."""

    revisions: list[int]
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)

    def get(self, path: str, params: dict[str, str]) -> Reply:
        assert path == "v1/contacts"
        self.asked.append(params)
        found = [number for number in self.revisions if number > int(params["after"])]
        page = found[: int(params["limit"])]
        more = len(found) > len(page)
        body = {
            "contacts": [{"id": f"C-{number}", "revision": number} for number in page],
            "revision": page[-1] if page else int(params["after"]),
            "next": "v1/contacts?after=…" if more else None,
        }
        return Reply(self.status, {}, json.dumps(body).encode())


def test_pages_follow_one_another_and_each_carries_the_cursor_to_go_on_from():
    api = Api([1, 2, 3, 5, 8])
    assert [page.cursor for page in collect(api, Settings(page_size=2), "")] == ["2", "5", "8"]
    assert [asked["after"] for asked in api.asked] == ["0", "2", "5"]


def test_going_on_from_a_cursor_reads_only_what_changed_since():
    assert [page.cursor for page in collect(Api([1, 2, 9]), Settings(), "2")] == ["9"]


def test_nothing_new_gives_no_page():
    assert list(collect(Api([1, 2]), Settings(), "2")) == []


def test_the_next_page_is_not_fetched_before_the_one_before_is_taken():
    api = Api([1, 2, 3])
    next(collect(api, Settings(page_size=1), ""))
    assert len(api.asked) == 1


def test_an_answer_other_than_a_page_suspends_the_flow():
    with pytest.raises(FlowError) as caught:
        list(collect(Api([1], status=404), Settings(), ""))
    assert caught.value.code == "incident.source.misaddressed"
