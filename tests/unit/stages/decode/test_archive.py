"""Archives are judged before anything in them is opened."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile

import pytest

from passerelle.documents.workbook_reader import open_rows
from passerelle.stages.decode.decoding import peek
from passerelle.stages.decode.dialects import Csv, Xlsx
from passerelle.vocabulary.errors import ParcelError

DIALECT = Csv(members={"personnes*.csv": "person", "dossiers.csv": "case"})


def archive(**entries: bytes | str) -> bytes:
    return archive_of([(name.replace("__", "."), data) for name, data in entries.items()])


def archive_of(entries: list[tuple[str | zipfile.ZipInfo, bytes | str]]) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        warnings.simplefilter("ignore")
        for name, data in entries:
            made.writestr(name, data)
    return stream.getvalue()


def refusal(outcome, data: bytes, dialect=DIALECT) -> str:
    with pytest.raises(ParcelError) as refused:
        outcome(data, dialect)
    return refused.value.code


def test_members_come_in_the_order_of_the_dialect_and_numbers_go_on(outcome):
    data = archive_of([("export/dossiers.csv", "c\n1\n2\n"), ("export/Personnes_2024.CSV", "a;b\n1;2\n")])
    found = outcome(data, DIALECT, block_bytes=2)
    assert [(batch.number, batch.table.member) for batch in found.batches] == [(0, "person"), (1, "case"), (2, "case")]
    assert found.batches[-1].consumed == len(data)
    assert peek(io.BytesIO(data), DIALECT, open_rows) == {"person": ("a", "b"), "case": ("c",)}


def test_what_is_set_aside_says_in_which_member(outcome):
    found = outcome(archive(personnes__csv="a;b\n1\n", dossiers__csv="c\n"), DIALECT)
    assert found.aside[0].place.member == "person"


def test_unexpected_and_missing_members_are_warned_of_by_name(outcome):
    found = outcome(archive(personnes__csv="a\n1\n", autres__txt="x"), DIALECT)
    assert [(item.reason, item.place.member, item.details) for item in found.warned] == [
        ("decode.member.missing", "case", {"expected": "dossiers.csv"}),
        ("decode.unread.member", "autres.txt", {"count": "1"}),
    ]


def test_an_archive_without_files_is_parked(outcome):
    assert refusal(outcome, archive_of([])) == "decode.archive.empty"
    assert refusal(outcome, archive_of([("dossier/", "")])) == "decode.archive.empty"


def test_an_archive_without_any_expected_member_is_parked(outcome):
    assert refusal(outcome, archive(autre__csv="a\n1\n")) == "decode.member.none"


def test_two_files_for_one_member_are_ambiguous(outcome):
    assert refusal(outcome, archive(personnes1__csv="a\n", personnes2__csv="a\n")) == "decode.member.ambiguous"


def test_an_empty_member_parks_the_parcel_before_the_others_are_read(outcome):
    assert refusal(outcome, archive(personnes__csv="a\n1\n", dossiers__csv="")) == "decode.parcel.empty"


@pytest.mark.parametrize("name", ["../personnes.csv", "/personnes.csv", "a/../../personnes.csv", "C:personnes.csv"])
def test_names_that_point_outside_are_refused(outcome, name):
    assert refusal(outcome, archive_of([(name, "a\n")])) == "decode.archive.name"


def test_a_name_with_backslashes_that_points_outside_is_refused(outcome):
    data = archive_of([("..xpersonnes.csv", "a\n")]).replace(b"..xpersonnes", b"..\\personnes")
    assert refusal(outcome, data) == "decode.archive.name"


def test_a_name_with_nul_is_refused(outcome):
    data = archive_of([("personnesx.csv", "a\n")]).replace(b"personnesx", b"personnes\0")
    assert refusal(outcome, data) == "decode.archive.name"


def test_links_are_refused(outcome):
    link = zipfile.ZipInfo("personnes.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal(outcome, archive_of([(link, "/etc/hostname")])) == "decode.archive.link"


def test_an_archive_in_the_archive_is_refused(outcome):
    assert refusal(outcome, archive(personnes__csv="a\n", autres__zip="PK")) == "decode.archive.nested"


def test_the_same_name_twice_is_refused(outcome):
    assert (
        refusal(outcome, archive_of([("personnes.csv", "a\n"), ("Personnes.csv", "b\n")])) == "decode.archive.overlap"
    )


def test_entries_that_share_bytes_are_refused(outcome):
    data = archive(personnes__csv="a\n" * 9, dossiers__csv="a\n" * 9)
    directory = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", directory + 4)
    shared = data[: second + 42] + struct.pack("<L", 0) + data[second + 46 :]
    assert refusal(outcome, shared) == "decode.archive.overlap"


def test_too_many_entries_are_refused(outcome):
    assert refusal(outcome, archive_of([(f"{n}.csv", "a\n") for n in range(1001)])) == "decode.archive.too_many_entries"


def test_a_bomb_is_refused_by_what_it_declares(outcome):
    assert refusal(outcome, archive(personnes__csv=b"0" * (4 << 20))) == "decode.archive.bomb"


def test_a_workbook_that_declares_too_much_is_refused(outcome):
    data = archive(a__xml="x" * 100, b__xml="y" * 100)
    directory = data.index(b"PK\x01\x02")
    size, compressed = struct.pack("<L", 300 << 20), struct.pack("<L", 4 << 20)
    lying = data[: directory + 20] + compressed + size + data[directory + 28 :]
    assert refusal(outcome, lying, Xlsx()) == "decode.archive.too_big"


def test_an_entry_that_is_longer_or_other_than_declared_is_refused(outcome):
    data = archive(personnes__csv="a\n" * 1000)
    directory = data.index(b"PK\x01\x02")
    lying = data[: directory + 24] + struct.pack("<L", 10) + data[directory + 28 :]
    assert refusal(outcome, lying) == "decode.archive.broken"


def test_an_encrypted_entry_is_refused(outcome):
    data = bytearray(archive(personnes__csv="a\n"))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(outcome, bytes(data)) == "decode.parcel.encrypted"


@pytest.mark.parametrize("cut", [10, 60, -10])
def test_a_cut_archive_is_broken(outcome, cut):
    assert refusal(outcome, archive(personnes__csv="a;b\n" * 50)[:cut]) == "decode.archive.broken"


def test_a_directory_that_claims_to_be_huge_is_not_read(outcome):
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10, 10, 1 << 30, 0, 0)
    assert refusal(outcome, b"PK" + b"\0" * 40 + tail) == "decode.archive.broken"


def test_a_plain_file_where_an_archive_is_declared_is_refused(outcome):
    assert refusal(outcome, b"a;b\n1;2\n") == "decode.parcel.not_declared"
