"""Silence is told: nothing came in time, an empty export, one much smaller than usual; a good one clears the notice."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from people_flow import SETTINGS, SUPPLIER, run_once
from whole_exports import Exports, codes, write_persons

from passerelle.engine.health.workspace_status import read_status
from passerelle.engine.runs.run_state import RunState, find_flows_state
from passerelle.engine.runs.silence_watch import LateFlow, _judge_sizes
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.stores.regularity import ParcelSize


@pytest.fixture
def exports(tmp_path):
    return Exports.at(tmp_path, whole="false")


def test_nothing_in_time_is_told_until_something_comes(exports):
    exports.configure(whole="false", expected_every="1d")
    assert codes(exports.run()) == [], "nothing can be late at the first run"
    exports.send(write_persons(range(3)))
    exports.clock.moment += timedelta(hours=23)
    assert codes(exports.run()) == []
    exports.clock.moment += timedelta(hours=1)
    outcome = exports.run()
    assert codes(outcome) == ["silence.flow.late"]
    assert outcome.notices[0].details["every"] == "1d"
    assert find_flows_state([outcome]) is RunState.ASIDE
    since = outcome.notices[0].since
    exports.clock.moment += timedelta(hours=1)
    assert exports.run().notices[0].since == since
    assert codes(exports.send(write_persons(range(3), tag="x"))) == []


def test_a_source_that_never_sent_anything_is_late_too(exports):
    exports.configure(whole="false", expected_every="12h")
    exports.run()
    exports.clock.moment += timedelta(hours=12)
    assert codes(exports.run()) == ["silence.flow.late"]


def test_the_same_file_again_is_a_sign_of_life_unless_it_stays_where_it_is(exports):
    for after, expected in (("archive", []), ("keep", ["silence.flow.late"])):
        exports.configure(whole="false", expected_every="1d", after=after)
        exports.send(write_persons(range(3)))
        exports.clock.moment += timedelta(days=1)
        if after == "archive":
            exports.drop(write_persons(range(3)))
        assert codes(exports.run()) == expected


def test_status_tells_of_lateness_when_no_run_does(exports):
    exports.configure(whole="false", expected_every="1d")
    exports.send(write_persons(range(3)))
    exports.clock.moment += timedelta(days=2)
    with exports.open() as workspace:
        status = read_status(workspace)
    assert [notice.code for notice in status.flows[0].notices] == ["silence.flow.late"]
    assert status.has_notices


def test_an_empty_export_after_one_that_was_not_is_told(exports):
    assert codes(exports.send(write_persons(()))) == [], "nothing is known yet of what is usual"
    exports.send(write_persons(range(3)))
    assert codes(exports.send(write_persons(()) + "\n")) == ["silence.parcel.empty"]
    assert codes(exports.run()) == ["silence.parcel.empty"], "until a good export comes"
    assert codes(exports.send(write_persons(range(3), tag="x"))) == []


def test_an_export_with_fewer_rows_than_the_settings_expect_is_told(exports):
    exports.configure(whole="false", fewest_rows=5)
    outcome = exports.send(write_persons(range(4)))
    assert [(notice.code, dict(notice.details)) for notice in outcome.notices] == [
        ("silence.parcel.small", {"rows": "4", "fewest": "5"})
    ]
    assert codes(exports.send(write_persons(range(5)))) == []


def test_without_a_setting_an_export_that_shrinks_by_more_than_half_is_told(exports):
    exports.send(write_persons(range(100)))
    assert codes(exports.send(write_persons(range(50)))) == []
    assert codes(exports.send(write_persons(range(30)))) == ["silence.parcel.shrunk"]
    assert codes(exports.send(write_persons(range(90)))) == []


@pytest.mark.parametrize(("cursor", "told"), [("", ["silence.parcel.shrunk"]), ("id", [])])
def test_the_answer_to_a_query_is_an_export_unless_it_brings_new_rows_alone(tmp_path, cursor, told):
    (tmp_path / "essai.toml").write_text(SUPPLIER, "utf-8")
    query = 'kind = "sql", url = "metier.db", query = "SELECT id, nom FROM gens"'
    source = f'source = {{ {query}, cursor = "{cursor}" }}'
    kept = 'source = { kind = "folder", path = "entrees", quiet_seconds = 0 }'
    (tmp_path / "passerelle.toml").write_text(SETTINGS.replace(kept, source), "utf-8")
    with closing(sqlite3.connect(tmp_path / "metier.db")) as connection:
        connection.execute("CREATE TABLE gens (id INTEGER, nom TEXT)")
        for first, count in ((1, 40), (101, 10)):
            with connection:
                connection.execute("DELETE FROM gens")
                rows = [(number, f"N{number}") for number in range(first, first + count)]
                connection.executemany("INSERT INTO gens VALUES (?, ?)", rows)
            outcome = run_once(tmp_path / "passerelle.toml")
    assert codes(outcome) == told


@pytest.mark.parametrize(("rows", "told"), [(25, False), (20, False), (19, True)])
def test_what_is_usual_is_the_median_of_the_last_five_exports(exports, rows, told):
    earlier = [ParcelSize(f"e{run}", run, size) for run, size in enumerate((40, 40, 40, 100, 100, 100))]
    flow = load_settings(exports.folder / "passerelle.toml").flows["un"]
    assert (_judge_sizes(flow, [ParcelSize("now", 9, rows)], earlier)["silence.parcel.shrunk"] is not None) is told


def test_small_exports_have_no_usual_size_unless_the_settings_say_how_much_they_may_shrink(exports):
    exports.send(write_persons(range(15)))
    assert codes(exports.send(write_persons(range(2)))) == []
    exports.configure(whole="false", most_shrink=0.2)
    exports.send(write_persons(range(15), tag="x"))
    assert codes(exports.send(write_persons(range(5)))) == ["silence.parcel.shrunk"]


def test_the_smaller_of_two_files_of_every_night_is_no_alarm(exports):
    for night in range(3):
        exports.drop(write_persons(range(200), tag=f"a{night}"))
        exports.drop(write_persons(range(1000, 1020), tag=f"b{night}"))
        assert codes(exports.run()) == []


def test_the_night_after_several_exports_at_once_is_no_alarm(exports):
    exports.send(write_persons(range(60)))
    for day in range(3):
        exports.drop(write_persons(range(60), tag=day))
    exports.run()
    assert codes(exports.send(write_persons(range(60), tag="x"))) == []


@pytest.mark.parametrize(("minutes", "text"), [(90, "90m"), (120, "2h"), (1440, "1d"), (1500, "25h"), (10080, "7d")])
def test_how_often_is_told_in_the_words_of_the_settings(minutes, text):
    since = datetime(2024, 12, 2, 3, 0, tzinfo=UTC)
    assert LateFlow(since, timedelta(minutes=minutes)).details["every"] == text


# no shrinking: each night opens a workspace
@settings(max_examples=count_examples(6), deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(sizes=st.lists(st.sampled_from([0, 8, 20, 45, 100]), min_size=2, max_size=6))
def test_silence_is_told(tmp_path_factory, sizes):
    exports = Exports.at(tmp_path_factory.mktemp("x"), whole="false")
    usual: list[int] = []
    had_rows = False
    for night, size in enumerate(sizes):
        told = set(codes(exports.send(write_persons(range(size), tag=night) + "\n" * night)))
        last = sorted(usual[-5:])
        half = (last[(len(last) - 1) // 2] + last[len(last) // 2]) / 4 if last else 0
        expected = {"silence.parcel.empty"} if not size and had_rows else set()
        if 0 < size < half:
            expected = {"silence.parcel.shrunk"}
        assert told == expected
        had_rows = had_rows or size > 0
        usual += [size] if size >= 20 else []
