"""The latest state wins, whatever bytes it comes in; what only stays where it was is no new state."""

from __future__ import annotations

import shutil
from collections import namedtuple
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from carnet_desk import FLOW, SUPPLIER, desk, export
from hypothesis import example, given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.edges.sources.api import ApiSource
from passerelle.edges.sources.inbox import MessageSource, mark_message
from passerelle.engine.path.collecting import collect
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

Page = namedtuple("Page", "content cursor name")  # noqa: PYI024  the port asks for attributes and no more


class Client:
    def close(self) -> None:
        pass


states = st.dictionaries(st.sampled_from("pqr"), st.sampled_from(["DURAND", "MARTIN"]), min_size=1)
arrivals = st.lists(st.tuples(states, st.integers(0, 3)), min_size=2, max_size=6)


def expect(contents) -> dict[str, str]:
    known: dict[str, str] = {}
    for content, _dice in contents:
        known |= content
    return known


@given(arrivals)
@settings(max_examples=count_examples(8), deadline=None)
def test_the_latest_file_dropped_wins_whatever_was_dropped_before(contents):
    with desk() as house:
        for number, (content, dice) in enumerate(contents):
            # the same name or another, with the moment of its first drop or another
            house.write("export.csv" if dice % 2 else f"export-{number}.csv", export(**content), at=1_700_000_000)
            house.run()
            house.run()
        assert house.model() == expect(contents)


@given(arrivals)
@settings(max_examples=count_examples(8), deadline=None)
def test_the_latest_content_of_a_kept_file_wins_and_looks_change_nothing(contents):
    with desk("keep") as house:
        for number, (content, dice) in enumerate(contents):
            # rewritten in place, or replaced by another inode, even with the moment that an earlier one had
            path = house.write("draft.part", export(**content), at=1_700_000_000 + (number if dice % 2 else 0))
            path.rename(path.with_name("export.csv"))
            house.run()
            before = house.model()
            for _look in range(dice):
                assert house.run() == {}
            assert house.model() == before
        assert house.model() == expect(contents)


@given(st.lists(st.tuples(states, st.integers(1, 2)), min_size=2, max_size=5))
@example([({"q": "A"}, 1), ({"p": "A", "q": "A"}, 1), ({"q": "B"}, 1), ({"p": "A", "q": "A"}, 1)])
@settings(max_examples=count_examples(8), deadline=None)
def test_the_latest_answer_of_a_supplier_wins_however_it_is_cut_into_pages(looks):
    with desk() as house:
        for content, size in looks:
            persons = sorted(content.items())
            cut = [dict(persons[start : start + size]) for start in range(0, len(persons), size)]
            contents = [Page(export(**page), "", "") for page in [*cut, {}, {}]]
            source = ApiSource(lambda *_words, contents=contents: iter(contents), Client())
            house.run(source)
            assert content.items() <= house.model().items()
            assert house.run(source) == {}, "the same pages again"


@given(arrivals)
@settings(max_examples=count_examples(8), deadline=None)
def test_the_latest_message_wins_and_retries_of_earlier_ones_change_nothing(contents):
    with desk() as house:
        sent = []
        for number, (content, dice) in enumerate(contents):
            headers, body = {"x-id": str(number)}, export(**content)
            sent.append((headers, body))
            house.run(push(house, headers, body, "X-Id"))
            before = house.model()
            for headers, body in sent[: dice + 1]:
                house.clock.sleep(86_400)
                assert house.run(push(house, headers, body, "X-Id")) == {}
            assert house.model() == before
        assert house.model() == expect(contents)


def push(house, headers, body, *named):
    return MessageSource(body, mark_message(body, headers, named, timedelta(hours=1), house.clock.now()))


def test_without_a_number_a_message_is_repeated_within_its_time_and_news_afterwards():
    with desk() as house:
        one, other = export(p="DURAND"), export(p="MARTIN")
        for body in (one, other):
            house.run(push(house, {}, body))
        assert house.run(push(house, {}, one)) == {}, "its sender did not hear the answer"
        house.clock.sleep(3600)
        assert house.run(push(house, {}, one)) == {"delivered": 1}
        assert house.model() == {"p": "DURAND"}


def test_kept_files_that_contradict_each_other_do_not_flip():
    with desk("keep") as house:
        house.write("lundi.csv", export(p="DURAND"), at=1_700_000_000)
        house.write("mardi.csv", export(p="MARTIN"), at=1_700_000_100)
        assert house.run() == {"delivered": 2}
        for _look in range(3):
            assert house.run() == {}


def test_kept_files_that_are_rotated_are_the_same_files():
    with desk("keep") as house:
        entries = house.folder / "entrees"
        for day, name in enumerate(("DURAND", "MARTIN", "PETIT")):
            for number in reversed(range(day)):
                older = entries / (f"export.{number}.csv" if number else "export.csv")
                older.rename(entries / f"export.{number + 1}.csv")
            house.write("export.csv", export(p=name), at=1_700_000_000 + day)
            assert house.run() == {"delivered": 1}
        assert house.model() == {"p": "PETIT"}


