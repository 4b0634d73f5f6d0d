"""The live API on a real local server: who reads what, in which words refusals are told, and what no answer tells."""

from __future__ import annotations

import json

import polars as pl
import pytest
from live_api_room import FLOW, SETTINGS, follow, make_visit, open_api
from openapi_spec_validator import validate as validate_openapi
from turned_clock import TurnedClock

from passerelle.engine.api import record_serving
from passerelle.engine.api.readings import open_reading
from passerelle.vocabulary.shelf import RemovalCause

PATH = "/v1/visit/1"


@pytest.fixture
def room(tmp_path):
    with open_api(tmp_path) as opened:
        yield opened


def test_a_list_is_read_page_by_page_and_ends_with_a_cursor_for_changes(room):
    for number in range(7):
        room.shelf.put_record("visit/1", make_visit(number))
    with room.ask() as client:
        first = client.get(PATH, params={"limit": 3})
        assert first.status_code == 200
        assert first.headers["passerelle-purpose"] == "planning"
        assert first.headers["cache-control"] == "private, no-store"
        assert len(first.json()["records"]) == 3
        assert "cursor" not in first.json()
        there, cursor = follow(client, PATH, limit=3)
        assert len(there) == 7
        changes = client.get(PATH, params={"since": cursor}).json()
        assert changes["records"] == []
        assert changes["cursor"]
        assert not changes["more"]


def test_what_changes_while_a_list_is_read_is_told_afterwards(room):
    for number in range(6):
        room.shelf.put_record("visit/1", make_visit(number))
    with room.ask() as client:
        first = client.get(PATH, params={"limit": 2}).json()
        gone = first["records"][0]["ref"]
        room.shelf.remove("visit/1", "atelier:visit:V0")
        rest = client.get(PATH, params={"limit": 500, "cursor": first["next"]}).json()
        changes, _cursor = follow(client, PATH, rest["cursor"])
        assert changes[gone] is None


def test_a_removed_record_is_gone_with_its_day_and_a_refused_one_was_never_there(room):
    room.shelf.put_record("visit/1", make_visit(1))
    room.shelf.remove("visit/1", "atelier:visit:V1")
    room.shelf.put_record("visit/1", make_visit(2))
    room.shelf.remove("visit/1", "atelier:visit:V2", RemovalCause.REFUSED)
    with room.ask(purposes=("portability",)) as client:
        gone = client.get(f"{PATH}/atelier:visit:V1")
        assert (gone.status_code, gone.json()["code"]) == (410, "api.record.gone")
        refused, unknown = client.get(f"{PATH}/atelier:visit:V2"), client.get(f"{PATH}/atelier:visit:V3")
        assert refused.status_code == 404
        assert refused.content == unknown.content


def test_references_are_handles_of_the_client_and_purpose_and_the_inner_ones_find_nothing(room):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask() as client, room.ask(client="paie") as other, room.ask(purposes=("portability",)) as own:
        (record,) = client.get(PATH).json()["records"]
        assert record["ref"] != "atelier:visit:V1"
        assert record["ref"] != other.get(PATH).json()["records"][0]["ref"]
        assert client.get(f"{PATH}/{record['ref']}").json() == record
        assert client.get(f"{PATH}/atelier:visit:V1").status_code == 404
        assert own.get(f"{PATH}/atelier:visit:V1").json()["person_ref"] == "atelier:person:P1"


