"""Whatever a source goes through, the destination holds its latest state, and every difference in between is told."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from histories import CELLS, KILLS, Export, History
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

HISTORIES = int(os.environ.get("PASSERELLE_HISTORIES", "12"))
"""Random histories: few here, 2,000 by `make histories`."""
NUMBERS = st.integers(0, 5)
WORDS = st.sampled_from(["", "Abel", "Ève", "Zoé"])
PHONES = st.sampled_from(["", "0240000001", "0240000002"])
ROWS = st.dictionaries(NUMBERS, st.tuples(WORDS, WORDS, PHONES), max_size=5)


class SourceHistory(RuleBasedStateMachine):
    """A supplier that changes, takes back, sends again, shuffles and forgets columns, on a machine that is cut off."""

    @initialize(
        absent=st.sampled_from(["hold", "keep", "empty"]),
        after=st.sampled_from(["archive", "keep"]),
        whole=st.booleans(),
    )
    def begin(self, absent, after, whole):
        self.place = TemporaryDirectory()
        self.history = History(Path(self.place.name), absent, after, whole)
        self.rows = {}
        self.columns = set(CELLS)
        self.impossible = set()

    def teardown(self):
        if hasattr(self, "place"):
            with self.place:
                self.finish()

    @rule(rows=ROWS)
    def change(self, rows):
        """Rows are new, or other than they were."""
        self.rows.update(rows)

    @rule(number=NUMBERS)
    def spoil(self, number):
        """A birth date cannot be."""
        self.impossible.add(number)

    @rule(number=NUMBERS)
    def remove(self, number):
        """A row is no longer in the exports."""
        self.rows.pop(number, None)

    @rule(number=NUMBERS)
    def mend(self, number):
        self.impossible.discard(number)

    @rule(name=st.sampled_from(CELLS))
    def drop_or_restore_column(self, name):
        self.columns ^= {name}

    @rule(order=st.randoms(use_true_random=False))
    def export(self, order):
        rows = list(self.rows.items())
        order.shuffle(rows)
        columns = tuple(name for name in CELLS if name in self.columns)
        self.history.drop(Export(columns, tuple(rows), frozenset(self.impossible)))

    @precondition(lambda self: self.history.sent)
    @rule(data=st.data())
    def send_again(self, data):
        """An earlier export arrives once more: it is the latest state now."""
        export = data.draw(st.sampled_from(self.history.sent))
        self.history.drop(export)

    @rule(kill=st.sampled_from(["", "", *KILLS]))
    def run(self, kill):
        outcome = self.history.run(kill)
        taken = self.history.settle_pending()
        # what was not taken is asked for, in this run or in the one that was cut off before it
        if not all(taken):
            assert self.count_parked() > 0
        if self.history.model.vanished and not kill:
            assert outcome.balance.vanished >= self.history.model.vanished, "what vanished is counted"
        self.history.model.vanished = 0

    @precondition(lambda self: self.history.pending)
    @rule(days=st.sampled_from([4380, -400]))
    def run_with_a_wrong_clock(self, days):
        """The clock is twelve years ahead, or a year behind, for one run: nothing that waits is destroyed."""
        self.history.jump(days)
        self.run("")
        self.history.jump(-days)

    @precondition(lambda self: self.history.model.parked and not self.history.pending)
    @rule(answer=st.sampled_from(["keep", "empty"]))
    def answer(self, answer):
        self.history.answer(answer)
        self.history.run()

    @precondition(lambda self: not self.history.pending)
    @rule()
    def correct(self):
        model = self.history.model
        brought = self.history.correct()
        self.history.run()
        assert brought == len(model.waiting)
        for number, (arrival, said) in model.waiting.items():
            # a replayed row says what it says: it is no whole export, whose missing columns could be asked about
            gone = model.met - said.keys()
            model.put(number, arrival, said, gone, "empty" if model.absent == "empty" else "keep")
        model.waiting.clear()

    @invariant()
    def destination_is_as_the_model(self):
        if hasattr(self, "history") and not self.history.pending:
            assert self.history.read_destination() == self.history.model.records

    def finish(self):
        """At the end of every history, nothing is left to do."""
        self.history.run()
        self.history.settle_pending()
        assert self.history.read_destination() == self.history.model.records

    def count_parked(self):
        with self.history.open() as workspace:
            return sum(row.state == "parked" for row in workspace.journal.list_parcels())


TestSourceHistory = SourceHistory.TestCase
TestSourceHistory.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestSourceHistory = pytest.mark.slow(TestSourceHistory)
