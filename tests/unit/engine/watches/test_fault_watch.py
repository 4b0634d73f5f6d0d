"""Where rows fail is counted by column, whatever their order: as counting one row after the other would."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from passerelle.engine.records.ledger import Ledger
from passerelle.engine.watches.fault_watch import MISDESCRIBED, FaultWatch
from passerelle.stores.settlement import WARNING, ReasonKey
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.place import Place

ASIDE = st.builds(
    lambda fate, line, member, column: SetAside(
        fate, "translate.day.malformed", Place(line, member=member, column=column, field="day"), contract="visit/1"
    ),
    st.sampled_from([Fate.REJECTED, Fate.WITHHELD]),
    st.integers(2, 50),
    st.sampled_from(["", "visits", "more"]),
    st.sampled_from(["", "Date", "Heure"]),
)


@given(st.lists(st.lists(ASIDE, max_size=12), max_size=3))
def test_each_rejected_row_counts_for_its_column_and_the_first_line_is_kept(batches):
    watch, faults, first = FaultWatch(), Counter(), {}
    for aside in batches:
        watch.observe(make_ledger(aside))
        for item in aside:
            if item.fate is Fate.REJECTED and item.place.column:
                member = item.place.member or "visits"
                key = ReasonKey(item.contract, member, MISDESCRIBED, item.place.column, item.place.field, WARNING)
                faults[key] += 1
                first.setdefault(key, item.place.line)
    assert watch.faults == faults
    assert watch.first == first


def make_ledger(aside):
    ledger = Ledger(member="visits", received=len(aside))
    ledger.aside.extend(aside)
    return ledger
