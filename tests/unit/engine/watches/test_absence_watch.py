"""The watch over absent columns: whom it asks, when it stays silent, and which fields it calls unsaid."""

from __future__ import annotations

from types import MappingProxyType

import polars as pl
import pytest

from passerelle.engine.watches.absence_watch import AbsenceWatch
from passerelle.engine.watches.column_presence import ColumnPresence
from passerelle.engine.watches.drift_watch import DriftWatch
from passerelle.engine.watches.feeding_columns import FeedingColumns
from passerelle.stages.decode.dialects import Csv, Json
from passerelle.stages.translate import Ref, Table, Telecom, Text
from passerelle.stages.translate.plan import compile_plan
from passerelle.stores.settlement import Settlement
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import Balance
from passerelle.vocabulary.parcels import BatchKey, DecodedBatch, Records, TextTable
from passerelle.vocabulary.place import ROW

PLAN = compile_plan(
    [
        Table(
            contract="person/1",
            member=member,
            fields={
                "ref": Ref("id", system="demo", entity="person"),
                "birth_name": Text("nom"),
                "telecoms": [Telecom("fixe"), Telecom("mobile")],
            },
        )
        for member in ("", "b")
    ],
    supplier="demo",
)
MET = frozenset({"id", "nom", "fixe", "mobile", "jamais lu"})


def watch(dialect=None, *, absent="hold", before=MappingProxyType({"": MET}), carries=False, **more):
    dialect = dialect or Csv()
    return AbsenceWatch(
        flow="un",
        feeding=FeedingColumns(PLAN, spares_optional=not isinstance(dialect, Csv), carries_extra=carries),
        presence=ColumnPresence.of(dialect),
        absent=absent,
        before=before,
        drift=DriftWatch(PLAN),
        **more,
    )


def batch(*columns, member="", rows=1):
    frame = pl.DataFrame({name: ["x"] * rows for name in columns}, dict.fromkeys(columns, pl.String))
    return DecodedBatch(0, TextTable(member, frame, pl.Series(range(rows), dtype=pl.UInt32)))


def records(table, **columns):
    frame = pl.DataFrame(columns, infer_schema_length=None).with_columns(
        pl.int_range(pl.len()).cast(pl.UInt32).alias(ROW)
    )
    return Records("person/1", frame), table


def settlement():
    return Settlement(flow="un", run=1, batch=BatchKey("a" * 64, 0), balance=Balance(), at=None)


def test_a_column_that_fed_a_field_and_is_gone_is_asked_about_by_its_name():
    with pytest.raises(ParcelError) as asked:
        watch().observe(batch("id", "nom", "fixe"))
    assert asked.value.details == {"columns": "«mobile»", "name": "un"}


@pytest.mark.parametrize(
    "more",
    [{"must_ask": False}, {"absent": "keep"}, {"absent": "empty"}, {"before": {}}, {"before": {"": {"jamais lu"}}}],
)
def test_nobody_is_asked_who_has_answered_or_has_nothing_to_miss(more):
    watch(**more).observe(batch("id", "nom"))


def test_a_member_without_rows_empties_nothing_and_one_that_was_asked_about_is_not_asked_again():
    silent = watch()
    silent.observe(batch("id", "nom", rows=0))
    silent.observe(batch("id", "nom", "fixe", "mobile"))
    silent.observe(batch("id", "nom"))


def test_where_columns_come_late_the_parcel_is_read_to_its_end_before_anybody_is_asked():
    first, later = batch("id", "nom"), batch("id", "fixe", "mobile")
    late = watch(Json(lines=True), read_parcel=lambda: iter([first, later]))
    late.observe(first)
    never = watch(Json(lines=True), read_parcel=lambda: iter([first, first]))
    with pytest.raises(ParcelError):
        never.observe(first)


def test_a_second_member_is_looked_at_before_the_first_is_delivered():
    before = {"": MET, "b": MET}
    parcel = [batch("id", "nom", "fixe", "mobile"), batch("id", "nom", member="b")]
    with pytest.raises(ParcelError):
        watch(before=before, read_parcel=lambda: iter(parcel)).check_beforehand()
    watch(before=before, read_parcel=lambda: iter(parcel[:1])).check_beforehand()
    watch(read_parcel=lambda: iter(parcel)).check_beforehand()


def test_only_columns_that_feed_something_are_kept_in_the_journal_and_each_once():
    noting = watch(before={"": {"id"}})
    table = batch("id", "nom", "inconnue").table
    written = noting.add_columns(settlement(), table)
    assert (written.member, written.columns) == ("", ("nom",))
    noting.note_columns(written)
    assert noting.add_columns(settlement(), table).columns == ()


def test_what_no_batch_of_the_parcel_had_is_gone():
    gone = watch()
    gone.add_columns(settlement(), batch("id", "nom").table)
    gone.add_columns(settlement(), batch("id", "fixe").table)
    assert gone.list_gone() == {"": ["mobile"]}


def test_a_field_of_which_every_column_is_gone_is_kept_and_one_of_which_some_are_is_kept_whole():
    table = batch("id", "fixe", rows=2).table
    unsaid = watch(absent="keep").find_unsaid(
        *records(table, ref=["a", "b"], birth_name=[None, None], telecoms=[None, None])
    )
    assert {name: mask.tolist() for name, mask in unsaid.masks.items()} == {
        "birth_name": [True, True],
        "telecoms": [True, True],
    }
    assert (unsaid.partly, unsaid.guessed) == ({"telecoms"}, False)


def test_a_field_that_the_purpose_withholds_cannot_be_unsaid():
    table = batch("id", "fixe", "mobile").table
    assert watch(absent="keep").find_unsaid(*records(table, ref=["a"])) is None


def test_where_absence_is_emptiness_nothing_is_unsaid():
    assert watch(absent="empty").find_unsaid(*records(batch("id").table, ref=["a"], birth_name=[None])) is None
    assert watch().find_unsaid(*records(batch("id").table, ref=["a"], birth_name=[None])) is None


def test_of_a_document_that_nobody_decided_about_only_records_without_a_value_are_guessed_unsaid():
    frame = pl.DataFrame({"id": ["1", "2", "3"], "nom": ["x", None, None]})
    table = TextTable("", frame, pl.Series([1, 2, 3], dtype=pl.UInt32))
    unsaid = watch(Json()).find_unsaid(*records(table, ref=["a", "b", "c"], birth_name=["X", None, "défaut"]))
    assert {name: mask.tolist() for name, mask in unsaid.masks.items()} == {"birth_name": [False, True, False]}
    assert unsaid.guessed


def test_what_no_record_of_a_document_ever_had_is_not_guessed_unsaid():
    table = batch("id").table
    given = records(table, ref=["a"], birth_name=[None])
    assert watch(Json(), before={"": {"id"}}).find_unsaid(*given) is None
    assert watch(Json()).find_unsaid(*given).masks["birth_name"].tolist() == [True]


def test_what_travelled_without_a_field_and_is_gone_keeps_the_whole_of_it():
    keeping = watch(absent="keep", carries=True, before={"": {"id", "note"}})
    unsaid = keeping.find_unsaid(*records(batch("id", "nom", "fixe", "mobile").table, ref=["a"], extra=[None]))
    assert (unsaid.masks["extra"].tolist(), unsaid.partly) == ([True], {"extra"})