def test_a_handle_is_found_without_a_walk_and_what_is_not_there_takes_what_is_there_takes(room, monkeypatch):
    for number in range(300):
        room.shelf.put_record("visit/1", make_visit(number))
    room.shelf.put_record("visit/1", make_visit(300, person_ref="atelier:person:REFUSE"))
    room.shelf.remove("visit/1", "atelier:visit:V5", RemovalCause.ERASED)
    room.workspace.consents.record("atelier:person:REFUSE", "planning", False, room.workspace.clock.now())
    scope = room.shelf.list_scopes()[0]
    caller = room.live.admit(f"Bearer {room.make_token()}", None)
    (view,) = open_reading(room.workspace, room.shelf, caller.token, caller.purpose, "visit/1").views
    refs = pl.Series([f"atelier:visit:V{number}" for number in (1, 300, 5, 999)], dtype=pl.String())
    known, withheld, erased, unknown = view.handles.replace_refs(refs)
    looked: list[str] = []
    for name in ("read_changes", "find_keyed"):
        monkeypatch.setattr(room.shelf, name, note_calls(looked, name, getattr(room.shelf, name)))
    monkeypatch.setattr(record_serving, "gate", note_calls(looked, "gate", record_serving.gate))
    seen = {}
    with room.ask() as client:
        for ref in (known, withheld, erased, unknown, "atelier:visit:V1"):
            looked.clear()
            seen[ref] = client.get(f"{PATH}/{ref}").status_code, looked.count("gate"), looked.count("find_keyed")
            assert looked.count("read_changes") <= 1
    assert scope.last == 302
    assert seen[known] == (200, 1, 1)
    assert {seen[ref] for ref in (withheld, erased, unknown, "atelier:visit:V1")} == {(404, 1, 1)}


def note_calls(calls, name, inner):
    def call(*arguments, **named):
        calls.append(name)
        return inner(*arguments, **named)

    return call


@pytest.mark.parametrize("local", ["Ren\u00e9", "Rene\u0301", "Ren%C3%A9", "Rene%CC%81"])
def test_a_handle_leads_to_its_record_whichever_way_its_letters_were_composed(room, local):
    room.shelf.put_record("visit/1", make_visit(1, ref=f"atelier:visit:{local}"))
    with room.ask() as client:
        (record,) = client.get(PATH).json()["records"]
        assert client.get(f"{PATH}/{record['ref']}").json() == record


def test_an_etag_stays_while_the_record_reads_the_same(room):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask() as client:
        (record,) = client.get(PATH).json()["records"]
        first = client.get(f"{PATH}/{record['ref']}")
        same = client.get(f"{PATH}/{record['ref']}", headers={"If-None-Match": first.headers["etag"]})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
        room.shelf.put_record("visit/1", make_visit(1, planned_end="2026-11-02T10:00:00+01:00"))
        other = client.get(f"{PATH}/{record['ref']}", headers={"If-None-Match": first.headers["etag"]})
        assert other.status_code == 200
        assert other.headers["etag"] != first.headers["etag"]


def test_filters_keep_keys_references_and_spans(room):
    for number in range(10):
        room.shelf.put_record("visit/1", make_visit(number))
    with room.ask(purposes=("portability",)) as client:

        def find(**query: str) -> set[str]:
            answer = client.get(PATH, params={name.replace("__", "."): text for name, text in query.items()})
            return {one["ref"].rpartition(":")[2] for one in answer.json()["records"]}

        assert find(person_ref="atelier:person:P4") == {"V4"}
        assert find(ref="atelier:visit:V4") == {"V4"}
        assert find(planned_start__ge="2026-11-03", planned_start__lt="2026-11-05") == {"V2", "V3"}
        # eight o'clock in Paris is seven by the universal clock
        assert find(planned_start__ge="2026-11-10T07:00:00+00:00") == {"V9"}
        assert find(planned_start__ge="2026-11-10T07:00:01+00:00") == set()


