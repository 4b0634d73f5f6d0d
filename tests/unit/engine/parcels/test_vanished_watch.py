"""An export is compared with the one before only over the days and contracts of which it speaks."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from whole_exports import PLANNING, Exports, codes, counts, write_planning

from passerelle.engine.parcels.vanished_watch import ContractAbsences, VanishedWatch, Window, find_oldest
from passerelle.engine.path.whole_refs import PresentRefs
from passerelle.engine.path.whole_rule import ContractRule, WholeRule
from passerelle.stores.depot import Depot
from passerelle.stores.seal import Seal
from passerelle.stores.whole_lists import SCHEMA, WholeListDraft, read_pieces

NOTE = "note/1"
SEEN = date(2024, 12, 2)
BEFORE = date(2024, 12, 1)


def day_series(*days: date | None) -> pl.Series:
    return pl.Series(days, dtype=pl.Date)


def make_frame(*refs: str) -> pl.DataFrame:
    return pl.DataFrame({"ref": list(refs), "day": [None] * len(refs)}, schema={"ref": pl.String, "day": pl.Date})


@pytest.fixture
def wholes(tmp_path):
    return Depot(tmp_path / "listes", Seal(bytes(range(32))))


def start_watch(contract: str = NOTE) -> VanishedWatch:
    return VanishedWatch(WholeRule({contract: ContractRule()}), WholeListDraft("un"), SEEN)


def seal_list(wholes: Depot, *entries: tuple[str, date, date | None]) -> str:
    draft = WholeListDraft("un")
    rows = [(ref, None, seen, since, False) for ref, seen, since in entries]
    draft.add(NOTE, pl.DataFrame(rows, schema=SCHEMA, orient="row"))
    return draft.put(wholes)


def list_refs(wholes: Depot, digest: str) -> list[str]:
    return [ref for _contract, piece in read_pieces(wholes, digest) for ref in piece.get_column("ref")]


def test_a_window_speaks_of_its_first_and_last_day_and_of_none_beside_them():
    window = Window()
    window.widen(day_series(date(2024, 12, 4), None))
    window.widen(day_series(date(2024, 12, 2)))
    days = day_series(*(date(2024, 12, day) for day in (1, 2, 3, 4, 5)), None)
    assert window.mark_covered(days, "day").to_list() == [False, True, True, True, False, False]


@pytest.mark.parametrize(
    ("per", "covered"),
    [
        ("week", [False, True, True, False, False]),
        ("month", [False, True, True, True, False]),
        ("year", [True, True, True, True, False]),
    ],
)
def test_a_period_is_covered_to_its_ends(per, covered):
    window = Window()
    window.widen(day_series(date(2024, 12, 4)))
    days = day_series(date(2024, 11, 30), date(2024, 12, 2), date(2024, 12, 8), date(2024, 12, 9), date(2025, 1, 1))
    assert window.mark_covered(days, per).to_list() == covered


def test_a_window_without_a_day_speaks_of_nothing():
    window = Window()
    window.widen(day_series(None, None))
    assert window.mark_covered(day_series(SEEN, None), "year").to_list() == [False, False]


def test_a_share_is_of_what_the_export_speaks_of_and_leaves_out_what_goes_on_elsewhere():
    rows = [("a", None, BEFORE, None, False), ("b", None, BEFORE, BEFORE, False), ("c", None, BEFORE, None, True)]
    absence = ContractAbsences(NOTE, 8, pl.DataFrame(rows, schema=SCHEMA, orient="row"))
    assert absence.find_share(is_new=False) == 2 / 8
    assert absence.find_share(is_new=True) == 1 / 8
    assert ContractAbsences(NOTE, 0, absence.missing).find_share(is_new=False) == 0.0


def test_what_no_batch_holds_is_missing_once_and_since_when_it_was_first(wholes):
    digest = seal_list(wholes, ("a", BEFORE, None), ("b", BEFORE, None), ("b", BEFORE, None), ("c", BEFORE, BEFORE))
    watch = start_watch()
    watch.observe(PresentRefs(((NOTE, make_frame("d")),), unnamed=2))
    watch.observe(PresentRefs(((NOTE, make_frame("a")),), unnamed=1))
    (absence,) = watch.compare(wholes, digest, SEEN)
    assert absence.missing.select("ref", "since").rows() == [("b", None), ("c", BEFORE)]
    assert watch.unnamed == 3
    assert list_refs(wholes, watch.draft.put(wholes)) == ["d", "a"], "what is missing goes on only where it is kept"


def test_an_export_without_a_row_misses_everything(wholes):
    (absence,) = start_watch().compare(wholes, seal_list(wholes, ("a", BEFORE, None)), BEFORE)
    assert (absence.earlier, absence.missing.get_column("ref").to_list()) == (1, ["a"])


def test_a_contract_that_the_rule_no_longer_names_has_no_absences(wholes):
    digest = seal_list(wholes, ("a", BEFORE, None))
    assert start_watch("person/1").compare(wholes, digest, BEFORE) == []


def test_what_is_missing_is_kept_until_its_retention_is_over(wholes):
    rows = [("a", None, BEFORE, None, False), ("b", None, date(2024, 11, 30), BEFORE, False)]
    watch = start_watch()
    watch.keep_missing(NOTE, pl.DataFrame(rows, schema=SCHEMA, orient="row"), find_oldest(SEEN, 1))
    ((_contract, piece),) = read_pieces(wholes, watch.draft.put(wholes))
    assert piece.select("ref", "since").rows() == [("a", SEEN)]


def test_an_export_of_this_month_says_nothing_of_the_last(tmp_path):
    exports = Exports.at(tmp_path, PLANNING, vanished="delete")
    exports.send(write_planning((f"n{day}", f"2024-11-{day:02}", False) for day in range(1, 31)))
    outcome = exports.send(write_planning((f"d{day}", f"2024-12-{day:02}", False) for day in range(1, 32)))
    assert (counts(outcome), codes(outcome), len(exports.list_rows("planned_visit/1"))) == ((0, 0), [], 61)


def test_rolling_exports_tell_what_vanished_within_their_days_only(tmp_path):
    exports = Exports.at(tmp_path, PLANNING, vanished="delete", most_vanished=0.5)
    exports.send(write_planning((day, f"2024-12-{day:02}", False) for day in range(1, 11)))
    rows = [(day, f"2024-12-{day:02}", False) for day in range(4, 14) if day != 7]
    assert counts(exports.send(write_planning(rows))) == (1, 1)
    assert "essai:planned_visit:7" not in exports.list_rows("planned_visit/1")
    assert len(exports.list_rows("planned_visit/1")) == 12


def test_an_export_of_whole_months_tells_of_days_on_which_nothing_is_left(tmp_path):
    rows = [(day, f"2024-12-{day:02}", False) for day in range(1, 11)]
    for per, vanished in (("day", 0), ("month", 2)):
        whole = f'{{ within = "planned_start", per = "{per}" }}'
        exports = Exports.at(tmp_path / per, PLANNING, whole=whole, vanished="delete", most_vanished=0.5)
        exports.send(write_planning(rows))
        assert counts(exports.send(write_planning(rows[1:9]))) == (vanished, vanished)


def test_a_plan_that_was_done_is_no_ghost_and_nobody_is_asked(tmp_path):
    exports = Exports.at(tmp_path, PLANNING, vanished="delete")
    exports.send(write_planning((day, "2024-12-02", False) for day in range(10)))
    outcome = exports.send(write_planning((day, "2024-12-02", day < 8) for day in range(10)))
    assert (counts(outcome), codes(outcome)) == ((8, 8), [])
    assert len(exports.list_rows("planned_visit/1")) == 2
    assert len(exports.list_rows("visit/1")) == 8


def test_what_an_export_does_not_speak_of_is_carried_over_until_its_retention_is_over(wholes):
    oldest = find_oldest(SEEN, 1)
    digest = seal_list(wholes, ("a", oldest, None), ("b", date(2024, 11, 30), None))
    watch = VanishedWatch(WholeRule({NOTE: ContractRule("written_on", NOTE)}), WholeListDraft("un"), SEEN)
    (absence,) = watch.compare(wholes, digest, oldest)
    assert (absence.earlier, absence.missing.height) == (0, 0), "neither has a day in the window"
    assert list_refs(wholes, watch.draft.put(wholes)) == ["a"]
