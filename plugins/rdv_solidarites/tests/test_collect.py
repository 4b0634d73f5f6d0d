"""Reading the API page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date

import pytest
from pydantic import ValidationError

from passerelle import FlowError, Reply, TransientError
from passerelle_plugin_rdv_solidarites.collecting import RdvSettings, Settings, organisations, rdvs, users


@dataclass
class Api:
    """Answers like the supplier: so many records, two a page."""

    total: int
    status: int = 200
    answer: object = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def get(self, path: str, params: dict[str, str]) -> Reply:
        self.asked.append((path, params))
        page = int(params["page"])
        numbers = range(2 * page - 1, min(2 * page, self.total) + 1)
        body = self.answer or {
            path.rpartition("/")[2]: [{"id": number} for number in numbers],
            "meta": {"current_page": page, "total_pages": (self.total + 1) // 2, "total_count": self.total},
        }
        return Reply(self.status, {}, json.dumps(body).encode())


def test_pages_are_read_to_the_last():
    api = Api(5)
    pages = list(users(api, Settings(organisation=7), ""))
    assert [page.name for page in pages] == ["users-1.json", "users-2.json", "users-3.json"]
    assert {path for path, _ in api.asked} == {"api/v1/organisations/7/users"}


def test_appointments_are_asked_for_between_two_days():
    api = Api(1)
    list(rdvs(api, RdvSettings(organisation=7, starts_after=date(2024, 11, 1), starts_before=date(2024, 11, 30)), ""))
    expected = {"starts_after": "2024-11-01", "starts_before": "2024-11-30", "page": "1"}
    assert api.asked == [("api/v1/organisations/7/rdvs", expected)]


def test_nothing_to_read_gives_no_page():
    assert list(organisations(Api(0), {}, "")) == []


def test_the_next_page_is_not_asked_for_before_the_one_before_is_taken():
    api = Api(5)
    next(organisations(api, {}, ""))
    assert len(api.asked) == 1


def test_an_answer_other_than_a_page_suspends_the_flow():
    with pytest.raises(FlowError) as caught:
        list(organisations(Api(1, status=404), {}, ""))
    assert caught.value.code == "incident.source.misaddressed"


@pytest.mark.parametrize("answer", [["x"], {"organisations": []}, {"meta": {"total_pages": "2"}}])
def test_an_answer_of_another_shape_waits(answer):
    with pytest.raises(TransientError) as caught:
        list(organisations(Api(1, answer=answer), {}, ""))
    assert caught.value.code == "incident.supplier.garbled"


@pytest.mark.parametrize("given", [{}, {"organisation": 0}, {"organisation": 7, "organization": 7}])
def test_settings_name_one_organisation_and_nothing_unknown(given):
    with pytest.raises(ValidationError):
        Settings.model_validate(given)