def test_a_cursor_goes_on_with_the_filters_that_it_was_given_for_and_with_no_others(room):
    for number in range(5):
        room.shelf.put_record("visit/1", make_visit(number))
    with room.ask() as client:
        query = {"limit": "1", "planned_start.ge": "2026-11-02"}
        following = client.get(PATH, params=query).json()["next"]
        assert client.get(PATH, params={**query, "cursor": following}).status_code == 200
        other = client.get(PATH, params={"limit": "1", "cursor": following})
        assert (other.status_code, other.json()["code"]) == (400, "api.query.together")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("since=", ""),
        ("since=abc", "api.cursor.unreadable"),
        ("since=é", "api.cursor.unreadable"),
        ("cursor=abc", "api.cursor.unreadable"),
        ("limit=0", "api.query.value"),
        ("limit=501", "api.query.value"),
        ("limit=²", "api.query.value"),
        ("planned_start=hier", "api.query.value"),
        ("planned_start=2026-02-31", "api.query.value"),
        ("inconnu=1", "api.query.unknown"),
        # it exists, and planning does not need it: told as what does not exist
        ("extra=1", "api.query.unknown"),
        ("limit=1&limit=1", "api.query.unknown"),
        ("since=&planned_start=2026-11-02", "api.query.together"),
        ("person_ref=%ff", "api.query.unknown"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_with_its_reason_and_none_of_its_words(room, query, code):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask() as client:
        answer = client.get(f"{PATH}?{query}")
        assert answer.status_code == (400 if code else 200)
        if code:
            problem = answer.json()
            assert answer.headers["content-type"] == "application/problem+json"
            assert problem["code"] == code
            assert problem["type"] == f"urn:passerelle:motif:{code}"
            assert (problem["status"], problem["title"]) == (400, "Bad Request")
            assert not {"abc", "hier", "inconnu", "extra"} & set(answer.text.replace('"', " ").split())


def test_all_that_is_wrong_with_filters_is_told_at_once(room):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask() as client:
        problem = client.get(PATH, params={"planned_start.ge": "x", "planned_end.lt": "y"}).json()
    assert [one["field"] for one in problem["errors"]] == ["planned_start.ge", "planned_end.lt"]


def test_a_cursor_that_was_edited_or_belongs_to_another_is_none_and_one_that_is_too_old_is_told(room):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask() as client, room.ask(client="paie") as other:
        _there, cursor = follow(client, PATH)
        assert follow(client, PATH, cursor)[0] == {}
        edited = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
        assert client.get(PATH, params={"since": edited}).status_code == 400
        assert other.get(PATH, params={"since": cursor}).status_code == 400
        room.shelf.put_record("visit/1", make_visit(2))
        room.shelf.remove("visit/1", "atelier:visit:V2")
        room.shelf.forget("visit/1")
        late = client.get(PATH, params={"since": cursor})
        assert (late.status_code, late.json()["code"]) == (410, "api.cursor.expired")


def test_a_renewed_token_goes_on_with_the_cursor_of_the_one_before(room):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask() as client, room.ask() as renewed:
        _there, cursor = follow(client, PATH)
        assert renewed.get(PATH, params={"since": cursor}).status_code == 200


def test_tokens_that_are_missing_wrong_or_ended_are_refused(room):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.make_client("pk_faux") as client:
        wrong = client.get(PATH)
        assert (wrong.status_code, wrong.json()["code"]) == (401, "api.token.refused")
        assert wrong.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        missing = client.get(PATH, headers={"Authorization": ""})
        assert (missing.status_code, missing.json()["code"]) == (401, "api.token.missing")
        assert client.get("/v1/openapi.json").status_code == 401


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "x",
        "a:b",
        ":::",
        "A:b:c",
        "a:visit:é",
        "%00",
        "%C2%A1%E1%80%90%0B%F2%8A",
        "a:visit:1%0A",
        "..%2F..",
        "x" * 4_000,
    ],
)
@pytest.mark.parametrize("purpose", ["planning", "portability"])
def test_what_is_no_reference_finds_nothing_in_the_same_words(room, ref, purpose):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask(purposes=(purpose,)) as client:
        answer = client.get(f"{PATH}/{ref}")
        assert (answer.status_code, answer.json()["code"]) == (404, "api.record.unknown")
        assert client.get(f"/v1/receipts/{ref or 'x'}").status_code == 404


