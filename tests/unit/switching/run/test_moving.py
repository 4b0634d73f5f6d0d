"""A move: everything in the order of references, under the new software's ids, once, and no further than decided."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from new_software import NewSoftware
from old_software import CONTACTS, PEOPLE, PLUGINS, contacts, people, settle_in

from passerelle.engine.path import batch_stream, pipeline
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.switching import switch_settings as switching
from passerelle.switching.decisions import AcceptedLoss, CodeReplacement, Decisions, PersonMatch
from passerelle.switching.run.moving import prepare_move, run_move
from passerelle.vocabulary.errors import UsageError

SWITCH = f"""
[side.ancien]
exports = [
  {{ connector = "{CONTACTS}", path = "exports/contacts*.csv" }},
  {{ connector = "{PEOPLE}", path = "exports/personnes*.csv" }},
]

[side.nouveau]
exports = [{{ contract = "person/1", path = "retour/*.jsonl" }}]

[switch.bascule]
from = "ancien"
to = "nouveau"
"""
DOOR = """
[[switch.bascule.deliver]]
destination = {{ kind = "api", base_url = "{url}", path = "{{family}}s", per_second = 5000 }}
"""
PERSONS = ((1, "Martin", 7), (2, "Durand", 8))
CONTACT_ROWS = (
    (11, 1, 7, "02/05/2024", "", "Logement", "Petit"),
    (12, 2, 8, "03/05/2024", "", "Budget", "Grand"),
    (13, 1, 7, "04/05/2024", 11, "Logement", "Petit"),
)


@pytest.fixture
def new():
    with NewSoftware() as software:
        yield software


@pytest.fixture
def house(tmp_path, new):
    people(tmp_path / "exports", *PERSONS)
    contacts(tmp_path / "exports", *CONTACT_ROWS)
    (tmp_path / "switch.toml").write_text(SWITCH + DOOR.format(url=new.url), "utf-8")
    with open_workspace(load_settings(settle_in(tmp_path)), plugins=PLUGINS) as opened:
        yield opened


def _move(house):
    document = switching.load_switch_file(house.settings.path.with_name("switch.toml"))
    return prepare_move(house, document, "bascule")


def _run(house, decisions=None):
    return run_move(house, _move(house), decisions)


def _statuses(moved):
    return {status.contract: status for status in moved.statuses}


def test_what_is_referred_to_goes_before_what_refers_to_it(house, new):
    moved = _run(house)
    assert moved.stopped == ""
    assert list(dict.fromkeys(new.order)) == ["professionals", "persons", "interactions"]
    assert {status.contract: sum(status.balance.fates.values()) for status in moved.statuses} == {
        "professional/1": 3,
        "person/1": 2,
        "interaction/1": 3,
    }


def test_a_parcel_is_decoded_and_translated_once_for_all_its_contracts(house, new, monkeypatch):
    done = Counter()

    def counting(name, function):
        def counted(*args, **options):
            done[name] += 1
            return function(*args, **options)

        return counted

    monkeypatch.setattr(batch_stream, "decode", counting("decode", batch_stream.decode))
    monkeypatch.setattr(pipeline, "translate", counting("translate", pipeline.translate))
    moved = _run(house)
    assert len(moved.outcomes) > 2
    # two exports of one batch each; the contact that waited for another is translated again as it comes back
    assert done == {"decode": 2, "translate": 3}
    assert [path.name for path in house.settings.state.glob("switch-*")] == []


def test_a_file_that_breaks_off_is_parked_as_if_each_flow_read_it_alone(house, new, tmp_path):
    file = tmp_path / "exports" / "contacts.csv"
    file.write_bytes(file.read_bytes().replace(b";", b"\t", 1))
    moved = _run(house)
    assert moved.stopped == "deliver.parcel.parked"
    assert moved.unread == 1


def test_references_carry_the_ids_that_the_new_software_gave(house, new):
    _run(house)
    numbers = {known: number.replace(" ", "%20") for known, number in new.ids.items()}
    follow = next(body for body in new.of("interactions") if body["ref"] == "ancien:interaction:13")
    assert follow["person_ref"] == f"nouveau:person:{numbers['persons', 'ancien:person:1']}"
    assert follow["professional_ref"] == f"nouveau:professional:{numbers['professionals', 'ancien:professional:7']}"
    assert follow["repeat_of"] == f"nouveau:interaction:{numbers['interactions', 'ancien:interaction:11']}"
    person = next(body for body in new.of("persons") if body["ref"] == "ancien:person:1")
    assert person["professional_ref"] == follow["professional_ref"]


def test_the_same_command_again_changes_nothing(house, new):
    _run(house)
    before, calls = dict(new.held), new.calls["POST"]
    moved = _run(house)
    assert (new.held, new.calls["POST"]) == (before, calls)
    assert sum(status.balance.received for status in moved.statuses) == 0


def test_a_later_export_moves_only_what_is_new_or_changed(house, new, tmp_path):
    _run(house)
    calls = new.calls["POST"]
    people(tmp_path / "exports", PERSONS[0], (2, "Durand-Blanc", 8), (3, "Petit", 7), name="personnes-bis.csv")
    moved = _statuses(_run(house))
    assert new.calls["POST"] - calls == 2
    assert (moved["person/1"].balance.fates["delivered"], moved["person/1"].balance.fates["unchanged"]) == (2, 1)


def test_a_record_waits_for_the_one_it_refers_to_and_goes_when_that_is_there(house, new, tmp_path):
    contacts(tmp_path / "exports", (14, 3, 7, "05/05/2024", "", "Santé", "Petit"), name="contacts-ter.csv")
    moved = _run(house)
    assert (moved.stopped, _statuses(moved)["interaction/1"].waiting) == ("", 1)
    assert "ancien:interaction:14" not in {body["ref"] for body in new.of("interactions")}
    people(tmp_path / "exports", (3, "Petit", 7), name="personnes-ter.csv")
    moved = _run(house)
    assert _statuses(moved)["interaction/1"].waiting == 0
    assert "ancien:interaction:14" in {body["ref"] for body in new.of("interactions")}


def test_a_chain_of_references_in_the_wrong_order_goes_in_one_run(house, new, tmp_path):
    rows = [(40 - n, 1, 7, "05/05/2024", 39 - n if n < 3 else "", "Santé", "Petit") for n in range(4)]
    contacts(tmp_path / "exports", *rows, name="contacts-chaine.csv")
    moved = _run(house)
    assert _statuses(moved)["interaction/1"].waiting == 0
    assert len(new.of("interactions")) == len(CONTACT_ROWS) + 4


def test_a_lost_reference_that_somebody_accepted_is_left_out(house, new, tmp_path):
    contacts(tmp_path / "exports", (14, 1, 7, "05/05/2024", 99, "Santé", "Petit"), name="contacts-ter.csv")
    loss = AcceptedLoss("interaction/1", "repeat_of", "broken_reference", "La directrice", "Archives perdues")
    moved = _run(house, Decisions(accepted=(loss,)))
    assert moved.waiting == 0
    (one,) = [body for body in new.of("interactions") if body["ref"] == "ancien:interaction:14"]
    assert "repeat_of" not in one


def test_a_reference_under_the_ids_of_another_software_waits_for_nothing_and_goes_as_it_is(house, new):
    elsewhere = {("interaction/1", "repeat_of"): "ailleurs:interaction:7"}
    moved = _run(house, Decisions(defaults=elsewhere))
    assert (moved.stopped, moved.waiting) == ("", 0)
    sent = {body["ref"]: body["repeat_of"] for body in new.of("interactions")}
    assert sent["ancien:interaction:11"] == "ailleurs:interaction:7"
    assert sent["ancien:interaction:13"].startswith("nouveau:interaction:")


def test_a_reference_under_the_ids_of_another_software_is_left_out_where_that_was_accepted(house, new):
    loss = AcceptedLoss("interaction/1", "repeat_of", "broken_reference", "La directrice", "Archives perdues")
    elsewhere = {("interaction/1", "repeat_of"): "ailleurs:interaction:7"}
    _run(house, Decisions(defaults=elsewhere, accepted=(loss,)))
    (one,) = [body for body in new.of("interactions") if body["ref"] == "ancien:interaction:11"]
    assert "repeat_of" not in one


def test_decisions_replace_codes_and_fill_what_is_empty(house, new):
    decisions = Decisions(
        codes={("interaction/1", "motives", "Logement"): CodeReplacement("LOG", "nouveau")},
        defaults={("interaction/1", "place"): "Bureau"},
    )
    _run(house, decisions)
    bodies = {body["ref"].rpartition(":")[2]: body for body in new.of("interactions")}
    assert bodies["11"]["motives"] == [{"code": "LOG", "system": "nouveau"}]
    assert bodies["12"]["motives"] == [{"original": "Budget"}]
    assert {body["place"] for body in bodies.values()} == {"Bureau"}


def test_a_default_that_the_contract_refuses_sets_records_aside_and_stops(house, new):
    moved = _run(house, Decisions(defaults={("interaction/1", "due_on"): "demain"}))
    assert (moved.stopped, moved.at) == ("deliver.loss.undecided", "interaction/1")
    assert new.of("interactions") == []


def test_a_move_stops_where_more_is_lost_than_was_decided_and_goes_on_once_it_is(house, new):
    new.refuses.add("ancien:person:2")
    moved = _run(house)
    assert (moved.stopped, moved.at) == ("deliver.loss.undecided", "person/1")
    assert _statuses(moved)["person/1"].lost == 1
    assert new.of("interactions") == []
    few = AcceptedLoss("person/1", "", "record_refused", "Le directeur", "Doublon connu", most=1)
    moved = _run(house, Decisions(accepted=(few,)))
    assert moved.stopped == ""
    assert len(new.of("interactions")) == 2
    assert _statuses(moved)["interaction/1"].waiting == 1


def test_an_acceptance_of_fewer_losses_does_not_cover_more(house, new):
    new.refuses |= {"ancien:person:1", "ancien:person:2"}
    few = AcceptedLoss("person/1", "", "record_refused", "Le directeur", "Doublon connu", most=1)
    assert _run(house, Decisions(accepted=(few,))).stopped == "deliver.loss.undecided"


def test_when_the_new_software_is_down_the_move_waits_and_says_why(house, new):
    new.down = True
    moved = _run(house)
    assert (moved.stopped, moved.at) == ("incident.supplier.failing", "professional/1")
    assert new.held == {}


def test_the_books_of_all_flows_together_count_each_row_of_no_contract_once(house, new, tmp_path):
    text = (tmp_path / "exports" / "contacts.csv").read_text("utf-8")
    (tmp_path / "exports" / "contacts.csv").write_text(text + '15;1;7;05/05/2024;;"sans fin;Petit\n', "utf-8")
    moved = _run(house)
    unreadable = [book.balance.fates.get("unreadable", 0) for book in house.journal.list_balances()]
    assert sum(unreadable) == 1
    assert moved.at == "professional/1"


def test_a_person_who_was_there_before_is_not_created_twice_and_is_referred_to(house, new):
    match = PersonMatch("person/1", "ancien:person:1", "nouveau:person:N%20900")
    moved = _run(house, Decisions(matches=(match,)))
    assert [body["ref"] for body in new.of("persons")] == ["ancien:person:2"]
    of_her = [body for body in new.of("interactions") if body["ref"].endswith((":11", ":13"))]
    assert {body["person_ref"] for body in of_her} == {"nouveau:person:N%20900"}
    assert (moved.stopped, moved.waiting) == ("", 0)


def test_a_file_that_cannot_be_read_stops_the_move_and_is_counted_once(house, new, tmp_path):
    (tmp_path / "exports" / "contacts-casse.csv").write_text("Autre;Chose\n1;2\n", "utf-8")
    moved = _run(house)
    assert (moved.stopped, moved.unread) == ("deliver.parcel.parked", 1)
    (tmp_path / "exports" / "contacts-casse.csv").unlink()
    moved = _run(house)
    assert (moved.stopped, moved.unread) == ("", 1)


def test_contracts_that_no_door_takes_are_told(house, new, tmp_path):
    text = SWITCH + DOOR.format(url=new.url).replace(
        "destination", 'contracts = ["professional/1", "person/1"]\ndestination'
    )
    (tmp_path / "switch.toml").write_text(text, "utf-8")
    assert _run(house).undelivered == ("interaction/1",)


def test_without_a_door_nothing_moves(house, tmp_path):
    (tmp_path / "switch.toml").write_text(SWITCH, "utf-8")
    with pytest.raises(UsageError) as refused:
        _move(house)
    assert refused.value.code == "usage.switch.no_door"


def test_the_exports_stay_where_they_are(house, tmp_path):
    _run(house)
    assert sorted(path.name for path in (tmp_path / "exports").iterdir()) == ["contacts.csv", "personnes.csv"]


def test_what_is_sent_is_in_contract_form_with_its_provenance(house, new):
    _run(house)
    for body in new.held.values():
        assert body["source"]["supplier"] == "ancien"
        assert json.dumps(body)
