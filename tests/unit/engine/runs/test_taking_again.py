"""What was received is taken again on purpose: through the present mapping, or delivered anew as a whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from carnet_desk import FLOW, SUPPLIER, desk, export

from passerelle.engine.runs.taking_again import ParcelChoice, deliver_all, take_again
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.errors import UsageError


@pytest.fixture
def house():
    with desk() as opened:
        for name, content in (("1.csv", export(p="DURAND", q="PETIT")), ("2.csv", export(p="MARTIN"))):
            opened.write(name, content)
            opened.run()
            opened.clock.sleep(86_400)
        yield opened


def remap(house):
    """Open the workspace with a better mapping: names get what stands in another column too."""
    better = SUPPLIER.replace('kind = "text", column = "Nom"', 'kind = "joined", columns = ["Nom", "N"]')
    (house.folder / "carnet.toml").write_text(better, "utf-8")
    return open_workspace(load_settings(house.folder / "passerelle.toml"), clock=house.clock)


def test_what_is_kept_goes_through_a_better_mapping_and_the_last_state_stays(house):
    with remap(house) as house.workspace:
        taken = take_again(house.workspace, FLOW, ParcelChoice(), who="me")
        assert (len(taken.taken), taken.gone) == (2, ())
        assert house.run() == {"delivered": 3}
        assert house.model() == {"p": "MARTIN p", "q": "PETIT q"}
        codes = {key.code for key in house.workspace.journal.count_reasons(FLOW)}
        assert "collect.parcel.older" not in codes, "that it is older is why it was asked for"
        actions = [entry.action for entry in house.workspace.journal.list_audit_entries()]
        assert actions == ["flow.take-again"]


def test_parcels_are_chosen_by_digest_and_by_day(house):
    first, second = house.workspace.journal.list_parcels(FLOW)
    choose = lambda **words: take_again(house.workspace, FLOW, ParcelChoice(**words), who="me").taken  # noqa: E731  short
    assert choose(digests=(first.digest[:8],)) == (f"{first.digest}-2",)
    since = second.received_at
    assert choose(since=since) == (f"{second.digest}-2",)
    assert choose(since=since + timedelta(days=9)) == ()
    with pytest.raises(UsageError) as refused:
        choose(digests=("ffff",))
    assert refused.value.code == "usage.parcel.unknown"


def test_parcels_that_came_since_and_stay_out_are_named_for_the_older_state_goes_back(house):
    first, second = house.workspace.journal.list_parcels(FLOW)
    choose = lambda **words: take_again(house.workspace, FLOW, ParcelChoice(**words), who="me").newer  # noqa: E731  short
    assert choose(since=first.received_at) == ()
    house.run()
    assert house.model()["p"] == "MARTIN"
    assert choose(digests=(second.digest,)) == ()
    waiting = house.workspace.journal.list_parcels(FLOW)[-1]
    assert choose(digests=(first.digest[:8],)) == (waiting.key,), "what is not finished goes before"
    house.run()
    assert house.model()["p"] == "DURAND"


def test_a_parcel_that_is_no_longer_kept_is_named_and_one_that_is_not_finished_is_left(house):
    first, second = house.workspace.journal.list_parcels(FLOW)
    house.workspace.depot.remove(first.digest)
    take_again(house.workspace, FLOW, ParcelChoice(digests=(second.digest,)), who="me")
    taken = take_again(house.workspace, FLOW, ParcelChoice(), who="me")
    assert (taken.taken, taken.gone, taken.unfinished) == ((), (first.key,), (f"{second.digest}-2",))


def test_a_file_is_taken_again_whether_or_not_it_was_received(house):
    path = house.write("ailleurs.txt", export(p="DURAND", q="PETIT"))
    taken = take_again(house.workspace, FLOW, ParcelChoice(files=(path,)), who="me")
    assert [key[64:] for key in taken.taken] == ["-2"]
    path.unlink()
    house.run()
    assert house.model() == {"p": "DURAND", "q": "PETIT"}
    with pytest.raises(UsageError):
        take_again(house.workspace, FLOW, ParcelChoice(files=(path,)), who="me")


def test_everything_is_delivered_anew_each_record_once_in_its_latest_state(house):
    for path in (house.folder / "sorties").iterdir():
        path.unlink()
    done = deliver_all(house.workspace, FLOW, who="me")
    (outcome,) = done.report.outcomes
    fates = {fate.value: count for fate, count in outcome.balance.fates.items() if count}
    assert (fates, done.left) == ({"delivered": 2, "withheld": 1}, 0)
    assert house.model() == {"p": "MARTIN", "q": "PETIT"}
    assert house.run() == {}
    assert deliver_all(house.workspace, FLOW, who="me").left == 0, "as often as it is needed"


def test_what_nothing_kept_holds_is_counted(house):
    first, _second = house.workspace.journal.list_parcels(FLOW)
    house.workspace.depot.remove(first.digest)
    done = deliver_all(house.workspace, FLOW, who="me")
    assert (done.registered.gone, done.left) == ((first.key,), 1)


def test_where_one_of_several_files_cannot_be_read_none_of_them_is_taken(house):
    here, before = house.write("ailleurs.txt", export(p="ROUX")), house.workspace.journal.list_parcels(FLOW)
    with pytest.raises(UsageError) as refused:
        take_again(house.workspace, FLOW, ParcelChoice(files=(here, here.with_name("absent.txt"))), who="me")
    assert refused.value.code == "usage.file.unreadable"
    assert house.workspace.journal.list_parcels(FLOW) == before