def test_every_status_that_is_seen_is_in_the_document(room):
    room.shelf.put_record("visit/1", make_visit(1))
    room.shelf.put_record("visit/1", make_visit(2))
    room.shelf.remove("visit/1", "atelier:visit:V2")
    with room.ask(purposes=("portability",), may_bulk=True, may_write=True) as client:
        paths = client.get("/v1/openapi.json").json()["paths"]
        etag = client.get(f"{PATH}/atelier:visit:V1").headers["etag"]
        tried = [
            ("get", "/visit/1", PATH, {}),
            ("get", "/visit/1", f"{PATH}?x=1", {}),
            ("get", "/visit/1", PATH, {"Authorization": "x"}),
            ("get", "/visit/1", PATH, {"Passerelle-Purpose": "x"}),
            ("get", "/visit/1", PATH, {"Accept": "x/x"}),
            ("get", "/visit/1/{ref}", f"{PATH}/atelier:visit:V1", {"If-None-Match": etag}),
            ("get", "/visit/1/{ref}", f"{PATH}/atelier:visit:V2", {}),
            ("get", "/visit/1/{ref}", f"{PATH}/atelier:visit:V3", {}),
            ("get", "/$bulk", "/v1/$bulk", {}),
            ("get", "/$bulk", "/v1/$bulk?since=x", {}),
            ("get", "/$bulk", "/v1/$bulk?contracts=x", {}),
            ("post", "/visit/1/$check", f"{PATH}/$check", {}),
            ("post", "/visit/1/$check", f"{PATH}/$check", {"Content-Type": "application/json"}),
        ]
        seen = {}
        for method, path, address, headers in tried:
            answer = client.request(method, address, headers=headers)
            assert str(answer.status_code) in paths[path][method]["responses"], (method, address)
            seen[answer.status_code] = answer
    assert set(seen) == {200, 304, 400, 401, 403, 404, 406, 410, 415}


