"""Whatever faults come and go, and wherever the process dies: each is told once, and its end once."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from journeying import count_examples

from passerelle.stores.database import open_database
from passerelle.stores.incidents import Incident
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CHANNELS = ("command", "mail")
KEYS = [("", "incident.tidying.failed"), ("un", "incident.flow.waits"), ("un", "x.y.z"), ("deux", "x.y.z")]


class Telling(RuleBasedStateMachine):
    """A journal, two channels that fail and a process that dies, beside what people should have read."""

    @initialize()
    def open(self):
        self.folder = Path(tempfile.mkdtemp())
        self.seal = Seal(b"k" * 32)
        self.engine = open_database(self.folder / "journal.sqlite3")
        self.journal = Journal(self.engine, self.seal)
        self.now = NOW
        self.read = {channel: {} for channel in CHANNELS}
        self.lasting = {}
        """By fault: since when it lasts, and whether its wait was over while it did."""
        self.expected = Counter()

    @rule(found=st.sets(st.sampled_from(KEYS)), pause=st.sampled_from([0, 5, 30]))
    def compare(self, found, pause):
        self.now += timedelta(hours=pause)
        alerts = [
            Incident(*key, self.now, {"n": "1"}, DAY if key[1].endswith("waits") else timedelta()) for key in found
        ]
        self.journal.compare_incidents(alerts, CHANNELS, self.now)
        for key in [key for key in self.lasting if key not in found]:
            _since, was_told = self.lasting.pop(key)
            self.expected["over", key] += was_told
        for key in found:
            since, was_told = self.lasting.get(key, (self.now, False))
            is_due = self.now - since >= (DAY if key[1].endswith("waits") else timedelta())
            self.expected["begun", key] += is_due and not was_told
            self.lasting[key] = since, was_told or is_due

    @rule(fails=st.sets(st.sampled_from(CHANNELS)), dies_after=st.integers(0, 4))
    def send(self, fails, dies_after):
        """Send what is to be sent; the process may die after any sending, before it is noted."""
        for message in self.journal.list_unsent():
            for channel in message.channels:
                if channel in fails:
                    continue
                before = self.read[channel].setdefault(message.number, message)
                assert (before.begun, before.over) == (message.begun, message.over), "a repetition is the same"
                dies_after -= 1
                if dies_after < 0:
                    self.die()
                    return
                self.journal.mark_sent(message.number, channel)

    @rule()
    def die(self):
        self.engine.dispose()
        self.engine = open_database(self.folder / "journal.sqlite3")
        self.journal = Journal(self.engine, self.seal)

    @invariant()
    def each_fault_and_each_end_is_told_once_and_in_turn(self):
        if not hasattr(self, "read"):
            return
        for channel in CHANNELS:
            told = [(kind, alert.key) for message in self._in_order(channel) for kind, alert in _list_facts(message)]
            assert Counter(told) <= self.expected
            for key in KEYS:
                turns = [kind for kind, one in told if one == key]
                assert turns == ["begun", "over"] * (len(turns) // 2) + ["begun"] * (len(turns) % 2)

    def _in_order(self, channel):
        return [self.read[channel][number] for number in sorted(self.read[channel])]

    def teardown(self):
        if hasattr(self, "read"):
            self.send(set(), 1_000)
            for channel in CHANNELS:
                told = Counter(
                    (kind, alert.key) for message in self._in_order(channel) for kind, alert in _list_facts(message)
                )
                assert told == +self.expected
            assert self.journal.list_unsent() == ()
            self.engine.dispose()
            shutil.rmtree(self.folder)


def _list_facts(message):
    return [*(("over", alert) for alert in message.over), *(("begun", alert) for alert in message.begun)]


TestTelling = Telling.TestCase
TestTelling.settings = settings(max_examples=count_examples(12), stateful_step_count=15, deadline=None)


def test_what_was_not_looked_at_lasts_as_it_is_and_is_not_begun(journal):
    lasting = Incident("un", "x.y.z", NOW, {}, lasts=True)
    assert journal.compare_incidents([lasting], CHANNELS, NOW) == 0
    assert journal.list_unsent() == ()
    assert [alert.key for alert in journal.list_incidents()] == [lasting.key]


def test_a_fault_that_was_told_while_the_journal_was_shut_ends_from_there(journal):
    stop = Incident("", "incident.journal.corrupt", NOW, {"cause": "x"})
    journal.note_told(stop)
    journal.note_told(stop)
    assert journal.compare_incidents([], ("mail",), NOW + DAY) > 0
    (message,) = journal.list_unsent()
    assert (message.begun, [alert.key for alert in message.over]) == ((), [stop.key])


def test_a_channel_that_the_settings_no_longer_have_is_forgotten(journal):
    number = journal.compare_incidents([Incident("un", "x.y.z", NOW)], CHANNELS, NOW)
    journal.drop_channels(["mail"])
    (message,) = journal.list_unsent()
    assert message.channels == ("mail",)
    journal.mark_sent(number, "mail")
    assert journal.list_unsent() == ()