def test_a_kept_folder_that_is_moved_to_another_disk_or_gone_for_a_while_brings_nothing_new():
    with desk("keep") as house:
        entries, aside = house.folder / "entrees", house.folder / "ailleurs"
        house.write("lundi.csv", export(p="DURAND"), at=1_700_000_000)
        house.write("mardi.csv", export(p="MARTIN"), at=1_700_000_100)
        house.run()
        shutil.copytree(entries, aside)
        shutil.rmtree(entries)
        entries.mkdir()
        assert house.run() == {}
        house.clock.sleep(90 * 86_400)
        house.workspace.journal.forget_unseen_marks(timedelta(days=30))
        shutil.copytree(aside, entries, dirs_exist_ok=True)
        assert house.run() == {}


def test_a_file_that_a_run_registered_and_did_not_archive_is_one_parcel():
    with desk() as house:
        house.write("lundi.csv", export(p="DURAND"))
        with house.workspace.open_flow(FLOW) as flow:
            collect(FLOW, Unacknowledged(flow.open_source()), *stores(house), flow.blocks)
        assert house.run() == {"delivered": 1}
        assert len(house.workspace.journal.list_parcels(FLOW)) == 1
        assert not (house.folder / "entrees" / "lundi.csv").exists()


def stores(house):
    return house.workspace.depot, house.workspace.journal, house.clock


@dataclass
class Unacknowledged:
    real: object

    def iter_arrivals(self, cursor):
        return (replace(arrival, acknowledge=lambda: None) for arrival in self.real.iter_arrivals(cursor))


def test_a_parked_file_dropped_again_is_taken_and_the_parked_one_is_given_up():
    other = export(p="DURAND").replace(b"N;Nom", b"Id;Nom")
    with desk() as house:
        house.write("lundi.csv", other)
        house.run()
        (house.folder / "carnet.toml").write_text(SUPPLIER.replace('"N"', '"Id"'), "utf-8")
        with open_workspace(load_settings(house.folder / "passerelle.toml"), clock=house.clock) as corrected:
            house.workspace = corrected
            assert house.run() == {}, "nobody asked for it"
            house.write("lundi.csv", other)
            assert house.run() == {"delivered": 1}
            states = [row.state for row in corrected.journal.list_parcels(FLOW)]
            assert states == ["dropped", "done"]


@pytest.mark.parametrize(
    ("order", "latest"), [("time", "DURAND"), ("name", "MARTIN"), ("date", "PETIT")], ids=["time", "name", "date"]
)
def test_the_files_of_one_look_are_taken_in_the_order_that_is_declared(order, latest):
    with desk() as house:
        path = house.folder / "passerelle.toml"
        path.write_text(f'{path.read_text("utf-8")}order = "{order}"\n', "utf-8")
        house.write("c-2024-11-03.csv", export(p="PETIT"), at=1_700_000_000)
        house.write("d-2024-11-01.csv", export(p="MARTIN"), at=1_700_000_100)
        house.write("a-2024-11-02.csv", export(p="DURAND"), at=1_700_000_200)
        with open_workspace(load_settings(path), clock=house.clock) as workspace:
            house.workspace = workspace
            house.run()
            assert house.model() == {"p": latest}


DATED = SUPPLIER.replace(
    'dialect = { kind = "csv", delimiter = ";" }',
    'dialect = { kind = "csv", delimiter = ";" }\nordered_by = { kind = "local_date_time", column = "Modif", '
    'formats = ["%d/%m/%Y %H:%M"] }',
).replace(
    "[connector.carnet-csv.table.personnes.fields]",
    'waived = { Modif = "l\'ordre" }\n[connector.carnet-csv.table.personnes.fields]',
)


def dated(*rows: tuple[str, str, str]) -> bytes:
    return "\n".join(["N;Nom;Modif", *(";".join(row) for row in rows), ""]).encode()


written = st.lists(
    st.tuples(st.sampled_from("pq"), st.sampled_from(["DURAND", "MARTIN", "PETIT"]), st.integers(0, 4)),
    min_size=1,
    max_size=5,
)


@given(st.lists(written, min_size=1, max_size=5))
@example([[("p", "A", 2)], [("p", "A", 4)], [("p", "B", 3)]])
@example([[("p", "A", 1), ("p", "B", 3), ("p", "A", 2)], [("p", "C", 2), ("p", "B", 4), ("p", "C", 3)]])
@settings(max_examples=count_examples(8), deadline=None)
def test_an_older_state_never_overwrites_a_newer_one(files):
    newest: dict[str, tuple[int, str]] = {}
    with desk(supplier=DATED) as house:
        for rows in files:
            house.write("export.csv", dated(*((ref, name, f"01/02/2024 1{hour}:00") for ref, name, hour in rows)))
            counted = house.run()
            assert sum(counted.values()) == len(rows)
            for ref, name, hour in rows:
                # equal moments say nothing: the later arrival stays
                if hour >= newest.get(ref, (-1, ""))[0]:
                    newest[ref] = (hour, name)
            assert house.model() == {ref: name for ref, (_hour, name) in newest.items()}