def test_what_is_not_the_tokens_is_told_as_what_is_not_at_all(room):
    room.shelf.put_record("visit/1", make_visit(1))
    room.shelf.put_record("visit/1", make_visit(1), flow="parti")
    room.shelf.put("person/1", "atelier:person:P1", b'{"ref":"atelier:person:P1"}')
    with room.ask() as client:
        answers = [client.get(f"/v1/{contract}") for contract in ("person/1", "nothing/7", "visit/2")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_token_of_several_purposes_says_for_which_it_asks(room):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask(purposes=("planning", "support"), recipient="self") as client:
        assert client.get(PATH).json()["code"] == "api.purpose.ambiguous"
        named = client.get(PATH, headers={"Passerelle-Purpose": "support"})
        assert (named.status_code, named.headers["passerelle-purpose"]) == (200, "support")
        for other in ("billing", "unheard of"):
            refused = client.get(PATH, headers={"Passerelle-Purpose": other})
            assert (refused.status_code, refused.json()["code"]) == (403, "api.purpose.refused")


def test_a_shelf_that_was_filled_for_a_purpose_is_read_for_that_purpose_alone(room):
    room.shelf.put_record("visit/1", make_visit(1), purpose="planning")
    with room.ask() as planning, room.ask(purposes=("support",)) as support:
        assert len(planning.get(PATH).json()["records"]) == 1
        assert support.get(PATH).status_code == 404


def test_who_refused_is_absent_from_lists_unknown_alone_and_removed_for_who_follows(room):
    for number in range(3):
        room.shelf.put_record("visit/1", make_visit(number))
    with room.ask() as client:
        there, cursor = follow(client, PATH)
        assert len(there) == 3
        room.workspace.consents.record("atelier:person:P1", "planning", False, room.workspace.clock.now())
        later, _cursor = follow(client, PATH)
        (missing,) = set(there) - set(later)
        alone, unknown = client.get(f"{PATH}/{missing}"), client.get(f"{PATH}/{missing[:-1]}t")
        assert (alone.status_code, alone.content) == (404, unknown.content)
        room.shelf.put_record("visit/1", make_visit(1, planned_end="2026-11-02T10:00:00+01:00"))
        changes, _cursor = follow(client, PATH, cursor)
        assert changes == {missing: None}


def test_refusals_speak_french_and_english_as_the_client_prefers(room):
    with room.make_client("pk_faux") as client:
        french = client.get(PATH, headers={"Accept-Language": "de, fr;q=0.8, en;q=0.5"})
        english = client.get(PATH, headers={"Accept-Language": "fr;q=0.2, en-GB"})
        usual = client.get(PATH, headers={"Accept-Language": "de"})
    assert french.json()["detail"] == usual.json()["detail"] != english.json()["detail"]
    assert (french.headers["content-language"], english.headers["content-language"]) == ("fr", "en")


def test_formats_methods_and_paths_that_are_none_are_told(room):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask() as client:
        assert client.get(PATH, headers={"Accept": "text/csv"}).status_code == 406
        assert client.get(PATH, headers={"Accept": "*/*, application/json;q=0"}).status_code == 406
        assert client.get(PATH, headers={"Accept": "text/csv, application/*;q=0.1"}).status_code == 200
        deleted = client.delete(PATH)
        assert (deleted.status_code, deleted.json()["code"]) == (405, "api.method.refused")
        assert deleted.headers["allow"] == "GET, HEAD, POST"
        assert client.put(f"{PATH}/$check").headers["allow"] == "GET, HEAD, POST"
        assert client.post("/v1/openapi.json").headers["allow"] == "GET, HEAD"
        for name in ("%ff", "%ef%bf%bd", "e%cc%81", "a%00b", "%2e%2e", "a:b:%c3%a9"):
            nowhere = client.get(f"{PATH}/{name}")
            assert (nowhere.status_code, nowhere.json()["code"]) == (404, "api.record.unknown")
        assert client.get("/v1/%ff/1").json()["code"] == "api.contract.unknown"
        for path in ("/", "/v1", "/v2/visit/1", "/static/x"):
            nowhere = client.get(path)
            assert (nowhere.status_code, nowhere.json()["code"]) == (404, "api.path.unknown")


def test_too_many_requests_are_asked_to_wait(tmp_path):
    clock = TurnedClock()
    with open_api(tmp_path, settings=SETTINGS.replace("5000", "2"), clock=clock) as room:
        room.shelf.put_record("visit/1", make_visit(1))
        with room.ask() as client, room.ask() as other:
            assert [client.get(PATH).status_code for _again in range(5)] == [200, 200, 200, 200, 429]
            slow = client.get(PATH)
            assert (slow.json()["code"], slow.headers["retry-after"]) == ("api.rate.exceeded", "1")
            assert other.get(PATH).status_code == 200


def test_the_document_of_a_token_is_valid_and_names_nothing_else(room):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask("visit/1", "person/1") as client:
        document = client.get("/v1/openapi.json").json()
    validate_openapi(document)
    assert set(document["paths"]) == {PATH.removeprefix("/v1"), f"{PATH.removeprefix('/v1')}/{{ref}}"}
    text = json.dumps(document)
    assert '"extra"' not in text
    assert "Person" not in document["components"]["schemas"]
    assert FLOW not in document["components"]["schemas"]


def test_an_address_with_a_line_feed_is_that_of_no_record(tmp_path):
    with open_api(tmp_path) as room:
        room.shelf.put_record("visit/1", make_visit(1, ref="atelier:organisation:1"))
        with room.ask(purposes=("portability",), may_write=True) as client:
            assert client.get("/v1/visit/1/atelier:organisation:1").status_code == 200
            for path in ("%0Aatelier", "atelier:organisation:1%0A", "a%0Ab", "%0A"):
                assert client.get(f"/v1/visit/1/{path}").json()["code"] == "api.record.unknown"
