"""Gold checks of a connector that reads an API, while the other side fails; played from its saved exchanges."""

from __future__ import annotations

from collections import deque
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from passerelle.testing.connector_under_test import ConnectorUnderTest
from passerelle.testing.exchanges import RecordedResponse, Recording, find_exchanges, read_exchanges
from passerelle.testing.grades import Grade, check_for
from passerelle.testing.playback import NOON, CollectedPages, open_playback
from passerelle.testing.samples import take
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from passerelle.testing.grades import ConformanceCheck
    from passerelle.testing.playback import Playback

COLLECTS, SIGNS_IN = "collects", "signs in"
_WHY_NOT = {
    COLLECTS: N_("It reads no API."),
    SIGNS_IN: N_("The API that it reads asks nobody who they are."),
}
_PAGES = 2
"""Fewer pages show nothing of paging."""
_SECONDS = 2
"""How long the other side asks us to wait: short enough to be waited for within the call."""
_ROUNDS = 50
"""How often a circle may be gone round before it is called endless."""
_BUSY, _FAILING = 429, 500


@cache
def _read_recording(path: Path) -> Recording:
    return read_exchanges(path)


class ApiChecks(ConnectorUnderTest):
    """Checks that play a supplier which is slow, busy, forgetful or broken."""

    _nominal: ClassVar[CollectedPages | None] = None

    def explain_absence(self, check: ConformanceCheck) -> str:
        """Return why a check of this kind is not asked of the connector; empty when it is."""
        connector = self.connector
        if check.about in _WHY_NOT and connector.collect is None:
            return _WHY_NOT[COLLECTS]
        if check.about == SIGNS_IN and connector.access.scheme == "none":
            return _WHY_NOT[SIGNS_IN]
        return super().explain_absence(check)

    def read_recording(self) -> Recording:
        """Return the saved exchanges of the connector."""
        path = find_exchanges(self.nominal, self.connector_id)
        assert path, f"tests/exchanges/{self.connector_id}.json"
        return _read_recording(path)

    def open_playback(self) -> AbstractContextManager[Playback]:
        """Let its saved exchanges be played."""
        return open_playback(self.read_recording(), self.among)

    def read_nominal(self) -> CollectedPages:
        """Read what is saved, when nothing fails; once for all checks of one connector."""
        if self._nominal is None:
            with self.open_playback() as stage:
                type(self)._nominal = stage.read()  # noqa: SLF001  its own
        assert self._nominal
        return self._nominal

    def read_after(self, *answers: RecordedResponse | None, at: int = 1) -> tuple[CollectedPages, Playback]:
        """Read while the other side says something else first, at one of its exchanges."""
        with self.open_playback() as stage:
            stage.player.faults[min(at, len(stage.player.recording.exchanges) - 1)] = deque(answers)
            return stage.read(), stage

    def assert_same_pages(self, reading: CollectedPages) -> None:
        """See that all pages came, and each as it is."""
        assert reading.pages, "pages"
        assert list(reading.pages) == list(self.read_nominal().pages)

    @check_for(Grade.GOLD, N_("It reads to the last page, and asks for nothing else."), about=COLLECTS)
    def test_it_reads_to_the_last_page(self) -> None:
        """Every saved exchange is asked for once, in one run, and there are several pages."""
        with self.open_playback() as stage:
            reading = stage.read()
        assert len(reading.pages) >= _PAGES, "pages"
        assert not reading.waits, "waits"
        assert not stage.player.strange, "strange"
        assert set(stage.player.asked.values()) == {1}
        assert len(stage.player.asked) == len(self.read_recording().exchanges)

    @check_for(Grade.GOLD, N_("It can read the pages that it collects."), about=COLLECTS)
    def test_it_reads_what_it_collects(self) -> None:
        """Each page is a parcel whose rows have one fate, and records come of them."""
        taken = [
            take(page, self.supplier, self.connector, plan=self.plan) for page in self.read_nominal().pages.values()
        ]
        assert all(one.balanced for one in taken)
        assert any(one.records for one in taken)

    @check_for(Grade.GOLD, N_("An expired token is asked for anew, or the flow is suspended."), about=SIGNS_IN)
    def test_an_expired_token_is_asked_for_anew_or_suspends_the_flow(self) -> None:
        """A 401 in the middle: who signs in does so once more; who has a fixed key waits for a person."""
        with self.open_playback() as stage:
            stage.player.expires_at = 1
            if self.connector.access.scheme in ("oauth2", "sign_in"):
                self.assert_same_pages(stage.read())
                assert stage.player.sign_ins == 2
                return
            code = ""
            try:
                stage.read()
            except FlowError as error:
                code = error.code
            assert code == "incident.credentials.refused"

    @check_for(Grade.GOLD, N_("When the other side asks for seconds of patience, it gets them."), about=COLLECTS)
    def test_it_waits_as_many_seconds_as_it_is_asked(self) -> None:
        """429 with `Retry-After` in seconds (RFC 9110 §10.2.3)."""
        reading, stage = self.read_after(RecordedResponse(_BUSY, headers={"retry-after": str(_SECONDS)}))
        self.assert_same_pages(reading)
        assert stage.clock.slept >= _SECONDS or any((one.retry_after or 0) >= _SECONDS for one in reading.waits)

    @check_for(Grade.GOLD, N_("When the other side names the moment to come again, it is heard."), about=COLLECTS)
    def test_it_waits_until_the_moment_it_is_told(self) -> None:
        """429 with `Retry-After` as a date: an hour is too long for a call, so the run waits for the next."""
        moment = format_datetime(NOON.replace(hour=NOON.hour + 1), usegmt=True)
        reading, _stage = self.read_after(RecordedResponse(_BUSY, headers={"retry-after": moment}))
        self.assert_same_pages(reading)
        assert [round((one.retry_after or 0) / 60) for one in reading.waits] == [60]

    @check_for(Grade.GOLD, N_("A server error that passes costs nothing."), about=COLLECTS)
    def test_a_server_error_that_passes_costs_nothing(self) -> None:
        """500, then the answer: in the same run or in the next one, every page comes."""
        self.assert_same_pages(self.read_after(RecordedResponse(_FAILING, b"oops", {"content-type": "text/html"}))[0])

    @check_for(Grade.GOLD, N_("A body that breaks off is never taken for a page."), about=COLLECTS)
    def test_a_body_that_breaks_off_is_never_a_page(self) -> None:
        """The connection ends in the middle of an answer, first or later."""
        for at in (0, 1):
            self.assert_same_pages(self.read_after(None, at=at)[0])

    @check_for(Grade.GOLD, N_("The same pages again are nothing new."), about=COLLECTS)
    def test_the_same_pages_again_are_nothing_new(self) -> None:
        """Read once more from the beginning, each page has the very bytes that the journal knows already."""
        with self.open_playback() as stage:
            reading = stage.read()
        known = list(reading.pages)
        with self.open_playback() as stage:
            reading.cursor = ""
            assert list(stage.read(reading).pages) == known

    @check_for(Grade.GOLD, N_("A page that leads back to the first is told, and ends."), about=COLLECTS)
    def test_a_page_that_leads_back_is_told_and_ends(self) -> None:
        """In place of its last answer the other side gives its first, again and again."""
        with self.open_playback() as stage:
            stage.player.echo.extend([self.read_recording().exchanges[0].response] * _ROUNDS)
            stage.read()
            assert stage.player.echo, "endless"
            assert stage.list_defects(), "Page(ids=…)"

    @check_for(Grade.GOLD, N_("A list that is read once says nothing against itself."), about=COLLECTS)
    def test_a_quiet_list_says_nothing_against_itself(self) -> None:
        """Totals and rows of the saved exchanges are of one mind."""
        with self.open_playback() as stage:
            stage.read()
            assert not stage.list_defects(), ", ".join(stage.list_defects())

    @check_for(Grade.GOLD, N_("Stopped between two pages, it goes on and misses none."), about=COLLECTS)
    def test_stopped_between_two_pages_it_goes_on(self) -> None:
        """After each page in turn: a new process goes on from the cursor that was kept with the page."""
        for pages in range(1, len(self.read_nominal().pages)):
            with self.open_playback() as stage:
                self.assert_same_pages(stage.read(stage.read(pages=pages)))
