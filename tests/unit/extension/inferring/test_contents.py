"""What the cells of a column look like."""

from __future__ import annotations

import pytest

from passerelle.extension.inferring.contents import examine_cells


@pytest.mark.parametrize(
    ("cells", "formats", "kind"),
    [
        (("31/12/2024", "01/02/2025"), ("%d/%m/%Y",), "day"),
        (("2024-12-31", "2025-02-01"), ("%Y-%m-%d",), "day"),
        (("31.12.2024", "01.02.2025"), ("%d.%m.%Y",), "day"),
        (("12/31/2024", "02/01/2025"), ("%m/%d/%Y",), "day"),
        (("31/12/2024 08:30", "01/02/2025 09:00"), ("%d/%m/%Y %H:%M",), "moment"),
        (("2024-12-31T08:30:15", "2025-02-01T09:00:00"), ("%Y-%m-%dT%H:%M:%S",), "moment"),
        (("31/12/2024", "2025-02-01", "2025-02-02"), ("%Y-%m-%d", "%d/%m/%Y"), "day"),
        (("31/02/2024", "30/02/2024"), (), ""),
        (("31/12/24", "01/02/25"), ("%d/%m/%y",), "day"),
        (("1/12/2024", "11/2/2025"), ("%-d/%-m/%Y",), "day"),
        (("2024-12-31 00:00:00.0", "2025-02-01 08:30:00.0"), ("%Y-%m-%d %H:%M:%S.%f",), "moment"),
    ],
)
def test_the_way_a_day_is_written_is_found(cells, formats, kind):
    seen = examine_cells(cells)
    assert (seen.formats, seen.kind) == (formats, kind)


def test_days_that_could_be_months_are_ambiguous():
    assert examine_cells(("01/02/2025", "03/04/2025")).ambiguous
    assert examine_cells(("01/02/2025", "03/04/2025")).formats == ("%d/%m/%Y",)
    assert not examine_cells(("01/02/2025", "31/04/2025", "13/04/2025")).ambiguous


@pytest.mark.parametrize(
    ("cells", "clock"), [(("08:30", "17:05"), "%H:%M"), (("08h30",), "%Hh%M"), (("8:30",), "%-H:%M"), (("8H30",), "")]
)
def test_a_time_of_day_is_known_only_as_converters_read_it(cells, clock):
    assert examine_cells(cells).clock == clock


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("147049921811028", "2 51 03 99 304 561 33"), "nir"),
        (("99900000300015",), "siret"),
        (("06 39 98 00 01", "+33639980002", "0639980003 / 0199000001"), "phone"),
        (("a@example.org",), "email"),
        (("42300", "2A004"), "postcode"),
        (("1,5", "12"), "number"),
        (("120,50 €", "1 200,00"), "amount"),
        (("1h30", "02:15", "45 min"), "duration"),
        (("Oui", "Non", "oui"), "flag"),
    ],
)
def test_a_kind_is_proved_by_content(cells, kind):
    assert examine_cells(cells).share(kind) == 1


def test_a_number_with_a_wrong_key_proves_nothing():
    assert examine_cells(("147049921811029",)).share("nir") == 0
    assert examine_cells(("99900000300016",)).share("siret") == 0


def test_words_for_unknown_are_told_apart_unless_there_is_nothing_else():
    seen = examine_cells(("12", "-", "N/A", "", None, "14"))
    assert (seen.filled, seen.nulls) == (2, ("-", "N/A"))
    assert examine_cells(("-", "-")).nulls == ()


def test_a_list_is_few_words_said_again():
    assert examine_cells(("Nord", "Sud", "Nord", "Nord")).words == {"Nord": 3, "Sud": 1}
    assert not examine_cells(("Nord", "Sud")).listed
    assert not examine_cells(("x" * 61,) * 4).listed


def test_an_empty_column_is_empty_and_no_list():
    seen = examine_cells(("", None, "  "))
    assert (seen.filled, seen.rows, seen.listed, seen.kind, seen.unique) == (0, 3, False, "", False)
    assert seen.shares["flag"] == 0


def test_no_cell_shows_in_the_repr():
    assert "Nord" not in repr(examine_cells(("Nord", "Sud", "Nord", "Nord")))


def test_the_few_days_that_are_written_otherwise_bring_their_own_formats():
    days = [f"{day:02}/03/2024" for day in range(1, 29)]
    assert examine_cells([*days, "5/4/2024"]).formats == ("%d/%m/%Y", "%-d/%-m/%Y")
    assert examine_cells([*days, "05/04/24"]).formats == ("%d/%m/%Y", "%d/%m/%y")
    assert examine_cells([*days, "04/29/2024"]).formats == ("%d/%m/%Y",)
    assert set(examine_cells(["2024-02-01", "3/2/24", "4/2/24"]).formats) == {"%Y-%m-%d", "%-d/%-m/%y"}


def test_rare_ways_to_write_a_time_are_believed_beside_a_usual_one_alone():
    assert examine_cells(["08:15", "07h30", "8 h 15", "9H15"]).clocks[1:] == ("%Hh%M", "%-HH%M", "%-H h %M")
    assert examine_cells(["12.50", "14.00"]).clocks == ()
    assert examine_cells(["1530", "0815"]).clocks == ()
