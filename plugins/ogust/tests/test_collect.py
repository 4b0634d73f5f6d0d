"""Reading Ogust page by page, and what is made of an answer that says KO."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from passerelle import FlowError, Reply, TransientError
from passerelle_plugin_ogust.collecting import Settings, VisitSettings, customers, services


@dataclass
class Api:
    """Answers like the supplier: so many customers, some a page, as an object keyed by place."""

    total: int
    count: Any = None
    answer: dict[str, Any] | None = None
    status: int = 200
    asked: list[dict[str, Any]] = field(default_factory=list)

    def post(self, path: str, body: bytes) -> Reply:
        asked = json.loads(body)
        self.asked.append({"path": path, **asked})
        if self.answer is not None or self.status != 200:
            return Reply(self.status, {}, json.dumps(self.answer).encode())
        start = (asked["pagenum"] - 1) * asked["nbperpage"]
        page = range(start, min(start + asked["nbperpage"], self.total))
        kind = "array_" + path.removeprefix("apiogust.php?method=search").casefold()
        result = {str(place): {"id": str(one)} for place, one in enumerate(page)}
        count = self.total if self.count is None else self.count
        found = {"pagination": {"count": count}, "result": result}
        return Reply(200, {}, json.dumps({"status": "OK", kind: found}).encode())


@pytest.mark.parametrize("count", [None, "5"])
def test_pages_are_read_to_the_last_whether_the_count_is_a_number_or_a_text(count):
    api = Api(5, count)
    pages = list(customers(api, Settings(page_size=2), ""))
    assert [asked["pagenum"] for asked in api.asked] == [1, 2, 3]
    assert [page.name for page in pages] == ["customer-1.json", "customer-2.json", "customer-3.json"]


def test_nothing_found_gives_no_page():
    assert list(customers(Api(0), None, "")) == []


def test_a_list_that_shrinks_while_it_is_read_ends_the_reading():
    api = Api(2, 500)
    assert len(list(customers(api, Settings(page_size=2), ""))) == 1
    assert len(api.asked) == 2


def test_visits_are_asked_for_between_two_days_and_without_those_left_out():
    api = Api(1)
    list(services(api, VisitSettings(first_day=date(2024, 11, 1), last_day=date(2024, 11, 30)), ""))
    asked = api.asked[0]
    assert asked["path"] == "apiogust.php?method=searchService"
    assert asked["start_date"] == "@between|202411010000|202411302359"
    assert (asked["type"], asked["status"]) == ("I", "@!=|N")


def test_the_next_page_is_not_asked_for_before_the_one_before_is_taken():
    api = Api(5)
    next(customers(api, Settings(page_size=2), ""))
    assert len(api.asked) == 1


@pytest.mark.parametrize("message", ["Token invalide", "Bad api_signature", "Erreur d'authentification"])
def test_ko_about_our_credentials_suspends_the_flow(message):
    with pytest.raises(FlowError) as caught:
        list(customers(Api(1, answer={"status": "KO", "message": message}), None, ""))
    assert caught.value.code == "incident.credentials.refused"


def test_any_other_ko_waits_and_its_message_is_not_repeated():
    with pytest.raises(TransientError) as caught:
        list(customers(Api(1, answer={"status": "KO", "message": "Mme Invente bloquée"}), None, ""))
    assert caught.value.code == "incident.supplier.failing"
    assert "Invente" not in str(caught.value)


@pytest.mark.parametrize("answer", [{}, [], {"status": "OK", "array_customer": {"result": {"0": {}}}}])
def test_an_answer_of_another_shape_waits(answer):
    with pytest.raises(TransientError) as caught:
        list(customers(Api(1, answer=answer), None, ""))
    assert caught.value.code == "incident.supplier.garbled"


def test_a_status_that_is_no_answer_suspends_the_flow():
    with pytest.raises(FlowError) as caught:
        list(customers(Api(1, status=404), None, ""))
    assert caught.value.code == "incident.source.misaddressed"
