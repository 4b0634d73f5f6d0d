"""Days and times of true worksheet cells are read whatever formats the connector declares."""

from __future__ import annotations

import pytest

from passerelle.stages.translate import (
    Constant,
    Date,
    Doubtful,
    Duration,
    Fault,
    FirstOf,
    LocalDateTime,
    PartialDate,
    Ref,
    Table,
)
from passerelle.stages.translate.converters.true_cells import accept_true_cells, join_pair
from passerelle.stages.translate.plan import compile_plan

PAIR = LocalDateTime(("d", "h"), formats=("%d/%m/%Y %H:%M",), true_cells=True)
MOMENT = LocalDateTime("d", formats=("%d/%m/%Y %H:%M",), true_cells=True)
NINE = "2024-11-04T09:30:00+01:00"


@pytest.mark.parametrize("converter", [Date("d", true_cells=True), PartialDate("d", true_cells=True)])
@pytest.mark.parametrize(
    ("text", "day"),
    [("04/11/2024", "2024-11-04"), ("2024-11-04", "2024-11-04"), ("2024-11-04T00:00:00", "2024-11-04")],
)
def test_a_day_is_read_as_text_and_as_a_true_cell(converter, text, day):
    assert converter.parse({"d": text}) == day


@pytest.mark.parametrize("kind", [Date, PartialDate])
def test_the_time_of_a_true_cell_is_left_out_of_a_day_with_a_word(kind):
    outcome = kind("d", true_cells=True).parse({"d": "2024-11-04T09:30:00"})
    assert outcome == Doubtful("2024-11-04", "translate.date.with_time", "d")


@pytest.mark.parametrize("kind", [Date, PartialDate])
@pytest.mark.parametrize("text", ["1900-02-29", "1900-02-29T10:00:00"])
def test_the_day_that_never_was_is_a_fault(kind, text):
    assert kind("d", true_cells=True).parse({"d": text}) == Fault("translate.date.impossible", "d")


@pytest.mark.parametrize("converter", [Date("d"), LocalDateTime("d", formats=("%d/%m/%Y %H:%M",))])
def test_text_files_are_read_in_the_declared_formats_only(converter):
    assert isinstance(converter.parse({"d": "2024-11-04"}), Fault)
    assert isinstance(converter.parse({"d": "2024-11-04T09:30:00"}), Fault)


@pytest.mark.parametrize(
    ("day", "hour"),
    [
        ("04/11/2024", "09:30"),
        ("04/11/2024", "09:30:00"),
        ("2024-11-04", "09:30"),
        ("2024-11-04", "09:30:00"),
        ("2024-11-04T00:00:00", "09:30:00"),
        ("2024-11-04T09:30:00", "09:30:00"),
        ("2024-11-04T09:30:00", "09:30"),
        ("2024-11-04T09:30:00", None),
        ("2024-11-04", "2024-11-04T09:30:00"),
        ("2024-11-04T00:00:00", "2024-11-04T09:30:00"),
        ("2024-11-04T09:30:00", "2024-11-04T09:30:00"),
        ("2024-11-04", "1899-12-30T09:30:00"),
        ("04/11/2024", "1899-12-31T09:30:00"),
        ("2024-11-04", "1904-01-01T09:30:00"),
        (None, "2024-11-04T09:30:00"),
    ],
)
def test_a_day_and_a_time_are_one_moment_whichever_of_them_is_a_true_cell(day, hour):
    assert PAIR.parse({"d": day, "h": hour}) == NINE


@pytest.mark.parametrize(
    ("day", "hour"),
    [
        ("2024-11-04T09:30:00", "10:00:00"),
        ("2024-11-04", "2024-11-05T09:30:00"),
        ("2024-11-04", "26:30:00"),
        ("2024-11-04T00:00:00", None),
        ("2024-11-04", None),
    ],
)
def test_a_day_and_a_time_that_contradict_each_other_are_a_fault(day, hour):
    assert isinstance(PAIR.parse({"d": day, "h": hour}), Fault)


def test_a_moment_in_one_cell_is_read_and_a_day_alone_is_no_moment():
    assert MOMENT.parse({"d": "2024-11-04T09:30:00"}) == NINE
    assert MOMENT.parse({"d": "2024-11-04T00:00:00"}) == "2024-11-04T00:00:00+01:00"
    assert isinstance(MOMENT.parse({"d": "2024-11-04"}), Fault)


def test_seconds_of_a_duration_are_rounded_with_a_word():
    rounded = [Duration("d").parse({"d": text}) for text in ("00:45:00", "00:45:29", "00:45:30", "26:59:59")]
    reason = ("translate.duration.rounded", "d")
    assert rounded == [45, Doubtful(45, *reason), Doubtful(46, *reason), Doubtful(1620, *reason)]


def test_converters_inside_others_take_true_cells_too():
    assert accept_true_cells(FirstOf(Date("d"), Constant("2024-01-01"))).parse({"d": "2024-11-04"}) == "2024-11-04"
    assert accept_true_cells(Ref("d", system="s", entity="case")) == Ref("d", system="s", entity="case")


def test_a_plan_of_true_cells_leaves_the_tables_as_they_are():
    table = Table(
        contract="case/1",
        fields={
            "ref": Ref("r", system="s", entity="case"),
            "person_ref": Ref("p", system="s", entity="person"),
            "opened_on": Date("d"),
        },
    )
    plain, true_cells = (
        compile_plan([table], supplier="s", true_cells=wanted).tables[0].fields[-1].slots[0].converter
        for wanted in (False, True)
    )
    assert (plain, true_cells) == (Date("d"), Date("d", true_cells=True))


def test_a_pair_without_true_cells_is_joined_as_it_is():
    assert join_pair("04/11/2024", "") == "04/11/2024"
    assert join_pair("", "09:30") == "09:30"