def test_a_state_without_a_moment_passes_and_does_not_open_the_door_to_older_ones():
    with desk(supplier=DATED) as house:
        for name, modified in (("DURAND", "03/02/2024 10:00"), ("MARTIN", ""), ("PETIT", "02/02/2024 10:00")):
            house.write("export.csv", dated(("p", name, modified)))
            house.run()
        assert house.model() == {"p": "MARTIN"}
        reasons = {key.code: (key.column, count) for key, count in house.workspace.journal.count_reasons(FLOW).items()}
        assert reasons == {"compare.record.undated": ("Modif", 1), "compare.record.older": ("", 1)}
        assert house.workspace.quarantine.list_rows() == (), "nobody will want it"


@pytest.mark.parametrize(
    ("asked", "second"),
    [
        ('{ column = "Modif", formats = ["%d/%m/%Y %H:%M"] }', b"N;Nom;Change\np;MARTIN;01/02/2024 10:00\n"),
        ('{ column = "Modif", formats = ["%d/%m/%Y %H:%M"] }', b"N;Nom;Modif\np;MARTIN;2024-02-01 10:00\n"),
        ("{ file_name = true }", b"N;Nom;Modif\np;MARTIN;01/02/2024 10:00\n"),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_an_order_that_was_asked_for_and_can_no_longer_be_told_is_no_silence(asked, second, together):
    with desk(more=f'ordered_by = {asked}\nabsent = "keep"') as house:
        house.write("export-2024-02-03.csv", dated(("p", "DURAND", "03/02/2024 10:00")), at=1_700_000_000)
        if not together:
            house.run()
            assert "compare.record.undated" not in {key.code for key in house.workspace.journal.count_reasons(FLOW)}
        house.write("export.csv", second, at=1_700_000_100)
        house.run()
        assert house.model() == {"p": "MARTIN"}
        reasons = {(key.code, key.column): count for key, count in house.workspace.journal.count_reasons(FLOW).items()}
        assert reasons["compare.record.undated", "Modif" if "column" in asked else ""] == 1


def test_a_first_state_without_a_moment_is_told_where_the_settings_ask_for_one_and_only_there():
    for supplier, more, told in (
        (DATED, "", set()),
        (DATED, 'ordered_by = { column = "Modif", formats = ["%d/%m/%Y %H:%M"] }', {"compare.record.undated"}),
    ):
        with desk(supplier=supplier, more=more) as house:
            house.write("export.csv", dated(("p", "DURAND", "")))
            house.run()
            assert {key.code for key in house.workspace.journal.count_reasons(FLOW)} == told


@pytest.mark.parametrize(("order", "latest"), [("", "JOUR1"), ("ordered_by = { file_name = true }", "JOUR3")])
def test_an_older_export_is_withheld_by_the_date_in_its_name_or_told_of(order, latest):
    with desk(more=order) as house:
        house.write("export-2024-11-03.csv", export(p="JOUR3"), at=1_700_000_000)
        house.write("export-2024-11-01.csv", export(p="JOUR1", q="JOUR1"), at=1_700_000_100)
        house.run()
        assert house.model() == {"p": latest, "q": "JOUR1"}
        reasons = {key.code: count for key, count in house.workspace.journal.count_reasons(FLOW).items()}
        assert reasons == {"compare.record.older" if order else "collect.parcel.older": 1}


def test_what_an_export_confirms_is_as_recent_as_the_export():
    with desk(more="ordered_by = { file_name = true }") as house:
        for day, name in ((1, "DURAND"), (5, "DURAND"), (3, "MARTIN")):
            house.write(f"export-2024-11-0{day}.csv", export(p=name))
            house.run()
        assert house.model() == {"p": "DURAND"}


def test_a_parked_parcel_that_is_taken_up_after_newer_ones_is_told_of():
    with desk(more='absent = "keep"') as house:
        house.write("lundi.csv", export(p="DURAND").replace(b"N;Nom", b"Id;Nom"))
        house.write("mardi.csv", export(p="MARTIN"))
        house.run()
        (house.folder / "carnet.toml").write_text(SUPPLIER.replace('"N"', '"Id"'), "utf-8")
        with open_workspace(load_settings(house.folder / "passerelle.toml"), clock=house.clock) as corrected:
            house.workspace = corrected
            parked = next(row for row in corrected.journal.list_parcels(FLOW) if row.state == "parked")
            corrected.journal.reopen_parcel(FLOW, parked.key)
            assert house.run() == {"delivered": 1}
            assert {key.code for key in corrected.journal.count_reasons(FLOW)} >= {"collect.parcel.older"}
